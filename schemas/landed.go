package schemas

// The landed rows: what ingest writes, one Parquet file per delivered file and
// dataset. Nothing here names a person. Tokens are the first 64 bits of an
// HMAC-SHA-256 under the project's key, as a signed integer; 0 (null) means the
// export gave no such identifier. Two of n distinct identifiers share a token
// with probability n²/2⁶⁵: 3 in 10,000 for any pair among 100 million.

// Provenance says which line of which delivered file a landed row came from.
type Provenance struct {
	// Source is the name of the source in kankei.yaml.
	Source string `parquet:"source,dict" role:"key" unit:"code"`
	// Delivery is the key of the delivered file: its digest with mapping and ingest version.
	Delivery string `parquet:"delivery,dict" role:"key" unit:"code"`
	// Line is the line of the file on which the record starts, the header being line 1 where there is no preamble.
	Line int32 `parquet:"line,delta" role:"key" unit:"line"`
}

// Tokens are the pseudonyms of whoever a row is about, one per kind of
// identifier, in the order in which linkage trusts them.
type Tokens struct {
	// Identity is a digest of the tokens below; rows with equal tokens have equal identity. Null where no identifier was given.
	Identity int64 `parquet:"identity,optional,plain" role:"attribute" unit:"token"`
	// Member is the token of the membership number, scoped to the platform that issued it.
	Member int64 `parquet:"member,optional,plain" role:"attribute" unit:"token"`
	// Email is the token of the normalised e-mail address.
	Email int64 `parquet:"email,optional,plain" role:"attribute" unit:"token"`
	// Phone is the token of the telephone number in its national digits.
	Phone int64 `parquet:"phone,optional,plain" role:"attribute" unit:"token"`
	// Name is the token of name, kana and birth year, as far as they were given.
	Name int64 `parquet:"name,optional,plain" role:"attribute" unit:"token"`
	// NameDated says that the name token includes a birth year; only then does a name link.
	NameDated bool `parquet:"name_dated" role:"attribute" unit:"boolean"`
}

// Residence is where a person said they live, at the time of the row.
type Residence struct {
	// ResidenceCode is the 5-digit code of the municipality or ward lived in, of the prefecture if no more is known, or 'abroad' or 'unknown'.
	ResidenceCode string `parquet:"residence_code,dict" role:"dimension" unit:"code"`
	// Postcode is the first five digits of the postcode of residence, or ''.
	Postcode string `parquet:"postcode,dict" role:"dimension" unit:"code"`
	// OriginCountry is the ISO 3166-1 alpha-2 code of the country of residence, or ''.
	OriginCountry string `parquet:"origin_country,dict" role:"dimension" unit:"code"`
}

// Booking is one row of a booking export: a booking, a change of one, or one
// night of one. One row per record of the file.
type Booking struct {
	Provenance
	// Booking is the token of the booking number, scoped to its source; null where the export has none.
	Booking int64 `parquet:"booking,optional,plain" role:"attribute" unit:"token"`
	// EventAt is when the row last changed at its origin: the order of the events of one booking.
	EventAt *Timestamp `parquet:"event_at,optional,timestamp(microsecond:local)" role:"attribute" unit:"instant"`
	// Status is booked, changed, cancelled, no_show, blocked, day_use or requested.
	Status string `parquet:"status,dict" role:"dimension" unit:"code"`
	// Platform is the booking site or channel as the export names it, or ''.
	Platform string `parquet:"platform,dict" role:"dimension" unit:"text"`
	// Facility is the identifier of the lodging facility in the facility frame, or ''.
	Facility string `parquet:"facility,dict" role:"dimension" unit:"code"`
	// RegionCode is the 5-digit code of the region stayed in: municipality, or prefecture where no more is known.
	RegionCode string `parquet:"region_code,dict" role:"dimension" unit:"code"`
	// BookedOn is the day the booking was made.
	BookedOn *Date `parquet:"booked_on,optional,date" role:"attribute" unit:"date"`
	// CheckIn is the day of arrival.
	CheckIn Date `parquet:"check_in,date" role:"dimension" unit:"date"`
	// CheckOut is the day of departure; equal to check_in for day use.
	CheckOut Date `parquet:"check_out,date" role:"dimension" unit:"date"`
	// NightNumber is which night of the stay the row is about, from 1; null in exports of one row per booking.
	NightNumber *int32 `parquet:"night_number,optional" role:"attribute" unit:"ordinal"`
	// Rooms is the number of rooms.
	Rooms *int32 `parquet:"rooms,optional" role:"measure" unit:"room"`
	// Adults is the number of adult guests.
	Adults *int32 `parquet:"adults,optional" role:"measure" unit:"person"`
	// Children is the number of children who are counted as guests.
	Children *int32 `parquet:"children,optional" role:"measure" unit:"person"`
	// Infants is the number of infants, who are not counted as guests.
	Infants *int32 `parquet:"infants,optional" role:"measure" unit:"person"`
	// Purposes is the set of purposes of the stay as bits, see the code list; 0 where not known.
	Purposes int32 `parquet:"purposes" role:"dimension" unit:"bit set"`
	// AgeClass is the class of the age that the guest reaches in the year of arrival (18-29, 30-44, 45-59, 60+), all that is kept of an age or a day of birth; '' of children, and where neither is given.
	AgeClass string `parquet:"age_class,dict" role:"dimension" unit:"code"`
	Residence
	Tokens
}

