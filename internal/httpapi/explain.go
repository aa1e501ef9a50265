package httpapi

import (
	"context"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/store"
)

// explanationView is why something happened.
type explanationView struct {
	ID         string            `json:"id"`
	Kind       string            `json:"kind" doc:"What the id names: post, case, work_item, effect, promise, subscription, emitted, customer."`
	CustomerID domain.CustomerID `json:"customer_id"`
	Cases      []CaseView        `json:"cases"`
	Records    []recordView      `json:"records" doc:"Every decision that touches it, oldest first."`
	Playbooks  []usedPlaybook    `json:"playbooks" doc:"The versions that decided, by the hash that the records name, with the rules they considered."`
	Causes     []causeView       `json:"causes" doc:"Of each message that the records tell of, what led to it."`
	Effects    []effectView      `json:"effects" doc:"Those of the records that have not ended: on their way out, held, or dead letters."`
}

// usedPlaybook is a version that decided something, as far as it did.
type usedPlaybook struct {
	Hash    string     `json:"hash"`
	Version int64      `json:"version,omitempty" doc:"Missing where it is not kept any more, or was compiled under another policy."`
	Name    string     `json:"name,omitempty"`
	Active  bool       `json:"active,omitempty" doc:"It decides now."`
	Rules   []usedRule `json:"rules" doc:"In file order."`
}

type usedRule struct {
	Name string   `json:"name"`
	Line int      `json:"line" doc:"Of that version's source, from 1."`
	On   []string `json:"on" doc:"What it listens to."`
	When string   `json:"when,omitempty" doc:"Its condition; missing for always."`
	Once string   `json:"once,omitempty"`
}

type explainInput struct {
	ID string `path:"id" maxLength:"512"`
}

type explainOutput struct {
	Body explanationView
}

