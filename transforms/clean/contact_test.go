package clean

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNormalPhone(t *testing.T) {
	for in, want := range map[string]string{
		"09012345679": "09012345679", "090-1234-5679": "09012345679", "０９０－１２３４－５６７９": "09012345679", "090(1234)5679": "09012345679",
		"090ー1234ー5679": "09012345679", "090‐1234‐5679": "09012345679", "090.1234.5679": "09012345679", "TEL:090-1234-5679": "09012345679",
		"+81 90-1234-5679": "09012345679", "+81 (0)90-1234-5679": "09012345679", "＋８１９０１２３４５６７９": "09012345679",
		"0081-90-1234-5679": "09012345679", "010-81-90-1234-5679": "09012345679", "819012345679": "09012345679",
		"9012345679": "09012345679", "9012345679.0": "09012345679", "'09012345679": "09012345679", `="09012345679"`: "09012345679", // spreadsheets
		"9.012345679E+09": "",
		"03-1234-5670":    "0312345670", "312345670": "0312345670", "0739-42-0001": "0739420001", "+81-739-42-0001": "0739420001", "0120-444-555": "0120444555",
		"03-1234-5670 内線12": "0312345670", "03-1234-5670 ext. 12": "0312345670", "03-1234-5670(自宅)": "0312345670", "090-1234-5679/03-1234-5670": "09012345679",
		"090/1234/5679": "09012345679", "050-1234-5679": "05012345679", "0800-123-4569": "08001234569",
		"+82 10-1234-5679": "+821012345679", "0082 10 1234 5679": "+821012345679", "+1 (415) 555-2671": "+14155552671", "8613912345679": "+8613912345679",
		// Dummies: typed to get past a mandatory field.
		"0000000000": "", "00000000000": "", "09000000000": "", "09011111111": "", "0312345678": "", "09012345678": "", "0123456789": "", "0987654321": "", "+10000000000": "",
		// Unusable.
		"": "", "なし": "", "12345678": "", "090-1234-567": "", "090-1234-56790": "", "03-1234-56701": "", "4155552671": "", "01012345679": "", "03012345679": "",
		"+8190123": "", "+123456789012345679": "", "090 1234 5679 03 1234 5670": "", "+": "", "0012345679": "",
	} {
		if got := NormalPhone(in); got != want {
			t.Errorf("NormalPhone(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestNormalEmail(t *testing.T) {
	for in, want := range map[string]string{
		" Taro.Yamada@Example.JP ": "taro.yamada@example.jp", "ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ": "taro@example.jp", "a+b@example.com": "a+b@example.com",
		"taro..y.@docomo.ne.jp":      "taro..y.@docomo.ne.jp", // allowed to mobile subscribers until 2009
		"x@privaterelay.appleid.com": "x@privaterelay.appleid.com", "x@notguest.booking.com.jp": "x@notguest.booking.com.jp", "x@myguest.booking.com": "x@myguest.booking.com",
		"tyamad.123456@guest.booking.com": "", "abc@m.expediapartnercentral.com": "", "u-1@guest.airbnb.com": "", "815db@pc.fw.rakuten.ne.jp": "", "X@GUEST.BOOKING.COM": "",
		"": "", "なし": "", "taro": "", "@example.jp": "", "taro@": "", "taro@example": "", "taro@.jp": "", "taro@jp.": "", "a@b@example.jp": "",
		"taro yamada@example.jp": "", "a@example.jp,b@example.jp": "", "太郎@example.jp": "", "taro@例え.jp": "",
	} {
		if got := NormalEmail(in); got != want {
			t.Errorf("NormalEmail(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestNormalID(t *testing.T) {
	for in, want := range map[string]string{
		"HMABC123": "HMABC123", " hm-1 ": "hm-1", "ＲＹ１２３": "RY123", "0012": "0012", "5425310803.0": "5425310803", "5425310803.00": "5425310803",
		"5.425310803E+09": "5425310803", "5.42531E+09": "", "5E+09": "", "12E4": "12E4", "1.2.0": "1.2.0", "1.5": "1.5", ".0": ".0",
		`="0012"`: "0012", "'0012": "0012", `'="0012.0"`: "0012", "": "", "　": "", "\ufeff12": "12",
	} {
		if got := NormalID(in); got != want {
			t.Errorf("NormalID(%q) = %q, want %q", in, got, want)
		}
	}
}

// A Japanese number reads the same however it is written.
func TestPhoneFormsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.StringMatching(`[789]0`).Draw(t, "prefix")
		b := rapid.StringMatching(`[0-9]{4}`).Draw(t, "exchange")
		c := rapid.StringMatching(`[0-9]{4}`).Draw(t, "number")
		want := NormalPhone("0" + a + b + c)
		if want != "" && want != "0"+a+b+c {
			t.Fatalf("0%s%s%s became %s", a, b, c, want)
		}
		for _, s := range []string{"0" + a + "-" + b + "-" + c, "+81" + a + b + c, "81 " + a + " " + b + " " + c, "+81(0)" + a + "-" + b + c, a + b + c + ".0", "0" + a + b + c + "内線9"} {
			if got := NormalPhone(s); got != want {
				t.Fatalf("NormalPhone(%q) = %q, want %q", s, got, want)
			}
		}
	})
}

func FuzzNormalPhone(f *testing.F) {
	for _, s := range []string{"090-1234-5679", "+81 (0)90-1234-5679", "0082 10 1234 5679", "9012345679.0", "03-1234-5670 内線12", "＋８１", "9.01E+09"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := NormalPhone(s)
		if twice := NormalPhone(once); twice != once {
			t.Fatalf("%q: %q, again %q", s, once, twice)
		}
		if digits := strings.TrimPrefix(once, "+"); once != "" && (!digitsOnly(digits) || len(digits) < 9 || len(digits) > 15) {
			t.Fatalf("%q: %q", s, once)
		}
	})
}

func FuzzNormalEmailAndID(f *testing.F) {
	for _, s := range []string{"Taro@Example.JP", "ｔａｒｏ＠ｅ．ｊｐ", `'="12.0"`, "5.425310803E+09", " a ", "''x", `="="1"""`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if once := NormalEmail(s); NormalEmail(once) != once {
			t.Fatalf("e-mail %q: %q, again %q", s, once, NormalEmail(once))
		}
		if once := NormalID(s); NormalID(once) != once {
			t.Fatalf("id %q: %q, again %q", s, once, NormalID(once))
		}
	})
}

func TestAppendAllocatesNothing(t *testing.T) {
	buf := make([]byte, 0, 256)
	if n := testing.AllocsPerRun(100, func() {
		AppendNormalID(AppendNormalEmail(AppendNormalPhone(buf, "+81 90-1234-5679"), " Taro@Example.JP"), "5425310803.0")
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkNormalContact(b *testing.B) {
	buf := make([]byte, 0, 256)
	for name, f := range map[string]func(){
		"phone": func() { buf = AppendNormalPhone(buf[:0], "090-1234-5679") },
		"email": func() { buf = AppendNormalEmail(buf[:0], "taro.yamada@example.jp") },
		"id":    func() { buf = AppendNormalID(buf[:0], "5425310803") },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
}
