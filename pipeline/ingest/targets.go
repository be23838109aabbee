package ingest

import (
	"maps"
	"slices"

	"github.com/kankei/kankei/schemas"
)

// target is a field that mappings fill: a column of a dataset, or a part of
// which columns are made.
type target struct {
	// datasets that have it.
	datasets []string
	// personal is whether its values may identify a person unless the mapping says otherwise.
	personal bool
	// whole is whether a text joined of several columns must have all of them: two
	// booking sites may issue the same number, and a site without a number is none.
	whole bool
	// codes are the only texts it takes; none is any text.
	codes []string
	// parses are the readings a mapping may state for it.
	parses []string
	// kind is what its values are, which inspect tells columns by.
	kind valueKind
	// bind makes the step that reads it.
	bind func(b binding) step
}

// valueKind is what the values of a target are.
type valueKind uint8

const (
	textValue valueKind = iota
	codeValue
	dateValue
	instantValue
	countValue
	numberValue
	boolValue
	setValue
	placeValue
)

// Which datasets share which targets.
var (
	ofBookings  = []string{"booking"}
	ofVisits    = []string{"visit"}
	ofResponses = []string{"survey_response"}
	ofTies      = []string{"survey_tie"}
	ofSurveys   = []string{"survey_response", "survey_tie"}
	ofActs      = []string{"act"}
	ofMoves     = []string{"move"}
	ofFrames    = []string{"facility"}
	ofTotals    = []string{"total"}
	ofAged      = []string{"survey_response", "booking"}
	ofPersons   = []string{"booking", "visit", "survey_response", "survey_tie", "act", "move"}
	ofLocated   = []string{"booking", "visit", "survey_tie", "act", "move", "facility", "total"}
)

// needed are the targets without which a dataset has no row; of each inner list
// one is enough.
var needed = map[string][][]string{
	"booking":         {{"check_in"}, {"check_out", "nights", "last_night"}},
	"visit":           {{"visited_on"}},
	"survey_response": {{"answered_on"}},
	"survey_tie":      {{"answered_on"}},
	"act":             {{"acted_on"}},
	"move":            {{"moved_on"}},
	"facility":        {{"facility"}},
	"total":           {{"statistic"}, {"value"}, {"period", "period_start", "as_of"}},
}

var (
	statuses   = []string{schemas.Booked, schemas.Changed, schemas.Cancelled, schemas.NoShow, schemas.Blocked, schemas.DayUse, schemas.Requested}
	sexes      = []string{"male", "female", "other", schemas.Unknown}
	statistics = []string{"guest_nights", "residents", "visitors", "in_migrants", "net_migration"}
	records    = []string{schemas.RecordCounterSurvey, schemas.RecordProgramme, schemas.RecordMigrationDesk, schemas.RecordRegister}
	yesNo      = []string{"true", "false"}
)

// targets are all fields that mappings fill, by name.
var targets map[string]target

// The table is built in init because its entries lead back to it: binding a
// field looks its target up.
func init() {
	targets = map[string]target{}
	for _, group := range []map[string]target{
		recordTargets(), personTargets(), placeTargets(), bookingTargets(), answerTargets(), eventTargets(), frameTargets(), totalTargets(),
	} {
		maps.Copy(targets, group)
	}
}

// recordTargets are the numbers that records bear.
func recordTargets() map[string]target {
	return map[string]target{
		"booking_id":     identifier(ofBookings),
		"observation_id": identifier(ofVisits),
		"response_id":    identifier(ofSurveys),
		"act_id":         identifier(ofActs),
		"move_id":        identifier(ofMoves),
	}
}

// personTargets are of the person that a record is of, and of where they live.
func personTargets() map[string]target {
	return map[string]target{
		"member_id":  personal(func(d *draft) *string { return &d.member }),
		"email":      personal(func(d *draft) *string { return &d.email }),
		"phone":      personal(func(d *draft) *string { return &d.phone }),
		"name":       personal(func(d *draft) *string { return &d.name }),
		"kana":       personal(func(d *draft) *string { return &d.kana }),
		"birth_year": year(ofPersons, true, func(d *draft) *opt[int32] { return &d.birthYear }),
		"birth_date": {datasets: ofPersons, personal: true, kind: dateValue, parses: dateParses, bind: bindBirthDate},

		"residence.code":         region(ofPersons, true, func(d *draft) *string { return &d.home.code }),
		"residence.prefecture":   home(func(d *draft) *string { return &d.home.prefecture }),
		"residence.municipality": home(func(d *draft) *string { return &d.home.municipality }),
		"residence.address":      home(func(d *draft) *string { return &d.home.address }),
		"residence.postcode":     home(func(d *draft) *string { return &d.home.postcode }),
		"residence.country":      home(func(d *draft) *string { return &d.country }),
	}
}

