package schemas

// The published datasets: long, tidy, and safe to read without this program.

// Observation ends every published row of figures: how the figure was got and
// whether it may be shown.
type Observation struct {
	// ObsStatus is A normal, E estimated, P provisional, U low reliability or M not estimable.
	ObsStatus string `parquet:"obs_status,dict" role:"attribute" unit:"code"`
	// ConfStatus is F free or C withheld; a withheld row has no figures.
	ConfStatus string `parquet:"conf_status,dict" role:"attribute" unit:"code"`
	// MethodologyVersion names the method that made the row; it changes when the same data would give another figure.
	MethodologyVersion string `parquet:"methodology_version,dict" role:"attribute" unit:"code"`
}

// RelationalPopulation is the number of people who keep up regular contact with
// a region while living outside it. One row per definition, measure, outside
// rule, region, origin, relation type, engagement, reference month, source and
// estimator.
type RelationalPopulation struct {
	// Definition is the id of the definition profile.
	Definition string `parquet:"definition,dict" role:"key" unit:"code"`
	// Measure is persons, persons_any_municipality or pairs; only pairs add up over regions, within one outside rule.
	Measure string `parquet:"measure,dict" role:"key" unit:"code"`
	// Outside is the rule of living outside the region: prefecture, municipality or everyday_area.
	Outside string `parquet:"outside,dict" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of the region, '00000' for the nation.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// RegionLevel is nation, prefecture or municipality.
	RegionLevel string `parquet:"region_level,dict" role:"key" unit:"code"`
	// OriginCode is 'all', the 5-digit code of the prefecture of residence, 'abroad' or 'unknown'.
	OriginCode string `parquet:"origin_code,dict" role:"key" unit:"code"`
	// RelationType is 'all' or the primary relation type.
	RelationType string `parquet:"relation_type,dict" role:"key" unit:"code"`
	// Engagement is 'all' or the highest engagement level reached.
	Engagement string `parquet:"engagement,dict" role:"key" unit:"code"`
	// ReferenceMonth is the last day of the 12 months the figure speaks of.
	ReferenceMonth Date `parquet:"reference_month,date" role:"key" unit:"date"`
	// Source is booking, survey, act or combined.
	Source string `parquet:"source,dict" role:"key" unit:"code"`
	// Estimator is how the figure was got: observed counts the persons seen and estimates nothing; survey_direct, survey_calibrated and onsite_scaled are of surveys; thinned estimates from bookings all whose trips a booking could show, seen or not, thinned_joint with the question how often people come, thinned_synthetic where no house is covered; composite is one figure of all sources, fay_herriot the same weighed against what the other municipalities of the prefecture tell, fay_herriot_synthetic what these tell alone, pairs_over_multiplicity pairs over the regions per person (docs/methods/headline.md).
	Estimator string `parquet:"estimator,dict" role:"key" unit:"code"`
	// Value is the figure: persons, or person-municipality pairs where the measure is pairs.
	Value *float64 `parquet:"value,optional" role:"measure" unit:"person"`
	// StdError is the standard error of value; null for observed counts, which carry no sampling model.
	StdError *float64 `parquet:"std_error,optional" role:"measure" unit:"person"`
	// CILow is the lower end of the 95 % interval; null for observed counts.
	CILow *float64 `parquet:"ci_low,optional" role:"measure" unit:"person"`
	// CIHigh is the upper end of the 95 % interval; null for observed counts.
	CIHigh *float64 `parquet:"ci_high,optional" role:"measure" unit:"person"`
	// CV is std_error over value; null for observed counts.
	CV *float64 `parquet:"cv,optional" role:"measure" unit:"ratio"`
	// Per10000Residents is value per 10,000 residents of the region; null where no resident total was given.
	Per10000Residents *float64 `parquet:"per_10000_residents,optional" role:"measure" unit:"person per 10,000 residents"`
	// Reliability is A, B or C by the coefficient of variation and the width of the interval (docs/methods/headline.md), U beyond C or where there is no interval.
	Reliability string `parquet:"reliability,dict" role:"attribute" unit:"code"`
	// BoundaryVintage is the day whose municipal boundaries the region codes follow.
	BoundaryVintage Date `parquet:"boundary_vintage,date" role:"attribute" unit:"date"`
	// KnownOn is the as-of day: nothing later entered the figure.
	KnownOn Date `parquet:"known_on,date" role:"attribute" unit:"date"`
	// SourcePeriod is the span of the data used, first day to last, as YYYY-MM-DD/YYYY-MM-DD.
	SourcePeriod string `parquet:"source_period,dict" role:"attribute" unit:"interval"`
	Observation
}

// EngagementFunnel counts the persons seen at each engagement level of a region and those who reach and
// leave it: stocks of every reference month, changes between the ends of two fiscal years. One row
// per statistic, engagement level, outside rule, region, reference month, number of months and source.
type EngagementFunnel struct {
	// Statistic is opening, entries, exits or closing; of entries from_outside (from_outside_new, from_outside_again), from_below and from_above; of exits to_outside (to_outside_lapsed, to_outside_moved), to_below and to_above.
	Statistic string `parquet:"statistic,dict" role:"key" unit:"code"`
	// Engagement is the engagement level: the highest reached in the 12 months, so that a person is at one.
	Engagement string `parquet:"engagement,dict" role:"key" unit:"code"`
	// Outside is the rule of living outside the region.
	Outside string `parquet:"outside,dict" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of the region.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// RegionLevel is prefecture or municipality.
	RegionLevel string `parquet:"region_level,dict" role:"key" unit:"code"`
	// ReferenceMonth is the last day of the 12 months by which the levels of closing are told.
	ReferenceMonth Date `parquet:"reference_month,date" role:"key" unit:"date"`
	// Months is how many months before it the levels of opening are told: 12 where fiscal years are compared, 1 for changes within a month; 0 for a stock alone.
	Months int32 `parquet:"months" role:"key" unit:"month"`
	// Source is booking, survey or act.
	Source string `parquet:"source,dict" role:"key" unit:"code"`
	// Estimator is observed: the persons seen, of whose trips a booking shows but some.
	Estimator string `parquet:"estimator,dict" role:"key" unit:"code"`
	// Value is the number of persons.
	Value *int64 `parquet:"value,optional" role:"measure" unit:"person"`
	Observation
}

