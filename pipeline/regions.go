package pipeline

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"os"
	"slices"

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
		return nil, "", &Error{Code: ExitMisused, Where: name, Found: say("地域コードの変更を使えません", "the changes of codes cannot be used"), Err: err}
	}
	digest := sha256.Sum256(text)
	return table, hex.EncodeToString(digest[:]), nil
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
	wrong := func(line int, found schemas.Text, err error) (reference.History, error) {
		return h, &Error{Code: ExitMisused, Where: fmt.Sprintf("%s:%d", name, line), Found: found, Err: err}
	}
	var at [4]int
	for i, column := range changeColumns {
		if at[i] = slices.Index(header, column); at[i] < 0 {
			return wrong(1, say("列 %s がありません", "has no column %s", column), nil)
		}
	}
	records, err := in.ReadAll()
	if err != nil {
		return h, &Error{Code: ExitMisused, Where: name, Found: say("CSV として読めません", "not CSV"), Err: err}
	}
	for i, record := range records {
		on, err := schemas.ParseDate(record[at[0]])
		if err != nil {
			return wrong(i+2, say("日付ではありません", "not a date"), err)
		}
		if from, to := record[at[1]], record[at[2]]; from != "" && to != "" {
			h.Changes = append(h.Changes, schemas.RegionChange{ChangedOn: on, FromCode: from, ToCode: to, Reason: record[at[3]]})
		}
	}
	return h, nil
}
