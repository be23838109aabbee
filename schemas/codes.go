package schemas

// Statuses of a booking row.
const (
	Booked    = "booked"    // in force
	Changed   = "changed"   // in force, after a change
	Cancelled = "cancelled" // called off before arrival
	NoShow    = "no_show"   // nobody came
	Blocked   = "blocked"   // rooms taken off sale; no guest
	DayUse    = "day_use"   // a stay without a night
	Requested = "requested" // asked for and not confirmed
)

// Codes of a residence, origin or region that is not a single region.
const (
	Abroad  = "abroad"  // outside Japan
	Unknown = "unknown" // not given, or not to be decided
	All     = "all"     // every origin, relation type or engagement level together
	Nation  = "00000"   // Japan as a whole
)

// The three metropolitan areas of migration statistics and the rest of the
// country: regions of official totals that have no region code.
const (
	TokyoArea  = "tokyo_area"  // 東京圏: Saitama, Chiba, Tokyo, Kanagawa
	NagoyaArea = "nagoya_area" // 名古屋圏: Gifu, Aichi, Mie
	OsakaArea  = "osaka_area"  // 大阪圏: Kyoto, Osaka, Hyogo, Nara
	OtherAreas = "other_areas" // 三大都市圏以外
)

// Records of moves, by where they are made.
const (
	RecordCounterSurvey = "counter_survey" // asked of those who notify that they moved in
	RecordProgramme     = "programme"      // grants and programmes for those who move in
	RecordMigrationDesk = "migration_desk" // people whom a desk for migration helped to move
	RecordPanel         = "panel"          // members of a panel who live elsewhere than in the wave before
	RecordRegister      = "register"       // the register of residents itself: matched only where that is permitted
)

// Levels of a region.
const (
	LevelNation       = "nation"       // Japan
	LevelPrefecture   = "prefecture"   // one of 47
	LevelMunicipality = "municipality" // city, town, village or special ward of Tokyo
	LevelWard         = "ward"         // ward of a designated city
)

// Measures of the relational population. Only pairs add up over regions.
const (
	Persons                = "persons"                  // the rule tested on visits pooled at the row's own level
	PersonsAnyMunicipality = "persons_any_municipality" // the rule met in some municipality of the region
	Pairs                  = "pairs"                    // pairs of a person and a municipality that meet the rule
)

// Rules of living outside a region.
const (
	OutsidePrefecture   = "prefecture"    // residence in another prefecture
	OutsideMunicipality = "municipality"  // residence in another municipality
	OutsideEverydayArea = "everyday_area" // residence outside the commuting area given by the user
)

// Sources of a figure, and of the persons it rests on.
const (
	SourceBooking  = "booking"  // stays in lodging, from booking exports
	SourceSurvey   = "survey"   // answers and visits, from survey exports
	SourceAct      = "act"      // records of contribution acts
	SourceCombined = "combined" // booking and survey together
)

// Relation types of the land ministry, the most engaged first: the primary type
// of a tie is the first it has.
const (
	RelationDirectContribution = "direct_contribution" // 直接寄与型: projects, volunteering, mutual aid
	RelationLocalWork          = "local_work"          // 就労型（現地就労）: work or a side job in the region
	RelationTelework           = "telework"            // 就労型（テレワーク）: telework or workation
	RelationParticipation      = "participation"       // 参加・交流型: exchange, events, experience programmes
	RelationHobby              = "hobby"               // 趣味・消費型: eating, drinking, hobbies
)

// Steps of the coverage, from a visit to a booking that is known to be a person's.
const (
	StepGuestNights    = "guest_nights"    // recorded over official nights of a month
	StepOvernight      = "overnight"       // visits with a night
	StepPaidLodging    = "paid_lodging"    // of these, in lodging that is paid for
	StepFacility       = "facility"        // of these, in a house whose bookings are delivered
	StepOwnIdentity    = "own_identity"    // of these, booked by the person
	StepLinked         = "linked"          // of these, with something that tells the person
	StepProduct        = "steps"           // all of them
	StepRelatedPurpose = "related_purpose" // visits that a definition counts
	StepDetection      = "detection"       // such a visit is seen
	StepResidenceKnown = "residence_known" // stays that tell the person, whose residence is known
	StepLoyalty        = "loyalty"         // persons who always sleep in one house
)

