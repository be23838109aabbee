// Package rates tells shares of persons to whom something happened, such as the share of
// a region's relational population that moved there, with their intervals.
//
// [Interval] is of one region seen alone, [Fit] borrows strength from regions alike by a
// beta-binomial model, and [Conversion] is the ratio of three figures none of which is
// exactly known. docs/methods/rates.md has the formulas.
package rates

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// Method is how an interval of a binomial share is made.
type Method int

const (
	// Wilson inverts the score test: (x + z²/2 ± z √(x(n − x)/n + z²/4))/(n + z²).
	Wilson Method = iota
	// Jeffreys has the quantiles of Beta(x + ½, n − x + ½), the low end 0 where x = 0
	// and the high end 1 where x = n.
	Jeffreys
	// ClopperPearson holds with at least its level whatever the share is.
	ClopperPearson
	// AgrestiCoull is Wald's interval of (x + z²/2)/(n + z²); it can leave [0, 1].
	AgrestiCoull
	// Logit is symmetric on ln p/(1 − p), with variance 1/(n p (1 − p)).
	Logit
	// Cloglog is symmetric on ln(−ln p), with variance (1 − p)/(n p ln² p).
	Cloglog
	// Wald is p ± z √(p(1 − p)/n); it can leave [0, 1] and holds far too seldom where
	// few events are seen.
	Wald
)

// String is the method's name in print.
func (m Method) String() string {
	names := []string{"Wilson", "Jeffreys", "Clopper–Pearson", "Agresti–Coull", "logit", "cloglog", "Wald"}
	if m < 0 || int(m) >= len(names) {
		return fmt.Sprintf("Method(%d)", int(m))
	}
	return names[m]
}

// DefaultMethod is Wilson's, and Jeffreys' where at most one person is on one side, where
// Wilson's end near 0 or 1 holds too seldom. Brown, Cai & DasGupta (2001, Statist. Sci. 16:101).
func DefaultMethod(events, persons int64) Method {
	if min(events, persons-events) <= 1 {
		return Jeffreys
	}
	return Wilson
}

// Interval is the interval of the share behind x events among n persons of a simple
// random sample, or of all persons where they are taken as drawn from a law. Newcombe
// (1998, Stat. Med. 17:857) and Brown, Cai & DasGupta compare the methods.
//
// Of nobody (n = 0) nothing is known: 0 to 1. [Logit], [Cloglog] and [Wald] have no
// variance at x = 0 and x = n and are there [ClopperPearson]. It is an error where the
// events are below 0 or more than the persons, or the level is not between 0 and 1.
func Interval(events, persons int64, method Method, level float64) (low, high float64, err error) {
	if err := checkLevel(level); err != nil {
		return 0, 0, err
	}
	if err := (Count{events, persons}).check(); err != nil {
		return 0, 0, err
	}
	if persons == 0 {
		return 0, 1, nil
	}
	x, n, z := float64(events), float64(persons), twoSided(level)
	p := x / n
	spread := math.Sqrt(p * (1 - p) / n)
	if spread == 0 && (method == Logit || method == Cloglog || method == Wald) {
		method = ClopperPearson
	}
	switch method {
	case Wilson:
		low, high = wilson(x, n, z)
	case Jeffreys:
		low, high = jeffreys(x, n, level)
	case ClopperPearson:
		low, high = BetaInterval(x, n, level)
	case AgrestiCoull:
		center := (x + z*z/2) / (n + z*z)
		half := z * math.Sqrt(center*(1-center)/(n+z*z))
		low, high = center-half, center+half
	case Logit:
		low, high = LogitInterval(p, spread, z)
	case Cloglog:
		center, half := math.Log(-math.Log(p)), -z*spread/(p*math.Log(p))
		low, high = math.Exp(-math.Exp(center+half)), math.Exp(-math.Exp(center-half))
	case Wald:
		low, high = p-z*spread, p+z*spread
	default:
		return 0, 0, fmt.Errorf("no interval of a share is called %v", method)
	}
	return low, high, nil
}

func wilson(x, n, z float64) (low, high float64) {
	center, half := x+z*z/2, z*math.Sqrt(x*(n-x)/n+z*z/4)
	low, high = (center-half)/(n+z*z), (center+half)/(n+z*z)
	if x == 0 {
		low = 0 // not what rounding leaves of it
	}
	if x == n {
		high = 1
	}
	return low, high
}

func jeffreys(x, n, level float64) (low, high float64) {
	high = 1
	if x > 0 {
		low = mathext.InvRegIncBeta(x+0.5, n-x+0.5, (1-level)/2)
	}
	if x < n {
		high = mathext.InvRegIncBeta(x+0.5, n-x+0.5, (1+level)/2)
	}
	return low, high
}

// BetaInterval is the interval of Clopper & Pearson (1934, Biometrika 26:404) of x events
// among n persons, who need not be whole numbers where n is an effective size:
//
//	low = Beta⁻¹(α/2; x, n − x + 1),  high = Beta⁻¹(1 − α/2; x + 1, n − x)
//
// with the low end 0 where x = 0 and the high end 1 where x = n.
func BetaInterval(x, n, level float64) (low, high float64) {
	high = 1
	if x > 0 {
		low = mathext.InvRegIncBeta(x, n-x+1, (1-level)/2)
	}
	if x < n {
		high = mathext.InvRegIncBeta(x+1, n-x, (1+level)/2)
	}
	return low, high
}

// LogitInterval is symmetric on ln p/(1 − p): the quantile, of the normal or Student's t,
// times the standard error of p over p(1 − p). p lies between 0 and 1, both left out.
func LogitInterval(p, stdErr, quantile float64) (low, high float64) {
	center, half := math.Log(p/(1-p)), quantile*stdErr/(p*(1-p))
	return 1 / (1 + math.Exp(half-center)), 1 / (1 + math.Exp(-half-center))
}

// Count is what was seen of a region: events among persons. One value per region.
type Count struct{ Events, Persons int64 }

func (c Count) check() error {
	if c.Events < 0 || c.Events > c.Persons {
		return fmt.Errorf("%d events among %d persons: wanted are 0 to as many events as persons", c.Events, c.Persons)
	}
	return nil
}

func checkLevel(level float64) error {
	if !(level > 0 && level < 1) {
		return fmt.Errorf("the level of an interval is %v: it must lie between 0 and 1", level)
	}
	return nil
}

// twoSided is the normal quantile of an interval's level.
func twoSided(level float64) float64 { return distuv.UnitNormal.Quantile((1 + level) / 2) }

func square(x float64) float64 { return x * x }
