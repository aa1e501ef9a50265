package config

import (
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/secret"
)

// Auth is how people sign in.
type Auth struct {
	SessionIdle time.Duration `yaml:"session_idle"`
	SessionMax  time.Duration `yaml:"session_max"`
	RequireTOTP []string      `yaml:"require_totp"`
	AuditKeep   time.Duration `yaml:"audit_keep"`
	OIDC        OIDC          `yaml:"oidc"`
}

// OIDC is an OpenID Connect provider that vouches for people.
type OIDC struct {
	Issuer       string            `yaml:"issuer"`
	ClientID     string            `yaml:"client_id"`
	ClientSecret secret.Ref        `yaml:"client_secret"`
	Scopes       []string          `yaml:"scopes"`
	Domains      []string          `yaml:"domains"`
	RoleClaim    string            `yaml:"role_claim"`
	Roles        map[string]string `yaml:"roles"`
	DefaultRole  string            `yaml:"default_role"`
	Create       bool              `yaml:"create"`
	LinkEmail    bool              `yaml:"link_email"`
}

// On reports whether a provider is configured.
func (o *OIDC) On() bool { return o.Issuer != "" }

// peopleRoles are the roles that a person may have, by auth.PeopleRoles.
var peopleRoles = []string{"admin", "supervisor", "agent", "auditor"}

func (d *decoder) checkAuth(c *Config) {
	const day = 24 * time.Hour
	a := &c.Auth
	d.within("auth.audit_keep", a.AuditKeep, 30*day, 3650*day)
	d.within("auth.session_idle", a.SessionIdle, 5*time.Minute, 30*day)
	d.within("auth.session_max", a.SessionMax, 5*time.Minute, 90*day)
	if a.SessionIdle > a.SessionMax {
		d.problem("auth.session_idle", "no more than auth.session_max, "+FormatDuration(a.SessionMax), "", "is %s", FormatDuration(a.SessionIdle))
	}
	for i, role := range a.RequireTOTP {
		d.word(fmt.Sprintf("auth.require_totp[%d]", i), role, peopleRoles...)
	}
	if c.PublicURL != "" && !webAddress(c.PublicURL) {
		d.problem("public_url", "an address such as https://desk.example.com, without a path", "", "is %q", domain.Clip(c.PublicURL, 80))
	}
	d.checkOIDC(c)
}

func (d *decoder) checkOIDC(c *Config) {
	o := &c.Auth.OIDC
	if !o.On() {
		if o.ClientID != "" || !o.ClientSecret.IsZero() || len(o.Roles) > 0 || len(o.Domains) > 0 {
			d.problem("auth.oidc", "issuer: the provider's address", "", "has no issuer")
		}
		return
	}
	if u, err := url.Parse(o.Issuer); err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && !(u.Scheme == "http" && thisMachine(u.Hostname())) {
		d.problem("auth.oidc.issuer", "an address that begins with https://, as the provider writes it", "", "is %q", domain.Clip(o.Issuer, 80))
	}
	if o.ClientID == "" {
		d.problem("auth.oidc", "client_id: what the provider calls this server", "", "has no client_id")
	}
	if c.PublicURL == "" {
		d.problem("auth.oidc", "public_url: the address that browsers are sent back to", "", "needs public_url")
	}
	for i, host := range o.Domains {
		if host == "" || strings.ContainsAny(host, "@ /") {
			d.problem(fmt.Sprintf("auth.oidc.domains[%d]", i), "a domain such as example.com", "", "is %q", domain.Clip(host, 60))
		}
	}
	for _, value := range slices.Sorted(maps.Keys(o.Roles)) {
		d.word("auth.oidc.roles."+value, o.Roles[value], peopleRoles...)
	}
	if len(o.Roles) > 0 && o.RoleClaim == "" {
		d.problem("auth.oidc.roles", "role_claim: the claim that they stand in, such as groups", "", "needs role_claim")
	}
	if o.DefaultRole != "" {
		d.word("auth.oidc.default_role", o.DefaultRole, peopleRoles...)
	}
	if o.Create && len(o.Roles) == 0 && o.DefaultRole == "" {
		d.problem("auth.oidc.create", "roles, or default_role", "", "makes accounts that have no role")
	}
	if o.Create && len(o.Domains) == 0 && o.DefaultRole != "" && sharedIssuer(o.Issuer) {
		d.problem("auth.oidc.create", "domains: whose people may come in", "", "lets in everybody whom %s knows", domain.Clip(o.Issuer, 80))
	}
}

// sharedIssuer reports whether a provider vouches for anybody in the world.
func sharedIssuer(issuer string) bool {
	u, err := url.Parse(issuer)
	return err == nil && slices.Contains([]string{"accounts.google.com", "appleid.apple.com", "gitlab.com"}, u.Hostname())
}

// webAddress reports whether a text is scheme, host and port, and no more.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && strings.Trim(u.Path, "/") == "" && u.RawQuery == "" && u.Fragment == ""
}

func thisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
