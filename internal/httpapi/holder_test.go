package httpapi

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// agents writes agents who work in a queue.
func (q *queues) agents(queue string, ids ...string) {
	q.Helper()
	if err := q.store.Update(q.Context(), func(tx store.Tx) error {
		for _, id := range ids {
			d, err := store.AgentDocument(domain.Agent{ID: id, Name: id, Capacity: 5, Queues: []string{queue}})
			if err == nil {
				err = tx.DocumentPut([]store.Document{d})
			}
			if err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		q.Fatal(err)
	}
}

// TestKeptWorkIsMovedByWhomItIsKeptFor, or by a supervisor over its queue.
func TestKeptWorkIsMovedByWhomItIsKeptFor(t *testing.T) {
	t.Parallel()
	q := newQueues(t, nil)
	q.agents("care", "ann", "bob")
	ann, bob := q.token("ann", auth.RoleAgent, nil, "care"), q.token("bob", auth.RoleAgent, nil, "care")
	q.change(near, func(w *domain.WorkItem) { w.For = "ann" })
	item := "/v1/work-items/" + workItemOf(near, 1)
	for verb, body := range map[string]string{
		"assign": "", "complete": `{"disposition":"resolved"}`, "cancel": `{"note":"x"}`, "transfer": `{"queue":"urgent"}`, "expert": `{"note":"x"}`,
	} {
		if a := q.want(q.call("POST", item+"/"+verb, body, bob), 403); !strings.Contains(a.body, "waits for ann") {
			t.Errorf("%s: %s", verb, a.body)
		}
	}
	if n := len(q.engine.commands); n != 0 {
		t.Fatalf("%d commands were given: %v", n, q.engine.commands)
	}
	q.want(q.call("POST", item+"/complete", `{"disposition":"resolved"}`, ann), 200)
	q.want(q.call("POST", item+"/cancel", `{"note":"x"}`, q.token("sue", auth.RoleSupervisor, nil, "care")), 200)
	q.want(q.call("POST", item+"/cancel", `{"note":"x"}`, q.token("far", auth.RoleSupervisor, nil, "urgent")), 404)
	if c := q.engine.commands; len(c) != 2 || c[0].Over || !c[1].Over || c[0].Within != "care" || c[1].Within != "care" {
		t.Errorf("the engine is told %+v", c)
	}
}

// TestPassingOnTellsNothingOfOthers: an agent named with a work item out of
// reach does not tell it from one that never was, nor its queue.
func TestPassingOnTellsNothingOfOthers(t *testing.T) {
	t.Parallel()
	q := newQueues(t, nil)
	q.agents("care", "ann", "bob")
	ann := q.token("ann", auth.RoleAgent, nil, "care")
	for _, verb := range []string{"transfer", "expert"} {
		for _, body := range []string{
			`{"note":"x","agent":"bob"}`, `{"note":"x","agent":"nobody"}`, `{"note":"x","agent":"bob","queue":"urgent"}`, `{"note":"x","queue":"nowhere"}`,
		} {
			path := "/v1/work-items/%s/" + verb
			gone := q.want(q.call("POST", fmt.Sprintf(path, workItemOf(far, 1)), body, ann), 404)
			none := q.want(q.call("POST", fmt.Sprintf(path, workItemOf(999, 1)), body, ann), 404)
			if strings.ReplaceAll(gone.body, workItemOf(far, 1), "ID") != strings.ReplaceAll(none.body, workItemOf(999, 1), "ID") {
				t.Errorf("%s %s: can be told from what is not there:\n%s\n%s", verb, body, gone.body, none.body)
			}
		}
	}
}

// TestPlacesOfWorkItems: a cursor is a place in the order, and asks for nothing
// that is or is not there.
func TestPlacesOfWorkItems(t *testing.T) {
	t.Parallel()
	q := newQueues(t, nil)
	care := q.token("care", auth.RoleRead, nil, "care")
	list := "/v1/work-items?limit=1&cursor="
	// A bare id is no cursor, whatever it is of.
	for _, id := range []string{workItemOf(near, 1), workItemOf(far, 1), workItemOf(999, 1)} {
		q.want(q.call("GET", list+id, "", care), 400)
	}
	for _, bad := range []string{"x", "/", "000000000000000/", "zzzzzzzzzzzzzzzz/", "-000000000000001/", "7fffffffffffffff/", "0000000000000001", "0000000000000001/x"} {
		q.want(q.call("GET", list+bad, "", care), 400)
	}
	// In a place made up, one out of reach answers as one that never was.
	later := testNow.Add(time.Hour)
	gone := q.want(q.call("GET", list+place(later, workItemOf(far, 1)), "", care), 200)
	if none := q.want(q.call("GET", list+place(later, workItemOf(999, 1)), "", care), 200); gone.body != none.body {
		t.Errorf("a place can be told from one that is not there:\n%s\n%s", gone.body, none.body)
	}
	// What is erased between two pages does not end the list.
	next := q.want(q.call("GET", "/v1/work-items?limit=1", "", care), 200).json(t)["next"].(string)
	id := next[strings.Index(next, "/")+1:]
	if err := q.store.Update(q.Context(), func(tx store.Tx) error {
		w, err := tx.WorkItemGet(id)
		if err != nil {
			return err
		}
		return tx.CustomerErase(w.Customer, testNow)
	}); err != nil {
		t.Fatal(err)
	}
	q.want(q.call("GET", list+next, "", care), 200)
}

// TestAPageThatPassesOverMuch names nothing that it passed over, and the pages
// leave nothing out.
func TestAPageThatPassesOverMuch(t *testing.T) {
	t.Parallel()
	q := newQueues(t, nil)
	care := q.token("care", auth.RoleRead, nil, "care")
	const n = 2*maxPassedOver + 500
	var items []domain.WorkItem
	want := map[string]bool{workItemOf(near, 1): true, workItemOf(both, 2): true}
	for i := range n {
		w := domain.WorkItem{
			ID: workItemOf(domain.CustomerID(5000+i), 1), Customer: domain.CustomerID(5000 + i), Kind: domain.Review, State: domain.WorkPending, Queue: "urgent",
			CreatedAt: testNow.Add(time.Duration(1+i/700) * time.Second), Version: 1, // many at one time
		}
		if i%2500 == 1300 {
			w.Queue = "care"
			want[w.ID] = true
		}
		items = append(items, w)
	}
	if err := q.store.Update(q.Context(), func(tx store.Tx) error { return tx.WorkItemPut(items) }); err != nil {
		t.Fatal(err)
	}
	short, got, cursor := 0, map[string]bool{}, ""
	for range 20 {
		m := q.want(q.call("GET", "/v1/work-items?limit=3&cursor="+cursor, "", care), 200).json(t)
		page := m["items"].([]any)
		for _, x := range page {
			id := x.(map[string]any)["id"].(string)
			if got[id] {
				t.Errorf("%s comes twice", id)
			}
			got[id] = true
		}
		next, more := m["next"].(string)
		if !more {
			break
		}
		if len(page) < 3 {
			short++
		}
		if id := next[strings.Index(next, "/")+1:]; id != "" && !got[id] {
			t.Errorf("the cursor %s names what was not shown", next)
		}
		cursor = next
	}
	if short == 0 {
		t.Error("no page was ended by what it passed over")
	}
	if len(got) != len(want) {
		t.Errorf("%d work items, want %d: %v", len(got), len(want), got)
	}
	for id := range want {
		if !got[id] {
			t.Errorf("%s is left out", id)
		}
	}
}
