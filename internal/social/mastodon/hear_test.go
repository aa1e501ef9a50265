package mastodon_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/mastodon"
	"github.com/contact-advocate/advocate/internal/social/mastodon/mastodontest"
)

const notifications = "/api/v1/notifications"

func of(id string) func(domain.Post) bool { return func(p domain.Post) bool { return p.ID == id } }

// TestALongOutage: 500 mentions are more than six pages of 80, the most that
// one answer has (https://docs.joinmastodon.org/methods/notifications/#get).
func TestALongOutage(t *testing.T) {
	t.Parallel()
	for name, restart := range map[string]bool{"reconnects": false, "restarts": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, mastodontest.Options{}, nil)
			d.run()
			first := d.server.Write("ana", mastodontest.Status{Text: "@shop before"})
			d.got("the first post", of(first))
			if restart {
				d.stop()
			} else {
				d.server.Break()
			}
			var want []string
			for i := range 500 {
				want = append(want, d.server.Write("ana", mastodontest.Status{Text: fmt.Sprintf("@shop number %d", i)}))
			}
			if restart {
				d.open()
				d.run()
			}
			d.server.Mend()
			d.got("the last post", of(want[len(want)-1]))
			var got []string
			for _, p := range d.taken() {
				if p.ID != first {
					got = append(got, p.ID)
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%d posts came, want each of %d once, in order", len(got), len(want))
			}
		})
	}
}

// TestAPageOfWhatIsMuted: servers take off a page what the account does not
// want to see after they have cut it, so an empty one is not the end.
func TestAPageOfWhatIsMuted(t *testing.T) {
	t.Parallel()
	d := newDesk(t, mastodontest.Options{NoStreaming: true}, nil)
	d.run()
	d.got("the first post", of(d.server.Write("ana", mastodontest.Status{Text: "@shop before"})))
	d.stop()
	for range 100 {
		d.server.Write("ben", mastodontest.Status{Text: "@shop spam", Muted: true})
	}
	behind := d.server.Write("ana", mastodontest.Status{Text: "@shop behind it"})
	for range 100 {
		d.server.Write("ana", mastodontest.Status{Text: "@shop and more"})
	}
	d.open()
	d.run()
	d.got("what is behind it", of(behind))
}

// TestProgressIsKept: a process that ends in the middle of a long gap goes on
// there, not at the beginning, and leaves nothing out.
func TestProgressIsKept(t *testing.T) {
	t.Parallel()
	d := newDesk(t, mastodontest.Options{NoStreaming: true}, nil)
	var all []string
	for i := range 400 {
		all = append(all, d.server.Write("ana", mastodontest.Status{Text: fmt.Sprintf("@shop number %d", i)}))
	}
	d.sink = func([]domain.Post) error {
		if len(d.posts) >= 160 { // two pages
			return errors.New("the store is away")
		}
		return nil
	}
	d.run()
	d.until("two pages", func() bool { return len(d.taken()) >= 160 })
	d.stop()
	d.mu.Lock()
	d.sink = nil
	d.mu.Unlock()
	d.open()
	d.run()
	d.got("the last post", of(all[len(all)-1]))
	for _, id := range all {
		if d.count(id) != 1 {
			t.Fatalf("post %s came %d times", id, d.count(id))
		}
	}
}

// TestWhatTheStreamLosesIsFoundByAsking: nothing moves the cursor but asking.
func TestWhatTheStreamLosesIsFoundByAsking(t *testing.T) {
	t.Parallel()
	d := newDesk(t, mastodontest.Options{}, nil)
	d.run()
	d.until("listening", func() bool { return d.n.Health().Mode == "stream" })
	d.server.Lose(1)
	lost := d.server.Write("ana", mastodontest.Status{Text: "@shop lost"})
	seen := d.server.Write("ben", mastodontest.Status{Text: "@shop seen"})
	d.got("the post that was streamed", of(seen))
	d.got("the post that was lost", of(lost))
	if d.count(seen) != 1 {
		t.Errorf("the post that came both ways was handed in %d times", d.count(seen))
	}
}

