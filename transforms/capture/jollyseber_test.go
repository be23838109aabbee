package capture

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// capsids are the black-kneed capsids of an apple orchard in thirteen samples (Jolly 1965;
// Seber 1982, §5.1): caught, released, and the sample in which each of those marked had last
// been seen, from the first on.
func capsids(t testing.TB) []OpenSample {
	t.Helper()
	caught := []float64{54, 146, 169, 209, 220, 209, 250, 176, 172, 127, 123, 120, 142}
	released := []float64{54, 143, 164, 202, 214, 207, 243, 175, 169, 126, 120, 120, 0}
	lastSeen := [][]float64{
		{}, {10}, {3, 34}, {5, 18, 33}, {2, 8, 13, 30}, {2, 4, 8, 20, 43}, {1, 6, 5, 10, 34, 56},
		{0, 4, 0, 3, 14, 19, 46}, {0, 2, 4, 2, 11, 12, 28, 51}, {0, 0, 1, 2, 3, 5, 17, 22, 34},
		{1, 2, 3, 1, 0, 4, 8, 12, 16, 30}, {0, 1, 3, 1, 1, 2, 7, 4, 11, 16, 26}, {0, 1, 0, 2, 3, 3, 2, 10, 9, 12, 18, 35},
	}
	samples := make([]OpenSample, len(caught))
	for i, from := range lastSeen {
		samples[i].Caught, samples[i].Released = caught[i], released[i]
		for j, n := range from {
			samples[i].Marked += n
			samples[j].Later += n
			for between := j + 1; between < i; between++ {
				samples[between].Around += n
			}
		}
	}
	return samples
}

// Numbers, survival and entries as Jolly (1965) prints them. The standard errors of survival and
// capture are those of the likelihood of the table of last sightings (Cormack 1964), its second
// derivatives taken numerically in R 4.2.2.
func TestJollyCapsids(t *testing.T) {
	years := must(JollySeberUncorrected(capsids(t)))(t)
	n := []float64{511.2, 779.1, 963.0, 945.3, 882.2, 802.5, 653.6, 628.8, 478.5, 506.4, 462.8}
	survival := []float64{0.649, 1.015, 0.867, 0.564, 0.836, 0.790, 0.651, 0.985, 0.686, 0.884, 0.771}
	entries := []float64{263.2, 291.8, 406.4, 96.9, 107.0, 135.7, -13.8, 49.0, 84.1, 74.5}
	survivalErr := []float64{0.110280, 0.110809, 0.107564, 0.062716, 0.074515, 0.071458, 0.057450, 0.096067, 0.081300, 0.121177, 0.129088}
	captureErr := []float64{0.085808, 0.039021, 0.034442, 0.033218, 0.029332, 0.032644, 0.030224, 0.031872, 0.034084, 0.036198, 0.043282}
	near := func(what string, at int, got, want, tolerance float64) {
		if !(math.Abs(got-want) <= tolerance) {
			t.Errorf("%s at %d: %v, want %v", what, at, got, want)
		}
	}
	for i := range n {
		near("number", i+2, years[i+1].N, n[i], 0.25) // Jolly rounded the share marked
		near("survival", i+1, years[i].Survival, survival[i], 6e-4)
		near("error of survival", i+1, years[i].SurvivalStdErr, survivalErr[i], 2e-6)
		near("error of capture", i+2, years[i+1].CaptureStdErr, captureErr[i], 2e-6)
	}
	for i, b := range entries {
		near("entries", i+2, years[i+1].Entries, b, 0.5)
	}
	for _, v := range []float64{years[0].N, years[12].N, years[11].Survival, years[0].Entries, years[11].Entries, years[12].Capture} {
		if !math.IsNaN(v) {
			t.Errorf("%v is given, which the samples do not tell", v)
		}
	}
	corrected := must(JollySeber(capsids(t)))(t)
	for i := 1; i < 12; i++ { // by hand at the second: (144·14/81 + 10)·147/11
		if i == 1 {
			near("corrected number", 2, corrected[1].N, (144*14./81+10)*147/11, 1e-9)
		}
		if !(corrected[i].N < years[i].N) {
			t.Errorf("corrected %v, not below %v", corrected[i].N, years[i].N)
		}
		t.Logf("%2d  N %6.1f ± %5.1f (corrected %6.1f ± %5.1f)  φ %.3f ± %.3f  B %6.1f ± %5.1f  p %.3f ± %.3f", i+1, years[i].N, years[i].StdErr, corrected[i].N, corrected[i].StdErr,
			years[i].Survival, years[i].SurvivalStdErr, years[i].Entries, years[i].EntriesStdErr, years[i].Capture, years[i].CaptureStdErr)
	}
}

// A population in which all are seen every year is known: no error, capture 1, survival and
// entries as they are. By hand: 6 of 10 stay and 3 enter; 6 of 9 stay and 2 enter.
func TestJollySeberCensus(t *testing.T) {
	var rows [][]bool
	for history, n := range map[string]int{"1000": 4, "1100": 2, "1111": 4, "0100": 1, "0111": 2, "0011": 2} {
		for range n {
			row := make([]bool, 4)
			for i, mark := range history {
				row[i] = mark == '1'
			}
			rows = append(rows, row)
		}
	}
	years := must(JollySeber(must(OpenSamples(rows))(t)))(t)
	if y := years[1]; y.N != 10*6/7. { // the correction: (9 + 1)·6/(6 + 1)
		t.Errorf("%+v", y)
	}
	exact := must(JollySeberUncorrected(must(OpenSamples(rows))(t)))(t)
	if y := exact[1]; y.N != 9 || y.StdErr != 0 || y.Capture != 1 || math.Abs(y.Survival-6/9.) > 1e-12 || math.Abs(y.Entries-2) > 1e-12 || exact[0].Survival != 0.6 {
		t.Errorf("%+v, survival %v", y, exact[0].Survival)
	}
}

