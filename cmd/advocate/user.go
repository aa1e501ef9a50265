package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
)

type userCmd struct {
	Add     userAddCmd     `cmd:"" help:"Make an account, and a link by which its person chooses a password."`
	List    userListCmd    `cmd:"" help:"List people."`
	Invite  userInviteCmd  `cmd:"" help:"Make another link for somebody who has no password yet."`
	Reset   userResetCmd   `cmd:"" help:"Make a link for another password; with --totp, take a lost second factor away."`
	Change  userChangeCmd  `cmd:"" help:"Change name, address, role or queues."`
	Disable userDisableCmd `cmd:"" help:"Keep somebody out: all sessions end at once."`
	Enable  userEnableCmd  `cmd:"" help:"Let somebody in again."`
}

const linkHelp = "The link alone stands on the last line. It works once; a newer one takes its place."

type userAddCmd struct {
	Login  string   `arg:"" help:"What they sign in with; also the agent's id: ${login}."`
	Role   string   `required:"" help:"admin, supervisor, agent or auditor."`
	Name   string   `help:"Their name."`
	Email  string   `placeholder:"ADDRESS" help:"Their address."`
	Queues []string `placeholder:"QUEUE" help:"The queues that their rights reach (default: all; an agent's own)."`
}

func (*userAddCmd) Help() string {
	return linkHelp + ` An invitation works for 72 hours.
Work is offered to who is an agent in some queue: "advocate agent set LOGIN --queues QUEUE" makes one.

Examples:
  advocate user add ana --role agent --name "Ana Lopez" --email ana@example.com
  advocate user add sue --role supervisor --queues care,urgent`
}

type userParams struct {
	By                 string
	Login, Name, Email string
	Role               string
	Queues             []string
}

// linkView is a link that was made.
type linkView struct {
	URL     string    `json:"url"`
	Purpose string    `json:"purpose"`
	Expires time.Time `json:"expires"`
}

func (g *globals) printLink(login string, l linkView) {
	what := "invitation"
	if l.Purpose == string(auth.PurposeReset) {
		what = "link for another password"
	}
	fmt.Fprintf(g.stderr, "The %s of %s, until %s. It is shown this once:\n", what, clean(login), l.Expires.Local().Format("2006-01-02 15:04"))
	fmt.Fprintln(g.stdout, l.URL)
}

func (c *userAddCmd) Run(g *globals) error {
	if _, err := auth.ParsePeopleRole(c.Role); err != nil {
		return usagef("--%v", err)
	}
	l, err := ask[linkView](g, "user.add", userParams{operator(), c.Login, c.Name, c.Email, c.Role, c.Queues})
	if err != nil {
		return err
	}
	g.printLink(c.Login, l)
	if c.Role == string(auth.RoleAgent) {
		fmt.Fprintf(g.stderr, "No work is offered to %[1]s before: advocate agent set %[1]s --queues QUEUE,…\n", clean(c.Login))
	}
	return nil
}

func opUserAdd(ctx context.Context, n *node, p userParams) (linkView, error) {
	u, err := n.people.UserAdd(ctx, auth.Command(p.By), auth.UserAdd{Login: p.Login, Name: p.Name, Email: p.Email, Role: auth.Role(p.Role), Queues: p.Queues})
	if err != nil {
		return linkView{}, err
	}
	return n.link(ctx, p.By, u.Login)
}

func (n *node) link(ctx context.Context, by, login string) (linkView, error) {
	l, err := n.people.LinkMake(ctx, auth.Command(by), login)
	if err != nil {
		return linkView{}, err
	}
	return linkView{l.URL(n.publicURL()), string(l.Purpose), l.Expires}, nil
}

type userListCmd struct {
	JSON bool `name:"json" help:"Print a JSON array."`
}

func (*userListCmd) Help() string { return "Examples:\n  advocate user list --json" }

func (c *userListCmd) Run(g *globals) error {
	rows, err := ask[[]auth.User](g, "user.list", nothing{})
	if err != nil {
		return err
	}
	l := listing[auth.User]{
		json: c.JSON, none: `nobody yet: "advocate user add LOGIN --role admin" makes the first`,
		head: []string{"LOGIN", "NAME", "ROLE", "QUEUES", "SIGNS IN BY", "LAST"},
		cells: func(u *auth.User) []string {
			return []string{u.Login, orDash(u.Name), string(u.Role), orDash(strings.Join(u.Queues, ",")), signsIn(u), orDash(rfc3339(u.SignedInAt))}
		},
	}
	return l.print(g, rows)
}

// signsIn says how somebody signs in.
func signsIn(u *auth.User) string {
	var how []string
	if u.HasPassword {
		how = append(how, "password")
	}
	if u.HasTOTP {
		how = append(how, "code")
	}
	if u.Subject != "" {
		how = append(how, "provider")
	}
	switch {
	case u.Disabled:
		return "disabled"
	case len(how) == 0:
		return "invited"
	}
	return strings.Join(how, "+")
}

