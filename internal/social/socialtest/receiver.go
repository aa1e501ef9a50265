package socialtest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// Patience of the tests: a network brings a post within longest, by the
// machine's time; a connector that is told to end does so within soon.
const (
	longest = 20 * time.Second
	soon    = 5 * time.Second
	stride  = 2 * time.Second // the connector's clock is moved by it
)

// receiver is the sink of a network that runs.
type receiver struct {
	t *testing.T
	f *Fixture

	mu      sync.Mutex
	posts   []domain.Post
	refusal func([]domain.Post) error
	came    chan struct{}

	cancel context.CancelFunc
	ended  chan struct{}

	drafts map[string]Draft
	ids    map[string][]string // by author, in the order they were written
}

func receive(t *testing.T, f *Fixture) *receiver {
	r := &receiver{t: t, f: f, came: make(chan struct{}, 1), drafts: map[string]Draft{}, ids: map[string][]string{}}
	r.run()
	t.Cleanup(func() { r.stop() })
	return r
}

// PostsAccept implements social.Sink.
func (r *receiver) PostsAccept(_ context.Context, posts []domain.Post) ([]social.Result, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() {
		select {
		case r.came <- struct{}{}:
		default:
		}
	}()
	return Accept(posts, r.refusal, func(p domain.Post) {
		p.Media = slices.Clone(p.Media)
		r.posts = append(r.posts, p)
	})
}

func (r *receiver) refuse(f func([]domain.Post) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refusal = f
}

func (r *receiver) taken() []domain.Post {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.posts)
}

func (r *receiver) run() {
	runner, ok := r.f.Network.(social.Runner)
	r.ended = make(chan struct{})
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.t.Context()))
	r.cancel = cancel
	if !ok {
		close(r.ended)
		return
	}
	go func(ended chan struct{}) {
		defer close(ended)
		if err := runner.Run(ctx, r); err != nil && ctx.Err() == nil {
			r.t.Errorf("Run gave up: %v", err)
		}
	}(r.ended)
}

// begin runs the network again after stop, as a new process would.
func (r *receiver) begin() {
	if r.f.World.Reopen != nil {
		r.f.Network = r.f.World.Reopen()
	}
	r.run()
}

// stop ends Run and wants it to end at once.
func (r *receiver) stop() {
	r.t.Helper()
	r.cancel()
	select {
	case <-r.ended:
	case <-time.After(soon):
		r.t.Error("Run goes on after its context ended")
	}
}

// write writes a post and keeps in mind that it is to come.
func (r *receiver) write(d Draft) string {
	id := r.f.World.Write(d)
	r.drafts[id] = d
	r.ids[d.Author] = append(r.ids[d.Author], id)
	return id
}

// wrote writes a post and waits for it.
func (r *receiver) wrote(d Draft) domain.Post {
	r.t.Helper()
	id := r.write(d)
	return r.until(fmt.Sprintf("%q", d.Text), func(p *domain.Post) bool { return p.ID == id })
}

// gap writes more than one post of each of two people.
func (r *receiver) gap() {
	for i := range 3 {
		r.write(Draft{Author: "ana", Text: fmt.Sprintf("meanwhile %d", i)})
		r.write(Draft{Author: "ben", Text: fmt.Sprintf("meanwhile %d", i)})
	}
}

// all waits until everything that was written has come.
func (r *receiver) all(what string) {
	r.t.Helper()
	for id := range r.drafts {
		r.until(what, func(p *domain.Post) bool { return p.ID == id })
	}
}

// inOrder wants each author's posts to have come first in the order in which
// they were written.
func (r *receiver) inOrder() {
	r.t.Helper()
	for author, want := range r.ids {
		var got []string
		for _, p := range r.taken() {
			if slices.Contains(want, p.ID) && !slices.Contains(got, p.ID) {
				got = append(got, p.ID)
			}
		}
		if !slices.Equal(got, want) {
			r.t.Errorf("%s wrote %v; they came as %v", author, want, got)
		}
	}
}

// until waits for a post, and moves everybody's time meanwhile.
func (r *receiver) until(what string, is func(*domain.Post) bool) domain.Post {
	r.t.Helper()
	for end := time.Now().Add(longest); ; {
		for _, p := range r.taken() {
			if is(&p) {
				return p
			}
		}
		if time.Now().After(end) {
			r.t.Fatalf("%s has not come", what)
		}
		if r.f.World.Push != nil {
			r.f.World.Push(r.t.Context(), r)
		}
		if r.f.World.Advance != nil {
			r.f.World.Advance(stride)
		}
		select {
		case <-r.came:
		case <-time.After(5 * time.Millisecond):
		}
	}
}
