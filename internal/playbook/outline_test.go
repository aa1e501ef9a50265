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

func TestNameOf(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"playbook: retail-care\nrules: []\n":         "retail-care",
		"# playbook: no\nplaybook:  'a b'  # why\n":  "a b",
		"csat: off\nplaybook: \"x # y\"\r\n":         "x # y",
		"playbook: mine # of last year\nrules: []\n": "mine",
		"  playbook: within\n":                       "",
		"playbook:\n  more: 1\n":                     "",
		"":                                           "",
	} {
		if got := NameOf([]byte(src)); got != want {
			t.Errorf("%q: %q, not %q", src, got, want)
		}
	}
	pb, err := Compile("default", Default(), domain.DefaultPolicy())
	if err != nil || NameOf(Default()) != pb.Name() {
		t.Errorf("the built-in one is %q to its readers and %q to itself, %v", NameOf(Default()), pb.Name(), err)
	}
}
