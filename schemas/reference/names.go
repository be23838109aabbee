package reference

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kankei/kankei/schemas"
)

// names are the regions by what people write for them.
type names struct {
	full   map[string]int        // prefecture as written in an address, folded: 和歌山県
	any    map[string]int        // any name of a prefecture: 和歌山県, 和歌山, わかやま, wakayama
	places [48]map[string]*place // municipalities and wards by folded name: of a prefecture by its number; [0] has those of the nation
}

// place is what a name may mean.
type place struct {
	code    string  // what it means today, or "" if that cannot be told
	regions []int32 // the regions and periods that bear the name
	whole   bool    // the name stands for the place only where nothing follows it
}

func indexNames(t *Table) *names {
	n := &names{full: make(map[string]int), any: make(map[string]int)}
	for p := range n.places {
		n.places[p] = make(map[string]*place)
	}
	for i := range t.regions {
		switch r := &t.regions[i]; r.RegionLevel {
		case schemas.LevelPrefecture:
			n.addPrefecture(r)
		case schemas.LevelMunicipality, schemas.LevelWard:
			n.addPlace(t, int32(i))
		}
	}
	n.addStems(t)
	for p, places := range n.places {
		for _, place := range places {
			place.code = t.meaning(place, today, p != 0)
		}
	}
	return n
}

func (n *names) addPrefecture(r *schemas.Region) {
	number := prefectureNumber(r.RegionCode)
	n.full[fold(r.Name)] = number
	for _, text := range []string{r.Name, r.Kana, prefectureStem(r.Name), prefectureStem(r.Kana), romajiKey(r.NameEN), r.RegionCode} {
		n.any[fold(text)] = number
	}
}

// prefectureStem is a prefecture's name as it is said without its last word:
// 和歌山, 東京, but 北海道.
func prefectureStem(name string) string {
	for _, suffix := range []string{"県", "都", "府", "けん", "ふ"} {
		if stem, ok := strings.CutSuffix(name, suffix); ok && stem != "" {
			return stem
		}
	}
	return strings.TrimSuffix(name, "と")
}

// addPlace enters a municipality or ward under its name, with and without its
// district, and a ward also without its city.
func (n *names) addPlace(t *Table, i int32) {
	r, district := &t.regions[i], t.districts[i]
	number := prefectureNumber(r.PrefectureCode)
	town := strings.HasSuffix(r.Name, "町") || strings.HasSuffix(r.Name, "村")
	for _, name := range spellings(r.Name) {
		n.add(number, name, i, false)
		// 栄町 at the head of an address may be a street of any city.
		n.add(0, name, i, town)
		if district != "" {
			n.add(number, fold(district)+name, i, false)
			n.add(0, fold(district)+name, i, false)
		}
	}
	if city, ok := t.Region(r.ParentCode, r.ValidFrom); ok && r.RegionLevel == schemas.LevelWard {
		ward := fold(strings.TrimPrefix(r.Name, city.Name))
		n.add(number, ward, i, false)
		n.add(0, ward, i, false)
	}
}

func (n *names) add(number int, name string, region int32, whole bool) {
	p := n.places[number][name]
	if p == nil {
		p = &place{whole: whole}
		n.places[number][name] = p
	}
	p.regions = append(p.regions, region)
}

// addStems enters municipalities without their last word (白浜), as tables
// name them within a prefecture, unless that is the name of another.
func (n *names) addStems(t *Table) {
	stems := make(map[[2]string][]int32)
	for i, r := range t.regions {
		name := fold(r.Name)
		if r.RegionLevel == schemas.LevelMunicipality && utf8.RuneCountInString(name) > 2 {
			_, size := utf8.DecodeLastRuneInString(name)
			key := [2]string{r.PrefectureCode, name[:len(name)-size]}
			stems[key] = append(stems[key], int32(i))
		}
	}
	for key, regions := range stems {
		number := prefectureNumber(key[0])
		if n.places[number][key[1]] == nil {
			n.places[number][key[1]] = &place{regions: regions, whole: true}
		}
	}
}

// spellings are the folded forms of a name: the ケ of 茅ケ崎市 is also written
// が, and the ノ of 山ノ内町 の or 之.
func spellings(name string) []string {
	forms := []string{fold(name)}
	for _, same := range [][]string{{"ケ", "が", "ガ"}, {"ノ", "の", "之"}} {
		for _, form := range slices.Clone(forms) {
			for _, a := range same {
				for _, b := range same {
					if other := replaceInside(form, a, b); !slices.Contains(forms, other) {
						forms = append(forms, other)
					}
				}
			}
		}
	}
	return forms
}

// replaceInside replaces a by b where it stands between two kanji.
func replaceInside(s, a, b string) string {
	i := strings.Index(s, a)
	if i <= 0 {
		return s
	}
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[i+len(a):])
	if before < 0x4e00 || after < 0x4e00 || after == utf8.RuneError {
		return s
	}
	return s[:i] + b + s[i+len(a):]
}

