package certificate

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/http"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/contact-advocate/advocate/internal/certificate/pebble"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		pebble.Clean()
		os.Exit(code)
	}))
}

// serve answers on a listener until the test ends.
func serve(t *testing.T, ln net.Listener, c *tls.Config, h http.Handler) {
	t.Helper()
	s := &http.Server{Handler: h, TLSConfig: c, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if c != nil {
			_ = s.ServeTLS(ln, "", "")
		} else {
			_ = s.Serve(ln)
		}
	}()
	t.Cleanup(func() { _ = s.Close(); <-done })
}

func listen(t *testing.T) (net.Listener, int) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ln, ln.Addr().(*net.TCPAddr).Port
}

// shownAt is the certificate that somebody who connects sees.
func shownAt(ctx context.Context, addr, name string, roots *x509.CertPool) (*x509.Certificate, error) {
	d := tls.Dialer{Config: &tls.Config{ServerName: name, RootCAs: roots, InsecureSkipVerify: roots == nil}} //nolint:gosec // nil: what is shown is the question
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return conn.(*tls.Conn).ConnectionState().PeerCertificates[0], nil
}

func writeFile(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
