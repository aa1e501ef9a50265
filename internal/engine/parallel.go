package engine

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel calls f for 0 … n-1 on all cores and returns when all are done. A
// panic in f is raised again in the caller.
func parallel(n int, f func(i int)) {
	const chunk = 4
	workers := min(runtime.GOMAXPROCS(0), (n+chunk-1)/chunk)
	if workers <= 1 {
		for i := range n {
			f(i)
		}
		return
	}
	var (
		next     atomic.Int64
		wg       sync.WaitGroup
		mu       sync.Mutex
		panicked any
	)
	work := func() {
		defer func() {
			if p := recover(); p != nil {
				mu.Lock()
				panicked = p
				mu.Unlock()
			}
		}()
		for {
			from := int(next.Add(chunk)) - chunk
			if from >= n {
				return
			}
			for i := from; i < min(from+chunk, n); i++ {
				f(i)
			}
		}
	}
	for range workers - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
	if panicked != nil {
		panic(panicked)
	}
}

// pipeline calls f for 0 … n-1, in that order, on the other cores, while its
// owner goes through the results part by part.
type pipeline struct {
	n, part int
	f       func(i int)
	next    atomic.Int64
	left    []atomic.Int64 // calls of each part that have not ended
	done    []chan struct{}
	wg      sync.WaitGroup

	mu       sync.Mutex
	panicked any
}

func startPipeline(n, part int, f func(i int)) *pipeline {
	parts := (n + part - 1) / part
	p := &pipeline{n: n, part: part, f: f, left: make([]atomic.Int64, parts), done: make([]chan struct{}, parts)}
	for k := range parts {
		p.left[k].Store(int64(min(part, n-k*part)))
		p.done[k] = make(chan struct{})
	}
	const few = 4 // are not worth a goroutine
	for range min(runtime.GOMAXPROCS(0)-1, n/few) {
		p.wg.Go(func() {
			for p.one() {
			}
		})
	}
	return p
}

// one makes the next call; false when there is none left.
func (p *pipeline) one() bool {
	i := int(p.next.Add(1)) - 1
	if i >= p.n {
		return false
	}
	defer func() {
		if r := recover(); r != nil {
			p.mu.Lock()
			p.panicked = r
			p.mu.Unlock()
		}
		if k := i / p.part; p.left[k].Add(-1) == 0 {
			close(p.done[k])
		}
	}()
	p.f(i)
	return true
}

// wait returns when part k is done, and helps until then. A panic in f is
// raised again here.
func (p *pipeline) wait(k int) {
	for p.left[k].Load() > 0 && p.one() {
	}
	<-p.done[k]
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.panicked != nil {
		panic(p.panicked)
	}
}

// stop ends it early and returns when nothing runs any more.
func (p *pipeline) stop() {
	p.next.Add(int64(p.n))
	p.wg.Wait()
}
