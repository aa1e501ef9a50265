package main

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/vault"
)

// openVault opens the vault that is in a database.
func (s *settings) openVault(st store.Store) *vault.Vault {
	o := vault.Options{Store: st, Now: s.clock.Now, File: s.vaultFile()}
	if !s.vaultKey.IsZero() {
		o.Keys, o.From = s.vaultKey.Read, s.vaultKey.String()
	}
	return vault.New(o)
}

// openPeople makes what looks after people and secrets. It reads nothing yet.
func (n *node) openPeople() {
	s := &n.settings
	n.vault = s.openVault(n.store)
	roles := make([]auth.Role, len(s.auth.RequireTOTP))
	for i, r := range s.auth.RequireTOTP {
		roles[i] = auth.Role(r)
	}
	company := s.policy.Company
	if company == domain.DefaultCompany {
		company = "" // no name to find a code by in a phone
	}
	n.people = auth.New(auth.Options{
		Store: n.store, Now: s.clock.Now, Sealer: n.vault, SessionIdle: s.auth.SessionIdle, SessionMax: s.auth.SessionMax,
		RequireTOTP: roles, Company: company, QueuesOf: agentQueues,
	})
	if c := &s.auth.OIDC; c.On() {
		o := auth.OIDCOptions{
			Issuer: c.Issuer, ClientID: c.ClientID, RedirectURL: s.publicURL + auth.OIDCCallback, Scopes: c.Scopes, Domains: c.Domains,
			RoleClaim: c.RoleClaim, Roles: map[string]auth.Role{}, DefaultRole: auth.Role(c.DefaultRole), Create: c.Create, LinkEmail: c.LinkEmail,
		}
		for value, role := range c.Roles {
			o.Roles[value] = auth.Role(role)
		}
		if !c.ClientSecret.IsZero() {
			o.ClientSecret = c.ClientSecret.Read
		}
		n.oidc = auth.NewOIDC(n.people, o)
	}
}

// agentQueues are those that an agent works in.
func agentQueues(r store.Reader, login string) ([]string, error) {
	docs, err := r.DocumentGet(store.AgentKind, []string{login})
	if err != nil {
		return nil, err
	}
	a, err := store.AgentOf(docs[0])
	return a.Queues, err
}

// wayIn is what the start says about signing in.
type wayIn struct {
	link  string // by which the first administrator comes in; "" when somebody has an account
	until time.Time
	other bool // another node that starts at this moment has the link
}

// firstLink makes the link of the first administrator where nobody has an
// account yet. Each start makes one, and the one before is void: who lost it
// starts the server again. It is for the terminal and for nothing else.
func (n *node) firstLink(ctx context.Context) (wayIn, error) {
	if l, ok := n.store.(store.Leaser); ok {
		// Of nodes that start together one makes it, so that the others' do not
		// take its place before anybody has read it. The lease runs out by itself.
		_, mine, err := l.LeaseTake(ctx, "first link", rand.Text(), time.Minute)
		if err != nil {
			return wayIn{}, err
		}
		if !mine {
			some, err := n.people.UserList(ctx, "", 1)
			return wayIn{other: err == nil && len(some) == 0}, err
		}
	}
	l, made, err := n.people.FirstLink(ctx)
	if err != nil || !made {
		return wayIn{}, err
	}
	return wayIn{link: l.URL(n.publicURL()), until: l.Expires}, nil
}

// tell says how to sign in.
func (w *wayIn) tell(t *terminal, n *node) {
	switch {
	case w.link != "":
		t.field(2, "sign in", "", "as the first administrator, by this link, once, until "+w.until.Local().Format("2006-01-02 15:04")+":")
		t.printf("    %s\n", t.paint(bold, w.link)) // whole, however narrow the terminal: it is to be copied
	case w.other:
		t.field(2, "sign in", "", "by the link that another node printed a moment ago")
	default:
		t.field(2, "sign in", "", n.publicURL()+"/sign-in")
	}
}

// publicURL is the address that links lead to.
func (n *node) publicURL() string {
	switch {
	case n.settings.publicURL != "":
		return n.settings.publicURL
	case n.address != "":
		return n.address
	case n.settings.tls.ACME.On():
		return "https://" + n.settings.tls.ACME.Domains[0]
	}
	scheme, host := "http://", n.settings.listen
	if n.settings.tls.On() {
		scheme = "https://"
	}
	if strings.HasPrefix(host, ":") {
		host = "localhost" + host
	}
	return scheme + host
}
