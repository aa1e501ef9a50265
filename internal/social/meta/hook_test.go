package meta_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/meta"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

// taken is a sink that keeps what it gets.
type taken struct {
	mu    sync.Mutex
	posts []domain.Post
	fail  error
	calls int
}

func (s *taken) PostsAccept(_ context.Context, posts []domain.Post) ([]social.Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	return socialtest.Accept(posts, func([]domain.Post) error { return s.fail }, func(p domain.Post) { s.posts = append(s.posts, p) })
}

// told hands a body to a network and returns the posts that came of it.
func told(t *testing.T, n *meta.Network, body string) []domain.Post {
	t.Helper()
	var s taken
	if _, err := n.ServeHook(t.Context(), hook(body), &s); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	for i := range s.posts {
		s.posts[i].Normalize(s.posts[i].At)
		if err := s.posts[i].Validate(); err != nil {
			t.Errorf("%s: %v", body, err)
		}
	}
	return s.posts
}

func opened(t *testing.T, kind meta.Kind, mode meta.Mode) (*graph, *meta.Network) {
	g := newGraph(t, kind)
	return g, g.open(g.config(mode), &socialtest.State{})
}

func feed(value string) string {
	return `{"object":"page","entry":[{"id":"1000","time":1772366400,"changes":[{"field":"feed","value":` + value + `}]}]}`
}

func talk(object, self, event string) string {
	return fmt.Sprintf(`{"object":%q,"entry":[{"id":%q,"time":1772366400000,"messaging":[%s]}]}`, object, self, event)
}

// TestChallenge: developers.facebook.com/docs/graph-api/webhooks/
// getting-started, "Verification Requests".
func TestChallenge(t *testing.T) {
	t.Parallel()
	_, n := opened(t, meta.Facebook, meta.Webhook)
	ask := func(mode, word, challenge string) (social.HookReply, error) {
		q := map[string][]string{"hub.mode": {mode}, "hub.verify_token": {word}, "hub.challenge": {challenge}}
		return n.ServeHook(t.Context(), social.HookRequest{Method: http.MethodGet, Query: q}, &taken{})
	}
	r, err := ask("subscribe", verifyWord, "1158201444<script>")
	if err != nil || string(r.Body) != "1158201444<script>" || !strings.HasPrefix(r.ContentType, "text/plain") {
		t.Errorf("got %q as %q, %v; want the challenge as plain text", r.Body, r.ContentType, err)
	}
	for name, err := range map[string]error{
		"another word": second(ask("subscribe", "a word of theirs", "1")),
		"no word":      second(ask("subscribe", "", "1")),
		"another mode": second(ask("unsubscribe", verifyWord, "1")),
	} {
		if domain.ErrorCode(err) != domain.CodeUnauthorized {
			t.Errorf("%s: got %v, want unauthorized", name, err)
		}
	}
	if _, err := n.ServeHook(t.Context(), social.HookRequest{Method: http.MethodGet}, &taken{}); domain.ErrorCode(err) != domain.CodeUnauthorized {
		t.Errorf("nothing asked: %v; nobody is to learn by that that the network is configured", err)
	}
}

// TestNothingIsTakenWhereNobodyTells: in mode poll a request is refused, right
// as its signature may be.
func TestNothingIsTakenWhereNobodyTells(t *testing.T) {
	t.Parallel()
	_, n := opened(t, meta.Facebook, meta.Poll)
	var s taken
	body := feed(`{"item":"comment","verb":"add","comment_id":"77_1","post_id":"1000_77","from":{"id":"501"},"message":"x","created_time":1772366400}`)
	q := map[string][]string{"hub.mode": {"subscribe"}, "hub.verify_token": {verifyWord}, "hub.challenge": {"1"}}
	for _, r := range []social.HookRequest{hook(body), {Method: http.MethodGet, Query: q}} {
		if _, err := n.ServeHook(t.Context(), r, &s); domain.ErrorCode(err) != domain.CodeUnauthorized || len(s.posts) > 0 {
			t.Errorf("%s: %v, %d posts were taken", r.Method, err, len(s.posts))
		}
	}
}

func second(_ social.HookReply, err error) error { return err }

