package web_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "a-token-that-nobody-may-see"

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// client asks a server that behaves as h does.
func client(t *testing.T, h http.HandlerFunc) *web.Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	base, err := url.Parse(srv.URL + "/api")
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{MaxResponseHeaderBytes: 64 << 10}
	t.Cleanup(transport.CloseIdleConnections)
	return &web.Client{Base: base, HTTP: &http.Client{Transport: transport}, Agent: "test", Now: func() time.Time { return now },
		Sign: func(r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+token)
			q := r.URL.Query()
			q.Set("access_token", token)
			r.URL.RawQuery = q.Encode()
			return nil
		}}
}

func errorOf(t *testing.T, err error) *social.Error {
	t.Helper()
	var e *social.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a *social.Error", err)
	}
	for _, s := range []string{e.Safe, err.Error(), fmt.Sprintf("%+v", e)} {
		if strings.Contains(s, token) {
			t.Errorf("the token stands in %q", s)
		}
	}
	return e
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	stolen := make(chan string, 8)
	thief := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		stolen <- r.Header.Get("Authorization")
		fmt.Fprint(w, `{"id":"stolen"}`)
	}))
	defer thief.Close()
	var posted []string
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		posted = append(posted, r.Method+" "+r.URL.Path)
		switch r.URL.Path {
		case "/api/away":
			http.Redirect(w, r, thief.URL, http.StatusTemporaryRedirect)
		case "/api/near":
			http.Redirect(w, r, "/api/here", http.StatusFound)
		case "/api/round":
			http.Redirect(w, r, "/api/round", http.StatusFound)
		default:
			fmt.Fprint(w, `{"id":"here"}`)
		}
	})
	var out struct{ ID string }
	for _, c2 := range []struct {
		method, path string
		ok           bool
	}{{"GET", "near", true}, {"GET", "away", false}, {"GET", "round", false}, {"POST", "near", false}, {"POST", "away", false}} {
		out.ID = ""
		posted = nil
		_, err := c.Do(t.Context(), web.Request{Method: c2.method, Path: c2.path, Out: &out})
		if c2.ok {
			if err != nil || out.ID != "here" {
				t.Errorf("%s %s: %q, %v", c2.method, c2.path, out.ID, err)
			}
			continue
		}
		if e := errorOf(t, err); e.Retry || e.Fault != social.FaultOperator || out.ID != "" || len(posted) > 5 {
			t.Errorf("%s %s: %q, %+v, after %d requests", c2.method, c2.path, out.ID, e, len(posted))
		}
	}
	if len(stolen) > 0 {
		t.Errorf("another host was asked, with %q", <-stolen)
	}
}

