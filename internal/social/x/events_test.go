package x

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

// sink keeps what it is given.
type sink struct {
	mu    sync.Mutex
	posts []domain.Post
	fail  error
}

func (s *sink) PostsAccept(_ context.Context, posts []domain.Post) ([]social.Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return socialtest.Accept(posts, func([]domain.Post) error { return s.fail }, func(p domain.Post) { s.posts = append(s.posts, p) })
}

func deliver(t *testing.T, n *Network, body string) ([]domain.Post, error) {
	t.Helper()
	var s sink
	_, err := n.ServeHook(t.Context(), post([]byte(body), consumerSecret), &s)
	for i := range s.posts {
		p := s.posts[i]
		p.Normalize(began)
		if err := p.Validate(); err != nil {
			t.Errorf("post %+v: %v", p, err)
		}
	}
	return s.posts, err
}

func fresh(id string) string { return strings.ReplaceAll(id, "NOW", began.Format(time.RubyDate)) }

// The bodies are those of "Payload examples" and "Support for longform posts"
// (https://docs.x.com/x-api/account-activity/introduction), with other names.
func TestAccountActivity(t *testing.T) {
	n := newSetup(t, Webhook).open()
	posts, err := deliver(t, n, fresh(`{"for_user_id":"`+shop+`","tweet_create_events":[{"created_at":"NOW","id":1,"id_str":"1924465506158878979",
		"text":"@shop The short one… https://t.co/bzbEKj8cd8","truncated":true,"lang":"en",
		"user":{"id_str":"`+ana+`","screen_name":"ana_b","name":"Ana"},
		"in_reply_to_status_id_str":"1924465506158878000","in_reply_to_user_id_str":"`+shop+`",
		"extended_tweet":{"full_text":"@shop Cups &amp; plates, see https://t.co/abcdefghij https://t.co/picture001","entities":{
			"urls":[{"url":"https://t.co/abcdefghij","expanded_url":"https://shop.example/cups"}],
			"user_mentions":[{"id_str":"`+shop+`","screen_name":"shop"}],
			"media":[{"url":"https://t.co/picture001","media_url_https":"https://pbs.twimg.com/media/a.jpg","type":"photo","ext_alt_text":"a cup"}]}}}]}`))
	if err != nil || len(posts) != 1 {
		t.Fatalf("%d posts, %v", len(posts), err)
	}
	p := posts[0]
	if p.Text != "@shop Cups & plates, see https://shop.example/cups" || p.InReplyTo != "1924465506158878000" || p.Author.Handle != "ana_b" || p.Author.ID != ana ||
		p.Unaddressed || p.Own || len(p.Media) != 1 || p.Media[0].Alt != "a cup" || p.Lang != "en" {
		t.Errorf("it came as %+v", p)
	}

	// An edit has another id; its history names the first one.
	posts, err = deliver(t, n, fresh(`{"for_user_id":"`+shop+`","tweet_create_events":[{"created_at":"NOW","id_str":"1557445923210514432","text":"@shop spelled right",
		"edit_history":{"initial_tweet_id":"1557433858676740098","edit_tweet_ids":["1557433858676740098","1557445923210514432"]},
		"user":{"id_str":"`+ana+`"},"entities":{"user_mentions":[{"id_str":"`+shop+`"}]}}]}`))
	if err != nil || len(posts) != 1 || posts[0].ID != "1557433858676740098" || posts[0].Revision != "1557445923210514432" {
		t.Errorf("an edit came as %+v, %v", posts, err)
	}

	posts, err = deliver(t, n, `{"for_user_id":"`+shop+`","tweet_delete_events":[{"status":{"id":"1045405559317569537","user_id":"`+ana+`"},"timestamp_ms":"`+itoa(began.UnixMilli())+`"}]}`)
	if err != nil || len(posts) != 1 || !posts[0].Deleted || posts[0].ID != "1045405559317569537" || posts[0].Author.ID != ana {
		t.Errorf("a deletion came as %+v, %v", posts, err)
	}

	message := `{"for_user_id":"` + shop + `","direct_message_events":[{"type":"message_create","id":"954491830116155396","created_timestamp":"` + itoa(began.UnixMilli()) + `",
		"message_create":{"target":{"recipient_id":"` + shop + `"},"sender_id":"` + ana + `","message_data":{"text":"Hello World!"}}}],
		"users":{"` + ana + `":{"id":"` + ana + `","name":"Ana","screen_name":"ana_b"}}}`
	posts, err = deliver(t, n, message)
	if err != nil || len(posts) != 1 || posts[0].Visibility != domain.Private || posts[0].ID != "dm:954491830116155396" || posts[0].Author.Handle != "ana_b" {
		t.Errorf("a direct message came as %+v, %v", posts, err)
	}
	// What was taken and comes again is not handed in again.
	if posts, err = deliver(t, n, message); err != nil || len(posts) != 0 {
		t.Errorf("a repeat came as %+v, %v", posts, err)
	}
	// Nothing for another account of the same app.
	if posts, err = deliver(t, n, strings.Replace(strings.ReplaceAll(message, "954491830116155396", "954491830116155397"), shop, ben, 1)); err != nil || len(posts) != 0 {
		t.Errorf("another account's came as %+v, %v", posts, err)
	}
}

