package httpapi

import (
	"context"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/sqlite"
	"github.com/contact-advocate/advocate/internal/telemetry"
	"github.com/contact-advocate/advocate/internal/wire"
)

// rows reads the audit log, newest first.
func (f *fixture) rows() (out []store.AuditRow) {
	f.Helper()
	if err := f.store.View(f.Context(), func(r store.Reader) (err error) {
		out, err = r.AuditList(store.AuditListParams{Limit: 100})
		return err
	}); err != nil {
		f.Fatal(err)
	}
	return out
}

// TestWhatIsSeenAndDoneLeavesARow, and what is neither leaves none.
func TestWhatIsSeenAndDoneLeavesARow(t *testing.T) {
	t.Parallel()
	q := newQueues(t, withWebhooks(t))
	q.explained("case", caseOf(near, 1), near)
	admin, boss, care := q.as(auth.RoleAdmin), q.as(auth.RoleSupervisor), q.token("care", auth.RoleAgent, nil, "care")
	for _, c := range []struct {
		who, method, path, body string
		by, action, object      string
		customer                domain.CustomerID
		outcome, detail         string
	}{
		{admin, "GET", "/v1/customers/C-NEAR", "", "t-admin", "get-customer", near.String(), near, "ok", ""},
		{admin, "GET", "/v1/customers/C-NEAR/history?limit=5", "", "t-admin", "get-customer-history", near.String(), near, "ok", `{"query":{"limit":"5"}}`},
		{admin, "GET", "/v1/customers/C-NEAR/decisions", "", "t-admin", "get-customer-decisions", near.String(), near, "ok", ""},
		{admin, "GET", "/v1/customers/C-NEAR/orders", "", "t-admin", "get-customer-orders", near.String(), near, "ok", ""},
		{admin, "GET", "/v1/customers?q=maria+lopez&limit=3", "", "t-admin", "list-customers", "", 0, "ok", `{"query":{"limit":"3","q":true}}`},
		{admin, "GET", "/v1/customers?q=fritz", "", "t-admin", "list-customers", "", fresh, "ok", `{"query":{"q":true},"shown":["` + fresh.String() + `"]}`},
		{admin, "GET", "/v1/cases/" + caseOf(near, 1), "", "t-admin", "get-case", caseOf(near, 1), near, "ok", ""},
		{admin, "GET", "/v1/cases/" + caseOf(near, 1) + "/conversation", "", "t-admin", "get-conversation", caseOf(near, 1), near, "ok", ""},
		{admin, "GET", "/v1/work-items?queue=urgent&state=pending&limit=1", "", "t-admin", "list-work-items", "", both, "ok",
			`{"query":{"limit":"1","queue":"urgent","state":"pending"},"shown":["` + workItemOf(both, 1) + `"]}`},
		{boss, "GET", "/v1/work-items/" + workItemOf(far, 1), "", "t-supervisor", "get-work-item", workItemOf(far, 1), far, "ok", ""},
		{care, "GET", "/v1/work-items/" + workItemOf(far, 1), "", "care", "get-work-item", workItemOf(far, 1), far, "refused", ""},
		{care, "GET", "/v1/customers/somebody@example.com", "", "care", "get-customer", "", 0, "refused", ""},
		{care, "PUT", "/v1/switches", `{"scope":"all","mode":"stopped"}`, "care", "set-switch", "", 0, "refused", ""},
		{boss, "POST", "/v1/work-items/" + workItemOf(near, 1) + "/cancel", `{"note":"x"}`, "t-supervisor", "cancel-work-item", workItemOf(near, 1), near, "ok", ""},
		{boss, "POST", "/v1/cases/" + caseOf(near, 1) + "/reply", `{"text":"a secret"}`, "t-supervisor", "reply-in-case", caseOf(near, 1), near, "ok", ""},
		{admin, "GET", "/v1/explain/" + caseOf(near, 1), "", "t-admin", "explain", caseOf(near, 1), near, "ok", ""},
		{admin, "GET", "/v1/effects?state=held&customer=" + far.String(), "", "t-admin", "list-effects", "", far, "ok",
			`{"query":{"customer":"` + far.String() + `","state":"held"},"shown":["` + effectOf(far, 2) + `"]}`},
		{admin, "GET", "/v1/dead-letters?limit=1", "", "t-admin", "list-dead-letters", "", near, "ok", `{"query":{"limit":"1"},"shown":["` + effectOf(near, 3) + `"]}`},
		{admin, "POST", "/v1/dead-letters/" + effectOf(near, 3) + "/retry", "", "t-admin", "retry-dead-letter", effectOf(near, 3), near, "ok", ""},
		{admin, "PUT", "/v1/agents/kim", `{"queues":["care"]}`, "t-admin", "put-agent", "agent/kim", 0, "ok", ""},
		{admin, "PUT", "/v1/switches", `{"scope":"all","mode":"stopped"}`, "t-admin", "set-switch", "", 0, "ok", ""},
		{admin, "GET", "/v1/webhooks/none/deliveries", "", "t-admin", "list-webhook-deliveries", "webhook/none", 0, "refused", ""},
		{admin, "POST", "/v1/webhook-deliveries/none/replay", "", "t-admin", "replay-webhook-delivery", "webhook-delivery/none", 0, "refused", ""},
	} {
		before := len(q.rows())
		q.call(c.method, c.path, c.body, c.who)
		rows := q.rows()
		if len(rows) != before+1 {
			t.Errorf("%s %s left %d rows", c.method, c.path, len(rows)-before)
			continue
		}
		r := rows[0]
		if r.By != c.by || r.Via != "token" || r.Action != c.action || r.Object != c.object || r.Customer != c.customer || r.Outcome != c.outcome ||
			string(r.Detail) != c.detail || r.From != "192.0.2.1" || !r.At.Equal(testNow) {
			t.Errorf("%s %s left %+v %s", c.method, c.path, r, r.Detail)
		}
	}
	before := len(q.rows())
	for _, path := range []string{"/v1/queues", "/v1/queues/names", "/v1/agents", "/v1/agents/kim", "/v1/status", "/v1/switches", "/v1/playbooks", "/v1/playbooks/vocabulary", "/v1/reports", "/metrics", "/healthz", "/docs", "/v1/webhooks"} {
		q.want(q.call("GET", path, "", admin), 200)
	}
	q.want(q.call("GET", "/v1/customers/C-NEAR", "", "Authorization: Bearer nobody"), 401)
	if n := len(q.rows()) - before; n != 0 {
		t.Errorf("what shows nothing of anybody left %d rows: %+v", n, q.rows()[0])
	}
}

