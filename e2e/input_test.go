package e2e

import (
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

// bad is a request that has to be refused, and how.
type bad struct {
	name, path, body string
	status           int
	code             string
	header           string
}

const (
	events = "Content-Type: application/cloudevents+json"
	batch  = "Content-Type: application/cloudevents-batch+json"
)

// onePost is a sound post but for what is put in.
func onePost(id, rest string) string {
	return fmt.Sprintf(`{"network":"sandbox","id":%q,"author":{"id":"eve"}%s}`, id, rest)
}

func badRequests() []bad {
	deep := strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)
	objects := strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000)
	event := `{"specversion":"1.0","id":"x","source":"/s","type":"order.paid"`
	return []bad{
		{"no JSON", "/v1/posts", `hello`, 400, "invalid", ""},
		{"cut off", "/v1/posts", `{"network":"sandbox","id":"1`, 400, "invalid", ""},
		{"two values", "/v1/posts", onePost("b1", `,"text":"a"`) + `{}`, 400, "invalid", ""},
		{"nothing", "/v1/posts", ` `, 400, "invalid", ""},
		{"null", "/v1/posts", `null`, 400, "invalid", ""},
		{"a string", "/v1/posts", `"post"`, 400, "invalid", ""},
		{"an empty array", "/v1/posts", `[]`, 400, "invalid", ""},
		{"an array of null", "/v1/posts", `[null]`, 400, "invalid", ""},
		{"a number as text", "/v1/posts", onePost("b2", `,"text":7`), 400, "invalid", ""},
		{"a text as author", "/v1/posts", `{"network":"sandbox","id":"b3","author":"eve","text":"a"}`, 400, "invalid", ""},
		{"a text as flag", "/v1/posts", onePost("b4", `,"text":"a","deleted":"yes"`), 400, "invalid", ""},
		{"a field that is none", "/v1/posts", onePost("b5", `,"text":"a","txet":"b"`), 400, "invalid", ""},
		{"no author", "/v1/posts", `{"network":"sandbox","id":"b7","text":"a"}`, 400, "invalid", ""},
		{"an empty id", "/v1/posts", onePost("  ", `,"text":"a"`), 400, "invalid", ""},
		{"a long id", "/v1/posts", onePost(strings.Repeat("i", 600), `,"text":"a"`), 400, "invalid", ""},
		{"no text", "/v1/posts", onePost("b8", ``), 400, "invalid", ""},
		{"an answer to itself", "/v1/posts", onePost("b9", `,"text":"a","in_reply_to":"b9"`), 400, "invalid", ""},
		{"no visibility known", "/v1/posts", onePost("b10", `,"text":"a","visibility":"secret"`), 400, "invalid", ""},
		{"no time", "/v1/posts", onePost("b11", `,"text":"a","at":"yesterday"`), 400, "invalid", ""},
		{"a text too long", "/v1/posts", onePost("b12", `,"text":"`+strings.Repeat("long ", 4000)+`"`), 413, "too_large", ""},
		{"too many posts", "/v1/posts", "[" + strings.Repeat(onePost("b13", `,"text":"a"`)+",", 500) + onePost("b14", `,"text":"a"`) + "]", 413, "too_large", ""},
		{"two MiB", "/v1/posts", onePost("b15", `,"text":"`+strings.Repeat("x", 2<<20)+`"`), 413, "too_large", ""},
		{"deep arrays", "/v1/posts", deep, 400, "invalid", ""},
		{"deep objects", "/v1/posts", objects, 400, "invalid", ""},
		{"deep within a post", "/v1/posts", onePost("b16", `,"text":"a","media":`+deep), 400, "invalid", ""},
		{"another media type", "/v1/posts", onePost("b17", `,"text":"a"`), 415, "unsupported_media_type", "Content-Type: text/plain"},
		{"another encoding", "/v1/posts", onePost("b18", `,"text":"a"`), 415, "unsupported_media_type", "Content-Type: application/json; charset=latin1"},
		{"compressed", "/v1/posts", onePost("b19", `,"text":"a"`), 415, "unsupported_media_type", "Content-Encoding: gzip"},
		{"a bad one among good ones", "/v1/posts", "[" + onePost("b20", `,"text":"a"`) + "," + onePost("b21", ``) + "]", 400, "invalid", ""},

		{"an event that is none", "/v1/events", `[1,2]`, 400, "invalid", events},
		{"an old version", "/v1/events", `{"specversion":"0.3","id":"x","source":"/s","type":"order.paid"}`, 400, "invalid", events},
		{"no source", "/v1/events", `{"specversion":"1.0","id":"x","type":"order.paid"}`, 400, "invalid", events},
		{"an attribute of objects", "/v1/events", event + `,"orderid":{"a":1}}`, 400, "invalid", events},
		{"a time that is none", "/v1/events", event + `,"time":"soon"}`, 400, "invalid", events},
		{"deep data", "/v1/events", event + `,"data":` + objects + `}`, 400, "invalid", events},
		{"data too large", "/v1/events", event + `,"data":"` + strings.Repeat("d", 70<<10) + `"}`, 413, "too_large", events},
		{"a batch with a bad event", "/v1/events", `[` + event + `},{"specversion":"1.0"}]`, 400, "invalid", batch},
		{"no headers in binary mode", "/v1/events", `{"a":1}`, 400, "invalid", ""},

		{"a sandbox post of a wrong handle", "/v1/sandbox/posts", `{"handle":"e v e","text":"a"}`, 400, "invalid", ""},
		{"a sandbox post of the wrong type", "/v1/sandbox/posts", `{"handle":["eve"],"text":"a"}`, 400, "invalid", ""},
		{"a sandbox post too long", "/v1/sandbox/posts", `{"handle":"eve","text":"` + strings.Repeat("x", 5000) + `"}`, 413, "too_large", ""},
		{"a sandbox answer to nothing", "/v1/sandbox/posts", `{"handle":"eve","text":"a","in_reply_to":"s00"}`, 400, "invalid", ""},
		{"a work item that is none", "/v1/work-items/..%2f..%2fetc/complete", `{"disposition":"resolved"}`, 400, "invalid", ""},
		{"a playbook that is none", "/v1/playbooks", `{"name":"x","source":"\u0000: [","activate":true}`, 400, "invalid", ""},
		{"a path that is none", "/v1/nothing", `{}`, 404, "not_found", ""},
		{"a method that is none", "/v1/customers", `{}`, 405, "method_not_allowed", ""},
		{"an unknown source", "/hooks/nobody", `{}`, 401, "unauthorized", ""},
	}
}

