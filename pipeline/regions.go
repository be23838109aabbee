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

// changeColumns are the columns of a file of code changes, each with the other
// name by which the compilations of the national statistics have it.
var changeColumns = [4][]string{
	{"changed_on", "date"}, {"from_code", "from_city_code"}, {"to_code", "to_city_code"}, {"reason", "type"},
}

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
	changes, err := parseChanges(name, text)
	if err != nil {
		return nil, "", err
	}
	if table, err = table.WithChanges(changes); err != nil {
		return nil, "", &Error{Code: ExitMisused, Where: name, Found: say("地域コードの変更が矛盾しています", "the code changes contradict themselves or those built in"), Err: err}
	}
	digest := sha256.Sum256(text)
	return table, hex.EncodeToString(digest[:]), nil
}

// parseChanges reads a CSV file of changes of region codes. Rows without a code
// before or after, such as a new municipality on reclaimed land, change nothing
// that can be followed and are passed over.
func parseChanges(name string, text []byte) ([]schemas.RegionChange, error) {
	records, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff")))).ReadAll()
	if err != nil {
		return nil, &Error{Code: ExitMisused, Where: name, Found: say("CSV として読めません", "not CSV"), Err: err}
	}
	if len(records) == 0 {
		return nil, &Error{Code: ExitMisused, Where: name, Found: say("空です", "is empty")}
	}
	var at [4]int
	for i, names := range changeColumns {
		at[i] = slices.IndexFunc(records[0], func(h string) bool { return slices.Contains(names, h) })
		if at[i] < 0 {
			return nil, &Error{Code: ExitMisused, Where: name + ":1", Found: say("列 %s がありません", "has no column %s", names[0])}
		}
	}
	var changes []schemas.RegionChange
	for i, record := range records[1:] {
		on, err := schemas.ParseDate(record[at[0]])
		if err != nil {
			return nil, &Error{Code: ExitMisused, Where: fmt.Sprintf("%s:%d", name, i+2), Found: say("日付ではありません", "not a date"), Err: err}
		}
		if from, to := record[at[1]], record[at[2]]; from != "" && to != "" {
			changes = append(changes, schemas.RegionChange{ChangedOn: on, FromCode: from, ToCode: to, Reason: record[at[3]]})
		}
	}
	return changes, nil
}
