package x

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/social/socialtest"
	"github.com/contact-advocate/advocate/internal/social/x/xtest"
)

// The people of the scripted X, by id.
const (
	shop = "1111111111111111111"
	ana  = "2222222222222222222"
	ben  = "2333333333333333333"
)

var names = map[string]string{shop: "shop", ana: "ana_b", ben: "ben_c"}

// Its credentials.
const (
	consumerSecret = "consumer-secret"
	accessToken    = "1111111111111111111-access"
	bearer         = "app-bearer"
)

// tpost is a post of the scripted X: its versions, each a post to X
// (https://docs.x.com/x-api/fundamentals/edit-posts, "Edit rules").
type tpost struct {
	ids    []string
	author string
	text   string
	to     string // what it answers
	of     string // what it passes on
	gone   bool
	at     time.Time
	extra  map[string]any
}

func (p *tpost) id() string { return p.ids[len(p.ids)-1] }

type tmessage struct {
	id, from, to, text string
	at                 time.Time
}

// server is the part of X that the connector uses, built from the documents
// that are named where it does what they say.
type server struct {
	*httptest.Server
	app *xtest.App
	t   *testing.T
	now func() time.Time

	mu       sync.Mutex
	last     uint64
	posts    []*tpost
	messages []tmessage
	sent     []string   // the ids of what was published, direct messages too
	without  [][]string // whom each public answer is not to call
	plan     []socialtest.Behavior
	down     bool
	refuse   func(w http.ResponseWriter, r *http.Request) bool
	asked    []string // requests, in their order
	rules    []rule
	streams  map[chan []byte]bool
	cut      chan struct{} // closed to cut the streams
	grants   map[string]string
	access   string // the OAuth 2.0 access token that holds
}

