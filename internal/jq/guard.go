package jq

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strings"

	"github.com/itchyny/gojq"
)

// refused are functions that reach out of the program, and why.
var refused = map[string]string{
	"env": "programs cannot read the environment", "$ENV": "programs cannot read the environment",
	"input": "there is one input, \".\"", "inputs": "there is one input, \".\"",
	"debug": "there is nowhere to write to", "stderr": "there is nowhere to write to",
	"halt": "programs cannot end the process; use error or empty", "halt_error": "programs cannot end the process; use error or empty",
	"input_filename": "there is no input file", "input_line_number": "there is no input file",
	"modulemeta": "programs cannot load modules", "get_search_list": "programs cannot load modules",
}

// growing are functions whose result can be far larger than what they hold in
// memory, since a list may hold the same text many times.
var growing = map[string]bool{
	"add": true, "join": true, "tojson": true, "tostring": true, "implode": true, "flatten": true,
	"transpose": true, "combinations": true, "format": true, "gsub": true, "sub": true, "ascii": true,
	"tostream": true, "walk": true, "group_by": true, "unique_by": true, "sort_by": true, "unique": true,
	"sort": true, "min_by": true, "max_by": true, "contains": true, "inside": true, "index": true,
	"indices": true, "rindex": true, "splits": true, "split": true, "ltrimstr": true, "rtrimstr": true,
	"to_entries": true, "from_entries": true, "with_entries": true, "fromjson": true, "explode": true,
	"test": true, "match": true, "capture": true, "scan": true, "ascii_downcase": true, "ascii_upcase": true,
	"reverse": true, "getpath": false,
}

// Names of our own functions. Programs cannot use names that start with "_".
const (
	fnSized  = "_sized"
	fnTimes  = "_times"
	fnIndex  = "_index_within"
	fnPath   = "_path_within"
	fnStream = "_stream_within"
)

// guard refuses what a program may not use and rewrites the rest in place.
func guard(q *gojq.Query) error {
	if q.Meta != nil || len(q.Imports) > 0 {
		return errors.New("jq: \"module\", \"import\" and \"include\" are not accepted; programs cannot load modules")
	}
	return walk(reflect.ValueOf(q), 0)
}

const maxNesting = 4000 // of the syntax tree

// walk visits the syntax tree from its leaves up, so that what a rewrite adds
// is not visited again.
func walk(v reflect.Value, depth int) error {
	if depth > maxNesting {
		return errors.New("jq: the program is nested too deeply")
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		if err := walk(v.Elem(), depth+1); err != nil {
			return err
		}
		switch n := v.Interface().(type) {
		case *gojq.Query:
			return guardQuery(n)
		case *gojq.Index:
			guardIndex(n)
		}
		return nil
	case reflect.Slice:
		for i := range v.Len() {
			if err := walk(v.Index(i), depth+1); err != nil {
				return err
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.Kind() == reflect.Pointer || f.Kind() == reflect.Slice {
				if err := walk(f, depth+1); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func guardQuery(q *gojq.Query) error {
	for _, d := range q.FuncDefs {
		if strings.HasPrefix(d.Name, "_") {
			return fmt.Errorf("jq: the function name %.40q is reserved: names must not start with \"_\"", d.Name)
		}
	}
	if q.Term != nil {
		return guardTerm(q)
	}
	switch q.Op {
	case gojq.OpAdd:
		wrap(q, &gojq.Query{Left: q.Left, Op: q.Op, Right: q.Right})
	case gojq.OpMul:
		// l * r becomes (_times(l; r) | .[0] * .[1] | _sized).
		pair := call(fnTimes, q.Left, q.Right)
		product := &gojq.Query{Left: item("0"), Op: gojq.OpMul, Right: item("1")}
		wrap(q, &gojq.Query{Left: pair, Op: gojq.OpPipe, Right: product})
	case gojq.OpUpdateAdd, gojq.OpUpdateMul:
		// l += r becomes r as $r | l |= (. + $r), whose + is checked.
		src := "$r as $_r | $l |= (. + $_r)"
		if q.Op == gojq.OpUpdateMul {
			src = "$r as $_r | $l |= (. * $_r)"
		}
		return expand(q, src)
	}
	return nil
}

// expand replaces q by src, in which $l and $r stand for q's sides.
func expand(q *gojq.Query, src string) error {
	n, err := gojq.Parse(src)
	if err != nil {
		return fmt.Errorf("jq: %w", err)
	}
	update := n.Right
	n.Left, update.Left = paren(q.Right), paren(q.Left)
	sum := update.Right.Term.Query
	if err := guardQuery(sum); err != nil {
		return err
	}
	defs := q.FuncDefs
	*q = gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeQuery, Query: n}, FuncDefs: defs}
	return nil
}

func guardTerm(q *gojq.Query) error {
	t := q.Term
	switch t.Type {
	case gojq.TermTypeFunc:
		name := t.Func.Name
		if why, ok := refused[name]; ok {
			return fmt.Errorf("jq: %q is not accepted: %s", name, why)
		}
		if strings.HasPrefix(name, "_") {
			return fmt.Errorf("jq: the function name %.40q is reserved: names must not start with \"_\"", name)
		}
		switch name {
		case "getpath", "setpath":
			if len(t.Func.Args) > 0 {
				t.Func.Args[0] = through(paren(t.Func.Args[0]), fnPath)
			}
		case "fromstream":
			if len(t.Func.Args) == 1 {
				t.Func.Args[0] = through(paren(t.Func.Args[0]), fnStream)
			}
		}
		if growing[name] {
			before(q)
		}
	case gojq.TermTypeFormat:
		before(q)
	case gojq.TermTypeString:
		if t.Str != nil && len(t.Str.Queries) > 0 {
			for _, p := range t.Str.Queries {
				// The compiler wants every part to be a term.
				if p.Term == nil || p.Term.Str == nil {
					part := *p
					*p = *paren(through(paren(&part), fnSized))
				}
			}
		}
	}
	return nil
}

func guardIndex(x *gojq.Index) {
	if x.Start != nil {
		x.Start = through(paren(x.Start), fnIndex)
	}
	if x.End != nil {
		x.End = through(paren(x.End), fnIndex)
	}
}

// before checks what a term is given: t becomes (_sized | t).
func before(q *gojq.Query) {
	inner := &gojq.Query{Left: call(fnSized), Op: gojq.OpPipe, Right: &gojq.Query{Term: q.Term}}
	q.Term = &gojq.Term{Type: gojq.TermTypeQuery, Query: inner}
}

// wrap replaces q's operation by one whose result is checked.
func wrap(q, op *gojq.Query) {
	defs := q.FuncDefs
	*q = gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeQuery, Query: through(paren(op), fnSized)}, FuncDefs: defs}
}

func through(q *gojq.Query, fn string) *gojq.Query {
	return &gojq.Query{Left: q, Op: gojq.OpPipe, Right: call(fn)}
}

func paren(q *gojq.Query) *gojq.Query {
	return &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeQuery, Query: q}}
}

