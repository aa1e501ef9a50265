package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestPeopleAndSecrets: accounts and secrets by hand, with and without a
// running server.
func TestPeopleAndSecrets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, dir, "migrate")
	link := lastLine(must(t, dir, "user", "add", "Ana", "--role", "admin", "--name", "Ana Lopez"))
	if !strings.HasPrefix(link, "http://127.0.0.1:8080/link#") || len(link) < 60 {
		t.Errorf("the link is %q", link)
	}
	if r := command(t, dir, "", "user", "add", "ana", "--role", "agent"); r.code != 1 || !strings.Contains(r.err, `there is a person with the login "ana"`) {
		t.Errorf("twice: %d %s", r.code, r.err)
	}
	if r := command(t, dir, "", "user", "add", "x", "--role", "king"); r.code != 2 || !strings.Contains(r.err, "supervisor") {
		t.Errorf("a role that is none: %d %s", r.code, r.err)
	}
	if r := command(t, dir, "", "user", "disable", "ana"); r.code != 1 || !strings.Contains(r.err, "last administrator") {
		t.Errorf("the last administrator: %d %s", r.code, r.err)
	}
	write(t, dir, "advocate.yaml", "webhooks: [{name: crm, url: 'https://crm.example.com/x', secret: {vault: crm}}]\npublic_url: https://desk.example.com/\n")
	if r := command(t, dir, "", "check"); r.code != exitProblem || !strings.Contains(r.stdout, "advocate secret set crm") {
		t.Errorf("check of a secret that is not in the vault: %d %s", r.code, r.stdout)
	}
	if r := command(t, dir, "", "serve", "--listen", "127.0.0.1:0"); r.code != 1 || !strings.Contains(r.err, "advocate secret set crm") {
		t.Errorf("a server without its secret: %d %s", r.code, r.err)
	}
	if r := command(t, dir, "hunter2-hunter2\n", "secret", "set", "crm"); r.code != 0 {
		t.Fatal(r.err)
	}
	must(t, dir, "check")
	s := serve(t, dir)
	if link := lastLine(must(t, dir, "user", "invite", "ana")); !strings.HasPrefix(link, "https://desk.example.com/link#") {
		t.Errorf("the link is %q", link)
	}
	must(t, dir, "user", "add", "ben", "--role", "supervisor", "--queues", "care,urgent")
	must(t, dir, "user", "change", "ben", "--role", "auditor", "--queues", "")
	must(t, dir, "user", "disable", "ben")
	if r := command(t, dir, "", "user", "add", "eve", "--role", "agent"); r.code != 0 || !strings.Contains(r.err, "advocate agent set eve --queues") {
		t.Errorf("who is no agent yet is told nothing of it: %d %s", r.code, r.err)
	}
	people := decode[[]map[string]any](t, must(t, dir, "user", "list", "--json"))
	if len(people) != 3 || people[1]["role"] != "auditor" || people[1]["disabled"] != true || people[1]["queues"] != nil {
		t.Errorf("%v", people)
	}
	if out := must(t, dir, "user", "list"); !strings.Contains(out, "invited") || !strings.Contains(out, "disabled") {
		t.Errorf("%s", out)
	}
	before := must(t, dir, "secret", "list")
	must(t, dir, "secret", "rotate")
	after := must(t, dir, "secret", "list")
	if before == after || strings.Contains(before+after, "hunter2") || !strings.Contains(after, "crm") {
		t.Errorf("%s%s", before, after)
	}
	if key, err := os.ReadFile(filepath.Join(dir, "data", "vault.key")); err != nil || strings.Count(string(key), "=") != 2 {
		t.Errorf("after the rotation vault.key has\n%s(%v)", key, err)
	}
	token := lastLine(must(t, dir, "token", "create", "--name", "board", "--role", "agent", "--only", "read_work", "--queues", "care", "--expires", "1h"))
	if status := asToken(t, s.url+"/v1/customers", token); status != http.StatusForbidden {
		t.Errorf("a token without read_customers: %d", status)
	}
	s.stop(t)
	serve(t, dir).stop(t) // the secret opens again
}

func asToken(t *testing.T, url, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	client := http.Client{Timeout: 20 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}
