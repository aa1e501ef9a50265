package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime/pprof"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/store"
)

const (
	benchSides  = 8   // goroutines that hand events in
	eventBatch  = 100 // events of one request
	postBatch   = 20
	rawGroup    = 512 // events of one bare transaction: a full group commit
	fanoutLimit = 10 * time.Minute
	drainLimit  = 10 * time.Minute
)

// open starts the engine on the loaded database.
func (b *bench) open(ctx context.Context) (err error) {
	s := b.settings
	b.stream = newStream(newKeeper(account{network: benchNetwork}, s.clock.Now))
	s.networks = []social.Network{b.stream}
	if b.n, err = openNode(ctx, s, discardLog()); err != nil {
		return err
	}
	return b.n.engine.Start(ctx)
}

func (b *bench) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), effectGrace)
	defer cancel()
	_ = b.n.engine.Stop(ctx) // what is cut off belongs to a database that is thrown away
	return b.n.close()
}

// orderEvents makes the events of one request. The last part of the advocates
// is left to the fan-out.
func (b *bench) orderEvents(r *rand.Rand, serial *atomic.Int64) []domain.Event {
	out := make([]domain.Event, eventBatch)
	now := time.Now().UTC()
	for i := range out {
		kind := "order.paid"
		switch n := r.IntN(100); {
		case n < 2:
			kind = "order.delayed"
		case n < 8:
			kind = "order.delivered"
		case n < 50:
			kind = "order.shipped"
		}
		out[i] = domain.Event{
			Source: "bench", ID: fmt.Sprintf("e%d", serial.Add(1)), Type: kind, Time: now,
			OrderID: benchOrder(r.IntN(b.cmd.Advocates - b.cmd.Fanout)),
		}
	}
	return out
}

