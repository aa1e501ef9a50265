package httpapi

import (
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
)

// TestKeepAPromise: what an agent promised on the phone in a word of their own
// is marked as kept, once, and the case ends with it.
func TestKeepAPromise(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.write("ana", "Where is my order A-10234? This is really annoying!", "public")
	id, customer := s.firstCase("ana")
	item := "/v1/work-items/" + s.items("/v1/work-items?state=pending")[0]["id"].(string)
	by := testNow.Add(48 * time.Hour).UTC().Format(time.RFC3339)
	s.want(s.call("POST", item+"/complete", `{"disposition":"resolved","note":"spoke with her","promise":{"what":"flowers","by":"`+by+`"}}`, s.as(auth.RoleAgent)), 200)
	s.settle()
	if got := strings.Join(s.answers("ana"), " | "); !strings.Contains(got, "private: As agreed: flowers, by") {
		t.Errorf("ana was told %q", got)
	}
	var promise string
	for _, p := range s.want(s.call("GET", "/v1/cases/"+id, "", s.as(auth.RoleRead)), 200).json(t)["promises"].([]any) {
		if p := p.(map[string]any); p["what"] == "flowers" {
			promise = p["id"].(string)
		}
	}
	path := "/v1/cases/" + id + "/promises/" + promise + "/keep"
	s.want(s.call("POST", path, `{"note":"sent"}`, s.as(auth.RoleRead)), 403)
	s.want(s.call("POST", "/v1/cases/"+id+"/promises/x/keep", `{}`, s.as(auth.RoleAgent)), 404)
	a := s.want(s.call("POST", path, `{"note":"sent by courier"}`, s.as(auth.RoleAgent), "Idempotency-Key: k"), 200).json(t)
	if a["state"] != "resolved" {
		t.Errorf("the case is %v", a["state"])
	}
	s.want(s.call("POST", path, `{"note":"sent by courier"}`, s.as(auth.RoleAgent), "Idempotency-Key: k"), 200)
	if a := s.want(s.call("POST", path, "", s.as(auth.RoleAgent)), 409); !strings.Contains(a.body, "kept already") {
		t.Errorf("twice: %s", a.body)
	}
	kept := 0
	for _, e := range s.items("/v1/customers/" + customer + "/history") {
		if e["kind"] == "promise" && e["what"] == "kept" && strings.Contains(e["text"].(string), "t-agent: sent by courier") {
			kept++
		}
	}
	if kept != 1 {
		t.Errorf("kept %d times in the history", kept)
	}
	s.settle()
	if got := s.answers("ana"); !strings.Contains(got[len(got)-1], "closing this now") {
		t.Errorf("the last word is %q", got[len(got)-1])
	}
}
