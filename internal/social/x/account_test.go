package x

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social/x/xtest"
)

// Our name can be changed at X; a stream that was opened before goes on with
// the new one's rules, and what names us is to us.
func TestOurNameIsChanged(t *testing.T) {
	u := newSetup(t, Poll)
	u.c.Mode = Stream
	n, s := u.open(), &sink{}
	us, err := n.self(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := n.setRules(t.Context(), us); err != nil {
		t.Fatal(err)
	}
	u.s.app.User = map[string]any{"id": shop, "name": "Shop", "username": "newshop"}
	u.clock.Advance(keepAccount)
	lines, done := make(chan []byte, 1), make(chan error, 1)
	lines <- encoded(map[string]any{"data": map[string]any{"id": u.s.nextID(), "author_id": ana, "text": "@newshop hello",
		"entities": map[string]any{"mentions": []any{map[string]any{"username": "newshop"}}}}})
	close(lines)
	done <- nil
	if err := n.follow(t.Context(), s, us, lines, done); err == nil || len(s.posts) != 1 || s.posts[0].Unaddressed {
		t.Errorf("%v, %+v", err, s.posts)
	}
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	if len(u.s.rules) != 2 || slices.ContainsFunc(u.s.rules, func(r rule) bool { return !strings.Contains(r.Value, "newshop") }) {
		t.Errorf("the rules are %+v", u.s.rules)
	}
}

// Who we are is known on where X cannot be asked anew.
func TestOurNameCannotBeAsked(t *testing.T) {
	u := newSetup(t, Poll)
	n := u.open()
	us, err := n.self(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	u.clock.Advance(keepAccount)
	u.s.refusing(func(w http.ResponseWriter, _ *http.Request) bool {
		xtest.Refuse(w, http.StatusServiceUnavailable, "about:blank", "Over capacity")
		return true
	})
	for range 3 {
		if got, err := n.self(t.Context()); err != nil || got != us {
			t.Errorf("%+v, %v", got, err)
		}
	}
	if n := len(u.s.asked); n != 2 {
		t.Errorf("X was asked %d times, want 2", n)
	}
}

// Other credentials may be another account's: who that is is asked at once, and
// is not taken for granted where it cannot be.
func TestOtherCredentials(t *testing.T) {
	u := newSetup(t, Poll)
	place := filepath.Join(t.TempDir(), "token")
	put := func(token string) {
		t.Helper()
		if err := os.WriteFile(place, []byte(token), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(accessToken)
	u.c.AccessToken = secret.Ref{File: place}
	n := u.open()
	first, err := n.self(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(place); err != nil {
		t.Fatal(err)
	}
	if got, err := n.self(t.Context()); err != nil || got != first {
		t.Errorf("without credentials we are %+v, %v", got, err)
	}
	put("another")
	u.s.refusing(func(w http.ResponseWriter, _ *http.Request) bool {
		xtest.Refuse(w, http.StatusServiceUnavailable, "about:blank", "Over capacity")
		return true
	})
	if got, err := n.self(t.Context()); err == nil {
		t.Errorf("with other credentials we are %+v still", got)
	}
	u.s.refusing(func(w http.ResponseWriter, _ *http.Request) bool { // the scripted X knows one token only
		w.Header().Set("Content-Type", "application/json")
		w.Write(encoded(map[string]any{"data": map[string]any{"id": "4711", "name": "Other", "username": "other"}}))
		return true
	})
	if got, err := n.self(t.Context()); err != nil || got.ID != "4711" {
		t.Errorf("with other credentials we are %+v, %v", got, err)
	}
	if got, err := u.open().self(t.Context()); err != nil || got.ID != "4711" {
		t.Errorf("after a restart we are %+v, %v", got, err)
	}
}
