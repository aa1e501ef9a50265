package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// client speaks to a server with one token.
type client struct {
	*testing.T
	base, token string
	http        *http.Client
}

func (p *process) client(token string) *client {
	return &client{T: p.h.T, base: p.address, token: token, http: &http.Client{Timeout: 35 * time.Second, Transport: &http.Transport{}}}
}

// answer is what a server said. Err is set when it said nothing.
type answer struct {
	status int
	header http.Header
	body   string
	err    error
}

// send makes a request; headers are "Name: value".
func (c *client) send(method, path, body string, headers ...string) answer {
	req, err := http.NewRequestWithContext(c.Context(), method, c.base+path, strings.NewReader(body))
	if err != nil {
		return answer{err: err}
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return answer{err: err}
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, string(b), err}
}

// do is send for a request that has to be answered with a status.
func (c *client) do(status int, method, path, body string, headers ...string) answer {
	c.Helper()
	a := c.send(method, path, body, headers...)
	if a.err != nil || a.status != status {
		c.Fatalf("%s %s: %d %v, want %d\n%.2000s", method, path, a.status, a.err, status, a.body)
	}
	return a
}

// read decodes an answer.
func read[T any](t *testing.T, a answer) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("%v in %.500s", err, a.body)
	}
	return v
}

func (c *client) get(path string) answer {
	c.Helper()
	return c.do(200, "GET", path, "")
}

// list reads every page of a list.
func list[T any](c *client, path string) (out []T) {
	c.Helper()
	join := "?"
	if strings.Contains(path, "?") {
		join = "&"
	}
	for cursor := ""; ; {
		page := read[struct {
			Items []T
			Next  string
		}](c.T, c.get(path+join+"limit=200&cursor="+url.QueryEscape(cursor)))
		if out = append(out, page.Items...); page.Next == "" {
			return out
		}
		cursor = page.Next
	}
}

// ---- what the API tells, as far as the tests look at it

type message struct {
	ID, Handle, To, Text, Visibility, Delivery string
	Company                                    bool
	InReplyTo                                  string `json:"in_reply_to"`
}

type customer struct {
	ID, Ref, Name string
	Version       int64
}

type entry struct {
	Kind, What, Text, Visibility, Ref string
}

type knownOrder struct {
	ID          string
	Open, Found bool
	Order       *struct {
		Status string
		ETA    time.Time
	}
}

type subscription struct {
	To     string
	Anchor struct{ Attr, Value string }
	Reason string
}

type workItem struct {
	ID, Kind, State, Number, Queue, Disposition string
	PostText                                    string `json:"post_text"`
}

type status struct {
	InboxPending   int64 `json:"inbox_pending"`
	EffectsPending int64 `json:"effects_pending"`
	EffectsHeld    int64 `json:"effects_held"`
	EffectsDead    int64 `json:"effects_dead"`
	Stuck          int
}

type problem struct {
	Type, Title, Code, Detail string
	Status                    int
	Errors                    []struct {
		Index          *int
		Field, Message string
	}
}

// post writes on the sandbox network and returns the post's id.
func (c *client) post(handle, visibility, text, inReplyTo string) string {
	c.Helper()
	body, _ := json.Marshal(map[string]string{"handle": handle, "text": text, "visibility": visibility, "in_reply_to": inReplyTo})
	a := c.send("POST", "/v1/sandbox/posts", strings.Replace(string(body), `"in_reply_to":"",`, "", 1))
	if a.err != nil || a.status != 201 && a.status != 202 {
		c.Fatalf("post: %d %v %s", a.status, a.err, a.body)
	}
	return read[message](c.T, a).ID
}

// messages lists what the company wrote to a handle, oldest first, each as
// "private: text".
func (c *client) messages(handle string) (out []string) {
	c.Helper()
	for _, m := range read[struct{ Items []message }](c.T, c.get("/v1/sandbox/timeline?as="+handle)).Items {
		if m.Company && m.To == handle {
			out = append(out, m.Visibility+": "+m.Text)
		}
	}
	return out
}

// await waits until a handle has so many messages and returns the last one.
func (c *client) await(handle string, n int) string {
	c.Helper()
	var got []string
	eventually(c.T, fmt.Sprintf("@%s has %d messages", handle, n), func() bool {
		got = c.messages(handle)
		return len(got) >= n
	})
	if len(got) != n {
		c.Fatalf("@%s has %d messages, want %d: %q", handle, len(got), n, got)
	}
	return got[n-1]
}

// status reads how the server stands.
func (c *client) status() status { return read[status](c.T, c.get("/v1/status")) }

// rest waits until the server has nothing left to do.
func (c *client) rest() {
	c.Helper()
	eventually(c.T, "everything is decided and sent", func() bool {
		s := c.status()
		return s.InboxPending == 0 && s.EffectsPending == 0
	})
}

// event brings one event in.
func (c *client) event(id, kind, order, data string) {
	c.Helper()
	if data == "" {
		data = "{}"
	}
	body := fmt.Sprintf(`{"specversion":"1.0","id":%q,"source":"/shop","type":%q,"orderid":%q,"data":%s}`, id, kind, order, data)
	c.do(202, "POST", "/v1/events", body, "Content-Type: application/cloudevents+json")
}

// who finds the customer behind a name or reference.
func (c *client) who(query string) customer {
	c.Helper()
	found := list[customer](c, "/v1/customers?q="+url.QueryEscape(query))
	if len(found) != 1 {
		c.Fatalf("%d customers are found by %q: %v", len(found), query, found)
	}
	return found[0]
}
