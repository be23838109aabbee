package ingest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/clean"
)

func instant(t *testing.T, s string) schemas.Timestamp {
	t.Helper()
	at, ok := clean.Timestamp(s, clean.Unknown)
	if !ok {
		t.Fatalf("%q is no time", s)
	}
	return at
}

func TestTimeIn(t *testing.T) {
	for _, test := range []struct{ pattern, text, want string }{
		{`_(\d{8})\.csv$`, "予約_20260401.csv", "2026-04-01 00:00:00"},
		{`_(\d{8}_\d{4})`, "neppan_20260401_1530.csv", "2026-04-01 15:30:00"},
		{`^(\d{14})\b`, "20240401061230.csv", "2024-04-01 06:12:30"},
		{`(\d{4}-\d\d-\d\d)`, "export 2026-04-01 (final).csv", "2026-04-01 00:00:00"},
		{`作成日時[:：]\s*(.+)$`, "作成日時：２０２６/０４/０１ ０６:１２", "2026-04-01 06:12:00"},
		{`出力日 (.+)$`, "出力日 令和8年4月1日", "2026-04-01 00:00:00"},
		{`_(\d{8})\.csv$`, "予約_20260231.csv", ""},                         // no such day
		{`_(\d{6})\.csv$`, "予約_202604.csv", ""},                           // a month is no time
		{`_(\d{8})\.csv$`, "予約_2026年4月.csv", ""},                          // not found
		{`_\d{8}\.csv$`, "予約_20260401.csv", ""},                           // no group
		{`_(\d{12})\.csv$`, "予約_202604012530.csv", "2026-04-02 01:30:00"}, // half past one at night
	} {
		got, ok := TimeIn(test.pattern, test.text)
		switch {
		case ok != (test.want != ""):
			t.Errorf("TimeIn(%q, %q) found %v, want %q", test.pattern, test.text, ok, test.want)
		case ok && got != instant(t, test.want):
			t.Errorf("TimeIn(%q, %q) = %d, want %s", test.pattern, test.text, got, test.want)
		}
	}
}

// The lines above the header say when the file was made; the source's own
// pattern goes before that of the mapping. Rows are counted by their month.
func TestStatedInContent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "export.csv")
	text := "予約一覧\n作成日時: 2026/04/01 06:12\n\nBook number,Check-in,Check-out,Booked on,Status,Adults\n" +
		"1,2026-03-01,2026-03-02,2026-02-01,ok,1\n2,2026-03-31,2026-04-02,2026-02-01,ok,1\n3,2026-04-01,2026-04-02,2026-02-01,ok,1\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	job := testJob(t, "booking-com", path)
	job.Overrides.Region, job.Stated = "30401", Stated{Content: `作成日時: (.+)$`}
	report := mustLand(t, job)
	if report.StatedAt == nil || *report.StatedAt != instant(t, "2026-04-01 06:12:00") {
		t.Errorf("stated at %v, want 2026-04-01 06:12", report.StatedAt)
	}
	if len(report.Months) != 2 || report.Months["2026-03"] != 2 || report.Months["2026-04"] != 1 {
		t.Errorf("months %v, want 2026-03: 2, 2026-04: 1", report.Months)
	}
}
