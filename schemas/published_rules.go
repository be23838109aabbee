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
	// Measure is persons, persons_any_municipality or pairs.
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
	// Sigma2 is σ², the variance of logarithms that the covariates leave beyond 1/μ, that of a number of persons which is itself a draw.
	Sigma2 *float64 `parquet:"sigma2,optional" role:"measure" unit:"squared logarithm"`
	// Areas is the number m of municipalities whose composites the model is made of.
	Areas int64 `parquet:"areas" role:"attribute" unit:"municipality"`
	// Method is how sigma2 is estimated: Li–Lahiri, restricted likelihood times σ², which is never 0.
	Method string `parquet:"method,dict" role:"attribute" unit:"code"`
	Observation
}

// Change is the difference and the growth of a figure between a reference month and an
// earlier one, with the covariance of what the two have in common. One row per figure of
// relational_population that has an error, of all origins, relation types and engagement
// levels, and month it is compared with.
type Change struct {
	// Definition is the id of the definition of a related person.
	Definition string `parquet:"definition,dict" role:"key" unit:"code"`
	// Measure is persons, persons_any_municipality or pairs.
	Measure string `parquet:"measure,dict" role:"key" unit:"code"`
	// Outside is the rule of living outside the region.
	Outside string `parquet:"outside,dict" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of the region.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// RegionLevel is nation, prefecture or municipality.
	RegionLevel string `parquet:"region_level,dict" role:"key" unit:"code"`
	// ReferenceMonth is the last day of the 12 months of the later figure.
	ReferenceMonth Date `parquet:"reference_month,date" role:"key" unit:"date"`
	// MonthsBefore is by how many months the earlier figure's reference month is earlier: 1 or 12.
	MonthsBefore int32 `parquet:"months_before" role:"key" unit:"month"`
	// Source is booking, survey or combined.
	Source string `parquet:"source,dict" role:"key" unit:"code"`
	// Estimator is how both figures were got, as in relational_population.
	Estimator string `parquet:"estimator,dict" role:"key" unit:"code"`
	// Earlier is the figure of the earlier reference month.
	Earlier *float64 `parquet:"earlier,optional" role:"measure" unit:"person"`
	// Later is the figure of the reference month.
	Later *float64 `parquet:"later,optional" role:"measure" unit:"person"`
	// Covariance is that of the two figures.
	Covariance *float64 `parquet:"covariance,optional" role:"measure" unit:"squared person"`
	// Difference is later less earlier.
	Difference *float64 `parquet:"difference,optional" role:"measure" unit:"person"`
	// DifferenceStdError is the standard error of difference.
	DifferenceStdError *float64 `parquet:"difference_std_error,optional" role:"measure" unit:"person"`
	// DifferenceCILow is the lower end of the 95 % interval of difference.
	DifferenceCILow *float64 `parquet:"difference_ci_low,optional" role:"measure" unit:"person"`
	// DifferenceCIHigh is the upper end of the 95 % interval of difference.
	DifferenceCIHigh *float64 `parquet:"difference_ci_high,optional" role:"measure" unit:"person"`
	// Growth is later over earlier, less 1.
	Growth *float64 `parquet:"growth,optional" role:"measure" unit:"ratio"`
	// GrowthStdError is the standard error of growth.
	GrowthStdError *float64 `parquet:"growth_std_error,optional" role:"measure" unit:"ratio"`
	// GrowthCILow is the lower end of the 95 % interval of growth.
	GrowthCILow *float64 `parquet:"growth_ci_low,optional" role:"measure" unit:"ratio"`
	// GrowthCIHigh is the upper end of the 95 % interval of growth.
	GrowthCIHigh *float64 `parquet:"growth_ci_high,optional" role:"measure" unit:"ratio"`
	// ProbabilityIncrease is the probability that the number grew, the logarithm of the ratio taken for normal; null where no error is left in it.
	ProbabilityIncrease *float64 `parquet:"probability_increase,optional" role:"measure" unit:"probability"`
	// Reliability is the lesser class of the two figures.
	Reliability string `parquet:"reliability,dict" role:"attribute" unit:"code"`
	Observation
}

// Nowcast is what a month of stay will come to when all of it has become known, of months
// that are still arriving: bookings entered and cancelled after the month are foretold by
// the chain ladder. One row per statistic, region, month and source.
type Nowcast struct {
	// Statistic is guest_nights or bookings, as in guest_nights of all origins.
	Statistic string `parquet:"statistic,dict" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of the prefecture.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// RegionLevel is prefecture.
	RegionLevel string `parquet:"region_level,dict" role:"key" unit:"code"`
	// Month is the last day of the month of arrival.
	Month Date `parquet:"month,date" role:"key" unit:"date"`
	// Source is booking.
	Source string `parquet:"source,dict" role:"key" unit:"code"`
	// Waited is the number of months that have passed since the month; 0 in its own.
	Waited int32 `parquet:"waited" role:"attribute" unit:"month"`
	// Known is what is known of it, of bookings that tell when they became known.
	Known *int64 `parquet:"known,optional" role:"measure" unit:"of the statistic"`
	// Value is what it will have come to five months later.
	Value *float64 `parquet:"value,optional" role:"measure" unit:"of the statistic"`
	// StdError is the standard error of the prediction.
	StdError *float64 `parquet:"std_error,optional" role:"measure" unit:"of the statistic"`
	// CILow is the lower end of the 95 % revision interval, in which the figure will lie when it is complete; it may be below known, since cancellations take away.
	CILow *float64 `parquet:"ci_low,optional" role:"measure" unit:"of the statistic"`
	// CIHigh is the upper end of the 95 % revision interval.
	CIHigh *float64 `parquet:"ci_high,optional" role:"measure" unit:"of the statistic"`
	// Completeness is known over value; above 1 where cancellations are yet to come.
	Completeness *float64 `parquet:"completeness,optional" role:"measure" unit:"ratio"`
	// Dated is the share of the month's bookings that tell when they became known.
	Dated *float64 `parquet:"dated,optional" role:"measure" unit:"ratio"`
	Observation
}

