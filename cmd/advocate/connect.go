package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
	"github.com/contact-advocate/advocate/internal/vault"
)

type connectCmd struct {
	List      connectListCmd      `cmd:"" default:"withargs" help:"List what is connected and how it goes (the default)."`
	Mastodon  connectMastodonCmd  `cmd:"" help:"Sign in to a server with the Mastodon API."`
	Bluesky   connectBlueskyCmd   `cmd:"" help:"Connect an account on Bluesky."`
	X         connectXCmd         `cmd:"" name:"x" help:"Connect an account on X."`
	Facebook  connectFacebookCmd  `cmd:"" help:"Connect a Page on Facebook."`
	Instagram connectInstagramCmd `cmd:"" help:"Connect a professional account on Instagram."`
}

func (*connectCmd) Help() string {
	return `Each asks for what the network gave you, tries it, keeps the secrets in the database's vault and prints the lines for advocate.yaml. Nothing is written to that file, and no secret is printed. What the vault has already is exchanged with --replace only, and only for what the network takes. What is asked for is read from the terminal without being shown, or from the standard input, one a line.

docs/networks.md says what to do on each network before.

Examples:
  advocate connect
  advocate connect mastodon --server https://social.example
  advocate connect bluesky --handle shop.example.com`
}

// connecting is what all ways of connecting take.
type connecting struct {
	Account      string `placeholder:"LABEL" help:"A label of your own; needed only for a second account on one network."`
	Replace      bool   `help:"What the vault has of this account already is exchanged for what is given now."`
	AllowPrivate bool   `name:"allow-private" help:"The network's address may be a private one."`
	JSON         bool   `name:"json" help:"Print JSON: network, account, check, secrets, config, webhook."`

	in         *bufio.Reader
	configured bool // advocate.yaml has the account
}

// connection is what came of connecting, without secrets.
type connection struct {
	Network string       `json:"network"`
	Account string       `json:"account,omitempty"`
	Check   social.Check `json:"check"`
	Secrets []string     `json:"secrets"` // names in the vault
	Config  string       `json:"config"`  // lines for advocate.yaml
	Webhook string       `json:"webhook,omitempty"`
}

// credential is one secret that is asked for.
type credential struct {
	name  string // in the vault
	says  string // what is asked for
	value string
	spare bool // may be left empty
	asked bool // value is what was answered
}

// begin finds out before anything is asked whether the flags are right, by the
// account's own check, and whether the vault can keep what will be asked for,
// and may: a second account that was given no label would else take the place
// of the first.
func (c *connecting) begin(g *globals, check func() error, creds ...*credential) (settings, error) {
	s, err := g.load()
	if err != nil {
		return s, err
	}
	c.AllowPrivate = c.AllowPrivate || s.allowPrivate
	if err := byFlags(check()); err != nil {
		return s, err
	}
	for _, x := range creds {
		if err := vault.CheckName(x.name); err != nil {
			return s, usagef("--account: %v", err)
		}
	}
	had, err := ask[[]vault.Info](g, "secret.list", nothing{})
	if err != nil || c.Replace {
		return s, err
	}
	for _, x := range creds {
		if slices.ContainsFunc(had, func(i vault.Info) bool { return i.Name == x.name }) {
			return s, fmt.Errorf("the vault has %s already; --replace takes new credentials for it, --account LABEL is for another account", x.name)
		}
	}
	return s, nil
}

// named is a name in the vault.
func (c *connecting) named(network, what string) string {
	parts := []string{network}
	if c.Account != "" {
		parts = append(parts, strings.ToLower(c.Account))
	}
	if what != "" {
		parts = append(parts, what)
	}
	return strings.Join(parts, "-")
}

// read asks for credentials, one after the other.
func (c *connecting) read(g *globals, creds ...*credential) error {
	for _, x := range creds {
		text, err := c.readLine(g, x.says, true)
		switch {
		case err != nil:
			return err
		case text == "" && !x.spare:
			return fmt.Errorf("%s is missing", x.says)
		case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }):
			return fmt.Errorf("%s has a control character in it", x.says)
		}
		x.value, x.asked = text, true
	}
	return nil
}

