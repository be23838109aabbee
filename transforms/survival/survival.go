// Package survival describes the time to an event, such as a move to the region, from
// spells of observation: product-limit and cumulative incidence curves of many strata in
// one pass, tests between groups, and regression on the incidence of a cause.
//
// [Curves] is the engine: Kaplan–Meier and Aalen–Johansen, weighted, clustered, entered
// late, corrected for events that are not all seen. A [Curve] is asked for figures at a
// time ([Curve.SurvivalAt], [Curve.IncidenceAt]), for quantiles and the restricted mean.
// [LogRank] and [Gray] compare groups, [FineGray] is the regression.
//
// Times are whole numbers of a unit that the caller chooses (days, months), so that two
// events are tied exactly when their times are equal.
package survival

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// Spell is a time during which a person is under observation for an event. A person is at
// risk at time t if Entry < t ≤ Exit. Whoever may have the event at time 0 has Entry −1.
type Spell struct {
	// Entry is when observation began: the origin, or later where the person was seen late.
	Entry int32
	// Exit is when it ended, after Entry, and Cause what ended it: 0 the end of
	// observation (censored), 1, 2, … the events of which only the first is seen.
	Exit, Cause int32
	// Stratum numbers the curve the spell belongs to, from 0.
	Stratum int32
	// Weight is a survey weight or the inverse of a probability of detection; it is read
	// only where [Options] say so. A spell of weight 0 counts for nothing.
	Weight float64
	// Cluster is the person, or the sampling unit, whose spells go together; it is read
	// only where [Options] say so.
	Cluster int64
}

// Options of curves; the zero value is one stratum, one cause, every spell counting 1.
type Options struct {
	// Strata and Causes are how many there are; 0 stands for 1.
	Strata, Causes int
	// Weighted counts spells by Weight, and Clustered takes those of one Cluster as one
	// observation. Either makes standard errors robust: the infinitesimal jackknife.
	Weighted, Clustered bool
	// Signed allows weights below 0, as those of a regression estimator are where it goes beyond
	// what was seen. A curve is known while the weight at risk is above 0.
	Signed bool
	// Robust asks for the infinitesimal jackknife in place of Greenwood's formula where
	// spells are neither weighted nor clustered.
	Robust bool
	// MinAtRisk is the number of spells at risk before which a curve is not begun: with
	// late entry the first risk sets may be of one or two, and an event there would take
	// the curve to 0 for good. 0 stands for 1.
	MinAtRisk int
	// RestrictTo is the time to which the restricted mean is taken; 0 asks for none.
	RestrictTo int32
	// Threads is how many curves are made at a time; 0 stands for 1. The result is the same.
	Threads int
	// Capture says, cause by cause, which share of events is seen; nil stands for all.
	Capture []Capture
}

// Capture is which share of the events of a cause the data show.
type Capture struct {
	// Sensitivity is the probability s that an event is seen, 0 < s ≤ 1, and StdErr its
	// standard error, independent of the spells and of other causes.
	Sensitivity, StdErr float64
	// MissedLeave: a person whose event is missed leaves the risk set at that time, as if
	// censored. Without it the person goes on looking at risk to the end of observation.
	MissedLeave bool
}

// Landmark keeps what is seen after a time: spells that end later, entered then at the
// earliest. Curves of them are conditional on no event until the landmark, and what a
// stratum is made from must be known by then: no time is immortal.
func Landmark(spells []Spell, at int32) []Spell {
	var kept []Spell
	for _, s := range spells {
		if s.Exit > at {
			s.Entry = max(s.Entry, at)
			kept = append(kept, s)
		}
	}
	return kept
}

// Curves makes the curve of every stratum; curve i is that of stratum i, empty where
// nobody is in it. With Y the weight at risk and d_k that of events of cause k at a time:
//
//	S(t)   = Π_{u≤t} (1 − Σ_k d_k(u)/Y(u))
//	F_k(t) = Σ_{u≤t} S(u−) d_k(u)/Y(u)
//
// (Kaplan & Meier 1958; Aalen & Johansen 1978). Standard errors of S are Greenwood's,
// v(S) = S² Σ d/{Y(Y − d)}, and those of F_k, where there are several causes, are those of
// the infinitesimal jackknife, Σ_c (Σ_{i∈c} w_i ∂F_k/∂w_i)² over clusters c; so are all of
// robust curves. R's survfit does the same.
//
// Every curve begins where MinAtRisk spells are at risk for the first time, and is
// conditional on no event until then; it ends where nobody is at risk, or all who are have
// an event. Who enters later is left out: of the hazard in a gap nothing is known, and S
// would be 0 for good.
//
// Events that are not all seen are corrected for (Capture). Where a missed person leaves,
// the hazard seen is s times the hazard: d_k/s takes the place of d_k. Where a missed person
// goes on looking at risk, what is seen is an event that happens with probability s and else
// never: F_k is divided by s. The error of s is in the standard errors to first order.
//
// The jackknife takes time in proportion to steps times unlike spells, or clusters, of a
// stratum; the rest to n log n.
//
// The result is the same, byte for byte, in any order of spells. A spell that ends before
// it begins, a stratum or cause out of range, a weight or a share that is none is an error.
func Curves(spells []Spell, o Options) ([]Curve, error) {
	o, err := o.checked()
	if err != nil {
		return nil, err
	}
	of, err := partition(spells, o)
	if err != nil {
		return nil, err
	}
	curves := make([]Curve, o.Strata)
	each(o.Strata, o.Threads, func(i int) { curves[i] = curve(of[i], o) })
	return curves, nil
}

