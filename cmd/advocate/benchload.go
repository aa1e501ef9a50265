package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/component/builtin"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/virtual"
	"github.com/contact-advocate/advocate/internal/wire"
)

const (
	benchNetwork = "bench"
	benchSKU     = "bench-recalled"
	loadBatch    = 2000
)

// bench is one run.
type bench struct {
	cmd      *benchCmd
	g        *globals
	settings settings
	t        *terminal
	n        *node
	stream   *stream                                // brings mentions to n
	first    int64                                  // the first customer's id
	record   []byte                                 // of one decision on an order event
	began    struct{ client, server time.Duration } // processors' times before full speed
}

// customer is the i-th customer's id.
func (b *bench) customer(i int) domain.CustomerID { return domain.CustomerID(b.first + int64(i)) }

func benchOrder(i int) string  { return fmt.Sprintf("B-%08d", i) }
func benchAuthor(i int) string { return fmt.Sprintf("u%08d", i) }
func benchRef(i int) string    { return fmt.Sprintf("R-%08d", i) }

// mold is what one real customer looks like after asking about an order and
// being answered. The others are cast in it.
type mold struct {
	state, recalled domain.Snapshot // without and with the subscription to the recall
	id              string
	due             time.Time
	sub, recall     domain.Subscription
	order           domain.Order
	search          string
}

// makeMold lets the real engine deal with one customer, in memory.
func (b *bench) makeMold(ctx context.Context, now time.Time) (*mold, error) {
	st := memory.New()
	defer st.Close()
	c := clock.NewManual(now)
	reader, err := b.settings.understander()
	if err != nil {
		return nil, err
	}
	var last domain.Snapshot
	e, err := engine.New(engine.Options{
		Store: st, Understander: reader, Policy: b.settings.policy, Clock: c, Workers: 1,
		Networks:   []social.Network{newKeeper(account{network: benchNetwork}, c.Now)},
		Components: []component.Component{builtin.Orders(st), builtin.Customers(st), builtin.Notices(st)},
		Observer: func(ch engine.Change) {
			if ch.Decision != nil {
				last = ch.Decision.Next
				if len(ch.Record.Inputs) > 0 && ch.Record.Inputs[0].Event != nil {
					b.record = wire.Marshal(ch.Record)
				}
			}
		},
	})
	if err != nil {
		return nil, err
	}
	v, err := e.PlaybookPublish(ctx, builtInPlaybook, playbook.Default(), "bench")
	if err == nil {
		err = e.PlaybookActivate(ctx, v, "bench")
	}
	if err != nil {
		return nil, err
	}
	m := &mold{order: domain.Order{
		ID: benchOrder(0), CustomerRef: benchRef(0), Status: domain.OrderCreated, PlacedAt: now.Add(-24 * time.Hour), Promised: now.Add(72 * time.Hour),
		ETA: now.Add(72 * time.Hour), Items: []domain.OrderItem{{SKU: "b-1", Name: "Kettle Brook", Quantity: 1}}, Total: "39.90", Currency: "USD",
		Email: "bench@example.com", Postcode: "10001", UpdatedAt: now.Add(-24 * time.Hour),
	}}
	if _, err := e.CustomersImport(ctx, []engine.CustomerImport{{
		Profile:    domain.Profile{Ref: benchRef(0), Name: "Bench Customer", Phone: "+12025550100", Lang: "en"},
		Identities: []domain.Identity{{IdentityKey: domain.IdentityKey{Network: benchNetwork, Author: benchAuthor(0)}, Handle: benchAuthor(0)}},
	}}); err != nil {
		return nil, err
	}
	if _, err := e.OrdersImport(ctx, []domain.Order{m.order}); err != nil {
		return nil, err
	}
	post := domain.Post{
		Network: benchNetwork, ID: "mold", Author: domain.Author{ID: benchAuthor(0), Handle: benchAuthor(0)},
		Text: "Where is my order " + benchOrder(0) + "?", Visibility: domain.Private,
	}
	virtually := virtual.New(e, c)
	if _, err := e.PostsSubmit(ctx, []domain.Post{post}); err != nil {
		return nil, err
	}
	if err := virtually.Settle(ctx); err != nil {
		return nil, err
	}
	loaded := last
	if _, err := e.EventsSubmit(ctx, []domain.Event{{Source: "mold", ID: "1", Type: "order.paid", OrderID: benchOrder(0), Time: now}}); err != nil {
		return nil, err
	}
	if err := m.cast(loaded, now); err != nil {
		return nil, err
	}
	return m, st.View(ctx, func(r store.Reader) error {
		rows, err := r.AdvocateGet([]domain.CustomerID{loaded.Customer.ID})
		m.search = rows[0].Search
		return err
	})
}

