package main

import (
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
)

// TestSandboxAndStrangers: a sandbox that is on because no network is configured
// answers this machine alone; one that the operator switched on, everybody. Both
// are told where other machines reach the server, and nothing where none does.
func TestSandboxAndStrangers(t *testing.T) {
	t.Parallel()
	const (
		alone    = "it answers this machine alone"
		everyone = "answers everybody who reaches this server"
	)
	for _, c := range []struct {
		name, config, listen string
		others               int
		says                 string
	}{
		{"by itself", "", ":0", http.StatusNotFound, alone},
		{"behind a proxy", "public_url: https://desk.example.com\n", "127.0.0.1:0", http.StatusNotFound, alone},
		{"switched on", "networks: {sandbox: {enabled: on}}\n", ":0", http.StatusOK, everyone},
		{"on this machine", "", "127.0.0.1:0", http.StatusNotFound, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, dir, "advocate.yaml", c.config)
			told := func(what, said string) {
				t.Helper()
				said = strings.Join(strings.Fields(said), " ")
				if c.says == "" && (strings.Contains(said, alone) || strings.Contains(said, everyone)) || !strings.Contains(said, c.says) {
					t.Errorf("%s does not say %q, or more:\n%s", what, c.says, said)
				}
			}
			told("check", must(t, dir, "check", "--listen", c.listen))
			told("doctor before the first start", command(t, dir, "", "doctor", "--listen", c.listen).stdout)
			s := started(t, dir, exec.Command(binary, "serve", "--listen", c.listen))
			_, port, err := net.SplitHostPort(s.url[strings.LastIndex(s.url, "/")+1:])
			if err != nil && c.name != "behind a proxy" { // where the public address is shown
				t.Fatal(err)
			}
			ask := func(address, host string) int {
				t.Helper()
				req, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+net.JoinHostPort(address, port)+"/v1/sandbox/timeline?as=maria", nil)
				if err != nil {
					t.Fatal(err)
				}
				req.Host = host
				resp, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				return resp.StatusCode
			}
			if port != "" {
				if code := ask("127.0.0.1", ""); code != http.StatusOK {
					t.Errorf("this machine: %d", code)
				}
				if code := ask("127.0.0.1", "desk.example.com"); code != c.others {
					t.Errorf("by another name: %d, want %d", code, c.others)
				}
				if other := otherAddress(); other != "" && c.listen == ":0" {
					if code := ask(other, ""); code != c.others {
						t.Errorf("by %s: %d, want %d", other, code, c.others)
					}
				}
			}
			told("doctor", must(t, dir, "doctor", "--quick")) // which was not told of --listen
			s.stop(t)
			told("serve", s.stderr.String())
		})
	}
}

// otherAddress is one of this machine's that others may reach, "" for none.
func otherAddress() string {
	all, _ := net.InterfaceAddrs()
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() {
			return n.IP.String()
		}
	}
	return ""
}
