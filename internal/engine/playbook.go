package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/store"
)

// loadedPlaybook is a version of the store's, compiled.
type loadedPlaybook struct {
	pb      *playbook.Playbook
	version int64
	name    string
}

// Policy is what decisions rest on now: the active playbook's, or, before the
// first, the operator's. It must not be changed.
func (e *Engine) Policy() *domain.Policy {
	if pb := e.Playbook(); pb != nil {
		return pb.Policy()
	}
	return &e.policy
}

// Playbook returns the playbook that decides now; nil before the first was
// activated.
func (e *Engine) Playbook() *playbook.Playbook {
	if l := e.playbook.Load(); l != nil {
		return l.pb
	}
	return nil
}

// Who activates on behalf of the configuration. No token and nobody at a
// command line can be called that: whatever else stands in ActivatedBy is an
// operator.
const (
	ByStart = "config:start" // at a start
	ByFile  = "config:file"  // the configured file changed
)

// confirmedBy stands in ActivatedBy between the two where an operator activated
// what the configuration had let decide already.
const confirmedBy = ", confirmed by "

// ByConfig reports whether a version was activated on behalf of the
// configuration, and not by an operator's choice against it. It is so too
// where an operator has confirmed it since: the configuration asked for it all
// the same.
func ByConfig(by string) bool {
	by, _, _ = strings.Cut(by, confirmedBy)
	return by == ByStart || by == ByFile
}

// ByOperator reports whether an operator activated a version or confirmed it.
func ByOperator(by string) bool { return !ByConfig(by) || strings.Contains(by, confirmedBy) }

// PlaybookPublish keeps a new version, which decides nothing until it is
// activated. It is compiled first: a broken one is refused with
// domain.CodeInvalid and every problem in the message. Publishing what is
// already there gives its version.
func (e *Engine) PlaybookPublish(ctx context.Context, name string, source []byte, by string) (int64, error) {
	row, err := e.playbookRow(name, source, by)
	if err != nil {
		return 0, err
	}
	var version int64
	err = e.store.Update(ctx, func(tx store.Tx) (err error) {
		version, err = publish(tx, row)
		return err
	})
	return version, e.edge("publish a playbook", err)
}

// playbookRow compiles a playbook under the policy in force and makes the row
// that keeps it.
func (e *Engine) playbookRow(name string, source []byte, by string) (store.PlaybookRow, error) {
	pb, err := playbook.Compile(name, source, e.policy)
	if err != nil {
		return store.PlaybookRow{}, &domain.Error{Code: domain.CodeInvalid, Field: "playbook", Message: err.Error(), Cause: err}
	}
	policy, err := json.Marshal(e.policy)
	if err != nil {
		return store.PlaybookRow{}, internal("encode the policy", err)
	}
	return store.PlaybookRow{Name: name, Hash: pb.Hash(), Source: source, Policy: policy, At: e.clock.Now(), By: by}, nil
}

// publish adds a version, unless there is one of that name and hash.
func publish(tx store.Tx, row store.PlaybookRow) (int64, error) {
	rows, err := tx.PlaybookList(maxVersions)
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		if r.Hash == row.Hash && r.Name == row.Name {
			return r.Version, nil
		}
	}
	return tx.PlaybookAdd(row)
}

// maxVersions is how many of the newest versions are looked through; an older
// one that is published again becomes a new one.
const maxVersions = 1000

// Followed is what came of following the configuration.
type Followed struct {
	Version  int64             // what the configuration asks for
	Active   store.PlaybookRow // what decides now, without its source
	Override bool              // they differ, since an operator chose so
}

// PlaybookFollow publishes what the configuration asks for and lets it decide.
// Only an operator's own choice stands in the way: who activated another
// version while the configuration asked for this one already, as in a
// rollback, has chosen against it, and that lasts until the configuration asks
// for something else. by is ByStart or ByFile.
func (e *Engine) PlaybookFollow(ctx context.Context, name string, source []byte, by string) (Followed, error) {
	row, err := e.playbookRow(name, source, by)
	if err != nil {
		return Followed{}, err
	}
	var f Followed
	changed := false
	err = e.store.Update(ctx, func(tx store.Tx) (err error) {
		f, changed = Followed{}, false
		rows, err := tx.PlaybookList(maxVersions)
		if err != nil {
			return err
		}
		f.Active, err = tx.PlaybookActive()
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		// A file that was moved is no other playbook: equal hashes decide equally.
		if f.Version = f.Active.Version; f.Version == 0 || f.Active.Hash != row.Hash {
			if f.Version, err = publish(tx, row); err != nil {
				return err
			}
		}
		f.Active.Source = nil
		chosen := f.Active.Version != 0 && !ByConfig(f.Active.ActivatedBy)
		switch {
		case f.Active.Version == f.Version && !chosen:
			return nil
		case f.Active.Version == f.Version:
			// The configuration has come to agree with the operator: it is its
			// own again, and its next change counts. The version stays.
		case chosen && askedSince(rows, row.Hash):
			f.Override = true
			return nil
		default:
			changed = true
		}
		if err := tx.PlaybookActivate(f.Version, e.clock.Now(), by); err != nil {
			return err
		}
		f.Active, err = tx.PlaybookActive()
		f.Active.Source = nil
		return err
	})
	if err != nil {
		return Followed{}, e.edge("follow the configured playbook", err)
	}
	if changed {
		e.log.InfoContext(ctx, "playbook activated", "version", f.Version, "playbook", name, "by", by)
	}
	return f, e.playbookReload(ctx)
}

