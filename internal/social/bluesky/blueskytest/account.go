package blueskytest

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// What an app password opens, as the official server names it
// (github.com/bluesky-social/atproto, packages/pds/src/auth-scope.ts).
const (
	ScopeAccount    = "com.atproto.access" // the account's own password
	ScopeApp        = "com.atproto.appPass"
	ScopePrivileged = "com.atproto.appPassPrivileged" // direct messages, too
)

// Account is an account at a scripted server of the AT Protocol, with its
// password and the sessions that were given for it, as the lexicons describe
// them. It is not safe for concurrent use.
type Account struct {
	DID, Handle, Password string
	Scope                 string // of the password; ScopePrivileged by default
	Revoked               bool
	Access                map[string]time.Time // tokens that are good, until when
	Refresh               map[string]bool

	number int
}

// token makes what a session's tokens look like.
func (a *Account) token(scope string, until time.Time) string {
	a.number++
	part := func(v any) string {
		b, _ := json.Marshal(v)
		return base64.RawURLEncoding.EncodeToString(b)
	}
	return part(map[string]string{"alg": "HS256"}) + "." + part(map[string]any{"scope": scope, "exp": until.Unix(), "jti": a.number}) + ".c2VjcmV0"
}

func (a *Account) scope() string {
	if a.Scope == "" {
		return ScopePrivileged
	}
	return a.Scope
}

func (a *Account) session(w http.ResponseWriter) {
	until := time.Now().Add(2 * time.Hour)
	access, refresh := a.token(a.scope(), until), a.token("com.atproto.refresh", time.Now().Add(60*24*time.Hour))
	if a.Access == nil {
		a.Access, a.Refresh = map[string]time.Time{}, map[string]bool{}
	}
	a.Access[access], a.Refresh[refresh] = until, true
	Give(w, map[string]any{"did": a.DID, "handle": a.Handle, "accessJwt": access, "refreshJwt": refresh, "active": true})
}

// SignIn answers what makes and renews sessions, and reports whether the call
// is one of those.
func (a *Account) SignIn(w http.ResponseWriter, r *http.Request, name string) bool {
	switch name {
	case "com.atproto.server.createSession":
		a.createSession(w, r)
	case "com.atproto.server.refreshSession":
		a.refreshSession(w, r)
	default:
		return false
	}
	return true
}

// createSession: lexicons/com/atproto/server/createSession.json.
func (a *Account) createSession(w http.ResponseWriter, r *http.Request) {
	var in struct{ Identifier, Password string }
	json.NewDecoder(r.Body).Decode(&in)
	if a.Revoked || in.Identifier != a.Handle || in.Password != a.Password {
		Fail(w, 401, "AuthenticationRequired", "Invalid identifier or password")
		return
	}
	a.session(w)
}

// refreshSession: lexicons/com/atproto/server/refreshSession.json. A token is
// good for one renewal, and a procedure without input takes no body.
func (a *Account) refreshSession(w http.ResponseWriter, r *http.Request) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case r.ContentLength > 0:
		Fail(w, 400, "InvalidRequest", "A request body was provided when none was expected")
	case a.Revoked || !a.Refresh[token]:
		Fail(w, 400, "ExpiredToken", "Token has been revoked")
	default:
		delete(a.Refresh, token)
		a.session(w)
	}
}

// Authorized lets in who shows an access token that is good.
func (a *Account) Authorized(w http.ResponseWriter, r *http.Request) bool {
	until, ok := a.Access[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	switch {
	case a.Revoked || !ok:
		Fail(w, 400, "InvalidToken", "Token could not be verified")
	case time.Now().After(until):
		Fail(w, 400, "ExpiredToken", "Token has expired")
	default:
		// https://docs.bsky.app/docs/advanced-guides/rate-limits.
		w.Header().Set("RateLimit-Limit", "3000")
		w.Header().Set("RateLimit-Remaining", "2999")
		w.Header().Set("RateLimit-Policy", "3000;w=300")
		return true
	}
	return false
}

// Serve starts a server where nobody has written anything yet: for whoever
// only asks who we are and what we may do.
func (a *Account) Serve(t *testing.T) *httptest.Server {
	var mu sync.Mutex
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		name := strings.TrimPrefix(r.URL.Path, "/xrpc/")
		if name == "_health" {
			Give(w, map[string]string{"version": "0.4.217"})
		} else if !a.SignIn(w, r, name) && a.Authorized(w, r) {
			a.empty(w, r, name)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (a *Account) empty(w http.ResponseWriter, r *http.Request, name string) {
	switch name {
	case "com.atproto.server.getSession":
		Give(w, map[string]any{"did": a.DID, "handle": a.Handle})
	case "app.bsky.notification.listNotifications":
		Give(w, map[string]any{"notifications": []any{}})
	case "chat.bsky.convo.listConvos":
		switch {
		case r.Header.Get("Atproto-Proxy") != "did:web:api.bsky.chat#bsky_chat":
			Fail(w, 501, "MethodNotImplemented", "no such method")
		case a.scope() == ScopeApp:
			Fail(w, 400, "InvalidToken", "Bad token method")
		default:
			Give(w, map[string]any{"convos": []any{}})
		}
	default:
		Fail(w, 501, "MethodNotImplemented", "no such method")
	}
}

// Fail answers with an XRPC error (https://atproto.com/specs/xrpc, "Error
// Responses").
func Fail(w http.ResponseWriter, status int, name, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"error": name, "message": message})
}

// Give answers with JSON.
func Give(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}
