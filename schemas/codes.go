package schemas

// Statuses of a booking row.
const (
	Booked    = "booked"
	Changed   = "changed"
	Cancelled = "cancelled"
	NoShow    = "no_show"
	Blocked   = "blocked"
	DayUse    = "day_use"
)

// Codes of a residence or origin that is not a region.
const (
	Abroad  = "abroad"
	Unknown = "unknown"
	All     = "all"
	Nation  = "00000"
)

// Levels of a region.
const (
	LevelNation       = "nation"
	LevelPrefecture   = "prefecture"
	LevelMunicipality = "municipality"
	LevelWard         = "ward"
)

// Measures of the relational population. Only pairs add up over regions.
const (
	Persons                = "persons"
	PersonsAnyMunicipality = "persons_any_municipality"
	Pairs                  = "pairs"
)

// Rules of living outside a region.
const (
	OutsidePrefecture   = "prefecture"
	OutsideMunicipality = "municipality"
	OutsideEverydayArea = "everyday_area"
)

// Observation status (SDMX CL_OBS_STATUS, the codes used here).
const (
	Normal         = "A"
	Estimated      = "E"
	Provisional    = "P"
	LowReliability = "U"
	NotEstimable   = "M"
)

// Confidentiality status (SDMX CL_CONF_STATUS, the codes used here).
const (
	Free     = "F"
	Withheld = "C"
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

// PurposeCodes are the purposes by the code that mappings and definitions use.
var PurposeCodes = map[string]Purpose{
	"leisure": Leisure, "participation": Participation, "telework": Telework, "local_work": LocalWork,
	"direct_contribution": DirectContribution, "business": Business, "kin": Kin, "commute": Commute, "other": OtherPurpose,
}

// Reasons for which a row is refused.
const (
	EmptyRow        = "empty_row"
	MissingValue    = "missing_value"
	BadDate         = "bad_date"
	BadNumber       = "bad_number"
	Negative        = "negative"
	UnknownCode     = "unknown_code"
	UnknownRegion   = "unknown_region"
	WrongFieldCount = "wrong_field_count"
	DatesReversed   = "dates_reversed"
	NightsDisagree  = "nights_disagree"
	Undecodable     = "undecodable"
	FooterRow       = "footer_row"
	RepeatedHeader  = "repeated_header"
)