// each calls f for every stratum, on some threads.
func each(n, threads int, f func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(n, max(1, threads)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	wg.Wait()
}

// checked are the options with what 0 stands for.
func (o Options) checked() (Options, error) {
	o.Strata, o.Causes, o.MinAtRisk = cmp.Or(o.Strata, 1), cmp.Or(o.Causes, 1), cmp.Or(o.MinAtRisk, 1)
	if o.Strata < 0 || o.Causes < 0 || o.MinAtRisk < 0 {
		return o, errors.New("survival: strata, causes and the least risk set are numbers from 1")
	}
	if o.Capture == nil {
		o.Capture = make([]Capture, o.Causes)
		for k := range o.Capture {
			o.Capture[k].Sensitivity = 1
		}
	}
	if len(o.Capture) != o.Causes {
		return o, fmt.Errorf("survival: shares of %d causes are given for %d: give one for each", len(o.Capture), o.Causes)
	}
	for k, c := range o.Capture {
		if !(c.Sensitivity > 0 && c.Sensitivity <= 1) || !(c.StdErr >= 0) || math.IsInf(c.StdErr, 1) {
			return o, fmt.Errorf("survival: cause %d: %v ± %v of the events are seen: want a share above 0 and up to 1", k+1, c.Sensitivity, c.StdErr)
		}
		o.Robust = o.Robust || c.Sensitivity < 1 || c.StdErr > 0
	}
	o.Robust = o.Robust || o.Weighted || o.Clustered
	return o, nil
}

// check refuses a spell that cannot be.
func (s Spell) check(o Options) error {
	switch {
	case s.Exit <= s.Entry:
		return fmt.Errorf("it is at risk after %d and until %d: want an end after the beginning", s.Entry, s.Exit)
	case s.Cause < 0 || int(s.Cause) > o.Causes:
		return fmt.Errorf("cause %d: want 0 (censored) to %d", s.Cause, o.Causes)
	case s.Stratum < 0 || int(s.Stratum) >= o.Strata:
		return fmt.Errorf("stratum %d: want 0 to %d", s.Stratum, o.Strata-1)
	case o.Weighted && s.Weight != 0 && !(math.Abs(s.Weight) >= 1e-9 && math.Abs(s.Weight) <= 1e9), o.Weighted && s.Weight < 0 && !o.Signed:
		return fmt.Errorf("weight %v: want 0, or a number from 1e-9 to 1e9", s.Weight)
	}
	return nil
}

// partition gives the spells of each stratum in an order that does not depend on that of
// the rows. Weights and clusters that are not read are made equal.
func partition(spells []Spell, o Options) ([][]Spell, error) {
	sizes := make([]int, o.Strata)
	for i, s := range spells {
		if err := s.check(o); err != nil {
			return nil, fmt.Errorf("survival: spell %d: %w", i+1, err)
		}
		sizes[s.Stratum]++
	}
	all, of := make([]Spell, len(spells)), make([][]Spell, o.Strata)
	begin := 0
	for i, n := range sizes {
		of[i] = all[begin : begin : begin+n]
		begin += n
	}
	for _, s := range spells {
		if !o.Weighted {
			s.Weight = 1
		}
		if !o.Clustered {
			s.Cluster = 0
		}
		if s.Weight != 0 {
			of[s.Stratum] = append(of[s.Stratum], s)
		}
	}
	each(o.Strata, o.Threads, func(i int) { slices.SortFunc(of[i], byExit) })
	return of, nil
}

// byExit is the order in which sums are taken; spells that compare equal are equal.
func byExit(a, b Spell) int {
	if a.Exit != b.Exit {
		return cmp.Compare(a.Exit, b.Exit)
	}
	return cmp.Or(cmp.Compare(a.Entry, b.Entry), cmp.Compare(a.Cause, b.Cause),
		cmp.Compare(a.Weight, b.Weight), cmp.Compare(a.Cluster, b.Cluster))
}
