package source

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
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

func (e ItemError) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("event %d: %s", e.Index, e.Message)
	}
	return fmt.Sprintf("event %d: %s: %s", e.Index, e.Field, e.Message)
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
	if !s.take('}') {
		for more := true; more; {
			s.space()
			nameAt := s.i
			if err := s.key(); err != nil {
				return nil, err
			}
			name := s.b[nameAt+1 : bytes.LastIndexByte(s.b[:s.i], '"')]
			if bytes.IndexByte(name, '\\') >= 0 {
				name = []byte(unquote(s.b[nameAt : nameAt+len(name)+2]))
			}
			s.deepest, s.anchored = 0, false
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

// envelope collects an event's attributes. Its first error stands; a name
// that is repeated counts as its last value says.
type envelope struct {
	event       *domain.Event
	specVersion string
	contentType string
	data        []byte
	depth       int
	anchored    bool // data may name an anchor
	base64      string
	hasBase64   bool
	errs        []*domain.Error // by field, so that a repeated name can mend
}

// set takes one member of the JSON format. Unknown extensions are ignored.
func (v *envelope) set(name, raw []byte, s *scanner) {
	var dst *string
	extension := false
	e := v.event
	switch string(name) {
	case "specversion":
		dst = &v.specVersion
	case "id":
		dst = &e.ID
	case "source":
		dst = &e.Source
	case "type":
		dst = &e.Type
	case "subject":
		dst = &e.Subject
	case "datacontenttype":
		dst = &v.contentType
	case "time":
		e.Time = time.Time{}
		var text string
		if v.text("time", &text, raw, false); text != "" {
			v.note("time", parseTime(text, &e.Time))
		}
		return
	case "hops":
		e.Hops = 0
		var text string
		if v.text("hops", &text, raw, true); text != "" {
			v.note("hops", parseHops(text, &e.Hops))
		}
		return
	case "data":
		v.data, v.depth, v.anchored = raw, s.deepest, s.anchored
		return
	case "data_base64":
		v.hasBase64 = raw[0] != 'n'
		v.text("data_base64", &v.base64, raw, false)
		return
	default:
		if dst, extension = extensionOf(e, string(name)), true; dst == nil {
			return
		}
	}
	v.text(string(name), dst, raw, extension)
}

// extensionOf returns where an extension attribute that we know is kept.
func extensionOf(e *domain.Event, name string) *string {
	switch name {
	case domain.AnchorOrder:
		return &e.OrderID
	case domain.AnchorCustomer:
		return &e.CustomerRef
	case domain.AnchorSKU:
		return &e.SKU
	case domain.AnchorArea:
		return &e.Area
	case domain.AnchorCase:
		return &e.CaseID
	case domain.AnchorWorkItem:
		return &e.WorkItemID
	}
	return nil
}

// text reads a string into dst. null is as good as absent (JSON format §2.2).
// Numbers are taken as they are written where a system may keep its ids as
// numbers.
func (v *envelope) text(name string, dst *string, raw []byte, numbers bool) {
	*dst = ""
	v.note(name, nil)
	switch c := raw[0]; {
	case c == '"':
		*dst = unquote(raw)
	case c == 'n':
	case numbers && (c == '-' || c >= '0' && c <= '9'):
		*dst = string(raw)
	case numbers:
		v.note(name, domain.FieldErrorf(name, "is %s; want a string or a number", kindOf(raw)))
	default:
		v.note(name, domain.FieldErrorf(name, "is %s; want a string", kindOf(raw)))
	}
}

// note keeps err as what is wrong with a field, or forgets what was.
func (v *envelope) note(name string, err *domain.Error) {
	v.errs = slices.DeleteFunc(v.errs, func(e *domain.Error) bool { return e.Field == name })
	if err != nil {
		v.errs = append(v.errs, err)
	}
}

func parseTime(text string, t *time.Time) *domain.Error {
	got, err := time.Parse(time.RFC3339, text)
	if err != nil { // RFC 3339 §5.6: "t" and "z" may be lower case
		got, err = time.Parse(time.RFC3339, strings.ToUpper(text))
	}
	if err != nil || got.Year() < 1 {
		return domain.FieldErrorf("time", "is %.60q; want RFC 3339, for example 2026-03-01T09:30:00Z", text)
	}
	*t = got
	return nil
}

func parseHops(text string, n *int) *domain.Error {
	got, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		return domain.FieldErrorf("hops", "is %.40q; want a whole number from 0 to %d", text, domain.MaxHops)
	}
	*n = got
	return nil
}

// finish checks what only the whole event shows and normalises it.
func (v *envelope) finish(now time.Time) error {
	if len(v.errs) > 0 {
		return v.errs[0]
	}
	// CloudEvents 1.0.2 §3.1: specversion MUST be "1.0".
	if v.specVersion == "" {
		return domain.FieldErrorf("specversion", "is required; want \"1.0\"")
	}
	if v.specVersion != "1.0" {
		return domain.FieldErrorf("specversion", "is %.40q; want \"1.0\"", v.specVersion)
	}
	if !isJSON(v.contentType) {
		return domain.FieldErrorf("datacontenttype", "is %.80q; want application/json, a type that ends in +json, or none", v.contentType)
	}
	if v.hasBase64 {
		// JSON format §3.1: data and data_base64 exclude each other.
		if len(v.data) > 0 {
			return domain.FieldErrorf("data_base64", "stands beside data; want one of the two")
		}
		if err := v.decodeBase64(); err != nil {
			return err
		}
	}
	return v.accept(now)
}

func (v *envelope) decodeBase64() *domain.Error {
	if base64.StdEncoding.DecodedLen(len(v.base64)) > domain.MaxEventData+2 {
		return &domain.Error{Code: domain.CodeTooLarge, Field: "data_base64", Message: "is larger than 64 KiB"}
	}
	b, err := base64.StdEncoding.DecodeString(v.base64)
	if err != nil {
		return domain.FieldErrorf("data_base64", "is not base64 (RFC 4648 §4)")
	}
	if b, err = cleanJSON(b); err != nil {
		return domain.FieldErrorf("data_base64", "holds UTF-16; want JSON in UTF-8")
	}
	return v.setData("data_base64", b)
}

// setData takes bytes that were not scanned yet.
func (v *envelope) setData(field string, b []byte) *domain.Error {
	if b = bytes.TrimSpace(b); len(b) == 0 {
		return nil
	}
	if len(b) > domain.MaxEventData {
		return &domain.Error{Code: domain.CodeTooLarge, Field: field, Message: "is larger than 64 KiB"}
	}
	s := &scanner{b: b}
	err := s.skip(0)
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return domain.FieldErrorf(field, "does not hold JSON: %v", err)
	}
	v.data, v.depth, v.anchored = b, s.deepest, s.anchored
	return nil
}

