package capture

import (
	"fmt"
	"math"
)

// Chao is Chao's lower bound of the number of persons (Chao 1984, 1987):
//
//	N̂ = n + f₁²/(2 f₂),  v = f₂ (r⁴/4 + r³ + r²/2),  r = f₁/f₂
//
// It is the number itself where everybody is equally easily seen, and below it
// where not. It is an error where nobody was seen twice: [ChaoCorrected] is for that.
func Chao(f Frequencies) (Estimate, error) {
	if err := f.check(); err != nil {
		return Estimate{}, err
	}
	if f.At(2) == 0 {
		return Estimate{}, fmt.Errorf("lower bound: nobody was seen twice: use the bias-corrected bound")
	}
	r := f.At(1) / f.At(2)
	v := f.At(2) * (math.Pow(r, 4)/4 + math.Pow(r, 3) + r*r/2)
	return Estimate{f.Seen() + square(f.At(1))/(2*f.At(2)), math.Sqrt(v), f.Seen()}, nil
}

// ChaoCorrected is the bias-corrected lower bound (Chao 1987):
//
//	N̂ = n + f₁(f₁ − 1)/(2(f₂ + 1))
//	v = f₁(f₁−1)/(2(f₂+1)) + f₁(2f₁−1)²/(4(f₂+1)²) + f₁² f₂ (f₁−1)²/(4(f₂+1)⁴)
//
// Pseudonyms that split one person into several make false singletons, which push it
// up: set it beside [OneInflated].
func ChaoCorrected(f Frequencies) (Estimate, error) {
	if err := f.check(); err != nil {
		return Estimate{}, err
	}
	f1, g := f.At(1), f.At(2)+1
	v := f1*(f1-1)/(2*g) + f1*square(2*f1-1)/(4*g*g) + square(f1)*f.At(2)*square(f1-1)/(4*square(g*g))
	return Estimate{f.Seen() + f1*(f1-1)/(2*g), math.Sqrt(max(v, 0)), f.Seen()}, nil
}

// OneInflated is the lower bound from those seen twice and three times alone, which
// singletons, false ones among them, cannot push up (Böhning, Kaskasamkul & van der
// Heijden 2019, Metrika 82:361), in its bias-corrected form:
//
//	N̂ = n + 2 f₂(f₂−1)(f₂−2)/(9 (f₃+1)(f₃+2)),  f̂₁ = 2 f₂²/(3 f₃)
//
// Implied is f̂₁, the number of singletons that f₂ and f₃ speak for: far fewer than
// f₁ says that many were seen only once because they cannot be linked. n still holds
// the false ones.
func OneInflated(f Frequencies) (n, implied float64, err error) {
	if err := f.check(); err != nil {
		return 0, 0, err
	}
	if f.At(3) == 0 {
		return 0, 0, fmt.Errorf("one-inflated bound: nobody was seen three times: nothing can be told of singletons")
	}
	f2, f3 := f.At(2), f.At(3)
	return f.Seen() + 2*f2*(f2-1)*(f2-2)/(9*(f3+1)*(f3+2)), 2 * square(f2) / (3 * f3), nil
}

// Zelterman is the number of persons if those seen once and twice came at one rate:
//
//	λ = 2 f₂/f₁,  N̂ = n/(1 − e^{−λ})
//
// Zelterman (1988). Its variance is that of the likelihood of the two counts (Böhning &
// van der Heijden 2009): logit of f₂/(f₁+f₂) = ln λ − ln 2 has the variance 1/f₁ + 1/f₂, and
// n seen of N adds n (1 − p)/p².
func Zelterman(f Frequencies) (Estimate, error) {
	if err := f.check(); err != nil {
		return Estimate{}, err
	}
	if f.At(1) == 0 || f.At(2) == 0 {
		return Estimate{}, fmt.Errorf("Zelterman's estimator: nobody was seen once, or nobody twice")
	}
	lambda, n := 2*f.At(2)/f.At(1), f.Seen()
	p := -math.Expm1(-lambda)
	slope := -n / square(p) * math.Exp(-lambda) * lambda // dN/d ln λ
	v := square(slope)*(1/f.At(1)+1/f.At(2)) + n*(1-p)/square(p)
	return Estimate{n / p, math.Sqrt(v), n}, nil
}
