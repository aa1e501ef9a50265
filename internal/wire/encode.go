package wire

import (
	"encoding/binary"
	"math"
	"reflect"
	"slices"
	"time"
	"unsafe"
)

// magic begins every stored value; what begins otherwise is read as JSON.
const magic = 0x01

// Marshal returns the stored form of a struct or a pointer to one.
func Marshal(v any) []byte { return Append(make([]byte, 0, 512), v) }

// Append adds the stored form of v to dst.
func Append(dst []byte, v any) []byte {
	rv := reflect.ValueOf(v)
	for rv.Kind() == reflect.Pointer && rv.Elem().Kind() == reflect.Pointer {
		rv = rv.Elem()
	}
	if rv.Kind() != reflect.Pointer {
		p := reflect.New(rv.Type())
		p.Elem().Set(rv)
		rv = p
	}
	return planOf(rv.Type().Elem()).appendFields(append(dst, magic), rv.UnsafePointer())
}

func (p *plan) appendFields(dst []byte, at unsafe.Pointer) []byte {
	for i := range p.fields {
		f := &p.fields[i]
		fp := unsafe.Add(at, f.offset)
		if f.plan.none(fp) {
			continue
		}
		dst = append(dst, byte(f.key), byte(f.key>>8), byte(f.plan.kind))
		dst = f.plan.append(dst, fp)
	}
	return dst
}

// none reports whether a field is left out: it is zero, or an empty slice or
// map.
func (p *plan) none(at unsafe.Pointer) bool {
	switch p.op {
	case opSlice, opBytes:
		return (*header)(at).len == 0
	case opMap:
		return reflect.NewAt(p.typ, at).Elem().Len() == 0
	}
	return p.zero(at)
}

// zero is reflect's IsZero: an empty slice is not nil.
func (p *plan) zero(at unsafe.Pointer) bool {
	switch p.op {
	case opBool, opInt8, opUint8:
		return *(*uint8)(at) == 0
	case opInt16, opUint16:
		return *(*uint16)(at) == 0
	case opInt32, opUint32, opFloat32:
		return *(*uint32)(at) == 0
	case opInt64, opUint64, opFloat64:
		return *(*uint64)(at) == 0
	case opString:
		return len(*(*string)(at)) == 0
	case opPointer, opMap:
		return *(*unsafe.Pointer)(at) == nil
	case opSlice, opBytes:
		return (*header)(at).data == nil
	case opTime:
		return *(*time.Time)(at) == time.Time{}
	}
	if !p.plain {
		return reflect.NewAt(p.typ, at).Elem().IsZero()
	}
	for i := range p.fields {
		if f := &p.fields[i]; !f.plan.zero(unsafe.Add(at, f.offset)) {
			return false
		}
	}
	return true
}

func (p *plan) append(dst []byte, at unsafe.Pointer) []byte {
	switch p.op {
	case opBool, opUint8:
		return binary.AppendUvarint(dst, uint64(*(*uint8)(at)))
	case opInt8:
		return binary.AppendVarint(dst, int64(*(*int8)(at)))
	case opInt16:
		return binary.AppendVarint(dst, int64(*(*int16)(at)))
	case opInt32:
		return binary.AppendVarint(dst, int64(*(*int32)(at)))
	case opInt64:
		return binary.AppendVarint(dst, *(*int64)(at))
	case opUint16:
		return binary.AppendUvarint(dst, uint64(*(*uint16)(at)))
	case opUint32:
		return binary.AppendUvarint(dst, uint64(*(*uint32)(at)))
	case opUint64:
		return binary.AppendUvarint(dst, *(*uint64)(at))
	case opFloat32:
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(float64(*(*float32)(at))))
	case opFloat64:
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(*(*float64)(at)))
	case opString:
		return appendString(dst, *(*string)(at))
	case opBytes:
		b := *(*[]byte)(at)
		return append(binary.AppendUvarint(dst, uint64(len(b))), b...)
	case opTime:
		t := *(*time.Time)(at)
		if t.IsZero() {
			return binary.AppendVarint(dst, math.MinInt64)
		}
		return binary.AppendVarint(dst, t.UnixMicro())
	}
	start := len(dst)
	dst = append(dst, 0) // room for a length below 128, the usual case
	switch p.op {
	case opSlice:
		h := (*header)(at)
		dst = binary.AppendUvarint(dst, uint64(h.len))
		for i := range h.len {
			dst = p.elem.append(dst, unsafe.Add(h.data, uintptr(i)*p.elem.size))
		}
	case opPointer:
		dst = p.elem.append(dst, *(*unsafe.Pointer)(at))
	case opMap:
		dst = appendMap(dst, reflect.NewAt(p.typ, at).Elem())
	case opStruct:
		dst = p.appendFields(dst, at)
	}
	return delimit(dst, start)
}

// delimit puts the length of what was written from start+1 in front of it.
func delimit(dst []byte, start int) []byte {
	n := len(dst) - start - 1
	if n < 0x80 {
		dst[start] = byte(n)
		return dst
	}
	var head [binary.MaxVarintLen64]byte
	h := binary.PutUvarint(head[:], uint64(n))
	dst = append(dst, head[:h-1]...) // grow, then move the body up
	copy(dst[start+h:], dst[start+1:start+1+n])
	copy(dst[start:], head[:h])
	return dst
}

func appendString(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

func appendMap(dst []byte, m reflect.Value) []byte {
	keys := m.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int {
		if a.String() < b.String() {
			return -1
		}
		return 1
	})
	dst = binary.AppendUvarint(dst, uint64(len(keys)))
	for _, k := range keys {
		dst = appendString(appendString(dst, k.String()), m.MapIndex(k).String())
	}
	return dst
}
