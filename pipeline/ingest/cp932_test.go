package ingest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/text/encoding/japanese"
)

// pythonCP932 reads testdata/cp932.txt.gz, which testdata/cp932.py writes.
func pythonCP932(t *testing.T) map[string]string {
	t.Helper()
	f, err := os.Open("testdata/cp932.txt.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	gz, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]string{}
	for lines := bufio.NewScanner(gz); lines.Scan(); {
		var code string
		var r rune
		if _, err := fmt.Sscanf(lines.Text(), "%s %X", &code, &r); err != nil {
			t.Fatal(err)
		}
		codes[unhex(t, code)] = string(r)
	}
	if len(codes) != 256-60+9604 {
		t.Fatalf("%d codes in the table of Python", len(codes))
	}
	return codes
}

func unhex(t *testing.T, s string) string {
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// everyCode gives the 256 codes of one byte and the 65,536 of two.
func everyCode(yield func(code string) bool) {
	for a := range 256 {
		if !yield(string([]byte{byte(a)})) {
			return
		}
	}
	for a := range 65536 {
		if !yield(string([]byte{byte(a >> 8), byte(a)})) {
			return
		}
	}
}

// Every code decodes as in Python, and what Python does not decode is not one
// character here. Differences: none.
func TestCP932DecodesAsPython(t *testing.T) {
	want := pythonCP932(t)
	for code := range everyCode {
		got := DecodeCP932(code)
		if p, ok := want[code]; ok && got != p {
			t.Errorf("% X decodes to %q, Python's to %q", code, got, p)
		} else if !ok && len([]rune(got)) == 1 && got != "\uFFFD" {
			t.Errorf("% X decodes to %q, not in Python", code, got)
		}
	}
}

// Decoding what the encoder made of decoded text gives the text again. Of
// several codes Windows' encoder takes IBM's (FA–FC), Python's NEC's (ED, EE).
func TestCP932RoundTrip(t *testing.T) {
	for code := range pythonCP932(t) {
		decoded := DecodeCP932(code)
		encoded, ok := EncodeCP932(decoded)
		if again := DecodeCP932(string(encoded)); !ok || again != decoded {
			t.Errorf("% X decodes to %q, encoded (% X, %v) and decoded again to %q", code, decoded, encoded, ok, again)
		}
	}
	for s, want := range map[string]string{"髙": "\xFB\xFC", "㈱": "\x87\x8A", "￢": "\x81\xCA", "∵": "\x81\xE6", "Ⅰ": "\x87\x54", "ⅰ": "\xFA\x40"} {
		if got, ok := EncodeCP932(s); !ok || string(got) != want {
			t.Errorf("%s encodes to % X, want % X", s, got, want)
		}
	}
	// Characters that look like ones of CP932, and are not.
	for _, s := range []string{"〜", "−", "¥", "㋿", "𠮷"} {
		if b, ok := EncodeCP932(s); ok {
			t.Errorf("%s encodes to % X", s, b)
		}
	}
}

// What our own table is for: x/text decodes bytes that mean nothing to U+FFFD
// without an error, and 398 of the pairs it decodes encode to others.
func TestXTextShiftJIS(t *testing.T) {
	out, err := japanese.ShiftJIS.NewDecoder().Bytes([]byte("\x81\x20\xEB\xBF"))
	if err != nil || !bytes.ContainsRune(out, '\uFFFD') {
		t.Errorf("x/text decodes nonsense to %q with error %v", out, err)
	}
	differ := 0
	for code := range everyCode {
		text, err := japanese.ShiftJIS.NewDecoder().String(code)
		if err != nil || strings.ContainsRune(text, '\uFFFD') || len([]rune(text)) != 1 || len(code) == 1 || code[0] < 0x80 {
			continue
		}
		if back, err := japanese.ShiftJIS.NewEncoder().String(text); err != nil || back != code {
			differ++
		}
	}
	if differ != 398 {
		t.Errorf("%d codes do not encode back, want 398", differ)
	}
}

// U+FFFD is counted for every character lost, and ASCII after a broken lead
// byte stays: a delimiter must not vanish.
func TestCP932Replaced(t *testing.T) {
	for in, want := range map[string]struct {
		text     string
		replaced int64
	}{
		"\x8D\x82\x8B\xB4":         {"高橋", 0},
		"\xFB\xFC\x87\x8A\xED\x95": {"髙㈱﨑", 0},
		"\x81\x60\x81\x7C":         {"～－", 0},
		"\xB1\xB2a":                {"ｱｲa", 0},
		"\xF0\x40":                 {"\uE000", 0},
		"\x81,b":                   {"\uFFFD,b", 1},
		"a\x81":                    {"a\uFFFD", 1},
		"\xEB\xBFa\x85\x80":        {"\uFFFDa\uFFFD", 2},
	} {
		got, replaced := cp932Table().appendText(nil, []byte(in))
		if string(got) != want.text || replaced != want.replaced {
			t.Errorf("% X decodes to %q with %d replaced, want %q with %d", in, got, replaced, want.text, want.replaced)
		}
	}
}

func BenchmarkDecodeCP932(b *testing.B) {
	in, _ := EncodeCP932(strings.Repeat("和歌山県西牟婁郡白浜町1-2 ｼﾗﾊﾏ ", 1000))
	dst := make([]byte, 0, 4*len(in))
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		cp932Table().appendText(dst, in)
	}
}
