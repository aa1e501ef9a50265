package auth

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/contact-advocate/advocate/internal/domain"
)

// OIDCCallback is the path that the provider sends browsers back to.
const OIDCCallback = "/sign-in/oidc"

const (
	flowFor       = 10 * time.Minute // from the button to the way back
	maxFlow       = 4 << 10
	providerTime  = 10 * time.Second
	providerBytes = 1 << 20
	providerPause = 10 * time.Second // after one could not be reached
)

// OIDCOptions say who vouches for people. Issuer, ClientID and RedirectURL are
// required.
type OIDCOptions struct {
	Issuer, ClientID string
	ClientSecret     func() (string, error) // nil: a public client, by PKCE alone
	RedirectURL      string                 // this server's address + OIDCCallback
	Scopes           []string               // beside openid, profile and email

	Domains     []string        // where not empty, of which a verified address must be
	RoleClaim   string          // such as "groups", or "realm_access.roles"
	Roles       map[string]Role // what stands in the claim → role; none: roles are given here
	DefaultRole Role            // for who has none of these; "": nobody is let in without
	Create      bool            // who is unknown gets an account
	LinkEmail   bool            // an account with the person's verified address becomes theirs

	Client *http.Client // nil: one with limits
}

// OIDC signs people in through an OpenID Connect provider. The provider is
// asked what it can do at first use: that it is away keeps nobody from
// starting this server, or from signing in by password.
type OIDC struct {
	o       OIDCOptions
	service *Service

	mu       sync.Mutex
	provider *provider
	failed   error
	retry    time.Time
}

type provider struct {
	verifier *oidc.IDTokenVerifier
	config   oauth2.Config
	end      string // where people sign out
}

// What somebody who comes back from the provider may be told.
var (
	ErrFlow    = &domain.Error{Code: domain.CodeUnauthorized, Message: "signing in took too long, or began in another browser; begin again"}
	errVouch   = &domain.Error{Code: domain.CodeUnauthorized, Message: "the provider's answer could not be verified; begin again"}
	errUnknown = &domain.Error{Code: domain.CodeForbidden, Message: "there is no account for you here; ask an administrator"}
)

// NewOIDC makes a way to sign in through a provider.
func NewOIDC(s *Service, o OIDCOptions) *OIDC {
	if s == nil || o.Issuer == "" || o.ClientID == "" || o.RedirectURL == "" {
		panic("auth: NewOIDC needs a service, an issuer, a client id and a redirect URL")
	}
	if o.Client == nil {
		o.Client = &http.Client{Timeout: providerTime, Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, TLSHandshakeTimeout: providerTime, MaxIdleConns: 4, IdleConnTimeout: time.Minute,
		}}
	}
	bounded := *o.Client
	bounded.Transport = boundedTransport{bounded.Transport}
	o.Client = &bounded
	return &OIDC{o: o, service: s}
}

// boundedTransport keeps a provider from sending more than it has reason to.
type boundedTransport struct{ next http.RoundTripper }

func (t boundedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	next := t.next
	if next == nil {
		next = http.DefaultTransport
	}
	resp, err := next.RoundTrip(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, providerBytes), resp.Body}
	}
	return resp, err
}

// ready asks the provider what it can do, once; after a failure it is left
// alone for a moment.
func (c *OIDC) ready(ctx context.Context) (*provider, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.provider != nil {
		return c.provider, nil
	}
	now := c.service.now()
	if c.failed != nil && now.Before(c.retry) {
		return nil, c.failed
	}
	p, err := c.discover(ctx)
	if err != nil {
		c.failed = &domain.Error{Code: domain.CodeUnavailable, Message: "the OpenID provider does not answer as it should; try again, or sign in by password", RetryAfter: providerPause, Cause: err}
		c.retry = now.Add(providerPause)
		return nil, c.failed
	}
	c.provider, c.failed = p, nil
	return p, nil
}

func (c *OIDC) discover(ctx context.Context) (*provider, error) {
	// The provider keeps its context for fetching keys later on.
	ctx = oidc.ClientContext(context.WithoutCancel(ctx), c.o.Client)
	p, err := oidc.NewProvider(ctx, c.o.Issuer)
	if err != nil {
		return nil, err
	}
	var more struct {
		End string `json:"end_session_endpoint"`
	}
	if err := p.Claims(&more); err != nil {
		return nil, err
	}
	scopes := []string{oidc.ScopeOpenID, "profile", "email"}
	for _, s := range c.o.Scopes {
		if !slices.Contains(scopes, s) {
			scopes = append(scopes, s)
		}
	}
	return &provider{
		verifier: p.Verifier(&oidc.Config{ClientID: c.o.ClientID, Now: c.service.now}),
		config:   oauth2.Config{ClientID: c.o.ClientID, Endpoint: p.Endpoint(), RedirectURL: c.o.RedirectURL, Scopes: scopes},
		end:      more.End,
	}, nil
}

