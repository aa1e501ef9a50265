package httpapi

import (
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/contact-advocate/advocate/internal/auth"
)

// slow are callers who begin a body and do not go on.
type slow struct {
	f    *fixture
	wait sync.WaitGroup
	open []*io.PipeWriter
}

func (f *fixture) slow() *slow {
	s := &slow{f: f}
	f.Cleanup(s.end)
	return s
}

// begin sends the first byte of a body; it returns once that was read.
func (s *slow) begin(from, path string, headers ...string) {
	s.f.Helper()
	out, in := io.Pipe()
	r := httptest.NewRequest("POST", path, out)
	r.RemoteAddr = from
	r.Header.Set("Content-Type", "application/json")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	s.wait.Go(func() { s.f.api.ServeHTTP(httptest.NewRecorder(), r) })
	if _, err := in.Write([]byte("{")); err != nil {
		s.f.Fatal(err)
	}
	s.open = append(s.open, in)
}

func (s *slow) end() {
	for _, in := range s.open {
		_ = in.CloseWithError(io.ErrUnexpectedEOF)
	}
	s.wait.Wait()
	s.open = nil
}

func (r *room) used() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sum
}

// TestSlowBodiesTakeNoPlaces: who sends a body byte by byte keeps none waiting
// but strangers of the same address, and is out of nobody's way once gone.
func TestSlowBodiesTakeNoPlaces(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	root := d.first()
	rooms := d.api.rooms
	s := d.slow()
	for i := range maxStranger {
		s.begin(fmt.Sprintf("198.51.100.7:%d", i+1), "/v1/session")
	}
	if n := rooms.strange.work.used() + rooms.known.work.used() + rooms.door.used(); n != 0 {
		t.Fatalf("%d places are held by who has sent nothing yet", n)
	}
	const credentials = `{"login":"root","password":"x"}`
	d.want(d.call("POST", "/v1/session", credentials, "Remote: 198.51.100.7:9"), 503)
	d.want(d.call("POST", "/v1/session", credentials, "Remote: 198.51.100.8:9"), 401)
	for _, path := range []string{"/healthz", "/readyz"} {
		d.want(d.call("GET", path, "", "Remote: 198.51.100.7:9"), 200)
	}
	same := d.browser("198.51.100.7")
	same.jar = root.jar
	same.do(200, "GET", "/v1/session", nil)
	same.do(201, "POST", "/v1/users", fields{"login": "eve", "role": "agent"})
	d.want(d.call("POST", "/v1/posts", goodPost, "Remote: 198.51.100.7:9", d.as(auth.RoleIngest)), 202)

	// From many addresses they take each other's places, and nobody else's.
	for i := range maxStrangers - maxStranger {
		s.begin(fmt.Sprintf("203.0.%d.%d:1", i/200, i%200), "/v1/session")
	}
	d.want(d.call("POST", "/v1/session", credentials, "Remote: 198.51.100.8:9"), 503)
	d.want(d.call("GET", "/healthz", ""), 200)
	root.do(200, "GET", "/v1/session", nil)
	d.want(d.call("GET", "/sign-in", "", "Remote: 198.51.100.7:9"), 200)
	s.end()
	if n := rooms.strange.bodies.used(); n != 0 {
		t.Errorf("%d places are held by nobody", n)
	}
	d.want(d.call("POST", "/v1/session", credentials, "Remote: 198.51.100.8:10"), 401)
}

// TestBodiesAreCountedAsTheyCome: what strangers have sent is bounded, however
// many they are; what they say that they will send takes nothing.
func TestBodiesAreCountedAsTheyCome(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.api.rooms.strange.most = 1000
	s := f.slow()
	s.begin("198.51.100.7:1", "/hooks/shop")
	half := strings.Repeat(" ", 500)
	for _, part := range []string{half, " "} { // once the second is read, the first was counted
		if _, err := s.open[0].Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	f.want(f.call("POST", "/hooks/shop", half, "Remote: 198.51.100.8:1"), 503)
	s.end()
	f.want(f.call("POST", "/hooks/shop", half, "Remote: 198.51.100.8:1"), 401)
	if n := f.api.rooms.strange.bytes.Load(); n != 0 {
		t.Errorf("%d bytes are counted of bodies that are gone", n)
	}
}

// TestStrangersPlacesAreNotTheSignedIns: who reads an open page slowly keeps no
// person of the same address out.
func TestStrangersPlacesAreNotTheSignedIns(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	root := d.first()
	for range maxStranger {
		if !d.api.rooms.strange.work.take("192.0.2.1") {
			t.Fatal("no place")
		}
	}
	d.want(d.call("GET", "/sign-in", ""), 503)
	d.want(d.call("GET", "/sign-in", "", "Remote: 192.0.2.2:1"), 200)
	same := d.browser("192.0.2.1")
	same.jar = root.jar
	same.do(200, "GET", "/sign-in", nil)
	same.do(200, "GET", "/v1/session", nil)
	d.want(d.call("GET", "/sign-in", "", "Cookie: __Host-advocate="+strings.Repeat("A", 43)), 503)
	if n := d.api.rooms.known.work.used() + d.api.rooms.door.used(); n != 0 {
		t.Errorf("%d places are held by nobody", n)
	}
}

// TestWaitingStrangersTakeNoStreams: those who wait for the sandbox network's
// posts have places of their own, and one address a share of them.
func TestWaitingStrangersTakeNoStreams(t *testing.T) {
	t.Parallel()
	f := newFixture(t, withSandbox(t))
	waits := f.api.rooms.strange.streams
	for range maxWait {
		if !waits.take("192.0.2.1") {
			t.Fatal("no place")
		}
	}
	f.want(f.call("GET", "/v1/sandbox/timeline", ""), 503)
	f.want(f.call("GET", "/v1/sandbox/timeline", "", "Remote: 192.0.2.2:1"), 200)
	for i := range maxWaits - maxWait {
		waits.take(fmt.Sprint(i))
	}
	f.want(f.call("GET", "/v1/sandbox/timeline", "", "Remote: 192.0.2.2:1"), 503)
	if waits.take("198.51.100.1") {
		t.Error("there are more than there may be")
	}
}

// TestOnesOwnStreamsAreBounded: no person takes all the streams there are.
func TestOnesOwnStreamsAreBounded(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	root := d.first()
	for range maxOwnStreams {
		if !d.api.rooms.known.streams.take("session root") {
			t.Fatal("no place")
		}
	}
	root.do(503, "GET", "/v1/stream", nil)
	if n := d.api.rooms.known.streams.used(); n != maxOwnStreams {
		t.Errorf("%d streams are open", n)
	}
	root.person("ana", "agent").listen()
}
