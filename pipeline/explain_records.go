package pipeline

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// recordsOf are the records that lie in a figure's region and window, whoever they are of.
type recordsOf struct {
	// What is what they are: stays of bookings, visits of a survey or act, answers or moves; Sources name the sources in
	// kankei.yaml that they are from.
	What, Sources string
	// Records is how many there are. Persons is how many persons they are linked to, Facilities in how many houses; 0 where
	// that does not apply.
	Records, Persons, Facilities int64
}

// What records are, besides kinds of sources.
const (
	recordsAnswers = "answers"
	recordsMoves   = "moves"
)

// words say it in a sentence.
func (r recordsOf) words() schemas.Text {
	n, persons, houses := whole(float64(r.Records)), whole(float64(r.Persons)), whole(float64(r.Facilities))
	switch r.What {
	case recordsAnswers:
		return say("この地域・期間の回答: 地域を挙げたもの %[1]s 件（%[2]s）。", "Answers of the time that name the region: %[1]s (%[2]s).", n, r.Sources)
	case recordsMoves:
		return say("この地域・期間の移住の記録: %[1]s 件（%[2]s）。", "Records of moving in, of the region and the time: %[1]s (%[2]s).", n, r.Sources)
	case schemas.SourceBooking:
		return say("この地域・期間の宿泊: %[1]s 件、%[3]s 人、%[4]s 施設、住民を含む（%[2]s）。", "Stays of the region and the time: %[1]s, of %[3]s persons in %[4]s houses, residents among them (%[2]s).", n, r.Sources, persons, houses)
	}
	return say("この地域・期間に現地で観察した来訪: %[1]s 件、%[3]s 人、住民を含む（%[2]s）。", "Visits met in the region in the time: %[1]s, of %[3]s persons, residents among them (%[2]s).", n, r.Sources, persons)
}

// behind are the kinds of records that may be behind a figure: those of its source, and moves where it speaks of them.
func behind(k kind, row tableRow) []string {
	switch source := row.code("source"); {
	case k.time == "cohort":
		return []string{schemas.SourceBooking, recordsMoves}
	case source == schemas.SourceSurvey:
		return []string{schemas.SourceSurvey, recordsAnswers}
	case source == schemas.SourceCombined || k.dataset == "small_areas":
		return []string{schemas.SourceBooking, schemas.SourceSurvey, recordsAnswers}
	case source == schemas.SourceAct:
		return []string{schemas.SourceAct}
	}
	return []string{schemas.SourceBooking}
}

// staysBehind counts the stays and visits of a region that touch a window.
const staysBehind = `
SELECT s.source_kind, string_agg(DISTINCT s.source, ', ' ORDER BY s.source), count(*), count(DISTINCT i.person), count(DISTINCT s.facility)
FROM stay s LEFT JOIN identity i ON i.identity = s.identity
WHERE s.outcome IN ('stayed', 'day_use') AND s.first_day <= CAST(? AS DATE) AND s.last_day >= CAST(? AS DATE)
  AND (s.region_code = ? OR ? AND left(s.region_code, 2) = left(?, 2) OR ?)
GROUP BY s.source_kind ORDER BY s.source_kind`

// recordsBehind counts the records of a figure's region and window. While a run has the store there are none.
func (p *Project) recordsBehind(ctx context.Context, k kind, row tableRow) ([]recordsOf, error) {
	path := p.Path("work", "store.duckdb")
	if !exists(path) {
		return nil, nil
	}
	d, err := openDuck(ctx, path+"?access_mode=READ_ONLY", duckOptions{Threads: 1})
	if err != nil {
		return nil, nil // a run has it
	}
	defer d.close()
	from, to := windowOf(k, row)
	region := row.code("region_code")
	within := []any{region, strings.HasSuffix(region, "000"), region, region == schemas.Nation}
	kinds := behind(k, row)
	var out []recordsOf
	for scan, err := range d.rows(ctx, staysBehind, append([]any{to.String(), from.String()}, within...)...) {
		var r recordsOf
		if err == nil {
			err = scan(&r.What, &r.Sources, &r.Records, &r.Persons, &r.Facilities)
		}
		if err != nil {
			return nil, err
		}
		if slices.Contains(kinds, r.What) {
			out = append(out, r)
		}
	}
	for _, landed := range landedBehind {
		if !slices.Contains(kinds, landed.what) {
			continue
		}
		found, err := p.landedRecords(ctx, d, landed, append([]any{from.String(), to.String()}, within...))
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// landedIn is a landed dataset with records of regions, and the column of their day.
type landedIn struct{ what, dataset, day string }

// landedBehind are those that the store has no rows of.
var landedBehind = []landedIn{{recordsAnswers, "survey_tie", "answered_on"}, {recordsMoves, "move", "moved_on"}}

// landedRecords counts those of a landed dataset, by the codes of today; none where there are none.
func (p *Project) landedRecords(ctx context.Context, d *duck, in landedIn, args []any) ([]recordsOf, error) {
	files, err := filepath.Glob(p.Path("work", "landed", "*", in.dataset+".parquet"))
	if err != nil || len(files) == 0 {
		return nil, err
	}
	query := fmt.Sprintf(`SELECT string_agg(DISTINCT t.source, ', ' ORDER BY t.source), count(*) FROM read_parquet(%[1]s) t
		LEFT JOIN places p ON p.code = t.region_code AND t.%[2]s BETWEEN p.first_day AND p.last_day, LATERAL (SELECT coalesce(p.place, t.region_code) AS place) r
		WHERE t.delivery IN (SELECT delivery FROM delivered) AND t.%[2]s BETWEEN CAST(? AS DATE) AND CAST(? AS DATE)
		  AND (r.place = ? OR ? AND left(r.place, 2) = left(?, 2) OR ?) HAVING count(*) > 0`, fileList(files), in.day)
	var out []recordsOf
	for scan, err := range d.rows(ctx, query, args...) {
		r := recordsOf{What: in.what}
		if err == nil {
			err = scan(&r.Sources, &r.Records)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// windowOf are the first and the last day of the records that a figure is of: its 12 months, its month, the fiscal
// year of a cohort, or all there are.
func windowOf(k kind, row tableRow) (from, to schemas.Date) {
	switch time := row.code(k.time); {
	case k.time == "cohort" && time == "0":
		from, _ = schemas.NewDate(1900, 1, 1)
		to, _ = schemas.NewDate(2999, 12, 31)
	case k.time == "cohort":
		from, _ = schemas.ParseDate(time + "-04-01")
		to = from.AddMonths(11) // the last day of March
	default:
		to, _ = schemas.ParseDate(time)
		months := 11
		if k.time == "month" {
			months = 0
		}
		y, m, _ := to.AddMonths(-months).Civil()
		from, _ = schemas.NewDate(y, m, 1)
	}
	return from, to
}

// fileList is a list of paths in SQL.
func fileList(paths []string) string {
	quoted := make([]string, len(paths))
	for i, path := range paths {
		quoted[i] = literal(path)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
