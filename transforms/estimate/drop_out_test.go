package estimate

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// By hand: dropping out is known to 0.06 beforehand; panel and spot tell 0.1 of it with an error of 0.08, so that
// β = 0.06²/(0.06² + 0.08²) = 0.36: 0.036 are taken off, and 0.048 of the error of 0.06 are left (0.06²·0.64 = 0.048²).
func TestDropOutToldByHand(t *testing.T) {
	d := DropOut{Definition: "repeat-visits", Outside: schemas.OutsidePrefecture, SourcePeriod: "2025-03-01/2025-03-31", Month: 20_000, Log: 0.1,
		Parts: Parts{{schemas.CauseModel, dropOut, 0.06}, {schemas.CauseSampling, "survey/before", 0.08}}}
	if mean, stdErr := d.Correction(0.06); !near(mean, 0.036, 1e-12) || !near(stdErr, 0.048, 1e-12) {
		t.Errorf("dropping out adds %v ± %v, want 0.036 ± 0.048", mean, stdErr)
	}
	survey := estimated("30201", schemas.Persons, schemas.SourceSurvey, SurveyCalibrated, 110, math.Hypot(0.08, 0.06), 0)
	survey.Row.SourcePeriod = d.SourcePeriod
	h := plainHeadline
	h.Errors = []FigureErrors{errorsOf(survey.Row, partsOf(Part{schemas.CauseModel, dropOut, 0.06}, Part{schemas.CauseSampling, "survey/30201", 0.08}))}
	other := d
	other.Definition = "another"
	earlier := d
	earlier.SourcePeriod = "2024-03-01/2024-03-31"
	h.DropOuts = []DropOut{other, earlier}
	if c := combinedOf(t, h, survey); !near(*c.Row.Value, 110, 1e-9) {
		t.Errorf("another definition or wave moves the figure to %v", *c.Row.Value)
	}
	h.DropOuts = append(h.DropOuts, d)
	c := combinedOf(t, h, survey)
	if want := 110 * math.Exp(-0.036); !near(*c.Row.Value, want, 1e-9) || !about(*c.Row.CV, math.Hypot(0.08, 0.048)) {
		t.Errorf("%v (cv %v), want %v (%v)", *c.Row.Value, *c.Row.CV, want, math.Hypot(0.08, 0.048))
	}
}

// The error of the answers on the spot of the later year is in what they say of dropping out and in the pairs on the
// spot: in the latter by the names of the municipalities, of which they are the sum, and six months later half of it.
func TestDropOutKeepsTheErrorsOfTheSpot(t *testing.T) {
	wave := day("2025-03-31")
	d := DropOut{Month: wave, Parts: partsOf(Part{schemas.CauseModel, dropOut, 0.07}, Part{schemas.CauseSampling, "onsite/30000", -0.05}, Part{schemas.CauseSampling, "onsite/30000/before", 0.04})}
	g := joint{key: jointKey{prefecture: "30000", reference: wave}, nested: map[string]Parts{"onsite/30000": {{schemas.CauseSampling, "onsite/30201", 0.6}, {schemas.CauseSampling, "onsite/30202", 0.8}}}}
	spot := g.nested["onsite/30000"].scaled(0.05)
	parts := g.partsOfDropOut(d)
	if !near(parts.variance(), d.Parts.variance(), 1e-15) || !near(parts.covariance(spot), -0.05*0.05, 1e-15) {
		t.Errorf("variance %v, want %v; covariance with the spot %v, want −0.0025", parts.variance(), d.Parts.variance(), parts.covariance(spot))
	}
	g.key.reference = wave.AddMonths(6)
	parts = g.partsOfDropOut(d)
	if !near(parts.variance(), d.Parts.variance(), 1e-15) || !near(parts.covariance(spot), -0.05*0.05/2, 1e-15) {
		t.Errorf("half a year later: variance %v, want %v; covariance %v, want −0.00125", parts.variance(), d.Parts.variance(), parts.covariance(spot))
	}
}

// panelWorld is persons outside of Fukui with their visits to it in two years, a panel asked after each, and answers on the
// spot on one visit in twelve.
type panelWorld struct {
	visits [2][]int32
	totals []schemas.Total
}

var panelYears = [2]schemas.Date{day("2024-03-31"), day("2025-03-31")}

func drawPanelWorld(random *rand.Rand) panelWorld {
	var w panelWorld
	var all [2]float64
	for range 12_000 {
		rate := math.Exp(-0.6 + 1.1*random.NormFloat64()) // of both years
		for year := range w.visits {
			var v int32
			for at := random.ExpFloat64(); at < rate; at += random.ExpFloat64() {
				v++
			}
			w.visits[year] = append(w.visits[year], v)
			all[year] += float64(v)
		}
	}
	w.totals = []schemas.Total{visitors("18201", "2023-04-01", "2024-03-31", otherPrefecture, dayTrip, all[0]), visitors("18201", "2024-04-01", "2025-03-31", otherPrefecture, dayTrip, all[1])}
	return w
}

