package report

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/feed"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
	"github.com/contact-advocate/advocate/internal/store/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var day = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

// script is a day that is told in events.
type script struct{ events []domain.Event }

func (s *script) at(clock, kind, data string) {
	h, err := time.Parse("15:04", clock)
	if err != nil {
		panic(err)
	}
	s.events = append(s.events, domain.Event{
		Source: "advocate", ID: domain.ObjectID(77, domain.KindEmitted, int64(len(s.events)+1)), Type: "advocate." + kind,
		Time: day.Add(time.Duration(h.Hour())*time.Hour + time.Duration(h.Minute())*time.Minute), Accepted: day, Data: json.RawMessage(data),
	})
}

func aDay() *script {
	s := &script{}
	const care, urgent = `"queue":"care","network":"sandbox","intent":"billing"`, `"queue":"urgent","network":"mastodon","intent":"legal_safety"`
	const billing = `"network":"sandbox","intent":"billing"`
	s.at("09:00", "case.opened", `{"visibility":"public",`+billing+`}`)
	s.at("09:00", "post.received", `{"network":"sandbox"}`)
	s.at("09:01", "reply.sent", `{"visibility":"public","first_response_seconds":60,`+billing+`}`)
	s.at("09:02", "reply.sent", `{`+billing+`}`)
	s.at("09:03", "reply.failed", `{`+billing+`}`)
	s.at("09:04", "promise.made", `{"what":"callback",`+billing+`}`)
	s.at("09:05", "workitem.created", `{"kind":"callback",`+care+`}`)
	s.at("09:06", "workitem.reserved", `{`+care+`}`)
	s.at("09:07", "workitem.pending", `{"why":"timeout",`+care+`}`)
	s.at("09:08", "workitem.reserved", `{`+care+`}`)
	s.at("09:09", "workitem.pending", `{"why":"rejected",`+care+`}`)
	s.at("09:10", "workitem.reserved", `{`+care+`}`)
	s.at("09:11", "workitem.assigned", `{"waited_seconds":360,"in_target":false,`+care+`}`)
	s.at("09:21", "workitem.completed", `{"kind":"callback","means":"no_answer","handled_seconds":600,"wrap_seconds":30,`+care+`}`)
	s.at("10:00", "workitem.created", `{"kind":"callback",`+care+`}`)
	s.at("10:01", "workitem.assigned", `{"waited_seconds":60,"in_target":true,`+care+`}`)
	s.at("10:05", "workitem.completed", `{"kind":"callback","means":"resolved","handled_seconds":200,`+care+`}`)
	s.at("10:05", "promise.kept", `{"what":"callback",`+billing+`}`)
	s.at("10:06", "case.resolved", `{"outcome":"resolved","by_person":true,"sentiment_before":"negative","sentiment_after":"positive",`+billing+`}`)
	s.at("11:00", "workitem.overdue", `{`+urgent+`}`)
	s.at("11:01", "workitem.assigned", `{"waited_seconds":10,"in_target":true,`+urgent+`}`)
	s.at("11:05", "workitem.pending", `{"why":"transferred","from_queue":"urgent","handled_seconds":240,`+care+`}`)
	s.at("11:06", "workitem.canceled", `{`+care+`}`)
	s.at("12:00", "case.resolved", `{"outcome":"set_aside","sentiment_before":"neutral","sentiment_after":"neutral","network":"sandbox","intent":"chatter"}`)
	s.at("12:01", "case.resolved", `{"outcome":"answered","by_person":false,"sentiment_before":"neutral","sentiment_after":"neutral",`+billing+`}`)
	s.at("12:02", "case.resolved", `{"outcome":"unanswered","by_person":false,"sentiment_before":"neutral","sentiment_after":"negative",`+billing+`}`)
	s.at("12:03", "case.reopened", `{`+billing+`}`)
	s.at("12:04", "promise.broken", `{"what":"reply",`+billing+`}`)
	s.at("12:05", "reply.staff", `{"visibility":"public","first_response_seconds":180,`+billing+`}`)
	s.at("13:00", "case.asked", `{`+billing+`}`)
	s.at("13:01", "case.rated", `{"score":4,`+billing+`}`)
	s.at("13:02", "case.rated", `{"score":1,`+billing+`}`)
	s.at("13:03", "case.rated", `{"score":9,`+billing+`}`)
	// What others say under the same names counts for nothing.
	s.at("13:04", "case.opened", `{`+billing+`}`)
	s.events[len(s.events)-1].Source = "shop"
	s.at("13:05", "case.opened", `{`+billing+`}`)
	s.events[len(s.events)-1].ID = domain.ObjectID(77, domain.KindEffect, 3)
	s.at("13:06", "case.opened", `not json`)
	return s
}

