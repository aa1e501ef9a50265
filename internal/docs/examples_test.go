package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/contact-advocate/advocate/internal/playbook"
)

// TestEditorsExamplePlays: the scenarios that the console's editor begins with
// hold for the built-in playbook.
func TestEditorsExamplePlays(t *testing.T) {
	t.Parallel()
	const name = "web/src/pages/playbooks/example.yaml"
	src, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := playScenarios(t.Context(), name, src, playbook.Default()); err != nil {
		t.Error(err)
	}
}

var (
	aRule    = regexp.MustCompile(`(?m)^ *- name: (\S+)`)
	itsWork  = regexp.MustCompile(`work_item: \{kind: (\w+),[^\n]*?\bdue: (\w+)`)
	itsWords = regexp.MustCompile(`promise: \{what: (\w+), within: (\w+)`)
)

// TestOneDeadline: in what people copy, the customer is promised the time that
// the agent sees.
func TestOneDeadline(t *testing.T) {
	t.Parallel()
	texts := map[string]string{}
	examples, err := filepath.Glob(filepath.Join(root, "examples/playbooks/*.yaml"))
	if err != nil || len(examples) == 0 {
		t.Fatal("no example playbooks", err)
	}
	for _, path := range append(examples, filepath.Join(root, "internal/playbook/default.yaml")) {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[path] = string(src)
	}
	for _, p := range pages(t) {
		for i := range p.blocks {
			texts[p.name] += p.blocks[i].text + "\n"
		}
	}
	seen := 0
	for name, text := range texts {
		at := aRule.FindAllStringSubmatchIndex(text, -1)
		for i, m := range at {
			end := len(text)
			if i+1 < len(at) {
				end = at[i+1][0]
			}
			due := map[string]string{}
			for _, w := range itsWork.FindAllStringSubmatch(text[m[0]:end], -1) {
				due[w[1]] = w[2]
			}
			for _, p := range itsWords.FindAllStringSubmatch(text[m[0]:end], -1) {
				if of, ok := due[p[1]]; ok {
					seen++
					if of != p[2] {
						t.Errorf("%s, rule %s: the %s is promised within %s and due in %s", name, text[m[2]:m[3]], p[1], p[2], of)
					}
				}
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d promises with work are found: is the form still known?", seen)
	}
}
