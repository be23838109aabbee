package pipeline

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/estimate"
	"github.com/kankei/kankei/transforms/link"
)

func (r *Run) internalPath() string { return r.Path("work", "internal.duckdb") }

func internalThere(r *Run) (bool, error) { return exists(r.internalPath()), nil }

// estimateParams are what the figures depend on beside the counts.
func estimateParams(r *Run) (any, error) {
	rules, err := r.countRules()
	return struct {
		AsOf        schemas.Date
		Rules       countRules
		Methodology string
		Detection   DetectionSettings
		Lists       []List
		Targets     []Target
		Conversion  ConversionSettings
		Programmes  []Programme
		Disclosure  disclose.Threshold
		Companies   map[string]string
		Platforms   bool
		Grades      estimate.Grades
		Reports     any
		Review      string
		Vintage     schemas.Date
		Busy        int
	}{r.AsOf, rules, estimate.Methodology, r.Config.Detection, r.Config.Lists, r.Config.Targets, r.Config.Conversion, r.Config.Programmes, r.threshold(), r.Config.Disclosure.Companies, r.Config.Disclosure.Dominance.Platforms, r.Config.Reliability.grades(), deliveredRows(r.Deliveries), r.reviewed, r.vintage(), r.Config.Linkage.ReportBusierThan}, err
}

func estimateFigures(ctx context.Context, r *Run) error {
	f, err := r.counted(ctx)
	if err != nil {
		return err
	}
	r.made = &f
	r.warn(f)
	return r.writeInternal(ctx, f)
}

// counts is what figures are made from: exact counts and totals, the answers of surveys, and
// the frame that they are set into.
type counts struct {
	rules    countRules
	frame    estimate.Frame
	tallies  []schemas.Tally
	nights   []schemas.NightTally
	totals   []schemas.Total
	outcomes []schemas.Quality
	met      []estimate.OnsiteAnswer
	surveys  []estimate.WeightedSurvey
	weighted []schemas.Quality // what the weights of surveys went through
	weights  []schemas.SurveyWeight
	linkage  link.Errors
	houses   []schemas.Facility
}

// readCounts reads them from the store.
func (r *Run) readCounts(ctx context.Context, s *store) (counts, error) {
	var c counts
	var sources map[string]estimate.SourceFrame
	var platforms []schemas.NightTally
	for _, read := range []func() (err error){
		func() (err error) { c.rules, err = r.countRules(); return },
		func() (err error) { c.tallies, err = s.tallies(ctx); return },
		func() (err error) { c.nights, err = s.nightTallies(ctx); return },
		func() (err error) { c.totals, err = s.totals(ctx, r.landedFiles()); return },
		func() (err error) { c.outcomes, err = s.outcomes(ctx, r.Config.Linkage.ReportBusierThan); return },
		func() (err error) { sources, err = s.sources(ctx, r.landedFiles()); return },
		func() (err error) { c.met, err = r.onsiteAnswers(ctx, s); return },
		func() (err error) { c.surveys, c.weighted, err = r.weightedSurveys(ctx, s); return },
		func() (err error) { c.linkage, err = r.linkageErrors(ctx, s); return },
		func() (err error) { c.weights, err = s.weights(ctx); return },
		func() (err error) {
			if r.Config.Disclosure.Dominance.Platforms {
				platforms, err = s.platformNights(ctx, r.landedFiles())
			}
			return
		},
		func() (err error) { c.houses, err = s.facilityFrame(ctx, r.landedFiles()); return },
	} {
		if err := read(); err != nil {
			return c, err
		}
	}
	if b, ok := sources[schemas.SourceBooking]; ok {
		b.Facilities = facilitiesSeen(c.nights, withYearsBefore(r.references()), 12)
		sources[schemas.SourceBooking] = b
	}
	c.frame = estimate.Frame{
		AsOf: r.AsOf, References: r.references(), Regions: r.framed(c.tallies, c.nights), Profiles: c.rules.Profiles, Outside: c.rules.Outside,
		Sources: sources, Residents: estimate.Residents(r.AsOf, c.totals), Vintage: r.vintage(), Grades: r.Config.Reliability.grades(),
		Companies: r.Config.Disclosure.Companies, Platforms: platforms,
	}
	return c, nil
}

// withYearsBefore adds to reference months those of a year before that a fiscal year's end is held against.
func withYearsBefore(references []schemas.Date) []schemas.Date {
	all := slices.Clone(references)
	for _, d := range references {
		if _, m, _ := d.Civil(); m == 3 && !slices.Contains(all, d.AddMonths(-12)) {
			all = append(all, d.AddMonths(-12))
		}
	}
	return all
}

