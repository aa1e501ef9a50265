package source

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

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
		v.note(parseTime(text, &e.Time))
	}
	if text := attrs["hops"]; text != "" {
		v.note(parseHops(text, &e.Hops))
	}
	if isJSON(contentType) {
		v.note(v.setData("data", body))
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
