package social_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

type accepting func([]domain.Post) ([]social.Result, error)

func (a accepting) PostsAccept(_ context.Context, posts []domain.Post) ([]social.Result, error) {
	return a(posts)
}

// TestAPostThatIsRefused: a network's post whose author could be mistaken for
// another is left out, and the log says why; those around it are taken, and it
// is not tried again.
func TestAPostThatIsRefused(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var posts []domain.Post
	for _, author := range []string{"ana", "j\uFFFDrg", "ben"} {
		posts = append(posts, domain.Post{Network: "plaza", ID: "by-" + author, Author: domain.Author{ID: author}, Text: "hi"})
	}
	posts[1].ID = "2"
	var log strings.Builder
	var taken []string
	sink := accepting(func(p []domain.Post) ([]social.Result, error) {
		return socialtest.Accept(p, func(some []domain.Post) error {
			for _, p := range some {
				p.Normalize(now)
				if err := p.Validate(); err != nil {
					return err
				}
			}
			return nil
		}, func(p domain.Post) { taken = append(taken, p.Author.ID) })
	})
	if err := social.Deliver(t.Context(), clock.NewManual(now), sink, slog.New(slog.NewTextHandler(&log, nil)), posts); err != nil {
		t.Fatal(err)
	}
	if strings.Join(taken, " ") != "ana ben" {
		t.Errorf("taken: %v", taken)
	}
	if said := log.String(); strings.Count(said, "\n") != 1 || !strings.Contains(said, "author.id: holds U+FFFD") || strings.Contains(said, "rg") {
		t.Errorf("the log says %s", said)
	}
}
