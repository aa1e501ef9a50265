// Package mastodontest is a Mastodon server for tests: its REST and streaming
// APIs, as far as a connector uses them, over accounts that the test plays. It
// does what https://docs.joinmastodon.org/ says, and on demand what real
// servers have been seen to do.
package mastodontest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault is what the server does with one request to publish.
type Fault string

const (
	OK        Fault = ""
	Down      Fault = "down"       // 503
	RateLimit Fault = "rate_limit" // 429
	LostReply Fault = "lost_reply" // acts, and cuts the connection
	Gone      Fault = "gone"       // 404: the post that is answered is not there
	Blocked   Fault = "blocked"    // 404: its author blocks us
	BadAuth   Fault = "bad_auth"   // 401
)

// Options of a server. The zero value is Mastodon as it is documented.
type Options struct {
	Now         func() time.Time // time.Now by default
	GoToSocial  bool             // honours no Idempotency-Key, has another version
	ProtocolTok bool             // takes the stream's token as Sec-WebSocket-Protocol alone, as Pleroma does
	NoStreaming bool
	OneEach     bool // closes a stream after each message
	QuietEdits  bool // does not announce edits
	QuietDelete bool // does not announce deletions
}

// Status is a post on the server.
type Status struct {
	ID, Author, Text, Spoiler, Visibility, InReplyTo, Language string
	Created, Edited                                            time.Time
	Mentions                                                   []string // accounts' ids
	Reblog                                                     string   // the id of what it passes on
	Deleted                                                    bool
	Muted                                                      bool // taken off a page after it was cut, as GoToSocial does
}

type account struct {
	id, name, token string
	blocks          map[string]bool // whom it blocks
}

type notice struct {
	number int
	to     string
	status string
}

// Server is one server with its accounts: shop, whose network is tried, ana
// and ben.
type Server struct {
	*httptest.Server
	o Options

	mu       sync.Mutex
	accounts []*account
	statuses []*Status
	notices  []notice
	keys     map[string]string // Idempotency-Key → id
	plan     []Fault
	bloated  int             // answers to requests for more notifications than this are of 5 MiB; 0 none
	limited  int             // this many requests for notifications get 429
	refused  map[string]bool // paths, with their query, that get 500
	broken   bool
	revoked  map[string]bool
	streams  map[*stream]bool
	dropNext int               // messages that the streams lose
	raw      map[string]string // answers instead of a status' own JSON
	requests map[string]int
	number   int
}

// New starts a server. It ends with Close.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{o: o, keys: map[string]string{}, revoked: map[string]bool{}, streams: map[*stream]bool{}, requests: map[string]int{}, raw: map[string]string{}, refused: map[string]bool{}}
	for i, name := range []string{"shop", "ana", "ben"} {
		s.accounts = append(s.accounts, &account{id: strconv.Itoa(1001 + i), name: name, token: "token-of-" + name, blocks: map[string]bool{}})
	}
	s.Server = httptest.NewServer(s.handler())
	return s
}

// Host is the server's name in addresses.
func (s *Server) Host() string {
	u, _ := url.Parse(s.URL)
	return u.Host
}

// Token is an account's access token.
func (s *Server) Token(name string) string { return s.named(name).token }

// ID is an account's id.
func (s *Server) ID(name string) string { return s.named(name).id }

func (s *Server) named(name string) *account {
	for _, a := range s.accounts {
		if a.name == name {
			return a
		}
	}
	panic("no account " + name)
}

func (s *Server) byID(id string) *account {
	for _, a := range s.accounts {
		if a.id == id {
			return a
		}
	}
	return nil
}

// Write publishes a post of an account and returns its id. Who is mentioned in
// Text is told.
func (s *Server) Write(name string, st Status) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.write(s.named(name), st).ID
}

func (s *Server) write(a *account, st Status) *Status {
	s.number++
	st.ID = strconv.Itoa(108914343542683000 + s.number)
	st.Author = a.id
	st.Created = s.o.Now()
	if st.Visibility == "" {
		st.Visibility = "public"
	}
	for _, other := range s.accounts {
		if mentions(st.Text, other.name, s.Host()) && other != a {
			st.Mentions = append(st.Mentions, other.id)
		}
	}
	s.statuses = append(s.statuses, &st)
	for _, other := range s.accounts {
		if other == a || st.Reblog != "" { // followers; the shop follows everybody here
			s.tell(other, "update", s.statusJSON(&st))
		}
		if slices.Contains(st.Mentions, other.id) && !other.blocks[a.id] {
			s.notices = append(s.notices, notice{len(s.notices) + 1, other.id, st.ID})
			s.tell(other, "notification", s.noticeJSON(s.notices[len(s.notices)-1]))
		}
	}
	return &st
}

