package engine_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
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
		if s.Counts.Customers != 0 || s.Counts.Posts != 1 {
			t.Errorf("more was kept of posts that were set aside than the deletion: %+v", s.Counts)
		}
		for _, why := range []string{engine.AsideTooOld, engine.AsideReshare, engine.AsideOwnPost, engine.AsideUnknownPost} {
			if s.Metrics.Aside[why] != 1 {
				t.Errorf("%s was counted %d times", why, s.Metrics.Aside[why])
			}
		}
		// What was set aside is not remembered: it may come again as something else.
		old.At, share.Reshare, own.Own = k.clock.Now(), false, false
		for _, p := range []domain.Post{old, share, own} {
			k.take(p)
		}
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
		k.fillInbox("ann")
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

// TestOneFullInboxHoldsUpNobody: what a network brings for somebody about whom
// too much is waiting is kept, also over a restart, and taken in once and in
// its order when there is room. The network goes on with everybody else's.
func TestOneFullInboxHoldsUpNobody(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{settle: time.Hour})
		id := k.fillInbox("ann")
		accept := func(want social.Outcome, posts ...domain.Post) {
			t.Helper()
			results, err := k.engine.PostsAccept(k.ctx, posts)
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range results {
				if r.Outcome != want {
					t.Errorf("post %s: %+v, want %s", posts[i].ID, r, want)
				}
			}
		}
		late, edit := k.post("ann", "and again"), domain.Post{}
		edit = late
		edit.Text, edit.Revision = "and again, louder", "1"
		accept(social.Taken, late, k.post("ben", "hello"))
		accept(social.Taken, edit)
		accept(social.Known, late)
		if n, err := k.engine.StepLate(k.ctx); n != 0 || err != nil {
			t.Fatalf("%d taken in, %v, while there is no room", n, err)
		}
		k.open()
		if n, err := k.engine.StepLate(k.ctx); n != 0 || err != nil {
			t.Fatalf("%d taken in, %v, while there is no room", n, err)
		}
		k.advance(2 * time.Hour)
		behind := k.post("ann", "the last")
		accept(social.Taken, behind)
		for range 3 {
			if _, err := k.engine.StepLate(k.ctx); err != nil {
				t.Fatal(err)
			}
			k.advance(2 * time.Hour)
		}
		var got []string
		for _, in := range k.inputs(id) {
			if word, post, _ := strings.Cut(in, " "); (word == "post" || word == "edited") && (post == edit.ID || post == behind.ID) {
				got = append(got, in)
			}
		}
		if len(got) != 3 || !strings.HasSuffix(got[2], behind.ID) {
			t.Errorf("what came late was decided as %v", got)
		}
		after := k.post("ann", "in time")
		if k.take(after) != id {
			t.Error("she is somebody else now")
		}
	})
}

