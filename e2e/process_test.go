package e2e

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	startTime = 60 * time.Second // for a start on a busy machine
	stopTime  = 40 * time.Second
)

// house is a data directory and what the commands on it need.
type house struct {
	*testing.T
	dir  string
	args []string // global flags
	env  []string
}

// touchSources looks at every source of the program. "go test" notes which
// files a test looks at and takes a result from its cache only while they are
// the same; that the program is built of them it cannot know. It has to happen
// within a test: before, nothing is noted.
var touchSources = sync.OnceFunc(func() {
	for _, dir := range []string{"../go.mod", "../cmd", "../internal", "../examples", "../bin"} {
		_ = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if err == nil {
				_, err = os.Stat(path)
			}
			return err
		})
	}
})

// newHouse makes an empty data directory. Quiet hours are off: the tests run
// at any hour of the day.
func newHouse(t *testing.T) *house {
	t.Helper()
	touchSources()
	return &house{T: t, dir: filepath.Join(t.TempDir(), "data"), env: []string{"ADVOCATE_POLICY_QUIET_FROM=0", "ADVOCATE_POLICY_QUIET_TO=0"}}
}

// command prepares a run of the program on the house's data.
func (h *house) command(args ...string) *exec.Cmd {
	args = append(append([]string{}, args...), "--data", h.dir)
	cmd := exec.Command(program, append(args, h.args...)...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "ADVOCATE_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, h.env...)
	return cmd
}

// try runs a command to its end.
func (h *house) try(stdin string, args ...string) (stdout, stderr string, code int) {
	h.Helper()
	cmd := h.command(args...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	if err := cmd.Start(); err != nil {
		h.Fatal(err)
	}
	alarm := time.AfterFunc(startTime, func() { _ = cmd.Process.Kill() })
	defer alarm.Stop()
	_ = cmd.Wait()
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// run is try for a command that has to succeed.
func (h *house) run(stdin string, args ...string) string {
	h.Helper()
	out, errs, code := h.try(stdin, args...)
	if code != 0 {
		h.Fatalf("advocate %s: exit %d\n%s%s", strings.Join(args, " "), code, out, errs)
	}
	return out
}

// token makes an API token.
func (h *house) token(name, role string) string {
	h.Helper()
	lines := strings.Fields(h.run("", "token", "create", "--name", name, "--role", role))
	return lines[len(lines)-1]
}

// process is a running server.
type process struct {
	h       *house
	cmd     *exec.Cmd
	address string
	log     *tail
	ended   chan struct{}
	killed  bool
}

// launch starts a server and does not wait for it.
func (h *house) launch(args ...string) (p *process, address <-chan string) {
	h.Helper()
	if len(args) == 0 {
		args = []string{"serve"}
	}
	p = &process{h: h, cmd: h.command(append(args, "--listen", "127.0.0.1:0")...), log: &tail{}, ended: make(chan struct{})}
	p.cmd.Stderr = p.log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		h.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		h.Fatal(err)
	}
	found := make(chan string, 1)
	go func() {
		in := bufio.NewScanner(out)
		for in.Scan() {
			fmt.Fprintln(p.log, in.Text())
			// serve says "address URL", demo "open URL/sandbox"
			if f := strings.Fields(in.Text()); len(f) == 2 && (f[0] == "address" || f[0] == "open") {
				select {
				case found <- strings.TrimSuffix(f[1], "/sandbox"):
				default:
				}
			}
		}
		_, _ = io.Copy(io.Discard, out)
		_ = p.cmd.Wait()
		close(p.ended)
	}()
	h.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
		if h.Failed() && !p.killed {
			h.Logf("the server's output:\n%s", p.log)
		}
	})
	return p, found
}

// start starts a server and waits until it is ready.
func (h *house) start(args ...string) *process {
	h.Helper()
	p, address := h.launch(args...)
	select {
	case p.address = <-address:
	case <-p.ended:
		h.Fatalf("the server ended at its start:\n%s", p.log)
	case <-time.After(startTime):
		h.Fatalf("the server does not start:\n%s", p.log)
	}
	return p
}

// kill ends the process without a chance to do anything.
func (p *process) kill() {
	p.killed = true
	_ = p.cmd.Process.Signal(syscall.SIGKILL)
	<-p.ended
}

// stop asks the process to end and returns its exit code.
func (p *process) stop() int {
	p.h.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.h.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(stopTime):
		p.h.Fatalf("the server does not stop:\n%s", p.log)
	}
	return p.cmd.ProcessState.ExitCode()
}

// tail keeps the end of what a process printed.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	const most = 32 << 10
	t.buf = append(t.buf, b...)
	if len(t.buf) > 2*most {
		t.buf = append([]byte(nil), t.buf[len(t.buf)-most:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.buf)
}

// eventually waits until a condition holds. It looks again and again: what
// the server does next is told to nobody outside in another way.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), startTime)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("waited %v in vain until %s", startTime, what)
		}
	}
}
