//go:build unix

package sqlite

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/storetest"
)

// BenchmarkHotPath writes what order events for idle advocates write, 100
// events a commit. BENCH_ADVOCATES sets how many there are (default 100,000),
// BENCH_BATCH how many events a commit takes, BENCH_STATE how many bytes a
// state has.
func BenchmarkHotPath(b *testing.B) {
	h := storetest.HotPath{Advocates: envInt("BENCH_ADVOCATES", 100_000), Batch: envInt("BENCH_BATCH", 100), State: envInt("BENCH_STATE", 1500)}
	s, err := Open(context.Background(), filepath.Join(b.TempDir(), "data.db"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	h.Seed(b, s)
	rng := rand.New(rand.NewPCG(1, 2))
	b.ResetTimer()
	cpu, logged, before := cpuTime(), int64(0), logBytes(s)
	var slowest time.Duration
	for done := 0; done < b.N; done += h.Batch {
		part := h
		part.Batch = min(h.Batch, b.N-done)
		began := time.Now()
		if err := part.Write(s, rng, done); err != nil {
			b.Fatal(err)
		}
		slowest = max(slowest, time.Since(began))
		if after := logBytes(s); after >= before {
			logged, before = logged+after-before, after
		} else { // started again
			logged, before = logged+after, after
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(cpuTime()-cpu)/1e3/float64(b.N), "cpu-µs/event")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(logged)/float64(b.N), "log-B/event")
	b.ReportMetric(float64(slowest.Milliseconds()), "slowest-ms")
	began := time.Now()
	if err := s.View(context.Background(), func(r store.Reader) error {
		_, err := r.AdvocateList(store.AdvocateListParams{Query: "nobody"})
		return err
	}); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(time.Since(began).Milliseconds()), "search-ms")
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	b.ReportMetric(float64(mem.Sys>>20), "MiB")
	s.Close()
	began = time.Now()
	if s, err = Open(context.Background(), s.path, Options{}); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(time.Since(began).Milliseconds()), "open-ms")
	s.Close()
}

func envInt(name string, or int) int {
	if v, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return v
	}
	return or
}

func cpuTime() int64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Utime.Nano() + u.Stime.Nano()
}
