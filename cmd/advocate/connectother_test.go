package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/social/mastodon/mastodontest"
)

// TestALabelStaysWithItsAccount: credentials of another account never take the
// place of a label's own, whether a server runs, has run, or never did; and an
// account that has a label gets no second one.
func TestALabelStaysWithItsAccount(t *testing.T) {
	t.Parallel()
	social := mastodontest.New(mastodontest.Options{})
	t.Cleanup(social.Close)
	dir := t.TempDir()
	must(t, dir, "migrate")
	connect := func(who string, more ...string) result {
		return command(t, dir, social.Token(who)+"\n", append([]string{"connect", "mastodon", "--server", social.URL, "--token", "--allow-private"}, more...)...)
	}
	first := connect("shop")
	_, lines, ok := strings.Cut(first.stdout, "restart the server:\n\n")
	if first.code != 0 || !ok {
		t.Fatalf("exit %d\n%s%s", first.code, first.stdout, first.err)
	}
	write(t, dir, "advocate.yaml", "networks:\n"+lines)
	refused := func(when string) {
		t.Helper()
		if r := connect("ben", "--replace"); r.code != 1 || !strings.Contains(r.err, "another account, @ben@") || !strings.Contains(r.err, "--account LABEL") || !strings.Contains(r.err, "nothing was kept") {
			t.Errorf("%s: another account's token: exit %d\n%s%s", when, r.code, r.stdout, r.err)
		}
		if r := connect("shop", "--account", "second"); r.code != 1 || !strings.Contains(r.err, "is connected already") {
			t.Errorf("%s: the same account under another label: exit %d\n%s%s", when, r.code, r.stdout, r.err)
		}
	}
	refused("before any server ran")
	s := serve(t, dir)
	eventually(t, "the server knows who we are", func() bool {
		var r networksResult
		err := json.Unmarshal([]byte(must(t, dir, "connect", "list", "--json")), &r)
		return err == nil && len(r.Networks) > 0 && r.Networks[0].ID == social.ID("shop")
	})
	refused("while the server runs")
	if r := connect("shop", "--replace"); r.code != 0 {
		t.Errorf("the account's own token: exit %d\n%s", r.code, r.err)
	}
	refused("right after it was exchanged")
	s.stop(t)
	social.Revoke("shop", true)
	if r := connect("ben", "--replace"); r.code != 1 || !strings.Contains(r.err, "another account, @ben@") {
		t.Errorf("after its own was revoked: exit %d\n%s%s", r.code, r.stdout, r.err)
	}
	if r := connect("ben", "--account", "second"); r.code != 0 {
		t.Errorf("another account under a label of its own: exit %d\n%s", r.code, r.err)
	}
}
