package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/component/builtin"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/sandbox"
	"github.com/contact-advocate/advocate/internal/store/memory"
	"github.com/contact-advocate/advocate/internal/telemetry"
	"github.com/contact-advocate/advocate/internal/understand"
)

// shop is the API over a real engine, the default playbook, a customer with
// an order and the sandbox network.
type shop struct {
	*fixture
	real  *engine.Engine
	clock *clock.Manual
}

func newShop(t *testing.T) *shop {
	t.Helper()
	st := memory.New()
	c := clock.NewManual(testNow)
	box, err := sandbox.Open(sandbox.Options{Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	reader, err := understand.New(understand.Options{})
	if err != nil {
		t.Fatal(err)
	}
	policy := domain.DefaultPolicy()
	e, err := engine.New(engine.Options{
		Store: st, Understander: reader, Networks: []social.Network{box}, Policy: policy, Clock: c, Random: rand.NewChaCha8([32]byte{1}), Workers: 1,
		Components: []component.Component{builtin.Orders(st), builtin.Customers(st), builtin.Notices(st), builtin.Queues(st, func() *domain.Policy { return &policy })},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{fixture: &fixture{T: t, store: st, tokens: map[auth.Role]string{}}, real: e, clock: c}
	for _, r := range auth.Roles {
		if s.tokens[r], err = auth.Create(t.Context(), st, auth.CreateParams{Name: "t-" + string(r), Role: r, Now: testNow}); err != nil {
			t.Fatal(err)
		}
	}
	s.api = New(Options{Engine: e, Store: st, Sandbox: box, Now: c.Now, Metrics: telemetry.NewMetrics("test"), DemoInside: true, Company: "Example Shop"})
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = box.Run(ctx, e) })
	t.Cleanup(func() { s.api.Close(); cancel(); wg.Wait(); box.Close() })
	s.seed(policy)
	return s
}

func (s *shop) seed(domain.Policy) {
	ctx := s.Context()
	source := string(playbook.Default())
	body, err := json.Marshal(map[string]any{"name": "default.yaml", "source": source, "activate": true})
	if err != nil {
		s.Fatal(err)
	}
	s.want(s.call("POST", "/v1/playbooks", string(body), s.as(auth.RoleAdmin)), 201)
	_, err = s.real.CustomersImport(ctx, []engine.CustomerImport{{
		Profile:    domain.Profile{Ref: "C-1", Name: "Ana Silva", Phone: "+12025550143", Lang: "en"},
		Identities: []domain.Identity{{IdentityKey: domain.IdentityKey{Network: "sandbox", Author: "ana"}, Handle: "ana"}},
	}})
	if err != nil {
		s.Fatal(err)
	}
	_, err = s.real.OrdersImport(ctx, []domain.Order{{
		ID: "A-10234", CustomerRef: "C-1", Status: domain.OrderShipped, Promised: testNow.Add(-48 * time.Hour), ETA: testNow.Add(24 * time.Hour),
		Carrier: "Parcel Co", Email: "ana@example.com", Postcode: "10115", UpdatedAt: testNow.Add(-time.Hour),
	}})
	if err != nil {
		s.Fatal(err)
	}
	s.settle()
}

// settle lets the engine work until it has nothing to do.
func (s *shop) settle() {
	s.Helper()
	for range 50 {
		did := 0
		for _, step := range []func(context.Context) (int, error){s.real.StepReady, s.real.StepCatchUp, s.real.StepFanout, s.real.StepDispatch} {
			n, err := step(s.Context())
			if err != nil {
				s.Fatal(err)
			}
			did += n
		}
		if did == 0 {
			return
		}
	}
	s.Fatal("the engine does not come to rest")
}

// write posts on the sandbox network and waits until the engine has it.
func (s *shop) write(handle, text, visibility string) string {
	s.Helper()
	body, _ := json.Marshal(map[string]string{"handle": handle, "text": text, "visibility": visibility})
	a := s.call("POST", "/v1/sandbox/posts", string(body))
	m := a.json(s.T)
	id, _ := m["id"].(string)
	for m["delivery"] == "pending" { // the network has only just been started
		a = s.call("GET", "/v1/sandbox/posts/"+id+"/thread?as="+handle, "")
		m = a.json(s.T)["items"].([]any)[0].(map[string]any)
	}
	if m["delivery"] != "delivered" {
		s.Fatalf("post: %s", a.body)
	}
	s.settle()
	return id
}

// answers lists what the company wrote that a handle sees, oldest first.
func (s *shop) answers(handle string) (texts []string) {
	for _, p := range s.want(s.call("GET", "/v1/sandbox/timeline?as="+handle, ""), 200).json(s.T)["items"].([]any) {
		if m := p.(map[string]any); m["company"] == true && m["to"] == handle {
			texts = append(texts, fmt.Sprint(m["visibility"], ": ", m["text"]))
		}
	}
	return texts
}

func (s *shop) items(path string) []map[string]any {
	s.Helper()
	var out []map[string]any
	for _, x := range s.want(s.call("GET", path, "", s.as(auth.RoleRead)), 200).json(s.T)["items"].([]any) {
		out = append(out, x.(map[string]any))
	}
	return out
}

func TestStoryOfALateOrder(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	post := s.write("ana", "Where is my order A-10234? This is really annoying!", "public")
	got := s.answers("ana")
	if len(got) == 0 || !strings.HasPrefix(got[0], "private: ") || !strings.Contains(strings.Join(got, " "), "A-10234") {
		t.Fatalf("ana was answered %q", got)
	}
	found := s.items("/v1/customers?q=silva")
	if len(found) != 1 || found[0]["ref"] != "C-1" {
		t.Fatalf("customers: %v", found)
	}
	base := "/v1/customers/" + found[0]["id"].(string)
	if h := s.items(base + "/history"); len(h) < 3 || !slices.ContainsFunc(h, func(e map[string]any) bool { return e["kind"] == "post" }) {
		t.Errorf("history: %v", h)
	}
	orders := s.items(base + "/orders")
	if len(orders) != 1 || orders[0]["open"] != true || orders[0]["order"] == nil {
		t.Errorf("orders: %v", orders)
	}
	if subs := s.items(base + "/subscriptions"); len(subs) == 0 {
		t.Error("it subscribed to nothing")
	}
	cases := s.items(base + "/cases")
	if len(cases) != 1 {
		t.Fatalf("cases: %v", cases)
	}
	s.want(s.call("GET", "/v1/cases/"+cases[0]["id"].(string), "", s.as(auth.RoleRead)), 200)
	why := s.want(s.call("GET", "/v1/explain/"+post, "", s.as(auth.RoleRead)), 200)
	if !strings.Contains(why.body, `"outcome":"fired"`) {
		t.Errorf("the explanation names no rule: %.300s", why.body)
	}
	for _, path := range []string{base + "/decisions", base + "/history", base + "/orders", base + "/cases", "/v1/explain/" + post, "/v1/sandbox/inside?handle=ana"} {
		a := s.call("GET", path, "", s.as(auth.RoleRead), "Remote: 127.0.0.1:1", "Host: localhost")
		if strings.Contains(a.body, "ana@example.com") || strings.Contains(a.body, "10115") {
			t.Errorf("%s tells the order's secret", path)
		}
	}

	s.want(s.call("POST", "/v1/sandbox/inside/event", `{"type":"order.delayed","order":"A-10234"}`, "Remote: 127.0.0.1:1", "Host: localhost"), 202)
	s.settle()
	if now := s.answers("ana"); len(now) <= len(got) {
		t.Errorf("the delay was not told: %q", now)
	}
	work := s.items("/v1/work-items?state=pending")
	if len(work) == 0 || work[0]["kind"] != "callback" {
		t.Fatalf("work items: %v", work)
	}
	item := "/v1/work-items/" + work[0]["id"].(string)
	s.want(s.call("POST", item+"/complete", `{}`, s.as(auth.RoleAgent)), 400)
	for _, body := range []string{`{}`, `{"note":""}`, `{"note":" \n"}`} { // whoever looks later must find out why
		if a := s.want(s.call("POST", item+"/cancel", body, s.as(auth.RoleAgent)), 400); !strings.Contains(a.body, "note") {
			t.Errorf("a cancellation without a reason: %s", a.body)
		}
	}
	a := s.want(s.call("POST", item+"/complete", `{"disposition":"resolved","note":"spoke with her"}`, s.as(auth.RoleAgent)), 200).json(t)
	if a["state"] != "completed" || a["agent"] != nil && a["agent"] != "t-agent" {
		t.Errorf("completed: %v", a)
	}
	s.want(s.call("POST", item+"/complete", `{"disposition":"resolved"}`, s.as(auth.RoleAgent)), 409)
	s.settle()
}

func TestStrangerLearnsNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.write("mallory", "Where is my order A-10234?", "public")
	got := strings.Join(s.answers("mallory"), " | ")
	if got == "" || strings.Contains(got, "Parcel Co") || strings.Contains(got, "Ana") || strings.Contains(got, "public: ") && strings.Contains(got, "A-10234") {
		t.Errorf("the stranger was told %q", got)
	}
	var view insideView
	a := s.want(s.call("GET", "/v1/sandbox/inside?handle=mallory", "", "Remote: 127.0.0.1:1", "Host: localhost"), 200)
	if err := json.Unmarshal([]byte(a.body), &view); err != nil {
		t.Fatal(err)
	}
	for _, o := range view.Orders {
		if o.Open || o.Order != nil {
			t.Errorf("an unproven order is shown: %+v", o)
		}
	}
}

func TestTakeReplyHandBackClose(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.write("ana", "Where is my order A-10234?", "public")
	base := "/v1/customers/" + s.items("/v1/customers?q=ana")[0]["id"].(string)
	id := "/v1/cases/" + s.items(base + "/cases")[0]["id"].(string)
	s.want(s.call("POST", id+"/reply", `{"text":"hello"}`, s.as(auth.RoleAgent)), 409) // not taken yet
	if c := s.want(s.call("POST", id+"/take", "", s.as(auth.RoleAgent)), 200).json(t); c["owner"] != "t-agent" {
		t.Errorf("taken: %v", c["owner"])
	}
	for range 2 { // whose answer was cut sends it again
		s.want(s.call("POST", id+"/reply", `{"text":"A person here: it leaves today."}`, s.as(auth.RoleAgent), "Idempotency-Key: cut"), 200)
		s.settle()
	}
	if got := strings.Join(s.answers("ana"), "|"); strings.Count(got, "A person here") != 1 {
		t.Errorf("the agent's reply arrived otherwise than once: %s", got)
	}
	s.want(s.call("POST", id+"/handback", "", s.as(auth.RoleAgent)), 200)
	s.want(s.call("POST", id+"/take", "", s.as(auth.RoleAgent)), 200)
	s.want(s.call("POST", id+"/close", `{"disposition":"resolved"}`, s.as(auth.RoleAgent)), 200)
	s.want(s.call("GET", "/v1/cases/nonsense", "", s.as(auth.RoleRead)), 400)
	s.want(s.call("GET", "/v1/cases/"+domain.ObjectID(9, domain.KindCase, 1), "", s.as(auth.RoleRead)), 404)
}

func TestApproveModeAndSwitches(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.want(s.call("PUT", "/v1/switches", `{"scope":"everything","mode":"approve"}`, s.as(auth.RoleAdmin)), 400)
	s.want(s.call("PUT", "/v1/switches", `{"scope":"network:sandbox","mode":"approve"}`, s.as(auth.RoleAdmin)), 200)
	if sw := s.items("/v1/switches"); len(sw) != 1 || sw[0]["by"] != "t-admin" {
		t.Errorf("switches: %v", sw)
	}
	s.write("ana", "Where is my order A-10234?", "public")
	if got := s.answers("ana"); len(got) != 0 {
		t.Fatalf("sent without approval: %v", got)
	}
	held := s.items("/v1/effects?state=held")
	if len(held) == 0 {
		t.Fatal("nothing is held")
	}
	id := held[0]["id"].(string)
	if held[0]["restored"] != nil {
		t.Errorf("what approve mode holds looks like what was restored: %v", held[0])
	}
	s.want(s.call("POST", "/v1/dead-letters/"+id+"/drop", "", s.as(auth.RoleAdmin)), 409) // it is held, not dead
	s.want(s.call("POST", "/v1/effects/"+id+"/release", "", s.as(auth.RoleAgent)), 204)
	s.settle()
	if got := s.answers("ana"); len(got) != 1 {
		t.Errorf("after the release: %v", got)
	}
	if dead := s.items("/v1/dead-letters"); len(dead) != 0 {
		t.Errorf("dead letters: %v", dead)
	}
}

func TestPagesOfHistoryAndCustomers(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for i := range 7 {
		s.write(fmt.Sprintf("guest%d", i), "Do you sell green chairs?", "public")
	}
	var ids []string
	cursor := ""
	for range 20 {
		a := s.want(s.call("GET", "/v1/customers?limit=3&cursor="+cursor, "", s.as(auth.RoleRead)), 200).json(t)
		for _, c := range a["items"].([]any) {
			ids = append(ids, c.(map[string]any)["id"].(string))
		}
		next, more := a["next"].(string)
		if !more {
			break
		}
		cursor = next
	}
	if len(ids) != 8 || len(slices.Compact(slices.Sorted(slices.Values(ids)))) != 8 {
		t.Errorf("pages gave %d customers: %v", len(ids), ids)
	}
	whole := s.items("/v1/customers/" + ids[1] + "/history?limit=500")
	var pieces []map[string]any
	cursor = ""
	for range 50 {
		a := s.want(s.call("GET", "/v1/customers/"+ids[1]+"/history?limit=1&cursor="+cursor, "", s.as(auth.RoleRead)), 200).json(t)
		for _, e := range a["items"].([]any) {
			pieces = append(pieces, e.(map[string]any))
		}
		next, more := a["next"].(string)
		if !more {
			break
		}
		cursor = next
	}
	if fmt.Sprint(whole) != fmt.Sprint(pieces) || len(whole) == 0 {
		t.Errorf("history in pages differs:\n%v\n%v", whole, pieces)
	}
	s.want(s.call("GET", "/v1/customers/c000000000000z", "", s.as(auth.RoleRead)), 404)
	s.want(s.call("GET", "/v1/customers/bob", "", s.as(auth.RoleRead)), 404)
}

func TestBrokenPlaybookIsRefusedWithItsLines(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	before := s.want(s.call("GET", "/v1/playbooks/active", "", s.as(auth.RoleRead)), 200).json(t)["version"]
	body := `{"name":"mine.yaml","source":"playbook: x\nrules:\n  - name: a\n    on: post\n    whne: true\n    do: []\n","activate":true}`
	a := s.want(s.call("POST", "/v1/playbooks", body, s.as(auth.RoleAdmin)), 400).json(t)
	errs, _ := a["errors"].([]any)
	if len(errs) == 0 || errs[0].(map[string]any)["line"] == nil {
		t.Errorf("problems without lines: %v", a)
	}
	if after := s.want(s.call("GET", "/v1/playbooks/active", "", s.as(auth.RoleRead)), 200).json(t)["version"]; after != before {
		t.Errorf("version %v became %v", before, after)
	}
}

// TestSandboxWithoutItsFile: what its disk does not take is refused as what it
// is, and not as a fault of the program.
func TestSandboxWithoutItsFile(t *testing.T) {
	t.Parallel()
	var box *sandbox.Network
	f := newFixture(t, func(o *Options) {
		withSandbox(t)(o)
		box = o.Sandbox
	})
	f.want(f.call("POST", "/v1/sandbox/posts", `{"handle":"maria","text":"hello"}`), 202)
	f.want(f.call("POST", "/v1/sandbox/posts", `{"handle":"","text":"hello"}`), 400)
	box.Close()
	for _, a := range []answer{f.call("POST", "/v1/sandbox/posts", `{"handle":"maria","text":"hello"}`), f.call("GET", "/v1/sandbox/timeline", "")} {
		if f.want(a, 503); !strings.Contains(a.body, "its file") || a.header.Get("Retry-After") == "" {
			t.Errorf("%v %s", a.header, a.body)
		}
	}
}

func TestHealthReadinessMetricsAndPages(t *testing.T) {
	t.Parallel()
	f := newFixture(t, withSandbox(t))
	f.want(f.call("GET", "/readyz", ""), 200)
	f.engine.status.Playbook.Version = 0
	f.want(f.call("GET", "/readyz", ""), 503)
	f.engine.status.Playbook.Version = 1
	f.engine.status.Store.Failing = "the store has no space left"
	if a := f.want(f.call("GET", "/readyz", ""), 503); !strings.Contains(a.body, "not ready: the store has no space left") || a.header.Get("Retry-After") == "" {
		t.Errorf("a store that takes no writes: %v %s", a.header, a.body)
	}
	f.engine.status.Store.Failing = ""
	f.want(f.call("GET", "/readyz", ""), 200)
	f.engine.fail = domain.Errorf(domain.CodeUnavailable, "the store cannot read or write its files")
	if a := f.want(f.call("GET", "/readyz", ""), 503); !strings.Contains(a.body, "not ready: the store cannot read") {
		t.Errorf("the reason is missing: %s", a.body)
	}
	f.want(f.call("GET", "/healthz", ""), 200)
	if a := f.want(f.call("GET", "/readyz", ""), 503); a.header.Get("Retry-After") == "" {
		t.Error("503 without Retry-After")
	}
	if a := f.want(f.call("GET", "/metrics", "", f.as(auth.RoleRead)), 200); !strings.Contains(a.body, `advocate_http_requests_total{method="GET",route="/healthz",status="200"} 1`) {
		t.Error("requests are not counted by route")
	}
	for _, path := range []string{"/docs", "/assets/docs.css", "/assets/icon.svg"} {
		a := f.want(f.call("GET", path, ""), 200)
		for _, bad := range []string{"http://", "https://", "//cdn", "<script>", "style=\"", "onclick=\"", "innerHTML"} {
			if strings.Contains(strings.ReplaceAll(a.body, "http://www.w3.org/2000/svg", ""), bad) {
				t.Errorf("%s holds %q", path, bad)
			}
		}
	}
	if a := f.call("GET", "/docs", ""); !strings.Contains(a.body, "/v1/posts") || !strings.Contains(a.body, "permission ingest") {
		t.Error("the docs page lacks calls")
	}
}

// TestCustomersByTheirNames: wherever a customer is named, the company's own
// reference does as well, and a search takes an identity; of a case nothing is
// told that only the engine can read.
func TestCustomersByTheirNames(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.want(s.call("POST", "/v1/sandbox/posts", `{"handle":"ana","text":"where is my order A-10234?"}`), 201)
	s.settle()
	id := s.items("/v1/customers?q=sandbox/ana")[0]["id"]
	if got := s.want(s.call("GET", "/v1/customers/C-1", "", s.as(auth.RoleRead)), 200).json(t)["id"]; got != id {
		t.Errorf("the reference names %v, the identity %v", got, id)
	}
	if orders := s.items("/v1/customers/C-1/orders"); len(orders) != 1 {
		t.Errorf("orders by reference: %v", orders)
	}
	if found := s.items("/v1/customers?q=sandbox/nobody"); len(found) != 0 {
		t.Errorf("found %v", found)
	}
	missing := s.want(s.call("GET", "/v1/customers/C-9", "", s.as(auth.RoleRead)), 404)
	if !strings.Contains(missing.body, "?q=") {
		t.Errorf("%s", missing.body)
	}
	cases := s.want(s.call("GET", "/v1/customers/C-1/cases", "", s.as(auth.RoleRead)), 200)
	if !strings.Contains(cases.body, `"thread"`) || strings.Contains(cases.body, "last_reply") {
		t.Errorf("%s", cases.body)
	}
}

// TestEventWithAFieldThatMeansNothing: the event is taken, and the answer says
// what was not.
func TestEventWithAFieldThatMeansNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	a := s.want(s.call("POST", "/v1/events", `{"specversion":"1.0","id":"e-1","source":"/shop","type":"order.delayed","orderid":"A-10234","data":{"eta":"tomorrow","reason":"snow"}}`,
		"Content-Type: application/cloudevents+json", s.as(auth.RoleIngest)), 202)
	if !strings.Contains(a.body, `"accepted":1`) || !strings.Contains(a.body, `"field":"data.eta"`) || !strings.Contains(a.body, "tomorrow") {
		t.Errorf("%s", a.body)
	}
}

