package httpapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/report"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/vault"
	"github.com/contact-advocate/advocate/internal/wire"
)

// Two customers whose work is in different queues, and a third one whose first
// case is in the one and whose second is in the other. Whatever belongs to a
// case has its customer's word in it, so that it is seen wherever it appears.
const (
	near  = domain.CustomerID(77) // care
	far   = domain.CustomerID(78) // urgent
	both  = domain.CustomerID(79) // k1 urgent, k2 care
	fresh = domain.CustomerID(80) // no case: care, which is what is in no queue falls to

	nearWord, farWord, bothFarWord, bothNearWord = "nearword", "farword", "hiddenword", "openword"
)

func caseOf(c domain.CustomerID, n int64) string { return domain.ObjectID(c, domain.KindCase, n) }
func workItemOf(c domain.CustomerID, n int64) string {
	return domain.ObjectID(c, domain.KindWorkItem, n)
}
func effectOf(c domain.CustomerID, n int64) string {
	return domain.ObjectID(c, domain.KindEffect, n)
}

// queues is a fixture with those customers. Its engine explains what is asked.
type queues struct {
	*fixture
	vault *vault.Vault // of a matrix
}

func newQueues(t *testing.T, change func(*Options)) *queues {
	t.Helper()
	q := &queues{fixture: newFixture(t, change)}
	q.fill()
	return q
}

func (q *queues) fill() {
	q.Helper()
	q.put(near, "C-NEAR", "maria", part{1, "care", nearWord})
	q.put(far, "C-FAR", "otto", part{1, "urgent", farWord})
	q.put(both, "C-BOTH", "rosa", part{1, "urgent", bothFarWord}, part{2, "care", bothNearWord})
	q.put(fresh, "C-FRESH", "fritz")
	if err := q.store.Update(q.Context(), func(tx store.Tx) error {
		e := []domain.Event{}
		for i, queue := range []string{"care", "urgent"} {
			e = append(e, domain.Event{
				Source: "advocate", ID: domain.ObjectID(near, domain.KindEmitted, int64(i+1)), Type: "advocate.workitem.assigned", Time: testNow,
				Data: json.RawMessage(fmt.Sprintf(`{"queue":%q,"waited_seconds":30,"in_target":true}`, queue)),
			})
		}
		e = append(e, domain.Event{
			Source: "advocate", ID: domain.ObjectID(near, domain.KindEmitted, 9), Type: "advocate.case.opened", Time: testNow, Data: json.RawMessage(`{"network":"sandbox"}`),
		})
		return tx.EventAppend(e)
	}); err != nil {
		q.Fatal(err)
	}
	if _, err := report.CatchUp(q.Context(), q.store, testNow); err != nil {
		q.Fatal(err)
	}
}

// part is one case of a customer.
type part struct {
	n     int64
	queue string
	word  string
}

