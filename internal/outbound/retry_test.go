package outbound

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
)

func TestAReceiverThatIsDownForAWhile(t *testing.T) {
	stores(t, func(t *testing.T, st store.Store) {
		k, r := newKit(t, st), newReceiver(t)
		e, _ := k.create(Settings{URL: r.URL})
		r.answers(func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(500)
			fmt.Fprint(w, "no\x00 database\n"+strings.Repeat("x", 5000))
		})
		k.run(k.hooks)
		for i := range 5 {
			k.happen(k.hooks, domain.Event{ID: fmt.Sprint(i), Type: "t"})
		}
		k.until("each was tried", func() bool { return len(r.ids()) == 5 && len(k.deliveries(e.ID, store.DeliveryPending)) == 5 })
		is := k.get(e.ID)
		d := k.deliveries(e.ID, "")
		if is.Failing.IsZero() || d[0].Status != 500 || !strings.HasPrefix(d[0].Error, "answered 500: no database") || len(d[0].Error) > maxAnswer+20 {
			t.Fatalf("%+v %+v", is, d[0])
		}
		r.answers(nil)
		k.clock.Advance(3 * time.Hour)
		k.until("all are done", func() bool { return len(k.deliveries(e.ID, store.DeliveryDone)) == 5 })
		if e := k.get(e.ID); !e.Failing.IsZero() {
			t.Errorf("it still counts as failing: %+v", e)
		}
	})
}

// TestPauses: about three days in ten attempts, then it is dead; five days of
// nothing else end the endpoint with an alarm.
func TestPauses(t *testing.T) {
	stores(t, func(t *testing.T, st store.Store) {
		k, r := newKit(t, st), newReceiver(t)
		e, _ := k.create(Settings{URL: r.URL})
		r.answers(status(500))
		k.run(k.hooks)
		k.happen(k.hooks, domain.Event{ID: "1", Type: "t"})
		for n := 1; n <= 10; n++ {
			k.until(fmt.Sprint("attempt ", n), func() bool {
				d := k.deliveries(e.ID, "")
				return len(d) == 1 && d[0].Attempt == n && (d[0].State == store.DeliveryPending || d[0].State == store.DeliveryDead)
			})
			if d := k.deliveries(e.ID, ""); n < 10 {
				pause := d[0].NotBefore.Sub(d[0].Updated)
				if low, high := pauses[n-1]*9/10, pauses[n-1]*11/10; pause < low || pause > high {
					t.Errorf("after attempt %d a pause of %v, want %v to %v", n, pause, low, high)
				}
				k.clock.Set(d[0].NotBefore)
			}
		}
		if d := k.deliveries(e.ID, store.DeliveryDead); len(d) != 1 {
			t.Fatalf("after ten attempts: %+v", k.deliveries(e.ID, ""))
		}
		if lasted := k.clock.Now().Sub(begin); lasted < 60*time.Hour || lasted > 90*time.Hour {
			t.Errorf("given up after %v", lasted)
		}
		k.clock.Set(begin.Add(failingFor + time.Hour))
		k.happen(k.hooks, domain.Event{ID: "2", Type: "t"})
		k.until("the endpoint is disabled", func() bool { e := k.get(e.ID); return e.Disabled && e.Why == WhyFailing })
		alarms := 0
		if err := st.View(t.Context(), func(r store.Reader) error {
			events, err := r.EventTail(0, 0)
			for _, ev := range events {
				if ev.Type == TypeDisabled && ev.Subject == e.ID && strings.Contains(string(ev.Data), `"why":"failing"`) {
					alarms++
				}
			}
			return err
		}); err != nil || alarms != 1 {
			t.Errorf("%d alarms, %v", alarms, err)
		}
		// Enabled again, it gets what waited and what came since, the alarm included.
		k.happen(k.hooks, domain.Event{ID: "3", Type: "t"})
		r.answers(nil)
		if _, err := k.hooks.Set(t.Context(), e.ID, 0, Settings{URL: r.URL}); err != nil {
			t.Fatal(err)
		}
		k.clock.Advance(time.Hour)
		k.until("the rest is done", func() bool { return len(k.deliveries(e.ID, store.DeliveryDone)) == 3 })
		if got := r.ids(); got["2"] < 2 || got["3"] != 1 {
			t.Errorf("these came: %v", got)
		}
	})
}

func TestGone(t *testing.T) {
	stores(t, func(t *testing.T, st store.Store) {
		k, r := newKit(t, st), newReceiver(t)
		e, _ := k.create(Settings{URL: r.URL})
		r.answers(status(410))
		k.run(k.hooks)
		k.happen(k.hooks, domain.Event{ID: "1", Type: "t"})
		k.until("it is disabled", func() bool { e := k.get(e.ID); return e.Disabled && e.Why == WhyGone })
		if d := k.deliveries(e.ID, ""); len(d) != 1 || d[0].State != store.DeliveryDead {
			t.Errorf("%+v", d)
		}
		if _, err := k.hooks.Replay(t.Context(), e.ID+"-1"); domain.ErrorCode(err) != domain.CodeConflict {
			t.Errorf("a replay to a disabled one: %v", err)
		}
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{
		"120": 2 * time.Minute, "0": 0, "": 0, "-5": 0, "99999999999": 0, "4000000": maxRetryAfter, "soon": 0,
		begin.Add(10 * time.Minute).Format(http.TimeFormat): 10 * time.Minute, begin.Add(-time.Hour).Format(http.TimeFormat): 0,
	} {
		if got := retryAfter(header, begin); got != want {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
	k, r := newKit(t, memory.New()), newReceiver(t)
	e, _ := k.create(Settings{URL: r.URL})
	r.answers(func(n int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader([]int{429, 503, 200}[n])
	})
	k.run(k.hooks)
	k.happen(k.hooks, domain.Event{ID: "1", Type: "t"})
	for n := 1; n <= 2; n++ {
		k.until("it waits", func() bool {
			d := k.deliveries(e.ID, store.DeliveryPending)
			return len(d) == 1 && d[0].Attempt == n
		})
		d := k.deliveries(e.ID, "")
		if pause := d[0].NotBefore.Sub(d[0].Updated); pause < 59*time.Minute {
			t.Errorf("after attempt %d it waits %v", n, pause)
		}
		k.clock.Set(d[0].NotBefore)
	}
	k.until("it is done", func() bool { return len(k.deliveries(e.ID, store.DeliveryDone)) == 1 })
}

func TestReplayIsTheSameMessage(t *testing.T) {
	stores(t, func(t *testing.T, st store.Store) {
		k, r := newKit(t, st), newReceiver(t)
		e, secret := k.create(Settings{URL: r.URL})
		k.run(k.hooks)
		k.happen(k.hooks, domain.Event{ID: "1", Type: "t"})
		k.until("it is done", func() bool { return len(k.deliveries(e.ID, store.DeliveryDone)) == 1 })
		k.clock.Advance(time.Hour)
		if _, err := k.hooks.Replay(t.Context(), k.deliveries(e.ID, "")[0].ID); err != nil {
			t.Fatal(err)
		}
		k.until("it came again", func() bool { return len(r.messages()) >= 2 })
		m := r.messages()
		if m[0].id != m[1].id || !bytes.Equal(m[0].body, m[1].body) || m[0].stamp == m[1].stamp || !m[1].verified(secret) {
			t.Errorf("%+v\n%+v", m[0], m[1])
		}
		if _, err := k.hooks.Replay(t.Context(), "nothing-1"); domain.ErrorCode(err) != domain.CodeNotFound {
			t.Errorf("a replay of nothing: %v", err)
		}
	})
}
