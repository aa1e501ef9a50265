package engine_test

import (
	"slices"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
)

// TestADeletionBeforeItsPost: what was deleted before it came is answered by
// nobody, also after a restart; what was made again since is.
func TestADeletionBeforeItsPost(t *testing.T) {
	gone := func(author, revision string) domain.Post {
		return domain.Post{Author: domain.Author{ID: author}, Revision: revision, Deleted: true}
	}
	post := func(revision string) domain.Post {
		return domain.Post{Author: domain.Author{ID: "ann"}, Revision: revision}
	}
	own := gone("shop", "")
	own.Own = true
	found := post("")
	found.Unaddressed = true
	const taken, repeat = "taken", "a repeat"
	aside, unknown := engine.AsideDeleted, engine.AsideUnknownPost
	tests := map[string]struct {
		posts []domain.Post
		want  []string
	}{
		"the first version":           {[]domain.Post{gone("ann", "2"), post("")}, []string{unknown, aside}},
		"a version before it":         {[]domain.Post{gone("ann", "2"), post("1"), post("1")}, []string{unknown, aside, aside}},
		"its version":                 {[]domain.Post{gone("ann", "2"), post("2")}, []string{unknown, aside}},
		"one of a search":             {[]domain.Post{gone("ann", "2"), found, post("")}, []string{unknown, aside, aside}},
		"no revision takes all":       {[]domain.Post{gone("ann", ""), post("h1"), post(""), post("7")}, []string{unknown, aside, aside, aside}},
		"nothing says which is newer": {[]domain.Post{gone("ann", "h2"), post("h1")}, []string{unknown, aside}},
		"nobody says whose":           {[]domain.Post{gone(domain.Nobody, ""), post("")}, []string{unknown, aside}},
		"the company's doing":         {[]domain.Post{own, post("")}, []string{unknown, aside}},
		"of another author":           {[]domain.Post{gone("eve", ""), post("")}, []string{unknown, taken}},
		"told again":                  {[]domain.Post{gone("ann", "4"), gone("ann", "4"), gone("ann", "2"), post("3")}, []string{unknown, unknown, unknown, aside}},
		"told again without one":      {[]domain.Post{gone("ann", "2"), gone("ann", ""), post("3")}, []string{unknown, unknown, aside}},
		"made again":                  {[]domain.Post{gone("ann", "2"), post("3"), post("1"), gone("ann", "2"), gone("ann", "4"), gone("ann", "4")}, []string{unknown, taken, repeat, repeat, taken, repeat}},
	}
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		for name, x := range tests {
			for _, together := range []bool{false, true} {
				id := k.post("", "").ID
				posts := slices.Clone(x.posts)
				for i := range posts {
					p := &posts[i]
					p.Network, p.ID = "sandbox", id
					if p.At = k.clock.Now(); !p.Deleted {
						p.Text = "the parcel is late " + p.Revision
					}
				}
				var got []engine.Receipt
				if together {
					got = k.submit(posts...)
				} else {
					for _, p := range posts {
						got = append(got, k.submit(p)[0])
						k.open()
					}
				}
				for i, r := range got {
					is := taken
					switch {
					case r.Err != nil:
						is = r.Err.Error()
					case r.Duplicate:
						is = repeat
					case r.Aside != "":
						is = r.Aside
					}
					if is != x.want[i] {
						t.Errorf("%s (together: %v): post %d was %s, want %s", name, together, i, is, x.want[i])
					}
				}
			}
		}
	})
}

// TestADeletionOfNoPostIsForgotten: most of those never come. One row is kept of
// each, which names nobody, for as long as keys are.
func TestADeletionOfNoPostIsForgotten(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		p := k.post("ann", "hello")
		// Some networks tell when the post was written, not when it was deleted.
		gone := domain.Post{Network: "sandbox", ID: p.ID, Author: p.Author, At: k.clock.Now().Add(-10 * 24 * time.Hour), Deleted: true}
		for range 3 {
			k.submit(gone, gone)
		}
		if n := k.status().Counts.Posts; n != 1 {
			t.Errorf("%d rows are kept of one deletion", n)
		}
		k.view(func(r store.Reader) error {
			rows, err := r.PostFindID(p.ID)
			if len(rows) != 0 {
				t.Errorf("the post is known as %+v", rows)
			}
			return err
		})
		k.clock.Advance(domain.SeenWindow - time.Minute)
		p.At = k.clock.Now()
		if _, err := k.engine.StepPrune(k.ctx); err != nil {
			t.Fatal(err)
		}
		if r := k.submit(p)[0]; r.Aside != engine.AsideDeleted {
			t.Errorf("before its time is over: %+v", r)
		}
		k.clock.Advance(2 * time.Minute)
		if _, err := k.engine.StepPrune(k.ctx); err != nil {
			t.Fatal(err)
		}
		if n := k.status().Counts.Posts; n != 0 {
			t.Errorf("%d rows are kept for longer than keys are", n)
		}
		k.take(p)
	})
}

// TestADeletionOfALatePostElsewhere: a node that has not heard that a post
// waits beside a full inbox takes its deletion for that of an unknown post. The
// post is not answered all the same.
func TestADeletionOfALatePostElsewhere(t *testing.T) {
	t.Parallel()
	k := newKit(t, memory.New(), setup{settle: time.Hour})
	id := k.fillInbox("ann")
	late := k.post("ann", "never mind")
	accept := func(p domain.Post, want social.Outcome) {
		t.Helper()
		r, err := k.engine.PostsAccept(k.ctx, []domain.Post{p})
		if err != nil || r[0].Outcome != want {
			t.Fatalf("%+v, %v; want %s", r, err, want)
		}
	}
	accept(late, social.Taken)
	k.open()
	accept(domain.Post{Network: late.Network, ID: late.ID, Author: late.Author, Deleted: true}, social.Aside)
	k.advance(4 * time.Hour)
	if n, err := k.engine.StepLate(k.ctx); n != 1 || err != nil {
		t.Fatalf("%d taken in, %v", n, err)
	}
	k.advance(4 * time.Hour)
	if n := k.count(id, "post "+late.ID); n != 0 {
		t.Errorf("a post that is gone was decided about: %v", k.inputs(id))
	}
}
