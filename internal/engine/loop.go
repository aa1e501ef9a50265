package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/store"
)

// How often the loops look by themselves for what no signal tells of: work of
// other nodes, leases of nodes that are gone, a playbook another process
// published.
const (
	pollWork     = 15 * time.Second
	pollPlaybook = 5 * time.Second
	pruneEvery   = time.Hour
)

// loops is what runs between Start and Stop.
type loops struct {
	mu     sync.Mutex
	on     atomic.Bool
	cancel context.CancelFunc // ends the loops
	kill   context.CancelFunc // ends what they have under way
	wg     sync.WaitGroup
}

// Start begins the loops: advocates with ready inputs, timers, fan-outs and
// catching up; the outbox; the networks that bring posts by themselves; and
// housekeeping. A second Start does nothing. The loops outlive ctx; Stop ends
// them.
func (e *Engine) Start(ctx context.Context) error {
	e.loops.mu.Lock()
	defer e.loops.mu.Unlock()
	if e.loops.on.Load() {
		return nil
	}
	if err := e.playbookReload(ctx); err != nil && domain.ErrorCode(err) != domain.CodeNotFound {
		return err
	}
	base := context.WithoutCancel(ctx)
	loop, cancel := context.WithCancel(base)
	work, kill := context.WithCancel(base)
	e.loops.cancel, e.loops.kill = cancel, kill
	e.loops.on.Store(true)
	e.intake.close(false)
	run := func(name string, f func()) {
		e.loops.wg.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					e.log.Error("a loop panicked", "loop", name, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
				}
			}()
			f()
		})
	}
	run("scheduler", func() { e.schedule(loop) })
	stands, leave := context.WithCancel(base) // until the outbox has ended
	run("outbox", func() {
		defer leave()
		e.dispatchLoop(loop, work)
	})
	if leaser := e.shared(); leaser != nil {
		run("standing", func() { e.stand(stands, leaser) })
		run("reaper", func() { e.reap(loop, leaser) })
	}
	run("housekeeping", func() { e.housekeep(loop) })
	run("late posts", func() { e.takeLates(loop) })
	run("prune", func() { e.Alone(loop, "prune", e.prune) })
	if w, ok := e.store.(store.Waker); ok {
		run("wake-ups", func() { e.listen(loop, w) })
	}
	for k, n := range e.networks {
		if r, ok := n.(social.Runner); ok {
			run("network "+k.name, func() {
				e.Alone(loop, "network "+k.name+" "+k.account, func(ctx context.Context) { e.runNetwork(ctx, k, n, r) })
			})
		}
	}
	return nil
}

// Stop ends the loops and waits for them and for what is being carried out.
// When ctx ends first, what is under way is cut off: its leases end and it is
// carried out again after the next start. New requests are refused from the
// beginning of Stop on. A second Stop does nothing.
func (e *Engine) Stop(ctx context.Context) error {
	e.loops.mu.Lock()
	defer e.loops.mu.Unlock()
	if !e.loops.on.Load() {
		return nil
	}
	e.intake.close(true)
	e.loops.cancel()
	done := make(chan struct{})
	go func() {
		e.loops.wg.Wait()
		close(done)
	}()
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = e.edge("stop", ctx.Err())
		e.loops.kill()
		<-done
	}
	e.loops.kill()
	e.loops.on.Store(false)
	// A request that was queued when intake closed still has its caller to
	// commit it; wait until the last one has.
	for range cap(e.leaders) {
		e.leaders <- struct{}{}
	}
	for range cap(e.leaders) {
		<-e.leaders
	}
	return err
}

// guarded runs one step of a loop; a panic is an error.
func (e *Engine) guarded(ctx context.Context, step func(context.Context) (int, error)) (n int, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return step(ctx)
}

// lane of the scheduler: a step, and how many of it run beside each other.
type schedulerLane struct {
	step  func(context.Context) (int, error)
	batch int // what one run finds at most
	most  int // runs beside each other
	width int
}

// run runs the step as many times beside itself as there was enough to do for
// the last time.
func (l *schedulerLane) run(ctx context.Context, e *Engine) (did int, err error) {
	if l.width <= 1 {
		did, err = e.guarded(ctx, l.step)
	} else {
		found, errs := make([]int, l.width), make([]error, l.width)
		var wg sync.WaitGroup
		for i := range l.width {
			wg.Go(func() { found[i], errs[i] = e.guarded(ctx, l.step) })
		}
		wg.Wait()
		for _, n := range found {
			did += n
		}
		err = errors.Join(errs...)
	}
	switch {
	case did >= l.width*l.batch:
		l.width = min(2*l.width, l.most)
	case did < l.width*l.batch/2:
		l.width = max(1, l.width/2)
	}
	return did, err
}

const (
	// elsewhere is how long work that is ready and cannot be had is left to the
	// node that has it.
	elsewhere = 50 * time.Millisecond
	// othersWork is how long at the most a node leaves to the others what they
	// say there is: they look themselves, at once, and on a busy cluster they
	// say so all the time.
	othersWork = 200 * time.Millisecond
	wakesApart = 20 * time.Millisecond
)

