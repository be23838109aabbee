package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/estimate"
)

// province is a prefecture with municipalities whose relational population three sources estimate, with errors that
// are known in part: what a source tells of its own error goes with its estimate, as it does of counts.
type province struct {
	truth   []float64
	sources []source
	// official is the standard error of the visitors that some sources are scaled by, and told what is told of it.
	official, told float64
}

// source estimates each municipality with a gamma error of its own.
type source struct {
	estimator, kind string
	cv              float64 // of the municipality of the median size
	scaled          bool    // by official visitors
	shape           float64 // standard error in common to all municipalities
	bias            float64 // the same everywhere
	biases          float64 // standard deviation of those of municipalities
}

const provincial = "30000"

// provinceOf draws municipalities of very unequal size.
func provinceOf(m int, sources ...source) province {
	random := rand.New(rand.NewPCG(base, uint64(m)))
	p := province{sources: sources, official: 0.05, told: 0.05}
	for range m {
		p.truth = append(p.truth, math.Round(300*math.Exp(0.8*random.NormFloat64())))
	}
	return p
}

func (p province) frame() estimate.Frame {
	f := estimate.Frame{Regions: []schemas.Region{{RegionCode: provincial, RegionLevel: schemas.LevelPrefecture, PrefectureCode: provincial}}}
	for i := range p.truth {
		f.Regions = append(f.Regions, schemas.Region{RegionCode: fmt.Sprint(30201 + i), RegionLevel: schemas.LevelMunicipality, PrefectureCode: provincial})
	}
	return f
}

// row is a source's estimate of a region, which may be shown.
func (s source) row(region, level, measure string, n float64, parts ...estimate.Part) (disclose.Counted[schemas.RelationalPopulation], estimate.FigureErrors) {
	var variance float64
	for _, part := range parts {
		variance += part.Effect * part.Effect
	}
	cv := math.Sqrt(variance)
	stdErr := n * cv
	r := schemas.RelationalPopulation{Definition: "repeat-visits", Measure: measure, Outside: schemas.OutsidePrefecture, RegionCode: region, RegionLevel: level,
		OriginCode: schemas.All, RelationType: schemas.All, Engagement: schemas.All, Source: s.kind, Estimator: s.estimator,
		Value: &n, StdError: &stdErr, CV: &cv, Observation: schemas.Observation{ObsStatus: schemas.Estimated}}
	return disclose.Counted[schemas.RelationalPopulation]{Row: r, Persons: 100, Facilities: 10}, estimate.ErrorsOf(r, parts...)
}

// draw is what all sources say in one run: a municipality's figures, and the pairs, which are their sum.
func (p province) draw(random *rand.Rand) (rows []disclose.Counted[schemas.RelationalPopulation], errors []estimate.FigureErrors) {
	add := func(row disclose.Counted[schemas.RelationalPopulation], of estimate.FigureErrors) {
		rows, errors = append(rows, row), append(errors, of)
	}
	common := func(stdErr float64) float64 { return math.Exp(stdErr*random.NormFloat64() - stdErr*stdErr/2) }
	visitors := common(p.official)
	const median = 300
	for _, s := range p.sources {
		factor := common(s.shape) * (1 + s.bias)
		if s.scaled {
			factor *= visitors
		}
		var sum float64
		var own []estimate.Part
		shared := []estimate.Part{{Cause: schemas.CauseModel, Name: "shape/" + s.estimator, Effect: s.shape}}
		if s.scaled {
			shared = append(shared, estimate.Part{Cause: schemas.CauseDetection, Name: estimate.OfficialVisitors, Effect: p.told})
		}
		for i, truth := range p.truth {
			cv := s.cv * math.Sqrt(median/truth)
			n := truth * factor * common(s.biases) * distuv.Gamma{Alpha: 1 / (cv * cv), Beta: 1 / (cv * cv), Src: random}.Rand()
			part := estimate.Part{Cause: schemas.CauseSampling, Name: fmt.Sprint(s.estimator, i), Effect: s.cv * math.Sqrt(median/n)} // as told by the source itself
			add(s.row(fmt.Sprint(30201+i), schemas.LevelMunicipality, schemas.Persons, n, append([]estimate.Part{part}, shared...)...))
			part.Effect *= n
			sum, own = sum+n, append(own, part)
		}
		for i := range own {
			own[i].Effect /= sum
		}
		add(s.row(provincial, schemas.LevelPrefecture, schemas.Pairs, sum, append(own, shared...)...))
	}
	return rows, errors
}

