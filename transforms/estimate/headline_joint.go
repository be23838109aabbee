package estimate

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/combine"
)

// DefaultReplicates is the number of replicates of the joint bootstrap.
const DefaultReplicates = 200

func (h Headline) replicates() int {
	if h.Replicates == 0 {
		return DefaultReplicates
	}
	return h.Replicates
}

// jointKey names the figures of a prefecture and its municipalities.
type jointKey struct {
	definition, outside, prefecture string
	reference                       schemas.Date
}

// joint is the figures of a prefecture and its municipalities, which share sources, and with them errors.
type joint struct {
	key     jointKey
	members []*combined
	// municipal are the figures of municipalities by measure, in the order of their codes, those not estimated too.
	municipal map[string][]*combined
	models    []*areaModel
	// pairs is the member that each of sums adds up to, weight what its own estimate has in it beside the sum.
	pairs  *combined
	sums   []*sum
	weight float64
	// unspoken are the municipalities of which no source tells anybody.
	unspoken map[*combined]bool
	// lacking are the measures of which some municipality is spoken of that has no row.
	lacking map[string]bool
	// nested is, by the name of a sampling error of the pairs, what one standard deviation of it is in the names of its
	// municipalities' errors.
	nested map[string]Parts
}

// sum is the figures of municipalities that add up to the pairs of their prefecture.
type sum struct {
	of     []*combined
	moves  []float64 // how readily each is moved: the variance of its logarithm, or of the pairs' where that is greater
	shift  float64   // by how many times that their logarithms are moved
	excess float64   // variance of the shift beyond what the errors let expect
}

// jointsOf gathers the figures of each prefecture; of a municipality its pairs are its persons.
func jointsOf(f Frame, order []headlineKey, figures map[headlineKey]*combined, spoken map[headlineKey]bool) []*joint {
	prefectures := map[string]string{}
	municipalities := map[string][]string{}
	for _, r := range f.Regions {
		prefectures[r.RegionCode] = r.PrefectureCode
		if r.RegionLevel == schemas.LevelMunicipality {
			municipalities[r.PrefectureCode] = append(municipalities[r.PrefectureCode], r.RegionCode)
		}
	}
	var groups []*joint
	at := map[jointKey]*joint{}
	for _, key := range order {
		c := figures[key]
		if len(c.components) == 0 {
			continue
		}
		prefecture := prefectures[key.region]
		if prefecture == "" { // the nation, and regions of no frame, stand by themselves
			prefecture = key.region
		}
		if isCopy(key, figures) {
			continue
		}
		k := jointKey{key.definition, key.outside, prefecture, key.reference}
		g := at[k]
		if g == nil {
			g = &joint{key: k}
			at[k] = g
			groups = append(groups, g)
		}
		g.members = append(g.members, c)
	}
	for _, g := range groups {
		slices.SortStableFunc(g.members, func(a, b *combined) int {
			return cmp.Or(cmp.Compare(a.row.Row.RegionCode, b.row.Row.RegionCode), cmp.Compare(a.row.Row.Measure, b.row.Row.Measure))
		})
		pairs := figures[headlineKey{g.key.definition, schemas.Pairs, g.key.outside, g.key.prefecture, g.key.reference}]
		if pairs != nil && pairs.estimated() {
			g.pairs = pairs
		}
		g.municipal, g.unspoken, g.lacking = map[string][]*combined{}, map[*combined]bool{}, map[string]bool{}
		for _, measure := range []string{schemas.Persons, schemas.Pairs} {
			for _, code := range slices.Sorted(slices.Values(municipalities[g.key.prefecture])) {
				key := headlineKey{g.key.definition, measure, g.key.outside, code, g.key.reference}
				if isCopy(key, figures) {
					continue
				}
				if c := figures[key]; c != nil {
					g.municipal[measure] = append(g.municipal[measure], c)
					g.unspoken[c] = !spoken[key]
				} else if spoken[key] {
					g.lacking[measure] = true
				}
			}
		}
	}
	return groups
}