func (q *queues) put(id domain.CustomerID, ref, handle string, parts ...part) {
	q.Helper()
	k := domain.IdentityKey{Network: "sandbox", Author: handle}
	s := domain.Snapshot{Customer: domain.Customer{ID: id, Profile: domain.Profile{Ref: ref, Name: "Name " + handle, Phone: "+12025550143"}, Identities: []domain.Identity{{IdentityKey: k, Handle: handle}}}}
	var items []domain.WorkItem
	var effects, dead []store.EffectRow
	var records []domain.Record
	for _, p := range parts {
		c := caseOf(id, p.n)
		w := domain.WorkItem{
			ID: workItemOf(id, p.n), Customer: id, Case: c, Kind: domain.Callback, State: domain.WorkPending, Queue: p.queue, PostText: p.word, Summary: p.word,
			Number: "+12025550143", Due: testNow.Add(time.Hour), CreatedAt: testNow, UpdatedAt: testNow, Version: 1,
		}
		s.Cases = append(s.Cases, domain.Case{
			ID: c, State: domain.CaseOpen, Identity: k, Quote: p.word, OpenedAt: testNow, UpdatedAt: testNow,
			WorkItems: []domain.WorkItemRef{{ID: w.ID, Kind: w.Kind, State: w.State, Queue: p.queue}},
		})
		s.WorkItems, items = append(s.WorkItems, w), append(items, w)
		s.Subscriptions = append(s.Subscriptions, domain.Subscription{ID: domain.ObjectID(id, domain.KindSubscription, p.n), Case: c, To: "order.*", Reason: p.word})
		records = append(records, domain.Record{Customer: id, Version: p.n, At: testNow, Entries: []domain.Entry{{At: testNow, Kind: domain.EntryPost, Case: c, Text: p.word}}})
		e := store.EffectRow{State: domain.EffectHeld, CreatedAt: testNow, Effect: domain.Effect{
			ID: effectOf(id, 2*p.n), Customer: id, Case: c, Kind: domain.EffectReply, Destination: "network:sandbox", MaxAttempts: 3, Reply: &domain.Reply{To: k, Text: p.word},
		}}
		effects = append(effects, e)
		e.ID = effectOf(id, 2*p.n+1)
		dead = append(dead, e)
	}
	if err := q.store.Update(q.Context(), func(tx store.Tx) error {
		if err := tx.AdvocateInsert([]store.Advocate{{ID: id, Ref: ref, Search: strings.ToLower(ref + " " + handle), State: wire.Marshal(&s), CreatedAt: testNow}}); err != nil {
			return err
		}
		if err := tx.IdentitySet([]store.IdentityRow{{Key: k, Customer: id}}); err != nil {
			return err
		}
		for i := range records {
			s.Version = records[i].Version
			if err := tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: id, Version: s.Version, State: wire.Marshal(&s), Ref: ref, Search: strings.ToLower(ref + " " + handle), At: testNow, Record: wire.Marshal(&records[i])}}); err != nil {
				return err
			}
		}
		if err := tx.EffectAdd(append(effects, dead...)); err != nil {
			return err
		}
		for _, e := range dead {
			if _, err := tx.EffectSet(e.ID, nil, domain.EffectDead, time.Time{}); err != nil {
				return err
			}
		}
		return tx.WorkItemPut(items)
	}); err != nil {
		q.Fatal(err)
	}
}

// token makes one for some queues and gives its header.
func (q *queues) token(name string, role auth.Role, only []auth.Permission, names ...string) string {
	q.Helper()
	secret, err := auth.Create(q.Context(), q.store, auth.CreateParams{Name: name, Role: role, Queues: names, Only: only, Now: testNow})
	if err != nil {
		q.Fatal(err)
	}
	return "Authorization: Bearer " + secret
}

// explained sets what the engine explains.
func (q *queues) explained(kind, id string, owner domain.CustomerID) {
	x := Explanation{ID: id, Kind: kind, Customer: owner}
	if err := q.store.View(q.Context(), func(r store.Reader) error {
		rows, err := r.JournalRead(store.JournalReadParams{Customer: owner, Limit: 10})
		for _, j := range rows {
			var rec domain.Record
			if err := wire.Unmarshal(j.Record, &rec); err != nil {
				return err
			}
			x.Records = append(x.Records, rec)
		}
		return err
	}); err != nil {
		q.Fatal(err)
	}
	q.engine.explain = engine.Explanation(x)
}

