package simulate

import (
	"slices"

	"github.com/kankei/kankei/schemas"
)

// nights counts guest-nights, what the bookings of the covered houses hold of
// them, and the steps by which a trip is or is not seen.
func (t *Tally) nights(p *Person) {
	for i := range p.Trips {
		trip := &p.Trips[i]
		place := &t.w.Places[trip.Place]
		origin := schemas.Abroad
		if home := p.HomeOn(trip.First); home >= 0 {
			origin = t.w.Places[home].PrefectureCode
		}
		covered := trip.Facility >= 0 && trip.First >= t.w.first && t.w.Facilities[trip.Facility].delivers(trip.First)
		for _, code := range []string{place.PrefectureCode, place.RegionCode} {
			base := cell{definition: -1, region: t.byCode[code], relation: schemas.All, engagement: -1}
			t.steps(p, trip, base, covered)
			if trip.Mode != Lodging {
				continue
			}
			if m := t.monthOf(trip.First); m >= 0 {
				base.dataset = "guest_nights"
				for _, base.origin = range []string{schemas.All, origin} {
					base.statistic = "guest_nights"
					t.add(base, m, int32(trip.Last-trip.First))
					if trip.OwnName {
						base.statistic = "bookings"
						t.add(base, m, 1)
					}
				}
			}
			for night := trip.First; night < trip.Last; night++ {
				m := t.monthOf(night)
				if m < 0 {
					continue
				}
				base.dataset, base.statistic, base.origin = "coverage", "official_guest_nights", schemas.All
				t.add(base, m, 1)
				if covered {
					base.statistic = "covered_guest_nights"
					t.add(base, m, 1)
				}
			}
		}
	}
}

// steps counts the trips that begin in a month, of persons from other
// prefectures, by how far they get towards a booking under the person's name.
func (t *Tally) steps(p *Person, trip *Trip, base cell, covered bool) {
	m := t.monthOf(trip.First)
	if m < 0 || !t.outsideOf(p.HomeOn(trip.First), trip.Place, schemas.OutsidePrefecture) {
		return
	}
	base.dataset, base.outside, base.origin = "detection", schemas.OutsidePrefecture, schemas.All
	for _, step := range []struct {
		statistic string
		reached   bool
	}{
		{"trips", true}, {"overnight", trip.Mode != DayTrip}, {"paid_lodging", trip.Mode == Lodging},
		{"covered", covered}, {"own_name", covered && trip.OwnName},
	} {
		if step.reached {
			base.statistic = step.statistic
			t.add(base, m, 1)
		}
	}
}

// moves counts the moves to visited places.
func (t *Tally) moves(p *Person) {
	for _, move := range p.Moves {
		m := t.monthOf(move.Day)
		if m < 0 {
			continue
		}
		place := &t.w.Places[move.To]
		from := t.w.Places[move.From].PrefectureCode
		for _, code := range []string{place.PrefectureCode, place.RegionCode} {
			if code == from {
				continue // within the prefecture
			}
			base := cell{dataset: "migration_conversion", statistic: "in_migrants", definition: -1, region: t.byCode[code], relation: schemas.All, engagement: -1}
			for _, base.origin = range []string{schemas.All, from} {
				t.add(base, m, 1)
			}
			base.origin = schemas.All
			if move.Level >= Related {
				base.statistic = "in_migrants_related_before"
				t.add(base, m, 1)
			}
			if move.Repeating() {
				base.statistic = "in_migrants_repeating_before"
				t.add(base, m, 1)
			}
		}
	}
}

// funnel counts the levels that a person holds at each month's end, the changes
// between them, and, from the first month as related, migration by cohort.
func (t *Tally) funnel(p *Person, k *contacts) {
	if p.Abroad {
		return
	}
	base := cell{dataset: "engagement_funnel", definition: -1, outside: k.rule, region: k.at, origin: schemas.All, relation: schemas.All}
	before := t.stock(p, k, -1)
	entered := before >= Related
	for month := range t.months {
		now := t.stock(p, k, month)
		for _, count := range []struct {
			statistic string
			level     int
			counts    bool
		}{{"closing", now, now >= 0}, {"opening", before, before >= 0}, {"entries", now, now >= 0 && now != before}, {"exits", before, before >= 0 && now != before}} {
			if count.counts {
				base.statistic, base.engagement = count.statistic, count.level
				t.add(base, month, 1)
			}
		}
		if !entered && now >= Related {
			entered = true
			t.cohort(p, k, base, t.months[month])
		}
		before = now
	}
}

// stock is the level that counts at a month's end, −1 for the month before the
// exports: that of someone alive who lives outside.
func (t *Tally) stock(p *Person, k *contacts, month int) int {
	if !t.livesOutside(p, k.region, k.rule, t.w.first.AddMonths(month)) {
		return -1
	}
	if month < 0 {
		return k.levels[1][lookBack-1]
	}
	return k.level(1, month) // the set excluded by the ladder
}

// convert counts, for every definition, those who satisfy it at a month's end and move to
// the region within a horizon that the exports still see, and the cohorts of those who
// come to satisfy it first after a year of exports in which they did not.
func (t *Tally) convert(p *Person, k *contacts) {
	if p.Abroad {
		return
	}
	for i := range t.profiles {
		profile := &t.profiles[i]
		set := slices.Index(t.sets, profile.Excluded())
		before := false
		for month := range t.months {
			at := month + lookBack
			if !k.sets[set][at].meets(profile.Any, k.acts[at], k.regular[at]) || !t.livesOutside(p, k.region, k.rule, t.months[month]) {
				continue
			}
			base := cell{definition: i, outside: k.rule, region: k.at, origin: schemas.All, relation: schemas.All, engagement: -1}
			if !before && month >= 12 {
				t.cohort(p, k, base, t.months[month])
			}
			before = true
			t.moveWithin(p, k, base, month)
		}
	}
}

// moveWithin counts the pair of a person and a municipality whose contact counts at a
// month's end, where the person has moved there by each horizon.
func (t *Tally) moveWithin(p *Person, k *contacts, base cell, month int) {
	if k.place < 0 || len(p.Moves) == 0 {
		return
	}
	base.dataset, base.statistic = "migration_conversion", "moved_in"
	for _, h := range horizons {
		until := t.months[month].AddMonths(h)
		if until > t.w.last {
			break
		}
		for _, move := range p.Moves {
			if move.Day > t.months[month] && move.Day <= until && move.To == k.place {
				base.class = h
				for _, base.region = range append([]int32{k.at}, t.above(k.region)...) {
					t.add(base, month, 1)
				}
				break
			}
		}
	}
}

// horizons are the times since entry by which conversion is counted.
var horizons = []int{3, 6, 9, 12, 18, 24, 36}

// cohort counts a person who enters the level related in a month: in the cohort,
// and among those who have moved to the region by each horizon that the exports
// still see.
func (t *Tally) cohort(p *Person, k *contacts, base cell, entry schemas.Date) {
	y, m, _ := entry.Civil()
	if m < 4 {
		y--
	}
	base.dataset, base.engagement, base.class = "conversion_curve", -1, y*100
	month := len(t.months) - 1
	for _, h := range horizons {
		until := entry.AddMonths(h)
		if until > t.w.last {
			continue
		}
		base.class = y*100 + h
		base.statistic = "entered"
		t.add(base, month, 1)
		for _, move := range p.Moves {
			if move.Day > entry && move.Day <= until && t.isIn(move.To, k.region) {
				base.statistic = "migrated"
				t.add(base, month, 1)
				break
			}
		}
	}
}