// ask draws both waves and both years of answers on the spot. Of the panel those stay with the probability stay of whether
// they have two visits now; error is the factor that official visitors are wrong by.
func (w panelWorld) ask(random *rand.Rand, stay func(related bool) float64) (wave WeightedSurvey, met []OnsiteAnswer) {
	tie := func(v int32) []ReportedTie {
		if v == 0 {
			return nil
		}
		return []ReportedTie{{Region: "18201", Visits: v, Most: v, Purposes: schemas.Leisure}}
	}
	const asked = 900
	before := &WeightedSurvey{First: panelYears[0] - 9, Last: panelYears[0]}
	wave = WeightedSurvey{First: panelYears[1] - 9, Last: panelYears[1], Before: before}
	var lost float64
	for unit, person := range random.Perm(len(w.visits[0]))[:asked] {
		before.Residences, before.Ties = append(before.Residences, "13101"), append(before.Ties, tie(w.visits[0][person]))
		before.Design.Weights = append(before.Design.Weights, float64(len(w.visits[0]))/asked)
		if random.Float64() >= stay(w.visits[1][person] >= 2) {
			lost++
			continue
		}
		wave.Stayed, wave.Residences, wave.Ties = append(wave.Stayed, unit), append(wave.Residences, "13101"), append(wave.Ties, tie(w.visits[1][person]))
	}
	for range wave.Stayed {
		wave.Design.Weights = append(wave.Design.Weights, float64(len(w.visits[1]))/float64(len(wave.Stayed)))
	}
	wave.DropOut = 0.2 * lost / (asked - lost)
	for year, of := range w.visits {
		for person, v := range of {
			for range v {
				if random.Float64() < 1.0/12 {
					met = append(met, OnsiteAnswer{Person: int32(person), Unit: -1, Day: panelYears[year] - schemas.Date(random.IntN(365)), Region: "18201", Residence: "13101",
						Nights: 0, Weight: 1, Tie: ReportedTie{Region: "18201", Visits: v, Most: v, Purposes: schemas.Leisure}, OfficialError: 0.05})
				}
			}
		}
	}
	return wave, met
}

func panelFrame() Frame {
	i := slices.IndexFunc(schemas.BuiltinProfiles(), func(p schemas.Profile) bool { return p.ID == "repeat-visits" })
	f := frame()
	f.Profiles = schemas.BuiltinProfiles()[i : i+1]
	city := fukuiCity
	city.PrefectureCode = fukui.RegionCode
	f.Regions = []schemas.Region{fukui, city}
	return f
}

// Against simulated truth: of those with two visits 80 % stay and of the others 62 %, so that the later wave has
// ln(0.8/mean) too many; what panel and spot say together has that mean, and the error that it states, whatever
// official visitors are wrong by.
func TestDropOutIsToldBySpot(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 26))
	const runs = 120
	w := drawPanelWorld(random)
	var related float64
	for _, v := range w.visits[1] {
		if v >= 2 {
			related++
		}
	}
	related /= float64(len(w.visits[1]))
	truth := math.Log(0.8 / (related*0.8 + (1-related)*0.62))
	for i := range w.totals {
		w.totals[i].Value *= 1.3
	}
	var sum, squares, stated float64
	for range runs {
		wave, met := w.ask(random, func(related bool) float64 {
			if related {
				return 0.8
			}
			return 0.62
		})
		told := must(DropOuts(panelFrame(), wave, met, w.totals, disclose.Threshold{Persons: 10}))(t)
		if len(told) != 1 {
			t.Fatalf("%d times told: %+v", len(told), told)
		}
		d := told[0]
		v := d.Parts.variance() - square(wave.DropOut)
		sum, squares, stated = sum+d.Log, squares+square(d.Log), stated+v
	}
	mean := sum / runs
	variance := squares/runs - mean*mean
	t.Logf("dropping out adds %.4f, told %.4f; variance %.5f, stated %.5f", truth, mean, variance, stated/runs)
	if math.Abs(mean-truth) > 3.5*math.Sqrt(variance/runs) {
		t.Errorf("told %.4f, truth %.4f", mean, truth)
	}
	if ratio := stated / runs / variance; ratio < 0.75 || ratio > 1.35 { // the variance of 120 runs is known to an eighth
		t.Errorf("the variance stated is %.2f of what it is", ratio)
	}
}

// A wave that nobody left and that answers as before has no sampling error of its change, and none to tell.
func TestDropOutOfWhoAllStayed(t *testing.T) {
	w := drawPanelWorld(rand.New(rand.NewPCG(10, 26)))
	w.visits[1] = w.visits[0]
	wave, met := w.ask(rand.New(rand.NewPCG(11, 26)), func(bool) float64 { return 1 })
	rule := disclose.Threshold{Persons: 10}
	if told := must(DropOuts(panelFrame(), wave, met, w.totals, rule))(t); len(told) != 0 {
		t.Errorf("nobody was lost, and it is told: %+v", told)
	}
	wave.DropOut = 0.05 // as if it were not known that all stayed
	told := must(DropOuts(panelFrame(), wave, met, w.totals, rule))(t)
	if len(told) != 1 {
		t.Fatalf("%d times told", len(told))
	}
	for _, p := range told[0].Parts {
		if p.Cause == schemas.CauseSampling && (p.Name == "survey/18000" || p.Name == "survey/before") && math.Abs(p.Effect) > 1e-9 {
			t.Errorf("the change of equal answers has a sampling error: %+v", p)
		}
	}
	if many := must(DropOuts(panelFrame(), wave, met, w.totals, disclose.Threshold{Persons: 100_000}))(t); len(many) != 0 {
		t.Errorf("what may not be shown says: %+v", many)
	}
	if none := must(DropOuts(panelFrame(), wave, slices.DeleteFunc(met, func(a OnsiteAnswer) bool { return a.Day <= panelYears[0] }), w.totals, rule))(t); len(none) != 0 {
		t.Errorf("without answers of the year before: %+v", none)
	}
	wave.Before = nil
	if none := must(DropOuts(panelFrame(), wave, met, w.totals, rule))(t); len(none) != 0 {
		t.Errorf("without a wave before: %+v", none)
	}
}
