// Package simulate makes worlds whose truth is known: persons with homes, ties
// to regions, trips, moves and deaths, and what bookings, surveys and official
// statistics would show of them. Estimators are judged against the truth of such
// worlds. A person is a function of scenario, seed and number alone, so that
// worlds of any size stream by, in any order and on any number of threads.
//
// Start at [NewWorld], [World.Person] and [Truth].
package simulate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
)

// burnIn is how many months are lived before the exports begin: the engagement
// level deep looks back three years.
const burnIn = 36

// beyond is how many days are lived after the exports end: bookings of nights
// to come.
const beyond = 30

// mostPersons is the greatest number of residents: beyond it telephone numbers
// would repeat.
const mostPersons = 10_000_000

// Streams of random numbers: one per aspect of a person, so that a change of one
// aspect leaves the others as they were.
const (
	streamHome uint64 = iota + 1
	streamTies
	streamTrips
	streamLife
	streamLodging
	streamBooking
	streamOnsite
	streamPanel
	streamPlaces
	streamSearch
	streamArrival
)

// Place is a municipality of the world.
type Place struct {
	schemas.Region
	// Prefecture is its prefecture, counted from 0.
	Prefecture int
	// PrefectureName is the Japanese name of its prefecture.
	PrefectureName string
	// Visited is its index among the visited places, −1 where nobody goes.
	Visited int
}

// Facility is a lodging house of the world.
type Facility struct {
	Name  string
	Place int32
	// Share is its share of the lodgers of its municipality.
	Share float64
	// Capacity is the number of guests it can lodge in a night.
	Capacity int
	// Covered says that its bookings are delivered, from Joined to the day before
	// Left.
	Covered      bool
	Joined, Left schemas.Date
}

// delivers says whether a stay that begins on a day is delivered.
func (f Facility) delivers(d schemas.Date) bool { return f.Covered && d >= f.Joined && d < f.Left }

// World is what a scenario and a seed make; it is not changed once made and is
// safe for concurrent use.
type World struct {
	Scenario schemas.Scenario
	Seed     uint64
	// Residents is the number of residents; Strangers that of the visitors who live
	// abroad, numbered after them.
	Residents, Strangers int64
	Places               []Place
	// Visited are the indices of the visited places.
	Visited    []int32
	Facilities []Facility

	first, last, begin, end schemas.Date
	homes                   []float64   // cumulative weight of each place as a home
	pull                    [][]float64 // per home prefecture (47 is abroad), see pullOf
	attraction              []float64   // of each visited place
	houses                  [][]int32   // facilities of each visited place
	season                  [12]float64
	ladder                  []schemas.EngagementLevel
	classes                 []tieClass
	since                   []schemas.Date // first days of the programmes
}

// tieClass is a class of ties ready to be drawn from.
type tieClass struct {
	schemas.TieClass
	purposes []schemas.Purpose
	weights  []float64
	pull     [][]float64 // per home prefecture, see pullOf
}

// NewWorld makes the world of a scenario: persons residents of the regions given,
// which are the municipalities of Japan and their prefectures. It is an error
// where the scenario names a region that is not among them, or the number of
// persons is not between 1 and 10 million.
func NewWorld(s schemas.Scenario, seed uint64, persons int64, regions []schemas.Region) (*World, error) {
	if persons < 1 || persons > mostPersons {
		return nil, fmt.Errorf("a world of %d persons: give 1 to %d", persons, mostPersons)
	}
	w := &World{Scenario: s, Seed: seed, Residents: persons, Strangers: int64(math.Round(float64(persons) * s.Abroad)), ladder: schemas.Engagement()}
	w.first, w.last = s.FirstMonth(), s.LastDay()
	w.begin, w.end = w.first.AddMonths(-burnIn).MonthStart(), w.last+beyond
	w.season = [12]float64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}
	copy(w.season[:], s.Season)
	for _, c := range s.Ties {
		w.classes = append(w.classes, newTieClass(c))
	}
	for _, p := range s.Programmes {
		on, err := schemas.ParseDate(p.Since + "-01")
		if err != nil {
			return nil, err
		}
		w.since = append(w.since, on)
	}
	if err := w.settle(regions); err != nil {
		return nil, err
	}
	w.attract()
	w.build()
	return w, nil
}

