package ingest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/japanese"

	"github.com/kankei/kankei/schemas"
)

const telegramText = `<?xml version="1.0" encoding="%s"?>
<s:Envelope xmlns:s="x"><s:Body>
<AllotmentBookingReport><A>予約</A><B kind="k"><C> 1 </C><C/><C>2 &amp; 3</C></B><D></D></AllotmentBookingReport>
<Other><A>not read</A></Other>
<AllotmentBookingReport><B><E>
x</E></B></AllotmentBookingReport></s:Body></s:Envelope>`

func encodeCP932(t *testing.T, s string) []byte {
	t.Helper()
	b, err := japanese.ShiftJIS.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Two records in one document, whatever its encoding is and is said to be.
func TestTelegrams(t *testing.T) {
	utf8 := strings.Replace(telegramText, "%s", "UTF-8", 1)
	sjis := strings.Replace(telegramText, "%s", "Shift_JIS", 1)
	for name, content := range map[string][]byte{
		"UTF-8":              []byte(utf8),
		"UTF-8 with mark":    []byte("\xEF\xBB\xBF" + utf8),
		"UTF-8 called CP932": []byte(sjis),
		"CP932":              encodeCP932(t, sjis),
		"CP932 called UTF-8": encodeCP932(t, utf8),
		"UTF-16":             append([]byte("\xFF\xFE"), utf16Bytes(utf8, false)...),
		"gzip":               gzipped(utf8),
		"zip":                zipped(t, member{"a/b.xml", utf8}),
	} {
		t.Run(name, func(t *testing.T) {
			f := mustOpen(t, write(t, "a.csv", content), Hint{})
			c, err := readAll(f)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"A", "B.C", "D", "B.E"}, c.header); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
			want := [][]string{{"予約", "1;2 & 3", "", null}, {null, null, null, "x"}}
			if diff := cmp.Diff(want, c.rows); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]int32{3, 5}, c.lines); diff != "" || f.Format.Kind != XML {
				t.Errorf("kind %s, lines (-want +got):\n%s", f.Format.Kind, diff)
			}
		})
	}
}

func telegramOf(text string) string {
	return "<AllotmentBookingReport>" + text + "</AllotmentBookingReport>"
}

// The documents of an archive are one file in the order of their names; one that
// is damaged costs only itself.
func TestArchiveOfTelegrams(t *testing.T) {
	one, two, bad := member{"r/2.xml", telegramOf("<A>2</A>")}, member{"r/10.XML", telegramOf("<B>1</B>")}, member{"r/3.xml", "<AllotmentBookingReport><A>"}
	for _, members := range [][]member{{one, two, bad}, {bad, two, one}} {
		path := write(t, "a.zip", zipped(t, members...))
		c := mustRead(t, path, Hint{})
		if diff := cmp.Diff([]string{"B", "A"}, c.header); diff != "" {
			t.Errorf("header (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([][]string{{"1", null}, {null, "2"}, {null, null}}, c.rows); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]int32{1, 2, 3}, c.lines); diff != "" || c.faults[schemas.Undecodable] != 1 {
			t.Errorf("faults %v, lines (-want +got):\n%s", c.faults, diff)
		}
		if digest, err := ContentDigest(path); err != nil || digest != digestOf([]byte(two.content+one.content+bad.content)) {
			t.Errorf("content digest %s, %v, want that of the documents in order", digest, err)
		}
	}
}

func TestRefusedTelegrams(t *testing.T) {
	deep := strings.Repeat("<a>", telegramDepth) + strings.Repeat("</a>", telegramDepth)
	for name, test := range map[string]struct {
		in     []byte
		reason string
		line   int
	}{
		"cut short":          {[]byte("<AllotmentBookingReport>\n<A>1</A>\n"), Unreadable, 3},
		"too deep":           {[]byte(telegramOf(deep)), Unreadable, 1},
		"entities":           {[]byte("<!DOCTYPE a [<!ENTITY b 'c'>]>\n" + telegramOf("<A>&b;</A>")), Unreadable, 2},
		"no element":         {[]byte("<!-- AllotmentBookingReport --><a/>"), NoHeader, 1},
		"too large":          {gzipped(telegramOf("<A>" + strings.Repeat("1", telegramMax) + "</A>")), TooLarge, 0},
		"other XML":          {[]byte("<?xml version='1.0'?><a/>"), HTML, 0},
		"archive of no use":  {zipped(t, member{"a.xml", "<a/>"}, member{"b.xml", "<a/>"}), HTML, 0},
		"archive of damaged": {zipped(t, member{"a.xml", "<AllotmentBookingReport>"}, member{"b.xml", "<a/>"}), NoHeader, 1},
	} {
		t.Run(name, func(t *testing.T) {
			if r := refusalOf(t, write(t, "a.xml", test.in), Hint{}); r.Reason != test.reason || r.Line != test.line {
				t.Errorf("refused for %s on line %d, want %s on %d: %v", r.Reason, r.Line, test.reason, test.line, r)
			}
		})
	}
}

// FuzzTelegrams: whatever a document holds, its records have a text for every path.
func FuzzTelegrams(f *testing.F) {
	f.Add([]byte(telegramText))
	f.Add([]byte(telegramOf("<A>1</A><A>2</A>")))
	f.Add([]byte(telegramOf(telegramOf("<A/>"))))
	f.Add([]byte("\xFF\xFE<\x00A\x00"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		in := &input{path: "none", name: "a.xml", size: int64(len(doc))}
		found, err := in.telegrams(doc)
		if err != nil {
			return
		}
		for _, r := range found.records {
			if len(r.names) != len(r.texts) || r.line < 1 {
				t.Errorf("%+v", r)
			}
		}
	})
}
