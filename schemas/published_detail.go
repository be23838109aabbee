package schemas

// The dataset whose every number is perturbed.

// OriginDestinationDetail is related persons seen in a region by the municipality that they live in, with noise
// or rounding in every number and nothing exact beside it; empty unless the project asks for it. Rows are of those
// prefectures of residence whose exact number relational_population shows, each with all of its municipalities: that
// a row is there tells nothing. One row per definition, region, municipality of residence, outside rule, reference
// month and source.
type OriginDestinationDetail struct {
	// Definition is the id of the definition of a related person.
	Definition string `parquet:"definition,dict" role:"key" unit:"code"`
	// Outside is the rule of living outside the region.
	Outside string `parquet:"outside,dict" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of the region visited.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// RegionLevel is prefecture or municipality.
	RegionLevel string `parquet:"region_level,dict" role:"key" unit:"code"`
	// OriginCode is the 5-digit code of the municipality of residence; the prefecture's with 999 where no more than the prefecture is known.
	OriginCode string `parquet:"origin_code,dict" role:"key" unit:"code"`
	// ReferenceMonth is the last day of the 12 months counted.
	ReferenceMonth Date `parquet:"reference_month,date" role:"key" unit:"date"`
	// Source is booking.
	Source string `parquet:"source,dict" role:"key" unit:"code"`
	// Mechanism is how value was perturbed: cell_key, random_rounding, controlled_rounding, discrete_laplace or discrete_gaussian; the dataset disclosure has its parameters.
	Mechanism string `parquet:"mechanism,dict" role:"attribute" unit:"code"`
	// Value is the perturbed number of persons. By the discrete mechanisms it may be below zero, so that sums of many are not biased.
	Value *float64 `parquet:"value,optional" role:"measure" unit:"person"`
	// StdError is the standard deviation of the noise, the same whatever the count, but for 0 where controlled rounding keeps a count.
	StdError *float64 `parquet:"std_error,optional" role:"measure" unit:"person"`
	// CILow is the lower end of an interval that holds the count seen with at least 95 %; by rounding always.
	CILow *float64 `parquet:"ci_low,optional" role:"measure" unit:"person"`
	// CIHigh is its upper end.
	CIHigh *float64 `parquet:"ci_high,optional" role:"measure" unit:"person"`
	Observation
}
