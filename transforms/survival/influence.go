package survival

import (
	"math"
	"slices"
)

func sqrt(x float64) float64 { return math.Sqrt(max(0, x)) }

// risk is a spell, or several that are equal, as a part of a unit.
type risk struct {
	entry, exit, cause int32
	weight             float64
	unit               int
}

// units are what the infinitesimal jackknife takes as independent: clusters, or spells.
// Equal spells are one unit that stands for many, for their influence is the same.
type units struct {
	parts   []risk // by exit
	entries []int  // by entry
	many    []float64
	open    []int     // parts at risk
	atRisk  []float64 // their weight
}

func (s *stratum) newUnits() *units {
	u := &units{}
	if s.o.Clustered {
		of, n := s.clusters()
		for i, p := range s.spells {
			u.parts = append(u.parts, risk{p.Entry, p.Exit, p.Cause, p.Weight, of[i]})
		}
		u.many = slices.Repeat([]float64{1}, n)
		s.units = n
	} else {
		for i, p := range s.spells {
			if i > 0 && p == s.spells[i-1] {
				u.many[len(u.many)-1]++
				continue
			}
			u.parts = append(u.parts, risk{p.Entry, p.Exit, p.Cause, p.Weight, len(u.many)})
			u.many = append(u.many, 1)
		}
		s.units = len(s.spells)
	}
	u.entries = make([]int, len(u.parts))
	for i := range u.entries {
		u.entries[i] = i
	}
	slices.SortStableFunc(u.entries, func(a, b int) int { return int(u.parts[a].entry) - int(u.parts[b].entry) })
	u.open, u.atRisk = make([]int, len(u.many)), make([]float64, len(u.many))
	return u
}

// move takes a part into the risk set, or out of it.
func (u *units) move(part, by int) {
	p := u.parts[part]
	u.open[p.unit] += by
	u.atRisk[p.unit] += float64(by) * p.weight
	if u.open[p.unit] == 0 {
		u.atRisk[p.unit] = 0 // not what rounding leaves of it
	}
}

// influence fills in standard errors by the infinitesimal jackknife. The influence of a
// unit with weight g at risk and events n_k at a time is, with a_k = d_k/Y,
//
//	U_k ← U_k − a_k Σ_j U_j + S(t−) (n_k/Y − g d_k/Y²)
//
// since −Σ_j U_j is its influence on S; v(F_k) = Σ U_k² over units. That on the restricted
// mean is the area under that on S.
func (s *stratum) influence() {
	u := s.newUnits()
	causes, n := s.o.Causes, len(u.many)
	inc := make([][]float64, causes)
	for k := range inc {
		inc[k] = make([]float64, n)
	}
	onS, onMean := make([]float64, n), make([]float64, n)
	before, out, in, from := 1.0, 0, 0, s.Begin
	for step, at := range s.Time {
		for ; in < len(u.entries) && u.parts[u.entries[in]].entry < at; in++ {
			u.move(u.entries[in], 1)
		}
		if s.restrictTo > 0 && from < s.restrictTo {
			s.extend(onMean, inc, float64(min(at, s.restrictTo)-from))
			from = at
		}
		s.keepErrors(step)
		if s.eventWeight(step) > 0 {
			s.shared(u, inc, onS, step, before)
		}
		for ; out < len(u.parts) && u.parts[out].exit == at; out++ {
			s.own(u, inc, out, step, before)
			u.move(out, -1)
		}
		s.errors(u, inc, step)
		before = s.observed[step]
	}
	if s.robust {
		if s.restrictTo > from {
			s.extend(onMean, inc, float64(s.restrictTo-from))
		}
		s.meanErr = sqrt(sumOfSquares(u.many, onMean))
	}
}

// keepErrors copies the standard errors of the step before, which hold without an event.
func (s *stratum) keepErrors(step int) {
	if step == 0 {
		return
	}
	for k := range s.IncidenceErr {
		s.IncidenceErr[k][step] = s.IncidenceErr[k][step-1]
	}
	if s.robust {
		s.SurvivalErr[step] = s.SurvivalErr[step-1]
	}
}

