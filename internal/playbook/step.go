package playbook

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/contact-advocate/advocate/internal/domain"
)

// resolver makes a step's action out of the view.
type resolver func(a activation) (Action, error)

// function is something a rule can do: its arguments and how they are read.
// read returns nil after reporting problems.
type function struct {
	args []string
	read func(b *builder, n *node) resolver
}

// functions in the order of the documentation.
var functions map[string]function

var functionOrder = []string{"reply", "lookup", "subscribe", "unsubscribe", "work_item", "promise", "remind",
	"update", "verify", "handover", "resolve", "notify", "emit"}

func init() {
	functions = map[string]function{
		"reply":       {[]string{"template", "text", "visibility", "valid_for"}, (*builder).reply},
		"lookup":      {[]string{"component", "id", "query"}, (*builder).lookup},
		"subscribe":   {[]string{"to", "where", "for", "since"}, (*builder).subscribe},
		"unsubscribe": {[]string{"to", "where"}, (*builder).unsubscribe},
		"work_item":   {[]string{"kind", "queue", "skills", "priority", "due", "about", "note"}, (*builder).workItem},
		"promise":     {[]string{"what", "within", "by", "kept_by"}, (*builder).promise},
		"remind":      {[]string{"in", "at", "name"}, (*builder).remind},
		"update":      {[]string{"case", "customer"}, (*builder).update},
		"verify":      {[]string{"order"}, (*builder).verify},
		"handover":    {[]string{"queue", "why"}, (*builder).handover},
		"resolve":     {[]string{"outcome"}, (*builder).resolve},
		"notify":      {[]string{"webhook", "role", "text"}, (*builder).notify},
		"emit":        {[]string{"type", "data"}, (*builder).emit},
	}
}

// components that come with the product, for "did you mean".
var components = []string{"orders", "customers", "knowledge", "queues", "notices"}

// step reads one entry of "do".
func (b *builder) step(n *node) resolver {
	if !b.r.isMap(n, "a step") {
		return nil
	}
	if len(n.entries) != 1 {
		b.r.at(n, "one function", "", "a step names %d functions", len(n.entries))
		return nil
	}
	e := n.entries[0]
	f, ok := functions[e.key]
	if !ok {
		b.r.oneOf(e.at, "there is no function", e.key, functionOrder)
		return nil
	}
	args := e.value
	if args.kind == nullNode {
		args = &node{kind: mapNode, line: e.at.line, column: e.at.column}
	}
	if args.kind != mapNode {
		b.r.at(args, "a map of "+strings.Join(f.args, ", "), "", "the arguments of %s are %s", e.key, args.kind)
		return nil
	}
	b.r.keys(args, e.key, f.args...)
	if len(args.entries) == 0 {
		args.line, args.column = e.at.line, e.at.column
	}
	return f.read(b, args)
}

// need returns an argument that a function cannot do without.
func (b *builder) need(n *node, fn, name string) *node {
	v := n.get(name)
	if v == nil {
		b.r.at(n, name, "", "%s needs %s", fn, name)
	}
	return v
}

func (b *builder) optional(n *node, name string) *argument {
	if v := n.get(name); v != nil {
		return b.c.argText(b.r, v, name)
	}
	return nil
}

func (b *builder) lookup(n *node) resolver {
	comp := b.need(n, "lookup", "component")
	if comp == nil {
		return nil
	}
	name := b.r.argWord(comp, "component", nil)
	if m := nearestWithin(name, components, 2); m != "" && m != name {
		b.r.at(comp, "the name of a component", m, "component %q", name)
	}
	if n.get("id") != nil && n.get("query") != nil {
		b.r.at(n, "id or query", "", "lookup has both id and query")
	}
	id, query := b.optional(n, "id"), b.optional(n, "query")
	return func(a activation) (Action, error) {
		idText, err := id.needed(a)
		if err != nil {
			return nil, err
		}
		queryText, err := query.needed(a)
		if err != nil {
			return nil, err
		}
		return Lookup{Component: name, ID: idText, Query: queryText}, nil
	}
}