// openRows simulates persons who enter, stay with a probability and are seen with another,
// and gives those seen, with the numbers present and entering at each sample.
func openRows(random *rand.Rand, samples int, start, entering, stay, capture float64) (rows [][]bool, present, entered []float64) {
	present, entered = make([]float64, samples), make([]float64, samples)
	for from := range samples {
		number := entering
		if from == 0 {
			number = start
		}
		for range int(number) {
			row := make([]bool, samples)
			if from > 0 {
				entered[from-1]++
			}
			for t := from; t < samples; t++ {
				present[t]++
				row[t] = random.Float64() < capture
				if random.Float64() >= stay {
					break
				}
			}
			if slices.Contains(row, true) {
				rows = append(rows, row)
			}
		}
	}
	return rows, present, entered
}

// In simulated populations the corrected estimates are without bias, and their standard errors are
// those of the repeated estimates about the true number.
func TestJollySeberAgainstTruth(t *testing.T) {
	random := rand.New(rand.NewPCG(21, 26))
	const samples, at, stay, capture = 6, 2, 0.7, 0.4
	runs := 1000
	if testing.Short() {
		runs = 200
	}
	covered := 0
	var bias, survival, entries, seen float64
	var errors, stated [4]float64
	for range runs {
		rows, present, entered := openRows(random, samples, 800, 240, stay, capture)
		y := must(JollySeber(must(OpenSamples(rows))(t)))(t)[at]
		each := 1 / float64(runs)
		bias += (y.N/present[at] - 1) * each
		survival, entries, seen = survival+y.Survival*each, entries+(y.Entries-entered[at])*each, seen+y.Capture*each
		for i, v := range [4][2]float64{{y.N - present[at], y.StdErr}, {y.Survival - stay, y.SurvivalStdErr}, {y.Entries - entered[at], y.EntriesStdErr}, {y.Capture - capture, y.CaptureStdErr}} {
			errors[i] += square(v[0]) * each
			stated[i] += square(v[1]) * each
		}
		if low, high := y.LogNormal(0.95); low <= present[at] && present[at] <= high {
			covered++
		}
	}
	t.Logf("bias of the number %.2f %%, covered %d of %d; survival %.4f of %v, capture %.4f of %v, entries off by %.1f of 240", 100*bias, covered, runs, survival, stay, seen, capture, entries)
	for i, what := range []string{"number", "survival", "entries", "capture"} {
		ratio := math.Sqrt(stated[i] / errors[i])
		t.Logf("standard error of %s: stated %.4g, true %.4g", what, math.Sqrt(stated[i]), math.Sqrt(errors[i]))
		if math.Abs(ratio-1) > 0.2 {
			t.Errorf("standard error of %s: stated %.4g, true %.4g", what, math.Sqrt(stated[i]), math.Sqrt(errors[i]))
		}
	}
	if math.Abs(bias) > 0.015 || covered < runs*91/100 || math.Abs(survival-stay) > 0.015 || math.Abs(seen-capture) > 0.015 || math.Abs(entries) > 10 {
		t.Errorf("bias %v, covered %d of %d, survival %v, capture %v, entries off by %v", bias, covered, runs, survival, seen, entries)
	}
}

func TestJollySeberRefusals(t *testing.T) {
	changed := func(change func([]OpenSample)) error {
		s := capsids(t)
		change(s)
		return second(JollySeber(s))
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{changed(func(s []OpenSample) { s[3].Around++ }), "sample 4: 72 persons were seen before and after it only, and those seen again say 71"},
		{changed(func(s []OpenSample) { s[2].Released = 200 }), "no more are marked or released"},
		{changed(func(s []OpenSample) { s[2].Caught = math.NaN() }), "at least 0"},
		{changed(func(s []OpenSample) { s[12].Released, s[12].Later = 3, 3 }), "no later sample"},
		{second(JollySeber(capsids(t)[:2])), "three or more"},
		{second(OpenSamples(nil)), "nobody was seen"},
		{second(OpenSamples([][]bool{{true, false}, {true}})), "person 2 has 1 samples"},
		{second(OpenSamples([][]bool{{false, false}})), "never seen"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("error %v, want %q", c.err, c.want)
		}
	}
	// Nobody of the second sample was seen again: its error is not told, and no number but NaN is
	// without the correction.
	rows := [][]bool{{true, true, false, false}, {true, false, true, true}, {false, false, true, true}, {true, false, false, true}}
	plain, corrected := must(JollySeberUncorrected(must(OpenSamples(rows))(t)))(t), must(JollySeber(must(OpenSamples(rows))(t)))(t)
	if !math.IsNaN(plain[1].N) || !math.IsNaN(corrected[1].StdErr) || !(corrected[1].N > 0) {
		t.Errorf("nobody seen again: %+v and %+v", plain[1], corrected[1])
	}
}
