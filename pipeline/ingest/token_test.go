package ingest

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/clean"
)

const testKey = "a project key of the tests"

func testWorker(t testing.TB) *TokenWorker {
	t.Helper()
	tokenizer, err := NewTokenizer([]byte(testKey))
	if err != nil {
		t.Fatal(err)
	}
	return tokenizer.Worker()
}

// wantToken computes a token from the definition, step by step.
func wantToken(t testing.TB, kind, message string) int64 {
	t.Helper()
	key, err := hkdf.Key(sha256.New, []byte(testKey), nil, "kankei/v1/"+kind, 32)
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(message))
	return int64(binary.BigEndian.Uint64(mac.Sum(nil)[:8]))
}

func TestTokens(t *testing.T) {
	w := testWorker(t)
	name, dated := w.Name("髙橋　花子 様", "ﾀｶﾊｼ ﾊﾅｺ", 1985)
	if !dated {
		t.Error("a name with a birth year is not dated")
	}
	undated, _ := w.Name("Hanako TAKAHASHI", "", 0)
	for _, test := range []struct {
		what, kind, message string
		got                 int64
	}{
		{"booking", "booking", "neppan\x005425310803", w.Booking("neppan", "5425310803.0")},
		{"member", "member", "ftas\x00101150", w.Member("ftas", " １０１１５０")},
		{"response", "response", "web\x00R_1", w.Response("web", "R_1")},
		{"act", "act", "npo\x007", w.Act("npo", "7")},
		{"move", "move", "desk\x007", w.Move("desk", "7")},
		{"e-mail", "email", "hanako@example.jp", w.Email(" Hanako@Example.JP")},
		{"phone", "phone", "09012345679", w.Phone("+81 90-1234-5679")},
		{"name", "name", "高橋花子\x00タカハシハナコ\x001985", name},
		{"name alone", "name", "hanako takahashi\x00\x00", undated},
	} {
		if want := wantToken(t, test.kind, test.message); test.got != want {
			t.Errorf("token of %s = %d, want %d", test.what, test.got, want)
		}
	}
}

// Computed with Python's hmac and hashlib from the definition, apart from this
// program.
const (
	wantBooking     = -443177178871706941
	wantPhone       = -1493163549422739518
	wantName        = 9175270899355165895
	wantFingerprint = "c8f9e9b4cea0ffffa380c609eaef7e4d"
	wantIdentity    = 3450435166317232362
)

// Tokens are kept in users' stores from year to year: they may not change unless
// the version in the key derivation does.
func TestTokensStayAsTheyAre(t *testing.T) {
	w := testWorker(t)
	name, _ := w.Name("髙橋　花子", "ﾀｶﾊｼ ﾊﾅｺ", 1985)
	for _, test := range []struct {
		what      string
		got, want int64
	}{
		{"booking", w.Booking("neppan", "5425310803.0"), wantBooking},
		{"phone", w.Phone("090-1234-5679"), wantPhone},
		{"name", name, wantName},
	} {
		if test.got != test.want {
			t.Errorf("token of %s = %d, want %d", test.what, test.got, test.want)
		}
	}
	if got := Fingerprint([]byte(testKey)); got != wantFingerprint {
		t.Errorf("fingerprint %s, want %s", got, wantFingerprint)
	}
	if got := Identity(schemas.Tokens{Member: 1, Email: -2, Name: 3}); got != wantIdentity {
		t.Errorf("identity %d, want %d", got, wantIdentity)
	}
}

func TestNoIdentifierNoToken(t *testing.T) {
	w := testWorker(t)
	name, dated := w.Name("様", " ", 1985)
	for what, token := range map[string]int64{
		"booking": w.Booking("neppan", " "), "member": w.Member("ftas", ""), "email": w.Email("x@guest.booking.com"),
		"phone": w.Phone("09000000000"), "name": name, "identity": Identity(schemas.Tokens{NameDated: true}),
	} {
		if token != 0 {
			t.Errorf("token of no %s = %d, want 0", what, token)
		}
	}
	if dated {
		t.Error("no name, but dated")
	}
}

