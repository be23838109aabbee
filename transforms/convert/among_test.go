package convert

import (
	"math"
	"testing"

	"github.com/kankei/kankei/schemas"
)

func on(t *testing.T, day string) schemas.Date {
	t.Helper()
	d, err := schemas.ParseDate(day)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// answer is a mover who moved on a day, related since another; "" is not related.
func answer(t *testing.T, moved, since string) Mover {
	t.Helper()
	related := since != ""
	m := Mover{Record: schemas.RecordCounterSurvey, Region: "30201", Origin: "13000", MovedOn: on(t, moved), RelatedBefore: &related}
	if related {
		d := on(t, since)
		m.RelatedSince = &d
	}
	return m
}

// By hand: of 10 movers of 2022 five answer, four of them within the span and two of these
// related, so that 2 · 2 of 2 · 4 were. The two are 2.5/6 of the year's answers, with ½ of an
// answer more: the variance of the 4 is 2 · 1 · 25/4 · (2.5/6)(3.5/6), and that of the share, ½
// as smoothed, that of ¼/(variance/8²) answers.
func TestAmongPartOfAYear(t *testing.T) {
	r := retrospect{registered: registered{{"30000", 2022}: 10}}
	movers := []Mover{answer(t, "2022-02-01", "2020-01-01"), answer(t, "2022-05-01", "2020-01-01"), answer(t, "2022-06-01", "2021-01-01"), answer(t, "2022-07-01", ""), answer(t, "2022-08-01", "")}
	of := span{"30000", on(t, "2022-03-31"), on(t, "2023-03-31"), 12}
	c, _ := r.among(of, movers, figure{100, 5, 50}, func(m Mover) float64 {
		if *m.RelatedBefore {
			return 1
		}
		return 0
	})
	if c == nil {
		t.Fatal("not estimable")
	}
	variance := 2 * 1 * 25.0 / 4 * (2.5 / 6) * (3.5 / 6)
	if f := c.factors; f.RelatedBefore.Value != 0.5 || f.InMigrants.Value != 8 || math.Abs(f.RelatedBefore.EffectiveSize-0.25*64/variance) > 1e-9 {
		t.Errorf("factors %+v, want a share of 0.5 of 8, known as from %v answers", f, 0.25*64/variance)
	}
	if c.related != 2 || c.others != 2 {
		t.Errorf("%d and %d answers, want 2 and 2", c.related, c.others)
	}
}

// Half a year is 183 days, not what is left of seven months: contact begun 183 days before the
// move counts, 182 days before does not.
func TestHalfYear(t *testing.T) {
	march := on(t, "2022-03-31")
	r := retrospect{Frame: Frame{References: []schemas.Date{on(t, "2023-03-31")}}, registered: registered{{"30000", 2022}: 3}}
	r.population = populations(Frame{}, nil)
	r.population[struct {
		Region    string
		Reference schemas.Date
	}{"30000", on(t, "2023-03-31")}] = figure{100, 5, 50}
	movers := []Mover{answer(t, "2022-12-01", "2022-06-01"), answer(t, "2022-12-01", "2022-06-02"), answer(t, "2022-12-01", "")}
	of := span{"30000", march, on(t, "2023-03-31"), 12}
	for days, want := range map[schemas.Date]int64{0: 2, halfYear: 1} {
		if c, _ := r.beforeMove(of, movers, days); c == nil || c.related != want {
			t.Errorf("without the last %d days %+v, want %d related", days, c, want)
		}
	}
}

// Of 2022 40 moved in and 20 answer, and of 2023, whose total is not out, one: each answer stands
// for two. Where nobody answers in the year before either, nothing tells.
func TestWeightOfAYearNotOut(t *testing.T) {
	r := retrospect{registered: registered{{"30000", 2022}: 40}}
	movers := []Mover{answer(t, "2023-02-01", "2020-01-01")}
	if weight, known := r.weight("30000", 2023, movers); known {
		t.Errorf("weight %v without an answer in the year of the total", weight)
	}
	for range 20 {
		movers = append(movers, answer(t, "2022-05-01", ""))
	}
	for _, year := range []int{2022, 2023} {
		if weight, known := r.weight("30000", year, movers); weight != 2 || !known {
			t.Errorf("%d: weight %v, %v, want 2", year, weight, known)
		}
	}
	if weight, known := r.weight("30000", 2024, movers); known {
		t.Errorf("2024: weight %v, and no total of the year before", weight)
	}
}
