package meta

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// get asks the Graph API for something.
func (n *Network) get(ctx context.Context, path string, query url.Values, out any) error {
	_, err := n.graph.Do(ctx, web.Request{Path: path, Query: query, Out: out})
	return n.hidden(ctx, fault(err, n.usage.regain(n.kit.Clock.Now())))
}

// post makes the Graph API do something: it is given a form or JSON.
func (n *Network) post(ctx context.Context, path string, form url.Values, body, out any) error {
	_, err := n.graph.Do(ctx, web.Request{Method: http.MethodPost, Path: path, Form: form, JSON: body, Out: out})
	return n.hidden(ctx, fault(err, n.usage.regain(n.kit.Clock.Now())))
}

// sign puts the Page's token on a request, with the proof that it is the app
// that uses it (developers.facebook.com/docs/graph-api/guides/secure-requests,
// "Verify Graph API Calls with appsecret_proof").
func (n *Network) sign(r *http.Request) error {
	token, err := n.c.AccessToken.Read()
	if err != nil {
		return social.Unreadable("a secret of this network", err)
	}
	key, err := n.c.AppSecret.Read()
	if err != nil {
		return social.Unreadable("a secret of this network", err)
	}
	addQuery(r, url.Values{"access_token": {token}, "appsecret_proof": {hex.EncodeToString(digest(key, []byte(token)))}})
	return nil
}

// signAsApp puts the app's own token on a request
// (developers.facebook.com/docs/facebook-login/guides/access-tokens, "App
// Access Tokens").
func (n *Network) signAsApp(r *http.Request) error {
	key, err := n.c.AppSecret.Read()
	if err != nil {
		return social.Unreadable("a secret of this network", err)
	}
	token, err := n.c.AccessToken.Read()
	if err != nil {
		return social.Unreadable("a secret of this network", err)
	}
	addQuery(r, url.Values{"access_token": {n.c.App + "|" + key}, "input_token": {token}})
	return nil
}

func addQuery(r *http.Request, more url.Values) {
	q := r.URL.Query()
	for k, v := range more {
		q[k] = v
	}
	r.URL.RawQuery = q.Encode()
}

func digest(key string, body []byte) []byte {
	m := hmac.New(sha256.New, []byte(key))
	m.Write(body)
	return m.Sum(nil)
}

// usage is how much of what Meta allows is used up
// (developers.facebook.com/docs/graph-api/overview/rate-limiting, "Headers").
type usage struct {
	mu    sync.Mutex
	most  int       // percent
	until time.Time // when calls are taken again
}

const crowded = 90 // percent: from here on we ask less often

// share is one of the documents in the usage headers; all in percent but the
// last, in minutes.
type share struct {
	Calls  float64 `json:"call_count"`
	Time   float64 `json:"total_time"`
	CPU    float64 `json:"total_cputime"`
	Regain float64 `json:"estimated_time_to_regain_access"`
}

func (s share) most() int { return int(min(max(s.Calls, s.Time, s.CPU, 0), 100)) }

// answered reads the usage that comes with an answer.
func (n *Network) answered(_ int, h http.Header) {
	app, business, minutes, told := readUsage(h)
	if !told {
		return
	}
	now := n.kit.Clock.Now()
	var until time.Time
	if minutes > 0 {
		until = now.Add(time.Duration(min(minutes, 24*60)) * time.Minute)
	}
	n.usage.mu.Lock()
	n.usage.most, n.usage.until = max(app, business), until
	n.usage.mu.Unlock()
	if app >= 0 {
		n.Quota(social.Quota{Name: "percent of the app's calls", Left: int64(100 - app), Of: 100})
	}
	if business >= 0 {
		n.Quota(social.Quota{Name: "percent of the account's calls", Left: int64(100 - business), Of: 100, Resets: until})
	}
}

// readUsage gives the percentages used, -1 where nothing is said.
func readUsage(h http.Header) (app, business, minutes int, told bool) {
	app, business = -1, -1
	for _, name := range []string{"X-App-Usage", "X-Page-Usage"} {
		var s share
		if v := h.Get(name); v != "" && json.Unmarshal([]byte(v), &s) == nil {
			app, told = max(app, s.most()), true
		}
	}
	var cases map[string][]share
	if v := h.Get("X-Business-Use-Case-Usage"); v != "" && json.Unmarshal([]byte(v), &cases) == nil {
		for _, list := range cases {
			for _, s := range list {
				business, told = max(business, s.most()), true
				minutes = max(minutes, int(min(max(s.Regain, 0), 1e6)))
			}
		}
	}
	return app, business, minutes, told
}

// regain is how long no call is taken, as far as was said.
func (u *usage) regain(now time.Time) time.Duration {
	u.mu.Lock()
	defer u.mu.Unlock()
	return max(u.until.Sub(now), 0)
}

// slow is how many times as long we wait between asking.
func (u *usage) slow() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.most >= crowded {
		return 4
	}
	return 1
}

// page is a list as the Graph API gives it (developers.facebook.com/docs/
// graph-api/results, "Cursor-based Pagination").
type page struct {
	Data   []json.RawMessage `json:"data"`
	Paging struct {
		Cursors struct {
			After string `json:"after"`
		} `json:"cursors"`
		Next string `json:"next"`
	} `json:"paging"`
}

// each gives a list's entries to f, page after page, until f is false or most
// pages were read; whole says whether the list came to its end or f did. An
// entry that is not what it should be is left out. The address in "next" is
// not followed: it is put together anew, so that no answer says where the
// token goes.
func each[T any](ctx context.Context, n *Network, path string, query url.Values, most int, f func(*T) bool) (whole bool, err error) {
	after := ""
	for range most {
		q := url.Values{}
		for k, v := range query {
			q[k] = v
		}
		if after != "" {
			q.Set("after", after)
		}
		var p page
		if err := n.get(ctx, path, q, &p); err != nil {
			return false, err
		}
		for _, raw := range p.Data {
			var one T
			if json.Unmarshal(raw, &one) != nil {
				n.log.Warn("an entry of a list cannot be read", "edge", edge(path))
				continue
			}
			if !f(&one) {
				return true, nil
			}
		}
		if p.Paging.Next == "" || p.Paging.Cursors.After == "" || p.Paging.Cursors.After == after {
			return true, nil
		}
		after = p.Paging.Cursors.After
	}
	return false, nil
}

// edge is a path's last part, which names nobody.
func edge(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
