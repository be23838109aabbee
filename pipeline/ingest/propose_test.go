package ingest

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fixture is a small export of testdata/landing and the mapping that reads it.
type fixture struct{ file, mapping string }

// fixtures are those in text; books and telegrams come from the same columns.
var fixtures = []fixture{
	{"neppan-booking.csv", "neppan"}, {"neppan-night.csv", "neppan"}, {"temairazu.csv", "temairazu"}, {"booking-com-ja.csv", "booking-com"},
	{"booking-com-en.csv", "booking-com"}, {"airbnb-ja.csv", "airbnb"}, {"airbnb-en.csv", "airbnb"}, {"airhost.csv", "airhost"},
	{"suitebook.csv", "suitebook"}, {"beds24.csv", "beds24"}, {"cloudbeds.csv", "cloudbeds"}, {"little-hotelier.csv", "little-hotelier"},
	{"aipass.csv", "aipass"}, {"guest-register.csv", "guest-register"}, {"google-forms.csv", "google-forms"}, {"qualtrics.csv", "qualtrics"},
	{"limesurvey.csv", "limesurvey"}, {"surveymonkey.csv", "surveymonkey"}, {"web-panel.csv", "web-panel"}, {"onsite.csv", "onsite"},
	{"move.csv", "move"}, {"register-moves.csv", "register-moves"}, {"programme-moves.csv", "programme-moves"}, {"act.csv", "act"},
	{"facility.csv", "facility"}, {"in-migrants.csv", "in-migrants"}, {"migration-report.csv", "migration-report"},
	{"residents-classes.csv", "residents-classes"}, {"visitors.csv", "visitors"},
}

// score counts what a proposal made of the columns of a file.
type score struct {
	right, wrong, undecided int // of the columns that the mapping reads
	stray                   int // placed though the mapping leaves them out
}

func (s *score) add(o score) {
	s.right, s.wrong, s.undecided, s.stray = s.right+o.right, s.wrong+o.wrong, s.undecided+o.undecided, s.stray+o.stray
}

func (s score) String() string {
	return fmt.Sprintf("%d right, %d wrong, %d undecided, %d stray", s.right, s.wrong, s.undecided, s.stray)
}

// truth gives the targets that each column of a file fills under its mapping.
func truth(t *testing.T, m *Mapping, header []string) map[string][]string {
	t.Helper()
	p, err := m.bind("truth", Format{Kind: CSV}, header, nil, writing{})
	if err != nil {
		t.Fatal(err)
	}
	of := map[string][]string{}
	field := 0
	for _, r := range p.records {
		for _, target := range r.targets {
			for _, column := range p.cells[field] {
				h := header[p.columns[column]]
				of[h] = append(of[h], target)
			}
			field++
		}
	}
	return of
}

// judge holds a proposal against what a mapping does. name gives the heading
// that a column had in the mapping's own file.
func judge(t *testing.T, p *Proposal, want map[string][]string, name func(string) string) (s score) {
	t.Helper()
	for _, c := range p.Columns {
		of := want[name(c.Header)]
		identity := slices.ContainsFunc(of, func(target string) bool { return slices.Contains(identifiers, target) })
		switch {
		case c.Fate == placed && slices.Contains(of, c.Guesses[0].Target), c.Fate == asked && identity:
			s.right++
		case c.Fate == placed && len(of) == 0:
			s.stray++
			t.Logf("  stray %s ← %q (%d)", c.Guesses[0].Target, c.Header, c.Guesses[0].Confidence)
		case c.Fate == placed:
			s.wrong++
			t.Logf("  wrong %s ← %q (%d), want %v", c.Guesses[0].Target, c.Header, c.Guesses[0].Confidence, of)
		case len(of) > 0:
			s.undecided++
			t.Logf("  undecided %q: %v, want %v", c.Header, c.Guesses, of)
		}
	}
	return s
}

// others are the built-in mappings without one: what was known before its format was.
func others(id string) []*Mapping {
	return slices.DeleteFunc(Builtins(), func(m *Mapping) bool { return m.ID == id })
}

