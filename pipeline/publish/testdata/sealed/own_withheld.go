// compiler: does not satisfy disclose.Figures

package snippet

import (
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

type row struct{ schemas.RelationalPopulation }

func (r row) Withheld() row { return r }

func f(rows []disclose.Counted[row]) disclose.Protected[row] {
	return disclose.Protect(rows, disclose.Threshold{Persons: 10})
}
