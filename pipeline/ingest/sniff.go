package ingest

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/kankei/kankei/transforms/clean"
)

const (
	headBytes  = 1 << 20  // looked at to find out what a file is
	asciiBytes = 64 << 20 // searched for the first character that is not ASCII
	headerRows = 50       // rows among which the header is looked for
)

// signatures are the bytes that kinds of file begin with.
var signatures = []struct{ magic, kind string }{
	{"\x1f\x8b", Gzip}, {"PK\x03\x04", Zip}, {"PK\x05\x06", Zip}, {"PAR1", Parquet},
	{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", LegacyExcel},
	{"%PDF", "PDF"}, {"\x89PNG", "PNG"}, {"\xFF\xD8\xFF", "JPEG"}, {"GIF8", "GIF"},
	{"7z\xBC\xAF\x27\x1C", "7-Zip"}, {"Rar!", "RAR"}, {"\x28\xB5\x2F\xFD", "Zstandard"}, {"BZh", "bzip2"}, {"\xFD7zXZ", "xz"},
}

// signature is the kind whose signature b begins with, or "".
func signature(b []byte) string {
	for _, s := range signatures {
		if bytes.HasPrefix(b, []byte(s.magic)) {
			return s.kind
		}
	}
	return ""
}

// refuseBinary is the refusal of a file that is known not to be a table.
func (in *input) refuseBinary(kind string) *Refusal {
	ja, en := "文字のファイルではありません（バイナリ）。", "binary data, not text."
	if kind != "" {
		ja, en = kind+"ファイルです。", "a file of kind "+kind+"."
	}
	return in.refuse(BinaryFile, text(ja, en),
		text("CSV・TSV・XLSX・JSON Lines・Parquetのいずれかで書き出してください。", "Export it as CSV, TSV, XLSX, JSON Lines or Parquet."))
}

// isEncryptedOLE tells a new file of Office under a password, which is in a
// container of the old kind.
func isEncryptedOLE(head []byte) bool {
	return bytes.Contains(head, []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e"))
}

func (in *input) legacyExcel() *Refusal {
	return in.refuse(LegacyExcel, text("古いOffice形式です（Excel 97以降のブックではありません）。", "an old Office format that is no workbook of Excel 97 or later."),
		text("Excelで開き、「名前を付けて保存」でExcelブック（.xlsx）かCSVにしてください。", "Open it in Excel and save it as .xlsx or CSV."))
}

// refuseMarkup refuses web pages and XML: what a download page gives in place
// of an export once the login has run out.
func (in *input) refuseMarkup(head []byte) error {
	b := bytes.TrimLeft(bytes.TrimPrefix(head, utf8BOM), " \t\r\n")
	if len(b) < 2 || b[0] != '<' || !strings.ContainsRune("!?/", rune(b[1])) && !isLetter(b[1]) {
		return nil
	}
	if bytes.Contains(b, []byte("urn:schemas-microsoft-com:office:spreadsheet")) {
		return in.legacyExcel()
	}
	return in.refuse(HTML, text("HTML（ウェブページ）です。表の書き出しではありません。", "HTML, a web page and not an export."),
		text("ログインし直して書き出すか、Excelで開いてCSVに保存してください。", "Log in and export it again, or open it in Excel and save it as CSV."))
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// sample is the first records of a text, each with its fields and where it stands.
type sample struct {
	rows  [][]string
	lines []int
	raw   [][]byte
	ends  []int // position behind each record
}

// sniffDelimiter chooses the delimiter under which most records have the same
// number of fields, or under which the header wanted is found.
func sniffDelimiter(head []byte, cp932 bool, must []string) byte {
	best, bestScore := byte(','), 0.0
	for _, d := range []byte{',', '\t', ';', '|'} {
		rows := splitSample(head, d, cp932 && d != '|').rows
		width := usualWidth(rows)
		if width < 2 {
			continue
		}
		same := 0
		for _, row := range rows {
			if len(row) == width {
				same++
			}
		}
		score := float64(same) / float64(len(rows)) * (1 - 1/float64(2*width))
		if _, found := bestHeader(rows, must); found > 0 {
			score += float64(found)
		}
		if score > bestScore {
			best, bestScore = d, score
		}
	}
	return best
}

// splitSample reads the first records of head by the rules of the csv reader.
func splitSample(head []byte, delim byte, isCP932 bool) sample {
	var s sample
	p := &csvParser{r: &csvReader{}, b: head, line: 1, delim: delim, quote: '"'}
	for p.at < len(head) && len(s.rows) < 4*headerRows {
		start, line := p.at, p.line
		length := lineLength(head[start:])
		if len(trimReturn(head[start:start+length])) == 0 {
			p.skipLine(length)
			continue
		}
		var row []string
		end, more := start+length, true
		for more {
			var field []byte
			field, end, more = p.field(end)
			row = append(row, decodeField(field, isCP932))
		}
		p.at = min(end+1, len(head))
		p.line++
		s.rows, s.lines = append(s.rows, row), append(s.lines, line)
		s.raw, s.ends = append(s.raw, trimReturn(head[start:end])), append(s.ends, p.at)
	}
	return s
}

func decodeField(field []byte, isCP932 bool) string {
	if isCP932 && !isASCII(field) {
		return DecodeCP932(string(field))
	}
	return strings.ToValidUTF8(string(field), string(replacement))
}

// usualWidth is the number of fields that most rows have; of equally frequent
// ones the greatest.
func usualWidth(rows [][]string) int {
	count := map[int]int{}
	width := 0
	for _, row := range rows {
		n := len(row)
		count[n]++
		if count[n] > count[width] || count[n] == count[width] && n > width {
			width = n
		}
	}
	return width
}

// bestHeader finds the row, among the first, that has most of the names.
func bestHeader(rows [][]string, must []string) (index, found int) {
	wanted := map[string]bool{}
	for _, name := range must {
		wanted[foldName(name)] = true
	}
	for i, row := range rows[:min(len(rows), headerRows)] {
		n := 0
		for _, cell := range row {
			if wanted[foldName(cell)] {
				n++
			}
		}
		if n > found {
			index, found = i, n
		}
	}
	return index, found
}

// foldName makes names comparable whatever the width and case of their letters.
func foldName(s string) string {
	if isASCII([]byte(s)) {
		return strings.ToLower(strings.TrimSpace(s))
	}
	return strings.ToLower(strings.TrimSpace(norm.NFKC.String(s)))
}

// header is where the header stands among the first rows, and its names.
type header struct {
	row, rows int
	names     []string
}

// sniffHeader finds the header: the row with the names wanted, otherwise the
// first row as wide as the rest that looks like names.
func sniffHeader(rows [][]string, hint Hint) (header, bool) {
	at, found := bestHeader(rows, hint.HeaderMust)
	if found == 0 {
		at = likelyHeader(rows)
	}
	n := hint.HeaderRows
	if n > 1 && at+1 < len(rows) && slices.ContainsFunc(rows[at+1], datedOrReachable) {
		n = 1 // the row below is a record: it must not be lost, nor named among columns
	}
	if n == 0 {
		n = headerDepth(rows[at:])
	}
	if at+n > len(rows) || found == 0 && looksLikeData(rows[at]) {
		return header{}, false
	}
	return header{row: at, rows: n, names: joinHeader(rows[at : at+n])}, true
}

// datedOrReachable says whether a text is a date, an address or a telephone
// number: what no heading is, where a number may be one step of a scale.
func datedOrReachable(s string) bool {
	_, dayFirst := clean.Date(s, clean.DayFirst)
	_, monthFirst := clean.Date(s, clean.MonthFirst)
	return dayFirst || monthFirst || reachable(s)
}

// likelyHeader passes over preamble rows, which are narrower, and over the
// upper rows of a two-axis table, which are sparse.
func likelyHeader(rows [][]string) int {
	width := usualWidth(rows)
	first := slices.IndexFunc(rows, func(row []string) bool { return len(row) == width })
	if headerDepth(rows[first:]) > 1 {
		return first
	}
	for i := first; i < min(first+4, len(rows)); i++ {
		if len(rows[i]) == width && filled(rows[i])*10 >= width*6 && numeric(rows[i])*2 < width {
			return i
		}
	}
	return first
}

func filled(row []string) (n int) {
	for _, cell := range row {
		if trimName(cell) != "" {
			n++
		}
	}
	return n
}

// numeric counts cells that are a number or a date.
func numeric(row []string) (n int) {
	for _, cell := range row {
		if cell = strings.TrimSpace(cell); cell != "" && strings.Trim(cell, "0123456789.,-+/:% ") == "" {
			n++
		}
	}
	return n
}

// looksLikeData says whether a row would be no header: half of it numbers, and
// numbers where names of columns (as the years of a table) would not have them.
func looksLikeData(row []string) bool {
	if numeric(row)*2 < len(row) || filled(row) == 0 {
		return filled(row) == 0
	}
	seen := map[string]bool{}
	for _, cell := range row {
		if cell != "" && seen[cell] {
			return true
		}
		seen[cell] = true
	}
	return numeric(row[:1]) == 1
}

// headerDepth is the number of rows of the header that begins rows: 3 in
// Qualtrics' exports (names, questions, import ids), 2 in SurveyMonkey's
// (questions, options below), otherwise 1.
func headerDepth(rows [][]string) int {
	if len(rows) >= 3 && len(rows[2]) > 0 && strings.HasPrefix(rows[2][0], `{"ImportId"`) {
		return 3
	}
	if len(rows) < 2 || len(rows[0]) != len(rows[1]) || trimName(rows[1][0]) != "" {
		return 1
	}
	id := strings.ReplaceAll(foldName(rows[0][0]), " ", "")
	for i, cell := range rows[0] {
		if strings.Contains(id, "respondentid") && trimName(cell) == "" && trimName(rows[1][i]) != "" {
			return 2
		}
	}
	return 1
}

// joinHeader makes one name of a column's rows. Under two rows it is "question
// / option", the question being that of the nearest column to the left that has
// one, without an option that only says that it is open; otherwise the first row.
func joinHeader(rows [][]string) []string {
	width := 0
	for _, row := range rows {
		width = max(width, len(row))
	}
	names := make([]string, width)
	question := ""
	for i := range names {
		name := cellAt(rows[0], i)
		if name != "" {
			question = name
		}
		if len(rows) == 2 {
			option := cellAt(rows[1], i)
			switch {
			case option == "" || foldName(option) == "response" || foldName(option) == "open-ended response":
			case question == "":
				name = option
			default:
				name = question + " / " + option
			}
		}
		names[i] = name
	}
	return names
}

func cellAt(row []string, i int) string {
	if i < len(row) {
		return trimName(row[i])
	}
	return ""
}

// trimName takes white space, full-width too, and byte order marks off a name.
func trimName(s string) string {
	return strings.Trim(s, " \t\r\n\v\f\u00A0\u3000\uFEFF\u200B")
}

func (in *input) noHeader(line int) *Refusal {
	r := in.refuse(NoHeader, text("列名の行（見出し）が見つかりません。", "no header row."),
		text("列名つきで書き出すか、先頭に列名の行を足してください。", "Export it with column names, or add a row of them at the top."))
	r.Wanted = text(fmt.Sprintf("先頭%d行のどこかに列名の行が必要です。", headerRows), fmt.Sprintf("A row of column names is wanted among the first %d.", headerRows))
	r.Line = line
	return r
}

func (in *input) headerOnly() *Refusal {
	return in.refuse(HeaderOnly, text("見出しだけで、データの行がありません。", "a header and no record below it."),
		text("書き出しの期間や条件を確かめてください。", "Check the period and the conditions of the export."))
}

// preamble gives the rows above the header as lines, empty ones left out.
func preamble(rows [][]string) []string {
	var lines []string
	for _, row := range rows {
		if line := strings.Join(strings.Fields(strings.Join(row, " ")), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
