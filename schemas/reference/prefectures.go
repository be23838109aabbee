package reference

import "math"

// Prefecture is how many people live in a prefecture and where its seat lies.
type Prefecture struct {
	// Residents is the number of residents in thousands.
	Residents float64
	// Latitude and Longitude are those of the seat of the prefecture, in degrees.
	Latitude, Longitude float64
}

// Prefectures are the 47 prefectures in the order of their codes: residents by
// the census of 2020 (Statistics Bureau of Japan), and the seat of the
// prefecture to a tenth of a degree.
var Prefectures = [47]Prefecture{
	{5225, 43.1, 141.3}, {1238, 40.8, 140.7}, {1211, 39.7, 141.2}, {2302, 38.3, 140.9}, {960, 39.7, 140.1}, {1068, 38.2, 140.4},
	{1833, 37.8, 140.5}, {2867, 36.3, 140.4}, {1933, 36.6, 139.9}, {1939, 36.4, 139.1}, {7345, 35.9, 139.6}, {6284, 35.6, 140.1},
	{14048, 35.7, 139.7}, {9237, 35.4, 139.6}, {2201, 37.9, 139.0}, {1035, 36.7, 137.2}, {1133, 36.6, 136.6}, {767, 36.1, 136.2},
	{810, 35.7, 138.6}, {2048, 36.7, 138.2}, {1979, 35.4, 136.7}, {3633, 35.0, 138.4}, {7542, 35.2, 136.9}, {1770, 34.7, 136.5},
	{1414, 35.0, 135.9}, {2578, 35.0, 135.8}, {8838, 34.7, 135.5}, {5465, 34.7, 135.2}, {1324, 34.7, 135.8}, {923, 34.2, 135.2},
	{553, 35.5, 134.2}, {671, 35.5, 133.1}, {1888, 34.7, 133.9}, {2800, 34.4, 132.5}, {1342, 34.2, 131.5}, {720, 34.1, 134.6},
	{950, 34.3, 134.0}, {1335, 33.8, 132.8}, {692, 33.6, 133.5}, {5135, 33.6, 130.4}, {811, 33.2, 130.3}, {1312, 32.7, 129.9},
	{1738, 32.8, 130.7}, {1124, 33.2, 131.6}, {1070, 31.9, 131.4}, {1588, 31.6, 130.6}, {1467, 26.2, 127.7},
}

// PrefectureOf finds the prefecture of a region by its 5-digit code; false for the nation and for codes
// that are of none.
func PrefectureOf(code string) (Prefecture, bool) {
	if len(code) != 5 || code[0] < '0' || code[0] > '4' || code[1] < '0' || code[1] > '9' {
		return Prefecture{}, false
	}
	i := int(code[0]-'0')*10 + int(code[1]-'0') - 1
	if i < 0 || i >= len(Prefectures) {
		return Prefecture{}, false
	}
	return Prefectures[i], true
}

// Distance is the great-circle distance between the seats of two prefectures in
// km, by the haversine formula on a sphere of 6,371 km.
func Distance(p, q Prefecture) float64 {
	const degree = math.Pi / 180
	half := func(x float64) float64 { s := math.Sin(x / 2); return s * s }
	h := half((q.Latitude-p.Latitude)*degree) + math.Cos(p.Latitude*degree)*math.Cos(q.Latitude*degree)*half((q.Longitude-p.Longitude)*degree)
	return 2 * 6371 * math.Asin(math.Sqrt(h))
}
