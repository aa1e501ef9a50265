package main

import (
	"strings"
	"testing"
)

// problemAt finds what is said at a line.
func problemAt(all []problemView, line int, what string) bool {
	for _, p := range all {
		if p.Line == line && strings.Contains(p.What, what) {
			return p.Expected != ""
		}
	}
	return false
}

type checkReport struct {
	Problems []problemView `json:"problems"`
	Warnings []problemView `json:"warnings"`
}

// TestCheckTellsAllOfEveryAccount: each mistake at its own line, with what is
// accepted, and no account hides another's.
func TestCheckTellsAllOfEveryAccount(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "advocate.yaml", `networks:
  mastodon:
    - url: ftp://social.example
      token: {env: NO_SUCH_TOKEN}
      poll: 2h
      search: [ok, "#"]
  bluesky:
    - handle: shop.example
      app_password: {file: ./nothing.secret}
      parts: 11
    - handle: "@Shop.example"
      account: help
      app_password: {file: ./nothing.secret}
  facebook:
    - app: my-app
      page: "12"
      app_secret: {vault: facebook-app-secret}
      mode: pull
`)
	r := command(t, dir, "", "check", "--json")
	out := decode[checkReport](t, r.stdout)
	if r.code != exitProblem {
		t.Errorf("exit %d", r.code)
	}
	for _, want := range []struct {
		line int
		what string
	}{
		{3, "networks.mastodon[0].url is no address"}, {4, "environment variable NO_SUCH_TOKEN is not set"}, {5, "networks.mastodon[0].poll is 2h"}, {6, "networks.mastodon[0].search[1]"},
		{9, "nothing.secret"}, {10, "networks.bluesky[0].parts is 11"}, {11, "networks.bluesky[1].handle is shop.example, as that of networks.bluesky[0] in line 8"},
		{15, "networks.facebook[0].app is \"my-app\""}, {18, "networks.facebook[0].mode is \"pull\""}, {15, "networks.facebook[0].access_token is not set"},
	} {
		if !problemAt(out.Problems, want.line, want.what) {
			t.Errorf("nothing is said in line %d of %s, or not what is accepted", want.line, want.what)
		}
	}
	if n := strings.Count(r.stdout, "NO_SUCH_TOKEN"); n != 1 {
		t.Errorf("the variable is told of %d times", n)
	}
	if t.Failed() {
		t.Log(r.stdout)
	}
}

// TestCheckTellsBesideAnUnreadSecret: a secret that cannot be read is told once,
// and what is wrong with another part, which quotes the same words, as well.
func TestCheckTellsBesideAnUnreadSecret(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "advocate.yaml", `networks:
  mastodon:
    - url: https://social.example
      account: "a; want b"
      token: {env: NO_SUCH_TOKEN}
sources:
  - name: environment variable NO_SUCH_TOKEN is not set
    scheme: standard
    secrets: [{env: NO_SUCH_TOKEN}]
    map: .
`)
	r := command(t, dir, "", "check", "--json")
	out := decode[checkReport](t, r.stdout)
	if !problemAt(out.Problems, 4, `networks.mastodon[0].account is "a; want b"`) {
		t.Error("the label is cut")
	}
	if !problemAt(out.Problems, 5, "NO_SUCH_TOKEN is not set") || !problemAt(out.Problems, 9, "NO_SUCH_TOKEN is not set") {
		t.Error("a secret is not told of")
	}
	if !problemAt(out.Problems, 7, "sources[0].name has the name") {
		t.Error("the name is not told of")
	}
	if t.Failed() {
		t.Log(r.stdout)
	}
}

// TestCheckLooksIntoTheVault: with a server and without one; where there is no
// database it says that it could not look, and makes none.
func TestCheckLooksIntoTheVault(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "advocate.yaml", `networks:
  mastodon:
    - url: https://social.example
      token: {vault: mastodon-social.example}
webhooks:
  - name: crm
    url: https://crm.example
    secret: {vault: crm}
`)
	look := func(when string, code int, problem bool, warning string) {
		t.Helper()
		r := command(t, dir, "", "check", "--json")
		out := decode[checkReport](t, r.stdout)
		if r.code != code || problemAt(out.Problems, 8, `no secret named "crm"`) != problem || len(out.Warnings) != 1 || !strings.Contains(out.Warnings[0].What, warning) {
			t.Errorf("%s: exit %d, want %d, the problem %v and the warning %q:\n%s", when, r.code, code, problem, warning, r.stdout)
		}
	}
	const unconnected = `networks.mastodon[0] is not connected yet: the vault has no mastodon-social.example; "advocate connect mastodon --server https://social.example" connects it`
	look("without a database", 0, false, "was not looked for: "+"data has no database yet")
	must(t, dir, "--data", "data", "migrate")
	look("an empty vault", exitProblem, true, unconnected)
	if r := command(t, dir, "crm-secret-4711", "secret", "set", "crm"); r.code != 0 {
		t.Fatal(r.err)
	}
	look("one of the two", 0, false, unconnected)
	s := serve(t, dir)
	look("asked of the server", 0, false, unconnected)
	s.stop(t)
}

// TestCheckNamesWhoListens: of two accounts that would be told of posts at one
// address the second is told which the first is; a source is called one.
func TestCheckNamesWhoListens(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "forum.secret", "whsec_b2xkIHNlY3JldCBvZiB0aGUgZm9ydW0sIDI0IQ==")
	write(t, dir, "x.secret", "1-x")
	write(t, dir, "advocate.yaml", `networks:
  x:
    - account: shop
      mode: webhook
      consumer_key: {file: ./x.secret}
      consumer_secret: {file: ./x.secret}
      access_token: {file: ./x.secret}
      access_token_secret: {file: ./x.secret}
  webhook:
    - name: x-shop
      public: true
      callback: https://forum.example/take
      secrets: [{file: ./forum.secret}]
    - name: orders
      public: true
      callback: https://orders.example/take
      secrets: [{file: ./forum.secret}]
sources:
  - name: orders
    scheme: standard
    secrets: [{file: ./forum.secret}]
    map: .
`)
	r := command(t, dir, "", "check", "--json")
	for _, want := range []string{"/hooks/x-shop, where x/shop listens already", "/hooks/orders, where a source listens already"} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("not said: %s", want)
		}
	}
	if t.Failed() {
		t.Log(r.stdout)
	}
}
