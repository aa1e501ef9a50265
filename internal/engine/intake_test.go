package engine_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/store"
)

func TestFirstPostMakesACustomerAndIsAnswered(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		id := k.take(k.post("ann", "hello, a question about your shop"))
		if got := k.inputs(id); !slices.Equal(got, []string{"post p1"}) {
			t.Fatalf("the post was not decided in the turn that took it: %v", got)
		}
		k.settle()
		if sent := k.net.Sent(); len(sent) != 1 || !strings.Contains(sent[0].Text, "Hello") || sent[0].To.Author != "ann" {
			t.Fatalf("sent %+v", sent)
		}
		if got := k.inputs(id); !slices.Equal(got, []string{"post p1", "reply done"}) {
			t.Fatalf("inputs %v", got)
		}
		if again := k.take(k.post("ann", "and another thing")); again != id {
			t.Fatalf("the second post of one author woke %v, not %v", again, id)
		}
		if other := k.take(k.post("ben", "hello")); other == id {
			t.Fatal("two authors share a customer")
		}
	})
}

func TestRepeatsAndConflicts(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		p := k.post("ann", "hello there")
		id := k.take(p)
		if r := k.submit(p)[0]; !r.Duplicate || r.Customer != id {
			t.Fatalf("a repeat gave %+v", r)
		}
		changed := p
		changed.Text = "something else entirely"
		wantCode(t, k.submit(changed)[0].Err, domain.CodeConflict)
		changed.Revision = "2"
		if r := k.submit(changed)[0]; r.Err != nil || r.Duplicate || r.Customer != id {
			t.Fatalf("an edit gave %+v", r)
		}
		if r := k.submit(changed)[0]; !r.Duplicate {
			t.Fatalf("a repeated edit gave %+v", r)
		}
		if r := k.submit(p)[0]; !r.Duplicate {
			t.Fatalf("a late repeat of the first text gave %+v", r)
		}
		same := changed
		same.Revision = "3"
		if r := k.submit(same)[0]; !r.Duplicate {
			t.Fatalf("a revision without a change gave %+v", r)
		}
		foreign := changed
		foreign.Revision, foreign.Author.ID = "4", "eve"
		wantCode(t, k.submit(foreign)[0].Err, domain.CodeConflict)
		gone := domain.Post{Network: p.Network, ID: p.ID, Author: p.Author, Deleted: true}
		if r := k.submit(gone)[0]; r.Err != nil || r.Customer != id {
			t.Fatalf("a deletion gave %+v", r)
		}
		if r := k.submit(gone)[0]; !r.Duplicate {
			t.Fatalf("a repeated deletion gave %+v", r)
		}
		got := slices.DeleteFunc(k.inputs(id), func(s string) bool { return strings.HasPrefix(s, "reply") })
		if !slices.Equal(got, []string{"post p1", "edited p1", "deleted p1"}) {
			t.Fatalf("inputs %v", got)
		}
	})
}

func TestOneBatch(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		a, b, c := k.post("ann", "my order is late (1/2)"), k.post("ann", "and nobody answers (2/2)"), k.post("ben", "hello")
		bad := k.post("", "nobody wrote this")
		edit := b
		edit.Revision, edit.Text = "2", "and nobody ever answers (2/2)"
		gone := domain.Post{Network: "sandbox", ID: c.ID, Author: c.Author, Deleted: true}
		r := k.submit(a, bad, b, c, a, edit, gone)
		if r[0].Customer == 0 || r[0].Customer != r[2].Customer || r[3].Customer == 0 || r[3].Customer == r[0].Customer {
			t.Fatalf("two posts of one new author make one customer: %+v", r)
		}
		wantCode(t, r[1].Err, domain.CodeInvalid)
		if !r[4].Duplicate || r[4].Customer != r[0].Customer {
			t.Fatalf("the repeat in the batch gave %+v", r[4])
		}
		if got := k.inputs(r[0].Customer); !slices.Equal(got, []string{"post p1", "post p2", "edited p2"}) {
			t.Fatalf("inputs %v", got)
		}
		if got := k.inputs(r[3].Customer); !slices.Equal(got, []string{"post p3", "deleted p3"}) {
			t.Fatalf("inputs %v", got)
		}
		if n := len(k.records(r[0].Customer)); n != 1 {
			t.Fatalf("the parts were decided in %d decisions, not together", n)
		}
	})
}

