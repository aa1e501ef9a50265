package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
)

const goodPost = `{"network":"sandbox","id":"1","author":{"id":"ana"},"text":"where is A-1?"}`

func TestPostsSingleAndArray(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	a := f.want(f.call("POST", "/v1/posts", goodPost, f.as(auth.RoleIngest)), 202).json(t)
	if a["customer_id"] != domain.CustomerID(77).String() || a["duplicate"] != false {
		t.Errorf("single post: %v", a)
	}
	if p := f.engine.posts[0]; p.Visibility != domain.Public || !p.At.Equal(testNow) {
		t.Errorf("the post was not normalised: %+v", p)
	}
	f.engine.receipt = func(i int) Receipt {
		return Receipt{Customer: 5, Duplicate: i == 1, Aside: map[bool]string{true: "too_old"}[i == 2]}
	}
	a = f.want(f.call("POST", "/v1/posts", "["+goodPost+","+goodPost+","+goodPost+"]", f.as(auth.RoleIngest)), 202).json(t)
	items := a["items"].([]any)
	if len(items) != 3 || items[1].(map[string]any)["duplicate"] != true || items[2].(map[string]any)["set_aside"] != "too_old" {
		t.Errorf("array: %v", a)
	}
}

func TestBadPostsAreRefusedWholeAndNamed(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 17<<10)
	for name, c := range map[string]struct {
		body, field, message string
		status               int
	}{
		"unknown field":   {`{"network":"s","id":"1","author":{"id":"a"},"txt":"x"}`, "txt", `did you mean "text"`, 400},
		"unknown inner":   {`{"network":"s","id":"1","author":{"id":"a","hanlde":"x"},"text":"x"}`, "author.hanlde", `did you mean "handle"`, 400},
		"missing id":      {`{"network":"s","author":{"id":"a"},"text":"x"}`, "id", "required", 400},
		"missing author":  {`{"network":"s","id":"1","text":"x"}`, "author.id", "required", 400},
		"wrong type":      {`{"network":"s","id":1,"author":{"id":"a"},"text":"x"}`, "id", "want a string", 400},
		"bad visibility":  {`{"network":"s","id":"1","author":{"id":"a"},"text":"x","visibility":"friends"}`, "visibility", `"public" or "private"`, 400},
		"bad time":        {`{"network":"s","id":"1","author":{"id":"a"},"text":"x","at":"yesterday"}`, "at", "RFC 3339", 400},
		"time a number":   {`{"network":"s","id":"1","author":{"id":"a"},"text":"x","at":1764000000}`, "at", "is a number; want a time such as", 400},
		"time a boolean":  {`{"network":"s","id":"1","author":{"id":"a"},"text":"x","at":true}`, "at", "is a boolean; want a time such as", 400},
		"time an object":  {`{"network":"s","id":"1","author":{"id":"a"},"text":"x","at":{}}`, "at", "is an object; want a time such as", 400},
		"time an array":   {`{"network":"s","id":"1","author":{"id":"a"},"text":"x","at": []}`, "at", "is an array; want a time such as", 400},
		"id in Latin-1":   {"{\"network\":\"s\",\"id\":\"\xf6\",\"author\":{\"id\":\"a\"},\"text\":\"x\"}", "id", "UTF-8", 400},
		"id with U+0000":  {`{"network":"s","id":"z\u0000","author":{"id":"a"},"text":"x"}`, "id", "U+0000", 400},
		"author's half":   {`{"network":"s","id":"1","author":{"id":"j\ud800rg"},"text":"x"}`, "author.id", "U+FFFD", 400},
		"Latin-1 author":  {"{\"network\":\"s\",\"id\":\"1\",\"author\":{\"id\":\"j\xf6rg\"},\"text\":\"x\"}", "author.id", "UTF-8", 400},
		"answers itself":  {`{"network":"s","id":"1","author":{"id":"a"},"text":"x","in_reply_to":"1"}`, "in_reply_to", "itself", 400},
		"no words":        {`{"network":"s","id":"1","author":{"id":"a"},"text":" "}`, "text", "empty", 400},
		"long":            {`{"network":"s","id":"1","author":{"id":"a"},"text":"` + long + `"}`, "text", "16 KiB", 413},
		"no object":       {`"hello"`, "", "want an object", 400},
		"empty":           {` `, "", "empty", 400},
		"empty array":     {`[]`, "", "empty", 400},
		"broken":          {`{"network":`, "", "not valid JSON", 400},
		"deep":            {strings.Repeat("[", 100) + strings.Repeat("]", 100), "", "deeper", 400},
		"two objects":     {goodPost + goodPost, "", "", 400},
		"UTF-16":          {"\xff\xfe{\x00}\x00", "", "UTF-16", 400},
		"too many":        {"[" + strings.Repeat(goodPost+",", 500) + goodPost + "]", "", "at most 500", 413},
		"larger than all": {`{"text":"` + strings.Repeat("x", 1<<20) + `"}`, "", "larger", 413},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, nil)
			p := f.want(f.call("POST", "/v1/posts", c.body, f.as(auth.RoleIngest)), c.status)
			if !strings.Contains(strings.ReplaceAll(p.body, `\"`, `"`), c.message) {
				t.Errorf("the answer does not say %q: %s", c.message, p.body)
			}
			if c.field != "" && !strings.Contains(p.body, fmt.Sprintf(`"field":%q`, c.field)) {
				t.Errorf("the answer does not name %q: %s", c.field, p.body)
			}
			if p.header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("content type %q", p.header.Get("Content-Type"))
			}
			if len(f.engine.posts) != 0 {
				t.Error("something was taken")
			}
		})
	}
	f := newFixture(t, nil)
	a := f.want(f.call("POST", "/v1/posts", "["+goodPost+`,{"network":"s","id":"1","author":{"id":"a"},"text":"x","at":1764000000}]`, f.as(auth.RoleIngest)), 400)
	if !strings.Contains(a.body, `"index":1,"field":"at"`) {
		t.Errorf("a time that is none, in an array: %s", a.body)
	}
	p := f.want(f.call("POST", "/v1/posts", "["+goodPost+`,{"network":"s"},7]`, f.as(auth.RoleIngest)), 400).json(t)
	errs := p["errors"].([]any)
	if len(errs) != 2 || errs[0].(map[string]any)["index"] != 1.0 || errs[1].(map[string]any)["index"] != 2.0 || len(f.engine.posts) != 0 {
		t.Errorf("a batch with bad items: %v", p)
	}
	f.want(f.call("POST", "/v1/posts", goodPost, f.as(auth.RoleIngest), "Content-Type: text/xml"), 415)
	f.want(f.call("POST", "/v1/posts", goodPost, f.as(auth.RoleIngest), "Content-Encoding: gzip"), 415)
}

