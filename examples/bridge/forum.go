package main

import (
	"crypto/rand"
	"encoding/json"
	"html/template"
	"io"
	"log"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// post is a post in the form of POST /v1/posts.
type post struct {
	ID        string    `json:"id"`
	Author    author    `json:"author"`
	Text      string    `json:"text"`
	At        time.Time `json:"at"`
	InReplyTo string    `json:"in_reply_to,omitempty"`
}

type author struct {
	ID string `json:"id"`
}

// forum is one page of posts.
type forum struct {
	http.ServeMux
	key  []byte // signs both ways
	hook string // where posts go
	run  string // begins each id of ours: after a restart none is given again
	log  *log.Logger

	mu      sync.Mutex
	posts   []post
	replies map[string]string // the id that a reply was sent with → the post's that it became
	unsent  []post
	wrote   chan struct{} // something is unsent
}

func newForum(key []byte, hook string) *forum {
	f := &forum{key: key, hook: hook, run: rand.Text()[:10] + "-", log: log.Default(), replies: map[string]string{}, wrote: make(chan struct{}, 1)}
	f.HandleFunc("GET /{$}", f.show)
	f.HandleFunc("POST /write", f.write)
	f.HandleFunc("POST /callback", f.callback)
	f.HandleFunc("GET /callback", f.check)
	return f
}

// publish gives a post its id. The caller holds the lock.
func (f *forum) publish(p post) post {
	p.ID, p.At = f.run+strconv.Itoa(len(f.posts)+1), time.Now().UTC()
	f.posts = append(f.posts, p)
	return p
}

// write takes what somebody has written on the page.
func (f *forum) write(w http.ResponseWriter, r *http.Request) {
	p := post{Author: author{r.PostFormValue("name")}, Text: r.PostFormValue("text"), InReplyTo: r.PostFormValue("answers")}
	if p.Author.ID == "" || p.Author.ID == shop || p.Text == "" || len(p.Author.ID)+len(p.Text) > 2000 {
		http.Error(w, "want a name and a text", http.StatusBadRequest)
		return
	}
	f.mu.Lock()
	f.unsent = append(f.unsent, f.publish(p))
	f.mu.Unlock()
	select {
	case f.wrote <- struct{}{}:
	default:
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// shop is the name that the company answers under.
const shop = "Example Shop"

// callback publishes a reply once, however often it comes.
func (f *forum) callback(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil || !signed(f.key, r.Header, body, time.Now()) {
		f.notSigned(w, r)
		return
	}
	var m struct {
		Type, ID, To, Text string
		InReplyTo          string `json:"in_reply_to"`
	}
	if err := json.Unmarshal(body, &m); err != nil || m.Type != "message" {
		answer(w, http.StatusBadRequest, map[string]any{"error": "refused", "message": "want a message"})
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !slices.ContainsFunc(f.posts, func(p post) bool { return p.ID == m.InReplyTo }) {
		f.log.Printf("reply %s answers post %s, which is not here (any more)", m.ID, m.InReplyTo)
		answer(w, http.StatusOK, map[string]any{"error": "gone", "message": "there is no such post"})
		return
	}
	id, known := f.replies[m.ID]
	if !known {
		id = f.publish(post{Author: author{shop}, Text: m.Text, InReplyTo: m.InReplyTo}).ID
		f.replies[m.ID] = id
	}
	answer(w, http.StatusOK, map[string]any{"id": id, "url": "http://" + r.Host + "/#" + id})
}

// check says who we are, for "advocate doctor".
func (f *forum) check(w http.ResponseWriter, r *http.Request) {
	if !signed(f.key, r.Header, nil, time.Now()) {
		f.notSigned(w, r)
		return
	}
	answer(w, http.StatusOK, map[string]any{"account": shop, "server": "example forum"})
}

func (f *forum) notSigned(w http.ResponseWriter, r *http.Request) {
	f.log.Printf("a request to %s is not signed with FORUM_SECRET, or a clock is wrong", r.URL.Path)
	http.Error(w, "not signed", http.StatusUnauthorized)
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

var page = template.Must(template.New("").Parse(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Forum</title><h1>Forum</h1>
{{range .}}<p id="{{.ID}}"><b>{{.Author.ID}}</b>{{with .InReplyTo}} to <a href="#{{.}}">{{.}}</a>{{end}}: {{.Text}}</p>{{end}}
<form method="post" action="/write"><label>Name <input name="name" required></label> <label>Text <input name="text" required></label>
<label>Answers no. <input name="answers"></label> <button>Write</button></form></html>`))

func (f *forum) show(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = page.Execute(w, f.posts)
}
