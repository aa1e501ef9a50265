package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

const (
	// lookingKind is the kind of the documents that say who looks at a case.
	lookingKind = "looking"
	// lookingFor is how long somebody counts as looking who does not say so
	// again; a page says so every twenty seconds or so.
	lookingFor = 45 * time.Second
	// maxLooking is how many are remembered at one case, for all nodes.
	maxLooking = 20
)

// lookerView is somebody who looks at a case.
type lookerView struct {
	Who     string    `json:"who"`
	Writing bool      `json:"writing,omitempty" doc:"They have begun to write to the customer."`
	Since   time.Time `json:"since"`
	Until   time.Time `json:"until" doc:"They count as gone then, unless they say so again."`
}

// lookers is a case's document.
type lookers struct {
	Who []lookerView `json:"who"`
}

func (l *lookers) drop(now time.Time) {
	l.Who = slices.DeleteFunc(l.Who, func(v lookerView) bool { return !v.Until.After(now) })
}

func (a *API) registerLooking() {
	const tag = "Cases"
	register(a, call{id: "look-at-case", method: "PUT", record: recordNever, path: "/v1/cases/{id}/looking", need: work, tag: tag, summary: "Say that one looks at a case",
		about: "Holds for 45 seconds: say it again every 20. The answer is who else looks. Beginning and, with looking false, ending are told to streams as advocate.case.looking."}, a.lookAtCase)
	register(a, call{id: "who-looks", method: "GET", record: recordNever, path: "/v1/cases/{id}/looking", need: readCustomers, tag: tag, summary: "Who looks at a case"}, a.whoLooks)
}

type lookInput struct {
	CaseInput
	Body struct {
		Looking bool `json:"looking" doc:"false: no more."`
		Writing bool `json:"writing,omitempty" doc:"One has begun to write to the customer."`
	}
}

func (a *API) lookAtCase(ctx context.Context, in *lookInput) (*listOutput[lookerView], error) {
	v, err := a.findCase(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	me, now := caller(ctx).Name, a.now().UTC()
	var l lookers
	for range 5 {
		told := false
		err = a.o.Store.Update(ctx, func(tx store.Tx) (err error) {
			told = false
			docs, err := tx.DocumentLock(lookingKind, []string{in.ID})
			if err != nil {
				return err
			}
			if l, err = lookersOf(&docs[0]); err != nil {
				return err
			}
			l.drop(now)
			before := l.find(me)
			l.set(me, in.Body.Looking, in.Body.Writing, now)
			if after := l.find(me); (before == nil) != (after == nil) || before != nil && after != nil && before.Writing != after.Writing {
				told = true
				if err := tx.EventAppend([]domain.Event{lookingEvent(&v, me, after, now)}); err != nil {
					return err
				}
			}
			return l.put(tx, docs[0], in.ID, now)
		})
		if !errors.Is(err, store.ErrConflict) { // else two were the first at the same moment
			if told {
				a.feed.Changed()
			}
			break
		}
	}
	if err != nil {
		return nil, err
	}
	return all(l.others(me)), nil
}

func (a *API) whoLooks(ctx context.Context, in *CaseInput) (*listOutput[lookerView], error) {
	if _, err := a.findCase(ctx, in.ID); err != nil {
		return nil, err
	}
	var l lookers
	err := a.view(ctx, func(r store.Reader) error {
		docs, err := r.DocumentGet(lookingKind, []string{in.ID})
		if err == nil {
			l, err = lookersOf(&docs[0])
		}
		return err
	})
	l.drop(a.now())
	return all(l.Who), err
}

func lookersOf(d *store.Document) (l lookers, err error) {
	if d.ID == "" {
		return l, nil
	}
	if err := json.Unmarshal(d.Body, &l); err != nil {
		return l, fmt.Errorf("who looks at %q cannot be read: %w", d.ID, err)
	}
	return l, nil
}

// find gives a copy of one's entry, nil for none.
func (l *lookers) find(who string) *lookerView {
	for _, v := range l.Who {
		if v.Who == who {
			return &v
		}
	}
	return nil
}

// set notes that somebody looks, or no more. Where too many do, who has looked
// longest is forgotten.
func (l *lookers) set(who string, looking, writing bool, now time.Time) {
	since := now
	if had := l.find(who); had != nil {
		since = had.Since
	}
	l.Who = slices.DeleteFunc(l.Who, func(v lookerView) bool { return v.Who == who })
	if !looking {
		return
	}
	l.Who = append(l.Who, lookerView{who, writing, since, now.Add(lookingFor)})
	slices.SortStableFunc(l.Who, func(x, y lookerView) int { return x.Since.Compare(y.Since) })
	if len(l.Who) > maxLooking {
		l.Who = l.Who[1:]
	}
}

func (l *lookers) put(tx store.Tx, d store.Document, id string, now time.Time) error {
	if len(l.Who) == 0 {
		if d.ID == "" {
			return nil
		}
		return tx.DocumentDelete(lookingKind, []string{id})
	}
	body, err := json.Marshal(l)
	if err != nil {
		return err
	}
	d.Kind, d.ID, d.Body, d.UpdatedAt, d.ExpiresAt = lookingKind, id, body, now, now.Add(2*lookingFor)
	return tx.DocumentPut([]store.Document{d})
}

func (l *lookers) others(me string) []lookerView {
	return slices.DeleteFunc(slices.Clone(l.Who), func(v lookerView) bool { return v.Who == me })
}

// lookingEvent tells streams: data are agent, looking, writing, queue. It names
// no customer but by the case.
func lookingEvent(c *CaseView, who string, now *lookerView, at time.Time) domain.Event {
	looking, writing := now != nil, now != nil && now.Writing
	id := "looking-" + digest(c.ID, who, at.Format(time.RFC3339Nano), fmt.Sprint(looking, writing))[:32]
	return workEvent(c, domain.EventLooking, id, at, map[string]any{"agent": who, "looking": looking, "writing": writing})
}

// workEvent is one about who works on a case, with its queue.
func workEvent(c *CaseView, kind, id string, at time.Time, data map[string]any) domain.Event {
	for _, w := range c.WorkItems {
		if !w.State.Final() && w.Queue != "" {
			data["queue"] = w.Queue
		}
	}
	body, _ := json.Marshal(data)
	return domain.Event{Source: "advocate", ID: id, Type: kind, Time: at, Accepted: at, CaseID: c.ID, Data: body}
}

// tellOwner tells streams whose a case is now, for those who have it before
// them. One that is not told sees it when it looks again.
func (a *API) tellOwner(ctx context.Context, c *CaseView, by string) {
	at := a.now().UTC()
	id := "owner-" + digest(c.ID, by, c.Owner, at.Format(time.RFC3339Nano))[:32]
	e := workEvent(c, domain.EventOwner, id, at, map[string]any{"agent": by, "owner": c.Owner})
	if err := a.o.Store.Update(ctx, func(tx store.Tx) error { return tx.EventAppend([]domain.Event{e}) }); err != nil {
		a.log.WarnContext(ctx, "streams are not told of a case's owner", "case", c.ID, "error", err)
		return
	}
	a.feed.Changed()
}
