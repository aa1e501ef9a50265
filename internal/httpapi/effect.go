package httpapi

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
	"github.com/contact-advocate/advocate/internal/store"
)

// effectView is an effect on its way out, or stuck there.
type effectView struct {
	ID          string             `json:"id"`
	Customer    domain.CustomerID  `json:"customer_id"`
	Case        string             `json:"case_id,omitempty"`
	Kind        domain.EffectKind  `json:"kind"`
	Destination string             `json:"destination" doc:"network:NAME, component:NAME or webhook:NAME."`
	NotBefore   time.Time          `json:"not_before"`
	NotAfter    time.Time          `json:"not_after,omitzero" doc:"After that it is not worth doing."`
	MaxAttempts int                `json:"max_attempts"`
	Rule        string             `json:"rule,omitempty"`
	Reply       *domain.Reply      `json:"reply,omitempty"`
	Lookup      *lookupView        `json:"lookup,omitempty"`
	Notify      *domain.Notify     `json:"notify,omitempty"`
	Emit        *domain.Event      `json:"emit,omitempty"`
	State       domain.EffectState `json:"state" enum:"pending,held,sending,dead"`
	Restored    bool               `json:"restored,omitempty" doc:"Held because a backup was restored: it may have been sent since the backup was made."`
	Attempt     int                `json:"attempt" doc:"Attempts so far."`
	LastError   string             `json:"last_error,omitempty"`
	ErrorSaid   []said.Part        `json:"last_error_said,omitempty" doc:"The sentences of last_error; missing where it is another's word."`
	CreatedAt   time.Time          `json:"created_at"`
	UpdatedAt   time.Time          `json:"updated_at,omitzero"`
}

type lookupView struct {
	Component string `json:"component"`
	ID        string `json:"id,omitempty"`
	Query     string `json:"query,omitempty"`
	Lang      string `json:"lang,omitempty"`
}

func viewEffect(e store.EffectRow) effectView {
	out := effectView{
		ID: e.ID, Customer: e.Customer, Case: e.Case, Kind: e.Kind, Destination: e.Destination, NotBefore: e.NotBefore, NotAfter: e.NotAfter,
		MaxAttempts: e.MaxAttempts, Rule: e.Rule, Reply: e.Reply, Notify: e.Notify,
		State: e.State, Restored: e.State == domain.EffectHeld && e.LastError == domain.RestoredNote,
		Attempt: e.Attempt, LastError: e.LastError, ErrorSaid: said.Of(e.LastError), CreatedAt: e.CreatedAt, UpdatedAt: e.UpdatedAt,
	}
	if q := e.Lookup; q != nil {
		out.Lookup = &lookupView{q.Component, q.ID, q.Query, q.Lang}
	}
	if e.Emit != nil {
		ev := viewEvent(*e.Emit)
		out.Emit = &ev
	}
	return out
}

type EffectInput struct {
	ID string `path:"id" maxLength:"64" doc:"The effect's id."`
}

func (a *API) registerEffects() {
	const tag = "Effects"
	register(a, call{id: "list-effects", method: "GET", path: "/v1/effects", need: read, tag: tag, summary: "What is on its way out",
		about: "Oldest first. Held effects await a person's release: approve mode, or a restored backup."}, a.listEffects)
	register(a, call{id: "release-effect", method: "POST", path: "/v1/effects/{id}/release", need: work, tag: tag,
		summary: "Let a held effect leave", status: 204}, a.effectAct(a.effectRelease))
	register(a, call{id: "drop-effect", method: "POST", path: "/v1/effects/{id}/drop", need: work, tag: tag,
		summary: "Drop a held effect", status: 204}, a.effectAct(a.effectDrop(domain.EffectHeld)))
	register(a, call{id: "list-dead-letters", method: "GET", record: recordAlways, path: "/v1/dead-letters", need: readSetup, tag: tag, summary: "Effects that failed for good",
		about: "Oldest first."}, a.listDeadLetters)
	register(a, call{id: "retry-dead-letter", method: "POST", path: "/v1/dead-letters/{id}/retry", need: configure, tag: tag,
		summary: "Try a dead letter again", status: 204}, a.effectAct(a.effectRetry))
	register(a, call{id: "drop-dead-letter", method: "POST", path: "/v1/dead-letters/{id}/drop", need: configure, tag: tag,
		summary: "Give a dead letter up", status: 204}, a.effectAct(a.effectDrop(domain.EffectDead)))
}

type effectsInput struct {
	State    domain.EffectState `query:"state" enum:"pending,held,sending,dead"`
	Customer string             `query:"customer" maxLength:"14" doc:"A customer's id."`
	PageInput
}

func (a *API) listEffects(ctx context.Context, in *effectsInput) (*listOutput[effectView], error) {
	p := store.EffectListParams{State: in.State, After: in.Cursor, Limit: in.limit() + 1}
	if in.Customer != "" {
		id, err := domain.ParseCustomerID(in.Customer)
		if err != nil {
			return nil, domain.FieldErrorf("customer", "%v", err)
		}
		p.Customer = id
	}
	return a.effects(ctx, p)
}

func (a *API) listDeadLetters(ctx context.Context, in *PageInput) (*listOutput[effectView], error) {
	return a.effects(ctx, store.EffectListParams{State: domain.EffectDead, After: in.Cursor, Limit: in.limit() + 1})
}

