package engine_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
)

// stream is a network whose runner says that it runs, and only that.
type stream struct {
	*socialtest.Scripted
	running, began *atomic.Int64
}

func (s *stream) Run(ctx context.Context, _ social.Sink) error {
	s.began.Add(1)
	s.running.Add(1)
	defer s.running.Add(-1)
	<-ctx.Done()
	return ctx.Err()
}

// TestARunnerRunsOnOneNode starts two nodes with the same network, stops the
// one that has it, and cuts the other off from its lease.
func TestARunnerRunsOnOneNode(t *testing.T) {
	if testing.Short() {
		t.Skip("needs PostgreSQL; not with -short")
	}
	t.Parallel()
	url := pgtest.URL(t)
	var running, all atomic.Int64
	began := [2]*atomic.Int64{new(atomic.Int64), new(atomic.Int64)}
	var nodes [2]*engine.Engine
	for i := range nodes {
		st := pgtest.OpenURL(t, url, postgres.Options{MaxConns: 6})
		k := newKit(t, st, setup{})
		o := k.options
		o.Clock = clock.Real()
		o.Networks = []social.Network{&stream{socialtest.NewScripted(socialtest.ScriptedOptions{Name: "stream", Now: o.Clock.Now}), &running, began[i]}}
		e, err := engine.New(o)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Start(k.ctx); err != nil {
			t.Fatal(err)
		}
		defer e.Stop(k.ctx)
		nodes[i] = e
	}
	until := func(what string, holds func() bool) {
		t.Helper()
		end := time.Now().Add(20 * time.Second)
		for !holds() {
			if time.Now().After(end) {
				t.Fatalf("waited in vain until %s", what)
			}
			if n := running.Load(); n > 1 {
				all.Add(1)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	until("one runs", func() bool { return running.Load() == 1 })
	first := 0
	if began[1].Load() == 1 {
		first = 1
	}
	stopped := time.Now()
	if err := nodes[first].Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	until("the other one runs", func() bool { return began[1-first].Load() == 1 && running.Load() == 1 })
	if took := time.Since(stopped); took > 5*time.Second {
		t.Errorf("a lease that was given up was taken after %v", took)
	}
	// Somebody else has the lease all of a sudden, as after a pause of this
	// process that was longer than the lease: the runner ends.
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	tag, err := c.Exec(t.Context(), `UPDATE lease SET holder = 'somebody', fence = fence + 1, until = clock_timestamp() + interval '1 minute' WHERE name = 'network stream '`)
	if err != nil || tag.RowsAffected() != 1 {
		t.Fatal(tag, err)
	}
	until("the runner ends", func() bool { return running.Load() == 0 })
	if all.Load() > 0 {
		t.Error("the runner ran on both nodes at once")
	}
}

// TestWorkOfAnotherNodeIsSeenAtOnce hands a post in on a node that runs no
// loops; another node, on a clock that stands still, sends the answer.
func TestWorkOfAnotherNodeIsSeenAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("needs PostgreSQL; not with -short")
	}
	t.Parallel()
	url := pgtest.URL(t)
	sender := newKit(t, pgtest.OpenURL(t, url, postgres.Options{MaxConns: 6}), setup{})
	woken := make(chan struct{}, 1)
	sender.options.Woken = func() {
		select {
		case woken <- struct{}{}:
		default:
		}
	}
	sender.open()
	if err := sender.engine.Start(sender.ctx); err != nil {
		t.Fatal(err)
	}
	defer sender.engine.Stop(sender.ctx)
	<-woken // it listens
	other := newKit(t, pgtest.OpenURL(t, url, postgres.Options{MaxConns: 6}), setup{})
	other.take(domain.Post{Network: "sandbox", ID: "x", Author: domain.Author{ID: "ann"}, Text: "hello", Visibility: domain.Private, At: other.clock.Now()})
	for end := time.Now().Add(10 * time.Second); len(sender.net.Sent()) == 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nobody sent the answer; the node's own clock stands still, so that only a wake-up can make it look")
		}
	}
}
