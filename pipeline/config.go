package pipeline

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/estimate"
)

// Config is what a project reads and what it makes of it.
//
// The fields' comments and tags are the reference of the file: docs/config.md is
// written from them, and the reader checks every value by them.
type Config struct {
	// Project is the name of the project, as reports and releases show it.
	Project string `yaml:"project" required:"true"`
	// Key says where the project's secret key is. All pseudonyms are made under it; whoever has it can test guesses of names against them.
	Key Key `yaml:"key"`
	// Sources are the exports to read, in any order.
	Sources []Source `yaml:"sources"`
	// Definitions are the definitions of relational population to count by: ids of built-in ones, or paths of YAML files in the project. Left out: every built-in definition. Where one holds another, that named first keeps its counts if both together would tell of fewer persons than may be shown.
	Definitions []string `yaml:"definitions"`
	// OwnDefinitions are definitions of the project's own, each a built-in one with some keys changed.
	OwnDefinitions []OwnDefinition `yaml:"own_definitions"`
	// Regions are the five-digit codes, in quotes, of the prefectures whose figures and whose municipalities' figures are made. Left out: every prefecture the data name.
	Regions []string `yaml:"regions"`
	// ReferenceMonths is how many month-ends a release holds, counted back from the as-of day.
	ReferenceMonths int `yaml:"reference_months" default:"24" least:"1" most:"600"`
	// OnRefused says what to do when an input file is refused: stop before anything is released (exit code 3), or leave the file out, say so and go on (exit code 5).
	OnRefused string `yaml:"on_refused" default:"stop" allowed:"stop continue"`
	// Rejects says what is kept of refused rows.
	Rejects Rejects `yaml:"rejects"`
	// Disclosure holds the least counts that a figure may rest on to be shown.
	Disclosure Disclosure `yaml:"disclosure"`
	// Reliability holds the classes of reliability, and which of them a release shows.
	Reliability Reliability `yaml:"reliability"`
	// Linkage holds the rules by which rows are taken to be about one person.
	Linkage Linkage `yaml:"linkage"`
	// Lists are two to five lists of persons, to estimate from how many are on several: each the bookings, acts or answers of some sources.
	Lists []List `yaml:"lists"`
	// Detection says what is assumed of how likely bookings show a visit, where the data do not tell.
	Detection DetectionSettings `yaml:"detection"`
	// Targets are a region's own numeric targets, to hold its figures against.
	Targets []Target `yaml:"targets"`
	// Conversion says by what definition moving to a region is counted.
	Conversion ConversionSettings `yaml:"conversion"`
	// Programmes are programmes of municipalities, to compare those that began them with others.
	Programmes []Programme `yaml:"programmes"`
	// Report says what the report of a release is drawn with.
	Report ReportSettings `yaml:"report"`
	// Outside are the rules of living outside a region to count by.
	Outside []string `yaml:"outside" default:"prefecture municipality" allowed:"prefecture municipality everyday_area"`
	// EverydayArea is a CSV file in the project with the columns region_code (five digits) and area: regions with the same area are one another's everyday area. Needed for the outside rule everyday_area, and only there.
	EverydayArea string `yaml:"everyday_area"`
	// CodeChanges is a CSV file in the project with changes of region codes before those built in: with the columns changed_on, from_code, to_code and reason, or the table of all changes since 1970 made from 廃置分合等情報 of e-Stat (date, type, event, from_city_code, to_city_code, …), which also tells former names. A row for a code and a day that are built in replaces what is: so a project says where a divided region is counted.
	CodeChanges string `yaml:"code_changes"`
	// BoundaryVintage is the day, as 2020-04-01, whose municipal boundaries the figures of every month follow: rows of before and after are brought to it. From 2014-01-01 on, and earlier with code_changes that reach as far back. Left out: the boundaries since the latest change that is known.
	BoundaryVintage Day `yaml:"boundary_vintage"`
	// Threads is how many threads to work with; 0 is one per processor. Results do not depend on it.
	Threads int `yaml:"threads" default:"0" least:"0" most:"1024"`
	// Memory is how much memory the database may use. The process as a whole needs about 1 GB more.
	Memory Size `yaml:"memory" default:"2GB"`
	// Lang is the language of messages. Left out: that of the environment (LC_ALL, LC_MESSAGES, LANG).
	Lang string `yaml:"lang" allowed:"ja en"`

	// at is where in the file each value stands, by its path, such as sources[0].files.
	at map[string]string
}