func TestSetAside(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		old := k.post("ann", "an old story")
		old.At = k.clock.Now().Add(-domain.SeenWindow - time.Hour)
		share := k.post("ann", "RT")
		share.Reshare = true
		own := k.post("shop", "We are open!")
		own.Own = true
		gone := domain.Post{Network: "sandbox", ID: "never-seen", Author: domain.Author{ID: "ann"}, Deleted: true}
		r := k.submit(old, share, own, gone)
		for i, want := range []string{engine.AsideTooOld, engine.AsideReshare, engine.AsideOwnPost, engine.AsideUnknownPost} {
			if r[i].Aside != want || r[i].Customer != 0 || r[i].Err != nil {
				t.Errorf("post %d gave %+v, want aside %q", i, r[i], want)
			}
		}
		s := k.status()
		if s.Counts.Customers != 0 || s.Counts.Posts != 0 {
			t.Errorf("something was kept of posts that were set aside: %+v", s.Counts)
		}
		for _, why := range []string{engine.AsideTooOld, engine.AsideReshare, engine.AsideOwnPost, engine.AsideUnknownPost} {
			if s.Metrics.Aside[why] != 1 {
				t.Errorf("%s was counted %d times", why, s.Metrics.Aside[why])
			}
		}
		// What was set aside is not remembered: the post before its deletion
		// may still come.
		late := k.post("ann", "here I am")
		late.ID = "never-seen"
		k.take(late)
	})
}

func TestIgnoredAuthorsAreSetAside(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		if _, err := k.engine.CustomersImport(k.ctx, []engine.CustomerImport{{
			Profile:    domain.Profile{Ref: "C-9", Name: "A bot"},
			Identities: []domain.Identity{{IdentityKey: domain.IdentityKey{Network: "sandbox", Author: "bot"}, Ignored: true}},
		}}); err != nil {
			t.Fatal(err)
		}
		if r := k.submit(k.post("bot", "win a prize"))[0]; r.Aside != engine.AsideIgnored {
			t.Fatalf("got %+v", r)
		}
	})
}

func TestOwnReplies(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		id := k.take(k.post("ann", "hello"))
		// The network brings our reply back before its outcome is recorded.
		var echo domain.Post
		rows := k.effects(domain.EffectPending)
		if len(rows) != 1 {
			t.Fatalf("%d effects", len(rows))
		}
		k.net.Plan("lost_reply")
		if _, err := k.engine.StepDispatch(k.ctx); err != nil {
			t.Fatal(err)
		}
		echo = k.post("shop", "@ann  "+strings.ReplaceAll(rows[0].Reply.Text, " ", "  "))
		echo.Own, echo.InReplyTo = true, "p1"
		if r := k.submit(echo)[0]; !r.Duplicate || r.Customer != id {
			t.Fatalf("the echo of an unrecorded reply gave %+v", r)
		}
		k.advance(time.Minute)
		sent := k.net.Sent()
		if len(sent) != 1 {
			t.Fatalf("sent %d times", len(sent))
		}
		known := k.post("shop", sent[0].Text)
		known.ID, known.Own, known.InReplyTo = sent[0].PostID, true, "p1"
		if r := k.submit(known)[0]; !r.Duplicate {
			t.Fatalf("the echo of a recorded reply gave %+v", r)
		}
		staff := k.post("shop", "Hi Ann, I am Kim and will sort this out.")
		staff.Own, staff.InReplyTo = true, "p1"
		if r := k.submit(staff)[0]; r.Duplicate || r.Customer != id {
			t.Fatalf("a colleague's reply gave %+v", r)
		}
		if n := k.count(id, "own "); n != 1 {
			t.Fatalf("%d own replies became inputs, want 1: %v", n, k.inputs(id))
		}
	})
}

