package pipeline

import (
	"slices"
	"time"

	"github.com/kankei/kankei/schemas"
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
	// Mapping and Missing are the mapping it was read by, and the columns of it that
	// the file lacks; nil in lines of versions that did not keep them.
	Mapping string   `json:"mapping,omitempty"`
	Missing []string `json:"missing"`
	// DeliveredAt is the time of delivery that it had then, in Japan.
	DeliveredAt schemas.Timestamp `json:"delivered_at,omitempty"`
}

const (
	eventSeen      = "seen"
	eventWithdrawn = "withdrawn"
)

// acceptance is a line of state/acceptances.jsonl: someone knows that a file is
// gone, has far fewer rows than what it restates, lacks a column, or is cut off, and
// wants it so. It speaks of one content (digest) of one file and of nothing later.
type acceptance struct {
	At     time.Time `json:"at"`
	Source string    `json:"source"`
	Path   string    `json:"path"`
	Digest string    `json:"digest"`
	Reason string    `json:"reason"` // vanished, shrunken, dropped_column or cut_off
}

const (
	reasonVanished = "vanished"
	reasonShrunken = "shrunken"
	reasonDropped  = "dropped_column"
	reasonCutOff   = "cut_off"
)

// place of delivery: a path may belong to several sources.
type delivered struct{ source, path string }

// content of a file of a source: what a delivery is known by, whatever its name.
type content struct{ source, digest string }

// deliveryLog is the lines of state/deliveries.jsonl in order.
type deliveryLog []deliveryEvent

func (w Workspace) deliveriesPath() string  { return w.Path("state", "deliveries.jsonl") }
func (w Workspace) acceptancesPath() string { return w.Path("state", "acceptances.jsonl") }

func (w Workspace) deliveryLog() (deliveryLog, error) {
	return allLines[deliveryEvent](w.deliveriesPath())
}

// last gives the latest event of each file that has not been withdrawn, in
// the order in which the files were first seen.
func (l deliveryLog) last() []deliveryEvent {
	var order []delivered
	last := map[delivered]deliveryEvent{}
	for _, e := range l {
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
	return events
}

// firstSeen is when each content was first seen: neither a new name nor its
// return makes it a new delivery.
func (l deliveryLog) firstSeen() map[content]time.Time {
	first := map[content]time.Time{}
	for _, e := range l {
		c := content{e.Source, e.Digest}
		if _, known := first[c]; !known && e.Event == eventSeen {
			first[c] = e.At
		}
	}
	return first
}

// before is the part of the log before an instant.
func (l deliveryLog) before(end time.Time) deliveryLog {
	var part deliveryLog
	for _, e := range l {
		if e.At.Before(end) {
			part = append(part, e)
		}
	}
	return part
}

// allLines reads the lines of a file of state.
func allLines[T any](path string) ([]T, error) {
	var all []T
	for line, err := range readLines[T](path) {
		if err != nil {
			return nil, err
		}
		all = append(all, line)
	}
	return all, nil
}

// accepted gives the acceptances on record.
func (w Workspace) accepted() (map[acceptance]bool, error) {
	lines, err := allLines[acceptance](w.acceptancesPath())
	all := map[acceptance]bool{}
	for _, a := range lines {
		a.At = time.Time{}
		all[a] = true
	}
	return all, err
}

// japan is the time zone of delivery times: those that files state have none,
// and a figure must not depend on where the program runs.
var japan = time.FixedZone("JST", int(japanAhead.Seconds()))

const japanAhead = 9 * time.Hour

// inJapan is an instant as the clocks of Japan show it.
func inJapan(t time.Time) schemas.Timestamp {
	return schemas.Timestamp(t.Add(japanAhead).UnixMicro())
}

// rememberDeliveries appends to the state what this run saw for the first time,
// what it accepted, and what it saw withdrawn. Looking back adds nothing to it.
func (r *Run) rememberDeliveries() error {
	if r.Vintage != "" {
		return nil
	}
	for _, e := range r.intake.gone {
		if err := r.rememberAccepted(e.Source, e.Path, e.Digest, reasonVanished); err != nil {
			return err
		}
		e.At, e.Event = r.arrived, eventWithdrawn
		if err := r.AppendJSON(r.deliveriesPath(), e); err != nil {
			return err
		}
	}
	sizes := map[delivered]int64{}
	for _, f := range r.intake.files {
		sizes[delivered{f.source.Name, f.rel}] = f.size
	}
	for _, d := range r.Deliveries {
		at := delivered{d.Source, d.File}
		if r.known[at].Digest == d.FileDigest {
			continue
		}
		for _, loss := range append(r.losses(r.source(d.Source), d.File, d.Report), r.monthLosses(d, r.Deliveries)...) {
			if err := r.rememberAccepted(d.Source, d.File, d.FileDigest, loss.Reason); err != nil {
				return err
			}
		}
		e := deliveryEvent{At: r.arrived, Event: eventSeen, Source: d.Source, Path: d.File, Digest: d.FileDigest, Size: sizes[at], Rows: d.RowsIn,
			Mapping: d.Mapping, Missing: append([]string{}, d.Missing...), DeliveredAt: d.At}
		if err := r.AppendJSON(r.deliveriesPath(), e); err != nil {
			return err
		}
	}
	return nil
}

// rememberAccepted records that this run was told to accept a file.
func (r *Run) rememberAccepted(source, rel, digest, reason string) error {
	a := acceptance{Source: source, Path: rel, Digest: digest, Reason: reason}
	if !slices.Contains(r.accept, rel) || r.acceptances[a] {
		return nil
	}
	a.At = r.arrived
	return r.AppendJSON(r.acceptancesPath(), a)
}
