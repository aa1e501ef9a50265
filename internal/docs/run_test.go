package docs

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	shownAddress = "127.0.0.1:8080" // as the pages write it
	pageTime     = 2 * time.Minute
)

// program is the real program, built when the first test asks for it.
var program struct {
	once sync.Once
	dir  string
	err  error
}

func binary(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds the program")
	}
	program.once.Do(func() {
		if program.dir, program.err = os.MkdirTemp("", "advocate-docs-"); program.err != nil {
			return
		}
		out, err := exec.Command("go", "build", "-o", program.dir, "../../cmd/advocate").CombinedOutput()
		if err != nil {
			program.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	if program.err != nil {
		t.Fatal(program.err)
	}
	return filepath.Join(program.dir, "advocate")
}

func TestMain(m *testing.M) {
	code := m.Run()
	if program.dir != "" {
		os.RemoveAll(program.dir)
	}
	os.Exit(code)
}

// TestGeneratedFilesAreFresh: what is committed is what the program writes.
func TestGeneratedFilesAreFresh(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), binary(t), "docs", dir).CombinedOutput(); err != nil {
		t.Fatalf("advocate docs: %v\n%s", err, out)
	}
	for _, name := range []string{"docs/reference/commands.md", "docs/reference/config.md", "internal/httpapi/openapi.json"} {
		want, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(root, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the program writes now; make generate and commit it (%v)", name, err)
		}
	}
}

// TestCommands runs the commands of every page.
func TestCommands(t *testing.T) {
	t.Parallel()
	path := binary(t)
	for _, p := range pages(t) {
		if s := scriptOf(&p); s != "" {
			t.Run(p.name, func(t *testing.T) {
				t.Parallel()
				runPage(t, &p, s, filepath.Dir(path))
			})
		}
	}
}

// mark divides a page's output by its blocks.
const mark = "=-=-= block "

// scriptOf makes one script of a page's blocks, "" when none is to be run.
func scriptOf(p *page) string {
	var s strings.Builder
	runs := false
	for i := range p.blocks {
		b := &p.blocks[i]
		if name := b.file(); name != "" {
			fmt.Fprintf(&s, "mkdir -p \"$(dirname '%s')\"\ncat > '%s' <<'THE END OF THE FILE'\n%sTHE END OF THE FILE\n", name, name, b.text)
		}
		switch {
		case b.is("sh", "run"):
			runs = true
			fmt.Fprintf(&s, "echo '%s%d'\n%s", mark, i, b.text)
		case b.is("sh", "serve"):
			runs = true
			// the server's own stop is part of the test: it must end well
			fmt.Fprintf(&s, "echo '%s%d'\n{ %s\n} & server=$!\nready\n", mark, i, "exec "+strings.TrimSpace(b.text))
		}
	}
	if !runs {
		return ""
	}
	return `set -eu
server=
ready() {
	n=0
	until curl -fs "http://` + shownAddress + `/readyz" >/dev/null; do
		n=$((n + 1))
		if [ $n -gt 300 ] || ! kill -0 $server; then echo "the server is not ready"; exit 1; fi
		sleep 0.1
	done
}
quit() { code=$?; if [ -n "$server" ]; then kill $server; wait $server || { code=$?; echo "the server ended with $code"; }; fi; exit $code; }
trap quit EXIT
` + s.String() + "echo '" + mark + "end'\n"
}

func runPage(t *testing.T, p *page, script, bin string) {
	for _, tool := range []string{"sh", "curl", "openssl", "base64"} {
		if _, err := exec.LookPath(tool); err != nil && strings.Contains(script, tool+" ") {
			t.Skipf("the page uses %s, which is not installed", tool)
		}
	}
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "examples"), os.DirFS(filepath.Join(root, "examples"))); err != nil {
		t.Fatal(err)
	}
	addr := freeAddress(t)
	script = strings.ReplaceAll(script, shownAddress, addr)
	ctx, cancel := context.WithTimeout(t.Context(), pageTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "ADVOCATE_LISTEN="+addr, "HOME="+dir, "USER=docs", "TZ=UTC", "NO_COLOR=1")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	raw, err := cmd.CombinedOutput()
	out := strings.ReplaceAll(string(raw), addr, shownAddress)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	outputs := map[int]string{}
	for _, part := range strings.Split(out, mark)[1:] {
		head, text, _ := strings.Cut(part, "\n")
		var i int
		if _, err := fmt.Sscan(head, &i); err == nil {
			outputs[i] = text
		}
	}
	last := -1
	for i := range p.blocks {
		b := &p.blocks[i]
		if b.is("sh", "run") || b.is("sh", "serve") {
			last = i
		}
		if b.is("text", "output") {
			if missing := firstMissing(b.text, outputs[last]); missing != "" {
				t.Errorf("%s:%d: the line %q does not come out; what does:\n%s", p.name, b.line, missing, outputs[last])
			}
		}
	}
}

// firstMissing is the first wanted line that got does not have, in order.
func firstMissing(want, got string) string {
	lines := strings.Split(got, "\n")
	for _, w := range strings.Split(want, "\n") {
		if w = strings.TrimSpace(w); w == "" {
			continue
		}
		var parts []string
		for _, s := range strings.Split(w, "…") {
			parts = append(parts, regexp.QuoteMeta(strings.TrimSpace(s)))
		}
		re := regexp.MustCompile(strings.Join(parts, ".*"))
		for len(lines) > 0 && !re.MatchString(lines[0]) {
			lines = lines[1:]
		}
		if len(lines) == 0 {
			return w
		}
		lines = lines[1:]
	}
	return ""
}

func freeAddress(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}
