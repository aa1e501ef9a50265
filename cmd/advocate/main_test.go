package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/contact-advocate/advocate/internal/certificate/pebble"
	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// binary is the real program, built once.
var binary string

func TestMain(m *testing.M) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "advocate-cli-")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "advocate")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		os.Exit(1)
	}
	code := pgtest.Main(m)
	os.RemoveAll(dir)
	pebble.Clean()
	http.DefaultClient.CloseIdleConnections()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// result is how a command ended.
type result struct {
	code        int
	stdout, err string
}

// command runs the binary in a directory and waits for it.
func command(t *testing.T, dir string, stdin string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
	cmd.Env = cleanEnv()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	r := result{stdout: stdout.String(), err: stderr.String()}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		t.Fatalf("advocate %s did not end: %s", strings.Join(args, " "), r.err)
	case errors.As(err, &exit):
		r.code = exit.ExitCode()
	case err != nil:
		t.Fatal(err)
	}
	return r
}

func cleanEnv() []string {
	var out []string
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "ADVOCATE_") && !strings.HasPrefix(kv, "USER=") {
			out = append(out, kv)
		}
	}
	return append(out, "USER=tester")
}

// must runs a command that has to succeed.
func must(t *testing.T, dir string, args ...string) string {
	t.Helper()
	r := command(t, dir, "", args...)
	if r.code != 0 {
		t.Fatalf("advocate %s: exit %d\n%s%s", strings.Join(args, " "), r.code, r.stdout, r.err)
	}
	return r.stdout
}

func decode[T any](t *testing.T, s string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatalf("%v in %s", err, s)
	}
	return v
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// running is a server that was started.
type running struct {
	cmd    *exec.Cmd
	url    string
	dir    string // of its data
	stderr *bytes.Buffer
	ended  chan error
}

// serve starts "advocate serve" (or another command) on a free port and waits
// until it says where it is.
func serve(t *testing.T, dir string, args ...string) *running {
	t.Helper()
	if len(args) == 0 {
		args = []string{"serve"}
	}
	return started(t, dir, exec.Command(binary, append(args, "--listen", "127.0.0.1:0")...))
}

// started waits until a command that serves says where it is.
func started(t *testing.T, dir string, cmd *exec.Cmd) *running {
	t.Helper()
	s := &running{cmd: cmd, stderr: &bytes.Buffer{}, ended: make(chan error, 1), dir: filepath.Join(dir, "data")}
	s.cmd.Dir, s.cmd.Env, s.cmd.Stderr = dir, cleanEnv(), s.stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill()
		<-s.ended
	})
	found := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if i := strings.Index(lines.Text(), "http"); i >= 0 && strings.Contains(lines.Text()[i:], "://") {
				select {
				case found <- strings.TrimSuffix(strings.Fields(lines.Text()[i:])[0], "/sandbox"):
				default:
				}
			}
		}
		s.ended <- s.cmd.Wait()
		close(s.ended)
	}()
	select {
	case s.url = <-found:
	case err := <-s.ended:
		t.Fatalf("%v ended: %v\n%s", cmd.Args, err, s.stderr)
	case <-time.After(30 * time.Second):
		t.Fatalf("%v says no address\n%s", cmd.Args, s.stderr)
	}
	return s
}

// stop asks the server to end and waits.
func (s *running) stop(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-s.ended:
		if err != nil {
			t.Fatalf("the server ended with %v\n%s", err, s.stderr)
		}
	case <-time.After(40 * time.Second):
		t.Fatal("the server did not end")
	}
}

// call asks the server with its admin token.
func (s *running) call(t *testing.T, method, path string, body any) (int, []byte) {
	t.Helper()
	token, err := os.ReadFile(filepath.Join(s.dir, "admin.token"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, out
}

// eventually waits for something that another process brings about.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(30 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs; go test ./cmd/advocate -update writes it anew\n--- want\n%s\n--- got\n%s", path, want, got)
	}
}

// nodeIn opens the database of a directory, without a configuration.
func nodeIn(t *testing.T, dir string) *node {
	t.Helper()
	g := &globals{Config: write(t, dir, "advocate.yaml", ""), Data: filepath.Join(dir, "data")}
	s, err := g.load()
	if err != nil {
		t.Fatal(err)
	}
	n, err := openNode(t.Context(), s, discardLog())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.close(); err != nil {
			t.Error(err)
		}
	})
	return n
}
