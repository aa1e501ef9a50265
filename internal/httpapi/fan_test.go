//go:build unix

package httpapi

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/desk"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
	"github.com/contact-advocate/advocate/internal/telemetry"
)

// TestWhatAStreamCarries: each reader hears what they may see, and no more.
func TestWhatAStreamCarries(t *testing.T) {
	t.Parallel()
	said := func(kind string, data map[string]any) *routed {
		raw, err := json.Marshal(data)
		if err != nil {
			t.Fatal(err)
		}
		return route(&domain.Event{Seq: 1, Source: "advocate", Type: kind, Data: raw})
	}
	ann := &reach{who: auth.Principal{Name: "ann", Role: auth.RoleAgent, AllQueues: true}, self: &domain.Agent{ID: "ann", Queues: []string{"care"}}}
	boss := &reach{who: auth.Principal{Name: "boss", Role: auth.RoleSupervisor, Queues: []string{"care"}}}
	admin := &reach{who: auth.Principal{Name: "root", Role: auth.RoleAdmin, AllQueues: true}}
	for name, c := range map[string]struct {
		e    *routed
		sees string
	}{
		"an item of the queue":        {said("advocate.workitem.created", map[string]any{"queue": "care"}), "ann boss root"},
		"another queue's":             {said("advocate.workitem.created", map[string]any{"queue": "urgent"}), "root"},
		"one that left the queue":     {said("advocate.workitem.pending", map[string]any{"queue": "urgent", "from_queue": "care"}), "ann boss root"},
		"an offer from another queue": {said("advocate.workitem.reserved", map[string]any{"queue": "urgent", "agent": "ann"}), "ann root"},
		"her own activity":            {said(desk.EventAgentChanged, map[string]any{"agent": "ann", "queues": []string{"care"}}), "ann boss root"},
		"a colleague's":               {said(desk.EventAgentChanged, map[string]any{"agent": "bob", "queues": []string{"care"}}), "boss root"},
		"a stranger's":                {said(desk.EventAgentChanged, map[string]any{"agent": "bob", "queues": []string{"urgent"}}), "root"},
		"a customer's post":           {said("advocate.post.received", nil), "root"},
		"what only says it is ours":   {route(&domain.Event{Source: "/shop", Type: "advocate.workitem.created", Data: []byte(`{"queue":"care","agent":"ann"}`)}), "root"},
	} {
		var sees []string
		for _, x := range []*reach{ann, boss, admin} {
			if c.e.visible(x) {
				sees = append(sees, x.who.Name)
			}
		}
		if got := strings.Join(sees, " "); got != c.sees {
			t.Errorf("%s is seen by %q, want %q", name, got, c.sees)
		}
	}
}

// TestSlowReaderIsDropped: what waits for a stream is bounded.
func TestSlowReaderIsDropped(t *testing.T) {
	t.Parallel()
	s := &eventStream{wake: make(chan struct{}, 1)}
	for i := range streamQueue {
		s.push(&frame{int64(i), []byte("x")})
	}
	if s.lost {
		t.Fatal("dropped before its queue was full")
	}
	s.push(&frame{1, []byte("x")})
	if !s.lost || s.frames != nil {
		t.Errorf("lost %v with %d frames kept", s.lost, len(s.frames))
	}
	big := &eventStream{wake: make(chan struct{}, 1)}
	if big.push(&frame{1, make([]byte, streamBytes+1)}); !big.lost {
		t.Error("an event larger than what may wait was kept")
	}
}