func opUserList(ctx context.Context, n *node, _ nothing) ([]auth.User, error) {
	const page = 500
	out := []auth.User{}
	for after := ""; ; {
		rows, err := n.people.UserList(ctx, after, page)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
		if len(rows) < page {
			return out, nil
		}
		after = rows[len(rows)-1].Login
	}
}

type userLinkParams struct {
	By, Login string
	Want      auth.Purpose
	TOTP      bool // take the second factor away as well
}

type userInviteCmd struct {
	Login string `arg:"" help:"Whom."`
}

func (*userInviteCmd) Help() string {
	return linkHelp + " An invitation works for 72 hours.\n\nExamples:\n  advocate user invite ana"
}

func (c *userInviteCmd) Run(g *globals) error {
	return g.userLink(userLinkParams{operator(), c.Login, auth.PurposeInvite, false})
}

type userResetCmd struct {
	Login string `arg:"" help:"Whose."`
	TOTP  bool   `name:"totp" help:"Take the second factor away as well: they have lost it and the recovery codes."`
}

func (*userResetCmd) Help() string {
	return linkHelp + " A link for another password works for an hour. The password they have works until the link is used; sessions end then.\n\nExamples:\n  advocate user reset ana\n  advocate user reset ana --totp"
}

func (c *userResetCmd) Run(g *globals) error {
	return g.userLink(userLinkParams{operator(), c.Login, auth.PurposeReset, c.TOTP})
}

func (g *globals) userLink(p userLinkParams) error {
	l, err := ask[linkView](g, "user.link", p)
	if err != nil {
		return err
	}
	g.printLink(p.Login, l)
	return nil
}

func opUserLink(ctx context.Context, n *node, p userLinkParams) (linkView, error) {
	u, err := n.people.User(ctx, p.Login)
	switch {
	case err != nil:
		return linkView{}, err
	case p.Want == auth.PurposeInvite && u.HasPassword:
		return linkView{}, fmt.Errorf("%s has a password; \"advocate user reset %s\" makes a link for another one", u.Login, u.Login)
	}
	if p.TOTP {
		if err := n.people.TOTPClear(ctx, auth.Command(p.By), u.Login); err != nil {
			return linkView{}, err
		}
	}
	return n.link(ctx, p.By, u.Login)
}

type userChangeParams struct {
	By     string
	Change auth.UserChange
}

type userChangeCmd struct {
	Login  string    `arg:"" help:"Whom."`
	Role   *string   `help:"admin, supervisor, agent or auditor."`
	Name   *string   `help:"Their name."`
	Email  *string   `placeholder:"ADDRESS" help:"Their address."`
	Queues *[]string `placeholder:"QUEUE" help:"The queues that their rights reach; \"\" for the default."`
}

func (*userChangeCmd) Help() string {
	return "Whose rights change is signed out everywhere.\n\nExamples:\n  advocate user change ana --role supervisor --queues care"
}

func (c *userChangeCmd) Run(g *globals) error {
	p := auth.UserChange{Login: c.Login, Name: c.Name, Email: c.Email, Queues: c.Queues}
	if c.Role != nil {
		r, err := auth.ParsePeopleRole(*c.Role)
		if err != nil {
			return usagef("--%v", err)
		}
		p.Role = &r
	}
	if p.Queues != nil && strings.Join(*p.Queues, "") == "" {
		p.Queues = &[]string{}
	}
	if p.Role == nil && p.Name == nil && p.Email == nil && p.Queues == nil {
		return usagef("nothing is to be changed; want --role, --name, --email or --queues")
	}
	return g.userChange(p, "is changed")
}

type userDisableCmd struct {
	Login string `arg:"" help:"Whom."`
}

func (*userDisableCmd) Help() string {
	return "The account stays, for what it did is recorded under its name.\n\nExamples:\n  advocate user disable ana"
}

func (c *userDisableCmd) Run(g *globals) error {
	yes := true
	return g.userChange(auth.UserChange{Login: c.Login, Disabled: &yes}, "is disabled, and signed out everywhere")
}

type userEnableCmd struct {
	Login string `arg:"" help:"Whom."`
}

func (*userEnableCmd) Help() string { return "Examples:\n  advocate user enable ana" }

func (c *userEnableCmd) Run(g *globals) error {
	no := false
	return g.userChange(auth.UserChange{Login: c.Login, Disabled: &no}, "may sign in")
}

func (g *globals) userChange(p auth.UserChange, done string) error {
	u, err := ask[auth.User](g, "user.change", userChangeParams{operator(), p})
	if err == nil {
		fmt.Fprintf(g.stdout, "%s %s\n", clean(u.Login), done)
	}
	return err
}

func opUserChange(ctx context.Context, n *node, p userChangeParams) (auth.User, error) {
	return n.people.UserChange(ctx, auth.Command(p.By), p.Change)
}
