package httpapi

import (
	"context"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
)

// standsNow lists what open streams stand by.
func (a *API) standsNow() []string {
	a.standing.mu.Lock()
	defer a.standing.mu.Unlock()
	return slices.Collect(maps.Keys(a.standing.ends))
}

// listen opens a stream and returns what is closed when it ends.
func (d *door) listen(headers ...string) (ended <-chan struct{}) {
	d.Helper()
	ctx, cancel := context.WithCancel(d.Context())
	r := httptest.NewRequestWithContext(ctx, "GET", "/v1/stream", nil)
	r.Host, r.RemoteAddr = publicHost, "192.0.2.7:5000"
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	before := len(d.api.standsNow())
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.api.ServeHTTP(httptest.NewRecorder(), r)
	}()
	d.Cleanup(func() { cancel(); <-done })
	for range 1000 {
		if len(d.api.standsNow()) > before {
			return done
		}
		time.Sleep(time.Millisecond)
	}
	d.Fatal("the stream does not open")
	return nil
}

func (b *browser) listen() <-chan struct{} {
	b.Helper()
	var cookies []string
	for name, value := range b.jar {
		cookies = append(cookies, name+"="+value)
	}
	return b.door.listen("Sec-Fetch-Site: same-origin", "Cookie: "+strings.Join(cookies, "; "))
}

// TestAStreamEndsWithItsSession: whichever way a session or token ends, what is
// read by it ends at once, and what others read goes on.
func TestAStreamEndsWithItsSession(t *testing.T) {
	t.Parallel()
	role := func(r string) func(root, ana *browser) {
		return func(root, _ *browser) {
			had := root.do(200, "GET", "/v1/users/ana", nil)
			root.do(200, "PUT", "/v1/users/ana", fields{"role": r}, "If-Match: "+had.header.Get("ETag"))
		}
	}
	for name, end := range map[string]func(root, ana *browser){
		"signed out":         func(_, ana *browser) { ana.do(200, "DELETE", "/v1/session", nil) },
		"signed out by root": func(root, _ *browser) { root.do(204, "DELETE", "/v1/users/ana/sessions", nil) },
		"disabled":           func(root, _ *browser) { root.do(200, "POST", "/v1/users/ana/disable", nil) },
		"another role":       role("auditor"),
		"another password": func(_, ana *browser) {
			ana.do(200, "PUT", "/v1/account/password", fields{"password": goodPassword, "new_password": goodPassword + " twice"})
		},
		"signed in again": func(_, ana *browser) {
			ana.do(200, "POST", "/v1/session", fields{"login": "ana", "password": goodPassword})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDoor(t, nil)
			d.T = t
			root := d.first()
			ana := root.person("ana", "supervisor")
			bob := root.person("bob", "agent")
			hers, his := ana.listen(), bob.listen()
			end(root, ana)
			ends(t, hers)
			stands(t, his)
		})
	}
}

// TestAStreamEndsWithItsToken is the same for programs.
func TestAStreamEndsWithItsToken(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	root := d.first()
	read, other := d.listen(d.as(auth.RoleRead)), d.listen(d.as(auth.RoleSupervisor))
	root.do(204, "DELETE", "/v1/tokens/t-read", nil)
	ends(t, read)
	stands(t, other)
}

// ends waits for less than a stream looks again after by itself.
func ends(t *testing.T, stream <-chan struct{}) {
	t.Helper()
	select {
	case <-stream:
	case <-time.After(heartbeatTime / 3):
		t.Error("the stream goes on")
	}
}

func stands(t *testing.T, stream <-chan struct{}) {
	t.Helper()
	select {
	case <-stream:
		t.Error("somebody else's stream ended")
	default:
	}
}
