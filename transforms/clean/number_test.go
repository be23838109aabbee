package clean

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestInt(t *testing.T) {
	const refused = math.MinInt64
	for in, want := range map[string]int64{
		"0": 0, "18": 18, "¥18,100": 18100, "￥18,100": 18100, `\18,100`: 18100, // CP932 yen
		"18,100円": 18100, "36125 JPY": 36125, "JPY 36125": 36125, "1.256,00": 1256, "1,256.00": 1256,
		"1.256.000": 1256000, "1 256 000": 1256000, "1'256": 1256, "１２，３４５": 12345,
		"２": 2, "①": 1, "2名": 2, "２名様": 2, "3泊": 3, "1室": 1, "3 nights": 3, "1 Room": 1, "2.0": 2, "007": 7, "+3": 3,
		"￥１８，１００": 18100, "JPY１８,１００": 18100, "18100JPY": 18100, "￥-500": -500, "△￥1,000": -1000, "▲１，０００円": -1000, "(1,234)": -1234, "（１，２３４）": -1234,
		"¥1,234-": refused, "２室": 2, "１泊": 1, "1泊2日": refused, "2名～": refused, "千円": refused, "12千円": refused, "12,345千円": refused,
		"3百人": refused, "1.2万人": refused, "(単位：千円)": refused, "12 345": 12345, "１２　３４５": 12345, "1,234人": 1234, "単泊": refused, "−１，２３４": -1234, "－1234": -1234,
		"-3": -3, "−3": -3, "－３": -3, "△3": -3, "▲3": -3, "△1,000": -1000, "(3)": -3, "（３）": -3, "-¥3": -3, "¥-3": -3, "-0": 0,
		"9223372036854775807": math.MaxInt64, "9223372036854775808": refused, "99999999999999999999999999999999999999999999": refused,
		"": refused, " ": refused, "名": refused, "2.5": refused, "1.256": refused, "12,5": refused, "1,2,3": refused, "6, 9": refused,
		"1,23,456": refused, "12,34": refused, "2名3名": refused, "2~3名": refused, "1万": refused, "50%": refused, "--3": refused,
		"△-3": refused, "+-3": refused, "(-3)": refused, "⑶": refused, "3-": refused, "0x10": refused, "1_000": refused, "1e3": refused,
		",": refused, ".": refused, "1,": refused, "NaN": refused, "Inf": refused, "大人2": refused,
	} {
		got, ok := Int(in)
		if ok != (want != refused) || ok && got != want {
			t.Errorf("Int(%q) = %d, %v, want %d", in, got, ok, want)
		}
	}
}

func TestDecimal(t *testing.T) {
	for in, want := range map[string]float64{
		"2": 2, "2.5": 2.5, "12,5": 12.5, "1.256": 1.256, "1,256": 1256, "1.256,50": 1256.5, "1,256.50": 1256.5, "0,123": 0.123,
		".5": 0.5, ",5": 0.5, "5.": 5, "▲1,256.5円": -1256.5, "1234,567": 1234.567, "1e3": 1000, "1.5E-05": 1.5e-05, "-2.5": -2.5,
		"36125.00 JPY": 36125, "３．５": 3.5, "1.234.567,8": 1234567.8,
	} {
		if got, ok := Decimal(in); !ok || got != want {
			t.Errorf("Decimal(%q) = %v, %v, want %v", in, got, ok, want)
		}
	}
	for _, in := range []string{"", "NaN", "Inf", "-inf", "1e999", "e5", "1.2.3", "1,2,3.4", "1.5万", "0x1p4", "5%", "1,256.000.000"} {
		if got, ok := Decimal(in); ok {
			t.Errorf("Decimal(%q) = %v, want refused", in, got)
		}
	}
}

// A number reads back from every form it can be written in.
func TestNumberFormsAgree(t *testing.T) {
	grouped := func(n int64, mark string) string {
		s := fmt.Sprint(n)
		for i := len(s) - 3; i > 0; i -= 3 {
			s = s[:i] + mark + s[i:]
		}
		return s
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 1e15).Draw(t, "n")
		for _, s := range []string{grouped(n, ","), "¥" + grouped(n, ","), grouped(n, ".") + ",00", grouped(n, ",") + ".0", fmt.Sprint(n, "名"), fmt.Sprint("\u3000", n, " JPY")} {
			if got, ok := Int(s); !ok || got != n {
				t.Fatalf("Int(%q) = %d, %v", s, got, ok)
			}
			if got, ok := Decimal(s); !ok || got != float64(n) {
				t.Fatalf("Decimal(%q) = %v, %v", s, got, ok)
			}
			if got, ok := Int("△" + s); !ok || got != -n {
				t.Fatalf("Int(△%q) = %d, %v", s, got, ok)
			}
		}
	})
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"¥18,100", "36125 JPY", "1.256,00", "２", "△3", "(3)", "2名", "1e3", ".5", "1'256"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := Int(s)
		v, isNumber := Decimal(s)
		if ok && (!isNumber || v != float64(n)) {
			t.Fatalf("%q: Int %d, Decimal %v, %v", s, n, v, isNumber)
		}
		if isNumber && (math.IsNaN(v) || math.IsInf(v, 0)) {
			t.Fatalf("%q: Decimal %v", s, v)
		}
	})
}

func BenchmarkInt(b *testing.B) {
	for _, s := range []string{"2", "¥18,100", "2名"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Int(s)
			}
		})
	}
}
