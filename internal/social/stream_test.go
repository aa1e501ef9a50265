package social_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

// TestEachBreakOfAGoodStreamIsLogged: and of several in a row the first; each is
// told to whoever keeps the health.
func TestEachBreakOfAGoodStreamIsLogged(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	c := &socialtest.Hasty{At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	s := social.Stream{Clock: c, Log: slog.New(slog.NewTextHandler(&log, nil))}
	ctx, cancel := context.WithCancel(t.Context())
	held := []time.Duration{time.Hour, 0, 0, time.Hour, time.Second, time.Hour}
	told, want := 0, "first,,,fourth,,sixth"
	s.Run(ctx, s.Steady(func(context.Context) error {
		if told == len(held) {
			cancel()
			return nil
		}
		c.Pass(held[told])
		return &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: []string{"the first", "the second", "the third", "the fourth", "the fifth", "the sixth"}[told], Cause: errors.New("gone")}
	}), func(err error) {
		if err == nil {
			t.Error("it ended for no reason")
		}
		told++
	})
	if told != len(held) {
		t.Errorf("%d ends were told, want %d", told, len(held))
	}
	for i, name := range []string{"first", "second", "third", "fourth", "fifth", "sixth"} {
		if logged := strings.Contains(log.String(), "the "+name); logged != (strings.Split(want, ",")[i] != "") {
			t.Errorf("the %s break: logged is %v\n%s", name, logged, log.String())
		}
	}
}
