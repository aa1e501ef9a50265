package wire

import (
	"fmt"
	"hash/fnv"
	"reflect"
	"strings"
	"sync"
	"time"
	"unsafe"
)

// kind says how a payload is delimited, which is all a reader needs in order
// to skip it.
type kind byte

const (
	kindVarint kind = 0 // zigzag for signed, plain for unsigned and bool
	kindFixed  kind = 1 // eight bytes, little endian
	kindBytes  kind = 2 // a length and that many bytes
)

// op is what a type is in memory.
type op uint8

const (
	opBool op = iota
	opInt8
	opInt16
	opInt32
	opInt64
	opUint8
	opUint16
	opUint32
	opUint64
	opFloat32
	opFloat64
	opString
	opBytes
	opTime
	opSlice
	opPointer
	opMap // of strings to strings
	opStruct
)

// plan is how one Go type is written and read. Values are reached by their
// address: by reflection, which this was before, a snapshot took twice the
// time, and a snapshot is read and written for every event.
type plan struct {
	op     op
	kind   kind
	typ    reflect.Type
	size   uintptr // of an element in a slice
	elem   *plan   // of a slice or a pointer
	fields []field // of a struct, those that are stored, in declaration order
	plain  bool    // of a struct: it has no other fields
}

// field is one field of a struct.
type field struct {
	key    uint16
	offset uintptr
	plan   *plan
}

// header is a slice in memory.
type header struct {
	data unsafe.Pointer
	len  int
	cap  int
}

var (
	timeType = reflect.TypeFor[time.Time]()
	plans    sync.Map // reflect.Type → *plan, whole
	making   sync.Mutex
)

// planOf compiles a type once. A type that cannot be stored is a defect of
// ours and panics.
func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	making.Lock()
	defer making.Unlock()
	made := map[reflect.Type]*plan{} // a type may contain itself
	p := compile(t, made)
	for t, p := range made {
		plans.LoadOrStore(t, p)
	}
	return p
}

func compile(t reflect.Type, made map[reflect.Type]*plan) *plan {
	if p := made[t]; p != nil {
		return p
	}
	p := &plan{typ: t, size: t.Size()}
	made[t] = p
	if t == timeType {
		p.op, p.kind = opTime, kindVarint
		return p
	}
	switch t.Kind() {
	case reflect.Bool:
		p.op, p.kind = opBool, kindVarint
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.op, p.kind = sized(t, opInt8), kindVarint
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		p.op, p.kind = sized(t, opUint8), kindVarint
	case reflect.Float32:
		p.op, p.kind = opFloat32, kindFixed
	case reflect.Float64:
		p.op, p.kind = opFloat64, kindFixed
	case reflect.String:
		p.op, p.kind = opString, kindBytes
	case reflect.Slice:
		p.kind = kindBytes
		if t.Elem().Kind() == reflect.Uint8 {
			p.op = opBytes
			return p
		}
		p.op, p.elem = opSlice, compile(t.Elem(), made)
	case reflect.Pointer:
		p.op, p.kind, p.elem = opPointer, kindBytes, compile(t.Elem(), made)
	case reflect.Map:
		if t.Key().Kind() != reflect.String || t.Elem().Kind() != reflect.String {
			panic(fmt.Sprintf("wire: a %s cannot be stored", t))
		}
		p.op, p.kind = opMap, kindBytes
	case reflect.Struct:
		p.op, p.kind = opStruct, kindBytes
		p.addFields(made)
	default:
		panic(fmt.Sprintf("wire: a %s cannot be stored", t))
	}
	return p
}

// sized is the op of a whole number: they stand in the order of their sizes,
// and int is as long as a pointer.
func sized(t reflect.Type, smallest op) op {
	o := smallest
	for n := t.Size(); n > 1; n /= 2 {
		o++
	}
	return o
}

func (p *plan) addFields(made map[reflect.Type]*plan) {
	names := map[uint16]string{}
	p.plain = true
	for i := range p.typ.NumField() {
		f := p.typ.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || !f.IsExported() {
			p.plain = false
			continue
		}
		if name == "" {
			name = f.Name
		}
		h := fnv.New32a()
		h.Write([]byte(name))
		key := uint16(h.Sum32()>>16) ^ uint16(h.Sum32())
		if other, taken := names[key]; taken {
			panic(fmt.Sprintf("wire: fields %s and %s of %s have the same key; rename one", other, name, p.typ))
		}
		names[key] = name
		p.fields = append(p.fields, field{key: key, offset: f.Offset, plan: compile(f.Type, made)})
	}
}
