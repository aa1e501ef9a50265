package x

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
	"github.com/contact-advocate/advocate/internal/social/x/xtest"
)

func asError(t *testing.T, err error) *social.Error {
	t.Helper()
	var e *social.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a *social.Error", err)
	}
	for _, s := range []string{consumerSecret, accessToken, bearer, "access-secret", "refresh-"} {
		if strings.Contains(err.Error(), s) || strings.Contains(e.Safe, s) {
			t.Errorf("the error %q holds a secret", err)
		}
	}
	return e
}

func TestRefusals(t *testing.T) {
	const plain = "about:blank"
	reset := itoa(began.Add(3 * time.Hour).Unix())
	for _, c := range []struct {
		name    string
		private bool
		code    int
		kind    string
		detail  string
		header  map[string]string
		fault   social.Fault
		blocked bool
		closed  bool
		retry   bool
		after   time.Duration
	}{
		{name: "gone", code: 403, detail: "You attempted to reply to a Tweet that is deleted or not visible to you.", fault: social.FaultCustomer},
		{name: "blocks us", code: 403, detail: "You have been blocked from the author of this tweet", fault: social.FaultCustomer, blocked: true},
		{name: "lets nobody answer", code: 403, detail: "The original Tweet author restricted who can reply to this Tweet.", fault: social.FaultCustomer},
		{name: "has not mentioned us", code: 403, detail: "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author of the post you are replying to.", fault: social.FaultCustomer},
		{name: "read only", code: 403, detail: "Your client app is not configured with the appropriate oauth1 app permissions for this endpoint.", fault: social.FaultOperator},
		{name: "not in the tier", code: 403, kind: "https://api.x.com/2/problems/client-forbidden", detail: "x", fault: social.FaultOperator},
		{name: "anything", code: 403, detail: "You are not permitted to perform this action.", fault: social.FaultOperator},
		{name: "no credit", code: 402, detail: "no credits", fault: social.FaultOperator, retry: true, after: creditPause},
		{name: "the month's cap", code: 429, kind: "https://api.x.com/2/problems/usage-capped", detail: "Usage cap exceeded", fault: social.FaultOperator, retry: true, after: capPause},
		{name: "the day's limit", code: 429, detail: "Too Many Requests", fault: social.FaultNetwork, retry: true, after: 3 * time.Hour,
			header: map[string]string{"x-rate-limit-remaining": "99", "x-rate-limit-reset": itoa(began.Add(time.Minute).Unix()), "x-user-limit-24hour-remaining": "0", "x-user-limit-24hour-reset": reset}},
		{name: "down", code: 503, detail: "x", fault: social.FaultNetwork, retry: true},
		{name: "takes no direct messages", private: true, code: 403, detail: "You do not have permission to DM one or more participants.", fault: social.FaultCustomer, closed: true},
		{name: "cannot be written to", private: true, code: 403, detail: "You cannot send messages to this user.", fault: social.FaultCustomer, closed: true},
		{name: "is not there", private: true, code: 404, detail: "Not Found", fault: social.FaultCustomer},
	} {
		t.Run(c.name, func(t *testing.T) {
			u := newSetup(t, Poll)
			f := u.fixture()
			u.s.refusing(func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method != http.MethodPost {
					return false
				}
				for k, v := range c.header {
					w.Header().Set(k, v)
				}
				kind := c.kind
				if kind == "" {
					kind = plain
				}
				xtest.Refuse(w, c.code, kind, c.detail)
				return true
			})
			m := social.Message{Key: "k", To: f.To, InReplyTo: f.InReplyTo, Visibility: domain.Public, Text: "hello"}
			if c.private {
				m.Visibility = domain.Private
			}
			_, err := f.Network.Send(t.Context(), m)
			e := asError(t, err)
			if e.Fault != c.fault || e.Blocked != c.blocked || e.Closed != c.closed || e.Retry != c.retry || c.after > 0 && e.After != c.after || e.Safe == "" || strings.Contains(e.Safe, "Tweet") {
				t.Errorf("got %+v", e)
			}
		})
	}
}

// A gateway's page says nothing of a post: what it answers stays, and is answered
// later. X says in its own words that something is gone.
func TestAGatewaysPage(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter)
		gone   bool
	}{
		"a page":       {func(w http.ResponseWriter) { http.Error(w, "<html>no such site</html>", http.StatusNotFound) }, false},
		"no such path": {func(w http.ResponseWriter) { xtest.Refuse(w, http.StatusNotFound, "about:blank", "Not Found") }, false},
		"X's own words": {func(w http.ResponseWriter) {
			xtest.Refuse(w, http.StatusNotFound, "https://api.x.com/2/problems/resource-not-found", "Could not find tweet.")
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			u := newSetup(t, Poll)
			f := u.fixture()
			u.s.refusing(func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.Contains(r.URL.Path, "/tweets") {
					return false
				}
				c.answer(w)
				return true
			})
			p, err := f.Network.(social.Fetcher).Fetch(t.Context(), domain.PostKey{Network: Name, ID: f.InReplyTo})
			if c.gone && (err != nil || !p.Deleted) {
				t.Errorf("it came as %+v, %v", p, err)
			}
			if !c.gone && !asError(t, err).Retry {
				t.Errorf("it came as %+v, %v", p, err)
			}
			if name == "a page" {
				_, err := f.Network.Send(t.Context(), social.Message{Key: "k", To: f.To, InReplyTo: f.InReplyTo, Visibility: domain.Public, Text: "hello"})
				if e := asError(t, err); !e.Retry {
					t.Errorf("the answer is given up: %v", e)
				}
			}
		})
	}
}