// VisitBehaviour describes how the persons seen visit a region. One row per
// statistic, definition, region, outside rule, month of the year, reference month
// and source.
type VisitBehaviour struct {
	// Statistic is repeat_rate, trip_interval_median, length_of_stay_mean or month_index of the persons seen; of the last reference month alive_share, active_share, lapsing_share, lapsed_share, again_share, again_share_expected and reactivated_share of ties, and gap_median_closed, gap_median, gap_median_alive and gap_median_made of the gaps between trips (docs/methods/engagement.md); multiplicity, pairs_per_person, share_1_visit_or_less, share_2_to_7_visits or share_8_visits_or_more of the persons a survey stands for.
	Statistic string `parquet:"statistic,dict" role:"key" unit:"code"`
	// Definition is the id of the definition whose persons are described, '' for everybody seen.
	Definition string `parquet:"definition,dict" role:"key" unit:"code"`
	// Outside is the rule of living outside the region.
	Outside string `parquet:"outside,dict" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of the region.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// RegionLevel is prefecture or municipality.
	RegionLevel string `parquet:"region_level,dict" role:"key" unit:"code"`
	// MonthOfYear is 1 to 12 for the month index, 0 otherwise.
	MonthOfYear int32 `parquet:"month_of_year" role:"key" unit:"month"`
	// ReferenceMonth is the last day of the 12 months described.
	ReferenceMonth Date `parquet:"reference_month,date" role:"key" unit:"date"`
	// Source is booking or survey.
	Source string `parquet:"source,dict" role:"key" unit:"code"`
	// Value is a share of persons (repeat_rate and the shares of ties), days between the beginnings of successive trips (trip_interval_median, gap medians), days (length_of_stay_mean), regions per person with a tie to some municipality (multiplicity) or to the region, where visits to several municipalities are added up (pairs_per_person), or visit days per day of the month with the mean month at 100 (month_index).
	Value *float64 `parquet:"value,optional" role:"measure" unit:"of the statistic"`
	// StdError is the standard error of value; null for observed statistics, which carry no sampling model.
	StdError *float64 `parquet:"std_error,optional" role:"measure" unit:"of the statistic"`
	// CILow is the lower end of the 95 % interval; null for observed statistics.
	CILow *float64 `parquet:"ci_low,optional" role:"measure" unit:"of the statistic"`
	// CIHigh is the upper end of the 95 % interval; null for observed statistics.
	CIHigh *float64 `parquet:"ci_high,optional" role:"measure" unit:"of the statistic"`
	// Persons is the number of persons seen on whom value rests.
	Persons *int64 `parquet:"persons,optional" role:"measure" unit:"person"`
	Observation
}

// GuestNights counts nights spent by guests in the facilities whose bookings
// were delivered, stays whole in the month of arrival. One row per region, month
// and origin.
type GuestNights struct {
	// RegionCode is the 5-digit code of the region stayed in.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// RegionLevel is prefecture or municipality.
	RegionLevel string `parquet:"region_level,dict" role:"key" unit:"code"`
	// Month is the last day of the month of arrival; a stay counts whole in it, so that guest-nights and bookings add up.
	Month Date `parquet:"month,date" role:"key" unit:"date"`
	// OriginCode is 'all', the 5-digit code of the prefecture of residence, 'abroad' or 'unknown'.
	OriginCode string `parquet:"origin_code,dict" role:"key" unit:"code"`
	// OriginCountry is the ISO 3166-1 alpha-2 code of the country of residence, or '' for all or where it is not known.
	OriginCountry string `parquet:"origin_country,dict" role:"key" unit:"code"`
	// GuestNights is guests (adults and children) times nights. Stays whose export does not tell how many guests came add none; quality counts them (stays_without_guests).
	GuestNights *int64 `parquet:"guest_nights,optional" role:"measure" unit:"guest-night"`
	// Bookings is the number of stays that began in the month.
	Bookings *int64 `parquet:"bookings,optional" role:"measure" unit:"booking"`
	Observation
}

// OriginDestination is where visitors and related persons live: those seen, and those
// estimated. One row per definition, region, origin, outside rule, reference month, source
// and estimator.
type OriginDestination struct {
	// Definition is the id of the definition whose persons are estimated, '' for everybody seen.
	Definition string `parquet:"definition,dict" role:"key" unit:"code"`
	// Outside is the rule of living outside the region.
	Outside string `parquet:"outside,dict" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of the region visited.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// RegionLevel is prefecture or municipality.
	RegionLevel string `parquet:"region_level,dict" role:"key" unit:"code"`
	// OriginCode is the 5-digit code of the prefecture of residence, 'abroad' or 'unknown'.
	OriginCode string `parquet:"origin_code,dict" role:"key" unit:"code"`
	// ReferenceMonth is the last day of the 12 months counted.
	ReferenceMonth Date `parquet:"reference_month,date" role:"key" unit:"date"`
	// Source is booking or survey.
	Source string `parquet:"source,dict" role:"key" unit:"code"`
	// Estimator is observed, which counts everybody seen; survey_direct or survey_calibrated, as in relational_population; or thinned, which shares out the figure of a prefecture by origin (docs/methods/flows.md).
	Estimator string `parquet:"estimator,dict" role:"key" unit:"code"`
	// Value is the number of persons: those seen, or those estimated.
	Value *float64 `parquet:"value,optional" role:"measure" unit:"person"`
	// StdError is the standard error of value; null for observed counts, which carry no sampling model.
	StdError *float64 `parquet:"std_error,optional" role:"measure" unit:"person"`
	// CILow is the lower end of the 95 % interval; null for observed counts.
	CILow *float64 `parquet:"ci_low,optional" role:"measure" unit:"person"`
	// CIHigh is the upper end of the 95 % interval; null for observed counts.
	CIHigh *float64 `parquet:"ci_high,optional" role:"measure" unit:"person"`
	// Persons is the number of persons seen, or asked, on whom value rests.
	Persons *int64 `parquet:"persons,optional" role:"measure" unit:"person"`
	// Trips is the number of their trips; null for estimated figures.
	Trips *int64 `parquet:"trips,optional" role:"measure" unit:"trip"`
	// VisitDays is the number of their visit days; null for estimated figures.
	VisitDays *int64 `parquet:"visit_days,optional" role:"measure" unit:"day"`
	Observation
}

