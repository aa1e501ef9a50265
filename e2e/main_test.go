package e2e

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
)

// program is the binary under test.
var program string

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() {
		fmt.Println("e2e: skipped by -short: it builds and runs the whole program")
		return
	}
	os.Exit(build(func() int { return pgtest.Main(m) }))
}

// build makes the binary, runs the tests and removes it. ADVOCATE_BIN names
// one that is there already.
func build(run func() int) int {
	if program = os.Getenv("ADVOCATE_BIN"); program != "" {
		return run()
	}
	dir, err := os.MkdirTemp("", "advocate-e2e")
	if err == nil {
		program = filepath.Join(dir, "advocate")
		cmd := exec.Command("go", "build", "-o", program, "../cmd/advocate")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
		err = cmd.Run()
	}
	code := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e: cannot build the program:", err)
	} else {
		code = run()
	}
	if err := os.RemoveAll(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		fmt.Fprintln(os.Stderr, "e2e:", err)
	}
	return code
}