// Tokens are equal if and only if kind, scope and normal form are.
func TestTokensFollowNormalForms(t *testing.T) {
	w := testWorker(t)
	ids := rapid.StringMatching(`[ ']?[01]{1,3}(\.0)?`)
	scopes := rapid.SampledFrom([]string{"a", "b", "a0"})
	people := rapid.SampledFrom([]string{"髙橋 花子", "高橋花子", "高橋花子様", "高橋 華子", "Hanako Takahashi", "TAKAHASHI HANAKO", "タカハシ", "たかはし", ""})
	phones := rapid.SampledFrom([]string{"09012345679", "+819012345679", "090-1234-5678", "0739-42-0001", "なし"})
	years := rapid.SampledFrom([]int32{0, 1985, 1986})
	rapid.Check(t, func(t *rapid.T) {
		id1, id2, scope1, scope2 := ids.Draw(t, "id"), ids.Draw(t, "id"), scopes.Draw(t, "scope"), scopes.Draw(t, "scope")
		same := scope1 == scope2 && clean.NormalID(id1) == clean.NormalID(id2)
		if (w.Booking(scope1, id1) == w.Booking(scope2, id2)) != same {
			t.Fatalf("bookings %s %q and %s %q", scope1, id1, scope2, id2)
		}
		phone1, phone2 := phones.Draw(t, "phone"), phones.Draw(t, "phone")
		if (w.Phone(phone1) == w.Phone(phone2)) != (clean.NormalPhone(phone1) == clean.NormalPhone(phone2)) {
			t.Fatalf("phones %q and %q", phone1, phone2)
		}
		type person struct {
			name, kana string
			year       int32
		}
		draw := func() (int64, person) {
			name, kana, year := people.Draw(t, "name"), people.Draw(t, "kana"), years.Draw(t, "year")
			token, _ := w.Name(name, kana, year)
			p := person{clean.NormalName(name), clean.NormalKana(kana), year}
			if p.name == "" && p.kana == "" {
				p.year = 0
			}
			return token, p
		}
		token1, person1 := draw()
		token2, person2 := draw()
		if (token1 == token2) != (person1 == person2) {
			t.Fatalf("persons %v and %v: %d and %d", person1, person2, token1, token2)
		}
	})
}

// One text has unrelated tokens as one kind of identifier and as another, and
// under another key.
func TestKindsAndKeysAreSeparate(t *testing.T) {
	seen := map[int64]string{}
	for _, key := range []string{testKey, testKey + "!"} {
		tokenizer, err := NewTokenizer([]byte(key))
		if err != nil {
			t.Fatal(err)
		}
		w := tokenizer.Worker()
		name, _ := w.Name("1", "", 0)
		for kind, token := range map[string]int64{
			"booking": w.Booking("s", "1"), "member": w.Member("s", "1"), "response": w.Response("s", "1"),
			"act": w.Act("s", "1"), "move": w.Move("s", "1"), "name": name, "fused": w.Booking("", "s1"),
		} {
			if other, ok := seen[token]; ok {
				t.Errorf("%s and %s have one token", kind, other)
			}
			seen[token] = kind
		}
	}
}

// A worker carries nothing over from one call to the next, and workers agree.
func TestWorkersAgree(t *testing.T) {
	tokenizer, err := NewTokenizer([]byte(testKey))
	if err != nil {
		t.Fatal(err)
	}
	w := tokenizer.Worker()
	first := w.Phone("090-1234-5679")
	w.Name(strings.Repeat("長い名前", 100), "", 1985)
	w.Email("taro@example.jp")
	if again, other := w.Phone("090-1234-5679"), tokenizer.Worker().Phone("090-1234-5679"); again != first || other != first {
		t.Errorf("tokens of one phone: %d, %d, %d", first, again, other)
	}
}

func TestIdentity(t *testing.T) {
	seen := map[int64]bool{}
	for _, tokens := range []schemas.Tokens{{Member: 5}, {Email: 5}, {Phone: 5}, {Name: 5}, {Member: 5, Name: 5}} {
		id := Identity(tokens)
		if id == 0 || seen[id] {
			t.Errorf("identity of %v = %d: 0 or seen before", tokens, id)
		}
		seen[id] = true
		tokens.NameDated, tokens.Identity = true, 7
		if Identity(tokens) != id {
			t.Errorf("identity of %v depends on more than the tokens", tokens)
		}
	}
}

