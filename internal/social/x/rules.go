package x

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// rule is one of the stream's
// (https://docs.x.com/x-api/posts/filtered-stream/quickstart, "Add the rule to
// your stream").
type rule struct {
	ID    string `json:"id,omitempty"`
	Value string `json:"value"`
	Tag   string `json:"tag,omitempty"`
}

// tag marks the rules that are ours: the app may have others'.
func (n *Network) tag() string {
	if n.c.Account != "" {
		return "advocate:" + n.c.Account
	}
	return "advocate"
}

// wanted are the rules for what we are to hear: what is written to us, what we
// write, and searches.
func (n *Network) wanted(us account) []rule {
	out := []rule{{Value: fmt.Sprintf("(@%[1]s OR to:%[1]s OR from:%[1]s) -is:retweet", us.Username), Tag: n.tag()}}
	for _, q := range queries(n.c.Search, us.Username, n.tier.rule) {
		out = append(out, rule{Value: q, Tag: n.tag()})
	}
	return out
}

const rulesPath = "2/tweets/search/stream/rules"

// rules lists those that are ours.
func (n *Network) rules(ctx context.Context) (ours []rule, err error) {
	var out struct {
		Data []rule `json:"data"`
	}
	if _, err := n.app.Do(ctx, web.Request{Path: rulesPath, Out: &out}); err != nil {
		return nil, n.meaning(err)
	}
	for _, r := range out.Data {
		if r.Tag == n.tag() {
			ours = append(ours, r)
		}
	}
	return ours, nil
}

// setRules makes the stream's rules those that are wanted: first those that are
// missing, then away with what is no longer wanted, so that there is no moment
// without.
func (n *Network) setRules(ctx context.Context, us account) error {
	have, err := n.rules(ctx)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, r := range have {
		there[r.Value] = true
	}
	var add []rule
	keep := map[string]bool{}
	for _, r := range n.wanted(us) {
		keep[r.Value] = true
		if !there[r.Value] {
			add = append(add, r)
		}
	}
	if len(add) > 0 {
		var out struct {
			Meta struct {
				Summary struct {
					Invalid int `json:"invalid"`
				} `json:"summary"`
			} `json:"meta"`
		}
		if _, err := n.app.Do(ctx, web.Request{Method: "POST", Path: rulesPath, JSON: map[string]any{"add": add}, Out: &out}); err != nil {
			return n.meaning(err)
		}
		if out.Meta.Summary.Invalid > 0 {
			return &social.Error{Fault: social.FaultOperator, Safe: "X does not take a rule of the stream: look at search"}
		}
	}
	var away []string
	for _, r := range have {
		if !keep[r.Value] && validID(r.ID) {
			away = append(away, r.ID)
		}
	}
	if len(away) > 0 {
		body := map[string]any{"delete": map[string]any{"ids": away}}
		if _, err := n.app.Do(ctx, web.Request{Method: "POST", Path: rulesPath, JSON: body}); err != nil {
			return n.meaning(err)
		}
	}
	return nil
}

func encode(q map[string][]string) string { return url.Values(q).Encode() }

// maxProblem bounds what is read of an error.
const maxProblem = 64 << 10

// refused is the error of an answer to a request that was not the web client's.
func refused(resp *http.Response, now time.Time) error {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxProblem)) // half of it will do
	e := &social.Error{Fault: social.FaultOurs, Safe: fmt.Sprintf("X refuses the stream (%d)", resp.StatusCode),
		Cause: &web.StatusError{Status: resp.StatusCode, Header: resp.Header, Body: body}}
	switch s := resp.StatusCode; {
	case s == http.StatusTooManyRequests:
		// Also for a second connection, where the first has not been let go yet.
		e.Retry, e.Fault, e.Safe = true, social.FaultNetwork, "X limits how often the stream may be opened (429)"
	case s == http.StatusUnauthorized || s == http.StatusForbidden:
		e.Fault, e.Safe = social.FaultOperator, fmt.Sprintf("X does not give the stream to this app (%d)", s)
	case s >= 500:
		e.Retry, e.Fault, e.After, e.Safe = true, social.FaultNetwork, web.RetryAfter(resp.Header, now), fmt.Sprintf("X has trouble of its own (%d)", s)
	}
	return e
}
