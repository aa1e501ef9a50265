package x

import (
	"strconv"
	"strings"
	"time"
	"unicode"
)

// epoch is where the time in an id begins (Snowflake).
const epoch = 1288834974657 // milliseconds

// validID holds for what the API calls an id: ^[0-9]{1,19}$ (its OpenAPI
// document), without leading zeros, so that ids compare.
func validID(s string) bool {
	return len(s) >= 1 && len(s) <= 19 && s[0] != '0' && strings.Trim(s, "0123456789") == ""
}

// validHandle holds for a username: ^[A-Za-z0-9_]{1,15}$; some old ones are
// longer.
func validHandle(s string) bool {
	return len(s) >= 1 && len(s) <= 50 && !strings.ContainsFunc(s, func(r rune) bool {
		return r > unicode.MaxASCII || r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// later reports whether an id was made after another; "" is before all.
func later(a, b string) bool {
	if len(a) != len(b) {
		return len(a) > len(b)
	}
	return a > b
}

// madeAt is when an id was made.
func madeAt(id string) time.Time {
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(int64(n>>22) + epoch).UTC()
}

// idAt is the first id of a time.
func idAt(t time.Time) string {
	ms := t.UnixMilli() - epoch
	if ms <= 0 {
		return "1"
	}
	return strconv.FormatUint(uint64(ms)<<22, 10)
}
