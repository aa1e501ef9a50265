package main

import (
	"strings"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/vault"
)

// openPeople makes what looks after people and secrets. It reads nothing yet.
func (n *node) openPeople() {
	s := &n.settings
	o := vault.Options{Store: n.store, Now: s.clock.Now, File: s.vaultFile()}
	if !s.vaultKey.IsZero() {
		o.Keys, o.From = s.vaultKey.Read, s.vaultKey.String()
	}
	n.vault = vault.New(o)
	roles := make([]auth.Role, len(s.auth.RequireTOTP))
	for i, r := range s.auth.RequireTOTP {
		roles[i] = auth.Role(r)
	}
	n.people = auth.New(auth.Options{
		Store: n.store, Now: s.clock.Now, Sealer: n.vault, SessionIdle: s.auth.SessionIdle, SessionMax: s.auth.SessionMax,
		RequireTOTP: roles, Company: s.policy.Company, QueuesOf: agentQueues,
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
