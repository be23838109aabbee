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
	// Model is the share of the choice of a distribution, of sources that differ, and of figures carried forward.
	Model *float64 `parquet:"model,optional" role:"measure" unit:"ratio"`
	// Classification is the share of which visits count, where in a class answers lie, and who lives where.
	Classification *float64 `parquet:"classification,optional" role:"measure" unit:"ratio"`
	// CV is the coefficient of variation that they make up, as in relational_population.
	CV *float64 `parquet:"cv,optional" role:"measure" unit:"ratio"`
	Observation
}

// SmallArea is what a municipality's figure takes from the others of its prefecture: the mean of its own sources
// beside what a Fay–Herriot model of logarithms says. One row per municipality in a model, definition, measure,
// outside rule and reference month.
type SmallArea struct {
	// Definition is the id of the definition of a related person.
	Definition string `parquet:"definition,dict" role:"key" unit:"code"`
	// Measure is persons or pairs.
	Measure string `parquet:"measure,dict" role:"key" unit:"code"`
	// Outside is the rule of living outside the region.
	Outside string `parquet:"outside,dict" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of the municipality.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// RegionLevel is municipality.
	RegionLevel string `parquet:"region_level,dict" role:"key" unit:"code"`
	// ReferenceMonth is the last day of the 12 months the figure speaks of.
	ReferenceMonth Date `parquet:"reference_month,date" role:"key" unit:"date"`
	// Estimator is that of the row of source combined in relational_population: fay_herriot, fay_herriot_synthetic, or composite where the model does not take away enough error to stand for it.
	Estimator string `parquet:"estimator,dict" role:"attribute" unit:"code"`
	// Direct is the composite of the municipality's own sources, before it is moved to the prefecture's pairs; null where there is none that may be shown.
	Direct *float64 `parquet:"direct_value,optional" role:"measure" unit:"person"`
	// DirectStdError is the standard error of direct_value, what it has in common with other municipalities included.
	DirectStdError *float64 `parquet:"direct_std_error,optional" role:"measure" unit:"person"`
	// Synthetic is what the covariates tell alone, exp(x'β).
	Synthetic *float64 `parquet:"synthetic_value,optional" role:"measure" unit:"person"`
	// Shrinkage is γ, the weight of direct_value on the scale of logarithms; synthetic_value has the rest.
	Shrinkage *float64 `parquet:"shrinkage,optional" role:"measure" unit:"ratio"`
	// BeforeBenchmark is the headline before it is moved to the prefecture's pairs.
	BeforeBenchmark *float64 `parquet:"before_benchmark,optional" role:"measure" unit:"person"`
	// Headline is the value of source combined in relational_population.
	Headline *float64 `parquet:"headline_value,optional" role:"measure" unit:"person"`
	// StdError is the standard error of headline_value.
	StdError *float64 `parquet:"std_error,optional" role:"measure" unit:"person"`
	// Reliability is that of headline_value, as in relational_population.
	Reliability string `parquet:"reliability,dict" role:"attribute" unit:"code"`
	// Residual is the standardised residual of direct_value on the scale of logarithms.
	Residual *float64 `parquet:"standardised_residual,optional" role:"measure" unit:"standard deviation"`
	// Covariates are the names of those in the model, joined by +; '' where there is the constant alone.
	Covariates string `parquet:"covariates,dict" role:"attribute" unit:"code"`
	// Sigma2 is σ², the variance of logarithms that the covariates leave.
	Sigma2 *float64 `parquet:"sigma2,optional" role:"measure" unit:"squared logarithm"`
	// Areas is the number m of municipalities whose composites the model is made of.
	Areas int64 `parquet:"areas" role:"attribute" unit:"municipality"`
	// Method is how sigma2 is estimated: Li–Lahiri, restricted likelihood times σ², which is never 0.
	Method string `parquet:"method,dict" role:"attribute" unit:"code"`
	Observation
}
