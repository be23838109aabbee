package hazard

import "gonum.org/v1/gonum/mat"

// exponentials are P(t) = exp(Qt) and its derivatives by the logarithm of each intensity, by
// scaling and squaring, both at once, of which mat.Dense.Exp gives one only:
//
//	P ← P P,  dP ← dP P + P dP,  from the series M_n = M_{n−1}A/n, dM_n = (dM_{n−1}A + M_{n−1}dA)/n
func exponentials(states int, moves [][2]int, rates []float64, t float64) (p *mat.Dense, slopes []*mat.Dense) {
	n, fastest := states, 0.0
	a := make([]float64, n*n)
	for k, move := range moves {
		a[move[0]*n+move[1]] += rates[k] * t
		a[move[0]*n+move[0]] -= rates[k] * t
	}
	for r := range n {
		fastest = max(fastest, -2*a[r*n+r])
	}
	squarings, scale := 0, 1.0
	for ; fastest*scale > 0.5; squarings++ {
		scale /= 2
	}
	for i := range a {
		a[i] *= scale
	}
	sum, dsum := series(n, a, moves, rates, t*scale)
	square, left, right := make([]float64, n*n), make([]float64, n*n), make([]float64, n*n)
	for range squarings {
		for k := range moves {
			times(left, dsum[k], sum, n)
			times(right, sum, dsum[k], n)
			for i := range left {
				dsum[k][i] = left[i] + right[i]
			}
		}
		times(square, sum, sum, n)
		copy(sum, square)
	}
	for k := range moves {
		slopes = append(slopes, mat.NewDense(n, n, dsum[k]))
	}
	return mat.NewDense(n, n, sum), slopes
}

// series are exp(a) of a small a = Qt and its derivatives, term by term.
func series(n int, a []float64, moves [][2]int, rates []float64, t float64) (sum []float64, dsum [][]float64) {
	const terms = 16 // 0.5¹⁷/17! is below a double's last digit
	term, next := identity(n), make([]float64, n*n)
	sum = identity(n)
	dterm, dsum := make([][]float64, len(moves)), make([][]float64, len(moves))
	for k := range moves {
		dterm[k], dsum[k] = make([]float64, n*n), make([]float64, n*n)
	}
	for m := 1; m <= terms; m++ {
		for k, move := range moves {
			times(next, dterm[k], a, n)
			for i := range n {
				d := term[i*n+move[0]] * rates[k] * t
				next[i*n+move[1]] += d
				next[i*n+move[0]] -= d
			}
			for i := range next {
				dterm[k][i] = next[i] / float64(m)
				dsum[k][i] += dterm[k][i]
			}
		}
		times(next, term, a, n)
		for i := range next {
			term[i] = next[i] / float64(m)
			sum[i] += term[i]
		}
	}
	return sum, dsum
}

func identity(n int) []float64 {
	out := make([]float64, n*n)
	for i := range n {
		out[i*n+i] = 1
	}
	return out
}

// times is ab of square matrices by rows.
func times(to, a, b []float64, n int) {
	for i := range n {
		row := to[i*n : i*n+n]
		clear(row)
		for k := range n {
			if v := a[i*n+k]; v != 0 {
				for j, u := range b[k*n : k*n+n] {
					row[j] += v * u
				}
			}
		}
	}
}
