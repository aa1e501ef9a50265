package wire

import (
	"fmt"
	"hash/fnv"
	"reflect"
	"strings"
	"sync"
	"time"
)

// kind says how a payload is delimited, which is all a reader needs in order
// to skip it.
type kind byte

const (
	kindVarint kind = 0 // zigzag for signed, plain for unsigned and bool
	kindFixed  kind = 1 // eight bytes, little endian
	kindBytes  kind = 2 // a length and that many bytes
)

var timeType = reflect.TypeFor[time.Time]()

// plan is how one Go type is written and read.
type plan struct {
	kind   kind
	encode func(dst []byte, v reflect.Value) []byte
	decode func(r *reader, v reflect.Value)
}

// field is one field of a struct.
type field struct {
	key   uint16
	index int
	plan  *plan
}

var plans sync.Map // reflect.Type → *plan

// planOf compiles a type once. A type that cannot be stored is a defect of
// ours and panics.
func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	p := compile(t)
	plans.Store(t, p)
	return p
}

func compile(t reflect.Type) *plan {
	if t == timeType {
		return timePlan
	}
	switch t.Kind() {
	case reflect.Bool:
		return boolPlan
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return intPlan
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return uintPlan
	case reflect.Float64, reflect.Float32:
		return floatPlan
	case reflect.String:
		return stringPlan
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return bytesPlan
		}
		return slicePlan(t)
	case reflect.Pointer:
		return pointerPlan(t)
	case reflect.Map:
		if t.Key().Kind() == reflect.String && t.Elem().Kind() == reflect.String {
			return mapPlan(t)
		}
	case reflect.Struct:
		return structPlan(t)
	}
	panic(fmt.Sprintf("wire: a %s cannot be stored", t))
}

// fieldsOf lists what of a struct is stored, in declaration order.
func fieldsOf(t reflect.Type) []field {
	var out []field
	names := map[uint16]string{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || !f.IsExported() {
			continue
		}
		if name == "" {
			name = f.Name
		}
		h := fnv.New32a()
		h.Write([]byte(name))
		key := uint16(h.Sum32()>>16) ^ uint16(h.Sum32())
		if other, taken := names[key]; taken {
			panic(fmt.Sprintf("wire: fields %s and %s of %s have the same key; rename one", other, name, t))
		}
		names[key] = name
		out = append(out, field{key: key, index: i, plan: planOf(f.Type)})
	}
	return out
}
