package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/remote"
)

// TLS is how the server encrypts what it answers: with a pair of files, with
// certificates that it orders itself, or not at all.
type TLS struct {
	Cert       string `yaml:"cert"`
	Key        string `yaml:"key"`
	HTTPListen string `yaml:"http_listen"`
	ACME       ACME   `yaml:"acme"`

	Place string `yaml:"-"` // file:line, for errors
}

// ACME is an authority that hands out certificates by RFC 8555.
type ACME struct {
	Domains      []string `yaml:"domains"`
	Email        string   `yaml:"email"`
	Directory    string   `yaml:"directory"`
	CA           string   `yaml:"ca"`
	AllowPrivate bool     `yaml:"allow_private"`
}

// LetsEncrypt is the authority that is asked unless another is configured.
const LetsEncrypt = "https://acme-v02.api.letsencrypt.org/directory"

// On reports whether the server encrypts.
func (t *TLS) On() bool { return t.Cert != "" || t.Key != "" || t.ACME.On() }

// On reports whether certificates are ordered.
func (a *ACME) On() bool { return len(a.Domains) > 0 }

// maxDomains keeps orders below what public authorities allow in a week.
const maxDomains = 20

var (
	emailOK  = regexp.MustCompile(`^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}$`)
	domainOK = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)
)

func (d *decoder) checkTLS(c *Config) {
	t := &c.TLS
	pair, ordered := t.Cert != "" || t.Key != "", t.ACME.On()
	switch {
	case pair && ordered:
		d.problem("tls", "either cert and key, or acme", "", "has both a pair of files and acme")
	case t.Cert != "" && t.Key == "":
		d.problem("tls.cert", "key: the file of its private key", "", "has no key beside it")
	case t.Key != "" && t.Cert == "":
		d.problem("tls.key", "cert: the file of the certificate", "", "has no cert beside it")
	}
	if t.HTTPListen != "" {
		if _, port, err := net.SplitHostPort(t.HTTPListen); err != nil || !validPort(port) {
			d.problem("tls.http_listen", "an address such as :80", "", "is %q", domain.Clip(t.HTTPListen, 60))
		} else if t.HTTPListen == c.Listen && port != "0" {
			d.problem("tls.http_listen", "another address than listen, where https is answered", "", "is %q, as listen", domain.Clip(t.HTTPListen, 60))
		}
		if !t.On() {
			d.problem("tls.http_listen", "cert and key, or acme", "", "leads to https, which is off")
		}
	}
	if t.On() && strings.HasPrefix(c.PublicURL, "http://") {
		d.problem("public_url", "an address that begins with https://, as tls is on", "", "is %q", domain.Clip(c.PublicURL, 80))
	}
	d.checkACME(&t.ACME)
	for i, s := range c.TrustedProxies {
		if _, err := remote.ParseProxy(s); err != nil {
			d.problem(fmt.Sprintf("trusted_proxies[%d]", i), "a network such as 10.0.0.0/8, or an address", "", "is %q", domain.Clip(s, 60))
		}
	}
}

func (d *decoder) checkACME(a *ACME) {
	if !a.On() {
		if a.Email != "" || a.CA != "" || a.AllowPrivate || a.Directory != LetsEncrypt {
			d.problem("tls.acme", "domains: the names that certificates are for", "", "has no domains")
		}
		return
	}
	if len(a.Domains) > maxDomains {
		d.problem("tls.acme.domains", fmt.Sprintf("at most %d", maxDomains), "", "has %d names", len(a.Domains))
	}
	seen := map[string]bool{}
	for i, name := range a.Domains {
		path := fmt.Sprintf("tls.acme.domains[%d]", i)
		if d.at[path] == nil {
			path = "tls.acme.domains"
		}
		_, err := netip.ParseAddr(name)
		switch {
		case err == nil, len(name) > 253, !domainOK.MatchString(name):
			d.problem(path, "a name such as desk.example.com, in small letters and without *", "", "is %q", domain.Clip(name, 60))
		case seen[name]:
			d.problem(path, "each name once", "", "is %q again", name)
		}
		seen[name] = true
	}
	if a.Email != "" && !emailOK.MatchString(a.Email) {
		d.problem("tls.acme.email", "an address such as ops@example.com", "", "is %q", domain.Clip(a.Email, 60))
	}
	if u, err := url.Parse(a.Directory); err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		d.problem("tls.acme.directory", "an address that begins with https://", "", "is %q", domain.Clip(a.Directory, 80))
	}
}
