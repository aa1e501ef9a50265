package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/jq"
	"github.com/contact-advocate/advocate/internal/secret"
)

// Limits on a webhook.
const (
	MaxWebhookBody   = 1 << 20 // bytes
	MaxWebhookEvents = 100     // events mapped from one delivery
	DefaultTolerance = 5 * time.Minute
	minSecret        = 8 // bytes; shorter ones can be guessed
	maxSecrets       = 4
)

// WebhookConfig is one source of signed webhooks as an operator writes it.
type WebhookConfig struct {
	Name    string       `json:"name" yaml:"name"`     // as in /hooks/{name}; also the source of its events
	Scheme  Scheme       `json:"scheme" yaml:"scheme"` // how deliveries are signed
	Secrets []secret.Ref `json:"secrets" yaml:"secrets"`
	Map     string       `json:"map" yaml:"map"` // jq: the body, and $headers by lower-case name → an event, an array of them, or nothing

	// The rest is only needed where a sender differs from its scheme.
	Header          string        `json:"header,omitempty" yaml:"header,omitempty"`                     // that carries the signature or token
	TimestampHeader string        `json:"timestamp_header,omitempty" yaml:"timestamp_header,omitempty"` // hmac: its value and "." are signed before the body
	IDHeader        string        `json:"id_header,omitempty" yaml:"id_header,omitempty"`               // that names the delivery
	Encoding        string        `json:"encoding,omitempty" yaml:"encoding,omitempty"`                 // hmac: "hex" or "base64"
	Prefix          string        `json:"prefix,omitempty" yaml:"prefix,omitempty"`                     // hmac: before the signature, for example "sha256="
	Tolerance       time.Duration `json:"tolerance,omitempty" yaml:"tolerance,omitempty"`               // how far a timestamp may be from now

	Place string `json:"-" yaml:"-"` // where it is configured, for errors: "advocate.yaml: webhooks[0]"
}

// Webhook verifies and maps one sender's deliveries. It is safe for
// concurrent use and keeps no state: a delivery within the tolerance that is
// sent again gives the same events, which intake drops as duplicates.
type Webhook struct {
	name     string
	config   WebhookConfig
	verifier verifier
	program  *jq.Program
}

// NewWebhook checks a configuration, reads its secrets and compiles its
// mapping. Errors name the place and what is accepted.
func NewWebhook(c WebhookConfig) (*Webhook, error) {
	if c.Place == "" {
		c.Place = "webhook " + strconv.Quote(c.Name)
	}
	if !validName(c.Name) {
		return nil, fmt.Errorf("%s: name: is %.60q; want 1 to 60 of a-z, 0-9, \"-\" and \"_\", since it is part of an address", c.Place, c.Name)
	}
	if c.Tolerance == 0 {
		c.Tolerance = DefaultTolerance
	}
	if c.Tolerance < time.Second || c.Tolerance > 24*time.Hour {
		return nil, fmt.Errorf("%s: tolerance: is %v; want from 1s to 24h", c.Place, c.Tolerance)
	}
	secrets, err := readSecrets(c)
	if err != nil {
		return nil, err
	}
	w := &Webhook{name: c.Name}
	if w.verifier, err = newVerifier(&c, secrets); err != nil {
		return nil, err
	}
	if w.program, err = jq.Compile(c.Place+": map", c.Map, "$headers"); err != nil {
		return nil, err
	}
	w.config = c
	return w, nil
}

