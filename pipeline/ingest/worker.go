package ingest

import (
	"encoding/binary"
	"hash/maphash"
	"html"
	"strings"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
)

// worker lands batches, one at a time, on one goroutine. Everything in it is
// either shared and constant or a cache: which batches it lands does not change
// the rows they give.
type worker struct {
	job    *Job
	plan   *plan
	tokens *TokenWorker
	scope  string

	columns []*array.String // of the current batch
	lines   []int32
	draft   draft
	scratch []byte // joined texts of the current record

	codes    []memo[coded]      // per field
	sets     []memo[purposeSet] // per field
	regions  memo[string]       // prefecture and municipality → code
	country  memo[string]
	scopes   memo[string] // platform → scope of its membership numbers
	facility memo[string] // facility → region code
	key      []byte

	rows    rowSet
	rejects []schemas.Reject
	// originals are what the refused records say, for the one who may read it.
	originals []byte
	counts    tally
	unread    []int64 // per field
	encoders
}

// cell is the value of a column in a row without space around, "" for one of
// the mapping's null texts.
func (w *worker) cell(column, row int) string {
	s := w.columns[column].Value(row)
	if s == "" {
		return ""
	}
	if s[0] <= ' ' || s[len(s)-1] <= ' ' || strings.HasPrefix(s, "　") || strings.HasSuffix(s, "　") {
		s = strings.TrimSpace(s)
	}
	if s != "" && (s[0] == '=' || s[0] == '\'') {
		s = unguarded(s)
	}
	if w.plan.entities && strings.IndexByte(s, '&') >= 0 {
		s = strings.TrimSpace(html.UnescapeString(s))
	}
	if len(w.plan.nulls) > 0 && w.plan.nulls[s] {
		return ""
	}
	return s
}

// unguarded takes off what keeps spreadsheets from taking a text for a number
// or a formula: ="090…", and an apostrophe before a digit, a sign or an @.
func unguarded(s string) string {
	if len(s) > 1 && s[0] == '\'' && strings.IndexByte("0123456789=+-@", s[1]) >= 0 {
		s = s[1:]
	}
	if len(s) >= len(`=""`) && strings.HasPrefix(s, `="`) && s[len(s)-1] == '"' {
		s = strings.TrimSpace(s[2 : len(s)-1])
	}
	return s
}

// memo remembers values by key: two under each hash, the latest first, so that
// two keys of one hash do not drive each other out. Keys are copied: they outlive
// the batch they came from, in memory only.
type memo[V any] struct{ slots [][2]memoSlot[V] }

type memoSlot[V any] struct {
	key   string
	value V
	used  bool
}

// memoSlots is a power of two above the number of municipalities, so that a file
// of many origins is still served from it.
const memoSlots = 1 << 11

// memoSeed only decides which keys share a slot, never a result.
var memoSeed = maphash.MakeSeed()

func (m *memo[V]) slot(key string) *[2]memoSlot[V] {
	if m.slots == nil {
		m.slots = make([][2]memoSlot[V], memoSlots)
	}
	return &m.slots[maphash.String(memoSeed, key)%memoSlots]
}

func (m *memo[V]) get(key string) (V, bool) {
	s := m.slot(key)
	for i := range s {
		if s[i].used && s[i].key == key {
			return s[i].value, true
		}
	}
	var none V
	return none, false
}

func (m *memo[V]) put(key string, value V) {
	s := m.slot(key)
	s[1] = s[0]
	s[0] = memoSlot[V]{strings.Clone(key), value, true}
}

// home resolves where a person lives: the most detailed of what code,
// prefecture and municipality, address and postcode say. A postcode refines a
// prefecture only if it lies in it; between two different municipalities the
// one written out is believed.
func (w *worker) home(d *draft, on schemas.Date) schemas.Residence {
	country := w.countryOf(d.country)
	if country != "" && country != "JP" {
		return schemas.Residence{ResidenceCode: schemas.Abroad, OriginCountry: country}
	}
	postcode := d.home.postcode
	if postcode == "" {
		postcode = leadingPostcode(d.home.address)
	}
	code := w.resolve(&d.home, on)
	if fine := postcode != "" && !isMunicipal(code); fine {
		if by := w.job.Regions.Postcode(postcode); by != schemas.Unknown && (code == "" || samePrefecture(by, code)) {
			code = by
		}
	}
	r := schemas.Residence{ResidenceCode: code, Postcode: postcode5(postcode), OriginCountry: country}
	if code == "" {
		r.ResidenceCode = schemas.Unknown
	} else {
		r.OriginCountry = "JP"
	}
	return r
}

// resolve gives the most detailed code that the parts of a place agree on, or
// "". Names mean what they meant on the day on; a code stands as it is written.
func (w *worker) resolve(p *place, on schemas.Date) string {
	table := w.job.Regions
	best := p.code
	if isMunicipal(best) {
		return best
	}
	if p.prefecture != "" || p.municipality != "" {
		if code := w.named(p.prefecture, p.municipality, on); finer(code, best) {
			best = code
		}
	}
	if p.address != "" && !isMunicipal(best) {
		if code := table.AddressOn(p.address, on); code != schemas.Unknown && finer(code, best) {
			best = code
		}
	}
	return best
}

