package outbound

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/feed"
	"github.com/contact-advocate/advocate/internal/store"
)

// MaxKeep is how long a secret may sign beside the one that replaces it.
const MaxKeep = 7 * 24 * time.Hour

// Sealer keeps secrets from whoever has only the database.
type Sealer interface {
	Seal(ctx context.Context, name string, plain []byte) ([]byte, error) // may write to the store
	Open(name string, sealed []byte) ([]byte, error)
	Stale(sealed []byte) bool        // is under another key than what is sealed now
	Check(ctx context.Context) error // why this process can open none, nil where it can
}

// Options make a Service. Store and Sealer are required, Run needs Alone.
type Options struct {
	Store        store.Store
	Sealer       Sealer
	Feed         *feed.Feed                                                         // nil: the log is looked at now and then
	Alone        func(ctx context.Context, name string, work func(context.Context)) // engine.Alone
	Clock        clock.Clock                                                        // the machine's where nil
	Logger       *slog.Logger
	AllowPrivate bool          // addresses inside are within reach, and http will do
	Version      string        // the program's, told to receivers
	Timeout      time.Duration // of an attempt, sendTime where 0
}

// Service keeps endpoints and sends to them. It is safe for concurrent use.
type Service struct {
	o    Options
	send *sender
	kick chan struct{}
}

