package bluesky

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// TestStaffIsHeardBesideOurOwnSending: the keys of what the connector sends may
// lie ahead of the time, those of people do not.
func TestStaffIsHeardBesideOurOwnSending(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Notifications)
	n, box := u.open(t), newInbox()
	stop := running(t, n, box)
	came := func(uri string) domain.Post {
		t.Helper()
		return box.until(t, 10*time.Second, uri, func(p domain.Post) bool { return p.ID == uri })
	}
	question := u.s.post(ana, "where is it?", true, "")
	came(question)
	u.s.mu.Lock()
	ahead := u.s.put(shopDID, tid(uint64(time.Now().Add(18*time.Minute).UnixMicro()), 3), u.s.draft("a reply of ours", false, question))
	odd := u.s.put(shopDID, "zzz", json.RawMessage(`{"$type":"app.bsky.feed.post","text":"no TID","createdAt":"2026-01-01T00:00:00Z"}`))
	u.s.mu.Unlock()
	came(ahead)
	if p := came(u.s.post(shopDID, "staff here", false, question)); !p.Own || p.InReplyTo != question || p.Author.Handle != shopHandle {
		t.Errorf("what the staff wrote came as %+v", p)
	}
	stop()
	away := u.s.post(shopDID, "and once more", false, question)
	box = newInbox()
	running(t, u.open(t), box)
	came(away)
	u.s.post(ana, "thanks", true, "")
	box.until(t, 10*time.Second, "the last", func(p domain.Post) bool { return !p.Own && p.ID != question })
	for _, p := range box.all() {
		if p.ID == odd {
			t.Errorf("what has no place in the order came as %+v", p)
		}
	}
}

// TestStaffsMessagesAfterARestart: whom a message answers is known although the
// one that it answers was heard by another process.
func TestStaffsMessagesAfterARestart(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Notifications)
	u.c.DirectMessages = true
	n, box := u.open(t), newInbox()
	stop := running(t, n, box)
	asked := u.s.message(ana, "are you there?")
	box.until(t, 10*time.Second, "the question", func(p domain.Post) bool { return p.ID == asked })
	stop()
	u.s.message(ben, "something else")
	convo := convoOf(ana)
	u.s.mu.Lock()
	ours := messageID(convo, u.s.say(convo, shopDID, "yes, we are")["id"].(string))
	u.s.mu.Unlock()
	n = u.open(t)
	p := heardFrom(t, n, ours)
	if !p.Own || p.InReplyTo != asked || p.Visibility != domain.Private {
		t.Errorf("what the staff wrote came as %+v", p)
	}
	if again, err := n.Fetch(t.Context(), p.Key()); err != nil || again.BodyHash() != p.BodyHash() {
		t.Errorf("and was fetched as %+v, %v", again, err)
	}
}
