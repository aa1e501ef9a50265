package source

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/contact-advocate/advocate/internal/domain"
)

// maxNesting of a body. The deepest data that is accepted has MaxDepth.
const maxNesting = 1000

// scanner walks a JSON text (RFC 8259) once, checks it, and finds where its
// values start and end. encoding/json reads every byte three times to give a
// list of raw values; this is what makes a batch cheap.
type scanner struct {
	b []byte
	i int
	// Of what was passed since they were last reset:
	deepest  int    // containers open at once
	anchored bool   // a member of an outermost object may be an anchor
	repeated string // a name that stands twice in one object
}

// syntaxError is where a body stops being JSON.
type syntaxError struct {
	at   int
	what string
}

func (e *syntaxError) Error() string { return fmt.Sprintf("at byte %d: %s", e.at, e.what) }

func (s *scanner) fail(want string) error {
	if s.i >= len(s.b) {
		return &syntaxError{s.i, "the text ends, want " + want}
	}
	return &syntaxError{s.i, fmt.Sprintf("found %q, want %s", firstRune(s.b[s.i:]), want)}
}

func firstRune(b []byte) string {
	for _, r := range string(b[:min(len(b), 4)]) {
		return string(r)
	}
	return ""
}

func (s *scanner) space() {
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return
		}
	}
}

// take passes c, after white space, if it is next.
func (s *scanner) take(c byte) bool {
	s.space()
	if s.i < len(s.b) && s.b[s.i] == c {
		s.i++
		return true
	}
	return false
}

// value passes one value, after white space, and returns its bytes.
func (s *scanner) value(depth int) ([]byte, error) {
	s.space()
	start := s.i
	if err := s.skip(depth); err != nil {
		return nil, err
	}
	return s.b[start:s.i], nil
}

func (s *scanner) skip(depth int) error {
	if s.i >= len(s.b) {
		return s.fail("a value")
	}
	switch c := s.b[s.i]; {
	case c == '"':
		return s.text()
	case c == '{' || c == '[':
		if depth++; depth > maxNesting {
			return &syntaxError{s.i, fmt.Sprintf("values are nested deeper than %d", maxNesting)}
		}
		s.deepest = max(s.deepest, depth)
		s.i++
		if c == '{' {
			return s.object(depth)
		}
		return s.array(depth)
	case c == '-' || c >= '0' && c <= '9':
		return s.number()
	case c == 't':
		return s.word("true")
	case c == 'f':
		return s.word("false")
	case c == 'n':
		return s.word("null")
	}
	return s.fail("a value")
}

func (s *scanner) object(depth int) error {
	if s.take('}') {
		return nil
	}
	var seen names
	for {
		s.space()
		start := s.i
		if err := s.key(); err != nil {
			return err
		}
		if depth == 1 && !s.anchored {
			s.anchored = mayBeAnchor(s.b[start:s.i])
		}
		if name := s.name(start); s.repeated == "" && !seen.add(name) {
			s.repeated = string(name)
		}
		s.space()
		if err := s.skip(depth); err != nil {
			return err
		}
		if more, err := s.next('}'); !more {
			return err
		}
	}
}

func (s *scanner) array(depth int) error {
	if s.take(']') {
		return nil
	}
	for {
		s.space()
		if err := s.skip(depth); err != nil {
			return err
		}
		if more, err := s.next(']'); !more {
			return err
		}
	}
}

// next passes a comma, which promises another element, or the closing bracket.
func (s *scanner) next(end byte) (more bool, err error) {
	switch {
	case s.take(','):
		return true, nil
	case s.take(end):
		return false, nil
	}
	return false, s.fail("\",\" or \"" + string(rune(end)) + "\"")
}

// key passes a member's name and the colon.
func (s *scanner) key() error {
	s.space()
	if s.i >= len(s.b) || s.b[s.i] != '"' {
		return s.fail("a name in double quotes")
	}
	if err := s.text(); err != nil {
		return err
	}
	if !s.take(':') {
		return s.fail("\":\"")
	}
	return nil
}

// name is the member's name that key passed, from its opening quote on.
func (s *scanner) name(start int) []byte {
	raw := s.b[start : start+1+bytes.LastIndexByte(s.b[start+1:s.i], '"')+1]
	if bytes.IndexByte(raw, '\\') >= 0 {
		return []byte(unquote(raw))
	}
	return raw[1 : len(raw)-1]
}

// names are those of one object so far. Most have few.
type names struct {
	few  [12][]byte
	n    int
	many map[string]bool
}

