package scenario

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/component/builtin"
	"github.com/contact-advocate/advocate/internal/desk"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
	"github.com/contact-advocate/advocate/internal/understand"
	"github.com/contact-advocate/advocate/internal/virtual"
)

// by is who a scenario's given facts come from.
const by = "scenario"

// world is one scenario's engine and all around it.
type world struct {
	sc      *playbook.Scenario
	store   *memory.Store
	engine  *engine.Engine
	clock   *clock.Manual
	virtual *virtual.Engine
	log     *recorder
	reader  *overriding
	free    []func()

	posts  []domain.Post // of the scenario, in order
	events int
}

// newWorld makes the world that a scenario begins in.
func newWorld(ctx context.Context, o Options, sc *playbook.Scenario) (*world, error) {
	w := &world{sc: sc, store: memory.New(), log: newRecorder(o.Policy.TimeZone), clock: clock.NewManual(sc.Now)}
	if err := w.start(ctx, o); err != nil {
		w.close()
		return nil, err
	}
	if err := w.given(ctx, &sc.Given); err != nil {
		w.close()
		return nil, fmt.Errorf("%s:%d: given: %w", sc.File, sc.Line, err)
	}
	w.log.begin()
	w.log.whole = &period{}
	return w, nil
}

func (w *world) start(ctx context.Context, o Options) error {
	base := o.Understander
	if base == nil {
		rules, err := understand.New(understand.Options{PhoneRegion: o.Policy.PhoneRegion})
		if err != nil {
			return err
		}
		base = rules
	}
	w.reader = &overriding{base: base}
	articles, free, err := articlesComponent(w.sc.Given.Articles, w.clock.Now)
	if err != nil {
		return err
	}
	w.free = append(w.free, free)
	policy := o.Policy
	if q := w.sc.Given.Quiet; q != nil {
		policy.QuietFrom, policy.QuietTo = q.From, q.To
	}
	w.engine, err = engine.New(engine.Options{
		Store: w.store, Understander: w.reader, Networks: w.networks(), Policy: policy, Clock: w.clock,
		Components: []component.Component{
			builtin.Orders(w.store), builtin.Customers(w.store), builtin.Notices(w.store),
			builtin.Queues(w.store, func() *domain.Policy { return &policy }), articles,
		},
		Random: rand.NewChaCha8([32]byte{}), Workers: 1, Observer: w.log.observe,
	})
	if err != nil {
		return err
	}
	w.virtual = virtual.New(w.engine, w.clock)
	version, err := w.engine.PlaybookPublish(ctx, o.Name, o.Playbook, by)
	if err != nil {
		return err
	}
	return w.engine.PlaybookActivate(ctx, version, by)
}

func (w *world) close() {
	for _, f := range w.free {
		f()
	}
	w.store.Close()
}

// networks are those that the scenario's posts and identities name.
func (w *world) networks() []social.Network {
	names := map[string]bool{"sandbox": true}
	for i := range w.sc.When {
		if p := w.sc.When[i].Post; p != nil {
			names[p.Network] = true
		}
	}
	for i := range w.sc.Given.Customers {
		for _, id := range w.sc.Given.Customers[i].Identities {
			names[id.Network] = true
		}
	}
	var out []social.Network
	for _, name := range slices.Sorted(maps.Keys(names)) {
		out = append(out, &network{name: name, log: w.log, seen: map[string]social.Sent{}})
	}
	return out
}

// given brings the scenario's world about, the way an operator would.
func (w *world) given(ctx context.Context, g *playbook.Given) error {
	var customers []engine.CustomerImport
	for i := range g.Customers {
		c := &g.Customers[i]
		in := engine.CustomerImport{Profile: c.Profile, Identities: c.Identities}
		if c.Consent != (domain.Consent{}) {
			consent := c.Consent
			in.Consent = &consent
		}
		customers = append(customers, in)
	}
	if len(customers) > 0 {
		rep, err := w.engine.CustomersImport(ctx, customers)
		if err := imported(rep, err); err != nil {
			return err
		}
	}
	if len(g.Orders) > 0 {
		rep, err := w.engine.OrdersImport(ctx, g.Orders)
		if err := imported(rep, err); err != nil {
			return err
		}
	}
	for i := range g.Notices {
		if err := w.event(ctx, &g.Notices[i]); err != nil {
			return err
		}
	}
	if err := w.waiting(ctx, g.Waiting); err != nil {
		return err
	}
	return w.outlooks(ctx, g.Wait)
}

