package engine

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// Status is how the engine stands.
type Status struct {
	Running       bool           `json:"running"`
	Playbook      PlaybookStatus `json:"playbook"`
	Switches      []store.Switch `json:"switches,omitempty"`
	Stopped       bool           `json:"stopped"` // the switch that stops all sending is on
	Store         StoreStatus    `json:"store"`
	Counts        store.Counts   `json:"counts"`
	Queued        int            `json:"queued"`         // items waiting for the next group commit
	OldestPending time.Duration  `json:"oldest_pending"` // how long the longest-ready input has waited
	Overdue       time.Duration  `json:"overdue"`        // how late the most overdue timer is
	Fanouts       int            `json:"fanouts"`        // events still being handed out; 100 means "or more"
	CatchUps      int            `json:"catch_ups"`      // subscriptions still catching up; 100 means "or more"
	Stuck         []Stuck        `json:"stuck,omitempty"`
	Metrics       Counters       `json:"metrics"`
}

// PlaybookStatus is the playbook that decides now.
type PlaybookStatus struct {
	Name    string `json:"name"`
	Version int64  `json:"version"`
	Hash    string `json:"hash"`
	Broken  int64  `json:"broken,omitempty"` // an active version that does not compile; the one before stays in use
}

// Stuck is a customer whose inputs cannot be decided until somebody looks.
type Stuck struct {
	Customer domain.CustomerID `json:"customer_id"`
	Since    time.Time         `json:"since"`
	Reason   string            `json:"reason"`
}

// Status reads how the engine stands. It costs a few counts and, every few
// seconds, a small write that shows whether the store takes one; it is meant
// for every few seconds, not for every request.
func (e *Engine) Status(ctx context.Context) (Status, error) {
	s := Status{Running: e.loops.on.Load()}
	s.Queued, s.Stuck, s.Metrics = e.intake.size(), e.stuck.list(), e.metrics.snapshot()
	s.Playbook.Broken = e.brokenSeen.Load()
	if l := e.playbook.Load(); l != nil {
		s.Playbook.Name, s.Playbook.Version, s.Playbook.Hash = l.name, l.version, l.pb.Hash()
	}
	s.Store = e.storeStatus(ctx)
	now := e.clock.Now()
	err := e.store.View(ctx, func(r store.Reader) error {
		ready, err := r.InboxNext()
		if err != nil {
			return err
		}
		due, err := r.DueNext()
		if err != nil {
			return err
		}
		s.OldestPending, s.Overdue = late(ready, now), late(due, now)
		if s.Counts, err = r.Counts(); err != nil {
			return err
		}
		if s.Switches, err = r.SwitchList(); err != nil {
			return err
		}
		fanouts, err := r.FanoutList(100)
		if err != nil {
			return err
		}
		catchUps, err := r.CatchUpList(100)
		s.Fanouts, s.CatchUps = len(fanouts), len(catchUps)
		return err
	})
	for _, sw := range s.Switches {
		s.Stopped = s.Stopped || sw.Scope == "all" && sw.Mode == ModeStopped
	}
	return s, e.edge("read the status", err)
}

// late is how long a time has passed, zero when there is none.
func late(t, now time.Time) time.Duration {
	if t.IsZero() {
		return 0
	}
	return max(0, now.Sub(t))
}

// stuckSet remembers who cannot be decided about, at most maxStuck of them.
type stuckSet struct {
	mu sync.Mutex
	by map[domain.CustomerID]Stuck
}

const maxStuck = 1000

func (s *stuckSet) add(e *Engine, id domain.CustomerID, at time.Time, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.by[id]; known || len(s.by) >= maxStuck {
		return
	}
	if s.by == nil {
		s.by = map[domain.CustomerID]Stuck{}
	}
	s.by[id] = Stuck{Customer: id, Since: at, Reason: why}
	e.metrics.alarms.Add(1)
	e.log.Error("a customer's inputs cannot be decided", "customer_id", id, "why", why)
}

func (s *stuckSet) remove(id domain.CustomerID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.by, id)
}

func (s *stuckSet) list() []Stuck {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Stuck
	for _, x := range s.by {
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b Stuck) int { return cmp.Compare(a.Customer, b.Customer) })
	return out
}