// odd is what is unusual and has to be taken.
func oddPosts() map[string]string {
	long := strings.Repeat("é", 8000)
	return map[string]string{
		"o-nul":       onePost("o-nul", `,"text":"where is\u0000 my order?"`),
		"o-lone":      onePost("o-lone", `,"text":"half a letter \ud83d and on"`),
		"o-emoji":     onePost("o-emoji", `,"text":"👩‍👩‍👧‍👦🏳️‍🌈 where is my order 😡😡😡"`),
		"o-rtl":       onePost("o-rtl", `,"text":"أين طلبي؟ \u202e reversed \u202c"`),
		"o-zero":      onePost("o-zero", `,"text":"\u200bwhere\u200d is\u2060 my\ufeff order?"`),
		"o-zalgo":     onePost("o-zalgo", `,"text":"w`+strings.Repeat(`\u0301`, 900)+`here is it"`),
		"o-long":      onePost("o-long", `,"text":"`+long+`"`),
		"o-blank":     onePost("o-blank", `,"text":"\u200b\u200b"`),
		"o-future":    onePost("o-future", `,"text":"from the future","at":"2199-01-01T00:00:00Z"`),
		"o-loop-1":    onePost("o-loop-1", `,"text":"one","in_reply_to":"o-loop-2"`),
		"o-loop-2":    onePost("o-loop-2", `,"text":"two","in_reply_to":"o-loop-1"`),
		"o-orphan":    onePost("o-orphan", `,"text":"to whom?","in_reply_to":"never-seen"`),
		"o-markup":    onePost("o-markup", `,"text":"<script>alert(1)</script> {customer.name} [[if true]] ${7*7} '; DROP TABLE post; --"`),
		"o-template":  onePost("o-template", `,"text":"{order.id} {{.}} %s %n"`),
		"o-name":      `{"network":"sandbox","id":"o-name","author":{"id":"eve","handle":"\u202eeve","name":"<b>\u0000E\nve</b>"},"text":"hello"}`,
		"o-numbers":   onePost("o-numbers", `,"text":"`+strings.Repeat("A-10234 ", 500)+`"`),
		"o-questions": onePost("o-questions", `,"text":"`+strings.Repeat("?!", 4000)+`"`),
	}
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.start()
	c := p.client(h.token("t", "admin"))
	for _, b := range badRequests() {
		var headers []string
		if b.header != "" {
			headers = []string{b.header}
		}
		a := c.send("POST", b.path, b.body, headers...)
		if a.err != nil {
			t.Errorf("%s: no answer: %v", b.name, a.err)
			continue
		}
		if a.status != b.status || a.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s, want %d: %.300s", b.name, a.status, a.header.Get("Content-Type"), b.status, a.body)
			continue
		}
		got := read[problem](t, a)
		if got.Status != b.status || got.Code != b.code || got.Detail == "" || got.Title == "" || got.Type == "" || len(a.body) > 64<<10 {
			t.Errorf("%s: %.600s", b.name, a.body)
		}
	}
	// Bytes that are no UTF-8, and a byte order mark before sound JSON, are
	// repaired or refused, never answered with 5xx.
	for name, body := range map[string]string{"invalid UTF-8": "{\"network\":\"sandbox\",\"id\":\"o-utf8\",\"author\":{\"id\":\"eve\"},\"text\":\"caf\xe9 \xff\xfe\"}", "byte order mark": "\ufeff" + onePost("o-bom", `,"text":"a"`)} {
		if a := c.send("POST", "/v1/posts", body); a.err != nil || a.status != 202 && a.status != 400 {
			t.Errorf("%s: %d %v %s", name, a.status, a.err, a.body)
		}
	}
	if found := list[customer](c, "/v1/customers"); len(found) > 1 {
		t.Errorf("refused posts left customers: %v", found)
	}
	notHTTP(t, p)
	takesOdd(t, c)
	c.get("/readyz")
	if s := c.status(); s.Stuck != 0 || s.EffectsDead != 0 {
		t.Errorf("after all that: %+v", s)
	}
	if code := p.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	if log := p.log.String(); strings.Contains(log, "panic") || strings.Contains(log, `"level":"ERROR"`) {
		t.Errorf("the log: %s", log)
	}
}

