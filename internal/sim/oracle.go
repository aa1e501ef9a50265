package sim

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/store"
)

// maxViolations bounds what one failing step reports.
const maxViolations = 20

// oracle is the plain model: what was handed in, what was committed, what
// reached the networks, and what must hold between them.
type oracle struct {
	now        func() time.Time
	policy     domain.Policy
	playbooks  map[string]*playbook.Playbook
	world      *world
	violations []string

	proxies map[domain.CustomerID]*proxy
	inbox   map[int64]*waiting
	decided map[string]decidedBy // by the input's key
	posts   map[domain.Key]*postFact
	log     []domain.Event // as appended
	gone    map[int64]bool // events erased with a customer
	logged_ map[string]int64
	acked   map[string]int64 // events' source and id → seq, once acknowledged
	wants   map[want]wanted
	effects map[string]*effectFact
	talks   map[string][]*effectFact // by conversation, by ordinal
	items   map[string]domain.WorkItem
	overdue map[string]bool                    // work items that were said to be past their time
	stale   map[string]time.Time               // when it was last said that nobody moves a case
	asked   map[domain.IdentityKey]*effectFact // the last question how it went that reached somebody
	read    map[domain.PostKey]reading
	left    map[domain.IdentityKey]bool // who blocks us, as an outcome told
	taking  string                      // the agent who is taking work by hand
	over    map[string]int              // what agents hold who took more by hand than there is room for
	digest  uint64

	decisions, inputs int
	fresh             []*effectFact              // decided in the commit at hand
	loose             map[domain.CustomerID]bool // decided in the commit at hand over a state that a merge made
	backs             map[string]int             // how often a text was decided about again
	took              []string                   // keys decided in the commit at hand
}

// proxy is one customer as the oracle knows it.
type proxy struct {
	id       domain.CustomerID
	version  int64
	state    []byte
	snap     domain.Snapshot
	redirect domain.CustomerID
	erased   bool
	joined   int64 // the event log's position at the last merge into it
	nextDue  time.Time
	idle     map[string]idle                // open cases that nothing has come of yet
	subs     map[string]domain.Subscription // as the store has them
}

// idle is since when nothing has come of a case's newest post.
type idle struct {
	since time.Time
	posts int
}

type decidedBy struct {
	customer domain.CustomerID
	version  int64
	entries  bool // the record shows an entry about it
}

// waiting is a row of the inbox.
type waiting struct {
	seq      int64
	customer domain.CustomerID
	in       domain.Input
}

// postFact is what the oracle knows of one delivery key of a post.
type postFact struct {
	post   domain.Post
	taken  bool // acknowledged as taken
	aside  string
	erased bool
	quiet  bool // nobody hands it in: it shows only to who looks
	looked bool // somebody has looked
}

// want is an event that a customer must get.
type want struct {
	customer domain.CustomerID
	seq      int64
}

// effectFact is an effect from the decision that made it to its outcome.
type effectFact struct {
	domain.Effect
	owner    domain.CustomerID // who has it now
	inOutbox bool
	state    domain.EffectState
	outcomes int
	acted    int // how often the network did it
	asked    int // how often it was tried
	erased   bool
	byHand   int      // how often an operator gave it another chance to end
	order    int      // of its decision
	said     []string // the words that the network has of it, where it is sent in parts
	broken   bool     // an attempt ended between two parts
	refused  bool     // the last attempt was told that they block us
}

func newOracle(w *world, p domain.Policy, pbs map[string]*playbook.Playbook, now func() time.Time) *oracle {
	return &oracle{
		now: now, policy: p, playbooks: pbs, world: w,
		proxies: map[domain.CustomerID]*proxy{}, inbox: map[int64]*waiting{}, decided: map[string]decidedBy{},
		posts: map[domain.Key]*postFact{}, logged_: map[string]int64{}, gone: map[int64]bool{}, acked: map[string]int64{}, wants: map[want]wanted{},
		effects: map[string]*effectFact{}, talks: map[string][]*effectFact{}, items: map[string]domain.WorkItem{}, overdue: map[string]bool{},
		stale: map[string]time.Time{}, asked: map[domain.IdentityKey]*effectFact{},
		read: map[domain.PostKey]reading{}, left: map[domain.IdentityKey]bool{}, over: map[string]int{},
		loose: map[domain.CustomerID]bool{}, backs: map[string]int{},
	}
}

