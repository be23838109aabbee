package pipeline

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"iter"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/kankei/kankei/schemas"
)

// duck is the one connection of a stage to a DuckDB file. All SQL of the
// pipeline goes through it. It is not safe for concurrent use; DuckDB itself
// runs a statement on several threads.
type duck struct {
	db   *sql.DB
	conn *sql.Conn
}

// duckOptions bound what the engine takes. Memory is a DuckDB size such as
// "2GB"; Temp is the folder it spills to.
type duckOptions struct {
	Threads int
	Memory  string
	Temp    string
}

func openDuck(ctx context.Context, path string, o duckOptions) (*duck, error) {
	connector, err := duckdb.NewConnector(path, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	db := sql.OpenDB(connector)
	conn, err := db.Conn(ctx)
	if err != nil {
		db.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	d := &duck{db, conn}
	settings := []string{
		"SET autoinstall_known_extensions = false",
		"SET autoload_known_extensions = false",
		"SET preserve_insertion_order = false",
		fmt.Sprintf("SET threads = %d", max(o.Threads, 1)),
	}
	if o.Memory != "" {
		settings = append(settings, "SET memory_limit = "+literal(o.Memory))
	}
	if o.Temp != "" {
		settings = append(settings, "SET temp_directory = "+literal(o.Temp))
	}
	if err := d.exec(ctx, settings...); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *duck) close() error {
	err := d.conn.Close()
	if e := d.db.Close(); err == nil {
		err = e
	}
	return err
}

// exec runs statements in order and stops at the first error.
func (d *duck) exec(ctx context.Context, statements ...string) error {
	for _, s := range statements {
		if _, err := d.conn.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%w\nin: %s", err, excerpt(s))
		}
	}
	return nil
}

// inTransaction commits what f did, or nothing.
func (d *duck) inTransaction(ctx context.Context, f func() error) error {
	if err := d.exec(ctx, "BEGIN TRANSACTION"); err != nil {
		return err
	}
	if err := f(); err != nil {
		// The context may be cancelled: roll back regardless of it.
		if e := d.exec(context.WithoutCancel(ctx), "ROLLBACK"); e != nil {
			return fmt.Errorf("%w (and the rollback: %v)", err, e)
		}
		return err
	}
	return d.exec(ctx, "COMMIT")
}

// fill inserts a named SELECT into a declared table by column name.
func (d *duck) fill(ctx context.Context, table, selection string) error {
	return d.exec(ctx, "INSERT INTO "+table+" BY NAME "+selection)
}

// view makes name stand for a SELECT until it is given another meaning.
func (d *duck) view(ctx context.Context, name, selection string) error {
	return d.exec(ctx, "CREATE OR REPLACE TEMP VIEW "+name+" AS "+selection)
}

// temp stores a SELECT under name for the life of the connection.
func (d *duck) temp(ctx context.Context, name, selection string) error {
	return d.exec(ctx, "CREATE OR REPLACE TEMP TABLE "+name+" AS "+selection)
}

// tempOf makes an empty temporary table with the columns of a dataset's row.
func (d *duck) tempOf(ctx context.Context, name string, of schemas.Dataset) error {
	return d.exec(ctx, "DROP TABLE IF EXISTS temp."+name,
		strings.Replace(of.DDL(name), "CREATE TABLE", "CREATE TEMP TABLE", 1))
}

// count runs a SELECT of one integer.
func (d *duck) count(ctx context.Context, query string, args ...any) (int64, error) {
	var n sql.NullInt64
	if err := d.conn.QueryRowContext(ctx, query, args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("%w\nin: %s", err, excerpt(query))
	}
	return n.Int64, nil
}

// rows runs a SELECT and gives each row to a scan function.
func (d *duck) rows(ctx context.Context, query string, args ...any) iter.Seq2[func(...any) error, error] {
	return func(yield func(func(...any) error, error) bool) {
		rows, err := d.conn.QueryContext(ctx, query, args...)
		if err != nil {
			yield(nil, fmt.Errorf("%w\nin: %s", err, excerpt(query)))
			return
		}
		defer rows.Close()
		for rows.Next() {
			if !yield(rows.Scan, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, fmt.Errorf("%w\nin: %s", err, excerpt(query)))
		}
	}
}

// appendRows adds rows to a table in bulk.
func (d *duck) appendRows(ctx context.Context, table string, rows iter.Seq[[]driver.Value]) error {
	return d.conn.Raw(func(c any) error {
		a, err := duckdb.NewAppenderFromConn(c.(driver.Conn), "", table)
		if err != nil {
			return fmt.Errorf("append to %s: %w", table, err)
		}
		for row := range rows {
			err := ctx.Err()
			if err == nil {
				err = a.AppendRow(row...)
			}
			if err != nil {
				a.Close()
				return fmt.Errorf("append to %s: %w", table, err)
			}
		}
		return a.Close()
	})
}

// parquetScan is a SELECT over Parquet files, or over an empty dataset where
// there are none.
func parquetScan(of schemas.Dataset, files []string) string {
	if len(files) == 0 {
		casts := make([]string, 0, 16)
		for _, c := range of.Columns() {
			casts = append(casts, fmt.Sprintf("CAST(NULL AS %s) AS %s", c.DuckType, identifier(c.Name)))
		}
		return "SELECT " + strings.Join(casts, ", ") + " WHERE false"
	}
	quoted := make([]string, len(files))
	for i, f := range files {
		quoted[i] = literal(f)
	}
	return "SELECT * FROM read_parquet([" + strings.Join(quoted, ", ") + "])"
}

// literal quotes text as a SQL string.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// identifier quotes text as a SQL name.
func identifier(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// excerpt is the beginning of a statement, for an error message.
func excerpt(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 300 {
		s = s[:300] + " …"
	}
	return s
}
