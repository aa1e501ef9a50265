package wire

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"time"
	"unsafe"
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
	v := reflect.ValueOf(dst)
	r := reader{b: data[1:]}
	planOf(v.Type().Elem()).readFields(&r, v.UnsafePointer())
	return r.err
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

// enter goes into a length-delimited stretch; leave goes on behind it, with
// what enter returned.
func (r *reader) enter() (rest []byte) {
	in := r.bytes()
	rest, r.b = r.b, in
	if r.depth++; r.depth > maxDepth {
		r.damaged("nesting")
	}
	return rest
}

func (r *reader) leave(rest []byte) {
	r.depth--
	if r.err == nil {
		r.b = rest
	}
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

// readFields reads a struct's fields until the stretch ends. They mostly come
// in the order in which they are declared, so the search starts behind the
// last one.
func (p *plan) readFields(r *reader, at unsafe.Pointer) {
	next := 0
	for len(r.b) > 0 && r.err == nil {
		if len(r.b) < 3 {
			r.damaged("a field")
			return
		}
		key, k := uint16(r.b[0])|uint16(r.b[1])<<8, kind(r.b[2])
		r.b = r.b[3:]
		f := find(p.fields, key, &next)
		if f == nil || f.plan.kind != k {
			r.skip(k)
			continue
		}
		f.plan.read(r, unsafe.Add(at, f.offset))
	}
}

func (p *plan) read(r *reader, at unsafe.Pointer) {
	switch p.op {
	case opBool:
		*(*bool)(at) = r.uvarint() != 0
	case opInt8:
		*(*int8)(at) = int8(r.varint())
	case opInt16:
		*(*int16)(at) = int16(r.varint())
	case opInt32:
		*(*int32)(at) = int32(r.varint())
	case opInt64:
		*(*int64)(at) = r.varint()
	case opUint8:
		*(*uint8)(at) = uint8(r.uvarint())
	case opUint16:
		*(*uint16)(at) = uint16(r.uvarint())
	case opUint32:
		*(*uint32)(at) = uint32(r.uvarint())
	case opUint64:
		*(*uint64)(at) = r.uvarint()
	case opFloat32:
		*(*float32)(at) = float32(math.Float64frombits(r.fixed()))
	case opFloat64:
		*(*float64)(at) = math.Float64frombits(r.fixed())
	case opString:
		*(*string)(at) = string(r.bytes())
	case opBytes:
		*(*[]byte)(at) = append([]byte{}, r.bytes()...)
	case opTime:
		if us := r.varint(); us != math.MinInt64 {
			*(*time.Time)(at) = time.UnixMicro(us).UTC()
		}
	default:
		rest := r.enter()
		p.readInside(r, at)
		r.leave(rest)
	}
}

// readInside reads what has a length of its own.
func (p *plan) readInside(r *reader, at unsafe.Pointer) {
	switch p.op {
	case opStruct:
		p.readFields(r, at)
	case opPointer:
		v := reflect.New(p.elem.typ)
		if len(r.b) > 0 {
			p.elem.read(r, v.UnsafePointer())
		}
		*(*unsafe.Pointer)(at) = v.UnsafePointer()
	case opSlice:
		n := r.count()
		if r.err != nil || n == 0 {
			return
		}
		s := reflect.NewAt(p.typ, at).Elem()
		s.SetZero()
		s.Grow(n)
		s.SetLen(n)
		for data, i := s.UnsafePointer(), 0; i < n && r.err == nil; i++ {
			p.elem.read(r, unsafe.Add(data, uintptr(i)*p.elem.size))
		}
	case opMap:
		n := r.count()
		m := reflect.MakeMapWithSize(p.typ, n)
		for range n {
			k, e := reflect.New(p.typ.Key()).Elem(), reflect.New(p.typ.Elem()).Elem()
			k.SetString(string(r.bytes()))
			e.SetString(string(r.bytes()))
			m.SetMapIndex(k, e)
		}
		reflect.NewAt(p.typ, at).Elem().Set(m)
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
