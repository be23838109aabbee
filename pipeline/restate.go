package pipeline

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/kankei/kankei/pipeline/ingest"
	"github.com/kankei/kankei/schemas"
)

// settle gives a delivery its place among the others: the time of delivery that
// its name or its content states, else the one at which its content was first seen.
func (r *Run) settle(d *Delivery) {
	stated := r.statedBy(d)
	if at, ok := ingest.TimeIn(stated.Name, path.Base(d.File)); ok {
		d.At, d.Stated = at, true
		return
	}
	if d.StatedAt != nil {
		d.At, d.Stated = *d.StatedAt, true
		return
	}
	seen, known := r.firstSeen[content{d.Source, d.FileDigest}]
	if !known {
		seen = r.arrived
	}
	d.At = inJapan(seen)
}

// statedBy says where the files of a delivery's source state their time: as
// kankei.yaml says, else the mapping.
func (r *Run) statedBy(d *Delivery) ingest.Stated {
	i := slices.IndexFunc(r.Config.Sources, func(s Source) bool { return s.Name == d.Source })
	own := r.Config.Sources[i].Delivered
	if own != (StatedTime{}) {
		return ingest.Stated(own)
	}
	m := r.mappings[i]
	if m == nil {
		m, _ = ingest.Builtin(d.Mapping)
	}
	if m == nil || m.Delivered == nil {
		return ingest.Stated{}
	}
	return *m.Delivered
}

// later orders deliveries of a source: by time of delivery, then by name. What
// was first seen together has no other order than that of names.
func later(a, b Delivery) int {
	return cmp.Or(cmp.Compare(a.At, b.At), strings.Compare(a.File, b.File))
}

// restate finds out, for the sources whose exports have all of a month, which
// months of which delivery a later one has anew.
func (r *Run) restate() {
	for i := range r.Deliveries {
		d := &r.Deliveries[i]
		d.Restated = map[string]string{}
		if !r.complete(d.Source) {
			continue
		}
		for month := range d.Months {
			if by := latestWith(r.Deliveries, d.Source, month); by != d {
				d.Restated[month] = by.File
			}
		}
	}
}

// complete says whether an export of a source has all of each month it has any of.
func (r *Run) complete(source string) bool { return r.source(source).Complete == "month" }

// source is the source of that name.
func (r *Run) source(name string) Source {
	i := slices.IndexFunc(r.Config.Sources, func(s Source) bool { return s.Name == name })
	return r.Config.Sources[i]
}

// latestWith is the latest delivery of a source that has rows of a month, nil if none has.
func latestWith(all []Delivery, source, month string) *Delivery {
	var latest *Delivery
	for i := range all {
		d := &all[i]
		if d.Source == source && d.Months[month] > 0 && (latest == nil || later(*latest, *d) < 0) {
			latest = d
		}
	}
	return latest
}

// months are the months of a delivery that stand no more, in order.
func (d Delivery) months() []string { return slices.Sorted(maps.Keys(d.Restated)) }

// Replacement is what a later delivery replaced of an earlier one.
type Replacement struct {
	Source string `json:"source"`
	// File is the earlier delivery and By the later; By is '' where rows left without a successor.
	File string `json:"file"`
	By   string `json:"by"`
	// Rows and Bookings are the rows of File that no longer count, and the bookings they are of.
	Rows     int64 `json:"rows"`
	Bookings int64 `json:"bookings"`
	// Months are those of File that By has anew as a whole; only where the source is complete by month.
	Months []string `json:"months,omitempty"`
	// Differing counts, by field, bookings of which the two say different things
	// though neither says that it changed later: By was believed.
	Differing map[string]int64 `json:"differing,omitempty"`
}

func (w Workspace) replacementsPath() string { return w.Path("work", "replacements.json") }

// Replacements are what later deliveries replaced, as of the last run.
func (w Workspace) Replacements() ([]Replacement, error) {
	var all []Replacement
	return all, readJSON(w.replacementsPath(), &all)
}

// monthReplacements are the months that stand anew. Their rows are counted here,
// whatever they are of; what became of their bookings, the store knows.
func (r *Run) monthReplacements() []Replacement {
	var all []Replacement
	for _, d := range r.Deliveries {
		byFile := map[string]*Replacement{}
		for _, month := range d.months() {
			by := d.Restated[month]
			if byFile[by] == nil {
				byFile[by] = &Replacement{Source: d.Source, File: d.File, By: by}
			}
			byFile[by].Rows += d.Months[month]
			byFile[by].Months = append(byFile[by].Months, month)
		}
		for _, replaced := range byFile {
			all = append(all, *replaced)
		}
	}
	return all
}

// noteReplacements keeps what was replaced for kankei status, and warns of what
// a reader of the figures should know.
func (r *Run) noteReplacements(bookings []Replacement) error {
	all := append(r.monthReplacements(), bookings...)
	slices.SortFunc(all, func(a, b Replacement) int {
		return cmp.Or(strings.Compare(a.Source, b.Source), strings.Compare(a.File, b.File), strings.Compare(a.By, b.By), cmp.Compare(len(b.Months), len(a.Months)))
	})
	for _, s := range r.Config.Sources {
		r.warnReplaced(s.Name, bookings)
	}
	return r.ReplaceJSON(r.replacementsPath(), all)
}

// warnReplaced tells of a source what its files contradict each other in, and
// what left without a successor. kankei status has the files.
func (r *Run) warnReplaced(source string, bookings []Replacement) {
	lost, differing := int64(0), map[string]int64{}
	for _, p := range bookings {
		if p.Source != source {
			continue
		}
		if p.By == "" {
			lost += p.Bookings
		}
		for field, n := range p.Differing {
			differing[field] += n
		}
	}
	if len(differing) > 0 {
		r.Log.Warn("conflict", source, say("前の納品と後の納品で食い違う予約があり、後の値を使います（%s）。ファイルは kankei status が示します",
			"bookings of earlier deliveries contradict later ones, which are believed (%s); kankei status names the files", Counts(differing)))
	}
	if lost > 0 {
		r.Log.Warn("no_longer_delivered", source, say("予約 %d 件は、その月を改めて届けたファイルにないため除きました", "bookings that the month delivered anew no longer has: %d; they count no more", lost))
	}
}

// warnForgotten says that the memory of deliveries is lost, where runs before
// this one had made it.
func (r *Run) warnForgotten() {
	if r.readManifest().Stages["ingest"] == "" || exists(r.deliveriesPath()) {
		return
	}
	r.Log.Warn("state_lost", "state/deliveries.jsonl", schemas.Text{
		JA: "納品の記録がありません。日時が分からないファイルは今届いたものとし、名前の順に新しいとみなします。控えがあれば state/ を戻してください",
		EN: "is gone: files that state no time count as delivered now, the later the name the later; restore state/ if there is a copy",
	})
}