// isCopy says of the pairs of a municipality that they are its persons.
func isCopy(key headlineKey, figures map[headlineKey]*combined) bool {
	c := figures[key]
	if key.measure != schemas.Pairs || c == nil || c.row.Row.RegionLevel != schemas.LevelMunicipality {
		return false
	}
	key.measure = schemas.Persons
	persons := figures[key]
	return persons != nil && (len(persons.components) > 0 || len(c.components) == 0)
}

// addUp says which members sum to the pairs of the prefecture: those of all municipalities of which any source speaks,
// or none where one of these has no figure. Nothing that may be shown is moved to pairs that may not.
func (g *joint) addUp() {
	if g.pairs == nil {
		return
	}
	for _, measure := range []string{schemas.Persons, schemas.Pairs} {
		var of []*combined
		whole := !g.lacking[measure]
		for _, c := range g.municipal[measure] {
			switch {
			case c.estimated():
				of = append(of, c)
				whole = whole && (g.pairs.shown || !c.shown && !c.made)
			case !g.unspoken[c]: // seen, and estimated by nothing
				whole = false
			}
		}
		if whole && len(of) > 0 {
			g.sums = append(g.sums, &sum{of: of})
		}
	}
	if len(g.sums) == 0 {
		return
	}
	g.blend()
	pairs := g.pairs.soFar().variance()
	for _, s := range g.sums {
		for _, c := range s.of {
			s.moves = append(s.moves, math.Max(math.Max(leastMove, pairs), c.soFar().variance()))
		}
	}
}

// blend makes of the pairs and of the sum of the municipalities, which estimate one number, their mean of least variance:
// a total that is known badly does not overrule parts that are known well. Parts that may not be shown have no share in
// a total that may.
func (g *joint) blend() {
	s := g.sums[0]
	g.weight = 1
	if slices.ContainsFunc(s.of, func(c *combined) bool { return !c.shown && !c.made }) {
		return
	}
	numbers, of := []float64{}, []Parts{}
	for _, c := range s.of {
		numbers, of = append(numbers, math.Exp(c.log)), append(of, c.soFar())
	}
	all, own := sumOfParts(sharesOf(numbers), of), g.pairs.composed()
	spread := own.variance() + all.variance() - 2*own.covariance(all)
	if spread > 0 {
		g.weight = math.Min(1, math.Max(0, (all.variance()-own.covariance(all))/spread))
	}
	total := s.sum(func(c *combined) float64 { return c.log })
	g.pairs.log = g.weight*g.pairs.log + (1-g.weight)*total
	g.pairs.errors, g.pairs.made = sumOfParts([]float64{g.weight, 1 - g.weight}, []Parts{own, all}), true
}

// combine makes the figures of the group, before they are moved to sums.
func (g *joint) combine(dropOuts []DropOut, tables areaTables) {
	g.nest()
	g.repair(dropOuts)
	var logs [][]float64
	for _, c := range g.members {
		c.prepare()
		logs = append(logs, c.logs())
	}
	common := g.between(logs)
	for i, c := range g.members {
		c.biases = c.between(logs[i], common)
		c.log, c.weights = c.mean(logs[i], c.biases)
	}
	g.borrow(tables)
	g.addUp()
}

// finish moves the figures to their sums and makes their errors.
func (g *joint) finish(replicates int) {
	for _, s := range g.sums {
		s.settle(g.pairs.log)
	}
	for _, s := range g.sums {
		for i, c := range s.of {
			c.log += s.shift * s.moves[i]
		}
	}
	g.bootstrap(replicates)
	g.budget()
}

// settle finds the move of the figures to a total. Where one would be moved by more than three times its standard error,
// figures and total are not of one thing, and errors do not tell which is wrong: all are moved by one factor then.
func (s *sum) settle(total float64) {
	const far = 3
	log := func(c *combined) float64 { return c.log }
	s.shift = s.move(total, log)
	for _, v := range s.moves {
		if !(math.Abs(s.shift*v) <= far*math.Sqrt(v)) {
			for i := range s.moves {
				s.moves[i] = 1
			}
			s.shift = s.move(total, log)
			return
		}
	}
}

// leastMove is the variance below which a logarithm is taken to be no surer.
const leastMove = 1e-6

