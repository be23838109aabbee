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

// Statistics of conversion.
const (
	Probability         = "probability"           // to move in within the horizon
	MonthsQuarter       = "months_quarter"        // by which a quarter of those who move in within the horizon have
	MonthsHalf          = "months_half"           // half of them
	MonthsThreeQuarters = "months_three_quarters" // three quarters of them
)

// Reasons why a conversion is not estimable.
const (
	NoPopulation  = "no_population"   // no relational population is known at the time, or none by the part
	NoAnswers     = "no_answers"      // nobody answers the question whether they were related
	NoRegistered  = "no_registered"   // no registered in-migrants of the year, or none by the part
	NotDated      = "not_dated"       // most of the related do not say since when
	Contradictory = "contradictory"   // more were related among those who moved in than are related
	NoRecords     = "no_records"      // no linked record tells which share of the moves is shown
	FewAtRisk     = "few_at_risk"     // fewer than ten are followed
	FollowUpShort = "follow_up_short" // nobody is followed for so long
	FewMovers     = "few_movers"      // fewer than ten are seen to move in
	BetweenWaves  = "between_waves"   // no wave of the panel tells the time apart from others
	TooThin       = "too_thin"        // bookings show too few of the trips to tell of those not seen
)

// MigrationConversion is the probability that someone who keeps up contact with a region
// moves there within a time, and the time that those who do take. One row per estimand,
// definition, outside rule, region, origin, age class, cohort, horizon, estimator and statistic.
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
	// AgeClass is 'all' or the age class in completed years, 18-29, 30-44, 45-59 or 60+: of movers when they move, of the related when they answer. Only retrospective figures are by origin or age class, and none by both.
	AgeClass string `parquet:"age_class,dict" role:"key" unit:"code"`
	// Cohort is the fiscal year (April to March) in which the persons are first followed: retrospective that of the day after from_day, prospective that of becoming related, of aalen_johansen_all that of the day after the one on which they are; 0 for all years together.
	Cohort int32 `parquet:"cohort" role:"key" unit:"fiscal year"`
	// HorizonMonths is the time within which the move falls: 12, 24 or 36.
	HorizonMonths int32 `parquet:"horizon_months" role:"key" unit:"month"`
	// Estimator is how the figure was got. Retrospective: related_at_start (related when the time begins, moved within it), related_before_move (related just before the move, over the mean number related), without_last_half_year (the same without those whose contact began in the half year before the move), related_before_move_panel (as related_before_move, of members of panels who moved in between two waves, by their weights), all_in_migrants (everybody who moved in, related or not: an upper bound). Prospective: aalen_johansen_detected (moves that were seen), aalen_johansen_corrected (corrected for moves that no linked record shows), complete_follow_up (of those followed the whole time, moves that were seen), beta_binomial (the same, drawn towards the other municipalities of the prefecture), aalen_johansen_all (all who are related on the day before the cohort's fiscal year begins, seen or not, corrected for moves that no linked record shows), aalen_johansen_survey (of members of a panel who name the region, by their weights), turnbull_survey and weibull_survey (the same, of moves known to lie between two answers). All other prospective figures are of those whom bookings show to become related, from then on, and not of all who do.
	Estimator string `parquet:"estimator,dict" role:"key" unit:"code"`
	// Statistic is probability (to move in within the horizon); or, of those who move in within it, the months since becoming related by which a quarter, half or three quarters of them have: months_quarter, months_half, months_three_quarters.
	Statistic string `parquet:"statistic,dict" role:"key" unit:"code"`
	// FromDay is the day after which moves count in a retrospective figure; null otherwise.
	FromDay *Date `parquet:"from_day,optional,date" role:"attribute" unit:"date"`
	// Value is the probability, or a number of whole months.
	Value *float64 `parquet:"value,optional" role:"measure" unit:"of the statistic"`
	// StdError is its standard error; null of a number of months.
	StdError *float64 `parquet:"std_error,optional" role:"measure" unit:"of the statistic"`
	// CILow is the lower end of the 95 % interval.
	CILow *float64 `parquet:"ci_low,optional" role:"measure" unit:"of the statistic"`
	// CIHigh is the upper end of the 95 % interval.
	CIHigh *float64 `parquet:"ci_high,optional" role:"measure" unit:"of the statistic"`
	// Reliability is as in relational_population; of a number of months U.
	Reliability string `parquet:"reliability,dict" role:"attribute" unit:"code"`
	// Reason says why a figure is not estimable: no_population (no relational population known at the time, or by the part), no_answers (nobody answers whether they were related), no_registered (no registered in-migrants of the year, or by the part), not_dated (most of the related do not say since when), contradictory (more movers related than are related), no_records (no linked record tells which share of the moves is shown), few_at_risk (fewer than ten are followed), follow_up_short (nobody is followed for so long), few_movers (fewer than ten are seen to move in), too_thin (too few of the trips are seen to tell of those not seen), between_waves (no wave of the panel tells the time apart from others); '' otherwise.
	Reason string `parquet:"reason,dict" role:"attribute" unit:"code"`
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
	// Estimator is aalen_johansen_detected or aalen_johansen_corrected, as in migration_conversion.
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

