package ingest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
)

func day(t *testing.T, s string) opt[schemas.Date] {
	t.Helper()
	if s == "" {
		return opt[schemas.Date]{}
	}
	d, err := schemas.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return some(d)
}

func TestCompleteStay(t *testing.T) {
	nights := func(n int32) opt[int32] { return some(n) }
	for _, c := range []struct {
		name    string
		in, out string
		nights  opt[int32]
		until   string
		want    fault
	}{
		{"both dates", "2025-05-03", "2025-05-05", opt[int32]{}, "2025-05-05", fault{}},
		{"nights only", "2025-05-31", "", nights(2), "2025-06-02", fault{}},
		{"all agree", "2025-05-03", "2025-05-05", nights(2), "2025-05-05", fault{}},
		{"nights disagree", "2025-05-03", "2025-05-05", nights(3), "", fault{"nights", schemas.NightsDisagree}},
		{"reversed", "2025-05-05", "2025-05-03", opt[int32]{}, "", fault{"check_out", schemas.DatesReversed}},
		{"no arrival", "", "2025-05-03", nights(1), "", fault{"check_in", schemas.MissingValue}},
		{"no end", "2025-05-03", "", opt[int32]{}, "", fault{"check_out", schemas.MissingValue}},
	} {
		d := draft{on: day(t, c.in), until: day(t, c.out), nights: c.nights}
		if got := completeStay(&d); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		} else if c.until != "" && d.until != day(t, c.until) {
			t.Errorf("%s: until %v, want %s", c.name, d.until.v, c.until)
		}
	}
}

// A state in words the mapping does not know must not pass for a booking.
func TestUnknownStatusIsRefused(t *testing.T) {
	for _, field := range []string{"status: 状態", "status: {column: 状態, values: {ok: booked}}"} {
		text := strings.Replace(smallMapping, "status: {column: 状態, values: {ok: booked, ng: cancelled}, default: reject}", field, 1)
		m, err := LoadMapping([]byte(text), "small.yaml")
		if err != nil {
			t.Fatal(err)
		}
		job := smallJob(t, "番号,到着,泊,状態,氏名\n1,2025-05-03,2,取り消し済,\n")
		job.Mapping = m
		if report := mustLand(t, job); report.Rejected[schemas.UnknownCode] != 1 {
			t.Errorf("%s: rejected %v, want one unknown_code", field, report.Rejected)
		}
	}
}

// A line of totals under the list is told apart from a bad record.
func TestFooterIsRejectedAsSuch(t *testing.T) {
	job := smallJob(t, "番号,到着,泊,状態,氏名\n1,2025-05-03,2,ok,\n合計,,2,,\n2,,2,ok,\n")
	report := mustLand(t, job)
	if report.Rejected[schemas.FooterRow] != 1 || report.Rejected[schemas.MissingValue] != 1 {
		t.Errorf("rejected %v, want a footer and a missing value", report.Rejected)
	}
}

// A file that ends within a row says where; a line of totals of fewer fields,
// without a line end, is no such row.
func TestCutOffIsTold(t *testing.T) {
	for last, want := range map[string]*Cut{"2,2025-05": {3, "到着"}, "合計": nil, "2,2025-05-03,2,ok,": nil} {
		job := smallJob(t, "番号,到着,泊,状態,氏名\n1,2025-05-03,2,ok,\n"+last)
		report := mustLand(t, job)
		if diff := cmp.Diff(want, report.Cut); diff != "" {
			t.Errorf("%s (-want +got):\n%s", last, diff)
		}
		for _, r := range landedRows[schemas.Reject](t, job, "rejects") {
			if want != nil && (r.Line != 3 || r.Column != "到着" || r.Reason != schemas.CutOff || r.Found != "") || want == nil && r.Reason != schemas.FooterRow {
				t.Errorf("%s: rejected %+v", last, r)
			}
		}
	}
}