// Bases of a step of the coverage, or of an assumption.
const (
	BasisBookings         = "bookings"          // the bookings delivered
	BasisOfficialNights   = "official_nights"   // official guest-nights
	BasisOfficialVisitors = "official_visitors" // official visitors
	BasisFacilityFrame    = "facility_frame"    // the list of all houses with their capacity
	BasisSurvey           = "survey"            // a survey on the spot
	BasisProduct          = "product"           // the product of the steps
	BasisRemainder        = "remainder"         // what the detection leaves to a step
	BasisAssumed          = "assumed"           // a range in kankei.yaml
	BasisOwn              = "own"               // the region's own frequencies
	BasisPooled           = "pooled"            // those of the prefecture's municipalities
	BasisSynthetic        = "synthetic"         // official visitors and the shape of other municipalities
)

// Causes of an error.
const (
	CauseSampling       = "sampling"       // who was asked, and who was seen
	CauseDetection      = "detection"      // how likely a visit is seen, and the official visitors that figures are scaled by
	CauseLinkage        = "linkage"        // missed and false links
	CauseModel          = "model"          // the choice of a distribution, sources that differ, figures carried forward
	CauseClassification = "classification" // which visits count, where in a class answers lie, who lives where
)

// Statuses of an assumption.
const (
	StatusMet       = "met"       // the data bear it out
	StatusViolated  = "violated"  // the data speak against it
	StatusEstimated = "estimated" // a value stands in for it
	StatusAssumed   = "assumed"   // nothing tells
	StatusRefused   = "refused"   // a family of distributions that cannot be fitted
	StatusUnknown   = "unknown"   // the figure is not estimable for it
)

// Reasons why a published figure was revised.
const (
	RevisionUnchanged   = "unchanged"   // the figure is as it was published
	RevisionNewData     = "new_data"    // files that the publication did not have, or a later as-of day
	RevisionRestatement = "restatement" // files delivered again with other rows, or withdrawn
	RevisionMethod      = "method"      // the program, the settings or the definition
	RevisionBoundary    = "boundary"    // municipal boundaries or region codes
	RevisionNotKnown    = "not_known"   // nothing tells
)

// Engagement levels, the lowest first; a tie has the highest it reaches.
const (
	EngagementOneOff    = "one_off"    // one trip
	EngagementRepeat    = "repeat"     // two trips or more
	EngagementRelated   = "related"    // contact kept up
	EngagementDeep      = "deep"       // contribution, or contact kept up for years
	EngagementTwoRegion = "two_region" // living in two regions
)

// Statistics of the engagement funnel. Opening + entries − exits = closing; the parts of entries, and
// of exits, add up to them.
const (
	FunnelOpening     = "opening"            // persons at the level when the months begin
	FunnelEntries     = "entries"            // persons at the level when they end, not when they begin
	FunnelExits       = "exits"              // persons at the level when they begin, not when they end
	FunnelClosing     = "closing"            // persons at the level when the months end
	FunnelFromOutside = "from_outside"       // entries: no contact in the 12 months before, or lived in the region
	FunnelNew         = "from_outside_new"   // of these, never seen before
	FunnelReturned    = "from_outside_again" // of these, seen before, or moved out of the region
	FunnelFromBelow   = "from_below"         // entries from a lower level
	FunnelFromAbove   = "from_above"         // entries from a higher level
	FunnelToOutside   = "to_outside"         // exits: no contact in the 12 months, or lives in the region
	FunnelLapsed      = "to_outside_lapsed"  // of these, no contact
	FunnelMovedIn     = "to_outside_moved"   // of these, seen to live in the region
	FunnelToBelow     = "to_below"           // exits to a lower level
	FunnelToAbove     = "to_above"           // exits to a higher level
)

