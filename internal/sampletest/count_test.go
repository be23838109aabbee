package sampletest

import (
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kankei/kankei/internal/sharedtest"
	"golang.org/x/text/encoding/japanese"
)

// The figures of the sample, counted a second time: strings instead of tokens,
// maps instead of SQL, a list of trips instead of months. Only the rules of
// docs/methods are common to both.
func TestReleaseEqualsPlainCount(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program and runs the sample")
	}
	project, kankei := runSample(t)
	answer := command(t, project, kankei, "query", "-C", project, "--internal", "--format", "csv", `
		SELECT region_code, CAST(reference_month AS VARCHAR) AS reference_month, CAST(value AS BIGINT) AS persons
		FROM relational_population
		WHERE definition = 'repeat-visits' AND measure = 'persons' AND outside = 'prefecture' AND source = 'booking'
		  AND origin_code = 'all' AND relation_type = 'all' AND engagement = 'all' AND obs_status <> 'M'`)

	bookings := readBookings(t, filepath.Join(project, "exports"))
	counted := map[string]map[string]int{} // reference month → region code → persons
	figures := 0
	rows, err := csv.NewReader(strings.NewReader(answer)).ReadAll()
	if err != nil {
		t.Fatalf("query: %v\n%s", err, answer)
	}
	for _, row := range rows[1:] {
		region, month, got := row[0], row[1], row[2]
		if counted[month] == nil {
			counted[month] = countRepeated(bookings, date(t, month))
		}
		if want := strconv.Itoa(counted[month][region]); got != want {
			t.Errorf("repeat visitors of %s in the 12 months to %s: release %q, plain count %s", region, month, got, want)
		}
		figures++
	}
	if figures < 12*6 {
		t.Errorf("%d figures compared, want at least 6 regions of 12 months", figures)
	}
}

// The survey shows what bookings can not: the definition that asks respondents
// is counted from their answers alone, and bookings say that they can not see it.
func TestSurveyTiesAreCounted(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program and runs the sample")
	}
	project, kankei := runSample(t)
	answer := command(t, project, kankei, "query", "-C", project, "--internal", "--format", "csv", `
		SELECT source, count(DISTINCT region_code) FILTER (WHERE value > 0) AS seen, count(value) AS counted, bool_and(obs_status IN ('U', 'M')) AS marked
		FROM relational_population
		WHERE definition = 'mlit-visiting' AND measure = 'persons' AND outside = 'prefecture'
		  AND origin_code = 'all' AND relation_type = 'all' AND engagement = 'all' AND reference_month = '2025-09-30'
		GROUP BY source ORDER BY source`)
	// Eight municipalities and the prefecture have respondents; all 30 and the prefecture a row.
	if want := "source,seen,counted,marked\nbooking,0,0,true\nsurvey,9,31,true\n"; strings.ReplaceAll(answer, "\r", "") != want {
		t.Errorf("mlit-visiting: got\n%swant\n%s", answer, want)
	}
}

// runSample builds the program and runs a copy of the sample project.
func runSample(t *testing.T) (project, kankei string) {
	t.Helper()
	root := sharedtest.Root(t)
	project, kankei = filepath.Join(t.TempDir(), "wakayama"), filepath.Join(t.TempDir(), "kankei")
	if err := os.CopyFS(project, os.DirFS(filepath.Join(root, "testdata", "wakayama"))); err != nil {
		t.Fatal(err)
	}
	command(t, root, "go", "build", "-o", kankei, "./cmd/kankei")
	command(t, root, kankei, "run", "-C", project)
	return project, kankei
}

// Booking is the last word of the exports on one booking.
type booking struct {
	said      string // when; the later row wins
	file      string
	stayed    bool
	in, out   time.Time
	region    string // code of the municipality
	home      string // name of the prefecture, or ''
	ids       []string
	nameGiven string
}

// Which house delivers into which folder, and where the others lie.
var (
	folders = map[string]string{
		"neppan/shirahama": "30401", "neppan/tanabe": "30206", "neppan/nachikatsuura": "30421", "neppan/wakayama": "30201",
		"booking/shirahama": "30401", "booking/koya": "30344",
	}
	houses = map[string]string{
		"白浜 月影ホテル": "30401", "白浜 湯元さざなみ": "30401", "本宮 つぎざくらの宿": "30206", "龍神 湯の里山荘": "30206",
		"那智 滝見の宿": "30421", "勝浦 港の灯": "30421", "和歌浦 片男波館": "30201", "加太 磯の宿": "30201",
		"高野 峰の宿": "30344", "新宮 川原町旅館": "30207", "串本 岩礁の宿": "30428", "みなべ 梅林荘": "30391",
	}
)

func readBookings(t *testing.T, exports string) map[string]booking {
	last := map[string]booking{}
	take := func(key string, b booking) {
		if before, ok := last[key]; !ok || b.said > before.said || (b.said == before.said && b.file >= before.file) {
			last[key] = b
		}
	}
	for folder, region := range folders {
		for _, r := range records(t, filepath.Join(exports, folder)) {
			b := booking{file: r["file"], region: region}
			if strings.HasPrefix(folder, "neppan") {
				b.said, b.stayed = r["更新日"], r["予約区分"] != "キャンセル"
				b.in, b.out = date(t, r["チェックイン日"]), date(t, r["チェックアウト日"])
				b.home = prefecture(r["住所1"], r["郵便番号"])
				b.ids, b.nameGiven = identifiers(r["会員番号"], r["メールアドレス"], r["電話番号"]), r["宿泊者氏名カタカナ"]
			} else {
				b.said, b.stayed = r["予約日"], r["ステータス"] == "ok"
				b.in, b.out = date(t, r["チェックイン"]), date(t, r["チェックアウト"])
				if b.home = prefecture(r["住所"], ""); r["Booker country"] != "jp" {
					b.home = "abroad"
				}
				b.ids, b.nameGiven = identifiers("", "", r["電話番号"]), r["宿泊者氏名"]
			}
			take(folder+r["予約番号"], b)
		}
	}
	for _, r := range records(t, filepath.Join(exports, "temairazu")) {
		b := booking{file: r["file"], region: houses[r["施設名"]], stayed: r["予約区分"] != "キャンセル"}
		b.said = max(r["予約日時"], r["変更日時"], r["キャンセル日時"])
		if r["チェックイン日"] == "2024-04-31" || r["チェックアウト日"] < r["チェックイン日"] {
			continue // the two faulty rows
		}
		b.in, b.out = date(t, r["チェックイン日"]), date(t, r["チェックアウト日"])
		b.home = prefecture(r["住所"], r["郵便番号"])
		b.ids, b.nameGiven = identifiers("", r["メールアドレス"], r["電話番号"]), r["宿泊者氏名カナ"]
		take("temairazu"+r["予約番号"], b)
	}
	link(last)
	return last
}

