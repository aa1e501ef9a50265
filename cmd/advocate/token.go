package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/config"
	"github.com/contact-advocate/advocate/internal/store"
)

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Make an API token; it is shown once."`
	List   tokenListCmd   `cmd:"" help:"List tokens, without their secrets."`
	Revoke tokenRevokeCmd `cmd:"" help:"Make a token worthless."`
}

type tokenCreateCmd struct {
	Name    string   `required:"" help:"What to call it: letters, digits, '.', '_' and '-'."`
	Role    string   `required:"" help:"admin, supervisor, agent, auditor, ingest or read."`
	Queues  []string `placeholder:"QUEUE" help:"It reaches only these queues' work (default: all)."`
	Only    []string `placeholder:"PERMISSION" help:"Of what the role may, only this."`
	Expires span     `placeholder:"DURATION" help:"For how long it works, such as 90d or 12h (default: for ever)."`
}

// span is a duration as the configuration has them, with days.
type span time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *span) UnmarshalText(b []byte) error {
	d, err := config.ParseDuration(string(b))
	if err != nil || d <= 0 {
		return fmt.Errorf("is %.40q; want a duration such as 90d, 12h or 30m", b)
	}
	*s = span(d)
	return nil
}

func (*tokenCreateCmd) Help() string {
	return `A role says what a token may do:

  admin       everything
  supervisor  an agent's, and others' work, reports
  agent       reads, and works on cases and work items
  auditor     reads, the audit log and reports too; changes nothing
  ingest      brings posts and events in, reads nothing
  read        reads customers, work and setup, no more

--only leaves some of it: ` + permissionWords() + `.

The token alone stands on the last line, so that a script can take it:
  TOKEN=$(advocate token create --name crm --role ingest | tail -n 1)
  advocate token create --name wallboard --role supervisor --only reports,read_work --queues care --expires 90d`
}

// permissionWords are what --only takes.
func permissionWords() string {
	out := make([]string, len(auth.Permissions))
	for i, p := range auth.Permissions {
		out[i] = string(p)
	}
	return strings.Join(out, ", ")
}

type tokenParams struct {
	Name, Role   string
	Queues, Only []string
	TTL          time.Duration
}

func (c *tokenCreateCmd) Run(g *globals) error {
	if _, err := auth.ParseRole(c.Role); err != nil {
		return usagef("--%v", err)
	}
	secret, err := ask[string](g, "token.create", tokenParams{c.Name, c.Role, c.Queues, c.Only, time.Duration(c.Expires)})
	if err != nil {
		return err
	}
	fmt.Fprintf(g.stderr, "Token %q with role %s. It is shown this once:\n", clean(c.Name), c.Role)
	if _, err := fmt.Fprintln(g.stdout, secret); err != nil {
		// Nobody knows it, and its name would be taken.
		_, revoked := ask[nothing](g, "token.revoke", c.Name)
		if revoked == nil {
			err = fmt.Errorf("%w; the token was revoked", err)
		}
		return errors.Join(fmt.Errorf("the token cannot be shown: %w", err), revoked)
	}
	return nil
}

func opTokenCreate(ctx context.Context, n *node, p tokenParams) (string, error) {
	only := make([]auth.Permission, len(p.Only))
	for i, w := range p.Only {
		only[i] = auth.Permission(w)
	}
	return auth.Create(ctx, n.store, auth.CreateParams{Name: p.Name, Role: auth.Role(p.Role), Queues: p.Queues, Only: only, Now: n.settings.clock.Now(), TTL: p.TTL})
}

type tokenListCmd struct {
	JSON bool `name:"json" help:"Print a JSON array."`
}

func (*tokenListCmd) Help() string { return "Examples:\n  advocate token list" }

type tokenView struct {
	Name      string `json:"name"`
	Role      string `json:"role"`
	CreatedAt string `json:"created_at"`
	ExpiresAt string `json:"expires_at,omitempty"`
	Expired   bool   `json:"expired"`
}

func (c *tokenListCmd) Run(g *globals) error {
	rows, err := ask[[]tokenView](g, "token.list", nothing{})
	if err != nil {
		return err
	}
	l := listing[tokenView]{
		json: c.JSON, head: []string{"NAME", "ROLE", "CREATED", "EXPIRES"},
		cells: func(t *tokenView) []string {
			until := orDash(t.ExpiresAt)
			if t.Expired {
				until += " (expired)"
			}
			return []string{t.Name, t.Role, t.CreatedAt, until}
		},
	}
	return l.print(g, rows)
}

func opTokenList(ctx context.Context, n *node, _ nothing) ([]tokenView, error) {
	out := []tokenView{}
	err := n.store.View(ctx, func(r store.Reader) error {
		rows, err := r.TokenList()
		out = out[:0]
		for _, t := range rows {
			out = append(out, tokenView{
				Name: t.Name, Role: t.Role, CreatedAt: rfc3339(t.CreatedAt), ExpiresAt: rfc3339(t.ExpiresAt),
				Expired: !t.ExpiresAt.IsZero() && !n.settings.clock.Now().Before(t.ExpiresAt),
			})
		}
		return err
	})
	return out, err
}

type tokenRevokeCmd struct {
	Name string `arg:"" help:"The token's name."`
}

func (*tokenRevokeCmd) Help() string { return "Examples:\n  advocate token revoke crm" }

func (c *tokenRevokeCmd) Run(g *globals) error {
	_, err := ask[nothing](g, "token.revoke", c.Name)
	if err == nil {
		fmt.Fprintf(g.stdout, "%s is revoked\n", clean(c.Name))
	}
	return err
}

func opTokenRevoke(ctx context.Context, n *node, name string) (nothing, error) {
	return nothing{}, auth.Revoke(ctx, n.store, name)
}

// rfc3339 is a time for JSON, "" for none.
func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
