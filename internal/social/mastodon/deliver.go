package mastodon

import (
	"context"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// deliver hands in what is not known yet, oldest first, and returns nil when
// each post is durable, was known before, or was refused for what it is. What
// the sink cannot take now is tried until it can; the error is ctx's.
func (n *Network) deliver(ctx context.Context, sink social.Sink, heard []told) error {
	release, err := n.turn.Take(ctx)
	if err != nil {
		return err
	}
	defer release()
	for len(heard) > 0 {
		page := heard[:min(len(heard), social.MaxBatch)]
		heard = heard[len(page):]
		var batch []domain.Post
		for _, t := range page {
			if n.news(t) {
				batch = append(batch, t.post)
			}
		}
		if len(batch) > 0 {
			if err := social.Deliver(ctx, n.kit.Clock, sink, n.log, batch); err != nil {
				return err
			}
		}
		for _, t := range page {
			n.remember(t)
		}
	}
	return nil
}

// news reports whether a post says more than what was handed in.
func (n *Network) news(t told) bool {
	if t.post.Unaddressed {
		_, addressed := n.known.get(t.post.ID)
		return !addressed && n.watched.news(t)
	}
	return n.known.news(t)
}

// remember notes a post that the sink has taken. What searches find is apart:
// there is more of it, and it must not displace what is written to us.
func (n *Network) remember(t told) {
	if t.post.Unaddressed {
		n.watched.add(t)
	} else {
		n.known.add(t)
	}
}
