package publish_test

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/kankei/kankei/schemas"
)

// The facts about the stack on which the schemas rest. A test that fails here
// after an upgrade says that a rule of ours may have lost its reason.

// Why there is a Date: parquet-go counts a time.Time under the date tag in
// something other than days.
func TestFactTimeUnderDateTagIsWrong(t *testing.T) {
	type row struct {
		Day time.Time `parquet:"day,date"`
	}
	path := writeParquet(t, row{time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)})
	if got := text(t, openDuck(t), "SELECT day FROM read_parquet(?)", path); got != "2829092-04-19" {
		t.Errorf("2025-03-01 is read back as %s; the wrong day was 2829092-04-19", got)
	}
}

// Why what may be null is a pointer: a null read into a plain field is a zero
// that nobody can tell from a counted one.
func TestFactNullBecomesZero(t *testing.T) {
	type written struct {
		Guests *int32  `parquet:"guests,optional"`
		Name   *string `parquet:"name,optional"`
	}
	type plain struct {
		Guests int32  `parquet:"guests,optional"`
		Name   string `parquet:"name,optional"`
	}
	path := writeParquet(t, written{})
	lost, err := parquet.ReadFile[plain](path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]plain{{0, ""}}, lost); diff != "" {
		t.Error(diff)
	}
	kept, err := parquet.ReadFile[written](path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]written{{nil, nil}}, kept); diff != "" {
		t.Error(diff)
	}
}

// Why every sum in our SQL is cast: HUGEINT has no Parquet type.
func TestFactSumOfIntegersLeavesTheIntegers(t *testing.T) {
	db := openDuck(t)
	execute(t, db, "CREATE TABLE stays (nights INTEGER)")
	execute(t, db, "INSERT INTO stays VALUES (1), (2)")
	path := t.TempDir() + "/sum.parquet"
	for _, c := range []struct{ query, inDuckDB, inParquet string }{
		{"SELECT sum(nights) AS n FROM stays", "HUGEINT", "DOUBLE"},
		{"SELECT CAST(sum(nights) AS BIGINT) AS n FROM stays", "BIGINT", "BIGINT"},
	} {
		execute(t, db, "COPY ("+c.query+") TO '"+path+"' (FORMAT parquet)")
		if got := describe(t, db, c.query)[0].Type; got != c.inDuckDB {
			t.Errorf("%s is %s, want %s", c.query, got, c.inDuckDB)
		}
		if got := describe(t, db, "SELECT * FROM read_parquet('"+path+"')")[0].Type; got != c.inParquet {
			t.Errorf("%s is %s in Parquet, want %s", c.query, got, c.inParquet)
		}
	}
}

// Why every SELECT is bound to declared tables by type and not only by name:
// INSERT BY NAME refuses nulls, overflow and stray columns, but rounds.
func TestFactInsertByNameRoundsButRefusesTheRest(t *testing.T) {
	db := openDuck(t)
	execute(t, db, "CREATE TABLE cells (region VARCHAR NOT NULL, nights BIGINT NOT NULL)")
	execute(t, db, "INSERT INTO cells BY NAME SELECT CAST(2.6 AS DOUBLE) AS nights, '30000' AS region")
	if got := text(t, db, "SELECT nights FROM cells"); got != "3" {
		t.Errorf("2.6 nights are stored as %s, not rounded to 3", got)
	}
	for _, c := range []struct{ query, refusal string }{
		{"SELECT '30000' AS region, CAST(NULL AS BIGINT) AS nights", "NOT NULL"},
		{"SELECT '30000' AS region", "NOT NULL"},
		{"SELECT '30000' AS region, CAST(1e30 AS DOUBLE) AS nights", "out of range"},
		{"SELECT '30000' AS region, 1 AS nights, 1 AS guests", "guests"},
	} {
		_, err := db.Exec("INSERT INTO cells BY NAME " + c.query)
		if err == nil || !strings.Contains(err.Error(), c.refusal) {
			t.Errorf("INSERT BY NAME %s: error %v, want one that says %q", c.query, err, c.refusal)
		}
	}
}

// Why floating sums are taken in Go: the order of DuckDB's parallel sum depends
// on which thread takes which rows. Integers and decimals do not care.
func TestFactParallelSumOfDoublesDepends(t *testing.T) {
	db := openDuck(t)
	// 10¹⁶ swallows each 1 added to it, but not the sum of many.
	execute(t, db, `CREATE TABLE weights AS
		SELECT CASE WHEN range % 500000 = 0 THEN 1e16 ELSE 1.0 END AS w FROM range(4000000)`)
	execute(t, db, "SET threads = 1")
	alone := text(t, db, "SELECT sum(w) FROM weights")
	decimal := text(t, db, "SELECT sum(CAST(w AS DECIMAL(18, 0))) FROM weights")
	if decimal != "80000000003999992" { // 8 × 10¹⁶ and 4,000,000 − 8 ones
		t.Errorf("decimal sum %s, want 80000000003999992", decimal)
	}
	execute(t, db, "SET threads = 8")
	for range 50 {
		if got := text(t, db, "SELECT sum(CAST(w AS DECIMAL(18, 0))) FROM weights"); got != decimal {
			t.Fatalf("decimal sum %s on 8 threads, %s on one", got, decimal)
		}
		if text(t, db, "SELECT sum(w) FROM weights") != alone {
			return
		}
	}
	t.Errorf("50 sums of doubles on 8 threads all equal the one on a single thread, %s", alone)
}

// Why kankei.yaml has threads: GOMAXPROCS says nothing to DuckDB.
func TestFactOnlyTheSettingLimitsThreads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	db := openDuck(t)
	if got := text(t, db, "SELECT current_setting('threads')"); got == "1" && runtime.NumCPU() > 1 {
		t.Error("DuckDB takes one thread because GOMAXPROCS is 1")
	}
	execute(t, db, "SET threads = 1")
	before := osThreads(t)
	execute(t, db, "SET threads = 9")
	if more := osThreads(t) - before; more < 8 {
		t.Errorf("threads 1 → 9 started %d threads under GOMAXPROCS 1, want 8", more)
	}
}

// osThreads is the number of threads of this process, as Linux counts them.
func osThreads(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "\nThreads:")
	line, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A zero token is null in Parquet and zero again when read: the one place where
// null and zero mean the same on purpose.
func TestFactZeroTokenIsNull(t *testing.T) {
	path := writeParquet(t, schemas.Booking{Booking: 7})
	back, err := parquet.ReadFile[schemas.Booking](path)
	if err != nil {
		t.Fatal(err)
	}
	if back[0].Booking != 7 || back[0].Identity != 0 || back[0].Adults != nil {
		t.Errorf("read back booking %d, identity %d, adults %v; want 7, 0, nil", back[0].Booking, back[0].Identity, back[0].Adults)
	}
	if got := text(t, openDuck(t), "SELECT identity IS NULL FROM read_parquet(?)", path); got != "true" {
		t.Errorf("identity null: %s, want true", got)
	}
}
