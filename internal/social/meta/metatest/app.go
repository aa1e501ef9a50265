// Package metatest is the Graph API's door for tests: an app with its Page's
// token, what the token may do, and what the Page tells the app of. It is
// written from Meta's documents alone, those that are named where it does what
// they say.
package metatest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// App is an app at Meta with a Page that has installed it.
type App struct {
	ID, Secret string
	Token      string   // the Page's
	Scopes     []string // what the token may do
	Expires    int64    // Unix seconds; 0: never
	Revoked    bool
	Page, Name string
	Instagram  string // the linked account's id
	Username   string
	Fields     []string // what the Page tells the app of
}

const version = "/v25.0/"

// ServeHTTP answers whoever only asks who we are and what we may do.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, version)
	if a.Enter(w, r, path) && !a.Read(w, path) {
		Refuse(w, 100, 33)
	}
}

// Enter lets in who shows the token and proves to be the app; others are
// answered, and so is who asks what the token is worth.
func (a *App) Enter(w http.ResponseWriter, r *http.Request, path string) bool {
	q := r.URL.Query()
	if path == "debug_token" {
		a.debugToken(w, q.Get("access_token"), q.Get("input_token"))
		return false
	}
	// developers.facebook.com/docs/graph-api/guides/secure-requests, "Generate
	// the Proof".
	proof := hmac.New(sha256.New, []byte(a.Secret))
	proof.Write([]byte(a.Token))
	if a.Revoked || q.Get("access_token") != a.Token || q.Get("appsecret_proof") != hex.EncodeToString(proof.Sum(nil)) {
		Refuse(w, 190, 463)
		return false
	}
	return true
}

// debugToken is developers.facebook.com/docs/graph-api/reference/debug_token;
// it takes the app's own token, which is id|secret
// (…/facebook-login/guides/access-tokens, "App Access Tokens").
func (a *App) debugToken(w http.ResponseWriter, access, input string) {
	if access != a.ID+"|"+a.Secret {
		Refuse(w, 190, 0)
		return
	}
	Answer(w, 200, map[string]any{"data": map[string]any{
		"app_id": a.ID, "is_valid": !a.Revoked && input == a.Token, "expires_at": a.Expires, "data_access_expires_at": 0, "scopes": a.Scopes,
	}})
}

// Read answers for the Page, the account and what the Page tells of; false:
// the path is of something else.
func (a *App) Read(w http.ResponseWriter, path string) bool {
	switch path {
	case a.Page:
		Answer(w, 200, map[string]any{"id": a.Page, "name": a.Name})
	case a.Instagram:
		Answer(w, 200, map[string]any{"id": a.Instagram, "username": a.Username})
	case a.Page + "/subscribed_apps":
		Answer(w, 200, map[string]any{"data": []any{map[string]any{"id": a.ID, "subscribed_fields": a.Fields}}})
	default:
		return false
	}
	return true
}

// Answer answers with JSON.
func Answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

// Refuse answers as …/graph-api/guides/error-handling says. The message holds
// what must not be shown.
func Refuse(w http.ResponseWriter, code, subcode int) {
	status := http.StatusBadRequest
	if code == 190 {
		status = http.StatusUnauthorized
	}
	Answer(w, status, map[string]any{"error": map[string]any{"message": "(#" + fmt.Sprint(code) + ") private words", "code": code, "error_subcode": subcode}})
}
