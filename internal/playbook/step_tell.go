package playbook

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/contact-advocate/advocate/internal/domain"
)

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
		b.r.at(n, "text or an expression", "", "data.%s is %s", domain.Clip(e.key, 40), n.kind)
		return nil
	}
	g := &argument{name: e.key, literal: domain.Clip(strings.TrimSpace(n.text), maxArgument)}
	isExpr, misspelt := b.c.looksLikeExpr(g.literal)
	if misspelt != "" {
		b.r.at(n, "a field of the view, or text in double quotes inside single ones", misspelt, "data.%s: there is no name in %q", domain.Clip(e.key, 40), domain.Clip(g.literal, 60))
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
