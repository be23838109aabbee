package pipeline

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
	"github.com/kankei/kankei/transforms/estimate"
	"github.com/kankei/kankei/transforms/visit"
)

// detailDataset is the dataset whose every number is perturbed.
const detailDataset = "origin_destination_detail"

// mechanism is how it is perturbed, and false where the project does not ask for it.
func (d DetailSettings) mechanism() (disclose.Mechanism, bool) {
	m := disclose.Mechanism{
		Name: d.Mechanism, Base: int64(d.Base), Noise: disclose.CellNoise{Variance: float64(d.Variance), Most: int64(d.Most)},
		Epsilon: float64(d.Epsilon), Delta: float64(d.Delta), Cells: d.CellsPerPerson,
	}
	return m, d.Mechanism != ""
}

// detail is the perturbed table of the last reference month by municipality of residence, in those groups of which the
// release shows the exact number.
func (r *Run) detail(ctx context.Context, shown disclose.Protected[schemas.RelationalPopulation]) (out disclose.Protected[schemas.OriginDestinationDetail], err error) {
	m, asked := r.Config.Disclosure.Detail.mechanism()
	if !asked {
		return out, nil
	}
	rules, err := r.countRules()
	if err != nil {
		return out, err
	}
	definition, err := r.detailDefinition(rules.Profiles)
	if err != nil || len(rules.References) == 0 {
		return out, err
	}
	d := disclose.Detail{Mechanism: m, Secret: r.noise, Origins: r.origins(), Row: schemas.OriginDestinationDetail{
		Definition: definition, Outside: r.Config.Disclosure.Detail.Outside, ReferenceMonth: slices.MaxFunc(r.references(), func(a, b schemas.Date) int { return int(a) - int(b) }), Source: schemas.SourceBooking,
		Observation: schemas.Observation{ObsStatus: schemas.Normal, ConfStatus: schemas.Free, MethodologyVersion: estimate.Methodology}}}
	err = r.withStore(ctx, func(s *store) error {
		out, err = d.Perturb(s.detailTies(ctx, rules, d.Row), shown)
		return err
	})
	return out, err
}

// detailDefinition is the definition that is asked for, or else the first of which bookings can tell persons.
func (r *Run) detailDefinition(profiles []schemas.Profile) (string, error) {
	asked := r.Config.Disclosure.Detail.Definition
	for _, p := range profiles {
		if p.Sees(schemas.SourceBooking) && (asked == "" || asked == p.ID) {
			return p.ID, nil
		}
	}
	return "", &Error{Code: ExitMisused, Where: r.Config.At("disclosure.detail"),
		Found:  say("%q は、予約から数えられる、このプロジェクトの定義ではありません", "%q is no definition of the project that bookings can see", asked),
		Wanted: say("definitions にある定義の id", "the id of one of the project's definitions")}
}

// origins are the codes of residence by prefecture: its municipalities, and the one that stands for those not known.
func (r *Run) origins() map[string][]string {
	out := map[string][]string{}
	for _, m := range r.Regions.Municipalities(schemas.Nation, r.vintage()) {
		out[m.RegionCode[:2]+"000"] = append(out[m.RegionCode[:2]+"000"], m.RegionCode)
	}
	for prefecture := range out {
		out[prefecture] = append(out[prefecture], unknownMunicipality(prefecture).RegionCode)
	}
	return out
}

// detailTies are the persons who satisfy the definition in the 12 months, shard of persons by shard.
func (s *store) detailTies(ctx context.Context, rules countRules, of schemas.OriginDestinationDetail) iter.Seq2[disclose.Tie, error] {
	return func(yield func(disclose.Tie, error) bool) {
		err := s.setRules(ctx, rules)
		var shards []string
		if err == nil {
			shards, err = s.shards(ctx)
		}
		if err == nil {
			err = s.temp(ctx, "detail", fmt.Sprintf("SELECT %s AS definition, %s AS outside", literal(of.Definition), literal(of.Outside)))
		}
		for _, shard := range shards {
			if err == nil {
				err = s.ruleTies(ctx, shard, slices.Max(rules.References), 12)
			}
			if err != nil {
				break
			}
			for scan, err := range s.rows(ctx, "SELECT person, region_code, origin_code FROM ("+visit.DetailTies+") ORDER BY ALL") {
				var t disclose.Tie
				if err == nil {
					err = scan(&t.Person, &t.Region, &t.Origin)
				}
				if !yield(t, err) {
					return
				}
			}
		}
		if err == nil {
			err = s.exec(ctx, "DROP TABLE IF EXISTS rule_tie")
		}
		if err != nil {
			yield(disclose.Tie{}, err)
		}
	}
}
