package bluesky

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/bluesky/blueskytest"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

func (s *server) recordOf(t *testing.T, uri string) *record {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := parseRecord(s.records[uri].value)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Facets are counted in bytes of UTF-8
// (https://docs.bsky.app/docs/advanced-guides/post-richtext).
func TestReplyHasItsLinksAndMentionsMarked(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Notifications)
	n := u.open(t)
	root := u.s.post(ana, "late again", true, "")
	below := u.s.post(ben, "mine too", true, root)
	m := reply(below, "k", "Grüße 👩‍👩‍👧, see (https://parcelco.example/a?b=ü). @ana.test @nobody.test")
	m.Lang = "de"
	sent, err := n.Send(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	r := u.s.recordOf(t, sent.PostID)
	if r.Reply.Parent.URI != below || r.Reply.Root.URI != root || r.Reply.Parent.CID == r.Reply.Root.CID || !slices.Equal(r.Langs, []string{"de"}) {
		t.Errorf("the reply is to %+v in %v", r.Reply, r.Langs)
	}
	var marked []string
	for _, f := range r.Facets {
		marked = append(marked, r.Text[f.Index.Start:f.Index.End]+" "+f.Features[0].URI+f.Features[0].DID)
	}
	want := []string{"https://parcelco.example/a?b=ü https://parcelco.example/a?b=ü", "@ana.test " + ana}
	if !slices.Equal(marked, want) {
		t.Errorf("marked are %q, want %q", marked, want)
	}
}

func TestReplyIsRefusedWhereItIsNotWanted(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Notifications)
	n := u.open(t)
	id, theirs := u.s.post(ana, "one", true, ""), u.s.post(ben, "two", true, "")
	u.s.mu.Lock()
	u.s.closed[id], u.s.blocked[ben] = true, true
	u.s.mu.Unlock()
	_, err := n.Send(t.Context(), reply(id, "a", "hello"))
	if e := asSocial(t, err); e.Retry || e.Fault != social.FaultCustomer || e.Blocked {
		t.Errorf("a thread that takes no replies gave %+v", e)
	}
	_, err = n.Send(t.Context(), reply(theirs, "b", "hello"))
	if e := asSocial(t, err); e.Retry || e.Fault != social.FaultCustomer || !e.Blocked {
		t.Errorf("somebody who blocks us gave %+v", e)
	}
	if len(u.s.publishedAll()) > 0 {
		t.Error("something was written")
	}
}

// TestAnsweredBeforeItWasDeleted: the answer was written, its answer lost, and
// then the customer deleted the post. It was answered all the same.
func TestAnsweredBeforeItWasDeleted(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Notifications)
	n := u.open(t)
	id := u.s.post(ana, "one", true, "")
	first, err := n.Send(t.Context(), reply(id, "a", "hello"))
	if err != nil {
		t.Fatal(err)
	}
	u.s.delete(id)
	again, err := n.Send(t.Context(), reply(id, "a", "hello"))
	if err != nil || again.PostID != first.PostID {
		t.Errorf("the repeat gave %+v, %v", again, err)
	}
	_, err = n.Send(t.Context(), reply(id, "b", "hello"))
	if e := asSocial(t, err); e.Retry || e.Fault != social.FaultCustomer {
		t.Errorf("another answer gave %+v", e)
	}
}

// TestPlaceTaken: a post of ours with another text has the key of the reply.
func TestPlaceTaken(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Notifications)
	id := u.s.post(ana, "one", true, "")
	u.s.mu.Lock()
	u.s.put(shopDID, replyKey("a", id), json.RawMessage(`{"$type":"app.bsky.feed.post","text":"else","createdAt":"2026-01-01T00:00:00Z"}`))
	u.s.mu.Unlock()
	_, err := u.open(t).Send(t.Context(), reply(id, "a", "hello"))
	if e := asSocial(t, err); e.Retry || e.Fault != social.FaultOurs {
		t.Errorf("got %+v", e)
	}
}

// TestAppViewIsLate: the firehose is faster than the AppView, which answers for
// other servers' posts; what it does not know yet is not deleted.
func TestAppViewIsLate(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Firehose)
	u.s.post(ben, "nothing", false, "")
	u.keep(t, cursor{Seq: 1, Time: time.Now()})
	n := u.open(t)
	id := u.s.post(ana, "where is it?", true, "")
	u.s.mu.Lock()
	u.s.lags, u.s.records[id].foreign = true, true
	u.s.mu.Unlock()
	p := heardFrom(t, n, id)
	if got, err := n.Fetch(t.Context(), p.Key()); err != nil || got.Deleted || got.Revision != p.Revision {
		t.Errorf("fetched %+v, %v", got, err)
	}
	sent, err := n.Send(t.Context(), reply(id, "a", "hello"))
	if err != nil {
		t.Fatal(err)
	}
	if r := u.s.recordOf(t, sent.PostID); r.Reply.Parent != (ref{id, p.Revision}) || r.Reply.Root != r.Reply.Parent {
		t.Errorf("the reply is to %+v", r.Reply)
	}
	// Another process has not heard it: it asks again later.
	_, err = u.open(t).Fetch(t.Context(), p.Key())
	if e := asSocial(t, err); !e.Retry || e.After == 0 {
		t.Errorf("got %+v", e)
	}
	// Nor is it gone where nobody can say whose it is.
	for name, fault := range map[string]struct {
		status int
		is     social.Fault
	}{"InvalidToken": {400, social.FaultOperator}, "UpstreamFailure": {502, social.FaultNetwork}} {
		u.s.mu.Lock()
		u.s.instead = map[string]func(http.ResponseWriter){
			"com.atproto.repo.describeRepo": func(w http.ResponseWriter) { blueskytest.Fail(w, fault.status, name, "") },
		}
		u.s.mu.Unlock()
		got, err := n.Fetch(t.Context(), p.Key())
		if e := asSocial(t, err); e.Fault != fault.is {
			t.Errorf("%s: fetched %+v, %v", name, got, err)
		}
		_, err = n.Send(t.Context(), reply(id, "at "+name, "hello"))
		if e := asSocial(t, err); e.Fault != fault.is {
			t.Errorf("%s: an answer gave %v", name, err)
		}
	}
	// What is old and not there is gone.
	old := domain.PostKey{Network: Name, ID: postURI(ana, tid(uint64(time.Now().Add(-time.Hour).UnixMicro()), 0))}
	if got, err := n.Fetch(t.Context(), old); err != nil || !got.Deleted || got.Author.ID != ana {
		t.Errorf("an old post that is gone was fetched as %+v, %v", got, err)
	}
}