// TestTheSandboxIsRefused: what the engine will not have, such as another text
// under a revision that it knows, is told on the post, and keeps nobody else
// waiting.
func TestTheSandboxIsRefused(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	box := s.api.o.Sandbox
	wrote := func(text string) sandbox.Post {
		p, err := box.Publish(t.Context(), sandbox.Draft{Handle: "ana", Text: text})
		if err != nil {
			t.Fatal(err)
		}
		return s.arrived(box, p.ID)
	}
	p := wrote("Where is my order A-10234?")
	if p.Delivery != sandbox.Delivered {
		t.Fatalf("it is %s: %s", p.Delivery, p.Reason)
	}
	r, err := s.real.PostsSubmit(t.Context(), []domain.Post{{Network: sandbox.Name, ID: p.ID, Revision: "1", Author: domain.Author{ID: "ana", Handle: "ana"}, Text: "never mind", At: p.At, Visibility: p.Visibility}})
	if err != nil || r[0].Err != nil {
		t.Fatal(err, r)
	}
	if _, err := box.Edit(t.Context(), p.ID, "ana", "Where is my order A-10234, please?"); err != nil {
		t.Fatal(err)
	}
	if p = s.arrived(box, p.ID); p.Delivery != sandbox.Refused || !strings.Contains(p.Reason, "known with another content") {
		t.Errorf("the edit is %s: %q", p.Delivery, p.Reason)
	}
	if p = wrote("hello?"); p.Delivery != sandbox.Delivered {
		t.Errorf("the next post is %s: %s", p.Delivery, p.Reason)
	}
}

// arrived waits until the engine has had a post.
func (s *shop) arrived(box *sandbox.Network, id string) sandbox.Post {
	s.Helper()
	for {
		p, err := box.Get(s.Context(), id)
		if err != nil {
			s.Fatal(err)
		}
		if p.Delivery == sandbox.Delivered || p.Delivery == sandbox.Refused {
			return p
		}
		runtime.Gosched()
	}
}
