package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// SchemaVersion is the schema this program writes.
const SchemaVersion = 6

// schemaTable says which migrations a database has seen. The name is ours, so
// that another program's migrations may stand beside them.
const schemaTable = "advocate_schema"

// schemaLock is the advisory lock of whoever changes the schema.
const schemaLock = 0x6164_766f_6361_7465 // "advocate"

// SchemaOf reads the version of a database's schema, 0 for none.
func SchemaOf(ctx context.Context, url string) (int64, error) {
	conf, err := configure(url, Options{}.withDefaults())
	if err != nil {
		return 0, err
	}
	c, err := pgx.ConnectConfig(ctx, conf.ConnConfig)
	if err != nil {
		return 0, connectError(err)
	}
	defer c.Close(context.WithoutCancel(ctx))
	return schemaVersion(ctx, c)
}

func connectError(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case "3D000":
			return fmt.Errorf("store: the database does not exist; create it with ENCODING 'UTF8': %w", err)
		case "28P01", "28000":
			return fmt.Errorf("store: the database refuses this user: %w", err)
		}
	}
	if err := checkedError(err); err != nil {
		return err
	}
	return classify(err)
}

// checkedError finds what checkServer said.
func checkedError(err error) error {
	if errors.Is(err, store.ErrSchema) {
		return err
	}
	return nil
}

func schemaVersion(ctx context.Context, c *pgx.Conn) (version int64, err error) {
	var known bool
	if err := c.QueryRow(ctx, `SELECT to_regclass($1) IS NOT NULL`, schemaTable).Scan(&known); err != nil || !known {
		return 0, classify(err)
	}
	err = c.QueryRow(ctx, `SELECT coalesce(max(version_id), 0) FROM `+schemaTable+` WHERE is_applied`).Scan(&version)
	return version, classify(err)
}

// prepareSchema checks the schema and brings it up to date where that is
// allowed. Nodes that start at once do it one after the other; nodes that
// serve meanwhile go on, since migrations only add.
func prepareSchema(ctx context.Context, conf *pgx.ConnConfig, mode SchemaMode) error {
	conf = conf.Copy()
	conf.RuntimeParams["statement_timeout"] = "0" // an index takes its time
	c, err := pgx.ConnectConfig(ctx, conf)
	if err != nil {
		return connectError(err)
	}
	defer c.Close(context.WithoutCancel(ctx))
	if err := checkServer(c.PgConn()); err != nil {
		return err
	}
	have, err := schemaVersion(ctx, c)
	if err != nil {
		return err
	}
	if err := checkSchema(have, mode); err != nil {
		return err
	}
	if err := checkLoad(ctx, c, mode); err != nil || have == SchemaVersion {
		return err
	}
	// The lock falls with the connection, however this ends.
	if _, err := c.Exec(ctx, `SET lock_timeout = 0`); err != nil {
		return classify(err)
	}
	if _, err := c.Exec(ctx, `SELECT pg_advisory_lock($1)`, int64(schemaLock)); err != nil {
		return classify(err)
	}
	if have, err = schemaVersion(ctx, c); err != nil {
		return err
	}
	if err := checkSchema(have, mode); err != nil || have == SchemaVersion {
		return err // another node has done it
	}
	return migrate(ctx, conf)
}

func checkSchema(have int64, mode SchemaMode) error {
	switch {
	case have > SchemaVersion:
		return fmt.Errorf("%w: the database is at schema %d and this program knows up to %d; run a program that is as new as the data, or restore a backup",
			store.ErrSchema, have, SchemaVersion)
	case have < SchemaVersion && mode == SchemaKeep:
		return fmt.Errorf("%w: the database is at schema %d and this program needs %d; let a node migrate it, or run \"advocate migrate\"",
			store.ErrSchema, have, SchemaVersion)
	}
	return nil
}

func migrate(ctx context.Context, conf *pgx.ConnConfig) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	table, err := database.NewStore(database.DialectPostgres, schemaTable)
	if err != nil {
		return fmt.Errorf("store: migrations: %w", err)
	}
	conf = conf.Copy()
	// A change of a table waits for its turn before everything behind it; it
	// had better not wait for long.
	conf.RuntimeParams["lock_timeout"] = "10000"
	db := stdlib.OpenDB(*conf)
	defer db.Close()
	p, err := goose.NewProvider("", db, files, goose.WithStore(table), goose.WithGoMigrations(
		goose.NewGoMigration(4, &goose.GoFunc{RunTx: fillHolders}, nil)))
	if err != nil {
		return fmt.Errorf("store: migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("store: the database cannot be brought to schema %d: %w", SchemaVersion, classify(err))
	}
	return nil
}

// fillHolders is the fourth migration: who has room taken by the work items that
// are there, which their bodies know. Nobody changes one meanwhile.
func fillHolders(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT id, body FROM work_item WHERE state IN ('reserved', 'assigned', 'wrapping') ORDER BY id FOR NO KEY UPDATE`)
	if err != nil {
		return err
	}
	defer rows.Close()
	holders := map[string]string{}
	for rows.Next() {
		var id string
		var body []byte
		var w domain.WorkItem
		if err := rows.Scan(&id, &body); err != nil {
			return err
		}
		if err := unmarshal(body, &w); err != nil {
			return err
		}
		holders[id] = w.Holder()
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for id, holder := range holders {
		if _, err := tx.ExecContext(ctx, `UPDATE work_item SET holder = $2 WHERE id = $1`, id, storable(holder)); err != nil {
			return err
		}
	}
	return nil
}
