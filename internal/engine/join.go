package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

// Merge makes one customer of two: from's identities, cases, orders,
// subscriptions, work items, effects, inputs and history become to's, and a
// redirect stays for what arrives late. The id returned undoes it.
func (e *Engine) Merge(ctx context.Context, from, to domain.CustomerID, by string) (string, error) {
	if from == 0 || to == 0 || from == to {
		return "", domain.Errorf(domain.CodeInvalid, "merging needs two customers, not %v and %v", from, to)
	}
	var id string
	t := &turn{e: e, wants: []domain.CustomerID{from, to}}
	t.extra = func(t *turn) (err error) {
		id, err = t.merge(from, to, by)
		return err
	}
	if err := e.run(ctx, t); err != nil {
		return "", e.edge("merge customers", err)
	}
	e.log.InfoContext(ctx, "customers merged", "from_customer_id", from, "to_customer_id", to, "merge_id", id, "by", by)
	return id, nil
}

// own returns the seat of a customer that stands for itself and can be
// decided about now.
func (t *turn) own(id domain.CustomerID) (*seat, error) {
	s := t.seats[id]
	switch {
	case s == nil && t.redirect[id] != 0:
		return nil, domain.Errorf(domain.CodeConflict, "customer %v was merged into %v", id, t.redirect[id])
	case s == nil:
		return nil, domain.Errorf(domain.CodeNotFound, "there is no customer %v", id)
	case s.taken:
		return nil, &domain.Error{Code: domain.CodeBusy, Message: "this customer is being decided about elsewhere", RetryAfter: retryBusy}
	case s.broken != nil:
		return nil, domain.Errorf(domain.CodeConflict, "the state of customer %v cannot be read", id)
	}
	return s, nil
}

func (t *turn) merge(from, to domain.CustomerID, by string) (string, error) {
	src, err := t.own(from)
	if err != nil {
		return "", err
	}
	dst, err := t.own(to)
	if err != nil {
		return "", err
	}
	if a, b := src.snap.Customer.Ref, dst.snap.Customer.Ref; a != "" && b != "" && a != b {
		return "", domain.Errorf(domain.CodeConflict, "the customers have different references (%.100q and %.100q): the company holds them for two people", a, b)
	}
	if n := len(src.snap.Customer.Identities) + len(dst.snap.Customer.Identities); n > domain.MaxIdentities {
		return "", domain.Errorf(domain.CodeConflict, "together they have %d identities; at most %d are kept", n, domain.MaxIdentities)
	}
	body, err := json.Marshal(&mergeManifest{From: src.snap, To: dst.snap})
	if err != nil {
		return "", err
	}
	id := fmt.Sprintf("%v-m%d", to, dst.row.Version+1)
	if err := t.tx.CustomerMove(from, to); err != nil {
		return "", err
	}
	if err := t.tx.MergePut(store.MergeRow{ID: id, From: from, To: to, At: t.now, By: by, Body: body}); err != nil {
		return "", err
	}
	if err := dst.replace(mergeSnapshots(dst.snap, src.snap)); err != nil {
		return "", err
	}
	for _, row := range src.pending {
		row.Customer = to
		dst.pending = append(dst.pending, row)
	}
	slices.SortFunc(dst.pending, func(a, b store.InboxRow) int { return int(a.Seq - b.Seq) })
	delete(t.seats, from)
	t.redirect[from] = to
	t.order = slices.DeleteFunc(t.order, func(s *seat) bool { return s == src })
	dst.flush = true
	dst.add(0, domain.Input{Kind: domain.InputCommand, At: t.now, Command: &domain.Command{
		Kind: domain.CommandMerged, By: by, Note: "merged with " + from.String() + " (" + id + ")",
	}}, false)
	return id, nil
}

// replace gives a seat another state to decide over.
func (s *seat) replace(snap domain.Snapshot) (err error) {
	snap.Version = s.row.Version
	s.row.State = wire.Marshal(&snap)
	s.snap = domain.Snapshot{}
	s.decode()
	return s.broken
}

// Unmerge undoes a merge by the id that Merge returned: both customers get
// back what was theirs and what their identities or cases have produced since.
// Later merges of the same customer have to be undone first, and nothing of
// the customer may be on its way out at the moment.
func (e *Engine) Unmerge(ctx context.Context, mergeID, by string) error {
	head, _, ok := strings.Cut(mergeID, "-m")
	to, err := domain.ParseCustomerID(head)
	if !ok || err != nil {
		return domain.Errorf(domain.CodeInvalid, "merge id %.60q: want what merging returned", mergeID)
	}
	t := &turn{e: e, wants: []domain.CustomerID{to}}
	t.extra = func(t *turn) error { return t.unmerge(mergeID, to, by) }
	if err := e.run(ctx, t); err != nil {
		return e.edge("undo a merge", err)
	}
	e.log.InfoContext(ctx, "merge undone", "merge_id", mergeID, "by", by)
	return nil
}