func TestOddButFinePosts(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	for _, text := range []string{"😀👩‍👩‍👧", "مرحبا \u202eabc", "zero\u200bwidth", "bad \xff bytes", `nul \u0000 here`} {
		f.want(f.call("POST", "/v1/posts", `{"network":"s","id":"1","author":{"id":"a"},"text":"`+text+`"}`, f.as(auth.RoleIngest)), 202)
	}
	for _, p := range f.engine.posts {
		if p.Validate() != nil || strings.ContainsRune(p.Text, 0) {
			t.Errorf("%q was not cleaned", p.Text)
		}
	}
	f.want(f.call("POST", "/v1/posts", `{"network":"s","id":"2","author":{"id":"a"},"text":"from ahead","at":"2036-01-01T00:00:00Z"}`, f.as(auth.RoleIngest)), 202)
	if got := f.engine.posts[len(f.engine.posts)-1].At; !got.Equal(testNow) {
		t.Errorf("a post from the future is of %v", got)
	}
}

func TestEngineTroubleIsTold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fail   error
		status int
		after  string
	}{
		"busy":        {&domain.Error{Code: domain.CodeBusy, Message: "the queue is full", RetryAfter: 1500 * time.Millisecond}, 429, "2"},
		"unavailable": {&domain.Error{Code: domain.CodeUnavailable, Message: "the store is away"}, 503, "2"},
		"internal":    {errors.New("disk said /secret/path"), 500, ""},
	} {
		f := newFixture(t, nil)
		f.engine.fail = c.fail
		a := f.want(f.call("POST", "/v1/posts", goodPost, f.as(auth.RoleIngest)), c.status)
		if a.header.Get("Retry-After") != c.after {
			t.Errorf("%s: Retry-After %q, want %q", name, a.header.Get("Retry-After"), c.after)
		}
		if strings.Contains(a.body, "secret") {
			t.Errorf("%s: the answer tells %s", name, a.body)
		}
	}
	f := newFixture(t, nil)
	conflict := &domain.Error{Code: domain.CodeConflict, Field: "id", Message: "came with another body"}
	f.engine.receipt = func(i int) Receipt {
		if i == 1 {
			return Receipt{Err: conflict}
		}
		return Receipt{Customer: 5}
	}
	a := f.want(f.call("POST", "/v1/posts", "["+goodPost+","+goodPost+"]", f.as(auth.RoleIngest)), 409)
	if !strings.Contains(a.body, "the others were") || !strings.Contains(a.body, `"index":1`) {
		t.Errorf("a part that was not taken: %s", a.body)
	}
}

