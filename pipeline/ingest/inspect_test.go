package ingest

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestInspectRecognises(t *testing.T) {
	for _, c := range []struct{ path, want string }{
		{filepath.Join("testdata", "landing", "neppan-booking.csv"), "neppan"},
		{filepath.Join("testdata", "landing", "neppan-night.csv"), "neppan"},
		{filepath.Join("testdata", "landing", "temairazu.csv"), "temairazu"},
		{filepath.Join("testdata", "landing", "booking-com-ja.csv"), "booking-com"},
		{filepath.Join("testdata", "landing", "booking-com-en.csv"), "booking-com"},
		{filepath.Join("testdata", "landing", "google-forms.csv"), "google-forms"},
	} {
		i, err := Inspect(c.path, "", Builtins())
		if err != nil {
			t.Fatal(err)
		}
		if i.Mapping == nil || i.Mapping.ID != c.want {
			t.Errorf("%s: mapping %v, want %s", c.path, i.Mapping, c.want)
		}
	}
}

func TestInspectRecognisesRealFiles(t *testing.T) {
	for _, c := range []struct {
		path []string
		want string
	}{
		{[]string{"ftas", "202204.csv.gz"}, "ftas"},
		{[]string{"ftas", "202509.csv.gz"}, "ftas"},
		{[]string{"hotel", "hotel_bookings.csv.gz"}, "hotel"},
		{[]string{"guest-nights", "guest_nights_by_prefecture.csv"}, "guest-nights"},
		{[]string{"residents", "muni_pop2020.csv"}, "residents"},
		{[]string{"residents", "census_2020_raw.csv"}, "residents-census"},
		{[]string{"migration", "net_migration_by_prefecture.csv"}, "net-migration"},
	} {
		i, err := Inspect(realFile(t, c.path...), "", Builtins())
		if err != nil {
			t.Fatal(err)
		}
		if i.Mapping == nil || i.Mapping.ID != c.want {
			t.Errorf("%s: mapping %v, want %s", c.path, i.Mapping, c.want)
		}
	}
}

// What inspect says of a recognised file: what is placed, what is not, and the
// first problems, with values only of columns that are not personal.
func TestInspectRenders(t *testing.T) {
	i, err := Inspect(filepath.Join("testdata", "landing", "neppan-booking.csv"), "", Builtins())
	if err != nil {
		t.Fatal(err)
	}
	said := i.Render("en")
	for _, want := range []string{
		"format    csv, cp932\n", "mapping   neppan (Neppan! reservations, kind: booking)\n\n  booking\n", "    check_in               ← チェックイン日\n",
		"Columns not used (they are not read):\n  チェックイン時刻, 備考1", "Of the first 9 rows 5 would be rejected:",
		"neppan-booking.csv:8: unknown_code 予約区分 仮押さえ\n", "a value that the mapping's values do not list",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not in:\n%s", want, said)
		}
	}
	if strings.Contains(said, "高橋") {
		t.Errorf("a name is in:\n%s", said)
	}
	if ja := i.Render("ja"); !strings.Contains(ja, "使わない列（読みません）：\n  チェックイン時刻, 備考1") {
		t.Errorf("in Japanese:\n%s", ja)
	}
}

// The draft for an unknown format loads once it is answered what it asks.
func TestInspectProposesAMapping(t *testing.T) {
	path := writeFile(t, "airhost.csv", "AirHost予約ID,予約サイト,予約日,物件名,ゲスト名,ゲスト数,国籍,電話番号,メールアドレス,チェックイン,チェックアウト,状態,販売\n"+
		"1,Airbnb,2025/01/02,家,山田 太郎,2,日本,090-1111-2222,a@example.jp,2025/05/03,2025/05/05,確定,10000\n")
	i, err := Inspect(path, "", Builtins())
	if err != nil {
		t.Fatal(err)
	}
	draft := strings.NewReplacer(`"ゲスト名": "?"`, `"ゲスト名": name`, `"電話番号": "?"`, `"電話番号": phone`, `"メールアドレス": "?"`, `"メールアドレス": none`).Replace(i.Proposal.Draft("en"))
	m, err := LoadMapping([]byte(draft), "draft.yaml")
	if err != nil {
		t.Fatalf("%v in\n%s", err, draft)
	}
	placed := map[string]string{}
	for _, f := range m.Records[0].Fields {
		placed[f.Target] = f.Column[0]
	}
	for target, want := range map[string]string{
		"booking_id": "AirHost予約ID", "check_in": "チェックイン", "check_out": "チェックアウト", "booked_on": "予約日", "status": "状態",
		"name": "ゲスト名", "phone": "電話番号", "email": "", "residence.country": "", "facility": "物件名", // nationality is no residence
	} {
		if placed[target] != want {
			t.Errorf("%s ← %q, want %q", target, placed[target], want)
		}
	}
	if said := i.Render("ja"); strings.Contains(said, "山田") || !strings.Contains(said, "販売") {
		t.Errorf("said:\n%s", said)
	}
}

// Where several mappings fit, inspect names them and proposes no third.
func TestInspectNamesMappingsThatFitEquallyWell(t *testing.T) {
	first, _ := Builtin("booking-com")
	second := *first
	second.ID = "booking-copy"
	i, err := Inspect(filepath.Join("testdata", "landing", "booking-com-ja.csv"), "", []*Mapping{first, &second})
	if err != nil {
		t.Fatal(err)
	}
	if said := i.Render("en"); !strings.Contains(said, "Several mappings fit: booking-com, booking-copy.") || i.Proposal != nil {
		t.Errorf("said:\n%s", said)
	}
}

// A file in a source of another kind is told what it is; one of no kind gets a draft.
func TestFileOfAnotherKindIsNamed(t *testing.T) {
	for _, c := range []struct {
		header []string
		want   string
	}{
		{[]string{"ym", "pref_code", "total", "jp", "foreign"}, "It is a file of kind total (mapping guest-nights)"},
		{[]string{"あ", "い"}, "kankei inspect --propose"},
	} {
		if _, err := chooseKind("a.csv", c.header, "booking"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %s", c.header, err, c.want)
		}
	}
}
