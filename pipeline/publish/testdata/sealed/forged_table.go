// compiler: rows

package snippet

import (
	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/schemas"
)

func f(rows []schemas.RelationalPopulation) publish.Table {
	return publish.Table{rows: publish.InternalTable("relational_population", rows)}
}