// accept puts the data in place and lets the domain judge the whole.
func (v *envelope) accept(now time.Time) error {
	e := v.event
	if v.depth > MaxDepth {
		return domain.FieldErrorf("data", "is nested %d deep; at most %d are accepted", v.depth, MaxDepth)
	}
	if len(v.data) > domain.MaxEventData {
		return &domain.Error{Code: domain.CodeTooLarge, Field: "data", Message: "is larger than 64 KiB"}
	}
	var data []byte
	if len(v.data) > 0 && v.data[0] != 'n' { // null is no data
		data = bytes.Clone(v.data)
	}
	// An attribute of white space must not hide the one that stands in data.
	e.OrderID = domain.FoldRef(e.OrderID)
	for _, p := range [...]*string{&e.CustomerRef, &e.SKU, &e.Area} {
		if a, ok := domain.NormalizeAnchor(domain.Anchor{Value: *p}); !ok && a.Value == "" {
			*p = ""
		}
	}
	// The data was scanned and measured already, and mostly names no anchor.
	// Keeping it from being parsed two more times halves the cost of an event.
	if v.anchored {
		e.Data = data
	}
	e.Normalize(now)
	e.Data = nil
	err := e.Validate()
	e.Data = data
	return err
}

// parseBinary reads attributes from ce- headers and data from the body
// (HTTP binding §3.1).
func parseBinary(h http.Header, contentType string, body []byte, now time.Time) ([]domain.Event, []ItemError, error) {
	attrs := binaryAttributes(h)
	if _, ok := attrs["specversion"]; !ok {
		return nil, nil, domain.FieldErrorf("Content-Type", "is %.80q without ce- headers; accepted are %s, %s, and application/json with the headers ce-specversion, ce-id, ce-source and ce-type",
			contentType, mediaStructured, mediaBatch)
	}
	var e domain.Event
	v := envelope{event: &e, specVersion: attrs["specversion"], contentType: contentType}
	e.ID, e.Source, e.Type, e.Subject = attrs["id"], attrs["source"], attrs["type"], attrs["subject"]
	for _, name := range domain.AnchorAttributes {
		*extensionOf(&e, name) = attrs[name]
	}
	if text := attrs["time"]; text != "" {
		v.note("time", parseTime(text, &e.Time))
	}
	if text := attrs["hops"]; text != "" {
		v.note("hops", parseHops(text, &e.Hops))
	}
	if isJSON(contentType) {
		v.note("data", v.setData("data", body))
	}
	if err := v.finish(now); err != nil {
		return nil, []ItemError{itemError(0, err)}, nil
	}
	return []domain.Event{e}, nil, nil
}

// binaryAttributes collects ce- headers by attribute name, in lower case.
// HTTP field names ignore case (RFC 9110 §5.1); of repeated fields the last
// counts. The names are walked in order, for headers that differ in case.
func binaryAttributes(h http.Header) map[string]string {
	attrs := map[string]string{}
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		attr, ok := strings.CutPrefix(strings.ToLower(name), "ce-")
		if values := h[name]; ok && len(values) > 0 {
			attrs[attr] = decodeHeader(values[len(values)-1])
		}
	}
	return attrs
}

// decodeHeader undoes HTTP binding §3.1.3.2: a quoted string is unquoted
// (RFC 9110 §5.6.4), then percent-encoding undone once. A "%" that starts no
// byte stays, and what is not UTF-8 becomes U+FFFD, as the clause allows.
func decodeHeader(s string) string {
	s = strings.TrimSpace(s)
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = unquoteHeader(s[1 : len(s)-1])
	}
	if strings.IndexByte(s, '%') >= 0 {
		out := make([]byte, 0, len(s))
		for i := 0; i < len(s); i++ {
			if s[i] == '%' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0 {
				out = append(out, byte(unhex(s[i+1])<<4|unhex(s[i+2])))
				i += 2
				continue
			}
			out = append(out, s[i])
		}
		s = string(out)
	}
	return strings.ToValidUTF8(s, "\ufffd")
}

func unquoteHeader(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		out = append(out, s[i])
	}
	return string(out)
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