// framed are the regions that get rows: the prefectures of kankei.yaml, or those
// that the data name, with their municipalities; the nation where all 47 are in.
func (r *Run) framed(tallies []schemas.Tally, nights []schemas.NightTally) []schemas.Region {
	prefectures := slices.Clone(r.Config.Regions)
	if len(prefectures) == 0 {
		for _, t := range tallies {
			prefectures = append(prefectures, t.RegionCode[:2]+"000")
		}
		for _, t := range nights {
			prefectures = append(prefectures, t.RegionCode[:2]+"000")
		}
		prefectures = slices.DeleteFunc(prefectures, func(code string) bool { return code == schemas.Nation })
	}
	slices.Sort(prefectures)
	prefectures = slices.Compact(prefectures)
	var regions []schemas.Region
	for _, code := range prefectures {
		p, ok := r.Regions.Region(code, r.vintage())
		if !ok {
			continue
		}
		regions = append(append(regions, p), r.Regions.Municipalities(code, r.vintage())...)
		unknown := unknownMunicipality(code)
		if slices.ContainsFunc(tallies, func(t schemas.Tally) bool { return t.RegionCode == unknown.RegionCode }) ||
			slices.ContainsFunc(nights, func(t schemas.NightTally) bool { return t.RegionCode == code }) {
			regions = append(regions, unknown)
		}
	}
	if len(prefectures) == 47 {
		regions = append(regions, schemas.Region{RegionCode: schemas.Nation, RegionLevel: schemas.LevelNation})
	}
	return regions
}

// unknownMunicipality stands for the municipality of a prefecture that a row
// does not tell, as the census has 不詳. Pairs add up over the municipalities
// and this one.
func unknownMunicipality(prefecture string) schemas.Region {
	return schemas.Region{
		RegionCode: prefecture[:2] + "999", RegionLevel: schemas.LevelMunicipality, PrefectureCode: prefecture, ParentCode: prefecture,
		Name: "市町村不詳", Kana: "しちょうそんふしょう", NameEN: "Municipality not known", ValidFrom: reference.Beginning,
	}
}

// vintage is the day whose boundaries the figures follow.
func (r *Run) vintage() schemas.Date { return r.boundaries().vintage }

// withUnknown adds to the table of regions the municipalities not known that
// have rows.
func withUnknown(table, framed []schemas.Region) []schemas.Region {
	all := slices.Clone(table)
	for _, r := range framed {
		if strings.HasSuffix(r.RegionCode, "999") {
			all = append(all, r)
		}
	}
	return all
}

func levelNames(ladder []schemas.EngagementLevel) []string {
	var names []string
	for _, l := range ladder {
		names = append(names, l.Level)
	}
	return names
}

func definitionRows(profiles []schemas.Profile) []schemas.Definition {
	var rows []schemas.Definition
	for _, p := range profiles {
		rows = append(rows, p.Row())
	}
	return rows
}

// deliveredRows are the reports of the files, as rows.
func deliveredRows(deliveries []Delivery) []schemas.Delivered {
	var rows []schemas.Delivered
	for _, d := range deliveries {
		rows = append(rows, schemas.Delivered{
			Source: d.Source, File: d.File, Mapping: d.Mapping, Encoding: d.Format.Encoding,
			RowsIn: d.RowsIn, RowsLanded: d.RowsLanded, RowsRejected: d.RowsRejected, Identical: d.Identical, Replaced: d.Replaced,
		})
	}
	return rows
}

// quality adds what ingest reported to what became of the stays.
func quality(deliveries []Delivery, outcomes []schemas.Quality) []schemas.Quality {
	type cell struct{ source, indicator, reason string }
	sums := map[cell]int64{}
	for _, d := range deliveries {
		add := func(indicator, reason string, n int64) {
			sums[cell{d.Source, indicator, reason}] += n
		}
		add("files", "", 1)
		add("rows_in", "", d.RowsIn)
		add("rows_landed", "", d.RowsLanded)
		add("rows_rejected", "", d.RowsRejected)
		add("identical_rows", "", d.Identical)
		add("replaced_characters", "", d.Replaced)
		for reason, n := range d.Rejected {
			add("rejected", reason, n)
		}
	}
	rows := slices.Clone(outcomes)
	for c, n := range sums {
		rows = append(rows, schemas.Quality{Source: c.source, Indicator: c.indicator, Reason: c.reason, Value: &n})
	}
	for i := range rows {
		rows[i].Observation = schemas.Observation{ObsStatus: cmp.Or(rows[i].ObsStatus, schemas.Normal), ConfStatus: schemas.Free, MethodologyVersion: estimate.Methodology}
		if rows[i].Value == nil && rows[i].Ratio == nil {
			rows[i].ConfStatus = schemas.Withheld
		}
	}
	slices.SortFunc(rows, func(a, b schemas.Quality) int {
		return slices.Compare([]string{a.Source, a.Indicator, a.Reason}, []string{b.Source, b.Indicator, b.Reason})
	})
	return rows
}

