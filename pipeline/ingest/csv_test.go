package ingest

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/kankei/kankei/schemas"
)

func TestCSVDialects(t *testing.T) {
	for name, test := range map[string]struct {
		in    string
		want  [][]string
		lines []int32
	}{
		"LF":                       {"a,b\n1,2\n3,4\n", [][]string{{"1", "2"}, {"3", "4"}}, []int32{2, 3}},
		"CRLF":                     {"a,b\r\n1,2\r\n3,4\r\n", [][]string{{"1", "2"}, {"3", "4"}}, []int32{2, 3}},
		"no last line end":         {"a,b\n1,2\n3,4", [][]string{{"1", "2"}, {"3", "4"}}, []int32{2, 3}},
		"TAB":                      {"a\tb\n1,5\t2\n", [][]string{{"1,5", "2"}}, []int32{2}},
		"semicolon":                {"a;b\n1,5;2\n", [][]string{{"1,5", "2"}}, []int32{2}},
		"bar":                      {"a|b\n1|2\n", [][]string{{"1", "2"}}, []int32{2}},
		"one column":               {"a\n1\n2\n", [][]string{{"1"}, {"2"}}, []int32{2, 3}},
		"doubled quotes":           {"a,b\n\"say \"\"hi\"\"\",\"\"\"\"\n", [][]string{{`say "hi"`, `"`}}, []int32{2}},
		"quoted line ends":         {"a,b\n\"x\ny\r\nz\",2\n3,4\n", [][]string{{"x\ny\r\nz", "2"}, {"3", "4"}}, []int32{2, 5}},
		"quoted delimiters":        {"a,b\n\"1,\",\",2\"\n", [][]string{{"1,", ",2"}}, []int32{2}},
		"stray quote":              {"a,b\n15\" monitor,x\n3,4\"\n", [][]string{{`15" monitor`, "x"}, {"3", `4"`}}, []int32{2, 3}},
		"text behind quotes":       {"a,b\n\"1\"2,\"3\" \n5,6\n", [][]string{{"12", "3 "}, {"5", "6"}}, []int32{2, 3}},
		"spaces before a quote":    {"a,b\n \"1\",2\n", [][]string{{` "1"`, "2"}}, []int32{2}},
		"empty quotes":             {"a,b\n\"\",\"\"x\n", [][]string{{"", "x"}}, []int32{2}},
		"blank lines":              {"a,b\n\n1,2\n\r\n3,4\n\n", [][]string{{"1", "2"}, {"3", "4"}}, []int32{3, 5}},
		"DOS end of file":          {"a,b\n1,2\n\x1a", [][]string{{"1", "2"}}, []int32{2}},
		"CR within a field":        {"a,b\n1\r1,2\n", [][]string{{"1\r1", "2"}}, []int32{2}},
		"byte order mark":          {"\xEF\xBB\xBFa,b\n1,2\n", [][]string{{"1", "2"}}, []int32{2}},
		"preamble":                 {"予約一覧\n期間,2025-04\n\na,b,c\n1,2,3\n4,5,6\n", [][]string{{"1", "2", "3"}, {"4", "5", "6"}}, []int32{5, 6}},
		"more empty fields":        {"a,b\n1,2,,\n3,4\n", [][]string{{"1", "2"}, {"3", "4"}}, []int32{2, 3}},
		"columns without a name":   {"a,b,,\n1,2\n3,4,,\n", [][]string{{"1", "2", null, null}, {"3", "4", "", ""}}, []int32{2, 3}},
		"broken UTF-8 stays apart": {"a,b\n" + strings.Repeat("京都,大阪\n", 200) + "\xE3,\x81\x82\n", append(slices.Repeat([][]string{{"京都", "大阪"}}, 200), []string{"\uFFFD", "\uFFFD\uFFFD"}), nil},
	} {
		t.Run(name, func(t *testing.T) {
			c := mustRead(t, write(t, "in.csv", []byte(test.in)), Hint{})
			if diff := cmp.Diff(test.want, c.rows); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if test.lines != nil && !slices.Equal(c.lines, test.lines) {
				t.Errorf("lines %v, want %v", c.lines, test.lines)
			}
			if len(c.faults) != 0 {
				t.Errorf("faults %v", c.faults)
			}
			if c.bytes != int64(len(test.in)) {
				t.Errorf("progress of %d bytes, want %d", c.bytes, len(test.in))
			}
		})
	}
}

