package pipeline

import (
	"context"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/estimate"
)

// figures are the datasets of a release before disclosure control, each row
// beside the counts it rests on.
type figures struct {
	RelationalPopulation  []disclose.Counted[schemas.RelationalPopulation]
	Inside                []schemas.RelationalPopulation // as the internal dataset has them
	EngagementFunnel      []disclose.Counted[schemas.EngagementFunnel]
	FunnelInside          []schemas.EngagementFunnel // as the internal dataset has them
	VisitBehaviour        []disclose.Counted[schemas.VisitBehaviour]
	GuestNights           []disclose.Counted[schemas.GuestNights]
	OriginDestination     []disclose.Counted[schemas.OriginDestination]
	Concentration         []disclose.Counted[schemas.Concentration]
	Coverage              []disclose.Counted[schemas.Coverage]
	DefinitionSensitivity []disclose.Counted[schemas.DefinitionSensitivity]
	DefinitionOverlap     []disclose.Counted[schemas.DefinitionOverlap]
	RankStability         []disclose.Counted[schemas.RankStability]
	TargetProgress        []disclose.Counted[schemas.TargetProgress]
	ErrorBudget           []disclose.Counted[schemas.ErrorBudget]
	SmallAreas            []disclose.Counted[schemas.SmallArea]
	Change                []disclose.Counted[schemas.Change]
	Nowcast               []disclose.Counted[schemas.Nowcast]
	Flags                 []disclose.Counted[schemas.Flag]
	ListEstimates         []disclose.Counted[schemas.ListEstimate]
	Assumptions           []disclose.Counted[schemas.Assumption]
	MigrationConversion   []disclose.Counted[schemas.MigrationConversion]
	ConversionCurve       []disclose.Counted[schemas.ConversionCurve]
	MigrationSources      []disclose.Counted[schemas.MigrationSource]
	ConversionDrivers     []disclose.Counted[schemas.ConversionDriver]
	ProgrammeContrast     []disclose.Counted[schemas.ProgrammeContrast]
	Transitions           []disclose.Counted[schemas.EngagementTransition]
	Quality               []schemas.Quality
	Definitions           []schemas.Definition
	Regions               []schemas.Region
	RegionChanges         []schemas.RegionChange
	VisitFrequency        []schemas.VisitFrequency
	Deliveries            []schemas.Delivered
	SurveyWeights         []schemas.SurveyWeight
}

// estimates are what the transforms give, before it is put into datasets.
type estimates struct {
	population    []disclose.Counted[schemas.RelationalPopulation] // of every source, and of all together
	inside        []schemas.RelationalPopulation                   // as the internal dataset has them
	nights        []disclose.Counted[schemas.GuestNights]
	coverage      []disclose.Counted[schemas.Coverage]
	errors        []estimate.FigureErrors
	survey        estimate.SurveyFigures
	dropOuts      []estimate.DropOut
	lost          []schemas.Quality // what dropping out does, as they tell it
	bookings      estimate.BookingFigures
	headline      estimate.HeadlineFigures
	definitions   estimate.DefinitionFigures
	lists         []disclose.Counted[schemas.ListEstimate]
	monthly       monthly
	conversion    conversionFigures
	regular       estimate.RegularCounts
	funnel        estimate.Funnel
	transitions   []disclose.Counted[schemas.EngagementTransition]
	concentration []disclose.Counted[schemas.Concentration]
}

// figures reads the counts and makes the rows of every dataset.
func (r *Run) figures(ctx context.Context, s *store) (figures, error) {
	c, err := r.readCounts(ctx, s)
	if err != nil {
		return figures{}, err
	}
	e, err := r.estimates(ctx, s, c)
	if err != nil {
		return figures{}, err
	}
	return r.datasets(c, e), nil
}

