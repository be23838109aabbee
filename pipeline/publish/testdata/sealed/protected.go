// compiler: accepts

package snippet

import (
	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

func f(rows []disclose.Counted[schemas.RelationalPopulation]) publish.Table {
	return publish.TableOf("relational_population", disclose.Protect(rows, disclose.Threshold{Persons: 10}))
}