// placeTargets are of the place that a record is of.
func placeTargets() map[string]target {
	return map[string]target{
		"region.code":         region(ofLocated, false, func(d *draft) *string { return &d.where.code }),
		"region.prefecture":   location(ofLocated, func(d *draft) *string { return &d.where.prefecture }),
		"region.municipality": location(ofLocated, func(d *draft) *string { return &d.where.municipality }),
		"region.address":      location(ofLocated, func(d *draft) *string { return &d.where.address }),
		"region.postcode":     location(ofLocated, func(d *draft) *string { return &d.where.postcode }),
	}
}

// bookingTargets are of a stay.
func bookingTargets() map[string]target {
	return map[string]target{
		"check_in":     date(ofBookings, true, func(d *draft) *opt[schemas.Date] { return &d.on }),
		"check_out":    date(ofBookings, true, func(d *draft) *opt[schemas.Date] { return &d.until }),
		"booked_on":    date(ofBookings, false, func(d *draft) *opt[schemas.Date] { return &d.bookedOn }),
		"cancelled_on": date(ofBookings, false, func(d *draft) *opt[schemas.Date] { return &d.cancelledOn }),
		// The day whose night is the last one: some systems call the stay by its nights and leave the departure out.
		"last_night":   date(ofBookings, true, func(d *draft) *opt[schemas.Date] { return &d.lastNight }),
		"cancelled":    {datasets: ofBookings, kind: boolValue, codes: yesNo, parses: []string{"bool"}, bind: bindCancelled},
		"event_at":     {datasets: ofBookings, kind: instantValue, parses: dateParses, bind: bindInstant},
		"status":       code(ofBookings, statuses, true, func(d *draft) *string { return &d.status }),
		"platform":     label(ofBookings, func(d *draft) *string { return &d.platform }),
		"facility":     label([]string{"booking", "facility"}, func(d *draft) *string { return &d.facility }),
		"nights":       count([]string{"booking", "visit", "survey_tie"}, func(d *draft) *opt[int32] { return &d.nights }),
		"night_number": count(ofBookings, func(d *draft) *opt[int32] { return &d.nightNumber }),
		"rooms":        count([]string{"booking", "facility"}, func(d *draft) *opt[int32] { return &d.rooms }),
		"adults":       count(ofBookings, func(d *draft) *opt[int32] { return &d.adults }),
		"children":     count(ofBookings, func(d *draft) *opt[int32] { return &d.children }),
		"infants":      count(ofBookings, func(d *draft) *opt[int32] { return &d.infants }),
		"day_use":      yesOrNo(ofBookings, func(d *draft) *opt[bool] { return &d.dayUse }),
		"purposes":     purposes,
		// A second column may speak of purposes: the name of a plan, beside a stated one.
		"purposes.plan": purposes,
	}
}

