package survival

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// The nation: persons in as many strata as there are municipalities, followed for three
// years by day or by month, entering late or not.
func BenchmarkCurves(b *testing.B) {
	const persons, strata = 1_000_000, 1741
	for _, late := range []int32{0, 1} {
		for _, unit := range []int32{1, 30} {
			random := rand.New(rand.NewPCG(30, 5))
			spells := make([]Spell, persons)
			for i := range spells {
				entry := random.Int32N(365) * late
				spells[i] = Spell{Entry: entry / unit, Exit: (entry+random.Int32N(1095))/unit + 1, Cause: max(0, random.Int32N(4)-1),
					Stratum: random.Int32N(strata), Cluster: int64(i), Weight: 1}
			}
			b.Run(fmt.Sprintf("late=%d/unit=%d", late, unit), func(b *testing.B) {
				for b.Loop() {
					if _, err := Curves(spells, Options{Strata: strata, Causes: 2}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