// Concentration is how the people of a region are spread over where they live and over
// the months of the year, and what size and distance leave unexplained of it. Windows are
// always 12 whole months that the data cover, so that each season is in them once; others
// have no figure. One row per statistic, definition, outside rule, region, origin, reference
// month, source and estimator.
type Concentration struct {
	// Statistic is, over the prefectures of residence, hhi, hhi_corrected, effective_origins, tokyo_area_share, gini, theil and theil_between_areas, and of each of them location_quotient and gravity_residual, with distance_elasticity; over months month_gini, peak_ratio and seasonality_strength; person_days and resident_equivalents; over municipalities net_migration_correlation, in_migration_correlation and both with _ranks (docs/methods/flows.md has the formulas).
	Statistic string `parquet:"statistic,dict" role:"key" unit:"code"`
	// Definition is the id of the definition whose persons are described, '' for everybody seen.
	Definition string `parquet:"definition,dict" role:"key" unit:"code"`
	// Outside is the rule of living outside the region, '' for all guests.
	Outside string `parquet:"outside,dict" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of the region visited.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// RegionLevel is prefecture or municipality.
	RegionLevel string `parquet:"region_level,dict" role:"key" unit:"code"`
	// OriginCode is the 5-digit code of the prefecture of residence for location_quotient and gravity_residual, 'all' otherwise.
	OriginCode string `parquet:"origin_code,dict" role:"key" unit:"code"`
	// ReferenceMonth is the last day of the 12 months described; of 36 months for seasonality_strength.
	ReferenceMonth Date `parquet:"reference_month,date" role:"key" unit:"date"`
	// Source is booking, survey or combined.
	Source string `parquet:"source,dict" role:"key" unit:"code"`
	// Estimator is how the persons described were got, as in origin_destination and relational_population; 'all' where municipalities of one source have several.
	Estimator string `parquet:"estimator,dict" role:"key" unit:"code"`
	// Value is the statistic: shares, indices and correlations are ratios, effective_origins prefectures, person_days days, resident_equivalents persons.
	Value *float64 `parquet:"value,optional" role:"measure" unit:"of the statistic"`
	// StdError is the standard error of value; null for observed counts, which carry no sampling model.
	StdError *float64 `parquet:"std_error,optional" role:"measure" unit:"of the statistic"`
	// CILow is the lower end of the 95 % interval; null for observed counts.
	CILow *float64 `parquet:"ci_low,optional" role:"measure" unit:"of the statistic"`
	// CIHigh is the upper end of the 95 % interval; null for observed counts.
	CIHigh *float64 `parquet:"ci_high,optional" role:"measure" unit:"of the statistic"`
	// Persons is the least number of persons of any part that value is made of, as of the smallest origin told apart.
	Persons *int64 `parquet:"persons,optional" role:"measure" unit:"person"`
	Observation
}

// Coverage is how much of what happens the bookings show: each step from a visit to
// a booking that is known to be a person's, and their product, the detection. One row
// per region, month, outside rule, definition and step.
type Coverage struct {
	// RegionCode is the 5-digit code of the region.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// RegionLevel is prefecture or municipality.
	RegionLevel string `parquet:"region_level,dict" role:"key" unit:"code"`
	// Month is the last day of the month for guest_nights; for other steps that of the 12 months they speak of.
	Month Date `parquet:"month,date" role:"key" unit:"date"`
	// Outside is the rule of living outside the region, '' for everybody.
	Outside string `parquet:"outside,dict" role:"key" unit:"code"`
	// Definition is the id of the definition whose visits are meant, '' for all visits.
	Definition string `parquet:"definition,dict" role:"key" unit:"code"`
	// Step is guest_nights, recorded over official nights of a month; the steps overnight (visits with a night), paid_lodging (of these), facility (in a house whose bookings are delivered), own_identity (booked by the person), linked (with something that tells the person), and their product steps; related_purpose, the share of visits that the definition counts; detection, the probability that such a visit is seen; residence_known, of stays that tell the person; loyalty, the share of persons who always sleep in one house.
	Step string `parquet:"step,dict" role:"key" unit:"code"`
	// Basis is what the step rests on: bookings, official_nights, official_visitors, facility_frame, survey, product, remainder (what the detection leaves), assumed (in kankei.yaml), or '' where nothing tells it.
	Basis string `parquet:"basis,dict" role:"attribute" unit:"code"`
	// Recorded is guest-nights in the delivered bookings; null for other steps.
	Recorded *int64 `parquet:"recorded_guest_nights,optional" role:"measure" unit:"guest-night"`
	// Official is guest-nights by official statistics; null for other steps.
	Official *float64 `parquet:"official_guest_nights,optional" role:"measure" unit:"guest-night"`
	// Coverage is the share that passes the step.
	Coverage *float64 `parquet:"coverage,optional" role:"measure" unit:"ratio"`
	// StdError is the standard error of coverage; null where it has none.
	StdError *float64 `parquet:"std_error,optional" role:"measure" unit:"ratio"`
	// CILow is the lower end of the 95 % interval, or of the range assumed.
	CILow *float64 `parquet:"ci_low,optional" role:"measure" unit:"ratio"`
	// CIHigh is the upper end of the 95 % interval, or of the range assumed.
	CIHigh *float64 `parquet:"ci_high,optional" role:"measure" unit:"ratio"`
	Observation
}

// DefinitionSensitivity is how the number of persons depends on the thresholds of a
// definition, one of them varied and all else being as it says. One row per definition,
// outside rule, region, reference month, source, estimator, dimension and threshold.
type DefinitionSensitivity struct {
	// Definition is the id of the definition of which one threshold is varied.
	Definition string `parquet:"definition,dict" role:"key" unit:"code"`
	// Outside is the rule of living outside the region.
	Outside string `parquet:"outside,dict" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of the region.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// RegionLevel is prefecture or municipality.
	RegionLevel string `parquet:"region_level,dict" role:"key" unit:"code"`
	// ReferenceMonth is the last day of the 12 months the figure speaks of.
	ReferenceMonth Date `parquet:"reference_month,date" role:"key" unit:"date"`
	// Source is booking.
	Source string `parquet:"source,dict" role:"key" unit:"code"`
	// Estimator is observed (of the last reference month, as in relational_population); thinned, thinned_joint or thinned_synthetic as in relational_population; of the prefecture in the last reference month thinned_if_regulars_lodge_less and …_more, if those with four trips or more were 0.7 or 1.3 times as likely to be seen as others (where no survey tells), and, for the definition's own number of trips, free_least and free_greatest, the ends of what any distribution of visits may say that fits within 95 %; or, as bounds and never as the number itself, chao_lower_bound, chao_one_inflated_lower_bound, zelterman_lower_bound and, of the prefecture in the last reference month, zero_truncated_poisson_lower_bound with the prefecture of residence as covariate, which need no detection: of persons who come at random at rates of their own, those who did not come in the 12 months among them.
	Estimator string `parquet:"estimator,dict" role:"key" unit:"code"`
	// Dimension is the threshold that is varied: trips, gap_days (between the beginnings of the first and the last trip), stay_days, or window_months (the months that all of them are counted in, 12 otherwise).
	Dimension string `parquet:"dimension,dict" role:"key" unit:"code"`
	// Threshold is its value: the least number that is asked for, or the months of the window.
	Threshold int32 `parquet:"threshold" role:"key" unit:"of the dimension"`
	// Trips is the threshold where the dimension is trips, 0 otherwise.
	Trips int32 `parquet:"trips" role:"attribute" unit:"trip"`
	// OwnThreshold says that this is the definition itself.
	OwnThreshold bool `parquet:"own_threshold" role:"attribute" unit:"boolean"`
	// Value is the number of persons, or a number that it is not below.
	Value *float64 `parquet:"value,optional" role:"measure" unit:"person"`
	// StdError is the standard error of value; null for observed counts and where there is none.
	StdError *float64 `parquet:"std_error,optional" role:"measure" unit:"person"`
	// CILow is the lower end of the 95 % interval; of a bound the end above which the number lies with 95 %.
	CILow *float64 `parquet:"ci_low,optional" role:"measure" unit:"person"`
	// CIHigh is the upper end of the 95 % interval; null for observed counts and for bounds, which have none.
	CIHigh *float64 `parquet:"ci_high,optional" role:"measure" unit:"person"`
	Observation
}