// schedule takes turns over everything that decides, so that none of it
// starves another, and sleeps when there is nothing.
func (e *Engine) schedule(ctx context.Context) {
	beside := 1
	if !e.store.Serial() {
		beside = max(1, e.turns/2)
	}
	lanes := []*schedulerLane{
		{step: e.StepReady, batch: readyBatch, most: beside, width: 1},
		{step: e.StepDue, batch: dueBatch, most: beside, width: 1},
		{step: e.StepCatchUp, batch: catchUpBatch, most: 1, width: 1},
		{step: e.StepFanout, batch: 1, most: 1, width: 1},
	}
	pause := pauser{}
	for ctx.Err() == nil {
		e.due.pass(e.clock.Now())
		did, failed := 0, false
		for _, l := range lanes {
			n, err := l.run(ctx, e)
			did += n
			if err != nil && ctx.Err() == nil {
				failed = true
				e.log.ErrorContext(ctx, "a turn failed; it is tried again in a moment", "error", err)
			}
		}
		if did > 0 && !failed {
			pause.reset()
			continue
		}
		now := e.clock.Now()
		until := now.Add(pollWork)
		if failed {
			until = now.Add(pause.next())
		} else {
			pause.reset()
			if at, err := e.nextDecision(ctx); err == nil && !at.IsZero() && at.Before(until) {
				until = at
			}
			if soon := now.Add(elsewhere); !e.store.Serial() && until.Before(soon) {
				until = soon
			}
		}
		e.sleep(ctx, &e.due, until)
	}
}

// listen looks for work when another process says that there may be some.
func (e *Engine) listen(ctx context.Context, w store.Waker) {
	var looked time.Time
	var later <-chan time.Time
	look := func() {
		looked, later = time.Now(), nil
		e.due.ring()
		e.effects.ring()
	}
	for wakes := w.Wakes(ctx); ; {
		select {
		case _, open := <-wakes:
			if !open {
				return
			}
			if e.woken != nil {
				e.woken()
			}
			if rest := othersWork - time.Since(looked); rest <= 0 {
				look()
			} else if later == nil {
				later = time.After(rest)
			}
			pause(ctx, wakesApart)
		case <-later:
			look()
		}
	}
}

// sleep waits until a time or until the hint tells of earlier work.
func (e *Engine) sleep(ctx context.Context, w *wakeHint, until time.Time) {
	alarm, stop := e.clock.Alarm(w.arm(until))
	defer stop()
	defer w.disarm()
	select {
	case <-ctx.Done():
	case <-alarm:
	case <-w.bell:
	}
}

// pauser lengthens the pause after each failure in a row.
type pauser struct{ n int }

func (p *pauser) reset() { p.n = 0 }

func (p *pauser) next() time.Duration {
	p.n = min(p.n+1, 8)
	return 50 * time.Millisecond << p.n
}

// housekeep notices playbooks published by others.
func (e *Engine) housekeep(ctx context.Context) {
	for {
		alarm, stop := e.clock.Alarm(e.clock.Now().Add(pollPlaybook))
		select {
		case <-ctx.Done():
			stop()
			return
		case <-alarm:
		}
		if err := e.playbookReload(ctx); err != nil && domain.ErrorCode(err) != domain.CodeNotFound && ctx.Err() == nil {
			e.log.WarnContext(ctx, "the active playbook cannot be looked at; what was loaded decides", "error", err)
		}
		if e.shared() == nil {
			continue // nobody else learns anything
		}
		if err := e.loadOwns(ctx); err != nil && ctx.Err() == nil {
			e.log.WarnContext(ctx, "who our accounts are cannot be read", "error", err)
		}
	}
}

// NextWake is when there will be something to do: the earliest ready input,
// due timer or effect that may be tried, and now while an event is being
// handed out in chunks; zero for never. What is waiting for a person or a
// switch does not count.
func (e *Engine) NextWake(ctx context.Context) (time.Time, error) {
	at, err := e.nextDecision(ctx)
	if err != nil {
		return time.Time{}, err
	}
	effect, err := e.nextEffect(ctx)
	if err != nil {
		return time.Time{}, err
	}
	return earlier(at, effect), nil
}

// nextDecision is when an input is ready or a timer due: now while a fan-out
// is open.
func (e *Engine) nextDecision(ctx context.Context) (time.Time, error) {
	var at time.Time
	err := e.store.View(ctx, func(r store.Reader) error {
		ready, err := r.InboxNext()
		if err != nil {
			return err
		}
		due, err := r.DueNext()
		if err != nil {
			return err
		}
		at = earlier(ready, due)
		fanout, err := r.FanoutList(1)
		if len(fanout) > 0 {
			at = e.clock.Now()
		}
		return err
	})
	return at, e.edge("look for the next wake-up", err)
}

// nextEffect is when an effect may next be tried. Of each conversation only
// the first counts; the ones behind it wait for it. It looks at the whole
// outbox.
func (e *Engine) nextEffect(ctx context.Context) (time.Time, error) {
	var at time.Time
	err := e.store.View(ctx, func(r store.Reader) error {
		at = time.Time{}
		switches, err := readSwitches(r)
		if err != nil {
			return err
		}
		heads := map[string]store.EffectRow{}
		after := ""
		for {
			rows, err := r.EffectList(store.EffectListParams{After: after, Limit: 500})
			if err != nil {
				return err
			}
			for _, row := range rows {
				after = row.ID
				key := row.Conversation
				if key == "" {
					key = "\x00" + row.ID
				}
				if h, ok := heads[key]; !ok || row.Ordinal < h.Ordinal {
					heads[key] = row
				}
			}
			if len(rows) < 500 {
				break
			}
		}
		for _, h := range heads {
			switch h.State {
			case domain.EffectPending:
				if switches.mode(&h.Effect) != ModeStopped {
					at = earlier(at, h.NotBefore)
				}
			case domain.EffectSending:
				at = earlier(at, h.Lease)
			}
		}
		return nil
	})
	return at, e.edge("look for the next effect", err)
}

// earlier is the earlier of two times, where zero is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
