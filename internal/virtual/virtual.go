package virtual

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
)

// Stepper is an engine that can be stepped. Each step does at most one bounded
// batch and says how much it did.
type Stepper interface {
	StepReady(ctx context.Context) (int, error)
	StepDue(ctx context.Context) (int, error)
	StepFanout(ctx context.Context) (int, error)
	StepCatchUp(ctx context.Context) (int, error)
	StepDispatch(ctx context.Context) (int, error)
	// NextWake is when there will be something to do, zero for never.
	NextWake(ctx context.Context) (time.Time, error)
}

const (
	// maxRounds bounds one Settle: an engine that still finds work after so
	// many rounds at one time runs in a circle.
	maxRounds = 20_000
	// maxStuck bounds how often the clock is nudged past a time at which
	// something is due and nothing happens. Timers are released gradually, so
	// a few nudges are normal.
	maxStuck = 3_600
	nudge    = time.Second
)

// ErrBusy means that an engine does not come to rest.
var ErrBusy = errors.New("virtual: the engine does not come to rest")

// Engine is an engine and the clock it reads.
type Engine struct {
	engine Stepper
	clock  *clock.Manual
}

// New binds an engine to its clock. The engine must have been made with that
// clock and must not have been started.
func New(engine Stepper, clock *clock.Manual) *Engine {
	if engine == nil || clock == nil {
		panic("virtual: New needs an engine and its manual clock")
	}
	return &Engine{engine: engine, clock: clock}
}

// Settle steps the engine until nothing is left to do at the present time. The
// error is a step's, the context's, or wraps ErrBusy and names what still had
// work.
func (v *Engine) Settle(ctx context.Context) error {
	steps := []struct {
		name string
		run  func(context.Context) (int, error)
	}{
		{"ready inputs", v.engine.StepReady},
		{"due timers", v.engine.StepDue},
		{"fan-out", v.engine.StepFanout},
		{"catching up", v.engine.StepCatchUp},
		{"effects", v.engine.StepDispatch},
	}
	for round := 0; ; round++ {
		var busy []string
		for _, s := range steps {
			if err := ctx.Err(); err != nil {
				return err
			}
			n, err := s.run(ctx)
			if err != nil {
				return fmt.Errorf("virtual: %s at %s: %w", s.name, v.stamp(), err)
			}
			if n > 0 {
				busy = append(busy, fmt.Sprintf("%s (%d)", s.name, n))
			}
		}
		if len(busy) == 0 {
			return nil
		}
		if round >= maxRounds {
			return fmt.Errorf("%w at %s after %d rounds: still at work on %s", ErrBusy, v.stamp(), maxRounds, strings.Join(busy, ", "))
		}
	}
}

// Advance settles, then moves the clock from each time at which something is
// due to the next one, up to and including to, and settles at each. The clock
// shows to in the end; a time that has passed only settles.
func (v *Engine) Advance(ctx context.Context, to time.Time) error {
	if err := v.hop(ctx, to); err != nil {
		return err
	}
	if !to.After(v.clock.Now()) {
		return nil
	}
	v.clock.Set(to)
	return v.Settle(ctx)
}

// RunOut lets time pass until nothing is due any more, or for limit. The
// clock then shows the time of the last thing that was due, or the limit's.
// It returns false when the limit ended it.
func (v *Engine) RunOut(ctx context.Context, limit time.Duration) (bool, error) {
	to := v.clock.Now().Add(limit)
	if err := v.hop(ctx, to); err != nil {
		return false, err
	}
	next, err := v.engine.NextWake(ctx)
	if err != nil {
		return false, err
	}
	if next.IsZero() {
		return true, nil
	}
	v.clock.Set(to)
	return false, v.Settle(ctx)
}

// hop settles at every time at which something is due until after to.
func (v *Engine) hop(ctx context.Context, to time.Time) error {
	stuck := 0
	for {
		if err := v.Settle(ctx); err != nil {
			return err
		}
		next, err := v.engine.NextWake(ctx)
		if err != nil {
			return err
		}
		if next.IsZero() || next.After(to) {
			return nil
		}
		if now := v.clock.Now(); next.After(now) {
			stuck = 0
			v.clock.Set(next)
			continue
		}
		// Something is due and no step took it: it is released gradually, or
		// waits for what only time brings.
		if stuck++; stuck > maxStuck {
			return fmt.Errorf("%w at %s: something has been due since %s and no step takes it", ErrBusy, v.stamp(), next.Format(time.RFC3339))
		}
		at := v.clock.Now().Add(nudge)
		if at.After(to) {
			return nil
		}
		v.clock.Set(at)
	}
}

func (v *Engine) stamp() string { return v.clock.Now().Format(time.RFC3339) }
