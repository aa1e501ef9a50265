package bluesky

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// call is one XRPC request (https://atproto.com/specs/xrpc).
type call struct {
	name  string // the method's NSID
	query url.Values
	body  any    // of a procedure
	post  bool   // a procedure without a body: one that has none refuses any
	proxy string // the service that the server passes it on to; "" for its own choice
	out   any
}

// ask makes a call for our account. A session that has ended meanwhile is
// renewed once.
func (n *Network) ask(ctx context.Context, c call) error {
	for try := 0; ; try++ {
		token, err := n.token(ctx)
		if err != nil {
			return err
		}
		err = n.do(ctx, c, token)
		if try > 0 || !isEnded(err) {
			return meaning(err)
		}
		if err := n.stale(ctx, token); err != nil {
			return err
		}
	}
}

// do makes a call with a token, or with none.
func (n *Network) do(ctx context.Context, c call, token string) error {
	r := web.Request{Path: c.name, Query: c.query, JSON: c.body, Out: c.out, Header: http.Header{}}
	if c.post || c.body != nil {
		r.Method = http.MethodPost
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if c.proxy != "" {
		r.Header.Set("Atproto-Proxy", c.proxy)
	}
	_, err := n.web.Do(ctx, r)
	return err
}

// problem is an error's body (https://atproto.com/specs/xrpc, "Error
// Responses").
type problem struct {
	status  int
	Name    string `json:"error"`
	Message string `json:"message"` // never shown: it may quote what was sent
}

func problemOf(err error) problem {
	var s *web.StatusError
	if !errors.As(err, &s) {
		return problem{}
	}
	p := problem{status: s.Status}
	_ = json.Unmarshal(s.Body, &p)
	return p
}

// isEnded reports whether an error means that the session must be renewed.
func isEnded(err error) bool {
	p := problemOf(err)
	return !p.isNarrow() && (p.Name == "ExpiredToken" || p.Name == "InvalidToken" || p.status == http.StatusUnauthorized)
}

// isNarrow reports whether the session holds, but not for what was asked. The
// official server says that by a sentence alone, under the name of a token that
// is none (github.com/bluesky-social/atproto, packages/pds/src/pipethrough.ts
// and auth-verifier.ts): another session would be refused as well.
func (p problem) isNarrow() bool {
	return p.Name == "InsufficientScope" || strings.HasPrefix(p.Message, "Bad token method") || strings.HasPrefix(p.Message, "Bad token scope")
}

// isGone reports whether an error means that a record or its repository is not
// there.
func isGone(err error) bool {
	p := problemOf(err)
	switch p.Name {
	case "RecordNotFound", "RepoNotFound", "RepoTakendown", "RepoDeactivated", "RepoSuspended":
		return true
	case "InvalidRequest", "NotFound":
		return strings.HasPrefix(p.Message, "Could not locate record") || strings.HasPrefix(p.Message, "Could not find repo")
	}
	return false
}

// isUnserved reports whether an error means that the server has nobody to pass
// the call on to, or cannot reach them.
func isUnserved(err error) bool {
	p := problemOf(err)
	switch p.status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return p.Name == "UpstreamFailure" || isAbsent(err)
}

// isAbsent reports whether an error means that the server has nobody to pass
// the call on to, so that it is no use to ask again.
func isAbsent(err error) bool {
	p := problemOf(err)
	return p.status == http.StatusNotImplemented || p.Name == "MethodNotImplemented" || p.Name == "XRPCNotSupported" ||
		strings.HasPrefix(p.Message, "No service configured")
}

// meaning makes of an error what the network means by it, where the status
// alone says something else.
func meaning(err error) error {
	var e *social.Error
	if !errors.As(err, &e) {
		return err
	}
	p := problemOf(err)
	out := *e
	switch {
	case isGone(err):
		out.Retry, out.Fault, out.Safe = false, social.FaultCustomer, "what we answer is not there any more"
	case p.Name == "AccountTakedown", p.Name == "AccountSuspended", p.Name == "AccountDeactivated":
		out.Retry, out.Fault, out.Safe = false, social.FaultOperator, "our account is suspended or switched off"
	case p.Name == "AuthFactorTokenRequired":
		out.Retry, out.Fault, out.Safe = false, social.FaultOperator, "the account wants a second factor: use an app password"
	case p.isNarrow():
		out.Retry, out.Fault, out.Safe = false, social.FaultOperator, "the app password does not allow that"
	case p.Name == "ExpiredToken", p.Name == "InvalidToken":
		out.Retry, out.Fault, out.Safe = false, social.FaultOperator, "the network does not accept our session"
	case isUnserved(err):
		out.Retry, out.Fault, out.Safe = true, social.FaultNetwork, "the server has no such service behind it now"
	default:
		return err
	}
	return &out
}

// quota reads what the server says of its limits (draft-ietf-httpapi-ratelimit-headers,
// as https://docs.bsky.app/docs/advanced-guides/rate-limits describes). Each
// limit has its window in the policy: "3000;w=300".
func (n *Network) quota(_ int, h http.Header) {
	q, ok := web.Limit(h, "Ratelimit", n.kit.Clock.Now())
	switch _, window, _ := strings.Cut(h.Get("Ratelimit-Policy"), ";w="); window {
	case "300":
		q.Name = "requests"
	case "3600":
		q.Name = "writes this hour"
	case "86400":
		q.Name = "writes today"
	}
	if ok && q.Name != "" {
		n.Quota(q)
	}
}

// bounded gives a look-up that can be done without a short time.
func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, 3*time.Second)
}