// outlooks says for a desk how long calls wait.
func (w *world) outlooks(ctx context.Context, waits map[string]time.Duration) error {
	return w.store.Update(ctx, func(tx store.Tx) error {
		for _, queue := range slices.Sorted(maps.Keys(waits)) {
			median := int64(waits[queue] / time.Second)
			body, err := json.Marshal(desk.Outlook{Queue: queue, At: w.sc.Now, Known: true, Median: median, Upper: median + median/5, Agents: 1})
			if err != nil {
				return err
			}
			if err := tx.DocumentPut([]store.Document{{Kind: desk.OutlookKind, ID: queue, Body: body, UpdatedAt: w.sc.Now}}); err != nil {
				return err
			}
		}
		return nil
	})
}

func imported(rep engine.ImportReport, err error) error {
	if err != nil {
		return err
	}
	for _, r := range rep.Refused {
		return fmt.Errorf("%q was refused: %s", r.Name, r.Reason)
	}
	return nil
}

// waiting puts other people's work into queues. It belongs to a customer that
// is nobody, so that only the queues' figures see it.
func (w *world) waiting(ctx context.Context, queues map[string]int) error {
	if len(queues) == 0 {
		return nil
	}
	nobody := domain.NewCustomerID(1, 1)
	return w.store.Update(ctx, func(tx store.Tx) error {
		n := int64(0)
		for _, queue := range slices.Sorted(maps.Keys(queues)) {
			for range queues[queue] {
				n++
				item := domain.WorkItem{
					ID: domain.ObjectID(nobody, domain.KindWorkItem, n), Customer: nobody, Kind: domain.Callback, State: domain.WorkPending,
					Queue: queue, Priority: domain.PriorityNormal, CreatedAt: w.sc.Now.Add(-10 * time.Minute), UpdatedAt: w.sc.Now.Add(-10 * time.Minute),
					Due: w.sc.Now.Add(4 * time.Hour),
				}
				if err := tx.WorkItemPut([]domain.WorkItem{item}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// play makes one step happen and lets everything that follows at once follow.
func (w *world) play(ctx context.Context, s *playbook.ScenarioStep) error {
	switch {
	case s.Post != nil:
		if err := w.post(ctx, s.Post); err != nil {
			return err
		}
	case s.Event != nil:
		if err := w.event(ctx, s.Event); err != nil {
			return err
		}
	case s.Wait > 0:
		return w.virtual.Advance(ctx, w.clock.Now().Add(s.Wait))
	case s.Complete != nil:
		item := w.log.openWorkItem(s.Complete.Kind)
		if item == nil {
			return fmt.Errorf("there is no open work item of kind %s to complete", orAny(string(s.Complete.Kind)))
		}
		c := domain.Command{Kind: domain.CommandComplete, By: s.Complete.By, WorkItem: item.ID, Disposition: s.Complete.Disposition, Note: s.Complete.Note}
		if s.Complete.Promise != "" {
			c.Promise = &domain.Undertake{What: s.Complete.Promise, By: w.clock.Now().Add(s.Complete.Within)}
		}
		if err := w.engine.Command(ctx, item.Customer, c); err != nil {
			return err
		}
	case s.Take != nil:
		if err := w.onCase(ctx, domain.CommandTake, s.Take); err != nil {
			return err
		}
	case s.Rated != nil:
		if err := w.rated(ctx, s.Rated); err != nil {
			return err
		}
	case s.HandBack != nil:
		if err := w.onCase(ctx, domain.CommandHandBack, s.HandBack); err != nil {
			return err
		}
	default:
		return fmt.Errorf("the step says nothing that can happen; accepted are post, event, wait, complete, take, handback and rated")
	}
	return w.virtual.Settle(ctx)
}

func (w *world) onCase(ctx context.Context, kind domain.CommandKind, s *playbook.ScenarioCommand) error {
	c := w.log.newestCase()
	if c == nil {
		return fmt.Errorf("there is no case yet to %s", kind)
	}
	owner, _, _, err := domain.ParseObjectID(c.ID)
	if err != nil {
		return err
	}
	return w.engine.Command(ctx, owner, domain.Command{Kind: kind, By: s.By, Case: c.ID, Note: s.Note})
}

// post hands a post in, as its network would.
func (w *world) post(ctx context.Context, s *playbook.ScenarioPost) error {
	if s.At.After(w.clock.Now()) {
		if err := w.virtual.Advance(ctx, s.At); err != nil {
			return err
		}
	}
	number := len(w.posts) + 1
	p := domain.Post{
		Network: s.Network, ID: "post-" + strconv.Itoa(number), Author: w.author(s), Text: s.Text, At: w.clock.Now(), Visibility: domain.Public,
	}
	if !s.At.IsZero() {
		p.At = s.At
	}
	if s.Private {
		p.Visibility = domain.Private
	}
	if s.ReplyTo > 0 {
		p.InReplyTo = w.posts[s.ReplyTo-1].ID
	}
	if s.Edits > 0 {
		was := w.posts[s.Edits-1]
		p.ID, p.InReplyTo, p.Revision = was.ID, was.InReplyTo, strconv.Itoa(number)
	}
	return w.submit(ctx, p, s.Understood)
}

// rated lets the customer who was asked last say how it went.
func (w *world) rated(ctx context.Context, s *playbook.ScenarioRating) error {
	c := w.log.askedCase()
	if c == nil {
		return fmt.Errorf("nobody was asked how it went")
	}
	k := c.Identity
	return w.submit(ctx, domain.Post{
		Network: k.Network, Account: k.Account, ID: "post-" + strconv.Itoa(len(w.posts)+1), Author: domain.Author{ID: k.Author},
		Text: s.Text, At: w.clock.Now(), Visibility: domain.Private, InReplyTo: c.Rating.Message,
	}, s.Understood)
}

func (w *world) submit(ctx context.Context, p domain.Post, understood *playbook.ScenarioMeaning) error {
	w.posts = append(w.posts, p)
	w.reader.next = understood
	receipts, err := w.engine.PostsSubmit(ctx, []domain.Post{p})
	w.reader.next = nil
	if err != nil {
		return err
	}
	if r := receipts[0]; r.Err != nil {
		return fmt.Errorf("the post was refused: %w", r.Err)
	} else if r.Aside != "" {
		w.log.setAside(r.Aside)
	}
	return nil
}

// author is the given identity that has the handle, or a stranger of that name.
func (w *world) author(s *playbook.ScenarioPost) domain.Author {
	for i := range w.sc.Given.Customers {
		for _, id := range w.sc.Given.Customers[i].Identities {
			if id.Network == s.Network && (id.Handle == s.From || id.Author == s.From) {
				return domain.Author{ID: id.Author, Handle: id.Handle, Name: id.Name}
			}
		}
	}
	return domain.Author{ID: s.From, Handle: s.From}
}

func (w *world) event(ctx context.Context, in *domain.Event) error {
	e := *in
	w.events++
	if e.Source == "" {
		e.Source = by
	}
	if e.ID == "" {
		e.ID = "event-" + strconv.Itoa(w.events)
	}
	if e.Time.IsZero() {
		e.Time = w.clock.Now()
	}
	receipts, err := w.engine.EventsSubmit(ctx, []domain.Event{e})
	if err == nil {
		err = receipts[0].Err
	}
	if err != nil {
		return fmt.Errorf("the event was refused: %w", err)
	}
	return w.virtual.Settle(ctx)
}

// overriding reads a text and lets the scenario have its say: it tests the
// playbook, not the reader.
type overriding struct {
	base engine.Understander
	next *playbook.ScenarioMeaning
}

// Understand implements engine.Understander.
func (o *overriding) Understand(text, langHint string) domain.Understanding {
	u := o.base.Understand(text, langHint)
	m := o.next
	if m == nil {
		return u
	}
	if m.Intent != "" {
		u.Intent = m.Intent
	}
	if m.Sentiment != "" {
		u.Sentiment = m.Sentiment
	}
	if m.Urgency != "" {
		u.Urgency = m.Urgency
	}
	if m.Topics != nil {
		u.Topics = slices.Clone(m.Topics)
	}
	for _, f := range []struct {
		dst *bool
		set *bool
	}{{&u.NeedsAgent, m.NeedsAgent}, {&u.WantsPerson, m.WantsPerson}, {&u.Stop, m.Stop}, {&u.Thanks, m.Thanks}, {&u.GeneralQuestion, m.General}} {
		if f.set != nil {
			*f.dst = *f.set
		}
	}
	if m.Confidence > 0 {
		u.IntentConfidence, u.NeedsAgentConfidence = m.Confidence, m.Confidence
	}
	if m.CallConsent != "" {
		u.CallConsent = m.CallConsent
	}
	if m.Lang != "" {
		u.Lang, u.LangConfidence = m.Lang, 1
	}
	return u
}
