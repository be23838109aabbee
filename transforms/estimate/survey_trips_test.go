package estimate

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/kankei/kankei/schemas"
)

// tripFrame is a frame of one prefecture and the definition of two trips without visits to kin.
func tripFrame() Frame {
	f := concentrationFrame()
	i := slices.IndexFunc(schemas.BuiltinProfiles(), func(p schemas.Profile) bool { return p.ID == "repeat-visits" })
	f.References, f.Profiles = f.References[1:], schemas.BuiltinProfiles()[i:i+1]
	return f
}

// onTheWay is an answer on the spot by somebody who has not been in the prefecture before in the year.
func onTheWay(person, municipalities int32) OnsiteAnswer {
	return OnsiteAnswer{Person: person, Unit: -1, Day: day("2025-01-15"), Region: "30201", Residence: "13101", Weight: 1, Municipalities: municipalities, PrefectureVisits: 1,
		Tie: ReportedTie{Region: "30201", Visits: 1, Most: 1, Purposes: schemas.Leisure}}
}

// By hand: of 40 met in a municipality 32 go nowhere else and eight to one more, which is four trips, so that ρ = 4/32; its
// squares are 8 (1/2)² + 32 (1/8)² = 2.5. Of 80 respondents 40 have one visit and 20 one to each of two municipalities: ρ 40/20 is
// a fourth who made one trip, three fourths two. u is 1/40 and −1/20, whose squares add up to 0.075, and to 0 themselves.
func TestTripsThatTheSpotTells(t *testing.T) {
	f := tripFrame()
	s := WeightedSurvey{First: day("2025-03-01"), Last: day("2025-03-30")}
	for i := range 80 {
		s.Design.Weights, s.Residences = append(s.Design.Weights, 1), append(s.Residences, "13101")
		ties := []ReportedTie{{Region: "30201", Visits: 1, Most: 1, Purposes: schemas.Leisure}, {Region: "30202", Visits: 1, Most: 1, Purposes: schemas.Leisure}}
		s.Ties = append(s.Ties, [][]ReportedTie{ties[:1], ties[:1], ties, nil}[i%4])
	}
	var met []OnsiteAnswer
	for i := range int32(40) {
		met = append(met, onTheWay(i, 1+i/32))
	}
	rho := math.Sqrt(2.5*40/39) / 32 / (4.0 / 32)
	v := square(0.25) * (square(rho) + 0.075*80/79)
	const share = 0.75
	told := func(met []OnsiteAnswer) (persons schemas.RelationalPopulation) {
		t.Helper()
		figures, err := RelationalPopulationOf(f, s, met, []string{"one_off", "repeat", "related"})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range figures.RelationalPopulation {
			if key, whole := headlineOf(c.Row); whole && key.measure == schemas.Persons {
				persons = c.Row
			}
		}
		return persons
	}
	row := told(met)
	if !near(*row.Value, 20*share, 1e-9) {
		t.Errorf("%v persons, want %v", *row.Value, 20*share)
	}
	design := square(share) * 80 / 79 * (20 - 20.0*20/80)
	if !near(*row.StdError, math.Sqrt(design+400*v), 1e-9) {
		t.Errorf("standard error %v, want %v", *row.StdError, math.Sqrt(design+400*v))
	}
	others := slices.Clone(met)
	for i, change := range []func(*OnsiteAnswer){
		func(a *OnsiteAnswer) { a.PrefectureVisits = 2 },
		func(a *OnsiteAnswer) { a.PrefectureVisits = 0 },
		func(a *OnsiteAnswer) { a.Tie.Purposes = schemas.Kin },
		func(a *OnsiteAnswer) { a.Residence = "30206" },
		func(a *OnsiteAnswer) { a.Residence = "" },
		func(a *OnsiteAnswer) { a.Region = "29201" },
		func(a *OnsiteAnswer) { a.Day = day("2024-03-31") },
		func(a *OnsiteAnswer) { a.Day = day("2025-04-01") },
		func(a *OnsiteAnswer) { a.Municipalities = 0 },
	} {
		a := onTheWay(int32(100+i), 2)
		change(&a)
		others = append(others, a)
	}
	if again := told(others); *again.Value != *row.Value {
		t.Errorf("answers that do not count move %v persons to %v", *row.Value, *again.Value)
	}
	// Nothing is told by 29 persons, nor where all say the same.
	for _, few := range [][]OnsiteAnswer{nil, met[11:], met[:32]} {
		if again := told(few); !near(*again.Value, 10, 1e-12) {
			t.Errorf("%d answers tell that %v of 20 made two trips", len(few), *again.Value)
		}
	}
}

