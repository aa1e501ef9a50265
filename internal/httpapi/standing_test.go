package httpapi

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// openStream is a stream that somebody reads.
type openStream struct {
	*httptest.ResponseRecorder
	ended chan struct{}
	wrote chan string // what is written to it; what nobody waits for is dropped
}

func (s *openStream) Write(b []byte) (int, error) {
	select {
	case s.wrote <- string(b):
	default:
	}
	return len(b), nil
}

// listen opens a stream.
func (d *door) listen(headers ...string) *openStream {
	d.Helper()
	ctx, cancel := context.WithCancel(d.Context())
	r := httptest.NewRequestWithContext(ctx, "GET", "/v1/stream", nil)
	r.Host, r.RemoteAddr = publicHost, "192.0.2.7:5000"
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	s := &openStream{httptest.NewRecorder(), make(chan struct{}), make(chan string, 99)}
	go func() {
		defer close(s.ended)
		d.api.ServeHTTP(s, r)
	}()
	d.Cleanup(func() { cancel(); <-s.ended })
	s.reads(d.T, ": open")
	return s
}

func (b *browser) listen() *openStream {
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
			d.stands(his, "bob")
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
	d.stands(other, "bob")
}

// ends waits for less than a stream looks again after by itself.
func ends(t *testing.T, s *openStream) {
	t.Helper()
	select {
	case <-s.ended:
	case <-time.After(heartbeatTime / 3):
		t.Error("the stream goes on")
	}
}

// stands has something happen to an agent that a stream tells of.
func (d *door) stands(s *openStream, agent string) {
	d.Helper()
	err := d.store.Update(d.Context(), func(tx store.Tx) error {
		return tx.EventAppend([]domain.Event{{
			Source: "advocate", ID: "still-there", Type: "advocate.workitem.reserved", Time: testNow, Accepted: testNow, Data: json.RawMessage(`{"agent":"` + agent + `"}`),
		}})
	})
	if err != nil {
		d.Fatal(err)
	}
	d.api.Changed()
	s.reads(d.T, "still-there")
}

// reads waits until something is written.
func (s *openStream) reads(t *testing.T, what string) {
	t.Helper()
	for late := time.After(time.Minute); ; {
		select {
		case text := <-s.wrote:
			if strings.Contains(text, what) {
				return
			}
		case <-s.ended:
			t.Fatalf("the stream ended before %q: %d %s", what, s.Code, s.Body)
		case <-late:
			t.Fatalf("%q does not come", what)
		}
	}
}
