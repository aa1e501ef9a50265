package bridge_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/bridge"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

// oldSecret and newSecret are two that are in use at once.
const (
	oldSecret = "whsec_b2xkIHNlY3JldCBvZiB0aGUgZm9ydW0sIDI0IQ=="
	newSecret = "whsec_bmV3IHNlY3JldCBvZiB0aGUgZm9ydW0sIDI0IQ=="
)

// forum is a bridge: it publishes what the callback gets, once an id, and
// hands over what people write.
type forum struct {
	t     *testing.T
	srv   *httptest.Server
	clock *clock.Manual
	n     *bridge.Network
	state *socialtest.State

	mu      sync.Mutex
	plan    []socialtest.Behavior
	answer  func(w http.ResponseWriter, r *http.Request) bool // instead of publishing, where it says true
	sent    []message
	waiting []social.HookRequest
	posts   map[string]domain.Post
	number  int
	forgets bool // it publishes an id again
	broken  bool // what waits stays where it is
}

type message struct {
	Type       string `json:"type"`
	ID         string `json:"id"`
	To         string `json:"to"`
	InReplyTo  string `json:"in_reply_to"`
	Visibility string `json:"visibility"`
	Text       string `json:"text"`

	published string
}

func newForum(t *testing.T, change ...func(*forum, *bridge.Config)) *forum {
	t.Helper()
	f := &forum{t: t, clock: clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)), state: &socialtest.State{}, posts: map[string]domain.Post{}}
	f.srv = httptest.NewServer(http.HandlerFunc(f.callback))
	t.Cleanup(f.srv.Close)
	c := bridge.Config{Name: "forum", Secrets: []secret.Ref{{Value: newSecret}, {Value: oldSecret}}, Callback: f.srv.URL + "/take/?from=advocate",
		Public: true, Private: true, Idempotent: true, MaxLength: 200, LinkLength: 23, AllowPrivate: true}
	for _, ch := range change {
		ch(f, &c)
	}
	n, err := bridge.New(c, social.Kit{HTTP: f.srv.Client(), State: f.state, Clock: f.clock})
	if err != nil {
		t.Fatal(err)
	}
	f.n = n
	return f
}

func (f *forum) callback(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if r.URL.Path != "/take/" && r.URL.Path != "/find" || r.URL.RawQuery != "from=advocate" {
		http.Error(w, "wrong address "+r.URL.String(), http.StatusNotFound)
		return
	}
	id, stamp := r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp")
	if stamp != strconv.FormatInt(f.clock.Now().Unix(), 10) || !bridge.Signed(r.Header.Get("webhook-signature"), oldSecret, id, stamp, body) {
		http.Error(w, "bad signature", http.StatusUnauthorized)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.answer != nil && f.answer(w, r) {
		return
	}
	if r.Method == http.MethodGet {
		fmt.Fprint(w, `{"account":"The shop","server":"forum 1.0"}`)
		return
	}
	var m message
	if err := json.Unmarshal(body, &m); err != nil || m.Type != map[string]string{"/take/": "message", "/find": "find"}[r.URL.Path] {
		http.Error(w, "bad message", http.StatusBadRequest)
		return
	}
	if m.Type == "message" {
		f.publish(w, r, m)
		return
	}
	if i := slices.IndexFunc(f.sent, func(was message) bool { return was.ID == m.ID && was.Text == m.Text }); i >= 0 {
		fmt.Fprintf(w, `{"id":%s}`, f.sent[i].published)
		return
	}
	fmt.Fprint(w, `{"found":false}`)
}

func (f *forum) publish(w http.ResponseWriter, r *http.Request, m message) {
	b := socialtest.OK
	if len(f.plan) > 0 {
		b, f.plan = f.plan[0], f.plan[1:]
	}
	say := func(status int, body string) { w.WriteHeader(status); fmt.Fprint(w, body) }
	switch {
	case b == socialtest.Down:
		say(503, "")
		return
	case b == socialtest.RateLimit:
		say(200, `{"error":"retry","retry_after":30}`)
		return
	case b == socialtest.Gone || m.To == "nobody":
		say(422, `{"error":"gone","message":"no such thread"}`)
		return
	case b == socialtest.Blocked:
		say(403, `{"error":"blocked"}`)
		return
	case b == socialtest.BadAuth:
		say(400, `{"error":"credentials","message":"sign in again"}`)
		return
	}
	i := slices.IndexFunc(f.sent, func(was message) bool { return was.ID == m.ID })
	if i < 0 || f.forgets {
		i = len(f.sent)
		m.published = strconv.Itoa(1000 + i)
		f.sent = append(f.sent, m)
	}
	if b == socialtest.LostReply {
		panic(http.ErrAbortHandler)
	}
	fmt.Fprintf(w, `{"id":%s,"url":"https://forum.example/%[1]s","at":"2026-03-01T12:00:00Z"}`, f.sent[i].published)
}

// request signs a delivery, with a time that is so old.
func (f *forum) request(id string, body []byte, age time.Duration) social.HookRequest {
	stamp := strconv.FormatInt(f.clock.Now().Add(-age).Unix(), 10)
	return social.HookRequest{Method: "POST", Body: body, Header: http.Header{
		"Webhook-Id": {id}, "Webhook-Timestamp": {stamp}, "Webhook-Signature": {bridge.Sign(oldSecret, id, stamp, body)}}}
}

func (f *forum) deliver(p domain.Post) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.number++
	f.posts[p.ID] = p
	p.Network = ""
	body, _ := json.Marshal(p)
	f.waiting = append(f.waiting, f.request(fmt.Sprintf("d-%d", f.number), body, 0))
}