// Twenty thousand persons come to two municipalities at gamma rates, one trip in seven goes on to the other; a fifth answers a
// survey, and one visit in twelve is met. In 60 worlds what is told is right on the average, and the interval holds the share of
// those in doubt who made two trips.
func TestTripsAgainstSimulatedTruth(t *testing.T) {
	if testing.Short() {
		t.Skip("sixty worlds")
	}
	const worlds, persons, onward = 60, 20_000, 1.0 / 7
	source := rand.NewPCG(48, 1)
	random := rand.New(source)
	rates := distuv.Gamma{Alpha: 0.6, Beta: 2, Src: source}
	f := tripFrame()
	var off, truly float64
	held := 0
	for range worlds {
		s := WeightedSurvey{First: day("2025-03-01"), Last: day("2025-03-31")}
		var met []OnsiteAnswer
		var two, doubt float64
		for person := range int32(persons) {
			var visits [2]int32
			var trips int32
			var alone []int32 // places of trips, 2 for both
			for place := range int32(2) {
				for range int(distuv.Poisson{Lambda: rates.Rand(), Src: source}.Rand()) {
					trips++
					if random.Float64() < onward {
						visits[0], visits[1], alone = visits[0]+1, visits[1]+1, append(alone, 2)
					} else {
						visits[place], alone = visits[place]+1, append(alone, place)
					}
				}
			}
			if visits == [2]int32{1, 1} {
				doubt++
				if trips == 2 {
					two++
				}
			}
			for place, region := range []string{"30201", "30202"} {
				for _, at := range alone {
					if (at == 2 || int(at) == place) && random.Float64() < 1.0/12 {
						a := onTheWay(person, 1+at/2)
						a.Region, a.PrefectureVisits = region, trips
						met = append(met, a)
					}
				}
			}
			if person%5 == 0 {
				var ties []ReportedTie
				for place, region := range []string{"30201", "30202"} {
					if n := visits[place]; n > 0 {
						ties = append(ties, ReportedTie{Region: region, Visits: n, Most: n, Purposes: schemas.Leisure})
					}
				}
				s.Design.Weights, s.Residences, s.Ties = append(s.Design.Weights, 5), append(s.Residences, "13101"), append(s.Ties, ties)
			}
		}
		domains, err := NewDomains(s.Survey)
		if err != nil {
			t.Fatal(err)
		}
		shares, err := tripSharesOf(f, s, domains, met)
		if err != nil {
			t.Fatal(err)
		}
		told := shares[0]
		off, truly = off+(told.Share-two/doubt)/worlds, truly+two/doubt/worlds
		if math.Abs(told.Share-two/doubt) <= 1.96*told.StdErr {
			held++
		}
	}
	t.Logf("truly %.3f, told %.3f; %d of %d intervals hold", truly, truly+off, held, worlds)
	if math.Abs(off) > 0.02 || math.Abs(truly-0.5) < 0.1 {
		t.Errorf("truly %.3f of those in doubt made two trips, told is %.3f", truly, truly+off)
	}
	if held < 53 { // 95 % of 60 are 57, with a standard error of 1.7
		t.Errorf("%d of %d intervals hold the truth", held, worlds)
	}
}
