package schemas

// The published datasets about moving to a region that people keep up contact with.

// Estimands of conversion.
const (
	Retrospective = "retrospective" // of those who moved in, who was related before; over all who were related
	Prospective   = "prospective"   // of those seen to become related, who is seen to move in
)

// Ends of a relation that a conversion curve tells apart.
const (
	EndMigrated = "migrated"        // moved to the region
	EndMoved    = "moved_elsewhere" // moved to another prefecture, or another municipality of the region's own
	EndLapsed   = "lapsed"          // no trip seen for 24 months
)

// MigrationConversion is the probability that someone who keeps up contact with a region
// moves there within a time. One row per estimand, definition, outside rule, region,
// origin, cohort, horizon and estimator.
type MigrationConversion struct {
	// Estimand is retrospective (of all who were related, the share that moved in, told from those who moved in) or prospective (of those seen to become related, followed from then on).
	Estimand string `parquet:"estimand,dict" role:"key" unit:"code"`
	// Definition is the id of the definition of a related person.
	Definition string `parquet:"definition,dict" role:"key" unit:"code"`
	// Outside is the rule of living outside the region before the move: prefecture.
	Outside string `parquet:"outside,dict" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of the region. Of a prefecture the retrospective figure is of pairs: a person and the municipality moved to.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// RegionLevel is prefecture or municipality.
	RegionLevel string `parquet:"region_level,dict" role:"key" unit:"code"`
	// OriginCode is 'all' or the 5-digit code of the prefecture lived in before.
	OriginCode string `parquet:"origin_code,dict" role:"key" unit:"code"`
	// Cohort is the fiscal year (April to March) in which the persons are first followed: retrospective that of the day after from_day, prospective that of becoming related; 0 for all years together.
	Cohort int32 `parquet:"cohort" role:"key" unit:"fiscal year"`
	// HorizonMonths is the time within which the move falls: 12, 24 or 36.
	HorizonMonths int32 `parquet:"horizon_months" role:"key" unit:"month"`
	// Estimator is how the figure was got. Retrospective: related_at_start (related when the time begins, moved within it), related_before_move (related just before the move, over the mean number related), without_last_half_year (the same without those whose contact began in the half year before the move), all_in_migrants (everybody who moved in, related or not: an upper bound). Prospective: aalen_johansen_detected (moves that were seen), aalen_johansen_all (corrected for moves not seen and persons not seen), complete_follow_up (of those followed the whole time, moves that were seen), beta_binomial (the same, drawn towards the other municipalities of the prefecture).
	Estimator string `parquet:"estimator,dict" role:"key" unit:"code"`
	// FromDay is the day after which moves count in a retrospective figure; null otherwise.
	FromDay *Date `parquet:"from_day,optional,date" role:"attribute" unit:"date"`
	// Value is the probability.
	Value *float64 `parquet:"value,optional" role:"measure" unit:"probability"`
	// StdError is its standard error.
	StdError *float64 `parquet:"std_error,optional" role:"measure" unit:"probability"`
	// CILow is the lower end of the 95 % interval.
	CILow *float64 `parquet:"ci_low,optional" role:"measure" unit:"probability"`
	// CIHigh is the upper end of the 95 % interval.
	CIHigh *float64 `parquet:"ci_high,optional" role:"measure" unit:"probability"`
	// Reliability is A, B or C by the width of the interval, U where there is none or a wide one.
	Reliability string `parquet:"reliability,dict" role:"attribute" unit:"code"`
	Observation
}

// ConversionCurve is the share of those seen to become related to a region whose relation
// has ended in a way by a time since then. One row per definition, outside rule, region,
// cohort, end, estimator and number of months.
type ConversionCurve struct {
	// Definition is the id of the definition of a related person.
	Definition string `parquet:"definition,dict" role:"key" unit:"code"`
	// Outside is the rule of living outside the region: prefecture.
	Outside string `parquet:"outside,dict" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of the region.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// RegionLevel is prefecture or municipality.
	RegionLevel string `parquet:"region_level,dict" role:"key" unit:"code"`
	// Cohort is the fiscal year (April to March) of becoming related; 0 for all years together.
	Cohort int32 `parquet:"cohort" role:"key" unit:"fiscal year"`
	// End is migrated, moved_elsewhere or lapsed.
	End string `parquet:"end_code,dict" role:"key" unit:"code"`
	// Months is the time since becoming related.
	Months int32 `parquet:"months" role:"key" unit:"month"`
	// Estimator is aalen_johansen_detected or aalen_johansen_all, as in migration_conversion.
	Estimator string `parquet:"estimator,dict" role:"key" unit:"code"`
	// Value is the cumulative incidence.
	Value *float64 `parquet:"value,optional" role:"measure" unit:"probability"`
	// StdError is its standard error.
	StdError *float64 `parquet:"std_error,optional" role:"measure" unit:"probability"`
	// CILow is the lower end of the 95 % interval.
	CILow *float64 `parquet:"ci_low,optional" role:"measure" unit:"probability"`
	// CIHigh is the upper end of the 95 % interval.
	CIHigh *float64 `parquet:"ci_high,optional" role:"measure" unit:"probability"`
	Observation
}

// MigrationSource is what a source of moves shows, beside the registered in-migrants of the
// same years: its detection limit, and where it contradicts the bookings. One row per
// statistic, kind of record, region and year.
type MigrationSource struct {
	// Statistic is registered_in_migrants; or of a kind of record: moves (recorded), detection (moves recorded over registered), tells_a_person (share of the moves that tell a person), seen_before (share with a trip seen in the 12 months before), related_before (share of the answers), unrelated_but_seen (share of the answers "not related" with two trips or more seen), contradicted (share with a stay as somebody from another prefecture more than a year later).
	Statistic string `parquet:"statistic,dict" role:"key" unit:"code"`
	// Record is counter_survey, programme, migration_desk, register, panel (members who live elsewhere than in the wave before, in the year of the later answer), bookings (residence that changes to the region), or official for registered in-migrants.
	Record string `parquet:"record,dict" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of the region moved to.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// RegionLevel is prefecture or municipality.
	RegionLevel string `parquet:"region_level,dict" role:"key" unit:"code"`
	// Year is the calendar year of the move.
	Year int32 `parquet:"year" role:"key" unit:"year"`
	// Value is a number of moves from other prefectures, or a share.
	Value *float64 `parquet:"value,optional" role:"measure" unit:"of the statistic"`
	Observation
}
