package pipeline

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kankei/kankei/pipeline/ingest"
	"github.com/kankei/kankei/schemas"
)

// A delivery is held back where it would take rows or columns away from what it
// restates, or ends within a row: that is more often a broken export than the
// truth. It waits until someone accepts it by name.

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
// from the columns of its source, and what it lost itself.
func (r *Run) losses(s Source, rel string, report ingest.Report) []*ingest.Refusal {
	var losses []*ingest.Refusal
	if report.Cut != nil {
		losses = append(losses, cutLoss(rel, *report.Cut))
	}
	before, known := r.known[delivered{s.Name, rel}]
	if known && before.Digest != report.FileDigest && s.shrinks(before.Rows, report.RowsIn) {
		losses = append(losses, loss(rel, reasonShrunken,
			say("以前は %d 行、今回は %d 行しかありません。", "had %d rows before and has %d now.", before.Rows, report.RowsIn)))
	}
	d := Delivery{Report: report}
	d.File = rel
	r.settle(&d)
	if gone, before := r.dropped(d); len(gone) > 0 {
		losses = append(losses, dropLoss(rel, gone, without(before.Missing, d.Missing), before))
	}
	return losses
}

// cutLoss is the loss of what followed the row within which a file ends: how much,
// nothing tells.
func cutLoss(rel string, at ingest.Cut) *ingest.Refusal {
	r := loss(rel, reasonCutOff, cutOff(at))
	r.Line = int(at.Line)
	return r
}

// cutOff says that a file ends within a row, and where in it.
func cutOff(at ingest.Cut) schemas.Text {
	column := schemas.Text{}
	if at.Column != "" {
		column = say("（列 %s）", " (column %s)", at.Column)
	}
	return schemas.Text{
		JA: "行の途中" + column.JA + "でファイルが終わっています。転送が途中で切れたようで、後に何行あったかは分かりません。",
		EN: "the file ends within this row" + column.EN + ", as where a transfer breaks off; how many rows came after it is not known.",
	}
}

// dropLoss is the loss of columns that were there in the delivery before. Where the
// file has columns that one lacked, somebody chose another layout of the same
// export, which is no loss by accident.
func dropLoss(rel string, gone, added []string, before deliveryEvent) *ingest.Refusal {
	on := time.UnixMicro(int64(cmp.Or(before.DeliveredAt, inJapan(before.At)))).UTC().Format(time.DateOnly)
	found := say("これまであった列がありません: %s（最後にあったのは %s 納品の %s）。", "lacks columns that were there before: %s (last in %[3]s, delivered on %[2]s).",
		strings.Join(gone, ", "), on, before.Path)
	if len(added) > 0 {
		list := strings.Join(added, ", ")
		also := say("そこになかった列があります: %s。", " It has columns that one lacked: %s.", list)
		found = schemas.Text{JA: found.JA + also.JA, EN: found.EN + also.EN}
	}
	return &ingest.Refusal{
		File: rel, Reason: reasonDropped, Found: found,
		Do: say("列のある形式で出力し直してください。出力の形式を変えたのであれば、kankei run --accept %s と一度だけ実行してください。同じ形式の次のファイルからは止まりません（なくなった列の情報は以後不明になります）。",
			"Export it again with these columns. If the layout of the exports was changed on purpose, accept it once: kankei run --accept %s; later files of that layout are then read without asking, and what the columns told is not known any more.", Quoted(rel)),
	}
}

// without are the texts of a list that another does not have.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}

func loss(rel, reason string, found schemas.Text) *ingest.Refusal {
	return &ingest.Refusal{
		File: rel, Reason: reason, Found: found,
		Do: say("出力し直すか、これで正しければ kankei run --accept %s としてください。", "Export it again, or, if this is right: kankei run --accept %s", Quoted(rel)),
	}
}

// shrinks says whether a number of rows is too far below the one before.
func (s Source) shrinks(before, now int64) bool {
	return now*100 < before*int64(100-s.ShrinkLimit)
}

// dropped lists the columns of the mapping that a new file lacks and the one
// before it under its path had; of a file under a new path, those that no file
// of the source delivered before it has lacked. A column lost once and accepted
// is known, and what states an earlier time may have columns of that time. The
// latest of the files it is held against comes with them.
func (r *Run) dropped(d Delivery) (columns []string, before deliveryEvent) {
	if _, known := r.firstSeen[content{d.Source, d.FileDigest}]; known {
		return nil, before
	}
	earlier := slices.Collect(maps.Values(r.known))
	if replaced, replaces := r.known[delivered{d.Source, d.File}]; replaces {
		earlier = []deliveryEvent{replaced}
	}
	told, lacked := false, map[string]bool{}
	for _, e := range earlier {
		if e.Source != d.Source || e.Mapping != d.Mapping || e.Missing == nil || e.DeliveredAt > d.At {
			continue
		}
		if !told || cmp.Or(cmp.Compare(before.DeliveredAt, e.DeliveredAt), strings.Compare(before.Path, e.Path)) < 0 {
			told, before = true, e
		}
		for _, column := range e.Missing {
			lacked[column] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(d.Missing), func(column string) bool { return !told || lacked[column] }), before
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
		return !ok || refusal.Reason != reasonShrunken && refusal.Reason != reasonDropped && refusal.Reason != reasonCutOff
	})
}
