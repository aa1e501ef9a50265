package httpapi

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/store"
)

// firstCase is the path of a customer's one case, and of the customer.
func (s *shop) firstCase(handle string) (caseID, customer string) {
	s.Helper()
	customer = s.items("/v1/customers?q=" + handle)[0]["id"].(string)
	return s.items("/v1/customers/" + customer + "/cases")[0]["id"].(string), customer
}

func TestIdentitiesAreLinkedAndUnlinked(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.write("ana_private", "Where is my order A-10234?", "private")
	_, other := s.firstCase("ana_private")
	path := "/v1/customers/" + other + "/identities"
	a := s.want(s.call("GET", path, "", s.as(auth.RoleRead)), 200)
	if strings.Contains(a.body, `"proven":true`) || a.header.Get("ETag") == "" {
		t.Fatalf("before: %s", a.body)
	}
	body := `{"network":"sandbox","author":"ana_private"}`
	s.want(s.call("POST", path+"/link", body, s.as(auth.RoleRead)), 403)
	s.want(s.call("POST", path+"/link", `{"network":"sandbox","author":"ana"}`, s.as(auth.RoleAgent)), 409) // she is another customer's
	if a := s.want(s.call("POST", path+"/link", `{"network":"sandbox","author":"an\u0000a"}`, s.as(auth.RoleAgent)), 400); !strings.Contains(a.body, `"field":"author"`) {
		t.Errorf("a key that is not whole: %s", a.body)
	}
	linked := s.want(s.call("POST", path+"/link", body, s.as(auth.RoleAgent), "If-Match: "+a.header.Get("ETag"), "Idempotency-Key: k1"), 200)
	if !strings.Contains(linked.body, `"proven":true`) || !strings.Contains(linked.body, "t-agent") {
		t.Errorf("linked: %s", linked.body)
	}
	s.want(s.call("POST", path+"/link", body, s.as(auth.RoleAgent), "If-Match: "+a.header.Get("ETag"), "Idempotency-Key: k1"), 200)
	s.want(s.call("POST", path+"/unlink", body, s.as(auth.RoleAgent), "If-Match: "+a.header.Get("ETag")), 412)
	if a := s.want(s.call("POST", path+"/unlink", body, s.as(auth.RoleAgent)), 200); strings.Contains(a.body, `"proven":true`) {
		t.Errorf("unlinked: %s", a.body)
	}
	s.want(s.call("POST", path+"/unlink", `{"network":"sandbox","author":"nobody"}`, s.as(auth.RoleAgent)), 404)
}

func TestMergeUndoExportErase(t *testing.T) {
	t.Parallel()
	erased := 0
	s := newShop(t)
	s.write("ana_b", "Where is my order A-10234?", "private")
	_, other := s.firstCase("ana_b")
	merge := "/v1/customers/" + other + "/merge"
	s.want(s.call("POST", merge, `{"into":"C-1"}`, s.as(auth.RoleSupervisor)), 403)
	s.want(s.call("POST", merge, `{"into":"C-9"}`, s.as(auth.RoleAdmin)), 400)
	s.want(s.call("POST", merge, `{"into":"`+other+`"}`, s.as(auth.RoleAdmin)), 400)
	m := s.want(s.call("POST", merge, `{"into":"C-1"}`, s.as(auth.RoleAdmin), "Idempotency-Key: m"), 201).json(t)
	again := s.want(s.call("POST", merge, `{"into":"C-1"}`, s.as(auth.RoleAdmin), "Idempotency-Key: m"), 201).json(t)
	if m["id"] == "" || m["id"] != again["id"] || m["from"] != other || m["by"] != "t-admin" {
		t.Fatalf("merged: %v, again %v", m, again)
	}
	if got := s.items("/v1/customers/C-1/merges"); len(got) != 1 {
		t.Errorf("merges: %v", got)
	}
	if n := len(s.items("/v1/customers/C-1/identities")); n != 2 {
		t.Errorf("together they have %d identities", n)
	}
	s.want(s.call("POST", "/v1/merges/"+m["id"].(string)+"/undo", "", s.as(auth.RoleAgent)), 403)
	s.want(s.call("POST", "/v1/merges/"+m["id"].(string)+"/undo", "", s.as(auth.RoleAdmin)), 204)
	s.want(s.call("POST", "/v1/merges/"+m["id"].(string)+"/undo", "", s.as(auth.RoleAdmin)), 404)
	if n := len(s.items("/v1/customers/C-1/identities")); n != 1 {
		t.Errorf("apart again, %d identities stayed", n)
	}

	s.want(s.call("GET", "/v1/customers/C-1/export", "", s.as(auth.RoleRead)), 403)
	a := s.want(s.call("GET", "/v1/customers/C-1/export", "", s.as(auth.RoleAdmin)), 200)
	var x engine.Export
	if err := json.Unmarshal([]byte(a.body), &x); err != nil || x.Customer.Ref != "C-1" || len(x.Orders) != 1 || len(x.Records) == 0 || x.Cases == nil {
		t.Errorf("the export cannot be read back: %v %.300s", err, a.body)
	}
	if !strings.Contains(a.header.Get("Content-Disposition"), "attachment") || a.header.Get("Content-Type") != "application/json" {
		t.Errorf("headers %v", a.header)
	}

	s.api.o.Erased = func(context.Context) error { erased++; return nil }
	path := "/v1/customers/" + other + "/erase"
	s.want(s.call("POST", path, `{"confirm":"`+other+`"}`, s.as(auth.RoleSupervisor)), 403)
	s.want(s.call("POST", path, `{"confirm":"yes"}`, s.as(auth.RoleAdmin)), 400)
	s.want(s.call("POST", path, `{"confirm":"`+other+`"}`, s.as(auth.RoleAdmin), "Idempotency-Key: e"), 204)
	s.want(s.call("POST", path, `{"confirm":"`+other+`"}`, s.as(auth.RoleAdmin), "Idempotency-Key: e"), 204)
	s.want(s.call("GET", "/v1/customers/"+other, "", s.as(auth.RoleRead)), 404)
	if erased != 1 {
		t.Errorf("the log of erasures was written %d times", erased)
	}
}

