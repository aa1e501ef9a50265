package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/remote"
	"github.com/contact-advocate/advocate/internal/store"
)

// Attempts to sign in are counted by the login that was tried, whether there
// is one or not, and by the address they came from. The first few are free;
// from then on each one is followed by a pause that doubles, up to an end: a
// guesser gets some hundred attempts a day, and nobody is locked out for good.
//
// Who signed in from an address before is counted there by both together, so
// that somebody elsewhere who knows a login cannot keep its owner out.
//
// An attempt is counted before the password is looked at, and taken back when
// it was right: a hundred attempts at once are not one.
const (
	freeByLogin   = 5
	freeByAddress = 30 // offices share one
	pauseByLogin  = 15 * time.Minute
	pauseByAddr   = 5 * time.Minute
	halfLife      = time.Hour      // without an attempt, half of them are forgotten
	throttleKept  = 24 * time.Hour // then all
	knownFor      = 30 * 24 * time.Hour
)

// bucket counts attempts.
type bucket struct {
	Count int       `json:"count"`
	At    time.Time `json:"at"`
	Until time.Time `json:"until,omitzero"`

	free    int
	longest time.Duration
	doc     store.Document
}

// throttleID names a bucket by a hash: what was typed for a login may be a
// password.
func throttleID(kind string, parts ...string) string {
	h := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return kind + ":" + hex.EncodeToString(h[:16])
}

// buckets reads and locks what an attempt is counted by.
func (s *Service) buckets(tx store.Tx, login, address string) ([]bucket, error) {
	at := remote.Neighbourhood(address)
	now := s.now()
	known, err := tx.DocumentGet(kindThrottle, []string{throttleID("known", login, at)})
	if err != nil {
		return nil, err
	}
	byLogin := throttleID("login", login)
	if known[0].ID != "" && now.Before(known[0].ExpiresAt) {
		byLogin = throttleID("pair", login, at)
	}
	ids := []string{throttleID("address", at), byLogin}
	docs, err := tx.DocumentLock(kindThrottle, ids)
	if err != nil {
		return nil, err
	}
	out := make([]bucket, len(ids))
	for i := range docs {
		b := &out[i]
		if docs[i].ID == "" {
			docs[i] = store.Document{Kind: kindThrottle, ID: ids[i]}
		} else if err := read(&docs[i], b); err != nil {
			return nil, err
		}
		b.doc, b.free, b.longest = docs[i], freeByLogin, pauseByLogin
		if i == 0 {
			b.free, b.longest = freeByAddress, pauseByAddr
		}
		for age := now.Sub(b.At); b.Count > 0 && age >= halfLife; age -= halfLife {
			b.Count /= 2
		}
	}
	return out, nil
}

// take counts an attempt. A wait of more than zero means that it is not
// allowed yet; then nothing is counted, so that waiting ends.
func (s *Service) take(tx store.Tx, login, address string) (wait time.Duration, err error) {
	list, err := s.buckets(tx, login, address)
	if err != nil {
		return 0, err
	}
	now := s.now()
	for i := range list {
		wait = max(wait, list[i].Until.Sub(now))
	}
	if wait > 0 {
		return wait, nil
	}
	for i := range list {
		b := &list[i]
		b.Count++
		b.At, b.Until = now, time.Time{}
		if over := b.Count - b.free; over >= 0 {
			b.Until = now.Add(min(b.longest, time.Second<<min(over, 20)))
		}
		b.doc.ExpiresAt = now.Add(throttleKept)
		if err := write(tx, &b.doc, b, now); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// giveBack takes an attempt back that was no guess.
func (s *Service) giveBack(tx store.Tx, login, address string) error {
	list, err := s.buckets(tx, login, address)
	if err != nil {
		return err
	}
	for i := range list {
		if b := &list[i]; b.doc.Version > 0 {
			b.Count, b.Until = max(0, b.Count-1), time.Time{}
			if err := write(tx, &b.doc, b, s.now()); err != nil {
				return err
			}
		}
	}
	return nil
}

// calm forgets the attempts at a login, and remembers where its owner signed
// in. The address keeps its own.
func (s *Service) calm(tx store.Tx, login, address string) error {
	at, now := remote.Neighbourhood(address), s.now()
	if err := tx.DocumentDelete(kindThrottle, []string{throttleID("login", login), throttleID("pair", login, at)}); err != nil {
		return err
	}
	if at == "?" {
		return nil
	}
	id := throttleID("known", login, at)
	docs, err := tx.DocumentLock(kindThrottle, []string{id})
	if err != nil {
		return err
	}
	d := docs[0]
	if d.ID == "" {
		d = store.Document{Kind: kindThrottle, ID: id}
	}
	d.ExpiresAt = now.Add(knownFor)
	return write(tx, &d, struct{}{}, now)
}

// waits is how long the next attempt has to wait.
func (s *Service) waits(tx store.Tx, login, address string) (time.Duration, error) {
	list, err := s.buckets(tx, login, address)
	var wait time.Duration
	for i := range list {
		wait = max(wait, list[i].Until.Sub(s.now()))
	}
	return wait, err
}

// later is an error that also says when to try again.
func later(e *domain.Error, wait time.Duration) error {
	if wait <= 0 {
		return e
	}
	return &domain.Error{Code: e.Code, Message: e.Message, Field: e.Field, RetryAfter: max(time.Second, wait.Round(time.Second)), Cause: e}
}

// tried is what is counted for what was typed as a login: what can be none is
// counted together.
func tried(login string) string {
	if !loginForm.MatchString(login) || slices.Contains(reservedLogins, login) {
		return "?"
	}
	return login
}
