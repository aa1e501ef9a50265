package deptest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestFuzzingNothingFails: scripts/fuzz.sh fails where a package cannot be
// listed, a target fails or none is found, and not otherwise.
func TestFuzzingNothingFails(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell here")
	}
	script, err := os.ReadFile("../../scripts/fuzz.sh")
	if err != nil {
		t.Fatal(err)
	}
	const stub = `#!/bin/sh
case "$TROUBLE $*" in
"packages list"*|"compile test -list ^Fuzz b"|"target test -run"*) exit 1 ;;
*" list"*) echo a; echo b ;;
"none test -list"*) echo ok ;;
*" test -list ^Fuzz a") echo FuzzOne; echo ok a ;;
*" test -list ^Fuzz b") echo FuzzTwo; echo FuzzThree; echo ok b ;;
*) echo "ran $*" ;;
esac
`
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go"), []byte(stub), 0o700); err != nil {
		t.Fatal(err)
	}
	for trouble, ran := range map[string]int{"": 3, "packages": 0, "compile": 1, "target": 0, "none": 0} {
		cmd := exec.Command(sh, "-c", string(script), "fuzz.sh", "1s")
		cmd.Env = append(os.Environ(), "TROUBLE="+trouble, "PATH="+dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		if (err != nil) != (trouble != "") || strings.Count(string(out), "ran test -run ^$ -fuzz ^Fuzz") != ran {
			t.Errorf("%q: %v, want %d runs\n%s", trouble, err, ran, out)
		}
	}
}
