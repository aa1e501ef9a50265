package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/contact-advocate/advocate/internal/store"
)

// checkColumns refuses a file whose version is this program's and whose tables
// are not. Builds from before the first release wrote such files: their schema
// was changed in place. Tables and indexes of others are left alone.
func (c *conn) checkColumns(path string) error {
	want, err := wantedColumns()
	if err != nil {
		return err
	}
	have := c.columns()
	if c.err != nil {
		return c.err
	}
	for _, table := range slices.Sorted(maps.Keys(want)) {
		if !slices.Equal(have[table], want[table]) {
			return fmt.Errorf("%w: %s was made by a build from before the first release: its table %s has the columns (%s), not (%s); begin with a new data directory, or go on with that build",
				store.ErrSchema, path, table, strings.Join(have[table], ", "), strings.Join(want[table], ", "))
		}
	}
	return nil
}

// wantedColumns runs the migrations in memory, once, and tells what comes of
// them.
var wantedColumns = sync.OnceValues(func() (columns map[string][]string, err error) {
	c, err := openConn(context.Background(), ":memory:")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		text, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		up, _, _ := strings.Cut(string(text), "-- +goose Down")
		if err := c.db.Exec(up); err != nil {
			return nil, fmt.Errorf("store: %s: %w", name, err)
		}
	}
	columns = c.columns()
	return columns, c.err
})

// columns gives the columns of each table, in order.
func (c *conn) columns() map[string][]string {
	out := map[string][]string{}
	s, _, err := c.db.Prepare(`SELECT m.name, i.name FROM sqlite_schema m JOIN pragma_table_info(m.name) i WHERE m.type = 'table' ORDER BY m.name, i.cid`)
	if err != nil {
		c.fail(err)
		return nil
	}
	for s.Step() {
		table := s.ColumnText(0)
		out[table] = append(out[table], s.ColumnText(1))
	}
	c.fail(s.Err())
	c.fail(s.Close())
	return out
}
