package socialtest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// testReceiving holds what a network brings to the contract.
func testReceiving(t *testing.T, factory func(t *testing.T) Fixture) {
	start := func(t *testing.T, can func(f *Fixture) bool) *receiver {
		f := factory(t)
		if f.World == nil || !can(&f) {
			t.Skip("the network does not bring it, or it cannot be played")
		}
		return receive(t, &f)
	}
	always := func(*Fixture) bool { return true }
	t.Run("BringsWhatPeopleWriteInOrder", func(t *testing.T) { bringsInOrder(t, start(t, always)) })
	t.Run("BringsPrivateMessagesAsSuch", func(t *testing.T) {
		r := start(t, func(f *Fixture) bool { return f.Network.Capabilities().In.Private })
		p := r.wrote(Draft{Author: "ana", Text: "only for you", Private: true})
		if p.Visibility != domain.Private {
			t.Errorf("a private message came as %q", p.Visibility)
		}
	})
	t.Run("BringsWhatASearchFindsAsUnaddressed", func(t *testing.T) {
		r := start(t, func(f *Fixture) bool { return f.Network.Capabilities().In.Search })
		if p := r.wrote(Draft{Author: "ana", Text: "telling everybody", Unaddressed: true}); !p.Unaddressed {
			t.Error("a post that is not written to us came as if it were")
		}
	})
	t.Run("BringsEdits", func(t *testing.T) {
		r := start(t, func(f *Fixture) bool { return f.Network.Capabilities().In.Edits })
		if r.f.World.Edit == nil {
			t.Fatal("the network declares edits, and its World has none")
		}
		first := r.wrote(Draft{Author: "ana", Text: "before"})
		r.f.World.Edit(first.ID, "afterwards")
		edited := r.until("the edit", func(p *domain.Post) bool { return p.ID == first.ID && strings.Contains(p.Text, "afterwards") })
		if edited.Revision == first.Revision || edited.Author.ID != first.Author.ID {
			t.Errorf("revision %q by %q, then %q by %q; want another revision by the same author",
				first.Revision, first.Author.ID, edited.Revision, edited.Author.ID)
		}
	})
	t.Run("BringsDeletions", func(t *testing.T) {
		r := start(t, func(f *Fixture) bool { return f.Network.Capabilities().In.Deletes })
		if r.f.World.Delete == nil {
			t.Fatal("the network declares deletions, and its World has none")
		}
		first := r.wrote(Draft{Author: "ana", Text: "a mistake"})
		r.f.World.Delete(first.ID)
		r.until("the deletion", func(p *domain.Post) bool { return p.ID == first.ID && p.Deleted })
	})
	t.Run("FetchesAPostAsItStands", func(t *testing.T) {
		fetches(t, start(t, func(f *Fixture) bool { _, ok := f.Network.(social.Fetcher); return ok }))
	})
	t.Run("FetchTakesNoPrivateMessageForGone", func(t *testing.T) {
		r := start(t, func(f *Fixture) bool {
			_, ok := f.Network.(social.Fetcher)
			return ok && f.Network.Capabilities().In.Private
		})
		first := r.wrote(Draft{Author: "ana", Text: "only for you", Private: true})
		p, err := r.f.Network.(social.Fetcher).Fetch(t.Context(), first.Key())
		checkError(t, err)
		if err == nil && (p.Deleted || p.BodyHash() != first.BodyHash()) {
			t.Errorf("a private message came as %+v, then was fetched as %+v", first, p)
		}
	})
	t.Run("OwnPostsAreNoCustomers", func(t *testing.T) {
		r := start(t, func(f *Fixture) bool { return f.World.Owns })
		asked := r.wrote(Draft{Author: "ana", Text: "a question"})
		p := r.wrote(Draft{Own: true, Text: "somebody of the staff answers", InReplyTo: asked.ID})
		if !p.Own || p.InReplyTo != asked.ID {
			t.Errorf("own is %v, in reply to %q; want it marked as ours, in reply to %q", p.Own, p.InReplyTo, asked.ID)
		}
	})
	t.Run("OwnPrivateMessagesAreNoCustomers", func(t *testing.T) {
		r := start(t, func(f *Fixture) bool { return f.World.Owns && f.Network.Capabilities().In.Private })
		r.wrote(Draft{Author: "ben", Text: "something else", Private: true})
		r.stop() // so that nobody waits until it is asked for again
		asked := r.write(Draft{Author: "ana", Text: "a question", Private: true})
		ours := r.write(Draft{Own: true, Private: true, Text: "somebody of the staff answers", InReplyTo: asked})
		r.begin()
		p := r.until("what the staff wrote", func(p *domain.Post) bool { return p.ID == ours })
		if !p.Own || p.InReplyTo != asked || p.Visibility != domain.Private {
			t.Errorf("own is %v, %s, in reply to %q; want it private, marked as ours, in reply to %q", p.Own, p.Visibility, p.InReplyTo, asked)
		}
	})
	t.Run("ResharesAreMarked", func(t *testing.T) {
		r := start(t, func(f *Fixture) bool { return f.World.Reshares })
		original := r.wrote(Draft{Author: "ana", Text: "an original"})
		id := r.f.World.Write(Draft{Author: "ben", Reshare: original.ID})
		r.wrote(Draft{Author: "ben", Text: "and now something else"})
		for _, p := range r.taken() {
			if p.ID == id && !p.Reshare || p.ID != original.ID && !p.Reshare && strings.Contains(p.Text, "an original") {
				t.Errorf("a reshare came as somebody's words: %+v", p)
			}
		}
	})
	t.Run("WhatWasNotTakenComesAgain", func(t *testing.T) {
		r := start(t, always)
		refused := 0
		r.refuse(func([]domain.Post) error {
			if refused++; refused > 3 {
				return nil
			}
			return errors.New("the store is away")
		})
		r.wrote(Draft{Author: "ana", Text: "in bad times"})
		r.wrote(Draft{Author: "ana", Text: "in better times"})
		r.stop() // refused is the sink's until then
		if refused < 4 {
			t.Errorf("the sink was asked %d times", refused)
		}
	})
	t.Run("OneBadPostDoesNotStopTheOthers", func(t *testing.T) {
		r := start(t, always)
		r.refuse(func(posts []domain.Post) error {
			if slices.ContainsFunc(posts, func(p domain.Post) bool { return strings.Contains(p.Text, "poison") }) {
				return domain.Errorf(domain.CodeInvalid, "not this one")
			}
			return nil
		})
		r.f.World.Write(Draft{Author: "ana", Text: "poison"})
		r.wrote(Draft{Author: "ben", Text: "wholesome"})
	})
	t.Run("TheGapIsFilled", func(t *testing.T) {
		r := start(t, func(f *Fixture) bool { return f.World.Break != nil })
		r.wrote(Draft{Author: "ana", Text: "before it broke"})
		r.f.World.Break()
		r.gap()
		r.f.World.Mend()
		r.all("what was written meanwhile")
		r.inOrder()
	})
	t.Run("ContinuesWhereItWas", func(t *testing.T) {
		r := start(t, func(f *Fixture) bool { _, ok := f.Network.(social.Runner); return ok })
		r.wrote(Draft{Author: "ana", Text: "to the first process"})
		r.stop()
		r.gap()
		r.begin()
		r.all("what was written while nobody ran")
		r.inOrder()
	})
	t.Run("EndsAtOnce", func(t *testing.T) {
		r := start(t, func(f *Fixture) bool { _, ok := f.Network.(social.Runner); return ok })
		r.wrote(Draft{Author: "ana", Text: "still here"})
		r.stop()
		if r.f.World.Break != nil {
			r.f.World.Break()
			r.run()
			r.stop()
			r.f.World.Mend()
		}
	})
	t.Run("ForgedRequestsAreRefused", func(t *testing.T) {
		refusesForged(t, start(t, func(f *Fixture) bool { return len(f.World.Forged) > 0 }))
	})
}