func TestParseKey(t *testing.T) {
	raw := bytes.Repeat([]byte{0xfb, 0xff, 0x01, 0x7e}, 8) // has + and / in base64
	for text, want := range map[string]string{
		strings.Repeat("0f", 32):                   strings.Repeat("\x0f", 32),
		" " + strings.Repeat("0F", 32) + "\r\n":    strings.Repeat("\x0f", 32),
		base64.StdEncoding.EncodeToString(raw):     string(raw),
		base64.RawURLEncoding.EncodeToString(raw):  string(raw),
		"正しい馬と電池とホチキス":                             "正しい馬と電池とホチキス",
		"sixteen bytes ok":                         "sixteen bytes ok",
		strings.Repeat("0f", 16):                   strings.Repeat("0f", 16), // 32 hex digits are 16 bytes of key: taken as text
		"\ufeff" + strings.Repeat("0f", 32) + "\n": strings.Repeat("\x0f", 32),
	} {
		got, err := ParseKey(text)
		if err != nil || string(got) != want {
			t.Errorf("ParseKey(%q) = %q, %v, want %q", text, got, err, want)
		}
	}
}

// A refused key is explained in both languages, and no part of it is shown.
func TestParseKeyRefuses(t *testing.T) {
	for _, text := range []string{"", " \n", "hunter2hunter2!", "first line of it\nsecond line of it", "no text \xff\xfe at all", "zero \x00 zero zero zero"} {
		_, err := ParseKey(text)
		var message interface{ Message(string) string }
		if !errors.As(err, &message) {
			t.Errorf("ParseKey(%q): error %v has no messages", text, err)
			continue
		}
		for _, shown := range []string{err.Error(), message.Message("en"), message.Message("ja")} {
			if !strings.Contains(shown, "kankei init") {
				t.Errorf("%q does not say what to do", shown)
			}
			for _, word := range strings.Fields(text) {
				if len(word) > 4 && strings.Contains(shown, word) {
					t.Errorf("%q shows the key", shown)
				}
			}
		}
	}
	if _, err := NewTokenizer([]byte("hunter2")); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("NewTokenizer of 7 bytes: %v", err)
	}
}

func TestNewKey(t *testing.T) {
	text, err := NewKey(bytes.NewReader(bytes.Repeat([]byte{0xab}, 40)))
	if want := strings.Repeat("ab", 32); err != nil || text != want {
		t.Errorf("NewKey = %q, %v, want %q", text, err, want)
	}
	if _, err := NewKey(bytes.NewReader(nil)); err == nil {
		t.Error("a key was made without randomness")
	}
	key, err := ParseKey(text)
	if err != nil || len(key) != 32 {
		t.Errorf("a new key parses as %d bytes, %v", len(key), err)
	}
	if a, b := Fingerprint(key), Fingerprint(key[:31]); a == b || len(a) != 32 || strings.Contains(a, text[:8]) {
		t.Errorf("fingerprints %s, %s", a, b)
	}
}

func TestTokensAllocateNothing(t *testing.T) {
	w := testWorker(t)
	row := func() {
		w.Booking("neppan", "5425310803")
		w.Member("rakuten", "101150")
		w.Email("taro.yamada@example.jp")
		w.Phone("090-1234-5679")
		w.Name("山田　太郎", "ヤマダ　タロウ", 1985)
	}
	row()
	if n := testing.AllocsPerRun(100, row); n != 0 {
		t.Errorf("%v allocations for the tokens of a row", n)
	}
}

func BenchmarkToken(b *testing.B) {
	w := testWorker(b)
	for _, bench := range []struct {
		name string
		make func()
	}{
		{"booking", func() { w.Booking("neppan", "5425310803") }},
		{"email", func() { w.Email("taro.yamada@example.jp") }},
		{"phone", func() { w.Phone("090-1234-5679") }},
		{"name-latin", func() { w.Name("YAMADA TARO", "", 1985) }},
		{"name-japanese", func() { w.Name("山田　太郎", "ヤマダ　タロウ", 1985) }},
		{"name-half-width", func() { w.Name("山田　太郎", "ﾔﾏﾀﾞ ﾀﾛｳ", 1985) }},
		{"identity", func() { Identity(schemas.Tokens{Member: 1, Email: 2, Phone: 3, Name: 4}) }},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bench.make()
			}
		})
	}
}
