package certificate

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/certificate/pebble"
)

// TestPairFollowsItsFiles: over a real listener, with the loop that looks.
func TestPairFollowsItsFiles(t *testing.T) {
	t.Parallel()
	root, dir := pebble.NewRoot(t), t.TempDir()
	cert, key := root.Issue(t, dir, 10, time.Now().Add(24*time.Hour), "desk.example")
	log := &pebble.Log{}
	p, err := OpenPair(cert, key, time.Now, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	ln, _ := listen(t)
	serve(t, ln, p.Config(), http.NotFoundHandler())
	shows := func(serial int64) {
		t.Helper()
		c, err := shownAt(t.Context(), ln.Addr().String(), "desk.example", root.Pool())
		if err != nil || c.SerialNumber.Int64() != serial {
			t.Fatalf("shown is %v, %v; want %d", c, err, serial)
		}
	}
	shows(10)

	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); p.Run(ctx) }()
	defer func() { stop(); <-done }()
	root.Issue(t, dir, 11, time.Now().Add(48*time.Hour), "desk.example")
	for p.Status().Renewed == 0 {
		if t.Context().Err() != nil {
			t.Fatal("the new pair is not seen")
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-t.Context().Done():
		}
	}
	shows(11)
	if s := p.Status(); s.Failing() || s.Certificates[0].Names[0] != "desk.example" || !s.Soonest().Equal(p.current.Leaf.NotAfter) {
		t.Errorf("%+v", s)
	}
	if !strings.Contains(log.String(), "a new certificate is in use") {
		t.Error("the log does not tell of it")
	}
}

// TestBrokenPair: what cannot be used changes nothing, and is told.
func TestBrokenPair(t *testing.T) {
	t.Parallel()
	root := pebble.NewRoot(t)
	for name, breakIt := range map[string]func(t *testing.T, dir string){
		"garbage":  func(t *testing.T, dir string) { writeFile(t, filepath.Join(dir, "cert.pem"), []byte("no PEM")) },
		"empty":    func(t *testing.T, dir string) { writeFile(t, filepath.Join(dir, "key.pem"), nil) },
		"gone":     func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, "key.pem")) },
		"no pair":  func(t *testing.T, dir string) { swapKey(t, root, dir) },
		"expired":  func(t *testing.T, dir string) { root.Issue(t, dir, 12, time.Now().Add(-time.Hour), "desk.example") },
		"no name":  func(t *testing.T, dir string) { root.Issue(t, dir, 12, time.Now().Add(time.Hour)) },
		"too long": func(t *testing.T, dir string) { writeFile(t, filepath.Join(dir, "cert.pem"), make([]byte, maxFile+1)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			cert, key := root.Issue(t, dir, 10, time.Now().Add(24*time.Hour), "desk.example")
			log := &pebble.Log{}
			p, err := OpenPair(cert, key, time.Now, slog.New(slog.NewTextHandler(log, nil)))
			if err != nil {
				t.Fatal(err)
			}
			breakIt(t, dir)
			p.Look()
			s := p.Status()
			if c, _ := p.Config().GetCertificate(&tls.ClientHelloInfo{}); c.Leaf.SerialNumber.Int64() != 10 || !s.Failing() || s.Certificates[0].ProblemAt.IsZero() {
				t.Errorf("in use is %s, %+v", c.Leaf.SerialNumber, s)
			}
			if !strings.Contains(log.String(), "level=ERROR") || !strings.Contains(log.String(), dir) {
				t.Errorf("the log says %s", log)
			}
			before := log.String()
			if p.Look(); log.String() != before {
				t.Error("the same trouble is told again and again")
			}
			root.Issue(t, dir, 13, time.Now().Add(24*time.Hour), "desk.example")
			p.Look()
			if s := p.Status(); s.Failing() || s.Renewed != 1 {
				t.Errorf("after it was mended: %+v", s)
			}
			if _, err := OpenPair(filepath.Join(dir, "none"), key, time.Now, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "the certificate: ") {
				t.Errorf("a start without the file gives %v", err)
			}
		})
	}
}

// swapKey puts another certificate's key in the place of the pair's.
func swapKey(t *testing.T, root *pebble.Root, dir string) {
	t.Helper()
	_, key := root.Issue(t, t.TempDir(), 1, time.Now().Add(time.Hour), "other.example")
	b, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "key.pem"), b)
}