// ListEstimate is the number of persons that several lists could show, from how many are
// on more than one. One row per outside rule, region, reference month, estimator and lists.
type ListEstimate struct {
	// Outside is the rule of living outside the region.
	Outside string `parquet:"outside,dict" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of the region.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// RegionLevel is prefecture or municipality.
	RegionLevel string `parquet:"region_level,dict" role:"key" unit:"code"`
	// ReferenceMonth is the last day of the 12 months in which persons were listed.
	ReferenceMonth Date `parquet:"reference_month,date" role:"key" unit:"date"`
	// Estimator is chapman (two lists), log_linear_averaged (three to five), dependence_band (the least and the greatest number of models nearly as good, which is no interval), sample_coverage, sample_coverage_lower_bound, huggins_alho, or jolly_seber (bookings of three years or more).
	Estimator string `parquet:"estimator,dict" role:"key" unit:"code"`
	// Lists are the names of the lists, joined by +; '' for the years of bookings.
	Lists string `parquet:"lists,dict" role:"key" unit:"code"`
	// Value is the number of persons who could be listed, listed or not.
	Value *float64 `parquet:"value,optional" role:"measure" unit:"person"`
	// StdError is the standard error of value; null where there is none.
	StdError *float64 `parquet:"std_error,optional" role:"measure" unit:"person"`
	// CILow is the lower end of the 95 % interval, or of the band.
	CILow *float64 `parquet:"ci_low,optional" role:"measure" unit:"person"`
	// CIHigh is the upper end of the 95 % interval, or of the band; null for a lower bound.
	CIHigh *float64 `parquet:"ci_high,optional" role:"measure" unit:"person"`
	// Persons is the number of persons on more than one list, or seen in the year and in one before.
	Persons *int64 `parquet:"persons,optional" role:"measure" unit:"person"`
	Observation
}

// Assumption is what an estimate from bookings rests on beside the data, and whether
// the data bear it out. One row per definition, outside rule, region, reference month,
// source and assumption.
type Assumption struct {
	// Definition is the id of the definition.
	Definition string `parquet:"definition,dict" role:"key" unit:"code"`
	// Outside is the rule of living outside the region.
	Outside string `parquet:"outside,dict" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of the region.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// RegionLevel is prefecture or municipality.
	RegionLevel string `parquet:"region_level,dict" role:"key" unit:"code"`
	// ReferenceMonth is the last day of the 12 months.
	ReferenceMonth Date `parquet:"reference_month,date" role:"key" unit:"date"`
	// Source is booking.
	Source string `parquet:"source,dict" role:"key" unit:"code"`
	// Assumption is detection (known), equal_detection (visits of all persons are as likely to be seen), related_purpose, loyalty, linkage (without error), single_visits (those seen once are no more than those seen twice and three times speak for), residence_unknown (as those known), party_members (come as those who book), shape (the distribution of visits is the region's own), pairs_synthetic (of the pairs of a prefecture, the share that rests on other municipalities), or family/ and the name of a family of distributions (it fits the frequencies seen).
	Assumption string `parquet:"assumption,dict" role:"key" unit:"code"`
	// Status is met or violated where the data tell, estimated where a value stands in for it, assumed where nothing tells, refused for a family that cannot be fitted, unknown where the figure is not estimable for it.
	Status string `parquet:"status,dict" role:"attribute" unit:"code"`
	// Basis is what the status rests on, as in coverage; for shape own, pooled or synthetic.
	Basis string `parquet:"basis,dict" role:"attribute" unit:"code"`
	// Value is the share or ratio that stands in; the probability of so great a misfit for family; persons seen for shape.
	Value *float64 `parquet:"value,optional" role:"measure" unit:"of the assumption"`
	// StdError is the standard error of value; null where it has none.
	StdError *float64 `parquet:"std_error,optional" role:"measure" unit:"of the assumption"`
	Observation
}

