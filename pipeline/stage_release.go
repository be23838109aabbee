package pipeline

import (
	"context"
	"errors"
	"slices"

	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/estimate"
)

func (r *Run) threshold() disclose.Threshold {
	d := r.Config.Disclosure
	return disclose.Threshold{Persons: int64(d.Persons), Facilities: int64(d.Facilities)}
}

// rules are all rules of primary suppression.
func (r *Run) rules() disclose.Rules {
	d := r.Config.Disclosure.Dominance
	return disclose.Rules{Threshold: r.threshold(), Full: r.Config.Disclosure.FullCells, Dominance: disclose.Dominance{
		P: float64(d.P), PriorP: float64(d.PriorP), PriorQ: float64(d.PriorQ), One: float64(d.One), Two: float64(d.Two), Platforms: d.Platforms}}
}

func discloseParams(r *Run) (any, error) {
	earlier, err := r.publications()
	return struct {
		Rules      disclose.Rules
		Reason     string
		Protection int
		Least      string
		Detail     DetailSettings
		Earlier    []publication
	}{r.rules(), r.Config.Disclosure.FewerFacilities, r.Config.Disclosure.Protection, r.Config.Reliability.Release, r.Config.Disclosure.Detail, earlier}, err
}

// discloseFigures protects the figures and keeps them for publish, which takes
// nothing else.
func discloseFigures(ctx context.Context, r *Run) error {
	f, err := r.counted(ctx)
	if err != nil {
		return err
	}
	if err := r.suppress(ctx, f); err != nil {
		return err
	}
	if err := r.keepRests(f); err != nil {
		return err
	}
	rule := r.rules()
	f = r.reliable(f)
	population := disclose.Protect(f.RelationalPopulation, rule)
	revisions, err := r.revisions(ctx, population)
	if err != nil {
		return err
	}
	detail, err := r.detail(ctx, population)
	if err != nil {
		return err
	}
	r.protected = []publish.Table{
		publish.TableOf("relational_population", population),
		publish.TableOf("revisions", revisions),
		publish.TableOf("engagement_funnel", disclose.Protect(f.EngagementFunnel, rule)),
		publish.TableOf("visit_behaviour", disclose.Protect(f.VisitBehaviour, rule)),
		publish.TableOf("guest_nights", disclose.Protect(f.GuestNights, rule)),
		publish.TableOf("origin_destination", disclose.Protect(f.OriginDestination, rule)),
		publish.TableOf("origin_destination_detail", detail),
		publish.TableOf("concentration", disclose.Protect(f.Concentration, rule)),
		publish.TableOf("coverage", disclose.Protect(f.Coverage, rule)),
		publish.TableOf("definition_sensitivity", disclose.Protect(f.DefinitionSensitivity, rule)),
		publish.TableOf("definition_overlap", disclose.Protect(f.DefinitionOverlap, rule)),
		publish.TableOf("rank_stability", disclose.Protect(f.RankStability, rule)),
		publish.TableOf("target_progress", disclose.Protect(f.TargetProgress, rule)),
		publish.TableOf("error_budget", disclose.Protect(f.ErrorBudget, rule)),
		publish.TableOf("small_areas", disclose.Protect(f.SmallAreas, rule)),
		publish.TableOf("change", disclose.Protect(f.Change, rule)),
		publish.TableOf("nowcast", disclose.Protect(f.Nowcast, rule)),
		publish.TableOf("flags", disclose.Protect(f.Flags, rule)),
		publish.TableOf("list_estimates", disclose.Protect(f.ListEstimates, rule)),
		publish.TableOf("assumptions", disclose.Protect(f.Assumptions, rule)),
		publish.TableOf("migration_conversion", disclose.Protect(f.MigrationConversion, rule)),
		publish.TableOf("conversion_curve", disclose.Protect(f.ConversionCurve, rule)),
		publish.TableOf("migration_sources", disclose.Protect(f.MigrationSources, rule)),
		publish.TableOf("conversion_drivers", disclose.Protect(f.ConversionDrivers, rule)),
		publish.TableOf("programme_contrast", disclose.Protect(f.ProgrammeContrast, rule)),
		publish.TableOf("engagement_transitions", disclose.Protect(f.Transitions, rule)),
		publish.TableOf("quality", disclose.Public(f.Quality)),
		publish.TableOf("regions", disclose.Public(f.Regions)),
		publish.TableOf("region_changes", disclose.Public(f.RegionChanges)),
	}
	return nil
}

