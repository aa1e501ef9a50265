package playbook

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/contact-advocate/advocate/internal/domain"
)

// An argument is either plain text or an expression. The rule for telling
// them apart is one sentence: what is a single word is that word; what reads
// a field of the view ("order.id", "case.lang + 'x'") or is quoted once more
// ('"text"') is an expression; all else is the text as it stands. Something
// that looks like a misspelt field is a problem, never silently text.

const (
	maxArgument = 2000 // characters of text
	maxDuration = 90 * 24 * time.Hour
)

// argument is one argument of a step.
type argument struct {
	name    string
	literal string
	expr    *expr
}

// text resolves to a string; a list, or an object, is an error.
func (g *argument) text(a activation) (string, error) {
	if g == nil {
		return "", nil
	}
	if g.expr == nil {
		return g.literal, nil
	}
	v, err := g.expr.eval(a)
	if err != nil {
		return "", fmt.Errorf("argument %s: %w", g.name, err)
	}
	s, ok := scalarText(v)
	if !ok {
		return "", fmt.Errorf("argument %s: %s came to %s, not to text", g.name, domain.Clip(g.expr.source, 60), v.Type().TypeName())
	}
	return domain.Clip(strings.TrimSpace(domain.CleanText(s)), maxArgument), nil
}

// needed is text that must not come out empty.
func (g *argument) needed(a activation) (string, error) {
	s, err := g.text(a)
	if err == nil && g != nil && s == "" {
		err = fmt.Errorf("argument %s: is empty", g.name)
	}
	return s, err
}

func (g *argument) moment(a activation) (time.Time, error) {
	if g == nil {
		return time.Time{}, nil
	}
	if g.expr == nil {
		t, err := time.Parse(time.RFC3339, g.literal)
		return t.UTC(), err
	}
	v, err := g.expr.eval(a)
	if err != nil {
		return time.Time{}, fmt.Errorf("argument %s: %w", g.name, err)
	}
	t, ok := v.(types.Timestamp)
	if !ok || t.Year() <= 1 {
		return time.Time{}, fmt.Errorf("argument %s: there is no time in %s", g.name, domain.Clip(g.expr.source, 60))
	}
	return t.Time.UTC(), nil
}

// scalarText is a value as text: no trailing zeros, times as RFC 3339.
func scalarText(v ref.Val) (string, bool) {
	switch v := v.(type) {
	case types.String:
		return string(v), true
	case types.Int:
		return strconv.FormatInt(int64(v), 10), true
	case types.Uint:
		return strconv.FormatUint(uint64(v), 10), true
	case types.Double:
		return strconv.FormatFloat(float64(v), 'f', -1, 64), true
	case types.Bool:
		return strconv.FormatBool(bool(v)), true
	case types.Timestamp:
		if domain.IsDate(v.Time) { // as systems give it
			return v.Time.Format("2006-01-02T00:00:00Z"), true
		}
		return v.Time.UTC().Format(time.RFC3339), true
	case types.Duration:
		return v.Duration.String(), true
	case types.Null:
		return "", true
	}
	return "", false
}

// shownText is any value as explanations show it.
func shownText(v ref.Val) string {
	if s, ok := scalarText(v); ok {
		return domain.Clip(s, 100)
	}
	if l, ok := v.(traits.Lister); ok {
		var parts []string
		for it := l.Iterator(); it.HasNext() == types.True && len(parts) < 8; {
			parts = append(parts, shownText(it.Next()))
		}
		return domain.Clip("["+strings.Join(parts, ", ")+"]", 100)
	}
	return v.Type().TypeName()
}

// argText reads an argument that may be text or an expression.
func (c *compiler) argText(r *report, n *node, name string) *argument {
	if n.kind != scalarNode {
		r.at(n, "text or an expression", "", "%s is %s", name, n.kind)
		return nil
	}
	g := &argument{name: name, literal: domain.Clip(strings.TrimSpace(n.text), maxArgument)}
	if g.literal == "" {
		r.at(n, "text or an expression", "", "%s is empty", name)
		return nil
	}
	switch isExpr, misspelt := c.looksLikeExpr(g.literal); {
	case misspelt != "":
		r.at(n, `a field of the view, or text in double quotes inside single ones`, misspelt, "%s: there is no name in %q", name, domain.Clip(g.literal, 60))
		return nil
	case isExpr:
		g.expr = c.expression(r, n, n.text, blockLine(n), quoteColumn(n), isScalarType, "an expression that gives text or a number")
		if g.expr == nil {
			return nil
		}
	}
	return g
}

func isScalarType(t *cel.Type) bool {
	switch t.Kind() {
	case cel.StringKind, cel.IntKind, cel.UintKind, cel.DoubleKind, cel.BoolKind, cel.DynKind, cel.TimestampKind, cel.DurationKind, cel.NullTypeKind:
		return true
	}
	return false
}

func blockLine(n *node) int {
	if n.literal {
		return 1
	}
	return 0
}

func quoteColumn(n *node) int {
	if n.quoted && !n.literal {
		return 1
	}
	return 0
}

