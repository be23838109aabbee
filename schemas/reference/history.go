package reference

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// Reasons of a change.
const (
	Merger             = "merger"              // 新設合併
	Absorption         = "absorption"          // 編入合併: the absorbing region goes on
	Division           = "division"            // 分割
	Separation         = "separation"          // 分離: the region goes on beside the new one
	CityStatus         = "city_status"         // 市制施行
	TownStatus         = "town_status"         // 町制施行
	DesignatedCity     = "designated_city"     // 政令指定都市施行
	WardReorganisation = "ward_reorganisation" // 区の再編
	DistrictChange     = "district_change"     // 郡の区域変更
	Renaming           = "renaming"            // 名称変更
)

var reasons = map[string]string{
	"新設合併": Merger, "編入合併": Absorption, "分割": Division, "分離": Separation, "市制施行": CityStatus, "町制施行": TownStatus,
	"政令指定都市施行": DesignatedCity, "区の再編": WardReorganisation, "郡の区域変更": DistrictChange, "名称変更": Renaming,
}

// History is what a table of changes of municipalities tells.
type History struct {
	// Changes are the changes of codes and names, by day.
	Changes []schemas.RegionChange
	// Regions are the municipalities and wards that a change founded, ended or
	// renamed, one per code, name and period.
	Regions []schemas.Region
	// Above has what stands above the region at the same index: its district,
	// or the designated city of a ward.
	Above []string
}

// historyColumns are the columns that ParseHistory reads.
var historyColumns = []string{
	"date", "type", "event",
	"from_city_code", "from_city_desig_name", "from_city_desig_name_kana", "from_city_name", "from_city_name_kana",
	"to_city_code", "to_city_desig_name", "to_city_desig_name_kana", "to_city_name", "to_city_name_kana",
}

// ParseHistory reads a CSV of changes since 1970 in UTF-8 with a header and
// one row per old and new code, as derived from 廃置分合等情報 of e-Stat:
// date, type (新設合併, …), event, and for from and to the city_code, the
// city_desig_name (district, or city of a ward), the city_name and both in
// kana. Rows about districts, about the return of Okinawa and about the
// northern territories change no municipality's code and are passed over.
func ParseHistory(r io.Reader) (History, error) {
	in := csv.NewReader(r)
	header, err := in.Read()
	if err != nil {
		return History{}, fmt.Errorf("changes of regions: header: %w", err)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	at := make(map[string]int)
	for _, column := range historyColumns {
		if at[column] = slices.Index(header, column); at[column] < 0 {
			return History{}, fmt.Errorf("changes of regions: no column %s", column)
		}
	}
	var h History
	var days chronicle
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			h.Changes = mergeChanges(nil, h.Changes)
			h.Regions, h.Above = days.periods()
			return h, nil
		}
		if err != nil {
			return History{}, fmt.Errorf("changes of regions: %w", err)
		}
		if err := h.add(&days, func(column string) string { return row[at[column]] }); err != nil {
			line, _ := in.FieldPos(0)
			return History{}, fmt.Errorf("changes of regions: line %d: %w", line, err)
		}
	}
}

// add enters a row, whose fields cell gives by column.
func (h *History) add(days *chronicle, cell func(string) string) error {
	day, err := schemas.ParseDate(cell("date"))
	if err != nil {
		return err
	}
	before, err := readSide(cell, "from")
	if err != nil {
		return err
	}
	after, err := readSide(cell, "to")
	if err != nil {
		return err
	}
	reason := reasons[cell("type")]
	// Villages that change district together are crossed with each other in
	// the table: only equal names belong together.
	if crossed := reason == DistrictChange && before.name != after.name; crossed || northern(after.code) {
		return nil
	}
	if reason != "" && before.code != "" && after.code != "" {
		h.Changes = append(h.Changes, schemas.RegionChange{ChangedOn: day, FromCode: before.code, ToCode: after.code, Reason: reason})
	}
	days.enter(day, reason, before, after)
	return nil
}

// named is a region under a name.
type named struct{ code, name, kana, above string }

// key tells a region under a name from every other.
func (n named) key() string { return n.code + n.name }

// readSide reads one side of a row, from or to. A district gives nothing. Two
// municipalities of the e-Stat table have their name only in the event.
func readSide(cell func(string) string, side string) (named, error) {
	n := named{
		code: cell(side + "_city_code"), name: cell(side + "_city_name"),
		kana: cell(side + "_city_name_kana"), above: cell(side + "_city_desig_name"),
	}
	if n.code == "" {
		return named{}, nil
	}
	if _, ok := CheckDigit(n.code); !ok {
		return named{}, fmt.Errorf("code %q: want five digits", n.code)
	}
	city := strings.HasSuffix(n.above, "市")
	switch {
	case city && n.name == "":
		n.name, n.kana, n.above = n.above, cell(side+"_city_desig_name_kana"), ""
	case city:
		n.name, n.kana = n.above+n.name, cell(side+"_city_desig_name_kana")+n.kana
	case n.name == "" && strings.HasSuffix(n.code, "0"):
		return named{}, nil // a district
	case n.name == "":
		n.name = nameInEvent(cell("event"), n.code)
	}
	return n, nil
}