func TestNotesAndCorrections(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.write("ana", "Where is my order A-10234?", "public")
	id, customer := s.firstCase("ana")
	s.want(s.call("POST", "/v1/cases/"+id+"/notes", `{"text":" "}`, s.as(auth.RoleAgent)), 400)
	s.want(s.call("POST", "/v1/cases/"+id+"/notes", `{"text":"She called before."}`, s.as(auth.RoleAgent), "Idempotency-Key: n"), 201)
	s.want(s.call("POST", "/v1/cases/"+id+"/notes", `{"text":"She called before."}`, s.as(auth.RoleAgent), "Idempotency-Key: n"), 201)
	notes := 0
	for _, e := range s.items("/v1/customers/" + customer + "/history") {
		if e["kind"] == "note" && e["text"] == "She called before." && e["by"] == "t-agent" {
			notes++
		}
	}
	if notes != 1 {
		t.Errorf("%d notes in the history, want 1", notes)
	}
	if a := s.want(s.call("POST", "/v1/cases/"+id+"/intent", `{"intent":"biling"}`, s.as(auth.RoleAgent)), 400); !strings.Contains(a.body, "billing") {
		t.Errorf("a mistake: %s", a.body)
	}
	c := s.want(s.call("POST", "/v1/cases/"+id+"/intent", `{"intent":"billing"}`, s.as(auth.RoleAgent)), 200).json(t)
	if c["intent"] != "billing" {
		t.Errorf("corrected: %v", c["intent"])
	}
	s.want(s.call("POST", "/v1/cases/"+id+"/intent", `{"intent":"refund_return"}`, s.as(auth.RoleAgent)), 200)
	s.want(s.call("GET", "/v1/labels", "", s.as(auth.RoleAgent)), 403)
	labels := s.want(s.call("GET", "/v1/labels", "", s.as(auth.RoleAdmin)), 200).body
	if strings.Count(labels, `"text":`) != 1 || !strings.Contains(labels, "Where is my order A-10234?") || !strings.Contains(labels, `"was":"order_status"`) || !strings.Contains(labels, `"intent":"refund_return"`) {
		t.Errorf("labels: %s", labels)
	}
	if row := s.rows()[0]; row.Action != "list-labels" || row.Customer.String() != customer || !strings.Contains(string(row.Detail), id) {
		t.Errorf("that labels were listed left %+v %s", row, row.Detail)
	}
	s.want(s.call("POST", "/v1/customers/"+customer+"/erase", `{"confirm":"`+customer+`"}`, s.as(auth.RoleAdmin)), 204)
	if err := s.store.View(t.Context(), func(r store.Reader) error {
		docs, err := r.DocumentList(store.DocumentListParams{Kind: "label", Limit: 10})
		if len(docs) > 0 {
			t.Errorf("an erased customer's labels are kept: %s", docs[0].Body)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if a := s.want(s.call("GET", "/v1/labels", "", s.as(auth.RoleAdmin)), 200); strings.Contains(a.body, "order") {
		t.Errorf("an erased customer's words are still labels: %s", a.body)
	}
}

func TestPreviewSaysWhatTheGuardWould(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.write("ana", "Where is my order A-10234?", "public")
	id, _ := s.firstCase("ana")
	preview := func(text, visibility string) string {
		body, _ := json.Marshal(map[string]string{"text": text, "visibility": visibility})
		return s.want(s.call("POST", "/v1/cases/"+id+"/reply/preview", string(body), s.as(auth.RoleAgent)), 200).body
	}
	if got := preview("Hello!", "public"); !strings.Contains(got, `"sends":false`) || !strings.Contains(got, "not_taken") {
		t.Errorf("not taken: %s", got)
	}
	s.want(s.call("POST", "/v1/cases/"+id+"/take", "", s.as(auth.RoleAgent)), 200)
	if got := preview("Hello!", "public"); !strings.Contains(got, `"sends":true`) {
		t.Errorf("harmless: %s", got)
	}
	const bad = "Your order A-10234 arrives tomorrow."
	if got := preview(bad, "public"); !strings.Contains(got, `"sends":false`) || !strings.Contains(got, "personal") {
		t.Errorf("an order in public: %s", got)
	}
	if got := preview(bad, "private"); !strings.Contains(got, `"sends":true`) {
		t.Errorf("an order in private: %s", got)
	}
	before := len(s.answers("ana"))
	a := s.want(s.call("POST", "/v1/cases/"+id+"/reply", `{"text":"`+bad+`","visibility":"public"}`, s.as(auth.RoleAgent)), 400)
	if !strings.Contains(a.body, "in public") {
		t.Errorf("refused: %s", a.body)
	}
	s.settle()
	if now := len(s.answers("ana")); now != before {
		t.Errorf("looking at it and being refused sent %d messages", now-before)
	}
}

func TestTalkingPointsOfAWorkItem(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.write("ana", "Where is my order A-10234? This is really annoying! Call me please", "public")
	s.settle()
	work := s.items("/v1/work-items")
	if len(work) == 0 {
		t.Fatal("no work item")
	}
	a := s.want(s.call("GET", "/v1/work-items/"+work[0]["id"].(string)+"/talking-points", "", s.as(auth.RoleAgent)), 200)
	for _, want := range []string{"A-10234", "late", "unhappy", "We wrote on"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("nothing is said of %q: %s", want, a.body)
		}
	}
}

func TestIdentitiesAreIgnoredAndHeardAgain(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.write("spammer", "Where is my order A-10234?", "private")
	_, customer := s.firstCase("spammer")
	path, body := "/v1/customers/"+customer+"/identities", `{"network":"sandbox","author":"spammer"}`
	s.want(s.call("POST", path+"/ignore", body, s.as(auth.RoleAgent)), 403)
	s.want(s.call("POST", path+"/ignore", `{"network":"sandbox","author":"nobody"}`, s.as(auth.RoleSupervisor)), 404)
	if a := s.want(s.call("POST", path+"/ignore", body, s.as(auth.RoleSupervisor)), 200); !strings.Contains(a.body, `"ignored":true`) {
		t.Errorf("ignored: %s", a.body)
	}
	ignored := func() int { return len(s.items("/v1/customers?q=is:ignored")) }
	if n := ignored(); n != 1 {
		t.Errorf("%d customers are listed as ignored, want 1", n)
	}
	cases := func() (open, all int) {
		for _, c := range s.items("/v1/customers/" + customer + "/cases") {
			if all++; c["state"] != "resolved" {
				open++
			}
		}
		return open, all
	}
	s.write("spammer", "Answer me! What about A-77777?", "private")
	if open, all := cases(); open != 0 || all != 1 {
		t.Errorf("%d cases of %d are open for who is ignored", open, all)
	}
	if a := s.want(s.call("POST", path+"/unignore", body, s.as(auth.RoleSupervisor)), 200); strings.Contains(a.body, `"ignored":true`) {
		t.Errorf("heard again: %s", a.body)
	}
	if n := ignored(); n != 0 {
		t.Errorf("%d customers are listed as ignored, want none", n)
	}
	s.write("spammer", "Sorry. I want to speak to a person.", "private")
	if open, _ := cases(); open != 1 {
		t.Errorf("%d cases are open for who is heard again", open)
	}
}