// flow is one person's way to the provider and back. The browser carries it,
// sealed, so that who only presses the button costs no row.
type flow struct {
	State    string    `json:"s"`
	Nonce    string    `json:"n"`
	Verifier string    `json:"v"`
	Return   string    `json:"r,omitempty"`
	Until    time.Time `json:"u"`
}

const flowName = "oidc/flow"

// Flow is where to send a browser, and what it must bring back.
type Flow struct {
	URL    string
	Cookie *http.Cookie
}

// flowCookie is the cookie of a flow. It is bound to the callback's path.
func flowCookie(value string, secure bool) *http.Cookie {
	c := &http.Cookie{Name: "advocate-oidc", Value: value, Path: OIDCCallback, HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode, MaxAge: int(flowFor / time.Second)}
	if secure {
		c.Name = "__Secure-advocate-oidc"
	}
	if value == "" {
		c.MaxAge = -1
	}
	return c
}

// Begin starts signing in. back is a path of this server to show afterwards;
// anything else is taken for "/".
func (c *OIDC) Begin(ctx context.Context, back string, secure bool) (Flow, error) {
	p, err := c.ready(ctx)
	if err != nil {
		return Flow{}, err
	}
	f := flow{State: randomSecret(), Nonce: randomSecret(), Verifier: oauth2.GenerateVerifier(), Return: LocalPath(back), Until: c.service.now().Add(flowFor)}
	b, err := json.Marshal(f)
	if err != nil {
		return Flow{}, err
	}
	sealed, err := c.service.o.Sealer.Seal(ctx, flowName, b)
	if err != nil {
		return Flow{}, err
	}
	return Flow{
		URL:    p.config.AuthCodeURL(f.State, oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)),
		Cookie: flowCookie(encode(sealed), secure),
	}, nil
}

// LocalPath is a path of this server, so that nobody is sent elsewhere by a
// link to us.
func LocalPath(s string) string {
	u, err := url.Parse(s)
	if err != nil || len(s) > 1000 || u.IsAbs() || u.Host != "" || !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.ContainsAny(s, "\\\r\n\t") {
		return "/"
	}
	return s
}

// Return is what a browser brings back from the provider.
type Return struct {
	Query       url.Values // of the callback
	Cookie      string     // FlowToken of the request
	Old         string     // the session's token that the browser sent, which ends
	From, Agent string     // the address and the browser
}

// FlowToken reads a flow from a request, and gives the cookie that ends it.
func FlowToken(r *http.Request, secure bool) (token string, over *http.Cookie) {
	over = flowCookie("", secure)
	if list := r.CookiesNamed(over.Name); len(list) == 1 {
		token = list[0].Value
	}
	return token, over
}

// Finish signs in who comes back from the provider, and gives the path to show.
// Errors are domain errors that may be shown; what exactly was wrong with the
// provider's answer is their cause.
func (c *OIDC) Finish(ctx context.Context, r Return) (In, string, error) {
	f, err := c.openFlow(r.Cookie)
	if err != nil {
		return In{}, "", err
	}
	if subtle.ConstantTimeCompare([]byte(f.State), []byte(r.Query.Get("state"))) != 1 {
		return In{}, "", ErrFlow
	}
	// RFC 9207 §2.4: an answer of another provider is not ours.
	if iss := r.Query.Get("iss"); iss != "" && iss != c.o.Issuer {
		return In{}, "", vouchError(fmt.Errorf("the answer is from %q", iss))
	}
	if e := r.Query.Get("error"); e != "" {
		return In{}, "", &domain.Error{Code: domain.CodeUnauthorized, Message: "the provider did not sign you in", Cause: fmt.Errorf("%.100q: %.300q", e, r.Query.Get("error_description"))}
	}
	p, err := c.ready(ctx)
	if err != nil {
		return In{}, "", err
	}
	claims, err := c.exchange(ctx, p, r.Query.Get("code"), f)
	if err != nil {
		return In{}, "", err
	}
	who, err := c.judge(claims)
	if err != nil {
		return In{}, "", err
	}
	in, err := c.service.vouched(ctx, who, c.o, r)
	return in, f.Return, err
}

func (c *OIDC) openFlow(cookie string) (flow, error) {
	var f flow
	if cookie == "" || len(cookie) > maxFlow {
		return f, ErrFlow
	}
	sealed, err := decode(cookie)
	if err != nil {
		return f, ErrFlow
	}
	b, err := c.service.o.Sealer.Open(flowName, sealed)
	if err != nil || json.Unmarshal(b, &f) != nil || !c.service.now().Before(f.Until) {
		return f, ErrFlow
	}
	return f, nil
}

