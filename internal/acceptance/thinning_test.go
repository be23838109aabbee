package acceptance

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/capture"
	"github.com/kankei/kankei/transforms/estimate"
)

// daysOf counts, in a window of real answers, the distinct days of each person living outside
// Fukui: at the prefecture under ”, and by municipality.
func daysOf(t *testing.T, firstFile, lastFile, from, to string) map[string][]int {
	t.Helper()
	days := map[[2]string]map[string]bool{}
	for _, path := range months(t, firstFile, lastFile) {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		r := csv.NewReader(z)
		r.FieldsPerRecord, r.LazyQuotes = -1, true
		var at map[string]int
		for {
			row, err := r.Read()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(path, err)
			}
			if at == nil {
				at = map[string]int{}
				for i, name := range row {
					at[strings.TrimPrefix(name, "\ufeff")] = i
				}
				continue
			}
			if len(row) < 20 || row[at["会員ID"]] == "" || row[at["都道府県"]] == "福井県" {
				continue
			}
			day := row[at["回答日時"]][:10]
			if day < from || day > to {
				continue
			}
			for _, place := range []string{"", row[at["市町村"]]} {
				key := [2]string{place, row[at["会員ID"]]}
				if days[key] == nil {
					days[key] = map[string]bool{}
				}
				days[key][day] = true
			}
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	out := map[string][]int{}
	for key, d := range days {
		out[key[0]] = append(out[key[0]], len(d))
	}
	for _, visits := range out {
		slices.Sort(visits)
	}
	return out
}

// thinnedResult is how an estimate of thinned visits fares over seeds.
type thinnedResult struct{ truth, mean, covered, naive, misfit float64 }

// thinned sees each visit with a probability p, 100 times, and estimates who came k times.
func thinned(t *testing.T, visits []int, p float64, k, seeds int) (r thinnedResult) {
	t.Helper()
	for _, v := range visits {
		if v >= k {
			r.truth++
		}
	}
	for seed := range seeds {
		random := rand.New(rand.NewPCG(uint64(seed), 8))
		var f capture.Frequencies
		for _, v := range visits {
			seen := 0
			for range v {
				if random.Float64() < p {
					seen++
				}
			}
			for len(f) < seen {
				f = append(f, 0)
			}
			if seen > 0 {
				f[seen-1]++
			}
		}
		fits, err := capture.FitThinned(f, capture.Detection{Visit: capture.Rate{P: p}}, 60)
		if err != nil {
			continue // counted as not covering
		}
		n, err := fits.AtLeast(k)
		if err != nil {
			continue
		}
		r.mean += n.N / float64(seeds)
		r.naive += n.Naive / float64(seeds)
		if low, high := n.Interval(0.95); low <= r.truth && r.truth <= high {
			r.covered += 100 / float64(seeds)
		}
		for _, fit := range fits.Fits {
			if fit.Family == capture.ShiftedNegativeBinomial {
				if _, _, chance := fit.Adequacy(); chance < 0.05 {
					r.misfit += 100 / float64(seeds)
				}
			}
		}
	}
	return r
}

// Real visit days, of which only some are seen. The shape of the log-spline was chosen on the
// last of these years; the others, and the municipalities, were only looked at.
func TestRealVisitsUnderThinning(t *testing.T) {
	slow(t)
	years := []struct {
		first, last, from, to string
		truth                 [3]float64 // shared/real/README.md
	}{
		{"202204", "202303", "2022-04-01", "2023-03-31", [3]float64{7119, 1092, 268}},
		{"202304", "202403", "2023-04-01", "2024-03-31", [3]float64{10270, 1421, 454}},
		{"202404", "202503", "2024-04-01", "2025-03-31", [3]float64{13116, 1766, 510}},
	}
	const seeds = 100
	var table strings.Builder
	fmt.Fprintf(&table, "%-10s %-4s %4s %7s %7s %7s %8s %9s\n", "window", "p", "days", "truth", "naive", "mean", "bias %", "covered %")
	municipal := map[float64][2]float64{}
	for _, y := range years {
		days := daysOf(t, y.first, y.last, y.from, y.to)
		for _, p := range []float64{0.3, 0.5, 0.7} {
			for k := 1; k <= 3; k++ {
				r := thinned(t, days[""], p, k, seeds)
				bias := 100 * (r.mean/r.truth - 1)
				fmt.Fprintf(&table, "%-10s %-4v %4d %7.0f %7.0f %7.0f %8.1f %9.0f\n", y.from, p, k, r.truth, r.naive, r.mean, bias, r.covered)
				if r.truth != y.truth[k-1] {
					t.Fatalf("%s: %v persons with %d days, want %v", y.from, r.truth, k, y.truth[k-1])
				}
				if k == 2 && (math.Abs(bias) >= 3 || r.covered < 93) {
					t.Errorf("%s at %v: two days or more: bias %.1f %%, %v %% covered", y.from, p, bias, r.covered)
				}
				if k == 2 && p >= 0.5 && r.misfit < 75 {
					t.Errorf("%s at %v: the negative binomial is flagged in %v runs of 100", y.from, p, r.misfit)
				}
			}
			for seed := range 10 {
				held, of := municipalities(t, days, p, uint64(seed))
				m := municipal[p]
				municipal[p] = [2]float64{m[0] + float64(of), m[1] + float64(held)}
			}
		}
	}
	for _, p := range []float64{0.3, 0.5, 0.7} {
		share := 100 * municipal[p][1] / municipal[p][0]
		fmt.Fprintf(&table, "municipalities at %v, two days or more: %.1f %% of %v intervals hold the truth\n", p, share, municipal[p][0])
		if share < 93 {
			t.Errorf("municipalities at %v: %.1f %% covered", p, share)
		}
	}
	t.Log("\n" + table.String())
}

// municipalities sees each visit with a probability p, and estimates as a release does the
// persons of each municipality who came on two days or more: by their own shape, or that of
// all where too few were seen. It counts the intervals that hold the truth.
func municipalities(t *testing.T, days map[string][]int, p float64, seed uint64) (held, of int) {
	t.Helper()
	asOf, _ := schemas.NewDate(2025, 3, 31)
	frame := estimate.Frame{AsOf: asOf, References: []schemas.Date{asOf}, Outside: []string{schemas.OutsidePrefecture},
		Regions: []schemas.Region{{RegionCode: "18000", RegionLevel: schemas.LevelPrefecture, PrefectureCode: "18000"}},
		Sources: map[string]estimate.SourceFrame{schemas.SourceBooking: {First: asOf.AddMonths(-24), Last: asOf, Identified: true}}}
	for _, profile := range schemas.BuiltinProfiles() {
		if profile.ID == "repeat-visits" {
			frame.Profiles = append(frame.Profiles, profile)
		}
	}
	b := estimate.Bookings{PoolBelow: 200, Threads: 2}
	random := rand.New(rand.NewPCG(seed, 9))
	var tallies []schemas.Tally
	truth := map[string]float64{}
	places := slices.Sorted(maps.Keys(days))
	year, month, _ := asOf.Civil()
	for i, place := range places {
		if place == "" {
			continue
		}
		code := fmt.Sprintf("18%03d", 201+i)
		frame.Regions = append(frame.Regions, schemas.Region{RegionCode: code, RegionLevel: schemas.LevelMunicipality, PrefectureCode: "18000"})
		seen, trips := map[int]int64{}, 0
		for _, v := range days[place] {
			j := 0
			for range v {
				if random.Float64() < p {
					j++
				}
			}
			if trips += v; j > 0 {
				seen[j]++
			}
			if v >= 2 {
				truth[code]++
			}
		}
		for j, n := range seen {
			tallies = append(tallies, schemas.Tally{ReferenceMonth: int32(year*12 + month - 1), SourceKind: schemas.SourceBooking,
				Tally: fmt.Sprint("trip_frequency/", int32(frame.Profiles[0].Excluded())), Outside: schemas.OutsidePrefecture,
				RegionCode: code, OriginCode: "domestic", Class: int32(j), Count: n})
		}
		for _, stay := range []string{"overnight", "day_trip"} {
			b.Totals = append(b.Totals, schemas.Total{Statistic: "visitors", RegionCode: code, PeriodStart: asOf.AddMonths(-12) + 1, PeriodEnd: asOf,
				OriginCode: "other_prefecture", Breakdown: stay, Value: float64(trips) / 2})
		}
		b.Stays = append(b.Stays, estimate.StayCount{Region: code, Month: int32(year*12 + month - 1), Stays: 100, Linked: 100, Known: 100})
	}
	figures := estimate.RelationalPopulationBookings(frame, tallies, nil, b)
	for _, c := range figures.RelationalPopulation {
		if r := c.Row; r.RegionLevel == schemas.LevelMunicipality && r.Measure == schemas.Persons {
			of++
			if r.CILow != nil && *r.CILow <= truth[r.RegionCode] && truth[r.RegionCode] <= *r.CIHigh {
				held++
			}
		}
	}
	return held, of
}
