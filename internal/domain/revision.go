package domain

import (
	"cmp"
	"strings"
	"time"
)

// CompareRevisions says whether a version of a post is older (-1) or newer (1)
// than another, as far as their revisions tell: the first version has none, and
// two whole numbers, or two RFC 3339 times, stand in their order. Of others, as
// of digests of the text, it is not known; the result is 0 then.
func CompareRevisions(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == "":
		return -1
	case b == "":
		return 1
	case wholeNumber(a) && wholeNumber(b):
		a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
	}
	x, err := time.Parse(time.RFC3339, a)
	if err != nil {
		return 0
	}
	y, err := time.Parse(time.RFC3339, b)
	if err != nil {
		return 0
	}
	return x.Compare(y)
}

func wholeNumber(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}
