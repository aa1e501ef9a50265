package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/contact-advocate/advocate/internal/store/sqlite"
)

type migrateCmd struct{}

func (*migrateCmd) Help() string {
	return `Every start does this by itself; here it can be done before. Make a backup first. A database of a newer program is refused.

Examples:
  advocate backup before.db && advocate migrate`
}

func (*migrateCmd) Run(g *globals) error {
	s, err := g.load()
	if err != nil {
		return err
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
