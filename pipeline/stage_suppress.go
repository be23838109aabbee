package pipeline

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"strconv"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// suppressionSeed is that of the search for the cells to withhold beside the primary ones.
const suppressionSeed = 7

// suppress marks the rows of exact counts that are withheld for the sake of others, with
// all tables that show them taken as one. What earlier publications show stays shown.
func (r *Run) suppress(ctx context.Context, f figures) error {
	earlier, err := r.earlier(ctx)
	var gone *Error
	if errors.As(err, &gone) {
		// The release stays inside; publish will ask for it.
		r.Log.Warn("publication_gone", gone.Where, gone.Found)
		earlier, err = nil, nil
	}
	if err != nil {
		return err
	}
	before, err := r.before(earlier)
	if err != nil {
		return err
	}
	profiles, err := r.profiles()
	if err != nil {
		return err
	}
	before.restOnEarlier(profiles, f.RelationalPopulation)
	shown := before.shown
	l := disclose.NewLinked(r.rules(), float64(r.Config.Disclosure.Protection)/100, func(name string) bool { return shown[name] })
	disclose.Link(l, "relational_population", f.RelationalPopulation)
	disclose.Link(l, "origin_destination", f.OriginDestination)
	disclose.Link(l, "visit_behaviour", f.VisitBehaviour)
	disclose.Link(l, "engagement_funnel", f.EngagementFunnel)
	disclose.Link(l, "target_progress", f.TargetProgress)
	disclose.Link(l, "definition_sensitivity", f.DefinitionSensitivity)
	disclose.Link(l, "guest_nights", f.GuestNights)
	disclose.Link(l, "flags", f.Flags)
	disclose.Link(l, "coverage", f.Coverage)
	l.Former(before.former, before.redrawn)
	l.Keep(before.stays)
	loss, cells, err := l.Suppress(disclose.Options{Seed: suppressionSeed, Threads: r.Threads})
	if err != nil {
		return err
	}
	derived := disclose.Derive(l, "visit_behaviour", f.VisitBehaviour) + disclose.Derive(l, "definition_sensitivity", f.DefinitionSensitivity) +
		disclose.Derive(l, "definition_overlap", f.DefinitionOverlap) + disclose.Derive(l, "origin_destination", f.OriginDestination) +
		disclose.Derive(l, "nowcast", f.Nowcast) + disclose.Derive(l, "concentration", f.Concentration) + disclose.Derive(l, "flags", f.Flags) +
		disclose.Derive(l, "coverage", f.Coverage)
	r.logLoss(loss, derived)
	return r.Replace(r.suppressionPath(), suppressionCSV(cells))
}

// logLoss tells the controller what is withheld; the shares of figures would tell readers sums of withheld ones.
func (r *Run) logLoss(loss []disclose.LinkedLoss, derived int) {
	var rows, withheld int64
	for _, l := range loss {
		rows, withheld = rows+l.Rows, withheld+l.Withheld
	}
	r.Log.Say(say("秘匿: 人数・宿泊数の行 %d のうち %d。ほかに、秘匿した数を割り戻せる行 %d", "withheld: %[2]d of %[1]d rows of counts, and %[3]d rows that would tell withheld counts by dividing", rows, withheld, derived))
}

// disclosureRules are the rules that readers of a release are told.
func (r *Run) disclosureRules() []schemas.DisclosureRule {
	rules := r.rules().Rules()
	for i := range rules {
		if why := r.Config.Disclosure.FewerFacilities; why != "" && rules[i].Rule == "facilities" {
			rules[i].Note += "; fewer than three because: " + why
		}
	}
	if m, asked := r.Config.Disclosure.Detail.mechanism(); asked {
		rules = append(rules, m.Rules(detailDataset)...)
	}
	return append(rules, schemas.DisclosureRule{Rule: "protection", Threshold: int64(r.Config.Disclosure.Protection),
		Note: "percent of a withheld count on both sides of it that cannot be excluded by computing; in any case no withheld count of the tables that add up can be computed"})
}

// suppressionPath is where the controller finds which cells are withheld and why. It is never published.
func (w Workspace) suppressionPath() string { return w.Path("work", "disclosure.csv") }

func suppressionCSV(cells []disclose.LinkedCell) []byte {
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	lines := [][]string{{"cell", "value", "withheld", "protected", "rule", "width", "above"}}
	for _, c := range cells {
		kind := "secondary"
		if c.Reason != "" {
			kind = "primary"
		}
		lines = append(lines, []string{c.Name, strconv.FormatInt(c.Value, 10), kind, strconv.FormatBool(c.Protected), c.Reason,
			strconv.FormatInt(c.Asked.Width, 10), strconv.FormatInt(c.Asked.Above, 10)})
	}
	_ = out.WriteAll(lines) // into memory
	return b.Bytes()
}
