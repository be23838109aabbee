// compiler: cannot convert

package snippet

import (
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

type forged struct {
	rows []schemas.RelationalPopulation
}

func f(rows []schemas.RelationalPopulation) disclose.Protected[schemas.RelationalPopulation] {
	return disclose.Protected[schemas.RelationalPopulation](forged{rows})
}
