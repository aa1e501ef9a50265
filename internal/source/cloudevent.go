package source

import (
	"bytes"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Limits on a request.
const (
	MaxBody  = 8 << 20 // bytes
	MaxBatch = 1000    // events
	MaxDepth = 64      // nested values in an event's data
)

// Media types of CloudEvents in JSON.
const (
	mediaStructured = "application/cloudevents+json"
	mediaBatch      = "application/cloudevents-batch+json"
)

// ItemError says what is wrong with one event of a request.
type ItemError struct {
	Index   int         `json:"index"` // its place in the batch, from 0
	Code    domain.Code `json:"code"`
	Field   string      `json:"field,omitempty"`
	Message string      `json:"message"`
}

func itemError(index int, err error) ItemError {
	e := ItemError{Index: index, Code: domain.ErrorCode(err), Message: err.Error()}
	if de, ok := err.(*domain.Error); ok {
		e.Field, e.Message = de.Field, de.Message
	}
	return e
}

// ParseHTTP reads CloudEvents 1.0 from an HTTP request's header and body in
// any of the three content modes (HTTP Protocol Binding 1.0.2 §3): binary,
// structured and batched, the latter two in JSON. now is the time of receipt,
// for events that carry none.
//
// Good events come back in order, normalised, valid and without memory shared
// with body; bad ones as ItemErrors in order; whether the good ones are taken
// when there are bad ones is the caller's choice. The error, a *domain.Error,
// is for a request that cannot be read at all.
func ParseHTTP(h http.Header, body []byte, now time.Time) ([]domain.Event, []ItemError, error) {
	if len(body) > MaxBody {
		return nil, nil, domain.Errorf(domain.CodeTooLarge, "the body is larger than %d MiB", MaxBody>>20)
	}
	body, err := cleanJSON(body)
	if err != nil {
		return nil, nil, err
	}
	contentType := headerOf(h, "Content-Type")
	media := mediaOf(contentType)
	// HTTP binding §3: a content type that starts with the CloudEvents media
	// type selects structured or batched mode, anything else binary mode.
	switch {
	case media == mediaStructured:
		return parseStructured(body, now)
	case media == mediaBatch:
		return parseBatch(body, now)
	case strings.HasPrefix(media, "application/cloudevents"):
		return nil, nil, domain.FieldErrorf("Content-Type", "is %.80q; accepted are %s, %s, and application/json with ce- headers",
			contentType, mediaStructured, mediaBatch)
	}
	return parseBinary(h, contentType, body, now)
}

// cleanJSON repairs what every later reader must agree on: a byte order mark
// is dropped (RFC 8259 §8.1 lets a parser ignore it) and invalid UTF-8
// replaced.
func cleanJSON(body []byte) ([]byte, error) {
	if bytes.HasPrefix(body, []byte{0xff, 0xfe}) || bytes.HasPrefix(body, []byte{0xfe, 0xff}) {
		return nil, domain.Errorf(domain.CodeInvalid, "the body is UTF-16; JSON must be UTF-8 (RFC 8259 §8.1)")
	}
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if !utf8.Valid(body) {
		body = bytes.ToValidUTF8(body, []byte("\ufffd"))
	}
	return body, nil
}

func notJSON(err error) error {
	return domain.Errorf(domain.CodeInvalid, "the body is not valid JSON: %w", err)
}

func parseStructured(body []byte, now time.Time) ([]domain.Event, []ItemError, error) {
	s := &scanner{b: body}
	var e domain.Event
	itemErr, err := s.event(&e, now)
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return nil, nil, notJSON(err)
	}
	if itemErr != nil {
		return nil, []ItemError{itemError(0, itemErr)}, nil
	}
	return []domain.Event{e}, nil, nil
}

func parseBatch(body []byte, now time.Time) (events []domain.Event, bad []ItemError, err error) {
	s := &scanner{b: body}
	if !s.take('[') {
		if s.i < len(body) && body[s.i] == '{' {
			return nil, nil, domain.Errorf(domain.CodeInvalid, "the body is one event; a batch is an array of them, or send it as %s", mediaStructured)
		}
		return nil, nil, notJSON(s.fail("an array of events"))
	}
	if s.take(']') { // JSON format §4.1: a batch may be empty
		return nil, nil, wrapJSON(s.end())
	}
	events = make([]domain.Event, 0, min(MaxBatch, len(body)/200+1))
	for i := 0; ; i++ {
		if i == MaxBatch {
			return nil, nil, domain.Errorf(domain.CodeTooLarge, "the batch has more than %d events", MaxBatch)
		}
		events = append(events, domain.Event{})
		itemErr, err := s.event(&events[len(events)-1], now)
		if err != nil {
			return nil, nil, notJSON(err)
		}
		if itemErr != nil {
			events = events[:len(events)-1]
			bad = append(bad, itemError(i, itemErr))
		}
		if more, err := s.next(']'); err != nil {
			return nil, nil, notJSON(err)
		} else if !more {
			return events, bad, wrapJSON(s.end())
		}
	}
}

func wrapJSON(err error) error {
	if err == nil {
		return nil
	}
	return notJSON(err)
}

// event reads the next value as an event in the JSON format. itemErr is what
// is wrong with this event alone; err ends the whole body.
func (s *scanner) event(e *domain.Event, now time.Time) (itemErr, err error) {
	s.space()
	if s.i < len(s.b) && s.b[s.i] != '{' {
		raw, err := s.value(1)
		return domain.Errorf(domain.CodeInvalid, "is %s; want an object with specversion, id, source and type", kindOf(raw)), err
	}
	if !s.take('{') {
		return nil, s.fail("an event")
	}
	env := envelope{event: e}
	var seen names
	if !s.take('}') {
		for more := true; more; {
			s.space()
			nameAt := s.i
			if err := s.key(); err != nil {
				return nil, err
			}
			name := s.name(nameAt)
			if !seen.add(name) {
				env.note(domain.FieldErrorf(domain.Clip(string(name), 60), "stands twice in the event; want each name once"))
			}
			s.deepest, s.anchored, s.repeated = 0, false, ""
			raw, err := s.value(0)
			if err != nil {
				return nil, err
			}
			env.set(name, raw, s)
			if more, err = s.next('}'); err != nil {
				return nil, err
			}
		}
	}
	return env.finish(now), nil
}

// headerOf reads a header whatever its case in the map.
func headerOf(h http.Header, name string) string {
	if v := h.Get(name); v != "" {
		return v
	}
	for k, v := range h {
		if strings.EqualFold(k, name) && len(v) > 0 && v[0] != "" {
			return v[0]
		}
	}
	return ""
}

func mediaOf(contentType string) string {
	media, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(media))
}

// isJSON reports whether data of this type is JSON in UTF-8. No type means
// JSON (JSON format §3.1.1).
func isJSON(contentType string) bool {
	if contentType == "" || contentType == "application/json" {
		return true
	}
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	if cs := strings.ToLower(params["charset"]); cs != "" && cs != "utf-8" && cs != "utf8" && cs != "us-ascii" {
		return false
	}
	return media == "application/json" || media == "text/json" || strings.HasSuffix(media, "+json")
}