// newTieClass puts the purposes in the order of their bits: a map has none.
func newTieClass(c schemas.TieClass) tieClass {
	t := tieClass{TieClass: c}
	for code := range c.Purposes {
		t.purposes = append(t.purposes, schemas.PurposeCodes[code])
	}
	slices.Sort(t.purposes)
	for _, purpose := range t.purposes {
		for code, weight := range c.Purposes {
			if schemas.PurposeCodes[code] == purpose {
				t.weights = append(t.weights, weight)
			}
		}
	}
	return t
}

// settle lays out the places and who may live there. Within a prefecture the
// r-th municipality by code has residents in proportion to 1/r: codes begin with
// the greatest cities.
func (w *World) settle(regions []schemas.Region) error {
	names := map[string]string{}
	for _, r := range regions {
		if r.RegionLevel == schemas.LevelPrefecture {
			names[r.RegionCode] = r.Name
		}
	}
	wanted := map[string]bool{}
	for _, code := range w.Scenario.Regions {
		wanted[code] = false
	}
	rank := [47]int{}
	var sums [47]float64
	var weights []float64
	for _, r := range regions {
		if r.RegionLevel != schemas.LevelMunicipality {
			continue
		}
		p := Place{Region: r, Prefecture: int(r.RegionCode[0]-'0')*10 + int(r.RegionCode[1]-'0') - 1, Visited: -1}
		p.PrefectureName = names[r.PrefectureCode]
		visited := len(wanted) == 0
		for _, code := range []string{r.RegionCode, r.PrefectureCode} {
			if _, asked := wanted[code]; asked {
				visited, wanted[code] = true, true
			}
		}
		if visited {
			p.Visited = len(w.Visited)
			w.Visited = append(w.Visited, int32(len(w.Places)))
		}
		rank[p.Prefecture]++
		weight := 1 / float64(rank[p.Prefecture])
		sums[p.Prefecture] += weight
		w.Places, weights = append(w.Places, p), append(weights, weight)
	}
	for _, code := range w.Scenario.Regions {
		if !wanted[code] {
			return fmt.Errorf("scenario %s: regions: %s is no prefecture or municipality: give five-digit codes in quotes", w.Scenario.ID, code)
		}
	}
	var sum float64
	for i, p := range w.Places {
		sum += reference.Prefectures[p.Prefecture].Residents * weights[i] / sums[p.Prefecture]
		w.homes = append(w.homes, sum)
	}
	return nil
}

// attract gives the visited places their attraction, and each home prefecture its pull towards them: of a class of
// ties with a factor of each place's own, log-normal with the mean 1, where the scenario has some diversity.
func (w *World) attract() {
	numbers := make([]int64, len(w.Visited))
	for v, at := range w.Visited {
		code := w.Places[at].RegionCode
		for _, digit := range code {
			numbers[v] = numbers[v]*10 + int64(digit-'0')
		}
		a, given := w.Scenario.Attraction[code]
		if !given {
			a = math.Exp(0.8 * w.stream(streamPlaces, numbers[v]).NormFloat64())
		}
		w.attraction = append(w.attraction, a)
	}
	w.pull = w.pullOf(w.attraction)
	sd := w.Scenario.Diversity
	for class := range w.classes {
		w.classes[class].pull = w.pull
		if sd == 0 {
			continue
		}
		own := slices.Clone(w.attraction)
		for v, number := range numbers {
			own[v] *= math.Exp(sd*w.stream(streamPlaces, 10_000_000+int64(class)*100_000+number).NormFloat64() - sd*sd/2)
		}
		w.classes[class].pull = w.pullOf(own)
	}
}

