package httpapi

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/caseload"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/outbound"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/vault"
)

// listed brings the lists of cases and promises up to date.
func (s *shop) listed() {
	s.Helper()
	if err := caseload.CatchUp(s.Context(), s.store, s.clock.Now); err != nil {
		s.Fatal(err)
	}
}

func TestCasesOfAllCustomers(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.write("ana", "Where is my order A-10234? This is really annoying!", "public")
	for i := range 4 {
		s.clock.Advance(time.Minute)
		s.write(fmt.Sprintf("guest%d", i), "My kettle arrived broken, I want my money back", "public")
	}
	s.listed()
	first := s.items("/v1/cases")
	if len(first) != 5 || first[0]["identity"].(map[string]any)["author"] != "guest3" {
		t.Fatalf("cases: %v", first)
	}
	var pages []string
	cursor := ""
	for range 10 {
		a := s.want(s.call("GET", "/v1/cases?limit=2&cursor="+cursor, "", s.as(auth.RoleRead)), 200).json(t)
		for _, c := range a["items"].([]any) {
			pages = append(pages, c.(map[string]any)["id"].(string))
		}
		next, more := a["next"].(string)
		if !more {
			break
		}
		cursor = next
	}
	if len(pages) != 5 || pages[0] != first[0]["id"] || pages[4] != first[4]["id"] {
		t.Errorf("in pages: %v", pages)
	}
	ana, _ := s.firstCase("ana")
	// One thing has one shape: whose the case is is told wherever it is.
	for _, path := range []string{"/v1/cases/" + ana, "/v1/explain/" + ana} {
		c := s.want(s.call("GET", path, "", s.as(auth.RoleRead)), 200).json(t)
		if in, ok := c["cases"].([]any); ok {
			c = in[0].(map[string]any)
		}
		if last := first[len(first)-1]; c["name"] == nil || c["name"] != last["name"] || c["handle"] != last["handle"] {
			t.Errorf("%s is %v's, @%v; in the list %v's, @%v", path, c["name"], c["handle"], last["name"], last["handle"])
		}
	}
	s.want(s.call("POST", "/v1/cases/"+ana+"/take", "", s.as(auth.RoleAgent)), 200)
	s.listed()
	for query, want := range map[string]int{
		"state=resolved": 0, "state=unresolved": 5, "owner=me": 0, "owner=t-agent": 1, "owner=-": 4, "intent=order_status": 1, "network=sandbox": 5, "network=x": 0,
		"updated_since=" + s.clock.Now().Add(-90*time.Second).Format(time.RFC3339): 2, "queue=nowhere": 0,
		"about=topic/damaged": 4, "about=intent/order_status": 1, "about=topic": 0, "about=sku/none": 0,
	} {
		if got := s.items("/v1/cases?" + query); len(got) != want {
			t.Errorf("%s: %d cases, want %d", query, len(got), want)
		}
	}
	s.want(s.call("GET", "/v1/cases?cursor=x", "", s.as(auth.RoleRead)), 400)
	s.want(s.call("GET", "/v1/cases?state=odd", "", s.as(auth.RoleRead)), 400)
	s.want(s.call("GET", "/v1/cases", "", s.as(auth.RoleIngest)), 403)
	// An erased customer's case is gone at once, whatever is listed.
	_, gone := s.firstCase("guest1")
	s.want(s.call("POST", "/v1/customers/"+gone+"/erase", `{"confirm":"`+gone+`"}`, s.as(auth.RoleAdmin)), 204)
	if got := s.items("/v1/cases"); len(got) != 4 {
		t.Errorf("%d cases after an erasure", len(got))
	}
}