// ConversionSettings are by what definition moving to a region is counted.
type ConversionSettings struct {
	// Definition is the id of the definition of a related person: the one that the question of the counter survey on contact before the move is about. Where it is not counted, there are no figures.
	Definition string `yaml:"definition" default:"repeat-visits"`
}

// Key says where the secret key is. The environment variable wins where it is
// set; otherwise the file is read.
type Key struct {
	// Env is the environment variable that holds the key.
	Env string `yaml:"env" default:"KANKEI_KEY"`
	// File is the file in the project that holds the key. Its mode must be 0600 or stricter.
	File string `yaml:"file"`
	// Create makes the key file at the first run, while the project has read nothing yet. Later a missing key is an error: a new key would not fit the old pseudonyms.
	Create bool `yaml:"create" default:"false"`
}

// Source is one kind of export from one origin.
type Source struct {
	// Name is the name of the source in reports; booking numbers are told apart by it. Changing it changes all booking tokens of the source.
	Name string `yaml:"name" required:"true"`
	// Kind is what a row of the export is about.
	Kind string `yaml:"kind" required:"true" allowed:"booking survey visit act move facility total"`
	// Mapping is a built-in mapping by name, or the path of a YAML file in the project. Left out: the one built-in mapping of the kind that fits the header of each file.
	Mapping string `yaml:"mapping"`
	// Files are paths or patterns (*, ?, [a-z]) of the files, relative to the project; one, or a list.
	Files []string `yaml:"files" required:"true"`
	// Period is when a survey was collected, as 2025-10..2026-03 or with days. It describes the source; rows outside it are kept.
	Period Period `yaml:"period"`
	// Region is the five-digit code, in quotes, of the region all rows are about, where the export has no column for it.
	Region string `yaml:"region"`
	// Facility is the identifier of the facility all rows are about, where the export has no column for it.
	Facility string `yaml:"facility"`
	// Sheet is the sheet to read of a workbook. Left out: the one with the columns that the mapping wants; a workbook with several such sheets is refused.
	Sheet string `yaml:"sheet"`
	// Facilities are the five-digit codes of the regions of the facilities, by the facilities' names in the export.
	Facilities map[string]string `yaml:"facilities"`
	// Survey says how the respondents of a survey were drawn and what their weights are made to meet. Left out: the survey is counted, not weighted.
	Survey Survey `yaml:"survey"`
	// Permitted is the law or ordinance by which a list of in-migrants from the register of residents may be matched with other data. Without it such a file is refused.
	Permitted string `yaml:"permitted"`
	// Scope is within what a membership number is unique, such as the name of a booking site; sources with the same scope share members. Left out: the mapping's own.
	Scope string `yaml:"scope"`
	// Delivered says where a file states when it was delivered, before what its mapping says. Left out, and not in the mapping: the time at which it was first seen counts.
	Delivered StatedTime `yaml:"delivered"`
	// Complete is what an export has all records of: with month, every calendar month that it has any of, by the day of arrival, visit, answer, act or move. A later export then replaces such a month as a whole, and what it lacks is taken out. Left out: a later export replaces records of the same number only.
	Complete string `yaml:"complete" allowed:"month"`
	// ShrinkLimit is how many percent of its rows a delivery may lose against the one that it replaces (under the same path, or month by month where complete is month). Beyond, it is stopped until it is accepted by name.
	ShrinkLimit int `yaml:"shrink_limit" default:"20" least:"0" most:"100"`
}

