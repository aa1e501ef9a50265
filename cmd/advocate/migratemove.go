package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/config"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/move"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/sqlite"
)

// moveConns is how many connections a move needs: it writes on one and reads
// on another.
const moveConns = 8

// move brings everything of a SQLite database into a PostgreSQL one.
func (c *migrateCmd) move(g *globals) (err error) {
	path, ok := strings.CutPrefix(c.From, "sqlite:")
	if !ok || path == "" {
		return usagef("--from: want sqlite: and the path of a data directory or of its advocate.db, such as sqlite:./data")
	}
	if !config.StoreURL(c.To) {
		return usagef("--to: want the address of a PostgreSQL database, such as postgres://advocate@db/advocate")
	}
	if g.Store != "" && g.Store != c.To {
		return usagef("--store: --to names the database already; leave --store out")
	}
	g.Store = c.To
	if err := g.checkGlobals(); err != nil {
		return usagef("%s", strings.Replace(err.Error(), "--store", "--to", 1))
	}
	s, err := g.load() // it knows where the password is
	if err != nil {
		return err
	}
	from, err := sqlite.OpenMoving(g.ctx, path)
	if errors.Is(err, store.ErrLocked) {
		return fmt.Errorf("%s is open in another process: stop the server that runs on it, and move then: %w", path, err)
	} else if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := postgres.OpenMoving(g.ctx, s.store, postgres.Options{MaxConns: moveConns})
	if err != nil {
		return fmt.Errorf("%s cannot be opened: %w", config.StoreName(s.store), err)
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	o := move.Options{From: from, To: to, FromName: from.Path(), ToName: config.StoreName(s.store), Now: time.Now}
	if c.Cancel {
		return g.cancelMove(o)
	}
	damage, err := from.Check(g.ctx)
	if err == nil && len(damage) > 0 {
		err = fmt.Errorf("%s is damaged, and damage is not worth moving: %s", from.Path(), strings.Join(damage[:min(len(damage), 5)], "; "))
	}
	if err == nil {
		err = makeSandbox(to)
	}
	if err != nil {
		return err
	}
	return g.runMove(o)
}

func (g *globals) cancelMove(o move.Options) error {
	if err := move.Cancel(g.ctx, o); err != nil {
		return err
	}
	fmt.Fprintf(g.stdout, "The move was given up. %s can be served again, as it was before.\n%s holds a part of it and can be dropped; nothing will serve from it.\n", o.FromName, o.ToName)
	return nil
}

func (g *globals) runMove(o move.Options) error {
	start, shown := time.Now(), &moveProgress{t: newTerminal(g.stdout)}
	o.Tell = shown.tell
	err := move.Run(g.ctx, o)
	shown.close()
	if err != nil {
		g.tellMarked(&o)
		return err
	}
	took := time.Since(start)
	fmt.Fprintf(g.stdout, "%s moved and compared, in %s\n", amount(shown.rows, "row"), took.Round(time.Second/10))
	fmt.Fprintf(g.stdout, "%s is marked and will not be served again. Keep it until the new database has its first backup.\nGo on with: advocate serve --store %s\n", o.FromName, o.ToName)
	return nil
}

// tellMarked says what can be done about a source that stays closed. Where
// another target was named than it is being moved to, the error says it.
func (g *globals) tellMarked(o *move.Options) {
	m, err := o.From.Mark(context.WithoutCancel(g.ctx))
	if err == nil && m.ID != "" && m.Ended.IsZero() && m.Target == o.ToName {
		fmt.Fprintf(g.stderr, "%s is marked as being moved, and %s stays closed. The same command goes on where it was. With --cancel it gives the move up; another one then needs another empty database.\n", o.FromName, o.ToName)
	}
}

// moveProgress shows one bar, or one line now and then, for each table.
type moveProgress struct {
	t    *terminal
	now  *progress
	of   move.Progress
	rows int64
}

func (m *moveProgress) tell(p move.Progress) {
	if m.now == nil || m.of.Table != p.Table || m.of.Checking != p.Checking {
		m.close()
		what := "copy "
		if p.Checking {
			what = "compare "
		}
		m.now = newProgress(m.t, what+strings.ReplaceAll(string(p.Table), "_", " "))
		m.now.last = time.Now() // the first line is worth waiting for
	}
	m.of = p
	if p.Over && p.Checking {
		m.rows += p.Done
	}
	if p.Total > 0 && (p.Over || p.Done < p.Total) {
		m.now.show(int(p.Done), int(p.Total), rate(p.Done, time.Since(m.now.start)))
	}
}

func rate(rows int64, took time.Duration) string {
	if took < time.Second {
		return ""
	}
	return fmt.Sprintf("%.0f rows/s", float64(rows)/took.Seconds())
}

func (m *moveProgress) close() {
	if m.now != nil {
		m.now.end()
	}
	m.now = nil
}