// Visit is a dated observation of a person in a region: an answer on the spot,
// a check-in, a counter visit. One row per observation.
type Visit struct {
	Provenance
	// Observation is the token of the observation's own number; null where the export has none.
	Observation int64 `parquet:"observation,optional,plain" role:"attribute" unit:"token"`
	// VisitedOn is the day the person was there.
	VisitedOn Date `parquet:"visited_on,date" role:"dimension" unit:"date"`
	// RegionCode is the 5-digit code of the region visited: municipality, or prefecture where no more is known.
	RegionCode string `parquet:"region_code,dict" role:"dimension" unit:"code"`
	// Nights is the number of nights the person says the trip has in the region.
	Nights *int32 `parquet:"nights,optional" role:"measure" unit:"night"`
	// Purposes is the set of purposes of the visit as bits, see the code list; 0 where not known.
	Purposes int32 `parquet:"purposes" role:"dimension" unit:"bit set"`
	Residence
	Tokens
}

// SurveyResponse is one person's answers to one survey. One row per answered
// questionnaire.
type SurveyResponse struct {
	Provenance
	// Response is the token of the response's own number; null where the export has none.
	Response int64 `parquet:"response,optional,plain" role:"attribute" unit:"token"`
	// AnsweredOn is the day of the answer.
	AnsweredOn Date `parquet:"answered_on,date" role:"dimension" unit:"date"`
	// Sex is male, female, other or unknown.
	Sex string `parquet:"sex,dict" role:"dimension" unit:"code"`
	// BirthYear is the year of birth.
	BirthYear *int32 `parquet:"birth_year,optional" role:"dimension" unit:"year"`
	// Age is in completed years when answering.
	Age *int32 `parquet:"age,optional" role:"dimension" unit:"year"`
	// Stratum is the design group that the person was drawn from, as the export names it, or ''.
	Stratum string `parquet:"stratum,dict" role:"dimension" unit:"code"`
	// SamplingUnit is the primary sampling unit that the person was drawn in, such as a place and day, or '' where persons were drawn themselves.
	SamplingUnit string `parquet:"sampling_unit,dict" role:"dimension" unit:"code"`
	// DesignWeight is the inverse of the probability of being drawn; null where the export gives none.
	DesignWeight *float64 `parquet:"design_weight,optional" role:"attribute" unit:"person"`
	// StratumPopulation is the number of sampling units of the stratum in the population; null where the export gives none.
	StratumPopulation *float64 `parquet:"stratum_population,optional" role:"attribute" unit:"sampling unit"`
	// ReplicateWeights are the replicate design weights that came with the export, separated by semicolons, or ''.
	ReplicateWeights string `parquet:"replicate_weights" role:"attribute" unit:"person"`
	// Responded is false for persons of the sample who did not answer; null where the export lists only those who did.
	Responded *bool `parquet:"responded,optional" role:"dimension" unit:"boolean"`
	// MigrationIntent is the answer on moving to or returning to the region, as a code of the mapping, or ''.
	MigrationIntent string `parquet:"migration_intent,dict" role:"dimension" unit:"code"`
	// RevisitIntent is the answer on coming to the region again, as a code of the mapping, or ''.
	RevisitIntent string `parquet:"revisit_intent,dict" role:"dimension" unit:"code"`
	Residence
	Tokens
}

