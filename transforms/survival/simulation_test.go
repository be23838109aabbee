package survival

import (
	"math"
	"math/rand/v2"
	"testing"
)

// follow draws a person by month: hazards of moving here and elsewhere, first seen after
// entry if nothing has happened by then, and observed to the end at the latest.
func follow(random *rand.Rand, here, elsewhere float64, entry, end int32) (s Spell, seen bool) {
	s = Spell{Entry: entry, Exit: end}
	for t := int32(1); t <= end; t++ {
		if u := random.Float64(); u < here+elsewhere {
			s.Exit, s.Cause = t, 2
			if u < here {
				s.Cause = 1
			}
			break
		}
	}
	return s, s.Exit > entry
}

// truth is the incidence of the first of two constant hazards until t: h (1 − q^t)/(1 − q).
func truth(here, elsewhere float64, t int32) float64 {
	return here / (here + elsewhere) * (1 - math.Pow(1-here-elsewhere, float64(t)))
}

// tally holds estimates beside the truth.
type tally struct{ runs, sum, squares, errors, inside float64 }

func (y *tally) add(p Point, truth float64) {
	y.runs++
	y.sum += p.Value - truth
	y.squares += (p.Value - truth) * (p.Value - truth)
	y.errors += p.StdErr * p.StdErr
	if p.Low <= truth && truth <= p.High {
		y.inside++
	}
}

func (y *tally) bias() float64 { return y.sum / y.runs }

// check wants no bias beyond three Monte-Carlo errors, and intervals that hold.
func (y *tally) check(t *testing.T, name string, low, high float64) {
	t.Helper()
	bias, inside := y.bias(), y.inside/y.runs
	se := math.Sqrt(y.squares / y.runs)
	t.Logf("%-40s bias %+.5f (error %.5f, estimated %.5f), %.1f %% inside, %v runs", name, bias, se, math.Sqrt(y.errors/y.runs), 100*inside, y.runs)
	if math.Abs(bias) > 3*se/math.Sqrt(y.runs) {
		t.Errorf("%s: bias %v of %v ± %v", name, bias, se, se/math.Sqrt(y.runs))
	}
	if inside < low || inside > high {
		t.Errorf("%s: %.1f %% inside, want %.0f to %.0f", name, 100*inside, 100*low, 100*high)
	}
}

// Persons seen late, with a competing end and censoring: the incidence has no bias and
// its intervals hold; taken from the share that moved, or with late entry forgotten, it has.
func TestLateEntryAndCompetingEnds(t *testing.T) {
	if testing.Short() {
		t.Skip("a thousand runs")
	}
	const here, elsewhere, at = 0.006, 0.02, 36
	random := rand.New(rand.NewPCG(20, 1))
	var incidence, survival, mean, forgotten, naive, bare tally
	f, s := truth(here, elsewhere, at), math.Pow(1-here-elsewhere, at)
	m := 0.0
	for u := range at {
		m += math.Pow(1-here-elsewhere, float64(u))
	}
	for range 1000 {
		var spells, early []Spell
		moved := 0.0
		for len(spells) < 400 {
			entry := max(0, random.Int32N(36)-12)
			p, seen := follow(random, here, elsewhere, entry, entry+6+random.Int32N(48))
			if !seen {
				continue
			}
			spells = append(spells, p)
			if p.Cause == 1 && p.Exit <= at {
				moved++
			}
			p.Entry = 0
			early = append(early, p)
		}
		c := first(t, spells, Options{Causes: 2, RestrictTo: at})
		incidence.add(c.IncidenceAt(1, at, Interval{}), f)
		survival.add(c.SurvivalAt(at, Interval{}), s)
		mean.add(c.RestrictedMean(Interval{}), m)
		forgotten.add(first(t, early, Options{Causes: 2}).IncidenceAt(1, at, Interval{}), f)
		naive.add(Point{Value: c.Naive(1)[c.last(at)]}, f)
		bare.add(Point{Value: moved / 400}, f)
	}
	incidence.check(t, "incidence", 0.93, 0.97)
	survival.check(t, "survival", 0.93, 0.97)
	mean.check(t, "restricted mean", 0.93, 0.97)
	t.Logf("truth %.3f; late entry forgotten %+.3f, 1 − Kaplan–Meier %+.3f, share that moved %+.3f", f, forgotten.bias(), naive.bias(), bare.bias())
	if forgotten.bias() > -0.1*f || naive.bias() < 0.2*f || bare.bias() > -0.2*f {
		t.Error("what is wrong is not seen to be wrong")
	}
}

