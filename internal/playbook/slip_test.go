package playbook

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Not each line is tried: the parser takes its time over a file of this length.
const sampled = 17

// TestSlipBegins damages the built-in playbook line by line, one mistake at a
// time: if the file is refused as YAML, the line that is named must be the
// damaged one.
func TestSlipBegins(t *testing.T) {
	t.Parallel()
	lines := strings.Split(string(Default()), "\n")
	damages := map[string]func(line string) string{
		"a tab":               func(l string) string { return "\t" + strings.TrimLeft(l, " ") },
		"one space more":      func(l string) string { return " " + l },
		"one space less":      func(l string) string { return strings.TrimPrefix(l, " ") },
		"no colon":            func(l string) string { return strings.Replace(l, ":", "", 1) },
		"no space":            func(l string) string { return strings.Replace(l, ": ", ":", 1) },
		"no space for a dash": func(l string) string { return strings.Replace(l, "  - ", "  -", 1) },
		"a quote opens":       func(l string) string { return strings.Replace(l, ": ", `: "`, 1) },
		"another one opens":   func(l string) string { return strings.Replace(l, ": ", `: '`, 1) },
		"no end of a list":    func(l string) string { return strings.Replace(l, "]", "", 1) },
		"no end of a map":     func(l string) string { return strings.TrimSuffix(l, "}") },
		"one end too many":    func(l string) string { return strings.Replace(l, "]", "]]", 1) },
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused, missed := 0, 0
			for i := 8; i < len(lines); i += sampled {
				line := lines[i]
				text := strings.TrimSpace(line)
				if text == "" || text[0] == '#' || !keyLook.MatchString(strings.TrimPrefix(text, "- ")) {
					continue // only where a key or an item begins
				}
				if strings.HasPrefix(name, "one space") && indentOf(lines[i-1]) != indentOf(line) {
					continue // the first of a block says how far the others stand in
				}
				damaged := append([]string{}, lines...)
				damaged[i] = damage(line)
				if damaged[i] == line {
					continue
				}
				p, ok := refusedAsYAML(strings.Join(damaged, "\n"))
				if !ok {
					continue // it means something else now, which other checks tell
				}
				refused++
				if p.Line != i+1 {
					missed++
					t.Logf("line %d, %q: told of line %d: %s", i+1, damaged[i], p.Line, p.What)
				}
			}
			if refused == 0 || missed > 0 {
				t.Errorf("%d of %d were told elsewhere", missed, refused)
			}
		})
	}
}

func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// refusedAsYAML returns the problem of a file that is no YAML.
func refusedAsYAML(src string) (Problem, bool) {
	r := &report{file: "p.yaml"}
	if parseYAML(r, []byte(src)) != nil || len(r.found) == 0 || strings.Contains(r.found[0].What, "twice") {
		return Problem{}, false
	}
	return r.found[0], true
}

// TestSlipNone: what can be read has no slip, whatever else is wrong with it.
func TestSlipNone(t *testing.T) {
	t.Parallel()
	var files []string
	for _, pattern := range []string{"*.yaml", "scenarios/*.yaml", "testdata/problems/*.yaml", "../../examples/*.yaml", "../../examples/*/*.yaml"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	read := 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Compile(file, src, domain.DefaultPolicy())
		var ps Problems
		if errors.As(err, &ps) && parseYAML(&report{}, src) == nil {
			continue
		}
		read++
		if s := findSlip(strings.Split(string(src), "\n")); s != nil {
			t.Errorf("%s:%d: %s", file, s.line, s.what)
		}
	}
	if read < 30 {
		t.Errorf("only %d files were looked at", read)
	}
}
