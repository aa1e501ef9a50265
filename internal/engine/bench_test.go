//go:build unix

package engine_test

import (
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/component/builtin"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
	"github.com/contact-advocate/advocate/internal/store/sqlite"
	"github.com/contact-advocate/advocate/internal/understand"
)

// BenchmarkEvents takes order events in batches of 100 for customers who
// follow an order, on SQLite, under the default playbook.
func BenchmarkEvents(b *testing.B) {
	const customers = 10_000
	s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "bench.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	reader, err := understand.New(understand.Options{})
	if err != nil {
		b.Fatal(err)
	}
	e, err := engine.New(engine.Options{
		Store: s, Understander: reader, Networks: []social.Network{socialtest.NewScripted(socialtest.ScriptedOptions{Name: "sandbox"})},
		Components: []component.Component{builtin.Orders(s)}, Policy: domain.DefaultPolicy(),
	})
	if err != nil {
		b.Fatal(err)
	}
	v, err := e.PlaybookPublish(b.Context(), "default.yaml", playbook.Default(), "bench")
	if err == nil {
		err = e.PlaybookActivate(b.Context(), v, "bench")
	}
	if err != nil {
		b.Fatal(err)
	}
	for at := 0; at < customers; at += 500 {
		posts := make([]domain.Post, 500)
		for i := range posts {
			posts[i] = domain.Post{
				Network: "sandbox", ID: fmt.Sprintf("p%d", at+i), Author: domain.Author{ID: fmt.Sprintf("a%d", at+i)},
				Text: fmt.Sprintf("where is my order A-%d", 100_000+at+i), Visibility: domain.Private,
			}
		}
		if _, err := e.PostsSubmit(b.Context(), posts); err != nil {
			b.Fatal(err)
		}
	}
	for {
		n, err := e.StepDispatch(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	kinds := []string{"paid", "created", "shipped"}
	b.ResetTimer()
	cpu := cpuTime()
	for done := 0; done < b.N; done += 100 {
		events := make([]domain.Event, 100)
		for i := range events {
			n := done + i
			who := (n * 7919) % customers
			events[i] = domain.Event{
				Source: "shop", ID: fmt.Sprintf("e%d", n), Type: "order." + kinds[n%3], Time: time.Now(),
				OrderID: fmt.Sprintf("A-%d", 100_000+who), Data: []byte(`{"carrier":"ACME","tracking":"1Z999"}`),
			}
		}
		if _, err := e.EventsSubmit(b.Context(), events); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(cpuTime()-cpu)/float64(time.Microsecond)/float64(b.N), "cpu-µs/event")
	st, err := e.Status(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(st.Metrics.Decisions)/float64(b.N), "decisions/event")
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
