package playbook

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"github.com/contact-advocate/advocate/internal/domain"
)

// queue reads a queue's name; the policy knows which there are.
func (b *builder) queue(n *node) string {
	if n == nil {
		return ""
	}
	var known []string
	for name := range b.p.policy.Queues {
		known = append(known, name)
	}
	slices.Sort(known)
	if len(known) == 0 {
		known = nil
	}
	return b.r.argWord(n, "queue", known)
}

var priorities = map[string]int{"low": domain.PriorityLow, "normal": domain.PriorityNormal, "high": domain.PriorityHigh, "urgent": domain.PriorityUrgent}

func (b *builder) priority(n *node) (fixed int, e *expr) {
	if n == nil {
		return 0, nil
	}
	const expected = "low, normal, high, urgent, a number from 1 to 100, or an expression"
	s, ok := b.r.word(n, "priority")
	if !ok {
		return 0, nil
	}
	if v, ok := priorities[s]; ok {
		return v, nil
	}
	if v, err := strconv.Atoi(s); err == nil {
		if v < 1 || v > 100 {
			b.r.at(n, expected, "", "priority is %d", v)
		}
		return v, nil
	}
	if isName(s) && !strings.Contains(s, ".") {
		b.r.at(n, expected, domain.Nearest(s, []string{"low", "normal", "high", "urgent"}), "priority is %q", s)
		return 0, nil
	}
	return 0, b.c.expression(b.r, n, n.text, blockLine(n), quoteColumn(n), func(t *cel.Type) bool {
		return t.Kind() == cel.IntKind || t.Kind() == cel.DynKind
	}, expected)
}

func (b *builder) workItem(n *node) resolver {
	kindNode := b.need(n, "work_item", "kind")
	if kindNode == nil {
		return nil
	}
	out := WorkItem{Kind: domain.WorkItemKind(b.r.argWord(kindNode, "kind", []string{"callback", "review", "expert"})), Queue: b.queue(n.get("queue"))}
	var skills []*argument
	if v := n.get("skills"); v != nil {
		for _, s := range b.r.words(v, "skills") {
			if g := b.c.argText(b.r, s, "skills"); g != nil {
				skills = append(skills, g)
			}
		}
	}
	fixed, computed := b.priority(n.get("priority"))
	if v := n.get("due"); v != nil {
		out.Due = b.r.argDuration(v, "due")
	}
	if v := n.get("about"); v != nil {
		out.About = b.r.argWord(v, "about", []string{"post"})
	}
	note := b.optional(n, "note")
	return func(a activation) (Action, error) {
		act := out
		act.Priority = fixed
		if computed != nil {
			v, err := computed.eval(a)
			if err != nil {
				return nil, fmt.Errorf("argument priority: %w", err)
			}
			i, ok := v.(types.Int)
			if !ok {
				return nil, errors.New("argument priority: did not come to a number")
			}
			act.Priority = int(max(1, min(100, i)))
		}
		for _, g := range skills {
			s, err := g.text(a)
			if err != nil {
				return nil, err
			}
			if s != "" && !slices.Contains(act.Skills, s) {
				act.Skills = append(act.Skills, s)
			}
		}
		var err error
		act.Note, err = note.text(a)
		return act, err
	}
}

func (b *builder) promise(n *node) resolver {
	what := b.need(n, "promise", "what")
	if what == nil {
		return nil
	}
	name := b.c.argText(b.r, what, "what")
	var out Promise
	var by *argument
	switch within, byNode := n.get("within"), n.get("by"); {
	case within != nil && byNode != nil:
		b.r.at(n, "within or by", "", "promise has both within and by")
	case within != nil:
		out.Within = b.r.argDuration(within, "within")
	case byNode != nil:
		by = b.c.argMoment(b.r, byNode, "by")
	default:
		b.r.at(n, "within or by", "", "promise has no time")
	}
	if v := n.get("kept_by"); v != nil {
		out.KeptBy = b.eventPattern(v, "kept_by")
	}
	return func(a activation) (Action, error) {
		act := out
		var err error
		if act.What, err = name.needed(a); err != nil {
			return nil, err
		}
		act.By, err = by.moment(a)
		return act, err
	}
}