// TestChangesThatNobodyAnnounces: GoToSocial and others tell who is mentioned
// of no edit; what the newest page shows is held against what is known.
func TestChangesThatNobodyAnnounces(t *testing.T) {
	t.Parallel()
	d := newDesk(t, mastodontest.Options{QuietEdits: true, QuietDelete: true}, nil)
	d.run()
	edited := d.server.Write("ana", mastodontest.Status{Text: "@shop my order A-1"})
	deleted := d.server.Write("ana", mastodontest.Status{Text: "@shop a mistake", Visibility: "direct"})
	first := d.got("the post", of(edited))
	d.got("the other post", of(deleted))
	d.until("a round after them", func() bool { return d.n.Health().Mode == "stream" })
	d.server.Edit(edited, "@shop my order A-2")
	now, err := d.n.Fetch(t.Context(), domain.PostKey{Network: d.n.Name(), ID: edited})
	if err != nil || now.Text != "my order A-2" || now.Revision == first.Revision {
		t.Errorf("fetched %q as revision %q, %v", now.Text, now.Revision, err)
	}
	d.stop() // also while nobody ran
	d.server.Delete(deleted)
	d.open()
	d.run()
	d.got("the edit", func(p domain.Post) bool {
		return p.ID == edited && p.Text == "my order A-2" && p.Revision == now.Revision
	})
	gone := d.got("the deletion", func(p domain.Post) bool { return p.ID == deleted && p.Deleted })
	if gone.Author.ID != d.server.ID("ana") || gone.Visibility != domain.Private {
		t.Errorf("the deletion came as %+v", gone)
	}
	if p, err := d.n.Fetch(t.Context(), domain.PostKey{Network: d.n.Name(), ID: deleted}); err != nil || !p.Deleted {
		t.Errorf("fetched what is gone: %+v, %v", p, err)
	}
}

// TestTheServersWordOnItsLimit: X-RateLimit-Reset is an ISO date
// (https://docs.joinmastodon.org/api/rate-limits/).
func TestTheServersWordOnItsLimit(t *testing.T) {
	t.Parallel()
	d := newDesk(t, mastodontest.Options{NoStreaming: true}, nil)
	d.run()
	d.until("asking", func() bool { return d.n.Health().Mode == "poll" })
	d.server.Limit(1)
	before := d.server.Requests(notifications)
	d.until("being limited", func() bool { return d.n.Health().Trouble != "" })
	limited := d.clock.Now()
	d.until("asking again", func() bool { return d.n.Health().Mode == "poll" })
	if waited := d.clock.Now().Sub(limited); waited < 4*time.Minute+50*time.Second {
		t.Errorf("waited %v, though the server said five minutes", waited)
	}
	if asked := d.server.Requests(notifications) - before; asked > 4 {
		t.Errorf("%d requests meanwhile", asked)
	}
	if q := d.n.Health().Quotas; len(q) != 1 || q[0].Of != 300 || q[0].Resets.IsZero() {
		t.Errorf("quota %+v", q)
	}
}

// TestARevokedToken: streaming servers end the connections of a token that is
// revoked; everything is refused from then on.
func TestARevokedToken(t *testing.T) {
	t.Parallel()
	d := newDesk(t, mastodontest.Options{}, nil)
	d.run()
	d.until("listening", func() bool { return d.n.Health().Mode == "stream" })
	d.server.Revoke("shop", true)
	d.until("trouble", func() bool { return strings.Contains(d.n.Health().Trouble, "credentials") })
	meanwhile := d.server.Write("ana", mastodontest.Status{Text: "@shop anybody there?"})
	_, err := d.n.Send(t.Context(), social.Message{Key: "k", To: d.ana(), InReplyTo: meanwhile, Visibility: domain.Public, Text: "Hello."})
	var e *social.Error
	if !errors.As(err, &e) || e.Fault != social.FaultOperator || e.Retry {
		t.Errorf("sending gave %v", err)
	}
	d.server.Revoke("shop", false)
	d.got("what was written meanwhile", of(meanwhile))
	d.until("listening again", func() bool { h := d.n.Health(); return h.Mode == "stream" && h.Trouble == "" && h.Lost > 0 })
	if log := d.log.text(); strings.Contains(log, d.server.Token("shop")) || strings.Contains(log, "anybody") || strings.Contains(log, "ana") {
		t.Errorf("the log tells too much:\n%s", log)
	}
}

