package reference

import (
	"testing"

	"github.com/kankei/kankei/schemas"
)

// FuzzName: whatever stands in the columns of prefecture and municipality, on
// any day, it is a region of that day in the prefecture named, or unknown.
func FuzzName(f *testing.F) {
	for _, seed := range [][2]string{{"和歌山県", "白浜町"}, {"", "栃木市岩舟町"}, {"静岡", "浜松市北区"}, {"Wakayama", "白浜"}, {"30", ""}, {"大阪府", "東京都千代田区"}, {"県", "市区町村"}} {
		f.Add(seed[0], seed[1], 16_000)
	}
	table := Load()
	f.Fuzz(func(t *testing.T, prefecture, municipality string, on int) {
		day := schemas.Date(on % 30_000)
		code := table.NameOn(prefecture, municipality, day)
		if code == schemas.Unknown {
			return
		}
		if !table.Known(code) {
			t.Errorf("NameOn(%q, %q, %s) = %q, which is no region", prefecture, municipality, day, code)
		}
		if named := table.Prefecture(prefecture); named != "" && table.PrefectureOf(code) != named {
			t.Errorf("NameOn(%q, %q, %s) = %s, outside %s", prefecture, municipality, day, code, named)
		}
		if later := table.NameOn(prefecture, municipality, table.Settled()); later != table.Name(prefecture, municipality) {
			t.Errorf("NameOn(%q, %q) once all is settled = %s, today %s", prefecture, municipality, later, table.Name(prefecture, municipality))
		}
	})
}

// FuzzPostcode: whatever the text, it is a region or unknown.
func FuzzPostcode(f *testing.F) {
	for _, seed := range []string{"649-2211", "〒６４９－２２１１", "6492211", "649", "064-0000", "1", "00000000", "-"} {
		f.Add(seed)
	}
	table := Load()
	f.Fuzz(func(t *testing.T, s string) {
		if code := table.Postcode(s); code != schemas.Unknown && !table.Known(code) {
			t.Errorf("Postcode(%q) = %q", s, code)
		}
	})
}
