package capture

import (
	"fmt"
	"math"
)

// OpenSample is one of several samples, such as years, of an open population, which persons
// enter and leave between samples.
type OpenSample struct {
	Caught   float64 // n: persons seen
	Marked   float64 // m: of them, seen in a sample before
	Released float64 // R: of those seen, who can be told again later
	Later    float64 // r: of those released, seen in a sample after
	Around   float64 // z: persons seen before and after this sample, and not in it
}

// OpenSamples counts persons by whether they were seen in each sample: a row for each, all of
// whom can be told again. It is an error where rows differ in length, or somebody was never
// seen.
func OpenSamples(rows [][]bool) ([]OpenSample, error) {
	if len(rows) == 0 {
		return nil, fmt.Errorf("open population: nobody was seen: there is nothing to estimate from")
	}
	samples := make([]OpenSample, len(rows[0]))
	for i, row := range rows {
		if len(row) != len(samples) {
			return nil, fmt.Errorf("open population: person %d has %d samples, and the first %d: give as many for each", i+1, len(row), len(samples))
		}
		first, last := -1, -1
		for t, seen := range row {
			if seen && first < 0 {
				first = t
			}
			if seen {
				last = t
			}
		}
		if first < 0 {
			return nil, fmt.Errorf("open population: person %d was never seen: only persons seen are known", i+1)
		}
		for t := first; t <= last; t++ {
			s := &samples[t]
			switch {
			case !row[t]:
				s.Around++
				continue
			case t > first:
				s.Marked++
			}
			s.Caught++
			s.Released++
			if t < last {
				s.Later++
			}
		}
	}
	return samples, nil
}

// OpenYear is what samples tell of an open population at one of them. What they do not tell is
// NaN: all of the first and the last sample but the survival from the first, the survival
// from the last but one on, and the entries there and after the first. A standard error is
// NaN where nobody was seen again.
type OpenYear struct {
	// Estimate is the number of persons present, N̂, with the error that is left when the true
	// number is fixed.
	Estimate
	// Marked is the estimated number of persons present who were seen before, M̂.
	Marked float64
	// Survival is the probability φ̂ of a person present to be present at the next sample:
	// neither dead nor gone for good. Noise may carry it beyond 1.
	Survival, SurvivalStdErr float64
	// Entries is the number B̂ of persons who entered after this sample and were present at the
	// next. Noise may carry it below 0.
	Entries, EntriesStdErr float64
	// Capture is the probability p̂ of a person present to be seen.
	Capture, CaptureStdErr float64
}

// JollySeber estimates number, survival, entries and capture of an open population from
// three samples or more, with the corrections for bias of Seber (1982, Estimation of Animal
// Abundance, §5.1):
//
//	M̂_t = (R_t + 1) z_t/(r_t + 1) + m_t,  N̂_t = (n_t + 1) M̂_t/(m_t + 1),  p̂_t = m_t/M̂_t
//	φ̂_t = M̂_{t+1}/(M̂_t − m_t + R_t),  B̂_t = N̂_{t+1} − φ̂_t (N̂_t − n_t + R_t)
//
// With u_t = 1/r_t − 1/R_t, h_t = (M̂_t − m_t)(M̂_t − m_t + R_t)/M̂_t², k_t = (M̂_t − m_t)/(M̂_t − m_t + R_t)
// and the share marked ρ_t = M̂_t/N̂_t the variances are (Jolly 1965, Biometrika 52:225)
//
//	v(N̂_t | N_t) = N̂_t (N̂_t − n_t) {(M̂_t − m_t + R_t)/M̂_t · u_t + (1 − ρ_t)/m_t}
//	v(φ̂_t) = φ̂_t² {h_{t+1} u_{t+1} + k_t u_t + (1 − φ̂_t)/M̂_{t+1}}
//	v(B̂_t) = B̂_t² h_{t+1} u_{t+1} + k_t [φ̂_t R_t (1 − ρ_t)/ρ_t]² u_t
//	       + (N̂_t − n_t)(N̂_{t+1} − B̂_t)(1 − ρ_t)(1 − φ̂_t)/(M̂_t − m_t + R_t)
//	       + N̂_{t+1} (N̂_{t+1} − n_{t+1})(1 − ρ_{t+1})/m_{t+1} + φ̂_t² N̂_t (N̂_t − n_t)(1 − ρ_t)/m_t
//	v(p̂_t) = p̂_t² (1 − p̂_t)² {u_t + 1/m_t + 1/z_t}
//
// Everybody present is taken to be seen with one probability: persons who differ make N̂ too
// small. Who leaves and comes back is not of the model. It is an error where the counts
// contradict one another, such as z_{t+1} ≠ z_t + r_t − m_{t+1}.
func JollySeber(samples []OpenSample) ([]OpenYear, error) { return jollySeber(samples, 1) }

