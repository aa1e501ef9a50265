package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/auth"
)

// TestPeopleRoles: the words are those that accounts know.
func TestPeopleRoles(t *testing.T) {
	t.Parallel()
	var want []string
	for _, r := range auth.PeopleRoles {
		want = append(want, string(r))
	}
	if !slices.Equal(peopleRoles, want) {
		t.Errorf("%v, want %v", peopleRoles, want)
	}
}

func TestAuthProblems(t *testing.T) {
	t.Parallel()
	const oidc = "public_url: https://desk.example.com\nauth:\n  oidc:\n    issuer: https://login.example.com\n    client_id: x\n"
	for src, want := range map[string]string{
		oidc: "",
		oidc + "    roles: {a: agent}\n    role_claim: groups\n    create: true\n":                                           "",
		strings.Replace(oidc, "https://login.example.com", "http://localhost:8081/realm", 1):                                 "",
		strings.Replace(oidc, "https://login", "http://login", 1):                                                            "c.yaml:4: auth.oidc.issuer is",
		strings.Replace(oidc, "public_url: https://desk.example.com", "listen: :8080", 1):                                    "auth.oidc needs public_url",
		oidc + "    roles: {a: king}\n    role_claim: groups\n":                                                              `auth.oidc.roles.a is "king"`,
		oidc + "    roles: {a: agent}\n":                                                                                     "needs role_claim",
		oidc + "    roles: {a: ingest}\n    role_claim: groups\n":                                                            `auth.oidc.roles.a is "ingest"`,
		oidc + "    create: true\n":                                                                                          "makes accounts that have no role",
		oidc + "    domains: [ana@example.com]\n":                                                                            "auth.oidc.domains[0] is",
		oidc + "    client_secret: {vault: Bad Name}\n":                                                                      "is no name of a secret",
		oidc + "    client_secret: {vault: a, env: B}\n":                                                                     "is in several places",
		strings.Replace(oidc, "login.example.com", "accounts.google.com", 1) + "    create: true\n    default_role: agent\n": "lets in everybody",
		"auth: {oidc: {client_id: x}}\n":                                                                                     "auth.oidc has no issuer",
		"auth: {session_idle: 2d, session_max: 1d}\n":                                                                        "auth.session_idle is 48h",
		"auth: {session_max: 1s, session_idle: 1s}\n":                                                                        "auth.session_max is 1s",
		"auth: {require_totp: [admin, ingest]}\n":                                                                            `auth.require_totp[1] is "ingest"`,
		"public_url: desk.example.com\n":                                                                                     "public_url is",
		"public_url: https://desk.example.com/x?y\n":                                                                         "public_url is",
		"vault_key: {vault: a}\n":                                                                                            "needed before the vault can be opened",
		"store_password: {vault: a}\n":                                                                                       "needed before the vault can be opened",
	} {
		_, err := Parse("c.yaml", []byte(src), nil)
		if (err == nil) != (want == "") || want != "" && !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s\ngives %v, want %q", src, err, want)
		}
	}
}