// New makes a Service; Run makes it send.
func New(o Options) *Service {
	if o.Store == nil || o.Sealer == nil {
		panic("outbound: New needs a store and a sealer")
	}
	if o.Clock == nil {
		o.Clock = clock.Real()
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Timeout <= 0 {
		o.Timeout = sendTime
	}
	return &Service{o: o, send: newSender(o.AllowPrivate, o.Version, o.Timeout), kick: make(chan struct{}, 1)}
}

// wake says that there may be something to do. It never blocks.
func (s *Service) wake() {
	select {
	case s.kick <- struct{}{}:
	default:
	}
}

// Create makes an endpoint, which takes what happens from now on. Its secret is
// given this once.
func (s *Service) Create(ctx context.Context, by string, p Settings) (Endpoint, string, error) {
	if err := p.check(s.o.AllowPrivate); err != nil {
		return Endpoint{}, "", err
	}
	now := s.o.Clock.Now()
	e := Endpoint{
		ID: "wh" + strings.ToLower(rand.Text()[:20]), URL: p.URL, Types: slices.Clone(p.Types), Description: p.Description, By: by, Created: now,
	}
	if p.Disabled {
		e.Disabled, e.Why = true, WhyOperator
	}
	secret := newSecret()
	box, err := s.o.Sealer.Seal(ctx, sealName(e.ID), secret)
	if err != nil {
		return Endpoint{}, "", err
	}
	e.sealed = []sealed{{Box: box}}
	end, err := feed.End(ctx, s.o.Store, 0)
	if err != nil {
		return Endpoint{}, "", err
	}
	var out Endpoint
	err = s.o.Store.Update(ctx, func(tx store.Tx) error {
		all, err := tx.DocumentList(store.DocumentListParams{Kind: kindEndpoint, Limit: MaxEndpoints})
		if err != nil {
			return err
		}
		if len(all) >= MaxEndpoints {
			return domain.Errorf(domain.CodeConflict, "there are %d webhooks already; remove some", len(all))
		}
		at, err := cursorDocument(e.ID, 0, end, now)
		if err != nil {
			return err
		}
		out, err = put(tx, e, now, at)
		return err
	})
	if err != nil {
		return Endpoint{}, "", err
	}
	s.wake()
	return out, showSecret(secret), nil
}

// put writes an endpoint, and what else belongs to the change.
func put(tx store.Tx, e Endpoint, now time.Time, more ...store.Document) (Endpoint, error) {
	d, err := e.document(now)
	if err != nil {
		return e, err
	}
	docs := append([]store.Document{d}, more...)
	if err := tx.DocumentPut(docs); err != nil {
		return e, err
	}
	return readEndpoint(&docs[0], now)
}

func noEndpoint(id string) error {
	return domain.Errorf(domain.CodeNotFound, "there is no webhook %.60q", id)
}

// Get reads an endpoint; CodeNotFound when there is none.
func (s *Service) Get(ctx context.Context, id string) (e Endpoint, err error) {
	err = s.o.Store.View(ctx, func(r store.Reader) error {
		docs, err := r.DocumentGet(kindEndpoint, []string{id})
		if err != nil {
			return err
		}
		if docs[0].ID == "" {
			return noEndpoint(id)
		}
		e, err = readEndpoint(&docs[0], s.o.Clock.Now())
		return err
	})
	return e, err
}

// List gives all endpoints, by id.
func (s *Service) List(ctx context.Context) (out []Endpoint, err error) {
	err = s.o.Store.View(ctx, func(r store.Reader) (err error) {
		out, err = readEndpoints(r, s.o.Clock.Now())
		return err
	})
	return out, err
}

func readEndpoints(r store.Reader, now time.Time) ([]Endpoint, error) {
	docs, err := r.DocumentList(store.DocumentListParams{Kind: kindEndpoint, Limit: MaxEndpoints})
	out := make([]Endpoint, 0, len(docs))
	for i := range docs {
		e, err := readEndpoint(&docs[i], now)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, err
}

// change rewrites an endpoint under its lock. version, if not 0, must be the
// stored one.
func (s *Service) change(ctx context.Context, id string, version int64, f func(store.Tx, *Endpoint) ([]store.Document, error)) (out Endpoint, err error) {
	if len(id) > store.MaxName {
		return out, noEndpoint(id)
	}
	now := s.o.Clock.Now()
	err = s.o.Store.Update(ctx, func(tx store.Tx) error {
		docs, err := tx.DocumentLock(kindEndpoint, []string{id})
		if err != nil {
			return err
		}
		if docs[0].ID == "" {
			return noEndpoint(id)
		}
		e, err := readEndpoint(&docs[0], now)
		if err != nil {
			return err
		}
		if version != 0 && version != e.Version {
			return domain.Errorf(domain.CodeConflict, "the webhook has changed since it was read; it is at version %d", e.Version)
		}
		more, err := f(tx, &e)
		if err != nil {
			return err
		}
		out, err = put(tx, e, now, more...)
		return err
	})
	if err == nil {
		s.wake()
	}
	return out, err
}

// Set changes an endpoint's settings. One that is enabled again gets what
// waited for it when it was disabled, and what has come since, unless FromNow
// says to leave that.
func (s *Service) Set(ctx context.Context, id string, version int64, p Settings) (Endpoint, error) {
	if err := p.check(s.o.AllowPrivate); err != nil {
		return Endpoint{}, err
	}
	end, err := int64(0), error(nil)
	if p.FromNow {
		if end, err = feed.End(ctx, s.o.Store, 0); err != nil {
			return Endpoint{}, err
		}
	}
	return s.change(ctx, id, version, func(tx store.Tx, e *Endpoint) (more []store.Document, err error) {
		was := e.Disabled
		e.URL, e.Types, e.Description, e.Disabled = p.URL, slices.Clone(p.Types), p.Description, p.Disabled
		switch {
		case p.Disabled && !was:
			e.Why = WhyOperator
		case was && !p.Disabled:
			e.Why, e.Failing = "", time.Time{}
			if !p.FromNow {
				err = revive(tx, id, s.o.Clock.Now())
			}
		}
		if err != nil || !p.FromNow {
			return nil, err
		}
		docs, err := tx.DocumentLock(kindCursor, []string{cursorID(id)})
		if err != nil {
			return nil, err
		}
		d, err := cursorDocument(id, docs[0].Version, end, s.o.Clock.Now())
		return []store.Document{d}, err
	})
}

// Delete removes an endpoint. What waits for it is never sent; the log of what
// was sent stays until it is pruned.
func (s *Service) Delete(ctx context.Context, id string) error {
	if len(id) > store.MaxName {
		return noEndpoint(id)
	}
	return s.o.Store.Update(ctx, func(tx store.Tx) error {
		docs, err := tx.DocumentLock(kindEndpoint, []string{id})
		if err != nil {
			return err
		}
		if docs[0].ID == "" {
			return noEndpoint(id)
		}
		return errors.Join(tx.DocumentDelete(kindEndpoint, []string{id}), tx.DocumentDelete(kindCursor, []string{cursorID(id)}))
	})
}

// Rotate gives an endpoint a new secret, shown this once. The ones before it
// sign beside it for a while more.
func (s *Service) Rotate(ctx context.Context, id string, keep time.Duration) (Endpoint, string, error) {
	if keep < 0 || keep > MaxKeep {
		return Endpoint{}, "", domain.FieldErrorf("keep_seconds", "is %d; want 0 to %d", int64(keep.Seconds()), int64(MaxKeep.Seconds()))
	}
	if _, err := s.Get(ctx, id); err != nil {
		return Endpoint{}, "", err
	}
	secret := newSecret()
	box, err := s.o.Sealer.Seal(ctx, sealName(id), secret)
	if err != nil {
		return Endpoint{}, "", err
	}
	now := s.o.Clock.Now()
	e, err := s.change(ctx, id, 0, func(_ store.Tx, e *Endpoint) ([]store.Document, error) {
		old := e.signing(now)
		for i := range old {
			if old[i].Until.IsZero() || old[i].Until.After(now.Add(keep)) {
				old[i].Until = now.Add(keep)
			}
		}
		if keep == 0 {
			old = nil
		}
		e.sealed = append([]sealed{{Box: box}}, old[:min(len(old), maxSecrets-1)]...)
		return nil, nil
	})
	if err != nil {
		return Endpoint{}, "", err
	}
	return e, showSecret(secret), nil
}

// Reseal seals every secret anew that is under another key than the sealer's
// present one, and says how many. It is for vault.Rotate.
func (s *Service) Reseal(ctx context.Context) (int, error) {
	all, err := s.List(ctx)
	n := 0
	for _, e := range all {
		fresh := map[string][]byte{}
		for _, b := range e.sealed {
			if !s.o.Sealer.Stale(b.Box) {
				continue
			}
			plain, err := s.o.Sealer.Open(sealName(e.ID), b.Box)
			if err != nil {
				return n, err
			}
			if fresh[string(b.Box)], err = s.o.Sealer.Seal(ctx, sealName(e.ID), plain); err != nil {
				return n, err
			}
		}
		if len(fresh) == 0 {
			continue
		}
		_, err := s.change(ctx, e.ID, 0, func(_ store.Tx, e *Endpoint) ([]store.Document, error) {
			for i := range e.sealed {
				if box, ok := fresh[string(e.sealed[i].Box)]; ok {
					e.sealed[i].Box = box
				}
			}
			return nil, nil
		})
		if err != nil && domain.ErrorCode(err) != domain.CodeNotFound {
			return n, err
		}
		n += len(fresh)
	}
	return n, err
}

// secrets opens what signs for an endpoint now.
func (s *Service) secrets(e *Endpoint, now time.Time) (out [][]byte, err error) {
	for _, b := range e.signing(now) {
		plain, err := s.o.Sealer.Open(sealName(e.ID), b.Box)
		if err != nil {
			return nil, err
		}
		out = append(out, plain)
	}
	return out, nil
}