// Quality counts what came in and what became of it. One row per source,
// indicator and reason.
type Quality struct {
	// Source is the name of the source in kankei.yaml, or 'all'.
	Source string `parquet:"source,dict" role:"key" unit:"code"`
	// Indicator is what is counted, such as rows_in, rows_landed, rows_rejected or cancelled; or a rate: linkage_missed, the share of stays not under the pseudonym of their person, and linkage_false, welds of persons per pseudonym, each with _std_error and the ends of its 95 % interval, _low and _high; survey_drop_out, what dropping out of a panel adds to the logarithm of its figures, as the survey on the spot tells, with its _std_error. No row: not known.
	Indicator string `parquet:"indicator,dict" role:"key" unit:"code"`
	// Reason is the reason of a rejection, or of respondents left out; the definition of whose figures survey_drop_out speaks; what a rate of linkage was estimated from, clerical (pairs judged by someone) or second_key (membership numbers); or ''.
	Reason string `parquet:"reason,dict" role:"key" unit:"code"`
	// Value is the count; null where the indicator is a ratio.
	Value *int64 `parquet:"value,optional" role:"measure" unit:"count"`
	// Ratio is the figure where the indicator is a ratio, such as the least and the greatest ratio of calibrated to design weight (g_least, g_greatest); null otherwise.
	Ratio *float64 `parquet:"ratio,optional" role:"measure" unit:"ratio"`
	Observation
}