// One byte of a file in CP932 is broken: the record is refused at its line and
// column and names nobody; broken remarks, which are not read, cost nothing.
func TestBrokenByteIsRefusedAtItsLineAndColumn(t *testing.T) {
	text, _ := EncodeCP932("番号,到着,泊,状態,氏名,備考\n1,2025-05-03,2,ok,高橋 太郎,窓側\n2,2025-05-03,2,ok,高橋 花子,窓側\n3,2025-05-03,1,ok,山田 次郎,窓側\n" +
		strings.Repeat("4,2025-05-04,1,ok,山田 次郎,窓側\n", 200)) // among few characters two broken ones speak for another encoding
	lines := bytes.Split(text, []byte("\n"))
	lines[2] = bytes.Replace(lines[2], []byte("\x8D\x82"), []byte("\x8D\x20"), 1) // 高 loses its second byte
	lines[3] = bytes.Replace(lines[3], []byte("\x91\x8B"), []byte("\xFC\xFC"), 1) // so does 窓, in the remarks
	job := smallJob(t, "")
	job.Path = write(t, "broken.csv", bytes.Join(lines, []byte("\n")))
	report := mustLand(t, job)
	if report.Format.Encoding != CP932 || report.RowsLanded != 202 {
		t.Errorf("%s: %d landed, want cp932 and 202", report.Format.Encoding, report.RowsLanded)
	}
	rejects := landedRows[schemas.Reject](t, job, "rejects")
	if len(rejects) != 1 || rejects[0].Line != 3 || rejects[0].Column != "氏名" || rejects[0].Reason != schemas.Undecodable || strings.ContainsAny(rejects[0].Found, "橋花子") {
		t.Errorf("rejected %+v, want line 3, 氏名, undecodable and no name", rejects)
	}
}

// Where too much is broken for the encoding to be told, the first byte is named.
func TestUnknownEncodingNamesTheFirstByte(t *testing.T) {
	r := refusalOf(t, write(t, "broken.csv", []byte("番号,氏名\n1,山田\n2,\xFF\xFE\xFF\xFA\n3,\xFF\xFF\xFF\n")), Hint{Name: "exports/broken.csv"})
	if r.Reason != WrongEncoding || r.Line != 3 || !strings.HasPrefix(r.Message("en"), "exports/broken.csv:3: a text in no encoding known here (byte 3 of the line)") {
		t.Errorf("%s: %s", r.Reason, r.Message("en"))
	}
}

