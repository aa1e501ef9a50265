package meta_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/meta"
	"github.com/contact-advocate/advocate/internal/social/meta/metatest"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

const (
	pageID, instaID, appID           = "1000", "2000", "3000"
	appSecret, pageToken, verifyWord = "app secret", "page-token", "a word of ours"
	pagePost, instaMedia             = "1000_77", "7777"
	anaID, benID                     = "501", "502"
)

var people = map[string]string{"ana": anaID, "ben": benID}

// item is a comment, or a private message, as the scripted Graph API has it.
type item struct {
	id, author, text, parent, user string
	at                             time.Time
	gone, replied                  bool
}

// graph is a Graph API scripted from its documents: one Page, or one Instagram
// account, with one post.
type graph struct {
	*metatest.App
	t    *testing.T
	kind meta.Kind
	now  *clock.Manual
	srv  *httptest.Server

	mu       sync.Mutex
	seq      int
	comments []*item
	messages []*item
	written  []socialtest.Written
	next     []socialtest.Behavior
	down     bool
	events   []map[string]any // entries that were not taken yet
	usage    string
	bodies   []map[string]any // of private messages
	mention  *item            // somebody else's media that names us
	calls    int
	lag      int // so many times messages are not told yet
	hidden   bool
	untimed  bool              // it is not told when a comment was written
	named    map[string]string // what people are called by now; "": it is not told
}

func newGraph(t *testing.T, kind meta.Kind) *graph {
	app := &metatest.App{
		ID: appID, Secret: appSecret, Token: pageToken, Page: pageID, Name: "The Shop", Instagram: instaID, Username: "theshop", Fields: []string{"feed", "messages"},
		Scopes: []string{"pages_read_engagement", "pages_read_user_content", "pages_manage_engagement", "pages_messaging", "instagram_basic", "instagram_manage_comments", "pages_manage_metadata"},
	}
	g := &graph{App: app, t: t, kind: kind, now: clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)), seq: 100000}
	g.srv = httptest.NewServer(g)
	t.Cleanup(g.srv.Close)
	return g
}

func (g *graph) config(mode meta.Mode) meta.Config {
	c := meta.Config{
		Kind: g.kind, App: appID, AppSecret: secret.Ref{Value: appSecret}, AccessToken: secret.Ref{Value: pageToken}, VerifyToken: secret.Ref{Value: verifyWord},
		Page: pageID, Mode: mode, DirectMessages: true, HumanAgent: true, Graph: g.srv.URL, AllowPrivate: true,
	}
	if g.kind == meta.Instagram {
		c.Instagram = instaID
	}
	if mode == meta.Poll {
		c.Poll = 10 * time.Second
	}
	return c
}

func (g *graph) open(c meta.Config, state social.State) *meta.Network {
	n, err := meta.New(c, social.Kit{HTTP: g.srv.Client(), State: state, Clock: g.now})
	if err != nil {
		g.t.Fatal(err)
	}
	return n
}

func (g *graph) self() string {
	if g.kind == meta.Instagram {
		return instaID
	}
	return pageID
}

// write publishes as somebody. Without event the network does not tell of it.
func (g *graph) write(author, text, parent string, private, event bool) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.seq++
	one := &item{author: author, text: text, parent: parent, at: g.now.Now().Truncate(time.Second)}
	switch {
	case private:
		one.id, one.user = fmt.Sprintf("m_%d", g.seq), author
		if author == g.self() {
			one.user = anaID
		}
		g.messages = append(g.messages, one)
	case g.kind == meta.Facebook:
		one.id = fmt.Sprintf("77_%d", g.seq)
		g.comments = append(g.comments, one)
	default:
		one.id = fmt.Sprint(g.seq)
		g.comments = append(g.comments, one)
	}
	if event {
		g.tell(one, "add")
	}
	return one.id
}

