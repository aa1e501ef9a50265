package social

import (
	"context"
	"log/slog"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
)

// Rounds asks a network again and again by one way, and tells in Pulse how that
// goes. It logs the first of several errors in a row, and the end of them.
type Rounds struct {
	Clock   clock.Clock
	Log     *slog.Logger
	Pulse   *Pulse
	Way     string // as Pulse knows it
	Mode    string // with Way, see Pulse.WayBegan
	Name    string // in the log
	Backoff Backoff
}

// Run ends with ctx alone. A round returns how long to wait until the next one;
// after an error it is longer where Backoff says so.
func (r *Rounds) Run(ctx context.Context, round func(context.Context) (time.Duration, error)) {
	for {
		pause, err := round(ctx)
		if ctx.Err() != nil {
			return
		}
		now := r.Clock.Now()
		if err != nil {
			if r.Backoff.Tries() == 0 {
				r.Log.WarnContext(ctx, "asking failed", "for", r.Name, "reason", Safe(err))
			}
			pause = r.Backoff.Over(pause, err)
			r.Pulse.WayEnded(r.Way, err, now)
		} else {
			r.Backoff.Reset()
			if r.Pulse.WayBegan(r.Way, r.Mode, now) {
				r.Log.InfoContext(ctx, "asking works again", "for", r.Name)
			}
		}
		if !Wait(ctx, r.Clock, pause, nil) {
			return
		}
	}
}
