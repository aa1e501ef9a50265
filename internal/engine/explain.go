package engine

import (
	"context"
	"slices"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

// Explanation tells why: whose the thing is and every record that touches it,
// oldest first.
type Explanation struct {
	ID       string            `json:"id"`
	Kind     string            `json:"kind"` // "post", "case", "work_item", "effect", "promise", "subscription", "emitted", "customer"
	Customer domain.CustomerID `json:"customer_id"`
	Cases    []domain.Case     `json:"cases,omitempty"` // the cases concerned, as they are now
	Records  []domain.Record   `json:"records"`
}

// maxExplained is how many records one explanation gives; the newest.
const maxExplained = 200

var objectKinds = map[domain.ObjectKind]string{
	domain.KindCase: "case", domain.KindWorkItem: "work_item", domain.KindEffect: "effect",
	domain.KindPromise: "promise", domain.KindSubscription: "subscription", domain.KindEmitted: "emitted",
}

// Explain finds a case, work item, effect, promise or subscription by its id, a
// customer, or a post as findPost does, and tells what led to it and what came
// of it. A post is explained together with its case. A post id that several
// networks or accounts use is CodeConflict: it takes the network and the label.
func (e *Engine) Explain(ctx context.Context, id string) (Explanation, error) {
	x := Explanation{ID: id}
	err := e.store.View(ctx, func(r store.Reader) error {
		refs := map[string]bool{id: true}
		var post domain.PostKey
		if owner, kind, _, err := domain.ParseObjectID(id); err == nil {
			x.Kind, x.Customer = objectKinds[kind], owner
		} else if owner, err := domain.ParseCustomerID(id); err == nil {
			x.Kind, x.Customer, refs = "customer", owner, nil
		} else {
			row, err := findPost(r, id)
			if err != nil {
				return err
			}
			x.Kind, x.Customer, post = "post", row.Customer, row.Key
			refs = map[string]bool{row.Key.ID: true}
		}
		row, err := standing(r, x.Customer)
		if err != nil {
			return err
		}
		x.Customer = row.ID
		records, err := readRecords(r, row.ID, 0)
		if err != nil {
			return err
		}
		slices.Reverse(records)
		x.Records = touching(records, refs, post)
		if x.Kind != "customer" && len(x.Records) == 0 {
			return domain.Errorf(domain.CodeNotFound, "nothing is recorded of %.100q", id)
		}
		if n := len(x.Records); n > maxExplained {
			x.Records = x.Records[n-maxExplained:]
		}
		return x.addCases(r, row, refs)
	})
	return x, e.edge("explain", err)
}

// touching keeps the records that mention any of refs; nil refs keep all. Of a
// post that of another network with the same id is not meant, and the cases that
// a touching record's own entries name are mentioned from then on, too.
func touching(records []domain.Record, refs map[string]bool, post domain.PostKey) []domain.Record {
	if refs == nil {
		return records
	}
	var out []domain.Record
	for i := range records {
		rec := &records[i]
		if !mentions(rec, refs, post) {
			continue
		}
		out = append(out, *rec)
		if post.ID == "" {
			continue
		}
		for _, en := range rec.Entries {
			if en.Case != "" && refs[en.Ref] {
				refs[en.Case] = true
			}
		}
	}
	return out
}

func mentions(rec *domain.Record, refs map[string]bool, post domain.PostKey) bool {
	for i := range rec.Inputs {
		in := &rec.Inputs[i]
		switch {
		case in.Post != nil && refs[in.Post.ID] && (post.ID == "" || in.Post.Key() == post || in.Post.ID != post.ID),
			in.Outcome != nil && (refs[in.Outcome.Effect] || refs[in.Outcome.PostID] || slices.ContainsFunc(in.Outcome.More, func(id string) bool { return refs[id] }) || refs[in.Outcome.Case]),
			in.Answer != nil && (refs[in.Answer.Effect] || refs[in.Answer.Case]),
			in.Command != nil && (refs[in.Command.Case] || refs[in.Command.WorkItem]),
			in.Event != nil && (refs[in.Event.ID] || refs[in.Event.CaseID] || refs[in.Event.WorkItemID]):
			return true
		}
	}
	another := slices.ContainsFunc(rec.Inputs, func(in domain.Input) bool {
		return in.Post != nil && in.Post.ID == post.ID && in.Post.Key() != post
	})
	for i := range rec.Entries {
		ref := rec.Entries[i].Ref
		if refs[ref] && (ref != post.ID || !another) || refs[rec.Entries[i].Case] {
			return true
		}
	}
	for i := range rec.Effects {
		if refs[rec.Effects[i].ID] {
			return true
		}
	}
	return slices.ContainsFunc(rec.Rules, func(t domain.RuleTrace) bool { return refs[t.Case] })
}

// addCases adds the cases that the explanation is about.
func (x *Explanation) addCases(r store.Reader, row store.Advocate, refs map[string]bool) error {
	var snap domain.Snapshot
	if err := wire.Unmarshal(row.State, &snap); err != nil {
		return err
	}
	old, err := r.CaseList(row.ID, 0)
	if err != nil {
		return err
	}
	for _, c := range append(old, snap.Cases...) {
		concerned := refs == nil || refs[c.ID]
		for _, p := range c.Posts {
			concerned = concerned || refs[p.ID]
		}
		for _, w := range c.WorkItems {
			concerned = concerned || refs[w.ID]
		}
		for _, p := range c.Promises {
			concerned = concerned || refs[p.ID]
		}
		for _, rec := range x.Records {
			for _, en := range rec.Entries {
				concerned = concerned || en.Case == c.ID && refs[en.Ref]
			}
		}
		if concerned {
			c.LastReply = 0 // a digest for comparing, of no meaning to readers
			x.Cases = append(x.Cases, c)
		}
	}
	return nil
}
