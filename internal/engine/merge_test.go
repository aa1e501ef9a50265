package engine_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/store"
)

// someSnapshot draws what a customer may look like.
func someSnapshot(t *rapid.T, id domain.CustomerID, name string) domain.Snapshot {
	answers := []domain.Answer{domain.Unasked, domain.Granted, domain.Refused}
	s := domain.Snapshot{Customer: domain.Customer{ID: id, Consent: domain.Consent{
		Calls: rapid.SampledFrom(answers).Draw(t, "calls"), Messages: rapid.SampledFrom(answers).Draw(t, "messages"), Stopped: rapid.Bool().Draw(t, "stopped"),
	}}}
	if rapid.Bool().Draw(t, "named") {
		s.Customer.Name, s.Customer.Phone = "Name "+name, "+3491100"+name
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "identities") {
		s.Customer.Identities = append(s.Customer.Identities, domain.Identity{
			IdentityKey: domain.IdentityKey{Network: "sandbox", Author: fmt.Sprintf("%s%d", name, i)},
			Evidence:    []domain.Evidence{{Kind: domain.EvidenceFirstContact, At: start}},
		})
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "cases") {
		s.Numbers.Case++
		c := domain.Case{
			ID: domain.ObjectID(id, domain.KindCase, s.Numbers.Case), State: domain.CaseWaiting,
			Identity: s.Customer.Identities[i%len(s.Customer.Identities)].IdentityKey,
			OpenedAt: start.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "opened")) * time.Minute),
		}
		if rapid.Bool().Draw(t, "order") {
			ref := fmt.Sprintf("A-%d", rapid.IntRange(1000, 1004).Draw(t, "ref"))
			c.OrderRefs = []string{ref}
			if s.Order(ref) == nil {
				s.Orders = append(s.Orders, domain.KnownOrder{Order: domain.Order{ID: ref}, Found: true, At: start})
			}
			s.Numbers.Subscription++
			s.Subscriptions = append(s.Subscriptions, domain.Subscription{
				ID: domain.ObjectID(id, domain.KindSubscription, s.Numbers.Subscription), Case: c.ID, To: "order.*",
				Anchor: domain.Anchor{Attr: domain.AnchorOrder, Value: ref}, Since: c.OpenedAt, Expires: start.Add(time.Hour),
			})
		}
		_, short, _ := strings.Cut(c.ID, "-")
		s.Timers = append(s.Timers, domain.Timer{Name: "close:" + short, Kind: domain.TimerClose, Due: c.OpenedAt.Add(time.Hour), Case: c.ID})
		s.Cases = append(s.Cases, c)
	}
	slices.SortStableFunc(s.Cases, func(a, b domain.Case) int { return a.OpenedAt.Compare(b.OpenedAt) })
	slices.SortStableFunc(s.Timers, func(a, b domain.Timer) int { return a.Due.Compare(b.Due) })
	for i := range rapid.IntRange(0, 3).Draw(t, "contacts") {
		s.Contacts = append(s.Contacts, start.Add(time.Duration(i)*time.Minute+time.Duration(id)*time.Second))
	}
	return s
}

