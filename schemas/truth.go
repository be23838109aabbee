package schemas

// Truth is a figure of a simulated world as it truly is, whatever the exports
// show of it. Each figure of a published dataset has its true counterpart: the
// same keys, no source and no estimator.
//
// Persons of relational_population are residents of Japan aged 18 or over who
// are alive and live outside the region on the last day of the reference month;
// visitors who live abroad are given under the origin abroad alone. Figures of
// visit_behaviour without a definition, of origin_destination, guest_nights and
// coverage speak of everybody, as the exports do. One row per figure.
type Truth struct {
	// Dataset is the published dataset that the figure belongs to, or 'detection'.
	Dataset string `parquet:"dataset,dict" role:"key" unit:"code"`
	// Statistic is the measure of relational_population; the statistic of visit_behaviour; the column of other datasets; for detection the step: trips, overnight, paid_lodging, covered, own_name.
	Statistic string `parquet:"statistic,dict" role:"key" unit:"code"`
	// Definition is the id of the definition profile, or '' for everybody.
	Definition string `parquet:"definition,dict" role:"key" unit:"code"`
	// Outside is the rule of living outside the region, or '' where none applies.
	Outside string `parquet:"outside,dict" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of the region.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// RegionLevel is nation, prefecture or municipality.
	RegionLevel string `parquet:"region_level,dict" role:"key" unit:"code"`
	// OriginCode is 'all', the 5-digit code of the prefecture of residence, or 'abroad'.
	OriginCode string `parquet:"origin_code,dict" role:"key" unit:"code"`
	// RelationType is 'all' or the primary relation type.
	RelationType string `parquet:"relation_type,dict" role:"key" unit:"code"`
	// Engagement is 'all' or the highest engagement level reached.
	Engagement string `parquet:"engagement,dict" role:"key" unit:"code"`
	// ReferenceMonth is the last day of the 12 months, or of the month, that the figure speaks of.
	ReferenceMonth Date `parquet:"reference_month,date" role:"key" unit:"date"`
	// MonthOfYear is 1 to 12 for a month index, 0 otherwise.
	MonthOfYear int32 `parquet:"month_of_year" role:"key" unit:"month"`
	// Cohort is the fiscal year of entry into the level related, 0 otherwise.
	Cohort int32 `parquet:"cohort" role:"key" unit:"fiscal year"`
	// HorizonMonths is the time since entry by which migration is counted, 0 otherwise.
	HorizonMonths int32 `parquet:"horizon_months" role:"key" unit:"month"`
	// Value is the figure, in the unit of the column it is the truth of.
	Value float64 `parquet:"value" role:"measure" unit:"of the statistic"`
}
