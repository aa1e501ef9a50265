package httpapi

import (
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
	"github.com/contact-advocate/advocate/internal/store"
)

// TestWorkItemsSayWhose: lists and the item itself say whose they are, so that
// nobody has to ask for each customer; and whether one may call is told without
// a call being noted.
func TestWorkItemsSayWhose(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.write("ana", "Where is my order A-10234? This is really annoying! Call me please", "public")
	s.settle()
	work := s.items("/v1/work-items?open=true")
	if len(work) != 1 || work[0]["handle"] != "ana" {
		t.Fatalf("the list does not say whose work it is: %v", work)
	}
	path := "/v1/work-items/" + work[0]["id"].(string)
	if a := s.want(s.call("GET", path, "", s.as(auth.RoleAgent)), 200); !strings.Contains(a.body, `"handle":"ana"`) {
		t.Errorf("the item does not say whose it is: %s", a.body)
	}
	number, _ := work[0]["number"].(string)
	if number != "+12025550143" || work[0]["customer_name"] != "Ana Silva" {
		t.Fatalf("whose work it is, and where to call: %v", work[0])
	}
	a := s.want(s.call("GET", path+"/call", "", s.as(auth.RoleAgent)), 200)
	if !strings.Contains(a.body, `"number":"`+number) || !strings.Contains(a.body, `"recorded":false`) {
		t.Errorf("the plan of a call: %s", a.body)
	}
}

// TestWorkItemsAreSaid: what an agent reads of a work item comes with the
// sentences that it is made of, for whoever reads another language, and what
// people wrote stays as they wrote it.
func TestWorkItemsAreSaid(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.write("ana", "Where is my order A-10234? This is really annoying! Call me please", "public")
	s.settle()
	item := s.items("/v1/work-items?open=true")[0]
	path := "/v1/work-items/" + item["id"].(string)
	s.want(s.call("POST", path+"/transfer", `{"note": "she is at work until six"}`, s.as(auth.RoleSupervisor)), 200)
	a := s.want(s.call("GET", path, "", s.as(auth.RoleAgent)), 200)
	for _, want := range []string{
		`she is at work until six"}]`,
		`"summary_said":[{"code":"summary_matter"`,
		`"promised_said":[{"code":"promised_by","params":{"due":"`,
		`"ends_as":"callback"`,
	} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the work item does not say %s: %s", want, a.body)
		}
	}
	s.want(s.call("POST", path+"/complete", `{"disposition": "reached"}`, s.as(auth.RoleAdmin)), 200)
	if a := s.want(s.call("GET", "/v1/cases/"+item["case_id"].(string), "", s.as(auth.RoleAdmin)), 200); !strings.Contains(a.body, `"evidence_said":[{"code":"disposed"`) {
		t.Errorf("the evidence of a promise: %s", a.body)
	}
}

// TestQueuesTellHowTheirWorkEnds: by the kind of work, so that nobody is offered
// to end a review with a voicemail.
func TestQueuesTellHowTheirWorkEnds(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	a := s.want(s.call("GET", "/v1/queues", "", s.as(auth.RoleAgent)), 200)
	for _, want := range []string{
		`{"name":"resolved","means":"resolved","kinds":["callback","review","expert"],"note":false}`,
		`{"name":"voicemail","means":"voicemail","kinds":["callback"],"note":false}`,
		`{"name":"no_answer_needed","means":"no_answer_needed","kinds":["review"],"note":false}`,
	} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the queues do not have %s: %s", want, a.body)
		}
	}
}

// TestWorkReadsInTheCompanysTime: a review says of no zone; what was promised in
// it reads as the customer was told it.
func TestWorkReadsInTheCompanysTime(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.engine.zone = "Europe/Berlin"
	w := domain.WorkItem{
		ID: workItemOf(near, 1), Customer: near, Case: caseOf(near, 1), Kind: domain.Review, State: domain.WorkPending, Queue: "care",
		Promised: []string{said.PromisedBy.Text("review", "2026-11-24T22:30:00Z")}, CreatedAt: testNow, UpdatedAt: testNow, Version: 1,
	}
	if err := f.store.Update(t.Context(), func(tx store.Tx) error { return tx.WorkItemPut([]domain.WorkItem{w}) }); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/v1/work-items", "/v1/work-items/" + w.ID} {
		if a := f.want(f.call("GET", path, "", f.as(auth.RoleAdmin)), 200); !strings.Contains(a.body, `"promised":["review by Tue 24 Nov 23:30 CET"]`) {
			t.Errorf("%s: %s", path, a.body)
		}
	}
}
