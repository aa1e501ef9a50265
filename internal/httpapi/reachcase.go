package httpapi

import (
	"cmp"
	"errors"
	"slices"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// matters says which customers and cases a caller may see and move, within one
// transaction. It is the one place that knows; see the package's doc for the
// rule.
type matters struct {
	r        store.Reader
	x        *reach
	fallback string // the queue of what is in none
	known    map[domain.CustomerID]*matter
}

// matter is a customer as far as reach goes. Nil of a matters that sees all.
type matter struct {
	row  store.Advocate
	snap domain.Snapshot
	old  map[string]*domain.Case // that the advocate has let go of, as they were asked for
}

func (a *API) matters(r store.Reader, who auth.Principal) (*matters, error) {
	x, err := reachOf(r, who)
	if err != nil {
		return nil, err
	}
	return &matters{r: r, x: x, fallback: a.o.Engine.Policy().DefaultQueue, known: map[domain.CustomerID]*matter{}}, nil
}

// all reports whether nothing is out of reach.
func (m *matters) all() bool { return m.x.all() }

// reaches is the rule for a case. open are the customer's open work items.
func (m *matters) reaches(c *domain.Case, open []domain.WorkItem) bool {
	if m.all() || c.Owner != "" && c.Owner == m.x.who.Name && m.x.who.Can(auth.Work) {
		return true
	}
	some := false
	for i := range open {
		if w := &open[i]; w.Case == c.ID && !w.State.Final() {
			some = true
			if m.x.item(w) {
				return true
			}
		}
	}
	if some {
		return false
	}
	last := ""
	for _, w := range c.WorkItems {
		last = cmp.Or(w.Queue, last)
	}
	return m.x.queue(cmp.Or(last, m.fallback))
}

// customer reports whether a customer may be seen: whoever may see one of the
// cases, or, where there is none yet, the work that would come of it.
func (m *matters) customer(row store.Advocate, s *domain.Snapshot) (bool, error) {
	if m.all() {
		return true, nil
	}
	for i := range s.Cases {
		if m.reaches(&s.Cases[i], s.WorkItems) {
			return true, nil
		}
	}
	old, err := m.r.CaseList(row.ID, maxPage)
	if err != nil {
		return false, err
	}
	if len(s.Cases)+len(old) == 0 {
		return m.x.queue(m.fallback), nil
	}
	return slices.ContainsFunc(old, func(c domain.Case) bool { return s.Case(c.ID) == nil && m.reaches(&c, s.WorkItems) }), nil
}

// concerns reports whether what is about a customer's case may be seen; about
// none, it is the customer's own.
func (m *matters) concerns(t *matter, id string) (bool, error) {
	if m.all() {
		return true, nil
	}
	if id == "" {
		return m.customer(t.row, &t.snap)
	}
	if c := t.snap.Case(id); c != nil {
		return m.reaches(c, t.snap.WorkItems), nil
	}
	c, asked := t.old[id]
	if !asked {
		found, err := m.r.CaseGet(id)
		switch {
		case err == nil:
			c = &found
		case !errors.Is(err, store.ErrNotFound):
			return false, err
		}
		t.old[id] = c
	}
	return c != nil && m.reaches(c, t.snap.WorkItems), nil
}

// matter makes one of what was read.
func (m *matters) matter(row store.Advocate, s domain.Snapshot) *matter {
	return &matter{row: row, snap: s, old: map[string]*domain.Case{}}
}

// read reads a customer once, following merges. Nobody's is CodeNotFound.
func (m *matters) read(a *API, id domain.CustomerID) (*matter, error) {
	if t := m.known[id]; t != nil {
		return t, nil
	}
	row, snap, err := a.advocate(m.r, id)
	if err != nil {
		return nil, err
	}
	t := m.matter(row, snap)
	if len(m.known) < maxPage {
		m.known[id] = t
	}
	return t, nil
}

// about reports whether what is about a customer's case may be seen. What is
// nobody's any more may not.
func (m *matters) about(a *API, id domain.CustomerID, of string) (bool, error) {
	if m.all() {
		return true, nil
	}
	t, err := m.read(a, id)
	if domain.ErrorCode(err) == domain.CodeNotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return m.concerns(t, of)
}

// record reports whether a decision may be seen: all that it is about.
func (m *matters) record(t *matter, rec *domain.Record) (bool, error) {
	if m.all() {
		return true, nil
	}
	cases := map[string]bool{}
	for i := range rec.Entries {
		cases[rec.Entries[i].Case] = true
	}
	for i := range rec.Rules {
		cases[rec.Rules[i].Case] = true
	}
	for i := range rec.Skipped {
		cases[rec.Skipped[i].Case] = true
	}
	for i := range rec.Inputs {
		if c := rec.Inputs[i].Command; c != nil {
			cases[c.Case] = true
		}
	}
	delete(cases, "")
	for id := range cases {
		if ok, err := m.concerns(t, id); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

// queues lists the queues of a caller that does not see all of them.
func (x *reach) queues() []string {
	out := slices.Clone(x.who.Queues)
	if x.who.AllQueues && x.confined() {
		out = slices.Clone(x.self.Queues)
	}
	return slices.DeleteFunc(out, func(q string) bool { return !x.queue(q) })
}

// noQueue is the answer to who names a queue that is not theirs, whether or not
// there is one of that name.
func noQueue(name string) error {
	return domain.Errorf(domain.CodeForbidden, "the queue %.60q is not one of yours", name)
}

// kept filters a list by a test that reads.
func kept[T any](list []T, keep func(*T) (bool, error)) ([]T, error) {
	out := make([]T, 0, len(list))
	for i := range list {
		ok, err := keep(&list[i])
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, list[i])
		}
	}
	return out, nil
}

// companyWide are the permissions for what no queue divides. Who has them for
// some queues only could otherwise reach the others' work through a webhook, a
// playbook or the log of who saw what. Who manages people for some queues gives
// rights to no others; that is told where accounts are made.
var companyWide = []access{configure, access(auth.Audit), access(auth.Erase)}

// whole says whether a caller's rights reach far enough for what concerns the
// whole company.
func (c *call) whole(who *auth.Principal) error {
	if who.AllQueues || !c.wide && !slices.Contains(companyWide, c.need) {
		return nil
	}
	return domain.Errorf(domain.CodeForbidden, "this call concerns all queues; your rights reach only some")
}
