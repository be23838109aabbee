package estimate

import (
	"math"
	"slices"

	"github.com/kankei/kankei/schemas"
)

// PairShare is the share of the pairs of a region whose persons are of a class, with its
// standard error and the respondents of the class that count.
type PairShare struct {
	Region, Class string
	Share, StdErr float64
	Persons       int64
}

// PairShares estimates, from a weighted survey, how the pairs of a definition of persons of other
// prefectures are shared out over classes of respondents (” is none): a ratio of two totals,
//
//	s = Σ w y 1{class} / Σ w y,  u_i = y_i (1{class} − s) / Σ w y
//
// with the design's variance of Σ w u. It is in order of the frame's regions and of classes;
// nothing where the survey cannot answer the definition.
func PairShares(f Frame, s WeightedSurvey, definition string, class func(unit int) string) ([]PairShare, error) {
	i := slices.IndexFunc(f.Profiles, func(p schemas.Profile) bool { return p.ID == definition })
	if i < 0 {
		return nil, nil
	}
	cells := cellsOf(s, f.Profiles[i:i+1], []string{schemas.OutsidePrefecture}, nil)
	if cells.undecided[definition] {
		return nil, nil
	}
	domains, err := NewDomains(s.Survey)
	if err != nil {
		return nil, err
	}
	weights := s.Weights()
	var shares []PairShare
	for _, region := range f.Regions {
		c := cells.cells[cellKey{definition, schemas.Pairs, schemas.OutsidePrefecture, region.RegionCode, schemas.All, schemas.All, -1}]
		if c == nil {
			continue
		}
		total, by := 0.0, map[string]float64{}
		persons := map[string]int64{}
		for k, unit := range c.units {
			total += weights[unit] * c.y[k]
			by[class(int(unit))] += weights[unit] * c.y[k]
			persons[class(int(unit))]++
		}
		var classes []string
		for name := range by {
			classes = append(classes, name)
		}
		slices.Sort(classes)
		for _, name := range classes {
			share := by[name] / total
			if name == "" || !(share > 0) {
				continue
			}
			u := make([]float64, len(c.units))
			for k, unit := range c.units {
				u[k] = -share * c.y[k] / total
				if class(int(unit)) == name {
					u[k] += c.y[k] / total
				}
			}
			linear, err := domains.Total(c.units, u)
			if err != nil {
				return nil, err
			}
			if math.IsNaN(linear.StdErr) {
				continue // of one sampling unit
			}
			shares = append(shares, PairShare{region.RegionCode, name, share, linear.StdErr, persons[name]})
		}
	}
	return shares, nil
}
