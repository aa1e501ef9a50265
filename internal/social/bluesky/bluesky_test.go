package bluesky

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	ana = people["ana"]
	ben = people["ben"]
)

// setup is what a test's network is made with.
type setup struct {
	s     *server
	c     Config
	state *socialtest.State
	kit   social.Kit
}

func newSetup(t *testing.T, mode Mode) *setup {
	s := newServer(t)
	u := &setup{s: s, state: &socialtest.State{Most: 8 << 10}, c: Config{
		Handle: shopHandle, AppPassword: secret.Ref{Value: shopPassword}, Service: s.URL, Mode: mode, AllowPrivate: true,
	}}
	if mode != Notifications {
		u.c.Firehose = strings.Replace(s.URL, "http", "ws", 1)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	u.kit = social.Kit{HTTP: &http.Client{Transport: transport}, State: u.state}
	return u
}

func (u *setup) keep(t *testing.T, c cursor) {
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	u.state.Put(t.Context(), "cursor/"+strings.TrimPrefix(u.s.URL, "http://"), b, 0)
}

func (u *setup) open(t *testing.T) *Network {
	n, err := New(u.c, u.kit)
	if err != nil {
		t.Fatal(err)
	}
	n.c.Poll = 10 * time.Millisecond // an operator's is at least a second
	return n
}

// post writes a person's post; a mention of us stands before the text.
func (s *server) post(did, text string, mention bool, to string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.put(did, tid(uint64(s.now().UnixMicro()), 7), s.draft(text, mention, to))
}

func (s *server) draft(text string, mention bool, to string) json.RawMessage {
	r := record{Type: postCollection, Text: text, CreatedAt: s.last.Format(time.RFC3339Nano), Langs: []string{"en"}}
	if mention {
		r.Text = "@" + shopHandle + " " + text
		r.Facets = []facet{{slice{0, len(shopHandle) + 1}, []feature{{Type: mentionType, DID: shopDID}}}}
	}
	if e := s.records[to]; e != nil {
		parent, _ := parseRecord(e.value)
		r.Reply = replyTo(ref{to, e.cid}, parent.root())
	}
	b, err := json.Marshal(r)
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

func (s *server) edit(uri, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	did, key, _ := splitURI(uri)
	s.put(did, key, s.draft(text, true, ""))
}

func (s *server) delete(uri string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	did, key, _ := splitURI(uri)
	delete(s.records, uri)
	s.commit(did, op{action: "delete", path: postCollection + "/" + key})
}

func (s *server) message(did, text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return messageID(convoOf(did), s.say(convoOf(did), did, text)["id"].(string))
}

func (u *setup) fixture(t *testing.T) socialtest.Fixture {
	s := u.s
	first := s.post(ana, "where is my order?", true, "")
	write := func(d socialtest.Draft) string {
		did := people[d.Author]
		switch {
		case d.Private && d.Own:
			convo, _, _ := splitMessage(d.InReplyTo)
			s.mu.Lock()
			defer s.mu.Unlock()
			return messageID(convo, s.say(convo, shopDID, d.Text)["id"].(string))
		case d.Private:
			return s.message(did, d.Text)
		case d.Own:
			return s.post(shopDID, d.Text, false, d.InReplyTo)
		case d.Unaddressed:
			return s.post(did, d.Text+" "+searched, false, "")
		case d.Reshare != "":
			s.mu.Lock()
			defer s.mu.Unlock()
			b := encode(t, json.RawMessage(`{"$type":"app.bsky.feed.repost","subject":{"uri":"`+d.Reshare+`"},"createdAt":"2026-01-01T00:00:00Z"}`))
			c := cidOf(b)
			s.commit(did, op{"create", "app.bsky.feed.repost/3kaaaaaaaaa2a", &c, b})
			return "at://" + did + "/app.bsky.feed.repost/3kaaaaaaaaa2a"
		}
		return s.post(did, d.Text, true, d.InReplyTo)
	}
	if u.s.appview {
		// It has run before. At the very first start only notifications tell of
		// what is written before the stream is open.
		u.keep(t, cursor{Seq: 1, Time: time.Now()})
	}
	f := socialtest.Fixture{
		Network: u.open(t), To: domain.IdentityKey{Network: Name, Author: ana}, Handle: "ana.test", InReplyTo: first,
		Nobody: domain.IdentityKey{Network: Name, Author: "ana.test"},
		Count:  func() int { return len(s.publishedAll()) }, Written: s.publishedAll,
		Next: func(b ...socialtest.Behavior) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.plan = append(s.plan, b...)
		},
		Plays: []socialtest.Behavior{socialtest.Down, socialtest.LostReply, socialtest.RateLimit, socialtest.Gone, socialtest.Blocked, socialtest.BadAuth},
		World: &socialtest.World{
			Write: write, Edit: s.edit, Delete: s.delete, Owns: true, Reshares: true,
			Break: s.breakDown, Mend: s.mend, Reopen: func() social.Network { return u.open(t) },
		},
	}
	return f
}

// publishedAll lists what the connector has written.
func (s *server) publishedAll() []socialtest.Written {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := slices.Clone(s.sent)
	for _, uri := range s.written {
		r, err := parseRecord(s.records[uri].value)
		if err != nil {
			s.t.Error(err)
			continue
		}
		out = append(out, socialtest.Written{ID: uri, InReplyTo: r.Reply.Parent.URI, Text: r.Text})
	}
	return out
}

func TestConforms(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*setup){
		"notifications":            func(u *setup) { u.c.Mode = Notifications },
		"firehose":                 func(u *setup) {},
		"both":                     func(u *setup) { u.c.Mode = Both },
		"firehose without AppView": func(u *setup) { u.s.appview = false },
		"direct messages":          func(u *setup) { u.c.DirectMessages = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			socialtest.Run(t, func(t *testing.T) socialtest.Fixture {
				u := newSetup(t, Firehose)
				u.c.Search = []string{searched}
				change(u)
				if u.c.Mode == Notifications {
					u.c.Firehose = ""
				}
				f := u.fixture(t)
				if !u.s.appview {
					f.Plays = slices.DeleteFunc(f.Plays, func(b socialtest.Behavior) bool { return b == socialtest.Blocked })
				}
				return f
			})
		})
	}
}

// heardFrom runs a network and waits for one post.
func heardFrom(t *testing.T, n *Network, uri string) domain.Post {
	t.Helper()
	box := newInbox()
	stop := running(t, n, box)
	defer stop()
	return box.until(t, 10*time.Second, uri, func(p domain.Post) bool { return p.ID == uri })
}

func asSocial(t *testing.T, err error) *social.Error {
	t.Helper()
	e, ok := err.(*social.Error)
	if !ok {
		t.Fatalf("%T (%v) is no *social.Error", err, err)
	}
	return e
}

func (s *server) called(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[name]
}

func reply(to string, key, text string) social.Message {
	did, _, _ := splitURI(to)
	return social.Message{Key: key, To: domain.IdentityKey{Network: Name, Author: did}, InReplyTo: to, Visibility: domain.Public, Text: text}
}