func TestPromisesAndLive(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.listed() // from here on it is counted
	s.write("ana", "Where is my order A-10234? This is really annoying! Call me!", "public")
	s.listed()
	promises := s.items("/v1/promises")
	if len(promises) == 0 || promises[0]["what"] != "callback" || promises[0]["at_risk"] != false || promises[0]["queue"] == nil {
		t.Fatalf("promises: %v", promises)
	}
	due, err := time.Parse(time.RFC3339, promises[0]["due"].(string))
	if err != nil {
		t.Fatal(err)
	}
	if got := s.items("/v1/promises?due_before=" + due.UTC().Format(time.RFC3339)); len(got) != 0 {
		t.Errorf("due before it is due: %v", got)
	}
	day := s.want(s.call("GET", "/v1/live", "", s.as(auth.RoleSupervisor)), 200).json(t)
	if posts := day["posts"].(map[string]any); posts["today"] != 1.0 || posts["hour"] != 1.0 {
		t.Errorf("posts: %v", posts)
	}
	if hours := day["sentiment"].([]any); len(hours) != 1 || hours[0].(map[string]any)["negative"] != 1.0 {
		t.Errorf("sentiment: %v", hours)
	}
	s.clock.Set(due.Add(-time.Minute))
	if got := s.items("/v1/promises?queue=" + promises[0]["queue"].(string)); len(got) != len(promises) || got[0]["at_risk"] != true || got[0]["overdue"] != false {
		t.Errorf("a minute before: %v", got)
	}
	s.want(s.call("GET", "/v1/live", "", s.as(auth.RoleAgent)), 403)
	v := s.want(s.call("GET", "/v1/live", "", s.as(auth.RoleSupervisor)), 200).json(t)
	if p := v["promises"].(map[string]any); p["at_risk"].(float64) < 1 || len(p["first"].([]any)) < 1 {
		t.Errorf("promises: %v", p)
	}
	row := s.rows()[0]
	if first := v["promises"].(map[string]any)["first"].([]any); row.Action != "get-live" || row.By != "t-supervisor" || !strings.Contains(string(row.Detail), first[0].(map[string]any)["id"].(string)) {
		t.Errorf("that a promise was looked at left %+v %s", row, row.Detail)
	}
	if len(v["queues"].([]any)) == 0 || v["spikes"] == nil {
		t.Errorf("live: %v", v)
	}
	s.want(s.call("GET", "/v1/promises?cursor=x", "", s.as(auth.RoleRead)), 400)
}

