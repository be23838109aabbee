package schemas

// The dataset that holds the figures of a release against those published before.

// Revision is what became of a published figure: its value in the earlier publication beside that of this release,
// and why they differ. One row per figure of relational_population that both show, of all origins, relation types and
// engagement levels.
type Revision struct {
	// Definition is the id of the definition of a related person.
	Definition string `parquet:"definition,dict" role:"key" unit:"code"`
	// Measure is persons, persons_any_municipality or pairs.
	Measure string `parquet:"measure,dict" role:"key" unit:"code"`
	// Outside is the rule of living outside the region.
	Outside string `parquet:"outside,dict" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of the region, '00000' for the nation.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// RegionLevel is nation, prefecture or municipality.
	RegionLevel string `parquet:"region_level,dict" role:"key" unit:"code"`
	// ReferenceMonth is the last day of the 12 months the figure speaks of.
	ReferenceMonth Date `parquet:"reference_month,date" role:"key" unit:"date"`
	// Source is booking, survey, act or combined.
	Source string `parquet:"source,dict" role:"key" unit:"code"`
	// Estimator is how value was got, as in relational_population.
	Estimator string `parquet:"estimator,dict" role:"key" unit:"code"`
	// PreviousEstimator is how previous_value was got; another one than estimator only where source is combined.
	PreviousEstimator string `parquet:"previous_estimator,dict" role:"attribute" unit:"code"`
	// Publication is the earlier publication: the last one whose figures are not all those of this release.
	Publication string `parquet:"publication,dict" role:"attribute" unit:"code"`
	// PreviousKnownOn is the as-of day of that publication: nothing later entered previous_value.
	PreviousKnownOn Date `parquet:"previous_known_on,date" role:"attribute" unit:"date"`
	// KnownOn is the as-of day of this release.
	KnownOn Date `parquet:"known_on,date" role:"attribute" unit:"date"`
	// RevisionReason is unchanged, or what may have changed the figure, joined by + where there is more than one: new_data, restatement (a file was delivered again with other rows, or withdrawn), method (the program, the settings or the definition), boundary (municipal boundaries or region codes); not_known where nothing tells.
	RevisionReason string `parquet:"revision_reason,dict" role:"attribute" unit:"code"`
	// Previous is the figure as it was published.
	Previous *float64 `parquet:"previous_value,optional" role:"measure" unit:"person"`
	// PreviousCILow is the lower end of its 95 % interval; null for observed counts.
	PreviousCILow *float64 `parquet:"previous_ci_low,optional" role:"measure" unit:"person"`
	// PreviousCIHigh is the upper end of its 95 % interval; null for observed counts.
	PreviousCIHigh *float64 `parquet:"previous_ci_high,optional" role:"measure" unit:"person"`
	// Value is the figure of this release.
	Value *float64 `parquet:"value,optional" role:"measure" unit:"person"`
	// Difference is value less previous_value.
	Difference *float64 `parquet:"difference,optional" role:"measure" unit:"person"`
	// RelativeDifference is difference over previous_value; null where that is 0.
	RelativeDifference *float64 `parquet:"relative_difference,optional" role:"measure" unit:"ratio"`
	Observation
}
