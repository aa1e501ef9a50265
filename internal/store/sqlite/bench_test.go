//go:build unix

package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// BenchmarkHotPath writes what order events for idle advocates write, 100
// events a commit. BENCH_ADVOCATES sets how many there are (default 100,000),
// BENCH_BATCH how many events a commit takes.
func BenchmarkHotPath(b *testing.B) {
	n, batch := envInt("BENCH_ADVOCATES", 100_000), envInt("BENCH_BATCH", 100)
	s, err := Open(context.Background(), filepath.Join(b.TempDir(), "data.db"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	seed(b, s, n)
	rng := rand.New(rand.NewPCG(1, 2))
	state := make([]byte, envInt("BENCH_STATE", 1500))
	for i := range state {
		state[i] = byte(rng.IntN(64) + 32)
	}
	b.ResetTimer()
	cpu, logged, before := cpuTime(), int64(0), logBytes(s)
	var slowest time.Duration
	for done := 0; done < b.N; done += batch {
		began := time.Now()
		hotBatch(b, s, rng, n, min(batch, b.N-done), done, state)
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

func orderID(i int) string { return fmt.Sprintf("A-%08d", i) }

func customer(i int) domain.CustomerID {
	return domain.NewCustomerID(1_700_000_000_000+int64(i), uint32(i))
}

func seed(b *testing.B, s *Store, n int) {
	now := time.Now().UTC().Truncate(time.Microsecond)
	for from := 0; from < n; from += 5000 {
		if err := s.Update(context.Background(), func(tx store.Tx) error {
			for i := from; i < min(from+5000, n); i++ {
				c := customer(i)
				if err := tx.AdvocateInsert([]store.Advocate{{ID: c, State: make([]byte, 1500), Ref: fmt.Sprint("R-", i), Search: fmt.Sprint("name ", i, " user", i, "@example.com"), CreatedAt: now}}); err != nil {
					return err
				}
				if err := tx.OrderPut([]domain.Order{benchOrder(i, 1, now)}); err != nil {
					return err
				}
				if err := tx.SubscriptionAdd([]store.SubscriptionRow{{Customer: c, Subscription: domain.Subscription{ID: domain.ObjectID(c, domain.KindSubscription, 1), Case: domain.ObjectID(c, domain.KindCase, 1),
					To: "order.*", Anchor: domain.Anchor{Attr: domain.AnchorOrder, Value: orderID(i)}, Reason: "the customer asked about it", Rule: "look-up-order", Since: now, Expires: now.Add(720 * time.Hour)}}}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
}

func benchOrder(i int, version int64, now time.Time) domain.Order {
	return domain.Order{ID: orderID(i), CustomerRef: fmt.Sprint("R-", i), Status: domain.OrderShipped, Carrier: "DHL", Tracking: fmt.Sprint("JD00", i),
		Items: []domain.OrderItem{{SKU: "sku-1", Name: "Kettle", Quantity: 1}}, Total: "49.90", Currency: "EUR", Email: fmt.Sprintf("user%d@example.com", i), Postcode: "10115", Version: version, UpdatedAt: now}
}

func hotBatch(b *testing.B, s *Store, rng *rand.Rand, n, batch, done int, state []byte) {
	now := time.Now().UTC().Truncate(time.Microsecond)
	err := s.Update(context.Background(), func(tx store.Tx) error {
		events, seen := make([]domain.Event, batch), make([]store.SeenRow, batch)
		anchors, orders := make([][]domain.Anchor, batch), make([]string, batch)
		for i := range events {
			k := rng.IntN(n)
			events[i] = domain.Event{Source: "shop", ID: strconv.Itoa(done + i), Type: "order.shipped", OrderID: orderID(k), CustomerRef: fmt.Sprint("R-", k), Time: now, Accepted: now,
				Data: json.RawMessage(`{"status":"shipped","carrier":"DHL","eta":"2026-03-05T12:00:00Z","reason":"left the depot"}`)}
			anchors[i], orders[i] = events[i].Anchors(), orderID(k)
			seen[i] = store.SeenRow{Key: events[i].DedupeKey(), Body: events[i].BodyHash(), At: now}
		}
		if _, err := tx.SeenAdd(seen); err != nil {
			return err
		}
		if err := tx.EventAppend(events); err != nil {
			return err
		}
		have, err := tx.OrderGet(orders)
		if err != nil {
			return err
		}
		for i := range have {
			have[i].Version++
		}
		if err := tx.OrderPut(have); err != nil {
			return err
		}
		subs, err := tx.SubscriptionFind(store.SubscriptionFindParams{Anchors: anchors, Limit: 1000})
		if err != nil {
			return err
		}
		var ids []domain.CustomerID
		once := map[domain.CustomerID]bool{}
		for _, rows := range subs {
			for _, row := range rows {
				if !once[row.Customer] {
					once[row.Customer] = true
					ids = append(ids, row.Customer)
				}
			}
		}
		held, err := tx.AdvocateLock(ids)
		if err != nil {
			return err
		}
		writes := make([]store.AdvocateWriteRow, len(held))
		for i, a := range held {
			writes[i] = store.AdvocateWriteRow{ID: a.ID, Version: a.Version + 1, State: state, NextDue: a.NextDue, Ref: a.Ref, Search: a.Search, At: now, Record: state[:900]}
		}
		return tx.AdvocateWrite(writes)
	})
	if err != nil {
		b.Fatal(err)
	}
}
