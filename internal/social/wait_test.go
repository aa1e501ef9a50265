package social_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

func TestWait(t *testing.T) {
	t.Parallel()
	c := clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	woken, ended := make(chan struct{}, 1), make(chan bool)
	woken <- struct{}{}
	if !social.Wait(t.Context(), c, time.Hour, woken) {
		t.Error("whoever was woken is told that their ctx has ended")
	}
	if !social.Wait(t.Context(), c, 0, nil) {
		t.Error("nothing to wait for, and it is told that ctx has ended")
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { ended <- social.Wait(ctx, c, time.Hour, nil) }()
	cancel()
	if <-ended {
		t.Error("it did not hear that ctx has ended")
	}
}

// TestATurnIsHeldByOne: and nobody waits for it longer than their ctx.
func TestATurnIsHeldByOne(t *testing.T) {
	t.Parallel()
	var turn social.Turn
	release, err := turn.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	second := make(chan error)
	go func() { _, err := turn.Take(ctx); second <- err }()
	cancel()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up got %v", err)
	}
	go func() {
		again, err := turn.Take(t.Context())
		if err == nil {
			again()
		}
		second <- err
	}()
	release()
	if err := <-second; err != nil {
		t.Errorf("let go, and %v", err)
	}
	if _, err := turn.Take(ctx); err == nil {
		t.Error("a ctx that has ended got the turn")
	}
}

// TestRounds: an error is told once, by its way, and its end too; a way that
// fails is asked no more often than it says.
func TestRounds(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	var pulse social.Pulse
	failed := false
	c := &socialtest.Hasty{At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Waits: func(d time.Duration) {
		if failed && d < time.Minute {
			t.Errorf("it is asked again after %v, want a minute at least", d)
		}
	}}
	r := social.Rounds{Clock: c, Log: slog.New(slog.NewTextHandler(&log, nil)), Pulse: &pulse, Way: "messages", Name: "messages"}
	down := &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "it is down"}
	ctx, cancel := context.WithCancel(t.Context())
	answers := []error{nil, down, down, nil, nil}
	r.Run(ctx, func(context.Context) (time.Duration, error) {
		if trouble := pulse.Health().Trouble; (trouble != "") != (len(answers) == 2 || len(answers) == 3) {
			t.Errorf("%d rounds before the end its trouble is %q", len(answers), trouble)
		}
		if len(answers) == 0 {
			cancel()
			return 0, nil
		}
		err := answers[0]
		answers = answers[1:]
		if failed = err != nil; !failed {
			return 0, nil
		}
		return time.Minute, err
	})
	if got := log.String(); strings.Count(got, "asking failed") != 1 || strings.Count(got, "works again") != 1 || !strings.Contains(got, "it is down") {
		t.Errorf("the log says\n%s", got)
	}
}