func put(t *testing.T, st store.Store, events []domain.Event) {
	t.Helper()
	if err := st.Update(t.Context(), func(tx store.Tx) error { return tx.EventAppend(slices.Clone(events)) }); err != nil {
		t.Fatal(err)
	}
}

func query(t *testing.T, st store.Store, p Params) []Row {
	t.Helper()
	if p.From.IsZero() {
		p.From, p.To = day, day.Add(24*time.Hour)
	}
	var rows []Row
	err := st.View(t.Context(), func(r store.Reader) (err error) {
		rows, err = Query(r, p)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// stores runs a test on both.
func stores(t *testing.T, test func(*testing.T, store.Store)) {
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		test(t, memory.New())
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		st, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "r.db"), sqlite.Options{Relaxed: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = st.Close() })
		test(t, st)
	})
}

func ptr(x float64) *float64 { return &x }

func TestADayInNumbers(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, st store.Store) {
		put(t, st, aDay().events)
		if _, err := CatchUp(t.Context(), st, day); err != nil {
			t.Fatal(err)
		}
		rows := query(t, st, Params{By: ByDay})
		if len(rows) != 1 || rows[0].Key != "2026-11-22" {
			t.Fatalf("rows %+v", rows)
		}
		w := *rows[0].Work
		waited, handled := w.Waiting, w.Handling
		w.Waiting, w.Handling, w.Wrapping = nil, nil, nil
		same(t, w, Work{
			Created: 2, Assigned: 3, InTarget: 2, ServiceLevel: ptr(0.6667), Completed: 2, Canceled: 1, Overdue: 1,
			Offers: 3, Rejected: 1, TimedOut: 1, Calls: 2, Reached: 1, CallsReached: ptr(2),
		})
		if waited.Count != 3 || waited.Mean != 143.3 || waited.Max != 360 || handled.Count != 3 || handled.Mean != 346.7 {
			t.Errorf("waiting %+v, handling %+v", waited, handled)
		}
		c := *rows[0].Cases
		first := c.FirstResponse
		c.FirstResponse = nil
		same(t, c, Cases{
			Posts: 1, Opened: 1, Resolved: 4, SetAside: 1, Reopened: 1, ReopenRate: ptr(0.25), ByPerson: 1, AnsweredAlone: 1, AloneRate: ptr(0.3333),
			Before: &Moods{1, 2, 0}, After: &Moods{1, 1, 1}, Improved: 1, Worsened: 1,
		})
		if first.Count != 2 || first.Mean != 120 {
			t.Errorf("first response %+v", first)
		}
		same(t, *rows[0].Promises, Promises{Made: 1, Kept: 1, Broken: 1, KeptRate: ptr(0.5)})
		same(t, *rows[0].Replies, Replies{Sent: 2, Staff: 1, Failed: 1})
		same(t, *rows[0].CSAT, CSAT{Asked: 1, Answers: 2, Scores: [5]int64{1, 0, 0, 1, 0}, Mean: ptr(2.5), GoodRate: ptr(0.5)})

		// A queue has its work and what was done before it was passed on, and no cases.
		rows = query(t, st, Params{By: ByNone, Queue: "urgent"})
		if r := rows[0]; r.Cases != nil || r.Promises != nil || r.CSAT != nil || r.Work.Overdue != 1 || r.Work.Handling.Mean != 240 || r.Work.CallsReached != nil {
			t.Errorf("urgent %+v", r)
		}
		// An hour in which nothing happened says nothing.
		rows = query(t, st, Params{By: ByHour})
		if len(rows) != 24 || rows[3].Work != nil || rows[3].Cases != nil || rows[9].Work.Created != 1 || rows[9].Cases.AloneRate != nil {
			t.Errorf("hours %+v", rows)
		}
		keys := func(p Params) (out []string) {
			for _, r := range query(t, st, p) {
				out = append(out, r.Key)
			}
			return out
		}
		same(t, keys(Params{By: ByQueue}), []string{"", "care", "urgent"})
		same(t, keys(Params{By: ByIntent, Network: "mastodon"}), []string{"legal_safety"})
		same(t, keys(Params{By: ByDay, Zone: time.FixedZone("UTC+13", 13*3600)}), []string{"2026-11-22", "2026-11-23"})
	})
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		g, _ := json.Marshal(got)
		w, _ := json.Marshal(want)
		t.Errorf("%s; want %s", g, w)
	}
}

