package telemetry

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// readTimeout bounds how long a scrape waits for the engine.
const readTimeout = 3 * time.Second

// engineCollector asks the engine when metrics are read. Where it cannot be
// asked only advocate_engine_up is given, as 0: a stale figure would look
// like a healthy one.
type engineCollector struct {
	mu  sync.Mutex
	src Source
	up  *prometheus.Desc
	all []gauge
}

type gauge struct {
	desc *prometheus.Desc
	read func(*Reading) float64
}

func newEngineCollector() *engineCollector {
	c := &engineCollector{up: prometheus.NewDesc("advocate_engine_up", "1 when the engine answers.", nil, nil)}
	add := func(name, help string, read func(*Reading) float64) {
		c.all = append(c.all, gauge{prometheus.NewDesc(name, help, nil, nil), read})
	}
	count := func(get func(*Reading) int64) func(*Reading) float64 {
		return func(r *Reading) float64 { return float64(get(r)) }
	}
	add("advocate_store_customers_count", "Customers with an advocate.", count(func(r *Reading) int64 { return r.Customers }))
	add("advocate_store_posts_count", "Posts within the repeat window.", count(func(r *Reading) int64 { return r.Posts }))
	add("advocate_store_events_count", "Events in the log.", count(func(r *Reading) int64 { return r.Events }))
	add("advocate_store_subscriptions_count", "Subscriptions that stand.", count(func(r *Reading) int64 { return r.Subscriptions }))
	add("advocate_store_orders_count", "Orders known.", count(func(r *Reading) int64 { return r.Orders }))
	add("advocate_inbox_pending_count", "Inputs that await a decision.", count(func(r *Reading) int64 { return r.InboxPending }))
	add("advocate_inbox_oldest_seconds", "How long the longest-waiting input has been ready.", func(r *Reading) float64 { return r.OldestPending.Seconds() })
	add("advocate_timers_overdue_seconds", "How late the most overdue timer is.", func(r *Reading) float64 { return r.Overdue.Seconds() })
	add("advocate_workitems_open_count", "Work items that are not completed or canceled.", count(func(r *Reading) int64 { return r.WorkItemsOpen }))
	add("advocate_effects_pending_count", "Effects that await their turn.", count(func(r *Reading) int64 { return r.EffectsPending }))
	add("advocate_effects_held_count", "Effects that await a person's release.", count(func(r *Reading) int64 { return r.EffectsHeld }))
	add("advocate_effects_dead_count", "Dead letters.", count(func(r *Reading) int64 { return r.EffectDead }))
	add("advocate_playbook_version_number", "The active playbook's version.", count(func(r *Reading) int64 { return r.PlaybookVersion }))
	add("advocate_switch_stopped_state", "1 while all sending is stopped.", func(r *Reading) float64 {
		if r.Stopped {
			return 1
		}
		return 0
	})
	return c
}

func (c *engineCollector) set(src Source) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.src = src
}

// Describe implements prometheus.Collector.
func (c *engineCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.up
	for _, g := range c.all {
		ch <- g.desc
	}
}

// Collect implements prometheus.Collector.
func (c *engineCollector) Collect(ch chan<- prometheus.Metric) {
	c.mu.Lock()
	src := c.src
	c.mu.Unlock()
	var r Reading
	up := 0.0
	if src != nil {
		ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
		defer cancel()
		var err error
		if r, err = src(ctx); err == nil {
			up = 1
		}
	}
	ch <- prometheus.MustNewConstMetric(c.up, prometheus.GaugeValue, up)
	if up == 0 {
		return
	}
	for _, g := range c.all {
		ch <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, g.read(&r))
	}
}