// TestHostileAnswers: a server that wants to harm us costs what an honest one
// does, and is to be asked again later.
func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{})
	defer close(gone)
	for name, h := range map[string]http.HandlerFunc{
		"packed": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			for range 64 {
				_, _ = z.Write(make([]byte, 1<<20))
			}
			_ = z.Close()
		},
		"endless": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		},
		"headers": func(w http.ResponseWriter, _ *http.Request) {
			for i := range 64 {
				w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("x", 2<<10))
			}
		},
		"broken off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"id":"`)
		},
		"no HTTP": func(w http.ResponseWriter, _ *http.Request) {
			c, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_, _ = io.WriteString(c, "SSH-2.0-"+strings.Repeat("x", 1000)+"\r\n")
				c.Close()
			}
		},
		"no JSON":   func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `<html>`) },
		"other":     func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `[1]`) },
		"deep JSON": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("[", 1<<20)) },
	} {
		c := client(t, h)
		var out struct{ ID string }
		a, err := c.Do(t.Context(), web.Request{Path: "x", Out: &out})
		if e := errorOf(t, err); !e.Retry || e.Fault != social.FaultNetwork || len(a.Body) > 4<<20+1 {
			t.Errorf("%s: %+v, %d bytes", name, e, len(a.Body))
		}
	}
	slow := client(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "{")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
		case <-gone:
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := slow.Do(ctx, web.Request{Path: "x", Out: new(any)})
	if e := errorOf(t, err); !e.Retry {
		t.Errorf("slow: %+v", e)
	}
}

func TestPathsStayBelow(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 1)
	c := client(t, func(w http.ResponseWriter, r *http.Request) { asked <- r.URL.EscapedPath() })
	for path, want := range map[string]string{
		"/posts/1": "/api/posts/1", "posts/1/": "/api/posts/1/", "posts/a%2Bb": "/api/posts/a%2Bb", "posts/a?b#c": "/api/posts/a%3Fb%23c", "": "/api",
		"posts/../me": "", "posts/..": "", "posts/%2e%2e/me": "", "posts/..%2fme": "", "posts/.": "", "posts//me": "", `posts/..\me`: "", "posts/a\nb": "", "posts/%": "",
	} {
		_, err := c.Do(t.Context(), web.Request{Path: path})
		if want == "" {
			if e := errorOf(t, err); e.Fault != social.FaultOurs || len(asked) > 0 {
				t.Errorf("%q: %+v, %d asked", path, e, len(asked))
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", path, err)
		} else if got := <-asked; got != want {
			t.Errorf("%q asked for %q, want %q", path, got, want)
		}
	}
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]social.Error{
		401: {Fault: social.FaultOperator}, 403: {Fault: social.FaultOperator}, 404: {Retry: true, Fault: social.FaultNetwork}, 410: {Retry: true, Fault: social.FaultNetwork},
		408: {Retry: true, Fault: social.FaultNetwork, After: 7 * time.Second}, 429: {Retry: true, Fault: social.FaultNetwork, After: 7 * time.Second},
		500: {Retry: true, Fault: social.FaultNetwork, After: 7 * time.Second}, 422: {Fault: social.FaultOurs}, 304: {Fault: social.FaultOperator},
	} {
		c := client(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(status)
			if status != 304 {
				fmt.Fprint(w, "ana said "+token)
			}
		})
		_, err := c.Do(t.Context(), web.Request{Path: "x"})
		e := errorOf(t, err)
		var se *web.StatusError
		if e.Retry != want.Retry || e.Fault != want.Fault || e.After != want.After || !errors.As(err, &se) || se.Status != status || strings.Contains(err.Error(), "ana") {
			t.Errorf("%d: %+v", status, e)
		}
	}
	c := client(t, nil)
	c.Base = &url.URL{Scheme: "http", Host: "127.0.0.1:1"}
	_, err := c.Do(t.Context(), web.Request{Path: "x"})
	if e := errorOf(t, err); !e.Retry {
		t.Errorf("nobody there: %+v", e)
	}
}

// TestGone: only an API says that something is not there. A gateway's page says
// nothing of it.
func TestGone(t *testing.T) {
	t.Parallel()
	for body, gone := range map[string]bool{
		`{"error":"Record not found"}`: true, " {}": true, "": false, "<html>no such site</html>": false, "404 page not found": false, "[]": false, `{"error":`: false, "null": false,
	} {
		c := client(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, body)
		})
		_, err := c.Do(t.Context(), web.Request{Path: "x"})
		if e := errorOf(t, err); (e.Fault == social.FaultCustomer) != gone || e.Retry == gone {
			t.Errorf("%q: %+v", body, e)
		}
	}
}

func TestResetAt(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"30": 30 * time.Second, " 0 ": 0, "1772366460": time.Minute, "Sun, 01 Mar 2026 12:01:00 GMT": time.Minute, "2026-03-01T12:01:00.000Z": time.Minute,
		"": -1, "-1": -1, "soon": -1, "1772366460000": -1, "9223372036854775807": -1, "99999999999999999999": -1,
	} {
		at, ok := web.ResetAt(value, now)
		if want < 0 && ok || want >= 0 && (!ok || at.Sub(now) != want) {
			t.Errorf("%q: %v, %v; want in %v", value, at, ok, want)
		}
	}
}

// FuzzResetAt holds that a time which a header names can be written down, and
// that no header keeps us waiting for longer than an hour.
func FuzzResetAt(f *testing.F) {
	f.Add("30")
	f.Add("1772366460")
	f.Add("Sun, 01 Mar 2026 12:01:00 GMT")
	f.Fuzz(func(t *testing.T, value string) {
		if at, ok := web.ResetAt(value, now); ok {
			if _, err := at.MarshalJSON(); err != nil {
				t.Errorf("%q: %v", value, err)
			}
		}
		if d := web.RetryAfter(http.Header{"Retry-After": {value}}, now); d < 0 || d > time.Hour {
			t.Errorf("%q: %v", value, d)
		}
	})
}

// TestUnsent: only what has found no connection is certain not to have arrived.
func TestUnsent(t *testing.T) {
	t.Parallel()
	c := client(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	if _, err := c.Do(t.Context(), web.Request{Method: http.MethodPost, JSON: 1}); err == nil || web.Unsent(err) {
		t.Errorf("broken off by a server that may have acted: %v is taken for unsent", err)
	}
	c.HTTP = &http.Client{Transport: opaque{}}
	if _, err := c.Do(t.Context(), web.Request{Method: http.MethodPost, JSON: 1}); err == nil || web.Unsent(err) {
		t.Errorf("by a transport that tells nothing: %v is taken for unsent", err)
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	c.HTTP = nil
	c.Base, _ = url.Parse(gone.URL)
	_, err := c.Do(t.Context(), web.Request{Method: http.MethodPost, JSON: 1})
	if e := errorOf(t, err); !web.Unsent(err) || !e.Retry {
		t.Errorf("no server: %v is not taken for unsent", err)
	}
}

type opaque struct{}

func (opaque) RoundTrip(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }
