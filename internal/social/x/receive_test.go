package x

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
	"github.com/contact-advocate/advocate/internal/social/x/xtest"
)

// rounds asks n times, as Run would, and returns what to wait at last.
func rounds(t *testing.T, u *setup, n *Network, s *sink, times int) time.Duration {
	t.Helper()
	var pause time.Duration
	for range times {
		var err error
		if pause, err = n.round(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		u.clock.Advance(u.c.Poll)
	}
	return pause
}

func (u *setup) crowd(n int) (ids []string) {
	for i := range n {
		ids = append(ids, u.s.write(tpost{author: ana, text: fmt.Sprintf("@shop number %d", i)}).ids[0])
	}
	return ids
}

func idsOf(posts []domain.Post) (ids []string) {
	for _, p := range posts {
		if !p.Own {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

func TestOutageIsCaughtUpOnceAndInOrder(t *testing.T) {
	u := newSetup(t, Poll)
	n, s := u.open(), &sink{}
	rounds(t, u, n, s, 1)
	u.clock.Advance(time.Hour)
	want := u.crowd(250)
	u.clock.Advance(time.Hour)
	rounds(t, u, u.open(), s, 3) // the process begins anew
	if got := idsOf(s.posts); !slices.Equal(got, want) {
		t.Errorf("%d posts of %d, or out of order", len(got), len(want))
	}
}

// A round that is too small for all that was missed closes its gap later.
func TestGapIsClosedLater(t *testing.T) {
	u := newSetup(t, Poll)
	n, s := u.open(), &sink{}
	rounds(t, u, n, s, 1)
	want := u.crowd(maxPages*perPage + 150)
	u.clock.Advance(time.Hour)
	rounds(t, u, n, s, 1)
	if got := len(s.posts); got != maxPages*perPage {
		t.Errorf("a round brought %d posts", got)
	}
	more := u.crowd(3)
	rounds(t, u, n, s, 3)
	got := idsOf(s.posts)
	slices.Sort(got)
	if all := append(want, more...); !slices.Equal(got, all) {
		t.Errorf("%d posts came, %d were written", len(got), len(all))
	}
}

// The stream goes on while a gap is closed, and moves no cursor past it.
func TestGapIsClosedBesideTheStream(t *testing.T) {
	u := newSetup(t, Poll)
	u.c.Mode, u.c.Poll = Stream, time.Minute
	n, s := u.open(), &sink{}
	us, err := n.self(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := n.sweep(t.Context(), s, us); err != nil {
		t.Fatal(err)
	}
	want := u.crowd(maxPages*perPage + 150)
	u.clock.Advance(time.Hour)
	if err := n.sweep(t.Context(), s, us); err != nil || len(s.posts) != maxPages*perPage {
		t.Fatalf("a sweep brought %d posts, %v", len(s.posts), err)
	}
	lines, done := make(chan []byte), make(chan error, 1)
	done <- nil
	ended := make(chan error, 1)
	go func() { ended <- n.follow(t.Context(), s, us, lines, done) }()
	tell := func(line []byte) {
		t.Helper()
		select {
		case lines <- line:
		case err := <-ended:
			t.Fatalf("the stream ended with %v", err)
		}
	}
	minute := func() { // each line is done with when the next one is taken
		t.Helper()
		for range 4 {
			u.clock.Advance(20 * time.Second)
			tell(nil)
		}
		tell(nil)
	}
	u.s.refusing(func(w http.ResponseWriter, _ *http.Request) bool {
		xtest.Refuse(w, http.StatusServiceUnavailable, "about:blank", "Over capacity")
		return true
	})
	minute()
	if h := n.Health(); !strings.Contains(h.Trouble, gapsWay) {
		t.Errorf("a sweep that fails is not told: %+v", h)
	}
	u.s.refusing(nil)
	p := u.s.write(tpost{author: ana, text: "@shop one more"})
	tell(encoded(map[string]any{"data": u.s.object(p), "includes": u.s.includes(p)}))
	minute()
	minute()
	close(lines)
	if err := <-ended; err == nil || n.Health().Trouble != "" {
		t.Errorf("it ended with %v; health %+v", err, n.Health())
	}
	got := idsOf(s.posts)
	slices.Sort(got)
	if all := append(want, p.ids[0]); !slices.Equal(got, all) {
		t.Errorf("%d posts came, %d were written", len(got), len(all))
	}
}

// A round that X breaks off hands in what it has read, and goes on there: a page
// that always fails does not stop what was written before it.
func TestReadBeforeALimit(t *testing.T) {
	u := newSetup(t, Poll)
	n, s := u.open(), &sink{}
	rounds(t, u, n, s, 1)
	want := u.crowd(2*perPage + 50)
	pages := 0
	u.s.refusing(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/mentions") {
			return false
		}
		if pages++; r.URL.Query().Get("pagination_token") != "page200" {
			return false
		}
		xtest.Refuse(w, http.StatusTooManyRequests, "about:blank", "Too Many Requests")
		return true
	})
	if _, err := n.round(t.Context(), s); err == nil || len(s.posts) != 2*perPage {
		t.Errorf("%v, %d posts came", err, len(s.posts))
	}
	u.clock.Advance(u.c.Poll)
	if _, err := n.round(t.Context(), s); err != nil || pages != 4 {
		t.Errorf("%v, %d pages were asked for; want 3 and what was left", err, pages)
	}
	got := idsOf(s.posts)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%d posts came, %d were written", len(got), len(want))
	}
}

// What X lists late is read again after a gap was closed as after any round.
func TestListedLateBesideAGap(t *testing.T) {
	u := newSetup(t, Poll)
	n, s := u.open(), &sink{}
	rounds(t, u, n, s, 1)
	u.crowd(maxPages*perPage + 50)
	u.clock.Advance(time.Hour)
	late := u.s.write(tpost{author: ana, text: "@shop not listed yet"})
	u.s.remove(late.id())
	u.crowd(1)
	for range 2 { // cut short, and the rest
		rounds(t, u, n, s, 1)
		u.clock.Advance(time.Minute)
	}
	u.s.mu.Lock()
	late.gone = false
	u.s.mu.Unlock()
	rounds(t, u, n, s, 1)
	if got := idsOf(s.posts); !slices.Contains(got, late.id()) || len(got) != maxPages*perPage+52 {
		t.Errorf("%d posts came; want all, and the late one", len(got))
	}
}

// hearsOf is a sink that tells of its first call.
type hearsOf struct {
	*sink
	once   sync.Once
	called chan struct{}
}

func (h *hearsOf) PostsAccept(ctx context.Context, posts []domain.Post) ([]social.Result, error) {
	defer h.once.Do(func() { close(h.called) })
	return h.sink.PostsAccept(ctx, posts)
}

func TestNothingIsLostWhereTheCursorCannotMove(t *testing.T) {
	u := newSetup(t, Poll)
	n, s := u.open(), &sink{}
	rounds(t, u, n, s, 1)
	want := u.crowd(5)
	u.clock.Advance(2 * overlap) // none of them would be read again by that
	want = append(want, u.crowd(1)...)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.fail = domain.Errorf(domain.CodeUnavailable, "away")
	away := &hearsOf{sink: s, called: make(chan struct{})}
	done := make(chan error, 1)
	go func() {
		_, err := n.round(ctx, away)
		done <- err
	}()
	select {
	case <-away.called:
	case err := <-done:
		t.Fatalf("the round ended without the sink, %v", err)
	}
	cancel()
	if err := <-done; err == nil {
		t.Error("the round went well without a sink")
	}
	s.fail = nil
	rounds(t, u, u.open(), s, 1)
	if got := idsOf(s.posts); !slices.Equal(got, want) {
		t.Errorf("%v came, %v was written", got, want)
	}
}

func TestBudget(t *testing.T) {
	u := newSetup(t, Poll)
	u.c.PostsPerMonth, u.c.DirectMessages = 300, false
	n, s := u.open(), &sink{}
	rounds(t, u, n, s, 1)
	// 12:00 on the 14th: 13.5 days of 31 are gone, so that 160 may be read.
	want := u.crowd(400)
	pause := rounds(t, u, n, s, 3)
	read := len(s.posts)
	if allowed := n.allowed(u.clock.Now()); int64(read) > allowed+9 || int64(read) < allowed-9 || allowed > 170 {
		t.Errorf("%d posts were read; %d may be by now", read, allowed)
	}
	if pause <= u.c.Poll || !strings.Contains(n.Health().Trouble, "later") {
		t.Errorf("it goes on in %v, trouble %q; want it slowed down", pause, n.Health().Trouble)
	}
	// As Run would, wait for the next post each time, to the end of the month.
	warned := false
	for u.clock.Now().Month() == time.March && n.budget.now.Read < 300 {
		pause, err := n.round(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		if q := n.Health().Quotas; len(q) == 0 || q[0].Of != 300 || q[0].Left != max(300-n.budget.now.Read, 0) {
			t.Fatalf("quotas are %+v", q)
		}
		warned = warned || strings.Contains(n.Health().Trouble, "80 %")
		u.clock.Advance(pause)
	}
	if !warned {
		t.Error("nobody was warned at 80 %")
	}
	if day := u.clock.Now().Day(); u.clock.Now().Month() == time.March && day < 25 {
		t.Errorf("the month's posts were used up on the %dth", day)
	}
	if len(s.posts) > 309 {
		t.Errorf("%d posts were read of 300", len(s.posts))
	}
	pause, err := n.round(t.Context(), s)
	if err != nil || u.clock.Now().Month() == time.March && (!strings.Contains(n.Health().Trouble, "used up") || pause < time.Hour) {
		t.Errorf("at the end: pause %v, trouble %q, %v", pause, n.Health().Trouble, err)
	}
	u.clock.Set(time.Date(2026, 4, 30, 0, 0, 0, 0, time.UTC))
	rounds(t, u, n, s, 4)
	got := idsOf(s.posts)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%d posts came in all, %d were written", len(got), len(want))
	}
}

// X charges for a post once a day ("Deduplication"), and an empty answer costs
// nothing.
func TestReadAgainIsNotCountedAgain(t *testing.T) {
	u := newSetup(t, Poll)
	n, s := u.open(), &sink{}
	rounds(t, u, n, s, 1)
	id := u.crowd(1)[0]
	rounds(t, u, n, s, 5)
	if _, err := n.Fetch(t.Context(), domain.PostKey{Network: Name, ID: id}); err != nil {
		t.Fatal(err)
	}
	if got := n.budget.now.Read; got != 1 || len(s.posts) != 1 {
		t.Errorf("%d posts were counted, %d came; want 1", got, len(s.posts))
	}
}

// Posts that could not be counted are counted when they are read again.
func TestCountedOnlyWhenKept(t *testing.T) {
	u := newSetup(t, Poll)
	n := u.open()
	u.state.Refuse(errors.New("the disk is full"))
	if _, err := n.spend(t.Context(), "1", "2"); err == nil {
		t.Error("it was counted nowhere, and nobody says so")
	}
	u.state.Refuse(nil)
	for range 2 {
		if read, err := n.spend(t.Context(), "1", "2", "2"); err != nil || read != 2 {
			t.Errorf("%d posts were counted, %v; want 2", read, err)
		}
	}
}

func TestSearchesComeAfterMentions(t *testing.T) {
	u := newSetup(t, Poll)
	u.c.PostsPerMonth, u.c.DirectMessages = 100, false
	n, s := u.open(), &sink{}
	rounds(t, u, n, s, 1)
	u.crowd(45) // of 53 that may be read
	u.s.write(tpost{author: ben, text: "telling everybody"})
	rounds(t, u, n, s, 2)
	if slices.ContainsFunc(s.posts, func(p domain.Post) bool { return p.Unaddressed }) {
		t.Error("a search was paid for while the budget was short")
	}
}

func TestQueries(t *testing.T) {
	words := []string{"broken cup", "#shop"}
	if got := queries(words, "shop", 512); !slices.Equal(got, []string{`("broken cup" OR #shop) -is:retweet -from:shop`}) {
		t.Errorf("got %q", got)
	}
	var many []string
	for i := range maxSearch {
		many = append(many, fmt.Sprintf("%s%02d", strings.Repeat("w", maxPhrase-2), i))
	}
	all := ""
	for _, q := range queries(many, "shop", 512) {
		if len(q) > 512 {
			t.Errorf("a query of %d characters", len(q))
		}
		all += q
	}
	for _, w := range many {
		if !strings.Contains(all, `"`+w+`"`) {
			t.Errorf("%q is not searched for", w)
		}
	}
}

func TestWhatIsWrittenToUs(t *testing.T) {
	us := account{ID: shop, Username: "Shop"}
	for _, c := range []struct {
		name string
		s    said
		want bool
	}{
		{"a mention", said{mentions: []string{shop, "shop"}}, true},
		{"a mention by name alone", said{mentions: []string{"", "shop"}}, true},
		{"somebody else's name", said{mentions: []string{ben, "shopping"}}, false},
		{"an answer to us", said{replyTo: "9", replyAs: shop}, true},
		{"going on in their own thread to us", said{replyTo: "9", replyAs: ana, mentions: []string{shop}}, true},
		{"an answer to somebody else in a thread with us", said{replyTo: "9", replyAs: ben, mentions: []string{shop}}, false},
	} {
		c.s.author.ID = ana
		if got := addressed(us, &c.s); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestReadTweet(t *testing.T) {
	n := bare()
	us := account{ID: shop, Username: "shop"}
	read := func(js, includes string) (domain.Post, bool) {
		in := readIncludes([]byte(includes))
		p, _, ok := n.readTweet(us, []byte(js), &in)
		return p, ok
	}
	// A long post is whole in note_tweet
	// (https://docs.x.com/x-api/fundamentals/data-dictionary); an answer to an
	// edited post is one to its first version.
	p, ok := read(`{"id":"1557445923210514433","text":"@shop begins… https://t.co/picture001","author_id":"`+ana+`","created_at":"2026-03-14T12:00:00.000Z","lang":"und",
		"note_tweet":{"text":"@shop begins and ends &lt;here&gt; https://t.co/abcdefghij"},
		"entities":{"urls":[{"url":"https://t.co/picture001","expanded_url":"https://x.com/a/status/1/photo/1","media_key":"3_1"},{"url":"https://t.co/abcdefghij","expanded_url":"https://a.example/?a=1&b=2"}],"mentions":[{"username":"SHOP"}]},
		"attachments":{"media_keys":["3_1","3_2"]},"referenced_tweets":[{"type":"replied_to","id":"1557445923210514432"}]}`,
		`{"users":[{"id":"`+ana+`","name":"Ana","username":"ana_b"}],"tweets":[{"id":"1557445923210514432","author_id":"`+ana+`","edit_history_tweet_ids":["1557433858676740098","1557445923210514432"]}],
		"media":[{"media_key":"3_1","type":"photo","url":"https://pbs.twimg.com/media/a.jpg","alt_text":"a cup"},{"media_key":"3_2","url":"javascript:alert(1)"}]}`)
	if !ok || p.Text != "@shop begins and ends <here> https://a.example/?a=1&b=2" || p.InReplyTo != "1557433858676740098" || p.Unaddressed || p.Lang != "" ||
		len(p.Media) != 1 || p.Media[0].Alt != "a cup" || p.Revision != "" || !p.At.Equal(began) || p.Author.Handle != "ana_b" {
		t.Errorf("got %+v, %v", p, ok)
	}
	// The newest reference names the fields after posts.
	p, ok = read(`{"id":"1557445923210514432","text":"x","author_id":"`+shop+`","edit_history_post_ids":["1557433858676740098","1557445923210514432"],"referenced_posts":[{"type":"retweeted","id":"1"}]}`, `{}`)
	if !ok || p.ID != "1557433858676740098" || p.Revision != "1557445923210514432" || !p.Reshare || !p.Own {
		t.Errorf("got %+v, %v", p, ok)
	}
	// A post cannot rewrite itself with a link that is no t.co link.
	p, ok = read(`{"id":"1557445923210514432","text":"a b a b","author_id":"`+ana+`","entities":{"urls":[{"url":"a","expanded_url":"https://evil.example"},{"url":"https://t.co/abcdefghij","expanded_url":"javascript:x"}]}}`, `null`)
	if !ok || p.Text != "a b a b" {
		t.Errorf("got %+v, %v", p, ok)
	}
	for _, js := range []string{`{}`, `[]`, `{"id":"01","author_id":"1"}`, `{"id":"1","author_id":"../../x"}`, `{"id":1,"author_id":"1"}`} {
		if p, ok := read(js, `{}`); ok {
			t.Errorf("%s came as %+v", js, p)
		}
	}
}

// One post that is not as it should be does not stop the others.
func TestPoisonedPage(t *testing.T) {
	u := newSetup(t, Poll)
	n, s := u.open(), &sink{}
	rounds(t, u, n, s, 1)
	u.s.write(tpost{author: ana, text: "@shop poison", extra: map[string]any{"author_id": 7, "entities": "no"}})
	want := u.crowd(1)
	rounds(t, u, n, s, 2)
	if got := idsOf(s.posts); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if strings.Contains(u.logs.String(), "poison") {
		t.Error("the log has a post's text")
	}
}

// A stream tells with a line of its own that it ends ("Error messages" of
// https://docs.x.com/x-api/fundamentals/consuming-streaming-data), and a silent
// one has died.
func TestStreamEnds(t *testing.T) {
	n := bare()
	us := account{ID: shop, Username: "shop"}
	for _, line := range []string{
		`{"errors":[{"title":"operational-disconnect","disconnect_type":"UpstreamOperationalDisconnect","type":"https://api.x.com/2/problems/operational-disconnect"}]}`,
		`{"title":"ConnectionException","connection_issue":"TooManyConnections","type":"https://api.x.com/2/problems/streaming-connection"}`,
	} {
		if _, _, err := n.readLine(us, []byte(line)); err == nil {
			t.Errorf("it goes on after %s", line)
		}
	}
	for _, line := range []string{"", "\r", "{", `{"new":"message"}`, `{"data":null}`, `{"data":{"id":"x"}}`} {
		if posts, _, err := n.readLine(us, []byte(line)); err != nil || len(posts) > 0 {
			t.Errorf("%q: %v, %v", line, posts, err)
		}
	}

	u := newSetup(t, Poll)
	n = u.open()
	done := make(chan error, 1)
	go func() { done <- n.follow(t.Context(), &sink{}, us, make(chan []byte), make(chan error)) }()
	for {
		select {
		case err := <-done:
			if err == nil || !strings.Contains(err.Error(), "sign of life") {
				t.Errorf("a silent stream ended with %v", err)
			}
			return
		default:
			u.clock.Advance(time.Second)
		}
	}
}

// Our rules are told from others' by their tag, and follow the configuration.
func TestRules(t *testing.T) {
	u := newSetup(t, Stream)
	u.s.mu.Lock()
	u.s.rules = []rule{{ID: "1", Value: "cats", Tag: "another program"}, {ID: "2", Value: "(old) -is:retweet", Tag: "advocate"}}
	u.s.mu.Unlock()
	n := u.open()
	for range 2 {
		if err := n.setRules(t.Context(), account{ID: shop, Username: "shop"}); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	u.s.mu.Lock()
	for _, r := range u.s.rules {
		got = append(got, r.Value)
	}
	u.s.mu.Unlock()
	want := []string{"cats", "(@shop OR to:shop OR from:shop) -is:retweet", `("telling everybody" OR #shop) -is:retweet -from:shop`}
	if !slices.Equal(got, want) {
		t.Errorf("the rules are %q, want %q", got, want)
	}
}

func TestStreamRefused(t *testing.T) {
	u := newSetup(t, Stream)
	u.s.refusing(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/2/tweets/search/stream" {
			return false
		}
		w.Header().Set("x-rate-limit-remaining", "0")
		w.Header().Set("x-rate-limit-reset", itoa(time.Now().Add(10*time.Minute).Unix()))
		xtest.Refuse(w, 429, "https://api.x.com/2/problems/streaming-connection", "This stream is currently at the maximum allowed connection limit.")
		return true
	})
	_, err := u.open().stream(t.Context(), &sink{})
	if e := asError(t, err); !e.Retry || e.After < 9*time.Minute {
		t.Errorf("got %+v", e)
	}
}

func TestCursorIsKeptWhole(t *testing.T) {
	b, err := json.Marshal(cursor{Since: "1", Top: "3", Until: "2"})
	if err != nil || string(b) != `{"since":"1","top":"3","until":"2"}` {
		t.Errorf("%s, %v", b, err)
	}
}

// TestASecretThatComesLater is taken up by a server that runs, also where it
// asks only once a day.
func TestASecretThatComesLater(t *testing.T) {
	t.Parallel()
	for _, mode := range []Mode{Webhook, Poll} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			u := newSetup(t, mode)
			socialtest.TakesUpASecret(t, accessToken, func(path string, c *socialtest.Hasty) social.Network {
				u.kit.Clock, u.c.DirectMessages, u.c.AccessToken = c, false, secret.Ref{File: path}
				return u.open()
			})
		})
	}
}