// answerTargets are of a day's visit, an answer to a survey, and a tie told of in it.
func answerTargets() map[string]target {
	return map[string]target{
		"visited_on":       date(ofVisits, true, func(d *draft) *opt[schemas.Date] { return &d.on }),
		"answered_on":      date(ofSurveys, true, func(d *draft) *opt[schemas.Date] { return &d.on }),
		"sex":              code(ofResponses, sexes, false, func(d *draft) *string { return &d.sex }),
		"age":              bounded(count(ofAged, func(d *draft) *opt[int32] { return &d.age }), 0, 120),
		"migration_intent": label(ofResponses, func(d *draft) *string { return &d.intent }),
		"revisit_intent":   label(ofResponses, func(d *draft) *string { return &d.revisit }),
		"stratum":          label(ofResponses, func(d *draft) *string { return &d.stratum }),
		"sampling_unit":    label(ofResponses, func(d *draft) *string { return &d.samplingUnit }),
		"design_weight": {datasets: ofResponses, kind: numberValue, parses: []string{"decimal", "int"},
			bind: bindWeight(func(d *draft) *opt[float64] { return &d.designWeight })},
		"stratum_population": {datasets: ofResponses, kind: numberValue, parses: []string{"decimal", "int"},
			bind: bindWeight(func(d *draft) *opt[float64] { return &d.stratumPopulation })},
		"replicate_weights":    label(ofResponses, func(d *draft) *string { return &d.replicateWeights }),
		"responded":            yesOrNo(ofResponses, func(d *draft) *opt[bool] { return &d.responded }),
		"regular":              yesOrNo(ofTies, func(d *draft) *opt[bool] { return &d.regular }),
		"paid_lodging":         yesOrNo(ofTies, func(d *draft) *opt[bool] { return &d.paidLodging }),
		"visits_per_year":      count(ofTies, func(d *draft) *opt[int32] { return &d.visitsPerYear }),
		"visits_per_year_most": count(ofTies, func(d *draft) *opt[int32] { return &d.visitsMost }),
		"visits_to_prefecture": bounded(count(ofTies, func(d *draft) *opt[int32] { return &d.visitsToPrefecture }), 1, 366),
		"trip_municipalities":  bounded(count(ofTies, func(d *draft) *opt[int32] { return &d.tripMunicipalities }), 1, 200),
		"since_year":           year(ofTies, false, func(d *draft) *opt[int32] { return &d.since }),
	}
}

// eventTargets are of acts and moves.
func eventTargets() map[string]target {
	return map[string]target{
		"acted_on":       date(ofActs, true, func(d *draft) *opt[schemas.Date] { return &d.on }),
		"moved_on":       date(ofMoves, true, func(d *draft) *opt[schemas.Date] { return &d.on }),
		"related_before": yesOrNo(ofMoves, func(d *draft) *opt[bool] { return &d.relatedBefore }),
		"related_since":  {datasets: ofMoves, kind: dateValue, parses: dateParses, bind: bindSince},
		"record":         code(ofMoves, records, true, func(d *draft) *string { return &d.record }),
	}
}

// frameTargets are of a facility.
func frameTargets() map[string]target {
	return map[string]target{
		"capacity":  count(ofFrames, func(d *draft) *opt[int32] { return &d.capacity }),
		"opened_on": date(ofFrames, false, func(d *draft) *opt[schemas.Date] { return &d.openedOn }),
		"closed_on": date(ofFrames, false, func(d *draft) *opt[schemas.Date] { return &d.closedOn }),
		"joined_on": date(ofFrames, false, func(d *draft) *opt[schemas.Date] { return &d.joinedOn }),
		"left_on":   date(ofFrames, false, func(d *draft) *opt[schemas.Date] { return &d.leftOn }),
	}
}

// totalTargets are of a figure of official statistics.
func totalTargets() map[string]target {
	return map[string]target{
		"statistic":           code(ofTotals, statistics, true, func(d *draft) *string { return &d.statistic }),
		"period":              {datasets: ofTotals, kind: dateValue, parses: dateParses, bind: bindPeriod},
		"period_start":        date(ofTotals, true, func(d *draft) *opt[schemas.Date] { return &d.on }),
		"period_end":          date(ofTotals, true, func(d *draft) *opt[schemas.Date] { return &d.until }),
		"as_of":               date(ofTotals, true, func(d *draft) *opt[schemas.Date] { return &d.on }),
		"origin_code":         label(ofTotals, func(d *draft) *string { return &d.originCode }),
		"origin.code":         region(ofTotals, false, func(d *draft) *string { return &d.origin.code }),
		"origin.prefecture":   location(ofTotals, func(d *draft) *string { return &d.origin.prefecture }),
		"origin.municipality": location(ofTotals, func(d *draft) *string { return &d.origin.municipality }),
		"breakdown":           label(ofTotals, func(d *draft) *string { return &d.breakdown }),
		"breakdown.stay":      class(func(d *draft) *string { return &d.stay }),
		"breakdown.purpose":   class(func(d *draft) *string { return &d.purpose }),
		"breakdown.sex":       class(func(d *draft) *string { return &d.sexClass }),
		"breakdown.age":       class(func(d *draft) *string { return &d.ageClass }),
		"value":               {datasets: ofTotals, kind: numberValue, parses: []string{"decimal", "int"}, bind: bindValue},
	}
}

