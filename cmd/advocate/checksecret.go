package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/config"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/vault"
)

// secrets looks for each secret that a configuration refers to, where it says
// that it is.
func (k *checker) secrets(file string, c *config.Config) {
	all := c.Secrets()
	lacks := k.unconnected(file, c)
	for _, s := range all {
		_, err := s.Ref.Read()
		switch {
		case err == nil, errors.Is(err, secret.ErrNoVault), missing(err) && lacks[s.Path]:
			continue
		case missing(err):
			k.secret(file, c, &s, fmt.Sprintf("is not in the vault: it has no secret named %q", s.Ref.Vault), fmt.Sprintf("one that \"advocate secret set %s\" keeps", s.Ref.Vault))
		case s.Ref.Env != "":
			k.secret(file, c, &s, err.Error(), "a variable that is set where the server runs")
		case s.Ref.File != "":
			k.secret(file, c, &s, err.Error(), "a file that the server can read")
		default:
			k.secret(file, c, &s, err.Error(), "")
		}
	}
}

// secret tells that one cannot be read. What a part says of it is the same.
func (k *checker) secret(file string, c *config.Config, s *config.SecretAt, what, expected string) {
	k.problems = append(k.problems, playbook.Problem{File: file, Line: s.Line, What: s.Path + ": " + what, Expected: expected})
	k.unread = append(k.unread, s.Ref)
}

// unconnected warns of accounts whose credentials are not in the vault yet, and
// gives the keys of these.
func (k *checker) unconnected(file string, c *config.Config) map[string]bool {
	had := map[string]bool{}
	out := map[string]bool{}
	for _, s := range c.Secrets() {
		if s.Ref.Vault != "" {
			_, err := s.Ref.Read()
			had[s.Ref.Vault] = !missing(err)
		}
	}
	has := func(name string) bool { return had[name] }
	accounts := networkAccounts(c)
	for i := range accounts {
		a := &accounts[i]
		lacks := a.lacking(has)
		if len(lacks) == 0 || !a.connects() {
			continue
		}
		path := a.Path()
		for _, s := range a.secrets {
			out[s.Path] = true
		}
		k.warnings = append(k.warnings, playbook.Problem{File: file, Line: c.LineOf(path),
			What: fmt.Sprintf("%s is not connected yet: the vault has no %s; \"%s\" connects it", path, strings.Join(lacks, ", "), a.connectLine(lacks, has))})
	}
	return out
}

// openVault lets what is in the vault be looked for, until what it gives is
// called. That it cannot be opened is told.
func (k *checker) openVault(g *globals, file string, c *config.Config) func() {
	free, err := reachVault(g, c)
	if err != nil {
		k.warnings = append(k.warnings, playbook.Problem{File: file, What: fmt.Sprintf("what it refers to in the vault was not looked for: %v", err)})
	}
	return free
}

// reachVault makes no database and changes none, and asks a running server for
// names only.
func reachVault(g *globals, c *config.Config) (func(), error) {
	inVault := false
	for _, s := range c.Secrets() {
		inVault = inVault || s.Ref.Vault != ""
	}
	none := func() {}
	if !inVault {
		return none, nil
	}
	set := *c
	g.overlay(&set)
	at, err := storeWithPassword(&set)
	if err != nil {
		return none, err
	}
	s := settings{visiting: true, dir: set.Data, store: at, clock: clock.Real(), vaultKey: set.VaultKey}
	if !s.server() {
		if names, running, err := vaultNames(g.ctx, s.socket()); running {
			c.Vault.Put(names)
			return none, err
		}
		if _, err := os.Stat(s.database()); errors.Is(err, os.ErrNotExist) {
			return none, fmt.Errorf("%s has no database yet", s.dir)
		}
	}
	st, err := openReading(g.ctx, &s)
	if err != nil {
		return none, err
	}
	c.Vault.Put(s.openVault(st))
	return func() { _ = st.Close() }, nil
}

// namesOnly is the vault of a running server, which tells nobody what is in it.
type namesOnly map[string]bool

// Get implements secret.Getter.
func (v namesOnly) Get(_ context.Context, name string) (string, error) {
	if v[name] {
		return "", secret.ErrNoVault
	}
	return "", domain.Errorf(domain.CodeNotFound, "there is no secret named %q", name)
}

// vaultNames asks the running server, if there is one.
func vaultNames(ctx context.Context, socket string) (names namesOnly, running bool, err error) {
	server := dialSocket(socket)
	if server == nil {
		return nil, false, nil
	}
	defer server.close()
	var had []vault.Info
	if err := server.call(ctx, "secret.list", nothing{}, &had); err != nil {
		return nil, true, err
	}
	names = namesOnly{}
	for _, s := range had {
		names[s.Name] = true
	}
	return names, true, nil
}