// Definition is a definition profile in force. One row per definition.
type Definition struct {
	// Definition is its id.
	Definition string `parquet:"definition" role:"key" unit:"code"`
	// Version changes whenever the rule does.
	Version string `parquet:"version" role:"attribute" unit:"code"`
	// TitleJA is its name in Japanese.
	TitleJA string `parquet:"title_ja" role:"attribute" unit:"text"`
	// TitleEN is its name in English.
	TitleEN string `parquet:"title_en" role:"attribute" unit:"text"`
	// Follows is the document the definition follows, in English words.
	Follows string `parquet:"follows" role:"attribute" unit:"text"`
	// FollowsJA is the same in Japanese words, as far as they were given.
	FollowsJA string `parquet:"follows_ja" role:"attribute" unit:"text"`
	// Rule is the rule in English words.
	Rule string `parquet:"rule" role:"attribute" unit:"text"`
	// RuleJA is the rule in Japanese words.
	RuleJA string `parquet:"rule_ja" role:"attribute" unit:"text"`
	// Unit is what the rule mainly counts: trip, day or act.
	Unit string `parquet:"unit" role:"attribute" unit:"code"`
	// Sources are the sources able to see it, separated by spaces.
	Sources string `parquet:"sources" role:"attribute" unit:"code"`
	// Excludes are the purposes whose visits do not count, separated by spaces.
	Excludes string `parquet:"excludes" role:"attribute" unit:"code"`
	// TargetPopulation is whom the definition speaks of.
	TargetPopulation string `parquet:"target_population" role:"attribute" unit:"text"`
}

