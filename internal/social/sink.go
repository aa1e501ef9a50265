package social

import (
	"context"
	"log/slog"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/domain"
)

// Sink takes what a network brought.
type Sink interface {
	// PostsAccept takes posts in and says of each, in their order, what became
	// of it, once all that it took is durable. An error means that none was
	// taken: all of them are to be handed in again. One person's posts never
	// hold up those of others, so a connector may go on behind each post that
	// it has a result for, whatever that is.
	PostsAccept(ctx context.Context, posts []domain.Post) ([]Result, error)
}

// Outcome is what became of a post that was handed in.
type Outcome string

const (
	Taken   Outcome = "taken"   // it is durable, and will be decided about
	Known   Outcome = "known"   // it was handed in before; nothing is done again
	Aside   Outcome = "aside"   // nothing is done about it: it is too old, say, or a plain reshare
	Refused Outcome = "refused" // it can never be taken; Result.Err says why
)

// Result is what became of one post.
type Result struct {
	Outcome Outcome
	Err     *domain.Error // of a refused post
}

// MaxBatch is how many posts are handed in at once.
const MaxBatch = 100

// HandIn gives posts to a sink, oldest first as they stand, and writes to the
// log which were refused. It returns a result for each; with an error, which is
// the sink's, for as many as were handed in before it.
func HandIn(ctx context.Context, sink Sink, log *slog.Logger, posts []domain.Post) ([]Result, error) {
	out := make([]Result, 0, len(posts))
	for len(out) < len(posts) {
		rest := posts[len(out):]
		results, err := sink.PostsAccept(ctx, rest[:min(len(rest), MaxBatch)])
		if err != nil {
			return out, err
		}
		for i := range results {
			if err := results[i].Err; results[i].Outcome == Refused {
				why := []any{"code", string(domain.ErrorCode(err))}
				if err != nil && err.Field != "" { // without one it may name the post, and so a person
					why = append(why, "error", err)
				}
				log.WarnContext(ctx, "a post was refused", why...)
			}
		}
		out = append(out, results...)
	}
	return out, nil
}

// Deliver is HandIn that goes on until everything is handed in. The error is
// ctx's.
func Deliver(ctx context.Context, c clock.Clock, sink Sink, log *slog.Logger, posts []domain.Post) error {
	var b Backoff
	for {
		results, err := HandIn(ctx, sink, log, posts)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if b.Tries() == 0 {
			log.ErrorContext(ctx, "posts cannot be taken in; trying again", "error", err)
		}
		posts = posts[len(results):]
		if !Wait(ctx, c, b.Next(nil), nil) {
			return ctx.Err()
		}
	}
}
