package scenario

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/social"
)

// sent is a message that reached its network.
type sent struct {
	social.Message
	template string
}

// period is what happened in a step, or in the whole scenario.
type period struct {
	replies   []sent
	work      []domain.WorkItem // the newest row of each, in order of first appearance
	created   int               // work items that were made in it
	lookups   []domain.Lookup
	subs      []domain.Subscription
	promises  []domain.Promise // the newest state of each that changed
	made      int              // promises that were made in it
	aside     []string
	records   []*domain.Record
	suggested []proposal // replies decided, sent or not
}

// proposal is a reply that was decided.
type proposal struct {
	*domain.Effect
	decided time.Time
	zone    *time.Location // the customer's, or the company's: whose quiet hours it waits for
}

// held says until when it waits, by the clock that its quiet hours go by; "" if it may leave at
// once.
func (p *proposal) held() string {
	if !p.NotBefore.After(p.decided) {
		return ""
	}
	return p.Reply.Template + " is held until " + p.NotBefore.In(p.zone).Format("Mon 2 Jan 15:04 MST")
}

// recorder gathers what the engine decided and what its networks were sent.
type recorder struct {
	mu       sync.Mutex
	step     *period
	whole    *period
	replies  map[string]*domain.Reply // by effect
	works    map[string]bool          // seen before
	promises map[string]domain.PromiseState
	cases    map[string]domain.Case
	order    []string // cases, oldest first
	fallback string   // the zone of customers whose own is unknown
}

func newRecorder(fallback string) *recorder {
	return &recorder{
		fallback: fallback,
		step:     &period{}, whole: &period{}, replies: map[string]*domain.Reply{}, works: map[string]bool{},
		promises: map[string]domain.PromiseState{}, cases: map[string]domain.Case{},
	}
}

// begin starts a step.
func (r *recorder) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.step = &period{}
}

func (r *recorder) both(f func(*period)) {
	f(r.step)
	f(r.whole)
}

// setAside notes a post that intake itself set aside.
func (r *recorder) setAside(reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.both(func(p *period) { p.aside = append(p.aside, reason) })
}

// observe is the engine's observer.
func (r *recorder) observe(c engine.Change) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.both(func(p *period) { p.records = append(p.records, c.Record) })
	for i := range c.Record.Entries {
		if e := &c.Record.Entries[i]; e.Kind == domain.EntryAside {
			r.both(func(p *period) { p.aside = append(p.aside, e.Text) })
		}
	}
	d := c.Decision
	if d == nil {
		return
	}
	zone := domain.Zone(d.Next.Customer.TimeZone, r.fallback)
	for i := range d.Effects {
		e := &d.Effects[i]
		switch {
		case e.Reply != nil:
			r.replies[e.ID] = e.Reply
			r.both(func(p *period) { p.suggested = append(p.suggested, proposal{e, c.Record.At, zone}) })
		case e.Lookup != nil:
			r.both(func(p *period) { p.lookups = append(p.lookups, *e.Lookup) })
		}
	}
	for i := range d.WorkItems {
		r.workItem(&d.WorkItems[i])
	}
	r.both(func(p *period) { p.subs = append(p.subs, d.Subscribe...) })
	for i := range d.Archived {
		r.takeCase(&d.Archived[i])
	}
	for i := range d.Next.Cases {
		r.takeCase(&d.Next.Cases[i])
	}
}

func (r *recorder) workItem(w *domain.WorkItem) {
	isNew := !r.works[w.ID]
	r.works[w.ID] = true
	r.both(func(p *period) {
		if isNew {
			p.created++
		}
		if i := slices.IndexFunc(p.work, func(x domain.WorkItem) bool { return x.ID == w.ID }); i >= 0 {
			p.work[i] = *w
			return
		}
		p.work = append(p.work, *w)
	})
}

func (r *recorder) takeCase(c *domain.Case) {
	if _, known := r.cases[c.ID]; !known {
		r.order = append(r.order, c.ID)
	}
	kept := *c
	kept.Promises = slices.Clone(c.Promises)
	r.cases[c.ID] = kept
	for _, pr := range kept.Promises {
		before, known := r.promises[pr.ID]
		if known && before == pr.State {
			continue
		}
		r.promises[pr.ID] = pr.State
		r.both(func(p *period) {
			if !known {
				p.made++
			}
			if i := slices.IndexFunc(p.promises, func(x domain.Promise) bool { return x.ID == pr.ID }); i >= 0 {
				p.promises[i] = pr
				return
			}
			p.promises = append(p.promises, pr)
		})
	}
}

