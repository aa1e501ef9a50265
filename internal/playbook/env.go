package playbook

import (
	"strings"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// Limits on one expression. The cost limit is what CEL counts: about one for
// each comparison, field and element looked at.
const (
	maxExpr     = 4000 // characters
	maxExprCost = 50_000
)

// locName is the hidden name through which date, time, day and money learn
// the reader's language and time zone.
const locName = "__reader"

var readerKind = newKind("reader", nil)

// objects are the view's names that have fields.
var objects = map[string]*kind{
	"post": postKind, "event": eventKind, "answer": answerKind, "case": caseKind,
	"customer": customerKind, "order": orderKind, "queue": queueKind,
}

// plain are the view's names that are values.
var plain = map[string]*cel.Type{
	"now": cel.TimestampType, "reminder": cel.StringType,
	"due": cel.TimestampType, "number": cel.StringType, "company": cel.StringType,
	"agreed": cel.StringType, "contact": cel.StringType,
}

var viewNames = []string{"post", "event", "answer", "case", "customer", "order", "queue",
	"now", "reminder", "due", "number", "company", "agreed", "contact"}

// functionNames are what an expression can call, for "did you mean".
var functionNames = []string{"has", "size", "known", "date", "time", "day", "money", "join", "masked", "lower",
	"all", "exists", "exists_one", "filter", "map", "contains", "startsWith", "endsWith", "matches",
	"timestamp", "duration", "string", "int", "double", "bool",
	"knows", "asked", "promised", "was_promised", "is"}

// viewState is what evaluating keeps in a view between rules.
type viewState struct {
	owner   *View // the view these objects read; a copied view makes its own
	objects [8]object
	decoded []decoded
	telling bool   // a message is being rendered
	lang    string // of that message
	company string
}

// activation resolves names for CEL.
type activation struct{ v *View }

func (a activation) Parent() cel.Activation { return nil }

func (a activation) ResolveName(name string) (any, bool) {
	v := a.v
	switch name {
	case "post":
		return &v.state.objects[0], true
	case "event":
		return &v.state.objects[1], true
	case "answer":
		return &v.state.objects[2], true
	case "case":
		return &v.state.objects[3], true
	case "customer":
		return &v.state.objects[4], true
	case "order":
		v.state.objects[5].order = v.Order
		return &v.state.objects[5], true
	case "queue":
		return &v.state.objects[6], true
	case locName:
		return &v.state.objects[7], true
	case "now":
		return types.Timestamp{Time: v.Now.UTC()}, true
	case "due":
		return types.Timestamp{Time: v.Due.UTC()}, true
	case "reminder":
		return types.String(v.Reminder), true
	case "number":
		return types.String(masked(v.Number)), true
	case "agreed":
		return types.String(v.Agreed), true
	case "company":
		return types.String(v.state.company), true
	case "contact":
		return types.String(v.Contact), true
	}
	return nil, false
}

// ready makes the view's objects, once.
func (v *View) ready(company string) activation {
	if v.state.owner != v {
		v.state = viewState{owner: v, company: company}
		for i, k := range [...]*kind{postKind, eventKind, answerKind, caseKind, customerKind, orderKind, queueKind, readerKind} {
			v.state.objects[i] = object{kind: k, view: v}
		}
	}
	v.state.company = company
	return activation{v}
}

// environment is the typed CEL environment, made once: it is the same for
// every playbook.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	registry, err := types.NewRegistry()
	if err != nil {
		return nil, err
	}
	p := &provider{Provider: registry, kinds: map[string]*kind{}}
	for _, k := range []*kind{postKind, eventKind, answerKind, caseKind, customerKind, orderKind, ordersKind, queueKind, factKind, readerKind} {
		p.kinds[k.typ.TypeName()] = k
	}
	opts := []cel.EnvOption{
		cel.CustomTypeAdapter(registry), cel.CustomTypeProvider(p),
		cel.ParserRecursionLimit(60), cel.ParserExpressionSizeLimit(maxExpr), cel.ParserErrorRecoveryLimit(4),
		cel.ExpressionNestingDepthLimit(40), cel.ExpressionNodeLimit(800),
		cel.CrossTypeNumericComparisons(true), cel.RegexProgramSizeLimit(2000),
		cel.Variable(locName, readerKind.typ),
	}
	for name, k := range objects {
		opts = append(opts, cel.Variable(name, k.typ))
	}
	for name, t := range plain {
		opts = append(opts, cel.Variable(name, t))
	}
	opts = append(opts, caseFunctions()...)
	opts = append(opts, messageFunctions()...)
	return cel.NewEnv(opts...)
})

