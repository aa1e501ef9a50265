package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/config"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/sqlite"
)

type restoreCmd struct {
	File     string `arg:"" optional:"" help:"The backup. With a PostgreSQL --store none: its own tools have restored it."`
	Erasures string `placeholder:"FILE" help:"The erasures.log to apply (default: the one in the data directory)."`
}

func (*restoreCmd) Help() string {
	return `The data directory must be empty but for erasures.log. Who was erased since the backup is erased again. Everything that was waiting to be sent is held until a person releases it: it may have been sent after the backup was made. Everybody is signed out, and invitations and other one-time links no longer work: they may have been ended or used since.

A PostgreSQL database is restored with its own tools (pg_restore, or a base backup and its log). Run this on it afterwards, with the newest erasures.log of any node, before the first node starts.

Examples:
  advocate restore /backups/advocate-2026-06-15.db --data ./data-new
  advocate dead-letter list --state held
  advocate restore --store postgres://advocate@db/restored --erasures erasures.log`
}

func (c *restoreCmd) Run(g *globals) error {
	s, err := g.load()
	if err != nil {
		return err
	}
	if s.server() {
		return c.restored(g, s)
	}
	if c.File == "" {
		return usagef("restore wants the backup's file")
	}
	if err := emptyDir(s.dir); err != nil {
		return err
	}
	if c.Erasures == "" {
		c.Erasures = s.erasures()
	}
	erased, err := readErasures(c.Erasures)
	if err != nil {
		return err
	}
	made := false
	if _, err := os.Stat(s.dir); errors.Is(err, os.ErrNotExist) {
		made = true
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	did, err := restoreFile(g.ctx, c.File, &s, erased)
	if err != nil {
		if made {
			os.Remove(s.dir) // only if nothing is in it
		}
		return err
	}
	g.tellRestored(s.dir, did)
	return nil
}

// restored is what a restore had to do beside copying.
type restored struct {
	again int // customers erased
	held  int // effects
	ended int // sessions and one-time links
}

func (g *globals) tellRestored(where string, did restored) {
	fmt.Fprintf(g.stdout, "restored into %s\n%s erased again, %s held for review", where, amount(did.again, "customer"), amount(did.held, "effect"))
	if did.ended > 0 {
		fmt.Fprintf(g.stdout, ", %s or one-time links ended", amount(did.ended, "session"))
	}
	if did.held > 0 {
		fmt.Fprint(g.stdout, "\n\"advocate dead-letter list --state held\" shows them")
	}
	fmt.Fprintln(g.stdout)
}

// restored finishes what PostgreSQL's own tools have restored. Nodes that run
// would send what is to be held.
func (c *restoreCmd) restored(g *globals, s settings) error {
	if c.File != "" {
		return usagef("restore reads backups of SQLite; restore a PostgreSQL database with its own tools, and run \"advocate restore --store URL\" without a file afterwards")
	}
	if c.Erasures == "" {
		c.Erasures = s.erasures()
	}
	erased, err := readErasures(c.Erasures)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil { // for erasures.log
		return err
	}
	st, err := postgres.Open(g.ctx, s.store, postgres.Options{MaxConns: 1})
	if err != nil {
		return tellServer(&s, err)
	}
	n := &node{settings: s, store: st, log: discardLog(), free: []func() error{st.Close}}
	others, err := st.Others(g.ctx)
	if err == nil && others > 0 {
		err = fmt.Errorf("%s: other nodes or commands have %s to it; stop them first, since they would send what is to be held", config.StoreName(s.store), amount(others, "connection"))
	}
	if err != nil {
		return errors.Join(err, n.close())
	}
	did, err := n.afterRestore(g.ctx, erased)
	if err := errors.Join(err, n.close()); err != nil {
		return err
	}
	g.tellRestored(config.StoreName(s.store), did)
	return nil
}

// restoring ends the name of a database that is being restored. It gets its
// own name when everything is done: a server that starts after a restore was
// cut off must not find effects to send, or customers who were erased.
const restoring = ".restoring"

func restoreFile(ctx context.Context, file string, s *settings, erased map[domain.CustomerID]bool) (did restored, err error) {
	// Another restore would take away what this one works on, and a server
	// would begin an empty company.
	lock, err := sqlite.Lock(s.database())
	if errors.Is(err, store.ErrLocked) {
		return did, fmt.Errorf("another restore, or a server, is at work in %s: wait for it, or stop it", s.dir)
	}
	if err != nil {
		return did, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if err := emptyDir(s.dir); err != nil { // the other may have ended just now
		return did, err
	}
	work := s.database() + restoring
	tidy := func() (err error) {
		for _, suffix := range []string{"", "-wal", "-shm", "-journal", ".lock"} {
			if rmErr := os.Remove(work + suffix); !errors.Is(rmErr, os.ErrNotExist) {
				err = errors.Join(err, rmErr)
			}
		}
		return err
	}
	defer func() {
		if err = errors.Join(err, tidy()); err != nil {
			os.Remove(lock.Name()) // no database is left that it is for
		}
	}()
	// SQLite would read the log of one that was cut off into the next copy.
	if err := tidy(); err != nil {
		return did, err
	}
	if err := copyFile(file, work); err != nil {
		return did, err
	}
	st, err := sqlite.Open(ctx, work, sqlite.Options{})
	if err != nil {
		return did, fmt.Errorf("%s is no backup that this program can read: %w", file, err)
	}
	n := &node{settings: *s, store: st, log: discardLog(), free: []func() error{st.Close}}
	damage, err := st.Check(ctx)
	if err == nil && len(damage) > 0 {
		err = errors.New(strings.Join(damage[:min(len(damage), 5)], "; "))
	}
	if err != nil {
		return did, errors.Join(fmt.Errorf("%s is damaged; take another backup: %w", file, err), n.close())
	}
	did, err = n.afterRestore(ctx, erased)
	if err := errors.Join(err, n.close()); err != nil {
		return did, err
	}
	return did, renameSynced(work, s.database())
}

// emptyDir makes sure that nothing is overwritten. What a restore that was cut
// off has left is nothing.
func emptyDir(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != "erasures.log" && e.Name() != "advocate.db.lock" && !strings.Contains(e.Name(), restoring) {
			return fmt.Errorf("%s is not empty (%s is there); --data DIR names an empty directory, or one that does not exist", dir, e.Name())
		}
	}
	return nil
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	if st, err := in.Stat(); err != nil {
		return err
	} else if !st.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", from)
	} else if st.Size() == 0 {
		return fmt.Errorf("%s is empty, and no backup", from)
	}
	partial := to + ".partial"
	out, err := os.OpenFile(partial, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return errors.Join(err, os.Remove(partial))
	}
	return renameSynced(partial, to)
}

