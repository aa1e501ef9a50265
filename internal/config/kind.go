package config

import (
	"strings"

	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/bluesky"
	"github.com/contact-advocate/advocate/internal/social/bridge"
	"github.com/contact-advocate/advocate/internal/social/mastodon"
	"github.com/contact-advocate/advocate/internal/social/meta"
	"github.com/contact-advocate/advocate/internal/social/x"
)

// kinds are the networks that there is a connector for, in the order of the
// file's grammar. To add one takes a field of Networks, a line here, what its
// authors' ids look like in social's table of kinds, a section of the reference
// (networkDocs), and, unless it keeps no secrets in the vault, an "advocate
// connect" (connectCmd) and how that is told of an account (connectWay).
var kinds = []func(*Networks) []Account{
	kind("mastodon", func(n *Networks) []mastodon.Config { return n.Mastodon }, func(c *mastodon.Config) Account {
		a := Account{Place: c.Place, Label: c.Account, Server: serverOf(c.URL), private: &c.AllowPrivate,
			Make: func(k social.Kit) (social.Network, error) { return mastodon.New(*c, k) }}
		if !c.Token.IsZero() { // the file does not say whose it is
			a.whose = []whose{{"token", serverOf(c.URL) + " " + c.Token.String(), "the " + c.Token.String()}}
		}
		return a
	}),
	kind("bluesky", func(n *Networks) []bluesky.Config { return n.Bluesky }, func(c *bluesky.Config) Account {
		handle := strings.ToLower(strings.TrimPrefix(strings.TrimSpace(c.Handle), "@"))
		return Account{Place: c.Place, Label: c.Account, private: &c.AllowPrivate, whose: []whose{{"handle", handle, handle}},
			Make: func(k social.Kit) (social.Network, error) { return bluesky.New(*c, k) }}
	}),
	kind("x", func(n *Networks) []x.Config { return n.X }, func(c *x.Config) Account {
		a := Account{Place: c.Place, Label: c.Account, private: &c.AllowPrivate,
			Make: func(k social.Kit) (social.Network, error) { return x.New(*c, k) }}
		if !c.AccessToken.IsZero() {
			a.whose = append(a.whose, whose{"access_token", c.AccessToken.String(), "the " + c.AccessToken.String()})
		}
		if !c.RefreshToken.IsZero() {
			a.whose = append(a.whose, whose{"refresh_token", c.RefreshToken.String(), "the " + c.RefreshToken.String()})
		}
		return a
	}),
	kind("facebook", func(n *Networks) []meta.Config { return n.Facebook }, func(c *meta.Config) Account {
		return metaAccount(c, meta.Facebook, whose{"page", strings.TrimSpace(c.Page), "page " + c.Page})
	}),
	kind("instagram", func(n *Networks) []meta.Config { return n.Instagram }, func(c *meta.Config) Account {
		return metaAccount(c, meta.Instagram, whose{"instagram", strings.TrimSpace(c.Instagram), "account " + c.Instagram})
	}),
	kind("webhook", func(n *Networks) []bridge.Config { return n.Webhook }, func(c *bridge.Config) Account {
		return Account{Place: c.Place, Label: c.Account, Server: c.Name, private: &c.AllowPrivate,
			Make: func(k social.Kit) (social.Network, error) { return bridge.New(*c, k) }}
	}),
}

// kind is a list of accounts, and what is to be known of each.
func kind[C any](list string, of func(*Networks) []C, about func(*C) Account) func(*Networks) []Account {
	return func(n *Networks) (out []Account) {
		all := of(n)
		for i := range all {
			a := about(&all[i])
			a.List, a.Index, a.Config = list, i, all[i]
			out = append(out, a)
		}
		return out
	}
}

// metaAccount tells an account which of Meta's networks it is on: its list says
// so, not it.
func metaAccount(c *meta.Config, kind meta.Kind, of whose) Account {
	c.Kind = kind
	return Account{Place: c.Place, Label: c.Account, private: &c.AllowPrivate, whose: []whose{of},
		Make: func(k social.Kit) (social.Network, error) { return meta.New(*c, k) }}
}

// Accounts lists what is configured, in the order of the file's grammar.
func (n *Networks) Accounts() []Account {
	var out []Account
	for _, of := range kinds {
		out = append(out, of(n)...)
	}
	return out
}