func TestMessagesThatAreNotTaken(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Notifications)
	u.c.DirectMessages = true
	n := u.open(t)
	m := social.Message{Key: "k", To: domain.IdentityKey{Network: Name, Author: ana}, Visibility: domain.Private, Text: "hello"}
	u.s.blocked[ana] = true
	_, err := n.Send(t.Context(), m)
	if e := asSocial(t, err); e.Retry || e.Fault != social.FaultCustomer || !e.Blocked {
		t.Errorf("got %+v", e)
	}
	u.s.mu.Lock()
	u.s.blocked[ana] = false
	u.s.mu.Unlock()
	// An answer goes into its conversation; the same text twice is two messages.
	m.InReplyTo = u.s.message(ana, "hi")
	first, err := n.Send(t.Context(), m)
	if err != nil || !strings.HasPrefix(first.PostID, "chat/"+convoOf(ana)+"/") {
		t.Fatalf("sent %+v, %v", first, err)
	}
	m.Key = "other"
	second, err := n.Send(t.Context(), m)
	if err != nil || second.PostID == first.PostID {
		t.Errorf("sent %+v, %v", second, err)
	}
	if n := len(u.s.publishedAll()); n != 2 {
		t.Errorf("%d messages, want 2", n)
	}
}

// TestTheMessagesOfTwoAreTwo, though they say the same: after a lost answer the
// other's is not taken for this one.
func TestTheMessagesOfTwoAreTwo(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Notifications)
	u.c.DirectMessages = true
	n := u.open(t)
	m := social.Message{Key: "first", To: domain.IdentityKey{Network: Name, Author: ana}, InReplyTo: u.s.message(ana, "hi"), Visibility: domain.Private, Text: "We look into it."}
	sent := map[string]bool{}
	send := func() {
		t.Helper()
		s, err := n.Send(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		sent[s.PostID] = true
	}
	send()
	for key, fault := range map[string]socialtest.Behavior{"second": socialtest.Down, "third": socialtest.LostReply} {
		m.Key = key
		u.s.mu.Lock()
		u.s.plan = append(u.s.plan, fault)
		u.s.mu.Unlock()
		_, err := n.Send(t.Context(), m)
		if e := asSocial(t, err); !e.Retry {
			t.Fatalf("%s gave %+v", fault, e)
		}
		n = u.open(t)
		send()
	}
	if all := u.s.publishedAll(); len(sent) != 3 || len(all) != 3 {
		t.Errorf("%d messages left, as %v; want 3", len(all), sent)
	}
}

// The examples of https://atproto.com/specs/tid, "TID Syntax".
func TestIdentifiers(t *testing.T) {
	t.Parallel()
	for s, valid := range map[string]bool{
		"3jzfcijpj2z2a": true, "7777777777777": true, "3zzzzzzzzzzzz": true, "2222222222222": true,
		"3jzfcijpj2z21": false, "0000000000000": false, "3jzfcijpj2z2aa": false, "3jzfcijpj2z2": false, "3jzf-cij-pj2z-2a": false, "zzzzzzzzzzzzz": false, "kjzfcijpj2z2a": false,
	} {
		if _, ok := tidTime(s); ok != valid {
			t.Errorf("%s: valid is %v", s, ok)
		}
	}
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	parent := postURI(ana, tid(uint64(at.UnixMicro()), 5))
	key := replyKey("message", parent)
	if micros, ok := tidTime(key); !ok || micros <= uint64(at.UnixMicro()) || micros > uint64(at.Add(20*time.Minute).UnixMicro()) {
		t.Errorf("%s is no TID of soon after the post", key)
	}
	if key != replyKey("message", parent) || key == replyKey("message/2", parent) || key == replyKey("message", postURI(ana, "self")) {
		t.Error("a reply's key is not that of its message alone")
	}
	if _, ok := tidTime(replyKey("message", postURI(ana, "self"))); !ok {
		t.Error("a reply to a post without a time has no TID")
	}
	for uri, valid := range map[string]bool{
		parent: true, "at://" + ana + "/app.bsky.feed.like/x": false, "at://ana.test/app.bsky.feed.post/x": false,
		"https://bsky.app": false, postURI(ana, "a/b"): false, postURI(ana, ".."): false, postURI(ana, ""): false,
	} {
		if _, _, ok := splitURI(uri); ok != valid {
			t.Errorf("%s: valid is %v", uri, ok)
		}
	}
}
