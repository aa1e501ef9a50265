package x

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social/x/xtest"
)

// twoLegged is a setup that has signed in by OAuth 2.0.
func twoLegged(t *testing.T) *setup {
	u := newSetup(t, Poll)
	u.c.AccessToken, u.c.AccessTokenSecret, u.c.ConsumerKey = secret.Ref{}, secret.Ref{}, secret.Ref{}
	u.c.ClientID, u.c.RefreshToken = "client", value("refresh-0")
	return u
}

// onToken has f look at each request for a token, with its number from 1.
func (u *setup) onToken(f func(n int, w http.ResponseWriter) bool) {
	asked := 0
	u.s.refusing(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/2/oauth2/token" {
			return false
		}
		u.s.mu.Lock()
		asked++
		n := asked
		u.s.mu.Unlock()
		return f(n, w)
	})
}

func check(ctx context.Context, n *Network) error {
	_, err := n.Check(ctx)
	return err
}

// Whoever waited may go away while X answers: what it gives must be kept all
// the same, for it is given once.
func TestRenewedWhileNobodyWaits(t *testing.T) {
	u := twoLegged(t)
	ctx, cancel := context.WithCancel(t.Context())
	u.onToken(func(int, http.ResponseWriter) bool { cancel(); return false })
	if err := check(ctx, u.open()); err == nil {
		t.Fatal("the call was not given up")
	}
	if err := check(t.Context(), u.open()); err != nil {
		t.Errorf("after a restart: %v", err)
	}
}

// impatient is a clock on which nothing has to be waited for.
type impatient struct{ *clock.Manual }

func (impatient) Alarm(time.Time) (<-chan struct{}, func()) {
	c := make(chan struct{})
	close(c)
	return c, func() {}
}

// Two nodes whose tokens end together spend one refresh token.
func TestTwoNodesRenewOnce(t *testing.T) {
	u := twoLegged(t)
	u.kit.Clock = impatient{u.clock}
	asking, answer := make(chan int, 9), make(chan struct{})
	free := sync.OnceFunc(func() { close(answer) })
	defer free()
	u.onToken(func(n int, _ http.ResponseWriter) bool {
		if asking <- n; n == 1 {
			<-answer
		}
		return false
	})
	done := make(chan error, 2)
	node := func() { done <- check(t.Context(), u.open()) }
	go node()
	<-asking
	u.state.onClaim = free
	go node()
	for left := 2; left > 0; {
		select {
		case err := <-done:
			if left--; err != nil {
				t.Error(err)
			}
		case n := <-asking:
			t.Fatalf("the token was asked for %d times", n)
		}
	}
}

// A node whose refresh token is refused looks whether there is a newer one
// before anybody is told to sign in.
func TestSpentElsewhere(t *testing.T) {
	u := twoLegged(t)
	if err := check(t.Context(), u.open()); err != nil {
		t.Fatal(err)
	}
	u.clock.Advance(3 * time.Hour)
	u.onToken(func(n int, w http.ResponseWriter) bool {
		if n > 1 {
			return false
		}
		var g grant
		kept, err := u.state.Get(t.Context(), grantName)
		if err != nil || json.Unmarshal(kept, &g) != nil {
			t.Error("no sign-in is kept")
		}
		u.s.mu.Lock()
		u.s.access = "access-of-another-node"
		u.s.mu.Unlock()
		g.Access, g.Refresh, g.Expires = "access-of-another-node", "refresh-9", u.clock.Now().Add(2*time.Hour)
		if err := u.state.Put(t.Context(), grantName, encoded(g), 0); err != nil {
			t.Error(err)
		}
		w.WriteHeader(http.StatusBadRequest)
		xtest.Answer(w, map[string]any{"error": "invalid_request"})
		return true
	})
	if err := check(t.Context(), u.open()); err != nil {
		t.Error(err)
	}
}
