package schemas

// The person-level datasets between ingest and the figures. They live in
// work/store.duckdb, are patched person by person, and never leave the house.

// Stay is a presence of a person in a region, from a booking or from a dated
// observation: one booking after its changes and cancellations, or one answer
// on the spot. One row per booking or observation.
type Stay struct {
	// SourceKind is booking, survey or act.
	SourceKind string `parquet:"source_kind" role:"key" unit:"code"`
	// Source is the name of the source in kankei.yaml.
	Source string `parquet:"source" role:"key" unit:"code"`
	// Delivery is the key of the delivered file that holds the row that counts.
	Delivery string `parquet:"delivery" role:"key" unit:"code"`
	// Line is the line of that row.
	Line int32 `parquet:"line" role:"key" unit:"line"`
	// Booking is the token of the booking number; null where there is none.
	Booking *int64 `parquet:"booking,optional" role:"attribute" unit:"token"`
	// Identity is the identity of the guest; null where none was given.
	Identity *int64 `parquet:"identity,optional" role:"attribute" unit:"token"`
	// Facility is the lodging facility, or the source where the export names none.
	Facility string `parquet:"facility" role:"dimension" unit:"code"`
	// RegionCode is the municipality stayed in, or the prefecture where no more is known, at the boundary vintage.
	RegionCode string `parquet:"region_code" role:"dimension" unit:"code"`
	// ResidenceCode is the municipality lived in, the prefecture where no more is known, 'abroad' or 'unknown'.
	ResidenceCode string `parquet:"residence_code" role:"dimension" unit:"code"`
	// OriginCountry is the ISO 3166-1 alpha-2 code of the country lived in, or ''.
	OriginCountry string `parquet:"origin_country" role:"dimension" unit:"code"`
	// FirstDay is the first day of presence.
	FirstDay Date `parquet:"first_day,date" role:"dimension" unit:"date"`
	// LastDay is the last day of presence: the day of departure.
	LastDay Date `parquet:"last_day,date" role:"dimension" unit:"date"`
	// Nights is the length of the stay; for an observation, the nights the person says the trip has.
	Nights *int32 `parquet:"nights,optional" role:"measure" unit:"night"`
	// Guests is adults and children; null where the export gives no number.
	Guests *int32 `parquet:"guests,optional" role:"measure" unit:"person"`
	// Purposes is the set of purposes as bits; 0 where not known.
	Purposes int32 `parquet:"purposes" role:"dimension" unit:"bit set"`
	// AgeClass is the class of the age of the guest (18-29, 30-44, 45-59, 60+), or '' where it is not known.
	AgeClass string `parquet:"age_class" role:"dimension" unit:"code"`
	// Outcome is stayed, day_use, cancelled, no_show, blocked or requested.
	Outcome string `parquet:"outcome" role:"dimension" unit:"code"`
}

// Identity is a combination of tokens that occurs in the landed rows, and the
// person it is linked to. One row per identity.
type Identity struct {
	// Identity is the digest of the tokens.
	Identity int64 `parquet:"identity" role:"key" unit:"token"`
	// Member is the token of the membership number.
	Member *int64 `parquet:"member,optional" role:"attribute" unit:"token"`
	// Email is the token of the e-mail address.
	Email *int64 `parquet:"email,optional" role:"attribute" unit:"token"`
	// Phone is the token of the telephone number.
	Phone *int64 `parquet:"phone,optional" role:"attribute" unit:"token"`
	// Name is the token of the name.
	Name *int64 `parquet:"name,optional" role:"attribute" unit:"token"`
	// NameDated says that the name token includes a birth year.
	NameDated bool `parquet:"name_dated" role:"attribute" unit:"boolean"`
	// Person is the least identity of all identities linked to this one; null where none of the tokens can tell a person.
	Person *int64 `parquet:"person,optional" role:"dimension" unit:"token"`
}

// SurveyWeight is how many persons of the population a respondent stands for, and
// how that came about: weight is design weight × response factor × g-weight. One
// row per respondent of a weighted survey.
type SurveyWeight struct {
	Provenance
	// Stratum is the design group that the person was drawn from.
	Stratum string `parquet:"stratum" role:"dimension" unit:"code"`
	// SamplingUnit is the primary sampling unit that the person was drawn in, or ''.
	SamplingUnit string `parquet:"sampling_unit" role:"dimension" unit:"code"`
	// DesignWeight is the inverse of the probability of being drawn, trimmed where that was asked for; 1 where the export gives none.
	DesignWeight float64 `parquet:"design_weight" role:"measure" unit:"person"`
	// ResponseFactor makes up for those of the class who did not answer; 1 for no adjustment.
	ResponseFactor float64 `parquet:"response_factor" role:"measure" unit:"ratio"`
	// GWeight is calibrated over uncalibrated weight; 1 for no calibration.
	GWeight float64 `parquet:"g_weight" role:"measure" unit:"ratio"`
	// Weight is the number of persons of the population that the respondent stands for.
	Weight float64 `parquet:"weight" role:"measure" unit:"person"`
}