// warn tells what a reader of the figures must know before using them.
func (r *Run) warn(f figures) {
	count := map[string]int64{}
	for _, q := range f.Quality {
		if q.Value != nil {
			count[q.Indicator] += *q.Value
		}
	}
	if n := count["hubs_phone"] + count["hubs_email"]; n > 0 {
		r.Log.Warn("hubs", "", say("多数の氏名が共有する電話・メール %d 件は名寄せに使いません", "telephone numbers and e-mail addresses that many names share: %d; they link nobody", n))
	}
	if n := count["busy_persons"]; n > 0 {
		r.Log.Warn("busy_persons", "", say("訪問日数が %[2]d 日を超える人が %[1]d 人います（職員の試験回答など）。除くには linkage.exclude_busier_than を設定します",
			"%d persons have more than %d visit days; staff testing a form look like that. To leave them out set linkage.exclude_busier_than",
			n, r.Config.Linkage.ReportBusierThan))
	}
	if count["stays"] > 0 && count["stays"] == count["stays_without_person"] {
		r.Log.Warn("no_identity", "", say("個人を識別できる列がないため、人数は推計できません。延べ宿泊数は出力します",
			"no column tells one person from another, so persons cannot be estimated; guest-nights are given"))
	}
	if n := count["stays_without_guests"]; n > 0 {
		r.Log.Warn("no_guests", "", say("人数の分からない滞在が %d 件あり、延べ宿泊数に入っていません（quality の stays_without_guests）",
			"stays that do not tell how many guests came: %d; they add no guest-nights (stays_without_guests in quality)", n))
	}
	r.warnOfFlags(f.Flags)
}

// writeInternal writes work/internal.duckdb: the figures before disclosure
// control under the names they are published by, and the internal datasets.
func (r *Run) writeInternal(ctx context.Context, f figures) error {
	return publish.Internal(ctx, r.internalPath(),
		publish.InternalTable("relational_population", f.Inside),
		publish.InternalTable("engagement_funnel", f.FunnelInside),
		publish.InternalTable("visit_behaviour", rowsOf(f.VisitBehaviour)),
		publish.InternalTable("guest_nights", rowsOf(f.GuestNights)),
		publish.InternalTable("origin_destination", rowsOf(f.OriginDestination)),
		publish.InternalTable("concentration", rowsOf(f.Concentration)),
		publish.InternalTable("coverage", rowsOf(f.Coverage)),
		publish.InternalTable("definition_sensitivity", rowsOf(f.DefinitionSensitivity)),
		publish.InternalTable("definition_overlap", rowsOf(f.DefinitionOverlap)),
		publish.InternalTable("rank_stability", rowsOf(f.RankStability)),
		publish.InternalTable("target_progress", rowsOf(f.TargetProgress)),
		publish.InternalTable("error_budget", rowsOf(f.ErrorBudget)),
		publish.InternalTable("small_areas", rowsOf(f.SmallAreas)),
		publish.InternalTable("change", rowsOf(f.Change)),
		publish.InternalTable("nowcast", rowsOf(f.Nowcast)),
		publish.InternalTable("flags", rowsOf(f.Flags)),
		publish.InternalTable("list_estimates", rowsOf(f.ListEstimates)),
		publish.InternalTable("assumptions", rowsOf(f.Assumptions)),
		publish.InternalTable("migration_conversion", rowsOf(f.MigrationConversion)),
		publish.InternalTable("conversion_curve", rowsOf(f.ConversionCurve)),
		publish.InternalTable("migration_sources", rowsOf(f.MigrationSources)),
		publish.InternalTable("conversion_drivers", rowsOf(f.ConversionDrivers)),
		publish.InternalTable("programme_contrast", rowsOf(f.ProgrammeContrast)),
		publish.InternalTable("engagement_transitions", rowsOf(f.Transitions)),
		publish.InternalTable("quality", f.Quality),
		publish.InternalTable("definitions", f.Definitions),
		publish.InternalTable("regions", f.Regions),
		publish.InternalTable("region_changes", f.RegionChanges),
		publish.InternalTable("visit_frequency", f.VisitFrequency),
		publish.InternalTable("survey_weight", f.SurveyWeights),
		publish.InternalTable("deliveries", f.Deliveries))
}

func rowsOf[T any](counted []disclose.Counted[T]) []T {
	rows := make([]T, len(counted))
	for i, c := range counted {
		rows[i] = c.Row
	}
	return rows
}