func TestBookingStatus(t *testing.T) {
	one, two := some(schemas.Date(20000)), some(schemas.Date(20001))
	for _, c := range []struct {
		name string
		d    draft
		want string
	}{
		{"none given", draft{on: one, until: two}, schemas.Booked},
		{"no night", draft{on: one, until: one}, schemas.DayUse},
		{"day use booked as a night", draft{on: one, until: two, dayUse: some(true)}, schemas.DayUse},
		{"a plan with a bath by day, two nights", draft{on: one, until: some(schemas.Date(20002)), dayUse: some(true)}, schemas.Booked},
		{"a column of its own cancels", draft{on: one, until: two, status: schemas.Booked, cancelled: true}, schemas.Cancelled},
		{"rooms off sale are no booking to cancel", draft{on: one, until: two, status: schemas.Blocked, cancelled: true}, schemas.Blocked},
		{"asked for", draft{on: one, until: two, status: schemas.Requested}, schemas.Requested},
		{"cancelled day use", draft{on: one, until: one, status: schemas.Cancelled}, schemas.Cancelled},
		{"date of cancellation", draft{on: one, until: two, status: schemas.Booked, cancelledOn: one}, schemas.Cancelled},
		{"no-show with a fee", draft{on: one, until: two, status: schemas.NoShow, cancelledOn: one}, schemas.NoShow},
		{"changed", draft{on: one, until: two, status: schemas.Changed}, schemas.Changed},
	} {
		if got := bookingStatus(&c.d); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestHome(t *testing.T) {
	w := &worker{job: &Job{Regions: reference.Load()}}
	for _, c := range []struct {
		name          string
		home          place
		country       string
		code, zip, at string
	}{
		{"prefecture and municipality", place{prefecture: "和歌山県", municipality: "白浜町"}, "", "30401", "", "JP"},
		{"address", place{address: "大阪府大阪市北区梅田1-1"}, "", "27127", "", "JP"},
		{"address refines the prefecture", place{prefecture: "大阪府", address: "大阪府堺市堺区1"}, "", "27141", "", "JP"},
		{"postcode refines the prefecture", place{prefecture: "京都府", postcode: "600-8216"}, "", "26106", "60082", "JP"},
		{"postcode of another prefecture", place{prefecture: "大阪府", postcode: "600-8216"}, "", "27000", "60082", "JP"},
		{"postcode within the address", place{address: "〒640-8033 和歌山県和歌山市1"}, "", "30201", "64080", "JP"},
		{"postcode without its zero", place{postcode: "600001"}, "", "01101", "06000", "JP"},
		{"code", place{code: "13101"}, "", "13101", "", "JP"},
		{"abroad", place{address: "1 High St"}, "GBR", "abroad", "", "GB"},
		{"nothing", place{}, "", "unknown", "", ""},
		{"country only", place{}, "日本", "unknown", "", "JP"},
	} {
		got := w.home(&draft{home: c.home, country: c.country}, w.job.Regions.Settled())
		if want := (schemas.Residence{ResidenceCode: c.code, Postcode: c.zip, OriginCountry: c.at}); got != want {
			t.Errorf("%s: %+v, want %+v", c.name, got, want)
		}
	}
}

// The region of a booking is the record's own, else that of its facility by the
// source's table or the frame, else the source's.
func TestRegionOfBooking(t *testing.T) {
	const header = "番号,到着,泊,状態,氏名\n"
	for _, c := range []struct {
		name      string
		overrides Overrides
		region    string
		facility  string
	}{
		{"the source's", Overrides{Region: "30401"}, "30401", ""},
		{"the facility's, by the frame", Overrides{Facility: "青凪荘", Frame: map[string]string{"青凪荘": "30206"}}, "30206", "青凪荘"},
		{"the facility's, by the source", Overrides{Facility: "青凪荘", Facilities: map[string]string{"青凪荘": "30401"}, Region: "30000"}, "30401", "青凪荘"},
		{"of an unknown facility", Overrides{Facility: "どこか", Region: "30000"}, "30000", "どこか"},
	} {
		job := smallJob(t, header+"1,2025-05-03,1,ok,\n")
		job.Overrides = c.overrides
		mustLand(t, job)
		if b := landedRows[schemas.Booking](t, job, "booking")[0]; b.RegionCode != c.region || b.Facility != c.facility {
			t.Errorf("%s: region %s of %q, want %s of %q", c.name, b.RegionCode, b.Facility, c.region, c.facility)
		}
	}
	job := smallJob(t, header+"1,2025-05-03,1,ok,\n")
	job.Overrides = Overrides{}
	if report := mustLand(t, job); report.Rejected[schemas.UnknownRegion] != 1 {
		t.Errorf("rejected %v, want one unknown_region", report.Rejected)
	}
}

// A row of a house that no frame has says which house, so that somebody can add it.
func TestHouseWithoutRegion(t *testing.T) {
	job := testJob(t, "temairazu", "testdata/landing/temairazu.csv")
	job.Overrides = Overrides{Frame: map[string]string{"よその宿": "30206"}}
	mustLand(t, job)
	for _, r := range landedRows[schemas.Reject](t, job, "rejects") {
		if r.Reason == schemas.UnknownRegion && r.Column == "施設名" && r.Found != "" {
			return
		}
	}
	t.Error("no rejected row names its house")
}

func TestCountry(t *testing.T) {
	for text, want := range map[string]string{
		"PRT": "PT", "GBR": "GB", "CN": "CN", "jp": "JP", "JPN": "JP", "Japan": "JP", "日本": "JP", "中国": "CN", "韓国": "KR", "台湾": "TW",
		"米国": "US", "アメリカ合衆国": "US", "United States": "US", "USA": "US", "UK": "GB", "Hong Kong": "HK", "フランス": "FR", "TMP": "TL",
		"South Korea": "KR", "": "", "NULL": "", "xx": "", "EU": "", "大阪": "", "ZZ": "", "タイ": "TH", "Côte d’Ivoire": "CI",
	} {
		if got := Country(text); got != want {
			t.Errorf("Country(%q) = %q, want %q", text, got, want)
		}
	}
	// Every country that the hotel export names, by its alpha-3 code, is one.
	if n := len(countries()); n < 4*240 {
		t.Errorf("%d names of countries", n)
	}
}

func TestReadPeriod(t *testing.T) {
	for _, c := range []struct{ text, first, last string }{
		{"2011-01", "2011-01-01", "2011-01-31"}, {"2024年2月", "2024-02-01", "2024-02-29"}, {"202412", "2024-12-01", "2024-12-31"}, {"2024/3", "2024-03-01", "2024-03-31"},
		{"2021", "2021-01-01", "2021-12-31"}, {"２０２１年", "2021-01-01", "2021-12-31"}, {"2021年度", "2021-04-01", "2022-03-31"}, {"FY2021", "2021-04-01", "2022-03-31"},
		{"令和6年", "2024-01-01", "2024-12-31"}, {"令和6年度", "2024-04-01", "2025-03-31"}, {"R6.10", "2024-10-01", "2024-10-31"}, {"㋿６年１０月", "2024-10-01", "2024-10-31"},
		{"平成31年度", "2019-04-01", "2020-03-31"}, {"令和元年度", "2019-04-01", "2020-03-31"}, {"平成31年", "2019-01-01", "2019-12-31"}, {"平成31年4月", "2019-04-01", "2019-04-30"},
		{"昭和60年", "1985-01-01", "1985-12-31"}, {"平成31年5月", "", ""}, {"令和元年4月", "", ""}, {"平成32年", "", ""}, {"R6.10.1", "", ""},
		{"2024-13", "", ""}, {"2024-05-03", "", ""}, {"春", "", ""}, {"2021年度1月", "", ""},
	} {
		first, last, ok := readPeriod(c.text)
		if ok != (c.first != "") || ok && (first.String() != c.first || last.String() != c.last) {
			t.Errorf("%s: %s to %s, %v; want %s to %s", c.text, first, last, ok, c.first, c.last)
		}
	}
}

func TestPostcode5(t *testing.T) {
	for text, want := range map[string]string{
		"640-8033": "64080", "〒６４０－８０３３": "64080", "6408033": "64080", "600001": "06000", "64080": "64080", "640": "", "": "", "123456789": "",
	} {
		if got := postcode5(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestPresentable(t *testing.T) {
	for _, c := range []struct {
		text string
		kind valueKind
		want bool
	}{
		{"2025/13/45", dateValue, true}, {"03 Octember 2026", dateValue, true}, {"令和99年5月", dateValue, true}, {"未定", dateValue, true},
		{"山田 太郎", dateValue, false}, {"Smith", dateValue, false}, {"090-8765-4321", dateValue, false}, {"和歌山市1-2", countValue, false},
		{"-2", countValue, true}, {"2名", countValue, true}, {"a@b.jp", codeValue, false}, {"+81 90 1234 5678", codeValue, false},
		{"仮押さえ", codeValue, true}, {strings.Repeat("長", 41), codeValue, false},
	} {
		if got := presentable(c.text, c.kind); got != c.want {
			t.Errorf("presentable(%q) = %v, want %v", c.text, got, c.want)
		}
	}
}

// Whatever stands in the cells of an export, every record is landed or rejected.
func FuzzLand(f *testing.F) {
	f.Add("1,2025-05-03,2,ok,山田 太郎")
	f.Add("\"1\n2\",令和7年5月3日,２泊,NG,")
	f.Add(",,,,\n合計,,2,,")
	f.Add("1,03/04/2025,-1,ok,a@b.jp\n1,2025-05-03,99999999999,,")
	m, err := LoadMapping([]byte(smallMapping), "small.yaml")
	if err != nil {
		f.Fatal(err)
	}
	job := testJob(f, "neppan", "")
	job.Mapping, job.Overrides.Region = m, "30401"
	f.Fuzz(func(t *testing.T, rows string) {
		job := job
		job.Path, job.Out = writeFile(t, "fuzz.csv", "番号,到着,泊,状態,氏名\n"+rows+"\n"), t.TempDir()
		report, err := Land(context.Background(), job)
		if refusal := new(Refusal); err != nil && !errors.As(err, &refusal) {
			t.Fatal(err)
		}
		if report.RowsIn != report.RowsLanded+report.RowsRejected || report.Landed["booking"] != report.RowsLanded {
			t.Errorf("%d in, %d landed, %d rejected, rows %v", report.RowsIn, report.RowsLanded, report.RowsRejected, report.Landed)
		}
	})
}

// The bytes of a landing are those of one thread, whatever the number.
func TestLandingDoesNotDependOnThreads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bookings.csv")
	rows := 60_000
	if testing.Short() {
		rows = 20_000
	}
	writeBookings(t, path, rows)
	var want map[string]string
	for _, threads := range []int{1, 2, 8} {
		job := testJob(t, "neppan", path)
		job.Overrides.Region, job.Threads = "30401", threads
		var progress int64
		job.Progress = func(_, bytes int64) { progress = bytes }
		mustLand(t, job)
		got := map[string]string{}
		for _, name := range []string{"booking.parquet", "rejects.parquet", "report.json"} {
			content, err := os.ReadFile(filepath.Join(job.Out, name))
			if err != nil {
				t.Fatal(err)
			}
			got[name] = string(content)
		}
		if info, err := os.Stat(path); err != nil || progress != info.Size() {
			t.Errorf("progress ended at %d bytes of %d, error %v", progress, info.Size(), err)
		}
		for name := range got {
			if want != nil && got[name] != want[name] {
				t.Errorf("%s differs on %d threads", name, threads)
			}
		}
		want = got
	}
}

func TestLandStopsWhenInterrupted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bookings.csv")
	writeBookings(t, path, 30_000)
	job := testJob(t, "neppan", path)
	job.Overrides.Region = "30401"
	ctx, stop := context.WithCancel(context.Background())
	job.Progress = func(int64, int64) { stop() }
	stop()
	if _, err := Land(ctx, job); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	if _, err := os.Stat(filepath.Join(job.Out, "report.json")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a report stands beside an interrupted landing: %v", err)
	}
}

func TestDeliveryKey(t *testing.T) {
	m, _ := Builtin("neppan")
	other, _ := Builtin("temairazu")
	base := DeliveryKey("d", m, Overrides{Region: "30401"}, "f", "s")
	if len(base) != 16 || base != DeliveryKey("d", m, Overrides{Region: "30401"}, "f", "s") {
		t.Errorf("key %q", base)
	}
	for name, key := range map[string]string{
		"file": DeliveryKey("e", m, Overrides{Region: "30401"}, "f", "s"), "mapping": DeliveryKey("d", other, Overrides{Region: "30401"}, "f", "s"),
		"overrides": DeliveryKey("d", m, Overrides{Region: "30402"}, "f", "s"), "key": DeliveryKey("d", m, Overrides{Region: "30401"}, "g", "s"),
		"source": DeliveryKey("d", m, Overrides{Region: "30401"}, "f", "t"), "no mapping": DeliveryKey("d", nil, Overrides{Region: "30401"}, "f", "s"),
	} {
		if key == base {
			t.Errorf("another %s gives the same key", name)
		}
	}
}

// 15202 長岡市 could also be six digits that lost a zero; from a project it is what it says.
func TestCodesOfTheProjectHaveFiveDigits(t *testing.T) {
	job := Job{FileDigest: "d", Regions: reference.Load(), Overrides: Overrides{
		Region: "15202", Facilities: map[string]string{"長岡荘": "15202"}, Frame: map[string]string{"N1": "15202"},
	}}
	if err := job.prepare(); err != nil {
		t.Fatal(err)
	}
	if job.facilities[foldHeader("長岡荘")] != "15202" || job.frame[foldHeader("N1")] != "15202" {
		t.Errorf("facilities %v, frame %v, want 15202 in both", job.facilities, job.frame)
	}
	job.Overrides.Region = "152021"
	if err := job.prepare(); err == nil {
		t.Error("152021, with its check digit, passes for a code of the project")
	}
}

func TestRepeatedCountsLaterOccurrences(t *testing.T) {
	const top = 1 << 63
	for _, c := range []struct {
		digests [][]uint64 // by chunk
		want    int64
	}{
		{nil, 0}, {[][]uint64{{7}}, 0}, {[][]uint64{{top, 7, top}, {7, 7}}, 3}, {[][]uint64{{top + 1}, nil, {top, top + 1}}, 1}, {[][]uint64{{3, 2}, {1}}, 0},
	} {
		if got := repeated(c.digests); got != c.want {
			t.Errorf("repeated(%v) = %d, want %d", c.digests, got, c.want)
		}
	}
}
