package domain

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// CustomerID names a customer and that customer's advocate. It is positive;
// zero is no customer. In text it is "c" and thirteen digits of Crockford's
// base 32 (lower case, no i, l, o, u), which sort as the numbers do.
type CustomerID int64

const base32Digits = "0123456789abcdefghjkmnpqrstvwxyz"

// NewCustomerID makes an id from the time in Unix milliseconds and 21 random
// bits. Ids of later milliseconds sort later; a collision is the store's to
// notice and the caller's to retry with other bits.
func NewCustomerID(unixMilli int64, random uint32) CustomerID {
	return CustomerID(unixMilli<<21 | int64(random&(1<<21-1)))
}

// String returns the text form.
func (id CustomerID) String() string {
	var b [14]byte
	b[0] = 'c'
	v := uint64(id)
	for i := 13; i >= 1; i-- {
		b[i] = base32Digits[v&31]
		v >>= 5
	}
	return string(b[:])
}

// ParseCustomerID reads the text form.
func ParseCustomerID(s string) (CustomerID, error) {
	if len(s) != 14 || s[0] != 'c' {
		return 0, Errorf(CodeInvalid, "customer id %.40q: want \"c\" and 13 letters or digits", s)
	}
	var v uint64
	for i := 1; i < 14; i++ {
		d := strings.IndexByte(base32Digits, s[i])
		if d < 0 || i == 1 && d > 7 {
			return 0, Errorf(CodeInvalid, "customer id %.40q: %q is not one of %s", s, s[i], base32Digits)
		}
		v = v<<5 | uint64(d)
	}
	if v == 0 {
		return 0, Errorf(CodeInvalid, "customer id %.40q names nobody", s)
	}
	return CustomerID(v), nil
}

// MarshalText implements encoding.TextMarshaler.
func (id CustomerID) MarshalText() ([]byte, error) {
	if id == 0 {
		return nil, nil
	}
	return []byte(id.String()), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (id *CustomerID) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*id = 0
		return nil
	}
	v, err := ParseCustomerID(string(b))
	if err != nil {
		return err
	}
	*id = v
	return nil
}

// ObjectKind is the letter in the id of something that belongs to a customer.
type ObjectKind byte

const (
	KindCase         ObjectKind = 'k'
	KindWorkItem     ObjectKind = 'w'
	KindPromise      ObjectKind = 'p'
	KindSubscription ObjectKind = 's'
	KindEffect       ObjectKind = 'e'
	KindEmitted      ObjectKind = 'v'
)

// ObjectID is the id of a customer's n-th object of a kind.
func ObjectID(c CustomerID, kind ObjectKind, n int64) string {
	return c.String() + "-" + string(rune(kind)) + strconv.FormatInt(n, 10)
}

var errObjectID = errors.New("want a customer id, \"-\", a letter and a number")

// ParseObjectID splits what ObjectID made, and takes nothing else: an id has
// one text, since rows are found by it.
func ParseObjectID(s string) (c CustomerID, kind ObjectKind, n int64, err error) {
	head, tail, ok := strings.Cut(s, "-")
	if !ok || len(tail) < 2 {
		return 0, 0, 0, &Error{Code: CodeInvalid, Message: fmt.Sprintf("id %.60q: %v", s, errObjectID)}
	}
	if c, err = ParseCustomerID(head); err != nil {
		return 0, 0, 0, err
	}
	n, err = strconv.ParseInt(tail[1:], 10, 64)
	if err != nil || tail[1] < '1' || tail[1] > '9' || !strings.ContainsRune("kwpsev", rune(tail[0])) {
		return 0, 0, 0, &Error{Code: CodeInvalid, Message: fmt.Sprintf("id %.60q: %v", s, errObjectID)}
	}
	return c, ObjectKind(tail[0]), n, nil
}
