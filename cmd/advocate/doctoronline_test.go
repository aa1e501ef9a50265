package main

import (
	"slices"
	"strings"
	"testing"
)

// onAll configures an account on each scripted network and connects them.
func onAll(t *testing.T, dir string) (all map[string]signingIn, file string) {
	must(t, dir, "migrate")
	all = map[string]signingIn{
		"bluesky": onBluesky(t), "x": onX(t), "facebook": onMeta(t, "facebook"), "instagram": onMeta(t, "instagram"),
	}
	file = "networks:\n"
	for _, name := range []string{"bluesky", "x", "facebook", "instagram"} {
		in := all[name]
		r := command(t, dir, typed(in.secrets), in.line("--json")...)
		if r.code != 0 {
			t.Fatalf("%s: %s", name, r.err)
		}
		file += "  " + strings.ReplaceAll(strings.TrimSuffix(decode[connection](t, r.stdout).Config, "\n"), "\n", "\n  ") + "\n"
	}
	write(t, dir, "advocate.yaml", file)
	return all, file
}

// TestDoctorAsksEveryNetwork: what is near and cheap is told first, the whole
// database last, and a network that does not answer, or refuses us, hides none
// of the others.
func TestDoctorAsksEveryNetwork(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	all, file := onAll(t, dir)
	look := func(code int) (names []string, of map[string]finding) {
		t.Helper()
		r := command(t, dir, "", "doctor", "--online", "--json")
		out := decode[struct{ Findings []finding }](t, r.stdout)
		if r.code != code {
			t.Errorf("exit %d, want %d:\n%s", r.code, code, r.stdout)
		}
		of = map[string]finding{}
		for _, f := range out.Findings {
			names = append(names, f.What)
			if f.What == "network" {
				name, _, _ := strings.Cut(strings.ReplaceAll(f.Says, ",", ":"), ":")
				of[name] = f
			}
		}
		return names, of
	}
	names, of := look(0)
	at := func(what string) int { return slices.Index(names, what) }
	for i, what := range []string{"configuration", "data", "free space", "playbook file", "lock", "store", "network", "integrity"} {
		if before := []string{"version", "configuration", "data", "free space", "playbook file", "lock", "store", "network"}[i]; at(what) < 0 || at(before) > at(what) {
			t.Errorf("%s does not come after %s: %v", what, before, names)
		}
	}
	for name, in := range all {
		if f := of[name]; f.State == "bad" || !strings.Contains(f.Says, "as "+in.as) {
			t.Errorf("%s: %+v", name, f)
		}
	}
	all["x"].rotate("another-4711") // X refuses us
	file = strings.Replace(file, all["facebook"].address[1], "http://127.0.0.1:1", 1)
	write(t, dir, "advocate.yaml", file) // and Facebook is not there
	_, of = look(exitProblem)
	if f := of["x"]; f.State != "bad" || f.Fix == "" {
		t.Errorf("x: %+v", f)
	}
	if f := of["facebook"]; f.State != "warning" || !strings.Contains(f.Says, "127.0.0.1:1") {
		t.Errorf("facebook: %+v", f)
	}
	for _, name := range []string{"bluesky", "instagram"} {
		if f := of[name]; f.State == "bad" || !strings.Contains(f.Says, "as "+all[name].as) {
			t.Errorf("%s is hidden by the others: %+v", name, f)
		}
	}
}
