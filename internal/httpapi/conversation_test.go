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

// said is a case's conversation in short: who, how far, the words' beginning.
func (s *shop) said(id string) string {
	s.Helper()
	var out []string
	for _, m := range s.items("/v1/cases/" + id + "/conversation") {
		text := fmt.Sprint(m["text"])
		mark := ""
		for _, k := range []string{"edited", "deleted"} {
			if m[k] == true {
				mark += " " + k
			}
		}
		out = append(out, fmt.Sprintf("%v %v%s: %.18s", m["from"], m["state"], mark, strings.TrimPrefix(text, "Automated message from Example Shop.\n\n")))
	}
	return strings.Join(out, "\n")
}

func TestConversation(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	first := s.write("ana", "Where is my order A-10234?", "public")
	id, _ := s.firstCase("ana")
	second := s.write("ana", "And who pays me for that?", "public")
	agent, boss := s.as(auth.RoleAgent), s.as(auth.RoleSupervisor)
	s.want(s.call("PUT", "/v1/sandbox/posts/"+second, `{"handle":"ana","text":"And who pays me?"}`), 200)
	s.settle()
	s.want(s.call("POST", "/v1/cases/"+id+"/take", "", agent), 200)
	s.want(s.call("POST", "/v1/cases/"+id+"/reply", `{"text":"We do, of course.","visibility":"public"}`, agent), 200)
	if got := s.said(id); !strings.Contains(got, "staff ") || strings.Contains(got, "staff sent") {
		t.Errorf("before it left:\n%s", got)
	}
	s.settle()
	s.want(s.call("DELETE", "/v1/sandbox/posts/"+first+"?handle=ana", ""), 200)
	s.settle()
	got := s.said(id)
	for _, want := range []string{"customer received deleted: ", "customer received edited: And who pays me?", "advocate sent: ", "staff sent: We do, of course."} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if strings.Contains(got, "Where is") {
		t.Errorf("what was deleted is shown:\n%s", got)
	}

	// Another agent may not take it away; a supervisor may, from whom they name.
	s.want(s.call("POST", "/v1/cases/"+id+"/take", "", boss), 409)
	s.want(s.call("POST", "/v1/cases/"+id+"/take", `{"from":"somebody"}`, boss), 409)
	if a := s.want(s.call("POST", "/v1/cases/"+id+"/take", `{"from":"t-agent"}`, boss), 200).json(t); a["owner"] != "t-supervisor" {
		t.Errorf("the owner is %v", a["owner"])
	}
	if a := s.want(s.call("POST", "/v1/cases/"+id+"/take", `{"from":"t-supervisor"}`, agent), 403); !strings.Contains(a.body, "supervise") {
		t.Error(a.body)
	}
	s.want(s.call("POST", "/v1/cases/"+id+"/handback", "", boss), 200)

	// Who answered in the network's own app never comes back for it here.
	s.want(s.call("POST", "/v1/sandbox/staff-posts", `{"to":"ana","in_reply_to":"`+second+`","text":"We look into it."}`, agent), 201)
	s.settle()
	owner := s.want(s.call("GET", "/v1/cases/"+id, "", agent), 200).json(t)["owner"]
	if !strings.HasPrefix(fmt.Sprint(owner), "staff") {
		t.Fatalf("the owner is %v", owner)
	}
	s.want(s.call("POST", "/v1/cases/"+id+"/take", fmt.Sprintf(`{"from":%q}`, owner), agent), 200)
	if got := s.said(id); !strings.HasSuffix(got, "staff sent: We look into it.") {
		t.Errorf("what staff wrote elsewhere:\n%s", got)
	}
}

// TestTakingOverWork: what somebody works on is passed on as the work item it is.
func TestTakingOverWork(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.write("ana", "Where is my order A-10234? This is really annoying!", "public")
	id, _ := s.firstCase("ana")
	item := s.items("/v1/work-items?state=pending")[0]["id"].(string)
	s.want(s.call("POST", "/v1/work-items/"+item+"/assign", "", s.as(auth.RoleAgent)), 200)
	if a := s.want(s.call("POST", "/v1/cases/"+id+"/take", `{"from":"t-agent"}`, s.as(auth.RoleSupervisor)), 409); !strings.Contains(a.body, item) {
		t.Error(a.body)
	}
}

// TestAMessageThatIsHeldSaysUntilWhen: what waits out the quiet hours is told
// with its time, what is on its way is not.
func TestAMessageThatIsHeldSaysUntilWhen(t *testing.T) {
	t.Parallel()
	morning := testNow.Add(9 * time.Hour)
	k := talk{now: testNow, messages: []messageView{{Effect: "night", State: "decided"}, {Effect: "now", State: "decided"}, {Effect: "approve", State: "decided"}}}
	row := func(id string, state domain.EffectState, at time.Time) store.EffectRow {
		return store.EffectRow{State: state, Effect: domain.Effect{ID: id, NotBefore: at}}
	}
	k.outbox([]store.EffectRow{row("night", domain.EffectPending, morning), row("now", domain.EffectPending, testNow), row("approve", domain.EffectHeld, morning)})
	for i, want := range []time.Time{morning, {}, {}} {
		if m := k.messages[i]; !m.NotBefore.Equal(want) {
			t.Errorf("%s, %s: held until %v, want %v", m.Effect, m.State, m.NotBefore, want)
		}
	}
}
