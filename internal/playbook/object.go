package playbook

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/contact-advocate/advocate/internal/domain"
)

// object is one of the view's names as CEL sees it. Its fields are read by
// the functions of its kind's table: no reflection, and nothing is read that
// no condition asks for.
type object struct {
	kind  *kind
	view  *View
	order *domain.KnownOrder // of kinds order and orders
	fact  fact               // of kinds orders and fact
}

// kind is an object type: its fields, and who may see them.
type kind struct {
	name   string // as playbooks write it, "order"
	typ    *cel.Type
	fields map[string]field
	names  []string // sorted
	any    func(name string) field
}

// field is one field of a kind.
type field struct {
	typ    *cel.Type
	get    func(*object) ref.Val
	set    func(*object) bool // nil: when the value is not the empty one
	words  []string           // the words it can have, where they are a closed set
	public bool               // may go out in a public message
}

func newKind(name string, fields map[string]field) *kind {
	k := &kind{name: name, typ: cel.ObjectType("advocate." + name), fields: fields}
	for f := range fields {
		k.names = append(k.names, f)
	}
	slices.Sort(k.names)
	return k
}

func (k *kind) field(name string) (field, bool) {
	if f, ok := k.fields[name]; ok {
		return f, true
	}
	if k.any != nil {
		return k.any(name), true
	}
	return field{}, false
}

// fieldType makes what CEL's planner calls for each use of a field.
func (f field) fieldType() *types.FieldType {
	return &types.FieldType{
		Type: f.typ,
		GetFrom: func(target any) (any, error) {
			o, ok := target.(*object)
			if !ok {
				return nil, fmt.Errorf("no such field on %T", target)
			}
			v := f.get(o)
			if e, bad := v.(*types.Err); bad {
				return nil, e
			}
			return v, nil
		},
		IsSet: func(target any) bool {
			o, ok := target.(*object)
			if !ok {
				return false
			}
			if f.set != nil {
				return f.set(o)
			}
			return !isEmpty(f.get(o))
		},
	}
}

func (o *object) Value() any     { return o }
func (o *object) Type() ref.Type { return o.kind.typ }

func (o *object) Equal(other ref.Val) ref.Val {
	p, ok := other.(*object)
	return types.Bool(ok && o == p)
}

func (o *object) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("%s is not a value of its own; use one of its fields", o.kind.name)
}

func (o *object) ConvertToType(t ref.Type) ref.Val {
	if t == types.TypeType {
		return o.kind.typ
	}
	return types.NewErr("%s is not a value of its own; use one of its fields", o.kind.name)
}

// isEmpty reports a value that has("…") and known(…) call absent.
func isEmpty(v ref.Val) bool {
	switch v := v.(type) {
	case nil, types.Null, *types.Err:
		return true
	case types.String:
		return v == ""
	case types.Bool:
		return !bool(v)
	case types.Int:
		return v == 0
	case types.Double:
		return v == 0
	case types.Timestamp:
		return v.IsZero()
	case types.Duration:
		return v.Duration == 0
	case interface{ Size() ref.Val }:
		return v.Size() == types.IntZero
	}
	return false
}

// provider tells CEL the kinds and their fields on top of the standard types.
type provider struct {
	types.Provider
	kinds map[string]*kind
}

func (p *provider) FindStructType(name string) (*types.Type, bool) {
	if k, ok := p.kinds[name]; ok {
		return types.NewTypeTypeWithParam(k.typ), true
	}
	return p.Provider.FindStructType(name)
}

func (p *provider) FindStructFieldNames(name string) ([]string, bool) {
	if k, ok := p.kinds[name]; ok {
		return k.names, true
	}
	return p.Provider.FindStructFieldNames(name)
}

func (p *provider) FindStructFieldType(name, fieldName string) (*types.FieldType, bool) {
	if k, ok := p.kinds[name]; ok {
		f, ok := k.field(fieldName)
		if !ok {
			return nil, false
		}
		return f.fieldType(), true
	}
	return p.Provider.FindStructFieldType(name, fieldName)
}

// NewValue refuses: playbooks read the view, they make no new ones.
func (p *provider) NewValue(name string, fields map[string]ref.Val) ref.Val {
	if _, ok := p.kinds[name]; ok {
		return types.NewErr("%s cannot be made, only read", name)
	}
	return p.Provider.NewValue(name, fields)
}

// Shorthands for the tables.

func text(get func(*object) string) field {
	return field{typ: cel.StringType, get: func(o *object) ref.Val { return types.String(get(o)) }}
}

func wordOf(words []string, get func(*object) string) field {
	f := text(get)
	f.words = words
	return f
}

func flag(get func(*object) bool) field {
	return field{typ: cel.BoolType, get: func(o *object) ref.Val { return types.Bool(get(o)) }}
}

func number(get func(*object) int) field {
	return field{typ: cel.IntType, get: func(o *object) ref.Val { return types.Int(get(o)) }}
}

func share(get func(*object) float64) field {
	return field{typ: cel.DoubleType, get: func(o *object) ref.Val { return types.Double(get(o)) }}
}

func moment(get func(*object) time.Time) field {
	return field{typ: cel.TimestampType, get: func(o *object) ref.Val { return types.Timestamp{Time: get(o).UTC()} }}
}

func length(get func(*object) time.Duration) field {
	return field{typ: cel.DurationType, get: func(o *object) ref.Val { return types.Duration{Duration: get(o)} }}
}

func texts(get func(*object) []string) field {
	return field{typ: cel.ListType(cel.StringType), get: func(o *object) ref.Val {
		return types.NewStringList(types.DefaultTypeAdapter, get(o))
	}}
}

func public(f field) field {
	f.public = true
	return f
}

// Decoded JSON. Events and facts come raw; most are never looked into.

// decoded keeps what was decoded for as long as the view looks at the same
// bytes.
type decoded struct {
	at    *byte
	n     int
	value map[string]any
}

const maxDecoded = 8

// data decodes a JSON object. What is not an object is an empty one.
func (v *View) data(raw []byte) map[string]any {
	if len(raw) == 0 {
		return nil
	}
	at := &raw[0]
	for i := range v.state.decoded {
		if d := &v.state.decoded[i]; d.at == at && d.n == len(raw) {
			return d.value
		}
	}
	var m map[string]any
	if json.Unmarshal(raw, &m) != nil {
		m = nil
	}
	for k, x := range m {
		m[k] = wholeNumbers(x)
	}
	if len(v.state.decoded) == maxDecoded {
		v.state.decoded = v.state.decoded[:0]
	}
	v.state.decoded = append(v.state.decoded, decoded{at, len(raw), m})
	return m
}

// wholeNumbers turns 3.0 into 3, as who wrote the JSON meant it.
func wholeNumbers(x any) any {
	switch x := x.(type) {
	case float64:
		if x == math.Trunc(x) && math.Abs(x) < 1<<53 {
			return int64(x)
		}
	case []any:
		for i := range x {
			x[i] = wholeNumbers(x[i])
		}
	case map[string]any:
		for k := range x {
			x[k] = wholeNumbers(x[k])
		}
	}
	return x
}
