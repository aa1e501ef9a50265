package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
	"github.com/contact-advocate/advocate/internal/wire"
)

// TestAnEventOfTheOthersOrderLeavesNoFacts: a case heard of it only because two
// customers were one. That it heard of something stays with it.
func TestAnEventOfTheOthersOrderLeavesNoFacts(t *testing.T) {
	t.Parallel()
	mine := domain.IdentityKey{Network: "sandbox", Author: "zoe"}
	a := &asunder{
		src: 2, identities: map[domain.IdentityKey]side{mine: goes}, cases: map[string]side{"here": stays, "there": goes},
		orders: map[string]side{"A-1": stays, "A-2": stays | goes}, refs: map[string]side{"C-1": stays}, things: map[string]string{},
	}
	event := func(id, order string) domain.Input {
		return domain.Input{Kind: domain.InputEvent, Order: &domain.Order{ID: order, Carrier: "Carrier of " + order}, Event: &domain.Event{
			ID: id, Type: "order.shipped", OrderID: order, Data: json.RawMessage(`{"to":"Elm Street"}`),
		}}
	}
	rec := domain.Record{
		Inputs: []domain.Input{event("e1", "A-1"), event("e2", "A-2"), {Kind: domain.InputTimer}},
		Entries: []domain.Entry{
			{Kind: domain.EntryEvent, Case: "here", Ref: "e1", Text: "order A-1"}, {Kind: domain.EntryEvent, Case: "there", Ref: "e1", Text: "order A-1"},
			{Kind: domain.EntryEvent, Case: "there", Ref: "e2", Text: "order A-2"},
		},
		Rules: []domain.RuleTrace{{Rule: "r", Case: "there", Values: []domain.Value{{Expr: "order.id", Value: "A-1"}}, Did: []string{"subscribe order.* (orderid=A-1)"}}, {Rule: "r", Case: "there", Input: 1}},
		At:    time.Unix(0, 0),
	}
	if got := a.ofRecord(&rec); got != stays|goes {
		t.Fatalf("the record is %d", got)
	}
	left, gone := a.cut(&rec, stays), a.cut(&rec, goes)
	b, _ := json.Marshal(gone)
	if s := string(b); strings.Contains(s, "A-1") || !strings.Contains(s, "Carrier of A-2") || !strings.Contains(s, `"e1"`) {
		t.Errorf("what goes: %s", s)
	}
	if len(gone.Inputs) != 3 || len(gone.Entries) != 2 || len(gone.Rules) != 2 || gone.Rules[1].Input != 1 {
		t.Errorf("what goes: %+v", gone)
	}
	b, _ = json.Marshal(left)
	if s := string(b); !strings.Contains(s, "Carrier of A-1") || strings.Contains(s, `"there"`) || len(left.Entries) != 1 || len(left.Rules) != 0 {
		t.Errorf("what stays: %s", s)
	}
}

// TestAnswersKeepNothingOfTheOthers: whoever asked while two were one was given
// the orders of the one reference, and its holder's profile. What is whole in a
// case's own record is cut too.
func TestAnswersKeepNothingOfTheOthers(t *testing.T) {
	t.Parallel()
	for _, strangerStands := range []bool{true, false} {
		ctx, st, at := context.Background(), memory.New(), time.Unix(0, 0).UTC()
		defer st.Close()
		const ann, zoe = "ann", "zoe" // cases: of who has the reference, and of who has none
		person := func(id domain.CustomerID, name string) *seat {
			s := &seat{id: id}
			s.snap.Customer.ID = id
			s.snap.Customer.Identities = []domain.Identity{{IdentityKey: domain.IdentityKey{Network: "sandbox", Author: name}}}
			s.snap.Cases = []domain.Case{{ID: name, Focus: "A-1"}} // the newest
			return s
		}
		dst, src := person(1, zoe), person(2, ann)
		owner, stranger := src, dst
		if !strangerStands {
			dst, src = person(1, ann), person(2, zoe)
			owner, stranger = dst, src
		}
		owner.snap.Customer.Ref = "C-1"
		owner.snap.Orders = []domain.KnownOrder{{Order: domain.Order{ID: "A-2"}}}
		answer := func(of string) domain.Input {
			return domain.Input{Kind: domain.InputAnswer, Answer: &domain.ComponentAnswer{
				Lookup: domain.Lookup{Component: "orders", Case: of}, Found: true, Data: json.RawMessage(`{"of":"A-2"}`),
				Orders: []domain.Order{{ID: "A-1", CustomerRef: "C-1"}, {ID: "A-2", Email: "mail of A-2"}, {ID: "A-3", CustomerRef: "C-1", Postcode: "code of A-3"}, {ID: "A-4"}},
			}}
		}
		profile := func(of string) domain.Input {
			return domain.Input{Kind: domain.InputAnswer, Answer: &domain.ComponentAnswer{
				Lookup: domain.Lookup{Component: "customers", Case: of}, Found: true, Profile: &domain.Profile{Name: "Anna"},
			}}
		}
		trace := domain.RuleTrace{Rule: "of " + zoe, Case: zoe, Values: []domain.Value{{Expr: "answer.orders.of", Value: "A-2"}}, Did: []string{"subscribe order.* (orderid=A-2)"}}
		var kept []byte
		err := st.Update(ctx, func(tx store.Tx) error {
			if err := tx.AdvocateInsert([]store.Advocate{{ID: 1}, {ID: 2}}); err != nil {
				return err
			}
			for i, rec := range []domain.Record{
				{Inputs: []domain.Input{answer(zoe)}, Rules: []domain.RuleTrace{trace}},
				{Inputs: []domain.Input{profile(zoe)}},
				{Inputs: []domain.Input{answer(zoe), profile(zoe), answer(ann), profile(ann)}, Rules: []domain.RuleTrace{trace, {Rule: "of " + ann, Case: ann, Input: 2, Did: []string{"reply A-2"}}}},
				{Inputs: []domain.Input{answer(ann), profile(ann)}},
			} {
				kept = wire.Marshal(&rec)
				if err := tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: dst.id, Version: int64(i + 1), At: at.Add(time.Duration(i) * time.Second), Record: kept}}); err != nil {
					return err
				}
			}
			return (&turn{learned: learned{tx: tx}}).returnRecords(dst, src, at)
		})
		if err != nil {
			t.Fatal(err)
		}
		read := func(s *seat) (rows []store.JournalRow, all string) {
			err := st.View(ctx, func(r store.Reader) (err error) {
				rows, err = r.JournalRead(store.JournalReadParams{Customer: s.id})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range rows {
				var rec domain.Record
				if err := wire.Unmarshal(row.Record, &rec); err != nil {
					t.Fatal(err)
				}
				b, _ := json.Marshal(rec)
				all += string(b) + "\n"
			}
			return rows, all
		}
		rows, all := read(stranger)
		if len(rows) != 3 || strings.Contains(all, "A-2") || strings.Contains(all, "A-3") || strings.Contains(all, "Anna") ||
			strings.Count(all, `"A-1"`) != 2 || strings.Count(all, `"A-4"`) != 2 || strings.Count(all, "of zoe") != 2 {
			t.Errorf("the stranger stands %v, what the stranger has: %s", strangerStands, all)
		}
		rows, all = read(owner)
		if len(rows) != 2 || !bytes.Equal(rows[0].Record, kept) || strings.Count(all, "code of A-3") != 2 || strings.Count(all, "Anna") != 2 || !strings.Contains(all, "reply A-2") {
			t.Errorf("the stranger stands %v, what the owner has: %s", strangerStands, all)
		}
	}
}