func renameSynced(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// afterRestore brings a copy up to what must not be undone.
func (n *node) afterRestore(ctx context.Context, erased map[domain.CustomerID]bool) (did restored, err error) {
	ids := make([]domain.CustomerID, 0, len(erased))
	for id := range erased {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	// Before anything is parted, since nothing of theirs may be on its way out.
	if did.held, err = n.holdAll(ctx); err != nil {
		return did, err
	}
	if did.ended, err = n.endAll(ctx); err != nil {
		return did, err
	}
	if err := n.partErased(ctx, ids); err != nil {
		return did, err
	}
	for _, id := range ids {
		was := false
		err := n.store.Update(ctx, func(tx store.Tx) error {
			was = false
			rows, err := tx.AdvocateGet([]domain.CustomerID{id})
			if err != nil || rows[0].ID == 0 || rows[0].Erased || rows[0].Redirect != 0 {
				return err
			}
			was = true
			return tx.CustomerErase(id, time.Now())
		})
		if err != nil {
			return did, fmt.Errorf("erase %s again: %w", id, err)
		}
		if was {
			did.again++
		}
	}
	more, err := n.holdAll(ctx) // what parting customers led to
	if did.held += more; err != nil {
		return did, err
	}
	return did, n.syncErasures(ctx)
}

func (n *node) holdAll(ctx context.Context) (held int, err error) {
	for _, state := range []domain.EffectState{domain.EffectPending, domain.EffectSending} {
		k, err := n.hold(ctx, state)
		if held += k; err != nil {
			return held, err
		}
	}
	return held, nil
}

// hold puts every effect of a state before a person.
func (n *node) hold(ctx context.Context, state domain.EffectState) (held int, err error) {
	const batch = 500
	for {
		k := 0
		err := n.store.Update(ctx, func(tx store.Tx) error {
			k = 0
			rows, err := tx.EffectList(store.EffectListParams{State: state, Limit: batch})
			if err != nil {
				return err
			}
			for i := range rows {
				row, err := tx.EffectSet(rows[i].ID, []domain.EffectState{state}, domain.EffectHeld, time.Time{})
				if err != nil {
					return err
				}
				row.LastError = domain.RestoredNote
				if err := tx.EffectPut(row); err != nil {
					return err
				}
				k++
			}
			return nil
		})
		held += k
		if err != nil || k < batch {
			return held, err
		}
	}
}
