//go:build unix

package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
)

// deskItem is a work item as agents see it.
type deskItem struct {
	ID, State, Queue, Agent, For string
	Customer                     string `json:"customer_id"`
	Version                      int64
	Reservation                  struct{ ID, Agent, State string }
}

// floor is a server with three agents of the queue care.
type floor struct {
	*testing.T
	boss   *client
	agents map[string]*client
}

func TestDesk(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		desk(t, newHouse(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		url := pgtest.Bare(t)
		h := newHouse(t)
		h.env = append(h.env, "ADVOCATE_STORE="+url)
		desk(t, h)
	})
}

// desk is a morning of three agents.
func desk(t *testing.T, h *house) {
	config := t.TempDir() + "/advocate.yaml"
	save(t, config, "policy:\n  queues:\n    care: {offer_for: 8s}\n    urgent: {}\n  default_queue: care\n")
	h.args = []string{"--config", config}
	p := h.start()
	f := &floor{T: t, boss: p.client(h.token("boss", "supervisor")), agents: map[string]*client{}}
	for _, name := range []string{"ann", "bob", "cem"} {
		f.agents[name] = p.client(h.token(name, "agent"))
		f.boss.do(200, "PUT", "/v1/agents/"+name, `{"queues":["care"],"langs":["en"],"capacity":1}`)
	}
	ann, bob := f.agents["ann"], f.agents["bob"]

	// What an agent may not.
	ann.do(403, "PUT", "/v1/agents/ann", `{"queues":["urgent"]}`)
	ann.do(403, "PUT", "/v1/agents/bob/activity", `{"activity":"offline"}`)
	ann.do(403, "GET", "/v1/work-items?queue=urgent", "")
	f.boss.do(428, "PUT", "/v1/agents/ann", `{"queues":["care"]}`)
	seen := ann.get("/v1/agents/me").header.Get("ETag")
	f.boss.do(200, "PUT", "/v1/agents/ann", `{"queues":["care"],"langs":["en"],"skills":{"orders":3}}`, "If-Match: "+seen)
	f.boss.do(412, "PUT", "/v1/agents/ann", `{"queues":["care"]}`, "If-Match: "+seen)

	// Somebody asks for a person while nobody is there; two take it at once.
	first := f.ask("dora")
	var wg sync.WaitGroup
	var got [2]answer
	for i, c := range []*client{ann, bob} {
		wg.Go(func() { got[i] = c.send("POST", "/v1/work-items/"+first.ID+"/assign", "") })
	}
	wg.Wait()
	winner, loser := ann, bob
	if got[1].status == 200 {
		winner, loser = bob, ann
	}
	if won, lost := min(got[0].status, got[1].status), max(got[0].status, got[1].status); won != 200 || lost != 403 && lost != 409 {
		t.Fatalf("two took it at once: %d %d", got[0].status, got[1].status)
	}
	now := read[deskItem](t, winner.get("/v1/work-items/"+first.ID))
	loser.do(403, "POST", "/v1/work-items/"+first.ID+"/complete", `{"disposition":"resolved"}`)
	winner.do(412, "POST", "/v1/work-items/"+first.ID+"/wrap", "", fmt.Sprintf("If-Match: \"%d\"", now.Version+7))
	winner.do(200, "POST", "/v1/work-items/"+first.ID+"/wrap", "", fmt.Sprintf("If-Match: \"%d\"", now.Version))

	// The end of it, once for its key, and what the customer hears.
	before := len(f.boss.messages("dora"))
	end := "/v1/work-items/" + first.ID + "/complete"
	done := `{"disposition":"resolved","note":"sent a new one"}`
	winner.do(200, "POST", end, done, "Idempotency-Key: k1")
	winner.do(200, "POST", end, done, "Idempotency-Key: k1")
	winner.do(422, "POST", end, `{"disposition":"refused"}`, "Idempotency-Key: k1")
	winner.do(409, "POST", end, done)
	eventually(t, "dora is told how it ended", func() bool { return len(f.boss.messages("dora")) == before+1 })

	// An offer comes to who is there, as an event too, and to nobody else.
	events := ann.hear("advocate.workitem.*")
	quiet := bob.hear("advocate.agent.changed")
	f.be("ann", "available")
	second := f.ask("emil")
	offer := f.offered("ann")
	if offer.WorkItem.ID != second.ID {
		t.Fatalf("ann is offered %s, want %s", offer.WorkItem.ID, second.ID)
	}
	for e := range events {
		if e.Type == "advocate.workitem.reserved" {
			break
		}
	}
	bob.do(403, "POST", "/v1/reservations/"+offer.ID+"/accept", "")

	// It runs out, and goes to somebody else; ann can not accept it any more.
	f.be("bob", "available")
	f.be("cem", "available")
	other := ""
	eventually(t, "the offer goes to another agent", func() bool {
		w := read[deskItem](t, f.boss.get("/v1/work-items/"+second.ID))
		other = w.Reservation.Agent
		return w.State == "reserved" && other != "ann"
	})
	ann.do(403, "POST", "/v1/reservations/"+f.offered(other).ID+"/accept", "")
	if a := ann.send("POST", "/v1/reservations/"+offer.ID+"/accept", ""); a.status != 409 {
		t.Errorf("an offer that has run out: %d %s", a.status, a.body)
	}

	// Who leaves in the middle of an offer does not keep it.
	f.be("ann", "break")
	f.be(other, "offline")
	last := map[string]string{"bob": "cem", "cem": "bob"}[other]
	offer = f.offered(last)
	f.agents[last].do(200, "POST", "/v1/reservations/"+offer.ID+"/accept", "", "Idempotency-Key: a1")
	f.agents[last].do(200, "POST", "/v1/reservations/"+offer.ID+"/accept", "", "Idempotency-Key: a1")
	if mine := list[deskItem](f.agents[last], "/v1/agents/me/work-items"); len(mine) != 1 || mine[0].State != "assigned" {
		t.Errorf("%s holds %+v", last, mine)
	}

	// Passed on to one agent, who rejects it; then to another queue, where it
	// is out of these agents' sight.
	move := "/v1/work-items/" + second.ID
	f.agents[last].do(400, "POST", move+"/transfer", `{"agent":"nobody"}`)
	f.agents[last].do(200, "POST", move+"/transfer", `{"agent":"ann","note":"speaks her language"}`)
	f.be("ann", "available")
	offer = f.offered("ann")
	ann.do(200, "POST", "/v1/reservations/"+offer.ID+"/reject", `{"note":"cannot help"}`)
	f.boss.do(200, "POST", move+"/transfer", `{"queue":"urgent"}`)
	ann.do(404, "GET", move, "")
	ann.do(403, "POST", move+"/raise", `{"priority":90}`)
	f.boss.do(200, "POST", move+"/raise", `{"priority":90}`)
	f.boss.do(200, "POST", move+"/cancel", `{"note":"emil solved it himself"}`)

	type queue struct {
		Queue    string
		Settings struct {
			Dispositions []struct{ Name string }
		}
	}
	queues := list[queue](ann, "/v1/queues")
	if len(queues) != 1 || queues[0].Queue != "care" || len(queues[0].Settings.Dispositions) == 0 {
		t.Errorf("the queues: %+v", queues)
	}
	if names := list[string](ann, "/v1/queues/names"); !slices.Equal(names, []string{"care", "urgent"}) {
		t.Errorf("work can be passed on to %v", names)
	}
	// bob's stream told of bob alone.
	f.be("bob", "break")
	for e := range quiet {
		var data struct{ Agent, Activity string }
		if err := json.Unmarshal(e.Data, &data); err != nil || data.Agent != "bob" {
			t.Fatalf("bob's stream says %s, %v", e.Data, err)
		}
		if data.Activity == "break" {
			break
		}
	}
	if code := p.stop(); code != 0 {
		t.Errorf("exit %d:\n%s", code, p.log)
	}
}