// estimates calls the transforms, each after those that it takes figures from.
func (r *Run) estimates(ctx context.Context, s *store, c counts) (e estimates, err error) {
	levels := levelNames(c.rules.Ladder)
	if e.survey, err = r.surveyFigures(c.frame, c.surveys, c.totals, c.met, levels); err != nil {
		return e, err
	}
	if e.dropOuts, e.lost, err = r.dropOuts(c); err != nil {
		return e, err
	}
	e.coverage = estimate.Coverage(c.frame, c.nights, c.totals)
	if e.bookings, err = r.bookingFigures(ctx, s, c, e.coverage); err != nil {
		return e, err
	}
	if e.definitions, err = r.definitionFigures(ctx, s, c); err != nil {
		return e, err
	}
	if e.lists, err = r.listEstimates(ctx, s, c); err != nil {
		return e, err
	}
	if e.monthly, err = r.monthly(ctx, s); err != nil {
		return e, err
	}
	seen := estimate.RelationalPopulation(c.frame, c.tallies, levels)
	estimate.RestOnDifferences(c.rules.Profiles, seen, r.threshold())
	e.population = slices.Concat(seen, e.bookings.RelationalPopulation, e.survey.RelationalPopulation)
	e.errors, e.nights = append(e.bookings.Errors, e.survey.Errors...), estimate.GuestNights(c.frame, c.nights)
	r.combine(c, &e)
	if e.conversion, err = r.conversion(ctx, s, c, e.population, e.bookings); err != nil {
		return e, err
	}
	if e.regular, err = r.regular(ctx, s, c); err != nil {
		return e, err
	}
	e.coverage = append(e.coverage, e.bookings.Coverage...)
	e.funnel = estimate.EngagementFunnel(c.frame, c.tallies, levels, r.threshold())
	if e.transitions, err = estimate.Transitions(c.frame, c.tallies, levels); err != nil {
		return e, err
	}
	e.concentration, err = estimate.Concentrations(c.frame, estimate.Described{Tallies: c.tallies, Flows: append(e.bookings.Flows, e.survey.Flows...), Nights: e.nights,
		Population: e.population, Totals: c.totals, Rule: r.threshold()})
	return e, err
}

// combine adds the figure of all sources together to those of each.
func (r *Run) combine(c counts, e *estimates) {
	missed := 0.0
	if c.linkage.Basis != "" {
		missed = 1 - c.linkage.Alpha
	}
	e.headline = estimate.Combined(c.frame, estimate.Headline{
		Errors: e.errors, Welded: c.linkage.Beta, Missed: missed, Rule: r.threshold(),
		Covariates: estimate.AreaCovariates(c.frame, c.totals, c.houses), Multiplicity: e.survey.VisitBehaviour, DropOuts: e.dropOuts}, e.population)
	e.inside = append(rowsOf(e.population), e.headline.Inside...)
	e.population = append(e.population, e.headline.RelationalPopulation...)
}

// datasets are the rows of every dataset.
func (r *Run) datasets(c counts, e estimates) figures {
	return figures{
		EngagementFunnel:      e.funnel.Released,
		FunnelInside:          e.funnel.Inside,
		Inside:                e.inside,
		RelationalPopulation:  e.population,
		VisitBehaviour:        slices.Concat(estimate.VisitBehaviour(c.frame, c.tallies), e.survey.VisitBehaviour, estimate.Regularity(c.frame, e.regular, c.tallies, e.coverage)),
		GuestNights:           e.nights,
		OriginDestination:     slices.Concat(estimate.OriginDestination(c.frame, c.tallies), e.bookings.OriginDestination, estimate.SurveyFlows(e.survey.RelationalPopulation)),
		Concentration:         e.concentration,
		Coverage:              e.coverage,
		DefinitionSensitivity: append(e.bookings.DefinitionSensitivity, e.definitions.Sensitivity...),
		DefinitionOverlap:     e.definitions.Overlap,
		RankStability:         e.definitions.Stability,
		TargetProgress:        estimate.TargetProgress(c.frame, r.targets(), e.population),
		ErrorBudget:           e.headline.ErrorBudget,
		SmallAreas:            e.headline.SmallAreas,
		Change:                estimate.Changes(e.errors, e.headline.ErrorBudget, e.population),
		Nowcast:               estimate.Nowcasts(c.frame, e.monthly.arrivals),
		Flags:                 estimate.Flags(c.frame, estimate.InputMonths{Nights: e.nights, Answers: e.monthly.answers}, e.population),
		ListEstimates:         e.lists,
		Assumptions:           e.bookings.Assumptions,
		MigrationConversion:   e.conversion.Conversion,
		ConversionCurve:       e.conversion.Curve,
		MigrationSources:      e.conversion.Sources,
		ConversionDrivers:     e.conversion.Drivers,
		ProgrammeContrast:     e.conversion.Programmes,
		Transitions:           append(e.transitions, e.conversion.Transitions...),
		Quality:               quality(r.Deliveries, slices.Concat(c.outcomes, c.weighted, e.lost, linkageQuality(c.linkage))),
		Definitions:           definitionRows(c.rules.Profiles),
		Regions:               withUnknown(r.Regions.Regions(), c.frame.Regions),
		RegionChanges:         r.Regions.Changes(),
		VisitFrequency:        estimate.VisitFrequency(c.frame, c.tallies),
		Deliveries:            deliveredRows(r.Deliveries),
		SurveyWeights:         c.weights,
	}
}
