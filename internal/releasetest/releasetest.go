// Package releasetest makes releases for tests outside of pipeline/publish.
package releasetest

import (
	"slices"

	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// With are the tables of a release, those not given being empty.
func With(given ...publish.Table) []publish.Table {
	tables := []publish.Table{
		publish.TableOf("relational_population", disclose.Protected[schemas.RelationalPopulation]{}),
		publish.TableOf("engagement_funnel", disclose.Protected[schemas.EngagementFunnel]{}),
		publish.TableOf("visit_behaviour", disclose.Protected[schemas.VisitBehaviour]{}),
		publish.TableOf("guest_nights", disclose.Protected[schemas.GuestNights]{}),
		publish.TableOf("origin_destination", disclose.Protected[schemas.OriginDestination]{}),
		publish.TableOf("origin_destination_detail", disclose.Protected[schemas.OriginDestinationDetail]{}),
		publish.TableOf("concentration", disclose.Protected[schemas.Concentration]{}),
		publish.TableOf("coverage", disclose.Protected[schemas.Coverage]{}),
		publish.TableOf("definition_sensitivity", disclose.Protected[schemas.DefinitionSensitivity]{}),
		publish.TableOf("definition_overlap", disclose.Protected[schemas.DefinitionOverlap]{}),
		publish.TableOf("revisions", disclose.Protected[schemas.Revision]{}),
		publish.TableOf("rank_stability", disclose.Protected[schemas.RankStability]{}),
		publish.TableOf("error_budget", disclose.Protected[schemas.ErrorBudget]{}),
		publish.TableOf("small_areas", disclose.Protected[schemas.SmallArea]{}),
		publish.TableOf("change", disclose.Protected[schemas.Change]{}),
		publish.TableOf("nowcast", disclose.Protected[schemas.Nowcast]{}),
		publish.TableOf("flags", disclose.Protected[schemas.Flag]{}),
		publish.TableOf("target_progress", disclose.Protected[schemas.TargetProgress]{}),
		publish.TableOf("list_estimates", disclose.Protected[schemas.ListEstimate]{}),
		publish.TableOf("assumptions", disclose.Protected[schemas.Assumption]{}),
		publish.TableOf("migration_conversion", disclose.Protected[schemas.MigrationConversion]{}),
		publish.TableOf("conversion_curve", disclose.Protected[schemas.ConversionCurve]{}),
		publish.TableOf("migration_sources", disclose.Protected[schemas.MigrationSource]{}),
		publish.TableOf("conversion_drivers", disclose.Protected[schemas.ConversionDriver]{}),
		publish.TableOf("programme_contrast", disclose.Protected[schemas.ProgrammeContrast]{}),
		publish.TableOf("engagement_transitions", disclose.Protected[schemas.EngagementTransition]{}),
		publish.TableOf("quality", disclose.Protected[schemas.Quality]{}),
		publish.TableOf("regions", disclose.Protected[schemas.Region]{}),
		publish.TableOf("region_changes", disclose.Protected[schemas.RegionChange]{}),
	}
	for _, g := range given {
		tables[slices.IndexFunc(tables, func(t publish.Table) bool { return t.Name() == g.Name() })] = g
	}
	return tables
}
