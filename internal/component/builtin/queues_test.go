package builtin

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/desk"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

func weekdays(from, to int) []domain.Hours {
	var out []domain.Hours
	for d := time.Monday; d <= time.Friday; d++ {
		out = append(out, domain.Hours{Weekday: d, From: from, To: to})
	}
	return out
}

func TestQueues(t *testing.T) {
	t.Parallel()
	utc := func(day, hour, minute int) time.Time { return time.Date(2026, 3, day, hour, minute, 0, 0, time.UTC) }
	office := domain.Queue{Name: "care", Hours: weekdays(9*60, 17*60)}
	berlin := domain.Queue{Name: "care", TimeZone: "Europe/Berlin", Hours: weekdays(9*60, 17*60), Holidays: []string{"2026-03-03"}}
	for _, c := range []struct {
		name  string
		queue domain.Queue
		stats store.QueueStats
		now   time.Time
		want  QueueAnswer
	}{
		{"always open, a day's pace", domain.Queue{}, store.QueueStats{Waiting: 4, Handled: 24}, utc(1, 12, 0),
			QueueAnswer{Open: true, Waiting: 4, WaitMinutes: 300, Estimate: "rate"}},
		{"pace counts open hours only", office, store.QueueStats{Waiting: 1, Handled: 16}, utc(4, 12, 0),
			QueueAnswer{Open: true, Waiting: 1, WaitMinutes: 60, Estimate: "rate"}},
		{"goes on tomorrow", office, store.QueueStats{Waiting: 3, Handled: 8}, utc(4, 15, 0),
			QueueAnswer{Open: true, Waiting: 3, WaitMinutes: 2*60 + 16*60 + 2*60, Estimate: "rate"}},
		{"closed", berlin, store.QueueStats{}, utc(1, 12, 0),
			QueueAnswer{OpensAt: utc(2, 8, 0), WaitMinutes: 20 * 60, Estimate: "none"}},
		{"holiday", berlin, store.QueueStats{}, utc(2, 17, 0),
			QueueAnswer{OpensAt: utc(4, 8, 0), WaitMinutes: 39 * 60, Estimate: "none"}},
		{"no pace", domain.Queue{}, store.QueueStats{Waiting: 1, Handled: 2, Oldest: 50 * time.Minute, MeanWait: 30 * time.Minute}, utc(1, 12, 0),
			QueueAnswer{Open: true, Waiting: 1, WaitMinutes: 50, Estimate: "oldest"}},
		{"never opens", domain.Queue{Hours: []domain.Hours{{Weekday: 1, From: 60, To: 60}}}, store.QueueStats{}, utc(1, 12, 0),
			QueueAnswer{WaitMinutes: 7 * 24 * 60, Estimate: "none"}},
		{"absurd numbers", domain.Queue{}, store.QueueStats{Waiting: 1 << 40, Handled: 5}, utc(1, 12, 0),
			QueueAnswer{Open: true, Waiting: 1 << 40, WaitMinutes: 7 * 24 * 60, Estimate: "rate"}},
		// The clock goes forward in Berlin on 29 March: 9:00 is 7:00 UTC from then on.
		{"clock change", berlin, store.QueueStats{}, utc(28, 12, 0),
			QueueAnswer{OpensAt: utc(30, 7, 0), WaitMinutes: 43 * 60, Estimate: "none"}},
	} {
		r := sample(t)
		c.stats.Queue, c.want.Name = "care", "care"
		r.stats = []store.QueueStats{{Queue: "other", Waiting: 99}, c.stats}
		p := domain.DefaultPolicy()
		p.Queues = map[string]domain.Queue{"care": c.queue}
		ans, err := Queues(r, func() *domain.Policy { return &p }).Ask(t.Context(), domain.Lookup{}, component.Asker{Now: c.now})
		var got QueueAnswer
		if err != nil || !ans.Found || json.Unmarshal(ans.Data, &got) != nil || got != c.want {
			t.Errorf("%s: %v\ngot  %+v\nwant %+v", c.name, err, got, c.want)
		}
	}
	ans, err := Queues(sample(t), policy).Ask(t.Context(), domain.Lookup{ID: "nosuch"}, component.Asker{})
	if err != nil || ans.Found {
		t.Errorf("an unknown queue: %+v, %v", ans, err)
	}
}

// TestQueuesByTheDesk: what the desk has just said stands for what the day's
// pace would say, and only then.
func TestQueuesByTheDesk(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	said := desk.Outlook{Queue: "care", At: now.Add(-time.Minute), Known: true, Median: 610, Upper: 900, Agents: 3}
	for name, c := range map[string]struct {
		change func(*desk.Outlook)
		want   QueueAnswer
	}{
		"fresh":    {func(*desk.Outlook) {}, QueueAnswer{WaitMinutes: 11, Estimate: "desk", Median: 610, Upper: 900, Agents: 3}},
		"old":      {func(o *desk.Outlook) { o.At = now.Add(-time.Hour) }, QueueAnswer{WaitMinutes: 300, Estimate: "rate"}},
		"ahead":    {func(o *desk.Outlook) { o.At = now.Add(time.Hour) }, QueueAnswer{WaitMinutes: 300, Estimate: "rate"}},
		"unknown":  {func(o *desk.Outlook) { o.Known = false }, QueueAnswer{WaitMinutes: 300, Estimate: "rate"}},
		"another":  {func(o *desk.Outlook) { o.Queue = "urgent" }, QueueAnswer{WaitMinutes: 300, Estimate: "rate"}},
		"nonsense": {func(o *desk.Outlook) { o.Upper = 1 }, QueueAnswer{WaitMinutes: 300, Estimate: "rate"}},
		"endless":  {func(o *desk.Outlook) { o.Median, o.Upper = 1<<50, 1<<51 }, QueueAnswer{WaitMinutes: 7 * 24 * 60, Estimate: "desk", Median: 1 << 50, Upper: 1 << 51, Agents: 3}},
	} {
		r := sample(t)
		r.stats = []store.QueueStats{{Queue: "care", Waiting: 4, Handled: 24}}
		o := said
		c.change(&o)
		r.outlooks = []desk.Outlook{o}
		p := domain.DefaultPolicy()
		ans, err := Queues(r, func() *domain.Policy { return &p }).Ask(t.Context(), domain.Lookup{}, component.Asker{Now: now})
		c.want.Name, c.want.Open, c.want.Waiting = "care", true, 4
		var got QueueAnswer
		if err != nil || json.Unmarshal(ans.Data, &got) != nil || got != c.want {
			t.Errorf("%s: %v\ngot  %+v\nwant %+v", name, err, got, c.want)
		}
	}
}