// eventPattern reads event types; "*" only at the end, and never alone.
func (b *builder) eventPattern(n *node, what string) string {
	s, ok := b.r.word(n, what)
	if !ok {
		return ""
	}
	head := strings.TrimSuffix(s, "*")
	if head == "" || strings.Contains(head, "*") || !isName(strings.TrimSuffix(head, ".")) {
		b.r.at(n, `an event type such as order.delayed, or its beginning and "*"`, "", "%s %q", what, clip(s, 60))
		return ""
	}
	if head == s {
		if m := nearestWithin(s, knownEvents, 1); m != "" && m != s {
			b.r.at(n, "an event type", m, "%s %q", what, s)
		}
	}
	return s
}

type anchorArgument struct {
	attr  string
	value *argument
}

func (b *builder) where(n *node) []anchorArgument {
	var out []anchorArgument
	if n == nil {
		return nil
	}
	if !b.r.isMap(n, "where") {
		return nil
	}
	for _, e := range n.entries {
		if !slices.Contains(domain.AnchorAttributes, e.key) {
			b.r.oneOf(e.at, "where has no", e.key, domain.AnchorAttributes)
			continue
		}
		if v := b.c.argText(b.r, e.value, e.key); v != nil {
			out = append(out, anchorArgument{e.key, v})
		}
	}
	slices.SortStableFunc(out, func(x, y anchorArgument) int {
		return slices.Index(domain.AnchorAttributes, x.attr) - slices.Index(domain.AnchorAttributes, y.attr)
	})
	return out
}

func resolveAnchors(in []anchorArgument, a activation) ([]domain.Anchor, error) {
	var out []domain.Anchor
	for _, w := range in {
		s, err := w.value.text(a)
		if err != nil {
			return nil, err
		}
		anchor, ok := domain.NormalizeAnchor(domain.Anchor{Attr: w.attr, Value: s})
		if !ok {
			return nil, fmt.Errorf("argument where.%s: is empty", w.attr)
		}
		out = append(out, anchor)
	}
	return out, nil
}

func (b *builder) subscribe(n *node) resolver {
	to, where := b.need(n, "subscribe", "to"), n.get("where")
	if to == nil {
		return nil
	}
	pattern, anchors := b.eventPattern(to, "to"), b.where(where)
	if where == nil || where.kind == mapNode && len(where.entries) == 0 {
		b.r.at(n, "where with at least one of "+strings.Join(domain.AnchorAttributes, ", "), "", "subscribe has no where")
	}
	out := Subscribe{To: pattern}
	if v := n.get("for"); v != nil {
		out.For = b.r.argDuration(v, "for")
	}
	var since *argument
	if v := n.get("since"); v != nil {
		since = b.c.argMoment(b.r, v, "since")
	}
	return func(a activation) (Action, error) {
		var err error
		act := out
		if act.Where, err = resolveAnchors(anchors, a); err != nil {
			return nil, err
		}
		if act.Since, err = since.moment(a); err != nil {
			return nil, err
		}
		if len(act.Where) == 0 {
			return nil, errors.New("argument where: is empty")
		}
		return act, nil
	}
}

func (b *builder) unsubscribe(n *node) resolver {
	to := b.need(n, "unsubscribe", "to")
	if to == nil {
		return nil
	}
	pattern, anchors := b.eventPattern(to, "to"), b.where(n.get("where"))
	return func(a activation) (Action, error) {
		where, err := resolveAnchors(anchors, a)
		if err != nil {
			return nil, err
		}
		return Unsubscribe{To: pattern, Where: where}, nil
	}
}

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
		b.r.at(n, expected, nearest(s, []string{"low", "normal", "high", "urgent"}), "priority is %q", s)
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
				return nil, fmt.Errorf("argument %s: %q is not %s", g.name, clip(s, 40), list(words))
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

