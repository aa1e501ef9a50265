package assign

import (
	"testing"
	"time"
)

// TestNoBoundThatNobodyBelieves: "1 h 53 min, at most 30 d" is not told; while
// more pressing work nearly fills the agents a wait cannot be said.
func TestNoBoundThatNobodyBelieves(t *testing.T) {
	t.Parallel()
	said, unsaid := 0, 0
	for share := 0.0; share < 1; share += 0.05 {
		s := situation{places: 2, taken: []float64{60, 120}, ahead: 8, handling: Handling{Count: 3, Mean: 600, Square: 90000}}
		s.pressing = share * float64(s.places) / s.handling.Mean
		known, why, median, upper := s.wait()
		if !known {
			unsaid++
			if why != UnknownPressing {
				t.Errorf("at %.2f: %s", share, why)
			}
			continue
		}
		said++
		if upper >= longestWait || upper > 24*time.Hour && upper > 4*median {
			t.Errorf("at %.2f: %s, at most %s", share, median, upper)
		}
	}
	if said < 5 || unsaid == 0 {
		t.Errorf("%d were said, %d were not", said, unsaid)
	}
}
