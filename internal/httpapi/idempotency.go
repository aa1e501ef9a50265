package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
	"github.com/contact-advocate/advocate/internal/store"
)

const (
	idempotencyKind = "idempotency"
	// idempotencyKept is how long a key is remembered.
	idempotencyKept = 24 * time.Hour
	// idempotencyLease is when a request that never ended (its server died)
	// is carried out again: what it asks for is refused by then if it was done.
	idempotencyLease = 2 * requestTime
)

// OnceInput is part of the input of calls that are carried out once for a key,
// however often they come.
type OnceInput struct {
	Key string `header:"Idempotency-Key" maxLength:"255" doc:"Carries the call out once: the same key with the same request again is answered as the first time, for 24 hours; of a problem its code and fields, not its sentence. Keys are the caller's own."`
}

func (in *OnceInput) onceKey() string { return in.Key }

// remembered is what is kept of a request. Not the body of its answer: that may
// tell of a customer, and nothing of an erased one may stay. An answer that is
// asked for again is the thing as it is then. Of a problem its code and the
// fields that were wrong are kept: its sentence quotes what was sent.
type remembered struct {
	Request string        `json:"request"` // a digest
	Done    bool          `json:"done"`
	Until   time.Time     `json:"until,omitzero"` // when a request under way counts as lost
	Status  int           `json:"status,omitempty"`
	Code    domain.Code   `json:"code,omitempty"`
	Errors  []ProblemItem `json:"errors,omitempty"` // without what they say
}

// underWay is said while the request that a key was taken for is not answered.
const underWay = "the request with this Idempotency-Key is being carried out at this moment; ask again in a moment"

// refusedBefore is said of a request that was refused under its key.
const refusedBefore = "this request was refused the first time that it came with this Idempotency-Key; with a new key the answer says why"

// problem is the answer to a request that was refused before.
func (m *remembered) problem() *Problem {
	p := &Problem{Type: "about:blank", Title: http.StatusText(m.Status), Status: m.Status, Code: m.Code, Detail: refusedBefore, Said: said.Problem(refusedBefore)}
	for _, e := range m.Errors {
		e.Message, e.Said = p.Detail, p.Said
		p.Errors = append(p.Errors, e)
	}
	return p
}

// registerOnce registers a call that heeds Idempotency-Key. again answers a
// repeat of a request that went well.
func registerOnce[I, O any](a *API, c call, handler, again func(context.Context, *I) (*O, error)) *huma.Operation {
	return register(a, c, func(ctx context.Context, in *I) (*O, error) {
		key := any(in).(interface{ onceKey() string }).onceKey()
		if key == "" {
			return handler(ctx, in)
		}
		k, err := newOnceKey(caller(ctx), key, c.id, in)
		if err != nil {
			return nil, err
		}
		before, err := a.onceBegin(ctx, k)
		switch {
		case err != nil:
			return nil, err
		case before != nil && before.Code != "":
			return nil, before.problem()
		case before != nil:
			return again(ctx, in)
		}
		out, err := handler(ctx, in)
		a.onceEnd(ctx, k, err)
		return out, err
	})
}

// onceKey is a caller's key and what it was used for.
type onceKey struct{ id, request string }

func newOnceKey(who auth.Principal, key, op string, in any) (onceKey, error) {
	if strings.TrimSpace(key) != key {
		return onceKey{}, domain.FieldErrorf("Idempotency-Key", "begins or ends with a space")
	}
	body, err := json.Marshal(in) // path, query, headers and body
	if err != nil {
		return onceKey{}, err
	}
	return onceKey{digest(string(who.Kind), who.Name, key), digest(op, string(body))}, nil
}

func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}

// onceBegin takes a key for a request. It returns what came of the request
// when it was carried out before.
func (a *API) onceBegin(ctx context.Context, k onceKey) (before *remembered, err error) {
	now := a.now().UTC()
	err = a.o.Store.Update(ctx, func(tx store.Tx) error {
		before = nil
		docs, err := tx.DocumentLock(idempotencyKind, []string{k.id})
		if err != nil {
			return err
		}
		d := docs[0]
		if d.ID != "" && d.ExpiresAt.After(now) {
			var was remembered
			if err := json.Unmarshal(d.Body, &was); err != nil {
				return err
			}
			switch {
			case was.Request != k.request:
				return conditionProblem(http.StatusUnprocessableEntity, codeReused, "this Idempotency-Key was used for another request; take a new one for each")
			case was.Done:
				before = &was
				return nil
			case was.Until.After(now):
				return conditionProblem(http.StatusConflict, codeUnderWay, underWay)
			}
		}
		return putRemembered(tx, d, k, remembered{Request: k.request, Until: now.Add(idempotencyLease)}, now)
	})
	if errors.Is(err, store.ErrConflict) {
		err = conditionProblem(http.StatusConflict, codeUnderWay, underWay)
	}
	return before, err
}

func putRemembered(tx store.Tx, d store.Document, k onceKey, m remembered, now time.Time) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	d.Kind, d.ID, d.Body, d.UpdatedAt, d.ExpiresAt = idempotencyKind, k.id, body, now, now.Add(idempotencyKept)
	return tx.DocumentPut([]store.Document{d})
}

// onceEnd writes down what came of a request. What may go well the next time is
// forgotten: the caller is meant to try again with the same key.
func (a *API) onceEnd(ctx context.Context, k onceKey, failed error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestTime)
	defer cancel()
	m := remembered{Request: k.request, Done: true}
	forget := false
	if failed != nil {
		p := problemOf(failed)
		m.Status, m.Code = p.Status, p.Code
		for _, e := range p.Errors {
			m.Errors = append(m.Errors, ProblemItem{Index: e.Index, Line: e.Line, Field: e.Field, Code: e.Code})
		}
		forget = p.Status >= 500 || p.Status == http.StatusTooManyRequests || p.Status == http.StatusRequestTimeout
	}
	err := a.o.Store.Update(ctx, func(tx store.Tx) error {
		docs, err := tx.DocumentLock(idempotencyKind, []string{k.id})
		if err != nil || docs[0].ID == "" {
			return err
		}
		if forget {
			return tx.DocumentDelete(idempotencyKind, []string{k.id})
		}
		return putRemembered(tx, docs[0], k, m, a.now().UTC())
	})
	if err != nil {
		a.log.WarnContext(ctx, "what came of a request with an Idempotency-Key is not written down", "error", err)
	}
}
