package httpapi

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/outbound"
	"github.com/contact-advocate/advocate/internal/store/memory"
	"github.com/contact-advocate/advocate/internal/vault"
)

// held says who has a permission. It is written down here a second time, by
// hand, so that a slip in the program's own table is seen.
var held = map[string]string{
	"read":           "admin supervisor agent auditor read",
	"read_customers": "admin supervisor agent auditor read",
	"read_work":      "admin supervisor agent auditor read",
	"read_setup":     "admin supervisor agent auditor read",
	"work":           "admin supervisor agent",
	"supervise":      "admin supervisor",
	"reports":        "admin supervisor auditor",
	"configure":      "admin",
	"people":         "admin",
	"audit":          "admin auditor",
	"ingest":         "admin ingest",
	"erase":          "admin",
	"anyone":         "admin supervisor agent auditor ingest read",
	"account":        "",
}

// try is a request for one route: what the route asks for, the status for who
// may, and for who may but in another queue. Requests change nothing, so that
// each of them can be made again and again.
type try struct {
	need    string
	path    string // where the route's own will not do
	body    string
	ok      int
	away    int // 0: the same
	agent   int // for who works and does not supervise, where it differs; else 0
	headers []string
	wide    bool // not for a person of some queues
}

// as is the status for who may.
func (x try) as(role auth.Role) int {
	if role == auth.RoleAgent && x.agent != 0 {
		return x.agent
	}
	return x.ok
}