// once is the headline of the pairs, and of every municipality, in one run; and of the first source alone.
func (p province) once(random *rand.Rand) []outcome {
	rows, errors := p.draw(random)
	figures := estimate.Combined(p.frame(), estimate.Headline{Errors: errors, Rule: disclose.Threshold{Persons: 10, Facilities: 3}}, rows).RelationalPopulation
	out := make([]outcome, 1+len(p.truth))
	for i := range out {
		out[i].failed = true
	}
	for _, c := range figures {
		r := c.Row
		i := 0
		if r.RegionLevel == schemas.LevelMunicipality {
			if _, err := fmt.Sscan(r.RegionCode, &i); err != nil {
				continue
			}
			i -= 30200
		}
		out[i] = outcome{value: *r.Value, stdErr: *r.StdError, low: *r.CILow, high: *r.CIHigh, unreliable: r.ObsStatus == schemas.LowReliability}
	}
	return out
}

// headlineCell judges the pairs of a prefecture and its municipalities together.
func headlineCell(name, what string, p province, t target) Cell {
	c := Cell{Name: "headline/" + name, What: fmt.Sprintf("%d municipalities, %d sources, %s", len(p.truth), len(p.sources), what), Most: 500,
		Figures: []part{{"pairs", t}, {"municipalities", t}}}
	c.Draw = func(seed uint64, runs int) []Result {
		all := repeatAll(seed, runs, 1+len(p.truth), p.once)
		var total float64
		var of []Result
		for i, truth := range p.truth {
			total += truth
			of = append(of, summarise(truth, all[1+i]))
		}
		pairs, municipalities := summarise(total, all[0]), pool(of)
		pairs.Own, municipalities.Own = -1, -1
		return []Result{pairs, municipalities}
	}
	return c
}

func headlineCells() []Cell {
	bookings := source{estimator: estimate.Thinned, kind: schemas.SourceBooking, cv: 0.25, scaled: true, shape: 0.08}
	spot := source{estimator: estimate.OnsiteScaled, kind: schemas.SourceSurvey, cv: 0.15, scaled: true}
	panel := source{estimator: estimate.SurveyCalibrated, kind: schemas.SourceSurvey, cv: 0.35}
	with := func(s source, bias, biases float64) source {
		s.bias, s.biases = bias, biases
		return s
	}
	wrong := provinceOf(20, bookings, spot, panel)
	wrong.official = 0.15
	known := wrong
	known.told = 0.15
	t := target{bias: 2, least: 93, most: 97}
	return []Cell{
		headlineCell("m=20", "right as they say", provinceOf(20, bookings, spot, panel), t),
		headlineCell("m=35", "right as they say", provinceOf(35, bookings, spot, panel), t),
		headlineCell("m=8", "right as they say", provinceOf(8, bookings, spot, panel), t),
		headlineCell("m=20/two", "right as they say", provinceOf(20, bookings, panel), t),
		headlineCell("m=20/biases=0.1", "each biased by a tenth in each municipality", provinceOf(20, with(bookings, 0, 0.1), with(spot, 0, 0.1), with(panel, 0, 0.1)), t),
		headlineCell("m=20/biases=0.2", "each biased by a fifth in each municipality", provinceOf(20, with(bookings, 0, 0.2), with(spot, 0, 0.2), with(panel, 0, 0.2)), target{}),
		headlineCell("m=20/spot=+0.1", "answers on the spot a tenth too high everywhere", provinceOf(20, bookings, with(spot, 0.1, 0), panel), target{}),
		headlineCell("m=20/visitors=0.15", "visitors wrong by 15 %, and taken for right within 5", wrong, target{}),
		headlineCell("m=20/visitors=0.15/told", "visitors wrong by 15 %, as is known", known, t),
	}
}