// An answer calls its customer alone, not everybody whom the post names.
func TestAnAnswerCallsNobodyElse(t *testing.T) {
	u := newSetup(t, Poll)
	u.c.Parts = 3
	f := u.fixture()
	entities := map[string]any{"mentions": []any{
		map[string]any{"id": shop, "username": "shop"}, map[string]any{"id": ben, "username": "ben_c"}, map[string]any{"id": ana, "username": "ana_b"}, map[string]any{"id": ben, "username": "ben_c"},
	}}
	asked := u.s.write(tpost{author: ana, text: "@shop @ben_c where is it?", extra: map[string]any{"entities": entities}}).ids[0]
	m := social.Message{Key: "k", To: f.To, InReplyTo: asked, Visibility: domain.Public, Text: strings.Repeat("It is on its way to you. ", 20)}
	if _, err := f.Network.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	m.Key, m.InReplyTo, m.Text = "l", f.InReplyTo, "Here."
	if _, err := f.Network.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	want := [][]string{{ben}, nil, nil}
	if len(u.s.without) != len(want) || !slices.EqualFunc(u.s.without, want, slices.Equal) {
		t.Errorf("left out are %q, want %q", u.s.without, want)
	}
}

// An answer whose reply was lost may not be seen among our posts yet: X itself
// then refuses it as a repeat, and it is found later.
func TestRepeatIsFoundLater(t *testing.T) {
	u := newSetup(t, Poll)
	f := u.fixture()
	f.Next(socialtest.LostReply)
	m := social.Message{Key: "k", To: f.To, InReplyTo: f.InReplyTo, Visibility: domain.Public, Text: "see https://shop.example/a & <more>"}
	if _, err := f.Network.Send(t.Context(), m); err == nil {
		t.Fatal("no answer was lost")
	}
	// The timeline lags.
	u.s.refusing(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/tweets") && r.Method == http.MethodGet {
			xtest.Answer(w, map[string]any{"meta": map[string]any{"result_count": 0}})
			return true
		}
		return false
	})
	_, err := f.Network.Send(t.Context(), m)
	if e := asError(t, err); !e.Retry || e.After != duplicatePause {
		t.Errorf("got %+v, want to try again in a while", e)
	}
	u.s.refusing(nil)
	sent, err := f.Network.Send(t.Context(), m)
	if err != nil || f.Count() != 1 || sent.PostID != f.Written()[0].ID {
		t.Errorf("sent %+v, %v; %d messages", sent, err, f.Count())
	}
}

// The same words to the same person, an hour before, are not this message.
func TestSameWordsBeforeAreNotThisMessage(t *testing.T) {
	u := newSetup(t, Poll)
	f := u.fixture()
	m := social.Message{Key: "first", To: f.To, Visibility: domain.Private, Text: "We are looking into it."}
	if _, err := f.Network.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	u.clock.Advance(time.Hour)
	m.Key = "second"
	f.Next(socialtest.Down)
	if _, err := f.Network.Send(t.Context(), m); err == nil {
		t.Fatal("it was not down")
	}
	if _, err := f.Network.Send(t.Context(), m); err != nil || f.Count() != 2 {
		t.Errorf("%d messages, %v; want 2", f.Count(), err)
	}
}

// A post that X takes whole is not split for its links.
func TestBareLinkIsCountedOnce(t *testing.T) {
	u := newSetup(t, Poll)
	f := u.fixture()
	text := strings.Repeat("word ", 51) + "see a.example" // 259 and a link: too much by 2
	fits := strings.TrimPrefix(text, "wo")
	for text, want := range map[string]int{fits: 1, text: 2} {
		before := f.Count()
		if _, err := f.Network.Send(t.Context(), social.Message{Key: text, To: f.To, InReplyTo: f.InReplyTo, Visibility: domain.Public, Text: text}); err != nil {
			t.Fatal(err)
		}
		if got := f.Count() - before; got != want {
			t.Errorf("%d characters left in %d posts, want %d", len(text), got, want)
		}
	}
}

func TestSame(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"@ana_b @ben Hello there", "Hello  there", true},
		{"see https://t.co/abcdefghij", "see https://shop.example/x", true},
		{"Hello", "Hello!", false},
	} {
		if got := same(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
	}
}

