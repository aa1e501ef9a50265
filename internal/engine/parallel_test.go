package engine

import (
	"fmt"
	"sync/atomic"
	"testing"
)

func TestPipeline(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 3, 64, 65, 1000} {
		calls := make([]atomic.Int64, n)
		p := startPipeline(n, 64, func(i int) { calls[i].Add(1) })
		for k := 0; k*64 < n; k++ {
			p.wait(k)
			for i := k * 64; i < min(n, (k+1)*64); i++ {
				if calls[i].Load() != 1 {
					t.Fatalf("%d of %d was called %d times when its part was done", i, n, calls[i].Load())
				}
			}
		}
		p.stop()
	}
}

func TestPipelinePanics(t *testing.T) {
	t.Parallel()
	p := startPipeline(200, 50, func(i int) {
		if i == 60 {
			panic("at sixty")
		}
	})
	defer p.stop()
	defer func() {
		if r := recover(); fmt.Sprint(r) != "at sixty" {
			t.Errorf("raised %v", r)
		}
	}()
	for k := range 4 {
		p.wait(k)
	}
	t.Error("nothing was raised")
}

func TestPipelineStops(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	p := startPipeline(1_000_000, 10, func(int) { calls.Add(1) })
	p.wait(0)
	p.stop()
	after := calls.Load()
	if after == 1_000_000 || p.one() {
		t.Error("it went on")
	}
	if calls.Load() != after {
		t.Error("something still ran")
	}
}