// caseFunctions are case.knows(…) and the like.
func caseFunctions() []cel.EnvOption {
	ask := func(name string, f func(v *View, word string) bool) cel.EnvOption {
		return cel.Function(name, cel.MemberOverload("case_"+name, []*cel.Type{caseKind.typ, cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(target, arg ref.Val) ref.Val {
				o, ok1 := target.(*object)
				word, ok2 := arg.(types.String)
				if !ok1 || !ok2 {
					return types.MaybeNoSuchOverloadErr(arg)
				}
				return types.Bool(f(o.view, string(word)))
			})))
	}
	return []cel.EnvOption{
		ask("knows", (*View).knows),
		ask("asked", (*View).asked),
		ask("promised", func(v *View, what string) bool { return v.promised(what, true) }),
		ask("was_promised", func(v *View, what string) bool { return v.promised(what, false) }),
		ask("is", (*View).is),
	}
}

// messageFunctions format values for people. date, time, day and money are
// macros that pass the reader along.
func messageFunctions() []cel.EnvOption {
	reader := func(name string, f func(t time.Time, now time.Time, lang string) string) []cel.EnvOption {
		inner := "__" + name
		return []cel.EnvOption{
			cel.Macros(cel.GlobalMacro(name, 1, func(f cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
				return f.NewCall(inner, f.NewIdent(locName), args[0]), nil
			})),
			cel.Function(inner, cel.Overload(inner, []*cel.Type{readerKind.typ, cel.TimestampType}, cel.StringType,
				cel.BinaryBinding(func(who, arg ref.Val) ref.Val {
					o, ok1 := who.(*object)
					t, ok2 := arg.(types.Timestamp)
					if !ok1 || !ok2 {
						return types.MaybeNoSuchOverloadErr(arg)
					}
					zone := o.view.zone()
					return types.String(f(told(t.Time, zone), o.view.Now.In(zone), o.view.state.lang))
				}))),
		}
	}
	opts := append(reader("date", formatDate), reader("time", formatClock)...)
	opts = append(opts, reader("day", formatDay)...)
	return append(opts,
		cel.Macros(cel.GlobalMacro("money", 2, func(f cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
			return f.NewCall("__money", f.NewIdent(locName), args[0], args[1]), nil
		})),
		cel.Function("__money", cel.Overload("__money", []*cel.Type{readerKind.typ, cel.StringType, cel.StringType}, cel.StringType,
			cel.FunctionBinding(func(args ...ref.Val) ref.Val {
				o, ok1 := args[0].(*object)
				total, ok2 := args[1].(types.String)
				currency, ok3 := args[2].(types.String)
				if !ok1 || !ok2 || !ok3 {
					return types.MaybeNoSuchOverloadErr(args[1])
				}
				return types.String(formatMoney(string(total), string(currency), o.view.state.lang))
			}))),
		cel.Function("known", cel.Overload("known_any", []*cel.Type{cel.DynType}, cel.BoolType,
			cel.UnaryBinding(func(x ref.Val) ref.Val { return types.Bool(!isEmpty(x)) }))),
		cel.Function("masked", cel.Overload("masked_string", []*cel.Type{cel.StringType}, cel.StringType,
			cel.UnaryBinding(func(x ref.Val) ref.Val {
				s, ok := x.(types.String)
				if !ok {
					return types.MaybeNoSuchOverloadErr(x)
				}
				return types.String(masked(string(s)))
			}))),
		cel.Function("lower", cel.Overload("lower_string", []*cel.Type{cel.StringType}, cel.StringType,
			cel.UnaryBinding(func(x ref.Val) ref.Val {
				s, ok := x.(types.String)
				if !ok {
					return types.MaybeNoSuchOverloadErr(x)
				}
				return types.String(strings.ToLower(string(s)))
			}))),
		cel.Function("join", cel.Overload("join_list", []*cel.Type{cel.ListType(cel.StringType)}, cel.StringType,
			cel.UnaryBinding(func(x ref.Val) ref.Val {
				l, ok := x.(traits.Lister)
				if !ok {
					return types.MaybeNoSuchOverloadErr(x)
				}
				return types.String(joined(l))
			}))),
	)
}

func (v *View) zone() *time.Location {
	if v.Zone == nil {
		return time.UTC
	}
	return v.Zone
}

// joined is a list in words, at most ten of them.
func joined(l traits.Lister) string {
	var b strings.Builder
	n := 0
	for it := l.Iterator(); it.HasNext() == types.True; n++ {
		s, ok := it.Next().(types.String)
		if !ok {
			continue
		}
		if n == 10 {
			b.WriteString(" …")
			break
		}
		if n > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(s))
	}
	return b.String()
}
