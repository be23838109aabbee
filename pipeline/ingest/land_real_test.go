package ingest

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kankei/kankei/schemas"
)

// The figures are those of real/README.md and, for status and guest-nights, of
// a count over the published file itself: guests are adults and children.
func TestLandHotel(t *testing.T) {
	if testing.Short() {
		t.Skip("lands 119,390 bookings")
	}
	job := testJob(t, "hotel", realFile(t, "hotel", "hotel_bookings.csv.gz"))
	job.Overrides.Facilities = map[string]string{"Resort Hotel": "47311", "City Hotel": "13101"}
	report := mustLand(t, job)
	if report.RowsIn != 119_390 || report.RowsRejected != 0 || report.Identical != 31_994 || report.NoIdentity != 119_390 {
		t.Errorf("in %d, rejected %d, identical %d, without identity %d; want 119390, 0, 31994, 119390",
			report.RowsIn, report.RowsRejected, report.Identical, report.NoIdentity)
	}
	statuses, nights, hotels := map[string]int{}, map[string]int64{}, map[string]int{}
	for _, b := range landedRows[schemas.Booking](t, job, "booking") {
		hotels[b.Facility+" "+b.RegionCode]++
		status := b.Status
		if status == schemas.DayUse { // 680 stays of no night are stays
			status = schemas.Booked
		}
		statuses[status]++
		if status == schemas.Booked {
			n := int64(*b.Adults+zero(b.Children)) * int64(b.CheckOut-b.CheckIn)
			nights["all"] += n
			nights[b.OriginCountry] += n
		}
	}
	if diff := cmp.Diff(map[string]int{"cancelled": 43_017, "no_show": 1_207, "booked": 75_166}, statuses); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"City Hotel 13101": 79_330, "Resort Hotel 47311": 40_060}, hotels); diff != "" {
		t.Errorf("hotels (-want +got):\n%s", diff)
	}
	for country, want := range map[string]int64{"all": 508_853, "PT": 100_219, "GB": 95_806, "FR": 60_617} {
		if nights[country] != want {
			t.Errorf("guest-nights %s: %d, want %d", country, nights[country], want)
		}
	}
}

func zero(n *int32) int32 {
	if n == nil {
		return 0
	}
	return *n
}

// 42 files, 82,681 records of which one is wholly empty; 334 answers of July
// and August 2022 name no municipality and land under the prefecture.
func TestLandFTAS(t *testing.T) {
	if testing.Short() {
		t.Skip("lands 42 files")
	}
	paths, err := filepath.Glob(realFile(t, "ftas", "*.csv.gz"))
	if err != nil || len(paths) != 42 {
		t.Fatalf("%d files, error %v; want 42", len(paths), err)
	}
	var in, rejected, prefecture, kin, outside int64
	persons := map[int64]bool{}
	for _, path := range paths {
		job := testJob(t, "ftas", path)
		report := mustLand(t, job)
		in += report.RowsIn
		rejected += report.RowsRejected
		if report.RowsRejected > 0 && (filepath.Base(path) != "202504.csv.gz" || report.Rejected[schemas.EmptyRow] != 1) {
			t.Errorf("%s: rejected %v", path, report.Rejected)
		}
		if report.Landed["visit"] != report.RowsLanded || report.Landed["survey_response"] != report.RowsLanded {
			t.Errorf("%s: %d landed gave %v", path, report.RowsLanded, report.Landed)
		}
		if report.NoIdentity != 0 || report.Replaced != 0 || len(report.Unread) > 0 {
			t.Errorf("%s: %d without identity, %d replaced, unread %v", path, report.NoIdentity, report.Replaced, report.Unread)
		}
		from, _ := schemas.ParseDate("2024-04-01")
		to, _ := schemas.ParseDate("2025-03-31")
		for _, v := range landedRows[schemas.Visit](t, job, "visit") {
			if v.RegionCode == "18000" {
				prefecture++
			}
			if schemas.Purpose(v.Purposes)&schemas.Kin != 0 {
				kin++
			}
			if v.VisitedOn >= from && v.VisitedOn <= to && v.ResidenceCode[:2] != "18" {
				outside++
				persons[v.Member] = true
			}
		}
	}
	// 13,116 is the number of members living outside Fukui in real/README.md; kin
	// is the number of 1s in the column 友人・親戚を尋ねる.
	if in != 82_681 || rejected != 1 || prefecture != 334 || kin != 3_663 || len(persons) != 13_116 {
		t.Errorf("in %d, rejected %d, under the prefecture %d, kin %d, persons outside %d; want 82681, 1, 334, 3663, 13116",
			in, rejected, prefecture, kin, len(persons))
	}
}

// Official totals as they come: the nation and a prefecture or municipality of each.
func TestLandTotals(t *testing.T) {
	for _, c := range []struct {
		mapping string
		path    []string
		in      int64
		want    map[string]float64
	}{
		// real/README.md: 2024 of the nation is 659,064,540; this is one month of one prefecture.
		{"guest-nights", []string{"guest-nights", "guest_nights_by_prefecture.csv"}, 8_592, map[string]float64{
			"guest_nights 01000 2011-01-01 2011-01-31 all ": 2_148_210, "guest_nights 01000 2011-01-01 2011-01-31 abroad ": 229_950,
			"guest_nights 00000 2011-01-01 2011-01-31 domestic ": 28_853_160}},
		{"residents", []string{"residents", "muni_pop2020.csv"}, 1_965, map[string]float64{
			"residents 00000 2020-10-01 2020-10-01 all ": 126_146_099, "residents 18000 2020-10-01 2020-10-01 all ": 766_863,
			"residents 18201 2020-10-01 2020-10-01 all ": 262_328, "residents 15202 2020-10-01 2020-10-01 all ": 266_936}},
		{"residents-census", []string{"residents", "census_2020_raw.csv"}, 1_965, map[string]float64{
			"residents 00000 2020-10-01 2020-10-01 all ": 126_146_099, "residents 00000 2020-10-01 2020-10-01 all female": 64_796_518,
			"residents 01101 2020-10-01 2020-10-01 all male": 112_853}},
		{"net-migration", []string{"migration", "net_migration_by_prefecture.csv"}, 272, map[string]float64{
			"net_migration tokyo_area 2021-01-01 2021-12-31 all ": 80_441, "net_migration other_areas 1954-01-01 1954-12-31 all ": -375_310}},
	} {
		t.Run(c.mapping, func(t *testing.T) {
			job := testJob(t, c.mapping, realFile(t, c.path...))
			report := mustLand(t, job)
			if report.RowsIn != c.in {
				t.Errorf("%d rows in, want %d", report.RowsIn, c.in)
			}

			got := map[string]float64{}
			for _, row := range landedRows[schemas.Total](t, job, "total") {
				key := row.Statistic + " " + row.RegionCode + " " + row.PeriodStart.String() + " " + row.PeriodEnd.String() + " " + row.OriginCode + " " + row.Breakdown
				if _, twice := got[key]; twice {
					t.Errorf("%s twice", key)
				}
				got[key] = row.Value
			}
			for key, want := range c.want {
				if value, ok := got[key]; !ok || value != want {
					t.Errorf("%s: %v, want %v", key, value, want)
				}
			}
		})
	}
}
