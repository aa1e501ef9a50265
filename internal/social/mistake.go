package social

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Mistake is what one key of an account's configuration has wrong.
type Mistake struct {
	Key  string // as operators write it, such as poll or search[2]
	Is   string // what was found
	Want string // what is accepted; "" where Is says it
}

func (m Mistake) String() string {
	if m.Want == "" {
		return m.Key + ": " + m.Is
	}
	return m.Key + ": " + m.Is + "; want " + m.Want
}

// Mistakes are all that an account's configuration has wrong: who mends one
// wants to know of the others. With one in it, it is an error.
type Mistakes struct {
	Place string // where the account is configured
	All   []Mistake
}

// Add notes what was found at a key, and what is accepted there.
func (m *Mistakes) Add(key, want, format string, args ...any) {
	m.All = append(m.All, Mistake{key, fmt.Sprintf(format, args...), want})
}

// Wrong is a mistake of a value, whose key whoever knows it notes: what is
// accepted, and what was found.
func Wrong(want, format string, args ...any) error {
	return &wrong{Mistake{Is: fmt.Sprintf(format, args...), Want: want}}
}

type wrong struct{ Mistake }

func (w *wrong) Error() string { return strings.TrimPrefix(w.String(), ": ") }

// Note is Add of what another check says of a key's value; nil is nothing. An
// error that Wrong made says what is accepted.
func (m *Mistakes) Note(key string, err error) {
	if err == nil {
		return
	}
	x := Mistake{Is: err.Error()}
	var w *wrong
	if errors.As(err, &w) {
		x = w.Mistake
	}
	x.Key = key
	m.All = append(m.All, x)
}

// Between holds that a number is from low to high.
func (m *Mistakes) Between(key string, n, low, high int64) {
	if n < low || n > high {
		m.Add(key, fmt.Sprintf("from %d to %d", low, high), "is %d", n)
	}
}

// Within holds that a time is from low to high.
func (m *Mistakes) Within(key string, d, low, high time.Duration) {
	if d < low || d > high {
		m.Add(key, "from "+shortDuration(low)+" to "+shortDuration(high), "is %s", shortDuration(d))
	}
}

// Err is the Mistakes where there are any.
func (m *Mistakes) Err() error {
	if len(m.All) == 0 {
		return nil
	}
	return m
}

// Error gives a line for each.
func (m *Mistakes) Error() string {
	var lines []string
	for _, x := range m.All {
		lines = append(lines, m.Place+": "+x.String())
	}
	return strings.Join(lines, "\n")
}

// shortDuration writes 1h where the standard library writes 1h0m0s.
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