func TestCSVFaults(t *testing.T) {
	in := "a,b,c\n1,2,3\n1,2\n1,2,3,4\n,,\n \"\" , ,\na,b,c\n7,8,9\n"
	f := mustOpen(t, write(t, "in.csv", []byte(in)), Hint{})
	for chunk, err := range f.Chunks([]int{2, 0, 2}) {
		if err != nil {
			t.Fatal(err)
		}
		b, err := chunk.Parse()
		if err != nil {
			t.Fatal(err)
		}
		want := []Fault{{1, 3, schemas.WrongFieldCount, ""}, {2, 4, schemas.WrongFieldCount, ""}, {3, 5, schemas.EmptyRow, ""}, {4, 6, schemas.EmptyRow, ""}, {5, 7, schemas.RepeatedHeader, ""}}
		if diff := cmp.Diff(want, b.Faults); diff != "" {
			t.Errorf("faults (-want +got):\n%s", diff)
		}
		var c contents
		c.faults = map[string]int{}
		c.add(b)
		if diff := cmp.Diff([][]string{{"3", "1", "3"}, {null, "1", null}}, c.rows[:2]); diff != "" {
			t.Errorf("columns c, a, c (-want +got):\n%s", diff)
		}
		if b.Record.Schema().Field(1).Name != "a" {
			t.Errorf("schema %v", b.Record.Schema())
		}
	}
}