// ConversionDriver is by how much the hazard of moving to a prefecture differs between those
// who became related to it: an association, not an effect. One row per definition, outside
// rule, prefecture, model, term and level.
type ConversionDriver struct {
	// Definition is the id of the definition of a related person.
	Definition string `parquet:"definition,dict" role:"key" unit:"code"`
	// Outside is the rule of living outside the region: prefecture.
	Outside string `parquet:"outside,dict" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of the prefecture.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// Model is cox (days since becoming related, a baseline of its own for each fiscal year of entry) or discrete_hazard (quarters of a year since then, complementary log-log).
	Model string `parquet:"model,dict" role:"key" unit:"code"`
	// Term is relation_type (primary type of the purposes in the 12 months to entry), trips_at_entry and stay_days_at_entry (seen in the same 12 months), origin (Tokyo area, or by the distance between the seats of the prefectures), age_class (of the last stay up to entry that tells one) or deepened (five trips in 12 months reached after entry).
	Term string `parquet:"term,dict" role:"key" unit:"code"`
	// Level is the level of the term that is compared: a relation type or not_known; up_to_2, 3_to_4 or 5_or_more; up_to_7 or 8_or_more; tokyo_area, near (below 150 km), middle or far (400 km and more); 18-29, 30-44, 45-59, 60+ or not_known; no or yes.
	Level string `parquet:"level,dict" role:"key" unit:"code"`
	// Reference is the level that it is compared with: the first of the term's with enough events; '' where none has. Levels with too few count as this one.
	Reference string `parquet:"reference,dict" role:"attribute" unit:"code"`
	// HazardRatio is the hazard of moving in at the level over that at the reference, the other terms equal.
	HazardRatio *float64 `parquet:"hazard_ratio,optional" role:"measure" unit:"ratio"`
	// StdError is the standard error of the logarithm of hazard_ratio.
	StdError *float64 `parquet:"std_error,optional" role:"measure" unit:"log ratio"`
	// CILow is the lower end of the 95 % interval of hazard_ratio.
	CILow *float64 `parquet:"ci_low,optional" role:"measure" unit:"ratio"`
	// CIHigh is the upper end of the 95 % interval of hazard_ratio.
	CIHigh *float64 `parquet:"ci_high,optional" role:"measure" unit:"ratio"`
	// PValue is that of a ratio of 1, adjusted over the rows of the model by Benjamini and Hochberg.
	PValue *float64 `parquet:"p_value,optional" role:"measure" unit:"probability"`
	// EventsClass is the number of moves seen at the level, as a class: 10-19, 20-49, 50-99, 100-499 or 500+; '' where nothing is shown.
	EventsClass string `parquet:"events_class,dict" role:"attribute" unit:"code"`
	// Label is association.
	Label string `parquet:"label,dict" role:"attribute" unit:"code"`
	Observation
}

// ProgrammeContrast holds those whom a programme reached against those whom it did not:
// persons who became related to a prefecture, or municipalities that began it in different
// years. One row per design, programme, definition, outside rule, region, outcome, statistic
// and covariate.
type ProgrammeContrast struct {
	// Design is persons (doubly robust contrast of those who took part) or regions (staggered difference in differences).
	Design string `parquet:"design,dict" role:"key" unit:"code"`
	// Programme is the name in kankei.yaml of a programme of municipalities; of persons recorded: an act, or a stay for a programme's purpose, in the 12 months to becoming related.
	Programme string `parquet:"programme,dict" role:"key" unit:"code"`
	// Definition is the id of the definition of a related person.
	Definition string `parquet:"definition,dict" role:"key" unit:"code"`
	// Outside is the rule of living outside the region: prefecture.
	Outside string `parquet:"outside,dict" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of the prefecture; '00000' for a programme whose municipalities lie in several.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// Outcome is still_coming (a trip begun, or the move made, in the 12 months after the month of becoming related) or moved_in (within 24 months) of persons; log_related_persons (natural logarithm of the persons seen to be related, and one) of municipalities.
	Outcome string `parquet:"outcome,dict" role:"key" unit:"code"`
	// Statistic is att (contrast of those who took part), risk_treated and risk_control (shares as seen on either side), smd_before and smd_after (standardised difference of a covariate, as seen and after weighting), trimmed (share of persons left out for want of overlap), effective_sample_size (the smaller of both sides), placebo_p (of no difference before), att_p (the p-value of att, adjusted by Benjamini and Hochberg over the regions of an outcome); of municipalities att, att_p (over programmes) and pre_trend_p.
	Statistic string `parquet:"statistic,dict" role:"key" unit:"code"`
	// Covariate is the covariate of smd_before and smd_after: trips, stay_days, distance, or season_ and the month that a quarter of entry begins with; '' otherwise.
	Covariate string `parquet:"covariate,dict" role:"key" unit:"code"`
	// Value is the statistic.
	Value *float64 `parquet:"value,optional" role:"measure" unit:"of the statistic"`
	// StdError is its standard error, of att.
	StdError *float64 `parquet:"std_error,optional" role:"measure" unit:"of the statistic"`
	// CILow is the lower end of the 95 % interval, of att and risks.
	CILow *float64 `parquet:"ci_low,optional" role:"measure" unit:"of the statistic"`
	// CIHigh is the upper end of the 95 % interval, of att and risks.
	CIHigh *float64 `parquet:"ci_high,optional" role:"measure" unit:"of the statistic"`
	// Label is effect where all checks of overlap, balance and the time before are met, otherwise association.
	Label string `parquet:"label,dict" role:"attribute" unit:"code"`
	Observation
}

