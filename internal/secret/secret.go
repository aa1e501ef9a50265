// Package secret reads credentials from where operators keep them: an
// environment variable, a file, the vault in the database, or, only when the configuration says "value"
// outright, the configuration itself. A Ref never prints what it refers to.
package secret

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
)

// MaxSize of a secret, in bytes.
const MaxSize = 16 << 10

// Ref says where a secret is. Exactly one field is set.
type Ref struct {
	Env   string `json:"env,omitempty" yaml:"env,omitempty"`
	File  string `json:"file,omitempty" yaml:"file,omitempty"`
	Vault string `json:"vault,omitempty" yaml:"vault,omitempty"` // a name in the vault
	Value string `json:"value,omitempty" yaml:"value,omitempty"`

	place *Place // where the vault will be
}

// At returns the Ref with the place that a vault's secrets are read from.
func (r Ref) At(p *Place) Ref {
	r.place = p
	return r
}

// IsZero reports whether the Ref refers to nothing.
func (r Ref) IsZero() bool { return r.Env == "" && r.File == "" && r.Vault == "" && r.Value == "" }

// String names the place, never the secret.
func (r Ref) String() string {
	switch {
	case r.Env != "":
		return "environment variable " + r.Env
	case r.File != "":
		return "file " + r.File
	case r.Vault != "":
		return "secret " + r.Vault + " of the vault"
	case r.Value != "":
		return "value in the configuration"
	}
	return "no secret"
}

// GoString keeps %#v from printing the secret.
func (r Ref) GoString() string { return "secret.Ref{" + r.String() + "}" }

// LogValue keeps slog from printing the secret.
func (r Ref) LogValue() slog.Value { return slog.StringValue(r.String()) }

// MarshalJSON keeps dumps of a configuration from holding the secret.
func (r Ref) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "%q", r.String()), nil }

// Unread is why a secret cannot be read.
type Unread struct {
	Ref Ref
	err error
}

func (e *Unread) Error() string { return e.err.Error() }
func (e *Unread) Unwrap() error { return e.err }

// Read returns the secret without white space around it. Files and the vault
// are read each time, so that a credential that is exchanged there is taken up.
// Its error is an Unread. It must not be called in a transaction of the vault's
// store.
func (r Ref) Read() (string, error) {
	s, err := r.read()
	if err != nil {
		return "", &Unread{r, err}
	}
	return s, nil
}

func (r Ref) read() (string, error) {
	set := 0
	for _, s := range []string{r.Env, r.File, r.Vault, r.Value} {
		if s != "" {
			set++
		}
	}
	if set != 1 {
		return "", errors.New("want exactly one of env (a variable's name), file (a path), vault (a name in it) or value")
	}
	s := r.Value
	switch {
	case r.Env != "":
		v, ok := os.LookupEnv(r.Env)
		if !ok {
			return "", fmt.Errorf("%v is not set", r)
		}
		s = v
	case r.File != "":
		v, err := readFile(r.File)
		if err != nil {
			return "", err
		}
		s = v
	case r.Vault != "":
		v, err := r.place.get(r.Vault)
		if err != nil {
			return "", fmt.Errorf("%v: %w", r, err)
		}
		s = v
	}
	if len(s) > MaxSize {
		return "", fmt.Errorf("%v holds %d bytes; at most %d are accepted", r, len(s), MaxSize)
	}
	if s = strings.TrimSpace(s); s == "" {
		return "", fmt.Errorf("%v is empty", r)
	}
	return s, nil
}

func readFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		return "", err
	} else if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a regular file", path)
	}
	b, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	return string(b), err
}
