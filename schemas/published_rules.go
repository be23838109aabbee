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

// DefinitionOverlap is how many of the persons seen to satisfy one definition
// satisfy another too. One row per definition, other definition, outside rule,
// region, reference month and source.
type DefinitionOverlap struct {
	// Definition is the id of the definition whose persons are asked about.
	Definition string `parquet:"definition,dict" role:"key" unit:"code"`
	// OtherDefinition is the id of the definition that they may satisfy too.
	OtherDefinition string `parquet:"other_definition,dict" role:"key" unit:"code"`
	// Outside is the rule of living outside the region.
	Outside string `parquet:"outside,dict" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of the region.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// RegionLevel is prefecture or municipality.
	RegionLevel string `parquet:"region_level,dict" role:"key" unit:"code"`
	// ReferenceMonth is the last day of the 12 months counted.
	ReferenceMonth Date `parquet:"reference_month,date" role:"key" unit:"date"`
	// Source is booking.
	Source string `parquet:"source,dict" role:"key" unit:"code"`
	// PersonsBoth is the number of persons seen to satisfy both.
	PersonsBoth *int64 `parquet:"persons_both,optional" role:"measure" unit:"person"`
	// Share is persons_both over the persons of definition.
	Share *float64 `parquet:"share,optional" role:"measure" unit:"ratio"`
	// Jaccard is persons_both over the persons of either definition: 1 where both have the same persons, 0 where none is in both.
	Jaccard *float64 `parquet:"jaccard,optional" role:"measure" unit:"ratio"`
	Observation
}

// RankStability is whether the municipalities of a prefecture keep their order
// where a threshold of a definition is another. Only municipalities with figures
// shown by both enter. One row per definition, outside rule, prefecture,
// reference month, source, dimension and threshold.
type RankStability struct {
	// Definition is the id of the definition of which one threshold is varied.
	Definition string `parquet:"definition,dict" role:"key" unit:"code"`
	// Outside is the rule of living outside the region.
	Outside string `parquet:"outside,dict" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of the prefecture.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// RegionLevel is prefecture.
	RegionLevel string `parquet:"region_level,dict" role:"key" unit:"code"`
	// ReferenceMonth is the last day of the window.
	ReferenceMonth Date `parquet:"reference_month,date" role:"key" unit:"date"`
	// Source is booking.
	Source string `parquet:"source,dict" role:"key" unit:"code"`
	// Dimension is the threshold that is varied, as in definition_sensitivity.
	Dimension string `parquet:"dimension,dict" role:"key" unit:"code"`
	// Threshold is its value.
	Threshold int32 `parquet:"threshold" role:"key" unit:"of the dimension"`
	// Municipalities is the number of municipalities that entered.
	Municipalities *int64 `parquet:"municipalities,optional" role:"measure" unit:"municipality"`
	// TauB is Kendall's rank correlation τ-b of their figures by either rule: 1 where the order is the same, −1 where it is reversed.
	TauB *float64 `parquet:"tau_b,optional" role:"measure" unit:"correlation"`
	// TopTenRetained is the share of the ten municipalities with the greatest figures that are among the ten by the other threshold too; null where no more than ten entered.
	TopTenRetained *float64 `parquet:"top_ten_retained,optional" role:"measure" unit:"ratio"`
	Observation
}

