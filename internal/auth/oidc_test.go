package auth

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// idp is a small OpenID provider: discovery, keys, and a token endpoint that
// checks PKCE and the client's secret.
type idp struct {
	t   *testing.T
	url string
	key *rsa.PrivateKey

	mu     sync.Mutex
	codes  map[string]url.Values // code → what was asked for
	change func(header, claims map[string]any)
	sign   func(signed string) []byte
	claims map[string]any
	issuer string // in discovery, where it lies
}

var idpKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

const clientSecret = "s3cret"

func newIDP(t *testing.T) *idp {
	p := &idp{t: t, key: idpKey(), codes: map[string]url.Values{}, claims: map[string]any{
		"sub": "u-1", "email": "ana@example.com", "email_verified": true, "name": "Ana", "preferred_username": "Ana", "groups": []string{"cc-agents"},
	}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("POST /token", p.token)
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	p.url = s.URL
	return p
}

func (p *idp) discovery(w http.ResponseWriter, _ *http.Request) {
	issuer := p.url
	if p.issuer != "" {
		issuer = p.issuer
	}
	_ = json.NewEncoder(w).Encode(map[string]any{
		"issuer": issuer, "authorization_endpoint": p.url + "/authorize", "token_endpoint": p.url + "/token", "jwks_uri": p.url + "/keys",
		"end_session_endpoint": p.url + "/end?x=1", "id_token_signing_alg_values_supported": []string{"RS256", "none", "HS256"},
	})
}

func (p *idp) keys(w http.ResponseWriter, _ *http.Request) {
	b64 := base64.RawURLEncoding.EncodeToString
	_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]any{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "k1", "n": b64(p.key.N.Bytes()), "e": b64(big.NewInt(int64(p.key.E)).Bytes()),
	}}})
}