// TestSignatureIsThatOfTheBytes: …/getting-started, "Validating Payloads": the
// signature is that of the body with escaped characters, as it was sent.
func TestSignatureIsThatOfTheBytes(t *testing.T) {
	t.Parallel()
	_, n := opened(t, meta.Facebook, meta.Webhook)
	body := feed(`{"item":"comment","verb":"add","comment_id":"77_1","post_id":"1000_77","parent_id":"1000_77","from":{"id":"501","name":"A"},"message":"Gr\u00fc\u00dfe \ud83d\udc4b","created_time":1772366400}`)
	posts := told(t, n, body)
	if len(posts) != 1 || posts[0].Text != "Grüße 👋" {
		t.Fatalf("got %+v", posts)
	}
	decoded := strings.NewReplacer(`\u00fc`, "ü", `\u00df`, "ß", `\ud83d\udc4b`, "👋").Replace(body)
	r := hook(decoded)
	r.Body = []byte(body)
	if _, err := n.ServeHook(t.Context(), r, &taken{}); domain.ErrorCode(err) != domain.CodeUnauthorized {
		t.Errorf("the signature of the decoded text was taken: %v", err)
	}
}

// TestBadNeighbours: what cannot be read does not stop what can.
func TestBadNeighbours(t *testing.T) {
	t.Parallel()
	g, n := opened(t, meta.Facebook, meta.Webhook)
	good := func(id string) string {
		return `{"field":"feed","value":{"item":"comment","verb":"add","comment_id":"77_` + id + `","post_id":"1000_77","parent_id":"1000_77","from":{"id":"501"},"message":"x","created_time":1772366400}}`
	}
	body := `{"object":"page","entry":[7,{"id":{}},
		{"id":"4711","time":1,"changes":[` + good("9") + `]},
		{"id":1000,"time":"x","changes":["no",{"field":"feed","value":3},{"field":"feed","value":{"item":"comment","verb":"add","comment_id":"../../1","from":{"id":"501"},"message":"m"}},
			{"field":"feed","value":{"item":"reaction","verb":"add","post_id":"1000_77","from":{"id":"501"}}},
			{"field":"feed","value":{"item":"comment","verb":"hide","comment_id":"77_1","from":{"id":"501"},"message":"m"}},
			{"field":"feed","value":{"item":"comment","verb":"add","comment_id":"77_404","from":{"id":"501"},"message":""}},
			{"field":"ratings","value":{}},` + good("1") + `],"messaging":[4,{"sender":{"id":"501"},"read":{"watermark":1}},{"sender":{"id":"501"},"message":{"mid":"../m","text":"x"}},{"sender":{"id":"501"},"message":{"mid":"m_2","text":"y"}}]}]}`
	posts := told(t, n, body)
	if len(posts) != 2 || posts[0].ID != "77_1" || posts[1].ID != "m_2" {
		t.Errorf("got %+v; want the two that are right", posts)
	}
	if posts := told(t, n, `{"object":"instagram","entry":[]}`); len(posts) != 0 {
		t.Errorf("another object's: %+v", posts)
	}
	if _, err := n.ServeHook(t.Context(), hook(`{"object":`), &taken{}); domain.ErrorCode(err) != domain.CodeInvalid {
		t.Errorf("no JSON: %v", err)
	}
	if g.calls != 3 {
		t.Errorf("%d questions, want three: about the comment without words, and whether we would see it", g.calls)
	}
}

// TestFeed: …/webhooks/reference/page, "feed".
func TestFeed(t *testing.T) {
	t.Parallel()
	g, n := opened(t, meta.Facebook, meta.Webhook)
	photo := g.write(benID, "with a picture", "", false, false)
	for _, c := range []struct {
		name, value string
		ok          func(p domain.Post) bool
	}{
		{"an answer to a comment", `{"item":"comment","verb":"add","comment_id":"77_2","post_id":"1000_77","parent_id":"77_1","from":{"id":"501","name":"A B"},"message":"and?","created_time":1772366400}`,
			func(p domain.Post) bool {
				return p.ID == "77_2" && p.InReplyTo == "77_1" && p.Author.Name == "A B" && !p.Own && p.Visibility == domain.Public
			}},
		{"an edit", `{"item":"comment","verb":"edited","comment_id":"77_2","post_id":"1000_77","parent_id":"77_1","from":{"id":"501"},"message":"and now?","created_time":1772366400}`,
			func(p domain.Post) bool { return p.ID == "77_2" && p.Text == "and now?" && !p.Deleted }},
		{"a deletion, nobody named", `{"item":"comment","verb":"remove","comment_id":"77_2","post_id":"1000_77"}`,
			func(p domain.Post) bool { return p.ID == "77_2" && p.Deleted }},
		{"a visitor's post", `{"item":"status","verb":"add","post_id":"1000_88","from":{"id":"501"},"message":"hello shop","created_time":1772366400}`,
			func(p domain.Post) bool { return p.ID == "1000_88" && p.InReplyTo == "" && !p.Own }},
		{"our own", `{"item":"comment","verb":"add","comment_id":"77_3","post_id":"1000_77","parent_id":"77_2","from":{"id":"1000"},"message":"we","created_time":1772366400}`,
			func(p domain.Post) bool { return p.Own && p.InReplyTo == "77_2" }},
		{"with a picture: looked at", `{"item":"comment","verb":"add","comment_id":"` + photo + `","post_id":"1000_77","parent_id":"1000_77","from":{"id":"502"},"message":"old words","photo":"https://cdn.example/x?sig=1"}`,
			func(p domain.Post) bool { return p.ID == photo && p.Text == "with a picture" }},
	} {
		if posts := told(t, n, feed(c.value)); len(posts) != 1 || !c.ok(posts[0]) {
			t.Errorf("%s: got %+v", c.name, posts)
		}
	}
}