func (b *builder) notify(n *node) resolver {
	var out Notify
	switch hook, role := n.get("webhook"), n.get("role"); {
	case hook != nil && role != nil:
		b.r.at(n, "webhook or role", "", "notify has both webhook and role")
	case hook != nil:
		out.Webhook = b.r.argWord(hook, "webhook", nil)
	case role != nil:
		out.Role = b.r.argWord(role, "role", nil)
	default:
		b.r.at(n, "webhook or role", "", "notify tells nobody")
	}
	t := b.need(n, "notify", "text")
	if t == nil {
		return nil
	}
	text := b.c.argText(b.r, t, "text")
	return func(a activation) (Action, error) {
		act := out
		var err error
		act.Text, err = text.needed(a)
		return act, err
	}
}

func (b *builder) emit(n *node) resolver {
	t := b.need(n, "emit", "type")
	if t == nil {
		return nil
	}
	typ := b.r.argWord(t, "type", nil)
	if strings.HasPrefix(typ, "advocate.") || strings.HasPrefix(typ, "order.") {
		b.r.at(t, "a type of your own, such as acme.complaint.raised", "", "type %q belongs to the engine or to the order system", typ)
	}
	var data []*argument
	if v := n.get("data"); v != nil && b.r.isMap(v, "data") {
		for _, e := range v.entries {
			if g := b.emitValue(e); g != nil {
				data = append(data, g)
			}
		}
	}
	return func(a activation) (Action, error) {
		object := make(map[string]any, len(data))
		for _, g := range data {
			if g.expr == nil {
				object[g.name] = g.literal
				continue
			}
			v, err := g.expr.eval(a)
			if err != nil {
				return nil, fmt.Errorf("argument data.%s: %w", g.name, err)
			}
			if object[g.name], err = plainValue(v, 0); err != nil {
				return nil, fmt.Errorf("argument data.%s: %w", g.name, err)
			}
		}
		raw, err := json.Marshal(object)
		if err == nil && len(raw) > domain.MaxEventData {
			err = errors.New("argument data: is larger than 64 KiB")
		}
		return Emit{Type: typ, Data: raw}, err
	}
}

// emitValue is an argument whose expression may also give a list or a map,
// and whose unquoted numbers and truths stay what they are.
func (b *builder) emitValue(e entry) *argument {
	n := e.value
	if n.kind != scalarNode {
		b.r.at(n, "text or an expression", "", "data.%s is %s", clip(e.key, 40), n.kind)
		return nil
	}
	g := &argument{name: e.key, literal: clip(strings.TrimSpace(n.text), maxArgument)}
	isExpr, misspelt := b.c.looksLikeExpr(g.literal)
	if misspelt != "" {
		b.r.at(n, "a field of the view, or text in double quotes inside single ones", misspelt, "data.%s: there is no name in %q", clip(e.key, 40), clip(g.literal, 60))
		return nil
	}
	if _, err := strconv.ParseFloat(g.literal, 64); !n.quoted && (err == nil || g.literal == "true" || g.literal == "false") {
		isExpr = true
	}
	if isExpr {
		if g.expr = b.c.expression(b.r, n, n.text, blockLine(n), quoteColumn(n), nil, ""); g.expr == nil {
			return nil
		}
	}
	return g
}

// plainValue is a CEL value as JSON can carry it.
func plainValue(v ref.Val, depth int) (any, error) {
	if depth > 8 {
		return nil, errors.New("is nested too deeply")
	}
	switch v := v.(type) {
	case types.Null:
		return nil, nil
	case types.Bool:
		return bool(v), nil
	case types.Int:
		return int64(v), nil
	case types.Double:
		return float64(v), nil
	case traits.Mapper:
		out := map[string]any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			k := it.Next()
			key, ok := scalarText(k)
			if !ok {
				return nil, errors.New("has a key that is not text")
			}
			x, err := plainValue(v.Get(k), depth+1)
			if err != nil {
				return nil, err
			}
			out[key] = x
		}
		return out, nil
	case traits.Lister:
		out := []any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			x, err := plainValue(it.Next(), depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, x)
		}
		return out, nil
	}
	if s, ok := scalarText(v); ok {
		return s, nil
	}
	return nil, fmt.Errorf("is a whole %s, not one of its fields", strings.TrimPrefix(v.Type().TypeName(), "advocate."))
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
