package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

const whoseHelp = "An identity, as \"customer show\" lists it: network/author, or network/account/author."

type customerIgnoreCmd struct {
	Identity string `arg:"" help:"${whose}"`
}

func (*customerIgnoreCmd) Help() string {
	return "What it writes is set aside from then on, and nothing is sent to it. Its cases that nobody has taken end.\n\nExamples:\n  advocate customer ignore sandbox/spammer"
}

func (c *customerIgnoreCmd) Run(g *globals) error {
	return ignore(g, c.Identity, domain.CommandIgnore, "is ignored")
}

type customerUnignoreCmd struct {
	Identity string `arg:"" help:"${whose}"`
}

func (*customerUnignoreCmd) Help() string {
	return "What it writes from then on is taken in again; what was set aside is not.\n\nExamples:\n  advocate customer unignore sandbox/spammer"
}

func (c *customerUnignoreCmd) Run(g *globals) error {
	return ignore(g, c.Identity, domain.CommandUnignore, "is heard again")
}

func ignore(g *globals, identity string, kind domain.CommandKind, done string) error {
	_, err := ask[nothing](g, "customer.ignore", ignoreParams{identity, kind, operator()})
	if err == nil {
		fmt.Fprintf(g.stdout, "%s %s\n", clean(identity), done)
	}
	return err
}

type ignoreParams struct {
	Identity string
	Kind     domain.CommandKind
	By       string
}

// opCustomerIgnore serves both commands.
func opCustomerIgnore(ctx context.Context, n *node, p ignoreParams) (nothing, error) {
	if p.Kind != domain.CommandIgnore && p.Kind != domain.CommandUnignore {
		return nothing{}, domain.FieldErrorf("kind", "is %.40q; want ignore or unignore", p.Kind)
	}
	keys := readings(p.Identity)
	if len(keys) == 0 {
		return nothing{}, noIdentity(p.Identity)
	}
	var found []ownedIdentity
	if err := n.store.View(ctx, func(r store.Reader) (err error) {
		found, err = identityFind(r, keys)
		return err
	}); err != nil {
		return nothing{}, err
	}
	switch len(found) {
	case 0:
		return nothing{}, domain.Errorf(domain.CodeNotFound, "nobody has written as %.200q", p.Identity)
	case 1:
		who := found[0]
		return nothing{}, n.engine.Command(ctx, who.owner, domain.Command{Kind: p.Kind, By: p.By, Identities: []domain.Identity{{IdentityKey: who.IdentityKey}}})
	}
	return nothing{}, domain.Errorf(domain.CodeConflict, "%.200q is %s, and %s; the console does it, with the customer's identities", p.Identity, found[0], found[1])
}

// ownedIdentity is an identity and whose it is.
type ownedIdentity struct {
	domain.IdentityKey
	owner domain.CustomerID
}

func (i ownedIdentity) String() string {
	account := ""
	if i.Account != "" {
		account = fmt.Sprintf(" of the account %.100q", i.Account)
	}
	return fmt.Sprintf("the author %.100q%s on %.100s (%v)", i.Author, account, i.Network, i.owner)
}

// readings are the identities that one may mean who types one: a bridge's
// author may have a "/" in its id, so that what stands between two may be an
// account or not.
func readings(s string) []domain.IdentityKey {
	network, author, _ := strings.Cut(s, "/")
	out := []domain.IdentityKey{{Network: network, Author: author}}
	if account, rest, ok := strings.Cut(author, "/"); ok {
		out = append(out, domain.IdentityKey{Network: network, Account: account, Author: rest})
	}
	return slices.DeleteFunc(out, func(k domain.IdentityKey) bool { return !k.Valid() })
}

// identityFind gives those identities that are somebody's.
func identityFind(r store.Reader, keys []domain.IdentityKey) ([]ownedIdentity, error) {
	owners, err := r.IdentityFind(keys)
	var out []ownedIdentity
	for i, id := range owners {
		if id != 0 {
			out = append(out, ownedIdentity{keys[i], id})
		}
	}
	return out, err
}