func TestEventsInEveryMode(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	const one = `{"specversion":"1.0","id":"e1","source":"/shop","type":"order.delayed","orderid":"A-1"}`
	for _, c := range []struct {
		body    string
		headers []string
		n       int
	}{
		{one, []string{"Content-Type: application/cloudevents+json"}, 1},
		{"[" + one + "," + strings.Replace(one, "e1", "e2", 1) + "]", []string{"Content-Type: application/cloudevents-batch+json"}, 2},
		{`{"orderid":"A-1"}`, []string{"ce-specversion: 1.0", "ce-id: e3", "ce-source: /shop", "ce-type: order.paid"}, 1},
	} {
		a := f.want(f.call("POST", "/v1/events", c.body, append(c.headers, f.as(auth.RoleIngest))...), 202).json(t)
		if a["accepted"] != float64(c.n) {
			t.Errorf("%s: %v", c.body, a)
		}
	}
	if len(f.engine.events) != 4 || f.engine.events[3].OrderID != "A-1" {
		t.Errorf("the engine got %+v", f.engine.events)
	}
	bad := f.want(f.call("POST", "/v1/events", "["+one+`,{"id":"x"}]`, f.as(auth.RoleIngest), "Content-Type: application/cloudevents-batch+json"), 400)
	if !strings.Contains(bad.body, `"index":1`) || len(f.engine.events) != 4 {
		t.Errorf("a bad batch: %s", bad.body)
	}
	f.engine.receipt = func(int) Receipt { return Receipt{Duplicate: true} }
	if a := f.want(f.call("POST", "/v1/events", one, f.as(auth.RoleIngest), "Content-Type: application/cloudevents+json"), 202).json(t); a["duplicates"] != 1.0 || a["accepted"] != 0.0 {
		t.Errorf("a repeat: %v", a)
	}
}

type hookFunc func(http.Header, []byte, time.Time) ([]domain.Event, error)

func (h hookFunc) Events(hd http.Header, b []byte, now time.Time) ([]domain.Event, error) {
	return h(hd, b, now)
}

func TestWebhooks(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(o *Options) {
		o.Hooks = map[string]Hook{"shop": hookFunc(func(h http.Header, b []byte, now time.Time) ([]domain.Event, error) {
			if h.Get("X-Signature") != "good" {
				return nil, domain.Errorf(domain.CodeUnauthorized, "the signature does not fit")
			}
			return []domain.Event{{Source: "shop", ID: string(b), Type: "order.paid", Time: now}}, nil
		})}
	})
	f.want(f.call("POST", "/hooks/shop", `1`), 401)
	f.want(f.call("POST", "/hooks/other", `1`), 401) // which sources there are is not to be tried out
	f.want(f.call("POST", "/hooks/shop", `1`, "X-Signature: good"), 202)
	if len(f.engine.events) != 1 {
		t.Errorf("the engine got %v", f.engine.events)
	}
}

func TestUnroutedAnswers(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	a := f.want(f.call("DELETE", "/v1/posts", ""), 405)
	if !strings.Contains(a.header.Get("Allow"), "POST") || a.json(t)["code"] != "method_not_allowed" {
		t.Errorf("405: %v %s", a.header, a.body)
	}
	f.want(f.call("GET", "/v2/nothing", ""), 404)
	f.want(f.call("GET", "/v1/customers?q="+strings.Repeat("x", 9<<10), "", f.as(auth.RoleRead)), 413)
	f.want(f.call("GET", "/v1/customers?limit=lots", "", f.as(auth.RoleRead)), 400)
	f.want(f.call("GET", "/v1/customers?cursor=zzz", "", f.as(auth.RoleRead)), 400)
}

