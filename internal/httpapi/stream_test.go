package httpapi

import (
	"bufio"
	"context"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// streams is a shop with a real server.
type streams struct {
	*shop
	srv *httptest.Server
}

func newStreams(t *testing.T) *streams {
	s := &streams{shop: newShop(t)}
	s.srv = httptest.NewUnstartedServer(s.api)
	s.srv.Config = s.api.Server("")
	s.srv.Config.ReadTimeout, s.srv.Config.WriteTimeout = 50*time.Millisecond, 50*time.Millisecond
	s.srv.Start()
	t.Cleanup(s.srv.Close)
	return s
}

func (s *streams) submit(id string) {
	s.Helper()
	body := `{"specversion":"1.0","id":"` + id + `","source":"/shop","type":"order.paid","orderid":"A-10234","data":{"email":"ana@example.com"}}`
	s.want(s.call("POST", "/v1/events", body, s.as(auth.RoleIngest), "Content-Type: application/cloudevents+json"), 202)
	s.api.Changed()
}

// open reads a stream: lines gives what follows the next line that begins so.
func (s *streams) open(last string) (lines func(want string) string, end func()) {
	s.Helper()
	ctx, cancel := context.WithCancel(s.Context())
	req, _ := http.NewRequestWithContext(ctx, "GET", s.srv.URL+"/v1/stream?types=order.*", nil)
	req.Header.Set("Authorization", "Bearer "+s.tokens[auth.RoleRead])
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err := s.srv.Client().Do(req)
	if err != nil {
		s.Fatal(err)
	}
	if res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		s.Fatalf("stream: %d %v", res.StatusCode, res.Header)
	}
	in := bufio.NewScanner(res.Body)
	lines = func(want string) string {
		s.Helper()
		for in.Scan() {
			if strings.HasPrefix(in.Text(), want) {
				return strings.TrimPrefix(in.Text(), want)
			}
		}
		s.Fatalf("the stream ended before %q: %v", want, in.Err())
		return ""
	}
	return lines, func() { cancel(); res.Body.Close() }
}

func TestStreamGoesOnWhereItEnded(t *testing.T) {
	t.Parallel()
	s := newStreams(t)
	s.submit("old")
	lines, end := s.open("")
	lines(": open")
	begin := lines("id: ")
	<-time.After(120 * time.Millisecond) // longer than the server's time-outs: a stream sets its own
	s.submit("one")
	id := lines("id: ")
	if data := lines("data: "); !strings.Contains(data, `"id":"one"`) || !strings.HasPrefix(data, `{"specversion":"1.0",`) || strings.Contains(data, "ana@example.com") {
		t.Errorf("the first event is %s", data)
	}
	end()
	s.submit("two")
	for last, want := range map[string]string{begin: "one", id: "two"} {
		lines, end = s.open(last)
		if data := lines("data: "); !strings.Contains(data, `"id":"`+want+`"`) {
			t.Errorf("after a break at %s came %s", last, data)
		}
		end()
	}
	s.want(s.call("GET", "/v1/stream", "", s.as(auth.RoleRead), "Last-Event-ID: soon"), 400)
	s.want(s.call("GET", "/v1/stream", "", s.as(auth.RoleIngest)), 403)
}

