package main

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

func TestIgnoreFromTheCommandLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, dir, "migrate")
	write(t, dir, "c.csv", "ref,name,identities\nK-1,Ann,sandbox/ann\n")
	must(t, dir, "import", "customers", "c.csv")
	ignored := func() bool {
		ids := decode[customerView](t, must(t, dir, "customer", "show", "K-1", "--json")).Customer.Identities
		return len(ids) == 1 && ids[0].Ignored
	}
	must(t, dir, "customer", "ignore", "sandbox/ann")
	if !ignored() {
		t.Error("the identity is not on the list")
	}
	must(t, dir, "customer", "unignore", "sandbox/ann")
	if ignored() {
		t.Error("the identity is still on the list")
	}
	if r := command(t, dir, "", "customer", "ignore", "sandbox/nobody"); r.code == 0 || !strings.Contains(r.err, "nobody has written") {
		t.Errorf("a stranger: %+v", r)
	}
}

// TestAnAuthorWithASlash: a bridge's ids may have one, and stand for an account
// and an author too. Nobody else is taken for whom was meant.
func TestAnAuthorWithASlash(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "key", "whsec_"+base64.StdEncoding.EncodeToString([]byte(forumKey)))
	write(t, dir, "advocate.yaml", "networks:\n  webhook:\n    - {name: forum, secrets: [{file: key}], callback: 'https://forum.example/x', public: true}\n    - {name: forum, account: a, secrets: [{file: key}], callback: 'https://forum.example/y', public: true}\n")
	must(t, dir, "migrate")
	add := func(ref, identity string) {
		t.Helper()
		write(t, dir, "c.jsonl", `{"ref":"`+ref+`","identities":[{"network":"forum",`+identity+`}]}`+"\n")
		must(t, dir, "import", "customers", "c.jsonl")
	}
	show := func(who string) domain.Customer {
		t.Helper()
		return decode[customerView](t, must(t, dir, "customer", "show", who, "--json")).Customer
	}
	add("K-1", `"author":"a/b"`)
	add("K-2", `"account":"a","author":"c/d"`)
	add("K-3", `"account":"a","author":"e"`)
	for ref, typed := range map[string]string{"K-1": "forum/a/b", "K-2": "forum/a/c/d", "K-3": "forum/a/e"} {
		if c := show(typed); c.Ref != ref || c.Identities[0].IdentityKey.String() != typed {
			t.Errorf("%s is %s, %v", typed, c.Ref, c.Identities)
		}
		must(t, dir, "customer", "ignore", typed)
		if c := show(ref); !c.Identities[0].Ignored {
			t.Errorf("%s is not ignored", typed)
		}
		must(t, dir, "customer", "unignore", typed)
	}
	add("K-4", `"account":"a","author":"b"`)
	for _, args := range [][]string{{"customer", "ignore", "forum/a/b"}, {"customer", "show", "forum/a/b"}} {
		r := command(t, dir, "", args...)
		for _, want := range []string{`the author "a/b" on forum (` + show("K-1").ID.String() + ")", `the author "b" of the account "a" on forum (` + show("K-4").ID.String() + ")"} {
			if r.code != 1 || !strings.Contains(r.err, want) {
				t.Errorf("%v: exit %d, want %q: %s", args, r.code, want, r.err)
			}
		}
	}
	for _, ref := range []string{"K-1", "K-4"} {
		if show(ref).Identities[0].Ignored {
			t.Errorf("%s was ignored", ref)
		}
	}
}
