package smallarea

import (
	"math/rand/v2"
	"testing"
)

// Benchmark1741 is the model of all municipalities with five covariates: fit, predictions
// and their errors.
func Benchmark1741(b *testing.B) {
	areas := nation()
	for b.Loop() {
		must(FayHerriot(areas, Options{}))(b)
	}
}

// Benchmark1741Bootstrap adds bootstrap intervals of 400 replicates.
func Benchmark1741Bootstrap(b *testing.B) {
	fit := must(FayHerriot(nation(), Options{}))(b)
	for b.Loop() {
		must(fit.BootstrapIntervals(0.95, 400, rand.New(rand.NewPCG(1, 2))))(b)
	}
}

func nation() []Area {
	random := rand.New(rand.NewPCG(1741, 1))
	areas, _ := world(1741, 0.5, variances, random)
	for i := range areas {
		for range 3 {
			areas[i].X = append(areas[i].X, random.NormFloat64())
		}
		areas[i].OutOfSample = i%4 == 0
	}
	return areas
}
