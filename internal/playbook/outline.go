package playbook

import (
	"regexp"
	"strings"
)

// A top-level key stands at the beginning of its line.
var nameLine = regexp.MustCompile(`(?m)^playbook:[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^"'#\s][^\n]*?))[ \t]*(?:\s#[^\n]*)?\r?$`)

// NameOf is the name that a playbook gives itself, "" if none can be seen. It
// does not parse the file, so that it can be asked of many.
func NameOf(source []byte) string {
	m := nameLine.FindSubmatch(source)
	if m == nil {
		return ""
	}
	return strings.TrimSpace(string(m[1]) + string(m[2]) + string(m[3]))
}

// RuleOutline is how a rule stands in its file.
type RuleOutline struct {
	Name string
	Line int      // of its beginning, from 1
	On   []string // its triggers, as they are written
	When string   // its condition on one line; empty: always
	Once string
}

// Outline reads the rules of a playbook in file order without compiling it:
// what does not parse is left out. It is for showing a version that decided
// once, which need not compile any more.
func Outline(source []byte) []RuleOutline {
	r := &report{}
	rules := parseYAML(r, source).get("rules")
	if rules == nil {
		return nil
	}
	var out []RuleOutline
	for _, n := range rules.items {
		name := n.get("name")
		if name == nil || name.text == "" {
			continue
		}
		o := RuleOutline{Name: name.text, Line: n.line}
		if on := n.get("on"); on != nil {
			if on.kind == scalarNode {
				o.On = []string{on.text}
			}
			for _, t := range on.items {
				o.On = append(o.On, t.text)
			}
		}
		if when := n.get("when"); when != nil {
			o.When = strings.Join(strings.Fields(when.text), " ")
		}
		if once := n.get("once"); once != nil {
			o.Once = once.text
		}
		out = append(out, o)
	}
	return out
}