// TestStreamSaysWhatItCannotGive: who asks for what was pruned, or for what
// this database never gave, is told so and hears what there is.
func TestStreamSaysWhatItCannotGive(t *testing.T) {
	t.Parallel()
	s := newStreams(t)
	for i := range 5 {
		s.submit(fmt.Sprint("old-", i))
	}
	s.clock.Advance(domain.SeenWindow + time.Hour)
	for {
		n, err := s.real.StepPrune(s.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	s.submit("new-1")
	s.submit("new-2")
	lines, end := s.open("1")
	at := lines("id: ")
	if kind, data := lines("event: "), lines("data: "); kind != "reset" || data != `{"reason":"pruned"}` {
		t.Errorf("who asks for what is pruned is told %s %s", kind, data)
	}
	if data := lines("data: "); !strings.Contains(data, `"id":"new-1"`) {
		t.Errorf("after the reset came %s", data)
	}
	end()
	lines, end = s.open(at)
	if kind := lines("event: "); kind != "order.paid" {
		t.Errorf("who goes on from the reset is told %s", kind)
	}
	end()
	lines, end = s.open("4000")
	if kind, data := lines("event: "), lines("data: "); kind != "reset" || data != `{"reason":"unknown"}` {
		t.Errorf("who asks for what there never was is told %s %s", kind, data)
	}
	s.submit("new-3")
	if data := lines("data: "); !strings.Contains(data, `"id":"new-3"`) {
		t.Errorf("after the reset came %s", data)
	}
	end()
}

// logOnly is a reader of an event log alone.
type logOnly struct {
	store.Reader
	seqs []int64
	asks int
}

func (l *logOnly) EventTail(after int64, limit int) ([]domain.Event, error) {
	l.asks++
	i, _ := slices.BinarySearch(l.seqs, after+1)
	var out []domain.Event
	for ; i < len(l.seqs) && len(out) < limit; i++ {
		out = append(out, domain.Event{Seq: l.seqs[i]})
	}
	return out, nil
}

// TestResume compares with what a reader of the whole log would say, for logs
// whose beginning was pruned and that have holes.
func TestResume(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		l, last := &logOnly{}, rnd.Int64N(50)
		for range rnd.IntN(40) {
			last += 1 + rnd.Int64N(3)*rnd.Int64N(40)
			l.seqs = append(l.seqs, last)
		}
		a := build(Options{})
		if len(l.seqs) == 0 {
			last = 0
		}
		asked := rnd.Int64N(last+20) - 1
		after, reset, err := a.resume(l, asked)
		if err != nil {
			t.Fatal(err)
		}
		want, why := asked, ""
		switch {
		case asked < 0:
			want = last
		case len(l.seqs) == 0 && asked > 0:
			want, why = 0, resetPruned
		case len(l.seqs) > 0 && asked < l.seqs[0]-1:
			want, why = l.seqs[0]-1, resetPruned
		case len(l.seqs) > 0 && asked > last:
			want, why = last, resetUnknown
		}
		if after != want || reset != why {
			t.Fatalf("asked for %d of %v: begins after %d (%q), want %d (%q)", asked, l.seqs, after, reset, want, why)
		}
	}
}

// TestLastEventAsksLittle: finding the end costs about the binary digits of
// what is new, and one question where nothing is.
func TestLastEventAsksLittle(t *testing.T) {
	t.Parallel()
	a := build(Options{})
	l := &logOnly{}
	grow := func(n int) int {
		for range n {
			l.seqs = append(l.seqs, int64(len(l.seqs))+1_000_001) // a million were pruned
		}
		l.asks = 0
		if got, err := a.lastEvent(l); err != nil || got != l.seqs[len(l.seqs)-1] {
			t.Fatalf("the last of %d is %d, %v", len(l.seqs), got, err)
		}
		return l.asks
	}
	for _, n := range []int{1, 2, 1000, 100_000} {
		if asks := grow(n); asks > 2*bits.Len(uint(n))+3 {
			t.Errorf("%d new ones cost %d questions", n, asks)
		}
	}
	if asks := grow(0); asks != 1 {
		t.Errorf("nothing new costs %d questions", asks)
	}
	l.seqs = l.seqs[:len(l.seqs)-5] // the newest were erased
	if got, err := a.lastEvent(l); err != nil || got != l.seqs[len(l.seqs)-1]+5 {
		t.Errorf("the end went back to %d, %v", got, err)
	}
}

// TestStreamFollowsTheRightsOfNow: what is added is heard as soon as what is
// taken is not, and nobody goes on with another's stream.
func TestStreamFollowsTheRightsOfNow(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	boss := func(queues ...string) auth.Principal {
		return auth.Principal{Name: "boss", Role: auth.RoleSupervisor, Queues: queues}
	}
	s := &eventStream{}
	s.reach.Store(&reach{who: boss("care")})
	for _, queues := range [][]string{{"care", "urgent"}, {"urgent"}, {"care"}} {
		if err := f.api.look(t.Context(), s, boss(queues...)); err != nil {
			t.Fatal(err)
		}
		for _, q := range []string{"care", "urgent"} {
			if got := s.reach.Load().queue(q); got != slices.Contains(queues, q) {
				t.Errorf("with %v, %s is open: %v", queues, q, got)
			}
		}
	}
	if err := f.api.look(t.Context(), s, auth.Principal{Name: "ann", AllQueues: true}); domain.ErrorCode(err) != domain.CodeForbidden {
		t.Errorf("somebody else's rights: %v", err)
	}
}
