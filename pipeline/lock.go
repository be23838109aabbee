package pipeline

import (
	"os"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// Holder says who holds the lock of a project.
type Holder struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	Since   time.Time `json:"since"`
	Command string    `json:"command"`
}

// Lock takes the lock of the project, which a run holds from its beginning to
// its end, and gives the function that lets it go. The operating system lets
// go the lock of a process that dies, so a stale lock cannot be.
// The holder is named in a file of its own, work/lock.json, written after the
// lock is taken: it is worth reading only while the lock is held.
func (w Workspace) Lock(command string, now time.Time) (unlock func(), err error) {
	if err := os.MkdirAll(w.Path("work"), 0o777); err != nil {
		return nil, err
	}
	lock := flock.New(w.Path("work", "lock"))
	held, err := lock.TryLock()
	if err != nil {
		return nil, err
	}
	if !held {
		lock.Close()
		return nil, w.lockedError()
	}
	host, _ := os.Hostname() // a host without a name is still a holder
	holder := Holder{PID: os.Getpid(), Host: host, Since: now, Command: command}
	if err := w.ReplaceJSON(w.Path("work", "lock.json"), holder); err != nil {
		lock.Close()
		return nil, err
	}
	return func() {
		os.Remove(w.Path("work", "lock.json"))
		lock.Close()
	}, nil
}

func (w Workspace) lockedError() error {
	locked := &Error{
		Code:  ExitFailed,
		Where: "work/lock",
		Found: say("ほかの実行が進行中です", "another run is in progress"),
		Do:    say("終わるのを待ってから実行してください", "wait until it has ended"),
	}
	if h, ok := w.LockedBy(); ok {
		since := h.Since.Local().Format(time.DateTime)
		command := strings.TrimSpace(h.Command)
		locked.Found = say("ほかの実行が進行中です（プロセス %d、ホスト %s、%s から: %s）",
			"another run is in progress (process %d on %s since %s: %s)", h.PID, h.Host, since, command)
	}
	return locked
}

// LockedBy says who holds the lock of the project, and false where nobody does.
func (w Workspace) LockedBy() (Holder, bool) {
	path := w.Path("work", "lock")
	if _, err := os.Stat(path); err != nil {
		return Holder{}, false
	}
	lock := flock.New(path)
	defer lock.Close()
	if free, err := lock.TryRLock(); free || err != nil {
		return Holder{}, false
	}
	var h Holder
	if err := readJSON(w.Path("work", "lock.json"), &h); err != nil || h.PID == 0 {
		return Holder{}, false
	}
	return h, true
}