// newestCase is the case that was opened last; nil before the first.
func (r *recorder) newestCase() *domain.Case {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.order) == 0 {
		return nil
	}
	c := r.cases[r.order[len(r.order)-1]]
	return &c
}

// askedCase is the newest case whose customer was asked how it went; nil if
// there is none.
func (r *recorder) askedCase() *domain.Case {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range slices.Backward(r.order) {
		if c := r.cases[id]; c.Rating != nil && !c.Rating.AskedAt.IsZero() {
			return &c
		}
	}
	return nil
}

// openWorkItem is the newest open work item, of a kind if one is given.
func (r *recorder) openWorkItem(kind domain.WorkItemKind) *domain.WorkItem {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := len(r.whole.work) - 1; i >= 0; i-- {
		if w := r.whole.work[i]; !w.State.Final() && (kind == "" || w.Kind == kind) {
			return &w
		}
	}
	return nil
}

// network keeps what it is sent.
type network struct {
	name string
	log  *recorder
	seen map[string]social.Sent // by key
}

var _ social.Network = (*network)(nil)

func (n *network) Name() string    { return n.name }
func (n *network) Account() string { return "" }

func (n *network) Capabilities() social.Capabilities {
	return social.Capabilities{PublicReply: true, PrivateMessage: true, Settles: true}
}

// Send implements social.Network.
func (n *network) Send(_ context.Context, m social.Message) (social.Sent, error) {
	n.log.mu.Lock()
	defer n.log.mu.Unlock()
	if s, again := n.seen[m.Key]; again {
		return s, nil
	}
	s := social.Sent{PostID: fmt.Sprintf("%s-reply-%d", n.name, len(n.seen)+1)}
	n.seen[m.Key] = s
	out := sent{Message: m}
	if r := n.log.replies[m.Key]; r != nil {
		out.template = r.Template
	}
	n.log.both(func(p *period) { p.replies = append(p.replies, out) })
	return s, nil
}

// story tells which inputs came, which rules fired and what they did, and
// what was held back.
func (r *recorder) story(p *period) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, rec := range p.records {
		for i := range rec.Inputs {
			out = append(out, "input: "+inputLine(&rec.Inputs[i]))
		}
		for _, t := range rec.Rules {
			line := fmt.Sprintf("rule %s (line %d) %s", t.Rule, t.Line, t.Outcome)
			if len(t.Did) > 0 {
				line += ": " + strings.Join(t.Did, "; ")
			}
			if t.Error != "" {
				line += ": " + t.Error
			}
			out = append(out, line)
		}
		for _, e := range rec.Effects {
			if e.Suppressed != "" {
				out = append(out, fmt.Sprintf("held back: %s %s: %s", e.Kind, e.What, e.Suppressed))
			}
		}
		for _, e := range rec.Entries {
			switch e.Kind {
			case domain.EntryCase, domain.EntryAside, domain.EntryNotSent, domain.EntryAlarm:
				out = append(out, strings.TrimSpace(fmt.Sprintf("%s: %s %s", e.Kind, e.What, e.Text)))
			}
		}
	}
	for i := range p.suggested {
		if until := p.suggested[i].held(); until != "" {
			out = append(out, "reply "+until)
		}
	}
	if len(out) == 0 {
		return []string{"nothing was decided"}
	}
	return out
}

func inputLine(in *domain.Input) string {
	switch {
	case in.Post != nil:
		line := fmt.Sprintf("%s post %q", in.Post.Visibility, domain.Clip(in.Post.Text, 80))
		if m := in.Understanding; m != nil {
			line += fmt.Sprintf(" (understood as %s %.2f, %s, %s urgency, needs somebody: %v, topics %v)",
				m.Intent, m.IntentConfidence, m.Sentiment, m.Urgency, m.NeedsAgent, m.Topics)
		}
		return line
	case in.Event != nil:
		return "event " + in.Event.Type
	case in.Answer != nil:
		return fmt.Sprintf("answer of %s, found: %v %s", in.Answer.Component, in.Answer.Found, in.Answer.Error)
	case in.Outcome != nil:
		return fmt.Sprintf("outcome of a %s: %s %s", in.Outcome.Kind, in.Outcome.State, in.Outcome.Reason)
	case in.Command != nil:
		return fmt.Sprintf("command %s by %s", in.Command.Kind, in.Command.By)
	}
	return string(in.Kind)
}
