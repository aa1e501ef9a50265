package meta_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/meta"
	"github.com/contact-advocate/advocate/internal/social/meta/metatest"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

// TestAGatewaysPageDeletesNothing: that a post is gone is the Graph API's to
// say, by a code of its own.
func TestAGatewaysPageDeletesNothing(t *testing.T) {
	t.Parallel()
	answers := map[string]struct {
		give func(http.ResponseWriter)
		gone bool
	}{
		"a page":  {func(w http.ResponseWriter) { http.Error(w, "<html>sign in to this wifi</html>", http.StatusNotFound) }, false},
		"nothing": {func(w http.ResponseWriter) { w.WriteHeader(http.StatusGone) }, false},
		"another's JSON": {func(w http.ResponseWriter) {
			metatest.Answer(w, http.StatusNotFound, map[string]any{"message": "no route"})
		}, false},
		"Meta's own words": {func(w http.ResponseWriter) {
			metatest.Answer(w, http.StatusBadRequest, map[string]any{"error": map[string]any{"code": 100, "error_subcode": 33}})
		}, true},
	}
	for name, a := range answers {
		for _, kind := range []meta.Kind{meta.Facebook, meta.Instagram} {
			t.Run(string(kind)+"/"+name, func(t *testing.T) {
				t.Parallel()
				g := newGraph(t, kind)
				srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if path := strings.TrimPrefix(r.URL.Path, "/v25.0"); g.Enter(w, r, path[1:]) && !g.Read(w, path[1:]) {
						a.give(w)
					}
				}))
				defer srv.Close()
				c := g.config(meta.Webhook)
				c.Graph = srv.URL
				g.srv = srv
				n := g.open(c, &socialtest.State{})
				p, err := n.Fetch(t.Context(), domain.PostKey{Network: n.Name(), ID: "77_5"})
				var e *social.Error
				if a.gone && (err != nil || !p.Deleted) || !a.gone && (!errors.As(err, &e) || !e.Retry) {
					t.Errorf("it came as %+v, %v", p, err)
				}
			})
		}
	}
}

// TestANameThatChangesHands: whoever is known by name alone is so below one
// media only. Under another, or by an id, it is nobody that is known.
func TestANameThatChangesHands(t *testing.T) {
	t.Parallel()
	g, n := opened(t, meta.Instagram, meta.Webhook)
	told := func(media, id string) domain.IdentityKey {
		t.Helper()
		g.set(func() { g.mention = &item{id: id, text: "look, @theshop", at: g.now.Now()} })
		posts := told(t, n, `{"object":"instagram","entry":[{"id":"2000","time":1772366400,"changes":[{"field":"mentions","value":{"media_id":"`+media+`","comment_id":"`+id+`"}}]}]}`)
		if len(posts) != 1 || posts[0].Author.Handle != "Dora" {
			t.Fatalf("got %+v", posts)
		}
		return posts[0].Identity()
	}
	first, again, elsewhere := told("31", "32"), told("31", "33"), told("41", "42")
	if first != again {
		t.Errorf("below one media they are %v and %v", first, again)
	}
	if first == elsewhere {
		t.Errorf("%v is the same below another media", first)
	}
}
