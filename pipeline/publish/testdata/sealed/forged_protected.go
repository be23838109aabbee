// compiler: rows

package snippet

import (
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

func f(rows []schemas.RelationalPopulation) disclose.Protected[schemas.RelationalPopulation] {
	return disclose.Protected[schemas.RelationalPopulation]{rows: rows}
}