// readLine reads a line; a hidden one is not shown on a terminal.
func (c *connecting) readLine(g *globals, says string, hidden bool) (string, error) {
	tty, ok := g.keyboard()
	if ok && hidden {
		b, err := g.readHidden(tty, says)
		return strings.TrimSpace(string(b)), err
	}
	if ok {
		fmt.Fprintf(g.stderr, "%s: ", says)
	}
	if c.in == nil {
		c.in = bufio.NewReader(io.LimitReader(g.stdin, 8*vault.MaxSecret))
	}
	line, err := c.in.ReadString('\n')
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return strings.TrimSpace(line), err
}

// given is a secret for trying it, before the vault has it; before it was asked
// for, something in its place.
func (x *credential) given() secret.Ref {
	if !x.asked {
		return secret.Ref{Value: "not asked for yet"}
	}
	if x.value == "" {
		return secret.Ref{}
	}
	return secret.Ref{Value: x.value}
}

// checkTime bounds how long a network may take to say who we are.
const checkTime = 45 * time.Second

// try asks the network who we are. Nothing is kept that it refuses.
func (c *connecting) try(g *globals, s *settings, make func(social.Kit) (social.Network, error)) (social.Network, social.Check, error) {
	client := networkClient(c.AllowPrivate)
	defer client.CloseIdleConnections()
	n, err := make(social.Kit{HTTP: client, State: fleeting{}, Clock: s.clock, Log: discardLog()})
	if err != nil {
		return nil, social.Check{}, byFlags(err)
	}
	ctx, cancel := context.WithTimeout(g.ctx, checkTime)
	defer cancel()
	check, err := n.(social.Checker).Check(ctx)
	if err != nil {
		if other := anotherServer(n.Name(), err); other != "" {
			err = errors.New(other)
		}
		return nil, check, fmt.Errorf("%s: %w; nothing was kept", n.Name(), safely(err))
	}
	return n, check, c.belongs(g, n, &check)
}

// belongs refuses an account that is connected under another label, where it would
// answer everybody twice, and one that is not the label's own: what is known of
// the label's customers, and what waits for them, is the other account's.
func (c *connecting) belongs(g *globals, n social.Network, is *social.Check) error {
	unknown := func(s networkState) bool { return s.Network == n.Name() && s.ID == "" }
	r, err := ask[networksResult](g, "network.list", networksParams{})
	if err == nil && slices.ContainsFunc(r.Networks, unknown) { // no server has asked it yet
		r, err = ask[networksResult](g, "network.list", networksParams{Check: true})
	}
	if err != nil {
		return err
	}
	for i := range r.Networks {
		s := &r.Networks[i]
		switch own := s.Account == n.Account(); {
		case s.Network != n.Name():
		case own && s.ID != "" && s.ID != is.ID:
			return fmt.Errorf("%s: these credentials are those of another account, %s; a label stays with its account, and another one is connected under a label of its own, with --account LABEL; nothing was kept", s.name(), clean(is.Account))
		case own:
			c.configured = true
		case s.ID == is.ID:
			return fmt.Errorf("%s: is connected already, as %s; a second time it would answer everybody twice. To exchange its credentials, use --replace%s; nothing was kept", n.Name(), s.name(), withLabel(s.Account))
		}
	}
	return nil
}

func withLabel(account string) string {
	if account == "" {
		return " without --account"
	}
	return " and --account " + account
}