func TestWhatCannotBeAsked(t *testing.T) {
	t.Parallel()
	for _, p := range []Params{
		{From: day, To: day}, {From: day, To: day.Add(-time.Hour)}, {From: day, To: day.Add(time.Hour), By: "agent"},
		{From: day, To: day.Add(401 * 24 * time.Hour)}, {From: day, To: day.Add(32 * 24 * time.Hour), By: ByHour},
	} {
		err := memory.New().View(t.Context(), func(r store.Reader) error {
			_, err := Query(r, p)
			return err
		})
		var e *domain.Error
		if !errors.As(err, &e) || e.Code != domain.CodeInvalid {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

// aloneEngine lets work run at once.
type aloneEngine struct{}

func (aloneEngine) Alone(ctx context.Context, _ string, work func(context.Context)) { work(ctx) }

// dying is a store whose process is killed somewhere in a transaction: nothing
// of that one is kept.
type dying struct {
	store.Store
	mu   sync.Mutex
	rand *rand.Rand
}

var errKilled = errors.New("killed")

func (d *dying) Update(ctx context.Context, fn func(store.Tx) error) error {
	d.mu.Lock()
	die := d.rand.IntN(3) == 0
	d.mu.Unlock()
	return d.Store.Update(ctx, func(tx store.Tx) error {
		if err := fn(tx); err != nil || !die {
			return err
		}
		return errKilled
	})
}

// TestEachEventCountsOnce kills who counts again and again, with batches of any
// size, and lets two count at once.
func TestEachEventCountsOnce(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, st store.Store) {
		const total = 600
		s := &script{}
		for i := range total {
			s.at(fmt.Sprintf("%02d:%02d", i%24, i%60), "case.opened", fmt.Sprintf(`{"network":"n%d","intent":"billing"}`, i%3))
		}
		put(t, st, s.events)
		bad := &dying{Store: st, rand: rand.New(rand.NewPCG(1, 2))}
		var all sync.WaitGroup
		for who := range 2 {
			all.Go(func() {
				size := rand.New(rand.NewPCG(3, uint64(who)))
				for {
					c, err := readCursor(t.Context(), st)
					if err != nil {
						t.Error(err)
						return
					}
					var events []domain.Event
					_ = st.View(t.Context(), func(r store.Reader) (err error) {
						events, err = r.EventTail(c.Seq, 1+size.IntN(40))
						return err
					})
					if len(events) == 0 {
						return
					}
					_, err = apply(t.Context(), bad, c, events, events[len(events)-1].Seq, day)
					if err != nil && !errors.Is(err, errKilled) && !errors.Is(err, feed.ErrMoved) && !errors.Is(err, store.ErrConflict) {
						t.Error(err)
						return
					}
				}
			})
		}
		all.Wait()
		if got := query(t, st, Params{By: ByNone})[0].Cases.Opened; got != total {
			t.Fatalf("%d of %d events were counted", got, total)
		}

		// Counting again gives the same, and leaves what the log tells no more.
		old := Bucket{Hour: day.Add(-40 * 24 * time.Hour), Network: "n0", Counts: map[string]int64{opened: 5}}
		body, _ := json.Marshal(old)
		err := st.Update(t.Context(), func(tx store.Tx) error {
			return tx.DocumentPut([]store.Document{{Kind: Kind, ID: old.ID(), Body: body, UpdatedAt: day}})
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Rebuild(t.Context(), st, day.Add(24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if _, err := CatchUp(t.Context(), st, day); err != nil {
			t.Fatal(err)
		}
		if got := query(t, st, Params{By: ByNone, From: day.Add(-50 * 24 * time.Hour), To: day.Add(24 * time.Hour)})[0].Cases.Opened; got != total+5 {
			t.Fatalf("%d after a rebuild, want %d", got, total+5)
		}
	})
}

// TestProjectorFollows what is written while it runs, and a rebuild.
func TestProjectorFollows(t *testing.T) {
	t.Parallel()
	st := memory.New()
	log := slog.New(slog.DiscardHandler)
	f := feed.New(st, log)
	p := New(feed.Projection{Store: st, Engine: aloneEngine{}, Feed: f, Now: func() time.Time { return day }, Logger: log})
	s := aDay()
	put(t, st, s.events[:10])
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { f.Run(ctx) })
	all.Go(func() { p.Run(ctx) })
	defer func() { cancel(); all.Wait() }()
	offered := func() int64 {
		if w := query(t, st, Params{By: ByNone})[0].Work; w != nil {
			return w.Offers
		}
		return 0
	}
	until := func(want int64) {
		t.Helper()
		for end := time.Now().Add(30 * time.Second); offered() != want; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d offers, want %d", offered(), want)
			}
		}
	}
	until(2)
	put(t, st, s.events[10:])
	f.Changed()
	until(3)
}

// TestPercentiles holds what histograms say against the exact numbers.
func TestPercentiles(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 7))
	for range 50 {
		var h Histogram
		var exact []float64
		for range 1 + r.IntN(3000) {
			x := int64(math.Exp(r.Float64() * 15))
			h.Add(x)
			exact = append(exact, float64(x))
		}
		slices.Sort(exact)
		for _, p := range []float64{1, 50, 90, 95, 99, 100} {
			want := exact[int(math.Ceil(p/100*float64(len(exact))))-1]
			got, ok := h.Percentile(p)
			if !ok || math.Abs(got-want) > 0.0906*want+1e-9 {
				t.Fatalf("percentile %v of %d is %v; want %v", p, len(exact), got, want)
			}
		}
	}
	var none Histogram
	if _, ok := none.Percentile(50); ok {
		t.Error("nothing has a percentile")
	}
	none.Add(-5)
	none.Add(math.MaxInt64)
	if p, _ := none.Percentile(100); none.Max != maxSeconds || p > maxSeconds {
		t.Errorf("%+v, %v", none, p)
	}
}