// TestQueuesDivideTheWork: with rights to one queue, what is in others is not
// there: the answer is the same as for what never was.
func TestQueuesDivideTheWork(t *testing.T) {
	t.Parallel()
	q := newQueues(t, withSandbox(t))
	for _, role := range []auth.Role{auth.RoleAdmin, auth.RoleSupervisor, auth.RoleAgent, auth.RoleAuditor, auth.RoleRead} {
		care := q.token("care-"+string(role), role, nil, "care")
		may := func(p auth.Permission) bool { return role.Can(p) }

		// What is named.
		for _, c := range []struct {
			need         auth.Permission
			method, path string
			body         string
			near, far    string
			absent       string // of the same form, and nothing
		}{
			{auth.ReadCustomers, "GET", "/v1/customers/%s", "", near.String(), far.String(), "c0000000000999"},
			{auth.ReadCustomers, "GET", "/v1/customers/%s", "", "C-NEAR", "C-FAR", "C-NONE"},
			{auth.ReadCustomers, "GET", "/v1/customers/%s/history", "", "C-NEAR", "C-FAR", "C-NONE"},
			{auth.ReadCustomers, "GET", "/v1/customers/%s/orders", "", "C-NEAR", "C-FAR", "C-NONE"},
			{auth.ReadCustomers, "GET", "/v1/customers/%s/cases", "", "C-NEAR", "C-FAR", "C-NONE"},
			{auth.ReadCustomers, "GET", "/v1/customers/%s/subscriptions", "", "C-NEAR", "C-FAR", "C-NONE"},
			{auth.ReadCustomers, "GET", "/v1/customers/%s/decisions", "", "C-NEAR", "C-FAR", "C-NONE"},
			{auth.ReadCustomers, "GET", "/v1/cases/%s", "", caseOf(near, 1), caseOf(far, 1), caseOf(999, 1)},
			{auth.ReadCustomers, "GET", "/v1/cases/%s", "", caseOf(both, 2), caseOf(both, 1), caseOf(both, 7)},
			{auth.Work, "POST", "/v1/cases/%s/take", "", caseOf(near, 1), caseOf(far, 1), caseOf(999, 1)},
			{auth.Work, "POST", "/v1/cases/%s/handback", "", caseOf(near, 1), caseOf(far, 1), caseOf(999, 1)},
			{auth.Work, "POST", "/v1/cases/%s/reply", `{"text":"x"}`, caseOf(near, 1), caseOf(far, 1), caseOf(999, 1)},
			{auth.Work, "POST", "/v1/cases/%s/close", `{"disposition":"resolved"}`, caseOf(near, 1), caseOf(far, 1), caseOf(999, 1)},
			{auth.ReadWork, "GET", "/v1/work-items/%s", "", workItemOf(near, 1), workItemOf(far, 1), workItemOf(999, 1)},
			{auth.Work, "POST", "/v1/work-items/%s/call", "", workItemOf(near, 1), workItemOf(far, 1), workItemOf(999, 1)},
			{auth.Work, "POST", "/v1/work-items/%s/complete", `{"disposition":"resolved"}`, workItemOf(near, 1), workItemOf(far, 1), workItemOf(999, 1)},
			{auth.Work, "POST", "/v1/work-items/%s/cancel", `{"note":"x"}`, workItemOf(near, 1), workItemOf(far, 1), workItemOf(999, 1)},
			{auth.Supervise, "POST", "/v1/work-items/%s/raise", `{"priority":90}`, workItemOf(near, 1), workItemOf(far, 1), workItemOf(999, 1)},
			{auth.Work, "POST", "/v1/effects/%s/release", "", effectOf(near, 2), effectOf(far, 2), effectOf(999, 2)},
			{auth.Work, "POST", "/v1/effects/%s/drop", "", effectOf(both, 4), effectOf(both, 2), effectOf(999, 2)},
		} {
			if !may(c.need) {
				q.want(q.call(c.method, fmt.Sprintf(c.path, c.near), c.body, care), 403)
				continue
			}
			if a := q.call(c.method, fmt.Sprintf(c.path, c.near), c.body, care); a.status >= 300 && a.status != 409 {
				t.Errorf("%s: %s "+c.path+": %d %s", role, c.method, c.near, a.status, a.body)
			}
			done := len(q.engine.commands) + len(q.engine.acts)
			gone := q.want(q.call(c.method, fmt.Sprintf(c.path, c.far), c.body, care), 404)
			none := q.want(q.call(c.method, fmt.Sprintf(c.path, c.absent), c.body, care), 404)
			if strings.ReplaceAll(gone.body, c.far, "ID") != strings.ReplaceAll(none.body, c.absent, "ID") {
				t.Errorf("%s: %s "+c.path+" can be told from what is not there:\n%s\n%s", role, c.method, c.far, gone.body, none.body)
			}
			if n := len(q.engine.commands) + len(q.engine.acts); n != done {
				t.Errorf("%s: %s "+c.path+" was carried out", role, c.method, c.far)
			}
		}

		// What is listed.
		for _, path := range []string{
			"/v1/customers", "/v1/customers?q=C-", "/v1/customers?q=sandbox/otto", "/v1/work-items", "/v1/effects", "/v1/dead-letters", "/v1/queues",
			"/v1/customers/C-BOTH/history", "/v1/customers/C-BOTH/cases", "/v1/customers/C-BOTH/subscriptions", "/v1/customers/C-BOTH/decisions",
		} {
			a := q.want(q.call("GET", path, "", care), 200)
			for _, word := range []string{farWord, bothFarWord, "otto", "C-FAR", "urgent"} {
				if strings.Contains(a.body, word) {
					t.Errorf("%s: %s has %q: %s", role, path, word, a.body)
				}
			}
			if !strings.Contains(path, "otto") && !strings.Contains(path, "queues") && !strings.Contains(a.body, bothNearWord) && !strings.Contains(a.body, "C-BOTH") {
				t.Errorf("%s: %s lacks what is within reach: %s", role, path, a.body)
			}
		}
		if a := q.want(q.call("GET", "/v1/customers", "", care), 200); !strings.Contains(a.body, "C-FRESH") || !strings.Contains(a.body, "C-NEAR") {
			t.Errorf("%s finds %s", role, a.body)
		}
		q.want(q.call("GET", "/v1/work-items?queue=urgent", "", care), 403)
		q.want(q.call("GET", "/v1/work-items?queue=nonsense", "", care), 403)

		// Why.
		q.explained("work_item", workItemOf(far, 1), far)
		q.want(q.call("GET", "/v1/explain/"+workItemOf(far, 1), "", care), 404)
		q.explained("customer", both.String(), both)
		if a := q.want(q.call("GET", "/v1/explain/"+both.String(), "", care), 200); strings.Contains(a.body, bothFarWord) || !strings.Contains(a.body, bothNearWord) {
			t.Errorf("%s is explained %s", role, a.body)
		}

		// Sums.
		if may(auth.Reports) {
			a := q.want(q.call("GET", "/v1/reports?by=queue&to=2026-03-02", "", care), 200)
			if !strings.Contains(a.body, `"key":"care"`) || strings.Contains(a.body, "urgent") || strings.Contains(a.body, `"cases"`) {
				t.Errorf("%s is reported %s", role, a.body)
			}
			q.want(q.call("GET", "/v1/reports?queue=urgent", "", care), 403)
		}
		// What concerns the whole company.
		if may(auth.Configure) {
			q.want(q.call("PUT", "/v1/switches", `{"scope":"all","mode":"stopped"}`, care), 403)
			q.want(q.call("GET", "/v1/webhooks", "", care), 403)
			q.want(q.call("POST", "/v1/dead-letters/"+effectOf(near, 3)+"/retry", "", care), 403)
		}
		if may(auth.Work) {
			q.want(q.call("POST", "/v1/sandbox/staff-posts", `{"to":"otto","text":"x","in_reply_to":"1"}`, care), 404)
		}
	}
	// With rights to all of it there is all of it.
	for _, path := range []string{"/v1/customers", "/v1/work-items", "/v1/effects", "/v1/dead-letters"} {
		a := q.want(q.call("GET", path, "", q.as(auth.RoleAdmin)), 200)
		if !strings.Contains(a.body, farWord) && !strings.Contains(a.body, "C-FAR") {
			t.Errorf("%s lacks %s: %s", path, farWord, a.body)
		}
	}
}

