package acceptance

import (
	"archive/zip"
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kankei/kankei/internal/sharedtest"
)

// fixture is an export in pipeline/ingest/testdata/landing as a source of a project of its own
// region. Of bookings it tells by hand what their stays come to: nights is guests × nights.
type fixture struct {
	file, mapping, kind string
	stays, nights       int64
}

var fixtures = []fixture{
	{"aipass.csv", "aipass", "booking", 2, 2*2 + 1},                   // one cancelled, one on request
	{"airbnb-ja.csv", "airbnb", "booking", 2, 4*3 + 1},                // a cancellation that paid
	{"airbnb-en.csv", "airbnb", "booking", 2, 4*3 + 2*2},              // an inquiry
	{"airhost.csv", "airhost", "booking", 2, 2*3 + 1},                 // two cancelled, one block
	{"beds24.csv", "beds24", "booking", 3, 2*3 + 2 + 3},               // lastnight is the day before departure; Black is a block
	{"booking-com-en.csv", "booking-com", "booking", 3, 2*2 + 2 + 1},  // dd/mm, which one date shows
	{"booking-com-ja.csv", "booking-com", "booking", 1, 2 * 2},        // one cancelled, one who did not come
	{"booking-com-xls.xls", "booking-com", "booking", 1, 2 * 2},       // serial dates, a number as booking number
	{"cloudbeds.csv", "cloudbeds", "booking", 2, 2*5 + 2},             // Nights counts rooms
	{"guest-register.csv", "guest-register", "booking", 6, 6},         // a row a guest
	{"little-hotelier.csv", "little-hotelier", "booking", 2, 2*2 + 3}, // one cancelled, one who did not come
	{"neppan-booking.csv", "neppan", "booking", 2, 3 * 3},             // the change wins; day use has no night
	{"neppan-night.csv", "neppan", "booking", 2, 2*(4+1) + 2},         // two nights and two rates are one booking of the most guests
	{"suitebook.csv", "suitebook", "booking", 2, 0},                   // has no number of guests
	{"temairazu.csv", "temairazu", "booking", 3, 1 + 2*3 + 1},         // the latest change, not the last line; one cancelled at last
	{"tl-lincoln", "tl-lincoln", "booking", 3, 2 + 2*2 + 2*3},         // a change, a cancellation, two rooms of two numbers
	{"google-forms.csv", "google-forms", "survey", 0, 0},
	{"limesurvey.csv", "limesurvey", "survey", 0, 0},
	{"onsite.csv", "onsite", "survey", 0, 0},
	{"qualtrics.csv", "qualtrics", "survey", 0, 0},
	{"surveymonkey.csv", "surveymonkey", "survey", 0, 0},
	{"web-panel.csv", "web-panel", "survey", 0, 0},
	{"move.csv", "move", "move", 0, 0},
	{"programme-moves.csv", "programme-moves", "move", 0, 0},
	{"register-moves.csv", "register-moves", "move", 0, 0},
	{"act.csv", "act", "act", 0, 0},
	{"in-migrants.csv", "in-migrants", "total", 0, 0},
	{"migration-report.csv", "migration-report", "total", 0, 0},
	{"residents-classes.csv", "residents-classes", "total", 0, 0},
	{"visitors.csv", "visitors", "total", 0, 0},
}

// Every format goes through the whole program, all in one project: what lands is what lands of
// each by itself, and the stays of bookings come to what they are by hand.
func TestEveryFormatInOneProject(t *testing.T) {
	slow(t)
	landing := filepath.Join(sharedtest.Root(t), "pipeline", "ingest", "testdata", "landing")
	regions := []string{"30201", "30202", "30203", "30204", "30205", "30206", "30207", "30208", "30209", "30304", "30341", "30343", "30344", "30361", "30362", "30366"}
	config, want, rows := "project: all\nsources:\n", map[string]string{}, map[string]string{}
	p := newProject(t, "")
	for i, f := range fixtures {
		name := strings.TrimSuffix(f.file, filepath.Ext(f.file))
		path := "exports/" + f.file
		if filepath.Ext(f.file) == "" {
			path += ".zip"
			p.write(t, path, zippedFolder(t, filepath.Join(landing, f.file)))
		} else {
			p.write(t, path, readFile(t, filepath.Join(landing, f.file)))
		}
		more := ""
		switch f.kind {
		case "booking":
			more = fmt.Sprintf(", region: %q", regions[i])
			want[regions[i]] = fmt.Sprint(f.stays, " ", f.nights)
		case "move":
			more = ", permitted: a made-up ordinance"
		}
		config += fmt.Sprintf("  - {name: %s, kind: %s, mapping: %s, files: %s%s}\n", name, f.kind, f.mapping, path, more)
		rows[name] = landedAlone(t, filepath.Join(landing, name+".txt"))
	}
	p.write(t, "kankei.yaml", config+"definitions: [repeat-visits]\nreference_months: 1\noutside: [prefecture]\n")
	p.must(t, "run", "--as-of", "2026-12-31")

	got := map[string]string{}
	for _, row := range p.internal(t, "SELECT region_code, sum(bookings), sum(guest_nights) FROM guest_nights WHERE region_level = 'municipality' AND origin_code = 'all' GROUP BY ALL") {
		got[row[0]] = row[1] + " " + row[2]
	}
	if !maps.Equal(got, want) {
		t.Errorf("stays and guest-nights by region %v, want %v", got, want)
	}
	if unknown := p.internal(t, "SELECT source, value FROM quality WHERE indicator = 'stays_without_guests'"); len(unknown) != 1 || !slices.Equal(unknown[0], []string{"suitebook", "2"}) {
		t.Errorf("stays without a number of guests %v, want the 2 of suitebook", unknown)
	}
	got = map[string]string{}
	for _, row := range p.internal(t, `SELECT source, max(value) FILTER (indicator = 'rows_in'), max(value) FILTER (indicator = 'rows_landed'), max(value) FILTER (indicator = 'rows_rejected')
		FROM quality GROUP BY ALL`) {
		got[row[0]] = strings.Join(row[1:], " ")
	}
	for name, want := range rows {
		if got[name] != want {
			t.Errorf("%s: rows in, landed and rejected %s, want %s", name, got[name], want)
		}
	}
}

var rowCounts = regexp.MustCompile(`(?m)^in=(\d+) landed=(\d+) rejected=(\d+) `)

// landedAlone are the numbers of rows in, landed and rejected of a fixture, as its golden file has them.
func landedAlone(t *testing.T, golden string) string {
	t.Helper()
	found := rowCounts.FindStringSubmatch(readFile(t, golden))
	if found == nil {
		t.Fatalf("%s tells no numbers of rows", golden)
	}
	return strings.Join(found[1:], " ")
}

// zippedFolder is an archive of all files of a folder.
func zippedFolder(t *testing.T, folder string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	if err := z.AddFS(os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
