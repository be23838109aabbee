package ingest

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"filippo.io/age"
)

// The values of refused rows can be read by the recipient and by nobody else:
// no byte of what is written holds them, and without a recipient nothing is kept.
func TestOriginalsAreSealed(t *testing.T) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	m, _ := Builtin("neppan")
	path := filepath.Join(t.TempDir(), "export.csv")
	writePlanted(t, path, m)
	job := testJob(t, m.ID, path)
	job.Overrides.Region, job.Originals = "30401", identity.Recipient()
	report := mustLand(t, job)
	entries, err := os.ReadDir(job.Out)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(job.Out, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		holdsNoTrace(t, entry.Name(), string(content))
	}

	sealed, err := os.Open(filepath.Join(job.Out, OriginalsFile))
	if err != nil {
		t.Fatal(err)
	}
	defer sealed.Close()
	plain, err := age.Decrypt(sealed, identity)
	if err != nil {
		t.Fatal(err)
	}
	var rows int64
	named := false
	for lines := bufio.NewScanner(plain); lines.Scan(); rows++ {
		var o Original
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			t.Fatal(err)
		}
		if o.File != job.Rel || o.Line < 2 || o.Reason == "" {
			t.Errorf("a refused row without its place: %+v", o)
		}
		for column, value := range o.Values {
			named = named || value == plantedName
			if column == "備考" {
				t.Errorf("a column that no field reads was kept: %s", column)
			}
		}
	}
	if rows != report.RowsRejected || !named {
		t.Errorf("%d rows kept of %d refused, the name among them: %v", rows, report.RowsRejected, named)
	}

	job.Originals, job.Out = nil, t.TempDir()
	mustLand(t, job)
	if _, err := os.Stat(filepath.Join(job.Out, OriginalsFile)); err == nil {
		t.Error("values are kept though nobody is to read them")
	}
}