// VisitMonth is what one person did in one region in one calendar month. Days
// in the person's own municipality are left out. Trips are runs of touching
// days; a trip that goes on from the month before is carried in, so that the
// trips of any window of months are the trips begun in it, plus the one carried
// into its first month. One row per source kind, person, region, residence,
// outside rule, excluded purposes and month.
type VisitMonth struct {
	// SourceKind is booking, survey or act.
	SourceKind string `parquet:"source_kind" role:"key" unit:"code"`
	// Person is the person's token.
	Person int64 `parquet:"person" role:"key" unit:"token"`
	// RegionCode is the region visited, municipality or prefecture.
	RegionCode string `parquet:"region_code" role:"key" unit:"code"`
	// ResidenceCode is where the person lived at these visits.
	ResidenceCode string `parquet:"residence_code" role:"key" unit:"code"`
	// EverydayArea is true for days counted outside the everyday area, false for days outside the own municipality.
	EverydayArea bool `parquet:"everyday_area" role:"key" unit:"boolean"`
	// Excluded is the set of purposes whose visits are left out; 0 keeps all. Rows with a set are stored only for ties where it makes a difference.
	Excluded int32 `parquet:"excluded" role:"key" unit:"bit set"`
	// Month is year × 12 + month − 1.
	Month int32 `parquet:"month" role:"key" unit:"month"`
	// VisitDays is the number of distinct days of presence.
	VisitDays int32 `parquet:"visit_days" role:"measure" unit:"day"`
	// TripsBegun is the number of trips whose first day lies in the month.
	TripsBegun int32 `parquet:"trips_begun" role:"measure" unit:"trip"`
	// CarriedIn is 1 if the month's first day continues a trip of the month before.
	CarriedIn int32 `parquet:"carried_in" role:"measure" unit:"trip"`
	// StayDays is visit days, or nights + 1 where a person reports a longer trip than was seen; the surplus counts in the month the trip began.
	StayDays int32 `parquet:"stay_days" role:"measure" unit:"day"`
	// FirstDay is the first day of presence.
	FirstDay Date `parquet:"first_day,date" role:"attribute" unit:"date"`
	// LastDay is the last day of presence.
	LastDay Date `parquet:"last_day,date" role:"attribute" unit:"date"`
	// FirstBegun is the first day of the first trip begun in the month.
	FirstBegun *Date `parquet:"first_begun,optional,date" role:"attribute" unit:"date"`
	// LastBegun is the first day of the last trip begun in the month.
	LastBegun *Date `parquet:"last_begun,optional,date" role:"attribute" unit:"date"`
	// Purposes is the set of purposes of the month's trips as bits.
	Purposes int32 `parquet:"purposes" role:"dimension" unit:"bit set"`
	// TiePurposes is the set of purposes of the person in the region over all months.
	TiePurposes int32 `parquet:"tie_purposes" role:"dimension" unit:"bit set"`
}

// ActMonth counts contribution acts of a person for a region. One row per
// person, region, residence and month.
type ActMonth struct {
	// Person is the person's token.
	Person int64 `parquet:"person" role:"key" unit:"token"`
	// RegionCode is the region, municipality or prefecture.
	RegionCode string `parquet:"region_code" role:"key" unit:"code"`
	// ResidenceCode is where the person lived.
	ResidenceCode string `parquet:"residence_code" role:"key" unit:"code"`
	// Month is year × 12 + month − 1.
	Month int32 `parquet:"month" role:"key" unit:"month"`
	// Acts is the number of acts.
	Acts int32 `parquet:"acts" role:"measure" unit:"act"`
}

