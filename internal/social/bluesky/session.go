package bluesky

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
)

// Times of a session. A server allows 30 new ones in five minutes and 300 a
// day (https://docs.bsky.app/docs/advanced-guides/rate-limits, "Account
// management"), so that one is kept over restarts and renewed.
const (
	renewBefore  = 2 * time.Minute
	refusedPause = 5 * time.Minute // before a password that was refused is tried again
)

// session is our standing with the server.
type session struct {
	turn    social.Turn // held while it is read or changed
	now     tokens
	dead    string // an access token that the server does not take any more
	refused error
	until   time.Time // refused holds until then
}

// tokens are what the server gave us; they are kept in the State.
type tokens struct {
	Service string `json:"service"`
	User    string `json:"user"` // the configured handle
	DID     string `json:"did"`
	Handle  string `json:"handle"`
	Access  string `json:"access"`
	Refresh string `json:"refresh"`
}

// answer is what createSession and refreshSession return
// (lexicons/com/atproto/server/createSession.json).
type answer struct {
	DID     string `json:"did"`
	Handle  string `json:"handle"`
	Access  string `json:"accessJwt"`
	Refresh string `json:"refreshJwt"`
	Active  *bool  `json:"active"`
}

// claims is what a token says of itself. We are not the one to verify it.
type claims struct {
	Scope string `json:"scope"`
	Exp   int64  `json:"exp"`
}

func readClaims(token string) (c claims) {
	if parts := strings.Split(token, "."); len(parts) == 3 && len(token) < 16<<10 {
		if b, err := base64.RawURLEncoding.DecodeString(parts[1]); err == nil {
			_ = json.Unmarshal(b, &c)
		}
	}
	return c
}

func (c claims) expires() time.Time {
	if c.Exp <= 0 || c.Exp > 1<<40 {
		return time.Time{}
	}
	return time.Unix(c.Exp, 0).UTC()
}

// us is our account's DID.
func (n *Network) us(ctx context.Context) (string, error) {
	t, err := n.tokens(ctx)
	return t.DID, err
}

func (n *Network) token(ctx context.Context) (string, error) {
	t, err := n.tokens(ctx)
	return t.Access, err
}

// tokens gives a session that holds, if need be a renewed or a new one.
func (n *Network) tokens(ctx context.Context) (tokens, error) {
	s := &n.session
	release, err := s.turn.Take(ctx)
	if err != nil {
		return tokens{}, social.Unreached(err)
	}
	defer release()
	if n.holds(s.now) {
		return s.now, nil
	}
	// Another node may have renewed it, or this is a restart.
	known, err := n.loadTokens(ctx)
	if err != nil {
		return tokens{}, err
	}
	if n.holds(known) {
		n.take(known)
		return known, nil
	}
	return n.renew(ctx, known)
}

// holds reports whether a session can be used for a while yet.
func (n *Network) holds(t tokens) bool {
	return t.Access != "" && t.Access != n.session.dead && readClaims(t.Access).expires().After(n.kit.Clock.Now().Add(renewBefore))
}

// stale says that the server does not take a token any more.
func (n *Network) stale(ctx context.Context, token string) error {
	release, err := n.session.turn.Take(ctx)
	if err != nil {
		return social.Unreached(err)
	}
	n.session.dead = token
	release()
	return nil
}

// renew asks for another session with the refresh token, else with the
// password.
func (n *Network) renew(ctx context.Context, known tokens) (tokens, error) {
	s := &n.session
	if now := n.kit.Clock.Now(); s.refused != nil && now.Before(s.until) {
		return tokens{}, s.refused
	}
	if known.Refresh != "" {
		var a answer
		err := n.do(ctx, call{name: "com.atproto.server.refreshSession", post: true, out: &a}, known.Refresh)
		if err == nil {
			return n.begin(ctx, a)
		}
		if p := problemOf(err); p.status == 0 || p.status == 429 || p.status >= 500 {
			return tokens{}, meaning(err) // it may hold yet
		}
	}
	return n.enter(ctx)
}

// signIn makes another session with the password, whatever one there is.
func (n *Network) signIn(ctx context.Context) (tokens, error) {
	release, err := n.session.turn.Take(ctx)
	if err != nil {
		return tokens{}, social.Unreached(err)
	}
	defer release()
	return n.enter(ctx)
}

// enter begins a session with the password. The turn is held.
func (n *Network) enter(ctx context.Context) (tokens, error) {
	s := &n.session
	password, err := n.c.AppPassword.Read()
	if err != nil {
		return tokens{}, social.Unreadable("the app password", err)
	}
	var a answer
	err = n.do(ctx, call{name: "com.atproto.server.createSession", body: map[string]string{"identifier": n.c.Handle, "password": password}, out: &a}, "")
	if err == nil {
		return n.begin(ctx, a)
	}
	if p := problemOf(err); p.status == 401 || p.status == 400 || p.status == 403 {
		e := &social.Error{Fault: social.FaultOperator, Safe: "the network does not accept the app password: it was revoked, or it is not that of the account"}
		if m, ok := meaning(err).(*social.Error); ok && (p.Name == "AccountTakedown" || p.Name == "AuthFactorTokenRequired") {
			e.Safe = m.Safe
		}
		s.refused, s.until = e, n.kit.Clock.Now().Add(refusedPause)
		return tokens{}, e
	}
	return tokens{}, meaning(err)
}

// begin takes a session that the server gave.
func (n *Network) begin(ctx context.Context, a answer) (tokens, error) {
	if !validDID(a.DID) || a.Access == "" || a.Refresh == "" {
		return tokens{}, social.Unpromised()
	}
	if a.Active != nil && !*a.Active {
		return tokens{}, &social.Error{Fault: social.FaultOperator, Safe: "our account is suspended or switched off"}
	}
	t := tokens{Service: n.c.Service, User: n.c.Handle, DID: a.DID, Handle: a.Handle, Access: a.Access, Refresh: a.Refresh}
	n.session.refused = nil
	n.take(t)
	b, err := json.Marshal(t)
	if err == nil {
		err = n.kit.State.Put(ctx, "session", b, 0)
	}
	if err != nil {
		n.log.Warn("the session cannot be kept; after a restart there will be a new one", "error", err)
	}
	return t, nil
}

// take uses a session. When it ends is no end of our credentials: the app
// password makes another.
func (n *Network) take(t tokens) { n.session.now = t }

// loadTokens reads the session that is kept, if it is of this account.
func (n *Network) loadTokens(ctx context.Context) (t tokens, err error) {
	b, err := n.kit.State.Get(ctx, "session")
	if err != nil {
		return tokens{}, &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "the session that is kept cannot be read", Cause: err}
	}
	if b == nil || json.Unmarshal(b, &t) != nil || t.Service != n.c.Service || t.User != n.c.Handle || !validDID(t.DID) {
		return tokens{}, nil
	}
	return t, nil
}
