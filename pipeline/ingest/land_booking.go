package ingest

import "github.com/kankei/kankei/schemas"

// landBooking makes a booking of a draft. Departure is the day after the last
// night, or arrival plus nights, where it is not given; where nights are, they must agree.
func landBooking(w *worker, d *draft, at schemas.Provenance) fault {
	if f := completeStay(d); f.reason != "" {
		return f
	}
	if d.facility == "" {
		d.facility = w.job.Overrides.Facility
	}
	region := w.region(d, d.on.v)
	if region == "" {
		if d.where.empty() {
			return fault{"facility", schemas.UnknownRegion} // which house no frame has is what must be known to mend it
		}
		return fault{"region.code", schemas.UnknownRegion}
	}
	status := bookingStatus(d)
	if status == schemas.DayUse {
		// Some systems book day use as one night.
		d.until.v = d.on.v
	}
	b := schemas.Booking{
		Provenance: at, Status: status, Platform: d.platform, Facility: d.facility, RegionCode: region,
		EventAt: w.rows.instants.put(d.eventAt), BookedOn: w.rows.dates.put(d.bookedOn),
		CheckIn: d.on.v, CheckOut: d.until.v, NightNumber: w.rows.counts.put(ordinal(d.nightNumber)),
		Rooms: w.rows.counts.put(d.rooms), Adults: w.rows.counts.put(d.adults),
		Children: w.rows.counts.put(d.children), Infants: w.rows.counts.put(d.infants),
		Purposes: int32(d.purposes), AgeClass: ageClassOf(d), Residence: w.home(d, d.on.v), Tokens: w.pseudonyms(d),
	}
	if d.id != "" {
		b.Booking = w.tokens.Booking(w.job.Source, d.id)
	}
	w.rows.bookings = append(w.rows.bookings, b)
	w.counts.person(b.Residence, b.Tokens)
	known := opt[schemas.Date]{}
	if d.eventAt.ok {
		known = some(dayOf(d.eventAt.v))
	}
	w.counts.dated(b.CheckIn, known, d.bookedOn, d.cancelledOn)
	return fault{}
}

// ageClassOf is the class of the age on arrival, or of that which the year of birth gives in that year.
func ageClassOf(d *draft) string {
	switch year, _, _ := d.on.v.Civil(); {
	case d.age.ok:
		return schemas.AgeClassOf(int(d.age.v))
	case d.birthYear.ok && d.birthYear.v > 0:
		return schemas.AgeClassOf(year - int(d.birthYear.v))
	}
	return ""
}

// completeStay fills the departure and holds the dates of a stay to the rules.
func completeStay(d *draft) fault {
	switch {
	case !d.on.ok:
		return fault{"check_in", schemas.MissingValue}
	case d.lastNight.ok && d.lastNight.v < d.on.v:
		return fault{"last_night", schemas.DatesReversed}
	case !d.until.ok && d.lastNight.ok:
		d.until = some(d.lastNight.v + 1)
	}
	switch {
	case !d.until.ok && !d.nights.ok && !d.dayUse.v:
		return fault{"check_out", schemas.MissingValue}
	case !d.until.ok:
		d.until = some(d.on.v + schemas.Date(d.nights.v))
	case d.until.v < d.on.v:
		return fault{"check_out", schemas.DatesReversed}
	case d.nights.ok && d.nights.v != int32(d.until.v-d.on.v):
		return fault{"nights", schemas.NightsDisagree}
	}
	return fault{}
}

// bookingStatus is what became of a booking. A cancellation of its own column cancels
// whatever the status says; day use is told only of bookings that stand, and
// not of those of two nights or more, whatever their plan is called.
func bookingStatus(d *draft) string {
	status := d.status
	if status == "" {
		status = schemas.Booked
	}
	if (d.cancelled || d.cancelledOn.ok) && status != schemas.NoShow && status != schemas.Blocked {
		status = schemas.Cancelled
	}
	if (status == schemas.Booked || status == schemas.Changed) && (d.dayUse.v && d.until.v-d.on.v <= 1 || d.until.v == d.on.v) {
		status = schemas.DayUse
	}
	return status
}

// ordinal leaves out night numbers that count from nothing.
func ordinal(n opt[int32]) opt[int32] {
	if n.v < 1 {
		return opt[int32]{}
	}
	return n
}
