package playbook

import (
	"slices"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

// TestOutlineIsWhatTheCompilerReads: the outline of a playbook has its rules
// in their order, lines and conditions as the compiled one has them.
func TestOutlineIsWhatTheCompilerReads(t *testing.T) {
	t.Parallel()
	p, err := Compile("default.yaml", Default(), domain.DefaultPolicy())
	if err != nil {
		t.Fatal(err)
	}
	out := Outline(Default())
	if len(out) != len(p.AllRules()) {
		t.Fatalf("%d rules are outlined, %d compiled", len(out), len(p.AllRules()))
	}
	for i, r := range p.AllRules() {
		if o := out[i]; o.Name != r.Name || o.Line != r.Line || o.When != r.When || o.Once != r.Once || !slices.Equal(o.On, r.on) {
			t.Errorf("rule %s (line %d) is outlined as %+v", r.Name, r.Line, o)
		}
	}
}

func TestOutlineOfWhatIsNoPlaybook(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"", "a", "rules", "rules: 3", "rules:\n  - 7\n  - name: x\n", "rules: [", "{}"} {
		for _, o := range Outline([]byte(source)) {
			if o.Name != "x" || o.Line != 3 {
				t.Errorf("%q: %+v", source, o)
			}
		}
	}
}
