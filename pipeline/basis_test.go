package pipeline

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
)

func TestReasonsSince(t *testing.T) {
	before := basis{AsOf: "2025-09-30", Program: "p", Settings: "s", Regions: "r", Files: []basisFile{
		{Source: "neppan", Path: "a.csv", Digest: "1", Delivery: "k1", Months: []string{"2025-08"}}, {Source: "neppan", Path: "b.csv", Digest: "2", Delivery: "k2", Months: []string{"2025-09"}}}}
	files := func(f ...basisFile) func(*basis) { return func(b *basis) { b.Files = f } }
	a, b := before.Files[0], before.Files[1]
	restated := b
	restated.Restated = []string{"c.csv"}
	file := func(source, path, digest, delivery string, months ...string) basisFile {
		return basisFile{Source: source, Path: path, Digest: digest, Delivery: delivery, Months: months}
	}
	for _, c := range []struct {
		name   string
		change func(*basis)
		want   []string
	}{
		{"nothing", func(*basis) {}, nil},
		{"a later day", func(b *basis) { b.AsOf = "2025-10-31" }, []string{schemas.RevisionNewData}},
		{"a new file", files(a, b, file("neppan", "c.csv", "3", "k3", "2025-09")), []string{schemas.RevisionNewData}},
		{"the same path of another source", files(a, b, file("rakutsu", "a.csv", "1", "k1")), []string{schemas.RevisionNewData}},
		{"other content", files(a, file("neppan", "b.csv", "9", "k9")), []string{schemas.RevisionRestatement}},
		{"other content of the same month under another path", files(a, restated, file("neppan", "c.csv", "3", "k3", "2025-09")), []string{schemas.RevisionRestatement}},
		{"that and a month more", files(a, restated, file("neppan", "c.csv", "3", "k3", "2025-09", "2025-10")), []string{schemas.RevisionNewData, schemas.RevisionRestatement}},
		{"that of a file that is new as well", files(a, b, file("neppan", "d.csv", "4", "k4"), file("neppan", "c.csv", "3", "k3", "2025-09")), []string{schemas.RevisionNewData}},
		{"the same content under another path", files(a, file("neppan", "c.csv", "2", "k2")), nil},
		{"read in another way under another path", files(a, file("neppan", "c.csv", "2", "k9")), []string{schemas.RevisionMethod}},
		{"withdrawn", files(a), []string{schemas.RevisionRestatement}},
		{"read in another way", files(a, file("neppan", "b.csv", "2", "k9")), []string{schemas.RevisionMethod}},
		{"other settings", func(b *basis) { b.Settings = "t" }, []string{schemas.RevisionMethod}},
		{"other codes", func(b *basis) { b.Regions = "q" }, []string{schemas.RevisionBoundary}},
		{"read by another table of codes", func(b *basis) {
			b.Regions, b.Codes, b.Files = "q", "c", []basisFile{a, file("neppan", "b.csv", "2", "k9")}
		}, []string{schemas.RevisionBoundary}},
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