// TestAnAnswerOnItsWay brings neither of two who are parted what is the other's:
// what was asked for whoever has the reference is for its holder.
func TestAnAnswerOnItsWay(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]domain.ComponentAnswer{
		"the reference's orders": {Orders: []domain.Order{{ID: "A-1", Email: "secret"}}, Data: json.RawMessage(`{"a":"secret"}`)},
		"its holder's profile":   {Profile: &domain.Profile{Name: "secret"}},
		"an order by its number": {Lookup: domain.Lookup{ID: "A-1"}, Orders: []domain.Order{{ID: "A-1", Email: "secret"}}},
		"an article":             {Data: json.RawMessage(`{"title":"secret"}`)},
	} {
		for _, asks := range []string{"dst", "src"} {
			for _, holds := range []string{"dst", "src", ""} {
				answer.Case, answer.Found = asks, true
				body := wire.Marshal(&domain.Input{Kind: domain.InputAnswer, Answer: &answer})
				dst, src := &seat{id: 1, pending: []store.InboxRow{{Customer: 1, Seq: 7, Body: body}}}, &seat{id: 2}
				switch holds {
				case "dst":
					dst.snap.Customer.Ref = "C-1"
				case "src":
					src.snap.Customer.Ref = "C-1"
				}
				u := &turn{}
				if err := u.returnInputs(dst, src, &parting{cases: map[string]bool{"src": true}}); err != nil {
					t.Fatal(err)
				}
				rows, want := append(u.inbox, dst.pending...), domain.CustomerID(1)
				if asks == "src" {
					want = 2
				}
				if len(rows) != 1 || rows[0].Customer != want || (len(u.inbox) == 1) != (len(u.deletes) == 1) {
					t.Fatalf("%s, asked by %s: %d go, %d stay, %d are deleted", name, asks, len(u.inbox), len(dst.pending), len(u.deletes))
				}
				strange := answer.ID == "" && answer.Data == nil || name == "the reference's orders"
				if told := bytes.Contains(rows[0].Body, []byte("secret")); told == (strange && holds != "" && holds != asks) {
					t.Errorf("%s, asked by %s, the reference is %s's: told %v", name, asks, holds, told)
				}
			}
		}
	}
}

// TestALookupUnderWayIsWaitedFor where its answer may bring what is the other's,
// whoever asked.
func TestALookupUnderWayIsWaitedFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lookup domain.Lookup
		state  domain.EffectState
		waits  bool
	}{
		"for the reference's holder": {domain.Lookup{Component: "orders"}, domain.EffectSending, true},
		"one that has not left":      {domain.Lookup{Component: "orders"}, domain.EffectPending, false},
		"by an order's number":       {domain.Lookup{Component: "orders", ID: "A-1"}, domain.EffectSending, false},
	} {
		st, now := memory.New(), time.Unix(0, 0).UTC()
		t.Cleanup(func() { st.Close() })
		err := st.Update(t.Context(), func(tx store.Tx) error {
			if err := tx.AdvocateInsert([]store.Advocate{{ID: 1}, {ID: 2}}); err != nil {
				return err
			}
			row := store.EffectRow{Effect: domain.Effect{ID: "e", Customer: 1, Case: "dst", Kind: domain.EffectLookup, Destination: "orders", Lookup: &c.lookup, NotBefore: now}, State: c.state}
			if c.state == domain.EffectSending {
				row.Lease, row.Under = now.Add(time.Minute), "node"
			}
			if err := tx.EffectAdd([]store.EffectRow{row}); err != nil {
				return err
			}
			u := &turn{learned: learned{tx: tx}}
			return u.returnEffects(&seat{id: 1}, &seat{id: 2}, &parting{cases: map[string]bool{"src": true}})
		})
		if (domain.ErrorCode(err) == domain.CodeBusy) != c.waits || !c.waits && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