// SurveyTie is a relation to a region that a respondent reports. One row per
// response and region named.
type SurveyTie struct {
	Provenance
	// Response is the token of the response's own number; null where the export has none.
	Response int64 `parquet:"response,optional,plain" role:"attribute" unit:"token"`
	// AnsweredOn is the day of the answer.
	AnsweredOn Date `parquet:"answered_on,date" role:"dimension" unit:"date"`
	// RegionCode is the 5-digit code of the region named.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// Regular says that the respondent calls the relation regular and continuing; null where not asked.
	Regular *bool `parquet:"regular,optional" role:"dimension" unit:"boolean"`
	// VisitsPerYear is the number of visits in the last 12 months, or the lower end of the class answered.
	VisitsPerYear *int32 `parquet:"visits_per_year,optional" role:"measure" unit:"visit"`
	// VisitsPerYearMost is the upper end of the class answered; null where a number was asked for, or the class is open.
	VisitsPerYearMost *int32 `parquet:"visits_per_year_most,optional" role:"measure" unit:"visit"`
	// VisitsToPrefecture is the number of visits to the prefecture of the region in the last 12 months, the present one included, or the lower end of the class answered; null where not asked.
	VisitsToPrefecture *int32 `parquet:"visits_to_prefecture,optional" role:"measure" unit:"visit"`
	// Nights is the usual length of a stay.
	Nights *int32 `parquet:"nights,optional" role:"measure" unit:"night"`
	// PaidLodging says that the nights are spent where a night is paid for, not with kin or friends, in a second home or a camp of one's own; null where not asked, or no night is spent.
	PaidLodging *bool `parquet:"paid_lodging,optional" role:"dimension" unit:"boolean"`
	// TripMunicipalities is the number of municipalities of the prefecture that the present trip goes to, the one of the answer included; null where not asked.
	TripMunicipalities *int32 `parquet:"trip_municipalities,optional" role:"measure" unit:"municipality"`
	// Purposes is the set of activities in the region as bits, see the code list; 0 where not known.
	Purposes int32 `parquet:"purposes" role:"dimension" unit:"bit set"`
	// SinceYear is the year in which the relation began.
	SinceYear *int32 `parquet:"since_year,optional" role:"dimension" unit:"year"`
	Residence
	Tokens
}

// Act is a dated activity of a person for a region: volunteering, a side job,
// an event organised. It is what the premium registration of the furusato
// scheme counts. One row per activity.
type Act struct {
	Provenance
	// Act is the token of the activity record's own number; null where the export has none.
	Act int64 `parquet:"act,optional,plain" role:"attribute" unit:"token"`
	// ActedOn is the day of the activity.
	ActedOn Date `parquet:"acted_on,date" role:"dimension" unit:"date"`
	// RegionCode is the 5-digit code of the region it was for.
	RegionCode string `parquet:"region_code,dict" role:"dimension" unit:"code"`
	// Purposes is the kind of activity as bits, see the code list; 0 where not known.
	Purposes int32 `parquet:"purposes" role:"dimension" unit:"bit set"`
	Residence
	Tokens
}

// Move is a migration event: a person begins to live in a region. The columns of
// residence say where the person lived before. One row per event.
type Move struct {
	Provenance
	// Move is the token of the record's own number; null where the export has none.
	Move int64 `parquet:"move,optional,plain" role:"attribute" unit:"token"`
	// MovedOn is the day of the move, or of its notification.
	MovedOn Date `parquet:"moved_on,date" role:"dimension" unit:"date"`
	// RegionCode is the 5-digit code of the region moved to.
	RegionCode string `parquet:"region_code,dict" role:"dimension" unit:"code"`
	// Record is where the event is known from: counter_survey, programme, migration_desk or register.
	Record string `parquet:"record,dict" role:"dimension" unit:"code"`
	// BirthYear is the year of birth; null where not given.
	BirthYear *int32 `parquet:"birth_year,optional" role:"dimension" unit:"year"`
	// RelatedBefore says that the mover kept up contact with the region before moving; null where not asked.
	RelatedBefore *bool `parquet:"related_before,optional" role:"dimension" unit:"boolean"`
	// RelatedSince is the day from which the contact is certain: the last of the month or year that the mover says it began in; null where not asked.
	RelatedSince *Date `parquet:"related_since,optional,date" role:"dimension" unit:"date"`
	Residence
	Tokens
}

