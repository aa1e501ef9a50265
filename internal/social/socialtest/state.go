package socialtest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
)

// State is a social.State in memory, in which nothing expires. The zero value
// is empty.
type State struct {
	Most int // bytes of a value; 0 for social.MaxStateValue

	mu     sync.Mutex
	values map[string][]byte
	keep   map[string]time.Duration
	refuse error
}

var _ social.State = (*State)(nil)

// Get implements social.State.
func (s *State) Get(_ context.Context, name string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.values[name], s.refuse
}

// Put implements social.State.
func (s *State) Put(_ context.Context, name string, value []byte, keep time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.put(name, value, keep)
}

func (s *State) put(name string, value []byte, keep time.Duration) error {
	switch most := cmp.Or(s.Most, social.MaxStateValue); {
	case s.refuse != nil:
		return s.refuse
	case len(value) > most:
		return fmt.Errorf("%q is of %d bytes; want at most %d", name, len(value), most)
	case value == nil:
		delete(s.values, name)
		delete(s.keep, name)
		return nil
	case s.values == nil:
		s.values, s.keep = map[string][]byte{}, map[string]time.Duration{}
	}
	s.values[name], s.keep[name] = bytes.Clone(value), keep
	return nil
}

// Change implements social.State.
func (s *State) Change(_ context.Context, name string, keep time.Duration, to func(was []byte) []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse != nil {
		return s.refuse
	}
	if value := to(s.values[name]); value != nil {
		return s.put(name, value, keep)
	}
	return nil
}

// Refuse makes every call fail, or none any more with nil.
func (s *State) Refuse(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = err
}

// Keeps tells for how long each value is wanted.
func (s *State) Keeps() map[string]time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.keep)
}