// Observation status (SDMX CL_OBS_STATUS, the codes used here).
const (
	Normal         = "A" // counted
	Estimated      = "E" // from an estimator
	Provisional    = "P" // to be revised when late data have come
	LowReliability = "U" // shown with a caution
	NotEstimable   = "M" // the source cannot see what the row asks
)

// Confidentiality status (SDMX CL_CONF_STATUS, the codes used here).
const (
	Free     = "F" // may be shown
	Withheld = "C" // withheld; the row has no figures
)

// Purpose is a bit of the purposes of a visit; a visit may have several.
type Purpose int32

// Purposes, with the relation type of the land ministry each belongs to.
const (
	Leisure            Purpose = 1 << iota // 観光・趣味・消費: hobby
	Participation                          // 交流・体験・催し: participation
	Telework                               // テレワーク・ワーケーション: telework
	LocalWork                              // 現地就労・副業: local_work
	DirectContribution                     // 地域づくり・ボランティア: direct_contribution
	Business                               // 出張
	Kin                                    // 帰省・親族や友人を訪ねる
	Commute                                // 通勤・通学
	OtherPurpose                           // その他
)

// relationTypes are the relation types with their purpose, the most engaged first.
var relationTypes = []struct {
	name    string
	purpose Purpose
}{
	{RelationDirectContribution, DirectContribution}, {RelationLocalWork, LocalWork}, {RelationTelework, Telework},
	{RelationParticipation, Participation}, {RelationHobby, Leisure},
}

// RelationType is the primary relation type of a set of purposes: the first, by the land
// ministry's order, that it holds; ” where it holds none.
func (p Purpose) RelationType() string {
	for _, r := range relationTypes {
		if p&r.purpose != 0 {
			return r.name
		}
	}
	return ""
}

// PurposeCodes are the purposes by the code that mappings and definitions use.
var PurposeCodes = map[string]Purpose{
	"leisure": Leisure, "participation": Participation, "telework": Telework, "local_work": LocalWork,
	"direct_contribution": DirectContribution, "business": Business, "kin": Kin, "commute": Commute, "other": OtherPurpose,
}

// Reasons for which a row is rejected.
const (
	EmptyRow         = "empty_row"         // no field has a value
	MissingValue     = "missing_value"     // a required field is empty
	BadDate          = "bad_date"          // not a date, or not a day of the calendar
	AmbiguousDate    = "ambiguous_date"    // day and month could be either way round
	BadNumber        = "bad_number"        // not a number
	Negative         = "negative"          // below zero where nothing can be
	UnknownCode      = "unknown_code"      // not in the mapping's table of values
	UnknownRegion    = "unknown_region"    // the region visited cannot be decided
	WrongFieldCount  = "wrong_field_count" // more or fewer fields than the header
	DatesReversed    = "dates_reversed"    // the end lies before the beginning
	NightsDisagree   = "nights_disagree"   // nights is not check-out minus check-in
	Undecodable      = "undecodable"       // bytes that are no text in the file's encoding
	FooterRow        = "footer_row"        // a line of totals or notes
	RepeatedHeader   = "repeated_header"   // the header again
	IncompleteAnswer = "incomplete_answer" // begun and never sent
	CutOff           = "cut_off"           // the file ends within the row
)

// How counts of the perturbed dataset were perturbed.
const (
	CellKey            = "cell_key"            // noise by a key that the persons of the cell have, the same in every release
	RandomRounding     = "random_rounding"     // to a multiple of the base, up or down by such a key, without bias
	ControlledRounding = "controlled_rounding" // counts below the base to 0 or the base, such that totals are kept
	DiscreteLaplace    = "discrete_laplace"    // differential privacy with discrete Laplace noise
	DiscreteGaussian   = "discrete_gaussian"   // differential privacy with discrete Gaussian noise
)
