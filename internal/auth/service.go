package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// Kinds of documents that this package keeps.
const (
	kindUser     = "user"
	kindSession  = "session"
	kindLink     = "link"
	kindThrottle = "throttle"
)

// Limits on sessions where Options says nothing.
const (
	DefaultSessionIdle = 8 * time.Hour
	DefaultSessionMax  = 24 * time.Hour
)

// Sealer keeps what must be read again from whoever has only the database.
// What was sealed under one name opens under no other.
type Sealer interface {
	// Seal may write to the store: it is not called inside a transaction.
	Seal(ctx context.Context, name string, plain []byte) ([]byte, error)
	// Open touches no store.
	Open(name string, sealed []byte) ([]byte, error)
	// Stale reports whether something is sealed under a key that is on its way
	// out.
	Stale(sealed []byte) bool
}

// Options of a Service. Store, Now and Sealer are required.
type Options struct {
	Store  store.Store
	Now    func() time.Time
	Sealer Sealer

	SessionIdle time.Duration // a session that nobody used for so long ends
	SessionMax  time.Duration // a session ends after that, used or not
	RequireTOTP []Role        // who must have a second factor
	Company     string        // shown beside codes in authenticator apps

	// QueuesOf gives the queues of an agent whose account names none. Without
	// it such agents reach no queue.
	QueuesOf func(r store.Reader, login string) ([]string, error)

	Cost Cost // of passwords; zero: DefaultCost
}

// Service keeps people, their sessions and how they sign in. It is safe for
// concurrent use and keeps nothing in memory that must last.
type Service struct {
	o      Options
	hasher *hasher
	ended  ended
}

// New makes a Service.
func New(o Options) *Service {
	if o.Store == nil || o.Now == nil || o.Sealer == nil {
		panic("auth: New needs a store, a clock and a sealer")
	}
	if o.SessionIdle <= 0 {
		o.SessionIdle = DefaultSessionIdle
	}
	if o.SessionMax <= 0 {
		o.SessionMax = DefaultSessionMax
	}
	if o.Company == "" {
		o.Company = "Contact Advocate"
	}
	return &Service{o: o, hasher: newHasher(o.Cost)}
}

// Hashes is how many passwords this service has hashed: the same for every
// attempt to sign in, whatever is wrong with it.
func (s *Service) Hashes() int64 { return s.hasher.looks.Load() }

func (s *Service) now() time.Time { return s.o.Now().UTC().Truncate(time.Microsecond) }

// updateTries is how often a change is made again when somebody else made one
// at the same moment.
const updateTries = 4

// update runs fn in a transaction, and again when it met another one. fn must
// reset what it keeps. Which sessions it ended is told once that is durable.
func (s *Service) update(ctx context.Context, fn func(tx store.Tx) error) error {
	var err error
	for range updateTries {
		var did *noting
		err = s.o.Store.Update(ctx, func(tx store.Tx) error {
			did = &noting{Tx: tx}
			return fn(did)
		})
		if err == nil {
			s.ended.say(did.ended)
			return nil
		}
		if !errors.Is(err, store.ErrConflict) || ctx.Err() != nil {
			return err
		}
	}
	return &domain.Error{Code: domain.CodeBusy, Message: "it is being changed by others at this moment; try again", RetryAfter: time.Second, Cause: err}
}

// read decodes a document's body.
func read(d *store.Document, into any) error {
	if err := json.Unmarshal(d.Body, into); err != nil {
		return fmt.Errorf("auth: %s %.60q cannot be read: %w", d.Kind, d.ID, err)
	}
	return nil
}

// write puts a document with a new body.
func write(tx store.Tx, d *store.Document, body any, now time.Time) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	d.Body, d.UpdatedAt = b, now
	docs := []store.Document{*d}
	if err := tx.DocumentPut(docs); err != nil {
		return err
	}
	d.Version = docs[0].Version
	return nil
}

// audit records, in the same transaction, what the principal did to an account.
func audit(tx store.Tx, now time.Time, by Principal, action, login, outcome string, detail map[string]any) error {
	row := store.AuditRow{At: now, By: by.Name, Via: string(by.Kind), Action: action, Outcome: outcome, From: by.From}
	if login != "" {
		row.Object = "user/" + login
	}
	if len(detail) > 0 {
		b, err := json.Marshal(detail)
		if err != nil {
			return err
		}
		row.Detail = b
	}
	return tx.AuditAppend([]store.AuditRow{row})
}

const ok = "ok"
