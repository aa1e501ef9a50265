package certificate

import (
	"bufio"
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

// pebble is a real authority: Let's Encrypt's server for tests, with a DNS
// server in which every name is this machine.
type pebble struct {
	directory string
	ca        string // the file of its own root
	log       *syncBuffer
}

// built is the folder of the servers, "" until there is one.
var built string

// build compiles the servers once; the tools' module pins them.
var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "pebble")
	if err != nil {
		return "", err
	}
	built = dir
	cmd := exec.Command("go", "build", "-o", dir, "github.com/letsencrypt/pebble/v2/cmd/pebble", "github.com/letsencrypt/pebble/v2/cmd/pebble-challtestsrv")
	cmd.Dir = filepath.Join("..", "..", "tools")
	if out, err := cmd.CombinedOutput(); err != nil {
		return dir, fmt.Errorf("%w: %s", err, out)
	}
	return dir, nil
})

func freePort(t *testing.T) int {
	t.Helper()
	ln, port := listen(t)
	ln.Close()
	return port
}

// startPebble runs the authority. It asks for challenges at these ports, and
// its certificates last so many seconds.
func startPebble(t *testing.T, tlsPort, httpPort, lastsSeconds int) *pebble {
	t.Helper()
	bin, err := build()
	if err != nil {
		t.Fatal(err)
	}
	root, dir := newAuthority(t), t.TempDir()
	cert, key := root.issue(t, dir, 2, time.Now().Add(time.Hour), "localhost")
	api, manage, dns, dnsManage := freePort(t), freePort(t), freePort(t), freePort(t)
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
	p := &pebble{directory: fmt.Sprintf("https://localhost:%d/dir", api), ca: root.file(t), log: &syncBuffer{}}
	start(t, p.log, "Starting management", filepath.Join(bin, "pebble-challtestsrv"), "-http01=", "-https01=", "-doh=", "-tlsalpn01=", "-defaultIPv6=",
		fmt.Sprintf("-dnsserver=127.0.0.1:%d", dns), fmt.Sprintf("-management=127.0.0.1:%d", dnsManage))
	start(t, p.log, "ACME directory available", filepath.Join(bin, "pebble"), "-config", file, "-strict", fmt.Sprintf("-dnsserver=127.0.0.1:%d", dns))
	for _, port := range []int{api, dns} {
		await(t, "a port of the authority", func() bool {
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

// await looks until something is so.
func await(t *testing.T, what string, is func() bool) {
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

// orders counts those that the authority took.
func (p *pebble) orders() int { return strings.Count(p.log.String(), "Added order ") }
