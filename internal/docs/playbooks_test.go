package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/playbook"
)

// row is a line of the page's table of names.
var row = regexp.MustCompile("(?m)^\\| `([a-z_.]+)` \\| ([a-z ]+) \\| ?(public)? ?\\| (.*) \\|$|^\\| `([a-z_.]+)` \\| ([a-z ]+) \\| ?(public)? ?\\| \\|$")

// TestPlaybookGuideIsComplete holds docs/playbooks.md against what playbooks
// can do: every function with its arguments, every field with its type, its
// words and whether it is public, and nothing that is not there.
func TestPlaybookGuideIsComplete(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile(filepath.Join(root, "docs/playbooks.md"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(src)
	type entry struct {
		typ, about string
		public     bool
	}
	told := map[string]entry{}
	for _, m := range row.FindAllStringSubmatch(page, -1) {
		if m[1] == "" {
			m = append(m[:1:1], m[5], m[6], m[7], "")
		}
		told[m[1]] = entry{m[2], m[4], m[3] == "public"}
	}
	for _, f := range playbook.Fields() {
		e, ok := told[f.Name]
		delete(told, f.Name)
		switch {
		case !ok:
			t.Errorf("the field %s has no row", f.Name)
		case e.typ != f.Type || e.public != f.Public:
			t.Errorf("the row of %s says %q, public %v; it is %q, public %v", f.Name, e.typ, e.public, f.Type, f.Public)
		}
		for _, w := range f.Words {
			if !strings.Contains(page, "`"+w+"`") && w != "" {
				t.Errorf("%s can be %q, which the page does not say", f.Name, w)
			}
		}
	}
	for name := range told {
		t.Errorf("the page has a row for %s, which no expression can read", name)
	}
	for _, f := range playbook.Functions() {
		line := regexp.MustCompile("(?m)^\\| `" + f.Name + "` \\|([^|]*)\\|").FindStringSubmatch(page)
		if line == nil {
			t.Errorf("the function %s has no row", f.Name)
			continue
		}
		args := regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(line[1], -1)
		var names []string
		for _, a := range args {
			names = append(names, a[1])
		}
		if strings.Join(names, " ") != strings.Join(f.Args, " ") {
			t.Errorf("the row of %s has the arguments %v; it takes %v", f.Name, names, f.Args)
		}
	}
	for _, name := range append(playbook.Calls(), append(playbook.EventTypes(), playbook.EngineTemplates...)...) {
		if !regexp.MustCompile("`(case\\.)?" + regexp.QuoteMeta(name) + "[`(]").MatchString(page) {
			t.Errorf("%s is not mentioned", name)
		}
	}
}
