// compiler: cannot use

package snippet

import (
	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/schemas"
)

func f(rows []schemas.RelationalPopulation) publish.Release {
	return publish.Release{Tables: []publish.Table{publish.InternalTable("relational_population", rows)}}
}
