package main

import (
	"os/exec"
	"strings"
	"testing"
)

// TestToldHowToConnect: on each network the command that is told of an account
// that is not connected is one that connects it, with the names, flags and
// addresses that it has.
func TestToldHowToConnect(t *testing.T) {
	t.Parallel()
	for name, on := range signIns {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := on(t)
			first := t.TempDir()
			must(t, first, "migrate")
			r := command(t, first, typed(in.secrets), in.line("--json", "--account", "help")...)
			if r.code != 0 {
				t.Fatal(r.err)
			}
			dir := t.TempDir()
			must(t, dir, "--data", "data", "migrate")
			write(t, dir, "advocate.yaml", "networks:\n  "+strings.ReplaceAll(decode[connection](t, r.stdout).Config, "\n", "\n  "))
			out := decode[checkReport](t, must(t, dir, "check", "--json"))
			if len(out.Warnings) != 1 {
				t.Fatalf("%+v", out)
			}
			_, line, _ := strings.Cut(out.Warnings[0].What, `; "advocate `)
			line, _, _ = strings.Cut(line, `" connects it`)
			if !strings.HasPrefix(line, "connect "+name+" ") {
				t.Fatalf("%+v", out.Warnings)
			}
			words, err := exec.CommandContext(t.Context(), "sh", "-c", `printf '%s\n' `+line).Output()
			if err != nil {
				t.Fatal(err)
			}
			if r := command(t, dir, typed(in.secrets), strings.Fields(string(words))...); r.code != 0 {
				t.Fatalf("%s: exit %d, %s", line, r.code, r.err)
			}
			if out := decode[checkReport](t, must(t, dir, "check", "--json")); len(out.Warnings) != 0 {
				t.Errorf("%s: it is not connected yet: %+v", line, out.Warnings)
			}
		})
	}
}
