package report

import (
	"math"
	"slices"
	"sort"
)

// steps is how many bounds of a histogram lie between a number and its double.
const steps = 8

// maxSeconds is the longest time that is told from a longer one: 400 days.
const maxSeconds = 400 * 24 * 3600

// bounds are the ends of a histogram's classes: class 0 is less than a second,
// class i is from bounds[i-1] to less than bounds[i].
var bounds = func() []float64 {
	out := []float64{1}
	for i := 1; out[i-1] <= maxSeconds; i++ {
		out = append(out, math.Exp2(float64(i)/steps))
	}
	return out
}()

// Histogram counts whole seconds by classes that widen with the time. The zero
// value is empty.
type Histogram struct {
	Count   int64         `json:"n"`
	Sum     int64         `json:"sum"`
	Max     int64         `json:"max"`
	Classes map[int]int64 `json:"c,omitempty"`
}

// Add counts a time. One below zero counts as zero, one above 400 days as that.
func (h *Histogram) Add(seconds int64) {
	seconds = min(max(seconds, 0), maxSeconds)
	if h.Classes == nil {
		h.Classes = map[int]int64{}
	}
	h.Count++
	h.Sum += seconds
	h.Max = max(h.Max, seconds)
	h.Classes[sort.SearchFloat64s(bounds, math.Nextafter(float64(seconds), math.MaxFloat64))]++
}

// Merge adds what another one counted.
func (h *Histogram) Merge(o *Histogram) {
	if o == nil || o.Count == 0 {
		return
	}
	if h.Classes == nil {
		h.Classes = map[int]int64{}
	}
	h.Count += o.Count
	h.Sum += o.Sum
	h.Max = max(h.Max, o.Max)
	for i, n := range o.Classes {
		h.Classes[i] += n
	}
}

// Percentile is the time that p of 100 do not exceed (the nearest rank), as
// exactly as its class tells; ok is false where nothing was counted.
func (h *Histogram) Percentile(p float64) (seconds float64, ok bool) {
	if h.Count <= 0 {
		return 0, false
	}
	rank := min(max(int64(math.Ceil(p/100*float64(h.Count))), 1), h.Count)
	classes := make([]int, 0, len(h.Classes))
	for i := range h.Classes {
		classes = append(classes, i)
	}
	slices.Sort(classes)
	below := int64(0)
	for _, i := range classes {
		n := h.Classes[i]
		if below+n < rank {
			below += n
			continue
		}
		low, high := 0.0, 0.0
		if i > 0 && i < len(bounds) {
			low, high = bounds[i-1], bounds[i]
		}
		at := low + (high-low)*(float64(rank-below)-0.5)/float64(n)
		return min(at, float64(h.Max)), true
	}
	return float64(h.Max), true
}
