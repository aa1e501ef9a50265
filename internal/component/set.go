package component

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Limits on asking.
const (
	MaxAnswerData      = 16 << 10 // bytes of ComponentAnswer.Data
	MaxAnswerOrders    = 50
	DefaultConcurrency = 4 // questions under way at one component
	MaxConcurrency     = 256
)

// Set asks components by name. Each has its own concurrency: a slow one holds
// up nobody who asks another. It is immutable and safe for concurrent use.
type Set struct {
	slots map[string]slot
	names []string
}

type slot struct {
	component Component
	free      chan struct{}
}

// NewSet takes components with distinct names. limits says for a name how
// many questions may be under way; DefaultConcurrency where it says nothing.
func NewSet(components []Component, limits map[string]int) (*Set, error) {
	s := &Set{slots: make(map[string]slot, len(components))}
	for _, c := range components {
		name := c.Name()
		if !ValidName(name) {
			return nil, fmt.Errorf("component %.60q: the name must be 1 to 60 of a-z, 0-9 and \"_\", and start with a letter, since answers are named after it", name)
		}
		if _, taken := s.slots[name]; taken {
			return nil, fmt.Errorf("component %q: there are two of that name", name)
		}
		n := DefaultConcurrency
		if l, ok := limits[name]; ok {
			n = l
		}
		if n < 1 || n > MaxConcurrency {
			return nil, fmt.Errorf("component %q: concurrency is %d; want from 1 to %d", name, n, MaxConcurrency)
		}
		s.slots[name] = slot{c, make(chan struct{}, n)}
	}
	s.names = slices.Sorted(maps.Keys(s.slots))
	for _, name := range slices.Sorted(maps.Keys(limits)) {
		if _, ok := s.slots[name]; !ok {
			return nil, fmt.Errorf("concurrency is set for %s", s.unknown(name))
		}
	}
	return s, nil
}

// Concurrency is how many questions may be under way at a component.
func (s *Set) Concurrency(name string) int {
	if at, ok := s.slots[name]; ok {
		return cap(at.free)
	}
	return DefaultConcurrency
}

// Names lists the components, sorted.
func (s *Set) Names() []string { return slices.Clone(s.names) }

// Circuit is the state of a Guarded component's circuit, "" for others.
func (s *Set) Circuit(name string) string {
	if g, ok := s.slots[name].component.(Guarded); ok {
		return g.Circuit()
	}
	return ""
}

// ValidName reports whether a component may be called that: "answer.<name>"
// is a trigger and a name in conditions.
func ValidName(s string) bool {
	return s != "" && len(s) <= 60 && s[0] >= 'a' && s[0] <= 'z' &&
		strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// Ask asks the component that q names. It waits for a free place until ctx
// ends. What comes back is what the contract of Component promises, whatever
// the component did: the answer repeats the question, is within its limits,
// and every error is an *Error.
func (s *Set) Ask(ctx context.Context, q domain.Lookup, asker Asker) (domain.ComponentAnswer, error) {
	at, ok := s.slots[q.Component]
	if !ok {
		return domain.ComponentAnswer{Lookup: q}, &Error{Safe: s.unknown(q.Component)}
	}
	select {
	case at.free <- struct{}{}:
		defer func() { <-at.free }()
	case <-ctx.Done():
		return domain.ComponentAnswer{Lookup: q}, &Error{Retry: true, Safe: q.Component + ": was too busy to be asked in time", Cause: context.Cause(ctx)}
	}
	ans, err := ask(ctx, at.component, q, asker)
	if err == nil {
		err = checkAnswer(q.Component, &ans)
	}
	if err != nil {
		ans = domain.ComponentAnswer{}
		var e *Error
		if !errors.As(err, &e) {
			retry := errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
			err = &Error{Retry: retry, Safe: q.Component + ": could not be asked", Cause: err}
		}
	}
	ans.Lookup = q
	return ans, err
}

// ask keeps a component's panic from ending the process.
func ask(ctx context.Context, c Component, q domain.Lookup, asker Asker) (ans domain.ComponentAnswer, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &Error{Safe: q.Component + ": failed inside", Cause: fmt.Errorf("panic: %.500v", r)}
		}
	}()
	return c.Ask(ctx, q, asker)
}

func checkAnswer(name string, ans *domain.ComponentAnswer) error {
	switch {
	case len(ans.Data) > MaxAnswerData:
		return &Error{Safe: fmt.Sprintf("%s: the answer is %d bytes long; at most %d are accepted", name, len(ans.Data), MaxAnswerData)}
	case len(ans.Data) > 0 && (ans.Data[0] != '{' || !json.Valid(ans.Data)):
		return &Error{Safe: name + ": the answer's data is not a JSON object"}
	case len(ans.Orders) > MaxAnswerOrders:
		return &Error{Safe: fmt.Sprintf("%s: the answer has %d orders; at most %d are accepted", name, len(ans.Orders), MaxAnswerOrders)}
	}
	return nil
}

func (s *Set) unknown(name string) string {
	msg := fmt.Sprintf("%.60q, which is no component; known are %s", name, strings.Join(s.names, ", "))
	if len(s.names) == 0 {
		msg = fmt.Sprintf("%.60q, which is no component; none is configured", name)
	}
	if best := domain.Nearest(name, s.names); best != "" {
		msg += "; did you mean " + best + "?"
	}
	return msg
}