// TestConversation: …/messenger-platform/reference/webhook-events and
// …/messenger-platform/instagram/features/webhook.
func TestConversation(t *testing.T) {
	t.Parallel()
	for _, kind := range []meta.Kind{meta.Facebook, meta.Instagram} {
		g, n := opened(t, kind, meta.Webhook)
		one := func(event string) domain.Post {
			t.Helper()
			posts := told(t, n, talk(g.object(), g.self(), event))
			if len(posts) != 1 || posts[0].Visibility != domain.Private {
				t.Fatalf("%s: %s: got %+v", kind, event, posts)
			}
			return posts[0]
		}
		from := func(rest string) string {
			return `{"sender":{"id":"501"},"recipient":{"id":"` + g.self() + `"},"timestamp":1772366401000,` + rest + `}`
		}
		first := one(from(`"message":{"mid":"m_1","text":"hi","attachments":[{"type":"image","payload":{"url":"https://cdn.example/a"}},{"type":"image","payload":{"url":"javascript:x"}}]}`))
		if first.Author.ID != anaID || first.Own || len(first.Media) != 1 || first.At.Unix() != 1772366401 {
			t.Errorf("%s: a message came as %+v", kind, first)
		}
		if p := one(from(`"message_edit":{"mid":"m_1","text":"hello","num_edit":"1"}`)); p.ID != "m_1" || p.Revision == first.Revision || p.Text != "hello" {
			t.Errorf("%s: an edit came as %+v", kind, p)
		}
		// Late: what was written before does not count as the last.
		one(strings.Replace(from(`"message":{"mid":"m_0","text":"earlier"}`), "1772366401000", "1772366301000", 1))
		echo := `{"sender":{"id":"` + g.self() + `"},"recipient":{"id":"501"},"timestamp":1772366402000,"message":{"mid":"m_2","text":"staff here","is_echo":true}}`
		if p := one(echo); !p.Own || p.InReplyTo != "m_1" {
			t.Errorf("%s: an echo came as %+v; want ours, in reply to the last of theirs", kind, p)
		}
		if p := one(from(`"postback":{"mid":"m_3","title":"Talk to a person","payload":"X"}`)); p.Text != "Talk to a person" {
			t.Errorf("%s: a postback came as %+v", kind, p)
		}
		if p := one(from(`"message":{"mid":"m_1","is_deleted":true}`)); p.ID != "m_1" || !p.Deleted {
			t.Errorf("%s: an unsent message came as %+v", kind, p)
		}
		// On Instagram the Page may be named in place of the account.
		ours := strings.NewReplacer(`"sender":{"id":"501"}`, `"sender":{"id":"`+pageID+`"}`, `"recipient":{"id":"`+g.self()+`"}`, `"recipient":{"id":"501"}`)
		if posts := told(t, n, talk(g.object(), g.self(), ours.Replace(from(`"message_edit":{"mid":"m_2","text":"staff was here"}`)))); len(posts) != 0 {
			t.Errorf("%s: an edit of ours came as %+v", kind, posts)
		}
		if p := one(ours.Replace(from(`"message":{"mid":"m_2","is_deleted":true}`))); !p.Own || !p.Deleted {
			t.Errorf("%s: one of ours that was unsent came as %+v", kind, p)
		}
		if p := one(ours.Replace(from(`"message":{"mid":"m_4","text":"staff once more"}`))); !p.Own || p.Author.ID != g.self() {
			t.Errorf("%s: one of ours came as %+v", kind, p)
		}
		for _, silent := range []string{`"read":{"mid":"m_2"}`, `"delivery":{"mids":["m_2"]}`, `"reaction":{"mid":"m_2","emoji":"❤"}`, `"message":{"mid":"m_9"}`} {
			if posts := told(t, n, talk(g.object(), g.self(), from(silent))); len(posts) != 0 {
				t.Errorf("%s: %s came as %+v", kind, silent, posts)
			}
		}
	}
}