// add reports whether the name is new. RFC 8259 §4 leaves open what an object
// means in which a name stands twice, and readers differ: the first counts for
// some, the last for others. What one of them let pass, signed or counted as a
// repeat would be another event here, so such objects are refused.
func (l *names) add(name []byte) bool {
	for _, have := range l.few[:l.n] {
		if bytes.Equal(have, name) {
			return false
		}
	}
	if l.n < len(l.few) {
		l.few[l.n] = name
		l.n++
		return true
	}
	if l.many[string(name)] {
		return false
	}
	if l.many == nil {
		l.many = map[string]bool{}
	}
	l.many[string(name)] = true
	return true
}

func (s *scanner) text() error {
	for i := s.i + 1; i < len(s.b); i++ {
		switch c := s.b[i]; {
		case c == '"':
			s.i = i + 1
			return nil
		case c == '\\':
			n := escape(s.b[i+1:])
			if n == 0 {
				s.i = i + 1
				return s.fail("one of \" \\ / b f n r t or u and four hexadecimal digits")
			}
			i += n
		case c < 0x20:
			s.i = i
			return s.fail("control characters escaped as \\u00xx")
		}
	}
	s.i = len(s.b)
	return s.fail("the closing double quote")
}

// escape returns the length of an escape after its backslash, 0 for none.
func escape(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	if b[0] != 'u' {
		if strings.IndexByte(`"\/bfnrt`, b[0]) >= 0 {
			return 1
		}
		return 0
	}
	if len(b) < 5 {
		return 0
	}
	for _, c := range b[1:5] {
		if unhex(c) < 0 {
			return 0
		}
	}
	return 5
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

func (s *scanner) number() error {
	if s.b[s.i] == '-' {
		s.i++
	}
	if s.i < len(s.b) && s.b[s.i] == '0' {
		s.i++
	} else if !s.digits() {
		return s.fail("a digit")
	}
	if s.i < len(s.b) && s.b[s.i] == '.' {
		s.i++
		if !s.digits() {
			return s.fail("a digit after the point")
		}
	}
	if s.i < len(s.b) && (s.b[s.i] == 'e' || s.b[s.i] == 'E') {
		s.i++
		if s.i < len(s.b) && (s.b[s.i] == '+' || s.b[s.i] == '-') {
			s.i++
		}
		if !s.digits() {
			return s.fail("a digit in the exponent")
		}
	}
	return nil
}

func (s *scanner) digits() bool {
	start := s.i
	for s.i < len(s.b) && s.b[s.i] >= '0' && s.b[s.i] <= '9' {
		s.i++
	}
	return s.i > start
}

func (s *scanner) word(w string) error {
	if len(s.b)-s.i < len(w) || string(s.b[s.i:s.i+len(w)]) != w {
		return s.fail(w)
	}
	s.i += len(w)
	return nil
}

// RepeatedName is a name that stands twice in one object of a JSON value, ""
// for none. Of what is no JSON it tells what it has seen.
func RepeatedName(raw []byte) string {
	s := scanner{b: raw}
	s.space()
	_ = s.skip(0) // whoever decodes it says what is wrong
	return s.repeated
}

// end checks that nothing but white space is left.
func (s *scanner) end() error {
	if s.space(); s.i < len(s.b) {
		return s.fail("nothing after the value")
	}
	return nil
}

// unquote reads the text of a string that the scanner has passed.
func unquote(raw []byte) string {
	inner := raw[1 : len(raw)-1]
	for _, c := range inner {
		if c == '\\' {
			var v string
			_ = json.Unmarshal(raw, &v) // checked by the scanner
			return v
		}
	}
	return string(inner)
}

// kindOf names a value's JSON type for messages.
func kindOf(raw []byte) string {
	if len(raw) == 0 {
		return "nothing"
	}
	switch raw[0] {
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "an array"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

// mayBeAnchor is false only if a member's name, which raw starts with, is none
// of those that domain.Event.Normalize reads from data. encoding/json matches
// them ignoring case, and an escape or a letter outside ASCII may stand for
// anything.
func mayBeAnchor(raw []byte) bool {
	switch raw[1] | 0x20 {
	case 'o', 'c', 's', 'a':
		name := raw[1 : 1+bytes.IndexByte(raw[1:], '"')]
		for _, a := range [...]string{domain.AnchorOrder, domain.AnchorCustomer, domain.AnchorSKU, domain.AnchorArea} {
			if len(name) == len(a) && strings.EqualFold(string(name), a) {
				return true
			}
		}
	}
	for _, c := range raw {
		if c == '\\' || c >= utf8.RuneSelf {
			return true
		}
	}
	return false
}
