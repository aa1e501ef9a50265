package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

const (
	mentionRate  = 50 // a second
	mentionLimit = time.Minute
)

// stream is a network that brings what is written on it at once, and takes
// answers as quickly. What a real network takes for that comes on top.
type stream struct {
	*keeper
	posts chan domain.Post

	mu       sync.Mutex
	answered map[string]time.Time // when the first answer to a post came
}

var (
	_ social.Network = (*stream)(nil)
	_ social.Runner  = (*stream)(nil)
)

func newStream(k *keeper) *stream {
	return &stream{keeper: k, posts: make(chan domain.Post, mentionRate), answered: map[string]time.Time{}}
}

// Run implements social.Runner.
func (s *stream) Run(ctx context.Context, sink social.Sink) error {
	for {
		select {
		case p := <-s.posts:
			if _, err := sink.PostsAccept(ctx, []domain.Post{p}); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Send implements social.Network.
func (s *stream) Send(ctx context.Context, m social.Message) (social.Sent, error) {
	s.mu.Lock()
	if _, known := s.answered[m.InReplyTo]; !known {
		s.answered[m.InReplyTo] = time.Now()
	}
	s.mu.Unlock()
	return s.keeper.Send(ctx, m)
}

// waits is how long each post took until its answer, shortest first; of those
// that were answered.
func (s *stream) waits(written map[string]time.Time) []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []time.Duration
	for id, at := range written {
		if answered, ok := s.answered[id]; ok {
			out = append(out, answered.Sub(at))
		}
	}
	slices.Sort(out)
	return out
}

// mentions has a stream bring posts at a steady rate, each by somebody new, and
// measures from post to answer on the network. The time in which a message of
// several posts may be completed is configured, and left out.
func (b *bench) mentions(ctx context.Context, d time.Duration, rep *benchReport) error {
	written := map[string]time.Time{}
	tick := time.NewTicker(time.Second / mentionRate)
	defer tick.Stop()
	start := time.Now()
	for time.Since(start) < d {
		p := domain.Post{Network: benchNetwork, ID: fmt.Sprintf("m%d", len(written)), Author: domain.Author{ID: fmt.Sprintf("n%d", len(written))},
			Text: "Hello, my parcel has not come. Where is it?", At: time.Now(), Visibility: domain.Private}
		written[p.ID] = p.At
		select {
		case b.stream.posts <- p:
		case <-ctx.Done():
			return ctx.Err()
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	rep.MentionsPerSecond = float64(len(written)) / time.Since(start).Seconds()
	waits := b.stream.waits(written)
	for end := time.Now().Add(mentionLimit + b.settings.settle); len(waits) < len(written); waits = b.stream.waits(written) {
		if time.Now().After(end) {
			return fmt.Errorf("bench: of %d mentions only %d were answered", len(written), len(waits))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	rep.MentionP50, rep.MentionP99 = ms(quantile(waits, 0.5)-b.settings.settle), ms(quantile(waits, 0.99)-b.settings.settle)
	return nil
}
