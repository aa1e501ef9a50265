package bridge

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// Network is a bridged network.
type Network struct {
	social.Pulse
	c        Config
	kit      social.Kit
	log      *slog.Logger
	callback *place
	find     *place // nil: it cannot be asked what it has published

	keyring keyring
	keys    social.Keys
}

var (
	_ social.Network = (*Network)(nil)
	_ social.Hook    = (*Network)(nil)
	_ social.Checker = (*Network)(nil)
	_ social.Healthy = (*Network)(nil)
)

// place is one of the bridge's addresses.
type place struct {
	name  string // for errors
	web   *web.Client
	path  string
	query url.Values
}

// New makes the connection; it asks for nothing yet.
func New(c Config, kit social.Kit) (*Network, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if kit.State == nil {
		return nil, errors.New("bridge: needs a place for its state")
	}
	kit = kit.Whole()
	client := *kit.HTTP
	// A POST is not redirected in any case (package web). Nor may the GET of
	// Check be: it would say that all is well where no reply arrives.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	n := &Network{c: c, kit: kit, log: kit.Log.With("network", c.Name, "account", c.Account)}
	n.callback = n.place("callback", c.Callback, &client)
	if c.Find != "" {
		n.find = n.place("place to find messages at", c.Find, &client)
	}
	return n, nil
}

// place makes a client for an address that was checked.
func (n *Network) place(name, address string, client *http.Client) *place {
	u, err := n.c.address(address)
	if err != nil {
		panic(err)
	}
	return &place{name: name, path: u.EscapedPath(), query: u.Query(), web: &web.Client{
		Base: &url.URL{Scheme: u.Scheme, Host: u.Host}, HTTP: client, Agent: "contact-advocate", Sign: n.sign, Now: n.kit.Clock.Now,
	}}
}

// Name implements social.Network.
func (n *Network) Name() string { return n.c.Name }

// Account implements social.Network.
func (n *Network) Account() string { return n.c.Account }

// HookName implements social.Hook.
func (n *Network) HookName() string { return n.c.hookName() }

// Capabilities implements social.Network.
func (n *Network) Capabilities() social.Capabilities {
	form := social.Form{Text: n.c.length(), Parts: n.c.Parts}
	return social.Capabilities{
		PublicReply: n.c.Public, PrivateMessage: n.c.Private, Settles: n.c.Idempotent || n.find != nil, Public: form, Private: form,
		In: social.In{Search: true, Private: true, Edits: true, Deletes: true, Hook: true},
	}
}
