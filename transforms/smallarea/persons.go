package smallarea

import "fmt"

// Multiplicity is the mean number of pairs of a person, M = pairs/persons, estimated by a
// survey for one area: pairs of a person and a municipality, where the person satisfies the
// definition.
type Multiplicity struct {
	// Value is M, and Variance its sampling variance; a figure without unit. It is 1
	// without variance for a single municipality, whose pairs are its persons.
	Value, Variance float64
	// Covariance is that of M and the estimated pairs, in their unit; 0 where they come of
	// samples that have nothing in common. Where the same survey gave both it is seldom
	// far from 0 and may be of either sign.
	Covariance float64
}

// Persons are what pairs T are of persons, by the multiplicity of the same area and
// definition (delta method for a ratio; Cochran, Sampling Techniques, 1977, §6.3–6.4):
//
//	N    = T/M
//	v(N) = N² {v(T)/T² + v(M)/M² − 2 c(T, M)/(T M)}
//
// pairs are those after benchmarking. Persons of a prefecture or of the nation are never
// the sum of those of its parts, since who is related to two municipalities would count
// twice: sum the pairs, which add up, and divide by the multiplicity of the whole. Where M
// counts the persons with a pair somewhere in the area, N is persons_any_municipality and
// M is at least 1; where persons are by the rule on visits pooled over the area, N is
// persons and M may be below 1, since some of them have no pair. The ratio is biased by N
// {v(M)/M² − c/(T M)}, which is left: 0.25 % where the coefficient of variation of M is
// 5 %. Weight is that of pairs. It is an error if M or pairs are not above 0, or if the
// covariance is greater than variances allow.
func Persons(pairs Estimated, m Multiplicity) (Estimated, error) {
	switch {
	case !(pairs.Estimate > 0) || !finite(pairs.Estimate) || !(pairs.MSE >= 0) || !finite(pairs.MSE):
		return Estimated{}, fmt.Errorf("persons: %v pairs with mean squared error %v: want pairs above 0 and an error of at least 0", pairs.Estimate, pairs.MSE)
	case !(m.Value > 0) || !finite(m.Value) || !(m.Variance >= 0) || !finite(m.Variance):
		return Estimated{}, fmt.Errorf("persons: multiplicity %v with variance %v: want a number above 0 and a variance of at least 0", m.Value, m.Variance)
	case !(square(m.Covariance) <= pairs.MSE*m.Variance*(1+1e-9)):
		return Estimated{}, fmt.Errorf("persons: covariance %v of pairs and multiplicity with variances %v and %v: want its square at most their product", m.Covariance, pairs.MSE, m.Variance)
	}
	n := pairs.Estimate / m.Value
	relative := pairs.MSE/square(pairs.Estimate) + m.Variance/square(m.Value) - 2*m.Covariance/(pairs.Estimate*m.Value)
	return Estimated{Estimate: n, MSE: n * n * max(relative, 0), Weight: pairs.Weight}, nil
}