func TestSettleWaitsForTheParts(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{settle: 5 * time.Second})
		id := k.take(k.post("ann", "first part"))
		for range 4 {
			if n := len(k.records(id)); n != 0 {
				t.Fatalf("decided after %v, while parts were still coming", k.clock.Now().Sub(start))
			}
			k.advance(4 * time.Second)
			k.take(k.post("ann", "another part"))
		}
		k.advance(time.Minute)
		if got := k.records(id)[0]; len(got.Inputs) != 4 || got.At.After(start.Add(15*time.Second)) {
			t.Fatalf("the first decision took %d parts at %v; want 4 no later than three settle times", len(got.Inputs), got.At.Sub(start))
		}
		if n := k.count(id, "post "); n != 5 {
			t.Fatalf("%d posts decided, want 5", n)
		}
	})
}

func TestACommandDecidesWhatIsSettling(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{settle: time.Minute})
		id := k.take(k.post("ann", "hello"))
		if err := k.engine.Command(k.ctx, id, domain.Command{Kind: domain.CommandConsent, By: "kim", Consent: &domain.Consent{Calls: domain.Granted}}); err != nil {
			t.Fatal(err)
		}
		if got := k.inputs(id); !slices.Equal(got, []string{"post p1", "command consent"}) {
			t.Fatalf("inputs %v", got)
		}
	})
}

func TestManyCallersShareCommits(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		const callers = 200
		posts := make([]domain.Post, callers)
		for i := range posts {
			posts[i] = k.post("author"+string(rune('a'+i%26)), "hello there")
		}
		var wg sync.WaitGroup
		ids := make([]domain.CustomerID, callers)
		for i := range posts {
			wg.Go(func() {
				r, err := k.engine.PostsSubmit(k.ctx, posts[i:i+1])
				if err != nil || r[0].Err != nil {
					t.Errorf("post %d: %v %v", i, err, r)
					return
				}
				ids[i] = r[0].Customer
			})
		}
		wg.Wait()
		for i := range ids {
			if ids[i] == 0 || ids[i] != ids[i%26] {
				t.Fatalf("post %d of author %d went to %v, not %v", i, i%26, ids[i], ids[i%26])
			}
		}
		s := k.status()
		if s.Counts.Customers != 26 || s.Metrics.Posts != callers {
			t.Fatalf("%d customers, %d posts", s.Counts.Customers, s.Metrics.Posts)
		}
	})
}

func TestBusyInboxRefusesPosts(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{settle: time.Hour})
		var posts []domain.Post
		for range domain.MaxInbox {
			posts = append(posts, k.post("ann", "again"))
		}
		for _, r := range k.submit(posts...) {
			if r.Err != nil {
				t.Fatal(r.Err)
			}
		}
		more := k.post("ann", "and again")
		r := k.submit(more, k.post("ben", "hello"))
		wantCode(t, r[0].Err, domain.CodeBusy)
		if r[1].Err != nil {
			t.Fatalf("another customer pays for it: %v", r[1].Err)
		}
		k.advance(4 * time.Hour)
		if got := k.submit(more)[0]; got.Err != nil || got.Duplicate {
			t.Fatalf("a refused post was remembered as seen: %+v", got)
		}
	})
}

func TestWithoutAPlaybook(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		k.store, k.options.Store = open(t), nil
		t.Cleanup(func() { _ = k.store.Close() })
		k.options.Store = k.store
		k.open()
		_, err := k.engine.PostsSubmit(k.ctx, []domain.Post{k.post("ann", "hello")})
		wantCode(t, err, domain.CodeUnavailable)
		if _, err := k.engine.StepReady(k.ctx); err != nil {
			t.Fatal(err)
		}
		_, err = k.engine.PlaybookPublish(k.ctx, "bad.yaml", []byte("playbook: x\nrules:\n  - nam: y\n"), "test")
		wantCode(t, err, domain.CodeInvalid)
		k.publish(book)
		k.take(k.post("ann", "hello"))
	})
}
