package domain

import (
	"strings"
	"testing"
	"time"
)

func TestReadScore(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		score int
		bare  bool
	}{
		"5": {5, true}, " 4! ": {4, true}, "4/5": {4, true}, "4 / 5": {4, true}, "3 out of 5": {3, true}, "10/10": {5, true}, "7 von 10": {4, true},
		"I'd say 4": {4, false}, "2 stars": {2, true}, "5 estrellas, gracias": {5, false}, "1 - nobody called": {1, false},
		"2, nobody ever called me back": {2, false}, "5 great service": {5, false}, "⭐⭐⭐⭐": {4, true}, "★☆☆☆☆": {1, true}, "👍": {5, true}, "👎 slow": {1, false},
		"great": {5, true}, "very good": {4, true}, "not good": {2, true}, "nicht schlecht": {3, true}, "fatal": {1, true}, "five": {5, true}, "quatre": {4, true},
		"todo muy bien gracias": {4, false}, "so-so": {3, true},
	} {
		score, bare, ok := ReadScore(text)
		if !ok || score != want.score || bare != want.bare {
			t.Errorf("%q: %d, bare %v, %v; want %d, bare %v", text, score, bare, ok, want.score, want.bare)
		}
	}
	for _, text := range []string{
		"", "hello", "6", "0", "11/10", "6/5", "I waited 3 days", "3 days and still no parcel", "5 minutes ago", "3 Wochen gewartet", "where is order 4 of mine today",
		"my order A-5 is late and I have been waiting for ages", "why do you ask?", "call me at 5 pm please today", "-", strings.Repeat("9 ", 5000),
	} {
		if score, _, ok := ReadScore(text); ok {
			t.Errorf("%q reads as %d", text, score)
		}
	}
}

func TestRatingAwaited(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		r    *Rating
		want bool
	}{
		{nil, false}, {&Rating{Effect: "e"}, false}, {&Rating{AskedAt: now.Add(-time.Hour)}, true},
		{&Rating{AskedAt: now.Add(-RatingOpenFor)}, false}, {&Rating{AskedAt: now.Add(-time.Hour), At: now}, false},
	} {
		if got := c.r.Awaited(now); got != c.want {
			t.Errorf("%+v: %v", c.r, got)
		}
	}
}

func FuzzReadScore(f *testing.F) {
	for _, s := range []string{"5", "4/5", "8 out of 10", "⭐⭐", "not bad", "/", "5 / /", "\xff5", "1/", "out of"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		score, _, ok := ReadScore(s)
		if ok != (score >= MinScore && score <= MaxScore) || !ok && score != 0 {
			t.Fatalf("%q: %d, %v", s, score, ok)
		}
	})
}