// nameInEvent is the name that stands before a code in the text of an event:
// 岩槻市(11213)がさいたま市(11100)に編入.
func nameInEvent(event, code string) string {
	before, _, found := strings.Cut(event, "("+code+")")
	if !found {
		return ""
	}
	return before[strings.LastIndexAny(before, "、と)")+1:]
}

// northern reports the villages of the northern territories.
func northern(code string) bool { return code >= "01695" && code <= "01700" }

// mergeChanges joins lists of changes in the order of days and codes; of
// changes with the same day and codes the first counts.
func mergeChanges(a, b []schemas.RegionChange) []schemas.RegionChange {
	all := slices.Concat(a, b)
	slices.SortStableFunc(all, func(a, b schemas.RegionChange) int {
		if a.ChangedOn != b.ChangedOn {
			return int(a.ChangedOn - b.ChangedOn)
		}
		return strings.Compare(a.FromCode+a.ToCode, b.FromCode+b.ToCode)
	})
	return slices.CompactFunc(all, func(a, b schemas.RegionChange) bool {
		return a.ChangedOn == b.ChangedOn && a.FromCode == b.FromCode && a.ToCode == b.ToCode
	})
}

// WithChanges is the table with more changes of codes, which [Table.Successors]
// follows; see [Table.WithHistory]. Former codes that have no name in the table stay without a region.
// Reasons may be in the Japanese of e-Stat (新設合併). It returns an error for a
// change whose codes are not five digits.
func (t *Table) WithChanges(changes []schemas.RegionChange) (*Table, error) {
	return t.WithHistory(History{Changes: changes})
}

// WithHistory is the table with the changes and the former regions of a
// history, and with the first days of the codes that the history tells. A code that
// becomes another after the table's own last change is in force to the day before. What
// the history ends with under another name than the table's is left out. Of a
// code and a day of which both have changes, those of the history count. It
// returns an error for a change whose codes are not five digits.
func (t *Table) WithHistory(h History) (*Table, error) {
	changes := slices.Clone(h.Changes)
	for i, c := range changes {
		for _, code := range []string{c.FromCode, c.ToCode} {
			if _, ok := CheckDigit(code); !ok {
				return nil, fmt.Errorf("change of regions on %s: code %q: want five digits", c.ChangedOn, code)
			}
		}
		if reason, ok := reasons[c.Reason]; ok {
			changes[i].Reason = reason
		}
	}
	regions, districts := t.endedBy(changes).withFormer(h)
	other := newTable(regions, districts, mergeChanges(notOverruled(t.changes, changes), changes))
	other.postcodes = t.postcodes
	return other, nil
}

// notOverruled are the changes without those of a code and a day of which others
// speak: so a project says where the whole of a divided region is counted.
func notOverruled(changes, others []schemas.RegionChange) []schemas.RegionChange {
	type event struct {
		day  schemas.Date
		code string
	}
	told := map[event]bool{}
	for _, c := range others {
		told[event{c.ChangedOn, c.FromCode}] = true
	}
	return slices.DeleteFunc(slices.Clone(changes), func(c schemas.RegionChange) bool { return told[event{c.ChangedOn, c.FromCode}] })
}

// endedBy is the table in which the codes that changes of after its own last one turn into others are in force to the day before.
// Of earlier days the table knows itself which codes ended.
func (t *Table) endedBy(changes []schemas.RegionChange) *Table {
	later := slices.DeleteFunc(mergeChanges(nil, changes), func(c schemas.RegionChange) bool { return c.ChangedOn <= t.settled })
	ended := map[string]schemas.Date{}
	for len(later) > 0 {
		day := later[:ofOneDay(later)]
		for _, c := range day {
			if _, before := ended[c.FromCode]; !before && !stays(c.FromCode, day, forward) {
				ended[c.FromCode] = c.ChangedOn - 1
			}
		}
		later = later[len(day):]
	}
	other := *t
	other.regions = slices.Clone(t.regions)
	for i, r := range other.regions {
		if last, ends := ended[r.RegionCode]; ends && r.ValidTo == nil {
			other.regions[i].ValidTo = &last
		}
	}
	return &other
}

