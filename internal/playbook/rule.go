package playbook

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Limits on a playbook.
const (
	maxRules     = 500
	maxSteps     = 50
	maxTriggers  = 50
	maxTemplates = 500
)

// Rule is one compiled rule.
type Rule struct {
	Name string
	Line int
	When string // source text of its condition, "" for always
	Once string // "", "case"

	p     *Playbook
	on    []string
	when  *expr
	steps []step
	parts func() []part // of the condition, for the explanation
}

type step struct {
	name    string
	resolve resolver
}

// part is one conjunct of a condition and what is worth showing of it.
type part struct {
	source string
	shown  *expr // nil: the conjunct as a whole, which is true when the rule fires
}

// builder compiles one playbook.
type builder struct {
	r         *report
	c         *compiler
	p         *Playbook
	condition *expr // of the rule being read, nil if it has none
	reminders []string
	waits     []waiting
	replies   []replyUse // checked once all templates are known
}

func (b *builder) rules(n *node) {
	if n.kind != listNode {
		b.r.at(n, "a list of rules", "", "rules is %s", n.kind)
		return
	}
	if len(n.items) > maxRules {
		b.r.at(n, fmt.Sprintf("at most %d", maxRules), "", "there are %d rules", len(n.items))
		return
	}
	lines := map[string]int{}
	for _, item := range n.items {
		rule := b.rule(item)
		if rule == nil {
			continue
		}
		if first, twice := lines[rule.Name]; twice {
			b.r.put(Problem{Line: rule.Line, What: fmt.Sprintf("there are two rules named %q, the first in line %d", rule.Name, first), Expected: "a name of its own for each rule"})
			continue
		}
		if rule.Name != "" {
			lines[rule.Name] = rule.Line
		}
		b.p.rules = append(b.p.rules, rule)
	}
	for _, w := range b.waits {
		if !slices.Contains(b.reminders, w.name) {
			expected := "a reminder that some rule sets with remind"
			b.r.at(w.at, expected, domain.Nearest(w.name, b.reminders), "no rule sets the reminder %q", w.name)
		}
	}
}

func (b *builder) rule(n *node) *Rule {
	if !b.r.isMap(n, "a rule") {
		return nil
	}
	b.r.keys(n, "a rule", "name", "on", "when", "once", "do")
	rule := &Rule{Line: n.line, p: b.p}
	if v := n.get("name"); v == nil {
		b.r.at(n, "name", "", "the rule has no name")
	} else if s, ok := b.r.word(v, "name"); ok {
		if !isRuleName(s) {
			b.r.at(v, "lower-case letters, digits and \"-\", at most 80", "", "the rule's name is %q", domain.Clip(s, 80))
		}
		rule.Name = s
	}
	if v := n.get("on"); v == nil {
		b.r.at(n, "on", "", "rule %q listens to nothing", rule.Name)
	} else {
		words := b.r.words(v, "on")
		if len(words) > maxTriggers {
			b.r.at(v, fmt.Sprintf("at most %d", maxTriggers), "", "rule %q has %d triggers", rule.Name, len(words))
			words = words[:maxTriggers]
		}
		for _, w := range words {
			if s, ok := b.trigger(w); ok && !slices.Contains(rule.on, s) {
				rule.on = append(rule.on, s)
			}
		}
		if v.kind == listNode && len(v.items) == 0 {
			b.r.at(v, "at least one trigger", "", "rule %q listens to nothing", rule.Name)
		}
	}
	if v := n.get("once"); v != nil {
		rule.Once = b.r.argWord(v, "once", []string{"case"})
	}
	b.when(rule, n.get("when"))
	b.condition = rule.when
	b.steps(rule, n)
	return rule
}

