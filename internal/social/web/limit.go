package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
)

// RetryAfter is how long a server wants to be left alone, 0 if it does not
// say: Retry-After in seconds or as a date (RFC 9110, 10.2.3), else
// X-RateLimit-Reset as a date, as Unix seconds, or as seconds from now. It is
// never more than an hour.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	for _, name := range []string{"Retry-After", "Ratelimit-Reset", "X-Ratelimit-Reset", "X-Rate-Limit-Reset"} {
		if at, ok := ResetAt(h.Get(name), now); ok {
			return min(max(at.Sub(now), 0), time.Hour)
		}
	}
	return 0
}

// ResetAt reads a header that says when a limit ends, in any of those forms.
func ResetAt(value string, now time.Time) (time.Time, bool) {
	value = strings.TrimSpace(value)
	if value == "" {
		return time.Time{}, false
	}
	if n, err := strconv.ParseInt(value, 10, 64); err == nil {
		const farOff = 1 << 33 // the year 2242: what lies beyond is no time, and some cannot be written as one
		if n < 0 || n > farOff {
			return time.Time{}, false
		}
		const year = 365 * 24 * 3600
		if n > year {
			return time.Unix(n, 0), true
		}
		return now.Add(time.Duration(n) * time.Second), true
	}
	if at, err := http.ParseTime(value); err == nil {
		return at, true
	}
	if at, err := time.Parse(time.RFC3339, value); err == nil {
		return at, true
	}
	return time.Time{}, false
}

// Limit reads what headers say of one limit, such as X-Ratelimit: what is left
// of how much (-Remaining, -Limit) and when it is whole again (-Reset). It is
// false where they do not say what is left. The name is the caller's to give.
func Limit(h http.Header, prefix string, now time.Time) (social.Quota, bool) {
	left, err := strconv.ParseInt(h.Get(prefix+"-Remaining"), 10, 64)
	if err != nil {
		return social.Quota{}, false
	}
	q := social.Quota{Left: left}
	q.Of, _ = strconv.ParseInt(h.Get(prefix+"-Limit"), 10, 64)
	at, _ := ResetAt(h.Get(prefix+"-Reset"), now)
	q.Resets = at.UTC()
	return q, true
}