func validName(s string) bool {
	return s != "" && len(s) <= 60 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

func readSecrets(c WebhookConfig) ([]string, error) {
	if len(c.Secrets) == 0 || len(c.Secrets) > maxSecrets {
		return nil, fmt.Errorf("%s: secrets: has %d entries; want 1 to %d, each with env or file", c.Place, len(c.Secrets), maxSecrets)
	}
	out := make([]string, 0, len(c.Secrets))
	for i, ref := range c.Secrets {
		s, err := ref.Read()
		if err != nil {
			return nil, fmt.Errorf("%s: secrets[%d]: %w", c.Place, i, err)
		}
		if len(s) < minSecret {
			return nil, fmt.Errorf("%s: secrets[%d]: %v holds %d bytes; want at least %d", c.Place, i, ref, len(s), minSecret)
		}
		out = append(out, s)
	}
	return out, nil
}

// Name is the {source} of /hooks/{source}.
func (w *Webhook) Name() string { return w.name }

// BadSignature is what a delivery is told that proves nothing, the same for a
// source that is not configured.
const BadSignature = "the delivery is not signed as this source requires: check the address, the secret, the signature's header and the sender's clock"

// Events verifies a delivery and maps it to events, which are normalised and
// valid. No events and no error: the mapping ignores this delivery. All of a
// delivery is taken or none. Errors are *domain.Error: CodeUnauthorized for a
// signature that does not hold, which says no more than that and is told
// before the body is looked at; CodeTooLarge; CodeInvalid for the rest.
//
// An event to which the mapping gives no id gets the delivery's (IDHeader),
// or else a digest of the body, so that a delivery that is sent again is
// known. Only Standard Webhooks sign the delivery's id: with the other
// schemes, who can replay a delivery can replay it under another id, so a
// mapping should give an id from the body where it holds one.
func (w *Webhook) Events(h http.Header, body []byte, now time.Time) ([]domain.Event, error) {
	if len(body) > MaxWebhookBody {
		return nil, domain.Errorf(domain.CodeTooLarge, "the body is larger than %d MiB", MaxWebhookBody>>20)
	}
	if !w.verifier.verify(h, body, now) {
		return nil, domain.Errorf(domain.CodeUnauthorized, "%s", BadSignature)
	}
	v, err := w.decode(body)
	if err != nil {
		return nil, err
	}
	// The context carries nothing: the run has a time limit of its own.
	results, err := w.program.Run(context.Background(), v, w.headers(h))
	if err != nil {
		return nil, &domain.Error{Code: domain.CodeInvalid, Message: "the mapping of " + w.name + " does not take this body", Cause: err}
	}
	items, err := w.flatten(results)
	if err != nil {
		return nil, err
	}
	delivery := w.delivery(h, body)
	events := make([]domain.Event, 0, len(items))
	for i, item := range items {
		id := delivery
		if len(items) > 1 {
			id += "/" + strconv.Itoa(i)
		}
		e, err := w.event(item, id, now)
		if err != nil {
			err.Field = strings.TrimSuffix(fmt.Sprintf("events[%d].%s", i, err.Field), ".")
			return nil, err
		}
		events = append(events, e)
	}
	return events, nil
}

func (w *Webhook) decode(body []byte) (any, error) {
	body, err := cleanJSON(body)
	if err != nil {
		return nil, err
	}
	s := &scanner{b: body}
	if _, err := s.value(0); err != nil {
		return nil, notJSON(err)
	}
	if err := s.end(); err != nil {
		return nil, notJSON(err)
	}
	if s.deepest > MaxDepth {
		return nil, domain.Errorf(domain.CodeInvalid, "the body is nested %d deep; at most %d are accepted", s.deepest, MaxDepth)
	}
	if s.repeated != "" {
		return nil, domain.Errorf(domain.CodeInvalid, "the body names %q twice in one object; want each name once", domain.Clip(s.repeated, 60))
	}
	v, err := jq.Decode(body)
	if err != nil {
		return nil, notJSON(err)
	}
	return v, nil
}

// headers are what a mapping sees as $headers: first values by lower-case
// name, without what proves who sent them.
func (w *Webhook) headers(h http.Header) map[string]any {
	out := make(map[string]any, len(h))
	for _, name := range slices.Sorted(maps.Keys(h)) {
		low := strings.ToLower(name)
		if len(h[name]) == 0 || low == "authorization" || low == "cookie" || low == strings.ToLower(w.config.Header) {
			continue
		}
		out[low] = strings.ToValidUTF8(h[name][0], "\ufffd")
	}
	return out
}

// flatten makes one list of the results: null is nothing, an array is its
// elements.
func (w *Webhook) flatten(results []any) ([]map[string]any, error) {
	var items []map[string]any
	for _, r := range results {
		list, ok := r.([]any)
		if !ok {
			list = []any{r}
		}
		for _, item := range list {
			switch item := item.(type) {
			case nil:
			case map[string]any:
				items = append(items, item)
			default:
				return nil, domain.Errorf(domain.CodeInvalid, "the mapping of %s gave %s; want an object with type and data, an array of such, or empty", w.name, typeOf(item))
			}
		}
	}
	if len(items) > MaxWebhookEvents {
		return nil, domain.Errorf(domain.CodeTooLarge, "the mapping of %s gave %d events; at most %d are accepted from one delivery", w.name, len(items), MaxWebhookEvents)
	}
	return items, nil
}

// delivery names the delivery in a way that is the same when it comes again.
func (w *Webhook) delivery(h http.Header, body []byte) string {
	if w.config.IDHeader != "" {
		if id := strings.TrimSpace(headerOf(h, w.config.IDHeader)); id != "" && len(id) <= 256 {
			return id
		}
	}
	sum := sha256.Sum256(body)
	return "sha256:" + hex.EncodeToString(sum[:16])
}

var mappedFields = []string{"id", "source", "type", "subject", "time", "orderid", "customerid", "sku", "area", "caseid", "workitemid", "hops", "data"}

// event makes one event of what the mapping gave.
func (w *Webhook) event(item map[string]any, id string, now time.Time) (domain.Event, *domain.Error) {
	var e domain.Event
	v := envelope{event: &e, specVersion: "1.0"}
	for _, name := range slices.Sorted(maps.Keys(item)) {
		if !slices.Contains(mappedFields, name) {
			return e, domain.FieldErrorf(name, "is not a field of an event; known are %s", strings.Join(mappedFields, ", "))
		}
		raw, err := jq.Encode(item[name])
		if err != nil || !json.Valid(raw) {
			return e, domain.FieldErrorf(name, "cannot be written as JSON")
		}
		if name == "id" && isNumber(raw) { // many senders number what they send
			raw = strconv.AppendQuote(nil, string(raw))
		}
		s := &scanner{b: raw}
		if _, err := s.value(0); err != nil {
			return e, domain.FieldErrorf(name, "cannot be written as JSON")
		}
		v.set([]byte(name), raw, s)
	}
	if e.ID = strings.TrimSpace(e.ID); e.ID == "" {
		e.ID = id
	}
	if e.Source == "" {
		e.Source = "/hooks/" + w.name
	}
	if err := v.finish(now); err != nil {
		if de, ok := err.(*domain.Error); ok {
			return e, de
		}
		return e, domain.Errorf(domain.CodeInvalid, "%w", err)
	}
	return e, nil
}

func isNumber(raw []byte) bool {
	return raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9'
}

func typeOf(v any) string {
	b, err := jq.Encode(v)
	if err != nil {
		return "something else"
	}
	return kindOf(b)
}
