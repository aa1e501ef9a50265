package playbook

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types/ref"

	"github.com/contact-advocate/advocate/internal/domain"
)

// expr is a compiled CEL expression.
type expr struct {
	source  string
	program cel.Program
	typ     *cel.Type
	uses    []string // "order.status", "answer.knowledge.title", "case.knows()", "now"; sorted
}

// eval evaluates over a view that is ready.
func (e *expr) eval(a activation) (ref.Val, error) {
	v, _, err := e.program.Eval(a)
	if err != nil {
		return nil, errors.New(plainError(err))
	}
	return v, nil
}

func plainError(err error) string { return domain.Clip(firstLine(err.Error()), 200) }

// compiler compiles expressions, each distinct one once.
type compiler struct {
	env  *cel.Env
	done map[string]*expr
}

func newCompiler() (*compiler, error) {
	env, err := environment()
	if err != nil {
		return nil, fmt.Errorf("CEL environment: %w", err)
	}
	return &compiler{env: env, done: map[string]*expr{}}, nil
}

// exprProblem is a problem at an offset of an expression's source.
type exprProblem struct {
	line, column                      int // from 0, within the expression
	found, what, expected, didYouMean string
}

// compile compiles src. On failure it returns what is wrong.
func (c *compiler) compile(src string) (*expr, []exprProblem) {
	if e, ok := c.done[src]; ok {
		return e, nil
	}
	if len(src) > maxExpr {
		return nil, []exprProblem{{what: fmt.Sprintf("the expression is %d characters long", len(src)), expected: fmt.Sprintf("at most %d", maxExpr)}}
	}
	parsed, issues := c.env.Parse(src)
	if issues.Err() != nil {
		return nil, syntaxProblems(issues)
	}
	checked, issues := c.env.Check(parsed)
	if issues.Err() != nil {
		return nil, typeProblems(issues, parsed.NativeRep().Expr())
	}
	root := checked.NativeRep().Expr()
	if found := wordProblems(root, checked.NativeRep().SourceInfo()); len(found) > 0 {
		return nil, found
	}
	opts := []cel.ProgramOption{cel.EvalOptions(cel.OptOptimize)}
	// Counting costs as much as evaluating does. An expression without a loop
	// over data or a text function is bounded by its own size.
	if !cheap(root) {
		opts = append(opts, cel.CostLimit(maxExprCost))
	}
	program, err := c.env.Program(checked, opts...)
	if err != nil {
		return nil, []exprProblem{{what: "the expression cannot be planned: " + plainError(err)}}
	}
	e := &expr{source: src, program: program, typ: checked.OutputType(), uses: usesOf(root)}
	c.done[src] = e
	return e, nil
}

// cheapCalls take constant time, or time in the length of one field's value.
var cheapCalls = map[string]bool{
	operators.LogicalAnd: true, operators.LogicalOr: true, operators.LogicalNot: true, operators.Conditional: true,
	operators.Equals: true, operators.NotEquals: true, operators.Less: true, operators.LessEquals: true,
	operators.Greater: true, operators.GreaterEquals: true, operators.In: true, operators.Index: true,
	operators.Subtract: true, operators.Negate: true, "size": true, "known": true, "startsWith": true, "endsWith": true,
	"contains": true, "knows": true, "asked": true, "promised": true, "was_promised": true, "is": true,
	"duration": true, "timestamp": true, "masked": true, "__date": true, "__time": true, "__day": true, "__money": true,
	"join": true,
}

func cheap(e ast.Expr) bool {
	ok := true
	visit(e, func(e ast.Expr) {
		switch e.Kind() {
		case ast.ComprehensionKind:
			ok = false
		case ast.CallKind:
			ok = ok && cheapCalls[e.AsCall().FunctionName()]
		}
	})
	return ok
}

func visit(e ast.Expr, f func(ast.Expr)) {
	ast.PreOrderVisit(e, ast.NewExprVisitor(f))
}

// usesOf lists which names and fields an expression reads.
func usesOf(root ast.Expr) []string {
	var out []string
	inside := map[int64]bool{} // parts of a longer path
	visit(root, func(e ast.Expr) {
		if inside[e.ID()] {
			return
		}
		path, ids := pathOf(e)
		if path == nil {
			return
		}
		for _, id := range ids {
			inside[id] = true
		}
		most := 2
		if path[0] == "answer" {
			most = 3
		}
		out = append(out, strings.Join(path[:min(most, len(path))], "."))
	})
	visit(root, func(e ast.Expr) {
		if e.Kind() == ast.CallKind && e.AsCall().IsMemberFunction() {
			if t := e.AsCall().Target(); t.Kind() == ast.IdentKind && t.AsIdent() == "case" {
				out = append(out, "case."+e.AsCall().FunctionName()+"()")
				out = slices.DeleteFunc(out, func(s string) bool { return s == "case" })
			}
		}
	})
	slices.Sort(out)
	return slices.Compact(out)
}