// Facility is a lodging facility of the frame. One row per facility.
type Facility struct {
	Provenance
	// Facility is the identifier of the facility, as the booking exports or kankei.yaml use it.
	Facility string `parquet:"facility" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of its municipality.
	RegionCode string `parquet:"region_code,dict" role:"dimension" unit:"code"`
	// Rooms is the number of rooms on offer.
	Rooms *int32 `parquet:"rooms,optional" role:"measure" unit:"room"`
	// Capacity is the number of guests it can lodge in a night.
	Capacity *int32 `parquet:"capacity,optional" role:"measure" unit:"person"`
	// OpenedOn is the day it opened; null where it has been open throughout.
	OpenedOn *Date `parquet:"opened_on,optional,date" role:"attribute" unit:"date"`
	// ClosedOn is the day it closed; null where it is open.
	ClosedOn *Date `parquet:"closed_on,optional,date" role:"attribute" unit:"date"`
	// JoinedOn is the day from which its bookings are delivered; null where the facility does not take part.
	JoinedOn *Date `parquet:"joined_on,optional,date" role:"attribute" unit:"date"`
	// LeftOn is the first day from which its bookings are no longer delivered; null where they still are.
	LeftOn *Date `parquet:"left_on,optional,date" role:"attribute" unit:"date"`
}

// Total is a figure of official statistics, used as a benchmark. One row per
// statistic, region, period and breakdown.
type Total struct {
	Provenance
	// Statistic is guest_nights, residents, visitors, in_migrants or net_migration.
	Statistic string `parquet:"statistic,dict" role:"key" unit:"code"`
	// RegionCode is the 5-digit code of the region, '00000' for the nation, or a metropolitan area: tokyo_area, nagoya_area, osaka_area, other_areas.
	RegionCode string `parquet:"region_code,dict" role:"key" unit:"code"`
	// PeriodStart is the first day of the period.
	PeriodStart Date `parquet:"period_start,date" role:"key" unit:"date"`
	// PeriodEnd is the last day of the period; equal to period_start for a figure as of a day.
	PeriodEnd Date `parquet:"period_end,date" role:"key" unit:"date"`
	// OriginCode is 'all', the code of a region of origin, 'domestic', 'abroad', 'same_prefecture' or 'other_prefecture'.
	OriginCode string `parquet:"origin_code,dict" role:"key" unit:"code"`
	// Breakdown is a further class such as 'overnight', 'day_trip', a purpose, a sex or an age class, or ''.
	Breakdown string `parquet:"breakdown,dict" role:"key" unit:"code"`
	// Value is the figure in the statistic's own unit.
	Value float64 `parquet:"value" role:"measure" unit:"of the statistic"`
}

// Reject is a row of a delivered file that was not landed, and why. One row per
// refused record.
type Reject struct {
	// Source is the name of the source in kankei.yaml.
	Source string `parquet:"source,dict" role:"key" unit:"code"`
	// Delivery is the key of the delivered file.
	Delivery string `parquet:"delivery,dict" role:"key" unit:"code"`
	// File is the path of the file below the project.
	File string `parquet:"file,dict" role:"key" unit:"path"`
	// Line is the line on which the record starts.
	Line int32 `parquet:"line" role:"key" unit:"line"`
	// Column is the header of the column at fault, or '' where it is the row as a whole.
	Column string `parquet:"column,dict" role:"dimension" unit:"text"`
	// Reason is why the row was refused.
	Reason string `parquet:"reason,dict" role:"dimension" unit:"code"`
	// Found is the value where the mapping marks the column as not personal, otherwise its shape, such as "11 digits".
	Found string `parquet:"found" role:"attribute" unit:"text"`
}
