package social

import "github.com/contact-advocate/advocate/internal/domain"

// Clean is a field that somebody has written, as stores take it: at most n
// bytes of it.
func Clean(s string, n int) string { return domain.Cut(domain.CleanText(s), n) }

// Shorten leaves at most n bytes of a text, the last a mark where it was longer.
func Shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return domain.Cut(s, n-len(ellipsis)) + ellipsis
}