// TestWhatOneHoldsIsWithinReach, whatever queue it is in, and so is its case.
func TestWhatOneHoldsIsWithinReach(t *testing.T) {
	t.Parallel()
	q := newQueues(t, nil)
	ann := q.token("ann", auth.RoleAgent, nil, "care")
	paths := []string{"/v1/work-items/" + workItemOf(far, 1), "/v1/cases/" + caseOf(far, 1), "/v1/customers/C-FAR"}
	for _, path := range paths {
		q.want(q.call("GET", path, "", ann), 404)
	}
	q.change(far, func(w *domain.WorkItem) { w.State, w.Agent = domain.WorkAssigned, "ann" })
	for _, path := range paths {
		q.want(q.call("GET", path, "", ann), 200)
	}
	// It is another's: for her it is gone, even where she asks again with the key of her own move.
	bob := q.token("bob", auth.RoleAgent, nil, "care")
	for _, path := range paths {
		q.want(q.call("GET", path, "", bob), 404)
	}
	body, key := `{"disposition":"resolved"}`, "Idempotency-Key: k"
	q.want(q.call("POST", paths[0]+"/complete", body, ann, key), 200)
	q.change(far, func(w *domain.WorkItem) { w.State, w.Agent = domain.WorkPending, "" })
	if a := q.want(q.call("POST", paths[0]+"/complete", body, ann, key), 200); strings.Contains(a.body, farWord) || strings.Contains(a.body, "2025550143") {
		t.Errorf("what has left her is told: %s", a.body)
	}
}

