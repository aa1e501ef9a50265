// Package pebble runs a real ACME authority for tests: Let's Encrypt's own
// server for tests, with a DNS server in which every name is this machine. Both
// are built from the tools' module, which pins them.
package pebble

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Server is an authority that runs.
type Server struct {
	Directory string
	CA        string // the file of its own root
	Log       *Log
}

// FreePort is a port of this machine that nobody listened on a moment ago.
func FreePort(t *testing.T) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port
}

// Start runs the authority. It asks for challenges at these ports, and
// its certificates last so many seconds.
func Start(t *testing.T, tlsPort, httpPort, lastsSeconds int) *Server {
	t.Helper()
	bin, err := build()
	if err != nil {
		t.Fatal(err)
	}
	root, dir := NewRoot(t), t.TempDir()
	cert, key := root.Issue(t, dir, 2, time.Now().Add(time.Hour), "localhost")
	api, manage, dns, dnsManage := FreePort(t), FreePort(t), FreePort(t), FreePort(t)
	conf, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": fmt.Sprintf("127.0.0.1:%d", api), "managementListenAddress": fmt.Sprintf("127.0.0.1:%d", manage),
		"certificate": cert, "privateKey": key, "httpPort": httpPort, "tlsPort": tlsPort, "keyAlgorithm": "ecdsa",
		"retryAfter": map[string]int{"authz": 1, "order": 1}, "profiles": map[string]any{"default": map[string]any{"description": "-", "validityPeriod": lastsSeconds}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "pebble.json")
	writeFile(t, file, conf)
	p := &Server{Directory: fmt.Sprintf("https://localhost:%d/dir", api), CA: root.File(t), Log: &Log{}}
	start(t, p.Log, "Starting management", filepath.Join(bin, "pebble-challtestsrv"), "-http01=", "-https01=", "-doh=", "-tlsalpn01=", "-defaultIPv6=",
		fmt.Sprintf("-dnsserver=127.0.0.1:%d", dns), fmt.Sprintf("-management=127.0.0.1:%d", dnsManage))
	start(t, p.Log, "ACME directory available", filepath.Join(bin, "pebble"), "-config", file, "-strict", fmt.Sprintf("-dnsserver=127.0.0.1:%d", dns))
	for _, port := range []int{api, dns} {
		Await(t, "a port of the authority", func() bool {
			c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if err == nil {
				c.Close()
			}
			return err == nil
		})
	}
	return p
}

// start runs a server until the test ends, and waits until it says that it is
// ready.
func start(t *testing.T, log io.Writer, ready, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_AUTHZREUSE=0")
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	up, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		once := sync.OnceFunc(func() { close(up) })
		for s := bufio.NewScanner(out); s.Scan(); {
			fmt.Fprintln(log, s.Text())
			if strings.Contains(s.Text(), ready) {
				once()
			}
		}
		once()
	}()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-done; _ = cmd.Wait() })
	<-up
}

// Await looks until something is so.
func Await(t *testing.T, what string, is func() bool) {
	t.Helper()
	end := time.After(30 * time.Second)
	for !is() {
		select {
		case <-end:
			t.Fatalf("%s: not after 30 s", what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Orders counts those that the authority took.
func (p *Server) Orders() int { return strings.Count(p.Log.String(), "Added order ") }

// Log is a log that may be read while it is written.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (s *Log) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

// String is all that was written.
func (s *Log) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
