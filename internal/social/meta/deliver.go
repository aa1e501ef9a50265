package meta

import (
	"context"
	"errors"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

const maxSeen = 20000 // posts of which it is remembered that they were handed in

// handIn gives posts to the sink, in their order, and returns nil when each is
// durable, was known before, or was refused for what it is.
func (n *Network) handIn(ctx context.Context, sink social.Sink, posts []domain.Post) error {
	release, err := n.turn.Take(ctx)
	if err != nil {
		return err
	}
	defer release()
	results, err := social.HandIn(ctx, sink, n.log, posts)
	n.seen.Add(posts[:len(results)])
	return err
}

// passes reports whether an error may pass by itself.
func passes(err error) bool {
	var e *social.Error
	return !errors.As(err, &e) || e.Retry
}
