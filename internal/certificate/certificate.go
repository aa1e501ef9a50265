package certificate

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"
)

// Status is how certificates stand.
type Status struct {
	From         string `json:"from"` // "files", "acme", "" without TLS
	Certificates []Info `json:"certificates,omitempty"`
	Renewed      int64  `json:"renewed"` // certificates that this process took into use after its first
}

// Where certificates come from.
const (
	FromFiles = "files"
	FromACME  = "acme"
)

// Info is one certificate, or one that is to be.
type Info struct {
	Name      string    `json:"name"` // the domain, or the file
	Names     []string  `json:"names,omitempty"`
	NotBefore time.Time `json:"not_before,omitzero"`
	NotAfter  time.Time `json:"not_after,omitzero"` // zero: there is none
	Problem   string    `json:"problem,omitempty"`  // why it could not be replaced
	ProblemAt time.Time `json:"problem_at,omitzero"`
}

// Soonest is when the first of the certificates ends; zero when there is none.
// What is missing counts as ended long ago.
func (s *Status) Soonest() time.Time {
	if len(s.Certificates) == 0 {
		return time.Time{}
	}
	return slices.MinFunc(s.Certificates, func(a, b Info) int { return a.NotAfter.Compare(b.NotAfter) }).NotAfter
}

// Failing reports whether something could not be replaced.
func (s *Status) Failing() bool {
	return slices.ContainsFunc(s.Certificates, func(c Info) bool { return c.Problem != "" })
}

// config is what every listener begins with: TLS 1.2 and later, with Go's
// choice of suites.
func config(protocols ...string) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: append([]string{"h2", "http/1.1"}, protocols...)}
}

// maxFile bounds what is read of a certificate or key.
const maxFile = 1 << 20

// Load reads a pair of files. The error names the file that is wrong.
func Load(certFile, keyFile string) (*tls.Certificate, error) {
	chain, err := readPEM(certFile)
	if err != nil {
		return nil, fmt.Errorf("the certificate: %w", err)
	}
	key, err := readPEM(keyFile)
	if err != nil {
		return nil, fmt.Errorf("the private key: %w", err)
	}
	c, err := tls.X509KeyPair(chain, key)
	if err != nil {
		return nil, fmt.Errorf("%s and %s are no pair: %w", certFile, keyFile, err)
	}
	if c.Leaf == nil {
		if c.Leaf, err = x509.ParseCertificate(c.Certificate[0]); err != nil {
			return nil, fmt.Errorf("the certificate: %s: %w", certFile, err)
		}
	}
	if len(c.Leaf.DNSNames)+len(c.Leaf.IPAddresses) == 0 {
		return nil, fmt.Errorf("the certificate: %s names no host, and browsers refuse it; want one with the host among its subject alternative names", certFile)
	}
	return &c, nil
}

func readPEM(name string) ([]byte, error) {
	st, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, err
	case !st.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no file", name)
	case st.Size() > maxFile:
		return nil, fmt.Errorf("%s is larger than %d KiB", name, maxFile>>10)
	}
	b, err := os.ReadFile(name)
	if err == nil && len(b) == 0 {
		err = errors.New(name + " is empty")
	}
	return b, err
}

// infoOf tells of a certificate.
func infoOf(name string, c *tls.Certificate) Info {
	i := Info{Name: name}
	if c == nil {
		return i
	}
	i.Names, i.NotBefore, i.NotAfter = slices.Clone(c.Leaf.DNSNames), c.Leaf.NotBefore.UTC(), c.Leaf.NotAfter.UTC()
	for _, ip := range c.Leaf.IPAddresses {
		i.Names = append(i.Names, ip.String())
	}
	return i
}
