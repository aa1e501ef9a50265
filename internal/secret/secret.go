// Package secret reads credentials from where operators keep them: an
// environment variable, a file, or, only when the configuration says "value"
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
	Value string `json:"value,omitempty" yaml:"value,omitempty"`
}

// IsZero reports whether the Ref refers to nothing.
func (r Ref) IsZero() bool { return r == Ref{} }

// String names the place, never the secret.
func (r Ref) String() string {
	switch {
	case r.Env != "":
		return "environment variable " + r.Env
	case r.File != "":
		return "file " + r.File
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

// Read returns the secret without white space around it. Files are read each
// time, so that a credential that is rotated on disk is taken up.
func (r Ref) Read() (string, error) {
	set := 0
	for _, s := range []string{r.Env, r.File, r.Value} {
		if s != "" {
			set++
		}
	}
	if set != 1 {
		return "", errors.New("want exactly one of env (a variable's name), file (a path) or value")
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
