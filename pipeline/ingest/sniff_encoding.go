package ingest

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// encoding is how a text file is encoded.
type encoding struct {
	name string
	bom  int // length of the byte order mark
}

// sniffEncoding decides in the order byte order mark, UTF-16 by its zero bytes,
// UTF-8, CP932. Up to 1 % of the characters beyond ASCII may mean nothing in the
// encoding chosen; they are counted as they are read.
func (in *input) sniffEncoding(head []byte, hint string) (encoding, error) {
	mark := byteOrderMark(head)
	switch {
	case hint != "" && hint == mark.name:
		return mark, nil
	case hint != "":
		return encoding{name: hint}, nil
	case mark.name != "":
		return mark, nil
	case bytes.IndexByte(head, 0) >= 0:
		return in.sniffUTF16(head)
	}
	sample, err := in.nonASCII(head)
	if err != nil {
		return encoding{}, err
	}
	return in.sniffBytes(sample)
}

func byteOrderMark(b []byte) encoding {
	switch {
	case bytes.HasPrefix(b, utf8BOM):
		return encoding{UTF8, 3}
	case bytes.HasPrefix(b, []byte("\xFF\xFE")):
		return encoding{UTF16LE, 2}
	case bytes.HasPrefix(b, []byte("\xFE\xFF")):
		return encoding{UTF16BE, 2}
	}
	return encoding{}
}

// sniffUTF16 tells UTF-16 by where the zero bytes of its ASCII characters stand.
func (in *input) sniffUTF16(head []byte) (encoding, error) {
	var zeros [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i&1]++
		}
	}
	few := len(head) / 50
	switch {
	case zeros[0] == 0 && zeros[1] > few:
		return encoding{name: UTF16LE}, nil
	case zeros[1] == 0 && zeros[0] > few:
		return encoding{name: UTF16BE}, nil
	}
	return encoding{}, in.refuseBinary("")
}

// nonASCII gives the text from the first character on that is not ASCII, so
// that an export of plain letters with one Japanese name far down is decoded.
func (in *input) nonASCII(head []byte) ([]byte, error) {
	if !isASCII(head) || len(head) < headBytes {
		return head, nil
	}
	s, err := in.open()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	for s.out < asciiBytes {
		part, err := readUpTo(s, headBytes)
		if err != nil || len(part) == 0 {
			return head, err
		}
		if !isASCII(part) {
			more, err := readUpTo(s, headBytes)
			return append(part, more...), err
		}
	}
	return head, nil
}

func (in *input) sniffBytes(sample []byte) (encoding, error) {
	if end := bytes.LastIndexByte(sample, '\n'); end > 0 && len(sample) >= headBytes {
		sample = sample[:end+1]
	}
	if name := otherEncoding(sample); name != "" {
		return encoding{}, in.refuseEncoding(name)
	}
	if utf8.Valid(sample) {
		return encoding{name: UTF8}, nil
	}
	// Japanese UTF-8 often is valid CP932 too (京都 reads 莠ｬ驛ｽ), CP932 hardly
	// ever UTF-8: so a few broken bytes do not rule UTF-8 out.
	const few = 0.01
	utf, sjis := judgeUTF8(sample), judgeCP932(sample)
	switch {
	case utf.share() <= few:
		return encoding{name: UTF8}, nil
	case sjis.share() <= few:
		return encoding{name: CP932}, nil
	}
	r := in.refuseEncoding("")
	at := utf.first
	if sjis.share() < utf.share() {
		at = sjis.first
	}
	r.Line = 1 + bytes.Count(sample[:at], []byte("\n"))
	column := at - bytes.LastIndexByte(sample[:at], '\n')
	r.Found = text(fmt.Sprintf("文字コードが分かりません（行の%dバイト目）。", column), fmt.Sprintf("a text in no encoding known here (byte %d of the line).", column))
	return encoding{}, r
}

func (in *input) refuseEncoding(name string) *Refusal {
	ja, en := "文字コードが分かりません。", "a text in no encoding known here."
	if name != "" {
		ja, en = "文字コードが"+name+"です。", "a text in "+name+"."
	}
	r := in.refuse(WrongEncoding, text(ja, en), text("CSV UTF-8で保存し直してください。", "Save it as CSV UTF-8."))
	r.Wanted = text("UTF-8・UTF-16・Shift_JIS（CP932）が読めます。", "UTF-8, UTF-16 and CP932 (Shift_JIS) can be read.")
	return r
}

// verdict is how well an encoding fits: characters beyond ASCII, those of them
// that mean nothing in it, and where the first of these stands.
type verdict struct{ beyond, wrong, first int }

// mark counts a character that means nothing.
func (v *verdict) mark(at int) {
	if v.wrong == 0 {
		v.first = at
	}
	v.wrong++
}

func (v verdict) share() float64 { return float64(v.wrong) / float64(max(v.beyond, 1)) }

func judgeUTF8(b []byte) (v verdict) {
	for at := 0; at < len(b); {
		r, n := utf8.DecodeRune(b[at:])
		if r >= utf8.RuneSelf {
			v.beyond++
		}
		if r == utf8.RuneError && n == 1 {
			v.mark(at)
		}
		at += n
	}
	return v
}

// judgeCP932 counts the five single bytes without a character in Shift_JIS as
// wrong: they decode, but speak for another encoding.
func judgeCP932(b []byte) (v verdict) {
	t := cp932Table()
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		p, n := t.next(b[i:])
		v.beyond++
		odd := b[i] == 0x80 || b[i] == 0xA0 || b[i] >= 0xFD
		if p == 0 || odd {
			v.mark(i)
		}
		i += n
	}
	return v
}

// otherEncoding names the two Japanese encodings that would pass for another:
// ISO-2022-JP is all ASCII, EUC-JP reads as half-width kana in CP932.
func otherEncoding(b []byte) string {
	if bytes.Contains(b, []byte("\x1b$B")) || bytes.Contains(b, []byte("\x1b$@")) {
		return "ISO-2022-JP"
	}
	pairs, kana := 0, 0
	for i := 0; i < len(b); i++ {
		if b[i] < utf8.RuneSelf {
			continue
		}
		if i+1 == len(b) || b[i] < 0xA1 || b[i] > 0xFE || b[i+1] < 0xA1 || b[i+1] > 0xFE {
			return ""
		}
		pairs++
		if b[i] == 0xA4 || b[i] == 0xA5 { // rows of hiragana and katakana; 、and ・ in CP932
			kana++
		}
		i++
	}
	if pairs >= 4 && kana*10 >= pairs && !utf8.Valid(b) {
		return "EUC-JP"
	}
	return ""
}
