package pipeline

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/link"
	"github.com/kankei/kankei/transforms/visit"
)

// store is work/store.duckdb: everything that is kept per person. It knows which
// deliveries it holds, so that a run asks it what is new and patches only the
// persons touched. Three stages write it, each in one transaction: clean leaves
// the changed identities in pending_identity and their stays in pending_stay,
// link turns them into changed persons in pending_person, visit counts those
// anew, each from the first month that can have changed. A run killed between
// two of them goes on where it stopped.
type store struct{ *duck }

// landed is a delivered file as ingest left it.
type landed struct {
	Delivery, Source, File, Folder string
	Datasets                       map[string]int64 // rows by dataset
	// At is when it was delivered; Restated are its months that a later delivery has anew.
	At       schemas.Timestamp
	Restated []string
}

// version tells a delivery in its place among the others: what it was delivered
// as, when, and how much of it stands.
func (l landed) version() string {
	return fmt.Sprintf("%s %s %d %s", l.Delivery, l.File, l.At, strings.Join(l.Restated, " "))
}

func (l landed) parquet(dataset string) string {
	return filepath.Join(l.Folder, dataset+".parquet")
}

// identified are the landed datasets whose rows are about a person.
var identified = []string{"booking", "visit", "survey_response", "survey_tie", "act", "move"}

// storeDDL declares the tables of the store that are not datasets of their own.
const storeDDL = `
CREATE TABLE version (version VARCHAR NOT NULL);
CREATE TABLE delivered (delivery VARCHAR NOT NULL, source VARCHAR NOT NULL, file VARCHAR NOT NULL, delivered_at BIGINT, version VARCHAR);
CREATE TABLE restatement (booking BIGINT NOT NULL, delivery VARCHAR NOT NULL, rows BIGINT NOT NULL, differing INTEGER NOT NULL);
CREATE TABLE places (code VARCHAR NOT NULL, first_day DATE NOT NULL, last_day DATE NOT NULL, place VARCHAR NOT NULL, ward BOOLEAN NOT NULL);
CREATE TABLE hub (kind VARCHAR NOT NULL, token BIGINT NOT NULL, names INTEGER NOT NULL);
CREATE TABLE pending_identity (identity BIGINT NOT NULL, member BIGINT, email BIGINT, phone BIGINT, name BIGINT,
    name_dated BOOLEAN NOT NULL, departed BOOLEAN NOT NULL);
CREATE TABLE pending_stay (identity BIGINT NOT NULL, first_day DATE NOT NULL, purposes INTEGER NOT NULL);
CREATE TABLE pending_person (person BIGINT NOT NULL, whole BOOLEAN NOT NULL);
CREATE TABLE tallied (reference_month INTEGER NOT NULL, rules VARCHAR NOT NULL);
CREATE TABLE unlinked (whole BOOLEAN NOT NULL);
CREATE TABLE uncounted (whole BOOLEAN NOT NULL);
CREATE TABLE counted_by (months VARCHAR NOT NULL);
`

// storeTables are the datasets kept in the store.
var storeTables = []string{"stay", "identity", "visit_month", "act_month", "tally", "night_tally", "survey_weight"}

