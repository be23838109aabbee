package pipeline

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
)

// regions are the regions of Japan with the project's own changes of codes, and
// the digest of those, ” if it has none.
func (p *Project) regions() (*reference.Table, string, error) {
	table := reference.Load()
	name := p.Config.CodeChanges
	if name == "" {
		return table, "", nil
	}
	text, err := os.ReadFile(p.Path(name))
	if err != nil {
		return nil, "", &Error{Code: ExitMisused, Where: p.Config.At("code_changes"), Found: say("表を読めません", "the table cannot be read"), Err: err}
	}
	history, err := parseChanges(name, text)
	if err != nil {
		return nil, "", err
	}
	if table, err = table.WithHistory(history); err != nil {
		return nil, "", &Error{Code: ExitMisused, Where: name, Found: say("地域コードの変更を使えません", "the changes of codes cannot be used"), Err: err,
			Wanted: say("from_code と to_code に5桁のコード", "codes of five digits in from_code and to_code")}
	}
	digest := sha256.Sum256(text)
	return table, hex.EncodeToString(digest[:]), nil
}

// boundaries are the regions of Japan as of one day.
type boundaries struct {
	table   *reference.Table
	vintage schemas.Date
}

func (r *Run) boundaries() boundaries { return r.Project.boundaries(r.Regions) }

// boundaries are those of the day in kankei.yaml, or of the latest change of
// codes that is known.
func (p *Project) boundaries(table *reference.Table) boundaries {
	in := boundaries{table, p.Config.BoundaryVintage.Date}
	if in.vintage == 0 {
		for _, c := range table.Changes() {
			in.vintage = max(in.vintage, c.ChangedOn)
		}
	}
	return in
}

// firstVintage is the first day whose boundaries are known without a table of the project's own.
var firstVintage, _ = schemas.NewDate(2014, 1, 1)

// checkVintage wants a day of which the table knows the boundaries: one not
// before its changes begin.
func (p *Project) checkVintage(table *reference.Table) error {
	first := firstVintage
	if p.Config.CodeChanges != "" {
		first = min(first, table.Changes()[0].ChangedOn)
	}
	if day := p.Config.BoundaryVintage.Date; day != 0 && day < first {
		return &Error{Code: ExitMisused, Where: p.Config.At("boundary_vintage"),
			Found:  say("boundary_vintage: %s の境界はわかりません", "boundary_vintage: the boundaries of %s are not known", day),
			Wanted: say("%s 以後の日", "a day from %s on", first),
			Do:     say("それより前の境界には、その日までさかのぼる表を code_changes に指定してください", "for boundaries before that, name a table in code_changes that reaches back to the day")}
	}
	return nil
}

// placed says that a code stands for a place from a first to a last day. Ward
// says that the code is of a ward, whose people are among those of its city.
type placed struct {
	Code        string
	First, Last schemas.Date
	Place       string
	Ward        bool
}

// places are the codes that are not, on some days, the municipality themselves
// that stands for them.
func (in boundaries) places() []placed {
	var all []placed
	last := ""
	for _, r := range in.table.Regions() {
		code := r.RegionCode
		if code == last || r.RegionLevel == schemas.LevelNation || r.RegionLevel == schemas.LevelPrefecture {
			continue
		}
		last = code
		for _, span := range in.table.Spans(code, in.vintage) {
			if place := in.municipality(span.Region); place != code {
				all = append(all, placed{code, span.First, span.Last, place, r.RegionLevel == schemas.LevelWard})
			}
		}
	}
	return all
}

// digest tells boundaries of other changes, or of another day, apart.
func (in boundaries) digest() string {
	return digestJSON(struct {
		Changes []schemas.RegionChange
		Vintage schemas.Date
	}{in.table.Changes(), in.vintage})
}

// place is the municipality, or else the prefecture, for a code on a day.
func (in boundaries) place(code string, on schemas.Date) string {
	return in.municipality(in.table.At(code, on, in.vintage))
}

// municipality is the city of a ward, and any other region itself.
func (in boundaries) municipality(code string) string {
	return cmp.Or(in.table.Municipality(code), code)
}

// changeColumns are the columns of a table of changes that a project writes
// itself. The table of all changes since 1970 has other ones, see
// [reference.ParseHistory]; it also tells former names.
var changeColumns = []string{"changed_on", "from_code", "to_code", "reason"}

// parseChanges reads either table of changes of region codes.
func parseChanges(name string, text []byte) (reference.History, error) {
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	header, err := in.Read()
	if err == nil && slices.Contains(header, changeColumns[0]) {
		return parseOwnChanges(name, header, in)
	}
	history, err := reference.ParseHistory(bytes.NewReader(text))
	if err != nil {
		return history, &Error{Code: ExitMisused, Where: name, Found: say("地域コードの変更の表として読めません", "is no table of changes of codes"), Err: err,
			Wanted: say("changed_on, from_code, to_code, reason の列、または廃置分合等情報の列", "the columns changed_on, from_code, to_code and reason, or those of the table of all changes since 1970")}
	}
	return history, nil
}

// parseOwnChanges reads the rows below the header of a project's own table.
// Rows without a code before or after, such as a new municipality on reclaimed
// land, change nothing that can be followed and are passed over.
func parseOwnChanges(name string, header []string, in *csv.Reader) (reference.History, error) {
	var h reference.History
	wrong := func(line int, found, wanted schemas.Text) (reference.History, error) {
		return h, &Error{Code: ExitMisused, Where: fmt.Sprintf("%s:%d", name, line), Found: found, Wanted: wanted}
	}
	var at [4]int
	for i, column := range changeColumns {
		if at[i] = slices.Index(header, column); at[i] < 0 {
			return wrong(1, say("列 %s がありません", "has no column %s", column), say("%s の列", "the columns %s", strings.Join(changeColumns, ", ")))
		}
	}
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return h, nil
		}
		if err != nil {
			return h, &Error{Code: ExitMisused, Where: name, Found: say("CSV として読めません", "not CSV"), Err: err}
		}
		line, _ := in.FieldPos(0)
		on, err := schemas.ParseDate(record[at[0]])
		if err != nil {
			return wrong(line, say("changed_on: %q は日付ではありません", "changed_on: %q is no date", record[at[0]]), say("2024-01-01 のような日付", "a day such as 2024-01-01"))
		}
		if from, to := record[at[1]], record[at[2]]; from != "" && to != "" {
			h.Changes = append(h.Changes, schemas.RegionChange{ChangedOn: on, FromCode: from, ToCode: to, Reason: record[at[3]]})
		}
	}
}