// Region is a region of Japan as of a period. One row per code and period of
// validity.
type Region struct {
	// RegionCode is the 5-digit standard region code.
	RegionCode string `parquet:"region_code" role:"key" unit:"code"`
	// CheckedCode is the 6-digit local government code: region_code and its check digit.
	CheckedCode string `parquet:"checked_code" role:"attribute" unit:"code"`
	// RegionLevel is nation, prefecture, municipality or ward.
	RegionLevel string `parquet:"region_level,dict" role:"dimension" unit:"code"`
	// PrefectureCode is the 5-digit code of its prefecture.
	PrefectureCode string `parquet:"prefecture_code,dict" role:"dimension" unit:"code"`
	// ParentCode is the code of the region it is part of: the city of a ward, the prefecture of a municipality, the nation of a prefecture.
	ParentCode string `parquet:"parent_code,dict" role:"dimension" unit:"code"`
	// Name is its Japanese name without the prefecture.
	Name string `parquet:"name" role:"attribute" unit:"text"`
	// Kana is its name in hiragana.
	Kana string `parquet:"kana" role:"attribute" unit:"text"`
	// NameEN is its name in English.
	NameEN string `parquet:"name_en" role:"attribute" unit:"text"`
	// ValidFrom is the first day on which the code holds under this name; 1970-04-01 stands for the beginning of the code.
	ValidFrom Date `parquet:"valid_from,date" role:"key" unit:"date"`
	// ValidTo is the day before the code or name ended; null while in force.
	ValidTo *Date `parquet:"valid_to,optional,date" role:"attribute" unit:"date"`
}

