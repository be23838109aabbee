package pipeline

import (
	"errors"
	"time"
)

// Status is what is known of a project without running anything.
type Status struct {
	// Last is the latest run on record; its Number is 0 before the first.
	Last Record
	// Release is the id of the release in force, or ''.
	Release string
	// Published tells of the publications.
	Published PublicationRecord
	// Running is who holds the lock now; nil if nobody does.
	Running *Holder
	// Replaced is what later deliveries replaced of earlier ones.
	Replaced []Replacement
	// Overwritten are the files whose path has had other content before, in order.
	Overwritten []Overwritten
	// Accepted are the files that someone accepted though they are gone, are cut off or lost rows or columns, in order.
	Accepted []Accepted
}

// Overwritten is a file that took the path of another.
type Overwritten struct {
	At           time.Time
	Source, File string
	// Before and Now are their rows.
	Before, Now int64
}

// overwritten are the files that took the path of another.
func (l deliveryLog) overwritten() []Overwritten {
	var all []Overwritten
	last := map[delivered]deliveryEvent{}
	for _, e := range l {
		before := last[delivered{e.Source, e.Path}]
		if before.Event == eventSeen && e.Event == eventSeen && before.Digest != e.Digest {
			all = append(all, Overwritten{e.At, e.Source, e.Path, before.Rows, e.Rows})
		}
		last[delivered{e.Source, e.Path}] = e
	}
	return all
}

// Accepted is a file that someone accepted by name.
type Accepted struct {
	At           time.Time
	Source, File string
	// Reason is vanished, shrunken, dropped_column or cut_off.
	Reason string
}

// Status reads what the runs left.
func (w Workspace) Status() (Status, error) {
	var s Status
	number, err := w.lastRunNumber()
	if err != nil {
		return s, err
	}
	if number > 0 {
		err = readJSON(w.recordPath(number), &s.Last)
	}
	var e, f error
	s.Release, e = w.CurrentRelease()
	s.Published, f = w.LastPublication()
	if h, held := w.LockedBy(); held {
		s.Running = &h
	}
	accepted, e2 := allLines[acceptance](w.acceptancesPath())
	for _, a := range accepted {
		s.Accepted = append(s.Accepted, Accepted{a.At, a.Source, a.Path, a.Reason})
	}
	log, e3 := w.deliveryLog()
	s.Overwritten = log.overwritten()
	var e4 error
	s.Replaced, e4 = w.Replacements()
	return s, errors.Join(err, e, f, e2, e3, e4)
}

// Database is the DuckDB file that queries read: that of the release in force,
// or the internal one with figures before protection.
func (w Workspace) Database(internal bool) (string, error) {
	release, err := w.CurrentRelease()
	if err != nil {
		return "", err
	}
	path := w.Path("releases", release, "kankei.duckdb")
	if internal {
		path = w.Path("work", "internal.duckdb")
	}
	if release == "" && !internal || !exists(path) {
		return "", &Error{
			Code: ExitMisused, Where: w.Rel(path),
			Found: say("問い合わせる先がまだありません", "there is nothing to ask yet"),
			Do:    say("先に kankei run を実行してください", "first run kankei run"),
		}
	}
	return path, nil
}