// pathOf returns the names of a chain of selections that begins at one of the
// view's names, and the ids of what it consists of.
func pathOf(e ast.Expr) (path []string, ids []int64) {
	for {
		ids = append(ids, e.ID())
		switch e.Kind() {
		case ast.SelectKind:
			path = append(path, e.AsSelect().FieldName())
			e = e.AsSelect().Operand()
			continue
		case ast.CallKind:
			// answer["knowledge"] and event.data["x"] read what a selection reads
			call := e.AsCall()
			if call.FunctionName() != operators.Index || len(call.Args()) != 2 {
				return nil, nil
			}
			key := call.Args()[1]
			if key.Kind() != ast.LiteralKind {
				path = append(path, "*")
			} else {
				path = append(path, fmt.Sprint(key.AsLiteral().Value()))
			}
			e = call.Args()[0]
			continue
		case ast.IdentKind:
			if !slices.Contains(viewNames, e.AsIdent()) {
				return nil, nil
			}
			path = append(path, e.AsIdent())
			slices.Reverse(path)
			return path, ids
		}
		return nil, nil
	}
}

// Messages for people.

func syntaxProblems(issues *cel.Issues) []exprProblem {
	var out []exprProblem
	for _, e := range issues.Errors() {
		what, _, _ := strings.Cut(strings.TrimPrefix(firstLine(e.Message), "Syntax error: "), " expecting {")
		out = append(out, exprProblem{line: e.Location.Line() - 1, column: e.Location.Column(), what: "this is not an expression: " + domain.Clip(what, 120)})
		break // what follows the first syntax error is noise
	}
	return out
}

var (
	undefinedField = regexp.MustCompile(`^undefined field '([^']*)'`)
	undeclared     = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	noOverload     = regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '([^']*)'`)
)

func typeProblems(issues *cel.Issues, root ast.Expr) []exprProblem {
	var out []exprProblem
	for _, e := range issues.Errors() {
		p := exprProblem{line: e.Location.Line() - 1, column: e.Location.Column()}
		switch {
		case undefinedField.MatchString(e.Message):
			name := undefinedField.FindStringSubmatch(e.Message)[1]
			p.found, p.what = name, fmt.Sprintf("there is no field %q", name)
			if k := kindOfField(root, e.ExprID, name); k != nil {
				p.found, p.what = k.name+"."+name, fmt.Sprintf("%s has no field %q", k.name, name)
				p.expected = list(k.names)
				p.didYouMean = domain.Nearest(name, k.names)
				if p.didYouMean != "" {
					p.didYouMean = k.name + "." + p.didYouMean
				}
			}
		case undeclared.MatchString(e.Message):
			name := undeclared.FindStringSubmatch(e.Message)[1]
			p.found, p.what, p.expected = name, fmt.Sprintf("there is no name %q", name), list(viewNames)
			p.didYouMean = domain.Nearest(name, append(slices.Clone(viewNames), functionNames...))
			if slices.Contains(functionNames, p.didYouMean) {
				p.expected = ""
			}
		case noOverload.MatchString(e.Message):
			m := noOverload.FindStringSubmatch(e.Message)
			op := strings.Trim(m[1], "_")
			if d := operatorName(m[1]); d != "" {
				op = d
			}
			args := strings.ReplaceAll(strings.ReplaceAll(m[2], "advocate.", ""), "google.protobuf.Timestamp", "timestamp")
			args = strings.ReplaceAll(args, "google.protobuf.Duration", "duration")
			p.what = fmt.Sprintf("%q does not take %s", op, args)
		default:
			p.what = domain.Clip(strings.ReplaceAll(firstLine(e.Message), "advocate.", ""), 160)
		}
		out = append(out, p)
		if len(out) == 5 {
			break
		}
	}
	return out
}

func operatorName(fn string) string {
	if s, ok := operators.FindReverse(fn); ok {
		return s
	}
	return ""
}

