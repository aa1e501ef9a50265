package source

import (
	"bytes"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// envelope collects an event's attributes. Its first error stands.
type envelope struct {
	event       *domain.Event
	specVersion string
	contentType string
	data        []byte
	depth       int
	anchored    bool   // data may name an anchor
	repeated    string // a name that stands twice in an object of data
	base64      string
	hasBase64   bool
	err         *domain.Error
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
			v.note(parseTime(text, &e.Time))
		}
		return
	case "hops":
		e.Hops = 0
		var text string
		if v.text("hops", &text, raw, true); text != "" {
			v.note(parseHops(text, &e.Hops))
		}
		return
	case "data":
		v.data, v.depth, v.anchored, v.repeated = raw, s.deepest, s.anchored, s.repeated
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
	switch c := raw[0]; {
	case c == '"':
		*dst = unquote(raw)
	case c == 'n':
	case numbers && (c == '-' || c >= '0' && c <= '9'):
		*dst = string(raw)
	case numbers:
		v.note(domain.FieldErrorf(name, "is %s; want a string or a number", kindOf(raw)))
	default:
		v.note(domain.FieldErrorf(name, "is %s; want a string", kindOf(raw)))
	}
}

// note keeps the first error.
func (v *envelope) note(err *domain.Error) {
	if v.err == nil {
		v.err = err
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
	if *t = got; got.IsZero() {
		*t = got.Add(time.Microsecond) // a time that was given, and not none
	}
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
	if v.err != nil {
		return v.err
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
	v.data, v.depth, v.anchored, v.repeated = b, s.deepest, s.anchored, s.repeated
	return nil
}

// accept puts the data in place and lets the domain judge the whole.
func (v *envelope) accept(now time.Time) error {
	e := v.event
	if v.repeated != "" {
		return domain.FieldErrorf("data", "names %q twice in one object; want each name once", domain.Clip(v.repeated, 60))
	}
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
