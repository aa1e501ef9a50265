package main

import (
	"strconv"
	"strings"

	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/bluesky"
	"github.com/contact-advocate/advocate/internal/social/meta"
	"github.com/contact-advocate/advocate/internal/social/x"
)

type connectBlueskyCmd struct {
	Handle         string `required:"" help:"The account's name, such as shop.example.com."`
	Service        string `placeholder:"URL" help:"The account's server (default https://bsky.social)."`
	DirectMessages bool   `name:"direct-messages" help:"Direct messages are to come and go; the app password must allow it."`
	connecting
}

func (*connectBlueskyCmd) Help() string {
	return `Make an app password first, under Settings, Privacy and security, App passwords. The account's own password is not needed and should not be given.

Examples:
  advocate connect bluesky --handle shop.example.com`
}

func (c *connectBlueskyCmd) credential() *credential {
	return &credential{name: c.named("bluesky", ""), says: "The app password"}
}

func (c *connectBlueskyCmd) Run(g *globals) error {
	pass := c.credential()
	handle := strings.TrimPrefix(c.Handle, "@")
	config := func() bluesky.Config {
		return bluesky.Config{Account: c.Account, Handle: handle, Service: c.Service, DirectMessages: c.DirectMessages, AllowPrivate: c.AllowPrivate, AppPassword: pass.given()}
	}
	s, err := c.begin(g, func() error { conf := config(); return conf.Check() }, pass)
	if err != nil {
		return err
	}
	if err := c.read(g, pass); err != nil {
		return err
	}
	n, check, err := c.try(g, &s, func(k social.Kit) (social.Network, error) { return bluesky.New(config(), k) })
	if err != nil {
		return err
	}
	return c.finish(g, &s, n, check, yamlLines("bluesky", c.common(
		[2]string{"handle", yamlText(handle)}, [2]string{"app_password", inVault(pass)}, [2]string{"service", yamlText(c.Service)}, yes("direct_messages", c.DirectMessages),
	)...), pass)
}

// common adds the keys that are the same on every network.
func (c *connecting) common(pairs ...[2]string) [][2]string {
	return append(pairs, [2]string{"account", yamlText(c.Account)}, yes("allow_private", c.AllowPrivate))
}

func yes(key string, is bool) [2]string {
	if is {
		return [2]string{key, "true"}
	}
	return [2]string{}
}

func number(key string, n int) [2]string {
	if n != 0 {
		return [2]string{key, strconv.Itoa(n)}
	}
	return [2]string{}
}

type connectXCmd struct {
	Tier string `placeholder:"TIER" help:"What was bought: pay-per-use (default), free, basic, pro or enterprise."`
	Mode string `enum:"poll,stream,webhook" default:"poll" help:"How posts come: poll, stream or webhook."`
	API  string `name:"api" placeholder:"URL" help:"The API's address (default https://api.x.com)."`

	PostsPerMonth  int  `name:"posts-per-month" placeholder:"N" help:"The most posts that are read in a calendar month; the tier's if missing. Needed with --tier enterprise."`
	DirectMessages bool `name:"direct-messages" help:"Direct messages are to come and go."`
	connecting
}

func (*connectXCmd) Help() string {
	return `In X's developer console make an app with the permissions "Read and write and Direct message", and generate the access token of the account that answers. Asked for are: the API key, its secret, the access token, its secret, and the app's bearer token, which may be left empty unless --mode is stream.

Examples:
  advocate connect x --mode webhook
  advocate connect x --tier basic < x.secrets`
}

func (c *connectXCmd) credentials() (key, keySecret, token, tokenSecret, bearer *credential) {
	return &credential{name: c.named("x", "consumer-key"), says: "The API key"},
		&credential{name: c.named("x", "consumer-secret"), says: "The API key's secret"},
		&credential{name: c.named("x", "access-token"), says: "The access token"},
		&credential{name: c.named("x", "access-token-secret"), says: "The access token's secret"},
		&credential{name: c.named("x", "bearer-token"), says: "The bearer token", spare: c.Mode != string(x.Stream)}
}

