package sim

import (
	"context"
	"errors"
	"math/rand/v2"

	"github.com/contact-advocate/advocate/internal/store"
)

// errCrash is what a dead process sees of everything.
var errCrash = errors.New("sim: the process died")

// process is the disk as one engine sees it. At a commit boundary it may die:
// before the commit nothing of the transaction is durable, after it all of it
// is and nobody is told. From then on it refuses everything, as a dead
// process does nothing; the driver makes a new one over the same disk.
type process struct {
	disk  store.Store
	rand  *rand.Rand
	odds  *float64 // of dying at one commit
	dead  bool
	after bool // it died after the commit
}

var _ store.Store = (*process)(nil)

// Update implements store.Store.
func (p *process) Update(ctx context.Context, fn func(store.Tx) error) error {
	if p.dead {
		return errCrash
	}
	die, after := p.rand.Float64() < *p.odds, p.rand.IntN(2) == 0
	err := p.disk.Update(ctx, func(tx store.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		if die && !after {
			return errCrash
		}
		return nil
	})
	if die && (err == nil || errors.Is(err, errCrash)) {
		p.dead, p.after = true, after
		return errCrash
	}
	return err
}

// note writes what a connector keeps, a commit of its own.
func (p *process) note(write func()) error {
	if p.dead {
		return errCrash
	}
	die, after := p.rand.Float64() < *p.odds, p.rand.IntN(2) == 0
	if !die || after {
		write()
	}
	if die {
		p.dead, p.after = true, after
		return errCrash
	}
	return nil
}

// View implements store.Store.
func (p *process) View(ctx context.Context, fn func(store.Reader) error) error {
	if p.dead {
		return errCrash
	}
	return p.disk.View(ctx, fn)
}

// Engine implements store.Store.
func (p *process) Engine() string { return p.disk.Engine() }

// Serial implements store.Store.
func (p *process) Serial() bool { return p.disk.Serial() }

// Close implements store.Store. The disk outlives its processes.
func (p *process) Close() error { return nil }
