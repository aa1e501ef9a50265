package console

import (
	"bytes"
	"crypto/rand"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed all:dist
var embedded embed.FS

const (
	indexFile = "index.html"
	// noncePlaceholder is what Vite writes wherever a nonce belongs
	// (html.cspNonce in web/vite.config.ts).
	noncePlaceholder = "__CSP_NONCE__"
	nonceBytes       = 16 // 128 bits, as CSP level 3 §7.1 asks for
)

// Console is a built console, or the knowledge that there is none. It is safe
// for concurrent use.
type Console struct {
	index  [][]byte // the page, cut where the nonces go; nil: not built
	assets map[string]*asset
}

// Embedded is the console that was compiled into the program.
func Embedded() (*Console, error) {
	dist, err := fs.Sub(embedded, "dist")
	if err != nil {
		return nil, err
	}
	return New(dist)
}

// New reads a console out of a folder that Vite has built: index.html and what
// it loads. Without an index.html the console is not built, which is no error.
// The files have to stay as they are for as long as the console is served.
func New(files fs.FS) (*Console, error) {
	c := &Console{assets: map[string]*asset{}}
	page, err := fs.ReadFile(files, indexFile)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	c.index = bytes.Split(page, []byte(noncePlaceholder))
	err = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || name == indexFile || strings.HasPrefix(d.Name(), ".") || strings.HasSuffix(name, brotliSuffix) {
			return err
		}
		c.assets[name], err = newAsset(files, name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	return c, nil
}

// Built reports whether there is a console.
func (c *Console) Built() bool { return c.index != nil }

// Index is the page with a nonce in place. The nonce has to be in the policy
// of the same answer; see Policy.
func (c *Console) Index(nonce string) []byte {
	return bytes.Join(c.index, []byte(nonce))
}

// Nonce is a new one, which nobody can guess.
func Nonce() string {
	b := make([]byte, nonceBytes)
	_, _ = rand.Read(b) // gives no error
	return base64.StdEncoding.EncodeToString(b)
}

// Policy is the Content-Security-Policy of the page: its own files and the
// styles that carry the nonce, and nothing from anywhere else.
func Policy(nonce string) string {
	return "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + nonce + "'; img-src 'self' data:; font-src 'self'; " +
		"connect-src 'self'; media-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// Permissions is the Permissions-Policy of the page: of what a page can ask a
// person for, the microphone, for calls.
const Permissions = "microphone=(self), accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), " +
	"magnetometer=(), midi=(), payment=(), publickey-credentials-get=(), serial=(), usb=(), xr-spatial-tracking=()"