// What a tie may be at beside an engagement level.
const (
	EngagementNone     = "none"     // no contact in the 12 months, or moved in; of a panel, not named with two visits a year or more
	EngagementMigrated = "migrated" // lives there, of a panel
)

// EngagementTransition is the probability to be at an engagement level at the end of a fiscal
// year, of those at a level at the end of the year before, as persons are seen; or a year later, as
// members of panels who have named the prefecture answer. A prefecture has
// its probabilities all shown or none. One row per outside rule, prefecture, source, level come
// from and level gone to.
type EngagementTransition struct {
	// Outside is the rule of living outside the region.
	Outside string `parquet:"outside,dict" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of the prefecture.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// Source is booking, survey or act, or panel: two visits a year or more named (repeat), not any more (none) or living there (migrated), by the waves of panels.
	Source string `parquet:"source,dict" role:"key" unit:"code"`
	// FromEngagement is the level at the end of the earlier year.
	FromEngagement string `parquet:"from_engagement,dict" role:"key" unit:"code"`
	// ToEngagement is the level at the end of the later year, or none: no contact in its 12 months, or moved in; of a panel migrated stands by itself.
	ToEngagement string `parquet:"to_engagement,dict" role:"key" unit:"code"`
	// Years is the number of pairs of fiscal years taken together; of a panel the years from the first answer to the last.
	Years int32 `parquet:"years" role:"attribute" unit:"year"`
	// Value is the probability.
	Value *float64 `parquet:"value,optional" role:"measure" unit:"probability"`
	// StdError is its standard error.
	StdError *float64 `parquet:"std_error,optional" role:"measure" unit:"probability"`
	// CILow is the lower end of the 95 % interval.
	CILow *float64 `parquet:"ci_low,optional" role:"measure" unit:"probability"`
	// CIHigh is the upper end of the 95 % interval.
	CIHigh *float64 `parquet:"ci_high,optional" role:"measure" unit:"probability"`
	Observation
}