// TestUndoingAMergeRestores: whatever two customers are, merging and undoing
// it at once gives both back as they were.
func TestUndoingAMergeRestores(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		to, from := someSnapshot(t, 1<<40|1, "a"), someSnapshot(t, 1<<40|2, "b")
		merged := engine.MergeSnapshots(to, from)
		if got, want := len(merged.Cases), len(to.Cases)+len(from.Cases); got != want {
			t.Fatalf("%d cases of %d", got, want)
		}
		names := map[string]bool{}
		for _, tm := range merged.Timers {
			if names[tm.Name] {
				t.Fatalf("two timers are called %q: one would replace the other", tm.Name)
			}
			names[tm.Name] = true
		}
		for _, c := range []domain.Consent{to.Customer.Consent, from.Customer.Consent} {
			m := merged.Customer.Consent
			if c.Stopped && !m.Stopped || c.Calls == domain.Refused && m.Calls != domain.Refused || c.Messages == domain.Refused && m.Messages != domain.Refused {
				t.Fatalf("a refusal was lost: %+v in %+v", c, m)
			}
		}
		if len(merged.Contacts) != len(to.Contacts)+len(from.Contacts) {
			t.Fatal("contacts do not add up")
		}
		backTo, backFrom := engine.SplitSnapshot(merged, &engine.Manifest{From: from, To: to})
		for _, x := range []struct {
			what      string
			got, want any
		}{
			{"to's identities", backTo.Customer, to.Customer}, {"from's identities", backFrom.Customer, from.Customer},
			{"to's cases", backTo.Cases, to.Cases}, {"from's cases", backFrom.Cases, from.Cases},
			{"to's subscriptions", backTo.Subscriptions, to.Subscriptions}, {"from's subscriptions", backFrom.Subscriptions, from.Subscriptions},
			{"to's contacts", backTo.Contacts, to.Contacts}, {"from's contacts", backFrom.Contacts, from.Contacts},
			{"to's orders", orderIDs(backTo), orderIDs(to)}, {"from's orders", orderIDs(backFrom), orderIDs(from)},
			{"to's timers", timerNames(backTo), timerNames(to)}, {"from's timers", timerNames(backFrom), timerNames(from)},
			{"from's numbers", backFrom.Numbers, from.Numbers},
		} {
			got, _ := json.Marshal(x.got)
			want, _ := json.Marshal(x.want)
			if string(got) != string(want) {
				t.Fatalf("%s:\n got %s\nwant %s", x.what, got, want)
			}
		}
	})
}

func orderIDs(s domain.Snapshot) []string {
	out := []string{}
	for _, o := range s.Orders {
		out = append(out, o.ID)
	}
	slices.Sort(out)
	return out
}

func timerNames(s domain.Snapshot) []string {
	out := []string{}
	for _, t := range s.Timers {
		out = append(out, t.Name)
	}
	slices.Sort(out)
	return out
}

func TestMergeAndUndo(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		ann := k.known("ann", "C-1", "A-1000")
		k.take(k.post("ann", "where is my order A-1000"))
		anna := k.take(k.post("anna", "hello, where is order A-2000"))
		k.settle()
		sent := len(k.net.Sent())

		_, err := k.engine.Merge(k.ctx, anna, anna, "kim")
		wantCode(t, err, domain.CodeInvalid)
		_, err = k.engine.Merge(k.ctx, anna, 999, "kim")
		wantCode(t, err, domain.CodeNotFound)
		id, err := k.engine.Merge(k.ctx, anna, ann, "kim")
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.engine.Merge(k.ctx, anna, ann, "kim")
		wantCode(t, err, domain.CodeConflict)
		merged := k.snapshot(ann)
		if len(merged.Customer.Identities) != 2 || len(merged.Cases) != 2 || merged.Customer.Ref != "C-1" {
			t.Fatalf("merged: %+v", merged.Customer)
		}
		// What arrives for either finds the one that stands.
		if got := k.take(k.post("anna", "hello again, it is me")); got != ann {
			t.Fatalf("a post by the merged identity woke %v", got)
		}
		k.events(orderEvent("e1", "shipped", "A-2000"))
		if n := k.count(ann, "order.shipped e1"); n != 1 {
			t.Fatalf("the merged customer's event came %d times", n)
		}
		if err := k.engine.Command(k.ctx, anna, domain.Command{Kind: domain.CommandConsent, By: "kim", Consent: &domain.Consent{Calls: domain.Refused}}); err != nil {
			t.Fatal(err)
		}
		k.settle()
		if len(k.net.Sent()) <= sent {
			t.Fatal("nothing was answered after the merge")
		}

		if err := k.engine.Unmerge(k.ctx, id, "kim"); err != nil {
			t.Fatal(err)
		}
		wantCode(t, k.engine.Unmerge(k.ctx, id, "kim"), domain.CodeNotFound)
		a, b := k.snapshot(ann), k.snapshot(anna)
		if len(a.Customer.Identities) != 1 || a.Customer.Identities[0].Author != "ann" || len(b.Customer.Identities) != 1 || b.Customer.Identities[0].Author != "anna" {
			t.Fatalf("identities after the undo: %+v and %+v", a.Customer.Identities, b.Customer.Identities)
		}
		if a.Customer.Ref != "C-1" || b.Customer.Ref != "" {
			t.Fatalf("references after the undo: %q and %q", a.Customer.Ref, b.Customer.Ref)
		}
		for _, c := range b.Cases {
			if c.Identity.Author != "anna" {
				t.Fatalf("a case of %s went to anna", c.Identity.Author)
			}
		}
		if a.Customer.Consent.Calls != domain.Refused || b.Customer.Consent.Calls != domain.Refused {
			t.Fatal("a refusal made while they were one was lost")
		}
		if got := k.take(k.post("anna", "and now?")); got != anna {
			t.Fatalf("after the undo anna's post woke %v", got)
		}
		k.events(orderEvent("e2", "delivered", "A-2000"))
		k.settle()
		if n, m := k.count(anna, "order.delivered e2"), k.count(ann, "order.delivered e2"); n != 1 || m != 0 {
			t.Fatalf("the event came to anna %d times, to ann %d times", n, m)
		}
		if n := k.count(anna, "order.shipped e1"); n > 1 {
			t.Fatalf("an event that was decided came again: %v", k.inputs(anna))
		}
		edit := k.post("anna", "hello, where is order A-2000 please")
		edit.ID, edit.Revision = "p2", "2"
		if r := k.submit(edit)[0]; r.Err != nil || r.Customer != anna {
			t.Fatalf("an edit of anna's post gave %+v", r)
		}
	})
}

