package pipeline

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kankei/kankei/pipeline/ingest"
	"github.com/kankei/kankei/schemas"
)

// noteDeliveries warns of what a reader of the figures should know about the files.
func (r *Run) noteDeliveries() {
	for _, d := range r.intake.doubles {
		r.Log.Warn(Double, d.rel, say("%s と同じ内容なので一度だけ数えます", "has the same content as %s and is counted once", d.of))
	}
	for _, d := range r.Deliveries {
		if d.RowsRejected > 0 {
			r.Log.Warn("rejected", d.File, say("%d 行のうち %d 行を除きました（%[4]s）", "%[2]d of %[1]d rows rejected (%[3]s)", d.RowsIn, d.RowsRejected, Counts(d.Rejected), Counts(inJapanese(d.Rejected))))
		}
		if d.Cut != nil {
			r.Log.Warn("cut_off", fmt.Sprintf("%s:%d", d.File, d.Cut.Line), cutOff(*d.Cut))
		}
		if d.Identical > 0 {
			r.Log.Warn("identical", d.File, say("同じファイルの前の行とまったく同じ行が %d 行あり、残しています", "rows equal to an earlier row of the file: %d; they are kept", d.Identical))
		}
		if d.Replaced > 0 {
			r.Log.Warn("undecodable", d.File, say("読めない文字が %d 個あります（文字コード %s）", "%d characters could not be decoded (encoding %s)", d.Replaced, d.Format.Encoding))
		}
	}
	r.noteResidences()
}

// inJapanese are counts of rejected rows by the reason in words.
func inJapanese(by map[string]int64) map[string]int64 {
	out := map[string]int64{}
	for reason, n := range by {
		out[schemas.ReasonText(reason).JA] += n
	}
	return out
}

// noteResidences warns of sources that should tell where people live, by their mapping,
// and tell it of nobody: the column is called otherwise, and everybody would count
// as living outside.
func (r *Run) noteResidences() {
	persons, unknown := map[string]int64{}, map[string]int64{}
	for _, d := range r.Deliveries {
		if !r.tellsResidence(d) {
			continue
		}
		for _, dataset := range landedPersons {
			persons[d.Source] += d.Landed[dataset]
		}
		unknown[d.Source] += d.ResidenceUnknown
	}
	for _, source := range slices.Sorted(maps.Keys(persons)) {
		if n := persons[source]; n > 0 && unknown[source] == n {
			r.Log.Warn("residence", source, say("%d 行すべての居住地が分からず、域外に住むとして数えます。居住地の列の見出しがマッピングと合っているか、kankei inspect で確かめてください",
				"none of its %d rows tells where people live, so all count as living outside; see with kankei inspect whether the mapping knows the heading of the residence", n))
		}
	}
}

// tellsResidence says whether the mapping of a delivery reads where people live.
func (r *Run) tellsResidence(d Delivery) bool {
	for _, m := range append(slices.Clone(r.mappings), ingest.Builtins()...) {
		if m != nil && m.ID == d.Mapping {
			return slices.ContainsFunc(m.Records, func(record ingest.Record) bool {
				return slices.ContainsFunc(record.Fields, func(f ingest.Field) bool { return strings.HasPrefix(f.Target, "residence.") })
			})
		}
	}
	return false
}

// silence is after how many months without a row a source is told of, by its kind: a small house may
// have no guest for a while, answers on the spot come every month.
var silence = map[string]int{"booking": 3, "visit": 1, "survey": 1}

// noteEnded warns of sources that end months before the as-of day: whoever they show is
// counted by the twelve months up to it, of which they lack some. Weighted surveys speak
// of the months after them, too.
func (r *Run) noteEnded() {
	last := map[string]schemas.Date{}
	for _, d := range r.Deliveries {
		counted := d.Kind != "survey" || d.Landed["visit"] > 0 && r.source(d.Source).Survey.Sampling == ""
		if silence[d.Kind] > 0 && counted && d.DataThrough != nil {
			last[d.Source] = max(last[d.Source], *d.DataThrough)
		}
	}
	var ended []string
	for _, source := range slices.Sorted(maps.Keys(last)) {
		if last[source] <= r.AsOf.AddMonths(-silence[r.source(source).Kind]) {
			ended = append(ended, fmt.Sprintf("%s (%s)", source, last[source]))
		}
	}
	if len(ended) > 0 {
		list := strings.Join(ended, ", ")
		r.Log.Warn("ended", "", say("基準日 %s より前で途切れている出所: %s。届いていない月がある分、%[1]s までの12か月に数える人は少なくなります",
			"sources that end before the as-of day %s: %s; as far as months are missing, fewer persons count in the 12 months to %[1]s", r.AsOf, list))
	}
}