// Records are the rows of every CSV file of a folder by column name, with the
// name of the file under "file".
func records(t *testing.T, folder string) []map[string]string {
	t.Helper()
	var all []map[string]string
	files := read(t, folder)
	for name, data := range files {
		text := string(data)
		if !strings.Contains(folder, "booking") {
			decoded, err := japanese.ShiftJIS.NewDecoder().Bytes(data)
			if err != nil {
				t.Fatal(err)
			}
			text = string(decoded)
		}
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, row := range rows[1:] {
			r := map[string]string{"file": name}
			for i, column := range rows[0] {
				r[column] = row[i]
			}
			all = append(all, r)
		}
	}
	return all
}

// Identifiers are those a row gives, of one spelling each.
func identifiers(member, email, phone string) []string {
	var ids []string
	if member != "" {
		ids = append(ids, "member "+member)
	}
	if email != "" {
		ids = append(ids, email)
	}
	if digits := strings.NewReplacer(" ", "", "-", "", "+81", "0").Replace(phone); digits != "" {
		ids = append(ids, digits)
	}
	return ids
}

// Link leaves each booking with one identifier: its person. Identifiers of more
// than three names link nobody; with the name they still tell a guest.
func link(bookings map[string]booking) {
	names := map[string]map[string]bool{}
	for _, b := range bookings {
		for _, id := range b.ids {
			if names[id] == nil {
				names[id] = map[string]bool{}
			}
			names[id][b.nameGiven] = true
		}
	}
	same := map[string]string{}
	var root func(string) string
	root = func(id string) string {
		if up, ok := same[id]; ok {
			return root(up)
		}
		return id
	}
	for key, b := range bookings {
		linking := slices.DeleteFunc(slices.Clone(b.ids), func(id string) bool { return len(names[id]) > 3 })
		if len(linking) == 0 && len(b.ids) > 0 {
			linking = []string{strings.Join(b.ids, " ") + b.nameGiven}
		}
		for _, id := range linking {
			if a, z := root(linking[0]), root(id); a != z {
				same[z] = a
			}
		}
		b.ids = linking
		bookings[key] = b
	}
	for key, b := range bookings {
		if len(b.ids) > 0 {
			b.ids = []string{root(b.ids[0])}
			bookings[key] = b
		}
	}
}

// Prefecture is the one an address begins or, in romaji, ends with; without an
// address the one of the postcode.
func prefecture(address, postcode string) string {
	for _, p := range []struct{ kanji, romaji, postcodes string }{
		{"和歌山県", "Wakayama", "640 646 648 649"}, {"大阪府", "Osaka", ""}, {"北海道", "Hokkaido", ""},
	} {
		if strings.HasPrefix(address, p.kanji) || strings.HasSuffix(address, p.romaji) {
			return p.kanji
		}
		if address == "" && len(postcode) > 3 && strings.Contains(p.postcodes, postcode[:3]) {
			return p.kanji
		}
	}
	return "" // some other prefecture, or not known: outside Wakayama either way
}

// CountRepeated counts, per region, the persons from outside the prefecture
// with at least two trips that have a day in the 12 months to end.
func countRepeated(bookings map[string]booking, end time.Time) map[string]int {
	type tie struct{ person, region string }
	stays := map[tie][]booking{}
	for _, b := range bookings {
		if !b.stayed || len(b.ids) == 0 || b.home == "和歌山県" {
			continue
		}
		for _, region := range []string{b.region, "30000"} {
			t := tie{b.ids[0], region}
			stays[t] = append(stays[t], b)
		}
	}
	begin := end.AddDate(0, 0, 1).AddDate(-1, 0, 0)
	persons := map[string]int{}
	for t, list := range stays {
		slices.SortFunc(list, func(a, b booking) int { return a.in.Compare(b.in) })
		trips, until := 0, time.Time{}
		first := list[0].in
		for i, b := range list {
			if i > 0 && b.in.After(until.AddDate(0, 0, 1)) {
				trips += within(first, until, begin, end)
				first = b.in
			}
			if b.out.After(until) {
				until = b.out
			}
		}
		if trips += within(first, until, begin, end); trips >= 2 {
			persons[t.region]++
		}
	}
	return persons
}

// Within is 1 if the trip has a day in the window.
func within(first, last, begin, end time.Time) int {
	if first.After(end) || last.Before(begin) {
		return 0
	}
	return 1
}

func date(t *testing.T, s string) time.Time {
	t.Helper()
	d, err := time.Parse("2006-01-02", strings.ReplaceAll(s, "/", "-"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func command(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	c := exec.Command(name, args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	var complaint strings.Builder
	c.Stderr = &complaint
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, complaint.String())
	}
	return string(out)
}
