package pipeline

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
)

// regionName is a row of the view region_names.
type regionName struct {
	RegionCode string `parquet:"region_code"`
	Name       string `parquet:"name"`
	OwnName    string `parquet:"own_name"`
	NameEN     string `parquet:"name_en"`
}

// stem is the own name without what kind of region it is: 白浜 of 白浜町; the name
// itself where nothing would be left.
func (r regionName) stem() string {
	for _, kind := range []string{"県", "府", "都", "市", "区", "町", "村"} {
		if s, cut := strings.CutSuffix(r.OwnName, kind); cut && s != "" {
			return s
		}
	}
	return r.OwnName
}

// stemEN is the name in English without what kind of region it is: Shirahama of Shirahama-cho.
func (r regionName) stemEN() string {
	if i := strings.LastIndexByte(r.NameEN, '-'); i > 0 {
		return r.NameEN[:i]
	}
	return r.NameEN
}

// regionsNamed are the regions of a name; where there are none, those of that name but for the kind of region.
func regionsNamed(regions []regionName, name string) []regionName {
	exact := func(r regionName) bool {
		return name == r.Name || name == r.OwnName || strings.EqualFold(name, r.NameEN)
	}
	short := func(r regionName) bool { return name == r.stem() || strings.EqualFold(name, r.stemEN()) }
	for _, is := range []func(regionName) bool{exact, short} {
		if found := slices.DeleteFunc(slices.Clone(regions), func(r regionName) bool { return !is(r) }); len(found) > 0 {
			return found
		}
	}
	return nil
}

// nearestRegions names the three regions whose names are most like one, by the names without the kind of region.
func nearestRegions(regions []regionName, name string) schemas.Text {
	asked := regionName{OwnName: name, NameEN: name}
	away := func(r regionName) int {
		if strings.Contains(r.Name, name) || strings.Contains(strings.ToLower(r.NameEN), strings.ToLower(name)) {
			return 0
		}
		return 1 + min(editDistance(asked.stem(), r.stem()), editDistance(asked.stemEN(), r.stemEN()))
	}
	regions = slices.Clone(regions)
	slices.SortStableFunc(regions, func(a, b regionName) int { return cmp.Compare(away(a), away(b)) })
	var out schemas.Text
	for i, r := range regions[:min(3, len(regions))] {
		if i > 0 {
			out = schemas.Text{JA: out.JA + "、", EN: out.EN + ", "}
		}
		out = schemas.Text{JA: out.JA + r.Name, EN: out.EN + r.NameEN}
	}
	if len(regions) > 3 {
		out = schemas.Text{JA: out.JA + "、…", EN: out.EN + ", …"}
	}
	return out
}
