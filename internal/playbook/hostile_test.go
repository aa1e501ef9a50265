package playbook

import (
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Files that are built to be slow or to overflow a stack are refused, or at
// least read, in reasonable time.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	const n = 1 << 19
	deep := func(s string, step int) string {
		var b strings.Builder
		for i := range 600 {
			b.WriteString(strings.Repeat(" ", i*step) + s + "\n")
		}
		return b.String()
	}
	for name, src := range map[string]string{
		"brackets":     strings.Repeat("[", n),
		"braces":       strings.Repeat("{a: ", n/4),
		"dashes":       strings.Repeat("- ", n/2) + "x",
		"questions":    strings.Repeat("? ", n/2) + "x",
		"indent maps":  deep("a:", 1),
		"indent lists": deep("-", 2),
		"keys":         strings.Repeat("a: b\n", n/5),
		"items":        "rules:\n" + strings.Repeat("- a\n", n/4),
		"long word":    "playbook: " + strings.Repeat("a", n),
		"many lines":   "playbook: |\n" + strings.Repeat("  x\n", n/4),
		"quotes":       strings.Repeat("\"", n),
		"anchors":      strings.Repeat("&a ", n/3),
		"colons":       strings.Repeat(":", n),
		"comments":     strings.Repeat("#\n", n/2),
		"parens":       "playbook: p\nrules:\n  - {name: a, on: post, when: '" + strings.Repeat("(", 3000) + "', do: [{resolve: {}}]}\n",
		"terms":        "playbook: p\nrules:\n  - {name: a, on: post, when: '" + strings.Repeat("true&&", 600) + "true', do: [{resolve: {}}]}\n",
		"flow":         "a: {" + strings.Repeat("b: c[0], ", n/9) + "}",
		"fewer keys":   strings.Repeat("a: b\n", 19_000),
		"flow keys":    "a: {\n" + strings.Repeat(strings.Repeat("b: c, ", 50)+"\n", 3000) + "}",
		"flow items":   "a: [\n" + strings.Repeat(strings.Repeat("b, ", 100)+"\n", 3000) + "]",
		"nul":          strings.Repeat("\x00", n),
		"tabs":         strings.Repeat("\t", n) + "a: b",
		"too long":     strings.Repeat("a", maxSource+1),
	} {
		begin := time.Now()
		_, err := Compile("hostile.yaml", []byte(src), domain.DefaultPolicy())
		// Half a second is the rule; the limit is far above it, since a busy
		// machine is no fault of the file's.
		if d := time.Since(begin); d > 2*time.Minute {
			t.Errorf("%s took %v", name, d)
		} else if d > 500*time.Millisecond {
			t.Logf("%s took %v", name, d)
		}
		if err == nil && name != "terms" {
			t.Errorf("%s compiled", name)
		}
	}
}
