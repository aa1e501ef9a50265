package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/contact-advocate/advocate/internal/config"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/sqlite"
)

type migrateCmd struct{}

func (*migrateCmd) Help() string {
	return `Every start does this by itself; here it can be done before. Make a backup first. A database of a newer program is refused. A PostgreSQL database may be brought up to date while nodes of the version before serve on it.

Examples:
  advocate backup before.db && advocate migrate
  advocate migrate --store postgres://advocate@db/advocate`
}

func (*migrateCmd) Run(g *globals) error {
	s, err := g.load()
	if err != nil {
		return err
	}
	if s.server() {
		st, err := openStore(g.ctx, &s)
		if err != nil {
			return err
		}
		if err := st.Close(); err != nil {
			return err
		}
		fmt.Fprintf(g.stdout, "%s is at schema %d\n", config.StoreName(s.store), postgres.SchemaVersion)
		return nil
	}
	if c := dialSocket(s.socket()); c != nil {
		return errors.Join(fmt.Errorf("a server runs on %s: its schema is up to date already", s.dir), c.close())
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	st, err := sqlite.Open(g.ctx, s.database(), sqlite.Options{})
	if err != nil {
		return err
	}
	if err := st.Close(); err != nil {
		return err
	}
	fmt.Fprintf(g.stdout, "%s is at schema %d\n", s.database(), sqlite.SchemaVersion)
	return nil
}
