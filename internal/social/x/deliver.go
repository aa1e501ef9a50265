package x

import (
	"context"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

const maxSeen = 5000 // posts of which it is remembered that they were handed in

// deliver hands posts in, and returns nil when each is durable, was known
// before, or was refused for what it is. What the sink cannot take now is tried
// until it can; the error is ctx's. Nobody is kept from trying meanwhile: X
// waits ten seconds for an answer to its requests.
func (n *Network) deliver(ctx context.Context, sink social.Sink, posts []domain.Post) error {
	return social.Deliver(ctx, n.kit.Clock, &gate{n, sink}, n.log, posts)
}

// deliverOnce tries once. A request of X's is refused with its error: X is to
// try again.
func (n *Network) deliverOnce(ctx context.Context, sink social.Sink, posts []domain.Post) error {
	_, err := social.HandIn(ctx, &gate{n, sink}, n.log, posts)
	return err
}

// gate is the sink of one way of several: it passes on what none of them has
// handed in before.
type gate struct {
	n    *Network
	sink social.Sink
}

// PostsAccept implements social.Sink.
func (g *gate) PostsAccept(ctx context.Context, posts []domain.Post) ([]social.Result, error) {
	release, err := g.n.turn.Take(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	out := make([]social.Result, len(posts))
	for i := range out {
		out[i].Outcome = social.Known
	}
	news, at := g.n.seen.Fresh(posts)
	if len(news) == 0 {
		return out, nil
	}
	if err := g.n.unblocked(ctx, news); err != nil {
		return nil, err
	}
	results, err := g.sink.PostsAccept(ctx, news)
	if err != nil {
		return nil, err
	}
	g.n.seen.Add(news)
	for i := range results {
		out[at[i]] = results[i]
	}
	return out, nil
}

// reconnection is a Grow (https://docs.x.com/x-api/fundamentals/handling-disconnections,
// "Reconnection strategy"): 5 s doubled up to 320 s after an answer that is an
// error, 250 ms more each time up to 16 s after none.
func reconnection(tries int, err error) time.Duration {
	if web.Status(err) != 0 {
		return 5 * time.Second << min(tries, 6)
	}
	return min(time.Duration(tries+1)*250*time.Millisecond, 16*time.Second)
}
