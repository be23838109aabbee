package main

import (
	"slices"
	"testing"
)

func TestPostcodeTable(t *testing.T) {
	postal := files{
		"master/zip5.json": []byte(`{"zip5":{"00100":1102,"10060":[13101,"霞が関ビル"]}}`),
		"master/zip7.json": []byte(`{"zip7":{"0010000":"","0010010":"北十条","0010011":"北十一条","6180000":[26303,"",27301,""],"1000301":[13362,""]}}`),
	}
	got, err := postcodeTable(postal)
	want := "prefix,code,suffixes\n00100,01102,00 10-11\n10003,13362,01\n10060,13101,00-99\n61800,26303,00\n61800,27301,00\n"
	if err != nil || string(got) != want {
		t.Errorf("postcodeTable: %v\n%s\nwant\n%s", err, got, want)
	}
}

func TestRegionTable(t *testing.T) {
	regions := []region{
		{code: "22130", parent: "22000", name: "浜松市", kana: "はままつし"},
		ward("22131", region{code: "22130", name: "浜松市", kana: "はままつし"}, "中区", "なかく"),
		{code: "28221", parent: "28000", name: "丹波篠山市", kana: "たんばささやまし"},
		{code: "09203", parent: "09000", name: "栃木市", kana: "とちぎし"},
	}
	changes := [][]string{
		{"2014-04-05", "absorption", "09367", "岩舟町", "いわふねまち", "下都賀郡", "09203"},
		{"2019-05-01", "renaming", "28221", "篠山市", "ささやまし", "", "28221"},
		{"2024-01-01", "ward_reorganisation", "22131", "浜松市中区", "はままつしなかく", "", "22138"},
	}
	got, err := apply(regions, changes, map[string]city{"22138": {name: "浜松市中央区", kana: "はままつしちゅうおうく"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []region{
		{code: "09203", parent: "09000", name: "栃木市", kana: "とちぎし"}, // absorbed: not begun anew
		{code: "09367", parent: "09000", name: "岩舟町", kana: "いわふねまち", english: "Iwafune-machi", district: "下都賀郡", to: "2014-04-04"},
		{code: "22131", parent: "22130", name: "浜松市中区", kana: "はままつしなかく", english: "Naka-ku, Hamamatsu-shi", to: "2023-12-31"},
		{code: "22138", parent: "22130", name: "浜松市中央区", kana: "はままつしちゅうおうく", english: "Chuo-ku, Hamamatsu-shi", from: "2024-01-01"},
		{code: "28221", parent: "28000", name: "篠山市", kana: "ささやまし", english: "Sasayama-shi", to: "2019-04-30"},
		{code: "28221", parent: "28000", name: "丹波篠山市", kana: "たんばささやまし", from: "2019-05-01"},
	} {
		if !slices.Contains(got, want) {
			t.Errorf("no %+v in %+v", want, got)
		}
	}
}

func TestDistrictAndReading(t *testing.T) {
	if got := district("三宅島三宅村", "三宅村"); got != "三宅島" {
		t.Errorf("district = %s, want 三宅島", got)
	}
	if got := district("和歌山市", "和歌山市"); got != "" {
		t.Errorf("district = %s, want none", got)
	}
	for _, c := range [][3]string{{"ひがしたがわぐんしょうないまち", "しようないまち", "しょうないまち"}, {"", "さっぽろし", "さっぽろし"}} {
		if got := reading(c[0], c[1]); got != c[2] {
			t.Errorf("reading(%s, %s) = %s, want %s", c[0], c[1], got, c[2])
		}
	}
}
