package schemas

// The rows of figures without their figures: what is published of a cell that
// rests on too few persons or facilities. Rates, shares, intervals and errors
// go with the figure they are made from, for each of them gives it away.

// Withheld is the row with no figures. Its reliability is U, as of any row
// without an interval: the class A to C tells the size of the error.
func (r RelationalPopulation) Withheld() RelationalPopulation {
	r.Value, r.StdError, r.CILow, r.CIHigh, r.CV, r.Per10000Residents = nil, nil, nil, nil, nil, nil
	r.Reliability = LowReliability
	r.Observation = r.withheld()
	return r
}

// Withheld is the row with no figures.
func (r EngagementFunnel) Withheld() EngagementFunnel {
	r.Value = nil
	r.Observation = r.withheld()
	return r
}

// Withheld is the row with no figures.
func (r VisitBehaviour) Withheld() VisitBehaviour {
	r.Value, r.StdError, r.CILow, r.CIHigh, r.Persons = nil, nil, nil, nil, nil
	r.Observation = r.withheld()
	return r
}

// Withheld is the row with no figures.
func (r GuestNights) Withheld() GuestNights {
	r.GuestNights, r.Bookings = nil, nil
	r.Observation = r.withheld()
	return r
}

// Withheld is the row with no figures.
func (r OriginDestination) Withheld() OriginDestination {
	r.Value, r.StdError, r.CILow, r.CIHigh = nil, nil, nil, nil
	r.Persons, r.Trips, r.VisitDays = nil, nil, nil
	r.Observation = r.withheld()
	return r
}

// Withheld is the row with no figures.
func (r Concentration) Withheld() Concentration {
	r.Value, r.StdError, r.CILow, r.CIHigh, r.Persons = nil, nil, nil, nil, nil
	r.Observation = r.withheld()
	return r
}

// Withheld is the row with no figures, the official one included: official
// times coverage is the recorded figure.
func (r Coverage) Withheld() Coverage {
	r.Recorded, r.Official, r.Coverage = nil, nil, nil
	r.StdError, r.CILow, r.CIHigh = nil, nil, nil
	r.Observation = r.withheld()
	return r
}

// Withheld is the row with no figures.
func (r DefinitionSensitivity) Withheld() DefinitionSensitivity {
	r.Value, r.StdError, r.CILow, r.CIHigh = nil, nil, nil, nil
	r.Observation = r.withheld()
	return r
}

// Withheld is the row with no figures, and says nothing: the status is made from them.
func (r Assumption) Withheld() Assumption {
	r.Value, r.StdError = nil, nil
	r.Status, r.Basis = StatusUnknown, ""
	r.Observation = r.withheld()
	return r
}

// Withheld is the row with no figures.
func (r ListEstimate) Withheld() ListEstimate {
	r.Value, r.StdError, r.CILow, r.CIHigh, r.Persons = nil, nil, nil, nil, nil
	r.Observation = r.withheld()
	return r
}

// Withheld is the row with no figures.
func (r DefinitionOverlap) Withheld() DefinitionOverlap {
	r.PersonsBoth, r.Share, r.Jaccard = nil, nil, nil
	r.Observation = r.withheld()
	return r
}

// Withheld is the row with no figures.
func (r RankStability) Withheld() RankStability {
	r.Municipalities, r.TauB, r.TopTenRetained = nil, nil, nil
	r.Observation = r.withheld()
	return r
}

// Withheld is the row with no figures; the target itself is the region's own and stays.
func (r TargetProgress) Withheld() TargetProgress {
	r.Value, r.StdError, r.CILow, r.CIHigh, r.Ratio, r.ProbabilityMet = nil, nil, nil, nil, nil, nil
	r.Observation = r.withheld()
	return r
}

// Withheld is the row with no figures.
func (r ErrorBudget) Withheld() ErrorBudget {
	r.Sampling, r.Detection, r.Linkage, r.Model, r.Classification, r.CV = nil, nil, nil, nil, nil, nil
	r.Observation = r.withheld()
	return r
}

// Withheld is the row with no figures.
func (r SmallArea) Withheld() SmallArea {
	r.Direct, r.DirectStdError, r.Synthetic, r.Shrinkage, r.BeforeBenchmark = nil, nil, nil, nil, nil
	r.Headline, r.StdError, r.Residual, r.Sigma2 = nil, nil, nil, nil
	r.Observation = r.withheld()
	return r
}

// Withheld is the row with no figures.
func (r Change) Withheld() Change {
	r.Earlier, r.Later, r.Covariance, r.Difference, r.DifferenceStdError, r.DifferenceCILow, r.DifferenceCIHigh = nil, nil, nil, nil, nil, nil, nil
	r.Growth, r.GrowthStdError, r.GrowthCILow, r.GrowthCIHigh, r.ProbabilityIncrease = nil, nil, nil, nil, nil
	r.Reliability = LowReliability
	r.Observation = r.withheld()
	return r
}

// Withheld is the row with no figures.
func (r Nowcast) Withheld() Nowcast {
	r.Known, r.Value, r.StdError, r.CILow, r.CIHigh, r.Completeness, r.Dated = nil, nil, nil, nil, nil, nil, nil
	r.Observation = r.withheld()
	return r
}

// Withheld is the row with no figures, and does not say whether the month stands out.
func (r Flag) Withheld() Flag {
	r.Value, r.Expected, r.Score, r.ScoreLimit, r.Direction = nil, nil, nil, nil, nil
	if r.Reliability != "" {
		r.Reliability = LowReliability
	}
	r.Observation = r.withheld()
	return r
}

// Withheld is the row with no figures.
func (r MigrationConversion) Withheld() MigrationConversion {
	r.Value, r.StdError, r.CILow, r.CIHigh = nil, nil, nil, nil
	r.Reliability = LowReliability
	r.Observation = r.withheld()
	return r
}

// Withheld is the row with no figures.
func (r ConversionCurve) Withheld() ConversionCurve {
	r.Value, r.StdError, r.CILow, r.CIHigh = nil, nil, nil, nil
	r.Observation = r.withheld()
	return r
}

// Withheld is the row with no figures.
func (r MigrationSource) Withheld() MigrationSource {
	r.Value = nil
	r.Observation = r.withheld()
	return r
}

// Withheld is the row with no figures.
func (r ConversionDriver) Withheld() ConversionDriver {
	r.HazardRatio, r.StdError, r.CILow, r.CIHigh, r.PValue, r.EventsClass = nil, nil, nil, nil, nil, ""
	r.Observation = r.withheld()
	return r
}

// Withheld is the row with no figures.
func (r EngagementTransition) Withheld() EngagementTransition {
	r.Value, r.StdError, r.CILow, r.CIHigh = nil, nil, nil, nil
	r.Observation = r.withheld()
	return r
}

// Withheld is the row with no figures; its label says no more than association.
func (r ProgrammeContrast) Withheld() ProgrammeContrast {
	r.Value, r.StdError, r.CILow, r.CIHigh, r.Label = nil, nil, nil, nil, "association"
	r.Observation = r.withheld()
	return r
}

// withheld marks a row as confidential. A row that its source cannot estimate
// stays not estimable and free: there was no figure to withhold.
func (o Observation) withheld() Observation {
	if o.ObsStatus != NotEstimable {
		o.ObsStatus, o.ConfStatus = Normal, Withheld
	}
	return o
}