// cast keeps the customer's state in the two forms that are loaded.
func (m *mold) cast(s domain.Snapshot, now time.Time) error {
	m.id = s.Customer.ID.String()
	s.Version = 0
	if len(s.Cases) == 0 {
		return errors.New("bench: the sample customer has no case")
	}
	found := false
	for _, x := range s.Subscriptions {
		if x.Anchor.Attr == domain.AnchorOrder {
			m.sub, found = x, true
		}
	}
	if !found {
		return errors.New("bench: the playbook did not subscribe to the sample order")
	}
	s.Subscriptions = []domain.Subscription{m.sub}
	m.due = s.NextDue()
	m.state = s
	s.Numbers.Subscription++
	m.recall = domain.Subscription{
		ID: domain.ObjectID(s.Customer.ID, domain.KindSubscription, s.Numbers.Subscription), Case: s.Cases[len(s.Cases)-1].ID, To: "recall.issued",
		Anchor: domain.Anchor{Attr: domain.AnchorSKU, Value: benchSKU}, Since: now, Expires: now.Add(30 * 24 * time.Hour),
	}
	s.Subscriptions = []domain.Subscription{m.sub, m.recall}
	m.recalled = s
	return nil
}

// of gives the i-th customer's bytes: the mold's, with the names exchanged.
// All names are as long as the mold's.
func (m *mold) of(s domain.Snapshot, id domain.CustomerID, i int) []byte {
	s.Customer.ID = id
	return []byte(renamed(strings.ReplaceAll(string(wire.Marshal(&s)), m.id, id.String()), i))
}

// renamed exchanges the first customer's names for the i-th's.
func renamed(s string, i int) string {
	for _, name := range []func(int) string{benchOrder, benchAuthor, benchRef} {
		s = strings.ReplaceAll(s, name(0), name(i))
		s = strings.ReplaceAll(s, strings.ToLower(name(0)), strings.ToLower(name(i)))
	}
	return s
}

func (m *mold) subscription(s domain.Subscription, id domain.CustomerID, i int) store.SubscriptionRow {
	s.ID = strings.ReplaceAll(s.ID, m.id, id.String())
	s.Case = strings.ReplaceAll(s.Case, m.id, id.String())
	if s.Anchor.Attr == domain.AnchorOrder {
		s.Anchor.Value = benchOrder(i)
	}
	return store.SubscriptionRow{Customer: id, Subscription: s}
}

// load fills the database, straight through the store's transactions.
func (b *bench) load(ctx context.Context) error {
	now := time.Now().UTC().Truncate(time.Microsecond)
	m, err := b.makeMold(ctx, now)
	if err != nil {
		return err
	}
	b.first = int64(domain.NewCustomerID(now.Add(-time.Hour).UnixMilli(), 0))
	st, err := b.loading(ctx)
	if err != nil {
		return err
	}
	p := newProgress(b.t, "load")
	for at := 0; at < b.cmd.Advocates && err == nil; at += loadBatch {
		end := min(at+loadBatch, b.cmd.Advocates)
		err = st.Update(ctx, func(tx store.Tx) error { return b.loadRange(tx, m, now, at, end) })
		p.show(end, b.cmd.Advocates, "advocates")
	}
	p.end()
	if err := errors.Join(err, st.Close()); err != nil || !b.settings.server() {
		return err
	}
	return postgres.Tidy(ctx, b.settings.store)
}

func (b *bench) loadRange(tx store.Tx, m *mold, now time.Time, from, to int) error {
	n := to - from
	advocates, identities := make([]store.Advocate, 0, n), make([]store.IdentityRow, 0, n)
	orders, subs := make([]domain.Order, 0, n), make([]store.SubscriptionRow, 0, n)
	for i := from; i < to; i++ {
		id := b.customer(i)
		state := m.state
		subs = append(subs, m.subscription(m.sub, id, i))
		if i >= b.cmd.Advocates-b.cmd.Fanout {
			state = m.recalled
			subs = append(subs, m.subscription(m.recall, id, i))
		}
		advocates = append(advocates, store.Advocate{
			ID: id, State: m.of(state, id, i), NextDue: m.due, Ref: benchRef(i), Search: renamed(m.search, i), CreatedAt: now,
		})
		identities = append(identities, store.IdentityRow{Key: domain.IdentityKey{Network: benchNetwork, Author: benchAuthor(i)}, Customer: id})
		o := m.order
		o.ID, o.CustomerRef = benchOrder(i), benchRef(i)
		orders = append(orders, o)
	}
	if err := tx.AdvocateInsert(advocates); err != nil {
		return err
	}
	if err := tx.IdentitySet(identities); err != nil {
		return err
	}
	if err := tx.OrderPut(orders); err != nil {
		return err
	}
	return tx.SubscriptionAdd(subs)
}