// authorize is the person at the provider's page.
func (p *idp) authorize(location string) url.Values {
	p.t.Helper()
	u, err := url.Parse(location)
	q := u.Query()
	if err != nil || u.Path != "/authorize" || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || len(q.Get("nonce")) < 40 || len(q.Get("state")) < 40 || !strings.Contains(q.Get("scope"), "openid") {
		p.t.Fatalf("asked for %s: %v", location, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	code := randomSecret()
	p.codes[code] = q
	return url.Values{"code": {code}, "state": {q.Get("state")}}
}

func (p *idp) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = r.ParseForm()
	asked, known := p.codes[r.Form.Get("code")]
	delete(p.codes, r.Form.Get("code"))
	challenge := sha256.Sum256([]byte(r.Form.Get("code_verifier")))
	_, secret, _ := r.BasicAuth()
	if secret == "" {
		secret = r.Form.Get("client_secret")
	}
	if !known || base64.RawURLEncoding.EncodeToString(challenge[:]) != asked.Get("code_challenge") || secret != clientSecret || r.Form.Get("redirect_uri") != asked.Get("redirect_uri") {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(400)
		_, _ = w.Write([]byte(`{"error":"invalid_grant"}`))
		return
	}
	header := map[string]any{"alg": "RS256", "kid": "k1"}
	claims := map[string]any{"iss": p.url, "aud": "desk", "exp": now.Add(time.Hour).Unix(), "iat": now.Unix(), "nonce": asked.Get("nonce")}
	for k, v := range p.claims {
		claims[k] = v
	}
	if p.change != nil {
		p.change(header, claims)
	}
	h, _ := json.Marshal(header)
	c, _ := json.Marshal(claims)
	b64 := base64.RawURLEncoding.EncodeToString
	signed := b64(h) + "." + b64(c)
	sign := p.sign
	if sign == nil {
		sign = p.rs256
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": signed + "." + b64(sign(signed))})
}

func (p *idp) rs256(signed string) []byte {
	sum := sha256.Sum256([]byte(signed))
	sig, err := rsa.SignPKCS1v15(rand.Reader, p.key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return sig
}

func (d *desk) oidc(p *idp, change func(*OIDCOptions)) *OIDC {
	o := OIDCOptions{
		Issuer: p.url, ClientID: "desk", ClientSecret: func() (string, error) { return clientSecret, nil }, RedirectURL: "https://desk.example" + OIDCCallback,
		Domains: []string{"Example.com"}, RoleClaim: "groups", Roles: map[string]Role{"cc-agents": RoleAgent, "cc-admins": RoleAdmin}, Create: true,
	}
	if change != nil {
		change(&o)
	}
	return NewOIDC(d.Service, o)
}

// round is a whole way to the provider and back.
func (d *desk) round(c *OIDC, p *idp) (In, string, error) {
	d.Helper()
	f, err := c.Begin(d.Context(), "/cases/7?x=1", true)
	if err != nil {
		d.Fatal(err)
	}
	return c.Finish(d.Context(), Return{Query: p.authorize(f.URL), Cookie: f.Cookie.Value, From: "192.0.2.1"})
}

func TestOIDC(t *testing.T) {
	t.Parallel()
	d, p := newDesk(t, func(o *Options) { o.RequireTOTP = PeopleRoles }), newIDP(t)
	c := d.oidc(p, nil)
	in, back, err := d.round(c, p)
	if err != nil {
		t.Fatal(err, errors.Unwrap(err))
	}
	if in.User.Login != "ana" || in.User.Role != RoleAgent || in.User.Email != "ana@example.com" || in.User.HasPassword || back != "/cases/7?x=1" || in.Principal.Restricted || d.dead(in.Token) {
		t.Errorf("%+v, back to %q", in, back)
	}
	// The provider is the one who says what they are: promoted, with a new name.
	p.claims["groups"], p.claims["preferred_username"], p.claims["email"] = []string{"x", "cc-admins", "cc-agents"}, "anita", "anita@example.com"
	again, _, err := d.round(c, p)
	if err != nil || again.User.Login != "ana" || again.User.Role != RoleAdmin || !d.dead(in.Token) {
		t.Errorf("%+v %v", again.User, err)
	}
	if list, _ := d.UserList(t.Context(), "", 10); len(list) != 1 {
		t.Errorf("%+v", list)
	}
	yes := true
	d.person("ben", RoleAdmin)
	if _, err := d.UserChange(t.Context(), boss, UserChange{Login: "ana", Disabled: &yes}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.round(c, p); domain.ErrorCode(err) != domain.CodeForbidden {
		t.Errorf("a disabled account: %v", err)
	}
	if got := c.LogoutURL(t.Context(), "https://desk.example/"); got != p.url+"/end?client_id=desk&post_logout_redirect_uri=https%3A%2F%2Fdesk.example%2F&x=1" {
		t.Errorf("logout at %s", got)
	}
}

// TestOIDCRefuses: tokens that are not for us, now, from there.
func TestOIDCRefuses(t *testing.T) {
	t.Parallel()
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		change func(h, c map[string]any)
		sign   func(p *idp) func(string) []byte
	}{
		"another issuer":   {change: func(_, c map[string]any) { c["iss"] = "https://evil.example" }},
		"another audience": {change: func(_, c map[string]any) { c["aud"] = "shop" }},
		"another party":    {change: func(_, c map[string]any) { c["aud"], c["azp"] = []string{"desk", "shop"}, "shop" }},
		"no party":         {change: func(_, c map[string]any) { c["aud"] = []string{"desk", "shop"} }},
		"another nonce":    {change: func(_, c map[string]any) { c["nonce"] = randomSecret() }},
		"no nonce":         {change: func(_, c map[string]any) { delete(c, "nonce") }},
		"expired":          {change: func(_, c map[string]any) { c["exp"] = now.Add(-time.Minute).Unix() }},
		"not yet":          {change: func(_, c map[string]any) { c["nbf"] = now.Add(time.Hour).Unix() }},
		"no subject":       {change: func(_, c map[string]any) { c["sub"] = "" }},
		"alg none":         {change: func(h, _ map[string]any) { h["alg"] = "none" }, sign: func(*idp) func(string) []byte { return func(string) []byte { return nil } }},
		"the secret as key": {change: func(h, _ map[string]any) { h["alg"] = "HS256" }, sign: func(*idp) func(string) []byte {
			return func(s string) []byte {
				m := hmac.New(sha256.New, []byte(clientSecret))
				m.Write([]byte(s))
				return m.Sum(nil)
			}
		}},
		"the public key as secret": {change: func(h, _ map[string]any) { h["alg"] = "HS256" }, sign: func(p *idp) func(string) []byte {
			return func(s string) []byte {
				m := hmac.New(sha256.New, p.key.N.Bytes())
				m.Write([]byte(s))
				return m.Sum(nil)
			}
		}},
		"another key": {sign: func(p *idp) func(string) []byte { q := &idp{key: other}; return q.rs256 }},
	} {
		d, p := newDesk(t), newIDP(t)
		oc := d.oidc(p, nil)
		p.change = c.change
		if c.sign != nil {
			p.sign = c.sign(p)
		}
		if _, _, err := d.round(oc, p); domain.ErrorCode(err) != domain.CodeUnauthorized {
			t.Errorf("%s: %v", what, err)
		}
		if n := len(d.documents(kindUser)) + len(d.documents(kindSession)); n != 0 {
			t.Errorf("%s: %d documents were written", what, n)
		}
	}
}

// TestOIDCFlow: answers that do not belong to what this browser began.
func TestOIDCFlow(t *testing.T) {
	t.Parallel()
	d, p := newDesk(t), newIDP(t)
	c := d.oidc(p, nil)
	begin := func() (Flow, url.Values) {
		f, err := c.Begin(t.Context(), "https://evil.example/", false)
		if err != nil {
			t.Fatal(err)
		}
		return f, p.authorize(f.URL)
	}
	mine, q := begin()
	theirs, other := begin()
	if mine.Cookie.Path != OIDCCallback || !mine.Cookie.HttpOnly || strings.Contains(mine.Cookie.Value, q.Get("state")) {
		t.Errorf("%v", mine.Cookie)
	}
	fail := func(what string, r Return) {
		t.Helper()
		if _, _, err := c.Finish(t.Context(), r); domain.ErrorCode(err) != domain.CodeUnauthorized {
			t.Errorf("%s: %v", what, err)
		}
	}
	fail("no cookie", Return{Query: q})
	fail("another browser's cookie", Return{Query: q, Cookie: theirs.Cookie.Value})
	fail("another's answer", Return{Query: other, Cookie: mine.Cookie.Value})
	fail("a code of another flow", Return{Query: url.Values{"state": q["state"], "code": other["code"]}, Cookie: mine.Cookie.Value})
	fail("a changed cookie", Return{Query: q, Cookie: "A" + mine.Cookie.Value[1:] + "A"})
	fail("a cookie of nonsense", Return{Query: q, Cookie: strings.Repeat("é", 100)})
	fail("another provider", Return{Query: url.Values{"state": q["state"], "code": q["code"], "iss": {"https://evil.example"}}, Cookie: mine.Cookie.Value})
	fail("refused there", Return{Query: url.Values{"state": q["state"], "error": {"access_denied"}}, Cookie: mine.Cookie.Value})
	fail("no code", Return{Query: url.Values{"state": q["state"]}, Cookie: mine.Cookie.Value})
	in, back, err := c.Finish(t.Context(), Return{Query: q, Cookie: mine.Cookie.Value})
	if err != nil || back != "/" || in.Token == "" {
		t.Fatalf("the right one: %v, back to %q", err, back)
	}
	fail("the same code again", Return{Query: q, Cookie: mine.Cookie.Value})
	late, q := begin()
	d.pass(flowFor)
	fail("too late", Return{Query: q, Cookie: late.Cookie.Value})
}

// TestOIDCWho: who may come in, and as whom.
func TestOIDCWho(t *testing.T) {
	t.Parallel()
	type setup struct {
		what   string
		claims map[string]any
		change func(*OIDCOptions)
		before func(d *desk)
		want   string // the login; "" for nobody
		role   Role
	}
	for _, c := range []setup{
		{what: "another domain", claims: map[string]any{"email": "ana@example.com.evil.example"}},
		{what: "an address nobody verified", claims: map[string]any{"email_verified": false}},
		{what: "no address", claims: map[string]any{"email": ""}},
		{what: "no group of ours", claims: map[string]any{"groups": []string{"x"}}},
		{what: "no group, and a default", claims: map[string]any{"groups": 7}, change: func(o *OIDCOptions) { o.DefaultRole = RoleAuditor }, want: "ana", role: RoleAuditor},
		{what: "nobody is created", change: func(o *OIDCOptions) { o.Create = false }},
		{what: "a claim inside another", claims: map[string]any{"realm": map[string]any{"roles": []string{"boss"}}}, want: "ana", role: RoleAdmin,
			change: func(o *OIDCOptions) { o.RoleClaim, o.Roles = "realm.roles", map[string]Role{"boss": RoleAdmin} }},
		{what: "a login that is taken", before: func(d *desk) { d.person("ana", RoleAdmin) }, claims: map[string]any{"email": "anna@example.com"}, want: "anna", role: RoleAgent},
		{what: "a reserved login", claims: map[string]any{"preferred_username": "desk", "email": "system@example.com"}, want: "desk-", role: RoleAgent},
		{what: "an account with the address is not taken over", before: func(d *desk) { d.withMail("ana", "ana@example.com") }, claims: map[string]any{"preferred_username": "x1"}, want: "x1", role: RoleAgent},
		{what: "… unless that is allowed", before: func(d *desk) { d.withMail("annie", "ana@example.com") }, change: func(o *OIDCOptions) { o.LinkEmail, o.Roles = true, nil }, want: "annie", role: RoleSupervisor},
		{what: "… which an unverified address is not enough for", before: func(d *desk) { d.withMail("annie", "ana@example.com") }, claims: map[string]any{"email_verified": false},
			change: func(o *OIDCOptions) { o.LinkEmail, o.Domains, o.Create = true, nil, false }},
	} {
		d, p := newDesk(t), newIDP(t)
		for k, v := range c.claims {
			p.claims[k] = v
		}
		if c.before != nil {
			c.before(d)
		}
		in, _, err := d.round(d.oidc(p, c.change), p)
		switch {
		case c.want == "" && (domain.ErrorCode(err) != domain.CodeForbidden || in.Token != ""):
			t.Errorf("%s: %+v %v", c.what, in.User, err)
		case c.want != "" && (err != nil || !strings.HasPrefix(in.User.Login, c.want) || in.User.Role != c.role):
			t.Errorf("%s: %+v %v", c.what, in.User, err)
		}
	}
}

func (d *desk) withMail(login, mail string) {
	if _, err := d.UserAdd(d.Context(), boss, UserAdd{Login: login, Email: mail, Role: RoleSupervisor}); err != nil {
		d.Fatal(err)
	}
}

// TestOIDCRoleVoidsLinks: a link that was made for somebody of other rights
// does not give them those of now.
func TestOIDCRoleVoidsLinks(t *testing.T) {
	t.Parallel()
	d, p := newDesk(t), newIDP(t)
	c := d.oidc(p, nil)
	in, _, err := d.round(c, p)
	if err != nil {
		t.Fatal(err)
	}
	made := func() Link {
		l, err := d.LinkMake(t.Context(), boss, in.User.Login)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := made()
	if _, _, err := d.round(c, p); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.LinkShow(t.Context(), l.Secret); err != nil {
		t.Fatalf("the same role again: %v", err)
	}
	was := in.User.Role
	c = d.oidc(p, func(o *OIDCOptions) {
		for group := range o.Roles {
			o.Roles[group] = RoleAdmin
		}
	})
	if in, _, err = d.round(c, p); err != nil || in.User.Role == was {
		t.Fatalf("%+v %v", in.User, err)
	}
	if after, err := d.use(l, "seven green lanterns wait"); err == nil {
		t.Errorf("an old link gave %+v", after)
	}
}

// TestOIDCProviderAway: it is asked again after a moment, and not before.
func TestOIDCProviderAway(t *testing.T) {
	t.Parallel()
	d, p := newDesk(t), newIDP(t)
	p.issuer = "https://evil.example"
	c := d.oidc(p, nil)
	if _, err := c.Begin(t.Context(), "/", true); domain.ErrorCode(err) != domain.CodeUnavailable {
		t.Errorf("a provider that names another issuer: %v", err)
	}
	p.issuer = ""
	if _, err := c.Begin(t.Context(), "/", true); domain.ErrorCode(err) != domain.CodeUnavailable {
		t.Errorf("asked again at once: %v", err)
	}
	d.pass(providerPause)
	if _, err := c.Begin(t.Context(), "/", true); err != nil {
		t.Error(err)
	}
}

func FuzzLocalPath(f *testing.F) {
	for _, s := range []string{"/", "//evil.example", "/\\evil.example", "https://evil.example", "/a?b=c#d", "/\tx", "javascript:x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := LocalPath(s)
		base, _ := url.Parse("https://desk.example/")
		u, err := base.Parse(got)
		if err != nil || u.Host != "desk.example" || u.Scheme != "https" || !strings.HasPrefix(got, "/") || strings.HasPrefix(got, "//") || strings.HasPrefix(got, "/\\") {
			t.Errorf("%q gives %q: %v", s, got, fmt.Sprint(u, err))
		}
	})
}
