package httpapi

import (
	"encoding/json"
	"testing"

	"github.com/contact-advocate/advocate/internal/auth"
)

// TestEveryMessageHasItsCause: a rule, a person, or the engine, with the input
// that it followed from.
func TestEveryMessageHasItsCause(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.write("ana", "Where is my order A-10234? This is really annoying! Call me please", "public")
	s.settle()
	agent := s.as(auth.RoleAgent)
	work := s.items("/v1/work-items?open=true")[0]
	caseID := work["case_id"].(string)
	s.want(s.call("POST", "/v1/cases/"+caseID+"/reply", `{"text":"A person here.","take":true}`, agent), 200)
	s.settle()
	s.want(s.call("POST", "/v1/work-items/"+work["id"].(string)+"/complete", `{"disposition":"resolved"}`, agent), 200)
	s.settle()
	var why struct {
		Records []struct {
			Version int64
			Inputs  []struct{ Kind string }
			Effects []struct{ ID, Kind string }
		}
		Causes []causeView
	}
	if err := json.Unmarshal([]byte(s.want(s.call("GET", "/v1/explain/"+caseID, "", agent), 200).body), &why); err != nil {
		t.Fatal(err)
	}
	by := map[string]causeView{}
	for _, c := range why.Causes {
		by[c.Effect] = c
	}
	said := 0
	for _, rec := range why.Records {
		for _, e := range rec.Effects {
			if e.ID == "" || e.Kind != "reply" {
				continue
			}
			said++
			c := by[e.ID]
			if c.Kind == "" || len(c.Inputs) == 0 || c.Record != rec.Version || c.Inputs[len(c.Inputs)-1] >= len(rec.Inputs) || c.Kind == causeRule && c.Rule == "" {
				t.Errorf("%s: %+v", e.ID, c)
			}
		}
	}
	if said < 3 || len(by) != said {
		t.Errorf("%d messages, %d causes", said, len(by))
	}
	found := map[string]bool{}
	for _, c := range by {
		switch {
		case c.Kind == causeEngine && c.Because == "command.complete" && c.Template == "closing-order" && c.Rule == "":
			found["closing"] = true
		case c.Kind == causePerson && c.By == "t-agent" && c.Because == "command.reply":
			found["person"] = true
		case c.Kind == causeRule && c.Because == "post":
			found["rule"] = true
		}
	}
	if len(found) != 3 {
		t.Errorf("found only %v of %+v", found, why.Causes)
	}
}