// A version that a webhook told of is not paid for again when it is looked at.
func TestEditIsCountedOnce(t *testing.T) {
	u := newSetup(t, Webhook)
	n, s := u.open(), &sink{}
	id := u.s.write(tpost{author: ana, text: "@shop hello"}).ids[0]
	u.clock.Advance(time.Second)
	u.s.edit(id, "@shop hello there")
	if _, err := n.ServeHook(t.Context(), post(u.event(id), consumerSecret), s); err != nil || len(s.posts) != 1 || s.posts[0].Revision == "" {
		t.Fatalf("%+v, %v", s.posts, err)
	}
	if _, err := n.Fetch(t.Context(), s.posts[0].Key()); err != nil {
		t.Fatal(err)
	}
	if n.budget.now.Read != 1 {
		t.Errorf("%d posts were counted, want 1", n.budget.now.Read)
	}
}

func TestWhoBlocksUsIsLeftAlone(t *testing.T) {
	u := newSetup(t, Webhook)
	f := u.fixture()
	n := f.Network.(*Network)
	event := func(kind string, at time.Time) {
		t.Helper()
		if _, err := deliver(t, n, `{"for_user_id":"`+shop+`","block_events":[{"type":"`+kind+`","created_timestamp":"`+itoa(at.UnixMilli())+`","source":{"id":"`+ana+`"},"target":{"id":"`+shop+`"}}]}`); err != nil {
			t.Fatal(err)
		}
	}
	send := func(key string) *social.Error {
		_, err := n.Send(t.Context(), social.Message{Key: key, To: f.To, InReplyTo: f.InReplyTo, Visibility: domain.Public, Text: "hello " + key})
		var e *social.Error
		errors.As(err, &e)
		return e
	}
	event("block", began)
	if e := send("a"); e == nil || !e.Blocked || e.Fault != social.FaultCustomer || e.Retry {
		t.Errorf("sent to who blocks us: %v", e)
	}
	event("unblock", began.Add(time.Second))
	event("block", began) // again, and older
	if e := send("b"); e != nil {
		t.Errorf("not sent to who blocks us no more: %v", e)
	}
	if got := f.Count(); got != 1 {
		t.Errorf("%d messages, want 1", got)
	}
}

// Of an unblocking nobody may tell: who writes to us blocks us no more.
func TestWhoWritesAgainBlocksUsNoMore(t *testing.T) {
	for _, private := range []bool{false, true} {
		u := newSetup(t, Webhook)
		f := u.fixture()
		n := f.Network.(*Network)
		at := began.Add(time.Hour)
		u.clock.Advance(time.Hour)
		if _, err := deliver(t, n, `{"for_user_id":"`+shop+`","block_events":[{"type":"block","created_timestamp":"`+itoa(at.UnixMilli())+`","source":{"id":"`+ana+`"},"target":{"id":"`+shop+`"}}]}`); err != nil {
			t.Fatal(err)
		}
		send := func(key string) error {
			_, err := n.Send(t.Context(), social.Message{Key: key, To: f.To, InReplyTo: f.InReplyTo, Visibility: domain.Public, Text: "hello " + key})
			return err
		}
		// What was written before they blocked us, or by the way, says nothing.
		for _, p := range []domain.Post{
			{Network: Name, ID: idAt(began), Author: domain.Author{ID: ana}, At: began, Text: "older", Visibility: domain.Public},
			{Network: Name, ID: idAt(at.Add(time.Minute)), Author: domain.Author{ID: ana}, At: at.Add(time.Minute), Text: "to others", Visibility: domain.Public, Unaddressed: true},
			{Network: Name, ID: idAt(at.Add(2 * time.Minute)), Author: domain.Author{ID: ben}, At: at.Add(2 * time.Minute), Text: "of others", Visibility: domain.Public},
		} {
			if err := n.deliverOnce(t.Context(), &sink{}, []domain.Post{p}); err != nil {
				t.Fatal(err)
			}
		}
		if err := send("a"); err == nil {
			t.Error("sent to who blocks us")
		}
		u.clock.Advance(60 * 24 * time.Hour)
		id := u.writes(socialtest.Draft{Author: "ana", Text: "where is it?", Private: private})
		if _, err := n.ServeHook(t.Context(), post(u.event(id), consumerSecret), &sink{}); err != nil {
			t.Fatal(err)
		}
		if err := send("b"); err != nil {
			t.Errorf("private %v: not sent to who has written to us: %v", private, err)
		}
	}
}