// tries has every route. A new one has to be entered here.
func tries() map[string]try {
	care, item, effect := caseOf(near, 1), workItemOf(near, 1), effectOf(near, 2)
	customer := func(need, rest string) try {
		return try{need: need, path: "/v1/customers/C-NEAR" + rest, ok: 200, away: 404}
	}
	move := func(verb, need, body string, ok int) try {
		return try{need: need, path: "/v1/work-items/" + item + "/" + verb, body: body, ok: ok, away: 404}
	}
	supervised := func(x try) try { // what nobody holds is moved by a supervisor
		x.agent = 403
		return x
	}
	onCase := func(rest, need, body string) try {
		return try{need: need, path: "/v1/cases/" + care + rest, body: body, ok: 200, away: 404}
	}
	person := func(rest string) try { return try{need: "people", path: "/v1/users/nobody" + rest, ok: 404} }
	set := func(path, body string, ok int) try {
		return try{need: "configure", path: path, body: body, ok: ok, away: 403}
	}
	out := map[string]try{
		"GET /v1/customers":                           {need: "read_customers", ok: 200},
		"GET /v1/customers/{id}":                      customer("read_customers", ""),
		"GET /v1/customers/{id}/history":              customer("read_customers", "/history"),
		"GET /v1/customers/{id}/orders":               customer("read_customers", "/orders"),
		"GET /v1/customers/{id}/cases":                customer("read_customers", "/cases"),
		"GET /v1/customers/{id}/subscriptions":        customer("read_customers", "/subscriptions"),
		"GET /v1/customers/{id}/decisions":            customer("read_customers", "/decisions"),
		"GET /v1/customers/{id}/identities":           customer("read_customers", "/identities"),
		"GET /v1/customers/{id}/merges":               customer("read_customers", "/merges"),
		"POST /v1/customers/{id}/identities/link":     {need: "work", path: "/v1/customers/C-NEAR/identities/link", body: `{}`, ok: 400},
		"POST /v1/customers/{id}/identities/unlink":   {need: "work", path: "/v1/customers/C-NEAR/identities/unlink", body: `{}`, ok: 400},
		"POST /v1/customers/{id}/identities/ignore":   {need: "supervise", path: "/v1/customers/C-NEAR/identities/ignore", body: `{}`, ok: 400},
		"POST /v1/customers/{id}/identities/unignore": {need: "supervise", path: "/v1/customers/C-NEAR/identities/unignore", body: `{}`, ok: 400},
		"GET /v1/customers/{id}/export":               {need: "erase", path: "/v1/customers/C-NONE/export", ok: 404, away: 403},
		"POST /v1/customers/{id}/erase":               {need: "erase", path: "/v1/customers/C-NONE/erase", body: `{}`, ok: 400, away: 403},
		"POST /v1/customers/{id}/merge":               {need: "erase", path: "/v1/customers/C-NEAR/merge", body: `{}`, ok: 400, away: 403},
		"POST /v1/merges/{id}/undo":                   {need: "erase", path: "/v1/merges/x/undo", ok: 204, away: 403},
		"GET /v1/cases":                               {need: "read_customers", ok: 200},
		"GET /v1/promises":                            {need: "read_customers", ok: 200},
		"GET /v1/connections":                         {need: "read_setup", ok: 200},
		"GET /v1/live":                                {need: "reports", ok: 200},
		"GET /v1/cases/{id}":                          onCase("", "read_customers", ""),
		"GET /v1/cases/{id}/conversation":             onCase("/conversation", "read_customers", ""),
		"POST /v1/cases/{id}/take":                    onCase("/take", "work", ""),
		"POST /v1/cases/{id}/handback":                onCase("/handback", "work", ""),
		"POST /v1/cases/{id}/reply":                   onCase("/reply", "work", `{"text":"x"}`),
		"POST /v1/cases/{id}/reply/preview":           onCase("/reply/preview", "work", `{"text":"x"}`),
		"POST /v1/cases/{id}/close":                   onCase("/close", "work", `{"disposition":"resolved"}`),
		"POST /v1/cases/{id}/notes":                   {need: "work", path: "/v1/cases/" + care + "/notes", body: `{}`, ok: 400},
		"POST /v1/cases/{id}/intent":                  {need: "work", path: "/v1/cases/" + care + "/intent", body: `{}`, ok: 400},
		"GET /v1/cases/{id}/looking":                  onCase("/looking", "read_customers", ""),
		"PUT /v1/cases/{id}/looking":                  onCase("/looking", "work", `{"looking":false}`),
		"GET /v1/explain/{id}":                        {need: "read_customers", path: "/v1/explain/" + care, ok: 200, away: 404},
		"GET /v1/work-items":                          {need: "read_work", ok: 200},
		"GET /v1/work-items/{id}":                     {need: "read_work", path: "/v1/work-items/" + item, ok: 200, away: 404},
		"GET /v1/work-items/{id}/talking-points":      {need: "read_customers", path: "/v1/work-items/" + item + "/talking-points", ok: 200, away: 404},
		"GET /v1/work-items/{id}/call":                {need: "read_customers", path: "/v1/work-items/" + item + "/call", ok: 200, away: 404},
		"POST /v1/work-items/{id}/assign":             move("assign", "work", "", 409),
		"POST /v1/work-items/{id}/wrap":               move("wrap", "work", "", 200),
		"POST /v1/work-items/{id}/transfer":           supervised(move("transfer", "work", "", 200)),
		"POST /v1/work-items/{id}/snooze":             move("snooze", "work", `{"until":"2026-03-03T00:00:00Z"}`, 200),
		"POST /v1/work-items/{id}/raise":              move("raise", "supervise", `{"priority":90}`, 200),
		"POST /v1/work-items/{id}/expert":             supervised(move("expert", "work", `{"note":"x"}`, 200)),
		"POST /v1/work-items/{id}/complete":           move("complete", "work", `{"disposition":"resolved"}`, 200),
		"POST /v1/work-items/{id}/cancel":             move("cancel", "work", `{"note":"x"}`, 200),
		"POST /v1/work-items/{id}/call":               move("call", "work", "", 200),
		"GET /v1/queues":                              {need: "read_work", ok: 200},
		"GET /v1/queues/names":                        {need: "work", ok: 200},
		"GET /v1/agents":                              {need: "read_work", ok: 200},
		"GET /v1/agents/{id}":                         {need: "read_work", path: "/v1/agents/kim", ok: 200, away: 404},
		"PUT /v1/agents/{id}":                         {need: "supervise", path: "/v1/agents/kim", body: `{"queues":["care"]}`, ok: 428, away: 403},
		"PUT /v1/agents/{id}/activity":                {need: "supervise", path: "/v1/agents/kim/activity", body: `{}`, ok: 400},
		"GET /v1/agents/me":                           {need: "work", ok: 404},
		"PUT /v1/agents/me/activity":                  {need: "work", body: `{"activity":"break"}`, ok: 404},
		"GET /v1/agents/me/reservations":              {need: "work", ok: 200},
		"GET /v1/agents/me/work-items":                {need: "work", ok: 200},
		"POST /v1/reservations/{id}/accept":           {need: "work", path: "/v1/reservations/" + item + "-r1/accept", ok: 409, away: 404},
		"POST /v1/reservations/{id}/reject":           {need: "work", path: "/v1/reservations/" + item + "-r1/reject", ok: 200, away: 404},
		"GET /v1/macros":                              {need: "read_work", ok: 200},
		"GET /v1/macros/{id}":                         {need: "read_work", path: "/v1/macros/none", ok: 404},
		"PUT /v1/macros/{id}":                         {need: "supervise", path: "/v1/macros/none", body: `{}`, ok: 400},
		"DELETE /v1/macros/{id}":                      {need: "supervise", path: "/v1/macros/none", ok: 404},
		"GET /v1/effects":                             {need: "read", ok: 200},
		"POST /v1/effects/{id}/release":               {need: "work", path: "/v1/effects/" + effect + "/release", ok: 204, away: 404},
		"POST /v1/effects/{id}/drop":                  {need: "work", path: "/v1/effects/" + effect + "/drop", ok: 204, away: 404},
		"GET /v1/dead-letters":                        {need: "read_setup", ok: 200},
		"POST /v1/dead-letters/{id}/retry":            set("/v1/dead-letters/"+effectOf(near, 3)+"/retry", "", 204),
		"POST /v1/dead-letters/{id}/drop":             set("/v1/dead-letters/"+effectOf(near, 3)+"/drop", "", 204),
		"GET /v1/reports":                             {need: "reports", ok: 200},
		"GET /v1/playbooks":                           {need: "read_setup", ok: 200},
		"GET /v1/playbooks/active":                    {need: "read_setup", ok: 404},
		"GET /v1/playbooks/vocabulary":                {need: "read_setup", ok: 200},
		"GET /v1/playbooks/{version}":                 {need: "read_setup", path: "/v1/playbooks/7", ok: 404},
		"GET /v1/playbooks/{version}/diff":            {need: "read_setup", path: "/v1/playbooks/7/diff", ok: 404},
		"POST /v1/playbooks":                          set("", `{}`, 400),
		"POST /v1/playbooks/check":                    set("", `{}`, 400),
		"POST /v1/playbooks/test":                     set("", `{}`, 404),
		"POST /v1/playbooks/{version}/activate":       set("/v1/playbooks/7/activate", "", 404),
		"POST /v1/playbooks/{version}/return":         set("/v1/playbooks/7/return", "", 409),
		"GET /v1/switches":                            {need: "read_setup", ok: 200},
		"PUT /v1/switches":                            set("", `{}`, 400),
		"GET /v1/labels":                              set("", "", 200),
		"GET /v1/status":                              {need: "read_setup", ok: 200},
		"GET /metrics":                                {need: "read_setup", ok: 200, away: 403, wide: true},
		"GET /v1/stream":                              {need: "read", ok: 400, headers: []string{"Last-Event-ID: x"}}, // an allowed one stays open
		"GET /v1/webhooks":                            set("", "", 200),
		"POST /v1/webhooks":                           set("", `{}`, 400),
		"GET /v1/webhooks/{id}":                       set("/v1/webhooks/none", "", 404),
		"PUT /v1/webhooks/{id}":                       set("/v1/webhooks/none", `{"url":"https://example.com"}`, 404),
		"DELETE /v1/webhooks/{id}":                    set("/v1/webhooks/none", "", 404),
		"POST /v1/webhooks/{id}/rotate":               set("/v1/webhooks/none/rotate", "", 404),
		"POST /v1/webhooks/{id}/test":                 set("/v1/webhooks/none/test", "", 404),
		"GET /v1/webhooks/{id}/deliveries":            set("/v1/webhooks/none/deliveries", "", 404),
		"POST /v1/webhook-deliveries/{id}/replay":     set("/v1/webhook-deliveries/none/replay", "", 404),
		"POST /v1/posts":                              {need: "ingest", body: `{}`, ok: 400},
		"POST /v1/events":                             {need: "ingest", body: `{}`, ok: 400},
		"POST /v1/sandbox/staff-posts":                {need: "work", body: `{}`, ok: 400},
		"GET /v1/audit":                               {need: "audit", ok: 200, away: 403},
		"GET /v1/people":                              {need: "read_work", ok: 200},
		"GET /v1/users":                               {need: "people", ok: 200},
		"POST /v1/users":                              {need: "people", body: `{}`, ok: 400},
		"GET /v1/users/{login}":                       person(""),
		"PUT /v1/users/{login}":                       {need: "people", path: "/v1/users/nobody", body: `{}`, ok: 400},
		"POST /v1/users/{login}/disable":              person("/disable"),
		"POST /v1/users/{login}/enable":               person("/enable"),
		"POST /v1/users/{login}/link":                 person("/link"),
		"DELETE /v1/users/{login}/oidc":               person("/oidc"),
		"GET /v1/users/{login}/sessions":              person("/sessions"),
		"DELETE /v1/users/{login}/sessions":           person("/sessions"),
		"DELETE /v1/users/{login}/totp":               person("/totp"),
		"GET /v1/tokens":                              {need: "people", ok: 200},
		"POST /v1/tokens":                             {need: "people", body: `{}`, ok: 400},
		"DELETE /v1/tokens/{name}":                    {need: "people", path: "/v1/tokens/none", ok: 404},
		"GET /v1/session":                             {need: "anyone", ok: 200},
		"GET /v1/account":                             {need: "account", ok: 200},
		"PUT /v1/account":                             {need: "account", body: `{}`, ok: 400},
		"PUT /v1/account/password":                    {need: "account", body: `{}`, ok: 400},
		"POST /v1/account/totp":                       {need: "account", body: `{"x":1}`, ok: 400},
		"POST /v1/account/totp/confirm":               {need: "account", body: `{}`, ok: 400},
		"POST /v1/account/totp/remove":                {need: "account", body: `{"x":1}`, ok: 400},
		"POST /v1/account/recovery-codes":             {need: "account", body: `{"x":1}`, ok: 400},
		"GET /v1/account/sessions":                    {need: "account", ok: 200},
		"DELETE /v1/account/sessions":                 {need: "account", ok: 204},
		"DELETE /v1/account/sessions/{id}":            {need: "account", path: "/v1/account/sessions/none", ok: 404},

		"POST /v1/cases/{id}/promises/{promise}/keep": onCase("/promises/x/keep", "work", `{"note":"x"}`),
	}
	for route, status := range map[string]int{
		"GET /": 200, "GET /docs": 200, "GET /healthz": 200, "GET /readyz": 200, "GET /openapi.json": 200,
		"GET /account": 200, "GET /link": 200, "GET /sign-in": 200, "GET /sign-in/oidc": 404, // off
		"GET /assets/account.js": 200, "GET /assets/docs.css": 200, "GET /assets/icon.svg": 200, "GET /assets/link.js": 200, "GET /assets/person.css": 200,
		"GET /assets/person.js": 200, "GET /assets/texts.js": 200, "GET /assets/sign-in.js": 200,
		"GET /v1/sandbox": 200, "GET /v1/sandbox/timeline": 200, "POST /v1/sandbox/posts": 400, "PUT /v1/sandbox/posts/{id}": 400,
		"DELETE /v1/sandbox/posts/{id}": 400, "GET /v1/sandbox/posts/{id}/thread": 404,
		"GET /v1/sandbox/inside": 404, "POST /v1/sandbox/inside/complete": 404, "POST /v1/sandbox/inside/event": 404, // off
		"POST /hooks/{source}": 401, "GET /hooks/{source}": 401, "POST /v1/session": 400, "DELETE /v1/session": 204, "POST /v1/links/show": 400, "POST /v1/links/use": 400,
	} {
		body := ""
		if (status == 400 || strings.HasPrefix(route, "POST /hooks")) && !strings.HasPrefix(route, "DELETE") {
			body = "{}"
		}
		out[route] = try{need: "none", body: body, ok: status}
	}
	out["GET /console/{file...}"] = try{need: "none", path: "/" + testScript, ok: 200}
	out["GET /{path...}"] = try{need: "none", path: "/work-items/x", ok: 200, headers: []string{"Accept: " + browserAccepts}}
	return out
}

