package social

import (
	"context"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
)

// Wait waits until some time has passed, or for wake, which may be nil. It
// reports whether ctx still stands.
func Wait(ctx context.Context, c clock.Clock, d time.Duration, wake <-chan struct{}) bool {
	rings, stop := c.Alarm(c.Now().Add(d))
	defer stop()
	select {
	case <-rings:
	case <-wake:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}