// TestAServerThatClosesAfterEachMessage is not hammered, and nothing is lost.
func TestAServerThatClosesAfterEachMessage(t *testing.T) {
	t.Parallel()
	d := newDesk(t, mastodontest.Options{OneEach: true}, nil)
	d.run()
	begun := d.clock.Now()
	for i := range 20 {
		id := d.server.Write("ana", mastodontest.Status{Text: fmt.Sprintf("@shop number %d", i)})
		d.got("each post", of(id))
		if d.count(id) != 1 {
			t.Errorf("a post came %d times", d.count(id))
		}
	}
	passed := d.clock.Now().Sub(begun)
	if n := d.server.Requests("/api/v1/streaming"); n > 12+int(passed/(20*time.Second)) {
		t.Errorf("%d connections in %v", n, passed)
	}
}

// TestTheTokenAsProtocol: Pleroma takes the stream's token as
// Sec-WebSocket-Protocol, not as Authorization.
func TestTheTokenAsProtocol(t *testing.T) {
	t.Parallel()
	d := newDesk(t, mastodontest.Options{ProtocolTok: true}, nil)
	d.run()
	d.until("listening", func() bool { return d.n.Health().Mode == "stream" })
	d.got("a post", of(d.server.Write("ana", mastodontest.Status{Text: "@shop hello"})))
}

// TestPoison: what one hostile server says must not stop the others' posts.
func TestPoison(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]mastodontest.Options{"stream": {}, "poll": {NoStreaming: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, o, nil)
			for i, raw := range []string{
				`5`, `null`, `[]`, `{"id":[],"account":7}`, `{"id":"../../../api/v1/x","account":{"id":"9"}}`,
				`{"id":"77","account":{"id":""}}`, `{"id":"78","account":{"id":"9","acct":"` + strings.Repeat("x", 5000) + `"},"content":"\u0000","created_at":"9999-99-99"}`,
				`{"id":"79","account":{"id":"9"},"content":"` + strings.Repeat("y", 400_000) + `"}`,
			} {
				id := d.server.Write("ben", mastodontest.Status{Text: "@shop poison"})
				d.server.Replace(id, raw)
				if i == 3 {
					d.run()
				}
			}
			d.got("the good post", of(d.server.Write("ana", mastodontest.Status{Text: "@shop wholesome"})))
			for _, p := range d.taken() {
				if p.Normalize(d.clock.Now()); p.Validate() != nil {
					t.Errorf("handed in what is no post: %v", p.Validate())
				}
			}
			if strings.Contains(d.log.text(), "wholesome") || strings.Contains(d.log.text(), "xxxx") {
				t.Error("the log has the text of posts")
			}
		})
	}
}

// TestAPageThatIsTooLarge is asked for in pieces: 80 long posts may be more
// than is read of one answer.
func TestAPageThatIsTooLarge(t *testing.T) {
	t.Parallel()
	d := newDesk(t, mastodontest.Options{NoStreaming: true}, nil)
	var last string
	for range 12 {
		last = d.server.Write("ana", mastodontest.Status{Text: "@shop long"})
	}
	d.server.Bloat(6)
	d.run()
	d.got("the last post", of(last))
	if n := len(d.taken()); n != 12 {
		t.Errorf("%d posts, want 12", n)
	}
}

