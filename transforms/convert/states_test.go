package convert

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// yearly are members who answer twice, a year apart, so many of them in a state and then in another.
func yearly(all []Answer, n int, from, to int32) []Answer {
	for range n {
		number := int64(len(all))
		all = append(all, Answer{"30000", number, day(2023, 9, 30), from}, Answer{"30000", number, day(2024, 9, 29), to})
	}
	return all
}

func transition(t *testing.T, rows []disclose.Counted[schemas.EngagementTransition], from, to string) disclose.Counted[schemas.EngagementTransition] {
	t.Helper()
	return find(t, rows, func(r schemas.EngagementTransition) bool {
		return r.FromEngagement == from && r.ToEngagement == to && r.Source == schemas.RecordPanel
	})
}

// Of 100 who name the place 30 do not a year later, of 50 who do not 20 do again: with waves a year apart the likeliest
// intensities give these shares, and their errors.
func TestPanelTransitionsByHand(t *testing.T) {
	f := frame(day(2025, 3, 31), 1)
	answers := yearly(yearly(yearly(yearly(nil, 70, named, named), 30, named, notNamed), 20, notNamed, named), 30, notNamed, notNamed)
	rows, err := PanelTransitions(f, answers)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		from, to string
		want, n  float64
	}{{"repeat", "none", 0.3, 100}, {"repeat", "repeat", 0.7, 100}, {"none", "repeat", 0.4, 50}, {"none", "none", 0.6, 50}} {
		got := transition(t, rows, c.from, c.to)
		if e := math.Sqrt(c.want * (1 - c.want) / c.n); math.Abs(*got.Row.Value-c.want) > 5e-4 || math.Abs(*got.Row.StdError-e) > 5e-4 || got.Persons != 20 || got.Row.Years != 1 { // 365 of 365.25 days
			t.Errorf("%s to %s: %v ± %v of %d, want %v ± %v of 20", c.from, c.to, *got.Row.Value, *got.Row.StdError, got.Persons, c.want, e)
		}
	}
	if got := transition(t, rows, "repeat", "migrated").Row; got.Value != nil || got.ObsStatus != schemas.NotEstimable {
		t.Errorf("nobody moves in: %+v", got)
	}
	few, err := PanelTransitions(f, answers[:2*109]) // nine who begin again
	if got := transition(t, few, "repeat", "none"); err != nil || got.Row.Value != nil {
		t.Errorf("nine changes: %+v, %v", got, err)
	}
	nine, err := PanelTransitions(f, yearly(slices.Clone(answers), 9, named, livesThere)) // who move in, and leave at their answer before
	if err != nil {
		t.Fatal(err)
	}
	stop, moveIn := transition(t, nine, "repeat", "none"), transition(t, nine, "repeat", "migrated")
	if math.Abs(*stop.Row.Value-0.3) > 5e-4 || stop.Persons != 20 || moveIn.Row.Value != nil {
		t.Errorf("with nine who move in %+v stop, and %+v move in", stop, moveIn)
	}
	if rows, err := PanelTransitions(f, nil); err != nil || rows != nil {
		t.Errorf("no panel: %v, %v", rows, err)
	}
}

// Members stop at 0.4 a year, begin again at 0.5 and move in at 0.15, asked every one or two years: means are within 3 %, and intervals hold.
func TestPanelTransitionsHold(t *testing.T) {
	f := frame(day(2030, 3, 31), 1)
	random := rand.New(rand.NewPCG(8, 1))
	// e^Q of Q = (−0.5 0.5 0; 0.4 −0.55 0.15; 0 0 0), by summing its series.
	truth := map[string]float64{}
	q, p, power := [3][3]float64{{-0.5, 0.5, 0}, {0.4, -0.55, 0.15}, {}}, [3]float64{0, 1, 0}, [3]float64{0, 1, 0}
	for k := 1.; k < 30; k++ {
		var next [3]float64
		for r := range 3 {
			for s := range 3 {
				next[s] += power[r] * q[r][s] / k
			}
		}
		power = next
		for s := range p {
			p[s] += power[s]
		}
	}
	for s, name := range panelStates {
		truth[name] = p[s]
	}
	const runs = 60
	held, sum := map[string]int{}, map[string]float64{}
	for range runs {
		var answers []Answer
		for number := range int64(400) {
			on, state := day(2020, 9, 30), int32(named)
			answers = append(answers, Answer{"30000", number, on, state})
			for wave := 0; wave < 4 && state != livesThere; wave++ {
				years := 1 + random.IntN(2)
				left := float64(years)
				for state != livesThere {
					leaves := 0.5
					if state == named {
						leaves = 0.55
					}
					if left -= random.ExpFloat64() / leaves; left < 0 {
						break
					}
					switch {
					case state == notNamed:
						state = named
					case random.Float64() < 0.15/0.55:
						state = livesThere
					default:
						state = notNamed
					}
				}
				on = on.AddMonths(12 * years)
				answers = append(answers, Answer{"30000", number, on, state})
			}
		}
		rows, err := PanelTransitions(f, answers)
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range truth {
			r := transition(t, rows, "repeat", name).Row
			sum[name] += *r.Value / want / runs
			if *r.CILow <= want && want <= *r.CIHigh {
				held[name]++
			}
		}
	}
	for name := range truth {
		if math.Abs(sum[name]-1) > 0.03 || held[name] < 52 {
			t.Errorf("to %s: %v of the truth, intervals hold in %d of %d", name, sum[name], held[name], runs)
		}
	}
}