// fail notes a violation.
func (o *oracle) fail(format string, args ...any) {
	if len(o.violations) < maxViolations {
		o.violations = append(o.violations, fmt.Sprintf(format, args...))
	}
}

// root follows merges.
func (o *oracle) root(id domain.CustomerID) *proxy {
	for range 20 {
		p := o.proxies[id]
		if p == nil || p.redirect == 0 {
			return p
		}
		id = p.redirect
	}
	return nil
}

// live lists the customers that stand, by id.
func (o *oracle) live() []*proxy {
	var out []*proxy
	for _, p := range o.proxies {
		if p.redirect == 0 && !p.erased {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *proxy) int { return cmp.Compare(a.id, b.id) })
	return out
}

// inputKey names an input so that a second decision on it is seen; "" for
// inputs that may repeat.
func inputKey(customer domain.CustomerID, in *domain.Input) string {
	switch {
	case in.Post != nil:
		k := in.Post.DedupeKey()
		return "post/" + hex.EncodeToString(k[:])
	case in.Event != nil:
		return "event/" + customer.String() + "/" + in.Event.Source + "/" + in.Event.ID
	case in.Answer != nil && in.Answer.Effect != "":
		return "result/" + in.Answer.Effect
	case in.Outcome != nil && in.Outcome.Effect != "":
		return "result/" + in.Outcome.Effect
	case in.Command != nil && len(in.Command.Note) > 0 && in.Command.Note[0] == '#':
		return "command/" + in.Command.Note
	}
	return ""
}

// committed takes up one transaction.
func (o *oracle) committed(changes []change) {
	o.fresh, o.took = o.fresh[:0], o.took[:0]
	clear(o.loose)
	for _, c := range changes {
		c(o)
	}
	o.checkCommit()
}

func (o *oracle) inserted(rows []store.Advocate) {
	for _, r := range rows {
		if o.proxies[r.ID] != nil {
			o.fail("customer %v was made twice", r.ID)
			continue
		}
		p := &proxy{id: r.ID, subs: map[string]domain.Subscription{}}
		p.adopt(r.State, 0)
		o.proxies[r.ID] = p
	}
}

func (o *oracle) queued(rows []store.InboxRow) {
	for _, r := range rows {
		w := &waiting{seq: r.Seq, customer: r.Customer}
		if err := decode(r.Body, &w.in); err != nil {
			o.fail("an input in the inbox of %v cannot be read: %v", r.Customer, err)
			continue
		}
		if o.inbox[r.Seq] != nil {
			o.fail("inbox sequence %d was given twice", r.Seq)
		}
		o.inbox[r.Seq] = w
		if out := w.in.Outcome; out != nil && o.effects[out.Effect] == nil && o.loose[r.Customer] {
			o.know(domain.Effect{ID: out.Effect, Customer: r.Customer, Kind: out.Kind, Case: out.Case})
		}
	}
}

func (o *oracle) unqueued(rows []store.InboxKey) {
	for _, k := range rows {
		if w := o.inbox[k.Seq]; w != nil && w.customer == k.Customer {
			delete(o.inbox, k.Seq)
		}
	}
}

// pendingKeys counts the inputs that wait, by key.
func (o *oracle) pendingKeys() map[string]int {
	out := make(map[string]int, len(o.inbox))
	for _, w := range o.inbox {
		out[inputKey(w.customer, &w.in)]++
	}
	return out
}

