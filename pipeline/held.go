package pipeline

import (
	"maps"
	"slices"
	"strings"

	"github.com/kankei/kankei/pipeline/ingest"
	"github.com/kankei/kankei/schemas"
)

// A delivery is held back where it would take rows or columns away from what it
// restates: that is more often a broken export than the truth. It waits until
// someone accepts it by name.

// held gives why a file that was read is held back, nil where it is not.
func (r *Run) held(f inputFile, report ingest.Report) error {
	return r.unaccepted(f.source.Name, report.FileDigest, r.losses(f.source, f.rel, report))
}

// unaccepted gives the first loss that nobody accepted, nil if there is none.
func (r *Run) unaccepted(source, digest string, losses []*ingest.Refusal) error {
	for _, loss := range losses {
		if !r.accepts(source, loss.File, digest, loss.Reason) {
			return loss
		}
	}
	return nil
}

// losses are what a file takes away from the one it replaces under its path, and
// from the columns of its source.
func (r *Run) losses(s Source, rel string, report ingest.Report) []*ingest.Refusal {
	var losses []*ingest.Refusal
	before, known := r.known[delivered{s.Name, rel}]
	if known && before.Digest != report.FileDigest && s.shrinks(before.Rows, report.RowsIn) {
		losses = append(losses, loss(rel, reasonShrunken,
			say("以前は %d 行、今回は %d 行しかありません。", "had %d rows before and has %d now.", before.Rows, report.RowsIn)))
	}
	d := Delivery{Report: report}
	d.File = rel
	r.settle(&d)
	if gone := r.dropped(d); len(gone) > 0 {
		losses = append(losses, loss(rel, reasonDropped,
			say("これまであった列がありません: %s。", "lacks columns that were there before: %s.", strings.Join(gone, ", "))))
	}
	return losses
}

func loss(rel, reason string, found schemas.Text) *ingest.Refusal {
	return &ingest.Refusal{
		File: rel, Reason: reason, Found: found,
		Do: say("出力し直すか、これで正しければ kankei run --accept %s としてください。", "Export it again, or, if this is right: kankei run --accept %s", rel),
	}
}

// shrinks says whether a number of rows is too far below the one before.
func (s Source) shrinks(before, now int64) bool {
	return now*100 < before*int64(100-s.ShrinkLimit)
}

// dropped lists the columns of the mapping that a new file lacks and the one
// before it under its path had; of a file under a new path, those that no file
// of the source delivered before it has lacked. A column lost once and accepted
// is known, and what states an earlier time may have columns of that time.
func (r *Run) dropped(d Delivery) []string {
	if _, known := r.firstSeen[content{d.Source, d.FileDigest}]; known {
		return nil
	}
	earlier := slices.Collect(maps.Values(r.known))
	if before, replaces := r.known[delivered{d.Source, d.File}]; replaces {
		earlier = []deliveryEvent{before}
	}
	told, lacked := false, map[string]bool{}
	for _, e := range earlier {
		if e.Source != d.Source || e.Mapping != d.Mapping || e.Missing == nil || e.DeliveredAt > d.At {
			continue
		}
		told = true
		for _, column := range e.Missing {
			lacked[column] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(d.Missing), func(column string) bool { return !told || lacked[column] })
}

// holdMonths takes out the new deliveries that have far fewer rows of a month
// than the delivery they restate, and gives why.
func (r *Run) holdMonths() Problems {
	var refused Problems
	all := slices.Clone(r.Deliveries)
	r.Deliveries = slices.DeleteFunc(r.Deliveries, func(d Delivery) bool {
		err := r.unaccepted(d.Source, d.FileDigest, r.monthLosses(d, all))
		if err != nil {
			refused = append(refused, err)
		}
		return err != nil
	})
	return refused
}

// monthLosses is the first month of which a new delivery has far fewer rows than
// the one it restates.
func (r *Run) monthLosses(d Delivery, all []Delivery) []*ingest.Refusal {
	source := r.source(d.Source)
	if _, known := r.firstSeen[content{d.Source, d.FileDigest}]; known || source.Complete != "month" {
		return nil
	}
	for _, month := range slices.Sorted(maps.Keys(d.Months)) {
		earlier := slices.DeleteFunc(slices.Clone(all), func(o Delivery) bool { return later(o, d) >= 0 })
		before := latestWith(earlier, d.Source, month)
		if before != nil && source.shrinks(before.Months[month], d.Months[month]) {
			return []*ingest.Refusal{loss(d.File, reasonShrunken, say("%s の行が %s では %d 行、今回は %d 行しかありません。",
				"has %[4]d rows of %[1]s, of which %[2]s had %[3]d.", month, before.File, before.Months[month], d.Months[month]))}
		}
	}
	return nil
}

// heldOnly says whether the files were stopped by gates alone: all could be read.
func heldOnly(refused Problems) bool {
	return !slices.ContainsFunc(refused, func(err error) bool {
		refusal, ok := err.(*ingest.Refusal)
		return !ok || refusal.Reason != reasonShrunken && refusal.Reason != reasonDropped
	})
}
