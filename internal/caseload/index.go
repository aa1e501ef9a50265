package caseload

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// The kinds of the documents.
const (
	caseKind    = store.CaseIndexKind
	promiseKind = store.PromiseIndexKind
)

// KeepFor is how long a case stays listed after its last change.
const KeepFor = 400 * 24 * time.Hour

// Prefixes of the ids of cases' documents.
const (
	openCases  = "o/"
	endedCases = "r/"
)

// State says which cases are listed.
type State int

// The states that can be listed by.
const (
	Any State = iota
	Open
	Ended
)

// Ref is a case or a promise in its list. Place is where it stands, for going
// on behind it.
type Ref struct {
	ID    string
	Place string
	At    time.Time // when the case last changed; when the promise is due
	Case  string    // a promise's
}

// Cases lists cases, changed last first, behind a place ("": from the newest).
func Cases(r store.Reader, state State, after string, limit int) ([]Ref, error) {
	prefixes := []string{openCases, endedCases}
	switch state {
	case Open:
		prefixes = prefixes[:1]
	case Ended:
		prefixes = prefixes[1:]
	}
	var out []Ref
	for _, p := range prefixes {
		from := ""
		if after != "" {
			from = p + after
		}
		docs, err := r.DocumentList(store.DocumentListParams{Kind: caseKind, Prefix: p, After: from, Limit: limit})
		if err != nil {
			return nil, err
		}
		part := make([]Ref, 0, len(docs))
		for i := range docs {
			if ref, ok := caseRef(strings.TrimPrefix(docs[i].ID, p)); ok {
				part = append(part, ref)
			}
		}
		out = merged(out, part)
	}
	if len(out) > limit {
		out = out[:limit]
	}
	return out, nil
}

// merged joins two lists by their places.
func merged(a, b []Ref) []Ref {
	out := make([]Ref, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0].Place <= b[0].Place {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// Promises lists open promises, the soonest due first.
func Promises(r store.Reader, after string, limit int) ([]Ref, error) {
	docs, err := r.DocumentList(store.DocumentListParams{Kind: promiseKind, After: after, Limit: limit})
	if err != nil {
		return nil, err
	}
	out := make([]Ref, 0, len(docs))
	for i := range docs {
		micro, id, ok := cutPlace(docs[i].ID)
		if !ok {
			continue
		}
		var body promiseBody
		if err := json.Unmarshal(docs[i].Body, &body); err != nil {
			return nil, fmt.Errorf("caseload: promise %q cannot be read: %w", docs[i].ID, err)
		}
		out = append(out, Ref{ID: id, Place: docs[i].ID, At: time.UnixMicro(micro).UTC(), Case: body.Case})
	}
	return out, nil
}

// ValidPlace reports whether a place can have been given out for cases.
func ValidPlace(s string) bool {
	_, ok := caseRef(s)
	return ok
}

// ValidPromisePlace is ValidPlace for promises.
func ValidPromisePlace(s string) bool {
	_, _, ok := cutPlace(s)
	return ok
}

// caseRef reads a place: a time that is counted down, so that the newest comes
// first, and the case's id.
func caseRef(place string) (Ref, bool) {
	left, id, ok := cutPlace(place)
	return Ref{ID: id, Place: place, At: time.UnixMicro(math.MaxInt64 - left).UTC()}, ok
}

func cutPlace(place string) (n int64, id string, ok bool) {
	head, id, ok := strings.Cut(place, "/")
	if !ok || len(head) != 16 || id == "" {
		return 0, "", false
	}
	n, err := strconv.ParseInt(head, 16, 64)
	return n, id, err == nil && n >= 0
}

func casePlace(c *domain.Case) string {
	return fmt.Sprintf("%016x/%s", math.MaxInt64-max(0, c.UpdatedAt.UnixMicro()), c.ID)
}

// promiseBody is what is kept of an open promise beside its due time.
type promiseBody struct {
	Case string `json:"case"`
}

// caseDocument is how a case is listed.
func caseDocument(c *domain.Case, now time.Time) store.Document {
	prefix := openCases
	if !c.IsOpen() {
		prefix = endedCases
	}
	return store.Document{Kind: caseKind, ID: prefix + casePlace(c), Keys: []string{c.ID}, UpdatedAt: now, ExpiresAt: later(c.UpdatedAt, now).Add(KeepFor)}
}

// promiseDocument is how a promise is listed; ok is false for one that is not
// open.
func promiseDocument(c *domain.Case, p *domain.Promise, now time.Time) (d store.Document, ok bool) {
	if p.State != domain.PromiseOpen || !c.IsOpen() || p.ID == "" {
		return d, false
	}
	body, _ := json.Marshal(promiseBody{c.ID})
	return store.Document{
		Kind: promiseKind, ID: fmt.Sprintf("%016x/%s", max(0, p.Due.UnixMicro()), p.ID), Keys: []string{p.ID}, Body: body, UpdatedAt: now,
		ExpiresAt: later(p.Due, now).Add(domain.SeenWindow),
	}, true
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
