package desk

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/feed"
	"github.com/contact-advocate/advocate/internal/store"
)

const (
	// Name is the author of what the desk does by itself.
	Name = "desk"
	// lease is what the cluster knows the desk's work by.
	lease = "desk"
	// offersAtOnce is how many offers are under way at the same time where
	// nothing else is asked for: they share commits.
	offersAtOnce = 32
	// offersMost is how many offers one look at the board makes: when a whole
	// shift begins, the first are not to wait for the last.
	offersMost = 200
	// restFor is how long an item that could not be offered, for a reason the
	// board does not know, is left alone.
	restFor = 5 * time.Second
	// scanPage is how many items are read at once when the board is built.
	scanPage = 1000
	// lookAtPolicy is how long another playbook's policy may go unnoticed.
	lookAtPolicy = 5 * time.Second
)

// Engine is what the desk needs of the engine.
type Engine interface {
	Command(ctx context.Context, customer domain.CustomerID, c domain.Command) error
	Alone(ctx context.Context, name string, work func(context.Context))
	Policy() *domain.Policy
}

// Options make a Desk.
type Options struct {
	Store  store.Store
	Engine Engine
	Feed   *feed.Feed // Run needs it, a Stepper does not
	Agents *Agents
	Clock  clock.Clock // the machine's where nil
	Logger *slog.Logger
	AtOnce int // offers under way at the same time, 32 where 0

	Observer Observer // nobody where nil
}

// Desk offers waiting work to agents. It only proposes: each offer is a command
// to the customer's advocate, and what the store's rows say counts.
type Desk struct {
	o       Options
	offers  atomic.Int64
	refused atomic.Int64
}

// New makes a desk; Run makes it work.
func New(o Options) *Desk {
	if o.Store == nil || o.Engine == nil || o.Agents == nil {
		panic("desk: New needs a store, an engine and agents")
	}
	if o.AtOnce <= 0 {
		o.AtOnce = offersAtOnce
	}
	if o.Clock == nil {
		o.Clock = clock.Real()
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Observer == nil {
		o.Observer = unobserved{}
	}
	return &Desk{o: o}
}

// Counts says how many offers this process has made, and how many were refused
// since the board was behind.
func (d *Desk) Counts() (offers, refused int64) { return d.offers.Load(), d.refused.Load() }

// Run offers work whenever it is this node's turn, until ctx ends.
func (d *Desk) Run(ctx context.Context) { d.o.Engine.Alone(ctx, lease, d.work) }

// work builds the board and follows the log. What fails begins anew: the board
// is nothing but a view of the store.
func (d *Desk) work(ctx context.Context) {
	for ctx.Err() == nil {
		w, err := d.open(ctx)
		if err == nil {
			err = w.follow(ctx)
		}
		if err != nil && ctx.Err() == nil {
			d.o.Logger.WarnContext(ctx, "the desk begins anew", "error", err)
			d.wait(ctx, time.Second)
		}
	}
}

// wait lets a while of the machine's time go by.
func (d *Desk) wait(ctx context.Context, t time.Duration) {
	timer := time.NewTimer(t)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