// JollySeberUncorrected is [JollySeber] without the corrections, as Jolly (1965) has it: the
// maximum of the likelihood. What divides by nobody seen is NaN.
func JollySeberUncorrected(samples []OpenSample) ([]OpenYear, error) { return jollySeber(samples, 0) }

func jollySeber(samples []OpenSample, add float64) ([]OpenYear, error) {
	if err := checkOpen(samples); err != nil {
		return nil, err
	}
	last := len(samples) - 1
	years := make([]OpenYear, len(samples))
	for t, s := range samples {
		y := &years[t]
		*y = OpenYear{
			Estimate: Estimate{N: math.NaN(), StdErr: math.NaN(), Seen: s.Caught}, Marked: math.NaN(),
			Survival: math.NaN(), SurvivalStdErr: math.NaN(), Entries: math.NaN(), EntriesStdErr: math.NaN(),
			Capture: math.NaN(), CaptureStdErr: math.NaN(),
		}
		if t == 0 {
			y.Marked = 0
		}
		if t > 0 && t < last {
			y.Marked = (s.Released+add)*s.Around/(s.Later+add) + s.Marked
			y.N = (s.Caught + add) * y.Marked / (s.Marked + add)
			y.Capture = s.Marked / y.Marked
			y.StdErr = math.Sqrt(y.N * (y.N - s.Caught) * ((y.Marked-s.Marked+s.Released)/y.Marked*s.again() + (1-y.Marked/y.N)/s.Marked))
			y.CaptureStdErr = y.Capture * (1 - y.Capture) * math.Sqrt(s.again()+1/s.Marked+1/s.Around)
		}
	}
	for t := range last - 1 {
		years[t].leave(samples[t], samples[t+1], years[t+1])
	}
	for t := range years {
		years[t].onlyFinite()
	}
	return years, nil
}

// again is 1/r − 1/R.
func (s OpenSample) again() float64 { return 1/s.Later - 1/s.Released }

// leave computes survival and entries from a sample to the next.
func (y *OpenYear) leave(s, next OpenSample, then OpenYear) {
	unmarked, kept := y.Marked-s.Marked, y.Marked-s.Marked+s.Released
	h := (then.Marked - next.Marked) * (then.Marked - next.Marked + next.Released) / square(then.Marked) * next.again()
	k := 0.0 // nobody was seen before the first sample
	if unmarked > 0 {
		k = unmarked / kept * s.again()
	}
	y.Survival = then.Marked / kept
	y.SurvivalStdErr = y.Survival * math.Sqrt(h+k+(1-y.Survival)/then.Marked)
	y.Entries = then.N - y.Survival*(y.N-s.Caught+s.Released) // NaN at the first, as N̂ is
	share, shareThen := y.Marked/y.N, then.Marked/then.N
	y.EntriesStdErr = math.Sqrt(square(y.Entries)*h + k*square(y.Survival*s.Released*(1-share)/share) +
		(y.N-s.Caught)*(then.N-y.Entries)*(1-share)*(1-y.Survival)/kept +
		then.N*(then.N-next.Caught)*(1-shareThen)/next.Marked +
		square(y.Survival)*y.N*(y.N-s.Caught)*(1-share)/s.Marked)
}

// onlyFinite makes what divides by nobody NaN.
func (y *OpenYear) onlyFinite() {
	for _, v := range []*float64{&y.N, &y.StdErr, &y.Marked, &y.Survival, &y.SurvivalStdErr, &y.Entries, &y.EntriesStdErr, &y.Capture, &y.CaptureStdErr} {
		if math.IsInf(*v, 0) {
			*v = math.NaN()
		}
	}
}

// checkOpen refuses counts that contradict one another.
func checkOpen(samples []OpenSample) error {
	if len(samples) < 3 {
		return fmt.Errorf("open population: %d samples: the number at one takes another before and another after: give three or more", len(samples))
	}
	before := OpenSample{}
	for t, s := range samples {
		for _, v := range []float64{s.Caught, s.Marked, s.Released, s.Later, s.Around} {
			if !(v >= 0) || math.IsInf(v, 0) {
				return fmt.Errorf("open population: sample %d: %+v: give numbers of at least 0", t+1, s)
			}
		}
		if s.Marked > s.Caught || s.Released > s.Caught || s.Later > s.Released {
			return fmt.Errorf("open population: sample %d: %+v: no more are marked or released than were caught, and no more seen later than were released", t+1, s)
		}
		if want := before.Around + before.Later - s.Marked; s.Around != want {
			return fmt.Errorf("open population: sample %d: %v persons were seen before and after it only, and those seen again say %v", t+1, s.Around, want)
		}
		before = s
	}
	if before.Around+before.Later != 0 {
		return fmt.Errorf("open population: the last sample has %v persons who were seen later: there is no later sample", before.Around+before.Later)
	}
	return nil
}
