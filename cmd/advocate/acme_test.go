//go:build unix

package main

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/certificate/pebble"
	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
)

// TestTwoNodesOneCertificate: two real nodes on one database start together
// without a certificate. One orders, under the lease; both show it; a third,
// which comes when the authority is not asked any more, has it at once.
func TestTwoNodesOneCertificate(t *testing.T) {
	t.Parallel()
	store, dir := pgtest.Bare(t), t.TempDir()
	port := pebble.FreePort(t)
	p := pebble.Start(t, port, pebble.FreePort(t), 3600)
	key := write(t, dir, "vault.txt", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")
	write(t, dir, "advocate.yaml", fmt.Sprintf(`store: %q
vault_key: {file: %s}
tls:
  acme:
    domains: [desk.example]
    directory: %s
    ca: %s
    allow_private: true
`, store, key, p.Directory, p.CA))
	must(t, dir, "check")
	must(t, dir, "migrate")
	node := func(name, listen string) string {
		s := started(t, dir, exec.Command(binary, "serve", "--data", name, "--listen", listen))
		at, err := url.Parse(s.url)
		if err != nil || at.Hostname() != "desk.example" {
			t.Fatalf("it says that it is at %s", s.url)
		}
		return net.JoinHostPort("127.0.0.1", at.Port())
	}
	first, second := node("one", fmt.Sprint("127.0.0.1:", port)), node("two", "127.0.0.1:0")
	serial := func(addr string) string {
		c, err := tls.Dial("tcp", addr, &tls.Config{ServerName: "desk.example", InsecureSkipVerify: true}) //nolint:gosec // what is shown is the question
		if err != nil {
			return ""
		}
		defer c.Close()
		return c.ConnectionState().PeerCertificates[0].SerialNumber.String()
	}
	eventually(t, "a certificate at the first", func() bool { return serial(first) != "" })
	eventually(t, "a certificate at the second", func() bool { return serial(second) != "" })
	third := node("three", "127.0.0.1:0")
	eventually(t, "a certificate at the third", func() bool { return serial(third) != "" })
	if a, b, c := serial(first), serial(second), serial(third); a != b || b != c || p.Orders() != 1 {
		t.Errorf("three nodes show %s, %s and %s after %d orders\n%s", a, b, c, p.Orders(), p.Log)
	}
	if out := command(t, dir, "", "doctor", "--quick", "--data", "one").stdout; !strings.Contains(out, "desk.example: until") {
		t.Errorf("doctor says\n%s", out)
	}
}