// move is the λ with which the sum meets the logarithm of a total,
//
//	ln Σ exp(ln y_m + λ v_m) = ln T
//
// so that who is known well is moved little, and figures of equal coefficient of variation by one factor: among all moves
// that meet the total the one with the least Σ y_m (move of ln y_m)²/v_m, to first order. Nobody is surer than the total
// that is met: v_m is no less than its variance.
func (s *sum) move(total float64, log func(*combined) float64) float64 {
	logs := make([]float64, len(s.of))
	most := math.Inf(-1)
	for i, c := range s.of {
		logs[i] = log(c)
		most = math.Max(most, logs[i])
	}
	var lambda float64
	farthest := 5 / slices.Max(s.moves) // in one step, as exponentials run over
	for range 500 {                     // Newton's method on a convex function
		var sum, slope float64
		for i, l := range logs {
			n := math.Exp(l + lambda*s.moves[i] - most)
			sum, slope = sum+n, slope+n*s.moves[i]
		}
		step := math.Max(-farthest, math.Min(farthest, (total-most-math.Log(sum))*sum/slope))
		lambda += step
		if math.Abs(step) <= 1e-14*(1+math.Abs(lambda)) {
			break
		}
	}
	return lambda
}

// sum is the logarithm of the sum.
func (s *sum) sum(log func(*combined) float64) float64 {
	var all float64
	for _, c := range s.of {
		all += math.Exp(log(c))
	}
	return math.Log(all)
}

// nest gives the pairs of a prefecture, where a survey estimates them, the sampling errors of its municipalities, of
// which they are the sum.
func (g *joint) nest() {
	g.nested = map[string]Parts{}
	if g.pairs == nil {
		return
	}
	of := g.municipal[schemas.Persons]
	if !slices.ContainsFunc(of, (*combined).estimated) {
		of = g.municipal[schemas.Pairs]
	}
	for i := range g.pairs.components {
		p := &g.pairs.components[i]
		own := slices.IndexFunc(p.parts, func(q Part) bool {
			return q.Cause == schemas.CauseSampling && (q.Name == "survey/"+g.key.prefecture || q.Name == "onsite/"+g.key.prefecture)
		})
		if own < 0 {
			continue
		}
		var parts []Part
		for _, c := range of {
			for _, q := range c.components {
				if q.Row.Estimator != p.Row.Estimator {
					continue
				}
				for _, part := range q.parts {
					if part.Cause == schemas.CauseSampling {
						part.Effect *= *q.Row.Value / *p.Row.Value
						parts = append(parts, part)
					}
				}
			}
		}
		name, all, told := p.parts[own].Name, p.parts[own].Effect, math.Sqrt(Parts(parts).variance())
		if told > all {
			parts = Parts(parts).scaled(all / told)
		} else {
			parts = append(parts, Part{p.parts[own].Cause, name, math.Sqrt(square(all) - square(told))})
		}
		if all > 0 {
			g.nested[name] = partsOf(Parts(parts).scaled(1 / all)...)
		}
		p.parts = partsOf(append(slices.Delete(slices.Clone(p.parts), own, own+1), parts...)...)
	}
}

func (c *combined) logs() []float64 {
	out := make([]float64, len(c.components))
	for i, p := range c.components {
		out[i] = p.log
	}
	return out
}

// prepare sets the covariance of the components, and A of their disagreement Q = y'Ay,
//
//	A = V⁻¹ − V⁻¹11'V⁻¹/(1'V⁻¹1),  E Q = k − 1 + τ² tr A
//
// where biases of variance τ² add to the errors V.
func (c *combined) prepare() {
	k := len(c.components)
	c.covariance = make([][]float64, k)
	v := mat.NewSymDense(k, nil)
	for i, p := range c.components {
		c.covariance[i] = make([]float64, k)
		for j, q := range c.components {
			c.covariance[i][j] = p.parts.covariance(q.parts)
			if i <= j {
				v.SetSym(i, j, c.covariance[i][j])
			}
		}
	}
	var cholesky mat.Cholesky
	if k < 2 || !cholesky.Factorize(v) {
		return
	}
	var inverse mat.SymDense
	if cholesky.InverseTo(&inverse) != nil {
		return
	}
	rows, all := make([]float64, k), 0.0
	for i := range k {
		for j := range k {
			rows[i] += inverse.At(i, j)
		}
		all += rows[i]
	}
	c.a = make([][]float64, k)
	for i := range k {
		c.a[i] = make([]float64, k)
		for j := range k {
			c.a[i][j] = inverse.At(i, j) - rows[i]*rows[j]/all
		}
		c.trace += c.a[i][i]
	}
}

