package smallarea

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Diagnostic is how an area agrees with the model. Out of the sample only OutOfSample is
// set.
type Diagnostic struct {
	// Difference is direct estimate less model estimate, y_i − θ̂_i = (1 − γ_i)(y_i −
	// x_i'β̂), in the unit of y.
	Difference float64
	// Shrinkage is γ_i, the weight of the direct estimate.
	Shrinkage float64
	// Leverage is h_i = x_i'(X'V⁻¹X)⁻¹x_i/V_i, the weight that the direct estimate has in
	// its own synthetic one, 0 to 1; the h_i add up to the number of coefficients.
	Leverage float64
	// Residual is the standardised one, (y_i − x_i'β̂)/√{V_i(1 − h_i)}.
	Residual float64
	// Deleted is the residual of a model fitted without the area; where |Residual| is not
	// above 2 it is Residual.
	Deleted float64
	// P is the probability of a Deleted so far from 0, adjusted by Holm for all areas.
	P float64
	// Outlier is that P is below 0.05.
	Outlier bool
	// OutOfSample: there is no direct estimate.
	OutOfSample bool
}

// Diagnostics are those of a fit.
type Diagnostics struct {
	// Areas are in the order of the fit.
	Areas []Diagnostic
	// MeanShrinkage is the mean γ_i of the sampled areas: near 0 the estimates are
	// synthetic, near 1 direct.
	MeanShrinkage float64
	// MeanSquare is that of the standardised residuals, near 1 where σ² is well estimated.
	// Far above it the smallest areas are worse than their D says.
	MeanSquare float64
	// Outliers is the number of areas unlike what the covariates tell.
	Outliers int
}

// outlierLevel is the probability of calling any area an outlier where none is one, and
// refitAbove the standardised residual above which an area is tried as one.
const outlierLevel, refitAbove = 0.05, 2

// Diagnostics compares direct and model estimates and tests every sampled area for being
// unlike the others. An outlier makes σ̂² great and hides itself, so that it is judged by a
// model fitted without it (the deleted residual):
//
//	t_i = (y_i − x_i'β̂₍ᵢ₎)/√{σ̂²₍ᵢ₎ + E_i + D_i + x_i'(X'V⁻¹X)₍ᵢ₎⁻¹x_i}
//
// against Student's t with m − p − 1 degrees of freedom, which is exact where all D are
// equal and no σ̂² is 0 (Cook & Weisberg 1982, Residuals and Influence in Regression,
// §2.2), by Holm (1979, Scand. J. Stat. 6:65) at 5 % over the m sampled areas. Two outliers
// may hide each other still. An outlier's estimate is drawn to what the covariates tell: it
// is to be looked at, not left out. It is an error if so few areas are sampled that none
// can be spared.
func (fit *Fit) Diagnostics() (*Diagnostics, error) {
	d := &Diagnostics{Areas: make([]Diagnostic, len(fit.areas))}
	var sampled []int
	for i, a := range fit.Areas {
		one := &d.Areas[i]
		if one.OutOfSample = a.OutOfSample; a.OutOfSample {
			continue
		}
		direct, v := fit.areas[i].Direct, fit.Sigma2+fit.areas[i].Effect+fit.areas[i].Variance
		one.Difference, one.Shrinkage, one.Leverage = direct-a.Estimate, a.Shrinkage, a.spread/v
		one.Residual = (direct - a.Synthetic) / math.Sqrt(max(v-a.spread, 1e-12*v))
		one.Deleted = one.Residual
		if math.Abs(one.Residual) > refitAbove {
			var err error
			if one.Deleted, err = fit.deleted(i); err != nil {
				return nil, fmt.Errorf("without area %d: %w", i+1, err)
			}
		}
		m := float64(fit.Sampled)
		d.MeanShrinkage, d.MeanSquare = d.MeanShrinkage+one.Shrinkage/m, d.MeanSquare+square(one.Residual)/m
		sampled = append(sampled, i)
	}
	d.holm(sampled, float64(fit.Sampled-len(fit.Beta)-1))
	return d, nil
}

// deleted is the residual of an area by the model of the others.
func (fit *Fit) deleted(i int) (float64, error) {
	areas := slices.Clone(fit.areas)
	areas[i].OutOfSample = true
	without, err := FayHerriot(areas, fit.options)
	if err != nil {
		return 0, err
	}
	a := without.Areas[i] // its MSE is σ̂² + E + x'(X'V⁻¹X)⁻¹x
	return (fit.areas[i].Direct - a.Estimate) / math.Sqrt(a.MSE+fit.areas[i].Variance), nil
}

// holm gives the sampled areas their adjusted probabilities.
func (d *Diagnostics) holm(sampled []int, degrees float64) {
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: degrees}
	order := slices.Clone(sampled)
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(math.Abs(d.Areas[b].Deleted), math.Abs(d.Areas[a].Deleted))
	})
	var before float64
	for k, i := range order {
		one := &d.Areas[i]
		one.P = max(before, min(1, float64(len(order)-k)*2*t.CDF(-math.Abs(one.Deleted))))
		before = one.P
		if one.Outlier = one.P < outlierLevel; one.Outlier {
			d.Outliers++
		}
	}
}
