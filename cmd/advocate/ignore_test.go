package main

import (
	"strings"
	"testing"
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
