package wire

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sync"
)

// ErrDamaged is wrapped by every error of Unmarshal.
var ErrDamaged = errors.New("wire: the stored value is damaged")

// Unmarshal reads what Marshal wrote into a pointer to a struct. It also
// reads JSON, which is what begins with "{". Damaged input is an error and
// never a panic; dst may then be half filled.
func Unmarshal(data []byte, dst any) error {
	if len(data) > 0 && data[0] == '{' {
		if err := json.Unmarshal(data, dst); err != nil {
			return fmt.Errorf("%w: %v", ErrDamaged, err)
		}
		return nil
	}
	if len(data) == 0 || data[0] != magic {
		return fmt.Errorf("%w: it does not begin as one", ErrDamaged)
	}
	v := reflect.ValueOf(dst).Elem()
	r := &reader{b: data[1:]}
	r.fields(v, fieldsCached(v.Type()))
	return r.err
}

var fieldCache sync.Map // reflect.Type → []field

func fieldsCached(t reflect.Type) []field {
	if f, ok := fieldCache.Load(t); ok {
		return f.([]field)
	}
	f := fieldsOf(t)
	fieldCache.Store(t, f)
	return f
}

// reader walks over stored bytes. After the first error it reads zeros.
type reader struct {
	b     []byte
	err   error
	depth int
}

// maxDepth bounds nesting: no type of ours comes near it.
const maxDepth = 32

func (r *reader) fail(err error) {
	if r.err == nil && err != nil {
		r.err = err
	}
	if r.err != nil {
		r.b = nil
	}
}

func (r *reader) damaged(what string) { r.fail(fmt.Errorf("%w: %s", ErrDamaged, what)) }

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.damaged("a number")
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.damaged("a number")
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) fixed() uint64 {
	if len(r.b) < 8 {
		r.damaged("a fixed number")
		return 0
	}
	v := binary.LittleEndian.Uint64(r.b)
	r.b = r.b[8:]
	return v
}

// bytes returns a length-delimited stretch of the input itself.
func (r *reader) bytes() []byte {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.damaged("a length")
		return nil
	}
	out := r.b[:n:n]
	r.b = r.b[n:]
	return out
}

// sub returns a reader over a length-delimited stretch.
func (r *reader) sub() *reader {
	in := &reader{b: r.bytes(), depth: r.depth + 1, err: r.err}
	if in.depth > maxDepth {
		in.damaged("nesting")
	}
	return in
}

// count reads a number of elements; each takes at least a byte.
func (r *reader) count() int {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.damaged("a count")
		return 0
	}
	return int(n)
}

// fields reads a struct's fields until the input ends. They mostly come in the
// order in which they are declared, so the search starts behind the last one.
func (r *reader) fields(v reflect.Value, fields []field) {
	next := 0
	for len(r.b) > 0 && r.err == nil {
		if len(r.b) < 3 {
			r.damaged("a field")
			return
		}
		key, k := uint16(r.b[0])|uint16(r.b[1])<<8, kind(r.b[2])
		r.b = r.b[3:]
		f := find(fields, key, &next)
		if f == nil || f.plan.kind != k {
			r.skip(k)
			continue
		}
		f.plan.decode(r, v.Field(f.index))
	}
}

func find(fields []field, key uint16, next *int) *field {
	for range fields {
		if *next >= len(fields) {
			*next = 0
		}
		f := &fields[*next]
		*next++
		if f.key == key {
			return f
		}
	}
	return nil
}

func (r *reader) skip(k kind) {
	switch k {
	case kindVarint:
		r.uvarint()
	case kindFixed:
		r.fixed()
	case kindBytes:
		r.bytes()
	default:
		r.damaged("a kind")
	}
}
