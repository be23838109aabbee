package schemas

import (
	"embed"
	"fmt"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Scenario says what a simulated world is like: who lives where, who visits
// which region how often and why, where they sleep, what the exports show of it
// and what they leave out. A world follows from a scenario, a seed and a number
// of persons. Scenarios are data, so that worlds can be written that the
// estimators were never tried on. A key left out is 0 or none.
//
// The fields' comments are the reference of docs/simulation.md.
type Scenario struct {
	// ID names the scenario in the truth and in studies.
	ID string `yaml:"id"`
	// Version changes whenever the world does.
	Version string `yaml:"version"`
	// TitleJA is its title in Japanese.
	TitleJA string `yaml:"title_ja"`
	// TitleEN is its title in English.
	TitleEN string `yaml:"title_en"`
	// First is the first month of the exports, as "2023-10". Life before it is simulated for three years, so that no window begins with nothing.
	First string `yaml:"first"`
	// Months is how many months the exports span.
	Months int `yaml:"months"`
	// Regions are the five-digit codes of the prefectures and municipalities that are visited. Left out: all of Japan.
	Regions []string `yaml:"regions"`
	// Attraction is how strongly a municipality draws visitors, by five-digit code, beside others; the weight of one that is left out is drawn from a log-normal distribution about 1.
	Attraction map[string]float64 `yaml:"attraction"`
	// Diversity is how much municipalities differ in whom they draw: the standard deviation of the logarithm of each one's own factor on its attraction for a class of ties. Left out, all draw the same mixture.
	Diversity float64 `yaml:"diversity"`
	// DistanceDecay is the exponent a of (1 + distance/100 km)^−a, by which the chance of a tie falls with the distance between the prefectures' capitals.
	DistanceDecay float64 `yaml:"distance_decay"`
	// Mobility is the coefficient of variation of a person's own factor on all their visit rates, a gamma distribution with mean 1.
	Mobility float64 `yaml:"mobility"`
	// Abroad is the number of visitors who live abroad, as a share of the residents; they have the first class of ties.
	Abroad float64 `yaml:"abroad"`
	// LocalStays is how many nights-out a year a resident of a visited municipality spends in its own lodging, which no definition counts.
	LocalStays float64 `yaml:"local_stays"`
	// Onward is the share of lodging trips that go on for a night to another municipality of the prefecture.
	Onward float64 `yaml:"onward"`
	// Season is the weight of each calendar month, January first, about 1.
	Season []float64 `yaml:"season"`
	// Weekend is the weight of a Friday or Saturday beside any other day; below 1 it counts as 1.
	Weekend float64 `yaml:"weekend"`
	// Ties are the classes of ties between persons and regions.
	Ties []TieClass `yaml:"ties"`
	// Lodging says where those who pay for a night sleep.
	Lodging LodgingScenario `yaml:"lodging"`
	// Identity says how well bookings tell persons.
	Identity IdentityScenario `yaml:"identity"`
	// Onsite is the survey on the spot.
	Onsite OnsiteScenario `yaml:"onsite"`
	// Panel is the web panel.
	Panel PanelScenario `yaml:"panel"`
	// Migration is who moves and who dies.
	Migration MigrationScenario `yaml:"migration"`
	// Programmes are what municipalities begin that changes how often people come.
	Programmes []ProgrammeScenario `yaml:"programmes"`
}

// ProgrammeScenario is a programme of municipalities that brings the people tied to them more often.
type ProgrammeScenario struct {
	// Regions are the five-digit codes of the municipalities.
	Regions []string `yaml:"regions"`
	// Since is the month in which they begin it, as "2024-04".
	Since string `yaml:"since"`
	// Visits multiplies the rates of trips of ties to them from then on; those of the family regular keep their intervals.
	Visits float64 `yaml:"visits"`
}

// TieClass is a kind of tie between a person and a region.
type TieClass struct {
	// Name is the name of the class in the scenario.
	Name string `yaml:"name"`
	// Share is the probability that an adult who lives next to the visited regions has a tie of the class; farther away it falls with the distance.
	Share float64 `yaml:"share"`
	// Family is the distribution of the tie's rate: gamma, points (one of the rates) or regular (the mean, at even intervals).
	Family string `yaml:"family"`
	// Mean is the mean number of trips a year, for gamma and regular.
	Mean float64 `yaml:"mean"`
	// Shape is the shape of the gamma distribution: 1/√shape is its coefficient of variation.
	Shape float64 `yaml:"shape"`
	// Rates are the rates of the family points, in trips a year.
	Rates []float64 `yaml:"rates"`
	// Weights are the weights of the rates; left out they are equal.
	Weights []float64 `yaml:"weights"`
	// Lapse is the yearly hazard that the tie ends; a new one of the class to another region takes its place.
	Lapse float64 `yaml:"lapse"`
	// Purposes are the purposes of a trip by their code, with weights; each trip has one.
	Purposes map[string]float64 `yaml:"purposes"`
	// DayTrip is the share of trips without a night.
	DayTrip float64 `yaml:"day_trip"`
	// KinStay is the share of the trips with a night that are spent with kin, friends or in a second home.
	KinStay float64 `yaml:"kin_stay"`
	// Nights are the weights of 1, 2, 3 … nights.
	Nights []float64 `yaml:"nights"`
	// Regular is the share of ties whose holder calls the relation regular and continuing.
	Regular float64 `yaml:"regular"`
	// Acts is the mean number of contribution acts a year of those with a tie.
	Acts float64 `yaml:"acts"`
	// Holidays is the weight of a day of New Year, Golden Week or Obon beside any other; below 1 it counts as 1.
	Holidays float64 `yaml:"holidays"`
	// Migrates multiplies the hazard of moving to the region of the tie; left out (or 0) it is 1. Of several ties to one region the greatest counts.
	Migrates float64 `yaml:"migrates"`
}

// LodgingScenario says where those who pay for a night sleep, and what the
// exports of the houses show.
type LodgingScenario struct {
	// Facilities is the number of lodging houses of the municipality that draws most; others have fewer, down to one.
	Facilities int `yaml:"facilities"`
	// Covered is the share of a municipality's houses whose bookings are delivered.
	Covered float64 `yaml:"covered"`
	// Joining is the share of the covered houses that join, or leave, in the course of the exports.
	Joining float64 `yaml:"joining"`
	// Loyalty is the share of ties whose holder always sleeps in one house.
	Loyalty float64 `yaml:"loyalty"`
	// OwnName is the probability that a lodger is the one who booked; others travel unnamed in the party of someone else.
	OwnName float64 `yaml:"own_name"`
	// Cancelled is the share of bookings that are called off.
	Cancelled float64 `yaml:"cancelled"`
	// NoShow is the share of bookings for which nobody comes.
	NoShow float64 `yaml:"no_show"`
	// Changed is the share of bookings that are changed before arrival.
	Changed float64 `yaml:"changed"`
	// Redelivered is the share of deliveries of which one month comes a second time, with cancellations that the first did not know.
	Redelivered float64 `yaml:"redelivered"`
	// Delivery is the number of months of one export file.
	Delivery int `yaml:"delivery"`
}

// IdentityScenario says how well a booking tells the person who made it.
type IdentityScenario struct {
	// MissingPhone is the share of bookings without a telephone number.
	MissingPhone float64 `yaml:"missing_phone"`
	// MissingEmail is the share of bookings without a mail address, where the export has the column.
	MissingEmail float64 `yaml:"missing_email"`
	// MissingAddress is the share of bookings without postcode and address.
	MissingAddress float64 `yaml:"missing_address"`
	// Misspelt is the share of telephone numbers with one digit wrong.
	Misspelt float64 `yaml:"misspelt"`
	// Shared is the share of persons who use one telephone number with one other person.
	Shared float64 `yaml:"shared"`
	// Changing is the yearly hazard that a person changes the telephone number.
	Changing float64 `yaml:"changing"`
	// Agency is the share of bookings made by an agency under its own number.
	Agency float64 `yaml:"agency"`
	// Members is the share of persons who are members of the site controllers' club, whose number most of their bookings there give.
	Members float64 `yaml:"members"`
	// StaleAddress is the share of persons who go on giving their old address after a move.
	StaleAddress float64 `yaml:"stale_address"`
}

// OnsiteScenario is a survey on the spot by a QR code: it meets a person in
// proportion to visits.
type OnsiteScenario struct {
	// Met is the probability that someone on a trip passes a spot of the survey.
	Met float64 `yaml:"met"`
	// Answer is the mean probability that someone who is met answers.
	Answer float64 `yaml:"answer"`
	// AnswerSpread is the spread of that probability between persons: a beta distribution of which this is the sum of both parameters; 0 for none.
	AnswerSpread float64 `yaml:"answer_spread"`
	// Spots is the number of spots of a municipality.
	Spots int `yaml:"spots"`
}

// PanelScenario is a stratified web panel that asks for up to three regions and
// the visits of the last 12 months by class.
type PanelScenario struct {
	// Sample is the number of panel members drawn, in equal shares from the strata; 0 for no panel.
	Sample int `yaml:"sample"`
	// Waves are the months in which the panel is asked, as "2025-09". The first draws the sample, later ones ask the same persons again.
	Waves []string `yaml:"waves"`
	// Join is the share of adults who are members of the panel.
	Join float64 `yaml:"join"`
	// JoinTied multiplies the odds of joining for those who have a tie; 1 (or left out) for none. Calibration cannot repair it.
	JoinTied float64 `yaml:"join_tied"`
	// JoinAge multiplies the share by the class of age: 18-29, 30-44, 45-59, 60-74, 75 and over. Left out: 1 each. Calibration repairs it.
	JoinAge []float64 `yaml:"join_age"`
	// Response is the probability that a member who was drawn answers.
	Response float64 `yaml:"response"`
	// Attrition is the probability that someone who answered a wave does not answer the next.
	Attrition float64 `yaml:"attrition"`
	// AttritionMoved is that probability for those who have moved since.
	AttritionMoved float64 `yaml:"attrition_moved"`
	// AttritionTied multiplies the attrition of those whose ties are related or deeper.
	AttritionTied float64 `yaml:"attrition_tied"`
}

// MigrationScenario is who moves to a region they have a tie to, who moves
// elsewhere, and who dies.
type MigrationScenario struct {
	// Hazard is the yearly hazard of moving to the region of a tie by its engagement level: one_off, repeat, related, deep, two_region.
	Hazard map[string]float64 `yaml:"hazard"`
	// Untied is the yearly hazard of moving to a visited municipality without a tie, of which no booking or survey tells.
	Untied float64 `yaml:"untied"`
	// Elsewhere is the yearly hazard of a move to any other municipality.
	Elsewhere float64 `yaml:"elsewhere"`
	// Death is the yearly hazard of dying at the age of 50; it doubles every eight years.
	Death float64 `yaml:"death"`
	// HouseHunting is the mean number of trips of a night in search of a house or a job, in the half year before a move to a visited municipality.
	HouseHunting float64 `yaml:"house_hunting"`
	// Counter is the share of movers to a visited region who answer the survey at the counter.
	Counter float64 `yaml:"counter"`
}

//go:embed scenarios/*.yaml
var scenarioFiles embed.FS

var builtinScenarios = sync.OnceValue(func() []Scenario {
	entries, err := scenarioFiles.ReadDir("scenarios")
	if err != nil {
		panic(err)
	}
	var out []Scenario
	for _, e := range entries {
		text, err := scenarioFiles.ReadFile(path.Join("scenarios", e.Name()))
		if err != nil {
			panic(err)
		}
		s, err := ParseScenario(text)
		if err != nil {
			panic(fmt.Sprintf("schemas: scenarios/%s: %v", e.Name(), err))
		}
		out = append(out, s)
	}
	return out
})

// BuiltinScenarios lists the built-in scenarios by id. Those that studies use
// are frozen: a change is a new version, and the study is run again.
func BuiltinScenarios() []Scenario { return slices.Clone(builtinScenarios()) }

// ScenarioText is the file of a built-in scenario as it was written.
func ScenarioText(id string) ([]byte, bool) {
	text, err := scenarioFiles.ReadFile(path.Join("scenarios", id+".yaml"))
	return text, err == nil
}

// ParseScenario reads a scenario. An unknown key, a share that is none, a family
// or purpose that does not exist is a [ProfileError] with its line.
func ParseScenario(text []byte) (Scenario, error) {
	var s Scenario
	if err := decodeStrict(text, &s); err != nil {
		return Scenario{}, err
	}
	if f := s.fault(); f != nil {
		return Scenario{}, &ProfileError{Line: lineOfKey(text, f.key), Wrong: f.wrong}
	}
	return s, nil
}

// FirstMonth is the first day of the exports.
func (s Scenario) FirstMonth() Date {
	d, _ := ParseDate(s.First + "-01")
	return d
}

// LastDay is the last day of the exports.
func (s Scenario) LastDay() Date { return s.FirstMonth().AddMonths(s.Months - 1) }

func scenarioFault(key, ja, en string, args ...any) *fault {
	return &fault{key, Text{JA: fmt.Sprintf(ja, args...), EN: fmt.Sprintf(en, args...)}}
}

func (s Scenario) fault() *fault {
	if key := badNumber(reflect.ValueOf(s)); key != "" {
		return scenarioFault(key, "%s に0以上の数でない値があります", "%s holds what is no number of at least 0", key)
	}
	if s.Weekend > mostWeight || s.Lodging.Facilities > mostFacilities || s.Panel.Sample > mostMembers || s.Abroad > 1 || s.LocalStays > mostTripsAYear || s.Onward > 1 || s.Mobility > 10 || s.Onsite.Spots > mostFacilities {
		return scenarioFault("weekend", "大きすぎる値があります（weekend は %d、facilities は %d、panel.sample は %d まで）",
			"a number is too great: weekend goes to %d, facilities to %d, panel.sample to %d, abroad and onward to 1, mobility to 10", mostWeight, mostFacilities, mostMembers)
	}
	if !idForm.MatchString(s.ID) || s.Version == "" {
		return scenarioFault("id", "id は英小文字・数字・ハイフン、version も必要です", "id takes lower-case letters, digits and hyphens, and a version must stand beside it")
	}
	if _, err := ParseDate(s.First + "-01"); err != nil || s.Months < 1 || s.Months > 120 {
		return scenarioFault("first", "first は 2023-10 の形、months は 1〜120 にしてください", "first is a month such as 2023-10, and months is 1 to 120")
	}
	if len(s.Season) != 0 && (len(s.Season) != 12 || slices.Max(s.Season) > mostWeight) {
		return scenarioFault("season", "season は1月から12月までの12個の重みです", "season is 12 weights, January to December")
	}
	if len(s.Ties) == 0 {
		return scenarioFault("ties", "ties に1つ以上の種類を書いてください", "ties is empty: describe at least one class")
	}
	for _, share := range []struct {
		key  string
		most float64
	}{
		{"lodging", max(s.Lodging.Covered, s.Lodging.Joining, s.Lodging.Loyalty, s.Lodging.OwnName, s.Lodging.Cancelled, s.Lodging.NoShow, s.Lodging.Changed, s.Lodging.Redelivered)},
		{"identity", max(s.Identity.MissingPhone, s.Identity.MissingEmail, s.Identity.MissingAddress, s.Identity.Misspelt, s.Identity.Shared, s.Identity.Agency,
			s.Identity.Members, s.Identity.StaleAddress)},
		{"onsite", max(s.Onsite.Met, s.Onsite.Answer)},
		{"panel", max(s.Panel.Join, s.Panel.Response, s.Panel.Attrition, s.Panel.AttritionMoved)},
		{"migration", s.Migration.Counter},
	} {
		if !(share.most <= 1) {
			return scenarioFault(share.key, "%s の割合 %v は1を超えています", "%s: the share %v is above 1", share.key, share.most)
		}
	}
	for _, level := range slices.Sorted(maps.Keys(s.Migration.Hazard)) {
		if !slices.ContainsFunc(ladder(), func(l EngagementLevel) bool { return l.Level == level }) {
			return scenarioFault("migration", "migration.hazard: 段階 %q はありません", "migration.hazard: there is no level %q", level)
		}
	}
	for _, wave := range s.Panel.Waves {
		if d, err := ParseDate(wave + "-01"); err != nil || d < s.FirstMonth() || d > s.LastDay() {
			return scenarioFault("panel", "panel.waves: %q は書き出しの期間にありません", "panel.waves: %q is no month of the exports", wave)
		}
	}
	for _, p := range s.Programmes {
		if _, err := ParseDate(p.Since + "-01"); err != nil || !(p.Visits > 0) || p.Visits > mostWeight {
			return scenarioFault("programmes", "programmes の since は 2024-04 の形、visits は0より大きく %d までの数です", "programmes: since is a month such as 2024-04, and visits a number above 0 and at most %d", mostWeight)
		}
	}
	if n := len(s.Panel.JoinAge); n != 0 && n != 5 {
		return scenarioFault("panel", "panel.join_age は5つの年齢階級の重みです", "panel.join_age is a weight for each of five classes of age")
	}
	for _, t := range s.Ties {
		if f := t.fault(); f != nil {
			return f
		}
	}
	return nil
}

func (t TieClass) fault() *fault {
	wrong := func(ja, en string, args ...any) *fault {
		args = append([]any{t.Name}, args...)
		return scenarioFault("ties", "ties の %s: "+ja, "ties, %s: "+en, args...)
	}
	switch t.Family {
	case "gamma":
		if !(t.Mean > 0 && t.Shape > 0) {
			return wrong("gamma には 0 より大きい mean と shape が必要です", "gamma needs a mean and a shape above 0")
		}
	case "regular":
		if !(t.Mean > 0) {
			return wrong("regular には 0 より大きい mean が必要です", "regular needs a mean above 0")
		}
	case "points":
		if len(t.Rates) == 0 || len(t.Weights) != 0 && len(t.Weights) != len(t.Rates) {
			return wrong("points には rates と、同じ数の weights が必要です", "points needs rates, and as many weights or none")
		}
	default:
		return wrong("family %q は gamma、points、regular のいずれでもありません", "family %q is none of gamma, points, regular", t.Family)
	}
	if max(t.Mean, slices.Max(append(t.Rates, 0))) > mostTripsAYear || t.Acts > mostTripsAYear || max(t.Holidays, t.Migrates) > mostWeight || t.Lapse > mostTripsAYear || len(t.Nights) > mostNights {
		return wrong("大きすぎる値があります（年 %d 回、holidays と migrates は %d まで）", "a number is too great: rates go to %d a year, holidays and migrates to %d", mostTripsAYear, mostWeight)
	}
	if t.Family == "regular" && t.Mean < 0.01 || t.Family == "gamma" && t.Shape > 1e6 {
		return wrong("regular の mean は 0.01 以上、gamma の shape は 100万以下にしてください", "a regular mean is at least 0.01, a gamma shape at most a million")
	}
	for _, weights := range [][]float64{t.Nights, t.Weights, slices.Collect(maps.Values(t.Purposes))} {
		if len(weights) > 0 && slices.Max(weights) == 0 {
			return wrong("重みがすべて 0 です", "all weights are 0")
		}
	}
	if !(max(t.Share, t.DayTrip, t.KinStay, t.Regular) <= 1) {
		return wrong("1を超える割合があります", "a share is above 1")
	}
	if len(t.Nights) == 0 && t.DayTrip < 1 {
		return wrong("nights（1泊、2泊…の重み）が必要です", "nights, the weights of 1, 2 … nights, is missing")
	}
	if len(t.Purposes) == 0 {
		return wrong("purposes が必要です", "purposes is missing")
	}
	if f := notPurposes("ties", slices.Sorted(maps.Keys(t.Purposes))); f != nil {
		return f
	}
	if strings.TrimSpace(t.Name) == "" {
		return wrong("名前がありません", "the name is missing")
	}
	return nil
}