// ask has somebody ask for a person, and returns the work that comes of it.
func (f *floor) ask(handle string) (w deskItem) {
	f.Helper()
	f.boss.post(handle, "private", "I want to speak to a person please", "")
	eventually(f.T, "there is work about "+handle, func() bool {
		for _, open := range list[deskItem](f.boss, "/v1/work-items?open=true") {
			if open.Queue == "care" && strings.Contains(f.boss.get("/v1/customers/"+open.Customer).body, `"`+handle+`"`) {
				w = open
				return true
			}
		}
		return false
	})
	return w
}

// be says what an agent is doing.
func (f *floor) be(name, activity string) {
	f.Helper()
	f.agents[name].do(200, "PUT", "/v1/agents/me/activity", fmt.Sprintf(`{"activity":%q}`, activity))
}

type offered struct {
	ID       string
	Until    time.Time
	WorkItem deskItem `json:"work_item"`
}

// offered waits until an agent has an offer.
func (f *floor) offered(name string) (o offered) {
	f.Helper()
	eventually(f.T, name+" has an offer", func() bool {
		all := list[offered](f.agents[name], "/v1/agents/me/reservations")
		if len(all) > 0 {
			o = all[0]
		}
		return len(all) == 1
	})
	return o
}

type heard struct {
	Type string
	Data json.RawMessage
}

// hear gives the events of a stream, until the stream or the test ends.
func (c *client) hear(types string) <-chan heard {
	c.Helper()
	ctx, stop := context.WithTimeout(context.Background(), 2*startTime)
	c.Cleanup(stop)
	req, err := http.NewRequestWithContext(ctx, "GET", c.base+"/v1/stream?types="+types, nil)
	if err != nil {
		c.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil || res.StatusCode != 200 {
		c.Fatal(res, err)
	}
	out := make(chan heard, 1000)
	go func() {
		defer close(out)
		defer res.Body.Close()
		for in := bufio.NewScanner(res.Body); in.Scan(); {
			if body, ok := strings.CutPrefix(in.Text(), "data: "); ok {
				var e heard
				if json.Unmarshal([]byte(body), &e) == nil {
					out <- e
				}
			}
		}
	}()
	return out
}
