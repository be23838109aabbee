package pipeline

import (
	"errors"
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
	return s, errors.Join(err, e, f)
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