func TestRevokedAccessIsSeen(t *testing.T) {
	for _, body := range []string{
		`{"user_event":{"revoke":{"date_time":"` + began.Format(time.RFC3339) + `","target":{"app_id":"13090192"},"source":{"user_id":"` + shop + `"}}}}`,
		`{"data":{"filter":{},"event_type":"oauth.revoke","payload":{"date_time":"` + began.Format(time.RFC3339) + `","user_id":"` + shop + `"}}}`,
	} {
		n := newSetup(t, Webhook).open()
		if _, err := deliver(t, n, body); err != nil {
			t.Fatal(err)
		}
		if h := n.Health(); !strings.Contains(h.Trouble, "taken back") || h.Mode != "" {
			t.Errorf("health is %+v after %s", h, body)
		}
	}
}

// TestChallenge has its vector from "How to build the CRC response"
// (https://docs.x.com/x-api/webhooks/quickstart): HMAC-SHA256, Base64.
func TestChallenge(t *testing.T) {
	n := newSetup(t, Webhook).open()
	ask := func(token ...string) (social.HookReply, error) {
		return n.ServeHook(t.Context(), social.HookRequest{Method: "GET", Query: map[string][]string{"crc_token": token}}, &sink{})
	}
	r, err := ask("challenge_string")
	// echo -n challenge_string | openssl dgst -sha256 -hmac consumer-secret -binary | base64
	want := `{"response_token":"sha256=S/mG8E9n5SjoGuCqHguvP8K8uuu5ogCPF0dOpIdyZlk="}`
	if err != nil || string(r.Body) != want || r.ContentType != "application/json" {
		t.Errorf("got %s, %v; want %s", r.Body, err, want)
	}
	// Whoever could have any token signed could sign a body.
	for _, token := range []string{"", `{"for_user_id":"1"}`, "[]", "a b", "null", "true", "false", "0", "-12", "1e5", strings.Repeat("a", 300)} {
		if r, err := ask(token); domain.ErrorCode(err) != domain.CodeUnauthorized || len(r.Body) > 0 {
			t.Errorf("%q was signed: %s", token, r.Body)
		}
	}
	// Nobody learns by another answer that X is configured here.
	if _, err := ask(); domain.ErrorCode(err) != domain.CodeUnauthorized {
		t.Errorf("no token: %v", err)
	}
}

// TestOnlyEventsCount: what is signed and tells of nothing is refused, and does
// not make X look connected.
func TestOnlyEventsCount(t *testing.T) {
	n := newSetup(t, Webhook).open()
	for _, body := range []string{"null", "true", "12", `"x"`, "[]", "{}", `{"data":null}`, `{"data":{}}`, `{"for_user_id":""}`} {
		if _, err := deliver(t, n, body); domain.ErrorCode(err) != domain.CodeInvalid {
			t.Errorf("%s: %v", body, err)
		}
	}
	if _, err := deliver(t, n, `{"for_user_id":"`+ben+`","favorite_events":[{}]}`); err != nil {
		t.Error(err)
	}
	if h := n.Health(); h.Mode != "" {
		t.Errorf("health is %+v before any event of ours", h)
	}
	if _, err := deliver(t, n, `{"for_user_id":"`+shop+`","favorite_events":[{}]}`); err != nil || n.Health().Mode != string(Webhook) {
		t.Errorf("%v; health is %+v after one of ours", err, n.Health())
	}
}

