package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/contact-advocate/advocate/internal/config"
	"github.com/contact-advocate/advocate/internal/social/sandbox"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/sqlite"
)

type migrateCmd struct {
	From   string `placeholder:"sqlite:PATH" help:"Move all rows out of this database file, or data directory."`
	To     string `placeholder:"postgres://…" help:"The empty PostgreSQL database that they are moved into."`
	Cancel bool   `help:"Give a move up that has not ended: the source can be served again."`
}

func (*migrateCmd) Help() string {
	return `Every start does this by itself; here it can be done before. Make a backup first. A database of a newer program is refused. A PostgreSQL database may be brought up to date while nodes of the version before serve on it.

With --from and --to it moves everything into an empty PostgreSQL database, while no server runs. The old database is marked first and nothing serves from it any more; the new one opens when all rows are in it and both sides have been compared, by number and checksum. Cut off at any moment, the same command goes on where it was.

Examples:
  advocate backup before.db && advocate migrate
  advocate migrate --store postgres://advocate@db/advocate
  advocate migrate --from sqlite:./data --to postgres://advocate@db/advocate`
}

func (c *migrateCmd) Run(g *globals) error {
	if c.From != "" || c.To != "" || c.Cancel {
		return c.move(g)
	}
	s, err := g.load()
	if err != nil {
		return err
	}
	if s.server() {
		st, err := postgres.Open(g.ctx, s.store, postgres.Options{})
		if err != nil {
			return tellServer(&s, err)
		}
		if err := errors.Join(makeSandbox(st), st.Close()); err != nil {
			return err
		}
		fmt.Fprintf(g.stdout, "%s is at schema %d\n", config.StoreName(s.store), postgres.SchemaVersion)
		return nil
	}
	if local := dialSocket(s.socket()); local != nil {
		return errors.Join(fmt.Errorf("a server runs on %s: its schema is up to date already", s.dir), local.close())
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	st, err := openStore(g.ctx, &s)
	if err != nil {
		return err
	}
	if err := st.Close(); err != nil {
		return err
	}
	fmt.Fprintf(g.stdout, "%s is at schema %d\n", s.database(), sqlite.SchemaVersion)
	return nil
}

// makeSandbox makes the tables of the sandbox network, as the first node that
// has it switched on would: nodes' user may be one who cannot.
func makeSandbox(st *postgres.Store) error {
	box, err := sandbox.Open(sandbox.Options{Shared: st.DB()})
	if err != nil {
		return err
	}
	return box.Close()
}