// events runs at full speed.
func (b *bench) events(ctx context.Context, d time.Duration, rep *benchReport) error {
	if b.cmd.CPUProfile != "" {
		f, err := os.Create(b.cmd.CPUProfile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	var serial atomic.Int64
	server := b.serverCPU(ctx)
	before, start := cpuTime(), time.Now()
	err := b.sides(benchSides, func(side int) error {
		r := rand.New(rand.NewPCG(uint64(side), 1))
		for time.Since(start) < d {
			if err := b.submit(ctx, b.orderEvents(r, &serial)); err != nil {
				return err
			}
		}
		return nil
	})
	took := time.Since(start)
	rep.Events, rep.Seconds = serial.Load(), took.Seconds()
	rep.EventsPerSecond = float64(rep.Events) / took.Seconds()
	rep.CPUPerEvent = float64((cpuTime() - before).Microseconds()) / float64(max(rep.Events, 1))
	rep.ServerCPU = float64((b.serverCPU(ctx) - server).Microseconds()) / float64(max(rep.Events, 1))
	if err != nil {
		return err
	}
	b.began.client, b.began.server = before, server
	return b.reached(ctx, rep.Events)
}

// reached makes sure that the events were decided on: a benchmark of events
// that find nobody would look splendid.
func (b *bench) reached(ctx context.Context, events int64) error {
	st, err := b.n.engine.Status(ctx)
	if err == nil && st.Metrics.Inputs < events*9/10 {
		err = fmt.Errorf("bench: of %d events only %d were decided on", events, st.Metrics.Inputs)
	}
	return err
}

func (b *bench) submit(ctx context.Context, events []domain.Event) error {
	receipts, err := b.n.engine.EventsSubmit(ctx, events)
	if err != nil {
		return err
	}
	for i := range receipts {
		if receipts[i].Err != nil {
			return receipts[i].Err
		}
	}
	return nil
}

// sides runs a function on several goroutines and joins their errors.
func (b *bench) sides(n int, run func(side int) error) error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for side := range n {
		wg.Go(func() { errs[side] = run(side) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// paced hands batches in at a steady rate until done says so, and returns how
// long each took from when it should have begun: a queue that grows shows.
func (b *bench) paced(ctx context.Context, perSecond float64, serial *atomic.Int64, done func() bool) ([]time.Duration, error) {
	every := time.Duration(float64(eventBatch) / max(perSecond, 1) * float64(time.Second))
	start := time.Now()
	var next atomic.Int64
	var mu sync.Mutex
	var took []time.Duration
	err := b.sides(benchSides*4, func(side int) error {
		r := rand.New(rand.NewPCG(uint64(side), 2))
		for {
			due := start.Add(time.Duration(next.Add(1)-1) * every)
			time.Sleep(time.Until(due))
			if done() || ctx.Err() != nil {
				return ctx.Err()
			}
			if err := b.submit(ctx, b.orderEvents(r, serial)); err != nil {
				return err
			}
			mu.Lock()
			took = append(took, time.Since(due))
			mu.Unlock()
		}
	})
	slices.Sort(took)
	return took, err
}

func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

// drain waits until the replies have left that full speed left behind: events
// are taken in before replies are sent.
func (b *bench) drain(ctx context.Context, rep *benchReport) error {
	start := time.Now()
	first, err := b.idle(ctx)
	if err != nil {
		return err
	}
	rep.EffectsPerSecond = float64(first) / max(time.Since(start).Seconds(), 1e-3)
	rep.WholeCPU = float64((cpuTime() - b.began.client).Microseconds()) / float64(max(rep.Events, 1))
	rep.WholeServerCPU = float64((b.serverCPU(ctx) - b.began.server).Microseconds()) / float64(max(rep.Events, 1))
	return nil
}

// idle waits until nothing waits to leave, and returns how much there was.
func (b *bench) idle(ctx context.Context) (first int64, err error) {
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		st, err := b.n.engine.Status(ctx)
		if err != nil {
			return first, err
		}
		left := st.Counts.EffectsPending
		first = max(first, left)
		if left == 0 {
			return first, nil
		}
		if time.Since(start) > drainLimit {
			return first, fmt.Errorf("bench: %d of %d effects were still waiting after %v", left, first, drainLimit)
		}
	}
}

// half measures the latency at half of the full speed.
func (b *bench) half(ctx context.Context, d time.Duration, rep *benchReport) error {
	var serial atomic.Int64
	serial.Store(1 << 40)
	rep.HalfPerSecond = rep.EventsPerSecond / 2
	until := time.Now().Add(d)
	took, err := b.paced(ctx, rep.HalfPerSecond, &serial, func() bool { return time.Now().After(until) })
	rep.P50, rep.P99 = ms(quantile(took, 0.5)), ms(quantile(took, 0.99))
	return err
}

// posts hands posts in at full speed: half ask about their order, half write
// about something else.
func (b *bench) posts(ctx context.Context, d time.Duration, rep *benchReport) error {
	texts := []string{
		"where is my order %s? it should have been here on monday", "thanks, %s came today, all good",
		"my order %s arrived damaged, what now?", "how long does delivery take? I want to order a rug",
	}
	var serial atomic.Int64
	before, start := cpuTime(), time.Now()
	err := b.sides(benchSides, func(side int) error {
		r := rand.New(rand.NewPCG(uint64(side), 3))
		for time.Since(start) < d {
			batch := make([]domain.Post, postBatch)
			for i := range batch {
				who := r.IntN(b.cmd.Advocates - b.cmd.Fanout)
				text := texts[r.IntN(len(texts))]
				if i%2 == 0 {
					text = fmt.Sprintf(texts[r.IntN(3)], benchOrder(who))
				}
				batch[i] = domain.Post{
					Network: benchNetwork, ID: fmt.Sprintf("p%d", serial.Add(1)), Author: domain.Author{ID: benchAuthor(who), Handle: benchAuthor(who)},
					Text: text, Visibility: domain.Private,
				}
			}
			receipts, err := b.n.engine.PostsSubmit(ctx, batch)
			if err != nil {
				return err
			}
			for i := range receipts {
				if receipts[i].Err != nil {
					return receipts[i].Err
				}
			}
		}
		return nil
	})
	took := time.Since(start)
	rep.PostsPerSecond = float64(serial.Load()) / took.Seconds()
	rep.PostCPU = float64((cpuTime() - before).Microseconds()) / float64(max(serial.Load(), 1))
	return err
}

// fanout tells one recall to many, while the others' events go on at a
// quarter of the full speed.
func (b *bench) fanout(ctx context.Context, rep *benchReport) error {
	var serial atomic.Int64
	serial.Store(1 << 41)
	var finished atomic.Bool
	told := make(chan error, 1)
	start := time.Now()
	go func() {
		defer finished.Store(true)
		told <- b.recall(ctx, start, rep)
	}()
	took, err := b.paced(ctx, rep.EventsPerSecond/4, &serial, finished.Load)
	rep.FanoutOtherP99 = ms(quantile(took, 0.99))
	return errors.Join(err, <-told)
}

// recall submits the notice and waits until every subscriber's advocate has
// decided on it.
func (b *bench) recall(ctx context.Context, start time.Time, rep *benchReport) error {
	e := domain.Event{Source: "bench", ID: "recall", Type: "recall.issued", SKU: benchSKU, Time: time.Now().UTC(), Data: []byte(`{"reason":"may overheat"}`)}
	if err := b.submit(ctx, []domain.Event{e}); err != nil {
		return err
	}
	rep.FanoutAcceptedMS = ms(time.Since(start))
	for time.Since(start) < fanoutLimit {
		left := 0
		err := b.n.store.View(ctx, func(r store.Reader) error {
			rows, err := r.FanoutList(1)
			if err != nil {
				return err
			}
			inbox, err := r.InboxSize()
			left = len(rows) + inbox
			return err
		})
		if err != nil {
			return err
		}
		if left == 0 {
			rep.FanoutSeconds = time.Since(start).Seconds()
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	return fmt.Errorf("the recall was not told to everybody within %s", fanoutLimit)
}
