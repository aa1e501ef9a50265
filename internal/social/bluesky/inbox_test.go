package bluesky

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

// inbox is a sink that keeps what came and lets a test wait for it.
type inbox struct {
	mu    sync.Mutex
	posts []domain.Post
	came  chan struct{}
	took  func([]domain.Post) error
}

func newInbox() *inbox { return &inbox{came: make(chan struct{}, 1)} }

func (b *inbox) PostsAccept(_ context.Context, posts []domain.Post) ([]social.Result, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer func() {
		select {
		case b.came <- struct{}{}:
		default:
		}
	}()
	return socialtest.Accept(posts, b.took, func(p domain.Post) { b.posts = append(b.posts, p) })
}

func (b *inbox) all() []domain.Post {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.posts)
}

// until waits for a post.
func (b *inbox) until(t *testing.T, within time.Duration, what string, is func(domain.Post) bool) domain.Post {
	t.Helper()
	end := time.After(within)
	for {
		for _, p := range b.all() {
			if is(p) {
				return p
			}
		}
		select {
		case <-b.came:
		case <-end:
			t.Fatalf("%s has not come within %v", what, within)
		}
	}
}

// running runs a network until the test or stop ends it.
func running(t *testing.T, n *Network, sink social.Sink) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		n.Run(ctx, sink)
	}()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			select {
			case <-ended:
			case <-time.After(20 * time.Second):
				t.Error("Run goes on after its context ended")
			}
		})
	}
	t.Cleanup(stop)
	return stop
}