// kindOfField finds which kind a misspelt selection was made on.
func kindOfField(root ast.Expr, id int64, name string) *kind {
	var found *kind
	visit(root, func(e ast.Expr) {
		if found != nil || e.Kind() != ast.SelectKind || e.AsSelect().FieldName() != name {
			return
		}
		path, _ := pathOf(e)
		if len(path) == 2 {
			found = objects[path[0]]
		}
		if len(path) == 3 && path[0] == "answer" && foldName(path[1]) == "order" {
			found = ordersKind
		}
	})
	return found
}

// wordProblems finds comparisons with a word that a field never has: they
// would be silently false for ever.
func wordProblems(root ast.Expr, info *ast.SourceInfo) []exprProblem {
	var out []exprProblem
	check := func(words []string, field string, lit ast.Expr) {
		if words == nil || lit.Kind() != ast.LiteralKind {
			return
		}
		got, ok := lit.AsLiteral().Value().(string)
		if !ok || slices.Contains(words, got) {
			return
		}
		loc := info.GetStartLocation(lit.ID())
		accepted := slices.DeleteFunc(slices.Clone(words), func(s string) bool { return s == "" })
		out = append(out, exprProblem{line: loc.Line() - 1, column: loc.Column(), found: got, what: fmt.Sprintf("%s is never %q", field, domain.Clip(got, 40)),
			expected: list(accepted), didYouMean: domain.Nearest(got, accepted)})
	}
	each := func(words []string, field string, lits ast.Expr) {
		if lits.Kind() == ast.ListKind {
			for _, e := range lits.AsList().Elements() {
				check(words, field, e)
			}
			return
		}
		check(words, field, lits)
	}
	visit(root, func(e ast.Expr) {
		if e.Kind() != ast.CallKind {
			return
		}
		call := e.AsCall()
		args := call.Args()
		switch call.FunctionName() {
		case operators.Equals, operators.NotEquals:
			for i := range args {
				words, name, isList := wordsOf(args[i])
				if !isList {
					if name != "" && args[1-i].Kind() == ast.LiteralKind && args[1-i].AsLiteral().Value() == "" {
						continue
					}
					each(words, name, args[1-i])
				}
			}
		case operators.In:
			if words, name, isList := wordsOf(args[0]); words != nil && !isList {
				each(words, name, args[1])
			}
			if words, name, isList := wordsOf(args[1]); isList {
				check(words, name, args[0])
			}
		case "is":
			if call.IsMemberFunction() && len(args) == 1 {
				check(topicWords, "a topic", args[0])
			}
		}
	})
	return out
}

// wordsOf returns the closed set of a field, if the expression is such a field.
func wordsOf(e ast.Expr) (words []string, name string, isList bool) {
	path, _ := pathOf(e)
	if len(path) != 2 {
		return nil, "", false
	}
	k := objects[path[0]]
	if k == nil {
		return nil, "", false
	}
	f := k.fields[path[1]]
	return f.words, strings.Join(path, "."), f.words != nil && f.typ.Kind() == cel.ListKind
}

// expression compiles a YAML scalar; problems are reported with the line of
// the file. want is the accepted type, nil for any.
func (c *compiler) expression(r *report, n *node, src string, lineOffset, columnOffset int, want func(*cel.Type) bool, expected string) *expr {
	e, problems := c.compile(src)
	for _, p := range problems {
		line, column := n.line+lineOffset+p.line, p.column+1
		if p.line == 0 {
			column = n.column + columnOffset + p.column
		}
		r.put(Problem{Line: line, Column: column, Kind: ProblemExpression, Found: p.found, What: p.what, Expected: p.expected, DidYouMean: p.didYouMean})
	}
	if e != nil && want != nil && !want(e.typ) {
		r.put(Problem{Line: n.line + lineOffset, Column: n.column + columnOffset, Kind: ProblemExpression,
			What: fmt.Sprintf("%q is %s", domain.Clip(src, 80), typeName(e.typ)), Expected: expected})
		return nil
	}
	return e
}

func typeName(t *cel.Type) string {
	switch t.Kind() {
	case cel.StringKind:
		return "text"
	case cel.BoolKind:
		return "true or false"
	case cel.IntKind, cel.UintKind, cel.DoubleKind:
		return "a number"
	case cel.TimestampKind:
		return "a time"
	case cel.DurationKind:
		return "a duration"
	case cel.ListKind:
		return "a list"
	case cel.StructKind:
		return "all of " + strings.TrimPrefix(t.TypeName(), "advocate.") + ", not one of its fields"
	}
	return "a " + t.String()
}