func FuzzPosts(f *testing.F) {
	for _, s := range []string{goodPost, "[" + goodPost + "]", `{"a":[[[]]]}`, `{"text":"\ud800"}`, `[null]`, "\ufeff{}", `{"media":[{"url":1}]}`, `{"at":"x"}`, `{"at":5}`,
		strings.Replace(goodPost, "ana", "j\xf6rg", 1), strings.Replace(goodPost, "ana", `\u0000`, 1)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		posts, single, err := decodePosts(body, testNow)
		if err != nil {
			p := problemOf(err)
			if p.Status < 400 || p.Status >= 500 || p.Detail == "" {
				t.Fatalf("an input is our fault: %d %q", p.Status, p.Detail)
			}
			return
		}
		if len(posts) == 0 || single && len(posts) != 1 {
			t.Fatalf("%d posts, single %v", len(posts), single)
		}
		for _, p := range posts {
			if err := p.Validate(); err != nil {
				t.Fatalf("an invalid post passed: %v", err)
			}
		}
	})
}

// TestABatchNamesEveryMistake: what cannot be read keeps nobody from hearing
// what else is wrong, at its place in the request.
func TestABatchNamesEveryMistake(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	event := func(id, typ string) string {
		return fmt.Sprintf(`{"specversion":"1.0","id":%q,"source":"/shop","type":%q}`, id, typ)
	}
	batch := []string{event("0", "advocate.x"), event("1", ""), event("2", "order.paid"), `7`, event("4", "advocate.x"), event("5", "order.paid"), event("6", "")}
	p := f.want(f.call("POST", "/v1/events", "["+strings.Join(batch, ",")+"]", f.as(auth.RoleIngest), "Content-Type: application/cloudevents-batch+json"), 400)
	var got struct {
		Errors []struct {
			Index   int
			Message string
		}
	}
	if err := json.Unmarshal([]byte(p.body), &got); err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, e := range got.Errors {
		told = append(told, fmt.Sprintf("%d %.5s", e.Index, e.Message))
	}
	if want := "0 types|1 is re|3 is a |4 types|6 is re"; strings.Join(told, "|") != want || len(f.engine.events) != 0 {
		t.Errorf("got  %s\nwant %s", strings.Join(told, "|"), want)
	}
}

func TestNobodyOutsideSpeaksForAnAdvocate(t *testing.T) {
	t.Parallel()
	for field, e := range map[string]domain.Event{
		"source": {Source: "advocate", ID: "c1-v1", Type: "order.paid"},
		"type":   {Source: "shop", ID: "1", Type: "advocate.workitem.completed"},
	} {
		if bad := reserved([]domain.Event{{Source: "shop", Type: "order.paid"}, e}); len(bad) != 1 || *bad[0].Index != 1 || bad[0].Field != field {
			t.Errorf("%s: %+v", field, bad)
		}
	}
}

// TestLinksThatAreNone: a post's links are shown to be followed; what is no link
// to a page is refused, and named.
func TestLinksThatAreNone(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	for _, bad := range []string{"javascript:alert(1)", "data:text/html,x", "//evil.example/", "https://shop.example@evil.example/"} {
		for field, part := range map[string]string{"url": `"url":"` + bad + `"`, "media[0].url": `"media":[{"url":"` + bad + `"}]`} {
			a := f.want(f.call("POST", "/v1/posts", strings.Replace(goodPost, "{", "{"+part+",", 1), f.as(auth.RoleIngest)), 400)
			if !strings.Contains(a.body, `"field":"`+field+`"`) {
				t.Errorf("%s: %s", part, a.body)
			}
		}
	}
	f.want(f.call("POST", "/v1/posts", strings.Replace(goodPost, "{", `{"url":"https://a.example/1","media":[{"url":"https://a.example/x.png"}],`, 1), f.as(auth.RoleIngest)), 202)
}

// TestNamesAreSeenAsTheyAre: nobody is given a name with characters that turn the
// writing or are not seen.
func TestNamesAreSeenAsTheyAre(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	root := d.first()
	for _, name := range []string{"Rita\u200b Oot", "Rita \u202etoO", "Rita Oot\u3164"} {
		if a := root.do(400, "POST", "/v1/users", fields{"login": "eve", "role": "agent", "name": name}).body; !strings.Contains(a, `"field":"name"`) {
			t.Error(a)
		}
		had := root.do(200, "GET", "/v1/account", nil)
		root.do(400, "PUT", "/v1/account", fields{"name": name}, "If-Match: "+had.header.Get("ETag"))
		root.do(400, "PUT", "/v1/agents/root", fields{"name": name, "queues": []string{"care"}})
	}
	root.do(201, "POST", "/v1/users", fields{"login": "eve", "role": "agent", "name": "علی\u200cرضا"})
}
