package attack_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/kankei/kankei/transforms/attack"
)

// Windows that move by a month differ by those who came in it and those who had not been there since the month that left. How many
// these are is published nowhere, only that they are no more than the bookings of the months are:
//
//	N_t ≤ N_{t−1} + B_t,   N_{t−1} ≤ N_t + B_{t−12},   N_t ≤ B_{t−11} + … + B_t
//
// Since a count that is shown is ten at least, nothing but the bookings and windows withheld, or two that are shown, stands on the
// greater side: a withheld count may always be 20 or more. With windows of four months, to draw many.
func TestMovingWindowsTellNoSmallCount(t *testing.T) {
	const least, length, months = 10, 4, 12
	random := rand.New(rand.NewPCG(3, 4))
	told := 0
	for range 150 {
		visits := [months]int64{}
		seen := [months]map[int]bool{}
		for m := range months {
			seen[m] = map[int]bool{}
			for range random.IntN(14) {
				seen[m][random.IntN(20)] = true
				visits[m]++
			}
		}
		var p attack.Publication
		enter := func(name string, n int64) int {
			c := attack.Withheld(name)
			if n >= least {
				c = attack.Shown(name, n)
			}
			p.Cells = append(p.Cells, c)
			return len(p.Cells) - 1
		}
		var b, n [months]int
		values := map[string]int64{}
		for m := range months {
			b[m] = enter(fmt.Sprint("B", m), visits[m])
			if m < length-1 {
				continue
			}
			name := fmt.Sprint("N", m)
			values[name] = together(seen[m-length+1 : m+1])
			n[m] = enter(name, values[name])
			p.Relations = append(p.Relations, attack.AtMost(n[m], b[m-length+1:m+1]...))
			if m >= length {
				p.Relations = append(p.Relations, attack.AtMost(n[m], n[m-1], b[m]), attack.AtMost(n[m-1], n[m], b[m-length]))
			}
		}
		report, err := attack.Run(p, attack.Options{Seed: 1, Simplex: 40})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range report.Findings {
			if v, window := values[f.Name]; window {
				if f.High < 2*least || f.Low > v {
					t.Fatalf("%s of %d is known to lie within %d and %d", f.Name, v, f.Low, f.High)
				}
				if f.Low > 0 {
					told++
				}
			}
		}
	}
	if told == 0 {
		t.Error("the relations tell nothing of any window: nothing is tested")
	}
}

// together is how many persons are in one set at least.
func together(sets []map[int]bool) int64 {
	persons := map[int]bool{}
	for _, of := range sets {
		maps.Copy(persons, of)
	}
	return int64(len(persons))
}
