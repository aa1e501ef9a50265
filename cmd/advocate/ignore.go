package main

import (
	"context"
	"fmt"

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
	who, err := parseIdentity(p.Identity)
	if err != nil {
		return nothing{}, err
	}
	var owners []domain.CustomerID
	if err := n.store.View(ctx, func(r store.Reader) (err error) {
		owners, err = r.IdentityFind([]domain.IdentityKey{who})
		return err
	}); err != nil {
		return nothing{}, err
	}
	if owners[0] == 0 {
		return nothing{}, domain.Errorf(domain.CodeNotFound, "nobody has written as %.200q", p.Identity)
	}
	return nothing{}, n.engine.Command(ctx, owners[0], domain.Command{Kind: p.Kind, By: p.By, Identities: []domain.Identity{{IdentityKey: who}}})
}