// TestWhatIsKeptBesideIsErased: neither posts that were kept back nor how a
// reply was divided outlives its customer.
func TestWhatIsKeptBesideIsErased(t *testing.T) {
	t.Parallel()
	k := newKit(t, memory.New(), setup{settle: time.Hour})
	id := k.fillInbox("ann")
	if _, err := k.engine.PostsAccept(k.ctx, []domain.Post{k.post("ann", "my address is Elm Street 1")}); err != nil {
		t.Fatal(err)
	}
	err := k.store.Update(k.ctx, func(tx store.Tx) error {
		return store.PartsPut(tx, id, domain.IdentityKey{Network: "far", Author: "ann"}, "an effect", []string{"Ann,", "all is well"}, k.clock.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
	kept := func() (n int) {
		k.view(func(r store.Reader) error {
			for _, kind := range []string{store.LatePostKind, store.PartsKind} {
				docs, err := r.DocumentList(store.DocumentListParams{Kind: kind, Limit: 10})
				if n += len(docs); err != nil {
					return err
				}
			}
			return nil
		})
		return n
	}
	if n := kept(); n != 2 {
		t.Fatalf("%d documents are kept, want 2", n)
	}
	if err := k.engine.Erase(k.ctx, id, "test"); err != nil {
		t.Fatal(err)
	}
	if n := kept(); n != 0 {
		t.Errorf("%d documents of an erased customer are kept", n)
	}
}

// TestALabelIsNobody: somebody who is called like the label of our account is a
// customer.
func TestALabelIsNobody(t *testing.T) {
	t.Parallel()
	k := newKit(t, memory.New(), setup{})
	p := k.post("help", "hello")
	p.Network, p.Account = "forum", "help"
	k.take(p)
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

// TestSplitReplies: each part of a long reply is ours, whether the network
// brings it back before or after its outcome is recorded, and an answer to any
// of them belongs to the case.
func TestSplitReplies(t *testing.T) {
	const wordy = `
playbook: wordy
rules:
  - name: hello
    on: post
    do:
      - reply: {text: "We have read every word of your message. We look into all of it with great care. You hear from us very soon. Have patience with us. We are sorry for the wait that this means for you."}
`
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		far := socialtest.NewScripted(socialtest.ScriptedOptions{Name: "far", Now: start.UTC, Capabilities: &social.Capabilities{
			PublicReply: true, PrivateMessage: true, Settles: true, Private: social.Form{Text: social.Length{Max: 90}, Parts: 5},
		}})
		k := newKit(t, open(t), setup{playbook: wordy, networks: []social.Network{far}})
		own := func(id, text, to string) domain.Post {
			p := k.post("shop", text)
			p.Network, p.ID, p.Own, p.InReplyTo = "far", id, true, to
			return p
		}
		first := k.post("ann", "hello?")
		first.Network = "far"
		id := k.take(first)
		far.Plan(socialtest.OK, socialtest.LostReply)
		if _, err := k.engine.StepDispatch(k.ctx); err != nil {
			t.Fatal(err)
		}
		early := far.Sent()
		if len(early) != 2 {
			t.Fatalf("%d parts are out", len(early))
		}
		for i, part := range early {
			if r := k.submit(own(part.PostID, "@ann "+part.Text, part.InReplyTo))[0]; !r.Duplicate || r.Customer != id {
				t.Errorf("the echo of part %d, not recorded yet, gave %+v", i+1, r)
			}
		}
		k.advance(time.Minute)
		sent := far.Sent()
		if len(sent) < 3 {
			t.Fatalf("%d parts, want 3 or more", len(sent))
		}
		for i, part := range sent {
			if r := k.submit(own(part.PostID, part.Text, part.InReplyTo))[0]; !r.Duplicate {
				t.Errorf("the echo of part %d, recorded, gave %+v", i+1, r)
			}
		}
		if n := k.count(id, "own "); n != 0 {
			t.Errorf("%d of our own parts became a colleague's: %v", n, k.inputs(id))
		}
		answer := k.post("ann", "thanks, that helps")
		answer.Network, answer.InReplyTo = "far", sent[len(sent)-1].PostID
		k.take(answer)
		k.settle()
		if snap := k.snapshot(id); len(snap.Cases) != 1 || !snap.Cases[0].HasPost(answer.ID) {
			t.Errorf("an answer to the last part opened another case: %+v", snap.Cases)
		}
	})
}

// TestWhatASearchFindsIsWatched: it makes no case and no reply, and the same
// post that comes as a mention, too, is answered once, whichever came first.
func TestWhatASearchFindsIsWatched(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		found := k.post("ann", "the shop has lost my parcel")
		found.Unaddressed = true
		id := k.take(found)
		edit := found
		edit.Text, edit.Revision = "the shop has lost my parcel!", "1"
		k.take(edit)
		k.advance(time.Hour)
		if snap := k.snapshot(id); len(snap.Cases) != 0 || len(k.net.Sent()) != 0 {
			t.Fatalf("a post that is not written to us made %d cases and %d replies", len(snap.Cases), len(k.net.Sent()))
		}
		if r := k.submit(found)[0]; !r.Duplicate {
			t.Errorf("found again: %+v", r)
		}
		mention := edit
		mention.Unaddressed = false
		k.take(mention)
		for what, p := range map[string]domain.Post{"the mention": mention, "the search's find": edit} {
			if r := k.submit(p)[0]; !r.Duplicate || r.Err != nil {
				t.Errorf("%s again: %+v", what, r)
			}
		}
		first := k.post("bob", "hello")
		bob := k.take(first)
		late := first
		late.Unaddressed = true
		if r := k.submit(late)[0]; !r.Duplicate || r.Err != nil {
			t.Errorf("a search that comes after the mention: %+v", r)
		}
		both, alike := k.post("cem", "hello"), domain.Post{}
		alike = both
		alike.Unaddressed = true
		r := k.submit(alike, both)
		if r[0].Err != nil || r[1].Err != nil || r[1].Duplicate {
			t.Errorf("both at once: %+v", r)
		}
		k.advance(time.Hour)
		for who, watched := range map[domain.CustomerID]bool{id: true, bob: false, r[1].Customer: true} {
			for _, rec := range k.records(who) {
				for _, in := range rec.Inputs {
					if in.Post != nil && !in.Post.Unaddressed && in.Watched != watched {
						t.Errorf("the mention counts as watched before: %v, want %v", in.Watched, watched)
					}
				}
			}
			if snap := k.snapshot(who); len(snap.Cases) != 1 {
				t.Errorf("%d cases, want 1", len(snap.Cases))
			}
		}
		if n := len(k.net.Sent()); n != 3 {
			t.Errorf("%d replies, want 3", n)
		}
	})
}

// TestADeletionWaitsBehindItsPost: who takes back what had no room yet is not
// answered for it.
func TestADeletionWaitsBehindItsPost(t *testing.T) {
	t.Parallel()
	k := newKit(t, memory.New(), setup{settle: time.Hour})
	id := k.fillInbox("ann")
	late := k.post("ann", "I hate you all")
	gone := domain.Post{Network: late.Network, Account: late.Account, ID: late.ID, Author: late.Author, At: late.At, Visibility: late.Visibility, Deleted: true}
	for _, p := range []domain.Post{late, gone} {
		if r, err := k.engine.PostsAccept(k.ctx, []domain.Post{p}); err != nil || r[0].Outcome != social.Taken {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	for range 4 {
		if _, err := k.engine.StepLate(k.ctx); err != nil {
			t.Fatal(err)
		}
		k.advance(2 * time.Hour)
	}
	var got []string
	for _, in := range k.inputs(id) {
		if strings.HasSuffix(in, " "+late.ID) {
			got = append(got, in)
		}
	}
	if len(got) != 2 || got[1] != "deleted "+late.ID {
		t.Errorf("what came late was decided as %v", got)
	}
}