// BenchmarkStreams opens 2,000 agents' streams, each of one of twenty queues,
// and writes 200 changes of work items a second to the log for a while; each is
// an offer to one agent, whose colleagues see it too. It reports how long an
// offer takes to reach its agent and what a stream weighs; readers are in the
// same process and their time is in cpu_share (of one core).
//
//	go test ./internal/httpapi -run '^$' -bench Streams -benchtime 1x
func BenchmarkStreams(b *testing.B) {
	const agents, queues, rate, seconds = 2000, 20, 200, 10
	st := memory.New()
	f := struct {
		store *memory.Store
		api   *API
	}{st, New(Options{Engine: &scripted{}, Store: st, Now: func() time.Time { return testNow }, Metrics: telemetry.NewMetrics("test")})}
	defer f.api.Close()
	tokens := make([]string, agents)
	err := f.store.Update(b.Context(), func(tx store.Tx) error {
		for i := range agents {
			g := domain.Agent{ID: fmt.Sprintf("a%d", i), Capacity: 1, Activity: domain.ActivityAvailable, Queues: []string{fmt.Sprintf("q%d", i%queues)}}
			d, err := store.AgentDocument(g)
			if err != nil {
				return err
			}
			if err := tx.DocumentPut([]store.Document{d}); err != nil {
				return err
			}
			if tokens[i], err = auth.NewSecret(nil); err != nil {
				return err
			}
			if err := tx.TokenPut(store.Token{Name: g.ID, Hash: auth.Hash(tokens[i]), Role: string(auth.RoleAgent), CreatedAt: testNow}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := f.api.Server(ln.Addr().String())
	served := make(chan struct{})
	go func() { defer close(served); _ = server.Serve(ln) }()
	defer func() { f.api.Close(); _ = server.Close(); <-served }()

	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse + m.StackInuse
	}
	before := heap()
	var mu sync.Mutex
	var took []time.Duration
	var open, all sync.WaitGroup
	conns := make([]net.Conn, agents)
	for i := range agents {
		open.Add(1)
		c, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		conns[i] = c
		me := fmt.Appendf(nil, `"agent":"a%d"`, i)
		fmt.Fprintf(c, "GET /v1/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", tokens[i])
		all.Go(func() {
			in := bufio.NewReaderSize(c, 1024)
			began := false
			for {
				line, err := in.ReadSlice('\n')
				if err != nil && err != bufio.ErrBufferFull {
					return
				}
				if !began && bytes.HasPrefix(line, []byte(": open")) {
					began = true
					open.Done()
				}
				if at := bytes.Index(line, []byte(`"sent":`)); at > 0 && bytes.Contains(line, me) {
					var ns int64
					fmt.Sscan(string(line[at+len(`"sent":`):at+len(`"sent":`)+19]), &ns)
					mu.Lock()
					took = append(took, time.Since(time.Unix(0, ns)))
					mu.Unlock()
				}
			}
		})
	}
	open.Wait()
	perStream := float64(heap()-before) / agents
	var start, end syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &start)
	began := time.Now()
	b.ResetTimer()
	tick := time.NewTicker(time.Second / rate)
	for n := range rate * seconds {
		<-tick.C
		to := n * 7 % agents
		data := fmt.Appendf(nil, `{"agent":"a%d","queue":"q%d","kind":"callback","priority":50,"reservation_id":"c0000000000001-w1-r1","sent":%d}`, to, to%queues, time.Now().UnixNano())
		err := f.store.Update(b.Context(), func(tx store.Tx) error {
			return tx.EventAppend([]domain.Event{{Source: "advocate", ID: fmt.Sprint("e", n), Type: "advocate.workitem.reserved", Time: testNow, Accepted: testNow, Data: data}})
		})
		if err != nil {
			b.Fatal(err)
		}
		f.api.Changed()
	}
	tick.Stop()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); runtime.Gosched() {
		mu.Lock()
		n := len(took)
		mu.Unlock()
		if n == rate*seconds {
			break
		}
		<-time.After(10 * time.Millisecond)
	}
	wall := time.Since(began)
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &end)
	b.StopTimer()
	for _, c := range conns {
		_ = c.Close()
	}
	all.Wait()
	if len(took) == 0 {
		b.Fatal("no offer arrived")
	}
	slices.Sort(took)
	cpu := time.Duration(end.Utime.Nano() + end.Stime.Nano() - start.Utime.Nano() - start.Stime.Nano())
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50_ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99_ms")
	b.ReportMetric(float64(len(took)), "arrived")
	b.ReportMetric(perStream/1024, "KiB/stream")
	b.ReportMetric(cpu.Seconds()/wall.Seconds(), "cpu_share")
	b.ReportMetric(0, "ns/op")
}