// openAs opens a fixture with what its mapping knows of its header.
func openAs(t *testing.T, path string, m *Mapping) *File {
	t.Helper()
	job := Job{Path: path, Rel: filepath.Base(path)}
	return mustOpen(t, path, job.hint(m))
}

// Every fixture as if its format had never been seen: the mapping that reads it
// is not among those that the proposal learns from.
func TestProposeUnseenFormats(t *testing.T) {
	var total score
	for _, f := range fixtures {
		m, _ := Builtin(f.mapping)
		file := openAs(t, filepath.Join("testdata", "landing", f.file), m)
		p, err := propose(file, "", others(f.mapping))
		if err != nil {
			t.Fatal(err)
		}
		if p.Kind != m.Kind {
			t.Logf("%s: kind %q, want %s", f.file, p.Kind, m.Kind)
			if p.Kind != "" {
				t.Errorf("%s: taken for a source of kind %s, not %s", f.file, p.Kind, m.Kind)
			}
			if p, err = propose(file, m.Kind, others(f.mapping)); err != nil {
				t.Fatal(err)
			}
		}
		s := judge(t, &p, truth(t, m, file.Header), func(h string) string { return h })
		t.Logf("%s: %v", f.file, s)
		total.add(s)
		file.Close()
	}
	t.Logf("all: %v", total)
	// docs/mappings.md has the figures.
	if total.wrong != 0 || total.stray > 1 || total.right*100 < 78*(total.right+total.undecided) {
		t.Errorf("%v; want none wrong, the one stray of a booking's nights that count each room's, and four in five right", total)
	}
}

// rewrite writes a fixture in CSV with other headings and its columns in reverse.
func rewrite(t *testing.T, f fixture, headings map[string]string) (path string, old map[string]string) {
	t.Helper()
	m, _ := Builtin(f.mapping)
	c := mustRead(t, filepath.Join("testdata", "landing", f.file), (&Job{Rel: f.file}).hint(m))
	old = map[string]string{}
	rows := [][]string{nil}
	for _, h := range slices.Backward(c.header) {
		renamed := h
		if headings[h] != "" {
			renamed = headings[h]
		}
		old[renamed] = h
		rows[0] = append(rows[0], renamed)
	}
	for _, row := range c.rows {
		slices.Reverse(row)
		rows = append(rows, row)
	}
	path = filepath.Join(t.TempDir(), f.file)
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := csv.NewWriter(out).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return path, old
}

