package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/mastodon"
	"github.com/contact-advocate/advocate/internal/social/web"
)

type connectMastodonCmd struct {
	Server string `required:"" placeholder:"URL" help:"The server's address, such as https://social.example."`
	Token  bool   `help:"Take an access token that was made on the server's own page (Preferences, Development) in place of signing in."`
	connecting
}

func (*connectMastodonCmd) Help() string {
	return `Registers this program at the server, prints an address to open in a browser that is signed in there as the company's account, and asks for the code that the server shows then.

With --token nothing is registered: it asks for an access token with the scopes read and write:statuses.

Examples:
  advocate connect mastodon --server https://social.example
  advocate connect mastodon --server https://social.example --token < token`
}

// mastodonScopes are what the connector needs
// (https://docs.joinmastodon.org/api/oauth-scopes/).
const mastodonScopes = "read write:statuses"

// outOfBand makes the server show the code
// (https://docs.joinmastodon.org/client/token/#app).
const outOfBand = "urn:ietf:wg:oauth:2.0:oob"

func (c *connectMastodonCmd) Run(g *globals) error {
	if !strings.Contains(c.Server, "://") {
		c.Server = "https://" + c.Server
	}
	c.Server = strings.TrimRight(c.Server, "/")
	token := c.credential()
	config := func() mastodon.Config {
		return mastodon.Config{Account: c.Account, URL: c.Server, AllowPrivate: c.AllowPrivate, Token: token.given()}
	}
	s, err := c.begin(g, func() error { conf := config(); return conf.Check() }, token)
	if err != nil {
		return err
	}
	u, err := url.Parse(c.Server)
	if err != nil {
		return err
	}
	if c.Token {
		err = c.read(g, token)
	} else {
		token.value, err = c.signIn(g, u)
		token.asked = true
	}
	if err != nil {
		return err
	}
	n, check, err := c.try(g, &s, func(k social.Kit) (social.Network, error) { return mastodon.New(config(), k) })
	if err != nil {
		return err
	}
	return c.finish(g, &s, n, check, yamlLines("mastodon", c.common([2]string{"url", yamlText(u.String())}, [2]string{"token", inVault(token)})...), token)
}

// credential is a server's token: an account may be on several.
func (c *connectMastodonCmd) credential() *credential {
	name := "mastodon"
	if u, err := url.Parse(c.Server); err == nil {
		name += "-" + strings.ReplaceAll(strings.ToLower(u.Host), ":", "-")
	}
	return &credential{name: c.named(name, ""), says: "The access token"}
}

// signIn gets a token by OAuth's authorization code, with PKCE where the
// server has it (RFC 7636; Mastodon since 4.3).
func (c *connectMastodonCmd) signIn(g *globals, server *url.URL) (string, error) {
	client := networkClient(c.AllowPrivate)
	defer client.CloseIdleConnections()
	api := &web.Client{Base: server, HTTP: client, Agent: "contact-advocate"}
	// https://docs.joinmastodon.org/methods/apps/#create
	var app struct {
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
	}
	_, err := api.Do(g.ctx, web.Request{Method: "POST", Path: "/api/v1/apps", Out: &app, JSON: map[string]string{
		"client_name": "Contact Advocate", "redirect_uris": outOfBand, "scopes": mastodonScopes,
	}})
	if err != nil {
		return "", fmt.Errorf("%s does not take us for an application: %w", server.Host, safely(err))
	}
	// https://docs.joinmastodon.org/methods/oauth/#authorize
	q := url.Values{"response_type": {"code"}, "client_id": {app.ClientID}, "redirect_uri": {outOfBand}, "scope": {mastodonScopes}}
	verifier := ""
	if pkce(g.ctx, api) {
		verifier = rand.Text() + rand.Text() // 52 letters of 43 to 128 (RFC 7636 §4.1)
		sum := sha256.Sum256([]byte(verifier))
		q.Set("code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]))
		q.Set("code_challenge_method", "S256")
	}
	page := server.JoinPath("/oauth/authorize")
	page.RawQuery = q.Encode()
	fmt.Fprintf(g.stderr, "Open this in a browser that is signed in as the company's account, and allow it:\n\n  %s\n\n", page)
	code, err := c.readLine(g, "The code that the server shows then", false)
	if err != nil || code == "" {
		return "", errors.Join(errors.New("no code was given"), err)
	}
	// https://docs.joinmastodon.org/methods/oauth/#token
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "client_id": {app.ClientID}, "client_secret": {app.ClientSecret},
		"redirect_uri": {outOfBand}, "scope": {mastodonScopes}}
	if verifier != "" {
		form.Set("code_verifier", verifier)
	}
	var out struct {
		AccessToken string `json:"access_token"`
	}
	if _, err := api.Do(g.ctx, web.Request{Method: "POST", Path: "/oauth/token", Form: form, Out: &out}); err != nil {
		return "", fmt.Errorf("%s gives no token for that code: %w; begin again, a code works once and for minutes", server.Host, safely(err))
	}
	if out.AccessToken == "" {
		return "", fmt.Errorf("%s gives an empty token", server.Host)
	}
	return out.AccessToken, nil
}

// pkce reports whether a server has it
// (https://docs.joinmastodon.org/methods/oauth/#authorization-server-metadata).
func pkce(ctx context.Context, api *web.Client) bool {
	var about struct {
		Methods []string `json:"code_challenge_methods_supported"`
	}
	_, err := api.Do(ctx, web.Request{Path: "/.well-known/oauth-authorization-server", Out: &about})
	return err == nil && slices.Contains(about.Methods, "S256")
}
