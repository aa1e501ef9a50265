package engine

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/store"
)

// How often Status looks for itself whether the store takes writes.
const (
	probeEvery   = 5 * time.Second
	probeFailing = time.Second     // while it does not
	probeWait    = 2 * time.Second // a write that takes longer is none
)

// failureEvery is how often a failure that goes on is logged.
const failureEvery = time.Minute

// probeScope is the switch that is set and taken back to see whether the store
// takes a write. No switch may be called that.
const probeScope = "probe"

// textHanging is why a store fails that gives no error either.
const textHanging = "a write to the store does not end"

// StoreStatus says whether the store takes writes.
type StoreStatus struct {
	Failing string    `json:"failing,omitempty"` // why it takes none; "" while it does
	Since   time.Time `json:"since,omitzero"`    // of the failure
}

// storeHealth remembers that the store does not take writes. A failure that
// lies with its files stands until a write has worked again: that a
// transaction which wrote nothing went well says nothing.
type storeHealth struct {
	mu      sync.Mutex
	now     StoreStatus
	looked  time.Time // when the last probe began
	looking bool
	logged  time.Time // when the failure was last logged
}

// storeFailed notes a failure. It is logged although it is returned, once a
// minute at most: every caller is told to come back, and only the operator can
// help.
func (e *Engine) storeFailed(why, doing string, err error) {
	h, now := &e.health, e.clock.Now()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.now.Failing != why {
		if h.now.Failing == "" {
			h.now.Since = now
		}
		h.now.Failing, h.logged = why, time.Time{}
	}
	if h.logged.IsZero() || now.Sub(h.logged) >= failureEvery {
		h.logged = now
		e.log.Error(why, "doing", doing, "since", h.now.Since, "error", err)
	}
}

// storeStatus tells how the store stands, after a look of its own where the
// last one is too old. Of several callers one looks and the others are told
// what is known.
func (e *Engine) storeStatus(ctx context.Context) StoreStatus {
	h, now := &e.health, e.clock.Now()
	h.mu.Lock()
	every := probeEvery
	if h.now.Failing != "" {
		every = probeFailing
	}
	if age := now.Sub(h.looked); h.looking || age < every {
		defer h.mu.Unlock()
		if h.looking && age > probeWait && h.now.Failing == "" {
			return StoreStatus{Failing: textHanging, Since: h.looked}
		}
		return h.now
	}
	h.looking, h.looked = true, now
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.looking = false
	}()
	err := e.probe(ctx, now)
	switch why := store.Failure(err); {
	case why != "":
		e.storeFailed(why, "look whether it can be written", err)
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		e.storeFailed(textHanging, "look whether it can be written", err)
	case err != nil: // the caller went away, or somebody else writes: nothing is known
		h.mu.Lock()
		h.looked = time.Time{}
		h.mu.Unlock()
	default:
		e.storeWorks()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// granter is a store whose database may refuse its user a part of what a node
// does: a write of one table says nothing of the others.
type granter interface {
	// Granted is store.ErrDenied where a right is missing.
	Granted(ctx context.Context) error
}

// probe makes one small write, which the same transaction takes back.
func (e *Engine) probe(ctx context.Context, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, probeWait)
	defer cancel()
	err := e.store.Update(ctx, func(tx store.Tx) error {
		if err := tx.SwitchPut(store.Switch{Scope: probeScope, Mode: ModeLive, At: now}); err != nil {
			return err
		}
		return tx.SwitchDelete(probeScope)
	})
	if g, ok := e.store.(granter); ok && err == nil {
		err = g.Granted(ctx)
	}
	return err
}

// storeWorks ends a failure.
func (e *Engine) storeWorks() {
	h := &e.health
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.now.Failing != "" {
		e.log.Info("the store takes writes again", "was", h.now.Failing, "failed_for", e.clock.Now().Sub(h.now.Since))
		h.now = StoreStatus{}
	}
}