func (t *turn) unmerge(mergeID string, to domain.CustomerID, by string) error {
	rows, err := t.tx.MergeList(to)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(rows, func(r store.MergeRow) bool { return r.ID == mergeID })
	if i < 0 {
		return domain.Errorf(domain.CodeNotFound, "there is no merge %.60q; it may have been undone", mergeID)
	}
	row := rows[i]
	for _, r := range rows {
		if r.To == to && r.At.After(row.At) || r.From == to {
			return domain.Errorf(domain.CodeConflict, "undo the later merge %s first", r.ID)
		}
	}
	dst, err := t.own(to)
	if err != nil {
		return err
	}
	var m mergeManifest
	if err := json.Unmarshal(row.Body, &m); err != nil {
		return err
	}
	parting := newParting(&dst.snap, &m)
	toSnap, fromSnap := splitSnapshot(dst.snap, &m)
	if err := t.tx.CustomerSplit(row.From); err != nil {
		if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound) {
			return domain.Errorf(domain.CodeConflict, "customer %v is not merged any more", row.From)
		}
		return err
	}
	locked, err := t.tx.AdvocateLock([]domain.CustomerID{row.From})
	if err != nil {
		return err
	}
	src := &seat{id: row.From, row: locked[0]}
	src.row.Redirect = 0
	delete(t.redirect, row.From)
	t.seats[row.From] = src
	t.order = append(t.order, src) // after dst, which gives up src's reference in the same write
	if err := src.replace(fromSnap); err != nil {
		return err
	}
	if err := dst.replace(toSnap); err != nil {
		return err
	}
	if err := t.giveBack(dst, src, parting); err != nil {
		return err
	}
	if err := t.returnRecords(dst, src, row.At); err != nil {
		return err
	}
	for _, s := range []*seat{dst, src} {
		s.add(0, domain.Input{Kind: domain.InputCommand, At: t.now, Command: &domain.Command{
			Kind: domain.CommandUnmerged, By: by, Note: "merge " + mergeID + " undone",
		}}, false)
	}
	return t.tx.MergeDelete(mergeID)
}

// giveBack moves the rows that belong to the customer who leaves.
func (t *turn) giveBack(dst, src *seat, p *parting) error {
	for _, step := range [...]func(*seat, *seat, *parting) error{
		t.returnIdentities, t.returnCases, t.returnSubscriptions, t.returnWorkItems, t.returnEffects, t.returnInputs,
	} {
		if err := step(dst, src, p); err != nil {
			return err
		}
	}
	return nil
}

func (t *turn) returnIdentities(_, src *seat, _ *parting) error {
	var rows []store.IdentityRow
	for _, k := range src.keys {
		rows = append(rows, store.IdentityRow{Key: k, Customer: src.id})
	}
	if len(rows) == 0 {
		return nil
	}
	return t.tx.IdentitySet(rows)
}

// returnCases moves the cases that the merged customer had let go of, and the
// posts of every case that goes back.
func (t *turn) returnCases(dst, src *seat, p *parting) error {
	cases := slices.Clone(src.snap.Cases)
	old, err := t.tx.CaseList(dst.id, 0)
	if err != nil {
		return err
	}
	old = slices.DeleteFunc(old, func(c domain.Case) bool { return !p.identities[c.Identity] && !belongsTo(c.ID, src.id) })
	if len(old) > 0 {
		if err := t.tx.CasePut(src.id, old); err != nil {
			return err
		}
		for i := range old {
			p.cases[old[i].ID] = true
		}
		cases = append(cases, old...)
	}
	var keys []domain.PostKey
	for i := range cases {
		for _, post := range cases[i].Posts {
			keys = append(keys, domain.PostKey{Network: cases[i].Identity.Network, Account: cases[i].Identity.Account, ID: post.ID})
		}
	}
	return t.returnPosts(dst, src, keys)
}

// returnPosts moves what is known of posts: their edits and deletions, and what
// answers them, go where they went.
func (t *turn) returnPosts(dst, src *seat, keys []domain.PostKey) error {
	if len(keys) == 0 {
		return nil
	}
	rows, err := t.tx.PostFind(keys)
	if err != nil {
		return err
	}
	rows = slices.DeleteFunc(rows, func(r store.PostRow) bool { return r.Customer != dst.id })
	for i := range rows {
		rows[i].Customer = src.id
	}
	t.posts = append(t.posts, rows...)
	return nil
}

func (t *turn) returnSubscriptions(dst, src *seat, _ *parting) error {
	var gone, back []store.SubscriptionRow
	for i := range src.snap.Subscriptions {
		gone = append(gone, store.SubscriptionRow{Customer: dst.id, Subscription: src.snap.Subscriptions[i]})
		back = append(back, store.SubscriptionRow{Customer: src.id, Subscription: src.snap.Subscriptions[i]})
	}
	if len(back) == 0 {
		return nil
	}
	if err := t.tx.SubscriptionDelete(gone); err != nil {
		return err
	}
	if err := t.tx.SubscriptionAdd(back); err != nil {
		return err
	}
	// A fan-out under way goes by who stood at its beginning, which these no
	// longer seem to have done: they look in the log for themselves.
	var rows []store.CatchUpRow
	for i := range back {
		s := &back[i]
		rows = append(rows, store.CatchUpRow{Customer: s.Customer, Subscription: s.ID, Anchor: s.Anchor, To: s.To, Since: s.Since, Upto: s.After})
	}
	t.tally.catchUps = true
	return t.tx.CatchUpAdd(rows)
}