// pullOf is, per home prefecture (47 is abroad), the cumulative attraction × decay of each visited place.
func (w *World) pullOf(attraction []float64) (pulls [][]float64) {
	for home := range len(reference.Prefectures) + 1 {
		var sum float64
		pull := make([]float64, len(w.Visited))
		for v, at := range w.Visited {
			decay := 1.0
			if home < len(reference.Prefectures) {
				decay = math.Pow(1+distance(home, w.Places[at].Prefecture)/100, -w.Scenario.DistanceDecay)
			}
			sum += attraction[v] * decay
			pull[v] = sum
		}
		pulls = append(pulls, pull)
	}
	return pulls
}

// houseNames are invented.
var houseNames = []string{"青凪荘", "月影ホテル", "湯元さざなみ", "みなと宿", "杉木立院", "つぎざくらの宿", "滝見館", "潮騒ホテル", "山里の宿", "梅林荘", "片男波館", "城下ホテル"}

// build puts up the lodging houses.
func (w *World) build() {
	most := slices.Max(w.attraction)
	l := w.Scenario.Lodging
	w.houses = make([][]int32, len(w.Visited))
	for v, at := range w.Visited {
		random := w.stream(streamPlaces, 1_000_000+int64(at))
		n := max(1, int(math.Round(float64(l.Facilities)*math.Sqrt(w.attraction[v]/most))))
		covered := random.Perm(n)[:min(n, int(l.Covered*float64(n)+random.Float64()))] // rounded at random: the share is right on the whole
		var shares float64
		for k := range n {
			shares += 1 / float64(k+2)
		}
		for k := range n {
			f := Facility{Place: at, Share: 1 / float64(k+2) / shares, Capacity: 20 + int(300/float64(k+2)), Covered: slices.Contains(covered, k), Joined: w.begin, Left: w.end + 1}
			f.Name = w.Places[at].PrefectureName + w.Places[at].Name + " " + houseNames[k%len(houseNames)]
			if k >= len(houseNames) {
				f.Name += fmt.Sprint(k/len(houseNames) + 1)
			}
			if f.Covered && random.Float64() < l.Joining {
				day := w.first.AddMonths(random.IntN(w.Scenario.Months)-1) + 1
				if random.IntN(2) == 0 {
					f.Joined = day
				} else {
					f.Left = day
				}
			}
			w.houses[v] = append(w.houses[v], int32(len(w.Facilities)))
			w.Facilities = append(w.Facilities, f)
		}
	}
}

// stream is a source of random numbers for one aspect of one person or place.
func (w *World) stream(aspect uint64, id int64) *rand.Rand {
	return rand.New(rand.NewPCG(scramble(w.Seed^aspect<<56), scramble(uint64(id))))
}

// scramble is the finaliser of SplitMix64 (Steele, Lea & Flood 2014), so that
// neighbouring numbers begin streams that have nothing in common.
func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// draw is the index that a uniform number falls on in a cumulative sum.
func draw(random *rand.Rand, cumulative []float64) int {
	u := random.Float64() * cumulative[len(cumulative)-1]
	return min(sort.SearchFloat64s(cumulative, math.Nextafter(u, math.Inf(1))), len(cumulative)-1)
}

// drawWeighted is an index in proportion to weights.
func drawWeighted(random *rand.Rand, weights []float64) int {
	var sum float64
	for _, weight := range weights {
		sum += weight
	}
	u := random.Float64() * sum
	for i, weight := range weights {
		if u -= weight; u < 0 {
			return i
		}
	}
	return len(weights) - 1
}

func poisson(random *rand.Rand, mean float64) int {
	if mean <= 0 {
		return 0
	}
	return int(distuv.Poisson{Lambda: mean, Src: random}.Rand())
}

func gamma(random *rand.Rand, mean, shape float64) float64 {
	return distuv.Gamma{Alpha: shape, Beta: shape / mean, Src: random}.Rand()
}
