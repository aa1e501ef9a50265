package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestAccess(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.start()
	reader, agent, ingest := p.client(h.token("r", "read")), p.client(h.token("a", "agent")), p.client(h.token("i", "ingest"))
	nobody, wrong := p.client(""), p.client("adv_0000000000000000000000000000")
	event := `{"specversion":"1.0","id":"x","source":"/s","type":"order.paid","orderid":"Z-1"}`
	for _, path := range []string{"/v1/customers", "/v1/status", "/v1/work-items", "/v1/stream", "/v1/customers/c38g2e6hyvbbk2/history", "/v1/sandbox/inside?handle=x"} {
		for _, c := range []*client{nobody, wrong} {
			want := 401
			if strings.Contains(path, "inside") {
				want = 404 // the demo's only
			}
			a := c.do(want, "GET", path, "")
			if want == 401 && !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Bearer") {
				t.Errorf("%s: no WWW-Authenticate: %v", path, a.header)
			}
		}
	}
	for _, path := range []string{"/healthz", "/readyz", "/openapi.json", "/docs", "/v1/sandbox/timeline"} {
		nobody.get(path)
	}
	nobody.do(401, "POST", "/v1/posts", onePost("x", `,"text":"a"`))
	nobody.do(401, "POST", "/v1/events", event, events)
	reader.do(403, "POST", "/v1/posts", onePost("x", `,"text":"a"`))
	reader.do(403, "POST", "/v1/events", event, events)
	reader.do(403, "POST", "/v1/playbooks", `{"name":"x","source":"playbook: x"}`)
	ingest.do(403, "GET", "/v1/customers", "")
	ingest.do(202, "POST", "/v1/events", event, events)
	agent.do(403, "PUT", "/v1/switches", `{"scope":"all","mode":"stopped"}`)
	agent.do(403, "POST", "/v1/sandbox/staff-posts", `{}`, "Authorization: Bearer "+ingest.token)
	reader.get("/v1/customers")
	h.run("", "token", "revoke", "r")
	eventually(t, "a revoked token is worth nothing", func() bool { return reader.send("GET", "/v1/customers", "").status == 401 })
}

// TestStream reads events as they happen, breaks off and goes on where it was.
func TestStream(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.start()
	c := p.client(h.token("t", "admin"))
	type told struct{ id, kind, event string }
	open := func(after string) (next func() told, end func()) {
		ctx, cancel := context.WithTimeout(t.Context(), startTime)
		req, err := http.NewRequestWithContext(ctx, "GET", p.address+"/v1/stream?types=order.*,advocate.case.*", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+c.token)
		if after != "" {
			req.Header.Set("Last-Event-ID", after)
		}
		res, err := (&http.Client{}).Do(req)
		if err != nil || res.StatusCode != 200 {
			t.Fatalf("stream: %v %v", res, err)
		}
		in := bufio.NewScanner(res.Body)
		in.Buffer(nil, 1<<20)
		for in.Scan() && in.Text() != ": open" {
		}
		next = func() (e told) {
			t.Helper()
			for in.Scan() {
				switch name, value, _ := strings.Cut(in.Text(), ": "); name {
				case "id":
					e.id = value
				case "event":
					e.kind = value
				case "data":
					var body struct{ ID string }
					if err := json.Unmarshal([]byte(value), &body); err != nil {
						t.Fatal(err)
					}
					e.event = body.ID
					return e
				}
			}
			t.Fatalf("the stream ended: %v", in.Err())
			return e
		}
		return next, func() { cancel(); res.Body.Close() }
	}
	next, end := open("")
	c.event("one", "order.paid", "Z-1", "")
	first := next()
	if first.kind != "order.paid" || first.event != "one" {
		t.Errorf("first came %+v", first)
	}
	c.post("zoe", "public", "where is my order Z-1?", "")
	if opened := next(); opened.kind != "advocate.case.opened" {
		t.Errorf("then came %+v", opened)
	}
	end()
	c.event("two", "order.shipped", "Z-1", "")
	c.rest()

	// A server that was stopped and started goes on as well.
	if code := p.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	p = h.start()
	c.base = p.address
	next, end = open(first.id)
	defer end()
	for _, want := range []string{"advocate.case.opened", "order.shipped"} {
		for e := next(); e.kind != want; e = next() {
			if !strings.HasPrefix(e.kind, "advocate.case.") {
				t.Fatalf("%+v came before %s", e, want)
			}
		}
	}
	// An open stream does not keep the server from stopping.
	began := time.Now()
	if code := p.stop(); code != 0 || time.Since(began) > 10*time.Second {
		t.Errorf("with a stream open the stop took %v, exit %d", time.Since(began), code)
	}
}