// notHTTP sends what is no HTTP at all.
func notHTTP(t *testing.T, p *process) {
	t.Helper()
	for _, raw := range []string{"\x16\x03\x01\x02\x00", "GET / HTTP/9.9\r\n\r\n", "POST /v1/posts HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", "GET /" + strings.Repeat("a", 70<<10) + " HTTP/1.1\r\n"} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(p.address, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(startTime))
		_, _ = io.WriteString(conn, raw)
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.CloseWrite()
		}
		_, _ = io.Copy(io.Discard, conn)
		conn.Close()
	}
}

// takesOdd brings unusual posts in: all of them are decided, once.
func takesOdd(t *testing.T, c *client) {
	t.Helper()
	id := ""
	for key, body := range oddPosts() {
		a := c.send("POST", "/v1/posts", body)
		if a.err != nil || a.status != 202 {
			t.Errorf("%s: %d %v %s", key, a.status, a.err, a.body)
			continue
		}
		got := read[struct {
			CustomerID string `json:"customer_id"`
			Duplicate  bool
		}](t, a)
		if id == "" {
			id = got.CustomerID
		}
		if got.CustomerID != id || id == "" || got.Duplicate {
			t.Errorf("%s: %s, want customer %s", key, a.body, id)
		}
		if again := c.send("POST", "/v1/posts", body); !strings.Contains(again.body, `"duplicate":true`) {
			t.Errorf("%s the second time: %d %s", key, again.status, again.body)
		}
	}
	c.do(409, "POST", "/v1/posts", onePost("o-emoji", `,"text":"something else"`))
	c.rest()
	times := map[string]int{}
	for _, r := range list[record](c, "/v1/customers/"+id+"/decisions") {
		for _, in := range r.Inputs {
			if in.Post != nil {
				times[in.Post.ID]++
			}
		}
	}
	for key := range oddPosts() {
		if times[key] != 1 {
			t.Errorf("%s was decided %d times", key, times[key])
		}
	}
	all := list[entry](c, "/v1/customers/"+id+"/history")
	if slices.ContainsFunc(all, func(e entry) bool { return strings.ContainsAny(e.Text, "\x00") }) {
		t.Error("U+0000 came through")
	}
	for _, m := range c.messages("eve") {
		hasNot(t, m, "<script", "{order", "{customer", "DROP TABLE", "%!")
	}
}
