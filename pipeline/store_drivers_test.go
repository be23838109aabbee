package pipeline

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/convert"
)

// One person from Tokyo has a trip a month in Wakayama in February, April and June 2022 (entry
// on 12 April by two trips 60 days apart), in July two, and one in May 2023; a trip of 2020
// lies before the 12 months to entry. The fifth trip in 12 months is that of July 2022. A
// workation in February 2022 is the programme, one in June is after entry.
func TestEntriesTellWhatComesBeforeAndAfter(t *testing.T) {
	ctx := t.Context()
	d, err := openDuck(ctx, "", duckOptions{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	declare := []string{storeDDL}
	for _, name := range []string{"act", "move", "visit_month", "stay", "identity"} {
		declare = append(declare, "DROP TABLE IF EXISTS "+name, dataset(name).DDL(name))
	}
	for _, name := range []string{"alternative", "entry_rule"} {
		declare = append(declare, fmt.Sprintf("CREATE TABLE %s (%s)", name, relations[name]))
	}
	declare = append(declare,
		"INSERT INTO alternative VALUES ('repeat-visits', 'booking', 0, 2, 0, 30, 0, 0, 0)",
		fmt.Sprintf("INSERT INTO entry_rule VALUES ('repeat-visits', 0, %d, %d, %d)", refMonth(2021, 4), refMonth(2024, 3), schemas.Telework),
		"INSERT INTO identity BY NAME SELECT 1 AS identity, 1 AS person, false AS name_dated",
	)
	for _, day := range []string{"2020-12-05", "2022-02-10", "2022-04-11", "2022-06-01", "2022-07-05", "2022-07-20", "2023-04-02", "2023-05-03"} {
		declare = append(declare, fmt.Sprintf(`INSERT INTO stay BY NAME SELECT 'booking' AS source_kind, '' AS source, '' AS delivery, 1 AS line, '' AS facility, '' AS origin_country, '30401' AS region_code, '13101' AS residence_code, 1 AS identity,
			DATE '%[1]s' AS first_day, DATE '%[1]s' + 1 AS last_day, 'stayed' AS outcome, %[2]d AS purposes`, day,
			map[string]schemas.Purpose{"2022-02-10": schemas.Telework, "2022-06-01": schemas.Telework}[day]))
	}
	declare = append(declare, `INSERT INTO visit_month BY NAME SELECT 'booking' AS source_kind, 1 AS person, '30000' AS region_code, '13101' AS residence_code, false AS everyday_area,
		0 AS excluded, year(first_day) * 12 + month(first_day) - 1 AS month, count(*) * 2 AS visit_days, count(*) AS trips_begun, 0 AS carried_in, count(*) * 2 AS stay_days,
		min(first_day) AS first_day, max(last_day) AS last_day, min(first_day) AS first_begun, max(first_day) AS last_begun, bit_or(purposes) AS purposes, 0 AS tie_purposes
		FROM stay GROUP BY ALL`)
	if err := d.exec(ctx, declare...); err != nil {
		t.Fatal(err)
	}
	var got []string
	for scan, err := range d.rows(ctx, `SELECT concat_ws(' ', region_code, entered_on, trips, deepened_on, programme_on, trips_year_before, trips_year_after) FROM (`+convert.Entries+`)`) {
		var row string
		if err == nil {
			err = scan(&row)
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, row)
	}
	want := []string{"30000 2022-04-12 2 2022-07-21 2022-02-10 1 4"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
