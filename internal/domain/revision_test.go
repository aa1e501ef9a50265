package domain

import "testing"

func TestCompareRevisions(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "1", -1}, {"x", "", 1}, {"9", "10", -1}, {"007", "7", 0},
		{"1815743210987654321", "1815743210987654320", 1},
		{"2026-03-02T10:00:00.000000Z", "2026-03-02T10:00:00.000001Z", -1},
		{"2026-03-02T11:00:00+02:00", "2026-03-02T10:00:00Z", -1},
		{"bafyreia", "bafyreib", 0}, {"3f", "12", 0}, {"2026-03-02T10:00:00Z", "7", 0},
	} {
		if got := CompareRevisions(x.a, x.b); got != x.want {
			t.Errorf("%q beside %q: %d", x.a, x.b, got)
		}
		if got := CompareRevisions(x.b, x.a); got != -x.want {
			t.Errorf("%q beside %q: %d", x.b, x.a, got)
		}
	}
}