// withFormer are the table's regions, begun where a history says, and the
// history's former ones, with their districts.
func (t *Table) withFormer(h History) (regions []schemas.Region, districts []string) {
	regions, districts = slices.Clone(t.regions), slices.Clone(t.districts)
	for i, r := range h.Regions {
		if own := t.period(r); own >= 0 {
			regions[own].ValidFrom = max(r.ValidFrom, regions[own].ValidFrom)
			continue
		}
		if r.ValidTo == nil {
			continue
		}
		district := h.Above[i]
		if r.RegionLevel == schemas.LevelWard {
			if r.ParentCode = t.city(r.PrefectureCode, h.Above[i]); r.ParentCode == "" {
				continue
			}
			district = ""
		}
		regions, districts = append(regions, r), append(districts, district)
	}
	return regions, districts
}

// period is the index of the table's own row for a region of a history, the
// one of equal name that ends on the same day, or −1.
func (t *Table) period(r schemas.Region) int {
	i, ok := t.first[r.RegionCode]
	for ; ok && int(i) < len(t.regions) && t.regions[i].RegionCode == r.RegionCode; i++ {
		own := &t.regions[i]
		sameEnd := own.ValidTo == nil && r.ValidTo == nil || own.ValidTo != nil && r.ValidTo != nil && *own.ValidTo == *r.ValidTo
		if sameEnd && fold(own.Name) == fold(r.Name) {
			return int(i)
		}
	}
	return -1
}

// city is the code of the municipality of a name in a prefecture now, or "".
func (t *Table) city(prefecture, name string) string {
	p := t.names.places[prefectureNumber(prefecture)][fold(name)]
	if p == nil {
		return ""
	}
	return t.Municipality(p.code)
}

// Successors are the codes that on the day to stand for the area that code
// stood for on the day from, in order; the code itself if nothing changed. It
// is empty for a code that is neither in the table nor in a change, and where to
// is before from. A part that another region kept or got counts in full.
func (t *Table) Successors(code string, from, to schemas.Date) []string {
	if to < from || !t.mentioned(code) {
		return nil
	}
	codes := []string{code}
	first, _ := slices.BinarySearchFunc(t.changes, from+1, func(c schemas.RegionChange, day schemas.Date) int { return int(c.ChangedOn - day) })
	for changes := t.changes[first:]; len(changes) > 0 && changes[0].ChangedOn <= to; {
		n := ofOneDay(changes)
		codes = step(codes, changes[:n], forward)
		changes = changes[n:]
	}
	return codes
}

// ofOneDay is how many of changes, by day, are of the day of the first.
func ofOneDay(changes []schemas.RegionChange) int {
	n := slices.IndexFunc(changes, func(c schemas.RegionChange) bool { return c.ChangedOn != changes[0].ChangedOn })
	if n < 0 {
		return len(changes)
	}
	return n
}

// predecessors are the codes that on the earlier day to stood for the area
// of code on the day from.
func (t *Table) predecessors(code string, from, to schemas.Date) []string {
	codes := []string{code}
	for j := len(t.changes); j > 0; {
		day := t.changes[j-1].ChangedOn
		i := j
		for i > 0 && t.changes[i-1].ChangedOn == day {
			i--
		}
		if day > to && day <= from {
			codes = step(codes, t.changes[i:j], backward)
		}
		j = i
	}
	return codes
}

func (t *Table) mentioned(code string) bool {
	return t.Known(code) || slices.ContainsFunc(t.changes, func(c schemas.RegionChange) bool { return c.FromCode == code || c.ToCode == code })
}

func forward(c schemas.RegionChange) (from, to string)  { return c.FromCode, c.ToCode }
func backward(c schemas.RegionChange) (from, to string) { return c.ToCode, c.FromCode }

// step follows the changes of one day. They may form a chain: 大野村 joined
// 鹿島町 on the day that became 鹿嶋市.
func step(codes []string, day []schemas.RegionChange, way func(schemas.RegionChange) (from, to string)) []string {
	touched := func(c schemas.RegionChange) bool { from, _ := way(c); return slices.Contains(codes, from) }
	if !slices.ContainsFunc(day, touched) {
		return codes
	}
	var next []string
	seen := make(map[string]bool)
	var follow func(code string)
	follow = func(code string) {
		if seen[code] {
			return
		}
		seen[code] = true
		if stays(code, day, way) {
			next = append(next, code)
		}
		for _, c := range day {
			if from, to := way(c); from == code {
				follow(to)
			}
		}
	}
	for _, code := range codes {
		follow(code)
	}
	slices.Sort(next)
	return next
}

// stays reports whether a code goes on through the changes of a day, beside
// others or alone: it does unless it turns into another. A separation and a
// merger under the code of a party leave it; a new name alone does not.
// Backwards, the absorbing region was there before too.
func stays(code string, day []schemas.RegionChange, way func(schemas.RegionChange) (from, to string)) bool {
	goes := false
	for _, c := range day {
		from, to := way(c)
		switch {
		case from != code:
		case c.Reason == Separation && code == c.FromCode, c.Reason == Absorption && code == c.ToCode, from == to && c.Reason == Merger:
			return true
		case from != to:
			goes = true
		}
	}
	return !goes
}