func newServer(t *testing.T, now func() time.Time) *server {
	s := &server{t: t, now: now, streams: map[chan []byte]bool{}, cut: make(chan struct{}), grants: map[string]string{"refresh-0": "refresh-1"}}
	s.app = &xtest.App{
		ConsumerKey: "consumer-key", ConsumerSecret: consumerSecret, AccessToken: accessToken, AccessTokenSecret: "access-secret", Bearer: bearer,
		User: person(shop), Webhooks: []xtest.Webhook{{ID: "1", URL: "https://shop.example/hooks/x"}},
	}
	s.Server = httptest.NewServer(s.routes())
	t.Cleanup(func() {
		s.breakStreams()
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2/users/me", s.user(s.app.Me))
	mux.HandleFunc("GET /2/users/"+shop+"/mentions", s.user(s.list(func(_ *http.Request, p *tpost) bool {
		return p.author != shop && (strings.Contains(p.text, "@shop") || s.authorOf(p.to) == shop)
	})))
	mux.HandleFunc("GET /2/users/"+shop+"/tweets", s.user(s.list(func(_ *http.Request, p *tpost) bool { return p.author == shop })))
	mux.HandleFunc("GET /2/tweets/search/recent", s.user(s.list(func(r *http.Request, p *tpost) bool {
		return p.author != shop && p.of == "" && matches(r.URL.Query().Get("query"), p.text)
	})))
	mux.HandleFunc("GET /2/tweets/{id}", s.user(s.lookUp))
	mux.HandleFunc("POST /2/tweets", s.user(s.create))
	mux.HandleFunc("POST /2/dm_conversations/with/{id}/messages", s.user(s.createMessage))
	mux.HandleFunc("GET /2/dm_conversations/with/{id}/dm_events", s.user(s.listMessages))
	mux.HandleFunc("GET /2/dm_events", s.user(s.listMessages))
	mux.HandleFunc("GET /2/dm_events/{id}", s.user(s.lookUpMessage))
	mux.HandleFunc("POST /2/oauth2/token", s.token)
	mux.HandleFunc("GET /"+rulesPath, s.app.AsApp(s.listRules))
	mux.HandleFunc("POST /"+rulesPath, s.app.AsApp(s.changeRules))
	mux.HandleFunc("GET /2/tweets/search/stream", s.app.AsApp(s.stream))
	mux.HandleFunc("GET /2/webhooks", s.app.AsApp(s.app.ListWebhooks))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.Method+" "+r.URL.Path)
		down, refuse := s.down, s.refuse
		s.mu.Unlock()
		if down {
			drop(w)
			return
		}
		if refuse != nil && refuse(w, r) {
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// refusing makes every request be shown to f first; it is true for what it has
// answered.
func (s *server) refusing(f func(w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = f
}

// drop ends the connection without an answer.
func drop(w http.ResponseWriter) {
	c, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		c.Close()
	}
}

// user lets in whoever has our account's credentials, by OAuth 1.0a or 2.0.
func (s *server) user(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		two := s.access != "" && r.Header.Get("Authorization") == "Bearer "+s.access
		s.mu.Unlock()
		if two {
			next(w, r)
			return
		}
		s.app.AsUser(next)(w, r)
	}
}

func person(id string) map[string]any {
	return map[string]any{"id": id, "name": "Name of " + names[id], "username": names[id]}
}

// nextID makes ids as X does, by the time.
func (s *server) nextID() string {
	id, _ := strconv.ParseUint(idAt(s.now()), 10, 64)
	s.last = max(s.last+1, id)
	return strconv.FormatUint(s.last, 10)
}

func (s *server) byID(id string) *tpost {
	for _, p := range s.posts {
		if slices.Contains(p.ids, id) && !p.gone {
			return p
		}
	}
	return nil
}

func (s *server) authorOf(id string) string {
	if p := s.byID(id); p != nil {
		return p.author
	}
	return ""
}

// write publishes a post, tells the streams, and returns its first id.
func (s *server) write(p tpost) *tpost {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writeLocked(p)
}

func (s *server) writeLocked(p tpost) *tpost {
	p.ids, p.at = []string{s.nextID()}, s.now()
	s.posts = append(s.posts, &p)
	s.tell(&p)
	return &p
}

func (s *server) edit(id, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.byID(id)
	p.ids, p.text = append(p.ids, s.nextID()), text
	s.tell(p)
}

func (s *server) remove(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byID(id).gone = true
}

// object is a post as the API v2 says it
// (https://docs.x.com/x-api/fundamentals/data-dictionary).
func (s *server) object(p *tpost) map[string]any {
	o := map[string]any{
		"id": p.id(), "text": strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(p.text), "author_id": p.author, "lang": "en",
		"created_at": p.at.Format("2006-01-02T15:04:05.000Z"), "edit_history_tweet_ids": p.ids, "conversation_id": p.ids[0],
	}
	if strings.Contains(p.text, "@shop") {
		o["entities"] = map[string]any{"mentions": []any{map[string]any{"id": shop, "username": "shop"}}}
	}
	if p.to != "" {
		o["referenced_tweets"] = []any{map[string]any{"type": "replied_to", "id": p.to}}
		o["in_reply_to_user_id"] = s.authorOf(p.to)
	}
	if p.of != "" {
		o["referenced_tweets"] = []any{map[string]any{"type": "retweeted", "id": p.of}}
	}
	for k, v := range p.extra {
		o[k] = v
	}
	return o
}

func (s *server) includes(posts ...*tpost) map[string]any {
	var users, tweets []any
	for _, p := range posts {
		users = append(users, person(p.author))
		if other := s.byID(p.to); other != nil {
			tweets = append(tweets, s.object(other))
		}
	}
	return map[string]any{"users": users, "tweets": tweets, "media": []any{map[string]any{
		"media_key": "3_1", "type": "photo", "url": "https://pbs.twimg.com/media/a.jpg", "alt_text": "a broken cup",
	}}}
}

// list serves a list of posts, the newest first
// (https://docs.x.com/x-api/posts/timelines/integrate, "Pagination" and
// "Filtering").
func (s *server) list(is func(*http.Request, *tpost) bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		q := r.URL.Query()
		most, _ := strconv.Atoi(q.Get("max_results"))
		if most < 10 || most > 100 {
			xtest.Refuse(w, http.StatusBadRequest, "https://api.x.com/2/problems/invalid-request", "max_results")
			return
		}
		var all []*tpost
		for _, p := range s.posts {
			if !p.gone && is(r, p) && later(p.id(), q.Get("since_id")) && (q.Get("until_id") == "" || later(q.Get("until_id"), p.id())) {
				all = append(all, p)
			}
		}
		slices.SortFunc(all, func(a, b *tpost) int {
			if later(a.id(), b.id()) {
				return -1
			}
			return 1
		})
		skip, _ := strconv.Atoi(strings.TrimPrefix(q.Get("pagination_token"), "page"))
		all = all[min(skip, len(all)):]
		meta := map[string]any{"result_count": min(most, len(all))}
		if len(all) > most {
			all, meta["next_token"] = all[:most], "page"+strconv.Itoa(skip+most)
		}
		out := map[string]any{"meta": meta}
		if len(all) > 0 {
			var data []any
			for _, p := range all {
				data = append(data, s.object(p))
			}
			out["data"], out["includes"] = data, s.includes(all...)
		}
		xtest.Answer(w, out)
	}
}

// matches reads a query of the form that queries makes.
func matches(query, text string) bool {
	words, _, _ := strings.Cut(strings.TrimPrefix(query, "("), ")")
	for w := range strings.SplitSeq(words, " OR ") {
		if strings.Contains(strings.ToLower(text), strings.ToLower(strings.Trim(w, `"`))) {
			return true
		}
	}
	return false
}

// lookUp says what is not there with 200 ("Partial errors").
func (s *server) lookUp(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.byID(r.PathValue("id"))
	if p == nil {
		xtest.Answer(w, map[string]any{"errors": []any{map[string]any{"title": "Not Found Error", "type": "https://api.x.com/2/problems/resource-not-found"}}})
		return
	}
	xtest.Answer(w, map[string]any{"data": s.object(p), "includes": s.includes(p)})
}