// credential is what somebody shows, and what it makes of a route.
type credential struct {
	name    string
	headers []string
	want    func(x try) int
}

// matrix is an API with all that the tries ask for, and every credential.
func matrix(t *testing.T) (*queues, []credential) {
	var v *vault.Vault
	d := newDoor(t, func(o *Options, _ *auth.Options) {
		withSandbox(t)(o)
		v = vault.New(vault.Options{Store: o.Store, Now: o.Now, File: filepath.Join(t.TempDir(), "vault.key")})
		o.Webhooks = outbound.New(outbound.Options{Store: o.Store, Sealer: v})
	})
	q := &queues{d.fixture, v}
	q.fill()
	q.explained("case", caseOf(near, 1), near)
	q.want(q.call("PUT", "/v1/agents/kim", `{"queues":["care"]}`, q.as(auth.RoleAdmin)), 200)
	bad := func(x try) int {
		if x.need == "none" {
			return x.ok
		}
		return 401
	}
	out := []credential{{"nothing", nil, bad}}
	elsewhere := memory.New()
	for _, role := range auth.Roles {
		name := string(role)
		made := func(kind string, p auth.CreateParams) []string {
			p.Name, p.Role, p.Now = kind+"-"+name, role, testNow.Add(-time.Hour)
			st := q.store
			if kind == "foreign" {
				st = elsewhere
			}
			secret, err := auth.Create(t.Context(), st, p)
			if err != nil {
				t.Fatal(err)
			}
			if kind == "revoked" {
				if err := auth.Revoke(t.Context(), st, p.Name); err != nil {
					t.Fatal(err)
				}
			}
			return []string{"Authorization: Bearer " + secret}
		}
		may := func(need string) bool { return slices.Contains(strings.Fields(held[need]), name) }
		all := func(x try) int {
			if x.need == "none" || may(x.need) {
				return x.as(role)
			}
			return 403
		}
		out = append(out,
			credential{name + "'s token", made("good", auth.CreateParams{}), all},
			credential{name + "'s expired token", made("expired", auth.CreateParams{TTL: time.Minute}), bad},
			credential{name + "'s revoked token", made("revoked", auth.CreateParams{}), bad},
			credential{name + "'s token of another server", made("foreign", auth.CreateParams{}), bad},
			credential{name + "'s token for another queue", made("queue", auth.CreateParams{Queues: []string{"nowhere"}}), func(x try) int {
				if x.need != "none" && may(x.need) && x.away != 0 {
					return x.away
				}
				return all(x)
			}})
		// A token for one thing alone, which most routes do not ask for.
		for _, only := range []auth.Permission{auth.ReadSetup, auth.Ingest, auth.Audit, auth.Reports} {
			if !role.Can(only) {
				continue
			}
			out = append(out, credential{name + "'s token for " + string(only), made("only-"+strings.ReplaceAll(string(only), "_", "-"), auth.CreateParams{Only: []auth.Permission{only}}), func(x try) int {
				if x.need == "none" || x.need == "anyone" || x.need == string(only) {
					return x.ok
				}
				return 403
			}})
		}
	}
	root := d.first()
	for _, role := range auth.PeopleRoles {
		name := string(role)
		b := root
		if role != auth.RoleAdmin {
			login := "p-" + name
			made := fields{"login": login, "role": name}
			if role == auth.RoleAgent {
				made["queues"] = []string{"care"}
			}
			root.do(201, "POST", "/v1/users", made)
			link := root.do(201, "POST", "/v1/users/"+login+"/link", nil).json(t)
			b = d.browser("192.0.2.7")
			b.do(200, "POST", "/v1/links/use", fields{"secret": secretOf(t, link["url"].(string)), "password": goodPassword})
		}
		cookie := ""
		for k, v := range b.jar {
			cookie = "Cookie: " + k + "=" + v
		}
		headers := []string{"Host: " + publicHost, "Remote: 192.0.2.7:5", cookie}
		out = append(out,
			credential{name + "'s session", append(slices.Clone(headers), "Sec-Fetch-Site: same-origin"), func(x try) int {
				if x.wide && role == auth.RoleAgent {
					return 403 // this one is of one queue
				}
				if x.need == "none" || x.need == "account" || slices.Contains(strings.Fields(held[x.need]), name) {
					return x.as(role)
				}
				return 403
			}},
			credential{name + "'s session from another page", append(slices.Clone(headers), "Sec-Fetch-Site: cross-site", "Origin: https://evil.example"), func(x try) int {
				if x.need == "none" {
					return -1 // TestCrossOriginAndHeaders and those of signing in
				}
				return 403
			}})
	}
	return q, out
}

// TestAccessMatrix: every route, for every kind of caller.
func TestAccessMatrix(t *testing.T) {
	t.Parallel()
	q, credentials := matrix(t)
	table := tries()
	routes := map[string]bool{}
	n := 0
	for _, r := range q.api.Routes() {
		key := r.Method + " " + r.Path
		routes[key] = true
		x, known := table[key]
		if !known {
			t.Errorf("%s is not in the matrix: say what it asks for, and try it", key)
			continue
		}
		if x.path == "" {
			x.path = fill(r.Path)
		}
		for _, c := range credentials {
			want := c.want(x)
			if want < 0 || key == "DELETE /v1/session" || key == "DELETE /v1/account/sessions" && want == 204 {
				continue // would end the session that the others are tried with
			}
			n++
			if got := q.call(r.Method, x.path, x.body, append(slices.Clone(c.headers), x.headers...)...); got.status != want {
				t.Errorf("%s with %s: %d, want %d: %.300s", key, c.name, got.status, want, got.body)
			}
		}
	}
	for key := range table {
		if !routes[key] {
			t.Errorf("%s is in the matrix and no route", key)
		}
	}
	if n < 3000 {
		t.Errorf("only %s were tried", fmt.Sprint(n))
	}
}
