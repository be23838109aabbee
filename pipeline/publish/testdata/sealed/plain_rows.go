// compiler: does not match

package snippet

import (
	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/schemas"
)

func f(rows []schemas.RelationalPopulation) publish.Table {
	return publish.TableOf("relational_population", rows)
}
