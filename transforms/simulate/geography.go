package simulate

import "math"

// prefectures are the 47 prefectures in the order of their codes: residents by
// the census of 2020 in thousands (Statistics Bureau of Japan), and latitude and
// longitude of the seat of the prefecture to a tenth of a degree.
var prefectures = [47]struct {
	thousands float64
	lat, lon  float64
}{
	{5225, 43.1, 141.3}, {1238, 40.8, 140.7}, {1211, 39.7, 141.2}, {2302, 38.3, 140.9}, {960, 39.7, 140.1}, {1068, 38.2, 140.4},
	{1833, 37.8, 140.5}, {2867, 36.3, 140.4}, {1933, 36.6, 139.9}, {1939, 36.4, 139.1}, {7345, 35.9, 139.6}, {6284, 35.6, 140.1},
	{14048, 35.7, 139.7}, {9237, 35.4, 139.6}, {2201, 37.9, 139.0}, {1035, 36.7, 137.2}, {1133, 36.6, 136.6}, {767, 36.1, 136.2},
	{810, 35.7, 138.6}, {2048, 36.7, 138.2}, {1979, 35.4, 136.7}, {3633, 35.0, 138.4}, {7542, 35.2, 136.9}, {1770, 34.7, 136.5},
	{1414, 35.0, 135.9}, {2578, 35.0, 135.8}, {8838, 34.7, 135.5}, {5465, 34.7, 135.2}, {1324, 34.7, 135.8}, {923, 34.2, 135.2},
	{553, 35.5, 134.2}, {671, 35.5, 133.1}, {1888, 34.7, 133.9}, {2800, 34.4, 132.5}, {1342, 34.2, 131.5}, {720, 34.1, 134.6},
	{950, 34.3, 134.0}, {1335, 33.8, 132.8}, {692, 33.6, 133.5}, {5135, 33.6, 130.4}, {811, 33.2, 130.3}, {1312, 32.7, 129.9},
	{1738, 32.8, 130.7}, {1124, 33.2, 131.6}, {1070, 31.9, 131.4}, {1588, 31.6, 130.6}, {1467, 26.2, 127.7},
}

// within is the distance that someone travels inside the own prefecture, in km.
const within = 30

// distance is the great-circle distance between the seats of two prefectures in
// km, by the haversine formula on a sphere of 6,371 km.
func distance(a, b int) float64 {
	if a == b {
		return within
	}
	const degree = math.Pi / 180
	p, q := prefectures[a], prefectures[b]
	half := func(x float64) float64 { s := math.Sin(x / 2); return s * s }
	h := half((q.lat-p.lat)*degree) + math.Cos(p.lat*degree)*math.Cos(q.lat*degree)*half((q.lon-p.lon)*degree)
	return max(within, 2*6371*math.Asin(math.Sqrt(h)))
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
