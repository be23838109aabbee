package pipeline

import (
	"os"
	"slices"
	"strings"
	"time"

	"github.com/kankei/kankei/pipeline/ingest"
	"github.com/kankei/kankei/schemas"
)

// A vintage is a run that looks back: it rebuilds the figures from what had been
// delivered by the end of a day, with the configuration and the program of
// today, below known-on/. It reads the exports and the state, and changes neither.

// vintages is the folder of the runs that look back, one folder a day.
const vintages = "known-on"

// KnownOn is the project as runs that look back to a day leave it.
func (p *Project) KnownOn(day schemas.Date) *Project {
	back := *p
	back.Vintage = day.String()
	return &back
}

// until is the end of the day looked back to, in Japan; far ahead where the
// workspace is that of the nightly runs.
func (w Workspace) until() time.Time {
	day, err := schemas.ParseDate(w.Vintage)
	if err != nil {
		return time.Unix(1<<40, 0)
	}
	return (day + 1).Time().Add(-japanAhead)
}

// findUnavailable refuses files that the exports held at the end of the day and
// hold no more: the figures of that day cannot be made without them.
func (r *Run) findUnavailable(in *intake, all deliveryLog) {
	present := map[content]bool{}
	for _, f := range in.files {
		present[content{f.source.Name, f.digest}] = true
	}
	r.then = map[content]bool{}
	for _, e := range all.before(r.until()).last() {
		c := content{e.Source, e.Digest}
		r.then[c] = true
		if !present[c] && slices.ContainsFunc(r.Config.Sources, func(s Source) bool { return s.Name == e.Source }) {
			in.refused = append(in.refused, unavailable(e))
		}
	}
}

func unavailable(e deliveryEvent) error {
	return &ingest.Refusal{
		File: e.Path, Reason: "unavailable",
		Found: say("当時届いていた内容（%s、SHA-256 %.12s…）が今はありません。", "the content that was there then (first read on %s, SHA-256 %.12s…) is gone.",
			e.At.In(japan).Format(time.DateOnly), e.Digest),
		Do: say("控えから、そのソースの files に合う別の名前で戻してください。", "Put it back from a copy, under any name that the files of its source match."),
	}
}

// knownThen says whether a delivery had come by the end of the day looked back to:
// it was seen by then, or states a time by then.
func (r *Run) knownThen(d Delivery) bool {
	return r.Vintage == "" || r.then[content{d.Source, d.FileDigest}] || d.Stated && d.At < inJapan(r.until())
}

// nothingThen is the end of a run that looks back to before anything was delivered.
func (r *Run) nothingThen() error {
	return &Error{
		Code:  ExitRefused,
		Found: say("%s までに届いたファイルはありません", "nothing had been delivered by %s", r.Vintage),
		Do: say("納品の日時は state/deliveries.jsonl の記録か、sources の delivered（ファイル名や内容の日時）によります",
			"the time of a delivery is that in state/deliveries.jsonl, or what delivered of its source finds in its name or content"),
	}
}

// landedFolder is where a delivery is landed. A run that looks back takes what
// the nightly runs have landed already.
func (r *Run) landedFolder(delivery string) string {
	if r.Vintage != "" {
		nightly := Workspace{Dir: r.Dir}.Path("work", "landed", delivery)
		if _, err := os.Stat(nightly + "/report.json"); err == nil {
			return nightly
		}
	}
	return r.Path("work", "landed", delivery)
}

// below is the part of paths that a run that looks back puts before its folders.
func (w Workspace) below() string {
	if w.Vintage == "" {
		return ""
	}
	return strings.Join([]string{vintages, w.Vintage, ""}, "/")
}
