package series

import "math"

// VariancePower is p of variances of arrivals that grow as C^p, between 1, where persons
// come independently of one another, and 2, where the speed itself differs from month to
// month. Given p the development factors F_ik = C_{i,k+1}/C_ik of a step are normal with
// the variance σ²_k C_ik^{p−2}; the restricted likelihood of all steps together,
//
//	−2 ln L(p) = Σ_k [(n_k − 1) ln s²_k + ln Σ_i w_ik − Σ_i ln w_ik],  w_ik = C_ik^{2−p}
//
// (Barnett & Zehnwirth 2000, Proc. CAS 87:245, whose δ is estimated so), weighs p's of a
// grid from 1 to 2 that are equally likely before, and VariancePower is their mean. A few
// months tell little, and the mean is then about 1.5. The unit does not matter. Steps of
// one month or without scatter have no part in it. It is an error where the triangle is
// none.
func VariancePower(t Triangle) (float64, error) {
	if err := t.check(); err != nil {
		return 0, err
	}
	return meanPower(t.logLikelihood), nil
}

// meanPower is the mean of powers 1 to 2, on a grid, in proportion to their likelihood.
func meanPower(logLikelihood func(power float64) float64) float64 {
	const cells = 10
	var logs [cells + 1]float64
	most := math.Inf(-1)
	for g := range logs {
		logs[g] = logLikelihood(1 + float64(g)/cells)
		most = max(most, logs[g])
	}
	var mean, weights float64
	for g, l := range logs {
		w := math.Exp(l - most)
		mean, weights = mean+w*(1+float64(g)/cells), weights+w
	}
	return mean / weights
}

// logLikelihood is ln L(p), but for a constant.
func (t Triangle) logLikelihood(power float64) float64 {
	var twice float64
	for k := range len(t[0]) - 1 {
		from, to := t.step(k)
		if len(from) < 2 {
			continue
		}
		var weights, factor, logs, spread float64
		for i, c := range from {
			w := math.Pow(c, 2-power)
			weights, factor, logs = weights+w, factor+w*to[i]/c, logs+math.Log(w)
		}
		factor /= weights
		for i, c := range from {
			spread += math.Pow(c, 2-power) * square(to[i]/c-factor)
		}
		if spread <= 1e-20*weights*square(factor) {
			continue
		}
		n := float64(len(from))
		twice += (n-1)*math.Log(spread/(n-1)) + math.Log(weights) - logs
	}
	return -twice / 2
}

// Hindcast is the same development, whose errors are scaled by how wrong it would have
// been about months that are known by now. Mack takes the factors of a month to be
// uncorrelated; where the first arrivals are early or late themselves, all later factors
// are low or high together, and what a delay d foretells of a delay e is less sure than
// the sum of the steps. Of the months that have come from d to some e_i ≤ e
//
//	H_de = Σ w_i (C_{i,e_i}/(C_id Π f_k) − 1)² / Σ w_i Σ_k σ²_k/f²_k (C_ik^{p−2} (1 − 2C_ik/S_k) + u_k)
//
// w_i = C_id^{2−p}: squared errors over those that the model expects of months it was
// fitted to. H is 1 over one step, by definition, and where fewer than 3 months tell it.
// It may be below 1, and its months but one are the degrees of freedom.
func (d Development) Hindcast() Development {
	d.hindcast = true
	return d
}

// scale is H with its degrees of freedom, or 1 with those of the terms.
func (d Development) scale(from, to int, terms []float64) (h, df float64) {
	if !d.hindcast || to-from < 2 {
		return 1, d.satterthwaite(terms)
	}
	var squares, expected, months float64
	for _, row := range d.triangle {
		if len(row) <= from || row[from-1] == 0 {
			continue
		}
		foretold, model := row[from-1], 0.0
		reached := from
		for ; reached < min(to, len(row)) && row[reached-1] > 0; reached++ {
			k := reached - 1
			model += d.relative(k) * (math.Pow(row[k], d.Power-2)*(1-2*row[k]/d.bases[k]) + d.uncertainty[k])
			foretold *= d.Factors[k]
		}
		w := math.Pow(row[from-1], 2-d.Power)
		squares, expected, months = squares+w*square(row[reached-1]/foretold-1), expected+w*model, months+1
	}
	if months < 3 || expected <= 0 {
		return 1, d.satterthwaite(terms)
	}
	return squares / expected, months - 1
}