func call(name string, args ...*gojq.Query) *gojq.Query {
	return &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeFunc, Func: &gojq.Func{Name: name, Args: args}}}
}

func item(n string) *gojq.Query {
	at := &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeNumber, Number: n}}
	return &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeIndex, Index: &gojq.Index{Start: at}}}
}

func guardFunctions() []gojq.CompilerOption {
	return []gojq.CompilerOption{
		gojq.WithFunction(fnSized, 0, 0, func(v any, _ []any) any {
			if _, err := measure(v, maxStep, 10*MaxDepth); err != nil {
				return fmt.Errorf("a value is %w", sizeError{err, maxStep})
			}
			return v
		}),
		gojq.WithFunction(fnTimes, 2, 2, func(_ any, args []any) any { return times(args[0], args[1]) }),
		gojq.WithFunction(fnIndex, 0, 0, func(v any, _ []any) any {
			if tooFar(v) {
				return fmt.Errorf("the index %.40v is past %d", v, maxIndex)
			}
			return v
		}),
		gojq.WithFunction(fnPath, 0, 0, func(v any, _ []any) any { return pathWithin(v, v) }),
		gojq.WithFunction(fnStream, 0, 0, func(v any, _ []any) any {
			if event, ok := v.([]any); ok && len(event) > 0 {
				return pathWithin(event[0], v)
			}
			return v
		}),
	}
}

// times lets two factors through if their product stays small.
func times(l, r any) any {
	for _, pair := range [][2]any{{l, r}, {r, l}} {
		s, ok := pair[0].(string)
		if !ok {
			continue
		}
		if n, ok := gojq.ToFloat64(pair[1]); ok && n*float64(len(s)) > maxStep {
			return fmt.Errorf("a text of %d bytes, %.20v times, is %w", len(s), n, sizeError{errSize, maxStep})
		}
	}
	for _, v := range []any{l, r} {
		if n, ok := v.(*big.Int); ok && n.BitLen() > maxBits {
			return fmt.Errorf("a number of %d bits is too large to multiply; at most %d are accepted", n.BitLen(), maxBits)
		}
		if n, ok := v.(json.Number); ok && len(n) > maxBits/4 {
			return fmt.Errorf("a number of %d digits is too large to multiply; at most %d are accepted", len(n), maxBits/4)
		}
	}
	return []any{l, r}
}

func tooFar(v any) bool {
	n, ok := gojq.ToFloat64(v)
	return ok && n > maxIndex
}

func pathWithin(path, v any) any {
	parts, _ := path.([]any)
	for _, p := range parts {
		if slice, ok := p.(map[string]any); ok && (tooFar(slice["start"]) || tooFar(slice["end"])) || tooFar(p) {
			return fmt.Errorf("the index %.40v is past %d", p, maxIndex)
		}
	}
	return v
}

var (
	errSize  = errors.New("too large")
	errDepth = errors.New("nested too deeply")
)

type sizeError struct {
	why   error
	limit int
}

func (e sizeError) Error() string {
	if errors.Is(e.why, errDepth) {
		return e.why.Error()
	}
	return fmt.Sprintf("%v; at most %d bytes are accepted", e.why, e.limit)
}

func (e sizeError) Unwrap() error { return e.why }

// measure takes about as much from left as v would take as JSON.
func measure(v any, left, depth int) (int, error) {
	if depth < 0 {
		return 0, errDepth
	}
	var err error
	switch v := v.(type) {
	case string:
		left -= len(v) + 2
	case json.Number:
		left -= len(v)
	case *big.Int:
		left -= v.BitLen()/3 + 1
	case []any:
		for _, e := range v {
			if left, err = measure(e, left-1, depth-1); err != nil {
				return 0, err
			}
		}
		left -= 2
	case map[string]any:
		for k, e := range v {
			if left, err = measure(e, left-len(k)-4, depth-1); err != nil {
				return 0, err
			}
		}
		left -= 2
	default:
		left -= 4
	}
	if left < 0 {
		return 0, errSize
	}
	return left, nil
}
