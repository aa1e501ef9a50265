package engine

import (
	"context"
	"encoding/json"
	"errors"

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

// Playbook returns the playbook that decides now; nil before the first was
// activated.
func (e *Engine) Playbook() *playbook.Playbook {
	if l := e.playbook.Load(); l != nil {
		return l.pb
	}
	return nil
}

// PlaybookPublish keeps a new version, which decides nothing until it is
// activated. It is compiled first: a broken one is refused with
// domain.CodeInvalid and every problem in the message. Publishing what is
// already there gives its version.
func (e *Engine) PlaybookPublish(ctx context.Context, name string, source []byte, by string) (int64, error) {
	pb, err := playbook.Compile(name, source, e.policy)
	if err != nil {
		return 0, &domain.Error{Code: domain.CodeInvalid, Field: "playbook", Message: err.Error(), Cause: err}
	}
	policy, err := json.Marshal(e.policy)
	if err != nil {
		return 0, internal("encode the policy", err)
	}
	var version int64
	err = e.store.Update(ctx, func(tx store.Tx) error {
		version = 0
		rows, err := tx.PlaybookList(50)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if r.Hash == pb.Hash() && r.Name == name {
				version = r.Version
				return nil
			}
		}
		version, err = tx.PlaybookAdd(store.PlaybookRow{
			Name: name, Hash: pb.Hash(), Source: source, Policy: policy, At: e.clock.Now(), By: by,
		})
		return err
	})
	return version, e.edge("publish a playbook", err)
}

// PlaybookActivate makes a published version decide from the next turn on.
// One that does not compile under the policy in force is refused.
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
	err = e.store.Update(ctx, func(tx store.Tx) error {
		if cur, err := tx.PlaybookActive(); err == nil && cur.Version == version {
			return nil
		}
		return tx.PlaybookActivate(version, e.clock.Now(), by)
	})
	if err != nil {
		return e.edge("activate a playbook", err)
	}
	e.log.InfoContext(ctx, "playbook activated", "version", version, "playbook", row.Name, "by", by)
	return e.playbookReload(ctx)
}

// playbookReload loads the active version if it is not the loaded one. A
// version that does not compile leaves the loaded one in use; with none
// loaded it is an error, as is a store without an active version
// (domain.CodeNotFound).
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
		return &domain.Error{Code: domain.CodeInvalid, Field: "playbook", Message: err.Error(), Cause: err}
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
