package engine

import (
	"context"
	"slices"
	"strconv"

	"github.com/contact-advocate/advocate/internal/advocate"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

// What is told of a message before it is sent, and to an agent before a call.
type (
	Objection = advocate.Objection
	Point     = advocate.Point
)

// ReplyPreview says what would stand against a person's message in a case if
// it were sent now, and, with take, took the case. It writes nothing.
func (e *Engine) ReplyPreview(ctx context.Context, caseID, text string, v domain.Visibility, by string, take bool) ([]Objection, error) {
	pb := e.Playbook()
	if pb == nil {
		return nil, noPlaybook()
	}
	if v != domain.Public && v != domain.Private {
		return nil, domain.FieldErrorf("visibility", "is %.40q; want \"public\" or \"private\"", v)
	}
	snap, err := e.caseState(ctx, caseID)
	if err != nil {
		return nil, e.edge("preview a reply", err)
	}
	now, more := e.clock.Now(), []Objection{}
	finding := ""
	if c := snap.Case(caseID); c != nil {
		more = e.networkObjections(c, text, v)
		if v == domain.Public {
			finding = exposes(&snap, c, c.Identity, text, now)
		}
	}
	out := append(advocate.Preview(pb, snap, caseID, text, v, by, take, now), more...)
	if finding != "" && !slices.ContainsFunc(out, func(o Objection) bool { return o.Code == "personal" }) {
		out = append(out, advocate.AgainstPersonal(said.GuardFound.Text(finding)))
	}
	return out, nil
}

// networkObjections says what a case's network cannot do.
func (e *Engine) networkObjections(c *domain.Case, text string, v domain.Visibility) []Objection {
	n := e.networks[netKey{c.Identity.Network, c.Identity.Account}]
	if n == nil {
		return []Objection{advocate.Against("network", true, said.AgainstNoNetwork, c.Identity.Network)}
	}
	caps, out := n.Capabilities(), []Objection{}
	switch {
	case v == domain.Private && !caps.PrivateMessage:
		out = append(out, advocate.Against("network", true, said.AgainstPrivate, n.Name()))
	case v == domain.Public && !caps.PublicReply:
		out = append(out, advocate.Against("network", true, said.AgainstPublic, n.Name()))
	}
	form := caps.Form(v)
	if most := max(form.Parts, 1) * form.Text.Max; most > 0 && form.Text.Count(text) > most {
		out = append(out, advocate.Against("long", false, said.AgainstLong, strconv.Itoa(form.Text.Count(text)), n.Name(), strconv.Itoa(most)))
	}
	return out
}

// caseState reads the state of a case's customer.
func (e *Engine) caseState(ctx context.Context, caseID string) (snap domain.Snapshot, err error) {
	owner, kind, _, err := domain.ParseObjectID(caseID)
	if err != nil || kind != domain.KindCase {
		return snap, domain.FieldErrorf("id", "%.60q is not the id of a case", caseID)
	}
	err = e.store.View(ctx, func(r store.Reader) error {
		snap = domain.Snapshot{}
		row, err := standing(r, owner)
		if err != nil {
			return err
		}
		return wire.Unmarshal(row.State, &snap)
	})
	return snap, err
}

// maxRecalled is how many of a customer's newest decisions are looked through
// for what was said last.
const maxRecalled = 50

// TalkingPoints gathers what the facts say to whoever works on a work item.
func (e *Engine) TalkingPoints(ctx context.Context, w *domain.WorkItem) ([]Point, error) {
	var out []Point
	err := e.store.View(ctx, func(r store.Reader) error {
		out = nil
		row, err := standing(r, w.Customer)
		if err != nil {
			return err
		}
		var snap domain.Snapshot
		if err := wire.Unmarshal(row.State, &snap); err != nil {
			return internal("read a state", err)
		}
		c := snap.Case(w.Case)
		if c == nil {
			old, err := r.CaseGet(w.Case)
			if err != nil {
				return err
			}
			c = &old
		}
		records, err := readRecords(r, row.ID, maxRecalled)
		if err != nil {
			return err
		}
		out = advocate.TalkingPoints(e.Policy(), &snap, c, lastSaid(records, w.Case), e.clock.Now())
		return nil
	})
	return out, e.edge("gather talking points", err)
}

// lastSaid finds our messages in a case and how their sending ended, the newest
// first. Records are so too.
func lastSaid(records []domain.Record, caseID string) []domain.Entry {
	var out []domain.Entry
	for i := range records {
		for k := len(records[i].Entries) - 1; k >= 0; k-- {
			e := &records[i].Entries[k]
			if e.Case != caseID {
				continue
			}
			switch e.Kind {
			case domain.EntryReply, domain.EntryStaff:
				if e.Text != "" {
					out = append(out, *e)
				}
			case domain.EntrySent, domain.EntryNotSent:
				out = append(out, *e)
			}
		}
	}
	return out
}