// TestAPostThatWaitsGoesBackWithItsWriter: no case has it yet when the merge is
// undone, and what becomes of it is still its writer's.
func TestAPostThatWaitsGoesBackWithItsWriter(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{settle: 20 * time.Second})
		ann, anna := k.take(k.post("ann", "hello")), k.take(k.post("anna", "hello"))
		k.advance(time.Minute)
		id, err := k.engine.Merge(k.ctx, anna, ann, "kim")
		if err != nil {
			t.Fatal(err)
		}
		k.advance(time.Minute)
		p := k.post("anna", "where is my parcel?")
		k.take(p)
		if err := k.engine.Unmerge(k.ctx, id, "kim"); err != nil {
			t.Fatal(err)
		}
		p.Deleted, p.Text = true, ""
		if got := k.take(p); got != anna {
			t.Errorf("that anna's post was deleted was told to %v, and she is %v", got, anna)
		}
		k.advance(time.Hour)
		for _, m := range k.net.Sent() {
			if m.InReplyTo == p.ID {
				t.Errorf("a deleted post was answered: %+v", m)
			}
		}
	})
}

// TestRecordsGoBackToWhoseTheyAre: what two people wrote while they were one,
// and what their orders did, is in the history and the export of the one whom
// it concerns once the merge is undone, and nowhere else. Whoever is erased then
// is in nobody's.
func TestRecordsGoBackToWhoseTheyAre(t *testing.T) {
	for _, strangerStands := range []bool{true, false} {
		t.Run(fmt.Sprintf("the stranger stands %v", strangerStands), func(t *testing.T) {
			onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
				k := newKit(t, open(t), setup{settle: 20 * time.Second})
				ann := k.known("ann", "C-1", "A-1000")
				zoe := k.take(k.post("zoe", "hello"))
				k.advance(time.Minute)
				from, to := ann, zoe
				if !strangerStands {
					from, to = zoe, ann
				}
				waits := k.post("ann", "hello, anybody at Elm Street?") // decided with the merge
				k.take(waits)
				id, err := k.engine.Merge(k.ctx, from, to, "kim")
				if err != nil {
					t.Fatal(err)
				}
				k.advance(time.Minute)
				hers, his := k.post("ann", "where is my order A-1000? Bring it to 12 Elm Street"), k.post("zoe", "Mimi is hungry, do you sell cat food?")
				k.take(hers)
				k.take(his)
				k.advance(time.Minute)
				if !slices.ContainsFunc(k.records(to), func(r domain.Record) bool {
					return len(r.Inputs) == 2 && r.Inputs[0].Post != nil && r.Inputs[1].Post != nil
				}) {
					t.Fatal("no decision took both posts")
				}
				k.events(orderEvent("e1", "delayed", "A-1000"))
				aside := k.post("zoe", "Mimi says thanks to a friend")
				aside.Unaddressed = true
				k.take(aside)
				k.advance(time.Hour)
				before := len(k.records(to))
				if err := k.engine.Unmerge(k.ctx, id, "kim"); err != nil {
					t.Fatal(err)
				}
				k.advance(time.Minute)

				names := func(who domain.CustomerID, want bool, words ...string) {
					t.Helper()
					x, err := k.engine.Export(k.ctx, who)
					if err != nil {
						t.Fatal(err)
					}
					b, _ := json.Marshal(x)
					for _, w := range words {
						if strings.Contains(string(b), w) != want {
							t.Errorf("what is kept of %v names %q: %v, want %v", who, w, !want, want)
						}
					}
					for i := 1; i < len(x.Records); i++ {
						if x.Records[i].At.After(x.Records[i-1].At) {
							t.Errorf("the records of %v are not in order", who)
						}
					}
				}
				annas := []string{"Elm Street", `"ann"`, "A-1000", "C-1", "+34911222333", "order.delayed"}
				zoes := []string{"Mimi", `"zoe"`}
				names(ann, true, annas...)
				names(ann, false, zoes...)
				names(zoe, true, zoes...)
				names(zoe, false, annas...)
				if n := len(k.records(ann)) + len(k.records(zoe)); n < before {
					t.Errorf("of %d records %d are left", before, n)
				}
				for _, x := range []struct {
					post domain.Post
					who  domain.CustomerID
				}{{waits, ann}, {hers, ann}, {his, zoe}, {aside, zoe}} {
					why, err := k.engine.Explain(k.ctx, x.post.ID)
					if err != nil || why.Customer != x.who || len(why.Records) == 0 || len(why.Cases) == 0 && !x.post.Unaddressed {
						t.Errorf("why %s: %v, of %v, %d records, %d cases", x.post.ID, err, why.Customer, len(why.Records), len(why.Cases))
					}
				}

				if err := k.engine.Erase(k.ctx, ann, "kim"); err != nil {
					t.Fatal(err)
				}
				names(zoe, true, zoes...)
				names(zoe, false, annas...)
				_, err = k.engine.Explain(k.ctx, hers.ID)
				wantCode(t, err, domain.CodeNotFound)
			})
		})
	}
}