func TestCSVIsQuotedAndDefused(t *testing.T) {
	t.Parallel()
	rows := []Row{{Key: `=cmd|"/c calc"!A1`}, {Key: "+1"}, {Key: "-1"}, {Key: "@x"}, {Key: "\t=1"}, {Key: "a,\"b\"\nc"}, {Key: "care", Work: &Work{Created: 2}}}
	var out bytes.Buffer
	if err := WriteCSV(&out, rows); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(lines) != len(rows)+1 {
		t.Fatalf("%v, %d lines", err, len(lines))
	}
	for i, r := range rows {
		got := lines[i+1][0]
		if got != r.Key && got != "'"+r.Key || strings.ContainsAny(got[:1], "=+-@\t") {
			t.Errorf("%q became %q", r.Key, got)
		}
	}
	at := slices.Index(lines[0], "created")
	if lines[7][at] != "2" || lines[1][at] != "" || lines[7][slices.Index(lines[0], "csat_mean")] != "" {
		t.Errorf("%q", lines[7])
	}
}

// TestSumsAgree: however a report is laid out, its rows add up to the one row
// of the whole, what belongs to no queue, network or intent included; also
// where a zone's days begin within an hour of UTC's.
func TestSumsAgree(t *testing.T) {
	t.Parallel()
	st := memory.New()
	put(t, st, aDay().events)
	if _, err := CatchUp(t.Context(), st, day); err != nil {
		t.Fatal(err)
	}
	sum := func(p Params) (out [8]int64) {
		for _, r := range query(t, st, p) {
			if c := r.Cases; c != nil {
				out[0], out[1], out[2], out[3] = out[0]+c.Posts, out[1]+c.Opened, out[2]+c.Resolved, out[3]+c.ByPerson
			}
			if w := r.Work; w != nil {
				out[4], out[5], out[6] = out[4]+w.Created, out[5]+w.Completed, out[6]+w.Offers
			}
			if p := r.Promises; p != nil {
				out[7] += p.Made
			}
		}
		return out
	}
	for name, zone := range map[string]*time.Location{"UTC": time.UTC, "+05:45": time.FixedZone("", 5*3600+45*60), "-11": time.FixedZone("", -11*3600)} {
		for _, to := range []time.Time{day.Add(24 * time.Hour), day.Add(12*time.Hour + 90*time.Second)} {
			p := Params{From: day.Add(9*time.Hour + 30*time.Minute), To: to, Zone: zone, By: ByNone}
			whole := sum(p)
			if whole[2] == 0 || whole[4] == 0 {
				t.Fatalf("nothing to add up: %v", whole)
			}
			for _, p.By = range Bys {
				if got := sum(p); got != whole {
					t.Errorf("by %s, %s, up to %s: %v, and as a whole %v", p.By, name, to.Format(time.TimeOnly), got, whole)
				}
			}
		}
	}
}