func TestHookPassesOnThatTheSinkCannot(t *testing.T) {
	u := newSetup(t, Webhook)
	n := u.open()
	id := u.s.write(tpost{author: ana, text: "@shop hello"}).ids[0]
	s := sink{fail: errors.New("the store is away")}
	if _, err := n.ServeHook(t.Context(), post(u.event(id), consumerSecret), &s); !errors.Is(err, s.fail) {
		t.Errorf("got %v, want the sink's error, so that X tries again", err)
	}
	s.fail = nil
	if _, err := n.ServeHook(t.Context(), post(u.event(id), consumerSecret), &s); err != nil || len(s.posts) != 1 {
		t.Errorf("the second time: %d posts, %v", len(s.posts), err)
	}
	s.fail = domain.Errorf(domain.CodeInvalid, "poison")
	id = u.s.write(tpost{author: ana, text: "@shop poison"}).ids[0]
	if _, err := n.ServeHook(t.Context(), post(u.event(id), consumerSecret), &s); err != nil {
		t.Errorf("a post that is refused for what it is: %v; X would deliver it for ever", err)
	}
}

func TestHookOnlyInItsMode(t *testing.T) {
	n := newSetup(t, Poll).open()
	if _, err := n.ServeHook(t.Context(), post([]byte(`{}`), consumerSecret), &sink{}); domain.ErrorCode(err) != domain.CodeUnauthorized {
		t.Errorf("got %v", err)
	}
}

func FuzzEvents(f *testing.F) {
	f.Add([]byte(`{"for_user_id":"` + shop + `","tweet_create_events":[{"id_str":"1924465506158878979","text":"@shop &amp; https://t.co/abcdefghij","user":{"id_str":"` + ana + `"}}]}`))
	f.Add([]byte(`{"data":{"event_type":"post.mention.create","filter":{"user_id":"` + shop + `"},"payload":{"id":"2080765813578191303","author_id":"` + ana + `","text":"hey @shop","edit_history_tweet_ids":["1"]},"includes":{"users":[{"data":{"id":"` + ana + `"}}]}}}`))
	f.Add([]byte(`{"data":{"event_type":"dm.received","filter":{"user_id":"` + shop + `"},"payload":{"direct_message_events":[{"type":"message_create","id":"2080765901528535096","created_timestamp":"1784928224372","message_create":{"sender_id":"` + ana + `","message_data":{"text":"x"}}}]}}}`))
	f.Add([]byte(`{"block_events":[{"type":"block","created_timestamp":"1518127020304"}],"tweet_delete_events":[{"status":{"id":"1"}}]}`))
	n := bare()
	f.Fuzz(func(t *testing.T, body []byte) {
		h, err := parseEvents(body)
		if err != nil {
			if strings.Contains(err.Error(), `"text"`) {
				t.Errorf("the error quotes the body: %v", err)
			}
			return
		}
		posts, err := n.posts(t.Context(), account{ID: shop, Username: "shop"}, h)
		if err != nil {
			t.Fatal(err)
		}
		valid(t, posts)
	})
}

func FuzzLine(f *testing.F) {
	f.Add([]byte(`{"data":{"id":"1234567890","text":"a @shop","author_id":"` + ana + `","entities":{"urls":[{"url":"https://t.co/abcdefghij","expanded_url":"https://a.example"}]}},"includes":{"users":[{"id":"` + ana + `","username":"ana"}],"media":[{"media_key":"3_1","url":"javascript:x"}]}}`))
	f.Add([]byte(`{"errors":[{"title":"operational-disconnect","type":"https://api.x.com/2/problems/operational-disconnect"}]}`))
	f.Add([]byte("\r"))
	n := bare()
	f.Fuzz(func(t *testing.T, line []byte) {
		posts, _, _ := n.readLine(account{ID: shop, Username: "shop"}, line)
		valid(t, posts)
		var in includes
		if p, e, ok := n.readEvent(account{ID: shop}, line, &in); ok && e.ID != "" {
			valid(t, []domain.Post{p})
		}
		readIncludes(line)
	})
}

// bare is a network that is asked nothing.
func bare() *Network {
	n, err := New(Config{AccessToken: value("a"), AccessTokenSecret: value("b"), ConsumerKey: value("c"), ConsumerSecret: value("d"), DirectMessages: true}, social.Kit{State: &state{}})
	if err != nil {
		panic(err)
	}
	return n
}

// valid wants every store to take the posts.
func valid(t *testing.T, posts []domain.Post) {
	for _, p := range posts {
		p.Normalize(began)
		if err := p.Validate(); err != nil {
			b, _ := json.Marshal(p)
			t.Errorf("%v: %s", err, b)
		}
		for _, m := range p.Media {
			if !strings.HasPrefix(m.URL, "https://") && !strings.HasPrefix(m.URL, "http://") {
				t.Errorf("a medium leads to %q", m.URL)
			}
		}
	}
}
