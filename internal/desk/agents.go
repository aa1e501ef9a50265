package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
	"github.com/contact-advocate/advocate/internal/store"
)

// EventAgentChanged tells that an agent, or what it is doing, has changed. Its
// data are agent, queues, activity, since (RFC 3339), reason, disabled and by.
const EventAgentChanged = "advocate.agent.changed"

// missedLimit is how many offers in a row an agent may let run out before no
// more are made: whoever does not answer is not there.
const missedLimit = 2

// Agents keeps the agents. Each change is an event of the log, written with it.
type Agents struct {
	store  store.Store
	now    func() time.Time
	policy func() *domain.Policy
}

// NewAgents makes an Agents over a store.
func NewAgents(st store.Store, now func() time.Time, policy func() *domain.Policy) *Agents {
	if st == nil || now == nil || policy == nil {
		panic("desk: NewAgents needs a store, a clock and a policy")
	}
	return &Agents{store: st, now: now, policy: policy}
}

// Get reads one agent; CodeNotFound when there is none.
func (s *Agents) Get(ctx context.Context, id string) (a domain.Agent, err error) {
	err = s.store.View(ctx, func(r store.Reader) error {
		docs, err := r.DocumentGet(store.AgentKind, []string{id})
		if err == nil {
			a, err = store.AgentOf(docs[0])
		}
		return err
	})
	if err == nil && a.ID == "" {
		err = domain.Errorf(domain.CodeNotFound, "there is no agent %.60q", id)
	}
	return a, err
}

// List pages through the agents by id.
func (s *Agents) List(ctx context.Context, after string, limit int) (out []domain.Agent, err error) {
	err = s.store.View(ctx, func(r store.Reader) error {
		out = nil
		return eachAgent(r, after, limit, func(a domain.Agent) { out = append(out, a) })
	})
	return out, err
}

// eachAgent calls f with up to limit agents.
func eachAgent(r store.Reader, after string, limit int, f func(domain.Agent)) error {
	docs, err := r.DocumentList(store.DocumentListParams{Kind: store.AgentKind, After: after, Limit: limit})
	if err != nil {
		return err
	}
	for i := range docs {
		a, err := store.AgentOf(docs[i])
		if err != nil {
			return err
		}
		f(a)
	}
	return nil
}

// Put writes an agent as somebody typed it in: its queues, skills, languages,
// capacity, name and whether it is disabled. What it is doing stays. Version is
// the one that was read, 0 for a new one; another is CodeConflict.
func (s *Agents) Put(ctx context.Context, a domain.Agent, by string) (domain.Agent, error) {
	return s.change(ctx, a.ID, by, func(had domain.Agent) (domain.Agent, error) {
		switch {
		case a.Version != had.Version && had.ID == "":
			return a, domain.Errorf(domain.CodeNotFound, "there is no agent %.60q", a.ID)
		case a.Version != had.Version:
			return a, domain.Errorf(domain.CodeConflict, "the agent %.60q has changed since; read it again (it is at version %d)", a.ID, had.Version)
		}
		a.Activity, a.ActivitySince, a.ActivityWhy, a.Missed = had.Activity, had.ActivitySince, had.ActivityWhy, had.Missed
		if had.ID == "" || a.Disabled {
			a.Activity, a.ActivitySince, a.ActivityWhy, a.Missed = domain.ActivityOffline, s.now(), "", 0
		}
		return a, nil
	})
}

// SetActivity says what an agent is doing. To say the same again changes
// nothing but forgets missed offers.
func (s *Agents) SetActivity(ctx context.Context, id string, activity domain.Activity, why, by string) (domain.Agent, error) {
	return s.change(ctx, id, by, func(a domain.Agent) (domain.Agent, error) {
		switch {
		case a.ID == "":
			return a, domain.Errorf(domain.CodeNotFound, "there is no agent %.60q", id)
		case a.Disabled && activity != domain.ActivityOffline:
			return a, domain.Errorf(domain.CodeConflict, "the agent %.60q is disabled", id)
		}
		if a.Activity != activity {
			a.ActivitySince = s.now()
		}
		a.Activity, a.ActivityWhy, a.Missed = activity, domain.Clip(domain.CleanText(why), 200), 0
		return a, nil
	})
}

// missed counts an offer that ran out, answered one that was taken up. After
// missedLimit in a row the agent counts as away until they say otherwise.
func (s *Agents) missed(ctx context.Context, id string) error {
	_, err := s.change(ctx, id, Name, func(a domain.Agent) (domain.Agent, error) {
		if a.ID == "" || a.Activity != domain.ActivityAvailable {
			return a, errSame
		}
		if a.Missed++; a.Missed >= missedLimit {
			a.Activity, a.ActivitySince = domain.ActivityBreak, s.now()
			a.ActivityWhy = said.OffersMissed.Text(strconv.Itoa(a.Missed))
			a.Missed = 0
		}
		return a, nil
	})
	return err
}

func (s *Agents) answered(ctx context.Context, id string) error {
	_, err := s.change(ctx, id, Name, func(a domain.Agent) (domain.Agent, error) {
		if a.ID == "" || a.Missed == 0 {
			return a, errSame
		}
		a.Missed = 0
		return a, nil
	})
	return err
}

// errSame is a change's word that there is nothing to write.
var errSame = errors.New("desk: unchanged")

// change writes what f makes of an agent, with the event that tells of it.
func (s *Agents) change(ctx context.Context, id, by string, f func(domain.Agent) (domain.Agent, error)) (out domain.Agent, err error) {
	err = s.store.Update(ctx, func(tx store.Tx) error {
		docs, err := tx.DocumentLock(store.AgentKind, []string{id})
		if err != nil {
			return err
		}
		had, err := store.AgentOf(docs[0])
		if err != nil {
			return err
		}
		if out, err = f(had); err != nil {
			return err
		}
		if err := out.Validate(s.policy().Queues); err != nil {
			return err
		}
		now := s.now()
		out.Version = had.Version
		d, err := store.AgentDocument(out)
		if err != nil {
			return err
		}
		d.UpdatedAt = now
		put := []store.Document{d}
		if err := tx.DocumentPut(put); err != nil {
			return err
		}
		out.Version = put[0].Version
		return tx.EventAppend([]domain.Event{agentEvent(out, now, by)})
	})
	switch {
	case errors.Is(err, errSame):
		return out, nil
	case errors.Is(err, store.ErrConflict):
		return out, domain.Errorf(domain.CodeConflict, "the agent %.60q has changed since; read it again", id)
	}
	return out, err
}

func agentEvent(a domain.Agent, now time.Time, by string) domain.Event {
	data, _ := json.Marshal(map[string]any{
		"agent": a.ID, "queues": a.Queues, "activity": a.Activity, "since": a.ActivitySince.UTC().Format(time.RFC3339), "reason": a.ActivityWhy, "disabled": a.Disabled, "by": by,
	})
	return domain.Event{
		Source: "advocate", ID: fmt.Sprintf("agent-%s-%d", a.ID, a.Version), Type: EventAgentChanged, Time: now, Accepted: now, Data: data,
	}
}