// reliable keeps the figures of the classes that a release shows.
func (r *Run) reliable(f figures) figures {
	least := r.Config.Reliability.Release
	cut := estimate.CutOf(rowsOf(f.RelationalPopulation), least)
	f.ErrorBudget = each(f.ErrorBudget, cut.Budget)
	f.DefinitionSensitivity = each(f.DefinitionSensitivity, func(row schemas.DefinitionSensitivity) schemas.DefinitionSensitivity {
		return r.Config.Reliability.grades().ReliableSensitivity(row, least)
	})
	f.RelationalPopulation = each(f.RelationalPopulation, func(row schemas.RelationalPopulation) schemas.RelationalPopulation {
		return estimate.Reliable(row, least)
	})
	f.TargetProgress = each(f.TargetProgress, func(row schemas.TargetProgress) schemas.TargetProgress {
		return r.Config.Reliability.grades().ReliableProgress(row, least)
	})
	f.SmallAreas = each(f.SmallAreas, func(row schemas.SmallArea) schemas.SmallArea {
		return r.Config.Reliability.grades().ReliableArea(row, least)
	})
	f.OriginDestination = each(f.OriginDestination, func(row schemas.OriginDestination) schemas.OriginDestination {
		return r.Config.Reliability.grades().ReliableFlow(row, least)
	})
	f.Concentration = each(f.Concentration, func(row schemas.Concentration) schemas.Concentration {
		return r.Config.Reliability.grades().ReliableConcentration(row, least)
	})
	f.Change = each(f.Change, func(row schemas.Change) schemas.Change { return estimate.ReliableChange(row, least) })
	f.Flags = each(f.Flags, func(row schemas.Flag) schemas.Flag { return estimate.ReliableFlag(row, least) })
	return f
}

// each changes every row, and leaves what it rests on.
func each[T any](counted []disclose.Counted[T], change func(T) T) []disclose.Counted[T] {
	out := slices.Clone(counted)
	for i := range out {
		out[i].Row = change(out[i].Row)
	}
	return out
}

// releaseThere says whether the current release is whole, and if so gives the
// run its id.
func releaseThere(r *Run) (bool, error) {
	id, err := publish.Current(r.releases())
	if err != nil {
		return false, nil // none, or a broken one: it is written again
	}
	r.Release = id
	return true, nil
}

// publishParams tell a report with another map apart.
func publishParams(r *Run) (any, error) { return r.shapes.Digest(), nil }

// publishRelease writes the protected tables as a release and makes it current.
func publishRelease(ctx context.Context, r *Run) error {
	if r.protected == nil {
		if err := discloseFigures(ctx, r); err != nil {
			return err
		}
	}
	profiles, err := r.profiles()
	if err != nil {
		return err
	}
	installed, err := publish.Write(ctx, r.releases(), publish.Release{
		AsOf: r.AsOf, Tables: r.protected, Definitions: definitionRows(profiles), Rules: r.disclosureRules(), NotForPublication: true, Lean: true, Map: r.shapes,
	})
	if err != nil {
		return err
	}
	r.Release = installed.ID
	made, err := r.basis()
	made.Release = r.Release
	if err := errors.Join(err, r.ReplaceJSON(r.basisPath(), made)); err != nil {
		return err
	}
	if installed.Kept {
		r.Log.Say(say("公開内容は前と同じです: %s", "the release is the same as before: %s", installed.ID))
		return nil
	}
	r.Log.Say(say("リリース %s を作りました", "release %s is written", installed.ID))
	return nil
}

func (r *Run) releases() string { return r.Path("releases") }

// counted are the figures before disclosure control: those that estimate made
// in this run, or made again from the counts.
func (r *Run) counted(ctx context.Context) (figures, error) {
	if r.made != nil {
		return *r.made, nil
	}
	var f figures
	err := r.withStore(ctx, func(s *store) error {
		var err error
		f, err = r.figures(ctx, s)
		return err
	})
	return f, err
}

// landedPersons are the landed datasets that stays and persons are made from.
var landedPersons = []string{"booking", "visit", "survey_response", "survey_tie", "act", "move"}

// figureDatasets are the datasets that estimate makes.
var figureDatasets = []string{
	"relational_population", "engagement_funnel", "visit_behaviour", "guest_nights", "origin_destination", "concentration", "coverage", "definition_sensitivity",
	"definition_overlap", "rank_stability", "target_progress", "error_budget", "small_areas", "change", "nowcast", "flags", "list_estimates", "assumptions",
	"migration_conversion", "conversion_curve", "migration_sources", "conversion_drivers", "programme_contrast", "engagement_transitions", "quality",
	"definitions", "regions", "region_changes", "visit_frequency", "deliveries",
}
