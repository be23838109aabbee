package ingest

import (
	"strings"

	"github.com/kankei/kankei/schemas"
)

// landFacility makes a lodging facility of the frame of a draft.
func landFacility(w *worker, d *draft, at schemas.Provenance) fault {
	if d.facility == "" {
		return fault{"facility", schemas.MissingValue}
	}
	region := w.region(d, w.job.Regions.Settled())
	if region == "" {
		return fault{"region.code", schemas.UnknownRegion}
	}
	if d.openedOn.ok && d.closedOn.ok && d.closedOn.v < d.openedOn.v {
		return fault{"closed_on", schemas.DatesReversed}
	}
	if d.joinedOn.ok && d.leftOn.ok && d.leftOn.v < d.joinedOn.v {
		return fault{"left_on", schemas.DatesReversed}
	}
	w.rows.facilities = append(w.rows.facilities, schemas.Facility{
		Provenance: at, Facility: d.facility, RegionCode: region,
		Rooms: w.rows.counts.put(d.rooms), Capacity: w.rows.counts.put(d.capacity),
		OpenedOn: w.rows.dates.put(d.openedOn), ClosedOn: w.rows.dates.put(d.closedOn),
		JoinedOn: w.rows.dates.put(d.joinedOn), LeftOn: w.rows.dates.put(d.leftOn),
	})
	return fault{}
}

// landTotal makes a figure of official statistics of a draft. A figure as of a
// day has a period of that day.
func landTotal(w *worker, d *draft, at schemas.Provenance) fault {
	switch {
	case d.statistic == "":
		return fault{"statistic", schemas.MissingValue}
	case !d.on.ok:
		return fault{"period", schemas.MissingValue}
	case !d.value.ok:
		return fault{"value", schemas.MissingValue}
	case d.value.v < 0 && d.statistic != "net_migration":
		return fault{"value", schemas.Negative}
	}
	if !d.until.ok {
		d.until = d.on
	}
	if d.until.v < d.on.v {
		return fault{"period_end", schemas.DatesReversed}
	}
	region := w.region(d, d.until.v)
	if region == "" || d.where.municipality != "" && !isMunicipal(region) {
		return fault{"region.code", schemas.UnknownRegion} // never under the prefecture: it would be the prefecture's own figure
	}
	origin, ok := w.originOf(d)
	if !ok {
		return fault{"origin.code", schemas.UnknownRegion}
	}
	w.rows.totals = append(w.rows.totals, schemas.Total{
		Provenance: at, Statistic: d.statistic, RegionCode: region, PeriodStart: d.on.v, PeriodEnd: d.until.v,
		OriginCode: origin, Breakdown: breakdown(d), Value: d.value.v,
	})
	w.counts.dated(d.on.v)
	w.counts.spans(d.until.v)
	return fault{}
}

// originOf is the class of origin of a total: a code the mapping gives, a
// region, or all. A region that is named and not found is a fault: the figure
// would be counted twice under all.
func (w *worker) originOf(d *draft) (code string, ok bool) {
	if d.originCode != "" {
		return d.originCode, true
	}
	if d.origin.empty() {
		return schemas.All, true
	}
	code = w.resolve(&d.origin, d.until.v)
	return code, code != ""
}

// breakdown joins the classes of a total by a slash, in fixed order.
func breakdown(d *draft) string {
	classes := make([]string, 0, 5)
	for _, class := range []string{d.breakdown, d.stay, d.purpose, d.sexClass, d.ageClass} {
		if class != "" {
			classes = append(classes, class)
		}
	}
	return strings.Join(classes, "/")
}
