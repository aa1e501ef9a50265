package social

import (
	"context"
	"log/slog"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
)

// steady is how long a connection must have held to have been a good one.
const steady = time.Minute

// Stream keeps a connection that posts come by. It logs the first of several
// breaks in a row; that of a good connection is the first again.
type Stream struct {
	Clock   clock.Clock
	Log     *slog.Logger
	Backoff Backoff
}

// Run opens the connection again and again until ctx ends. connect is one of
// them, to its end, and tells whether it was a good one; ended hears why each
// ended.
func (s *Stream) Run(ctx context.Context, connect func(context.Context) (good bool, err error), ended func(error)) {
	for {
		good, err := connect(ctx)
		if ctx.Err() != nil {
			return
		}
		if good {
			s.Backoff.Reset()
		}
		ended(err)
		if s.Backoff.Tries() == 0 {
			s.Log.WarnContext(ctx, "the stream has ended; connecting again", "reason", Safe(err))
		}
		if !Wait(ctx, s.Clock, s.Backoff.Next(err), nil) {
			return
		}
	}
}

// Steady makes a connect of one that was good where it held for a minute.
func (s *Stream) Steady(connect func(context.Context) error) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		began := s.Clock.Now()
		err := connect(ctx)
		return s.Clock.Now().Sub(began) > steady, err
	}
}