func (c *connectXCmd) Run(g *globals) error {
	key, keySecret, token, tokenSecret, bearer := c.credentials()
	all := []*credential{key, keySecret, token, tokenSecret, bearer}
	config := func() x.Config {
		return x.Config{
			Account: c.Account, Mode: x.Mode(c.Mode), Tier: c.Tier, API: c.API, AllowPrivate: c.AllowPrivate,
			PostsPerMonth: int64(c.PostsPerMonth), DirectMessages: c.DirectMessages,
			ConsumerKey: key.given(), ConsumerSecret: keySecret.given(), AccessToken: token.given(), AccessTokenSecret: tokenSecret.given(), BearerToken: bearer.given(),
		}
	}
	s, err := c.begin(g, func() error { conf := config(); return conf.Check() }, all...)
	if err != nil {
		return err
	}
	if err := c.read(g, all...); err != nil {
		return err
	}
	n, check, err := c.try(g, &s, func(k social.Kit) (social.Network, error) { return x.New(config(), k) })
	if err != nil {
		return err
	}
	return c.finish(g, &s, n, check, yamlLines("x", c.common(
		[2]string{"mode", c.Mode}, [2]string{"tier", yamlText(c.Tier)}, [2]string{"api", yamlText(c.API)}, number("posts_per_month", c.PostsPerMonth), yes("direct_messages", c.DirectMessages),
		[2]string{"consumer_key", inVault(key)}, [2]string{"consumer_secret", inVault(keySecret)},
		[2]string{"access_token", inVault(token)}, [2]string{"access_token_secret", inVault(tokenSecret)}, [2]string{"bearer_token", inVault(bearer)},
	)...), all...)
}

// metaConnecting is what both of Meta's networks take.
type metaConnecting struct {
	App   string `required:"" placeholder:"ID" help:"The Meta app's id."`
	Page  string `required:"" placeholder:"ID" help:"The Page's id; for Instagram of the one that is linked."`
	Mode  string `enum:"webhook,poll" default:"webhook" help:"How posts come: webhook or poll."`
	Graph string `placeholder:"URL" help:"The Graph API's address (default https://graph.facebook.com)."`

	DirectMessages bool `name:"direct-messages" help:"Messages of Messenger or Instagram are to come and go."`
	connecting
}

type connectFacebookCmd struct{ metaConnecting }

func (*connectFacebookCmd) Help() string {
	return metaHelp + "\n\nExamples:\n  advocate connect facebook --app 1234567890 --page 100200300"
}

func (c *connectFacebookCmd) Run(g *globals) error { return c.run(g, meta.Facebook, "") }

type connectInstagramCmd struct {
	Instagram string `required:"" placeholder:"ID" help:"The professional account's id."`
	metaConnecting
}

func (*connectInstagramCmd) Help() string {
	return metaHelp + "\n\nExamples:\n  advocate connect instagram --app 1234567890 --page 100200300 --instagram 178414000000"
}

func (c *connectInstagramCmd) Run(g *globals) error { return c.run(g, meta.Instagram, c.Instagram) }

const metaHelp = `Asked for are: the app's secret, the Page's long-lived access token, and, with --mode webhook, a word of your own that you enter at Meta again, as "verify token", when you set up the webhook.`

func (c *metaConnecting) credentials(kind meta.Kind) (app, token, verify *credential) {
	return &credential{name: c.named(string(kind), "app-secret"), says: "The app's secret"},
		&credential{name: c.named(string(kind), "access-token"), says: "The Page's access token"},
		&credential{name: c.named(string(kind), "verify-token"), says: "The verify token, a word of your own"}
}

func (c *metaConnecting) run(g *globals, kind meta.Kind, instagram string) error {
	app, token, verify := c.credentials(kind)
	all := []*credential{app, token}
	if c.Mode == string(meta.Webhook) {
		all = append(all, verify)
	} else {
		verify.asked = true // nobody repeats it
	}
	config := func() meta.Config {
		return meta.Config{
			Kind: kind, Account: c.Account, App: c.App, Page: c.Page, Instagram: instagram, Mode: meta.Mode(c.Mode), Graph: c.Graph, AllowPrivate: c.AllowPrivate,
			DirectMessages: c.DirectMessages, AppSecret: app.given(), AccessToken: token.given(), VerifyToken: verify.given(),
		}
	}
	s, err := c.begin(g, func() error { conf := config(); return conf.Check() }, all...)
	if err != nil {
		return err
	}
	if err := c.read(g, all...); err != nil {
		return err
	}
	n, check, err := c.try(g, &s, func(k social.Kit) (social.Network, error) { return meta.New(config(), k) })
	if err != nil {
		return err
	}
	return c.finish(g, &s, n, check, yamlLines(string(kind), c.common(
		[2]string{"app", yamlText(c.App)}, [2]string{"page", yamlText(c.Page)}, [2]string{"instagram", yamlText(instagram)}, [2]string{"mode", c.Mode}, [2]string{"graph", yamlText(c.Graph)}, yes("direct_messages", c.DirectMessages),
		[2]string{"app_secret", inVault(app)}, [2]string{"access_token", inVault(token)}, [2]string{"verify_token", inVault(verify)},
	)...), all...)
}
