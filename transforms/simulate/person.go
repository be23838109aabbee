// Package simulate makes worlds whose truth is known: persons who live
// somewhere, visit regions, lodge, answer surveys, move and die. A world is a
// function of its scenario and its seed alone, person by person, so that any
// number of persons passes in the memory of one.
package simulate

import "github.com/kankei/kankei/schemas"

// Person is one simulated person and everything they do over the span of the
// world.
type Person struct {
	// ID numbers the persons of a world from 0.
	ID        int64
	Sex       string // male or female
	BirthDate schemas.Date
	// Homes are the municipalities lived in, the first from the beginning of the world.
	Homes []Home
	// Died is the day of death; 0 for none within the span.
	Died schemas.Date
	// Contact is what the person gives when asked who they are; made up throughout.
	Contact Contact
	// Ties are the regions visited more than by chance.
	Ties []Tie
	// Visits are all visits that took place or were booked, by day of arrival.
	Visits []Visit
	// Acts are contribution acts, by day.
	Acts []Act
}

// Home is a residence from a day on.
type Home struct {
	From         schemas.Date
	Municipality string // 5-digit code
}

// Contact is how a person can be told apart in an export.
type Contact struct {
	Family, Given, FamilyKana, GivenKana string
	Phone, Email                         string
	// Member is the membership number by platform; none where the person is no member.
	Member map[string]string
}

// Tie is a lasting relation of a person to a municipality.
type Tie struct {
	Region string // 5-digit code of the municipality
	// Rate is the expected number of visits a year.
	Rate float64
	// Monthly says that the person comes every month.
	Monthly bool
	// Since is the day the relation began; it may lie before the world.
	Since schemas.Date
	// Purposes is the set of purposes of the tie.
	Purposes schemas.Purpose
	// Regular says that the person would call the relation regular and continuing.
	Regular bool
	// Facility is the lodging house returned to, '' for whichever has room.
	Facility string
}

// Lodging is where the nights of a visit are spent.
type Lodging int

const (
	DayTrip   Lodging = iota // no night
	PaidHouse                // in a lodging facility
	WithKin                  // with family or friends, or in a second home
)

// Visit is one uninterrupted presence in a municipality: arrival to departure,
// both included as visit days.
type Visit struct {
	Region   string
	Arrive   schemas.Date
	Leave    schemas.Date
	Purposes schemas.Purpose
	Lodging  Lodging
	// Facility is the lodging house of a PaidHouse visit.
	Facility string
	// Adults and Children are the party, the person included.
	Adults, Children int32
	// Booker says that the booking is in the person's own name; otherwise they
	// travel in the party of someone else and leave no name.
	Booker bool
	// Booking is how the stay was booked; nil where it leaves no record.
	Booking *Booking
	// Happened is false for cancelled bookings and no-shows, which are no visits.
	Happened bool
}

// Booking is the record of one stay at a platform, with its events.
type Booking struct {
	Number   string
	Platform string
	BookedOn schemas.Date
	// Status is booked, changed, cancelled or no_show in the end.
	Status string
	// Events are what happened to the booking, in order; the last is in force.
	Events []BookingEvent
	// Contact as it was typed: members missing, shared or misspelt as it happens.
	Contact Contact
	// Residence is the municipality of the address given; '' where none was.
	Residence string
}

// BookingEvent is one state of a booking.
type BookingEvent struct {
	On               schemas.Date
	Second           int32 // of the day
	Kind             string
	Arrive, Leave    schemas.Date
	Adults, Children int32
}

// Act is one dated contribution act.
type Act struct {
	Region   string
	On       schemas.Date
	Purposes schemas.Purpose
}