// storeVersion changes whenever the store's tables or rules do; a store of
// another version is rebuilt.
func storeVersion(in boundaries, sharedBy int) string {
	h := sha256.New()
	for _, text := range []string{storeDDL, visit.StaysOfBookings, visit.StaysOfVisits, visit.Touched, visit.LinkedStays, visit.Contacts,
		visit.ContactsEveryday, visit.VisitMonths, visit.ActMonths, visit.Windows, visit.DeepWindows,
		visit.FirstSeen, visit.EngagementTallies, visit.Tallies, visit.MonthTallies, visit.ReportTallies,
		visit.NightTallies, visit.Restatements, link.Identities, link.Hubs, link.Nodes, link.Edges} {
		h.Write([]byte(text))
	}
	for _, name := range storeTables {
		h.Write([]byte(dataset(name).DDL(name)))
	}
	for _, p := range in.places() {
		fmt.Fprint(h, p)
	}
	fmt.Fprint(h, sharedBy)
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// openStore opens the store at path, and makes a new one where there is none,
// or where the one found is of another version or cannot be read.
func openStore(ctx context.Context, path, version string, o duckOptions) (*store, error) {
	d, err := openDuck(ctx, path, o)
	if err == nil {
		var found string
		if e := d.conn.QueryRowContext(ctx, "SELECT version FROM version").Scan(&found); e == nil && found == version {
			return &store{duck: d}, nil
		}
		if err := d.close(); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for _, f := range []string{path, path + ".wal"} {
		if err := os.Remove(f); err != nil && !os.IsNotExist(err) {
			return nil, err
		}
	}
	if d, err = openDuck(ctx, path, o); err != nil {
		return nil, err
	}
	s := &store{duck: d}
	return s, s.inTransaction(ctx, func() error {
		for _, name := range storeTables {
			if err := s.exec(ctx, dataset(name).DDL(name)); err != nil {
				return err
			}
		}
		return s.exec(ctx, storeDDL, "INSERT INTO version VALUES ("+literal(version)+")")
	})
}

// holds gives the deliveries in the store, each with its version.
func (s *store) holds(ctx context.Context) (map[string]string, error) {
	held := map[string]string{}
	for scan, err := range s.rows(ctx, "SELECT delivery, version FROM delivered") {
		var delivery, version string
		if err == nil {
			err = scan(&delivery, &version)
		}
		if err != nil {
			return nil, err
		}
		held[delivery] = version
	}
	return held, nil
}

// scan makes a view of a landed dataset over some deliveries: of the rows that
// no later delivery has anew.
func (s *store) scan(ctx context.Context, name, of string, from []landed) error {
	return s.view(ctx, name, "SELECT * EXCLUDE (restated) FROM ("+toldScan(of, from)+") WHERE NOT restated")
}

// scanTokens makes a view of the tokens of every landed row of some deliveries.
func (s *store) scanTokens(ctx context.Context, name string, from []landed) error {
	var parts []string
	for _, of := range identified {
		parts = append(parts, "SELECT identity, member, email, phone, name, name_dated FROM ("+toldScan(of, from)+") WHERE NOT restated")
	}
	return s.view(ctx, name, strings.Join(parts, " UNION ALL "))
}

// dayOf names the column by whose month an export is complete.
var dayOf = map[string]string{
	"booking": "check_in", "visit": "visited_on", "survey_response": "answered_on", "survey_tie": "answered_on",
	"act": "acted_on", "move": "moved_on", "total": "period_start",
}

// toldScan is a SELECT over all that some deliveries say, with a column restated
// that is true for rows of months which a later delivery has anew.
func toldScan(of string, from []landed) string {
	var files, restated []string
	for _, l := range from {
		if l.Datasets[of] == 0 {
			continue
		}
		files = append(files, l.parquet(of))
		if day := dayOf[of]; len(l.Restated) > 0 && day != "" {
			months := make([]string, len(l.Restated))
			for i, month := range l.Restated {
				months[i] = literal(month)
			}
			restated = append(restated, fmt.Sprintf("delivery = %s AND strftime(%s, '%%Y-%%m') IN (%s)", literal(l.Delivery), day, strings.Join(months, ", ")))
		}
	}
	slices.Sort(files)
	condition := "false"
	if len(restated) > 0 {
		condition = strings.Join(restated, " OR ")
	}
	return "SELECT *, " + condition + " AS restated FROM (" + landedScan(dataset(of), files) + ")"
}

// landedScan is a SELECT over landed rows in which a missing token is null:
// parquet-go writes the zero of an optional value that is not a pointer as
// null in most batches, and as 0 in some.
func landedScan(of schemas.Dataset, files []string) string {
	var tokens []string
	for _, c := range of.Columns() {
		if c.Unit == "token" {
			tokens = append(tokens, fmt.Sprintf("nullif(%[1]s, 0) AS %[1]s", identifier(c.Name)))
		}
	}
	scan := parquetScan(of, files)
	if len(tokens) == 0 {
		return scan
	}
	return "SELECT * REPLACE (" + strings.Join(tokens, ", ") + ") FROM (" + scan + ")"
}

// setPlaces writes the municipality, or else the prefecture, that stands for
// each code which is not one itself.
func (s *store) setPlaces(ctx context.Context, in boundaries) error {
	if err := s.exec(ctx, "DELETE FROM places"); err != nil {
		return err
	}
	return s.appendRows(ctx, "places", func(yield func([]driver.Value) bool) {
		for _, p := range in.places() {
			if !yield([]driver.Value{p.Code, p.First.Time(), p.Last.Time(), p.Place, p.Ward}) {
				return
			}
		}
	})
}

// dataset is a dataset that must exist: a missing one is our own mistake.
func dataset(name string) schemas.Dataset {
	d, ok := schemas.Find(name)
	if !ok {
		panic("no dataset " + name)
	}
	return d
}
