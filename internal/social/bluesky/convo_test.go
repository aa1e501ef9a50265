package bluesky

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/bluesky/blueskytest"
)

// TestAGroupIsNobodysPrivateConversation: what is said in one is not heard as
// written to us alone, and no private answer goes there, also where it has two
// members for now.
func TestAGroupIsNobodysPrivateConversation(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Notifications)
	u.c.DirectMessages = true
	u.s.groups = map[string][]string{"group-1": {shopDID, ana, ben}, "group-2": {shopDID, ana}}
	n, box := u.open(t), newInbox()
	stop := running(t, n, box)
	u.s.mu.Lock()
	var group string
	for id := range u.s.groups {
		group = messageID(id, u.s.say(id, ana, "where is my order A-10001?")["id"].(string))
	}
	u.s.mu.Unlock()
	alone := u.s.message(ana, "and just between us?")
	box.until(t, 10*time.Second, "what was written to us", func(p domain.Post) bool { return p.ID == alone })
	stop()
	if all := box.all(); len(all) != 1 {
		t.Errorf("%d messages came: %+v", len(all), all)
	}
	m := social.Message{Key: "k", To: domain.IdentityKey{Network: Name, Author: ana}, InReplyTo: group, Visibility: domain.Private, Text: "It goes to 5 Elm Street."}
	sent, err := n.Send(t.Context(), m)
	if err != nil || !strings.HasPrefix(sent.PostID, "chat/"+convoOf(ana)+"/") {
		t.Errorf("sent to %s, %v", sent.PostID, err)
	}
	if said := len(u.s.chats["group-1"]) + len(u.s.chats["group-2"]); said != 2 {
		t.Errorf("%d messages stand in the groups", said)
	}
}

// TestAnotherConversationThanAskedFor is not written into.
func TestAnotherConversationThanAskedFor(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Notifications)
	u.c.DirectMessages = true
	u.s.groups = map[string][]string{convoOf(ana): {shopDID, ana, ben}}
	_, err := u.open(t).Send(t.Context(), social.Message{Key: "k", To: domain.IdentityKey{Network: Name, Author: ana}, Visibility: domain.Private, Text: "hello"})
	if e := asSocial(t, err); !e.Retry || len(u.s.publishedAll()) != 0 {
		t.Errorf("%v; %d messages", e, len(u.s.publishedAll()))
	}
}

// TestAConversationThatIsGone keeps nobody else's messages from being heard.
func TestAConversationThatIsGone(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Notifications)
	u.c.DirectMessages = true
	n, box := u.open(t), newInbox()
	running(t, n, box)
	u.s.mu.Lock()
	u.s.say("gone", ana, "hello?")
	u.s.mu.Unlock()
	id := u.s.message(ben, "and I?")
	box.until(t, 10*time.Second, "the other's", func(p domain.Post) bool { return p.ID == id })
}

// TestWrongFieldsCostNothingElse: one time, or one entry, that is not what the
// lexicons promise does not cost the rest of a list.
func TestWrongFieldsCostNothingElse(t *testing.T) {
	t.Parallel()
	var m message
	for _, at := range []string{`"yesterday"`, `12`, `null`, `{}`, `"99999-01-01T00:00:00Z"`} {
		if err := json.Unmarshal([]byte(`{"id":"m1","text":"hi","sentAt":`+at+`}`), &m); err != nil || m.Text != "hi" || !m.SentAt.IsZero() {
			t.Errorf("%s: %+v, %v", at, m, err)
		}
	}
	u := newSetup(t, Notifications)
	n, now := u.open(t), time.Now()
	good := u.s.post(ana, "hello", true, "")
	u.s.mu.Lock()
	note := u.s.notes[0]
	u.s.mu.Unlock()
	list := []any{map[string]any{"uri": 1}, "nothing", map[string]any{"uri": good, "reason": "mention", "indexedAt": "soon", "author": map[string]any{"did": ana}}, note}
	ask := func(w http.ResponseWriter) { blueskytest.Give(w, map[string]any{"notifications": list}) }
	u.s.instead = map[string]func(http.ResponseWriter){"app.bsky.notification.listNotifications": ask}
	posts, done, err := n.window(t.Context(), &reading{Mark: now.Add(-time.Hour)}, n.toUs()[0])
	if err != nil || !done || len(posts) == 0 || posts[len(posts)-1].ID != good {
		t.Errorf("%+v, %v, %v", posts, done, err)
	}
}

// TestAListWithoutAnEnd: what is new comes all the same, and the mark moves on.
func TestAListWithoutAnEnd(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Notifications)
	n, box, now := u.open(t), newInbox(), time.Now()
	asked := 0
	l := list{"endless", 0, func(_ context.Context, cursor string) (page, error) {
		asked++
		return page{items: []found{{at: now, skip: true}}, cursor: "next" + strings.Repeat("x", asked%7)}, nil
	}}
	r := &reading{Mark: now.Add(-time.Hour)}
	for rounds := 0; !r.Mark.Equal(now); rounds++ {
		if rounds > 5 {
			t.Fatalf("%d pages were read, and the end is not in sight", asked)
		}
		if err := n.readOn(t.Context(), box, r, l, true); err != nil {
			t.Fatal(err)
		}
	}
	if r.Cursor != "" || asked > mostWindows*windowSize {
		t.Errorf("%d pages; %+v", asked, r)
	}
}

// TestAPostWithAWrongDate is of when the network saw it.
func TestAPostWithAWrongDate(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Notifications)
	n, seen := u.open(t), time.Now().UTC().Truncate(time.Second)
	for said, want := range map[time.Duration]time.Duration{
		-time.Hour: -time.Hour, -60 * 24 * time.Hour: 0, 24 * time.Hour: 0,
	} {
		r := record{Type: postCollection, Text: "hi", CreatedAt: seen.Add(said).Format(time.RFC3339)}
		if p := n.post(addressed, ana, "3jzfcijpj2z2a", "cid", &r, seen); !p.At.Equal(seen.Add(want)) {
			t.Errorf("%v off: it is of %v", said, p.At.Sub(seen))
		}
	}
}

// TestOneWrongNumberStopsNoCount: the stream's cursor follows its last frame.
func TestOneWrongNumberStopsNoCount(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Firehose)
	n := u.open(t)
	l := &listener{n: n, us: shopDID, sink: newInbox(), at: cursor{Seq: 4, Time: time.Now()}}
	l.next = l.at
	at := time.Now().Add(-time.Minute)
	for _, seq := range []int64{5, 1 << 62, 6, 7} {
		if err := l.take(t.Context(), commitFrame(t, seq, ana, at), nil); err != nil {
			t.Fatal(err)
		}
	}
	if l.at.Seq != 7 {
		t.Errorf("the cursor stands at %d", l.at.Seq)
	}
	ahead := commitFrame(t, 8, ana, time.Now().Add(90*24*time.Hour))
	if err := l.take(t.Context(), ahead, nil); err != nil || l.at.Time.After(time.Now()) {
		t.Errorf("the cursor is of %v, %v", l.at.Time, err)
	}
}
