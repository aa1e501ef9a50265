package wire

import (
	"encoding/binary"
	"math"
	"reflect"
	"slices"
	"time"
)

// magic begins every stored value; what begins otherwise is read as JSON.
const magic = 0x01

// Marshal returns the stored form of a struct or a pointer to one.
func Marshal(v any) []byte { return Append(make([]byte, 0, 512), v) }

// Append adds the stored form of v to dst.
func Append(dst []byte, v any) []byte {
	rv := reflect.ValueOf(v)
	for rv.Kind() == reflect.Pointer {
		rv = rv.Elem()
	}
	return appendFields(append(dst, magic), rv, fieldsCached(rv.Type()))
}

func appendFields(dst []byte, v reflect.Value, fields []field) []byte {
	for i := range fields {
		f := &fields[i]
		fv := v.Field(f.index)
		if isZero(fv) {
			continue
		}
		dst = append(dst, byte(f.key), byte(f.key>>8), byte(f.plan.kind))
		dst = f.plan.encode(dst, fv)
	}
	return dst
}

// isZero is reflect's, except that an empty slice or map counts as none.
func isZero(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.String:
		return v.Len() == 0
	}
	return v.IsZero()
}

// delimited writes what body adds, behind its length.
func delimited(dst []byte, body func([]byte) []byte) []byte {
	start := len(dst)
	dst = body(append(dst, 0)) // room for a length below 128, the usual case
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

var (
	boolPlan = &plan{kindVarint,
		func(dst []byte, v reflect.Value) []byte {
			if v.Bool() {
				return append(dst, 1)
			}
			return append(dst, 0)
		},
		func(r *reader, v reflect.Value) { v.SetBool(r.uvarint() != 0) }}
	intPlan = &plan{kindVarint,
		func(dst []byte, v reflect.Value) []byte { return binary.AppendVarint(dst, v.Int()) },
		func(r *reader, v reflect.Value) { v.SetInt(r.varint()) }}
	uintPlan = &plan{kindVarint,
		func(dst []byte, v reflect.Value) []byte { return binary.AppendUvarint(dst, v.Uint()) },
		func(r *reader, v reflect.Value) { v.SetUint(r.uvarint()) }}
	floatPlan = &plan{kindFixed,
		func(dst []byte, v reflect.Value) []byte {
			return binary.LittleEndian.AppendUint64(dst, math.Float64bits(v.Float()))
		},
		func(r *reader, v reflect.Value) { v.SetFloat(math.Float64frombits(r.fixed())) }}
	stringPlan = &plan{kindBytes,
		func(dst []byte, v reflect.Value) []byte {
			s := v.String()
			return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
		},
		func(r *reader, v reflect.Value) { v.SetString(string(r.bytes())) }}
	bytesPlan = &plan{kindBytes,
		func(dst []byte, v reflect.Value) []byte {
			b := v.Bytes()
			return append(binary.AppendUvarint(dst, uint64(len(b))), b...)
		},
		func(r *reader, v reflect.Value) { v.SetBytes(slices.Clone(r.bytes())) }}
	timePlan = &plan{kindVarint,
		func(dst []byte, v reflect.Value) []byte {
			t := timeOf(v)
			if t.IsZero() {
				return binary.AppendVarint(dst, math.MinInt64)
			}
			return binary.AppendVarint(dst, t.UnixMicro())
		},
		func(r *reader, v reflect.Value) {
			if us := r.varint(); us != math.MinInt64 {
				t := time.UnixMicro(us).UTC()
				if v.CanAddr() {
					*v.Addr().Interface().(*time.Time) = t
				} else {
					v.Set(reflect.ValueOf(t))
				}
			}
		}}
)

func timeOf(v reflect.Value) time.Time {
	if v.CanAddr() {
		return *v.Addr().Interface().(*time.Time) // without a copy to the heap
	}
	return v.Interface().(time.Time)
}

func slicePlan(t reflect.Type) *plan {
	var elem *plan // set on first use: a type may contain itself
	get := func() *plan {
		if elem == nil {
			return planOf(t.Elem())
		}
		return elem
	}
	return &plan{kindBytes,
		func(dst []byte, v reflect.Value) []byte {
			p := get()
			return delimited(dst, func(dst []byte) []byte {
				n := v.Len()
				dst = binary.AppendUvarint(dst, uint64(n))
				for i := range n {
					dst = p.encode(dst, v.Index(i))
				}
				return dst
			})
		},
		func(r *reader, v reflect.Value) {
			p := get()
			in := r.sub()
			n := in.count()
			if in.err != nil || n == 0 {
				r.fail(in.err)
				return
			}
			s := reflect.MakeSlice(t, n, n)
			for i := range n {
				p.decode(in, s.Index(i))
			}
			r.fail(in.err)
			v.Set(s)
		}}
}

func pointerPlan(t reflect.Type) *plan {
	elem := planOf(t.Elem())
	return &plan{kindBytes,
		func(dst []byte, v reflect.Value) []byte {
			return delimited(dst, func(dst []byte) []byte { return elem.encode(dst, v.Elem()) })
		},
		func(r *reader, v reflect.Value) {
			in := r.sub()
			p := reflect.New(t.Elem())
			if len(in.b) > 0 {
				elem.decode(in, p.Elem())
			}
			r.fail(in.err)
			v.Set(p)
		}}
}

func mapPlan(t reflect.Type) *plan {
	return &plan{kindBytes,
		func(dst []byte, v reflect.Value) []byte {
			keys := v.MapKeys()
			slices.SortFunc(keys, func(a, b reflect.Value) int {
				if a.String() < b.String() {
					return -1
				}
				return 1
			})
			return delimited(dst, func(dst []byte) []byte {
				dst = binary.AppendUvarint(dst, uint64(len(keys)))
				for _, k := range keys {
					dst = stringPlan.encode(stringPlan.encode(dst, k), v.MapIndex(k))
				}
				return dst
			})
		},
		func(r *reader, v reflect.Value) {
			in := r.sub()
			n := in.count()
			m := reflect.MakeMapWithSize(t, n)
			for range n {
				k, e := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
				stringPlan.decode(in, k)
				stringPlan.decode(in, e)
				m.SetMapIndex(k, e)
			}
			r.fail(in.err)
			v.Set(m)
		}}
}

func structPlan(t reflect.Type) *plan {
	return &plan{kindBytes,
		func(dst []byte, v reflect.Value) []byte {
			fields := fieldsCached(t)
			return delimited(dst, func(dst []byte) []byte { return appendFields(dst, v, fields) })
		},
		func(r *reader, v reflect.Value) {
			in := r.sub()
			in.fields(v, fieldsCached(t))
			r.fail(in.err)
		}}
}
