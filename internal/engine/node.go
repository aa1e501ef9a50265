package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/store"
)

// A node sends effects under a lease of its own, which it prolongs as long as
// it lives. When that ends the node is gone, or cut off, and has stopped
// sending by itself a second before; what it had claimed is freed then, instead
// of two minutes after it was claimed.
//
// A node that was cut off together with all others, since the database was
// away, must get the time to write down what it has sent: a lease is reaped
// only by a node that has seen it ended for nodeGrace, in which the database
// answered every time. So what a dead node was sending leaves again within
// the sum of these.
const (
	nodeLease = 8 * time.Second
	nodeLook  = time.Second
	nodeGrace = 3 * time.Second

	nodePrefix = "node " // of the leases' names
)

// footing is a node's right to send. It ends for good: a node that lost it
// gets another one, under another name, so that what it claimed under the
// first can be told apart.
//
// A node retires its own footing when a claim failed: the claim may have taken
// place all the same, and then the node holds effects that it does not know
// of. What it does know of it ends; then it lets go of the rest.
type footing struct {
	name    string
	ctx     context.Context // ends when the lease is lost
	retired chan struct{}   // closed when nothing more may begin

	mu       sync.Mutex
	underWay int // claims, and effects of which it is not written yet what came of them
	closed   bool
	idle     chan struct{} // closed when it is closed, and nothing is under way
}

func newFooting() *footing {
	return &footing{name: nodePrefix + rand.Text(), retired: make(chan struct{}), idle: make(chan struct{})}
}

// begin says that one more thing is under way; false where nothing may be.
func (f *footing) begin() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.closed {
		f.underWay++
	}
	return !f.closed
}

// also says that n effects were claimed by what is under way already.
func (f *footing) also(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.underWay += n
}

// ended says that what came of one more effect is written, or nobody's any
// more.
func (f *footing) ended() {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.underWay--; f.underWay == 0 && f.closed {
		close(f.idle)
	}
}

// retire gives a footing up: nothing begins on it any more.
func (e *Engine) retire(f *footing) {
	if f == nil || !e.footing.CompareAndSwap(f, nil) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed = true; f.underWay == 0 {
		close(f.idle)
	}
	close(f.retired)
}

// shared is the store as one that other nodes use as well; nil for another.
func (e *Engine) shared() store.Leaser {
	l, _ := e.store.(store.Leaser)
	return l
}

// stand sees to it that the node has a footing, until ctx ends.
func (e *Engine) stand(ctx context.Context, leaser store.Leaser) {
	var standing sync.WaitGroup
	defer standing.Wait()
	failing := false
	for ctx.Err() == nil {
		f, asked := newFooting(), time.Now()
		ask, cancel := context.WithTimeout(ctx, nodeLease/2)
		l, ok, err := leaser.LeaseTake(ask, f.name, f.name, nodeLease)
		cancel()
		if err != nil && ctx.Err() == nil && !failing {
			e.log.WarnContext(ctx, "this node cannot take a lease, and sends nothing until it has one", "error", err)
		}
		if failing = err != nil; ok && !failing {
			over := make(chan struct{})
			standing.Go(func() {
				defer close(over)
				e.keepFooting(ctx, leaser, f, &held{Lease: l, lasts: nodeLease, ends: asked.Add(nodeLease)})
			})
			select {
			case <-over:
			case <-f.retired: // the next one need not wait until this one's effects have ended
			}
		}
		pause(ctx, nodeLook)
	}
}

// keepFooting lets the dispatcher work on a footing until it is lost or
// retired.
func (e *Engine) keepFooting(ctx context.Context, leaser store.Leaser, f *footing, l *held) {
	over := false // nothing of it is under way
	e.hold(ctx, leaser, l, func(under context.Context) {
		f.ctx = under
		e.footing.Store(f)
		e.effects.ring()
		select {
		case <-under.Done():
			over = ctx.Err() != nil // the outbox ended first
		case <-f.retired:
			select {
			case <-f.idle:
				over = true
			case <-under.Done():
			}
		}
		e.footing.CompareAndSwap(f, nil)
	})
	if !over {
		return // what came of its effects may still be written; see nodeGrace
	}
	if n, err := leaser.LeaseReap(context.WithoutCancel(ctx), l.Lease); err == nil && n > 0 {
		e.log.WarnContext(ctx, "effects were claimed and nobody knew; they are free again", "lease", l.Name, "effects", n)
		e.effects.ring()
	}
}

// reap frees what nodes were sending that are gone. Every node does, and the
// first one has it.
func (e *Engine) reap(ctx context.Context, leaser store.Leaser) {
	seen := map[string]time.Time{} // since when a lease is known to have ended
	for ctx.Err() == nil {
		ended, err := leaser.LeaseEnded(ctx, nodePrefix)
		if err != nil {
			clear(seen) // who else could not reach the database?
		}
		now, still := time.Now(), map[string]time.Time{}
		for _, l := range ended {
			since, known := seen[l.Name]
			if !known {
				since = now
			}
			still[l.Name] = since
			if now.Sub(since) < nodeGrace {
				continue
			}
			n, err := leaser.LeaseReap(ctx, l)
			if err == nil && n > 0 {
				e.log.WarnContext(ctx, "a node is gone; what it was sending is sent by others", "lease", l.Name, "effects", n)
				e.effects.ring()
			}
			if err != nil && !errors.Is(err, store.ErrConflict) {
				break // the database is in trouble; the next look says
			}
		}
		seen = still
		pause(ctx, nodeLook)
	}
}
