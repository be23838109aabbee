package reference

import (
	"math"
	"testing"
)

func TestPrefectures(t *testing.T) {
	var residents float64
	for _, p := range Prefectures {
		residents += p.Residents
	}
	if math.Abs(residents-126146) > 30 { // census of 2020: 126,146 thousand
		t.Errorf("residents of Japan: %v thousand", residents)
	}
	tokyo, _ := PrefectureOf("13000")
	osaka, ok := PrefectureOf("27100") // a municipality has the seat of its prefecture
	if d := Distance(tokyo, osaka); !ok || math.Abs(d-400) > 15 {
		t.Errorf("Tokyo and Osaka lie %v km apart; want 400", d)
	}
	if d := Distance(osaka, osaka); d != 0 {
		t.Errorf("Osaka lies %v km from itself", d)
	}
	for _, code := range []string{"00000", "48000", "abroad", "tokyo", "1x000"} {
		if p, ok := PrefectureOf(code); ok {
			t.Errorf("%s is no prefecture: %v", code, p)
		}
	}
}
