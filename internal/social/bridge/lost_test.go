package bridge_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/social/bridge"
)

// TestALostAnswerIsNeverSaidTwice: the bridge keeps no ids. What is sure not to
// be published is sent again; what may be is asked for, or left to a person.
func TestALostAnswerIsNeverSaidTwice(t *testing.T) {
	t.Parallel()
	lost := func(f *forum, m message) { f.sent = append(f.sent, m); panic(http.ErrAbortHandler) }
	for name, c := range map[string]struct {
		asked  bool
		answer func(*forum, http.ResponseWriter, message) // to the first request
		find   string                                     // instead of the truth, what is said to who asks; a number is a status
		sent   int                                        // in the end
		safe   string                                     // of the error in the end; "" for none
	}{
		"lost, nobody to ask": {answer: func(f *forum, _ http.ResponseWriter, m message) { lost(f, m) }, sent: 1, safe: "nobody knows"},
		"a gateway gave up":   {answer: func(f *forum, w http.ResponseWriter, _ message) { w.WriteHeader(504) }, safe: "nobody knows"},
		"a page of a gateway": {answer: func(f *forum, w http.ResponseWriter, _ message) { fmt.Fprint(w, "<html>") }, safe: "nobody knows"},
		"said to be down":     {answer: func(f *forum, w http.ResponseWriter, _ message) { w.WriteHeader(503) }, sent: 1},
		"the bridge's own word": {answer: func(f *forum, w http.ResponseWriter, _ message) {
			w.WriteHeader(500)
			fmt.Fprint(w, `{"error":"retry"}`)
		}, sent: 1},
		"lost, and found":            {asked: true, answer: func(f *forum, _ http.ResponseWriter, m message) { lost(f, m) }, sent: 1},
		"lost before it was there":   {asked: true, answer: func(f *forum, w http.ResponseWriter, _ message) { w.WriteHeader(504) }, sent: 1},
		"asked, and no clear word":   {asked: true, answer: func(f *forum, _ http.ResponseWriter, m message) { lost(f, m) }, find: `{"ok":true}`, sent: 1, safe: "nobody knows"},
		"asked at the wrong place":   {asked: true, answer: func(f *forum, _ http.ResponseWriter, m message) { lost(f, m) }, find: `<html>`, sent: 1, safe: "the place to find messages at answers with a page"},
		"asked where nothing is":     {asked: true, answer: func(f *forum, _ http.ResponseWriter, m message) { lost(f, m) }, find: "404", sent: 1, safe: "the place to find messages at is not there (404)"},
		"asked, and sent elsewhere":  {asked: true, answer: func(f *forum, _ http.ResponseWriter, m message) { lost(f, m) }, find: "302", sent: 1, safe: "the place to find messages at is somewhere else (302)"},
		"asked, found without an id": {asked: true, answer: func(f *forum, _ http.ResponseWriter, m message) { lost(f, m) }, find: `{"found":true}`, sent: 1},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForum(t, func(f *forum, b *bridge.Config) {
				b.Idempotent, f.forgets = false, true
				if c.asked {
					b.Find = f.srv.URL + "/find?from=advocate"
				}
			})
			first := true
			f.answer = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == "/find" && c.find != "" {
					if status, err := strconv.Atoi(c.find); err == nil {
						w.WriteHeader(status)
					} else {
						fmt.Fprint(w, c.find)
					}
					return true
				}
				if !first {
					return false
				}
				first = false
				c.answer(f, w, message{ID: "k", Text: "Hello", published: "1000"})
				return true
			}
			var err error
			for range 4 {
				if _, err = f.n.Send(t.Context(), f.fixtureMessage()); err == nil {
					break
				}
			}
			if (err == nil) != (c.safe == "") || err != nil && (!strings.Contains(errorOf(t, err).Safe, c.safe) || errorOf(t, err).Retry) || f.count() != c.sent {
				t.Errorf("%d messages, error %v; want %d, %q", f.count(), err, c.sent, c.safe)
			}
		})
	}
}

// TestWhatNeverLeftIsSentAgain: a bridge that does not run has published
// nothing, even where nobody could say so afterwards.
func TestWhatNeverLeftIsSentAgain(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(http.Handler) *httptest.Server{
		"refused":       nil,
		"no trust, TLS": httptest.NewTLSServer,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newForum(t, func(f *forum, c *bridge.Config) {
				c.Idempotent, c.Callback = false, f.srv.URL+"/take/?from=advocate"
				if start == nil {
					f.srv.Close()
					return
				}
				srv := start(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it has arrived") }))
				srv.Config.ErrorLog = log.New(io.Discard, "", 0)
				t.Cleanup(srv.Close)
				c.Callback = srv.URL
			})
			for range 3 {
				if _, err := f.n.Send(t.Context(), f.fixtureMessage()); !errorOf(t, err).Retry {
					t.Fatalf("given up: %v", err)
				}
			}
		})
	}
}
