package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// fullFile takes nothing, as a file on a full disk does.
type fullFile struct{}

func (fullFile) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// TestTokenThatCannotBeShown is made for nobody: the command fails, and the
// token is gone.
func TestTokenThatCannotBeShown(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, dir, "migrate")
	args := []string{"token", "create", "--name", "crm", "--role", "read", "--data", dir + "/data"}
	var stderr bytes.Buffer
	if code := run(t.Context(), args, strings.NewReader(""), fullFile{}, &stderr); code != 1 || !strings.Contains(stderr.String(), "no space left on device; the token was revoked") {
		t.Errorf("exit %d: %s", code, stderr.String())
	}
	if out := must(t, dir, "token", "list"); strings.Contains(out, "crm") {
		t.Errorf("it stands:\n%s", out)
	}
	must(t, dir, append(args[:len(args)-2], "--data", "data")...)
}
