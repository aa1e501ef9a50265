package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/certificate"
	"github.com/contact-advocate/advocate/internal/social/state"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/vault"
)

type secretCmd struct {
	Set    secretSetCmd    `cmd:"" help:"Keep a secret, read from the standard input."`
	List   secretListCmd   `cmd:"" help:"List secrets, by name only."`
	Delete secretDeleteCmd `cmd:"" help:"Remove a secret."`
	Rotate secretRotateCmd `cmd:"" help:"Seal everything anew under another key."`
}

type secretSetCmd struct {
	Name string `arg:"" help:"What the configuration calls it, as in {vault: crm}."`
}

func (*secretSetCmd) Help() string {
	return `The secret is read from the standard input, so that it is in no history and no list of processes. White space around it is taken away.

Examples:
  advocate secret set crm < crm.secret
  advocate secret set oidc`
}

type secretParams struct{ By, Name, Value string }

func (c *secretSetCmd) Run(g *globals) error {
	if err := vault.CheckName(c.Name); err != nil {
		return usagef("%v", err)
	}
	value, err := g.readSecret(c.Name)
	if err != nil {
		return err
	}
	if _, err := ask[nothing](g, "secret.set", secretParams{operator(), c.Name, value}); err != nil {
		return err
	}
	fmt.Fprintf(g.stdout, "%s is kept\n", clean(c.Name))
	return nil
}

// readSecret reads a line that is not shown from a terminal, or all there is
// from anything else.
func (g *globals) readSecret(name string) (string, error) {
	var (
		b   []byte
		err error
	)
	if tty, ok := g.keyboard(); ok {
		b, err = g.readHidden(tty, "The secret "+clean(name))
	} else {
		b, err = io.ReadAll(io.LimitReader(g.stdin, vault.MaxSecret+1))
	}
	if err != nil {
		return "", err
	}
	value := strings.TrimSpace(string(b))
	switch {
	case len(b) > vault.MaxSecret: // and may have been cut
		return "", fmt.Errorf("the secret on the standard input is longer than %d bytes", vault.MaxSecret)
	case value == "":
		return "", errors.New("there is no secret on the standard input")
	}
	return value, nil
}

// keyboard is the terminal that the standard input is, if it is one.
func (g *globals) keyboard() (fd int, ok bool) {
	f, ok := g.stdin.(*os.File)
	if !ok {
		return 0, false
	}
	return int(f.Fd()), term.IsTerminal(int(f.Fd()))
}

// readHidden asks on a terminal for a line that is not shown.
func (g *globals) readHidden(tty int, says string) ([]byte, error) {
	fmt.Fprintf(g.stderr, "%s (it is not shown): ", says)
	b, err := term.ReadPassword(tty)
	fmt.Fprintln(g.stderr)
	return b, err
}

func opSecretSet(ctx context.Context, n *node, p secretParams) (nothing, error) {
	if err := n.vault.Set(ctx, p.By, p.Name, p.Value); err != nil {
		return nothing{}, err
	}
	return nothing{}, n.auditSecret(ctx, p.By, "secret.set", p.Name)
}

// secretsParams are secrets by name; one that is empty is removed.
type secretsParams struct {
	By     string
	Values map[string]string
}

// opSecretPut exchanges secrets that belong together: all or none.
func opSecretPut(ctx context.Context, n *node, p secretsParams) (nothing, error) {
	return nothing{}, n.store.Update(ctx, func(tx store.Tx) error {
		v := n.settings.openVault(within{n.store, tx})
		var rows []store.AuditRow
		for _, name := range slices.Sorted(maps.Keys(p.Values)) { // in one order, so that two who lock the same ones do not wait for each other
			action, err := "secret.set", error(nil)
			if p.Values[name] != "" {
				err = v.Set(ctx, p.By, name, p.Values[name])
			} else if action, err = "secret.delete", v.Delete(ctx, name); missing(err) {
				continue
			}
			if err != nil {
				return err
			}
			rows = append(rows, n.secretRow(p.By, action, name))
		}
		return tx.AuditAppend(rows)
	})
}