// disagreement is Q of the components, 0 of one alone.
func (c *combined) disagreement(logs []float64) float64 {
	var q float64
	for i, row := range c.a {
		for j, a := range row {
			q += logs[i] * a * logs[j]
		}
	}
	return q
}

// between is τ² of the biases of sources, which the regions of a prefecture tell together by the method of moments,
//
//	τ² = max(0, Σ (Q − k + 1)/Σ tr A)
//
// over those whose figures may be shown, as of those that may not nothing is told.
func (g *joint) between(logs [][]float64) float64 {
	var excess, trace float64
	for i, c := range g.members {
		if c.a != nil && c.shown {
			excess, trace = excess+c.disagreement(logs[i])-float64(len(logs[i])-1), trace+c.trace
		}
	}
	if trace == 0 {
		return 0
	}
	return math.Max(0, excess/trace)
}

// rare is the probability below which sources of one region differ by more than those of its neighbours.
const rare = 0.01

// between is τ² of a region: that of all, or its own where its sources differ more than the others let expect.
func (c *combined) between(logs []float64, common float64) float64 {
	if c.a == nil {
		return common
	}
	free := float64(len(logs) - 1)
	q := c.disagreement(logs)
	if expected := free + common*c.trace; (distuv.ChiSquared{K: free}).Survival(q*free/expected) >= rare {
		return common
	}
	return math.Max(common, (q-free)/c.trace)
}

// mean is the composite of least variance, and the weights of the components: with biases in the variance, none below 0.
func (c *combined) mean(logs []float64, biases float64) (log float64, weights []float64) {
	if len(logs) == 0 { // the model of small areas speaks alone
		return 0, nil
	}
	weights, ok := leastVariance(c.covariance, biases)
	if !ok || slices.Min(weights) < 0 {
		weights = c.bounded(logs, biases)
	}
	for i, w := range weights {
		log += w * logs[i]
	}
	return log, weights
}

// bounded are the weights of least variance that are not below 0.
func (c *combined) bounded(logs []float64, biases float64) []float64 {
	with := make([][]float64, len(logs))
	for i, row := range c.covariance {
		with[i] = slices.Clone(row)
		with[i][i] += biases
	}
	if composite, err := combine.Several(logs, with, combine.Bounded); err == nil {
		return composite.Weights
	}
	best := 0 // errors that are one and the same: the least
	for i := range with {
		if with[i][i] < with[best][best] {
			best = i
		}
	}
	weights := make([]float64, len(logs))
	weights[best] = 1
	return weights
}

// leastVariance are the weights V⁻¹1/(1'V⁻¹1) of a few estimates, by elimination: the bootstrap asks for them so often
// that a general solver would take most of its time. False where V has no inverse to rely on.
func leastVariance(covariance [][]float64, biases float64) ([]float64, bool) {
	k := len(covariance)
	v, w := make([]float64, k*k), make([]float64, k)
	for i, row := range covariance {
		copy(v[i*k:], row)
		v[i*k+i] += biases
		w[i] = 1
	}
	for i := range k { // positive definite: no pivots need be sought
		pivot := v[i*k+i]
		if !(pivot > 1e-9*(covariance[i][i]+biases)) {
			return nil, false
		}
		for j := i + 1; j < k; j++ {
			factor := v[j*k+i] / pivot
			for l := i; l < k; l++ {
				v[j*k+l] -= factor * v[i*k+l]
			}
			w[j] -= factor * w[i]
		}
	}
	var sum float64
	for i := k - 1; i >= 0; i-- {
		for j := i + 1; j < k; j++ {
			w[i] -= v[i*k+j] * w[j]
		}
		w[i] /= v[i*k+i]
		sum += w[i]
	}
	for i := range w {
		w[i] /= sum
	}
	return w, true
}
