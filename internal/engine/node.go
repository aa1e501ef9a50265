package engine

import (
	"context"
	"crypto/rand"
	"errors"
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
type footing struct {
	name string
	ctx  context.Context // ends with it
}

// shared is the store as one that other nodes use as well; nil for another.
func (e *Engine) shared() store.Leaser {
	l, _ := e.store.(store.Leaser)
	return l
}

// stand keeps the node's lease until ctx ends, and tells the dispatcher.
func (e *Engine) stand(ctx context.Context, leaser store.Leaser) {
	failing := false
	for ctx.Err() == nil {
		name, asked := nodePrefix+rand.Text(), time.Now()
		ask, cancel := context.WithTimeout(ctx, nodeLease/2)
		l, ok, err := leaser.LeaseTake(ask, name, name, nodeLease)
		cancel()
		if err != nil && ctx.Err() == nil && !failing {
			e.log.WarnContext(ctx, "this node cannot take a lease, and sends nothing until it has one", "error", err)
		}
		if failing = err != nil; ok && !failing {
			e.hold(ctx, leaser, &held{Lease: l, lasts: nodeLease, ends: asked.Add(nodeLease)}, func(under context.Context) {
				e.footing.Store(&footing{name, under})
				e.effects.ring()
				<-under.Done()
				e.footing.Store(nil)
			})
		}
		pause(ctx, nodeLook)
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