// TestWhoBringsInIsNotedNowAndThen: a row an hour for each address, not one for each post.
func TestWhoBringsInIsNotedNowAndThen(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	post := func(from string) {
		d.want(d.call("POST", "/v1/posts", onePost, d.as(auth.RoleIngest), "Remote: "+from+":9"), 202)
	}
	for range 5 {
		post("192.0.2.8")
	}
	post("192.0.2.9")
	d.pass(steadyEvery)
	post("192.0.2.8")
	if rows := d.rows(); len(rows) != 3 || rows[0].Action != "submit-posts" || rows[0].From != "192.0.2.8" || rows[1].From != "192.0.2.9" {
		t.Errorf("%+v", rows)
	}
}

const onePost = `{"network":"x","id":"1","author":{"id":"a"},"text":"hi"}`

// stuck is a store whose audit log takes nothing while it is told so.
type stuck struct {
	store.Store
	on atomic.Bool
}

func (s *stuck) Update(ctx context.Context, fn func(store.Tx) error) error {
	if s.on.Load() {
		return store.ErrBusy
	}
	return s.Store.Update(ctx, fn)
}

// TestNobodyReadsUnseen: where no row can be written, nothing is shown.
func TestNobodyReadsUnseen(t *testing.T) {
	t.Parallel()
	s := &stuck{}
	q := newQueues(t, func(o *Options) {
		s.Store = o.Store
		o.Audit = auth.NewAuditLog(s, o.Now)
		t.Cleanup(func() { _ = o.Audit.Close() })
	})
	s.on.Store(true)
	for _, path := range []string{"/v1/customers", "/v1/customers/C-NEAR", "/v1/cases/" + caseOf(near, 1), "/v1/work-items", "/v1/effects", "/v1/stream"} {
		a := q.want(q.call("GET", path, "", q.as(auth.RoleAdmin)), 503)
		if a.header.Get("Retry-After") == "" || strings.Contains(a.body, nearWord) || strings.Contains(a.body, "C-NEAR") {
			t.Errorf("%s: %v %s", path, a.header, a.body)
		}
	}
	q.want(q.call("GET", "/v1/queues", "", q.as(auth.RoleAdmin)), 200)
	s.on.Store(false)
	q.want(q.call("GET", "/v1/customers/C-NEAR", "", q.as(auth.RoleAdmin)), 200)
}

// BenchmarkCustomer is what the trace costs a read: one caller, who waits for
// the disk, and sixteen at once, who share its writes.
//
//	go test ./internal/httpapi -run '^$' -bench Customer
func BenchmarkCustomer(b *testing.B) {
	for _, traced := range []bool{false, true} {
		for _, callers := range []int{1, 16} {
			b.Run(fmt.Sprintf("traced=%v/callers=%d", traced, callers), func(b *testing.B) { benchCustomer(b, traced, callers) })
		}
	}
}

func benchCustomer(b *testing.B, traced bool, callers int) {
	st, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "b.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	secret, err := auth.Create(b.Context(), st, auth.CreateParams{Name: "b", Role: auth.RoleAgent, Now: testNow})
	if err != nil {
		b.Fatal(err)
	}
	api := New(Options{Engine: &scripted{}, Store: st, Now: func() time.Time { return testNow }, Metrics: telemetry.NewMetrics("test")})
	defer api.Close()
	if !traced {
		_ = api.audit.Close()
		api.audit, api.ownAudit = nil, false
	}
	if err := st.Update(b.Context(), func(tx store.Tx) error {
		s := domain.Snapshot{Customer: domain.Customer{ID: near, Profile: domain.Profile{Ref: "C-NEAR", Name: "Maria"}}}
		return tx.AdvocateInsert([]store.Advocate{{ID: near, Ref: "C-NEAR", State: wire.Marshal(&s), CreatedAt: testNow}})
	}); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	var left atomic.Int64
	left.Store(int64(b.N))
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				r := httptest.NewRequest("GET", "/v1/customers/C-NEAR", nil)
				r.Header.Set("Authorization", "Bearer "+secret)
				w := httptest.NewRecorder()
				if api.ServeHTTP(w, r); w.Code != 200 {
					b.Error(w.Code, w.Body)
				}
			}
		})
	}
	all.Wait()
}
