package pipeline

import (
	"time"
)

// deliveryEvent is a line of state/deliveries.jsonl, the memory of what the
// exports held: which file was seen when, and which was withdrawn.
type deliveryEvent struct {
	At     time.Time `json:"at"`
	Event  string    `json:"event"` // seen or withdrawn
	Source string    `json:"source"`
	Path   string    `json:"path"`
	Digest string    `json:"digest"`
	Size   int64     `json:"size"`
	Rows   int64     `json:"rows"`
}

const (
	eventSeen      = "seen"
	eventWithdrawn = "withdrawn"
)

// acceptance is a line of state/acceptances.jsonl: someone knows that a file is
// gone, or has far fewer rows than before, and wants it so. It speaks of one
// content (digest) of one file and of nothing later.
type acceptance struct {
	At     time.Time `json:"at"`
	Source string    `json:"source"`
	Path   string    `json:"path"`
	Digest string    `json:"digest"`
	Reason string    `json:"reason"` // vanished or shrunken
}

const (
	reasonVanished = "vanished"
	reasonShrunken = "shrunken"
)

// place of delivery: a path may belong to several sources.
type delivered struct{ source, path string }

func (w Workspace) deliveriesPath() string  { return w.Path("state", "deliveries.jsonl") }
func (w Workspace) acceptancesPath() string { return w.Path("state", "acceptances.jsonl") }

// lastSeen gives the latest event of each file that has not been withdrawn, in
// the order in which the files were first seen.
func (w Workspace) lastSeen() ([]deliveryEvent, error) {
	var order []delivered
	last := map[delivered]deliveryEvent{}
	for e, err := range readLines[deliveryEvent](w.deliveriesPath()) {
		if err != nil {
			return nil, err
		}
		at := delivered{e.Source, e.Path}
		if _, known := last[at]; !known {
			order = append(order, at)
		}
		last[at] = e
	}
	var events []deliveryEvent
	for _, at := range order {
		if e := last[at]; e.Event == eventSeen {
			events = append(events, e)
		}
	}
	return events, nil
}

// accepted gives the acceptances on record.
func (w Workspace) accepted() (map[acceptance]bool, error) {
	all := map[acceptance]bool{}
	for a, err := range readLines[acceptance](w.acceptancesPath()) {
		if err != nil {
			return nil, err
		}
		a.At = time.Time{}
		all[a] = true
	}
	return all, nil
}