// TestTheFirstStartLeavesThePastAlone, but hears what comes from then on.
func TestTheFirstStartLeavesThePastAlone(t *testing.T) {
	t.Parallel()
	d := newDesk(t, mastodontest.Options{}, func(c *mastodon.Config) { c.Since = 0 })
	old := d.server.Write("ana", mastodontest.Status{Text: "@shop long ago"})
	d.run()
	d.until("listening", func() bool { return d.n.Health().Mode == "stream" })
	d.until("a round", func() bool { return d.server.Requests(notifications) > 1 })
	d.got("the new post", of(d.server.Write("ana", mastodontest.Status{Text: "@shop now"})))
	if d.count(old) != 0 {
		t.Error("a post from before the first start came")
	}
}

// TestATokenThatIsExchanged is taken up, since it is read for each request.
func TestATokenThatIsExchanged(t *testing.T) {
	t.Setenv("MASTODON_TEST_TOKEN", "old")
	d := newDesk(t, mastodontest.Options{}, func(c *mastodon.Config) { c.Token = secret.Ref{Env: "MASTODON_TEST_TOKEN"} })
	d.run()
	d.until("trouble", func() bool { return d.n.Health().Trouble != "" })
	t.Setenv("MASTODON_TEST_TOKEN", d.server.Token("shop"))
	d.got("a post", of(d.server.Write("ana", mastodontest.Status{Text: "@shop hello"})))
}

// TestCheck tells who we are, and what will not work.
func TestCheck(t *testing.T) {
	t.Parallel()
	d := newDesk(t, mastodontest.Options{GoToSocial: true}, func(c *mastodon.Config) { c.Search = []string{"modem"} })
	got, err := d.n.Check(t.Context())
	if err != nil || got.Account != "@shop@"+d.server.Host() || got.ID != d.server.ID("shop") || !strings.Contains(got.Server, "GoToSocial") {
		t.Errorf("%+v, %v", got, err)
	}
	all := strings.Join(got.Warnings, "\n")
	for _, want := range []string{"private mentions", "full-text search"} {
		if !strings.Contains(all, want) {
			t.Errorf("no warning of %s in:\n%s", want, all)
		}
	}
	if strings.Contains(all, "scope") {
		t.Errorf("all scopes are there, but: %s", all)
	}
	d.server.Revoke("shop", true)
	var e *social.Error
	if _, err := d.n.Check(t.Context()); !errors.As(err, &e) || e.Fault != social.FaultOperator {
		t.Errorf("a revoked token gave %v", err)
	}
}

// TestAnotherAccountsToken is refused while we run: its posts are not ours.
func TestAnotherAccountsToken(t *testing.T) {
	t.Setenv("MASTODON_TEST_TOKEN", "")
	d := newDesk(t, mastodontest.Options{}, func(c *mastodon.Config) { c.Token = secret.Ref{Env: "MASTODON_TEST_TOKEN"} })
	t.Setenv("MASTODON_TEST_TOKEN", d.server.Token("shop"))
	asked := d.server.Write("ana", mastodontest.Status{Text: "@shop hello"})
	if _, err := d.send("1", asked, domain.Public, "Hello."); err != nil {
		t.Fatal(err)
	}
	t.Setenv("MASTODON_TEST_TOKEN", d.server.Token("ben"))
	d.clock.Advance(2 * time.Hour)
	var e *social.Error
	if _, err := d.send("2", asked, domain.Public, "Hello."); !errors.As(err, &e) || e.Fault != social.FaultOperator {
		t.Errorf("got %v", err)
	}
	if n := len(d.server.Written("ben")); n != 0 {
		t.Errorf("%d posts by another account", n)
	}
}

// TestAConnectionAfterALimit: the stream stays although what came before it
// cannot be asked for yet.
func TestAConnectionAfterALimit(t *testing.T) {
	t.Parallel()
	d := newDesk(t, mastodontest.Options{}, nil)
	before := d.server.Write("ana", mastodontest.Status{Text: "@shop before"})
	d.server.Limit(2)
	d.run()
	d.until("listening", func() bool { return d.server.Streams() == 1 })
	d.got("what came by the stream", of(d.server.Write("ben", mastodontest.Status{Text: "@shop now"})))
	d.got("what came before", of(before))
	if n := d.server.Requests("/api/v1/streaming"); n != 1 {
		t.Errorf("%d connections", n)
	}
}