// StatedTime says where a file states when it was delivered. Each value is a regular expression with a group around the time: 8, 12 or 14 digits in any grouping (20260401, 20260401_1530), or a date as rows may have it. Times are those of Japan.
type StatedTime struct {
	// Name is searched for in the name of the file, without its folder.
	Name string `yaml:"name"`
	// Content is searched for in the lines above the header.
	Content string `yaml:"content"`
}

// Rejects says what is kept of refused rows.
type Rejects struct {
	// Recipient is the age recipient (age1…) to whom the values of refused rows are encrypted, in the columns that the mapping reads; kankei rejects --identity decrypts them. Left out: no value is kept.
	Recipient string `yaml:"recipient"`
}

// Survey says how the respondents of a survey stand for the population. Its
// stratum, sampling unit and design weight are columns of the export.
type Survey struct {
	// Sampling is how the persons came into the sample. The intervals of a probability sample rest on how it was drawn; those of a web panel, whose members offered themselves, rest on the model that the calibration states, and say so. On the spot persons are met in proportion to their visits: the survey is scaled to official visitors. Left out: the survey is not weighted.
	Sampling string `yaml:"sampling" allowed:"probability web_panel onsite"`
	// VisitsTo is what the question on visits of a survey on the spot asks of: the municipality that the person was met in, or its prefecture. Persons of the prefecture need the latter, and official visitors of the prefecture.
	VisitsTo string `yaml:"visits_to" default:"municipality" allowed:"municipality prefecture"`
	// OfficialError is the standard error of the official visitors that a survey on the spot is scaled to, in percent, where their publisher states one.
	OfficialError int `yaml:"official_error" default:"0" least:"0" most:"100"`
	// Margins are what the weights are calibrated to: official totals of residents (statistic residents of a source of kind total) by sex, age class, both, or prefecture. Left out: the design weights stand as they are.
	Margins []string `yaml:"margins" allowed:"population sex age sex_age prefecture"`
	// Method is how far calibrated weights may be from design weights: raking keeps them above 0, logit and truncated_linear keep their ratio within bounds.
	Method string `yaml:"method" default:"raking" allowed:"linear raking logit truncated_linear"`
	// Bounds are the least and the greatest ratio of calibrated to design weight, for logit and truncated_linear.
	Bounds Bounds `yaml:"bounds" default:"0.2..5"`
	// NonResponse are the classes within which those who answered stand for those who did not: the stratum, the sex, the age in tens of years, or both; propensity is a regression on all of them, whose weights are the inverse of the fitted probability to answer. Left out: nobody stands for them; the export then lists only those who answered, or the margins take their place.
	NonResponse string `yaml:"nonresponse" allowed:"stratum sex age sex_age propensity"`
	// After is the name of the source with the wave before, for a panel asked again: its respondents are the sample, known by the response number, and who answers again may also depend on the ties they reported then. Weights are those of the wave before over the probability to answer again.
	After string `yaml:"after"`
	// LonelyPSU is what a stratum with a single sampling unit adds to a variance.
	LonelyPSU string `yaml:"lonely_psu" default:"adjust" allowed:"adjust remove certainty average refuse"`
	// Variance is how variances are told: linearised, or from replicate weights that are calibrated as the weights are: made by leaving out one sampling unit at a time (jackknife), by drawing them anew (bootstrap, of Rao and Wu), by balanced halves of two sampling units a stratum (brr, or fay with milder weights), or supplied by the export (field replicate_weights).
	Variance string `yaml:"variance" default:"linearised" allowed:"linearised jackknife bootstrap brr fay supplied"`
	// Replicates is the number of sets of weights of a bootstrap.
	Replicates int `yaml:"replicates" default:"500" least:"50" most:"10000"`
	// Seed is the seed of a bootstrap.
	Seed int `yaml:"seed" default:"1" least:"0"`
	// Rho is Fay's factor in percent.
	Rho int `yaml:"rho" default:"30" least:"1" most:"99"`
	// Supplied is of what kind supplied replicate weights are.
	Supplied string `yaml:"supplied" default:"bootstrap" allowed:"bootstrap jk1 brr fay"`
	// Centre is what replicates are compared with: the estimate from the full sample, or their own mean.
	Centre string `yaml:"centre" default:"estimate" allowed:"estimate mean"`
	// SplitClasses splits a class of visits that has a definition's threshold inside it: persons with v visits in proportion to v⁻², with the error of not knowing. Left out: such an answer makes the definition not estimable.
	SplitClasses bool `yaml:"split_classes" default:"false"`
	// Trim cuts weights above this many times the median weight before the calibration. Left out: no weight is cut.
	Trim int `yaml:"trim" least:"2"`
	// Drift is the standard deviation of the change of a figure in a year, in percent of it: it is added to the variance where a survey stands for months after its last answer.
	Drift int `yaml:"drift" default:"5" least:"0" most:"100"`
	// DropOut is the standard deviation, in percent, of how much more or less readily than others who answered alike before those leave a panel whom a figure counts today: it is added to the variance of a wave with after, in proportion to those lost for each who stayed. No answer of those who stayed tells it; a survey on the spot, which knows how pairs changed since the wave before, tells some of it, and the headline is corrected by that.
	DropOut int `yaml:"drop_out" default:"20" least:"0" most:"100"`
}

