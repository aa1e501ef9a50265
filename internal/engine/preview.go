package engine

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/contact-advocate/advocate/internal/advocate"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

// What is told of a message before it is sent, and to an agent before a call.
type (
	Objection = advocate.Objection
	Point     = advocate.Point
)

// ReplyPreview says what would stand against a person's message in a case if
// it were sent now. It writes nothing.
func (e *Engine) ReplyPreview(ctx context.Context, caseID, text string, v domain.Visibility, by string) ([]Objection, error) {
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
	out := append(advocate.Preview(pb, snap, caseID, text, v, by, now), more...)
	if finding != "" && !slices.ContainsFunc(out, func(o Objection) bool { return o.Code == "personal" }) {
		out = append(out, Objection{Code: "personal", Text: "The guard on public replies found " + finding + ".", Blocks: true})
	}
	return out, nil
}

// networkObjections says what a case's network cannot do.
func (e *Engine) networkObjections(c *domain.Case, text string, v domain.Visibility) []Objection {
	n := e.networks[netKey{c.Identity.Network, c.Identity.Account}]
	if n == nil {
		return []Objection{{Code: "network", Text: fmt.Sprintf("The network %s is not connected.", c.Identity.Network), Blocks: true}}
	}
	caps, out := n.Capabilities(), []Objection{}
	switch {
	case v == domain.Private && !caps.PrivateMessage:
		out = append(out, Objection{Code: "network", Text: n.Name() + " takes no private messages from us.", Blocks: true})
	case v == domain.Public && !caps.PublicReply:
		out = append(out, Objection{Code: "network", Text: n.Name() + " takes no public replies from us.", Blocks: true})
	}
	if length := utf8.RuneCountInString(text); caps.MaxText > 0 && length > caps.MaxText {
		out = append(out, Objection{Code: "long", Text: fmt.Sprintf("It has %d characters; %s takes %d.", length, n.Name(), caps.MaxText)})
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

// lastSaid finds our messages in a case, the newest first. Records are so too.
func lastSaid(records []domain.Record, caseID string) []domain.Entry {
	var out []domain.Entry
	for i := range records {
		for k := len(records[i].Entries) - 1; k >= 0; k-- {
			if e := &records[i].Entries[k]; e.Case == caseID && e.Text != "" && (e.Kind == domain.EntryReply || e.Kind == domain.EntryStaff) {
				out = append(out, *e)
			}
		}
	}
	return out
}
