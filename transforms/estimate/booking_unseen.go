package estimate

import (
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/capture"
)

// Unseen is how persons of bookings seen to be related to a prefecture, at a reference month, stand for
// all who are.
type Unseen struct {
	Definition, Region string
	Reference          schemas.Date
	// Trips are those that the definition asks for.
	Trips int
	capture.Inverse
}