// TestBothWaysAreOnePost: a post that was told of and is asked for besides has
// the same key and the same body.
func TestBothWaysAreOnePost(t *testing.T) {
	t.Parallel()
	for _, kind := range []meta.Kind{meta.Facebook, meta.Instagram} {
		g, n := opened(t, kind, meta.Webhook)
		first := g.write(anaID, "where is it?", "", false, true)
		g.write(benID, "mine too", first, false, true)
		quoted := g.write(anaID, "in private", "", true, true)
		g.now.Advance(time.Second)
		g.write(anaID, "and again", "", true, true)
		g.now.Advance(time.Second)
		g.write(g.self(), "we look", quoted, true, true)
		var hooked, asked taken
		g.push(t.Context(), n, &hooked)
		other := g.open(g.config(meta.Poll), &socialtest.State{})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- other.Run(ctx, &asked) }()
		wait(t, func() bool { asked.mu.Lock(); defer asked.mu.Unlock(); return len(asked.posts) == 5 })
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if len(hooked.posts) != 5 {
			t.Fatalf("%s: told of %d", kind, len(hooked.posts))
		}
		for i := range hooked.posts {
			a := hooked.posts[i]
			j := slices.IndexFunc(asked.posts, func(b domain.Post) bool { return a.ID == b.ID })
			if j < 0 {
				t.Errorf("%s: %q was not asked for", kind, a.ID)
				continue
			}
			b := asked.posts[j]
			if a.DedupeKey() != b.DedupeKey() || a.BodyHash() != b.BodyHash() {
				t.Errorf("%s: told %+v, asked %+v", kind, a, b)
			}
		}
	}
}

func wait(t *testing.T, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); {
		if time.Now().After(end) {
			t.Fatal("it did not come to that")
		}
		select {
		case <-t.Context().Done():
			return
		case <-time.After(time.Millisecond):
		}
	}
}

// TestNotTakenIsToldAgain: an error of the sink reaches Meta, which comes
// again.
func TestNotTakenIsToldAgain(t *testing.T) {
	t.Parallel()
	g, n := opened(t, meta.Facebook, meta.Webhook)
	g.write(anaID, "in bad times", "", false, true)
	s := taken{fail: errors.New("the disk is full")}
	g.push(t.Context(), n, &s)
	s.fail = domain.Errorf(domain.CodeBusy, "later")
	g.push(t.Context(), n, &s)
	if len(g.events) != 1 {
		t.Fatal("it was taken for delivered")
	}
	s.fail = nil
	g.push(t.Context(), n, &s)
	if len(g.events) != 0 || len(s.posts) != 1 {
		t.Errorf("%d events left, %d posts", len(g.events), len(s.posts))
	}
}

// TestInstagramMention: the webhook has ids alone; the rest is asked for, and
// the answer goes where mentions are answered (…/webhooks/reference/instagram,
// "mentions"; …/reference/ig-user/mentions).
func TestInstagramMention(t *testing.T) {
	t.Parallel()
	for _, comment := range []bool{false, true} {
		g, n := opened(t, meta.Instagram, meta.Webhook)
		g.mention = &item{id: "31", text: "look, @theshop", at: g.now.Now()}
		value := `{"media_id":"31"}`
		if comment {
			g.mention.id, value = "32", `{"media_id":"31","comment_id":"32"}`
		}
		body := `{"object":"instagram","entry":[{"id":"2000","time":1772366400,"changes":[{"field":"mentions","value":` + value + `}]}]}`
		g.set(func() { g.down = true })
		if _, err := n.ServeHook(t.Context(), hook(body), &taken{}); domain.ErrorCode(err) != domain.CodeUnavailable {
			t.Errorf("what cannot be asked for now: %v; want it to come again", err)
		}
		g.set(func() { g.down, g.Revoked = false, true })
		if _, err := n.ServeHook(t.Context(), hook(body), &taken{}); domain.ErrorCode(err) != domain.CodeUnavailable {
			t.Errorf("what cannot be asked for until there is a new token: %v; want it to come again", err)
		}
		g.set(func() { g.Revoked = false })
		posts := told(t, n, body)
		if len(posts) != 1 || posts[0].ID != g.mention.id || posts[0].Author.ID != "@dora:31" || posts[0].Author.Handle != "Dora" || posts[0].Text != g.mention.text {
			t.Fatalf("got %+v", posts)
		}
		if p, err := n.Fetch(t.Context(), posts[0].Key()); err != nil || p.BodyHash() != posts[0].BodyHash() {
			t.Errorf("fetched %+v, %v; told %+v", p, err, posts[0])
		}
		m := social.Message{Key: "k", To: posts[0].Identity(), Handle: "Dora", InReplyTo: posts[0].ID, Visibility: domain.Public, Text: "Thank you!"}
		g.set(func() { g.next = lost })
		if _, err := n.Send(t.Context(), m); err == nil {
			t.Error("the answer was lost, and nobody says so")
		}
		sent, err := n.Send(t.Context(), m)
		if w := g.sent(); err != nil || len(w) != 1 || sent.PostID != w[0].ID || w[0].Text != "@Dora Thank you!" {
			t.Errorf("sent %+v, %v; written %+v", sent, err, w)
		}
		m.Visibility = domain.Private
		m.Key = "p"
		wantFault(t, n, m, social.FaultCustomer)
	}
}