// askedSince reports whether a playbook is what the configuration has asked
// for all along: it decided once, and the configuration has activated no other
// since.
func askedSince(rows []store.PlaybookRow, hash string) bool {
	var last time.Time // when it last began to decide
	for _, r := range rows {
		if r.Hash == hash && r.ActivatedAt.After(last) {
			last = r.ActivatedAt
		}
	}
	return !last.IsZero() && !slices.ContainsFunc(rows, func(r store.PlaybookRow) bool {
		return ByConfig(r.ActivatedBy) && r.ActivatedAt.After(last)
	})
}

// PlaybookActivate makes a published version decide from the next turn on.
// One that does not compile under the policy in force is refused. Who activates
// what decides already confirms it: that is recorded, and the time since which
// it decides stays.
func (e *Engine) PlaybookActivate(ctx context.Context, version int64, by string) error {
	var row store.PlaybookRow
	err := e.store.View(ctx, func(r store.Reader) (err error) {
		row, err = r.PlaybookGet(version)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return domain.Errorf(domain.CodeNotFound, "there is no playbook version %d", version)
	}
	if err != nil {
		return e.edge("read a playbook", err)
	}
	if _, err := playbook.Compile(row.Name, row.Source, e.policy); err != nil {
		return &domain.Error{Code: domain.CodeInvalid, Field: "playbook", Message: err.Error(), Cause: err}
	}
	done := ""
	err = e.store.Update(ctx, func(tx store.Tx) error {
		cur, err := tx.PlaybookActive()
		switch {
		case err != nil && !errors.Is(err, store.ErrNotFound):
			return err
		case cur.Version != version:
			done = "playbook activated"
			return tx.PlaybookActivate(version, e.clock.Now(), by)
		case ByConfig(by):
			done = ""
			return nil
		}
		done = "playbook confirmed"
		if config, _, _ := strings.Cut(cur.ActivatedBy, confirmedBy); ByConfig(config) {
			return tx.PlaybookActivate(version, cur.ActivatedAt, config+confirmedBy+by)
		}
		return tx.PlaybookActivate(version, cur.ActivatedAt, by)
	})
	if err != nil {
		return e.edge("activate a playbook", err)
	}
	if done != "" {
		e.log.InfoContext(ctx, done, "version", version, "playbook", row.Name, "by", by)
	}
	return e.playbookReload(ctx)
}

// errBroken is the cause where the active version does not compile and none
// was loaded before.
var errBroken = errors.New("engine: the active playbook does not compile")

// playbookReload loads the active version if it is not the loaded one. A
// version that does not compile leaves the loaded one in use; with none
// loaded it is an error (domain.CodeUnavailable, errBroken), as is a store
// without an active version (domain.CodeNotFound).
func (e *Engine) playbookReload(ctx context.Context) error {
	e.playbookMu.Lock()
	defer e.playbookMu.Unlock()
	var row store.PlaybookRow
	err := e.store.View(ctx, func(r store.Reader) (err error) {
		row, err = r.PlaybookActive()
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return domain.Errorf(domain.CodeNotFound, "no playbook is active; publish and activate one")
	}
	if err != nil {
		return e.edge("read the active playbook", err)
	}
	cur := e.playbook.Load()
	if cur != nil && cur.version == row.Version {
		e.brokenSeen.Store(0)
		return nil
	}
	pb, err := playbook.Compile(row.Name, row.Source, e.policy)
	if err != nil {
		if e.brokenSeen.Swap(row.Version) != row.Version {
			e.metrics.alarms.Add(1)
			e.log.ErrorContext(ctx, "the active playbook does not compile; the one before stays in use", "version", row.Version, "playbook", row.Name, "error", err)
		}
		if cur != nil {
			return nil
		}
		return &domain.Error{
			Code: domain.CodeUnavailable, RetryAfter: retryUnavailable, Cause: errBroken,
			Message: fmt.Sprintf("the active playbook, version %d, does not compile under this configuration; activate another", row.Version),
		}
	}
	e.brokenSeen.Store(0)
	e.metrics.reloads.Add(1)
	e.playbook.Store(&loadedPlaybook{pb: pb, version: row.Version, name: row.Name})
	return nil
}

// errReload ends a transaction that was begun under another playbook than
// the active one.
var errReload = errors.New("engine: another playbook is active")

// checkPlaybook compares the loaded version with the store's, inside the
// transaction that will decide.
func (e *Engine) checkPlaybook(r store.Reader, l *loadedPlaybook) error {
	row, err := r.PlaybookActive()
	if errors.Is(err, store.ErrNotFound) {
		return noPlaybook()
	}
	if err != nil {
		return err
	}
	if l == nil || row.Version != l.version && row.Version != e.brokenSeen.Load() {
		return errReload
	}
	return nil
}

func noPlaybook() error {
	return &domain.Error{Code: domain.CodeUnavailable, Message: "no playbook is active yet", RetryAfter: retryUnavailable}
}