// change rewrites a customer's first work item.
func (q *queues) change(id domain.CustomerID, f func(*domain.WorkItem)) {
	q.Helper()
	if err := q.store.Update(q.Context(), func(tx store.Tx) error {
		rows, err := tx.AdvocateGet([]domain.CustomerID{id})
		if err != nil {
			return err
		}
		s, err := decodeState(rows[0])
		if err != nil {
			return err
		}
		f(&s.WorkItems[0])
		s.Version = rows[0].Version + 1
		err = tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: id, Version: s.Version, State: wire.Marshal(&s), Ref: s.Customer.Ref, At: testNow, Record: wire.Marshal(&domain.Record{Customer: id, Version: s.Version})}})
		if err != nil {
			return err
		}
		return tx.WorkItemPut(s.WorkItems[:1])
	}); err != nil {
		q.Fatal(err)
	}
}

// TestThePagesOfAPartAddUp: short pages leave nothing out and nothing in.
func TestThePagesOfAPartAddUp(t *testing.T) {
	t.Parallel()
	q := newQueues(t, nil)
	var want []string
	for i := range 40 {
		id := domain.CustomerID(1000 + i)
		queue := []string{"care", "urgent"}[i%3/2]
		q.put(id, fmt.Sprintf("M-%03d", i), fmt.Sprint("h", i), part{1, queue, "x"})
		if queue == "care" {
			want = append(want, id.String())
		}
	}
	care := q.token("care", auth.RoleRead, nil, "care")
	for path, key := range map[string]string{"/v1/customers?q=M-&limit=7": "id", "/v1/work-items?limit=7": "customer_id", "/v1/effects?state=held&limit=7": "customer_id", "/v1/dead-letters?limit=7": "customer_id"} {
		var got []string
		cursor := ""
		for range 40 {
			m := q.want(q.call("GET", path+cursor, "", care), 200).json(t)
			for _, x := range m["items"].([]any) {
				if id := x.(map[string]any)[key].(string); slices.Contains(want, id) || strings.HasPrefix(id, "c00000000003") {
					got = append(got, id)
				}
			}
			next, more := m["next"].(string)
			if !more {
				break
			}
			cursor = "&cursor=" + next
		}
		slices.Sort(got)
		mine := slices.DeleteFunc(slices.Clone(got), func(id string) bool { return !slices.Contains(want, id) })
		if !slices.Equal(mine, want) {
			t.Errorf("%s gives %d of %d: %v", path, len(mine), len(want), got)
		}
	}
}
