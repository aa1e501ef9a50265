package desk

import "testing"

// TestStaff: who is usually there follows who is there, either way, arrives,
// and then has no more to say.
func TestStaff(t *testing.T) {
	t.Parallel()
	if got := staff(0, 3); got != 3 {
		t.Errorf("the first look: %v", got)
	}
	for _, x := range []struct {
		from float64
		to   int
	}{{5, 1}, {1, 5}, {4, 4}, {0.5, 300}} {
		usual, steps := x.from, 0
		for ; usual != float64(x.to) && steps < 20_000; steps++ {
			next := staff(usual, x.to)
			if (next-usual)*(float64(x.to)-usual) <= 0 {
				t.Fatalf("from %v towards %d it goes to %v", usual, x.to, next)
			}
			usual = next
		}
		if usual != float64(x.to) || staff(usual, x.to) != usual {
			t.Errorf("from %v to %d: %v after %d looks", x.from, x.to, usual, steps)
		}
	}
	if got := staff(8, 1); got < 7.9 {
		t.Errorf("one look with one agent makes %v of 8", got)
	}
}