// TestNothingIsListedOfTheErased: their cases and promises leave the lists with
// them, not only the answers.
func TestNothingIsListedOfTheErased(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.write("ana", "Where is my order A-10234? This is really annoying! Call me!", "public")
	s.listed()
	count := func(kind string) (n int) {
		if err := s.store.View(t.Context(), func(r store.Reader) error {
			docs, err := r.DocumentList(store.DocumentListParams{Kind: kind, Limit: 10})
			n = len(docs)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if cases, promises := count(store.CaseIndexKind), count(store.PromiseIndexKind); cases == 0 || promises == 0 {
		t.Fatalf("%d cases and %d promises are listed", cases, promises)
	}
	_, gone := s.firstCase("ana")
	s.want(s.call("POST", "/v1/customers/"+gone+"/erase", `{"confirm":"`+gone+`"}`, s.as(auth.RoleAdmin)), 204)
	if cases, promises := count(store.CaseIndexKind), count(store.PromiseIndexKind); cases != 0 || promises != 0 {
		t.Errorf("%d cases and %d promises of nobody's are listed", cases, promises)
	}
}

// TestLiveIsAsFarAsRightsReach: sums without names for who may not read
// customers, and nothing of the whole company for who reaches some queues.
func TestLiveIsAsFarAsRightsReach(t *testing.T) {
	t.Parallel()
	var v *vault.Vault
	q := newQueues(t, func(o *Options) {
		v = vault.New(vault.Options{Store: o.Store, Now: o.Now, File: filepath.Join(t.TempDir(), "vault.key")})
		o.Webhooks = outbound.New(outbound.Options{Store: o.Store, Sealer: v})
	})
	q.vault = v
	plant(q)
	live := func(secret string) (v, promises map[string]any) {
		v = q.want(q.call("GET", "/v1/live", "", secret), 200).json(t)
		return v, v["promises"].(map[string]any)
	}
	now, p := live(q.as(auth.RoleSupervisor))
	if p["at_risk"] != 1.0 || len(p["first"].([]any)) != 1 || now["posts"] == nil || now["sentiment"] == nil || now["spikes"] == nil {
		t.Errorf("a supervisor of all has %v", now)
	}
	before := len(q.rows())
	if now, p = live(q.token("sums", auth.RoleSupervisor, []auth.Permission{auth.Reports})); p["at_risk"] != 1.0 || p["first"] != nil || now["posts"] == nil {
		t.Errorf("who has sums only has %v", now)
	}
	if n := len(q.rows()) - before; n != 0 {
		t.Errorf("sums left %d rows", n)
	}
	if now, p = live(q.token("care", auth.RoleSupervisor, nil, "care")); len(p["first"].([]any)) != 1 || now["posts"] != nil || now["sentiment"] != nil || now["spikes"] != nil {
		t.Errorf("a supervisor of one queue has %v", now)
	}
	if now, p = live(q.token("urgent", auth.RoleSupervisor, nil, "urgent")); p["at_risk"] != 0.0 || len(p["first"].([]any)) != 0 {
		t.Errorf("a supervisor of another queue has %v", now)
	}
}

func TestConnections(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(o *Options) { o.Hooks = map[string]Hook{"shop": badHook{}} })
	f.engine.links = []engine.Link{
		{Kind: "component", Name: "orders", Went: testNow, Circuit: "closed"},
		{Kind: "component", Name: "stock", Failed: testNow, Error: "no answer", Row: 5, Circuit: "open"},
		{Kind: "network", Name: "m", Runs: true, Capabilities: social.Capabilities{
			PublicReply: true, Public: social.Form{Text: social.Length{Max: 500}, Parts: 3}, Private: social.Form{Text: social.Length{Max: 90}},
			Settles: true, In: social.In{Edits: true},
		}},
		{Kind: "network", Name: "x", Failed: testNow, Error: "401", Fault: social.FaultOperator, Row: 2, Waiting: 3, Oldest: time.Hour},
		{Kind: "network", Name: "y", Failed: testNow, Row: 2, Heard: testNow.Add(time.Second)},
	}
	list := func() (out []map[string]any) {
		for _, x := range f.want(f.call("GET", "/v1/connections", "", f.as(auth.RoleRead)), 200).json(t)["items"].([]any) {
			out = append(out, x.(map[string]any))
		}
		return out
	}
	got := list()
	for i, want := range []string{"ok", "left_alone", "unused", "failing", "ok", "unused"} {
		if got[i]["state"] != want {
			t.Errorf("%v is %v, want %s", got[i]["name"], got[i]["state"], want)
		}
		if wrong := want == "failing" || want == "left_alone"; wrong != (got[i]["mend"] != nil) {
			t.Errorf("%v: what helps is %v", got[i]["name"], got[i]["mend"])
		}
	}
	if !strings.Contains(got[3]["mend"].(string), "credentials") || got[3]["lag_seconds"] != 3600.0 || got[2]["can"].(map[string]any)["max_text"] != 500.0 {
		t.Errorf("networks: %v %v", got[2], got[3])
	}
	if can := got[2]["can"].(map[string]any); can["settles"] != true || can["edits"] != true || can["deletions"] != nil || can["max_parts"] != 3.0 || can["max_private_text"] != nil {
		t.Errorf("what a network can do: %v", can)
	}
	f.call("POST", "/hooks/shop", "{}")
	f.call("POST", "/hooks/elsewhere", "{}")
	got = list()
	if last := got[len(got)-1]; len(got) != 6 || last["kind"] != "source" || last["state"] != "failing" || !strings.Contains(last["mend"].(string), "signature") {
		t.Errorf("a source with a bad signature: %v", last)
	}
	f.want(f.call("GET", "/v1/connections", "", f.as(auth.RoleIngest)), 403)
}

type badHook struct{}

func (badHook) Events(http.Header, []byte, time.Time) ([]domain.Event, error) {
	return nil, domain.Errorf(domain.CodeUnauthorized, "the signature is not right")
}