// Of the moves here a share s is seen, known up to an error of 0.05 s. Whether those who
// are missed leave or go on looking at risk, the corrected incidence has no bias and its
// interval holds; corrected as if the other were so it is wrong.
func TestCapture(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of runs")
	}
	const here, elsewhere, at, persons = 0.01, 0.01, 36, 800
	f := truth(here, elsewhere, at)
	for _, s := range []float64{0.3, 0.6, 0.9} {
		for _, leave := range []bool{false, true} {
			random := rand.New(rand.NewPCG(20, uint64(10*s)))
			var corrected, other, raw tally
			for range 400 {
				spells := make([]Spell, persons)
				for i := range spells {
					end := 24 + random.Int32N(36)
					p, _ := follow(random, here, elsewhere, 0, end)
					if p.Cause == 1 && random.Float64() >= s {
						p.Cause = 0
						if !leave {
							p.Exit = end
						}
					}
					spells[i] = p
				}
				seen := Capture{Sensitivity: min(1, s/(1+0.05*random.NormFloat64())), StdErr: 0.05 * s, MissedLeave: leave}
				options := Options{Causes: 2, Capture: []Capture{seen, {Sensitivity: 1}}}
				corrected.add(first(t, spells, options).IncidenceAt(1, at, Interval{}), f)
				raw.add(first(t, spells, Options{Causes: 2}).IncidenceAt(1, at, Interval{}), f)
				options.Capture[0].MissedLeave = !leave
				other.add(first(t, spells, options).IncidenceAt(1, at, Interval{}), f)
			}
			name := map[bool]string{false: "missed look at risk", true: "missed leave"}[leave]
			corrected.check(t, name, 0.93, 0.97)
			t.Logf("s = %v: as seen %+.3f, corrected as the other %+.3f of %.3f", s, raw.bias(), other.bias(), f)
			if raw.bias() > -(1-s)*f*0.7 || s < 0.5 && math.Abs(other.bias()) < 0.05*f {
				t.Errorf("s = %v: as seen %+.3f, corrected as the other %+.3f", s, raw.bias(), other.bias())
			}
		}
	}
}

// Persons with several ties that share a fate, detected the less often the less they
// move: weights take the bias away, and clusters make the interval hold.
func TestWeightsAndClusters(t *testing.T) {
	if testing.Short() {
		t.Skip("a thousand runs")
	}
	const at, few, many = 24, 0.01, 0.05
	random := rand.New(rand.NewPCG(20, 3))
	s := (math.Pow(1-few, at) + math.Pow(1-many, at)) / 2
	var weighted, unweighted, apart tally
	for range 1000 {
		var spells []Spell
		for person := int64(0); person < 400; person++ {
			hazard, detection := few, 0.3
			if person%2 == 0 {
				hazard, detection = many, 0.9
			}
			if random.Float64() >= detection {
				continue
			}
			p, _ := follow(random, hazard, 0, 0, 12+random.Int32N(30))
			p.Weight, p.Cluster = 1/detection, person
			for range 1 + random.IntN(3) {
				q := p
				if random.Float64() < 0.2 { // a tie with a fate of its own
					q, _ = follow(random, hazard, 0, 0, 12+random.Int32N(30))
					q.Weight, q.Cluster = p.Weight, person
				}
				spells = append(spells, q)
			}
		}
		weighted.add(first(t, spells, Options{Weighted: true, Clustered: true}).SurvivalAt(at, Interval{}), s)
		apart.add(first(t, spells, Options{Weighted: true}).SurvivalAt(at, Interval{}), s)
		unweighted.add(first(t, spells, Options{}).SurvivalAt(at, Interval{}), s)
	}
	weighted.check(t, "weighted and clustered", 0.93, 0.97)
	t.Logf("clusters forgotten: %.1f %% inside; unweighted %+.3f of %.3f", 100*apart.inside/apart.runs, unweighted.bias(), s)
	if apart.inside/apart.runs > 0.9 || unweighted.bias() > -0.05 {
		t.Error("what is wrong is not seen to be wrong")
	}
}

