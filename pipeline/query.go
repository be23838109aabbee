package pipeline

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// QueryOptions bound a query and choose how its result is written. Zero values
// stand for the defaults.
type QueryOptions struct {
	// Format is table, csv or json; default table.
	Format string
	// MaxRows is the most rows written; 0 for all.
	MaxRows int
	// Timeout ends the query; default one minute.
	Timeout time.Duration
	// Memory is how much the query may take, in bytes; default 1 GiB.
	Memory int64
	// Threads is how many threads the engine runs; default one per processor.
	Threads int
}

func (o QueryOptions) withDefaults() QueryOptions {
	if o.Format == "" {
		o.Format = "table"
	}
	if o.Timeout <= 0 {
		o.Timeout = time.Minute
	}
	if o.Memory <= 0 {
		o.Memory = 1 << 30
	}
	if o.Threads <= 0 {
		o.Threads = runtime.NumCPU()
	}
	return o
}

// Query runs one SELECT over a DuckDB file and writes its rows. The SQL comes
// from anybody: it is parsed and checked before it runs, the file is open for
// reading only, and neither files, network, settings nor logs can be reached
// from it. A statement that is refused is misuse; one that needs too long or
// too much memory fails.
func Query(ctx context.Context, dbPath, statement string, opt QueryOptions, w io.Writer) error {
	opt = opt.withDefaults()
	out, err := newResultWriter(opt.Format, w)
	if err != nil {
		return err
	}
	db, err := openSandbox(dbPath, opt)
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(ctx, opt.Timeout)
	defer cancel()
	if err := checkAndRun(ctx, db, statement, opt, out); err != nil {
		return queryFailure(ctx, err, opt)
	}
	return nil
}

func checkAndRun(ctx context.Context, db *sql.DB, statement string, opt QueryOptions, out resultWriter) error {
	tables, err := userTables(ctx, db)
	if err != nil {
		return err
	}
	if err := checkSelect(ctx, statement, tables); err != nil {
		return err
	}
	return runSelect(ctx, db, statement, opt, out)
}

// openSandbox opens a file for reading only, with everything that reaches out
// of it switched off and the settings locked.
func openSandbox(path string, opt QueryOptions) (*sql.DB, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, &Error{Code: ExitFailed, Where: filepath.Base(path),
			Found: say("まだありません", "does not exist yet"),
			Do:    say("先に kankei run を実行してください", "run kankei run first")}
	}
	if strings.ContainsAny(path, "?%") {
		return nil, &Error{Code: ExitMisused, Where: filepath.Base(path),
			Found: say("パスに ? または %% が含まれています", "the path contains ? or %%"),
			Do:    say("フォルダー名を変えてください", "rename the folder")}
	}
	return openLocked(path, url.Values{
		"access_mode":             {"READ_ONLY"},
		"threads":                 {strconv.Itoa(opt.Threads)},
		"memory_limit":            {fmt.Sprintf("%dKiB", opt.Memory>>10)},
		"max_temp_directory_size": {"0KiB"}, // nothing is spilled to disk
	})
}

// openLocked opens a database that cannot touch anything outside itself.
func openLocked(path string, settings url.Values) (*sql.DB, error) {
	settings.Set("enable_external_access", "false")
	settings.Set("autoinstall_known_extensions", "false")
	settings.Set("autoload_known_extensions", "false")
	settings.Set("allow_community_extensions", "false")
	settings.Set("lock_configuration", "true")
	connector, err := duckdb.NewConnector(path+"?"+settings.Encode(), nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	return db, nil
}

// userTables are the tables and views of the file itself.
func userTables(ctx context.Context, db *sql.DB) ([]string, error) {
	rows, err := db.QueryContext(ctx, `
		SELECT table_name FROM duckdb_tables() WHERE NOT internal
		UNION ALL SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// runSelect runs a checked statement and writes its rows.
func runSelect(ctx context.Context, db *sql.DB, statement string, opt QueryOptions, out resultWriter) error {
	rows, err := boundedQuery(ctx, db, statement, opt.Memory)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := resultColumns(rows)
	if err != nil {
		return err
	}
	if err := out.begin(columns); err != nil {
		return err
	}
	cut, err := copyRows(ctx, rows, columns, opt.MaxRows, out)
	if err != nil {
		return err
	}
	if err := out.end(); err != nil {
		return err
	}
	if cut {
		return &Error{Code: ExitFailed,
			Found: say("結果が %d 行を超えたため、そこで打ち切りました", "the result has more than %d rows and was cut there", opt.MaxRows),
			Do:    say("LIMIT を付けるか条件を絞ってください", "add LIMIT or a condition")}
	}
	return nil
}

// boundedQuery runs a statement with the memory of the whole process bounded:
// DuckDB's memory_limit counts its buffers, and neither a long string nor the
// rows of a large result.
func boundedQuery(ctx context.Context, db *sql.DB, statement string, memory int64) (*sql.Rows, error) {
	const aside = 256 << 20 // hash tables and threads beside the counted buffers
	restore := boundMemory(uint64(memory) + aside)
	defer restore()
	return db.QueryContext(ctx, statement)
}

// copyRows writes at most limit rows and says whether there were more.
func copyRows(ctx context.Context, rows *sql.Rows, columns []resultColumn, limit int, out resultWriter) (cut bool, err error) {
	values := make([]any, len(columns))
	places := make([]any, len(columns))
	for i := range values {
		places[i] = &values[i]
	}
	for n := 0; rows.Next(); n++ {
		if limit > 0 && n == limit {
			return true, nil
		}
		if err := ctx.Err(); err != nil {
			return false, err
		}
		if err := rows.Scan(places...); err != nil {
			return false, err
		}
		if err := out.row(values); err != nil {
			return false, err
		}
	}
	return false, rows.Err()
}

// queryFailure says in the reader's words why a checked query did not end well.
func queryFailure(ctx context.Context, err error, opt QueryOptions) error {
	var coded *Error
	var engine *duckdb.Error
	switch {
	case errors.As(err, &coded):
		return err
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &Error{Code: ExitFailed,
			Found: say("%v の制限時間を超えました", "took longer than %v", opt.Timeout),
			Do:    say("条件を絞ってください", "narrow the query")}
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &engine) && engine.Type == duckdb.ErrorTypeOutOfMemory:
		return &Error{Code: ExitFailed,
			Found: say("%d MiB のメモリーでは足りません", "needs more than %d MiB of memory", opt.Memory>>20),
			Do:    say("条件を絞るか、集計してから取り出してください", "narrow the query, or aggregate before selecting")}
	case errors.As(err, &engine):
		return refusal(say("SQL が正しくありません: %s", "the SQL is wrong: %s", strings.TrimSpace(engine.Error())))
	}
	return err
}
