// compiler: OriginDestinationDetail) does not satisfy disclose.Figures
package snippet

import (
	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// Exact counts are no rows of the perturbed dataset, whatever they rest on.
func f(rows []disclose.Counted[schemas.OriginDestinationDetail]) publish.Table {
	return publish.TableOf("origin_destination_detail", disclose.Protect(rows, disclose.Threshold{}))
}