func (f *forum) write(d socialtest.Draft) string {
	f.mu.Lock()
	id := strconv.Itoa(1 + len(f.posts))
	f.mu.Unlock()
	p := domain.Post{ID: id, Author: domain.Author{ID: "u-" + d.Author, Handle: d.Author}, Text: d.Text, At: f.clock.Now(),
		InReplyTo: d.InReplyTo, Own: d.Own, Unaddressed: d.Unaddressed, Reshare: d.Reshare != ""}
	if d.Own {
		p.Author.ID = "shop"
	}
	if d.Private {
		p.Visibility = domain.Private
	}
	f.deliver(p)
	return id
}

func (f *forum) change(id string, change func(*domain.Post)) {
	f.mu.Lock()
	p := f.posts[id]
	f.mu.Unlock()
	change(&p)
	p.Revision += "e"
	f.deliver(p)
}

// push sends what waits, signed anew, until something is not taken; a refusal
// that no repeat would change ends the matter.
func (f *forum) push(ctx context.Context, sink social.Sink) {
	f.mu.Lock()
	if f.broken {
		f.mu.Unlock()
		return
	}
	waiting := f.waiting
	f.waiting = nil
	f.mu.Unlock()
	for i, r := range waiting {
		r = f.request(r.Header["Webhook-Id"][0], r.Body, 0)
		_, err := f.n.ServeHook(ctx, r, sink)
		switch domain.ErrorCode(err) {
		case "", domain.CodeInvalid, domain.CodeConflict:
		default:
			f.mu.Lock()
			f.waiting = append(slices.Clone(waiting[i:]), f.waiting...)
			f.mu.Unlock()
			return
		}
	}
}

func (f *forum) fixture() socialtest.Fixture {
	body := []byte(`{"id":"1","author":{"id":"u"},"text":"forged"}`)
	tampered := f.request("forged-1", body, 0)
	tampered.Body = []byte(`{"id":"1","author":{"id":"u"},"text":"forgery"}`)
	unsigned := f.request("forged-2", body, 0)
	delete(unsigned.Header, "Webhook-Signature")
	wrong := f.request("forged-3", body, 0)
	wrong.Header["Webhook-Signature"] = []string{"v1,AAAA v1,"}
	return socialtest.Fixture{
		Network: f.n, To: domain.IdentityKey{Network: "forum", Author: "u-ana"}, Handle: "ana", InReplyTo: "p-0",
		Nobody: domain.IdentityKey{Network: "forum", Author: "nobody"},
		Count:  func() int { f.mu.Lock(); defer f.mu.Unlock(); return len(f.sent) },
		Written: func() (out []socialtest.Written) {
			f.mu.Lock()
			defer f.mu.Unlock()
			for _, m := range f.sent {
				out = append(out, socialtest.Written{ID: m.published, InReplyTo: m.InReplyTo, Text: m.Text})
			}
			return out
		},
		Next:  func(b ...socialtest.Behavior) { f.mu.Lock(); defer f.mu.Unlock(); f.plan = b },
		Plays: []socialtest.Behavior{socialtest.Down, socialtest.RateLimit, socialtest.LostReply, socialtest.Gone, socialtest.Blocked, socialtest.BadAuth},
		World: &socialtest.World{
			Write: f.write, Push: f.push, Advance: f.clock.Advance, Owns: true, Reshares: true,
			Break:  func() { f.mu.Lock(); defer f.mu.Unlock(); f.broken = true },
			Mend:   func() { f.mu.Lock(); defer f.mu.Unlock(); f.broken = false },
			Edit:   func(id, text string) { f.change(id, func(p *domain.Post) { p.Text = text }) },
			Delete: func(id string) { f.change(id, func(p *domain.Post) { p.Text, p.Deleted = "", true }) },
			Forged: map[string]social.HookRequest{"another body": tampered, "no signature": unsigned, "wrong": wrong,
				"old": f.request("forged-4", body, 6*time.Minute), "from the future": f.request("forged-5", body, -6*time.Minute),
				"no id": f.request("", body, 0), "id with a full stop": f.request("a.1", body, 0)},
		},
	}
}

// sink keeps what it is given; fail, if set, is asked first.
type sink struct {
	got  []domain.Post
	fail func([]domain.Post) error
}

func (s *sink) PostsAccept(_ context.Context, posts []domain.Post) ([]social.Result, error) {
	return socialtest.Accept(posts, s.fail, func(p domain.Post) { s.got = append(s.got, p) })
}

func errorOf(t *testing.T, err error) *social.Error {
	t.Helper()
	var e *social.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a *social.Error", err)
	}
	return e
}

// count is how many messages the forum shows.
func (f *forum) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.sent)
}
