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
	release, e := w.CurrentRelease()
	s.Release = release
	if h, held := w.LockedBy(); held {
		s.Running = &h
	}
	return s, errors.Join(err, e)
}

// ErrNotForPublication is why publish refuses, and will until releases pass
// secondary suppression and the attack audit.
var ErrNotForPublication error = &Error{
	Code:  ExitGated,
	Found: say("公表できません: リリースには「公表不可」の印があります", "not published: releases are marked not for publication"),
	Do: say("リリースは少人数のセルを伏せていますが、差し引きで復元できないことをまだ確かめていません。庁内の検討に限って使ってください",
		"they withhold small cells, but nothing yet proves that withheld cells cannot be recovered by subtraction; use them inside the house only"),
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