// A file that ends within a row says in which column; one that lacks only the
// last line end is whole.
func TestCutOff(t *testing.T) {
	header := "予約番号,宿泊者氏名,チェックイン\n1,佐藤,2026-03-01\n"
	for name, test := range map[string]struct {
		in   string
		want []Fault
	}{
		"first column":  {header + "2", []Fault{{1, 3, schemas.CutOff, "予約番号"}}},
		"second column": {header + "2,佐", []Fault{{1, 3, schemas.CutOff, "宿泊者氏名"}}},
		"quoted":        {header + "2,\"鈴木\"", []Fault{{1, 3, schemas.CutOff, "宿泊者氏名"}}},
		"no line end":   {header + "2,鈴木,2026-03-02", nil},
		"with line end": {header + "2,鈴木\n", []Fault{{1, 3, schemas.WrongFieldCount, ""}}},
		"too many":      {header + "2,鈴木,2026-03-02,x", []Fault{{1, 3, schemas.WrongFieldCount, ""}}},
		"white space":   {header + " ", []Fault{{1, 3, schemas.EmptyRow, ""}}},
	} {
		t.Run(name, func(t *testing.T) {
			f := mustOpen(t, write(t, "in.csv", []byte(test.in)), Hint{})
			for chunk, err := range f.Chunks([]int{0, 1, 2}) {
				if err != nil {
					t.Fatal(err)
				}
				b, err := chunk.Parse()
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, b.Faults); diff != "" {
					t.Errorf("faults (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestHeader(t *testing.T) {
	for name, test := range map[string]struct {
		in   string
		hint Hint
		want []string
		rows int
	}{
		"Qualtrics": {"StartDate,Q1\nStart Date,\"Where\ndo you live?\"\n\"{\"\"ImportId\"\":\"\"startDate\"\"}\",\"{\"\"ImportId\"\":\"\"QID1\"\"}\"\n2025-01-01,x\n",
			Hint{}, []string{"StartDate", "Q1"}, 1},
		"SurveyMonkey": {"Respondent ID,How often?,What for?,,Other\n,Response,Work,Leisure,Open-Ended Response\n1,2,x,,y\n2,3,,x,\n",
			Hint{}, []string{"Respondent ID", "How often?", "What for? / Work", "What for? / Leisure", "Other"}, 2},
		"two rows by hint": {"回答者,住所,\n,県,市\n1,和歌山,田辺\n", Hint{HeaderRows: 2}, []string{"回答者", "住所 / 県", "住所 / 市"}, 1},
		"names asked for":  {"x,y\n1,2\n予約番号,チェックイン\n3,4\n", Hint{HeaderMust: []string{"予約番号", "ﾁｪｯｸｲﾝ"}}, []string{"予約番号", "チェックイン"}, 1},
		"spaces":           {"　氏名 , 住所\u00A0\n1,2\n", Hint{}, []string{"氏名", "住所"}, 1},
		"years":            {"code,2019,2020,2021\n30,1,2,3\n", Hint{}, []string{"code", "2019", "2020", "2021"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			c := mustRead(t, write(t, "in.csv", []byte(test.in)), test.hint)
			if diff := cmp.Diff(test.want, c.header); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
			if len(c.rows) != test.rows {
				t.Errorf("%d rows, want %d: %q", len(c.rows), test.rows, c.rows)
			}
		})
	}
}

// Where a chunk ends must not show in what is read: records, lines, digests,
// faults and counts are the same for chunks of a few bytes and of megabytes.
func TestChunkSizes(t *testing.T) {
	cell := rapid.SampledFrom([]string{"", "1", "京都", "\"a\"", "\"x\ny\"", "\"\"\"\"", "\"\r\n,\"", "5\" x", "\"q\"r", "a\"b\"c", " ", "ｱ"})
	path := filepath.Join(t.TempDir(), "in.csv")
	rapid.Check(t, func(t *rapid.T) {
		var in strings.Builder
		in.WriteString("h1,h2,h3\n")
		for range rapid.IntRange(1, 30).Draw(t, "rows") {
			row := rapid.SliceOfN(cell, 3, 3).Draw(t, "row")
			in.WriteString(strings.Join(row, ",") + rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "end"))
		}
		if err := os.WriteFile(path, []byte(in.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		var want contents
		for _, size := range []int{chunkBytes, 1, 7, 64} {
			f, err := Open(path, Hint{})
			if err != nil {
				t.Fatalf("%q: %v", in.String(), err)
			}
			f.reader.(*csvReader).chunkSize = size
			got, err := readAll(f)
			if err != nil {
				t.Fatalf("%q: %v", in.String(), err)
			}
			if size == chunkBytes {
				want = got
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(contents{})); diff != "" {
				t.Fatalf("%q in chunks of %d (-want +got):\n%s", in.String(), size, diff)
			}
		}
	})
}

// Chunks may be parsed in any order on any goroutine.
func TestParallelParse(t *testing.T) {
	f := mustOpen(t, write(t, "in.csv", []byte(bookings(5000))), Hint{})
	f.reader.(*csvReader).chunkSize = 10_000
	want, err := readAll(f)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	var batches []*Batch
	for chunk, err := range f.Chunks([]int{0, 10}) {
		if err != nil {
			t.Fatal(err)
		}
		batch := new(Batch)
		batches = append(batches, batch)
		group.Go(func() {
			b, err := chunk.Parse()
			if err != nil {
				t.Error(err)
			}
			*batch = b
		})
	}
	group.Wait()
	got := contents{faults: map[string]int{}}
	for _, b := range batches {
		got.add(*b)
	}
	for i, row := range got.rows {
		if row[0] != want.rows[i][0] || row[1] != want.rows[i][10] || got.digests[i] != want.digests[i] || got.lines[i] != want.lines[i] {
			t.Fatalf("row %d: %q, want %q", i, row, want.rows[i])
		}
	}
	if len(got.rows) != 5000 {
		t.Errorf("%d rows, want 5,000", len(got.rows))
	}
}

func TestEncodings(t *testing.T) {
	const table = "氏名,住所,備考\n髙橋,和歌山県田辺市,ｶﾅ\n山田,東京都,表|示\n"
	want := [][]string{{"髙橋", "和歌山県田辺市", "ｶﾅ"}, {"山田", "東京都", "表|示"}}
	sjis, _ := EncodeCP932(table)
	bars, _ := EncodeCP932(strings.NewReplacer("|", "/", ",", "|").Replace(table) + "ポ|ソ|｜\n")
	for name, test := range map[string]struct {
		in       []byte
		encoding string
	}{
		"UTF-8":              {[]byte(table), UTF8},
		"UTF-8 with mark":    {[]byte("\uFEFF" + table), UTF8},
		"UTF-16LE with mark": {utf16Bytes("\uFEFF"+table, false), UTF16LE},
		"UTF-16BE with mark": {utf16Bytes("\uFEFF"+table, true), UTF16BE},
		"UTF-16LE":           {utf16Bytes(table, false), UTF16LE},
		"UTF-16BE":           {utf16Bytes(table, true), UTF16BE},
		"CP932":              {sjis, CP932},
	} {
		f := mustOpen(t, write(t, "in.csv", test.in), Hint{})
		c, err := readAll(f)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, c.rows); diff != "" || f.Format.Encoding != test.encoding || c.replaced != 0 || c.lines[0] != 2 {
			t.Errorf("%s: %+v, %d replaced, rows (-want +got):\n%s", name, f.Format, c.replaced, diff)
		}
	}
	// In CP932 the second byte of ポ is a vertical bar.
	c := mustRead(t, write(t, "bars.csv", bars), Hint{})
	if diff := cmp.Diff([]string{"ポ", "ソ", "｜"}, c.rows[len(c.rows)-1]); diff != "" {
		t.Errorf("bars in CP932 (-want +got):\n%s", diff)
	}
}

// An export of ASCII with the first Japanese name beyond the head is CP932.
func TestLateCP932(t *testing.T) {
	in := []byte("id,name\n" + strings.Repeat("1,abcdefghijklmnopqrstuvwxyz\n", 60_000) + "2,\x8D\x82\x8B\xB4\n")
	c := mustRead(t, write(t, "in.csv", in), Hint{})
	if got := c.rows[len(c.rows)-1][1]; got != "高橋" || c.replaced != 0 {
		t.Errorf("last name %q, %d replaced", got, c.replaced)
	}
}

// One broken byte far down is counted, not lost, and costs no row.
func TestLateBrokenByte(t *testing.T) {
	in := []byte("id,name\n" + strings.Repeat("1,和歌山県\n", 100_000) + "2,高\xE6橋\n")
	c := mustRead(t, write(t, "in.csv", in), Hint{})
	if got := c.rows[len(c.rows)-1][1]; got != "高\uFFFD橋" || c.replaced != 1 || len(c.rows) != 100_001 {
		t.Errorf("last name %q, %d replaced, %d rows", got, c.replaced, len(c.rows))
	}
}

// A surrogate pair may be split between two reads, half of one is replaced.
func TestUTF16Surrogates(t *testing.T) {
	long := "a,b\n" + strings.Repeat("𠮷,x\n", 70_000)
	c := mustRead(t, write(t, "in.csv", append(utf16Bytes(long, false), 0x42, 0xD8)), Hint{Encoding: UTF16LE})
	if c.rows[69_999][0] != "𠮷" || c.replaced != 1 || c.rows[70_000][0] != "\uFFFD" {
		t.Errorf("%d replaced, last rows %q", c.replaced, c.rows[69_999:])
	}
}

func utf16Bytes(s string, big bool) []byte {
	var b []byte
	for _, r := range s {
		units := []uint16{uint16(r)}
		if r > 0xFFFF {
			r -= 0x10000
			units = []uint16{0xD800 + uint16(r>>10), 0xDC00 + uint16(r&0x3FF)}
		}
		for _, u := range units {
			if big {
				b = append(b, byte(u>>8), byte(u))
			} else {
				b = append(b, byte(u), byte(u>>8))
			}
		}
	}
	return b
}

// FuzzCSV sets the reader against encoding/csv on what encoding/csv writes.
func FuzzCSV(f *testing.F) {
	f.Add("1", "2", "3", "4", 64)
	f.Add("a\nb", "\"", "", "京都\r\n", 3)
	f.Add("x\"y", ",", ";", "\t", 1)
	f.Fuzz(func(t *testing.T, a, b, c, d string, size int) {
		text := strings.Join([]string{a, b, c, d}, "\n") // halves of a character must not meet
		if !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\x1a\x1b\uFFFD") {
			t.Skip("not text")
		}
		rows := [][]string{{"one", "two", "end"}, {a, b, "e"}, {c, d, "e"}, {a, d, "e"}}
		var in bytes.Buffer
		w := csv.NewWriter(&in)
		if err := w.WriteAll(rows); err != nil {
			t.Skip(err)
		}
		file, err := Open(write(t, "in.csv", in.Bytes()), Hint{Delimiter: ',', Encoding: UTF8, HeaderMust: []string{"one", "two", "end"}})
		if err != nil {
			t.Fatalf("%q: %v", in.String(), err)
		}
		file.reader.(*csvReader).chunkSize = max(1, size%100)
		got, err := readAll(file)
		if err != nil {
			t.Fatalf("%q: %v", in.String(), err)
		}
		if diff := cmp.Diff(rows[1:], got.rows); diff != "" {
			t.Errorf("%q (-want +got):\n%s", in.String(), diff)
		}
	})
}

// bookings is an export of n rows and 20 columns as hotels send them.
func bookings(n int) string {
	rng := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString("予約ID,予約区分,予約番号,チェックイン日,チェックアウト日,申込日,泊数,予約サイト名称,部屋タイプ名称,室数,宿泊者氏名,宿泊者氏名カタカナ,電話番号,郵便番号,住所1,メールアドレス,会員番号,大人人数計,子供人数計,料金合計額\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,予約,RY%09d,2025/%02d/%02d,2025/%02d/%02d,2025/01/01,%d,楽天トラベル,和室１０畳,1,山田 太郎,ヤマダ タロウ,090%08d,%07d,和歌山県西牟婁郡白浜町%d,guest%d@example.jp,M%06d,2,1,%d\n",
			i, rng.IntN(1e9), 1+rng.IntN(12), 1+rng.IntN(28), 1+rng.IntN(12), 1+rng.IntN(28), 1+rng.IntN(5), rng.IntN(1e8), rng.IntN(1e7), rng.IntN(3000), rng.IntN(1e6), rng.IntN(1e6), rng.IntN(1e5))
	}
	return b.String()
}

func BenchmarkCSV(b *testing.B) {
	utf := bookings(100_000)
	sjis, _ := EncodeCP932(utf)
	lines := strings.Split(strings.TrimSuffix(utf, "\n"), "\n")
	quoted := "\"" + strings.ReplaceAll(strings.Join(lines, "\"\n\""), ",", "\",\"") + "\"\n"
	quoted = strings.ReplaceAll(quoted, "\n\"\"", "\n\"")
	for _, in := range []struct {
		name string
		text []byte
	}{{"utf8", []byte(utf)}, {"cp932", sjis}, {"quoted", []byte(quoted)}} {
		f := mustOpen(b, write(b, "in.csv", in.text), Hint{})
		columns := make([]int, len(f.Header))
		for i := range columns {
			columns[i] = i
		}
		b.Run(in.name+"/cut", func(b *testing.B) {
			b.SetBytes(int64(len(in.text)))
			for b.Loop() {
				for chunk, err := range f.Chunks(columns) {
					if err != nil {
						b.Fatal(err)
					}
					giveBuffer(chunk.(*csvChunk).block.data)
				}
			}
		})
		b.Run(in.name+"/parse", func(b *testing.B) {
			b.SetBytes(int64(len(in.text)))
			b.ReportAllocs()
			for b.Loop() {
				rows := int64(0)
				for chunk, err := range f.Chunks(columns) {
					if err != nil {
						b.Fatal(err)
					}
					batch, err := chunk.Parse()
					if err != nil {
						b.Fatal(err)
					}
					rows += batch.Record.NumRows()
					batch.Record.Release()
				}
				if rows != 100_000 {
					b.Fatal(rows)
				}
			}
		})
	}
}