// looksLikeExpr applies the rule at the top of this file. misspelt is the
// view's name that the text probably meant.
func (c *compiler) looksLikeExpr(src string) (isExpr bool, misspelt string) {
	if len(src) > maxExpr || !strings.ContainsAny(src, `."'[+(`) {
		return false, ""
	}
	parsed, issues := c.env.Parse(src)
	if issues.Err() != nil {
		return false, ""
	}
	root := parsed.NativeRep().Expr()
	if root.Kind() == ast.LiteralKind {
		_, isText := root.AsLiteral().Value().(string)
		return isText, ""
	}
	var near string
	visit(root, func(e ast.Expr) {
		if path, _ := pathOf(e); len(path) >= 2 {
			isExpr = true
		}
		switch e.Kind() {
		case ast.CallKind:
			if call := e.AsCall(); call.IsMemberFunction() && call.Target().Kind() == ast.IdentKind && call.Target().AsIdent() == "case" {
				isExpr = true
			}
			for _, arg := range e.AsCall().Args() {
				if arg.Kind() == ast.IdentKind && plain[arg.AsIdent()] != nil {
					isExpr = true
				}
			}
		case ast.SelectKind:
			if op := e.AsSelect().Operand(); op.Kind() == ast.IdentKind && !slices.Contains(viewNames, op.AsIdent()) {
				if m := domain.NearestWithin(op.AsIdent(), viewNames, 1+len(op.AsIdent())/4); m != "" && near == "" {
					near = m + "." + e.AsSelect().FieldName()
				}
			}
		}
	})
	if isExpr {
		return true, ""
	}
	return false, near
}

// argMoment reads a time: RFC 3339 or an expression.
func (c *compiler) argMoment(r *report, n *node, name string) *argument {
	s, ok := r.word(n, name)
	if !ok {
		return nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return &argument{name: name, literal: t.UTC().Format(time.RFC3339)}
	}
	e := c.expression(r, n, n.text, blockLine(n), quoteColumn(n), func(t *cel.Type) bool {
		return t.Kind() == cel.TimestampKind || t.Kind() == cel.DynKind
	}, "a time, such as order.eta or 2026-11-30T17:00:00Z")
	if e == nil {
		return nil
	}
	return &argument{name: name, expr: e}
}

// argDuration reads "30m", "2h", "1h30m", "30d", "1w": positive, at most 90 days.
func (r *report) argDuration(n *node, name string) time.Duration {
	s, ok := r.word(n, name)
	if !ok {
		return 0
	}
	d, err := parseDuration(s)
	if err != nil {
		r.at(n, "a duration such as 30m, 2h, 30d or 1w", "", "%s: %v", name, err)
		return 0
	}
	if d <= 0 || d > maxDuration {
		r.at(n, "more than 0 and at most 90d", "", "%s is %s", name, domain.Clip(s, 40))
		return 0
	}
	return d
}

var errDuration = errors.New("not a duration")

// parseDuration reads numbers with the units s, m, h, d and w, largest first
// or not. A day is 24 hours.
func parseDuration(s string) (time.Duration, error) {
	rest, total := strings.TrimSpace(s), time.Duration(0)
	if rest == "" {
		return 0, errDuration
	}
	negative := strings.HasPrefix(rest, "-")
	rest = strings.TrimPrefix(rest, "-")
	for rest != "" {
		i := 0
		for i < len(rest) && rest[i] >= '0' && rest[i] <= '9' {
			i++
		}
		if i == 0 || i == len(rest) || i > 9 {
			return 0, fmt.Errorf("%q is %w", domain.Clip(s, 40), errDuration)
		}
		v, err := strconv.Atoi(rest[:i])
		if err != nil {
			return 0, fmt.Errorf("%q is %w", domain.Clip(s, 40), errDuration)
		}
		unit, ok := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}[rest[i]]
		if !ok || time.Duration(v) > (1<<62)/unit {
			return 0, fmt.Errorf("%q is %w", domain.Clip(s, 40), errDuration)
		}
		total += time.Duration(v) * unit
		if total < 0 {
			return 0, fmt.Errorf("%q is %w", domain.Clip(s, 40), errDuration)
		}
		rest = rest[i+1:]
	}
	if negative {
		total = -total
	}
	return total, nil
}

// argWord reads a word out of a closed set; nil accepts any name.
func (r *report) argWord(n *node, name string, accepted []string) string {
	s, ok := r.word(n, name)
	if !ok {
		return ""
	}
	if accepted != nil && !slices.Contains(accepted, s) {
		r.oneOf(n, name+" is", s, accepted)
		return ""
	}
	if accepted == nil && !isName(s) {
		r.at(n, "letters, digits, \"-\", \"_\" and \".\"", "", "%s %q is not a name", name, domain.Clip(s, 60))
		return ""
	}
	return s
}

func isName(s string) bool {
	if s == "" || len(s) > 100 {
		return false
	}
	for _, c := range s {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' || c == '/' || c == ':') {
			return false
		}
	}
	return true
}