// tell queues what the network has to tell of an item: …/webhooks/reference/
// page "feed", …/webhooks/reference/instagram "comments",
// …/messenger-platform/reference/webhook-events/messages.
func (g *graph) tell(i *item, verb string) {
	e := map[string]any{"id": g.self(), "time": g.now.Now().Unix()}
	switch {
	case i.user != "":
		m := map[string]any{"mid": i.id, "text": i.text}
		ev := map[string]any{"sender": id(i.user), "recipient": id(g.self()), "timestamp": i.at.UnixMilli(), "message": m}
		switch {
		case verb == "edited":
			delete(ev, "message")
			ev["message_edit"] = map[string]any{"mid": i.id, "text": i.text, "num_edit": 1}
		case verb == "remove":
			m["is_deleted"] = true
		case i.author == g.self():
			m["is_echo"], ev["sender"], ev["recipient"] = true, id(g.self()), id(i.user)
			if i.parent != "" { // what it quotes; asked for, it is not told
				m["reply_to"] = map[string]any{"mid": i.parent}
			}
		}
		e["messaging"] = []any{ev}
	case g.kind == meta.Facebook:
		v := map[string]any{"item": "comment", "verb": verb, "comment_id": i.id, "post_id": pagePost, "parent_id": g.parent(i),
			"from": map[string]any{"id": i.author, "name": "Name " + i.author}, "created_time": i.at.Unix()}
		if verb != "remove" {
			v["message"] = i.text
		}
		e["changes"] = []any{map[string]any{"field": "feed", "value": v}}
	case verb == "add":
		v := g.instagram(i)
		delete(v, "timestamp")
		e["changes"] = []any{map[string]any{"field": "comments", "value": v}}
	default:
		return
	}
	g.events = append(g.events, e)
}

func id(s string) map[string]any { return map[string]any{"id": s} }

func (g *graph) parent(i *item) string {
	if i.parent == "" {
		return pagePost
	}
	return i.parent
}

func (g *graph) find(id string) *item {
	for _, i := range slices.Concat(g.comments, g.messages) {
		if i.id == id {
			return i
		}
	}
	return nil
}

func (g *graph) change(id, text string, gone bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := g.find(id)
	if gone {
		i.gone = true
		g.tell(i, "remove")
		return
	}
	i.text = text
	g.tell(i, "edited")
}

func sign(body []byte) string {
	m := hmac.New(sha256.New, []byte(appSecret))
	m.Write(body)
	return "sha256=" + hex.EncodeToString(m.Sum(nil))
}

func hook(body string) social.HookRequest {
	return social.HookRequest{Method: http.MethodPost, Header: map[string][]string{"X-Hub-Signature-256": {sign([]byte(body))}}, Body: []byte(body)}
}

func (g *graph) object() string {
	if g.kind == meta.Instagram {
		return "instagram"
	}
	return "page"
}

// push delivers what waits, up to three entries a request, and keeps what was
// not taken (…/webhooks/getting-started, "Event Notifications").
func (g *graph) push(ctx context.Context, n *meta.Network, sink social.Sink) {
	for {
		g.mu.Lock()
		batch := slices.Clone(g.events[:min(3, len(g.events))])
		down := g.down
		g.mu.Unlock()
		if down || len(batch) == 0 {
			return
		}
		body, _ := json.Marshal(map[string]any{"object": g.object(), "entry": batch})
		if _, err := n.ServeHook(ctx, hook(string(body)), sink); err != nil {
			return
		}
		g.mu.Lock()
		g.events = g.events[len(batch):]
		g.mu.Unlock()
	}
}

func (g *graph) set(f func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f()
}

func cutWire(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		conn.Close()
	}
}

// ServeHTTP is the Graph API.
func (g *graph) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls++
	path := strings.TrimPrefix(r.URL.Path, "/v25.0/")
	q := r.URL.Query()
	if g.down {
		cutWire(w)
		return
	}
	if !g.Enter(w, r, path) {
		return
	}
	if g.usage != "" {
		w.Header().Set("X-Business-Use-Case-Usage", g.usage)
	}
	if r.Method == http.MethodPost {
		g.publish(w, r, path)
		return
	}
	g.read(w, path, q.Get("fields"), q)
}