// weighted says whether the respondents get weights: on the spot visits are met, not
// persons drawn.
func (s Survey) weighted() bool { return s.Sampling == "probability" || s.Sampling == "web_panel" }

// Disclosure holds the least counts that a figure may rest on to be shown.
type Disclosure struct {
	// Persons is the least number of persons, counted unweighted.
	Persons int `yaml:"persons" default:"10" least:"10"`
	// Facilities is the least number of facilities a figure from bookings may rest on, so that none of them can read off a competitor's business.
	Facilities int `yaml:"facilities" default:"3" least:"1"`
	// FewerFacilities says why fewer than three facilities are enough, such as that all houses are the project's own. Readers of a release are told. Needed where facilities is below 3, and only there.
	FewerFacilities string `yaml:"fewer_facilities"`
	// Dominance holds the rules against figures that one or two facilities, or companies, make up almost alone.
	Dominance Dominance `yaml:"dominance"`
	// Companies are the companies that run facilities, by the facilities' names in the export: facilities of one company are one contributor by the rules of dominance. A facility that is not named stands for itself.
	Companies map[string]string `yaml:"companies"`
	// FullCells withholds counts by origin, relation type or engagement level that are all of their total, and with them the total: they tell of everybody counted there where they come from. Zeros are withheld in any case.
	FullCells bool `yaml:"full_cells" default:"false"`
	// Detail asks for a table of related persons by the municipality that they live in, with noise in every number.
	Detail DetailSettings `yaml:"detail"`
	// Protection is how far on both sides of a withheld count, in percent of it, a reader who computes must still find other counts possible. With 0 it is only that no withheld count can be computed exactly.
	Protection int `yaml:"protection" default:"0" least:"0" most:"100"`
}

// Dominance holds the rules against figures that one or two facilities, companies or platforms make up almost alone. They are asked of guest-nights and
// bookings; each is left out where it is 0.
type Dominance struct {
	// P is that of the p % rule: a figure is withheld if all facilities but the two largest together have less than P percent of the largest, for then the second can tell the first as closely.
	P int `yaml:"p" default:"0" least:"0" most:"100"`
	// PriorP is the p of the pq rule, within how many percent no facility may be told.
	PriorP int `yaml:"prior_p" default:"0" least:"0" most:"100"`
	// PriorQ is the q of the pq rule, within how many percent everybody knows the others beforehand. A figure is withheld if all but the two largest together have less than p/q of the largest.
	PriorQ int `yaml:"prior_q" default:"0" least:"0" most:"1000"`
	// One is the greatest percentage of a figure that one facility may have.
	One int `yaml:"one" default:"0" least:"0" most:"100"`
	// Two is the greatest percentage of a figure that two facilities may have together.
	Two int `yaml:"two" default:"0" least:"0" most:"100"`
	// Platforms asks the same of booking sites and channels, as exports name them, or sources where they name none. With one platform alone every figure is withheld.
	Platforms bool `yaml:"platforms" default:"false"`
}

