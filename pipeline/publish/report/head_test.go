package report

import (
	"strings"
	"testing"
)

// Those who moved in over all who are related bound the share from above; where
// the share itself is withheld the first screen says so, and not the bound.
func TestConversionCardShowsNoBound(t *testing.T) {
	columns := map[string]int{}
	for i, name := range []string{"region_code", "estimator", "horizon_months", "value", "ci_low", "ci_high", "reliability", "obs_status", "conf_status"} {
		columns[name] = i
	}
	bound := row{columns, []any{"30000", "all_in_migrants", int64(12), 0.033, 0.026, 0.040, "A", "E", "F"}}
	withheld := row{columns, []any{"30000", "related_at_start", int64(12), nil, nil, nil, "U", "A", "C"}}
	b := builder{data: data{rows: map[string][]row{"conversion": {bound, withheld}}}}
	c := b.conversionCard(scope{region: "30000"})
	if c.Big != say("秘匿", "withheld") || strings.Contains(c.Meaning.EN, "Of 100 people") {
		t.Errorf("the card says %q: %q", c.Big.EN, c.Meaning.EN)
	}
	b.rows["conversion"] = []row{bound}
	if c := b.conversionCard(scope{region: "30000"}); strings.Contains(c.Meaning.EN, "Of 100 people") {
		t.Errorf("of the bound alone the card says %q: %q", c.Big.EN, c.Meaning.EN)
	}
}
