package pebble

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
)

// built is the folder of the servers, "" until there is one.
var built string

// build compiles the servers once; the tools' module pins them.
var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "pebble")
	if err != nil {
		return "", err
	}
	built = dir
	modfile, err := mended(dir)
	if err != nil {
		return dir, err
	}
	_, err = goTool("build", "-trimpath", "-modfile", modfile, "-o", dir, module+"/cmd/pebble", module+"/cmd/pebble-challtestsrv")
	return dir, err
})

const module = "github.com/letsencrypt/pebble/v2"

// mended copies the authority's source into a folder, with one line changed, and
// names a go.mod that builds from it. Release 2.10.1 locks an order for reading
// twice when it shows it; where the certificate is ready in between, that order,
// and with it the server, stands still for good
// (https://github.com/letsencrypt/pebble/issues/554). A release without that is
// built as it is: then this goes.
func mended(dir string) (modfile string, err error) {
	out, err := goTool("mod", "download", "-json", module)
	if err != nil {
		return "", err
	}
	var of struct{ Dir string }
	if err := json.Unmarshal(out, &of); err != nil {
		return "", fmt.Errorf("where the authority's source is: %w", err)
	}
	source := filepath.Join(dir, "source")
	if err := os.CopyFS(source, os.DirFS(of.Dir)); err != nil {
		return "", err
	}
	const held, free = "orderAccountID := order.AccountID\n\tdefer order.RUnlock()", "orderAccountID := order.AccountID\n\torder.RUnlock()"
	wfe := filepath.Join(source, "wfe", "wfe.go")
	text, err := os.ReadFile(wfe)
	if err != nil {
		return "", err
	}
	if n := bytes.Count(text, []byte(held)); n != 1 {
		return "", fmt.Errorf("%s has %d places that lock an order twice, want the 1 of release 2.10.1: is issue 554 mended there?", wfe, n)
	}
	if err := os.WriteFile(wfe, bytes.Replace(text, []byte(held), []byte(free), 1), 0o600); err != nil {
		return "", err
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		b, err := os.ReadFile(filepath.Join(tools(), name))
		if err != nil {
			return "", err
		}
		if name == "go.mod" {
			b = fmt.Appendf(b, "\nreplace %s => %q\n", module, source)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			return "", err
		}
	}
	return filepath.Join(dir, "go.mod"), nil
}

// goTool runs a command of go in the tools' module.
func goTool(args ...string) ([]byte, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = tools()
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = fmt.Errorf("go %s: %w: %s", args[0], err, exit.Stderr)
	}
	return out, err
}

// tools is the folder of the tools' module.
func tools() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "..", "tools")
}

// Clean removes what was built; TestMain calls it.
func Clean() {
	if built != "" {
		os.RemoveAll(built)
	}
}