// X gives a refresh token once; the next one is kept
// (https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token,
// "Step 5").
func TestRefreshTokensAreKept(t *testing.T) {
	u := newSetup(t, Poll)
	u.c.AccessToken, u.c.AccessTokenSecret, u.c.ConsumerKey = secret.Ref{}, secret.Ref{}, secret.Ref{}
	u.c.ClientID, u.c.RefreshToken = "client", value("refresh-0")
	n := u.open()
	check := func(n *Network) error {
		_, err := n.Check(t.Context())
		return err
	}
	if err := check(n); err != nil {
		t.Fatal(err)
	}
	if err := check(u.open()); err != nil { // a restart: the token that was configured is used up
		t.Fatal(err)
	}
	u.clock.Advance(3 * time.Hour)
	if err := check(n); err != nil {
		t.Fatal(err)
	}
	u.clock.Advance(5 * time.Minute)
	u.s.mu.Lock()
	u.s.access = "taken back" // before its time
	u.s.mu.Unlock()
	if err := check(n); err != nil {
		t.Fatal(err)
	}
	u.clock.Advance(3 * time.Hour)
	u.s.mu.Lock()
	clear(u.s.grants) // the account has taken back the access
	u.s.mu.Unlock()
	for range 3 {
		if e := asError(t, check(n)); e.Retry || e.Fault != social.FaultOperator {
			t.Errorf("got %+v", e)
		}
	}
	tries := 0
	u.s.mu.Lock()
	asked := u.s.asked
	u.s.mu.Unlock()
	for _, r := range asked {
		if strings.HasSuffix(r, "/token") {
			tries++
		}
	}
	if tries != 4 {
		t.Errorf("the token was asked for %d times, want 4: what was refused is left alone for a while", tries)
	}
	u.s.mu.Lock()
	u.s.grants["refresh-new"] = "refresh-2"
	u.s.mu.Unlock()
	u.c.RefreshToken = value("refresh-new") // signed in anew
	if err := check(u.open()); err != nil {
		t.Errorf("a new sign-in is not taken up: %v", err)
	}
	if s := u.logs.String(); strings.Contains(s, "refresh-") || strings.Contains(s, "access-of") {
		t.Error("the log has a token")
	}
}

func TestCheck(t *testing.T) {
	u := newSetup(t, Webhook)
	u.s.app.Level = "read"
	c, err := u.open().Check(t.Context())
	all := strings.Join(c.Warnings, "\n")
	if err != nil || c.ID != shop || c.Account != "@shop" || !strings.Contains(all, "only read") || !strings.Contains(all, "invalid") || !strings.Contains(all, "mention or quote") {
		t.Errorf("got %+v, %v", c, err)
	}
}

func TestConfig(t *testing.T) {
	good := newSetup(t, Poll).c
	for _, c := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"as it is", func(*Config) {}, ""},
		{"a mode", func(c *Config) { c.Mode = "pull" }, "mode: is"},
		{"a tier", func(c *Config) { c.Tier = "gold" }, "tier: is"},
		{"no stream", func(c *Config) { c.Tier, c.Mode = "basic", Stream }, "no filtered stream"},
		{"no messages", func(c *Config) { c.Tier = "free" }, "direct_messages"},
		{"no backfill", func(c *Config) { c.Mode, c.Backfill = Stream, 5 }, "backfill"},
		{"no number", func(c *Config) { c.Tier, c.PostsPerMonth = "enterprise", 0 }, "posts_per_month"},
		{"no credentials", func(c *Config) { c.AccessToken, c.AccessTokenSecret = secret.Ref{}, secret.Ref{} }, "access_token"},
		{"half of them", func(c *Config) { c.AccessTokenSecret = secret.Ref{} }, "access_token"},
		{"both of them", func(c *Config) { c.ClientID = "x" }, "one of them"},
		{"no bearer", func(c *Config) { c.Mode, c.BearerToken = Stream, secret.Ref{} }, "bearer_token"},
		{"too often", func(c *Config) { c.Poll = time.Second }, "poll: is"},
		{"an operator's way out", func(c *Config) { c.Search = []string{`a" OR from:x "`} }, "search[0]"},
		{"a label with a path", func(c *Config) { c.Account = "../x" }, "account: is"},
		{"plain http", func(c *Config) { c.AllowPrivate = false }, "api: http"},
	} {
		conf := good
		c.change(&conf)
		err := conf.Check()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
	var d Config
	d.ClientID, d.RefreshToken = "client", value("r")
	if err := d.Check(); err != nil || d.Mode != Poll || d.Tier != payPerUse || d.PostsPerMonth != 10_000 || d.Poll != time.Minute || d.Parts != 3 || d.API != "https://api.x.com" {
		t.Errorf("the defaults are %+v, %v", d, err)
	}
}
