package pipeline

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
)

func TestReasonsSince(t *testing.T) {
	before := basis{AsOf: "2025-09-30", Program: "p", Settings: "s", Regions: "r", Files: []basisFile{{"neppan", "a.csv", "1", "k1"}, {"neppan", "b.csv", "2", "k2"}}}
	files := func(f ...basisFile) func(*basis) { return func(b *basis) { b.Files = f } }
	a, b := before.Files[0], before.Files[1]
	for _, c := range []struct {
		name   string
		change func(*basis)
		want   []string
	}{
		{"nothing", func(*basis) {}, nil},
		{"a later day", func(b *basis) { b.AsOf = "2025-10-31" }, []string{schemas.RevisionNewData}},
		{"a new file", files(a, b, basisFile{"neppan", "c.csv", "3", "k3"}), []string{schemas.RevisionNewData}},
		{"the same path of another source", files(a, b, basisFile{"rakutsu", "a.csv", "1", "k1"}), []string{schemas.RevisionNewData}},
		{"other content", files(a, basisFile{"neppan", "b.csv", "9", "k9"}), []string{schemas.RevisionRestatement}},
		{"withdrawn", files(a), []string{schemas.RevisionRestatement}},
		{"read in another way", files(a, basisFile{"neppan", "b.csv", "2", "k9"}), []string{schemas.RevisionMethod}},
		{"other settings", func(b *basis) { b.Settings = "t" }, []string{schemas.RevisionMethod}},
		{"other codes", func(b *basis) { b.Regions = "q" }, []string{schemas.RevisionBoundary}},
		{"another program and nothing else", func(b *basis) { b.Program = "q" }, []string{schemas.RevisionMethod}},
		{"another program with new data", func(b *basis) { b.Program, b.AsOf = "q", "2025-10-31" }, []string{schemas.RevisionNewData}},
	} {
		now := before
		c.change(&now)
		if diff := cmp.Diff(c.want, now.reasonsSince(before)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// Figures by the boundaries of another day have been revised for their boundaries, though no code has changed.
func TestBoundariesOfAnotherDayAreOthers(t *testing.T) {
	table := reference.Load()
	now, then := boundaries{table, onDay(t, "2024-01-01")}, boundaries{table, onDay(t, "2019-05-01")}
	if now.digest() == then.digest() || now.digest() != (boundaries{reference.Load(), now.vintage}).digest() {
		t.Error("the digest of boundaries does not tell the day")
	}
}
