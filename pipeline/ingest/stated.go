package ingest

import (
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/clean"
)

// Stated says where a file states when it was delivered. Each is a regular
// expression whose first group is the time: 20260401, 20260401_1530, 14 digits,
// or any date that rows may have.
type Stated struct {
	// Name is searched for in the name of the file.
	Name string `yaml:"name"`
	// Content is searched for in the lines above the header.
	Content string `yaml:"content"`
}

// TimeIn gives the time that the first group of a pattern finds in a text, false
// where it finds none. Times are those of Japan.
func TimeIn(pattern, text string) (schemas.Timestamp, bool) {
	re, err := regexp.Compile(pattern)
	if err != nil || pattern == "" {
		return 0, false
	}
	found := re.FindStringSubmatch(norm.NFKC.String(text))
	if len(found) < 2 {
		return 0, false
	}
	return readStated(found[1])
}

// readStated reads a time as file names and letterheads write it.
func readStated(s string) (schemas.Timestamp, bool) {
	if at, ok := clean.Timestamp(s, clean.Unknown); ok {
		return at, true
	}
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	if len(digits) != 8 && len(digits) != 12 && len(digits) != 14 {
		return 0, false
	}
	clock := (digits[8:] + "000000")[:6]
	return clean.Timestamp(digits[:4]+"-"+digits[4:6]+"-"+digits[6:8]+" "+clock[:2]+":"+clock[2:4]+":"+clock[4:], clean.Unknown)
}

// CheckStated says whether a pattern can find a time: it is a regular expression
// with a group.
func CheckStated(pattern string) bool {
	re, err := regexp.Compile(pattern)
	return err == nil && re.NumSubexp() > 0
}

// statedIn finds the time of delivery in the lines above the header.
func (j *Job) statedIn(file *File) *schemas.Timestamp {
	pattern := j.Stated.Content
	if pattern == "" && j.Mapping.Delivered != nil {
		pattern = j.Mapping.Delivered.Content
	}
	for _, line := range file.Preamble {
		if at, ok := TimeIn(pattern, line); ok {
			return &at
		}
	}
	return nil
}
