package domain

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// FuzzParseCustomerID: an id has one text. What is taken for one is that
// text, and what is not is refused with an error that may be shown.
func FuzzParseCustomerID(f *testing.F) {
	for _, s := range []string{
		"", "c", CustomerID(1).String(), CustomerID(math.MaxInt64).String(), strings.ToUpper(CustomerID(77).String()),
		"c0000000000000", "cg000000000000", "c0000000000é0", "c000000000000\x00", CustomerID(5).String() + "-w1", strings.Repeat("c", 14),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := ParseCustomerID(s)
		if err != nil {
			if ErrorCode(err) != CodeInvalid || id != 0 {
				t.Errorf("%q: %v, %v", s, id, err)
			}
			return
		}
		if id == 0 || id.String() != s {
			t.Errorf("%q is read as %d, which is written %q", s, int64(id), id)
		}
		var again CustomerID
		if err := again.UnmarshalText([]byte(s)); err != nil || again != id {
			t.Errorf("%q: as JSON %v, %v", s, again, err)
		}
	})
}

// FuzzParseObjectID: as FuzzParseCustomerID, of what belongs to a customer.
func FuzzParseObjectID(f *testing.F) {
	for _, s := range []string{
		"", "-", ObjectID(1, KindWorkItem, 1), ObjectID(math.MaxInt64, KindEffect, math.MaxInt64), ObjectID(7, KindCase, 0), ObjectID(7, KindCase, -3),
		CustomerID(7).String() + "-w+1", CustomerID(7).String() + "-w01", CustomerID(7).String() + "-w1_0", CustomerID(7).String() + "-w1-k1",
		CustomerID(7).String() + "-x1", CustomerID(7).String() + "-w", CustomerID(7).String() + "-w9223372036854775808", "c-w1",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, kind, n, err := ParseObjectID(s)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Code != CodeInvalid || c != 0 || kind != 0 || n != 0 {
				t.Errorf("%q: %v %c %d, %v", s, c, kind, n, err)
			}
			return
		}
		if c == 0 || n < 1 || ObjectID(c, kind, n) != s {
			t.Errorf("%q is read as %v, %c, %d, which is written %q", s, c, kind, n, ObjectID(c, kind, n))
		}
	})
}
