package playbook

import (
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"github.com/contact-advocate/advocate/internal/domain"
)

// FuzzCompile looks for panics and for playbooks that compile and then
// cannot be used.
func FuzzCompile(f *testing.F) {
	files, _ := filepath.Glob("testdata/problems/*.yaml")
	for _, file := range files {
		if src, err := os.ReadFile(file); err == nil {
			f.Add(src)
		}
	}
	f.Add([]byte("playbook: p\nrules:\n  - {name: a, on: post, when: 'size(post.text) > 3', do: [{lookup: {component: x, id: post.order_refs[0]}}]}\n"))
	f.Add([]byte("playbook: p\nrules: []\ntemplates: {x: {en: '[[if order.late]]{order.eta}[[else]]{{[[end]]'}}\n"))
	policy := domain.DefaultPolicy()
	f.Fuzz(func(t *testing.T, src []byte) {
		p, err := Compile("fuzz.yaml", src, policy)
		if err != nil {
			_ = err.Error()
			return
		}
		v := testView()
		for _, r := range p.AllRules() {
			_, _, _ = r.Eval(v)
			for i := range r.Steps() {
				_, _ = r.Resolve(i, v)
			}
		}
		for name := range p.templates {
			if out, err := p.Render(name, "en", v); err == nil && (len(out.Text) > maxMessage || !utf8.ValidString(out.Text)) {
				t.Errorf("%s: %q", name, out.Text)
			}
		}
	})
}

// FuzzScenarios looks for panics.
func FuzzScenarios(f *testing.F) {
	for _, src := range DefaultScenarios() {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) { _, _ = ParseScenarios("fuzz.yaml", src) })
}

// FuzzHarmless checks that no value keeps what makes a mention or a link.
func FuzzHarmless(f *testing.F) {
	f.Add("a@b evil.com https://x.y #tag <b> [x](y)")
	f.Fuzz(func(t *testing.T, s string) {
		out := harmless(domain.CleanText(s))
		for _, bad := range []string{"@", "＠", "://", "<", ">", "\n", "[", "]"} {
			for i := 0; i+len(bad) <= len(out); i++ {
				if out[i:i+len(bad)] == bad {
					t.Fatalf("%q in %q from %q", bad, out, s)
				}
			}
		}
		if isPlainLink(out) || utf8.RuneCountInString(out) > 2*maxValueRunes {
			t.Fatalf("%q from %q", out, s)
		}
		_ = Guard(s, testView())
	})
}
