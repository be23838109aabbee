package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/kankei/kankei/transforms/visit"
)

// applyStays brings the stays up to date with the deliveries: rows of withdrawn
// deliveries go out, rows of new ones come in, and a booking whose events are in
// several files is settled anew from all of them. The identities whose stays or
// tokens changed are left for link.
func (s *store) applyStays(ctx context.Context, now []landed, in boundaries) error {
	held, err := s.holds(ctx)
	if err != nil {
		return err
	}
	var added []landed
	for _, l := range now {
		if held[l.Delivery] == l.version() {
			delete(held, l.Delivery)
		} else {
			added = append(added, l) // one in another place among the others goes out, and comes in again
		}
	}
	if len(added) == 0 && len(held) == 0 {
		return nil
	}
	return s.inTransaction(ctx, func() error {
		whole := len(added) == len(now)
		if whole { // nothing to keep: fill from nothing
			for _, t := range append([]string{"delivered", "restatement", "hub", "pending_identity", "pending_stay", "pending_person", "tallied", "unlinked", "uncounted"}, storeTables...) {
				if err := s.exec(ctx, "DELETE FROM "+t); err != nil {
					return err
				}
			}
			if err := s.exec(ctx, "INSERT INTO unlinked VALUES (true)", "INSERT INTO uncounted VALUES (true)"); err != nil {
				return err
			}
		}
		if err := s.setPlaces(ctx, in); err != nil {
			return err
		}
		withdrawn := make([]string, 0, len(held))
		for delivery := range held {
			withdrawn = append(withdrawn, literal(delivery))
		}
		if len(withdrawn) > 0 {
			if err := s.exec(ctx, "DELETE FROM delivered WHERE delivery IN ("+strings.Join(withdrawn, ", ")+")"); err != nil {
				return err
			}
		}
		for _, l := range added {
			if _, err := s.conn.ExecContext(ctx, "INSERT INTO delivered VALUES (?, ?, ?, ?, ?)", l.Delivery, l.Source, l.File, int64(l.At), l.version()); err != nil {
				return err
			}
		}
		if whole {
			return s.fillStays(ctx, now)
		}
		return s.patchStays(ctx, now, added, withdrawn)
	})
}

// fillStays settles every booking and observation of an empty store.
func (s *store) fillStays(ctx context.Context, now []landed) error {
	if err := s.view(ctx, "told_booking", toldScan("booking", now)); err != nil {
		return err
	}
	if err := s.view(ctx, "booking", standing); err != nil {
		return err
	}
	if err := s.scan(ctx, "visit", "visit", now); err != nil {
		return err
	}
	if err := s.fill(ctx, "stay", visit.StaysOfBookings); err != nil {
		return err
	}
	if err := s.fill(ctx, "stay", visit.StaysOfVisits); err != nil {
		return err
	}
	if err := s.fill(ctx, "restatement", visit.Restatements); err != nil {
		return err
	}
	if err := s.view(ctx, "night_stay", "SELECT * FROM stay"); err != nil {
		return err
	}
	return s.fill(ctx, "night_tally", visit.NightTallies)
}

