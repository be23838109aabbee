package ingest

import (
	"github.com/kankei/kankei/schemas"
)

// opt is a value that a record may not have.
type opt[T any] struct {
	v  T
	ok bool
}

func some[T any](v T) opt[T] { return opt[T]{v, true} }

// place is a region as a record names it: code is one of the table or "". The
// other texts are raw: they live as long as the batch they were read from and
// never leave memory.
type place struct {
	code, prefecture, municipality, address, postcode string
}

func (p *place) empty() bool { return *p == place{} }

// draft is what the fields of one record have filled so far, before the rules
// across fields make a row of it. Raw identifiers live in it and nowhere else.
type draft struct {
	// Identifiers: of the record itself, and of the person it is about.
	id, member, email, phone, name, kana string
	birthYear                            opt[int32]

	home    place // usual residence
	country string
	where   place // region stayed in, visited, named or described
	origin  place // region of origin of a total

	facility, platform                      string
	status, sex, intent, revisit            string
	statistic, originCode                   string
	stay, breakdown, purpose                string // classes of a total
	sexClass, ageClass                      string
	on, until                               opt[schemas.Date] // the row's date; departure, or end of a period
	bookedOn, cancelledOn, lastNight        opt[schemas.Date]
	cancelled                               bool
	openedOn, closedOn                      opt[schemas.Date]
	joinedOn, leftOn                        opt[schemas.Date]
	eventAt                                 opt[schemas.Timestamp]
	nights, nightNumber                     opt[int32]
	rooms, adults, children, infants        opt[int32]
	capacity, visitsPerYear, since, age     opt[int32]
	purposes                                schemas.Purpose
	dayUse, regular, paidLodging            opt[bool]
	relatedBefore                           opt[bool]
	value, designWeight, stratumPopulation  opt[float64]
	record                                  string            // where a move is known from
	relatedSince                            opt[schemas.Date] // the last day of the period named
	visitsMost, visitsToPrefecture          opt[int32]
	tripMunicipalities                      opt[int32]
	stratum, samplingUnit, replicateWeights string
	responded                               opt[bool]
}
