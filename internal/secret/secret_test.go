package secret

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s")
	if err := os.WriteFile(path, []byte("from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SECRET_TEST", "from-env")
	t.Setenv("SECRET_EMPTY", "  ")
	for _, c := range []struct {
		ref       Ref
		want, err string
	}{
		{Ref{Env: "SECRET_TEST"}, "from-env", ""},
		{Ref{File: path}, "from-file", ""},
		{Ref{Value: "v"}, "v", ""},
		{Ref{}, "", "want exactly one of"},
		{Ref{Env: "A", Value: "v"}, "", "want exactly one of"},
		{Ref{Env: "SECRET_NOT_SET"}, "", "environment variable SECRET_NOT_SET is not set"},
		{Ref{Env: "SECRET_EMPTY"}, "", "environment variable SECRET_EMPTY is empty"},
		{Ref{File: filepath.Join(dir, "none")}, "", "no such file"},
		{Ref{File: dir}, "", "is not a regular file"},
		{Ref{Value: strings.Repeat("x", MaxSize+1)}, "", "at most 16384 are accepted"},
	} {
		got, err := c.ref.Read()
		if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%v: got %q, %v", c.ref, got, err)
		}
	}
}

func TestNeverPrinted(t *testing.T) {
	t.Parallel()
	r := struct{ R Ref }{Ref{Value: "hunter2"}}
	j, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "r", r.R)
	if s := fmt.Sprintf("%v %+v %#v %s", r, r, r, r.R) + string(j) + log.String(); strings.Contains(s, "hunter2") {
		t.Errorf("the secret is in %s", s)
	}
}

type shelf map[string]string

func (s shelf) Get(_ context.Context, name string) (string, error) {
	if v, ok := s[name]; ok {
		return v, nil
	}
	return "", errors.New("none of that name")
}

func TestVault(t *testing.T) {
	t.Parallel()
	place := &Place{}
	r := Ref{Vault: "crm"}.At(place)
	for _, early := range []Ref{r, {Vault: "crm"}} {
		if _, err := early.Read(); !errors.Is(err, ErrNoVault) || !strings.Contains(err.Error(), "secret crm of the vault") {
			t.Errorf("before it is open: %v", err)
		}
	}
	place.Put(shelf{"crm": "hunter2\n"})
	if got, err := r.Read(); got != "hunter2" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := (Ref{Vault: "erp"}).At(place).Read(); err == nil {
		t.Error("a secret that is not there")
	}
	if (Ref{}).At(place) == (Ref{}) || !(Ref{}).At(place).IsZero() || r.IsZero() {
		t.Error("a place alone is no secret")
	}
}