// anotherServer says that what answered is no server of the network's, "" if it
// may be one. What is asked of an account first every such server knows; where
// its API has errors of its own for what it does not know, they are JSON.
func anotherServer(network string, err error) string {
	kind, _, _ := strings.Cut(network, ":")
	api := social.KindAPI(network)
	var s *web.StatusError
	switch {
	case api == "":
	case errors.Is(err, web.ErrNoJSON):
		return "what answers there is no " + api + " server: it sends something else than the API's answers; look at the address"
	case errors.As(err, &s) && (s.Status == 404 || s.Status == 405 || s.Status == 410) && (kind == "bluesky" || kind == "mastodon" || !json.Valid(s.Body)):
		return fmt.Sprintf("what answers there is no %s server: it does not know what every such server does (%d); look at the address", api, s.Status)
	}
	return ""
}

// safely leaves of a connector's error what may be shown.
func safely(err error) error {
	var e *social.Error
	if errors.As(err, &e) {
		return errors.New(e.Safe)
	}
	return err
}

// finish keeps the secrets and says what to do next.
func (c *connecting) finish(g *globals, s *settings, n social.Network, check social.Check, config string, creds ...*credential) error {
	out := connection{Network: n.Name(), Account: n.Account(), Check: check, Config: config, Secrets: []string{}}
	values := map[string]string{}
	for _, x := range creds {
		values[x.name] = x.value
		if x.value != "" {
			out.Secrets = append(out.Secrets, x.name)
		}
	}
	if _, err := ask[nothing](g, "secret.put", secretsParams{operator(), values}); err != nil {
		return err
	}
	if h, ok := n.(social.Hook); ok {
		address := s.publicURL
		if address == "" {
			address = "https://YOUR-ADDRESS"
		}
		out.Webhook = address + "/hooks/" + h.HookName()
	}
	if c.JSON {
		return g.printJSON(out)
	}
	out.print(newTerminal(g.stdout), c.configured)
	return nil
}

func (o *connection) print(t *terminal, configured bool) {
	t.printf("%s\n", t.paint(green, "Connected to "+clean(o.Network)+" as "+clean(o.Check.Account)))
	if o.Check.Server != "" {
		t.field(2, "server", "", o.Check.Server)
	}
	if !o.Check.Expires.IsZero() {
		t.field(2, "ends", "", rfc3339(o.Check.Expires)+"; \"advocate doctor\" and the console say so in time")
	}
	for _, w := range o.Check.Warnings {
		t.field(2, "note", yellow, w)
	}
	t.field(2, "kept", "", "in the vault, as "+strings.Join(o.Secrets, ", "))
	if o.Webhook != "" {
		t.field(2, "webhook", "", o.Webhook+" is the address to enter there, if posts are to come by webhook")
	}
	t.printf("\nTo see first what would be sent, and send nothing:\n\n  advocate switch set network:%s shadow\n", clean(o.Network))
	if configured {
		t.printf("\nThe configuration has this account already: a running server takes the credentials up by itself. It should say:\n\n")
	} else {
		t.printf("\nAdd this to advocate.yaml, below networks:, and restart the server:\n\n")
	}
	for line := range strings.Lines(o.Config) {
		t.printf("  %s", line)
	}
}

// fleeting remembers nothing: who only asks needs no state.
type fleeting struct{}

func (fleeting) Get(context.Context, string) ([]byte, error)              { return nil, nil }
func (fleeting) Put(context.Context, string, []byte, time.Duration) error { return nil }
func (fleeting) Change(context.Context, string, time.Duration, func([]byte) []byte) error {
	return nil
}

// yamlLines writes an account's part of the configuration.
func yamlLines(list string, pairs ...[2]string) string {
	var b strings.Builder
	b.WriteString(list + ":\n")
	lead := "  - "
	for _, p := range pairs {
		if p[1] == "" {
			continue
		}
		fmt.Fprintf(&b, "%s%s: %s\n", lead, p[0], p[1])
		lead = "    "
	}
	return b.String()
}

func inVault(x *credential) string {
	if x.value == "" {
		return ""
	}
	return "{vault: " + x.name + "}"
}

func yamlText(s string) string {
	if s == "" {
		return ""
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(domain.Clip(clean(s), 300)) + `"`
}