// patchStays replaces the stays of withdrawn deliveries and of every booking
// that a new delivery speaks of.
func (s *store) patchStays(ctx context.Context, now, added []landed, withdrawn []string) error {
	gone := "false"
	if len(withdrawn) > 0 {
		gone = "delivery IN (" + strings.Join(withdrawn, ", ") + ")"
	}
	steps := []func() error{
		func() error { return s.view(ctx, "new_booking", toldScan("booking", added)) },
		func() error { return s.scan(ctx, "new_visit", "visit", added) },
		func() error {
			return s.temp(ctx, "spoken_of", `
				SELECT booking FROM new_booking WHERE booking IS NOT NULL
				UNION SELECT observation FROM new_visit WHERE observation IS NOT NULL
				UNION SELECT booking FROM stay WHERE booking IS NOT NULL AND `+gone)
		},
		func() error { return s.againSpokenOf(ctx, now, added, len(withdrawn) > 0) },
		func() error {
			return s.temp(ctx, "old_stay", "SELECT * FROM stay s WHERE "+gone+" OR s.booking IN (SELECT booking FROM spoken_of)")
		},
		func() error {
			return s.exec(ctx, "DELETE FROM stay WHERE "+gone+" OR booking IN (SELECT booking FROM spoken_of)")
		},
		func() error { return s.tempOf(ctx, "new_stay", dataset("stay")) },
		func() error { return s.fill(ctx, "new_stay", visit.StaysOfBookings) },
		func() error { return s.fill(ctx, "new_stay", visit.StaysOfVisits) },
		func() error { return s.exec(ctx, "INSERT INTO stay BY NAME SELECT * FROM new_stay") },
		func() error {
			return s.exec(ctx, "DELETE FROM restatement WHERE "+gone+`
				OR booking IN (SELECT booking FROM spoken_of) AND (booking NOT IN (SELECT booking FROM told_as_before) OR delivery IN (SELECT delivery FROM counting))`)
		},
		func() error { return s.fill(ctx, "restatement", visit.Restatements) },
		func() error { return s.patchNights(ctx) },
		func() error { return s.scanTokens(ctx, "new_tokens", added) },
		func() error {
			return s.exec(ctx, `INSERT INTO pending_identity BY NAME
				SELECT DISTINCT identity, member, email, phone, name, name_dated, false AS departed FROM new_tokens WHERE identity IS NOT NULL`,
				`INSERT INTO pending_identity BY NAME
				SELECT identity, member, email, phone, name, name_dated, false AS departed FROM identity
				WHERE identity IN (SELECT identity FROM old_stay UNION ALL SELECT identity FROM new_stay)`,
				`INSERT INTO pending_stay
				SELECT identity, first_day, purposes FROM old_stay WHERE identity IS NOT NULL
				UNION ALL SELECT identity, first_day, purposes FROM new_stay WHERE identity IS NOT NULL`)
		},
		func() error { return s.findDeparted(ctx, now, len(withdrawn) > 0) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// findDeparted marks the identities that no landed row has any more. Rows of a
// withdrawn file cannot be asked once they are gone, so all others are; it is
// rare enough. Acts leave no stay behind: whoever has any is counted anew.
func (s *store) findDeparted(ctx context.Context, now []landed, withdrawn bool) error {
	if !withdrawn {
		return nil
	}
	if err := s.scanTokens(ctx, "all_tokens", now); err != nil {
		return err
	}
	return s.exec(ctx,
		"DELETE FROM pending_identity WHERE identity NOT IN (SELECT identity FROM all_tokens WHERE identity IS NOT NULL)",
		`INSERT INTO pending_identity BY NAME
			SELECT identity, member, email, phone, name, name_dated, true AS departed FROM identity
			WHERE identity NOT IN (SELECT identity FROM all_tokens WHERE identity IS NOT NULL)`,
		`INSERT INTO pending_identity BY NAME
			SELECT identity, member, email, phone, name, name_dated, false AS departed FROM identity
			WHERE person IN (SELECT person FROM act_month) AND identity IN (SELECT identity FROM all_tokens)`)
}

// againSpokenOf gathers the events of the bookings that new deliveries speak of,
// old events included, as the relations booking and visit. Of bookings that are told
// as before, only the old events of the delivery that counts.
func (s *store) againSpokenOf(ctx context.Context, now, added []landed, withdrawn bool) error {
	isNew := map[string]bool{}
	for _, l := range added {
		isNew[l.Delivery] = true
	}
	var old []landed
	for _, l := range now {
		if !isNew[l.Delivery] {
			old = append(old, l)
		}
	}
	known, err := s.count(ctx, `SELECT count(*) FROM (SELECT booking FROM stay WHERE booking IN (SELECT booking FROM spoken_of)
		UNION ALL SELECT booking FROM restatement WHERE booking IN (SELECT booking FROM spoken_of) LIMIT 1)`)
	if err != nil {
		return err
	}
	if known == 0 && !withdrawn {
		old = nil
	}
	if err := s.view(ctx, "old_booking", toldScan("booking", old)); err != nil {
		return err
	}
	if err := s.scan(ctx, "old_visit", "visit", old); err != nil {
		return err
	}
	if err := s.findToldAsBefore(ctx, old, withdrawn); err != nil {
		return err
	}
	if err := s.temp(ctx, "told_booking", `SELECT * FROM new_booking
		UNION ALL BY NAME SELECT * FROM counting_booking WHERE booking IN (SELECT booking FROM told_as_before)
		UNION ALL BY NAME SELECT * FROM old_booking WHERE booking IN (SELECT booking FROM spoken_of) AND booking NOT IN (SELECT booking FROM told_as_before)`); err != nil {
		return err
	}
	if err := s.temp(ctx, "booking", standing); err != nil {
		return err
	}
	return s.temp(ctx, "visit", `SELECT * FROM new_visit
		UNION ALL BY NAME SELECT * FROM old_visit WHERE observation IN (SELECT booking FROM spoken_of)`)
}

// findToldAsBefore finds the bookings that new deliveries tell just as the delivery does that counts
// so far: whichever counts then, the stay is the same, and so is what is to be said of the
// deliveries replaced before, which need not be read again. Exports of all bookings, delivered daily, tell
// nearly all of them so. It leaves them as told_as_before, and as counting and
// counting_booking the deliveries that count and their rows.
//
// Where the row that counts tells no person and an older one does, that one is
// asked, too; such bookings are not told as before, nor those of months that stand anew. Where a
// delivery is withdrawn, or has another place among the others than before, none are: another one may
// count now. Rows are compared by a hash of 64 bits over all that they tell.
func (s *store) findToldAsBefore(ctx context.Context, old []landed, withdrawn bool) error {
	counting := map[string]bool{}
	if !withdrawn {
		for scan, err := range s.rows(ctx, "SELECT DISTINCT delivery FROM stay WHERE source_kind = 'booking' AND booking IN (SELECT booking FROM spoken_of)") {
			var delivery string
			if err == nil {
				err = scan(&delivery)
			}
			if err != nil {
				return err
			}
			counting[delivery] = true
		}
	}
	var of []landed
	names := []string{"''"}
	for _, l := range old {
		if counting[l.Delivery] {
			of, names = append(of, l), append(names, literal(l.Delivery))
		}
	}
	var told []string
	for _, c := range dataset("booking").Columns() {
		if c.Name != "delivery" && c.Name != "line" {
			told = append(told, identifier(c.Name))
		}
	}
	if err := s.temp(ctx, "counting", "SELECT unnest(["+strings.Join(names, ", ")+"]) AS delivery"); err != nil {
		return err
	}
	if err := s.temp(ctx, "counting_booking", "SELECT * FROM ("+toldScan("booking", of)+") WHERE booking IN (SELECT booking FROM spoken_of)"); err != nil {
		return err
	}
	return s.temp(ctx, "told_as_before", `
		SELECT t.booking FROM (
			SELECT booking, delivery, list(hash(`+strings.Join(told, ", ")+`) ORDER BY line) AS content, bool_or(restated) AS restated, bool_and(identity IS NOT NULL) AS identified
			FROM (SELECT * FROM new_booking UNION ALL BY NAME SELECT * FROM counting_booking) WHERE booking IS NOT NULL GROUP BY booking, delivery
		) t JOIN stay s ON s.booking = t.booking AND s.source_kind = 'booking'
		GROUP BY t.booking
		HAVING count(DISTINCT t.content) = 1 AND NOT bool_or(t.restated) AND bool_or(t.delivery = s.delivery) AND bool_and(t.identified OR s.identity IS NULL)
			AND NOT `+strconv.FormatBool(withdrawn))
}

// patchNights takes the nights of the old stays out of the night tallies and
// puts those of the new ones in.
func (s *store) patchNights(ctx context.Context) error {
	for _, side := range []string{"old", "new"} {
		if err := s.view(ctx, "night_stay", "SELECT * FROM "+side+"_stay"); err != nil {
			return err
		}
		if err := s.temp(ctx, side+"_nights", visit.NightTallies); err != nil {
			return err
		}
	}
	const keys = "region_code, facility, arrival_month, night_month, origin_code, origin_country"
	return s.exec(ctx, `CREATE OR REPLACE TEMP TABLE difference AS
		SELECT `+keys+`, sum(guest_nights) AS guest_nights, sum(arrivals) AS arrivals, sum(stays) AS stays
		FROM (SELECT * FROM new_nights UNION ALL SELECT `+keys+`, -guest_nights, -arrivals, -stays FROM old_nights)
		GROUP BY `+keys,
		`CREATE OR REPLACE TEMP TABLE patched AS
		SELECT `+keys+`, CAST(d.guest_nights + coalesce(t.guest_nights, 0) AS BIGINT) AS guest_nights,
		       CAST(d.arrivals + coalesce(t.arrivals, 0) AS BIGINT) AS arrivals, CAST(d.stays + coalesce(t.stays, 0) AS BIGINT) AS stays
		FROM difference d LEFT JOIN night_tally t USING (`+keys+`)`,
		"DELETE FROM night_tally WHERE ("+keys+") IN (SELECT ("+keys+") FROM difference)",
		"INSERT INTO night_tally BY NAME SELECT * FROM patched WHERE stays <> 0")
}

// standing is the bookings that no later delivery of their month has anew.
const standing = "SELECT * EXCLUDE (restated) FROM told_booking WHERE NOT restated"

// replacements counts what later deliveries replaced of earlier ones.
func (s *store) replacements(ctx context.Context) ([]Replacement, error) {
	var fields []string
	for i := range visit.RestatedFields {
		fields = append(fields, fmt.Sprintf("count(*) FILTER (differing & %d <> 0)", 1<<i))
	}
	var all []Replacement
	for scan, err := range s.rows(ctx, `SELECT d.source, d.file, coalesce(b.file, ''), CAST(sum(r.rows) AS BIGINT), count(*), list_value(`+strings.Join(fields, ", ")+`)::VARCHAR
		FROM restatement r JOIN delivered d ON d.delivery = r.delivery
			LEFT JOIN stay s ON s.booking = r.booking AND s.source_kind = 'booking' LEFT JOIN delivered b ON b.delivery = s.delivery
		GROUP BY d.source, d.file, b.file ORDER BY ALL`) {
		var p Replacement
		var counts string
		if err == nil {
			err = scan(&p.Source, &p.File, &p.By, &p.Rows, &p.Bookings, &counts)
		}
		if err == nil {
			p.Differing, err = differing(counts)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// differing reads counts by field, written as a list; fields without any are left out.
func differing(counts string) (map[string]int64, error) {
	var list []int64
	if err := json.Unmarshal([]byte(counts), &list); err != nil {
		return nil, err
	}
	by := map[string]int64{}
	for i, n := range list {
		if n > 0 {
			by[visit.RestatedFields[i]] = n
		}
	}
	return by, nil
}
