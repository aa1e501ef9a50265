package meta_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/meta"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

// TestWhatIsHiddenIsNotGone: where a permission was lost the Graph API says of
// everything that it is not there. Nobody's post is deleted for that: the
// operator is told, and what came meanwhile comes again.
func TestWhatIsHiddenIsNotGone(t *testing.T) {
	t.Parallel()
	ways := map[string]struct {
		lose, give func(*graph)
		says       string
	}{
		"the account is not shown either": {func(g *graph) { g.hidden = true }, func(g *graph) { g.hidden = false }, "our own account"},
		"the token says so": {
			func(g *graph) {
				g.Scopes = slices.DeleteFunc(slices.Clone(g.Scopes), func(s string) bool { return s == "pages_read_engagement" })
			},
			func(g *graph) { g.Scopes = append(g.Scopes, "pages_read_engagement") }, "pages_read_engagement",
		},
	}
	for name, way := range ways {
		for _, kind := range []meta.Kind{meta.Facebook, meta.Instagram} {
			t.Run(string(kind)+"/"+name, func(t *testing.T) {
				t.Parallel()
				g, n := opened(t, kind, meta.Webhook)
				if _, err := n.Fetch(t.Context(), domain.PostKey{Network: n.Name(), ID: "77_1"}); err != nil {
					t.Fatal(err)
				}
				id := g.write(anaID, "", "", false, kind == meta.Facebook) // without words it is looked at
				g.set(func() { way.lose(g) })
				p, err := n.Fetch(t.Context(), domain.PostKey{Network: n.Name(), ID: id})
				var e *social.Error
				if p.Deleted || !errors.As(err, &e) || e.Fault != social.FaultOperator || !strings.Contains(e.Safe, way.says) {
					t.Errorf("it came as %+v, %v; want the operator to be told", p, err)
				}
				m := private(kind, "k", id)
				m.Visibility = domain.Public
				if kind == meta.Instagram { // which is looked at before it is answered
					if e := wantFault(t, n, m, social.FaultOperator); !strings.Contains(e.Safe, way.says) {
						t.Errorf("an answer fails with %q", e.Safe)
					}
				}
				var s taken
				if g.push(t.Context(), n, &s); len(s.posts) != 0 {
					t.Errorf("what cannot be seen came as %+v", s.posts)
				}
				g.set(func() { way.give(g) })
				if g.push(t.Context(), n, &s); kind == meta.Facebook && (len(s.posts) != 1 || s.posts[0].ID != id) {
					t.Errorf("what was told of meanwhile came as %+v", s.posts)
				}
				if p, err := n.Fetch(t.Context(), domain.PostKey{Network: n.Name(), ID: id}); err != nil || p.Deleted {
					t.Errorf("with the permission back it is %+v, %v", p, err)
				}
				g.set(func() { g.find(id).gone = true })
				if p, err := n.Fetch(t.Context(), domain.PostKey{Network: n.Name(), ID: id}); err != nil || !p.Deleted {
					t.Errorf("what is really gone is %+v, %v", p, err)
				}
			})
		}
	}
}

// held is the Graph API without a wire; answers to debug_token wait.
type held struct {
	*graph
	asked   map[string]int
	release chan struct{}
}

func (h *held) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, r)
	path := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	h.set(func() { h.asked[path]++ })
	if path == "debug_token" {
		<-h.release
	}
	return answer.Result(), nil
}

// TestALookIsShared: those who find something gone at once ask together whether
// we are still shown what there is; but nobody goes by a look that began before
// they were told, since the permission may have been lost after it.
func TestALookIsShared(t *testing.T) {
	t.Parallel()
	const many = 20
	for name, lose := range map[string]bool{"all are gone": false, "a permission is lost meanwhile": true} {
		t.Run(name, func(t *testing.T) {
			g := newGraph(t, meta.Facebook)
			synctest.Test(t, func(t *testing.T) {
				h := &held{g, map[string]int{}, make(chan struct{})}
				n, err := meta.New(g.config(meta.Webhook), social.Kit{HTTP: &http.Client{Transport: h}, State: &socialtest.State{}, Clock: g.now})
				if err != nil {
					t.Fatal(err)
				}
				found := make(chan error, many+1)
				fetch := func(gone bool) {
					id := g.write(anaID, "where is it?", "", false, false)
					g.set(func() { g.find(id).gone = gone })
					go func() {
						p, err := n.Fetch(t.Context(), domain.PostKey{Network: n.Name(), ID: id})
						if err == nil && p.Deleted != gone {
							t.Error("a post that is there is taken for deleted")
						}
						found <- err
					}()
				}
				fetch(true)
				synctest.Wait() // it looks, and has been told that all is well
				if lose {
					g.set(func() {
						g.Scopes = slices.DeleteFunc(g.Scopes, func(s string) bool { return s == "pages_read_engagement" })
					})
				}
				for range many {
					fetch(!lose)
				}
				synctest.Wait()
				close(h.release)
				lost, want := 0, 0
				if lose {
					want = many
				}
				for range many + 1 {
					var e *social.Error
					if err := <-found; errors.As(err, &e) && e.Fault == social.FaultOperator {
						lost++
					} else if err != nil {
						t.Error(err)
					}
				}
				if lost != want {
					t.Errorf("%d are told to the operator, want %d", lost, want)
				}
				if h.asked[pageID] != 2 || h.asked["debug_token"] != 2 {
					t.Errorf("asked %v, want one look for the first and one for all others", h.asked)
				}
			})
		})
	}
}