func vouchError(cause error) error {
	return &domain.Error{Code: errVouch.Code, Message: errVouch.Message, Cause: fmt.Errorf("%w: %w", errVouch, cause)}
}

// claims is what we read of an id token.
type claims struct {
	Issuer, Subject string
	Email           string
	Verified        bool
	Name, Preferred string
	all             map[string]any
}

// exchange takes the code to the provider and verifies what it says: issuer,
// audience, signature, time and nonce.
func (c *OIDC) exchange(ctx context.Context, p *provider, code string, f flow) (claims, error) {
	if code == "" || len(code) > maxFlow {
		return claims{}, vouchError(errors.New("there is no usable code"))
	}
	conf := p.config
	if c.o.ClientSecret != nil {
		secret, err := c.o.ClientSecret()
		if err != nil {
			return claims{}, &domain.Error{Code: domain.CodeUnavailable, Message: "the OpenID client's secret cannot be read; tell the operator", Cause: err}
		}
		conf.ClientSecret = secret
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, c.o.Client), 2*providerTime)
	defer cancel()
	token, err := conf.Exchange(ctx, code, oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return claims{}, vouchError(err)
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return claims{}, vouchError(errors.New("there is no id token"))
	}
	id, err := p.verifier.Verify(ctx, raw)
	if err != nil {
		return claims{}, vouchError(err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(f.Nonce)) != 1 {
		return claims{}, vouchError(errors.New("the nonce is not ours"))
	}
	out := claims{Issuer: id.Issuer, Subject: id.Subject}
	if err := id.Claims(&out.all); err != nil {
		return claims{}, vouchError(err)
	}
	// OpenID Connect Core §3.1.3.7: several audiences need an azp that is us.
	if azp, ok := out.all["azp"].(string); (ok || len(id.Audience) > 1) && azp != c.o.ClientID {
		return claims{}, vouchError(errors.New("the token is for another client"))
	}
	if out.Subject == "" || len(out.Subject) > 255 { // §2
		return claims{}, vouchError(errors.New("the subject is not usable"))
	}
	out.Email, _ = out.all["email"].(string)
	out.Name, _ = out.all["name"].(string)
	out.Preferred, _ = out.all["preferred_username"].(string)
	switch v := out.all["email_verified"].(type) {
	case bool:
		out.Verified = v
	case string: // some providers send text
		out.Verified = v == "true"
	}
	return out, nil
}

// vouchee is whom the provider vouches for, and as what.
type vouchee struct {
	claims
	role Role // "": the account's own
}

// judge decides whether somebody whom the provider vouches for may come in at
// all, and as what.
func (c *OIDC) judge(x claims) (vouchee, error) {
	if len(c.o.Domains) > 0 {
		_, host, _ := strings.Cut(x.Email, "@")
		if !x.Verified || !slices.ContainsFunc(c.o.Domains, func(d string) bool { return strings.EqualFold(d, host) }) {
			return vouchee{}, errUnknown
		}
	}
	out := vouchee{claims: x}
	if len(c.o.Roles) == 0 {
		return out, nil
	}
	has := claimWords(x.all, c.o.RoleClaim)
	for _, role := range PeopleRoles { // the most powerful one first
		for value, r := range c.o.Roles {
			if r == role && slices.Contains(has, value) {
				out.role = role
				return out, nil
			}
		}
	}
	if out.role = c.o.DefaultRole; out.role == "" {
		return vouchee{}, errUnknown
	}
	return out, nil
}

// claimWords reads a claim that is a word or a list of words; dots lead into
// objects where there is no claim of the whole name.
func claimWords(all map[string]any, path string) []string {
	value, ok := all[path]
	for !ok && path != "" {
		head, rest, more := strings.Cut(path, ".")
		inner, isMap := all[head].(map[string]any)
		if !more || !isMap {
			return nil
		}
		all, path = inner, rest
		value, ok = all[path]
	}
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, x := range v {
			if s, ok := x.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

// LogoutURL is where to send a browser that has signed out here, so that it is
// signed out at the provider too; "" when the provider has no such place.
// OpenID Connect RP-Initiated Logout §2.
func (c *OIDC) LogoutURL(ctx context.Context, back string) string {
	p, err := c.ready(ctx)
	if err != nil || p.end == "" {
		return ""
	}
	u, err := url.Parse(p.end)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	q := u.Query()
	q.Set("client_id", c.o.ClientID)
	if back != "" {
		q.Set("post_logout_redirect_uri", back)
	}
	u.RawQuery = q.Encode()
	return u.String()
}
