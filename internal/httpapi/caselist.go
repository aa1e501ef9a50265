package httpapi

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/caseload"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// Limits on looking for what a filter lets through.
const (
	lookAtOnce = 200  // cases or promises that are read together
	maxLooked  = 2000 // for one page: one that finds less than was asked for is short
)

func (a *API) registerCaseLists() {
	const tag = "Cases"
	register(a, call{id: "list-cases", method: "GET", path: "/v1/cases", need: readCustomers, tag: tag, summary: "Cases of all customers",
		about: "Changed last first; a case that has just changed may take a second to move up. A page may have fewer than asked for: go on while there is a next."}, a.listCases)
	register(a, call{id: "list-promises", method: "GET", path: "/v1/promises", need: readCustomers, tag: tag, summary: "Open promises of all customers",
		about: "The soonest due first, so those at risk come first. A page may have fewer than asked for: go on while there is a next."}, a.listPromises)
}

type casesInput struct {
	PageInput
	State   string        `query:"state" enum:"open,waiting,resolved,unresolved" doc:"unresolved is open or waiting."`
	Queue   string        `query:"queue" maxLength:"64" doc:"One of its work items is or was in this queue."`
	Owner   string        `query:"owner" maxLength:"63" doc:"The person who has taken it; me is oneself, - nobody."`
	Intent  domain.Intent `query:"intent" maxLength:"40"`
	Network string        `query:"network" maxLength:"64"`
	Handed  bool          `query:"handed_over" doc:"true: only what waits for a person."`
	Since   time.Time     `query:"updated_since" doc:"Only what has changed at or after this time."`
	About   string        `query:"about" maxLength:"120" doc:"Only what counts as this now: a spike's kind and name, as in topic/late, intent/billing, sku/kettle-2, area/north."`
}

// takes reports whether a case is one of those that are asked for.
func (in *casesInput) takes(c *domain.Case, me string) bool {
	owner := in.Owner
	if owner == "me" {
		owner = me
	}
	queue := in.Queue == ""
	for _, w := range c.WorkItems {
		queue = queue || w.Queue == in.Queue
	}
	return queue && (owner == "" || owner == "-" && !c.Taken() || owner == c.Owner && c.Taken()) &&
		(in.State == "" || in.State == string(c.State) || in.State == "unresolved" && c.IsOpen()) &&
		(in.Intent == "" || in.Intent == c.Intent) && (in.Network == "" || in.Network == c.Identity.Network) &&
		(!in.Handed || c.HandedOver) && (in.Since.IsZero() || !c.UpdatedAt.Before(in.Since))
}

// listed is which index to go through.
func (in *casesInput) listed() caseload.State {
	switch in.State {
	case "":
		return caseload.Any
	case string(domain.CaseResolved):
		return caseload.Ended
	}
	return caseload.Open
}

func handleOf(c *domain.Customer, k domain.IdentityKey) string {
	if id := c.Identity(k); id != nil {
		return id.Handle
	}
	return ""
}