func (o *oracle) worked(items []domain.WorkItem) {
	for _, w := range items {
		old, known := o.items[w.ID]
		switch {
		case !known && w.State != domain.WorkPending && w.Disposition == "" && w.State != domain.WorkCanceled:
			o.fail("work item %s began as %s", w.ID, w.State)
		case known && old.State != w.State && !legal(old.State, w.State):
			o.fail("work item %s went from %s to %s", w.ID, old.State, w.State)
		}
		if known {
			o.passedQuietly(&old, &w)
		}
		o.items[w.ID] = w
	}
}

// legal is the state machine of a work item in the oracle's own words.
func legal(from, to domain.WorkItemState) bool {
	next := map[domain.WorkItemState]string{
		domain.WorkPending:  "reserved assigned completed canceled",
		domain.WorkReserved: "pending assigned completed canceled",
		domain.WorkAssigned: "pending wrapping completed canceled",
		domain.WorkWrapping: "pending completed",
	}
	for _, s := range fields(next[from]) {
		if s == string(to) {
			return true
		}
	}
	return false
}

func (o *oracle) ordered(orders []domain.Order) {
	for i := range orders {
		o.world.orderStored(o, &orders[i])
	}
}

func (o *oracle) moved(from, to domain.CustomerID) {
	a, b := o.proxies[from], o.proxies[to]
	if a == nil || b == nil {
		o.fail("%v was merged into %v, and one of them is unknown", from, to)
		return
	}
	a.redirect, b.joined = to, o.place()
	for _, w := range o.inbox {
		if w.customer == from {
			w.customer = to
		}
	}
	for _, e := range o.effects {
		if e.owner == from {
			e.owner = to
		}
	}
	for id, s := range a.subs {
		b.subs[id] = s
	}
	a.subs = map[string]domain.Subscription{}
	for k, at := range o.wants {
		if k.customer == from {
			delete(o.wants, k)
			o.wants[want{to, k.seq}] = at
		}
	}
}

func (o *oracle) split(id domain.CustomerID) {
	if p := o.proxies[id]; p != nil {
		to := o.root(id)
		p.redirect = 0
		p.joined = o.place()
		if to != nil {
			to.joined = p.joined
		}
	}
}

func (o *oracle) erased(id domain.CustomerID) {
	gone := map[domain.CustomerID]bool{}
	for _, p := range o.proxies {
		if r := o.root(p.id); r != nil && r.id == id {
			gone[p.id] = true
		}
	}
	for _, c := range sortedKeys(gone) {
		p := o.proxies[c]
		o.eraseEvents(p)
		for i := range p.snap.Customer.Identities {
			delete(o.left, p.snap.Customer.Identities[i].IdentityKey)
		}
		o.world.erasedCustomer(&p.snap)
		for _, f := range o.world.sent {
			if f.erased {
				delete(o.read, f.post.Key()) // what comes of it now comes for the first time
			}
		}
		p.erased, p.redirect, p.state, p.snap, p.subs = true, 0, nil, domain.Snapshot{}, map[string]domain.Subscription{}
	}
	maps.DeleteFunc(o.inbox, func(_ int64, w *waiting) bool { return gone[w.customer] })
	maps.DeleteFunc(o.wants, func(k want, _ wanted) bool { return gone[k.customer] })
	for _, e := range o.effects {
		if gone[e.owner] {
			e.erased, e.inOutbox = true, false
		}
	}
}

// eraseEvents notes which events go with a customer: those about it, its
// orders and its cases.
func (o *oracle) eraseEvents(p *proxy) {
	ref := p.snap.Customer.Ref
	for i := range o.log {
		e := &o.log[i]
		about := strings.HasPrefix(e.CaseID, p.id.String()+"-") || strings.HasPrefix(e.WorkItemID, p.id.String()+"-")
		if ref != "" {
			about = about || e.CustomerRef == ref || e.OrderID != "" && o.world.ownerRef(e.OrderID) == ref
		}
		if about {
			o.gone[e.Seq] = true
		}
	}
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	return slices.Sorted(maps.Keys(m))
}
