package config

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

func TestTLSProblems(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"tls: {cert: a.pem, key: b.pem, http_listen: :80}\n":                         "",
		"tls:\n  acme:\n    domains: desk.example.com\n    email: ops@example.com\n": "",
		"tls: {acme: {domains: [desk.example.com, xn--bcher-kva.example]}}\n":        "",
		"trusted_proxies: [10.0.0.0/8, 2001:db8::1]\n":                               "",
		"tls: {cert: a.pem}\n": "c.yaml:1: tls.cert has no key beside it",
		"tls: {key: a.pem}\n":  "tls.key has no cert beside it",
		"tls:\n  cert: a\n  key: b\n  acme: {domains: [a.example]}\n":                 "tls has both",
		"tls: {http_listen: :80}\n":                                                   "tls.http_listen leads to https, which is off",
		"listen: :443\ntls: {cert: a, key: b, http_listen: :443}\n":                   "c.yaml:2: tls.http_listen is \":443\", as listen",
		"tls: {cert: a, key: b, http_listen: port}\n":                                 "tls.http_listen is \"port\"",
		"public_url: http://desk.example.com\ntls: {cert: a, key: b}\n":               "c.yaml:1: public_url is",
		"tls:\n  acme:\n    email: ops@example.com\n":                                 "tls.acme has no domains",
		"tls:\n  acme:\n    domains:\n      - a.example\n      - \"*.example.com\"\n": "c.yaml:5: tls.acme.domains[1] is \"*.example.com\"",
		"tls: {acme: {domains: [192.0.2.1]}}\n":                                       "tls.acme.domains[0] is",
		"tls: {acme: {domains: [localhost]}}\n":                                       "tls.acme.domains[0] is",
		"tls: {acme: {domains: [Desk.example.com]}}\n":                                "tls.acme.domains[0] is",
		"tls: {acme: {domains: [a.example, a.example]}}\n":                            "tls.acme.domains[1] is \"a.example\" again",
		"tls: {acme: {domains: [a.example], email: nobody}}\n":                        "tls.acme.email is",
		"tls: {acme: {domains: [a.example], email: \"a@b@c\"}}\n":                     "tls.acme.email is",
		"tls: {acme: {domains: [a.example], directory: \"http://ca.example/dir\"}}\n": "tls.acme.directory is",
		"tls: {acme: {domain: [a.example]}}\n":                                        "did you mean",
		"trusted_proxies: [0.0.0.0/0]\n":                                              "trusted_proxies[0] is",
		"trusted_proxies: [proxy.example]\n":                                          "trusted_proxies[0] is",
	} {
		_, err := Parse("c.yaml", []byte(src), nil)
		if (err == nil) != (want == "") || want != "" && !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s\ngives %v, want %q", src, err, want)
		}
	}
}

// TestTLSPaths: files stand beside the configuration, and a language whose tag
// is also the name of a key is still text.
func TestTLSPaths(t *testing.T) {
	t.Parallel()
	c, err := Parse("etc/c.yaml", []byte("tls: {cert: a.pem, key: /k.pem}\npolicy: {disclosure: {ca: Resposta automàtica}}\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.TLS.Cert != filepath.Join("etc", "a.pem") || c.TLS.Key != "/k.pem" || c.Policy.Disclosure["ca"] != "Resposta automàtica" {
		t.Errorf("%+v, %q", c.TLS, c.Policy.Disclosure["ca"])
	}
}
