package ingest

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

// readOrRefused holds a file to what every file is: read, or refused.
func readOrRefused(t *testing.T, in []byte) {
	t.Helper()
	file, err := Open(write(t, "in", in), Hint{MaxBytes: 1 << 24})
	if err == nil {
		_, err = readAll(file)
		file.Close()
	}
	if _, refused := err.(*Refusal); err != nil && !refused {
		t.Errorf("error %T %v, want a refusal", err, err)
	}
}

// FuzzXLSX: whatever the parts of a workbook say, it is read or refused.
func FuzzXLSX(f *testing.F) {
	for _, seed := range [][2]string{
		{headOfSheet + `<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" s="1"><v>46143.5</v></c></row>`, "<si><t>山田</t><rPh sb='0' eb='2'><t>ヤマダ</t></rPh></si>"},
		{headOfSheet + `<row><c><v>1</v></c><c t="b"><v>1</v></c></row><row r="9" x="y"/>`, "<si><r><t>a</t></r><r><t>b</t></r></si>"},
		{headOfSheet + `<row r="2"><c r="XFD2" t="str"><f>A1</f><v>_x000D_</v></c><c r="A" t="e"><v>#N/A</v></c></row>`, ""},
		{headOfSheet + `<row r="-1"><c r="2" t="s"><v>-1</v></c></row><mergeCell ref="A1:B1"/>`, "<si/>"},
		{headOfSheet + `<row r="2"><c t="n"><v>1e400</v></c><c t="d"><v>2026-05-01T00:00:00</v></c></row>`, "<!-- -->"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, rows, texts string) { readOrRefused(t, xlsxOf(t, rows, texts)) })
}

// FuzzZip: whatever an archive has in it, one table is read or it is refused.
func FuzzZip(f *testing.F) {
	f.Add(zipped(f, member{"a.csv", small}))
	f.Add(zipped(f, member{"a.xml", "<AllotmentBookingReport><a>1</a></AllotmentBookingReport>"}, member{"b.xml", "<AllotmentBookingReport><b>2</b></AllotmentBookingReport>"}))
	f.Add(xlsxOf(f, headOfSheet+rowWith(2, "A", "1"), "<si><t>a</t></si>"))
	f.Add(zipped(f, member{"../a.csv", small}))
	f.Add(manyMembers(f, 3))
	f.Fuzz(readOrRefused)
}

// FuzzParquet: whatever the bytes of a Parquet file, it is read or refused.
func FuzzParquet(f *testing.F) {
	f.Add(parquetOf(f, []string{"a", "b"}))
	f.Add(parquetOf(f, nil))
	f.Fuzz(readOrRefused)
}

// FuzzJSONLines: whatever follows the first object, the file is read or refused,
// and every line but blank ones is a record.
func FuzzJSONLines(f *testing.F) {
	for _, seed := range []string{`{"a":2}`, "", "{", `{"a":{"b":[1,{"c":null}]}}`, `{"a":"\ud800"}`, strings.Repeat("[", 20_000), `{"":1,"":2}`, "{\"a\":1}\r\n\r\n{\"a\":1e999}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, rest string) { readOrRefused(t, []byte("{\"a\":1,\"b\":\"x\"}\n"+rest)) })
}

// FuzzEncodings: text in any encoding becomes valid UTF-8, the same in one
// piece as in two, and what CP932 can write it reads.
func FuzzEncodings(f *testing.F) {
	for _, seed := range []string{"a\x81", "\x83\x7C|1\n", "\xFF\xFEa\x00", "\xD8\x00\xDC\x00", "\xF0\x40\x00\xA0", "髙﨑①", "\x80\xFD\xFE\xFF"} {
		f.Add([]byte(seed), 1)
	}
	f.Fuzz(func(t *testing.T, in []byte, cut int) {
		cut = max(0, min(cut, len(in)))
		for name, decode := range map[string]func(dst, src []byte, last bool) ([]byte, int){
			CP932: decodeCP932, UTF16LE: newTranscoder(nil, UTF16LE).decode, UTF16BE: newTranscoder(nil, UTF16BE).decode,
		} {
			whole, n := decode(nil, in, true)
			if !utf8.Valid(whole) || n != len(in) {
				t.Errorf("%s: %d bytes of %d become %q", name, n, len(in), whole)
			}
			first, n := decode(nil, in[:cut], false)
			parts, _ := decode(first, in[n:], true)
			if !bytes.Equal(whole, parts) {
				t.Errorf("%s: whole %q, cut at %d %q", name, whole, cut, parts)
			}
		}
		if text := string(in); utf8.ValidString(text) {
			if b, ok := EncodeCP932(text); ok && DecodeCP932(string(b)) != text {
				t.Errorf("CP932 writes %q and reads %q", text, DecodeCP932(string(b)))
			}
		}
	})
}

// FuzzNumberFormats: whatever a format and a number, a cell has a text, and a
// plain number reads as that number.
func FuzzNumberFormats(f *testing.F) {
	for _, seed := range []string{"yyyy/mm/dd", `[$-411]ggge"年"m"月"d"日"`, "[h]:mm", "General", `"x`, "[", "\\", "0.00E+00;[Red]h"} {
		f.Add(14, seed, 46143.5)
	}
	f.Fuzz(func(t *testing.T, id int, code string, x float64) {
		formats := cellFormats{kinds: []int{isoFormat(id, code)}}
		if text := formats.number(x, 0); text == "" || !utf8.ValidString(text) {
			t.Errorf("format %d %q: %v is %q", id, code, x, text)
		}
	})
}

// FuzzKey: whatever the text, it is a key of the length that keys have or refused.
func FuzzKey(f *testing.F) {
	for _, seed := range []string{"", "kankei-key-1", strings.Repeat("0", 64), strings.Repeat("é", 40), "kankei-key-1:" + strings.Repeat("A", 43)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		key, err := ParseKey(text)
		if err == nil && len(key) < 16 {
			t.Errorf("%q is a key of %d bytes", text, len(key))
		}
		if err != nil && len(strings.TrimSpace(text)) >= minKeyBytes && strings.Contains(err.Error(), strings.TrimSpace(text)) {
			t.Errorf("the error tells the key: %v", err)
		}
	})
}

// FuzzCountry: whatever the text, it is a country of two letters or none.
func FuzzCountry(f *testing.F) {
	for _, seed := range []string{"日本", "Japan", "ＪＰ", "KOR", "", "台湾", "the Netherlands"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if code := Country(s); code != "" && len(code) != 2 {
			t.Errorf("Country(%q) = %q", s, code)
		}
	})
}