// DetailSettings asks for the dataset origin_destination_detail: related persons of bookings in the last reference month by region and
// municipality of residence, every number perturbed. docs/methods/disclosure.md tells the mechanisms apart.
type DetailSettings struct {
	// Mechanism is how numbers are perturbed. Left out: the dataset has no rows.
	Mechanism string `yaml:"mechanism" allowed:"cell_key random_rounding controlled_rounding discrete_laplace discrete_gaussian"`
	// Definition is the id of the definition whose persons are told. Left out: the first of definitions that bookings can see.
	Definition string `yaml:"definition"`
	// Outside is the rule of living outside the region.
	Outside string `yaml:"outside" default:"prefecture" allowed:"prefecture municipality"`
	// Base is that of both roundings; of controlled_rounding no less than disclosure.persons.
	Base int `yaml:"base" default:"10" least:"3" most:"1000"`
	// Variance is that of the noise by cell_key, less than half the square of most.
	Variance Number `yaml:"variance" default:"4"`
	// Most is the greatest noise by cell_key.
	Most int `yaml:"most" default:"5" least:"1" most:"100"`
	// Epsilon is the privacy loss ε of one publication, for the discrete mechanisms, in steps of 0.001.
	Epsilon Number `yaml:"epsilon"`
	// Delta is the δ at which discrete_gaussian has that loss.
	Delta Number `yaml:"delta" default:"1e-6"`
	// Budget is the privacy loss ε of all publications together, beyond which nothing is published; for the discrete mechanisms.
	Budget Number `yaml:"budget"`
	// CellsPerPerson is in how many cells one person is counted at most by the discrete mechanisms: noise grows with it, and the rest of a person's cells are not counted.
	CellsPerPerson int `yaml:"cells_per_person" default:"3" least:"1" most:"100"`
}

// Reliability grades figures by their coefficient of variation, and by the width of their interval: that of a figure
// is no wider than a log-normal interval with the greatest coefficient of variation of its class.
type Reliability struct {
	// A is the greatest coefficient of variation of class A, in percent.
	A Decimal `yaml:"a" default:"16.5"`
	// B is that of class B.
	B Decimal `yaml:"b" default:"33.3"`
	// C is that of class C; figures beyond it are of class U.
	C Decimal `yaml:"c" default:"50"`
	// Release is the lowest class that a release shows: of lower ones it has the row without figures, of status U. Counts of persons seen have no interval and no class, and are shown.
	Release string `yaml:"release" default:"U" allowed:"A B C U"`
}

// grades are the classes as shares.
func (r Reliability) grades() estimate.Grades {
	return estimate.Grades{A: float64(r.A) / 100, B: float64(r.B) / 100, C: float64(r.C) / 100}
}

// Linkage holds the rules by which rows are taken to be about one person.
type Linkage struct {
	// SharedBy is how many distinct names a phone number or e-mail address may come with and still link rows to one person. Beyond, it is taken for that of an agency or office, stops linking and is reported.
	SharedBy int `yaml:"shared_by" default:"3" least:"1"`
	// ExcludeBusierThan leaves out persons with more visit days than this in any 12 months, such as staff who test a form. Left out: nobody is left out.
	ExcludeBusierThan int `yaml:"exclude_busier_than" least:"1"`
	// ReportBusierThan reports persons with more visit days than this in any 12 months, and keeps them.
	ReportBusierThan int `yaml:"report_busier_than" default:"100" least:"1"`
	// Review is a CSV file in the project with pairs of stays that someone has judged to be one person or two: drawn by kankei linkage-sample, the column same filled in. The rates of missed and of false links are estimated from it. Left out: the rate of missed links is estimated from membership numbers, where bookings give enough of them.
	Review string `yaml:"review"`
}

