package main

import (
	"strings"
	"testing"
)

// TestDoctorBeforeTheFirstStart: what keeps a server from starting is told
// before there is a database, and that no network was asked.
func TestDoctorBeforeTheFirstStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "advocate.yaml", `networks:
  mastodon:
    - url: https://social.example
      token: {env: NO_SUCH_TOKEN}
  bluesky:
    - handle: shop.example
      app_password: {file: ./nothing.secret}
`)
	r := command(t, dir, "", "doctor", "--online")
	if r.code != exitProblem {
		t.Errorf("exit %d", r.code)
	}
	for _, want := range []string{"BAD   configuration", "NO_SUCH_TOKEN", "(and 1 more such problem)", "none yet", "warn  networks", "none was asked"} {
		if !strings.Contains(strings.Join(strings.Fields(r.stdout), " "), strings.Join(strings.Fields(want), " ")) {
			t.Errorf("no %q in\n%s", want, r.stdout)
		}
	}
	write(t, dir, "advocate.yaml", "listen: 12\nnetworks:\n  x:\n    - \n  mastodon: [5]\npolicy: {time_zone: Nowhere}\n")
	r = command(t, dir, "", "doctor")
	check := decode[checkReport](t, command(t, dir, "", "check", "--json").stdout)
	if want := andMore(len(check.Problems)-1, "problem"); r.code != exitProblem || !strings.Contains(strings.Join(strings.Fields(r.stdout), " "), strings.TrimSpace(want)) || strings.Count(r.stdout, "advocate check") != 1 {
		t.Errorf("want %q and the advice once in\n%s", want, r.stdout)
	}
}
