// Package state keeps what connectors must remember, as documents of the
// store, each account's apart. Values are sealed: tokens may be among them.
//
// A value that has expired is not given any more, though the store prunes it
// later. Of two that Put at once the later one's value stays; what several nodes
// write together, since webhooks come to any, goes by Change.
package state

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/store"
)

// Kind is that of the documents.
const Kind = "network-state"

// Limits.
const (
	maxID    = 400 // bytes; what is longer is named by its hash
	attempts = 8   // against other writers
	changes  = 64  // against others that change the same; at each of these one of them did
)

// Sealer keeps values from whoever has only the database.
type Sealer interface {
	Seal(ctx context.Context, name string, plain []byte) ([]byte, error)
	Open(name string, sealed []byte) ([]byte, error)
	Stale(sealed []byte) bool
}

// Options of a State; all are required, but an account may be "".
type Options struct {
	Store   store.Store
	Sealer  Sealer
	Clock   clock.Clock
	Network string
	Account string
}

// State is one account's. It is safe for concurrent use.
type State struct {
	o      Options
	prefix string
}

var _ social.Claimer = (*State)(nil)

// New makes a State. It reads nothing.
func New(o Options) *State {
	if o.Store == nil || o.Sealer == nil || o.Clock == nil || o.Network == "" {
		panic("state: New needs a store, a sealer, a clock and a network")
	}
	return &State{o, url.PathEscape(o.Network) + "/" + url.PathEscape(o.Account) + "/"}
}

// id is a document's. No two names share one: what could be taken for a hash
// is hashed itself.
func (s *State) id(name string) string {
	if id := s.prefix + "=" + name; len(id) <= maxID {
		return id
	}
	sum := sha256.Sum256([]byte(name))
	return s.prefix + "#" + hex.EncodeToString(sum[:])
}

func sealName(id string) string { return Kind + "/" + id }

// kept is a document's body.
type kept struct {
	Sealed []byte `json:"sealed"`
}

// Get implements social.State.
func (s *State) Get(ctx context.Context, name string) ([]byte, error) {
	value, _, err := s.read(ctx, s.id(name))
	return value, err
}

// read gives a value, and the document that it was read from.
func (s *State) read(ctx context.Context, id string) ([]byte, store.Document, error) {
	var d store.Document
	err := s.o.Store.View(ctx, func(r store.Reader) error {
		docs, err := r.DocumentGet(Kind, []string{id})
		if err == nil {
			d = docs[0]
		}
		return err
	})
	if err != nil || !s.holds(&d) {
		return nil, d, err
	}
	var k kept
	if err := json.Unmarshal(d.Body, &k); err != nil {
		return nil, d, fmt.Errorf("state: %s cannot be read: %w", id, err)
	}
	value, err := s.o.Sealer.Open(sealName(id), k.Sealed)
	return value, d, err
}

// Put implements social.State.
func (s *State) Put(ctx context.Context, name string, value []byte, keep time.Duration) error {
	if value == nil {
		return s.o.Store.Update(ctx, func(tx store.Tx) error { return tx.DocumentDelete(Kind, []string{s.id(name)}) })
	}
	_, err := s.write(ctx, name, value, keep, func(*store.Document) bool { return true })
	return err
}

// Claim implements social.Claimer.
func (s *State) Claim(ctx context.Context, name string, value []byte, keep time.Duration) (bool, error) {
	return s.write(ctx, name, value, keep, func(d *store.Document) bool { return !s.holds(d) })
}

// Change implements social.State. It is compare-and-set: to seal may write
// itself, and so cannot be done in the transaction that locks the document.
func (s *State) Change(ctx context.Context, name string, keep time.Duration, to func(was []byte) []byte) error {
	id := s.id(name)
	for range changes {
		was, read, err := s.read(ctx, id)
		if err != nil {
			return err
		}
		value := to(was)
		if value == nil {
			return nil
		}
		// No two sealed bodies are equal, nor is one that was pruned and put
		// anew, whose version may be.
		same := func(d *store.Document) bool { return d.ID == read.ID && bytes.Equal(d.Body, read.Body) }
		if done, err := s.write(ctx, name, value, keep, same); done || err != nil {
			return err
		}
	}
	return fmt.Errorf("state: %s was changed by others %d times in a row", id, changes)
}

