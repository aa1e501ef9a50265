package outbound

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// Limits on endpoints.
const (
	MaxEndpoints   = 100
	maxURL         = 2000 // bytes
	maxTypes       = 50
	maxType        = 200 // bytes
	maxDescription = 500
	maxSecrets     = 3 // that sign at once, while they are rotated
)

// Kinds of documents.
const (
	kindEndpoint = "endpoint"
	kindCursor   = "cursor"
)

// Why an endpoint is disabled.
const (
	WhyOperator = "operator" // somebody said so
	WhyGone     = "gone"     // it answered 410
	WhyFailing  = "failing"  // it took nothing for failingFor
)

// Settings are what an administrator says of an endpoint.
type Settings struct {
	URL         string
	Types       []string // patterns as domain.TypeMatches has them; none for all
	Description string
	Disabled    bool
	FromNow     bool // skip what waits in the log
}

// Endpoint is where events are posted to.
type Endpoint struct {
	ID          string
	Version     int64 // raised with each change
	URL         string
	Types       []string
	Description string
	Disabled    bool
	Why         string // while disabled
	By          string // who made it
	Created     time.Time
	Updated     time.Time
	Failing     time.Time // when it began to take nothing; zero while it does
	Secrets     int       // how many sign now

	sealed []sealed
}

// sealed is a secret as it is stored. The first of an endpoint's is the one
// that was made last.
type sealed struct {
	Box   []byte    `json:"box"`
	Until time.Time `json:"until,omitzero"` // signs until then; zero: for good
}

// stored is the form of the document's body.
type stored struct {
	URL         string    `json:"url"`
	Types       []string  `json:"types,omitempty"`
	Description string    `json:"description,omitempty"`
	Disabled    bool      `json:"disabled,omitempty"`
	Why         string    `json:"why,omitempty"`
	By          string    `json:"by,omitempty"`
	Created     time.Time `json:"created"`
	Failing     time.Time `json:"failing,omitzero"`
	Secrets     []sealed  `json:"secrets"`
}

func readEndpoint(d *store.Document, now time.Time) (Endpoint, error) {
	var s stored
	if err := json.Unmarshal(d.Body, &s); err != nil {
		return Endpoint{}, err
	}
	e := Endpoint{
		ID: d.ID, Version: d.Version, URL: s.URL, Types: s.Types, Description: s.Description, Disabled: s.Disabled, Why: s.Why,
		By: s.By, Created: s.Created, Updated: d.UpdatedAt, Failing: s.Failing, sealed: s.Secrets,
	}
	e.Secrets = len(e.signing(now))
	return e, nil
}

func (e *Endpoint) document(now time.Time) (store.Document, error) {
	body, err := json.Marshal(stored{e.URL, e.Types, e.Description, e.Disabled, e.Why, e.By, e.Created, e.Failing, e.sealed})
	return store.Document{Kind: kindEndpoint, ID: e.ID, Version: e.Version, Body: body, UpdatedAt: now}, err
}

// signing are the secrets that sign now.
func (e *Endpoint) signing(now time.Time) (out []sealed) {
	for _, s := range e.sealed {
		if s.Until.IsZero() || s.Until.After(now) {
			out = append(out, s)
		}
	}
	return out
}

// takes reports whether the endpoint takes events of a type. What stays inside
// it never takes, however it is asked for.
func (e *Endpoint) takes(eventType string) bool {
	return !domain.StaysInside(eventType) && (len(e.Types) == 0 || slices.ContainsFunc(e.Types, func(p string) bool { return domain.TypeMatches(p, eventType) }))
}

// sealName binds an endpoint's secrets to it.
func sealName(id string) string { return "endpoint/" + id }

// check reports what is wrong with settings. An address without TLS is for
// private networks only: what is sent names customers by reference.
func (s *Settings) check(allowPrivate bool) error {
	u, err := url.Parse(s.URL)
	switch {
	case len(s.URL) > maxURL:
		return domain.FieldErrorf("url", "is %d bytes long; at most %d are accepted", len(s.URL), maxURL)
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return domain.FieldErrorf("url", "is no address to post to; want one such as https://example.com/hooks")
	case u.Scheme == "http" && !allowPrivate:
		return domain.FieldErrorf("url", "begins with http; want https, or allow_private in the configuration")
	case u.User != nil:
		return domain.FieldErrorf("url", "holds a user name; leave it out, the signature says who sends")
	case u.Fragment != "":
		return domain.FieldErrorf("url", "ends in a fragment, which is never sent; leave it out")
	case len(s.Description) > maxDescription:
		return domain.FieldErrorf("description", "is %d bytes long; at most %d are accepted", len(s.Description), maxDescription)
	case len(s.Types) > maxTypes:
		return domain.FieldErrorf("types", "has %d patterns; at most %d are accepted", len(s.Types), maxTypes)
	}
	for _, t := range s.Types {
		head := strings.TrimSuffix(t, "*")
		if t == "" || len(t) > maxType || strings.ContainsRune(head, '*') || strings.ContainsFunc(t, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
			return domain.FieldErrorf("types", "has %.60q; want an event's type, or its beginning and *, as in advocate.case.*", t)
		}
	}
	return nil
}

// cursor is an endpoint's place in the event log: what came after it is still
// to be made deliveries of.
type cursor struct {
	After int64 `json:"after"`
}

func cursorID(endpoint string) string { return "webhook/" + endpoint }

func readCursor(d *store.Document) (int64, error) {
	var c cursor
	err := json.Unmarshal(d.Body, &c)
	return c.After, err
}

func cursorDocument(endpoint string, version, after int64, now time.Time) (store.Document, error) {
	body, err := json.Marshal(cursor{after})
	return store.Document{Kind: kindCursor, ID: cursorID(endpoint), Version: version, Body: body, UpdatedAt: now}, err
}
