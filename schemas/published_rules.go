package schemas

// The published datasets that hold figures against one another: against a
// target, one definition against another, regions ranked by two rules.

// TargetProgress is a region's own target beside the figures of its relational
// population. One row per target, source and estimator.
type TargetProgress struct {
	// Target is the name of the target in kankei.yaml.
	Target string `parquet:"target,dict" role:"key" unit:"code"`
	// Definition is the id of the definition that the target is set by.
	Definition string `parquet:"definition,dict" role:"attribute" unit:"code"`
	// Measure is persons, persons_any_municipality or pairs.
	Measure string `parquet:"measure,dict" role:"attribute" unit:"code"`
	// Outside is the rule of living outside the region.
	Outside string `parquet:"outside,dict" role:"attribute" unit:"code"`
	// RegionCode is the 5-digit code of the region, '00000' for the nation.
	RegionCode string `parquet:"region_code,dict" role:"attribute" unit:"code"`
	// RegionLevel is nation, prefecture or municipality.
	RegionLevel string `parquet:"region_level,dict" role:"attribute" unit:"code"`
	// DueOn is the last day by which the target is to be met.
	DueOn Date `parquet:"due_on,date" role:"attribute" unit:"date"`
	// TargetValue is the number that is to be reached.
	TargetValue int64 `parquet:"target_value" role:"attribute" unit:"person"`
	// ReferenceMonth is the last day of the 12 months the figure speaks of.
	ReferenceMonth Date `parquet:"reference_month,date" role:"attribute" unit:"date"`
	// Source is booking, survey, act or combined; '' where nothing gives a figure.
	Source string `parquet:"source,dict" role:"key" unit:"code"`
	// Estimator is how the figure was got, as in relational_population; '' where nothing gives one.
	Estimator string `parquet:"estimator,dict" role:"key" unit:"code"`
	// Value is the figure of relational_population.
	Value *float64 `parquet:"value,optional" role:"measure" unit:"person"`
	// StdError is the standard error of value; null for observed counts, which carry no sampling model.
	StdError *float64 `parquet:"std_error,optional" role:"measure" unit:"person"`
	// CILow is the lower end of the 95 % interval of value; null for observed counts.
	CILow *float64 `parquet:"ci_low,optional" role:"measure" unit:"person"`
	// CIHigh is the upper end of the 95 % interval of value; null for observed counts.
	CIHigh *float64 `parquet:"ci_high,optional" role:"measure" unit:"person"`
	// Ratio is value over target_value.
	Ratio *float64 `parquet:"ratio,optional" role:"measure" unit:"ratio"`
	// ProbabilityMet is the probability that the number of the reference month has reached the target, its logarithm taken for normal; it forecasts nothing. Null for observed counts, which are lower bounds.
	ProbabilityMet *float64 `parquet:"probability_met,optional" role:"measure" unit:"probability"`
	Observation
}