func (a *API) effects(ctx context.Context, p store.EffectListParams) (*listOutput[effectView], error) {
	var out []effectView
	next := ""
	err := a.view(ctx, func(r store.Reader) error {
		out = nil
		m, err := a.matters(r, caller(ctx))
		if err == nil {
			out, next, err = a.reachedEffects(m, p)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	page := all(out)
	page.Body.Next = next
	return page, nil
}

// reachedEffects reads a page of those that a caller may see, as reachedItems
// does of work items.
func (a *API) reachedEffects(m *matters, p store.EffectListParams) (out []effectView, next string, err error) {
	limit := p.Limit - 1
	for seen := 0; ; {
		rows, err := m.r.EffectList(p)
		if err != nil {
			return nil, "", err
		}
		for i := range rows {
			ok, err := m.about(a, rows[i].Customer, rows[i].Case)
			switch {
			case err != nil:
				return nil, "", err
			case !ok:
				continue
			case len(out) == limit:
				return out, out[limit-1].ID, nil
			}
			out = append(out, viewEffect(rows[i]))
		}
		if len(rows) < p.Limit {
			return out, "", nil
		}
		p.After = rows[len(rows)-1].ID
		if seen += len(rows); seen >= maxPassedOver {
			return out, p.After, nil
		}
	}
}

// reachesEffect reports whether a caller may move an effect. One that has left
// the outbox is asked after by its customer.
func (a *API) reachesEffect(ctx context.Context, id string, owner domain.CustomerID) (ok bool, err error) {
	err = a.view(ctx, func(r store.Reader) error {
		m, err := a.matters(r, caller(ctx))
		if err != nil {
			return err
		}
		if m.all() {
			ok = true
			return nil
		}
		row, err := r.EffectGet(id)
		if err == nil {
			owner = row.Customer
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		ok, err = m.about(a, owner, row.Case)
		return err
	})
	return ok, err
}

func noEffect(id string) error {
	return domain.Errorf(domain.CodeNotFound, "there is no effect %.60q", id)
}

// effectAct makes a handler of something that is done to one effect.
func (a *API) effectAct(act func(ctx context.Context, id, by string) error) func(context.Context, *EffectInput) (*accepted, error) {
	return func(ctx context.Context, in *EffectInput) (*accepted, error) {
		owner, kind, _, err := domain.ParseObjectID(in.ID)
		if err != nil || kind != domain.KindEffect {
			return nil, domain.FieldErrorf("id", "%.60q is not the id of an effect", in.ID)
		}
		if ok, err := a.reachesEffect(ctx, in.ID, owner); err != nil || !ok {
			return nil, cmp.Or(err, noEffect(in.ID))
		}
		if err := act(ctx, in.ID, caller(ctx).Name); err != nil {
			return nil, err
		}
		return done(), nil
	}
}

func (a *API) effectRelease(ctx context.Context, id, by string) error {
	return a.o.Engine.EffectRelease(ctx, id, by)
}

func (a *API) effectRetry(ctx context.Context, id, by string) error {
	return a.o.Engine.EffectRetry(ctx, id, by)
}

// effectDrop drops an effect that is in a state: an agent may drop what
// awaits an agent's eyes, and nothing else.
func (a *API) effectDrop(want domain.EffectState) func(ctx context.Context, id, by string) error {
	return func(ctx context.Context, id, by string) error {
		var row store.EffectRow
		err := a.view(ctx, func(r store.Reader) (err error) {
			row, err = r.EffectGet(id)
			return err
		})
		if errors.Is(err, store.ErrNotFound) {
			return a.effectGone(ctx, id)
		}
		if err != nil {
			return err
		}
		if row.State != want {
			return domain.Errorf(domain.CodeConflict, "the effect is %s, not %s", row.State, want)
		}
		if err = a.o.Engine.EffectDrop(ctx, id, by); domain.ErrorCode(err) == domain.CodeNotFound {
			return a.effectGone(ctx, id) // somebody was faster
		}
		return err
	}
}

// effectGone says what became of an effect that is not in the outbox any more;
// nothing for an id that never was one.
func (a *API) effectGone(ctx context.Context, id string) error {
	owner, _, _, err := domain.ParseObjectID(id)
	if err != nil {
		return err
	}
	became := ""
	err = a.view(ctx, func(r store.Reader) error {
		row, err := store.Standing(r, owner)
		if err != nil {
			return err
		}
		if row.ID == 0 || row.Erased {
			return store.ErrNotFound
		}
		found, err := r.JournalRead(store.JournalReadParams{Customer: row.ID, Limit: maxPage})
		if err != nil {
			return err
		}
		known := false
		for _, j := range found {
			rec, err := decodeRecord(j)
			if err != nil {
				return err
			}
			known = known || slices.ContainsFunc(rec.Effects, func(e domain.EffectNote) bool { return e.ID == id })
			for i := range rec.Inputs {
				if o := rec.Inputs[i].Outcome; o != nil && o.Effect == id {
					became = string(o.State)
					if o.Reason != "" {
						became += ", " + o.Reason
					}
					return nil
				}
			}
		}
		if !known {
			return store.ErrNotFound
		}
		return nil
	})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return noEffect(id)
	case err != nil:
		return err
	case became == "":
		return domain.Errorf(domain.CodeConflict, "the effect has left the outbox already; its customer's history says what became of it")
	}
	return domain.Errorf(domain.CodeConflict, "the effect has left the outbox already: %s", became)
}