// own is what the event of a part, if it is one, adds to the influence of its unit.
func (s *stratum) own(u *units, inc [][]float64, part, step int, before float64) {
	if p := u.parts[part]; p.cause > 0 {
		inc[p.cause-1][p.unit] += before * s.scale(int(p.cause-1)) * p.weight / s.AtRisk[step]
	}
}

// scale is by how much events of a cause seen stand for those that left unseen.
func (s *stratum) scale(cause int) float64 {
	if c := s.capture[cause]; c.MissedLeave {
		return 1 / c.Sensitivity
	}
	return 1
}

// shared is the part of a step's influence that is the same for all at risk.
func (s *stratum) shared(u *units, inc [][]float64, onS []float64, step int, before float64) {
	clear(onS)
	for _, row := range inc {
		for i, v := range row {
			onS[i] -= v
		}
	}
	for k, row := range inc {
		a := s.hazard(k, step)
		if a == 0 {
			continue
		}
		c := before * a / s.AtRisk[step]
		for i, v := range onS {
			row[i] += a*v - c*u.atRisk[i]
		}
	}
}

// errors are the standard errors after a step, of what has changed.
func (s *stratum) errors(u *units, inc [][]float64, step int) {
	changed := false
	for k, row := range inc {
		if s.Events[k][step] > 0 {
			changed = true
			s.IncidenceErr[k][step] = sqrt(sumOfSquares(u.many, row)) / s.divisor(k)
		}
	}
	switch {
	case !changed || !s.robust:
	case len(inc) == 1:
		s.SurvivalErr[step] = s.IncidenceErr[0][step]
	default:
		sum := 0.0
		for i, m := range u.many {
			v := s.onSurvival(inc, i)
			sum += m * v * v
		}
		s.SurvivalErr[step] = sqrt(sum)
	}
}

// onSurvival is the influence of a unit on survival.
func (s *stratum) onSurvival(inc [][]float64, unit int) float64 {
	v := 0.0
	for k := range inc {
		v -= inc[k][unit] / s.divisor(k)
	}
	return v
}

// extend adds the influence on survival over a time to that on its area.
func (s *stratum) extend(onMean []float64, inc [][]float64, time float64) {
	for i := range onMean {
		onMean[i] += time * s.onSurvival(inc, i)
	}
}

func sumOfSquares(many, values []float64) float64 {
	sum := 0.0
	for i, v := range values {
		sum += many[i] * v * v
	}
	return sum
}

// captureErrors adds to the standard errors what the error of the sensitivities makes of
// them: v += Σ_j (∂F_k/∂s_j)² v(s_j).
func (s *stratum) captureErrors() {
	for j, c := range s.capture {
		if c.StdErr > 0 {
			s.captureError(j, c)
		}
	}
}

// captureError adds the part of one sensitivity, by the recursion of the influence.
func (s *stratum) captureError(j int, c Capture) {
	slopes := make([]float64, s.o.Causes) // ∂F_k/∂s_j before division
	before, ofSurvival, ofMean, from := 1.0, 0.0, 0.0, s.Begin
	for step, at := range s.Time {
		if from < s.restrictTo {
			ofMean += ofSurvival * float64(min(at, s.restrictTo)-from)
		}
		onS := -sum(slopes)
		for k := range slopes {
			slopes[k] += onS * s.hazard(k, step)
		}
		if c.MissedLeave {
			slopes[j] -= before * s.hazard(j, step) / c.Sensitivity
		}
		before, from, ofSurvival = s.observed[step], at, 0
		for k, v := range slopes {
			v /= s.divisor(k)
			if k == j && !c.MissedLeave {
				v -= s.Incidence[k][step] / c.Sensitivity
			}
			s.IncidenceErr[k][step] = math.Hypot(s.IncidenceErr[k][step], v*c.StdErr)
			ofSurvival -= v
		}
		s.SurvivalErr[step] = math.Hypot(s.SurvivalErr[step], ofSurvival*c.StdErr)
	}
	ofMean += ofSurvival * float64(max(0, s.restrictTo-from))
	s.meanErr = math.Hypot(s.meanErr, ofMean*c.StdErr)
}
