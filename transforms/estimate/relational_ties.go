package estimate

import (
	"strings"

	"github.com/kankei/kankei/schemas"
)

// ReportedTie is a relation to a region that a respondent reports for the 12
// months before the answer.
type ReportedTie struct {
	// Region is the municipality, or the prefecture where no more is known.
	Region   string
	Regular  bool
	Purposes schemas.Purpose
	// Visits is the number of visits, or the least of the class answered; Most the
	// greatest of the class, −1 where the class is open.
	Visits, Most int32
	// Alone is the greatest Visits of several ties put together; 0 for a tie of one region.
	Alone int32
}

// atLeast is the least number of trips that the visits can have been: a trip may go on from
// one municipality to the next.
func (t ReportedTie) atLeast() int32 {
	if t.Alone > 0 {
		return t.Alone
	}
	return t.Visits
}

// onlyFor says whether a tie is kept up for excluded purposes alone; one without known purposes is not.
func (t ReportedTie) onlyFor(excluded schemas.Purpose) bool {
	return t.Purposes != 0 && t.Purposes&^excluded == 0
}

// pooled puts a respondent's ties to one prefecture together: visits add up.
func pooled(a, b ReportedTie) ReportedTie {
	most := a.Most + b.Most
	if a.Most < 0 || b.Most < 0 {
		most = -1
	}
	return ReportedTie{Region: a.Region[:2] + "000", Regular: a.Regular || b.Regular, Purposes: a.Purposes | b.Purposes,
		Visits: a.Visits + b.Visits, Most: most, Alone: max(a.atLeast(), b.atLeast())}
}

// answer is whether a tie satisfies a definition, as far as the answers tell.
type answer int

const (
	no answer = iota
	yes
	open // the class answered lies on both sides of the threshold
)

// answerable says whether the answers to a survey can tell who satisfies a
// definition at all: gaps between visits, lengths of stay and dated acts are not
// asked for.
func answerable(p schemas.Profile) bool {
	for _, a := range p.Any {
		if a.MinGapDays > 0 || a.MinStayDays > 0 || a.MinActs > 0 || a.MinDays > 0 {
			return false
		}
	}
	return len(p.Any) > 0
}

// satisfies says whether a tie satisfies a definition. A tie kept up for
// excluded purposes alone does not.
func satisfies(t ReportedTie, p schemas.Profile) answer {
	if t.onlyFor(p.Excluded()) {
		return no
	}
	best := no
	for _, a := range p.Any {
		if a.SelfReported && !t.Regular || a.Purpose != "" && t.Purposes&schemas.PurposeCodes[a.Purpose] == 0 {
			continue
		}
		switch {
		case t.Visits >= int32(a.MinTrips):
			return yes
		case t.Most < 0 || t.Most >= int32(a.MinTrips):
			best = open
		}
	}
	return best
}

// reportedEngagement is the rank of the engagement level that answers tell: what
// lies above "related" shows in dates and acts alone.
func reportedEngagement(t ReportedTie) int {
	switch {
	case t.Regular || t.Purposes&schemas.Telework != 0:
		return 2
	case t.Visits >= 2:
		return 1
	}
	return 0
}

// isOutside says whether someone who lives at residence lives outside a region
// under a rule. Where the municipality of either is not known, nobody of the
// same prefecture can be told to be outside.
func isOutside(rule, residence, region string) bool {
	if len(residence) != 5 || residence[:2] != region[:2] {
		return true // another prefecture, or not known
	}
	return rule == schemas.OutsideMunicipality && residence != region &&
		!strings.HasSuffix(residence, "000") && !strings.HasSuffix(region, "000")
}

// originOf is the prefecture of a residence, or its code where it is none.
func originOf(residence string) string {
	if residence == schemas.Abroad || residence == schemas.Unknown || len(residence) != 5 {
		return residence
	}
	return residence[:2] + "000"
}

// municipalityOf is the region of a tie as a municipality: one that is not known
// is one of its own in the prefecture.
func municipalityOf(region string) string {
	if strings.HasSuffix(region, "000") {
		return region[:2] + "999"
	}
	return region
}