// List is the persons of some sources, on whom an estimate from several lists rests: bookings of
// one platform, a survey, registrations.
type List struct {
	// Name is the name of the list in figures.
	Name string `yaml:"name" required:"true"`
	// Sources are the names of its sources, or patterns of them (*, ?, [a-z]). A source is in one list.
	Sources []string `yaml:"sources" required:"true"`
}

// DetectionSettings says what is assumed of how likely bookings show a visit, where the data do
// not tell. Ranges are taken for 95 % intervals, and published as assumed.
type DetectionSettings struct {
	// Overnight is the share of visits with a night, in percent, such as 45..60: where neither official visitors nor a survey on the spot tell it.
	Overnight Percent `yaml:"overnight"`
	// PaidLodging is the share of these in lodging that is paid for, in percent, where no survey on the spot asks where nights are spent. With it, the detection can be the product of the steps; official visitors do without.
	PaidLodging Percent `yaml:"paid_lodging"`
	// Facilities is the share of paid nights in houses whose bookings are delivered, in percent: where neither a list of all houses nor official guest-nights tell it.
	Facilities Percent `yaml:"facilities"`
	// RelatedPurpose is the share of visits that definitions count, kin and commuting left out, in percent: where no survey on the spot tells it. Left out, and told by nothing: all of them.
	RelatedPurpose Percent `yaml:"related_purpose"`
	// Loyalty is the share of persons who always sleep in one house, in percent. Left out: as found among those who came again.
	Loyalty Percent `yaml:"loyalty"`
	// OfficialError is the standard error of official visitors and guest-nights, in percent of them.
	OfficialError int `yaml:"official_error" default:"5" least:"0" most:"30"`
	// PoolBelow is the number of persons seen in bookings below which a municipality has the distribution of visits of all municipalities of its prefecture.
	PoolBelow int `yaml:"pool_below" default:"200" least:"10"`
}

