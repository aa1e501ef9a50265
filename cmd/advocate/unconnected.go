package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/bluesky"
	"github.com/contact-advocate/advocate/internal/social/mastodon"
	"github.com/contact-advocate/advocate/internal/social/meta"
	"github.com/contact-advocate/advocate/internal/social/x"
)

// An account is not connected yet while the vault lacks its credentials. A
// server starts all the same and says so: what "advocate connect" puts into the
// vault it takes up by itself.

// withSecrets adds to what is wrong with an account the secrets that cannot be
// read, so that what is missing shows at the start and not at the first post.
// Where the vault is not open, nothing is asked: see secret.Place.
func (a *networkAccount) withSecrets(err error) error {
	m := &social.Mistakes{Place: a.Place}
	var known *social.Mistakes
	if errors.As(err, &known) {
		m.All = slices.Clone(known.All)
	} else if err != nil {
		return err
	}
	for _, s := range a.secrets {
		_, err := s.Ref.Read()
		key := strings.TrimPrefix(s.Path, a.Path()+".")
		said := slices.ContainsFunc(m.All, func(x social.Mistake) bool { return x.Key == key })
		if err == nil || said || errors.Is(err, secret.ErrNoVault) || missing(err) && a.connects() {
			continue
		}
		m.Note(key, err)
	}
	return m.Err()
}

// missing reports that the vault has no secret of the name that was asked for.
func missing(err error) bool { return domain.ErrorCode(err) == domain.CodeNotFound }

// connects reports whether there is an "advocate connect" for the account's
// network: a bridge has none.
func (a *networkAccount) connects() bool {
	way, _ := a.connectWay()
	return way != nil
}

// connectWay is how "advocate connect" is told of the account, and the names
// under which it would keep the credentials.
func (a *networkAccount) connectWay() (args, names []string) {
	flag := func(name, value string) {
		if value != "" {
			args = append(args, "--"+name, value)
		}
	}
	keep := func(all ...*credential) {
		for _, x := range all {
			names = append(names, x.name)
		}
	}
	as, messages := connecting{Account: a.Label}, false
	switch c := a.Config.(type) {
	case mastodon.Config:
		args = []string{"mastodon", "--server", c.URL}
		keep((&connectMastodonCmd{Server: c.URL, connecting: as}).credential())
	case bluesky.Config:
		messages, args = c.DirectMessages, []string{"bluesky", "--handle", c.Handle}
		flag("service", c.Service)
		keep((&connectBlueskyCmd{connecting: as}).credential())
	case x.Config:
		messages, args = c.DirectMessages, []string{"x"}
		flag("mode", string(c.Mode))
		flag("tier", c.Tier)
		flag("api", c.API)
		if c.PostsPerMonth != 0 {
			flag("posts-per-month", fmt.Sprint(c.PostsPerMonth))
		}
		keep((&connectXCmd{connecting: as}).credentials())
	case meta.Config:
		messages, args = c.DirectMessages, []string{string(c.Kind), "--app", c.App, "--page", c.Page}
		flag("instagram", c.Instagram)
		flag("mode", string(c.Mode))
		flag("graph", c.Graph)
		keep((&metaConnecting{connecting: as}).credentials(c.Kind))
	default:
		return nil, nil
	}
	flag("account", a.Label)
	if messages {
		args = append(args, "--direct-messages")
	}
	if a.AllowPrivate() {
		args = append(args, "--allow-private")
	}
	return args, names
}

// lacking names the account's secrets that the vault does not have.
func (a *networkAccount) lacking(has func(name string) bool) []string {
	var out []string
	for _, s := range a.secrets {
		if name := s.Ref.Vault; name != "" && !has(name) && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// connectLine is the command that puts into the vault what an account lacks
// there: "advocate connect" where it would keep it under those names.
func (a *networkAccount) connectLine(lacks []string, has func(name string) bool) string {
	args, names := a.connectWay()
	if args == nil || slices.ContainsFunc(lacks, func(l string) bool { return !slices.Contains(names, l) }) {
		return "advocate secret set " + lacks[0]
	}
	if slices.ContainsFunc(names, has) {
		args = append(args, "--replace")
	}
	for i := range args {
		args[i] = shellWord(args[i])
	}
	return "advocate connect " + strings.Join(args, " ")
}

// shellWord writes a word so that a shell reads it as one.
func shellWord(s string) string {
	s = clean(s)
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/@%+=,") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// unconnected is an account that is configured and lacks credentials.
type unconnected struct {
	network, account string
	command          string // that connects it
}

func (u unconnected) name() string { return strings.TrimSuffix(u.network+"/"+u.account, "/") }

const notConnected = "it is not connected yet: the vault lacks its credentials"

// unconnected lists the accounts that lack credentials now, by name.
func (n *node) unconnected(ctx context.Context) ([]unconnected, error) {
	if len(n.accounts) == 0 {
		return nil, nil
	}
	had, err := n.vault.List(ctx)
	if err != nil {
		return nil, err
	}
	kept := map[string]bool{}
	for _, s := range had {
		kept[s.Name] = true
	}
	has := func(name string) bool { return kept[name] }
	var out []unconnected
	for name, a := range n.accounts {
		if lacks := a.lacking(has); len(lacks) > 0 && a.connects() {
			out = append(out, unconnected{name[0], name[1], a.connectLine(lacks, has)})
		}
	}
	slices.SortFunc(out, func(a, b unconnected) int { return strings.Compare(a.name(), b.name()) })
	return out, nil
}

// toConnect is unconnected for the API: the command by network and account.
func (n *node) toConnect(ctx context.Context) (map[[2]string]string, error) {
	all, err := n.unconnected(ctx)
	out := map[[2]string]string{}
	for _, u := range all {
		out[[2]string{u.network, u.account}] = u.command
	}
	return out, err
}
