//go:build unix

package postgres_test

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
	"github.com/contact-advocate/advocate/internal/store/storetest"
)

// BenchmarkHotPath writes what order events for idle advocates write, against
// a server on the same machine that syncs each commit. BENCH_ADVOCATES,
// BENCH_BATCH, BENCH_WRITERS and BENCH_STATE set how much of what there is,
// BENCH_POSTGRES further settings of the server, separated by semicolons.
func BenchmarkHotPath(b *testing.B) {
	h := storetest.HotPath{Advocates: envInt("BENCH_ADVOCATES", 100_000), Batch: envInt("BENCH_BATCH", 256), State: envInt("BENCH_STATE", 1500)}
	writers := envInt("BENCH_WRITERS", 2)
	settings := []string{"shared_buffers = '2GB'", "max_wal_size = '8GB'", "checkpoint_timeout = '15min'", "wal_compression = on"}
	cluster, err := pgtest.NewCluster(append(settings, strings.Split(os.Getenv("BENCH_POSTGRES"), ";")...)...)
	if err != nil {
		b.Fatal(err)
	}
	defer cluster.Stop()
	s, err := postgres.Open(context.Background(), cluster.URL("postgres"), postgres.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	h.Seed(b, s)
	var first atomic.Int64
	b.Run("write", func(b *testing.B) {
		client, server := clientCPU(), cluster.CPU()
		var taken, slowest atomic.Int64
		var wg sync.WaitGroup
		for w := range writers {
			rng := rand.New(rand.NewPCG(uint64(w), uint64(first.Load())))
			wg.Go(func() {
				for taken.Add(int64(h.Batch)) < int64(b.N+h.Batch) {
					began := time.Now()
					if err := h.Write(s, rng, int(first.Add(int64(h.Batch)))); err != nil {
						b.Error(err)
						return
					}
					if took := int64(time.Since(began)); took > slowest.Load() {
						slowest.Store(took)
					}
				}
			})
		}
		wg.Wait()
		done := float64(max(1, b.N/h.Batch) * h.Batch)
		b.ReportMetric(done/b.Elapsed().Seconds(), "events/s")
		b.ReportMetric(float64((clientCPU()-client).Microseconds())/done, "client-µs/event")
		b.ReportMetric(float64((cluster.CPU()-server).Microseconds())/done, "server-µs/event")
		b.ReportMetric(float64(slowest.Load())/1e6, "slowest-ms")
	})
}

func envInt(name string, or int) int {
	if v, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return v
	}
	return or
}

func clientCPU() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkTail asks for new events while nobody writes.
func BenchmarkTail(b *testing.B) {
	s := pgtest.Open(b, postgres.Options{})
	server := pgtest.Shared(b)
	before := server.CPU()
	for b.Loop() {
		if err := s.View(context.Background(), func(r store.Reader) error { _, err := r.EventTail(0, 10); return err }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((server.CPU()-before).Microseconds())/float64(b.N), "server-µs/op")
}

// BenchmarkView begins and ends a View that asks for one thing.
func BenchmarkView(b *testing.B) {
	s := pgtest.Open(b, postgres.Options{})
	server := pgtest.Shared(b)
	before := server.CPU()
	for b.Loop() {
		if err := s.View(context.Background(), func(r store.Reader) error { _, err := r.InboxNext(); return err }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((server.CPU()-before).Microseconds())/float64(b.N), "server-µs/op")
}