func (b *builder) remind(n *node) resolver {
	name := b.need(n, "remind", "name")
	if name == nil {
		return nil
	}
	out := Remind{Name: b.r.argWord(name, "name", nil)}
	b.reminders = append(b.reminders, out.Name)
	var at *argument
	switch in, atNode := n.get("in"), n.get("at"); {
	case in != nil && atNode != nil:
		b.r.at(n, "in or at", "", "remind has both in and at")
	case in != nil:
		out.In = b.r.argDuration(in, "in")
	case atNode != nil:
		at = b.c.argMoment(b.r, atNode, "at")
	default:
		b.r.at(n, "in or at", "", "remind has no time")
	}
	return func(a activation) (Action, error) {
		act := out
		var err error
		act.At, err = at.moment(a)
		return act, err
	}
}

// updatable fields, with their words where they have a closed set.
var (
	updateCase     = map[string][]string{"topic": topicWords, "urgency": urgencyWords, "sentiment": sentimentWords, "intent": intentWords}
	updateCustomer = map[string][]string{"lang": nil, "tier": nil, "time_zone": nil}
)

func (b *builder) update(n *node) resolver {
	if n.get("case") == nil && n.get("customer") == nil {
		b.r.at(n, "case or customer", "", "update changes nothing")
	}
	read := func(what string, fields map[string][]string) []*argument {
		v := n.get(what)
		if v == nil || !b.r.isMap(v, "update "+what) {
			return nil
		}
		names := sortedKeys(fields)
		var out []*argument
		for _, e := range v.entries {
			words, ok := fields[e.key]
			if !ok {
				b.r.oneOf(e.at, "a playbook cannot set "+what, e.key, names)
				continue
			}
			g := b.c.argText(b.r, e.value, e.key)
			if g == nil {
				continue
			}
			if words != nil && g.expr == nil && !slices.Contains(words, g.literal) {
				b.r.oneOf(e.value, e.key+" is", g.literal, words)
			}
			out = append(out, g)
		}
		return out
	}
	matter, customer := read("case", updateCase), read("customer", updateCustomer)
	resolve := func(a activation, in []*argument, fields map[string][]string) (map[string]string, error) {
		if len(in) == 0 {
			return nil, nil
		}
		out := make(map[string]string, len(in))
		for _, g := range in {
			s, err := g.needed(a)
			if err != nil {
				return nil, err
			}
			if words := fields[g.name]; words != nil && !slices.Contains(words, s) {
				return nil, fmt.Errorf("argument %s: %q is not %s", g.name, domain.Clip(s, 40), list(words))
			}
			out[g.name] = s
		}
		return out, nil
	}
	return func(a activation) (Action, error) {
		c, err := resolve(a, matter, updateCase)
		if err != nil {
			return nil, err
		}
		p, err := resolve(a, customer, updateCustomer)
		return Update{Case: c, Customer: p}, err
	}
}

// verify asks for the secret of an order: the one in focus unless it is named.
func (b *builder) verify(n *node) resolver {
	order := b.optional(n, "order")
	return func(a activation) (Action, error) {
		s, err := order.needed(a)
		if err != nil {
			return nil, err
		}
		if s == "" {
			switch v := a.v; {
			case v.Order != nil && v.Order.ID != "":
				s = v.Order.ID
			case len(v.matter().OrderRefs) > 0:
				s = v.matter().OrderRefs[len(v.matter().OrderRefs)-1]
			default:
				return nil, errors.New("argument order: no order is known")
			}
		}
		return Verify{Order: domain.FoldRef(s)}, nil
	}
}

func (b *builder) handover(n *node) resolver {
	queue, why := b.queue(n.get("queue")), b.optional(n, "why")
	return func(a activation) (Action, error) {
		s, err := why.text(a)
		return Handover{Queue: queue, Why: s}, err
	}
}

func (b *builder) resolve(n *node) resolver {
	out := Resolve{Outcome: "answered"}
	if v := n.get("outcome"); v != nil {
		out.Outcome = b.r.argWord(v, "outcome", nil)
	}
	return func(activation) (Action, error) { return out, nil }
}
