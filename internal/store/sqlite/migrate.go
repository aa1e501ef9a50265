package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/ncruces/go-sqlite3/driver"
	"github.com/pressly/goose/v3"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// SchemaVersion is the schema this program writes.
const SchemaVersion = 5

// applicationID marks a file as ours (see the first migration).
const applicationID = 1128353860

// migrate brings a file to SchemaVersion and returns the version it had. One
// that is to be kept or moved stays as it is, and must be at that version.
func migrate(ctx context.Context, path string, o *Options) (int64, error) {
	have, err := schemaOf(ctx, path, o.KeepSchema || o.moving)
	if o.moving && errors.Is(err, store.ErrMoved) {
		err = nil
	}
	if err == nil && (o.KeepSchema || o.moving || have > SchemaVersion) {
		err = keep(have, path)
	}
	if err != nil || have == SchemaVersion {
		return have, err
	}
	db, err := driver.Open("file:" + uriPath(path) + "?_pragma=busy_timeout(10000)&_pragma=synchronous(full)")
	if err != nil {
		return have, fmt.Errorf("store: %s cannot be opened: %w", path, classify(err))
	}
	defer db.Close()
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return have, err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithGoMigrations(
		goose.NewGoMigration(3, &goose.GoFunc{RunTx: fillHolders}, nil)))
	if err != nil {
		return have, fmt.Errorf("store: migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return have, fmt.Errorf("store: %s cannot be brought to schema %d: %w", path, SchemaVersion, classify(err))
	}
	return have, nil
}

// keep refuses another schema than this program's.
func keep(have int64, path string) error {
	switch {
	case have > SchemaVersion:
		return fmt.Errorf("%w: %s is at schema %d and this program knows up to %d; run a program that is as new as the data, or restore a backup",
			store.ErrSchema, path, have, SchemaVersion)
	case have < SchemaVersion:
		return fmt.Errorf("%w: %s is at schema %d and this program works with schema %d; bring it up to date first, with \"advocate migrate\" or by serving from it",
			store.ErrSchema, path, have, SchemaVersion)
	}
	return nil
}

// fillHolders is the third migration: who has room taken by the work items that
// are there, which their bodies know.
func fillHolders(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT n, body FROM work_item WHERE state IN ('reserved', 'assigned', 'wrapping')`)
	if err != nil {
		return err
	}
	defer rows.Close()
	holders := map[int64]string{}
	for rows.Next() {
		var n int64
		var body []byte
		var w domain.WorkItem
		if err := rows.Scan(&n, &body); err != nil {
			return err
		}
		if err := unmarshal(body, &w); err != nil {
			return err
		}
		holders[n] = w.Holder()
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for n, holder := range holders {
		if _, err := tx.ExecContext(ctx, `UPDATE work_item SET holder = ? WHERE n = ?`, holder, n); err != nil {
			return err
		}
	}
	return nil
}

// schemaOf reads a file's schema version, and changes nothing in one that is to
// be kept.
func schemaOf(ctx context.Context, path string, kept bool) (version int64, err error) {
	if kept {
		return (&Reading{path}).schema(ctx)
	}
	c, err := openConn(ctx, path)
	if err != nil {
		return 0, err
	}
	version, err = c.schema(path)
	return version, errors.Join(err, c.close())
}

// schema is a file's schema version: 0 for a new file. A database of another
// program or with other tables than its version says is store.ErrSchema, one
// with a mark store.ErrMoved.
func (c *conn) schema(path string) (version int64, err error) {
	one := func(text string) (v int64) {
		s, _, err := c.db.Prepare(text)
		c.fail(err)
		if err == nil {
			if s.Step() {
				v = s.ColumnInt64(0)
			}
			c.fail(s.Err())
			c.fail(s.Close())
		}
		return v
	}
	tables := one("SELECT count(*) FROM sqlite_schema")
	if c.err != nil || tables == 0 {
		return 0, c.err
	}
	id := one("PRAGMA application_id")
	if id != applicationID && id != movedID {
		return 0, fmt.Errorf("%w: %s is a database of another program", store.ErrSchema, path)
	}
	version = one("SELECT max(version_id) FROM goose_db_version")
	if mark := c.moveMark(); c.err == nil && (id == movedID || mark.ID != "") {
		return version, markError(&mark, path)
	}
	if c.err == nil && version == SchemaVersion {
		return version, c.checkColumns(path)
	}
	return version, c.err
}

// uriPath writes a file name into a "file:" URI.
func uriPath(path string) string {
	var out []byte
	for i := range len(path) {
		switch c := path[i]; c {
		case '%', '?', '#':
			out = fmt.Appendf(out, "%%%02X", c)
		default:
			out = append(out, c)
		}
	}
	return string(out)
}