// targetsOf lists the targets of a dataset by name.
func targetsOf(dataset string) []string {
	return slices.DeleteFunc(sortedKeys(targets), func(name string) bool {
		return !slices.Contains(targets[name].datasets, dataset)
	})
}

var (
	dateParses = []string{"date", "timestamp", "excel_serial"}
	textParses = []string{"text"}
)

// purposes are a set: what several columns say is put together.
var purposes = target{
	datasets: []string{"booking", "visit", "survey_tie", "act"}, kind: setValue, parses: textParses,
	codes: sortedKeys(schemas.PurposeCodes), bind: bindPurposes,
}

// plain is a target that takes the text as it stands.
func plain(datasets []string, kind valueKind, at func(*draft) *string) target {
	return target{datasets: datasets, kind: kind, parses: textParses, bind: func(b binding) step { return b.raw(at) }}
}

func identifier(datasets []string) target {
	t := plain(datasets, textValue, func(d *draft) *string { return &d.id })
	t.personal, t.whole = true, true
	return t
}

func personal(at func(*draft) *string) target {
	t := plain(ofPersons, textValue, at)
	t.personal = true
	return t
}

func home(at func(*draft) *string) target {
	t := plain(ofPersons, placeValue, at)
	t.personal = true
	return t
}

func location(datasets []string, at func(*draft) *string) target {
	return plain(datasets, placeValue, at)
}

// region is a target of region codes.
func region(datasets []string, personal bool, at func(*draft) *string) target {
	return target{datasets: datasets, personal: personal, kind: placeValue, parses: textParses, bind: func(b binding) step { return b.region(at) }}
}

// label is a target that keeps the text, or the code the mapping gives it.
func label(datasets []string, at func(*draft) *string) target {
	return target{datasets: datasets, kind: textValue, parses: textParses, bind: func(b binding) step { return b.label(at) }}
}

// class is a target that tells figures of parts from their total.
func class(at func(*draft) *string) target {
	return target{datasets: ofTotals, kind: textValue, parses: textParses, bind: func(b binding) step { return b.class(at) }}
}

// code is a target that takes only certain codes; a strict one refuses rows with others.
func code(datasets, codes []string, strict bool, at func(*draft) *string) target {
	return target{datasets: datasets, kind: codeValue, codes: codes, parses: textParses, bind: func(b binding) step { return b.code(codes, strict, at) }}
}

// date is a target of calendar days. A row cannot do without a mandatory one:
// a text that is no date refuses it, where an optional one becomes null.
func date(datasets []string, mandatory bool, at func(*draft) *opt[schemas.Date]) target {
	return target{datasets: datasets, kind: dateValue, parses: dateParses, bind: func(b binding) step { return b.date(mandatory, at) }}
}

// count is a target of whole numbers that are not negative.
func count(datasets []string, at func(*draft) *opt[int32]) target {
	return target{datasets: datasets, kind: countValue, parses: []string{"int", "decimal"}, bind: func(b binding) step { return b.count(at) }}
}

// year is a target of calendar years; those before 1880 and after 2200 are typing errors.
func year(datasets []string, personal bool, at func(*draft) *opt[int32]) target {
	return target{datasets: datasets, personal: personal, kind: countValue, parses: []string{"int", "date"}, bind: func(b binding) step { return b.year(at) }}
}

// yesOrNo is a target of yes and no.
func yesOrNo(datasets []string, at func(*draft) *opt[bool]) target {
	return target{datasets: datasets, kind: boolValue, codes: yesNo, parses: []string{"bool"}, bind: func(b binding) step { return b.flag(at) }}
}

// bounded leaves out counts that cannot be.
func bounded(t target, low, high int32) target {
	inner := t.bind
	t.bind = func(b binding) step {
		b.low, b.high = low, high
		return inner(b)
	}
	return t
}

// bindBirthDate keeps the year of a day of birth; the day itself goes nowhere.
func bindBirthDate(b binding) step {
	return func(w *worker, d *draft, row int) string {
		s := b.text(w, row)
		if s == "" {
			return ""
		}
		if on, ok := b.readDate(s, b.order); ok {
			y, _, _ := on.Civil()
			d.birthYear = some(int32(y))
			return ""
		}
		return b.unread(w)
	}
}
