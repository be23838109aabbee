package reference

import (
	"slices"
	"testing"

	"github.com/kankei/kankei/schemas"
)

// Codes and check digits of the list of the Ministry of Internal Affairs;
// 13000 has S mod 11 = 10, 20000 has 1 and 20201 has 0.
func TestCheckDigit(t *testing.T) {
	for code, want := range map[string]byte{
		"01100": '2', "13101": '6', "14130": '5', "13000": '1', "20000": '0', "20201": '1', "30000": '4', "30201": '5',
		"30401": '8', "22138": '4', "22139": '2', "22140": '6',
	} {
		if got, ok := CheckDigit(code); !ok || got != want {
			t.Errorf("CheckDigit(%s) = %c %v, want %c", code, got, ok, want)
		}
	}
	for _, bad := range []string{"", "3040", "304018", "3040a", "３０４"} {
		if _, ok := CheckDigit(bad); ok {
			t.Errorf("CheckDigit(%q) is ok", bad)
		}
	}
}

func TestCode(t *testing.T) {
	for text, want := range map[string]string{
		"30401": "30401", "304018": "30401", "01100": "01100", "011002": "01100",
		"1100": "01100", "11002": "01100", // the zero of Sapporo lost
		"３０４０１": "30401", " 30401 ": "30401", "30401.0": "30401",
		"C30401": "30401", "c01100": "01100", "JP-30": "30000", "JP-01": "01000", "30": "30000", "1": "01000", "1000": "01000", "10006": "01000",
		"00000": "00000", "22131": "22131",
		"304017": "", "30999": "", "13100": "", "48000": "", "0": "", "00": "", "000001": "", "JP-48": "", "": "", "abc": "", "30401a": "", "3040188": "",
		"15202": "", "C15202": "15202", "152021": "15202", // 長岡市 or 015202 幌延町
	} {
		if got := Load().Code(text); got != want {
			t.Errorf("Code(%q) = %q, want %q", text, got, want)
		}
	}
}

// The codes that Code's comment names as ambiguous, and no others.
func TestAmbiguousCodes(t *testing.T) {
	table := Load()
	var ambiguous []string
	for _, r := range table.Regions() {
		if table.Code(r.RegionCode) == "" {
			ambiguous = append(ambiguous, r.RegionCode)
		}
		if got := table.CodeIn(r.RegionCode, FiveDigits); got != r.RegionCode {
			t.Errorf("CodeIn(%s, FiveDigits) = %q", r.RegionCode, got)
		}
		if got := table.CodeIn(r.CheckedCode, SixDigits); got != r.RegionCode && r.RegionCode != schemas.Nation {
			t.Errorf("CodeIn(%s, SixDigits) = %q", r.CheckedCode, got)
		}
	}
	want := []string{"11100", "12106", "12203", "12211", "12220", "12238", "14362", "15202", "15504", "16322", "22101", "23213", "23230", "43214", "44211"}
	if !slices.Equal(ambiguous, want) {
		t.Errorf("ambiguous codes are %v, want %v", ambiguous, want)
	}
}

// A column with the zeros lost is read in full once its form is known.
func TestDecideCodeForm(t *testing.T) {
	table := Load()
	for _, c := range []struct {
		column []string
		want   CodeForm
	}{
		{[]string{"15202", "30401"}, FiveDigits},
		{[]string{"15202", "1100"}, FiveDigits},
		{[]string{"15202", "304018"}, SixDigits},
		{[]string{"15202", "11002"}, SixDigits},
		{[]string{"15202"}, EitherForm},
		{[]string{"30401", "304018"}, EitherForm},
		{[]string{"", "x"}, EitherForm},
	} {
		if got := table.DecideCodeForm(slices.Values(c.column)); got != c.want {
			t.Errorf("DecideCodeForm(%v) = %d, want %d", c.column, got, c.want)
		}
	}
	if five, six := table.CodeIn("15202", FiveDigits), table.CodeIn("15202", SixDigits); five != "15202" || six != "01520" {
		t.Errorf("15202 is %s of five digits and %s of six, want 15202 and 01520", five, six)
	}
	for _, r := range table.Regions() {
		if r.CheckedCode == "" {
			continue
		}
		lost := r.CheckedCode
		for lost[0] == '0' {
			lost = lost[1:]
		}
		if got := table.CodeIn(lost, SixDigits); got != r.RegionCode {
			t.Errorf("CodeIn(%s, SixDigits) = %q, want %s", lost, got, r.RegionCode)
		}
	}
}

func FuzzCode(f *testing.F) {
	for _, s := range []string{"30401", "304018", "1100", "C01100", "JP-30", "３０", "\xff", "."} {
		f.Add(s)
	}
	table := Load()
	f.Fuzz(func(t *testing.T, s string) {
		for _, form := range []CodeForm{EitherForm, FiveDigits, SixDigits} {
			if got := table.CodeIn(s, form); got != "" && !table.Known(got) {
				t.Errorf("CodeIn(%q, %d) = %q, no code", s, form, got)
			}
		}
	})
}

// Prefectures are read by Code: none of their codes may be among the ambiguous ones.
func TestCodesOfPrefecturesSpeakForThemselves(t *testing.T) {
	table := Load()
	for _, r := range table.Regions() {
		if r.RegionLevel == schemas.LevelPrefecture && table.Code(r.RegionCode) != r.RegionCode {
			t.Errorf("Code(%s) = %q", r.RegionCode, table.Code(r.RegionCode))
		}
	}
}
