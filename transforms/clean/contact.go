package clean

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// relays are the domains, with all below them, whose addresses a booking site
// makes up for one booking or one shop. Such an address names no person, so it
// must not link two stays. Sources: the sites' own partner help ("alias e-mail
// address" of Booking.com, Airbnb until 2023) and addresses seen in property
// systems. Apple's privaterelay.appleid.com is left in: it is stable per person
// and site.
var relays = [...]string{
	"guest.booking.com", "mchat.booking.com", // Booking.com
	"m.expediapartnercentral.com", "guest.expedia.com", "guest.hotels.com", // Expedia group
	"messages.homeaway.com", "messages.vrbo.com", "guest.vrbo.com", // Vrbo
	"guest.airbnb.com", "guests.airbnb.com", "reply.airbnb.com", "host.airbnb.com", // Airbnb
	"guest.trip.com", "guest.ctrip.com", // Trip.com
	"agoda-messaging.com", "guest.agoda.com", // Agoda
	"expmessaging.tripadvisor.com", // Viator, Tripadvisor
	"fw.rakuten.ne.jp",             // Rakuten's あんしんメルアド: pc.fw., mb.fw., dm.fw.
}

// NormalEmail is an e-mail address in narrow lower-case ASCII without spaces
// around it, or "" if it is unusable: not exactly one @, nothing before it, no
// dot inside the domain, a space or other than ASCII within, or an alias that a
// booking site made up for one booking. Dots and +tags stay, since only some providers
// ignore them; ".." and ".@" are allowed, since old Japanese mobile addresses
// have them.
func NormalEmail(s string) string { return string(AppendNormalEmail(nil, s)) }

// AppendNormalEmail appends [NormalEmail] of s to dst.
func AppendNormalEmail(dst []byte, s string) []byte {
	s = narrow(s)
	start, at := len(dst), -1
	for i := 0; i < len(s); i++ {
		b := s[i]
		switch {
		case b <= ' ' || b >= 0x7F || (b == '@' && at >= 0):
			return dst[:start]
		case b == '@':
			at = i
		case b >= 'A' && b <= 'Z':
			b += 'a' - 'A'
		}
		dst = append(dst, b)
	}
	if at < 1 || !usableDomain(dst[start+at+1:]) {
		return dst[:start]
	}
	return dst
}

// usableDomain tells a domain with a dot inside that is no relay.
func usableDomain(domain []byte) bool {
	dot := false
	for i, b := range domain {
		if b != '.' {
			continue
		}
		if i == 0 || i == len(domain)-1 {
			return false
		}
		dot = true
	}
	return dot && !relay(domain)
}

func relay(domain []byte) bool {
	for _, r := range relays {
		tail := len(domain) - len(r)
		if tail >= 0 && string(domain[tail:]) == r && (tail == 0 || domain[tail-1] == '.') {
			return true
		}
	}
	return false
}

// NormalPhone is a telephone number as digits: a Japanese one as dialled within
// Japan (09012345679), any other with its country code (+821012345679), or ""
// if it is unusable. Read are +81, 0081, 01081 and a bare 81 before a Japanese
// number, "(0)" after the country code, a leading zero lost in a spreadsheet
// (9012345679, 312345670), full width, and any punctuation; left out are an
// extension and whatever else follows the digits, and the ".0" of a float.
//
// Japanese numbers have 10 digits, or 11 if the third is 0 (050, 070, 080, 090,
// 0800, 060, 020); others 9 to 15. A bare number of any other length may be from
// anywhere and is unusable. So is a dummy: one whose last seven digits are all the
// same or run up or down (09000000000, 0312345678).
func NormalPhone(s string) string { return string(AppendNormalPhone(nil, s)) }

// AppendNormalPhone appends [NormalPhone] of s to dst.
func AppendNormalPhone(dst []byte, s string) []byte {
	if !ascii(s) {
		s = norm.NFKC.String(s)
	}
	var buf [maxPhone]byte
	digits, plus, ok := phoneDigits(s, buf[:0])
	if !ok {
		return dst
	}
	digits, plus = cutExit(digits, plus)
	start := len(dst)
	switch {
	case plus && hasPrefix(digits, "81"):
		dst = appendNational(dst, digits[2:])
	case plus:
		dst = appendInternational(dst, digits)
	default:
		dst = appendBare(dst, digits)
	}
	if dummy(dst[start:]) {
		return dst[:start]
	}
	return dst
}

const (
	minPhone = 9
	maxPhone = 20 // longer than any number with its prefixes
)

// phoneDigits reads the first run of digits and punctuation in s.
func phoneDigits(s string, buf []byte) (digits []byte, plus, ok bool) {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r >= '0' && r <= '9':
			if len(buf) == maxPhone {
				return nil, false, false
			}
			buf = append(buf, byte(r))
		case r == '+' && len(buf) == 0:
			plus = true
		case len(buf) == 0: // "TEL:", an apostrophe, an opening bracket
		case (r == 'e' || r == 'E') && i+1 < len(s) && (s[i+1] == '+' || s[i+1] == '-'):
			return nil, false, false // 9.01235E+09: a spreadsheet dropped digits
		case r == '.' && len(buf) >= minPhone && strings.Trim(s[i+1:], "0 ") == "", !phoneMark(r, len(buf)):
			return buf, plus, true
		}
		i += size
	}
	return buf, plus, true
}

