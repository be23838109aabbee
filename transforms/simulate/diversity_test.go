package simulate

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kankei/kankei/internal/sharedtest"
	"github.com/kankei/kankei/schemas"
)

// visitorsMet are the persons met in a municipality, and those of them who gave an answer of a class of visits.
type visitorsMet struct {
	all   map[int64]bool
	class [3]map[int64]bool
}

// classes of visits: 2 to 5, 6 to 10, and more.
func visitClassOf(least int) int {
	switch {
	case least >= 11:
		return 2
	case least >= 6:
		return 1
	case least >= 2:
		return 0
	}
	return -1
}

func meet(met map[string]*visitorsMet, place string, person int64, class int) {
	v := met[place]
	if v == nil {
		v = &visitorsMet{all: map[int64]bool{}}
		for i := range v.class {
			v.class[i] = map[int64]bool{}
		}
		met[place] = v
	}
	v.all[person] = true
	if class >= 0 {
		v.class[class][person] = true
	}
}

// between is the standard deviation, between municipalities, of the logarithm of the share of a class, beyond that of
// drawing: by the method of moments, of municipalities with eight persons of the class.
func between(met map[string]*visitorsMet, class int) (sd float64, municipalities int) {
	var logs, weights []float64
	var sum, squares, mean float64
	for _, v := range met {
		n, of := float64(len(v.all)), float64(len(v.class[class]))
		if of < 8 {
			continue
		}
		w := 1 / (1/of - 1/n)
		logs, weights = append(logs, math.Log(of/n)), append(weights, w)
		sum, squares, mean = sum+w, squares+w*w, mean+w*math.Log(of/n)
	}
	q := 1 - float64(len(logs))
	for i, l := range logs {
		q += weights[i] * (l - mean/sum) * (l - mean/sum)
	}
	return math.Sqrt(max(0, q/(sum-squares/sum))), len(logs)
}

// fukui are those who live elsewhere and were met in Fukui in the year to March 2025, other than to see kin, with how often
// they had been to the area.
func fukui(t *testing.T) map[string]*visitorsMet {
	met := map[string]*visitorsMet{}
	for month := range 12 {
		name := fmt.Sprintf("%d%02d.csv.gz", 2024+(month+3)/12, (month+3)%12+1)
		file, err := os.Open(filepath.Join(sharedtest.Dir(t), "real", "ftas", name))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		unpacked, err := gzip.NewReader(file)
		if err != nil {
			t.Fatal(err)
		}
		rows, at := csv.NewReader(unpacked), map[string]int{}
		for {
			row, err := rows.Read()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(at) == 0 {
				for i, column := range row {
					at[strings.TrimPrefix(column, "\ufeff")] = i
				}
				continue
			}
			if row[at["都道府県"]] == "福井県" || strings.Contains(row[at["訪問目的ALL"]], "友人・親戚") {
				continue
			}
			var person int64
			fmt.Sscan(row[at["会員ID"]], &person)
			meet(met, row[at["市町村"]], person, visitClassOf(map[string]int{"2～5回目": 2, "6～10回目": 6, "11回目以上": 11}[row[at["エリア訪問回数"]]]))
		}
	}
	return met
}

// The municipalities of the base scenario differ in whom they draw about half as much as those of Fukui or more, and no more
// than these: of those met there, the shares of who had come 6 to 10 times and more often differ by 0.38 and 0.51 on their
// logarithm between municipalities. The classes are of all visits ever made there, and of a year here. Municipalities that
// draw alike differ by nothing.
func TestMunicipalitiesDifferAsThoseOfFukui(t *testing.T) {
	s := scenarioOf(t, "base")
	s.Onsite.Met, s.Onsite.Answer, s.Onsite.AnswerSpread = 1, 1, 0 // everybody
	simulated := func(diversity float64) map[string]*visitorsMet {
		s.Diversity = diversity
		w := worldOf(t, s, 5, 60_000)
		met := map[string]*visitorsMet{}
		for id := range w.Residents {
			p := w.Person(id)
			for _, e := range w.Encounters(&p) {
				if e.Day > w.last-365 && e.Purpose != schemas.Kin && e.Home >= 0 && w.Places[e.Home].Prefecture != w.Places[e.Place].Prefecture {
					meet(met, fmt.Sprint(e.Place), p.ID, visitClassOf(int(e.Visits)))
				}
			}
		}
		return met
	}
	real, base, alike := fukui(t), simulated(s.Diversity), simulated(0)
	for class, name := range []string{"2 to 5", "6 to 10", "11 and more"} {
		there, municipalities := between(real, class)
		here, _ := between(base, class)
		none, _ := between(alike, class)
		t.Logf("%s visits: %.2f between %d municipalities of Fukui, %.2f in the base world, %.2f in one of alike municipalities", name, there, municipalities, here, none)
		if here > there {
			t.Errorf("%s visits: municipalities of the base world differ more than those of Fukui, by %.2f and %.2f", name, here, there)
		}
		if here < 0.4*there {
			t.Errorf("%s visits: municipalities of the base world differ by much less than those of Fukui, by %.2f and %.2f", name, here, there)
		}
		if none > here/2 {
			t.Errorf("%s visits: alike municipalities differ by %.2f, those of the base world by %.2f", name, none, here)
		}
	}
}