func bringsInOrder(t *testing.T, r *receiver) {
	authors := map[string]map[string]bool{"ana": {}, "ben": {}}
	for i := range 4 {
		for _, author := range []string{"ana", "ben"} {
			text := fmt.Sprintf("number %d of %s", i, author)
			d := Draft{Author: author, Text: text}
			if i > 0 && i%2 == 0 {
				d.InReplyTo = r.ids[author][0]
			}
			r.write(d)
		}
	}
	r.all("what was written")
	r.inOrder()
	for _, p := range r.taken() {
		p.Normalize(p.At)
		if err := p.Validate(); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
		d, ok := r.drafts[p.ID]
		if !ok {
			continue // the network had it before
		}
		authors[d.Author][p.Author.ID] = true
		switch n := r.f.Network; {
		case p.Network != n.Name() || p.Account != n.Account():
			t.Errorf("a post of %q, %q came as one of %q, %q", n.Name(), n.Account(), p.Network, p.Account)
		case !strings.Contains(p.Text, d.Text):
			t.Errorf("%q came as %q", d.Text, p.Text)
		case d.InReplyTo != "" && p.InReplyTo != d.InReplyTo:
			t.Errorf("an answer to %q came as one to %q", d.InReplyTo, p.InReplyTo)
		case p.Own || p.Reshare || p.Deleted || p.Unaddressed:
			t.Errorf("a customer's post to us came as %+v", p)
		case p.At.IsZero():
			t.Error("a post came without its time")
		}
	}
	if len(authors["ana"]) != 1 || len(authors["ben"]) != 1 {
		t.Errorf("one author has several ids: %v", authors)
	}
	for id := range authors["ana"] {
		if authors["ben"][id] {
			t.Errorf("two authors are both %q", id)
		}
	}
}