// At is the place of a value in kankei.yaml, such as "kankei.yaml:7:12", by
// the path of the value, such as "sources[0].files". A value left out is
// placed at what it is missing from.
func (c *Config) At(path string) string {
	for path != "" {
		if at, ok := c.at[path]; ok {
			return at
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return ConfigName
}

// Size is an amount of memory in bytes.
type Size int64

// sizeUnits are the units of a Size; longer suffixes first, so that "GB" is not read as "B".
var sizeUnits = []struct {
	suffix string
	bytes  int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"GB", 1e9}, {"MB", 1e6}}

// leastMemory is what the database needs to join out of core at all.
const leastMemory = 256e6

// setText reads an amount such as 2GB, 1.5GB or 512MiB.
func (s *Size) setText(text string) bool {
	for _, unit := range sizeUnits {
		number, ok := strings.CutSuffix(text, unit.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || !(n*float64(unit.bytes) >= leastMemory && n <= 1e6) { // NaN fails both
			return false
		}
		*s = Size(n * float64(unit.bytes))
		return true
	}
	return false
}

func (s *Size) wanted() schemas.Text {
	return say("256MB 以上の量。単位は MB、GB、MiB、GiB（例: 2GB）", "an amount of at least 256MB, in MB, GB, MiB or GiB, such as 2GB")
}

// String is the amount in bytes as DuckDB's memory_limit takes it.
func (s Size) String() string { return fmt.Sprintf("%dB", int64(s)) }

// Bounds are a least and a greatest ratio of weights, on either side of 1.
type Bounds struct{ Low, High float64 }

// setText reads 0.3..3.
func (b *Bounds) setText(text string) bool {
	low, high, ok := strings.Cut(text, "..")
	if !ok {
		return false
	}
	l, err1 := strconv.ParseFloat(strings.TrimSpace(low), 64)
	h, err2 := strconv.ParseFloat(strings.TrimSpace(high), 64)
	if err1 != nil || err2 != nil || !(l >= 0 && l < 1 && h > 1 && h <= 1000) {
		return false
	}
	b.Low, b.High = l, h
	return true
}

func (b *Bounds) wanted() schemas.Text {
	return say("1をはさむ二つの比（例: 0.3..3）", "two ratios on either side of 1, such as 0.3..3")
}

// String is the bounds as 0.3..3.
func (b Bounds) String() string { return fmt.Sprintf("%v..%v", b.Low, b.High) }

// Percent is a range of percentages, or one; the zero Percent is none.
type Percent struct{ Low, High float64 }

// setText reads 45..60, or 50.
func (p *Percent) setText(text string) bool {
	low, high, ranged := strings.Cut(text, "..")
	if !ranged {
		high = low
	}
	l, err1 := strconv.ParseFloat(strings.TrimSpace(low), 64)
	h, err2 := strconv.ParseFloat(strings.TrimSpace(high), 64)
	if err1 != nil || err2 != nil || !(l >= 0 && l <= h && h > 0 && h <= 100) {
		return false
	}
	p.Low, p.High = l, h
	return true
}

func (p *Percent) wanted() schemas.Text {
	return say("0から100までの百分率の範囲（例: 45..60）", "a range of percentages from 0 to 100, such as 45..60")
}

// String is the range as 45..60, ” for none.
func (p Percent) String() string {
	if p == (Percent{}) {
		return ""
	}
	return fmt.Sprintf("%v..%v", p.Low, p.High)
}

// Decimal is a number of percent above 0, with or without decimals.
type Decimal float64

// setText reads 16.5.
func (d *Decimal) setText(text string) bool {
	f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || !(f > 0 && f <= 1000) {
		return false
	}
	*d = Decimal(f)
	return true
}

func (d *Decimal) wanted() schemas.Text {
	return say("0より大きい百分率（例: 16.5）", "a percentage above 0, such as 16.5")
}

func (d Decimal) String() string { return strconv.FormatFloat(float64(d), 'g', -1, 64) }

// Number is a number above 0, with or without decimals; 0 is none.
type Number float64

// setText reads 0.5 or 1e-6.
func (n *Number) setText(text string) bool {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !(f > 0 && f <= 1e6) {
		return false
	}
	*n = Number(f)
	return true
}

func (n *Number) wanted() schemas.Text {
	return say("0より大きい数", "a number above 0")
}

func (n Number) String() string { return strconv.FormatFloat(float64(n), 'g', -1, 64) }

// Period is a span of days, both included; the zero Period is none.
type Period struct{ From, To schemas.Date }

// setText reads 2025-10..2026-03 or 2025-10-01..2026-03-31.
func (p *Period) setText(text string) bool {
	from, to, ok := strings.Cut(text, "..")
	if !ok {
		return false
	}
	first, ok1 := monthOrDay(from)
	last, ok2 := monthOrDay(to)
	if len(to) == len("2026-03") {
		last = last.MonthEnd()
	}
	if !ok1 || !ok2 || first > last {
		return false
	}
	p.From, p.To = first, last
	return true
}

// monthOrDay reads YYYY-MM as the first of the month, or YYYY-MM-DD.
func monthOrDay(text string) (schemas.Date, bool) {
	if len(text) == len("2025-10") {
		text += "-01"
	}
	d, err := schemas.ParseDate(text)
	return d, err == nil
}

func (p *Period) wanted() schemas.Text {
	return say("2025-10..2026-03 または 2025-10-01..2026-03-31 の形", "a span such as 2025-10..2026-03 or 2025-10-01..2026-03-31")
}

// String is the span as YYYY-MM-DD..YYYY-MM-DD, or ” for none.
func (p Period) String() string {
	if p == (Period{}) {
		return ""
	}
	return p.From.String() + ".." + p.To.String()
}