// within is a store whose transactions are all part of one. A vault over it may
// seal there: that the database is told of a new key is part of it too.
type within struct {
	store.Store
	tx store.Tx
}

func (w within) Update(_ context.Context, f func(store.Tx) error) error   { return f(w.tx) }
func (w within) View(_ context.Context, f func(store.Reader) error) error { return f(w.tx) }

// auditSecret records what was done to a secret.
func (n *node) auditSecret(ctx context.Context, by, action, name string) error {
	return n.store.Update(ctx, func(tx store.Tx) error {
		return tx.AuditAppend([]store.AuditRow{n.secretRow(by, action, name)})
	})
}

func (n *node) secretRow(by, action, name string) store.AuditRow {
	row := auth.Entry(auth.Command(by), action, "secret/"+name, 0, "ok")
	row.At = n.settings.clock.Now()
	return row
}

type secretListCmd struct {
	JSON bool `name:"json" help:"Print a JSON array."`
}

func (*secretListCmd) Help() string { return "Examples:\n  advocate secret list" }

func (c *secretListCmd) Run(g *globals) error {
	rows, err := ask[[]vault.Info](g, "secret.list", nothing{})
	if err != nil {
		return err
	}
	l := listing[vault.Info]{
		json: c.JSON, none: "no secret is kept", head: []string{"NAME", "BY", "SET", "KEY"},
		cells: func(s *vault.Info) []string { return []string{s.Name, orDash(s.By), rfc3339(s.UpdatedAt), s.Key} },
	}
	return l.print(g, rows)
}

func opSecretList(ctx context.Context, n *node, _ nothing) ([]vault.Info, error) {
	return n.vault.List(ctx)
}

type secretDeleteCmd struct {
	Name string `arg:"" help:"Its name."`
}

func (*secretDeleteCmd) Help() string { return "Examples:\n  advocate secret delete crm" }

func (c *secretDeleteCmd) Run(g *globals) error {
	_, err := ask[nothing](g, "secret.delete", secretParams{By: operator(), Name: c.Name})
	if err == nil {
		fmt.Fprintf(g.stdout, "%s is deleted\n", clean(c.Name))
	}
	return err
}

func opSecretDelete(ctx context.Context, n *node, p secretParams) (nothing, error) {
	if err := n.vault.Delete(ctx, p.Name); err != nil {
		return nothing{}, err
	}
	return nothing{}, n.auditSecret(ctx, p.By, "secret.delete", p.Name)
}

type secretRotateCmd struct{}

func (*secretRotateCmd) Help() string {
	return `Secrets, people's second factors, webhooks' secrets, what networks gave us and ordered certificates are sealed anew. Where the key is in the data directory, a new one is made in vault.key, and those before it stay there, for what a backup may bring back. Where vault_key is configured, put a new key first there, before the old one, and restart; this command then seals under it, and the old one can go.

Examples:
  advocate secret rotate`
}

func (c *secretRotateCmd) Run(g *globals) error {
	r, err := ask[vault.Rotation](g, "secret.rotate", operator())
	if err != nil {
		return err
	}
	fmt.Fprintf(g.stdout, "%s and %s are sealed under the key %s\n", amount(r.Secrets, "secret"), amount(r.Others, "other thing"), r.Key)
	return nil
}

func opSecretRotate(ctx context.Context, n *node, by string) (vault.Rotation, error) {
	certificates := func(ctx context.Context) (int, error) { return certificate.Reseal(ctx, n.store, n.vault) }
	networks := func(ctx context.Context) (int, error) { return state.Reseal(ctx, n.store, n.vault) }
	r, err := n.vault.Rotate(ctx, n.people.Reseal, n.webhooks().Reseal, certificates, networks)
	if err != nil {
		return vault.Rotation{}, err
	}
	return r, n.auditSecret(ctx, by, "secret.rotate", r.Key)
}
