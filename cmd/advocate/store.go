package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/contact-advocate/advocate/internal/config"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/sqlite"
)

// visitorConns is how many connections a command opens that does one thing.
const visitorConns = 6

var (
	_ nodeStore = (*sqlite.Store)(nil)
	_ nodeStore = (*postgres.Store)(nil)
)

// openStore opens what the settings name. A command that only visits changes
// no schema: nodes may be at work on it, and there is no way back to the program
// of the version before.
func openStore(ctx context.Context, s *settings) (nodeStore, error) {
	if !s.server() {
		if err := s.halfRestored(); err != nil {
			return nil, err
		}
		st, err := sqlite.Open(ctx, s.database(), sqlite.Options{Relaxed: s.relaxed, KeepSchema: s.visiting})
		if err != nil {
			return nil, tellFull(s.dir, noRoom, err)
		}
		return st, nil
	}
	var o postgres.Options
	if s.visiting {
		o.Schema, o.MaxConns = postgres.SchemaKeep, visitorConns
	}
	st, err := postgres.Open(ctx, s.store, o)
	if err != nil {
		return nil, tellServer(s, err)
	}
	return st, nil
}

// halfRestored reports a restore that did not end: its company must not begin
// anew, empty, where it is about to be.
func (s *settings) halfRestored() error {
	if !noDatabase(s) {
		return nil
	}
	entries, _ := os.ReadDir(s.dir) // a directory that is not there, or cannot be read, is told of elsewhere
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), filepath.Base(s.database())+restoring) {
			return fmt.Errorf("a restore into %s was cut off, or is still under way (%s is there): if none is running, run \"advocate restore\" again", s.dir, e.Name())
		}
	}
	return nil
}

// openReading opens what the settings name for looking into it.
func openReading(ctx context.Context, s *settings) (store.Store, error) {
	if s.server() {
		return openStore(ctx, s)
	}
	return sqlite.OpenReading(ctx, s.database())
}

// tellServer says which database it was.
func tellServer(s *settings, err error) error {
	if errors.Is(err, store.ErrSchema) {
		return fmt.Errorf("%s: %w", config.StoreName(s.store), err)
	}
	return fmt.Errorf("%s cannot be opened: %w", config.StoreName(s.store), err)
}

// embedded refuses a database server for what keeps its rows in SQLite.
func (s *settings) embedded(what, why string) error {
	if !s.server() {
		return nil
	}
	return usagef("%s %s; leave --store and ADVOCATE_STORE out, or say --store sqlite", what, why)
}
