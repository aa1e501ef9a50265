package bluesky

import (
	"context"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// deliver hands posts in, and returns nil when each is durable, was known
// before, or was refused for what it is. What the sink cannot take now is tried
// until it can; the error is ctx's.
func (n *Network) deliver(ctx context.Context, sink social.Sink, posts []domain.Post) error {
	release, err := n.turn.Take(ctx)
	if err != nil {
		return err
	}
	defer release()
	for len(posts) > 0 {
		batch := posts[:min(len(posts), social.MaxBatch)]
		if err := social.Deliver(ctx, n.kit.Clock, sink, n.log, batch); err != nil {
			return err
		}
		n.taken(batch)
		posts = posts[len(batch):]
	}
	return nil
}