// headings are what other systems could call the columns of the fixtures; none
// is taken from the proposal's own list.
var headings = func() map[string]string {
	all := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(`
チェックイン日=ご到着日
チェックイン=お着きの日
開始日=滞在開始日
Check-in=Arrival date
Check-In Date=Date of arrival
Check-in date=Arriving on
firstnight=First night
チェックアウト日=ご出発日
チェックアウト=お発ちの日
終了日=滞在終了日
Check-out=Departure date
Check-Out Date=Date of departure
泊数=ご宿泊数
宿泊数=連泊数
宿泊日数=滞在日数
予約ID=システム予約番号
予約番号=予約管理No.
予約コード=予約整理番号
確認コード=予約確認コード
Book number=Booking No.
Confirmation code=Reservation code
Reservation Number=Booking number
予約区分=予約の状態
ステータス=予約ステータス名
状態=現在の状態
Status=Booking status
Reservation Status=State
予約日=予約受付日時
申込日=お申込み日
Booked on=Booking made on
予約サイト名称=販売サイト名
予約サイト名=販売先
予約サイト=チャネル名
施設名=お宿名
物件名=宿泊施設名称
Listing=Property name
大人人数計=大人（名）
大人人数=大人様人数
大人=大人の数
Adults=Adult guests
子供人数計=お子様（名）
子供人数=お子様人数
Children=Child guests
室数=ご利用室数
客室数=お部屋数
部屋数=部屋の数
Rooms=Room count
宿泊者氏名=お客様名
予約者名=お申込者名
ゲスト名=宿泊代表者
Guest name(s)=Guest
氏名=お名前
電話番号=ご連絡先電話
Phone number=Telephone
メールアドレス=E-mail
郵便番号=〒
住所=ご住所
住所1=ご自宅住所
Address=Guest's address
旅行目的=ご旅行の目的
Travel purpose=Reason for travel
お住まいの都道府県=現在お住まいの都道府県
居住都道府県=回答者の居住都道府県
居住市区町村=回答者の居住市区町村
性別=あなたの性別
年齢=満年齢
生まれ年（西暦）=生まれた年
回答日=ご回答日
回答ID=回答者ID
回答日時=アンケート回答日時
タイムスタンプ=送信日時
移住の意向=移住についてのお考え
地域1 都道府県=訪問先1 県
地域2 都道府県=訪問先2 県
地域3 都道府県=訪問先3 県
地域1 市区町村=訪問先1 市町村
地域2 市区町村=訪問先2 市町村
地域3 市区町村=訪問先3 市町村
地域1 訪問頻度=訪問先1 過去12か月の訪問回数
地域2 訪問頻度=訪問先2 過去12か月の訪問回数
地域3 訪問頻度=訪問先3 過去12か月の訪問回数
地域1 目的=訪問先1 したこと
地域2 目的=訪問先2 したこと
地域3 目的=訪問先3 したこと
転入日=届出の転入年月日
異動日=住民異動日
支給決定日=支援金の支給決定日
転入先市町村=転入した市町村
転入先コード=転入した市町村のコード
前住所=前の住所
前住所都道府県=前住所の都道府県
前住所市区町村=前住所の市区町村
生年月日=お誕生日
活動日=活動した日
活動内容=活動の種類
施設ID=宿泊施設番号
定員=収容定員数
開業日=開業年月日
地域コード=市区町村のコード
年=対象年
転入超過数=社会増減（転入超過数）
転入者数=転入者総数
人口=住民基本台帳人口
人数=観光入込客数（人）
期間=調査対象期間
`), "\n") {
		from, to, _ := strings.Cut(line, "=")
		all[from] = to
	}
	return all
}()

// Every fixture under other headings and in another order.
func TestProposeRenamedColumns(t *testing.T) {
	var total score
	for _, f := range fixtures {
		m, _ := Builtin(f.mapping)
		path, old := rewrite(t, f, headings)
		file := mustOpen(t, path, Hint{})
		p, err := propose(file, m.Kind, Builtins())
		if err != nil {
			t.Fatal(err)
		}
		original := openAs(t, filepath.Join("testdata", "landing", f.file), m)
		s := judge(t, &p, truth(t, m, original.Header), func(h string) string { return old[h] })
		t.Logf("%s: %v", f.file, s)
		total.add(s)
		original.Close()
		file.Close()
	}
	t.Logf("all: %v", total)
	if total.wrong != 0 || total.stray > 1 || total.right*100 < 70*(total.right+total.undecided) {
		t.Errorf("%v; want none wrong, the one stray of a booking's nights that count each room's, and seven in ten right", total)
	}
}