func (t *turn) returnWorkItems(dst, src *seat, p *parting) error {
	items, err := allWorkItems(t.tx, dst.id)
	if err != nil {
		return err
	}
	items = slices.DeleteFunc(items, func(w domain.WorkItem) bool { return !p.cases[w.Case] })
	for i := range items {
		items[i].Customer = src.id
	}
	if len(items) == 0 {
		return nil
	}
	return t.tx.WorkItemPut(items)
}

// returnEffects puts the unsent effects of the cases that go back into the
// outbox anew. They keep their ids, and so the keys by which networks know
// them.
func (t *turn) returnEffects(dst, src *seat, p *parting) error {
	rows, err := allEffects(t.tx, dst.id)
	if err != nil {
		return err
	}
	for _, row := range rows {
		// What is asked for whoever has the reference may bring what is the
		// other's, wherever it was asked.
		asked := row.Kind == domain.EffectLookup && row.Lookup.ID == ""
		if !p.cases[row.Case] && !(asked && row.State == domain.EffectSending) {
			continue
		}
		if row.State == domain.EffectSending {
			return &domain.Error{Code: domain.CodeBusy, Message: "something of this customer's is on its way out; try again in a moment", RetryAfter: retryUnavailable}
		}
		if _, err := t.tx.EffectSet(row.ID, nil, domain.EffectDone, row.NotBefore); err != nil {
			return err
		}
		dead := row.State == domain.EffectDead
		if dead {
			row.State = domain.EffectHeld // an outbox takes nothing in that is dead
		}
		row.Customer, row.Effect.Customer = src.id, src.id
		if err := t.tx.EffectAdd([]store.EffectRow{row}); err != nil {
			return err
		}
		if !dead {
			continue
		}
		if _, err := t.tx.EffectSet(row.ID, []domain.EffectState{domain.EffectHeld}, domain.EffectDead, row.NotBefore); err != nil {
			return err
		}
	}
	return nil
}

// ofReference reports whether an answer tells of the customer whose reference it
// was asked with.
func ofReference(a *domain.ComponentAnswer) bool {
	return a.ID == "" && (len(a.Orders) > 0 || a.Profile != nil)
}

// returnInputs moves the pending inputs that concern what goes back, and with a
// post that no case has yet what is known of it. An event that both may want
// goes to both. An answer for whoever has the reference brings the other nothing.
func (t *turn) returnInputs(dst, src *seat, p *parting) error {
	var stay []store.InboxRow
	var posts []domain.PostKey
	for _, row := range dst.pending {
		var in domain.Input
		if wire.Unmarshal(row.Body, &in) != nil {
			stay = append(stay, row)
			continue
		}
		goes, both := false, false
		switch {
		case in.Post != nil:
			goes = p.identities[in.Post.Identity()]
		case in.Outcome != nil:
			goes = p.cases[in.Outcome.Case]
		case in.Answer != nil:
			mine, other := dst, src
			if goes = p.cases[in.Answer.Case]; goes {
				mine, other = src, dst
			}
			if ofReference(in.Answer) && mine.snap.Customer.Ref == "" && other.snap.Customer.Ref != "" {
				*in.Answer = domain.ComponentAnswer{Lookup: in.Answer.Lookup, Error: "the answer was about another customer"}
				row.Body = wire.Marshal(&in)
				if !goes { // it is put back as it is now
					t.deletes = append(t.deletes, store.InboxKey{Customer: row.Customer, Seq: row.Seq})
					row.Seq = 0
					t.inbox = append(t.inbox, row)
					t.tally.ready = true
					continue
				}
			}
		case in.Command != nil:
			goes = p.cases[in.Command.Case]
		case in.Event != nil:
			wants := func(s *seat) bool {
				return slices.ContainsFunc(s.snap.Subscriptions, func(sub domain.Subscription) bool {
					return sub.Matches(in.Event, in.Event.Anchors())
				})
			}
			goes = wants(src)
			both = goes && wants(dst)
		}
		if !goes || both {
			stay = append(stay, row)
		}
		if !goes {
			continue
		}
		if !both {
			t.deletes = append(t.deletes, store.InboxKey{Customer: row.Customer, Seq: row.Seq})
		}
		if in.Post != nil {
			posts = append(posts, in.Post.Key())
		}
		row.Customer, row.Seq = src.id, 0
		t.inbox = append(t.inbox, row)
		t.tally.ready = true
	}
	dst.pending = stay
	return t.returnPosts(dst, src, posts)
}
