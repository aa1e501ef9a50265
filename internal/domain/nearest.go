package domain

import (
	"strings"
	"unicode/utf8"
)

// Nearest returns the accepted word that is a typing slip away from got, "" if
// none is near enough to be worth telling: at most a third of its letters may
// be wrong. Case does not count.
func Nearest(got string, accepted []string) string {
	return NearestWithin(got, accepted, max(1, len([]rune(got))/3))
}

// NearestWithin is Nearest with at most so many letters wrong. Of equally
// near words the first is returned. A long got is compared by its beginning.
func NearestWithin(got string, accepted []string, most int) string {
	best, bestDistance := "", most+1
	got = strings.ToLower(Clip(got, 60))
	for _, w := range accepted {
		if d := distance(got, strings.ToLower(w)); d < bestDistance {
			best, bestDistance = w, d
		}
	}
	if bestDistance > most || bestDistance >= len(best) {
		return ""
	}
	return best
}

// distance is Levenshtein's, with a swap of neighbours counted once.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}

// Cut cuts text to at most n bytes of whole characters.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// Clip cuts text to at most n runes, the last a "…" where it was longer.
func Clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:max(n-1, 0)]) + "…"
}