func (a *API) explain(ctx context.Context, in *explainInput) (*explainOutput, error) {
	x, err := a.explanation(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &explainOutput{explanationView{ID: x.ID, Kind: x.Kind, CustomerID: x.Customer, Cases: []CaseView{}, Records: []recordView{}, Causes: causesOf(x.Records), Effects: []effectView{}}}
	for _, r := range x.Records {
		out.Body.Records = append(out.Body.Records, viewRecord(r))
	}
	err = a.view(ctx, func(r store.Reader) (err error) {
		whose := domain.Customer{ID: x.Customer}
		if len(x.Cases) > 0 {
			if _, snap, err := a.advocate(r, x.Customer); err == nil {
				whose = snap.Customer
			} else if domain.ErrorCode(err) != domain.CodeNotFound {
				return err
			}
		}
		out.Body.Cases = out.Body.Cases[:0]
		for _, c := range x.Cases {
			out.Body.Cases = append(out.Body.Cases, ViewCase(&whose, c))
		}
		if out.Body.Playbooks, err = usedPlaybooks(r, x.Records); err == nil {
			out.Body.Effects, err = unendedEffects(r, x.Customer, x.Records)
		}
		return err
	})
	return out, err
}

// explanation is what the caller may see of what an id names. Of the rest it is
// not told whose it would be, nor whether there is anybody, nor on how many networks.
func (a *API) explanation(ctx context.Context, id string) (x Explanation, err error) {
	x, err = a.o.Engine.Explain(ctx, id)
	switch domain.ErrorCode(err) {
	case domain.CodeNotFound:
		return x, noRecord(id)
	case domain.CodeConflict:
		return a.oneReached(ctx, id, err)
	}
	if err == nil {
		err = a.reachedExplanation(ctx, id, &x)
	}
	return x, err
}

// oneReached is for an id that several posts have: who does not see all there is
// is told of the one that they see, if they see one alone.
func (a *API) oneReached(ctx context.Context, id string, several error) (one Explanation, err error) {
	var rows []store.PostRow
	all := false
	err = a.view(ctx, func(r store.Reader) error {
		m, err := a.matters(r, caller(ctx))
		if all = err == nil && m.all(); err == nil && !all {
			rows, err = r.PostFindID(id)
		}
		return err
	})
	if err != nil {
		return one, err
	}
	if all {
		return one, several
	}
	seen := 0
	for _, p := range rows {
		x, err := a.explanation(ctx, p.Key.Network+"/"+strings.TrimPrefix(p.Key.Account+"/", "/")+p.Key.ID)
		switch {
		case err == nil:
			one = x
			seen++
		case domain.ErrorCode(err) != domain.CodeNotFound:
			return one, err
		}
	}
	switch {
	case seen == 1:
		return one, nil
	case seen > 0 && seen == len(rows):
		return Explanation{}, several
	}
	return Explanation{}, noRecord(id)
}

// reachedExplanation leaves of an explanation what the caller may see.
func (a *API) reachedExplanation(ctx context.Context, id string, x *Explanation) error {
	return a.view(ctx, func(r store.Reader) error {
		m, err := a.matters(r, caller(ctx))
		if err != nil || m.all() {
			return err
		}
		nothing := noRecord(id)
		t, err := m.read(a, x.Customer)
		if domain.ErrorCode(err) == domain.CodeNotFound {
			return nothing
		}
		if err != nil {
			return err
		}
		if x.Cases, err = kept(x.Cases, func(c *domain.Case) (bool, error) { return m.concerns(t, c.ID) }); err != nil {
			return err
		}
		if x.Records, err = kept(x.Records, func(rec *domain.Record) (bool, error) { return m.record(t, rec) }); err != nil {
			return err
		}
		seen, err := m.customer(t.row, &t.snap)
		if err == nil && (!seen || x.Kind != "customer" && len(x.Records) == 0) {
			err = nothing
		}
		return err
	})
}

func noRecord(id string) error {
	return domain.Errorf(domain.CodeNotFound, "nothing is recorded of %.100q", id)
}

// usedPlaybooks finds the versions that decided, in the order in which they did.
func usedPlaybooks(r store.Reader, records []domain.Record) ([]usedPlaybook, error) {
	out := []usedPlaybook{}
	if len(records) == 0 {
		return out, nil
	}
	versions, err := r.PlaybookList(maxPage)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for i := range records {
		hash := records[i].Playbook
		if known[hash] {
			continue
		}
		known[hash] = true
		used := usedPlaybook{Hash: hash, Rules: []usedRule{}}
		// A file that was renamed is another version that decides equally.
		for _, v := range versions {
			if v.Hash == hash && (used.Version == 0 || v.Active) {
				used.Version, used.Name, used.Active = v.Version, v.Name, v.Active
			}
		}
		if used.Version != 0 {
			row, err := r.PlaybookGet(used.Version)
			if err != nil {
				return nil, err
			}
			used.Rules = consideredRules(row.Source, consideredIn(records, hash))
		}
		out = append(out, used)
	}
	return out, nil
}

// consideredIn names the rules that the decisions of one playbook looked at.
func consideredIn(records []domain.Record, hash string) map[string]bool {
	names := map[string]bool{}
	for i := range records {
		rec := &records[i]
		if rec.Playbook != hash {
			continue
		}
		for _, t := range rec.Rules {
			names[t.Rule] = true
		}
		for _, s := range rec.Skipped {
			for _, name := range s.False {
				names[name] = true
			}
			for _, name := range s.Once {
				names[name] = true
			}
		}
	}
	return names
}

func consideredRules(source []byte, names map[string]bool) []usedRule {
	out := []usedRule{}
	for _, o := range playbook.Outline(source) {
		if names[o.Name] {
			out = append(out, usedRule{o.Name, o.Line, append([]string{}, o.On...), o.When, o.Once})
		}
	}
	return out
}

// maxUnended is how many effects of a customer are looked through.
const maxUnended = 500

// unendedEffects finds those of the records' effects that are still in the
// outbox: how often they were tried and what stood in the way is there alone.
func unendedEffects(r store.Reader, customer domain.CustomerID, records []domain.Record) ([]effectView, error) {
	noted := map[string]bool{}
	for i := range records {
		for _, e := range records[i].Effects {
			if e.ID != "" {
				noted[e.ID] = true
			}
		}
		for _, e := range records[i].Entries { // a person's reply is noted by its entry
			if e.Kind == domain.EntryReply || e.Kind == domain.EntryLookup {
				noted[e.Ref] = true
			}
		}
	}
	out := []effectView{}
	if len(noted) == 0 {
		return out, nil
	}
	rows, err := r.EffectList(store.EffectListParams{Customer: customer, Limit: maxUnended})
	for _, row := range rows {
		if noted[row.ID] {
			out = append(out, viewEffect(row))
		}
	}
	return out, err
}
