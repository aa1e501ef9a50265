// Package xtest is X's door for tests: whose credentials are good, who they are
// for, and what the app may do there. It is written from X's documents alone,
// those that are named where it does what they say.
package xtest

import (
	"encoding/json"
	"net/http"
)

// App is an app at X, with the account that it answers for.
type App struct {
	ConsumerKey, ConsumerSecret    string
	AccessToken, AccessTokenSecret string
	Bearer                         string
	User                           map[string]any // who the access token is for
	Level                          string         // what the app may do: "read", "read-write", "read-write-directmessages"; "" is not said
	Webhooks                       []Webhook
}

// Webhook is an address that X delivers to.
type Webhook struct {
	ID    string `json:"id"`
	URL   string `json:"url"`
	Valid bool   `json:"valid"`
}

// ServeHTTP answers whoever only asks who we are and what we may do.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method + " " + r.URL.Path {
	case "GET /2/users/me":
		a.AsUser(a.Me)(w, r)
	case "GET /2/webhooks":
		a.AsApp(a.ListWebhooks)(w, r)
	case "GET /2/tweets/search/stream/rules":
		a.AsApp(func(w http.ResponseWriter, _ *http.Request) { Answer(w, map[string]any{"meta": map[string]any{}}) })(w, r)
	default:
		Refuse(w, http.StatusNotFound, "about:blank", "Not Found")
	}
}

// AsUser lets in who signs with our account's credentials.
func (a *App) AsUser(next http.HandlerFunc) http.HandlerFunc { return door(a.Signed, next) }

// AsApp lets in who shows the app's own token.
func (a *App) AsApp(next http.HandlerFunc) http.HandlerFunc {
	return door(func(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer "+a.Bearer }, next)
}

func door(known func(*http.Request) bool, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !known(r) {
			Refuse(w, http.StatusUnauthorized, "about:blank", "Unauthorized")
			return
		}
		next(w, r)
	}
}

// Me is https://docs.x.com/x-api/users/get-my-user. The header is sent with
// OAuth 1.0a (https://docs.x.com/resources/fundamentals/developer-apps, "App
// permissions").
func (a *App) Me(w http.ResponseWriter, _ *http.Request) {
	if a.Level != "" {
		w.Header().Set("X-Access-Level", a.Level)
	}
	Answer(w, map[string]any{"data": a.User})
}

// ListWebhooks is https://docs.x.com/x-api/webhooks/quickstart, "View webhooks".
func (a *App) ListWebhooks(w http.ResponseWriter, _ *http.Request) {
	Answer(w, map[string]any{"data": a.Webhooks})
}

// Answer answers 200 with JSON, unless a status was written before.
func Answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

// Refuse answers as "Error response format" of
// https://docs.x.com/x-api/fundamentals/response-codes-and-errors says.
func Refuse(w http.ResponseWriter, code int, kind, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(map[string]any{"title": http.StatusText(code), "detail": detail, "type": kind, "status": code})
}
