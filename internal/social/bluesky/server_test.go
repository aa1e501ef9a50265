package bluesky

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/social/bluesky/blueskytest"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

const (
	shopDID      = "did:plc:shopshopshopshopshopshop"
	shopHandle   = "parcelco.test"
	shopPassword = "abcd-efgh-ijkl-mnop"
	searched     = "parcelhero"
)

var people = map[string]string{
	"ana": "did:plc:anaanaanaanaanaanaanaana",
	"ben": "did:plc:benbenbenbenbenbenbenben",
}

// server is a server of the AT Protocol with its AppView, its firehose and the
// chat service, as their lexicons and documents describe them
// (github.com/bluesky-social/atproto, lexicons; https://atproto.com/specs), and
// under a test's control.
type server struct {
	*httptest.Server
	*blueskytest.Account
	t *testing.T

	mu      sync.Mutex
	changed chan struct{} // closed when there is a new event or the server breaks
	last    time.Time
	records map[string]*entry
	written []string // what came by putRecord
	events  []event
	oldest  int64 // the first event that is kept
	notes   []notification
	found   []postView
	log     []map[string]any // the chat's
	chats   map[string][]map[string]any
	sent    []socialtest.Written // by chat
	plan    []socialtest.Behavior
	down    bool
	appview bool
	lags    bool                                 // the AppView knows no post yet
	instead map[string]func(http.ResponseWriter) // answers to calls
	groups  map[string][]string                  // conversations of more than two: their members
	blocked map[string]bool
	closed  map[string]bool // threads that take no replies
	calls   map[string]int
	extra   [][]byte       // frames for the next that listens
	failing map[string]int // how often a call fails yet
	page    int            // most that a list gives at once; 0: what is asked for
}

type entry struct {
	did, key, cid string
	value         json.RawMessage
	foreign       bool // held by another server
}

type event struct {
	seq   int64
	frame []byte
}

func newServer(t *testing.T) *server {
	s := &server{
		t: t, changed: make(chan struct{}), records: map[string]*entry{}, chats: map[string][]map[string]any{}, appview: true,
		blocked: map[string]bool{}, closed: map[string]bool{}, calls: map[string]int{}, failing: map[string]int{},
		Account: &blueskytest.Account{DID: shopDID, Handle: shopHandle, Password: shopPassword},
	}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(func() {
		s.breakDown()
		s.Server.CloseClientConnections()
		s.Server.Close()
	})
	return s
}

// now never gives the same time twice.
func (s *server) now() time.Time {
	at := time.Now().UTC().Truncate(time.Millisecond)
	if !at.After(s.last) {
		at = s.last.Add(time.Millisecond)
	}
	s.last = at
	return at
}

func (s *server) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *server) breakDown() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = true
	s.wake()
}

func (s *server) mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = false
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/xrpc/")
	if name == "com.atproto.sync.subscribeRepos" {
		s.stream(w, r)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[name]++
	if s.failing[name] > 0 {
		s.failing[name]--
		blueskytest.Fail(w, 502, "UpstreamFailure", "Upstream Failure")
		return
	}
	if f := s.instead[name]; f != nil {
		f(w)
		return
	}
	if s.down {
		blueskytest.Fail(w, 503, "NotAvailable", "down")
		return
	}
	if s.SignIn(w, r, name) {
		return
	}
	switch name {
	case "com.atproto.server.describeServer":
		blueskytest.Give(w, map[string]any{"did": "did:web:localhost", "availableUserDomains": []string{".test"}})
		return
	case "_health":
		blueskytest.Give(w, map[string]string{"version": "0.4.217"})
		return
	}
	if !s.Authorized(w, r) {
		return
	}
	switch {
	case strings.HasPrefix(name, "app.bsky."):
		if !s.appview {
			blueskytest.Fail(w, 400, "InvalidRequest", "No service configured for "+name)
			return
		}
		s.view(w, r, name)
	case strings.HasPrefix(name, "chat.bsky."):
		// "atproto-proxy" names the service (https://atproto.com/specs/xrpc, "Service Proxying").
		if r.Header.Get("Atproto-Proxy") != "did:web:api.bsky.chat#bsky_chat" {
			blueskytest.Fail(w, 501, "MethodNotImplemented", "no such method")
			return
		}
		s.chat(w, r, name)
	default:
		s.repo(w, r, name)
	}
}

// expire ends all access tokens, though they say that they hold.
func (s *server) expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.Access)
}

// next is what to do with a request to publish.
func (s *server) next() socialtest.Behavior {
	if len(s.plan) == 0 {
		return socialtest.OK
	}
	b := s.plan[0]
	s.plan = s.plan[1:]
	return b
}

// spoiled reports whether a request to publish was answered by the plan; lost
// is for one that acts and whose answer is lost.
func (s *server) spoiled(w http.ResponseWriter) (done, lost bool) {
	switch s.next() {
	case socialtest.Down:
		blueskytest.Fail(w, 502, "UpstreamFailure", "Upstream Failure")
	case socialtest.RateLimit:
		w.Header().Set("RateLimit-Reset", strconv.FormatInt(time.Now().Add(30*time.Second).Unix(), 10))
		blueskytest.Fail(w, 429, "RateLimitExceeded", "Rate Limit Exceeded")
	case socialtest.BadAuth:
		s.Revoked = true
		blueskytest.Fail(w, 400, "ExpiredToken", "Token has expired")
	case socialtest.LostReply:
		return false, true
	default:
		return false, false
	}
	return true, false
}

// dropped answers nothing and cuts the connection.
func dropped() { panic(http.ErrAbortHandler) }