// Flag is a month of a series of inputs or figures beside what the others make one expect
// of it. A flag asks a person to look; it takes nothing out of any estimate. One row per
// series (kind, statistic, definition, measure, outside rule, region, source and estimator)
// and month.
type Flag struct {
	// Kind is input for counts of what was delivered, figure for rows of relational_population.
	Kind string `parquet:"kind,dict" role:"key" unit:"code"`
	// Statistic is guest_nights, bookings or rows (answers and acts) of inputs, value of figures.
	Statistic string `parquet:"statistic,dict" role:"key" unit:"code"`
	// Definition is the id of the definition, '' for inputs.
	Definition string `parquet:"definition,dict" role:"key" unit:"code"`
	// Measure is persons, persons_any_municipality or pairs, '' for inputs.
	Measure string `parquet:"measure,dict" role:"key" unit:"code"`
	// Outside is the rule of living outside the region, '' for inputs.
	Outside string `parquet:"outside,dict" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of the region.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// RegionLevel is nation, prefecture or municipality.
	RegionLevel string `parquet:"region_level,dict" role:"key" unit:"code"`
	// Source is booking, survey, act or combined.
	Source string `parquet:"source,dict" role:"key" unit:"code"`
	// Estimator is as in relational_population, '' for inputs.
	Estimator string `parquet:"estimator,dict" role:"key" unit:"code"`
	// Month is the last day of the month, of figures the reference month.
	Month Date `parquet:"month,date" role:"key" unit:"date"`
	// Method is outlying_counts (every month against a count regression of the others) or robust_z (of changes from the month before).
	Method string `parquet:"method,dict" role:"attribute" unit:"code"`
	// Value is the count or the figure of the month.
	Value *float64 `parquet:"value,optional" role:"measure" unit:"of the statistic"`
	// Expected is what the other months make one expect; of figures the month before and the usual change.
	Expected *float64 `parquet:"expected,optional" role:"measure" unit:"of the statistic"`
	// Score is how far value lies from expected, as a standard normal deviate (outlying_counts) or in robust standard deviations of the changes (robust_z); above 0 it is more than expected.
	Score *float64 `parquet:"score,optional" role:"measure" unit:"standard deviation"`
	// ScoreLimit is the score beyond which, above or below, a month is flagged.
	ScoreLimit *float64 `parquet:"score_limit,optional" role:"measure" unit:"standard deviation"`
	// Direction is 1 for a month that is more than expected and stands out, −1 for less, 0 for none.
	Direction *int32 `parquet:"direction,optional" role:"measure" unit:"sign"`
	// FalseAlarm is the probability of any flag in the series where nothing stands out, of figures if their changes are independent and normal.
	FalseAlarm float64 `parquet:"false_alarm" role:"attribute" unit:"probability"`
	// Reliability is the least class of the figures of the series, '' for inputs.
	Reliability string `parquet:"reliability,dict" role:"attribute" unit:"code"`
	Observation
}
