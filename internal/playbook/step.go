package playbook

import (
	"errors"
	"fmt"
	"slices"
	"strings"

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
	if m := domain.NearestWithin(name, components, 2); m != "" && m != name {
		b.r.at(comp, "the name of a component", m, "component %q", name)
	}
	b.asks(comp, name)
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

// asks remembers where a component is named.
func (b *builder) asks(n *node, name string) {
	if name != "" {
		b.p.asks = append(b.p.asks, ComponentUse{name, n.line, n.column})
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
		b.r.at(n, `an event type such as order.delayed, or its beginning and "*"`, "", "%s %q", what, domain.Clip(s, 60))
		return ""
	}
	if head == s {
		if m := domain.NearestWithin(s, knownEvents, 1); m != "" && m != s {
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
	reads := b.grounds(anchors)
	return func(a activation) (Action, error) {
		var err error
		act := out
		act.Orders, act.Linked = reads.orders(a.v), reads.linked
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

// grounds are what a subscription is made because of, as far as it takes a
// proof to know it.
type grounds struct {
	uses   []string // of orders
	linked bool
}

// grounds collects what the rule's condition and the anchors read. That an
// order is named proves nothing, and needs no proof.
func (b *builder) grounds(anchors []anchorArgument) grounds {
	var g grounds
	read := func(e *expr) {
		if e == nil {
			return
		}
		for _, u := range e.uses {
			switch {
			case u == "customer.proven", u == "customer.ref":
				g.linked = true
			case u == "order.id", u == "order.known", u == "case.order_refs", u == "post.order_refs":
			case aboutOrder(u), u == "case.knows()":
				g.uses = append(g.uses, u)
			}
		}
	}
	read(b.condition)
	for _, a := range anchors {
		if a.value != nil {
			read(a.value.expr)
		}
	}
	return g
}

// orders lists which orders those are in a view.
func (g grounds) orders(v *View) []string {
	var out []string
	for _, u := range g.uses {
		if u == "case.knows()" {
			u = "order.found"
		}
		for _, id := range ordersOf(v, u) {
			if id != "" && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	slices.Sort(out)
	return out
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

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
