package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
)

// staff is what a colleague writes to a post in the network's own app.
func (k *kit) staff(to domain.Post, text string) domain.Post {
	p := k.post("shop", text)
	p.Own, p.InReplyTo = true, to.ID
	return p
}

// TestStaffAnswerWhatComesWithTheirs: after an outage a question and what staff
// have written to it come together. A person has the case then: the advocate
// does not answer beside them.
func TestStaffAnswerWhatComesWithTheirs(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		question := k.post("ann", "hello")
		first := k.staff(question, "Hi Ann, I am Kim and will sort this out.")
		more := k.staff(first, "Just a moment.")
		receipts := k.submit(question, first, more)
		id := receipts[0].Customer
		for i, r := range receipts {
			if r.Err != nil || r.Aside != "" || r.Customer != id {
				t.Errorf("post %d gave %+v", i, r)
			}
		}
		k.advance(time.Minute)
		if n := k.count(id, "own "); n != 2 {
			t.Errorf("%d of staff's became inputs, want 2: %v", n, k.inputs(id))
		}
		if sent := k.net.Sent(); len(sent) != 0 {
			t.Errorf("the advocate wrote beside staff: %+v", sent)
		}
		for i, r := range k.submit(question, first, more) {
			if !r.Duplicate {
				t.Errorf("again, post %d gave %+v", i, r)
			}
		}
		alone := k.staff(domain.Post{ID: "of nobody we know"}, "Good evening!")
		if r := k.submit(alone)[0]; r.Aside == "" {
			t.Errorf("what answers nobody's post gave %+v", r)
		}
	})
}

// TestStaffsAnswerWaitsBehindItsPost: what staff write to a post that waits
// beside a full inbox is decided about with it.
func TestStaffsAnswerWaitsBehindItsPost(t *testing.T) {
	t.Parallel()
	for _, together := range []bool{false, true} {
		k := newKit(t, memory.New(), setup{settle: time.Hour})
		id := k.fillInbox("ann")
		late := k.post("ann", "where is it?")
		batches := [][]domain.Post{{late}, {k.staff(late, "Hi Ann, I am Kim and will sort this out.")}}
		if together {
			batches = [][]domain.Post{{late, batches[1][0]}}
		}
		for _, batch := range batches {
			results, err := k.engine.PostsAccept(k.ctx, batch)
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range results {
				if r.Outcome != social.Taken {
					t.Errorf("together %v, post %s: %+v", together, batch[i].ID, r)
				}
			}
		}
		lost := k.post("ann", "of which nothing can be read any more")
		err := k.store.Update(k.ctx, func(tx store.Tx) error {
			return tx.DocumentPut([]store.Document{{Kind: store.LatePostKind, ID: "lost", Keys: []string{store.LateAnsweredKey(lost.Key())}, Body: []byte("no JSON")}})
		})
		if err != nil {
			t.Fatal(err)
		}
		if r, err := k.engine.PostsAccept(k.ctx, []domain.Post{k.staff(lost, "Good evening!")}); err != nil || r[0].Outcome != social.Aside {
			t.Errorf("together %v: what answers a lost post gave %+v, %v", together, r, err)
		}
		for range 4 {
			if _, err := k.engine.StepLate(k.ctx); err != nil {
				t.Fatal(err)
			}
			k.advance(2 * time.Hour)
		}
		var got []string
		for _, in := range k.inputs(id) {
			if strings.HasSuffix(in, " "+late.ID) || strings.HasPrefix(in, "own ") {
				got = append(got, in)
			}
		}
		slices.Sort(got) // a post settles, what staff write does not
		if len(got) != 2 || !strings.HasPrefix(got[0], "own ") {
			t.Errorf("together %v: what came late was decided as %v", together, got)
		}
	}
}

// TestStaffMayWriteOurWords: what we wrote on another network, or under another
// account of ours, is not what comes back here.
func TestStaffMayWriteOurWords(t *testing.T) {
	t.Parallel()
	k := newKit(t, memory.New(), setup{})
	question := k.post("ann", "hello")
	id := k.take(question)
	k.advance(time.Minute)
	keep := func(network, account, words string) {
		t.Helper()
		to := domain.IdentityKey{Network: network, Account: account, Author: "ann"}
		if err := k.store.Update(k.ctx, func(tx store.Tx) error {
			return store.PartsPut(tx, id, to, "effect "+words, []string{words}, k.clock.Now())
		}); err != nil {
			t.Fatal(err)
		}
	}
	keep("far", "", "Thank you.")
	keep(question.Network, "two", "One moment.")
	keep(question.Network, question.Account, "All is well.")
	for words, echo := range map[string]bool{"Thank you.": false, "One moment.": false, "All is well.": true} {
		if r := k.submit(k.staff(question, words))[0]; r.Customer != id || r.Duplicate != echo {
			t.Errorf("%q gave %+v", words, r)
		}
	}
}
