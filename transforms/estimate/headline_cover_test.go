package estimate

import (
	"fmt"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/disclose"
)

// Four municipalities and the pairs that they add up to. Where one rests on 4 persons, the pairs less the three others are its figure, so that
// the one of the fewest persons goes with it. Where two rest on 4 and 3, a third goes, for 7 are no more than may be shown. Two that rest on 4
// and 8 do by themselves, and where one alone is estimated it takes the total along.
func TestHeadlinesAreNotHadBySubtraction(t *testing.T) {
	f, _ := prefectureOf([]float64{1, 1, 1, 1})
	for _, c := range []struct{ persons, want []int64 }{
		{[]int64{100, 40, 30, 50, 60}, []int64{100, 40, 30, 50, 60}},
		{[]int64{100, 40, 4, 30, 60}, []int64{100, 40, 4, 4, 60}},
		{[]int64{100, 3, 4, 60, 30}, []int64{100, 3, 4, 60, 3}},
		{[]int64{100, 8, 4, 60, 30}, []int64{100, 8, 4, 60, 30}},
		{[]int64{100, 4}, []int64{4, 4}},
	} {
		rows := []disclose.Counted[schemas.RelationalPopulation]{estimated("30000", schemas.Pairs, schemas.SourceSurvey, SurveyCalibrated, 1000, 0.1, 0)}
		for i := range c.persons[1:] {
			rows = append(rows, estimated(placeOf(i), schemas.Persons, schemas.SourceSurvey, SurveyCalibrated, 250, 0.2, 0))
		}
		for i, n := range c.persons {
			rows[i].Persons = n
		}
		h := plainHeadline
		h.Replicates = 20
		of := rowsByRegion(Combined(f, h, rows))
		var got []int64
		for i := range c.persons {
			code := "30000 " + schemas.Pairs
			if i > 0 {
				code = placeOf(i-1) + " " + schemas.Persons
			}
			got = append(got, of[code].Persons)
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("of %v persons: the figures rest on %v, want %v", c.persons, got, c.want)
		}
	}
}