// phoneMark tells a character that may stand between the digits of one number. A
// slash after a whole number begins a second one.
func phoneMark(r rune, digits int) bool {
	switch r {
	case ' ', '-', '(', ')', '.', '−', 'ー', '\t':
		return true
	case '/':
		return digits < minPhone
	}
	return hyphen(r)
}

// cutExit takes off 010 and 00, the prefixes of international calls from Japan
// and from most of the world.
func cutExit(digits []byte, plus bool) ([]byte, bool) {
	for _, exit := range []string{"010", "00"} {
		if !plus && hasPrefix(digits, exit) && len(digits) > len(exit)+minPhone {
			return digits[len(exit):], true
		}
	}
	return digits, plus
}

func hasPrefix(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && string(b[:len(prefix)]) == prefix
}

// appendNational appends a Japanese number from the digits after the country
// code, with or without the leading zero.
func appendNational(dst, digits []byte) []byte {
	start := len(dst)
	if !hasPrefix(digits, "0") {
		dst = append(dst, '0')
	}
	dst = append(dst, digits...)
	if !national(dst[start:]) {
		return dst[:start]
	}
	return dst
}

// national tells a Japanese number as dialled in Japan.
func national(digits []byte) bool {
	if len(digits) < 10 || digits[0] != '0' || digits[1] == '0' {
		return false
	}
	if digits[2] == '0' { // 020 050 060 070 080 090; 010 is Korea's
		return len(digits) == 11 && strings.IndexByte("256789", digits[1]) >= 0
	}
	return len(digits) == 10
}

func appendInternational(dst, digits []byte) []byte {
	if len(digits) < minPhone || len(digits) > 15 || digits[0] == '0' { // ITU-T E.164: 15 digits at most
		return dst
	}
	return append(append(dst, '+'), digits...)
}

// appendBare appends a number that came without a plus.
func appendBare(dst, digits []byte) []byte {
	switch n := len(digits); {
	case n < minPhone:
		return dst
	case digits[0] == '0', n == 9, n == 10 && digits[1] == '0':
		return appendNational(dst, digits)
	case hasPrefix(digits, "81"):
		return appendNational(dst, digits[2:])
	case n >= 11:
		return appendInternational(dst, digits)
	}
	return dst
}

// dummy tells a number typed to fill a field: its last seven digits are equal or
// go up or down by one.
func dummy(number []byte) bool {
	if len(number) < 7 {
		return false
	}
	tail := number[len(number)-7:]
	step := (tail[1] - tail[0] + 10) % 10
	if step != 0 && step != 1 && step != 9 {
		return false
	}
	for i := 2; i < len(tail); i++ {
		if (tail[i]-tail[i-1]+10)%10 != step {
			return false
		}
	}
	return true
}

// NormalID is a booking or membership number in half width without what a
// spreadsheet adds: spaces around it, a leading apostrophe, ="…", the ".0" of a
// float (5425310803.0) or an exponent. It is "" where an exponent has lost
// digits (5.42531E+09), since different numbers would look the same. Letter
// case and leading zeros stay.
func NormalID(s string) string { return string(AppendNormalID(nil, s)) }

// AppendNormalID appends [NormalID] of s to dst.
func AppendNormalID(dst []byte, s string) []byte {
	s = unwrap(narrow(s))
	if whole, fraction, ok := strings.Cut(s, "."); ok && whole != "" && digitsOnly(whole) {
		if fraction != "" && strings.Trim(fraction, "0") == "" {
			return append(dst, whole...)
		}
		if i := strings.IndexAny(fraction, "eE"); i > 0 && digitsOnly(fraction[:i]) {
			return appendShifted(dst, whole, fraction[:i], fraction[i+1:])
		}
	}
	if whole, _, ok := strings.Cut(s, "E+"); ok && whole != "" && digitsOnly(whole) {
		return dst
	}
	return append(dst, s...)
}

// unwrap takes off a spreadsheet's marks of text: '123 and ="123".
func unwrap(s string) string {
	for {
		inner := strings.TrimSpace(strings.TrimPrefix(s, "'"))
		if len(inner) > 3 && strings.HasPrefix(inner, `="`) && inner[len(inner)-1] == '"' {
			inner = strings.TrimSpace(inner[2 : len(inner)-1])
		}
		if inner == s {
			return s
		}
		s = inner
	}
}

// appendShifted appends whole.fraction × 10^exponent if its last digit is a unit;
// fewer digits than that have been rounded away, or were zeros: none can tell.
func appendShifted(dst []byte, whole, fraction, exponent string) []byte {
	places, ok := plainInt(strings.TrimPrefix(exponent, "+"))
	if !ok || len(whole) != 1 || int64(len(fraction)) != places {
		return dst
	}
	return append(append(dst, whole...), fraction...)
}