// ErrorBudget is what the error of a figure comes of: shares of the variance of its logarithm. One row per
// figure of relational_population that is estimated with an error, of all origins, relation types
// and engagement levels.
type ErrorBudget struct {
	// Definition is the id of the definition of a related person.
	Definition string `parquet:"definition,dict" role:"key" unit:"code"`
	// Measure is persons or pairs.
	Measure string `parquet:"measure,dict" role:"key" unit:"code"`
	// Outside is the rule of living outside the region.
	Outside string `parquet:"outside,dict" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of the region.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// RegionLevel is municipality, prefecture or nation.
	RegionLevel string `parquet:"region_level,dict" role:"key" unit:"code"`
	// ReferenceMonth is the last day of the window.
	ReferenceMonth Date `parquet:"reference_month,date" role:"key" unit:"date"`
	// Source is booking, survey or combined.
	Source string `parquet:"source,dict" role:"key" unit:"code"`
	// Estimator is how the figure is estimated.
	Estimator string `parquet:"estimator,dict" role:"key" unit:"code"`
	// Sampling is the share of who was asked, and who was seen.
	Sampling *float64 `parquet:"sampling,optional" role:"measure" unit:"ratio"`
	// Detection is the share of how likely a visit is seen, and of the official visitors that figures are scaled by.
	Detection *float64 `parquet:"detection,optional" role:"measure" unit:"ratio"`
	// Linkage is the share of missed and false links.
	Linkage *float64 `parquet:"linkage,optional" role:"measure" unit:"ratio"`
	// Model is the share of the choice of a distribution, of sources that differ, of municipalities unlike what the others let expect, and of figures carried forward.
	Model *float64 `parquet:"model,optional" role:"measure" unit:"ratio"`
	// Classification is the share of which visits count, where in a class answers lie, and who lives where.
	Classification *float64 `parquet:"classification,optional" role:"measure" unit:"ratio"`
	// CV is the coefficient of variation that they make up, as in relational_population.
	CV *float64 `parquet:"cv,optional" role:"measure" unit:"ratio"`
	Observation
}

// SmallArea is what a figure of a municipality takes from the others of its prefecture: the mean of its sources
// beside what the model of all of them says. One row per municipality that is in such a model, or has
// no other figure than what it says, definition, measure, outside rule and reference month.
type SmallArea struct {
	// Definition is the id of the definition of a related person.
	Definition string `parquet:"definition,dict" role:"key" unit:"code"`
	// Measure is persons, or pairs where sources estimate these.
	Measure string `parquet:"measure,dict" role:"key" unit:"code"`
	// Outside is the rule of living outside the region.
	Outside string `parquet:"outside,dict" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of the municipality.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// RegionLevel is municipality.
	RegionLevel string `parquet:"region_level,dict" role:"key" unit:"code"`
	// ReferenceMonth is the last day of the 12 months the figure speaks of.
	ReferenceMonth Date `parquet:"reference_month,date" role:"key" unit:"date"`
	// Estimator is that of the figure of source combined: fay_herriot, fay_herriot_synthetic, or composite where the municipality is unlike all others and keeps the mean of its sources.
	Estimator string `parquet:"estimator,dict" role:"attribute" unit:"code"`
	// DirectValue is the mean of what its sources estimate, before it is moved to the pairs of the prefecture; null where no source estimates it.
	DirectValue *float64 `parquet:"direct_value,optional" role:"measure" unit:"person"`
	// DirectStdError is the standard error of direct_value, the bias of sources and what it has in common with the others included.
	DirectStdError *float64 `parquet:"direct_std_error,optional" role:"measure" unit:"person"`
	// OwnStdError is the part of direct_std_error that is the municipality's own, and which the others can lessen.
	OwnStdError *float64 `parquet:"own_std_error,optional" role:"measure" unit:"person"`
	// RegressionValue is what the covariates say of it, exp(x'β).
	RegressionValue *float64 `parquet:"regression_value,optional" role:"measure" unit:"person"`
	// Shrinkage is γ, the weight of direct_value, on logarithms; regression_value has the rest. 0 where there is no direct_value, 1 where it is kept.
	Shrinkage *float64 `parquet:"shrinkage,optional" role:"measure" unit:"ratio"`
	// Value is the figure of source combined in relational_population: what the model says, moved to the pairs of the prefecture.
	Value *float64 `parquet:"value,optional" role:"measure" unit:"person"`
	// StdError is the standard error of value.
	StdError *float64 `parquet:"std_error,optional" role:"measure" unit:"person"`
	// Reliability is that of value, as in relational_population.
	Reliability string `parquet:"reliability,dict" role:"attribute" unit:"code"`
	// Residual is the standardised residual of the logarithm of direct_value, by a model without the municipality where it is above 2 or below −2.
	Residual *float64 `parquet:"residual,optional" role:"measure" unit:"standard deviation"`
	// Covariates are the covariates of the model: their names joined by +, '' where it has the constant alone.
	Covariates string `parquet:"covariates,dict" role:"attribute" unit:"code"`
	// Sigma2 is the variance σ² between municipalities that the covariates do not tell, on logarithms.
	Sigma2 *float64 `parquet:"sigma2,optional" role:"measure" unit:"variance of logarithms"`
	// Areas is the number of municipalities that the model is made from.
	Areas *int64 `parquet:"areas,optional" role:"measure" unit:"municipality"`
	Observation
}
