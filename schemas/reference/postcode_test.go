package reference

import (
	"archive/zip"
	"encoding/csv"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	jp "golang.org/x/text/encoding/japanese"

	"github.com/kankei/kankei/internal/sharedtest"
	"github.com/kankei/kankei/schemas"
)

func TestPostcode(t *testing.T) {
	for text, want := range map[string]string{
		"6492211": "30401", "649-2211": "30401", "〒649-2211": "30401", "〒 ６４９－２２１１": "30401", "649ー2211": "30401", "649−2211": "30401", " 649 2211 ": "30401",
		"6492211.0": "30401",
		"0600041":   "01101", "600041": "01101", "60-0041": "01101", // the zero of Sapporo lost
		"0010010": "01102", "1-0010": "01102", "001-00": "01102", "10000": schemas.Unknown, "100-00": "13101", // 001-0000 or 100-00
		"64922": "30401", "649-22": "30401",
		"4328002": "22138",                                                                                            // the wards of 2024
		"6180000": schemas.Unknown, "8710000": schemas.Unknown, "4980000": schemas.Unknown, "618-00": schemas.Unknown, // of two prefectures
		"6492299": "30000", // not listed, but 649-22 is of Wakayama
		"1234567": schemas.Unknown, "0000000": schemas.Unknown, "000-0000": schemas.Unknown, "9999999": schemas.Unknown,
		"060-004": schemas.Unknown, "64922111": schemas.Unknown, "649": schemas.Unknown, "6492": schemas.Unknown, "": schemas.Unknown, "-": schemas.Unknown, "649-22-11": schemas.Unknown,
		"94043 CA": schemas.Unknown, "SW1A 1AA": schemas.Unknown, "99999999999999999999": schemas.Unknown,
	} {
		if got := Load().Postcode(text); got != want {
			t.Errorf("Postcode(%q) = %s, want %s", text, got, want)
		}
	}
}

// Counted in Japan Post's table itself: 69 postcodes lie in several
// municipalities, three of them in two prefectures (498-0000 弥富市 and 木曽岬町,
// 618-0000 大山崎町 and 島本町, 871-0000 吉富町 and 中津市).
func TestSharedPostcodes(t *testing.T) {
	table := Load()
	prefectures := 0
	var none []uint32
	for i, n := range table.postcodes.numbers {
		switch code := table.postcodes.codes[table.postcodes.meanings[i]]; {
		case code == "":
			none = append(none, n)
		case table.Municipality(code) == "":
			prefectures++
		}
	}
	if want := []uint32{4980000, 6180000, 8710000}; !slices.Equal(none, want) || prefectures != 66 {
		t.Errorf("%d postcodes mean no more than a prefecture and %v nothing, want 66 and %v", prefectures, none, want)
	}
}

// Of the first three digits, 22 span prefectures; five digits of such an area
// mean a prefecture all the same where all their postcodes lie in it.
func TestAreasOfSeveralPrefectures(t *testing.T) {
	table := Load()
	areas := map[uint32]map[string]bool{}
	for i, n := range table.postcodes.numbers {
		if areas[n/10000] == nil {
			areas[n/10000] = map[string]bool{}
		}
		areas[n/10000][table.PrefectureOf(table.postcodes.codes[table.postcodes.meanings[i]])] = true
	}
	several := 0
	for _, prefectures := range areas {
		delete(prefectures, "")
		if len(prefectures) > 1 {
			several++
		}
	}
	if len(areas) != 948 || several != 22 {
		t.Errorf("%d areas, %d of several prefectures; want 948 and 22", len(areas), several)
	}
	if a, b := table.Postcode("64700"), table.Postcode("64712"); a != "30207" || b != schemas.Unknown {
		t.Errorf("647-00 and 647-12 give %s and %s, want 新宮市 and unknown (新宮市 or 十津川村)", a, b)
	}
}

// kenAll calls f with the code, postcode, prefecture, municipality and town of
// each row of Japan Post's table.
func kenAll(t *testing.T, f func(code, postcode, prefecture, municipality, town string)) {
	t.Helper()
	archive, err := zip.OpenReader(filepath.Join(sharedtest.Dir(t), "real", "codes", "ken_all.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	file, err := archive.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(jp.ShiftJIS.NewDecoder().Reader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) < 120_000 {
		t.Fatalf("the table has %d rows, want over 120,000", len(rows))
	}
	for _, row := range rows {
		f(row[0], row[2], row[6], row[7], row[8])
	}
}

// All 120 thousand rows of Japan Post: the text of prefecture and municipality
// gives the row's code, with or without a town behind it; the postcode gives
// the code or a region that has it; both together give the code.
func TestJapanPost(t *testing.T) {
	table := Load()
	var exact, wider, unknown int
	kenAll(t, func(code, postcode, prefecture, municipality, town string) {
		if got := table.Name(prefecture, municipality); got != code {
			t.Errorf("Name(%s, %s) = %s, want %s", prefecture, municipality, got, code)
		}
		for _, address := range []string{prefecture + municipality, prefecture + municipality + town + "1-2", "〒" + postcode + " " + prefecture + municipality + town} {
			if got := table.Address(address); got != code {
				t.Errorf("Address(%s) = %s, want %s", address, got, code)
			}
		}
		switch got := table.Postcode(postcode); {
		case got == code:
			exact++
		case got == schemas.Unknown:
			unknown++
		case table.within(code, got):
			wider++
		default:
			t.Errorf("Postcode(%s) = %s, want %s or wider", postcode, got, code)
		}
	})
	t.Logf("postcodes: %d exact, %d wider, %d unknown", exact, wider, unknown)
	if unknown > 20 || wider > 2000 {
		t.Errorf("postcodes: %d exact, %d wider, %d unknown; want nearly all exact", exact, wider, unknown)
	}
}

// A town's name alone, without prefecture and city, is nowhere: no row of
// Japan Post leads to a municipality other than its own. The exceptions are all
// of one kind: the town's name begins with the whole name of a city, such as
// 丹波市町 of 天理市, and nobody could tell.
func TestTownAlone(t *testing.T) {
	table := Load()
	wrong := map[string]string{}
	kenAll(t, func(code, _, prefecture, municipality, town string) {
		if got := table.Address(town + "1-2-3"); got != schemas.Unknown && !table.within(code, got) {
			wrong[town] = got
		}
		if got := table.Address(municipality + town); got != schemas.Unknown && !table.within(code, got) {
			t.Errorf("Address(%s%s) = %s, want %s, wider or unknown", municipality, town, got, code)
		}
	})
	want := map[string]string{
		"丹波市町": "28223", "加茂市場": "15209", "坂戸市場": "11239", "太田市町": "10205", "旭市川": "12215", "西宮市": "28204", // the last of 行橋市
		"昭和区": "23107", // the only ward of this name; also a part of 更別村
	}
	if !maps.Equal(wrong, want) {
		t.Errorf("towns taken for another place: %v, want %v", wrong, want)
	}
}
