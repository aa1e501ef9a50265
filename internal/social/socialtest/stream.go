package socialtest

import (
	"context"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// Stream is a Scripted network that brings posts by itself and lets them be
// looked at again.
type Stream struct {
	*Scripted
	social.Pulse

	mu      sync.Mutex
	rung    chan struct{} // closed when something was written
	broken  bool
	fetches int
	fetch   []error // what the next Fetches give instead of a post; nil is none
}

var (
	_ social.Runner  = (*Stream)(nil)
	_ social.Fetcher = (*Stream)(nil)
	_ social.Healthy = (*Stream)(nil)
)

// NewStream makes a network without posts or messages. It brings all that there
// is, whatever Capabilities.In says.
func NewStream(o ScriptedOptions) *Stream {
	if o.Capabilities == nil {
		o.Capabilities = &social.Capabilities{PublicReply: true, PrivateMessage: true, Settles: true}
	}
	caps := *o.Capabilities
	caps.In = social.In{Search: true, Private: true, Edits: true, Deletes: true}
	o.Capabilities = &caps
	return &Stream{Scripted: NewScripted(o), rung: make(chan struct{})}
}

// Run implements social.Runner.
func (s *Stream) Run(ctx context.Context, sink social.Sink) error {
	s.Began("stream", s.now())
	defer func() {
		s.Ended(&social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "the process ends"}, s.now())
	}()
	for {
		rung, broken := s.look()
		more, err := false, error(nil)
		if !broken {
			more, err = s.step(ctx, sink)
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil: // the sink is asked again in a moment
			select {
			case <-time.After(time.Millisecond):
			case <-ctx.Done():
				return ctx.Err()
			}
		case !more:
			select {
			case <-rung:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}

// step delivers one post.
func (s *Stream) step(ctx context.Context, sink social.Sink) (bool, error) {
	more, err := s.Deliver(ctx, sink)
	if err == nil && more {
		s.Alive(s.now(), -1)
	}
	return more, err
}

func (s *Stream) look() (<-chan struct{}, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rung, s.broken
}

func (s *Stream) ring() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.rung)
	s.rung = make(chan struct{})
}

// Break holds deliveries up until Mend.
func (s *Stream) Break() { s.setBroken(true) }

// Mend ends what Break began.
func (s *Stream) Mend() { s.setBroken(false) }

func (s *Stream) setBroken(to bool) {
	s.mu.Lock()
	s.broken = to
	s.mu.Unlock()
	s.ring()
}

// Write is Scripted's, and wakes Run.
func (s *Stream) Write(p domain.Post) domain.Post {
	defer s.ring()
	return s.Scripted.Write(p)
}

// Edit is Scripted's, and wakes Run.
func (s *Stream) Edit(id, text string) (domain.Post, bool) {
	defer s.ring()
	return s.Scripted.Edit(id, text)
}

// Delete is Scripted's, and wakes Run.
func (s *Stream) Delete(id string) (domain.Post, bool) {
	defer s.ring()
	return s.Scripted.Delete(id)
}

// Quietly makes a change of which nothing is delivered: it shows only to who
// fetches the post. False when there is no such post.
func (s *Stream) Quietly(id string, change func(*domain.Post)) bool {
	return s.Scripted.quietly(id, change)
}

// FailFetch sets what the next Fetches give: an error each, nil for the post.
func (s *Stream) FailFetch(next ...error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fetch = append(s.fetch, next...)
}

// Fetches counts the Fetches so far.
func (s *Stream) Fetches() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fetches
}

// Fetch implements social.Fetcher.
func (s *Stream) Fetch(ctx context.Context, key domain.PostKey) (domain.Post, error) {
	if err := ctx.Err(); err != nil {
		return domain.Post{}, social.Unreached(err)
	}
	s.mu.Lock()
	s.fetches++
	var err error
	if len(s.fetch) > 0 {
		err, s.fetch = s.fetch[0], s.fetch[1:]
	}
	s.mu.Unlock()
	if err != nil {
		return domain.Post{}, err
	}
	p, ok := s.post(key.ID)
	if !ok {
		return domain.Post{Network: key.Network, Account: key.Account, ID: key.ID, Deleted: true}, nil
	}
	return p, nil
}
