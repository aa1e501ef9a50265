package advocate_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/advocate"
	"github.com/contact-advocate/advocate/internal/domain"
)

// BenchmarkEvent is the hot path: one order event for an advocate with one
// waiting case, from stored bytes to bytes to be stored.
func BenchmarkEvent(b *testing.B) {
	k := newKit(b, book).known()
	k.decide(k.post("maria", "where is A-10234?", domain.Public, about("A-10234", domain.Neutral)))
	k.decide(k.answer(k.lookup(), lateOrder()))
	k.decide(k.sent())
	state := k.last.State
	o := lateOrder()
	o.Status, o.UpdatedAt = domain.OrderShipped, start.Add(time.Hour)
	in := k.event("order.shipped", o)
	b.ReportAllocs()
	b.ReportMetric(float64(len(state)), "state_bytes")
	b.ResetTimer()
	for b.Loop() {
		var snap domain.Snapshot
		if err := json.Unmarshal(state, &snap); err != nil {
			b.Fatal(err)
		}
		d := advocate.Decide(k.pb, snap, []domain.Input{in}, k.now)
		if _, err := json.Marshal(&d.Record); err != nil {
			b.Fatal(err)
		}
	}
}
