package simulate

import "github.com/kankei/kankei/schemas/reference"

// within is the distance that someone travels inside the own prefecture, in km.
const within = 30

// distance is that between the seats of two prefectures in km, and at least within.
func distance(a, b int) float64 {
	if a == b {
		return within
	}
	return max(within, reference.Distance(reference.Prefectures[a], reference.Prefectures[b]))
}

// Strata of the web panel: the three metropolitan areas of migration statistics
// and the rest of the country.
var strataNames = []string{"東京圏", "名古屋圏", "大阪圏", "三大都市圏以外"}

// stratumOf is the stratum of a prefecture, counted from 0.
func stratumOf(prefecture int) int {
	switch prefecture + 1 {
	case 11, 12, 13, 14:
		return 0
	case 21, 23, 24:
		return 1
	case 26, 27, 28, 29:
		return 2
	}
	return 3
}