// mentions finds @name and @name@host.
func mentions(text, name, host string) bool {
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \n,!?;()", r) }) {
		w = strings.TrimRight(w, ".:") // of the sentence
		if w == "@"+name || w == "@"+name+"@"+host {
			return true
		}
	}
	return false
}

// Edit changes a post's text.
func (s *Server) Edit(id, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.get(id)
	st.Text, st.Edited = text, s.o.Now().Add(time.Millisecond*time.Duration(s.number))
	s.number++
	if s.o.QuietEdits {
		return
	}
	for _, a := range s.accounts {
		if a.id == st.Author || slices.Contains(st.Mentions, a.id) {
			s.tell(a, "status.update", s.statusJSON(st))
		}
	}
}

// Delete takes a post away. On Mastodon what answered it answers nothing then.
func (s *Server) Delete(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.get(id).Deleted = true
	for _, st := range s.statuses {
		if st.InReplyTo == id && !s.o.GoToSocial {
			st.InReplyTo = ""
		}
	}
	if s.o.QuietDelete {
		return
	}
	for _, a := range s.accounts {
		s.tell(a, "delete", id)
	}
}

func (s *Server) get(id string) *Status {
	for _, st := range s.statuses {
		if st.ID == id && !st.Deleted {
			return st
		}
	}
	return nil
}

// Handover renames an account and gives its old name to a new one.
func (s *Server) Handover(name, now string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.named(name).name = now
	id := strconv.Itoa(1001 + len(s.accounts))
	s.accounts = append(s.accounts, &account{id: id, name: name, token: "token-of-the-new-" + name, blocks: map[string]bool{}})
}

// Unlist takes a post's notifications away, as when its author is muted.
func (s *Server) Unlist(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.notices {
		if s.notices[i].status == id {
			s.notices[i].to = ""
		}
	}
}

// Unmute puts a post back on the pages.
func (s *Server) Unmute(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.get(id).Muted = false
}

// Block makes one account block another, or no longer.
func (s *Server) Block(by, whom string, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.named(by).blocks[s.named(whom).id] = on
}

// Written lists what an account wrote, oldest first.
func (s *Server) Written(name string) []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Status
	for _, st := range s.statuses {
		if st.Author == s.named(name).id && !st.Deleted {
			out = append(out, *st)
		}
	}
	return out
}

// Next says what happens to the next requests to publish, one fault each.
func (s *Server) Next(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plan = append(s.plan, faults...)
}

// Limit refuses the next n requests for notifications with 429.
func (s *Server) Limit(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limited = n
}

// Refuse has requests with a part in their address fail, or no more.
func (s *Server) Refuse(part string, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused[part] = on
}

// Bloat makes answers to requests for more than most notifications too large
// to be read.
func (s *Server) Bloat(most int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bloated = most
}

// Lose makes the streams lose the next n messages.
func (s *Server) Lose(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropNext = n
}

// Replace answers with raw wherever a post should stand.
func (s *Server) Replace(id, raw string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raw[id] = raw
}

// Revoke makes an account's token worthless, and ends its streams, or restores
// it.
func (s *Server) Revoke(name string, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked[s.named(name).token] = on
	if on {
		s.cut(s.named(name).id)
	}
}

// Break cuts all streams and refuses everything until Mend.
func (s *Server) Break() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = true
	s.cut("")
}

// Mend ends what Break began.
func (s *Server) Mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = false
}

// Requests counts the requests for a path so far.
func (s *Server) Requests(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests[path]
}

// Streams counts the connections that listen.
func (s *Server) Streams() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.streams)
}

// Close ends the server and its streams.
func (s *Server) Close() {
	s.Break()
	s.Server.Close()
}

// sees reports whether an account may see a post: not where its author blocks
// it, and private ones only by who is mentioned.
func (s *Server) sees(a *account, st *Status) bool {
	author := s.byID(st.Author)
	switch {
	case author == a:
		return true
	case author.blocks[a.id]:
		return false
	}
	return st.Visibility == "public" || st.Visibility == "unlisted" || slices.Contains(st.Mentions, a.id)
}

func fail(w http.ResponseWriter, status int, words string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, "{\"error\":%q}", words)
}