func fetches(t *testing.T, r *receiver) {
	fetcher, w := r.f.Network.(social.Fetcher), r.f.World
	first := r.wrote(Draft{Author: "ana", Text: "as it was"})
	fetch := func() domain.Post {
		t.Helper()
		p, err := fetcher.Fetch(t.Context(), first.Key())
		checkError(t, err)
		if err != nil {
			t.Fatal(err)
		}
		if p.Key() != first.Key() {
			t.Errorf("asked for %v, got %v", first.Key(), p.Key())
		}
		return p
	}
	if p := fetch(); p.BodyHash() != first.BodyHash() || p.Revision != first.Revision || p.Unaddressed {
		t.Errorf("an unchanged post came as %+v, then was fetched as %+v", first, p)
	}
	if w.Edit != nil {
		w.Edit(first.ID, "as it is")
		if p := fetch(); !strings.Contains(p.Text, "as it is") || p.Revision == first.Revision || p.Deleted {
			t.Errorf("an edited post was fetched as %+v", p)
		}
	}
	if w.Delete != nil {
		w.Delete(first.ID)
		if p := fetch(); !p.Deleted {
			t.Errorf("a deleted post was fetched as %+v", p)
		}
	}
	missing := first.Key()
	missing.ID += "0"
	if p, err := fetcher.Fetch(t.Context(), missing); err == nil && !p.Deleted {
		t.Errorf("a post that is not there was fetched as %+v", p)
	} else {
		checkError(t, err)
	}
}

func refusesForged(t *testing.T, r *receiver) {
	forged := &receiver{} // what comes by other ways meanwhile does not count
	for name, request := range r.f.World.Forged {
		_, err := r.f.Network.(social.Hook).ServeHook(t.Context(), request, forged)
		if domain.ErrorCode(err) != domain.CodeUnauthorized {
			t.Errorf("%s: got %v, want unauthorized", name, err)
		}
	}
	if got := len(forged.taken()); got != 0 {
		t.Errorf("%d posts were taken of forged requests", got)
	}
}