// holds reports whether a document is there and has not expired.
func (s *State) holds(d *store.Document) bool {
	return d.ID != "" && (d.ExpiresAt.IsZero() || d.ExpiresAt.After(s.o.Clock.Now()))
}

// write puts a value where what is there lets it, and reports whether it did.
func (s *State) write(ctx context.Context, name string, value []byte, keep time.Duration, may func(*store.Document) bool) (done bool, err error) {
	id := s.id(name)
	if len(value) > social.MaxStateValue {
		return false, fmt.Errorf("state: %s has %d bytes; at most %d are kept", id, len(value), social.MaxStateValue)
	}
	sealed, err := s.o.Sealer.Seal(ctx, sealName(id), value) // before the transaction: it may write itself
	if err != nil {
		return false, err
	}
	body, err := json.Marshal(kept{sealed})
	if err != nil {
		return false, err
	}
	for range attempts {
		done, err = s.writeOnce(ctx, id, body, keep, may)
		if !errors.Is(err, store.ErrConflict) {
			break // of two that put what was not there, one finds it put
		}
	}
	return done && err == nil, err
}

func (s *State) writeOnce(ctx context.Context, id string, body []byte, keep time.Duration, may func(*store.Document) bool) (done bool, err error) {
	now := s.o.Clock.Now().UTC()
	err = s.o.Store.Update(ctx, func(tx store.Tx) error {
		docs, err := tx.DocumentLock(Kind, []string{id})
		if err != nil {
			return err
		}
		d := docs[0]
		if done = may(&d); !done {
			return nil
		}
		d.Kind, d.ID, d.Body, d.UpdatedAt, d.ExpiresAt = Kind, id, body, now, time.Time{}
		if keep > 0 {
			d.ExpiresAt = now.Add(keep)
		}
		return tx.DocumentPut([]store.Document{d})
	})
	return done, err
}

// page is how many documents are looked at together.
const page = 200

// Reseal seals what is under another key than the first anew, of all networks,
// and says how many values that were.
func Reseal(ctx context.Context, st store.Store, sealer Sealer) (int, error) {
	n, after := 0, ""
	for {
		var docs []store.Document
		err := st.View(ctx, func(r store.Reader) (err error) {
			docs, err = r.DocumentList(store.DocumentListParams{Kind: Kind, After: after, Limit: page})
			return err
		})
		if err != nil {
			return n, err
		}
		for i := range docs {
			changed, err := resealOne(ctx, st, sealer, &docs[i])
			if err != nil {
				return n, err
			}
			if changed {
				n++
			}
		}
		if len(docs) < page {
			return n, nil
		}
		after = docs[len(docs)-1].ID
	}
}

func resealOne(ctx context.Context, st store.Store, sealer Sealer, d *store.Document) (bool, error) {
	var k kept
	if err := json.Unmarshal(d.Body, &k); err != nil {
		return false, fmt.Errorf("state: %s cannot be read: %w", d.ID, err)
	}
	if !sealer.Stale(k.Sealed) {
		return false, nil
	}
	plain, err := sealer.Open(sealName(d.ID), k.Sealed)
	if err != nil {
		return false, err
	}
	if k.Sealed, err = sealer.Seal(ctx, sealName(d.ID), plain); err != nil {
		return false, err
	}
	if d.Body, err = json.Marshal(&k); err != nil {
		return false, err
	}
	err = st.Update(ctx, func(tx store.Tx) error { return tx.DocumentPut([]store.Document{*d}) })
	if errors.Is(err, store.ErrConflict) {
		return false, nil // it was put meanwhile, and is under the new key
	}
	return err == nil, err
}
