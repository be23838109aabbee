package pipeline

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/link"
)

// pairColumns are the columns of a sample of pairs. The counts are the same on every
// row of the file, or of the stratum, so that rows may be sorted, and left out.
var pairColumns = []string{
	"pair", "stratum", "stratum_pairs", "pseudonyms", "repeat_stays", "repeat_pairs",
	"source_1", "file_1", "line_1", "month_1", "region_1", "source_2", "file_2", "line_2", "month_2", "region_2", "same",
}

// The answers to whether a pair is one person.
const (
	answerYes     = "yes"
	answerNo      = "no"
	answerUnclear = "unclear"
)

// readReview reads the judged pairs that linkage.review names, and gives their digest.
// No review is the zero Review.
func (p *Project) readReview() (link.Review, string, error) {
	name := p.Config.Linkage.Review
	if name == "" {
		return link.Review{}, "", nil
	}
	text, err := os.ReadFile(p.Path(name))
	if err != nil {
		return link.Review{}, "", &Error{Code: ExitMisused, Where: p.Config.At("linkage.review"), Found: say("%s を読めません", "%s cannot be read", name),
			Do: say("kankei linkage-sample で標本を作り、same 列に判定を書いてください", "draw a sample with kankei linkage-sample and judge its column same"), Err: err}
	}
	pairs := pairFile{name: name, read: map[string]bool{}}
	if err := pairs.parse(text); err != nil {
		return link.Review{}, "", err
	}
	if names := pairs.review.Unjudged(); len(names) > 0 {
		return link.Review{}, "", &Error{Code: ExitMisused, Where: name,
			Found: say("層 %s に yes または no の判定がありません", "no pair of the stratum %s is judged yes or no", strings.Join(names, ", ")),
			Do:    say("各層で判定してください。足りないと誤り率を推計できません", "judge pairs of every stratum; without them the rate is not known")}
	}
	digest := sha256.Sum256(text)
	return pairs.review, hex.EncodeToString(digest[:]), nil
}

// pairFile is a sample of pairs as it is read.
type pairFile struct {
	name     string
	review   link.Review
	read     map[string]bool // pairs
	problems Problems
	answers  int
}

// mostProblems is how many faults of a file are told at once.
const mostProblems = 20

// parse reads the whole file; every fault is told with its line and column.
func (f *pairFile) parse(text []byte) error {
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	header, err := in.Read()
	if err != nil || !slices.Equal(header, pairColumns) {
		return &Error{Code: ExitMisused, Where: f.name + ":1",
			Found:  say("判定用の標本の見出しではありません", "has not the header of a sample of pairs"),
			Wanted: say("列 %s", "the columns %s", strings.Join(pairColumns, ",")),
			Do:     say("kankei linkage-sample が書いたファイルの same 列だけを書き込んでください", "fill in nothing but the column same of the file that kankei linkage-sample wrote")}
	}
	rows := 0
	for len(f.problems) < mostProblems {
		record, err := in.Read()
		if len(record) == 0 {
			break
		}
		rows++
		if wrong := new(csv.ParseError); errors.As(err, &wrong) {
			f.fault(wrong.Line, wrong.Column, say("%d 列あります", "has %d columns", len(record)), say("%d 列", "%d", len(pairColumns)))
			break
		}
		f.row(in, record)
	}
	if rows == 0 {
		f.fault(2, 1, say("行がありません", "has no rows"), schemas.Text{})
	}
	return f.problems.orNil()
}

func (f *pairFile) fault(line, column int, found, wanted schemas.Text) {
	f.problems = append(f.problems, &Error{Code: ExitMisused, Where: fmt.Sprintf("%s:%d:%d", f.name, line, column), Found: found, Wanted: wanted,
		Do: say("元の値に戻すか、その行を除いてください", "put back what was there, or leave the row out")})
}

// row reads one pair.
func (f *pairFile) row(in *csv.Reader, record []string) {
	wrong := func(i int, wanted schemas.Text) {
		line, column := in.FieldPos(i)
		f.fault(line, column, say("%s が %q です", "%[1]s is %[2]q", pairColumns[i], record[i]), wanted)
	}
	var counts [6]int64
	for _, i := range []int{2, 3, 4, 5} {
		n, err := strconv.ParseInt(strings.TrimSpace(record[i]), 10, 64)
		if err != nil || n < 1 {
			wrong(i, say("1 以上の整数", "a whole number of at least 1"))
			return
		}
		counts[i] = n
	}
	if f.read[record[0]] {
		wrong(0, say("まだない番号", "a number that no row above has"))
		return
	}
	f.read[record[0]] = true
	if population := (link.Population{Pseudonyms: counts[3], RepeatStays: counts[4], RepeatPairs: counts[5]}); f.review.Population == (link.Population{}) {
		f.review.Population = population
	} else if f.review.Population != population {
		wrong(3, say("全行で同じ数", "the same counts on every row"))
		return
	}
	if !slices.Contains(link.Strata(), record[1]) {
		wrong(1, say("%s", "%s", strings.Join(link.Strata(), ", ")))
		return
	}
	at := slices.IndexFunc(f.review.Strata, func(s link.Stratum) bool { return s.Name == record[1] })
	if at < 0 {
		at = len(f.review.Strata)
		f.review.Strata = append(f.review.Strata, link.Stratum{Name: record[1], Pairs: counts[2]})
	}
	s := &f.review.Strata[at]
	if s.Pairs != counts[2] {
		wrong(2, say("層の全行で同じ数 %d", "the same number on every row of the stratum, %d", s.Pairs))
		return
	}
	answer := len(record) - 1
	f.answers++
	switch strings.ToLower(strings.TrimSpace(record[answer])) {
	case answerYes:
		s.Same++
	case answerNo:
		s.Different++
	case answerUnclear:
		s.Unclear++
	case "":
		f.answers--
	default:
		wrong(answer, say("yes、no、unclear、または空", "yes, no, unclear, or nothing"))
	}
	if s.Same+s.Different+s.Unclear > s.Pairs {
		wrong(2, say("判定した組より少なくない数", "no fewer than the pairs judged"))
	}
}