func TestErase(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		ann := k.known("ann", "C-1", "A-1000")
		k.take(k.post("ann", "where is my order A-1000"))
		k.settle()
		k.take(k.post("ann", "hello again"))
		x, err := k.engine.Export(k.ctx, ann)
		if err != nil || len(x.Records) < 3 || len(x.Cases) == 0 || len(x.Orders) != 1 || x.Customer.Ref != "C-1" {
			t.Fatalf("export: %v %+v", err, x)
		}
		if _, err := json.Marshal(x); err != nil {
			t.Fatal(err)
		}
		// A reply is on its way out while the customer is erased.
		if err := k.engine.Erase(k.ctx, ann, "kim"); err != nil {
			t.Fatal(err)
		}
		if err := k.engine.Erase(k.ctx, ann, "kim"); err != nil {
			t.Fatalf("erasing again: %v", err)
		}
		wantCode(t, k.engine.Erase(k.ctx, 12345, "kim"), domain.CodeNotFound)
		sent := len(k.net.Sent())
		k.settle()
		if len(k.net.Sent()) != sent || len(k.effects("")) != 0 {
			t.Fatal("an erased customer's reply left, or waits")
		}
		_, err = k.engine.Export(k.ctx, ann)
		wantCode(t, err, domain.CodeNotFound)
		if got := k.take(k.post("ann", "hello, I am new here")); got == ann {
			t.Fatal("an erased customer came back")
		}
	})
}

func TestExportHidesOrdersThatAreNotProven(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		k.known("ann", "C-1", "A-1000")
		eve := k.take(k.post("eve", "where is my order A-1000"))
		k.settle()
		k.events(orderEvent("e1", "delayed", "A-1000"))
		k.advance(5 * time.Hour) // nothing is proven, so a person is to look at it
		if len(k.snapshot(eve).WorkItems) == 0 {
			t.Fatal("nobody is to look at it")
		}
		x, err := k.engine.Export(k.ctx, eve)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := json.Marshal(x)
		for _, secret := range []string{"C-1@example.com", `"C-1"`, "shipped", "is delayed", `"order.delayed"`, `"found":true`} {
			if strings.Contains(strings.ToLower(string(b)), strings.ToLower(secret)) {
				t.Errorf("the export of a stranger shows %s", secret)
			}
		}
	})
}