func isRuleName(s string) bool {
	if len(s) > 80 {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && s != ""
}

func isBool(t *cel.Type) bool { return t.Kind() == cel.BoolKind || t.Kind() == cel.DynKind }

func (b *builder) when(rule *Rule, n *node) {
	if n == nil {
		return
	}
	s, ok := b.r.word(n, "when")
	if !ok {
		return
	}
	rule.When = strings.Join(strings.Fields(s), " ")
	rule.when = b.c.expression(b.r, n, n.text, blockLine(n), quoteColumn(n), isBool, "a condition: true or false")
	rule.parts = sync.OnceValue(func() []part { return partsOf(rule.When) })
}

func (b *builder) steps(rule *Rule, n *node) {
	do := n.get("do")
	if do == nil {
		b.r.at(n, "do", "", "rule %q does nothing", rule.Name)
		return
	}
	if do.kind != listNode {
		b.r.at(do, "a list of steps", "", "do is %s", do.kind)
		return
	}
	if len(do.items) == 0 {
		b.r.at(do, "at least one step", "", "rule %q does nothing", rule.Name)
	}
	if len(do.items) > maxSteps {
		b.r.at(do, fmt.Sprintf("at most %d", maxSteps), "", "rule %q has %d steps", rule.Name, len(do.items))
		return
	}
	for _, item := range do.items {
		if resolve := b.step(item); resolve != nil {
			rule.steps = append(rule.steps, step{item.entries[0].key, resolve})
		}
	}
}

// Eval evaluates the condition. values are given when it is true: each part
// of its top-level conjunction with what its left side came to, or "true"
// where a part is not a comparison. An error means that the rule does not fire.
func (r *Rule) Eval(v *View) (fires bool, values []domain.Value, err error) {
	if r.when == nil {
		return true, nil, nil
	}
	a := v.ready(r.p.policy.Company)
	out, err := r.when.eval(a)
	if err != nil {
		return false, nil, err
	}
	b, ok := out.(types.Bool)
	if !ok {
		return false, nil, fmt.Errorf("the condition came to %s, not to true or false", shownText(out))
	}
	if !b {
		return false, nil, nil
	}
	for _, p := range r.parts() {
		value := domain.Value{Expr: p.source, Value: "true"}
		if p.shown != nil {
			if x, err := p.shown.eval(a); err == nil {
				value.Value = shownText(x)
			}
		}
		values = append(values, value)
	}
	return true, values, nil
}

// Steps is how many actions the rule has.
func (r *Rule) Steps() int { return len(r.steps) }

// Resolve evaluates the arguments of one step. An argument that cannot be
// evaluated is an error that names it; the step is then skipped.
func (r *Rule) Resolve(step int, v *View) (Action, error) {
	if step < 0 || step >= len(r.steps) {
		return nil, errors.New("there is no such step")
	}
	act, err := r.steps[step].resolve(v.ready(r.p.policy.Company))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.steps[step].name, err)
	}
	return act, nil
}

// partsOf splits a condition at its top-level "&&". One with "||" or "?" at
// the top is a single part.
func partsOf(src string) []part {
	c, err := newCompiler()
	if err != nil {
		return nil
	}
	pieces, mixed := splitTop(src, "&&")
	if mixed {
		pieces = []string{src}
	}
	var out []part
	for _, s := range pieces {
		s = strings.TrimSpace(s)
		p := part{source: domain.Clip(s, 200)}
		for _, op := range []string{"==", "!=", "<=", ">=", "<", ">", " in "} {
			sides, mixed := splitTop(s, op)
			if mixed || len(sides) != 2 {
				continue
			}
			if left, problems := c.compile(strings.TrimSpace(sides[0])); problems == nil && len(left.uses) > 0 {
				p.shown = left
			}
			break
		}
		out = append(out, p)
	}
	return out
}

// splitTop splits at an operator outside brackets and quotes; mixed reports
// a "||" or "?" there.
func splitTop(src, op string) (pieces []string, mixed bool) {
	depth, start := 0, 0
	var quote byte
	for i := 0; i < len(src); i++ {
		ch := src[i]
		switch {
		case quote != 0:
			if ch == '\\' {
				i++
			} else if ch == quote {
				quote = 0
			}
		case ch == '"' || ch == '\'':
			quote = ch
		case ch == '(' || ch == '[' || ch == '{':
			depth++
		case ch == ')' || ch == ']' || ch == '}':
			depth--
		case depth > 0:
		case ch == '?' || strings.HasPrefix(src[i:], "||"):
			return nil, true
		case strings.HasPrefix(src[i:], op):
			pieces = append(pieces, src[start:i])
			i += len(op) - 1
			start = i + 1
		}
	}
	return append(pieces, src[start:]), false
}