// RegionChange is a change of region codes or names. One row per pair of old
// and new code.
type RegionChange struct {
	// ChangedOn is the first day on which the new code holds.
	ChangedOn Date `parquet:"changed_on,date" role:"key" unit:"date"`
	// FromCode is the 5-digit code before.
	FromCode string `parquet:"from_code" role:"key" unit:"code"`
	// ToCode is the 5-digit code after.
	ToCode string `parquet:"to_code" role:"key" unit:"code"`
	// Reason is the kind of change, such as merger, split, city status or renaming.
	Reason string `parquet:"reason" role:"attribute" unit:"code"`
}

// DisclosureRule is a rule of disclosure control applied to the release, or what
// all of them withhold of a dataset. One row per rule and dataset.
type DisclosureRule struct {
	// Rule is the id of the rule, such as persons or facilities; withheld counts what is withheld, for whatever reason.
	Rule string `parquet:"rule" role:"key" unit:"code"`
	// Dataset is the dataset of which it is counted; '' for the rules themselves.
	Dataset string `parquet:"dataset" role:"key" unit:"code"`
	// Threshold is the least count a shown cell may rest on; of protection the percent of a withheld count on both sides of it that readers cannot exclude; of the rules of dominance a percentage, as note says; 0 of withheld.
	Threshold int64 `parquet:"threshold" role:"attribute" unit:"count"`
	// Parameter is the exact parameter of a rule about perturbed figures, such as the privacy loss of a publication; null for other rules.
	Parameter *float64 `parquet:"parameter,optional" role:"attribute" unit:"of the rule"`
	// Cells is the number of rows of the dataset; null for the rules themselves.
	Cells *int64 `parquet:"cells,optional" role:"measure" unit:"row"`
	// Withheld is how many of them are withheld; null for the rules themselves.
	Withheld *int64 `parquet:"withheld,optional" role:"measure" unit:"row"`
	// Note says what the rule counts.
	Note string `parquet:"note" role:"attribute" unit:"text"`
}

// VisitFrequency is internal: exact counts of persons seen by their number of
// distinct visit days in 12 months, all purposes, residents left out by the
// outside rule. One row per region, outside rule, origin, reference month,
// source and number of days.
type VisitFrequency struct {
	// RegionCode is the 5-digit code of the region.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// RegionLevel is prefecture or municipality.
	RegionLevel string `parquet:"region_level,dict" role:"key" unit:"code"`
	// Outside is the rule of living outside the region.
	Outside string `parquet:"outside,dict" role:"key" unit:"code"`
	// OriginCode is 'all', the 5-digit code of the prefecture of residence, 'abroad' or 'unknown'.
	OriginCode string `parquet:"origin_code,dict" role:"key" unit:"code"`
	// ReferenceMonth is the last day of the 12 months counted.
	ReferenceMonth Date `parquet:"reference_month,date" role:"key" unit:"date"`
	// Source is booking or survey.
	Source string `parquet:"source,dict" role:"key" unit:"code"`
	// VisitDays is the number of distinct visit days.
	VisitDays int32 `parquet:"visit_days" role:"key" unit:"day"`
	// Persons is the number of persons with so many.
	Persons int64 `parquet:"persons" role:"measure" unit:"person"`
}

// Delivered is internal: what became of the records of each delivered file. Rows
// in are rows landed and rows rejected. One row per source and file.
type Delivered struct {
	// Source is the name of the source in kankei.yaml.
	Source string `parquet:"source,dict" role:"key" unit:"code"`
	// File is the path of the file below the project.
	File string `parquet:"file" role:"key" unit:"path"`
	// Mapping is the id of the mapping it was read by.
	Mapping string `parquet:"mapping,dict" role:"attribute" unit:"code"`
	// Encoding is the character encoding it was read in.
	Encoding string `parquet:"encoding,dict" role:"attribute" unit:"code"`
	// RowsIn is the number of records in the file.
	RowsIn int64 `parquet:"rows_in" role:"measure" unit:"record"`
	// RowsLanded is the number of records that were landed.
	RowsLanded int64 `parquet:"rows_landed" role:"measure" unit:"record"`
	// RowsRejected is the number of records that were not; the dataset rejects says why.
	RowsRejected int64 `parquet:"rows_rejected" role:"measure" unit:"record"`
	// Identical is the number of records equal to an earlier one of the file; they are kept.
	Identical int64 `parquet:"identical" role:"measure" unit:"record"`
	// Replaced is the number of characters that the encoding could not tell.
	Replaced int64 `parquet:"replaced" role:"measure" unit:"character"`
}
