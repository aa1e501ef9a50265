package httpapi

import (
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/auth"
)

// TestAReplyMayTakeTheCase: in one step, or not at all; and what is asked for
// again with its key is done once.
func TestAReplyMayTakeTheCase(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.write("ana", "Where is my order A-10234?", "public")
	agent, boss := s.as(auth.RoleAgent), s.as(auth.RoleSupervisor)
	name, _ := s.firstCase("ana")
	id := "/v1/cases/" + name
	s.want(s.call("POST", id+"/reply", `{"text":"hello"}`, agent), 409)
	// What may not be said takes nothing either.
	s.want(s.call("POST", id+"/reply", `{"text":"Write to ana@example.com","visibility":"public","take":true}`, agent), 400)
	if c := s.want(s.call("GET", id, "", agent), 200).json(t); c["owner"] != nil {
		t.Fatalf("a reply that was refused took the case: %v", c["owner"])
	}
	for body, sends := range map[string]bool{`{"text":"A person here."}`: false, `{"text":"A person here.","take":true}`: true} {
		if p := s.want(s.call("POST", id+"/reply/preview", body, agent), 200).json(t); p["sends"] != sends {
			t.Errorf("the preview of %s: %v", body, p)
		}
	}
	for range 2 {
		if c := s.want(s.call("POST", id+"/reply", `{"text":"A person here.","take":true}`, agent, "Idempotency-Key: r"), 200).json(t); c["owner"] != "t-agent" {
			t.Fatalf("the owner is %v", c["owner"])
		}
		s.settle()
	}
	if got := strings.Join(s.answers("ana"), "|"); strings.Count(got, "A person here") != 1 {
		t.Errorf("answers: %s", got)
	}
	s.want(s.call("POST", id+"/reply", `{"text":"Mine now.","take":true}`, boss), 409) // a person has it

	for range 2 {
		if c := s.want(s.call("POST", id+"/handback", "", agent, "Idempotency-Key: h"), 200).json(t); c["owner"] != nil {
			t.Errorf("given back: %v", c["owner"])
		}
	}
	for range 2 {
		if c := s.want(s.call("POST", id+"/take", `{}`, agent, "Idempotency-Key: t"), 200).json(t); c["owner"] != "t-agent" {
			t.Errorf("taken: %v", c["owner"])
		}
	}
	s.want(s.call("POST", id+"/take", `{}`, agent), 409) // without a key it is another call
	s.want(s.call("POST", id+"/take", `{"from":"t-agent"}`, agent, "Idempotency-Key: t"), 422)
}

// TestAnUndoneWordIsOnesOwn: what a person says a case is about can be taken
// back as long as nobody has said otherwise, whatever else happens meanwhile.
func TestAnUndoneWordIsOnesOwn(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.write("ana", "Where is my order A-10234?", "public")
	agent, boss := s.as(auth.RoleAgent), s.as(auth.RoleSupervisor)
	name, _ := s.firstCase("ana")
	id := "/v1/cases/" + name
	say := func(status int, intent, who string, headers ...string) answer {
		t.Helper()
		return s.want(s.call("POST", id+"/intent", `{"intent":"`+intent+`"}`, append(headers, who)...), status)
	}
	tag := say(200, "billing", agent, "Idempotency-Key: 1").header.Get("ETag")
	s.want(s.call("POST", id+"/notes", `{"text":"a note"}`, boss), 201)
	s.want(s.call("POST", id+"/take", "", boss), 200)
	if c := say(200, "order_status", agent, "If-Match: "+tag).json(t); c["intent"] != "order_status" {
		t.Errorf("undone: %v", c["intent"])
	}
	tag = say(200, "billing", agent, "Idempotency-Key: 2").header.Get("ETag")
	say(200, "refund_return", boss)
	for i, says := range []string{"refund_return", "with a new key"} { // what people said is not kept with the key
		if a := say(412, "order_status", agent, "If-Match: "+tag, "Idempotency-Key: 3"); !strings.Contains(a.body, "precondition_failed") || !strings.Contains(a.body, says) {
			t.Errorf("refused, time %d: %s", i+1, a.body)
		}
	}
	// An answer that is asked for again is of what was said, not of what holds now.
	if again := say(200, "billing", agent, "Idempotency-Key: 2"); again.header.Get("ETag") != tag || again.json(t)["intent"] != "refund_return" {
		t.Errorf("again: %s %s", again.header.Get("ETag"), again.body)
	}
	say(400, "billing", agent, "If-Match: twelve")
}

// TestRaisingIsUndoneOnlyIfNothingHappenedSince: by the answer's ETag, as with
// all that moves a work item.
func TestRaisingIsUndoneOnlyIfNothingHappenedSince(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.write("ana", "Where is my order A-10234? This is really annoying! Call me please", "public")
	s.settle()
	boss := s.as(auth.RoleSupervisor)
	path := "/v1/work-items/" + s.items("/v1/work-items?open=true")[0]["id"].(string) + "/raise"
	tag := s.want(s.call("POST", path, `{"priority":100}`, boss), 200).header.Get("ETag")
	s.want(s.call("POST", path, `{"priority":80}`, boss, "If-Match: "+tag), 200)
	tag = s.want(s.call("POST", path, `{"priority":100}`, boss), 200).header.Get("ETag")
	s.want(s.call("POST", path, `{"priority":20}`, boss), 200)
	s.want(s.call("POST", path, `{"priority":80}`, boss, "If-Match: "+tag), 412)
}