func TestImportJoinsStrangers(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		stranger := k.take(k.post("ann", "hello"))
		row := engine.CustomerImport{
			Profile:    domain.Profile{Ref: "C-1", Name: "Ann"},
			Identities: []domain.Identity{{IdentityKey: domain.IdentityKey{Network: "sandbox", Author: "ann"}}, {IdentityKey: domain.IdentityKey{Network: "sandbox", Author: "ann2"}}},
			Consent:    &domain.Consent{Calls: domain.Granted},
		}
		k.clock.Advance(time.Second)
		second := k.take(k.post("ann2", "hello"))
		r, err := k.engine.CustomersImport(k.ctx, []engine.CustomerImport{row, {}, {Profile: domain.Profile{Ref: "C-2"}}, {Profile: domain.Profile{Ref: "C-2", Name: "Ben"}}})
		if err != nil {
			t.Fatal(err)
		}
		if r.Added != 1 || r.Updated != 2 || r.Merged != 1 || len(r.Refused) != 1 || r.Refused[0].Row != 2 {
			t.Fatalf("report %+v", r)
		}
		snap := k.snapshot(stranger)
		if snap.Customer.Ref != "C-1" || len(snap.Customer.Identities) != 2 || !snap.Customer.Identities[0].Proven() || snap.Customer.Consent.Calls != domain.Granted {
			t.Fatalf("customer %+v", snap.Customer)
		}
		if got := k.take(k.post("ann2", "me again")); got != stranger || got == second {
			t.Fatalf("the joined identity woke %v", got)
		}
		row.Consent = nil
		if r, err = k.engine.CustomersImport(k.ctx, []engine.CustomerImport{row}); err != nil || r.Unchanged != 1 {
			t.Fatalf("again: %v %+v", err, r)
		}
		row.Ref = "C-3"
		if r, err = k.engine.CustomersImport(k.ctx, []engine.CustomerImport{row}); err != nil || len(r.Refused) != 1 {
			t.Fatalf("an identity of another reference: %v %+v", err, r)
		}
	})
}

// TestOrdersGoBackWithTheirReference: what an event brought of them while two
// customers were one, too.
func TestOrdersGoBackWithTheirReference(t *testing.T) {
	t.Parallel()
	to := domain.Snapshot{Customer: domain.Customer{ID: 1}}
	from := domain.Snapshot{Customer: domain.Customer{ID: 2, Profile: domain.Profile{Ref: "C-1"}}}
	cur := engine.MergeSnapshots(to, from)
	cur.Orders = append(cur.Orders, domain.KnownOrder{Order: domain.Order{ID: "A-1", CustomerRef: "C-1"}}, domain.KnownOrder{Order: domain.Order{ID: "A-2"}})
	a, b := engine.SplitSnapshot(cur, &engine.Manifest{From: from, To: to})
	if got := fmt.Sprint(orderIDs(a), orderIDs(b)); got != "[A-2] [A-1]" {
		t.Errorf("orders: %s", got)
	}
}

// TestWhatASystemSaidGoesWithWhomItWasOf: a reference that an import gave while
// two customers were one is of the identity that the import named, and goes
// back with it. Left behind, it would open somebody else's orders.
func TestWhatASystemSaidGoesWithWhomItWasOf(t *testing.T) {
	t.Parallel()
	identity := func(name string) domain.Identity {
		return domain.Identity{IdentityKey: domain.IdentityKey{Network: "sandbox", Author: name}}
	}
	for named, back := range map[string]bool{"one": false, "two": true} {
		to := domain.Snapshot{Customer: domain.Customer{ID: 1, Identities: []domain.Identity{identity("one")}}}
		from := domain.Snapshot{Customer: domain.Customer{ID: 2, Identities: []domain.Identity{identity("two")}}}
		cur := engine.MergeSnapshots(to, from)
		cur.Customer.Learn(&domain.Profile{Ref: "C-7", Phone: "+34911000007"}, start)
		cur.Customer.Identity(identity(named).IdentityKey).Evidence = []domain.Evidence{{Kind: domain.EvidenceSystem, At: start, By: "import"}}
		a, b := engine.SplitSnapshot(cur, &engine.Manifest{From: from, To: to})
		if got := [2]string{a.Customer.Ref + a.Customer.Phone, b.Customer.Ref + b.Customer.Phone}; back && got != [2]string{"", "C-7+34911000007"} || !back && got != [2]string{"C-7+34911000007", ""} {
			t.Errorf("an import of %s: %q", named, got)
		}
	}
}