func (a *API) listCases(ctx context.Context, in *casesInput) (*listOutput[CaseView], error) {
	if in.Cursor != "" && !caseload.ValidPlace(in.Cursor) {
		return nil, badCursor(in.Cursor)
	}
	var out *listOutput[CaseView]
	err := a.view(ctx, func(r store.Reader) error {
		out = all([]CaseView{})
		m, err := a.matters(r, caller(ctx))
		if err != nil {
			return err
		}
		return lookThrough(in.Cursor,
			func(after string) ([]caseload.Ref, error) {
				return caseload.Cases(r, in.listed(), after, lookAtOnce)
			},
			func(ref caseload.Ref) (done bool, err error) {
				if !in.Since.IsZero() && ref.At.Before(in.Since) {
					return true, nil
				}
				c, t, err := a.indexed(m, ref.ID)
				if err != nil || c == nil || !in.takes(c, m.x.who.Name) {
					return false, err
				}
				if in.About != "" && !slices.Contains(caseload.About(&t.snap, ref.ID), in.About) {
					return false, nil
				}
				if len(out.Body.Items) < in.limit() {
					out.Body.Items = append(out.Body.Items, ViewCase(&t.snap.Customer, *c))
				}
				return false, nil
			},
			func() bool { return len(out.Body.Items) >= in.limit() }, &out.Body.Next)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// lookThrough goes through an index until take says that nothing more can come,
// the page is full, or enough was looked at. next is then where to go on.
func lookThrough(after string, read func(after string) ([]caseload.Ref, error), take func(caseload.Ref) (bool, error), full func() bool, next *string) error {
	*next = ""
	for looked := 0; ; {
		refs, err := read(after)
		if err != nil {
			return err
		}
		for _, ref := range refs {
			if full() || looked == maxLooked {
				*next = after
				return nil
			}
			done, err := take(ref)
			if err != nil || done {
				return err
			}
			after = ref.Place
			looked++
		}
		if len(refs) < lookAtOnce {
			return nil
		}
	}
}

// indexed reads a case as it is now, if the caller may see it; nil for one that
// is not there any more.
func (a *API) indexed(m *matters, id string) (*domain.Case, *matter, error) {
	owner, kind, _, err := domain.ParseObjectID(id)
	if err != nil || kind != domain.KindCase {
		return nil, nil, nil
	}
	t, err := m.read(a, owner)
	if domain.ErrorCode(err) == domain.CodeNotFound {
		return nil, nil, nil // erased
	}
	if err != nil {
		return nil, nil, err
	}
	if ok, err := m.concerns(t, id); err != nil || !ok {
		return nil, nil, err
	}
	if c := t.snap.Case(id); c != nil {
		return c, t, nil
	}
	c, err := m.r.CaseGet(id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil, nil
	}
	return &c, t, err
}

// promiseView is an open promise with what it belongs to.
type promiseView struct {
	ID       string            `json:"id"`
	What     string            `json:"what"`
	Due      time.Time         `json:"due"`
	MadeAt   time.Time         `json:"made_at"`
	By       string            `json:"by,omitempty" doc:"The rule or person who made it."`
	AtRisk   bool              `json:"at_risk" doc:"Due within the hour, or overdue."`
	Overdue  bool              `json:"overdue"`
	Case     string            `json:"case_id"`
	Customer domain.CustomerID `json:"customer_id"`
	Owner    string            `json:"owner,omitempty" doc:"The person who has the case."`
	Queue    string            `json:"queue,omitempty" doc:"Where work on the case waits or is done."`
	Intent   domain.Intent     `json:"intent"`
}

func (v promiseView) shown() (string, domain.CustomerID) { return v.ID, v.Customer }

// riskTime is how long before it is due a promise counts as at risk.
const riskTime = time.Hour

type promisesInput struct {
	PageInput
	Before time.Time `query:"due_before" doc:"Only what is due before this time."`
	Queue  string    `query:"queue" maxLength:"64" doc:"Only what work in this queue belongs to."`
}

func (a *API) listPromises(ctx context.Context, in *promisesInput) (*listOutput[promiseView], error) {
	if in.Cursor != "" && !caseload.ValidPromisePlace(in.Cursor) {
		return nil, badCursor(in.Cursor)
	}
	var out *listOutput[promiseView]
	err := a.view(ctx, func(r store.Reader) (err error) {
		out = all([]promiseView{})
		m, err := a.matters(r, caller(ctx))
		if err == nil {
			out.Body.Items, out.Body.Next, err = a.openPromises(m, in)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (a *API) openPromises(m *matters, in *promisesInput) (out []promiseView, next string, err error) {
	out = []promiseView{}
	now := a.now()
	err = lookThrough(in.Cursor,
		func(after string) ([]caseload.Ref, error) { return caseload.Promises(m.r, after, lookAtOnce) },
		func(ref caseload.Ref) (done bool, err error) {
			if !in.Before.IsZero() && !ref.At.Before(in.Before) {
				return true, nil
			}
			c, t, err := a.indexed(m, ref.Case)
			if err != nil || c == nil {
				return false, err
			}
			if v, ok := viewPromise(c, ref.ID, now); ok && (in.Queue == "" || v.Queue == in.Queue) {
				v.Customer = t.row.ID
				out = append(out, v)
			}
			return false, nil
		},
		func() bool { return len(out) >= in.limit() }, &next)
	return out, next, err
}

// viewPromise shows a case's promise; ok is false for one that is not open.
func viewPromise(c *domain.Case, id string, now time.Time) (v promiseView, ok bool) {
	for i := range c.Promises {
		p := &c.Promises[i]
		if p.ID != id || p.State != domain.PromiseOpen || !c.IsOpen() {
			continue
		}
		v = promiseView{
			ID: p.ID, What: p.What, Due: p.Due, MadeAt: p.MadeAt, By: p.By, Case: c.ID, Owner: c.Owner, Intent: c.Intent,
			Overdue: p.Due.Before(now), AtRisk: p.Due.Before(now.Add(riskTime)), Queue: c.Queue(),
		}
		return v, true
	}
	return v, false
}

func (a *API) customerCases(ctx context.Context, in *CustomerListInput) (*listOutput[CaseView], error) {
	if err := in.one(); err != nil {
		return nil, err
	}
	var out []CaseView
	err := a.view(ctx, func(r store.Reader) error {
		out = nil
		t, m, err := a.matter(r, &in.CustomerInput)
		if err != nil {
			return err
		}
		old, err := r.CaseList(t.row.ID, maxPage)
		if err != nil {
			return err
		}
		all := casesOf(&t.snap.Customer, t.snap.Cases, old)
		out, err = kept(all, func(c *CaseView) (bool, error) { return m.concerns(t, c.ID) })
		return err
	})
	return all(out), err
}

// casesOf joins the advocate's cases with those it has let go of.
func casesOf(whose *domain.Customer, held, old []domain.Case) []CaseView {
	out := make([]CaseView, 0, len(held)+len(old))
	known := map[string]bool{}
	for _, c := range slices.Concat(held, old) {
		if !known[c.ID] {
			known[c.ID] = true
			out = append(out, ViewCase(whose, c))
		}
	}
	slices.SortStableFunc(out, func(x, y CaseView) int {
		return cmp.Or(y.UpdatedAt.Compare(x.UpdatedAt), cmp.Compare(x.ID, y.ID))
	})
	return out
}