// named resolves the names of a prefecture and a municipality through the
// cache, which has all days from the last change of regions on as one.
func (w *worker) named(prefecture, municipality string, on schemas.Date) string {
	on = min(on, w.job.Regions.Settled())
	w.key = append(append(append(w.key[:0], prefecture...), 0), municipality...)
	w.key = binary.LittleEndian.AppendUint32(append(w.key, 0), uint32(on))
	// The cache copies the key it keeps, so the scratch text may stand for it.
	key := unsafe.String(unsafe.SliceData(w.key), len(w.key))
	if code, ok := w.regions.get(key); ok {
		return code
	}
	code := w.job.Regions.NameOn(prefecture, municipality, on)
	if code == schemas.Unknown {
		code = ""
	}
	w.regions.put(key, code)
	return code
}

// regionCode reads a code in any form, and the nation in the forms of totals.
func regionCode(table *reference.Table, s string, form reference.CodeForm) string {
	switch s {
	case "0", "00", "000", "00000", "000000", "全国":
		return schemas.Nation
	case schemas.TokyoArea, schemas.NagoyaArea, schemas.OsakaArea, schemas.OtherAreas:
		return s
	}
	return table.CodeIn(s, form)
}

// finer says whether a code may replace a coarser one: it is more detailed and
// does not contradict it.
func finer(code, than string) bool {
	if code == "" || than == "" {
		return code != ""
	}
	return !isMunicipal(than) && isMunicipal(code) && samePrefecture(code, than)
}

// isMunicipal says whether a region code is of a municipality or ward.
func isMunicipal(code string) bool { return len(code) == 5 && code[2:] != "000" }

func samePrefecture(a, b string) bool { return len(a) == 5 && len(b) == 5 && a[:2] == b[:2] }

func (w *worker) countryOf(s string) string {
	if s == "" {
		return ""
	}
	if code, ok := w.country.get(s); ok {
		return code
	}
	code := Country(s)
	w.country.put(s, code)
	return code
}

// region resolves where a row took place: what the record says, else the
// region of its facility, else the constant of the source.
func (w *worker) region(d *draft, on schemas.Date) string {
	if code := w.resolve(&d.where, on); code != "" {
		return code
	}
	if d.where.postcode != "" {
		if code := w.job.Regions.Postcode(d.where.postcode); code != schemas.Unknown {
			return code
		}
	}
	if d.facility != "" {
		if code := w.facilityRegion(d.facility); code != "" {
			return code
		}
	}
	return w.job.Overrides.Region
}

// facilityRegion gives the region of a facility by the source's table, else by the frame.
func (w *worker) facilityRegion(name string) string {
	if code, ok := w.facility.get(name); ok {
		return code
	}
	code, ok := w.job.facilities[foldHeader(name)]
	if !ok {
		code = w.job.frame[foldHeader(name)]
	}
	w.facility.put(name, code)
	return code
}

// pseudonyms makes the tokens of whoever a row is about.
func (w *worker) pseudonyms(d *draft) schemas.Tokens {
	var t schemas.Tokens
	if d.member != "" {
		t.Member = w.tokens.Member(w.memberScope(d.platform), d.member)
	}
	if d.email != "" {
		t.Email = w.tokens.Email(d.email)
	}
	if d.phone != "" {
		t.Phone = w.tokens.Phone(d.phone)
	}
	if d.name != "" || d.kana != "" {
		t.Name, t.NameDated = w.tokens.Name(d.name, d.kana, d.birthYear.v)
	}
	t.Identity = Identity(t)
	return t
}

// memberScope is within what membership numbers are unique: a site controller
// passes on those of every booking site, so each site is a scope of its own.
func (w *worker) memberScope(platform string) string {
	if platform == "" {
		return w.scope
	}
	if scope, ok := w.scopes.get(platform); ok {
		return scope
	}
	scope := w.scope + "/" + foldHeader(platform)
	w.scopes.put(platform, scope)
	return scope
}

// leadingPostcode finds a postcode at the beginning of an address, "" if there is none.
func leadingPostcode(address string) string {
	s := strings.TrimLeft(strings.TrimPrefix(address, "〒"), " 　")
	digits := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			if digits++; digits == 7 {
				return s[:i+1]
			}
		case c == '-' && digits == 3:
		default:
			return ""
		}
	}
	return ""
}

// fiveDigits are all texts of five digits, one after another, so that a
// postcode costs no allocation.
var fiveDigits = func() string {
	b := make([]byte, 0, 500_000)
	for n := range 100_000 {
		b = append(b, byte('0'+n/10000), byte('0'+n/1000%10), byte('0'+n/100%10), byte('0'+n/10%10), byte('0'+n%10))
	}
	return string(b)
}()

// postcode5 gives the first five digits of a postcode, "" if it has not 5 to 7
// digits. Six digits have lost the leading zero to a spreadsheet.
func postcode5(s string) string {
	digits, value := 0, 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			value = value*10 + int(r-'0')
		case r >= '０' && r <= '９':
			value = value*10 + int(r-'０')
		default:
			continue
		}
		if digits++; digits > 7 {
			return ""
		}
	}
	switch digits {
	case 6, 7:
		value /= 100
	case 5:
	default:
		return ""
	}
	return fiveDigits[5*value : 5*value+5]
}