// TestOurNameIsChanged: a comment is ours by the name that we have now. Our own
// may come under an id of another scope, so that the id does not say it.
func TestOurNameIsChanged(t *testing.T) {
	t.Parallel()
	g := newGraph(t, meta.Instagram)
	state, c, seq := &socialtest.State{}, g.config(meta.Webhook), 900
	n := g.open(c, state)
	own := func(name string) bool {
		t.Helper()
		seq++
		posts := told(t, n, fmt.Sprintf(`{"object":"instagram","entry":[{"id":%q,"time":1772366400,"changes":[{"field":"comments","value":
			{"id":"%d","text":"x","from":{"id":"99887766","username":%q},"media":{"id":"7777"}}}]}]}`, c.Instagram, seq, name))
		if len(posts) != 1 {
			t.Fatalf("got %+v", posts)
		}
		return posts[0].Own
	}
	if !own("TheShop") || own("newshop") {
		t.Error("our own comment is not known by its name, or somebody else's is ours")
	}
	g.set(func() { g.Username, g.down = "newshop", true })
	g.now.Advance(25 * time.Hour)
	if !own("theshop") {
		t.Error("our name was forgotten where it could not be asked for anew")
	}
	g.set(func() { g.down = false })
	g.now.Advance(time.Hour)
	if own("theshop") || !own("newshop") {
		t.Error("our new name is not known a day later, or the old one is ours still")
	}
	calls := g.calls
	n = g.open(c, state)
	if !own("newshop") || g.calls != calls {
		t.Errorf("after a restart %d questions were asked, want none", g.calls-calls)
	}
	c.Instagram = "2001"
	g.set(func() { g.Instagram, g.Username = c.Instagram, "another" })
	n = g.open(c, state)
	if own("newshop") || !own("another") {
		t.Error("another account has the name of the one before")
	}
}

// TestFacebookMention: …/webhooks/reference/page, "mention". What it says is
// asked for, and Fetch gives the same.
func TestFacebookMention(t *testing.T) {
	t.Parallel()
	for _, comment := range []string{"", "55_66"} {
		g, n := opened(t, meta.Facebook, meta.Webhook)
		want := "888_55"
		if comment != "" {
			want = comment
		}
		g.comments = append(g.comments, &item{id: want, author: benID, text: "ask The Shop", at: g.now.Now()})
		kind, answers := "post", ""
		if comment != "" {
			kind, answers = "comment", "888_55"
		}
		posts := told(t, n, fmt.Sprintf(`{"object":"page","entry":[{"id":"1000","time":1772366400,"changes":[{"field":"mention","value":{"item":%q,"verb":"add","post_id":"888_55","comment_id":%q,"sender_name":"B"}}]}]}`, kind, comment))
		if len(posts) != 1 || posts[0].ID != want || posts[0].InReplyTo != answers || posts[0].Author.ID != benID {
			t.Fatalf("%q: got %+v", comment, posts)
		}
		if p, err := n.Fetch(t.Context(), posts[0].Key()); err != nil || p.BodyHash() != posts[0].BodyHash() || p.Revision != posts[0].Revision {
			t.Errorf("%q: fetched %+v, %v; told %+v", comment, p, err, posts[0])
		}
		m := social.Message{Key: "k", To: posts[0].Identity(), InReplyTo: want, Visibility: domain.Public, Text: "Here we are."}
		if _, err := n.Send(t.Context(), m); err != nil || g.sent()[0].InReplyTo != want {
			t.Errorf("%q: %v, %+v", comment, err, g.sent())
		}
	}
}