// Window is a person's contact with a region over the trailing 12 months, under
// one outside rule and one set of excluded purposes: a spell of reference months
// whose windows hold the same. It is computed, counted and forgotten, never
// stored. One row per spell, sign, outside rule, excluded purposes, source kind,
// person and region.
type Window struct {
	// FromMonth is the first reference month of the spell, year × 12 + month − 1.
	FromMonth int32 `parquet:"from_month" role:"key" unit:"month"`
	// ToMonth is the last reference month of the spell.
	ToMonth int32 `parquet:"to_month" role:"key" unit:"month"`
	// Sign is 1 for a window to be counted, −1 for one to be taken out of the counts.
	Sign int32 `parquet:"sign" role:"key" unit:"sign"`
	// Outside is the rule of living outside the region under which the row counts, or 'both' for prefecture and municipality.
	Outside string `parquet:"outside" role:"key" unit:"code"`
	// Excluded is the set of purposes whose visits are left out; rows with a set exist only where they differ from the row with all.
	Excluded int32 `parquet:"excluded" role:"key" unit:"bit set"`
	// SourceKind is booking, survey or act.
	SourceKind string `parquet:"source_kind" role:"key" unit:"code"`
	// Person is the person's token.
	Person int64 `parquet:"person" role:"key" unit:"token"`
	// RegionCode is the region, municipality or prefecture.
	RegionCode string `parquet:"region_code" role:"key" unit:"code"`
	// OriginCode is the prefecture lived in at the last visit, 'abroad' or 'unknown'.
	OriginCode string `parquet:"origin_code" role:"dimension" unit:"code"`
	// VisitDays is the number of distinct days of presence.
	VisitDays int32 `parquet:"visit_days" role:"measure" unit:"day"`
	// Trips is the number of trips.
	Trips int32 `parquet:"trips" role:"measure" unit:"trip"`
	// StayDays is the number of days of presence, reported nights included.
	StayDays int32 `parquet:"stay_days" role:"measure" unit:"day"`
	// GapDays is the days between the beginnings of the first and the last trip.
	GapDays int32 `parquet:"gap_days" role:"measure" unit:"day"`
	// Purposes is the set of purposes as bits.
	Purposes int32 `parquet:"purposes" role:"dimension" unit:"bit set"`
	// TiePurposes is the set of purposes of the person in the region over all months.
	TiePurposes int32 `parquet:"tie_purposes" role:"dimension" unit:"bit set"`
	// Acts is the number of contribution acts.
	Acts int32 `parquet:"acts" role:"measure" unit:"act"`
	// Engagement is the rank of the highest engagement level reached, 0 one_off to 4 two_region.
	Engagement int32 `parquet:"engagement" role:"dimension" unit:"rank"`
}

// Tally is an exact count over persons, kept so that a night's new rows change
// it by the difference of the persons they touch. One row per tally, source
// kind, outside rule, region, origin, class and reference month.
type Tally struct {
	// ReferenceMonth is the window's last month, year × 12 + month − 1.
	ReferenceMonth int32 `parquet:"reference_month" role:"key" unit:"month"`
	// SourceKind is booking, survey or act.
	SourceKind string `parquet:"source_kind" role:"key" unit:"code"`
	// Tally is what is counted: frequency, persons, repeaters, trips, visit_days, stay_days, interval, month, definition/measure; trip_frequency/purposes, persons of bookings by number of trips without those of the set of purposes; engagement_opening and engagement_closing, ties by level; engagement_change, ties that changed within the month, and engagement_year, ties by state at the ends of two fiscal years.
	Tally string `parquet:"tally" role:"key" unit:"code"`
	// Outside is the rule of living outside the region.
	Outside string `parquet:"outside" role:"key" unit:"code"`
	// RegionCode is the region.
	RegionCode string `parquet:"region_code" role:"key" unit:"code"`
	// OriginCode is 'all', a prefecture, 'abroad' or 'unknown'; 'domestic' for all prefectures.
	OriginCode string `parquet:"origin_code" role:"key" unit:"code"`
	// Class is the class counted: visit days, trips, days between trips, month of the year, engagement rank, for changes ten times the state before plus the state after: 0 no contact, 1 to 5 rank + 1, 6 lives in the region, 7 no contact but seen earlier; −1 for all.
	Class int32 `parquet:"class" role:"key" unit:"of the tally"`
	// Count is the count.
	Count int64 `parquet:"count" role:"measure" unit:"of the tally"`
}

// NightTally counts the nights of stays. One row per region, facility, month
// of arrival, month of the night, residence and country.
type NightTally struct {
	// RegionCode is the region stayed in as far as it is known.
	RegionCode string `parquet:"region_code" role:"key" unit:"code"`
	// Facility is the lodging facility.
	Facility string `parquet:"facility" role:"key" unit:"code"`
	// ArrivalMonth is the month of arrival, year × 12 + month − 1.
	ArrivalMonth int32 `parquet:"arrival_month" role:"key" unit:"month"`
	// NightMonth is the month in which the nights were spent.
	NightMonth int32 `parquet:"night_month" role:"key" unit:"month"`
	// OriginCode is the prefecture lived in, 'abroad' or 'unknown'.
	OriginCode string `parquet:"origin_code" role:"key" unit:"code"`
	// OriginCountry is the country lived in, or ''.
	OriginCountry string `parquet:"origin_country" role:"key" unit:"code"`
	// GuestNights is guests times nights.
	GuestNights int64 `parquet:"guest_nights" role:"measure" unit:"guest-night"`
	// Arrivals is the number of stays whose first night is among these nights.
	Arrivals int64 `parquet:"arrivals" role:"measure" unit:"booking"`
	// Stays is the number of stays with a night in the month.
	Stays int64 `parquet:"stays" role:"measure" unit:"booking"`
}