// With so few events that there is often none, the interval holds at least as often as it
// says, late entry or not.
func TestFewEvents(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of runs")
	}
	const here, elsewhere, at = 0.002, 0.03, 24
	random := rand.New(rand.NewPCG(20, 4))
	f := truth(here, elsewhere, at)
	none, missed, estimable := 0.0, 0.0, 0.0
	for range 3000 {
		var spells []Spell
		for len(spells) < 40 {
			if p, seen := follow(random, here, elsewhere, random.Int32N(12), 18+random.Int32N(20)); seen {
				spells = append(spells, p)
			}
		}
		p := first(t, spells, Options{Causes: 2, MinAtRisk: 2}).IncidenceAt(1, at, Interval{})
		if p.Status == NotEstimable {
			continue
		}
		estimable++
		if p.Status == Exact {
			none++
			if p.High < f {
				missed++
			}
		}
	}
	t.Logf("no event in %.1f %% of runs, with a limit below the truth in %.2f %%", 100*none/estimable, 100*missed/estimable)
	if none/estimable < 0.1 || missed/estimable > 0.025 {
		t.Errorf("no event in %v, limit below the truth in %v", none/estimable, missed/estimable)
	}
}

// Where groups are alike tests reject one in twenty; Fine–Gray's intervals hold about the
// coefficient of a world that is as the model says: F(t|x) = 1 − {1 − p(1 − e^{−t})}^{exp(βx)}
// (Fine & Gray 1999, §4).
func TestGroupsAndRegression(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of runs")
	}
	const beta, p, runs = 0.5, 0.3, 400
	random := rand.New(rand.NewPCG(20, 5))
	var coefficient tally
	logRank, peto, gray, power := 0.0, 0.0, 0.0, 0.0
	for range runs {
		spells, alike, x := make([]Spell, 400), make([]Spell, 400), make([][]float64, 400)
		for i := range spells {
			group := int32(i % 3)
			for seen := false; !seen; {
				alike[i], seen = follow(random, 0.02, 0.02, random.Int32N(10), 12+random.Int32N(24))
			}
			alike[i].Stratum = group
			x[i] = []float64{float64(i % 2)}
			spells[i] = fineGrayPerson(random, p, math.Exp(beta*x[i][0]))
			spells[i].Stratum = int32(i % 2)
		}
		rejects := func(count *float64, test Test, err error) {
			if must(test, err)(t).P < 0.05 {
				*count += 1.0 / runs
			}
		}
		test, err := LogRank(alike, 3, 0)
		rejects(&logRank, test, err)
		test, err = LogRank(alike, 3, 1)
		rejects(&peto, test, err)
		test, err = Gray(alike, 3, 1, 2, 0)
		rejects(&gray, test, err)
		test, err = Gray(spells, 2, 1, 2, 0)
		rejects(&power, test, err)
		r := must(FineGray(spells, x, 1))(t)
		b, se := r.Coefficients[0], r.StdErr(0)
		coefficient.add(Point{Value: b, StdErr: se, Low: b - 1.96*se, High: b + 1.96*se}, beta)
	}
	coefficient.check(t, "Fine–Gray", 0.925, 0.975)
	t.Logf("rejected where alike: log-rank %.3f, Peto–Peto %.3f, Gray %.3f; where not: Gray %.3f", logRank, peto, gray, power)
	for _, rate := range []float64{logRank, peto, gray} {
		if rate < 0.02 || rate > 0.08 {
			t.Errorf("one in twenty is to be rejected, not %v", rate)
		}
	}
	if power < 0.2 {
		t.Errorf("a difference is found in %v", power)
	}
}

// fineGrayPerson draws a time in hundredths from the model, or another end, and censors it.
func fineGrayPerson(random *rand.Rand, p, ratio float64) Spell {
	s := Spell{Exit: 1 + random.Int32N(300)}
	event, cause := random.ExpFloat64()*100, int32(2)
	if u := random.Float64(); u < 1-math.Pow(1-p, ratio) {
		event, cause = -100*math.Log(1-(1-math.Pow(1-u, 1/ratio))/p), 1
	}
	if t := 1 + int32(event); t <= s.Exit {
		s.Exit, s.Cause = t, cause
	}
	return s
}
