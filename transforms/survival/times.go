package survival

// Excess is, of those who have an event of a cause by a time `until`, by how much the share who
// had it by an earlier time t is above a share q, as a difference of incidences with its standard
// error:
//
//	F(t) − q F(until)
//
// F(t) and F(until) are correlated. With h_k(u) = d_k(u)/Y(u), h = Σ h_k, and a_k(u) what the hazard
// of cause k at u does to the difference,
//
//	a_k(u) = [k is the cause] S(u−) (1{u ≤ t} − q) − ((F(t) − F(u))⁺ − q (F(until) − F(u)))/(1 − h(u))
//	v      = Σ_{u ≤ until} (Σ_k a_k² h_k − (Σ_k a_k h_k)²)/Y
//
// the delta method on multinomial hazards of each time, which are uncorrelated between times (Aalen &
// Johansen 1978). It is for spells without weights and clusters. Sensitivities that divide F
// leave the quotient F(t)/F(until) as it is, and the difference is then of incidences as seen; ok is
// false where missed persons leave, and where the curve does not tell F(until).
func (c *Curve) Excess(cause int, t, until int32, q float64) (difference, stdErr float64, ok bool) {
	k := cause - 1
	if !c.known(until) || c.capture[k].MissedLeave {
		return 0, 0, false
	}
	seen := func(step int) float64 {
		if step < 0 {
			return 0
		}
		return c.Incidence[k][step] * c.capture[k].Sensitivity
	}
	end := c.last(until)
	at, all := seen(c.last(t)), seen(end)
	before, variance := 1.0, 0.0
	for step := range end + 1 {
		y, f := c.AtRisk[step], seen(step)
		later, own := q*(all-f)-max(0, at-f), -q
		if c.Time[step] <= t {
			own = 1 - q
		}
		if left := 1 - c.eventWeight(step)/y; left > 0 { // else nothing comes later
			later /= left
		}
		var squares, mean float64
		for j := range c.Events {
			a, h := later, c.Events[j][step]/y
			if j == k {
				a += before * own
			}
			squares, mean = squares+a*a*h, mean+a*h
		}
		variance += (squares - mean*mean) / y
		before = c.observed[step]
	}
	return at - q*all, sqrt(variance), true
}