// What the two real exports without a mapping of their own format would get. Of
// the hotel export the date of arrival lies in three columns, and no column
// alone gives the nights: that is asked.
func TestProposeRealFiles(t *testing.T) {
	hotel := proposed(t, realFile(t, "hotel", "hotel_bookings.csv.gz"), others("hotel"), "")
	m, _ := Builtin("hotel")
	s := judge(t, hotel.Proposal, truth(t, m, hotel.Header), func(h string) string { return h })
	if s.wrong != 0 || s.stray != 0 || s.right < 8 || hotel.Proposal.Kind != "booking" {
		t.Errorf("hotel: %v, kind %s", s, hotel.Proposal.Kind)
	}
	draft, err := hotel.Draft("en")
	if err != nil || !strings.Contains(draft, `check_in: {join: ["arrival_date_year", "arrival_date_month", "arrival_date_day_of_month"], required: true}`) {
		t.Errorf("%v in\n%s", err, draft)
	}
	_, err = LoadMapping([]byte(draft), "hotel.yaml")
	if err == nil || !strings.Contains(err.Error(), "the column of check_out or of nights or of last_night") {
		t.Errorf("the draft without nights: %v", err)
	}
	answered := strings.Replace(draft, `check_out: "?"`, `nights: {sum: ["stays_in_weekend_nights", "stays_in_week_nights"]}`, 1)
	if _, err := LoadMapping([]byte(answered), "hotel.yaml"); err != nil {
		t.Error(err)
	}

	survey := proposed(t, realFile(t, "surveys", "star-wars-survey", "StarWars.csv"), Builtins(), "survey")
	for _, c := range survey.Proposal.Columns {
		if target := map[string]string{"RespondentID": "response_id", "Gender": "sex"}[c.Header]; c.Fate == placed && c.Guesses[0].Target != target {
			t.Errorf("survey: %s ← %q, want %q", c.Guesses[0].Target, c.Header, target)
		}
	}
	if !slices.Equal(survey.Proposal.Wanting, []string{"answered_on"}) {
		t.Errorf("survey: wanting %v", survey.Proposal.Wanting)
	}
}

// proposed is what [Propose] gives, without looking for a mapping that fits first.
func proposed(t *testing.T, path string, candidates []*Mapping, kind string) Inspection {
	t.Helper()
	job := &Job{Path: path, Rel: filepath.Base(path)}
	file := mustOpen(t, path, job.hint(nil))
	defer file.Close()
	i := Inspection{File: job.Rel, Format: file.Format, Header: file.Header}
	if err := i.propose(job, file, kind, candidates, true); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return i
}

// A draft loads once its questions are answered, and not before; what it says of
// the file names nobody, whatever stands in the columns.
func TestProposalsAskAndTellNoNames(t *testing.T) {
	for _, m := range Builtins() {
		path := filepath.Join(t.TempDir(), "export.csv")
		writePlanted(t, path, m)
		i := proposed(t, path, others(m.ID), m.Kind)
		draft := i.Proposal.Draft("ja")
		holdsNoTrace(t, m.ID, i.Render("ja")+i.Render("en")+draft+i.Proposal.Draft("en"))
		asks := strings.Contains(draft, `"?"`)
		_, err := LoadMapping([]byte(draft), "draft.yaml")
		if open := new(Unanswered); errors.As(err, &open) != asks || err != nil && !asks {
			t.Errorf("%s: with questions %v: %v in\n%s", m.ID, asks, err, draft)
		}
		for _, c := range i.Proposal.Columns {
			if c.Fate == placed && slices.Contains(identifiers, c.Guesses[0].Target) {
				t.Errorf("%s: %q is taken for %s unasked", m.ID, c.Header, c.Guesses[0].Target)
			}
		}
	}
}

// Of columns with one name the first is meant; a file of very many columns has a draft like any other.
func TestProposeOddHeaders(t *testing.T) {
	header, row := []string{"予約番号", "到着日", "出発日", "氏名", "氏名", "到着日", `"メモ` + "\n" + `と""備考"""`, "ご連絡先"}, []string{"1", "2025-05-03", "2025-05-05", "試験", "試験", "2025-05-04", "い", "090-0000-0001"}
	for n := range 2000 {
		header, row = append(header, fmt.Sprintf("設問%d：%s", n, strings.Repeat("長い", 30))), append(row, "い")
	}
	i := proposed(t, writeFile(t, "wide.csv", strings.Join(header, ",")+"\n"+strings.Join(row, ",")+"\n"), Builtins(), "booking")
	draft := strings.ReplaceAll(i.Proposal.Draft("ja"), `: "?"`, ": none")
	m, err := LoadMapping([]byte(draft), "wide.yaml")
	if err != nil {
		t.Fatalf("%v in %d bytes", err, len(draft))
	}
	if len(m.Identity) != 2 || i.Tried != 1 || len(i.Rejected) != 0 {
		t.Errorf("%d questions, %d records tried, rejected %v", len(m.Identity), i.Tried, i.Rejected)
	}
}
