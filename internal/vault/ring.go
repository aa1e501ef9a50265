package vault

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	keyBytes = 32
	idBytes  = 8
	maxKeys  = 16
	maxFile  = 16 << 10
)

// key is one key of a ring.
type key struct {
	id     [idBytes]byte
	secret [keyBytes]byte
}

func newKey(secret [keyBytes]byte) key {
	k := key{secret: secret}
	h := sha256.Sum256(append([]byte("advocate vault key id\x00"), secret[:]...))
	copy(k.id[:], h[:])
	return k
}

// GoString and String keep a key from being printed.
func (k key) GoString() string { return "key " + hex.EncodeToString(k.id[:]) }
func (k key) String() string   { return k.GoString() }

const keyWant = "want 32 random bytes in base64, one key a line, the one that seals first; \"openssl rand -base64 32\" makes one"

// parseRing reads keys, one a line or separated by commas. Lines that begin
// with "#" are comments. No error repeats what it read.
func parseRing(text string) ([]key, error) {
	var ring []key
	n := 0
	for line := range strings.Lines(text) {
		n++
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "#") {
			continue
		}
		for word := range strings.FieldsFuncSeq(line, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
			b, err := base64.StdEncoding.DecodeString(word)
			if err != nil || len(b) != keyBytes {
				return nil, fmt.Errorf("line %d holds no key; %s", n, keyWant)
			}
			k := newKey([keyBytes]byte(b))
			for _, other := range ring {
				if other.id == k.id {
					return nil, fmt.Errorf("line %d repeats a key", n)
				}
			}
			if ring = append(ring, k); len(ring) > maxKeys {
				return nil, fmt.Errorf("there are more than %d keys", maxKeys)
			}
		}
	}
	if len(ring) == 0 {
		return nil, fmt.Errorf("there is no key; %s", keyWant)
	}
	return ring, nil
}

func formatRing(ring []key) []byte {
	var b bytes.Buffer
	b.WriteString("# The keys that secrets in the database are sealed under, the one in use first.\n# Without them they cannot be read: keep a copy, apart from the database's.\n")
	for _, k := range ring {
		b.WriteString(base64.StdEncoding.EncodeToString(k.secret[:]) + "\n")
	}
	return b.Bytes()
}

// freshKey makes a random key.
func freshKey() key {
	var secret [keyBytes]byte
	_, _ = rand.Read(secret[:]) // never fails
	return newKey(secret)
}

// readRing reads the ring's file; fs.ErrNotExist when there is none.
func readRing(path string) ([]key, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	if err := private(path, info); err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = fmt.Errorf("is larger than %d bytes", maxFile)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	ring, err := parseRing(string(b))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return ring, nil
}

// writeRing replaces the ring's file, or makes it where none is: then one that
// another process made meanwhile is left, with fs.ErrExist. It is durable when
// writeRing returns: nothing is sealed under a key that may be lost.
func writeRing(path string, ring []key, replace bool) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".vault-key-") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(formatRing(ring))
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if replace {
		err = os.Rename(tmp.Name(), path)
	} else {
		err = os.Link(tmp.Name(), path)
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes a new name durable where directories can be synced.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, fs.ErrInvalid) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}