// meaning is the region that a name means on a day: the one that bears it then,
// or what became of the one that bore it before, or what it was before it bore
// it; what they have in common if they are several. With forget, a former
// bearer does not count where another bears the name now; without, all do.
func (t *Table) meaning(p *place, on schemas.Date, forget bool) string {
	var codes, others []string
	for _, i := range p.regions {
		r := &t.regions[i]
		switch {
		case valid(*r, on):
			codes = append(codes, r.RegionCode)
		case r.ValidFrom > on:
			others = append(others, t.before(r, on)...)
		default:
			others = append(others, t.Successors(r.RegionCode, *r.ValidTo, on)...)
		}
	}
	if len(codes) == 0 || !forget {
		codes = append(codes, others...)
	}
	return t.common(codes)
}

// before are the codes in force on a day for the area of a later region; for a
// ward that was founded with its city's wards, those of the city.
func (t *Table) before(r *schemas.Region, on schemas.Date) []string {
	codes := t.predecessors(r.RegionCode, r.ValidFrom, on)
	if slices.ContainsFunc(codes, func(code string) bool { _, ok := t.Region(code, on); return !ok }) {
		if r.RegionLevel != schemas.LevelWard {
			return nil
		}
		return t.predecessors(r.ParentCode, r.ValidFrom, on)
	}
	return codes
}

// prefectureNumber is 1–47 for a prefecture's code.
func prefectureNumber(code string) int { return int(code[0]-'0')*10 + int(code[1]-'0') }

// prefectureOfNumber is the table's own copy of a prefecture's code.
func (t *Table) prefectureOfNumber(number int) string {
	return t.known(string([]byte{'0' + byte(number/10), '0' + byte(number%10), '0', '0', '0'}))
}

// Prefecture is the 5-digit code of a prefecture by any of its names (和歌山県,
// 和歌山, わかやま, Wakayama, Wakayama-ken) or codes (30, JP-30, 30000, 300004),
// and "" for anything else.
func (t *Table) Prefecture(name string) string {
	if number := t.prefecture(name); number != 0 {
		return t.prefectureOfNumber(number)
	}
	return ""
}

// prefecture is the number of a prefecture by any of its names, or 0.
func (t *Table) prefecture(name string) int {
	if number, ok := t.names.any[name]; ok {
		return number
	}
	if japanese(name) {
		return t.names.any[fold(name)]
	}
	if number := t.romajiPrefecture(name); number != 0 {
		return number
	}
	if code := t.Code(name); strings.HasSuffix(code, "000") && code != schemas.Nation {
		return prefectureNumber(code)
	}
	return 0
}

// Name is the region of a prefecture and a municipality or ward, as they stand
// in two columns: 和歌山県 and 白浜町, 西牟婁郡白浜町 or 白浜; 大阪府 and
// 大阪市淀川区. A prefecture may be in any form that [Table.Prefecture] reads.
// It gives the code as of today, the prefecture's where the municipality is not
// found in it or not told apart, and [schemas.Unknown] where the prefecture is
// none, or not that of the municipality. Without a prefecture it gives what
// the municipality's name alone makes certain.
func (t *Table) Name(prefecture, municipality string) string {
	return t.NameOn(prefecture, municipality, today)
}

// NameOn is [Table.Name] with names and codes as of a day.
func (t *Table) NameOn(prefecture, municipality string, on schemas.Date) string {
	if prefecture == "" {
		return known(t.nameAlone(municipality, on))
	}
	number := t.prefecture(prefecture)
	if number == 0 {
		return schemas.Unknown
	}
	return known(t.nameIn(number, municipality, on))
}

// nameIn reads a municipality's name within a prefecture.
func (t *Table) nameIn(number int, municipality string, on schemas.Date) string {
	if p, ok := t.names.places[number][municipality]; ok {
		return t.in(number, p, on)
	}
	if !folded(municipality) {
		municipality = fold(municipality)
	}
	other, rest := t.cutPrefecture(municipality)
	if other == 0 {
		return t.in(number, t.match(number, municipality), on)
	}
	if other != number {
		return ""
	}
	return t.in(number, t.match(number, rest), on)
}

// nameAlone reads a municipality's name that may have the prefecture before it.
func (t *Table) nameAlone(municipality string, on schemas.Date) string {
	if !folded(municipality) {
		municipality = fold(municipality)
	}
	return t.text(municipality, on)
}

// in is what a place within a prefecture means on a day, and the prefecture
// if that is nothing.
func (t *Table) in(number int, p *place, on schemas.Date) string {
	if code := t.on(p, on, true); code != "" {
		return code
	}
	return t.prefectureOfNumber(number)
}

// on is what a place means on a day.
func (t *Table) on(p *place, on schemas.Date, forget bool) string {
	switch {
	case p == nil:
		return ""
	case on >= t.settled:
		return p.code
	}
	return t.meaning(p, on, forget)
}

// match is the place with the longest name that text begins with, or nil.
// Names end in 市, 区, 町 or 村, so that few of the beginnings are looked up.
func (t *Table) match(number int, text string) *place {
	places := t.names.places[number]
	found := places[text]
	if found != nil {
		return found
	}
	for i, r := range text {
		if i > longestName {
			break
		}
		if r != '市' && r != '区' && r != '町' && r != '村' {
			continue
		}
		if p := places[text[:i+len("市")]]; p != nil && !p.whole {
			found = p
		}
	}
	return found
}

// longestName is the most bytes a name can have before its last character.
const longestName = 3 * 16

// known turns no code into the code for what is not known.
func known(code string) string {
	if code == "" {
		return schemas.Unknown
	}
	return code
}
