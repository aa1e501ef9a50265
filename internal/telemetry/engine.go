package telemetry

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
)

// readTimeout bounds how long a scrape waits for the engine.
const readTimeout = 3 * time.Second

// Engine is what the engine's figures are read from when metrics are.
// Status must come back within ctx; Counters must not block.
type Engine interface {
	Status(ctx context.Context) (engine.Status, error)
	Counters() engine.Counters
}

var _ Engine = (*engine.Engine)(nil)

// engineCollector asks the engine when metrics are read. What the engine
// counts is always given. How it stands is not where it cannot be asked, but
// for advocate_engine_up as 0: a stale figure would look like a healthy one.
type engineCollector struct {
	mu  sync.Mutex
	src Engine
	up  *prometheus.Desc

	gauges     []figure[engine.Status]
	counters   []figure[engine.Counters]
	families   []family
	histograms []histogram
}

// figure is one number of a T.
type figure[T any] struct {
	desc *prometheus.Desc
	read func(*T) float64
}

// family is counters with labels. Those that are known are given as 0 until
// they are counted, so that a rate over them begins at the first.
type family struct {
	desc  *prometheus.Desc
	names int // of labels: one or two
	known []labels
	read  func(*engine.Counters) map[labels]int64
}

// labels are a counter's; the second is "" where there is one.
type labels [2]string

func (l labels) compare(m labels) int { return slices.Compare(l[:], m[:]) }

type histogram struct {
	desc *prometheus.Desc
	read func(*engine.Counters) *engine.Histogram
}

func newEngineCollector() *engineCollector {
	return &engineCollector{
		up:     prometheus.NewDesc("advocate_engine_up", "1 when the engine answers.", nil, nil),
		gauges: statusFigures(), counters: counterFigures(), families: counterFamilies(), histograms: counterHistograms(),
	}
}

// integer is what the engine counts in.
type integer interface{ ~int | ~int64 }

func number[T any, N integer](name, help string, get func(*T) N) figure[T] {
	return figure[T]{prometheus.NewDesc(name, help, nil, nil), func(v *T) float64 { return float64(get(v)) }}
}

func seconds(name, help string, get func(*engine.Status) time.Duration) figure[engine.Status] {
	return figure[engine.Status]{prometheus.NewDesc(name, help, nil, nil), func(s *engine.Status) float64 { return get(s).Seconds() }}
}

func state(name, help string, get func(*engine.Status) bool) figure[engine.Status] {
	return figure[engine.Status]{prometheus.NewDesc(name, help, nil, nil), func(s *engine.Status) float64 {
		if get(s) {
			return 1
		}
		return 0
	}}
}

func statusFigures() []figure[engine.Status] {
	type status = engine.Status
	return []figure[status]{
		number("advocate_store_customers", "Customers with an advocate.", func(s *status) int64 { return s.Counts.Customers }),
		number("advocate_store_posts", "Posts within the repeat window, and deletions whose posts never came.", func(s *status) int64 { return s.Counts.Posts }),
		number("advocate_store_events", "Events in the log.", func(s *status) int64 { return s.Counts.Events }),
		number("advocate_store_subscriptions", "Subscriptions that stand.", func(s *status) int64 { return s.Counts.Subscriptions }),
		number("advocate_store_orders", "Orders known.", func(s *status) int64 { return s.Counts.Orders }),
		state("advocate_store_writable_state", "1 while the store takes writes.", func(s *status) bool { return s.Store.Failing == "" }),
		number("advocate_intake_queued", "Items that wait for the next commit.", func(s *status) int { return s.Queued }),
		number("advocate_inbox_pending", "Inputs that await a decision.", func(s *status) int64 { return s.Counts.Inbox }),
		seconds("advocate_inbox_oldest_seconds", "How long the longest-waiting input has been ready.", func(s *status) time.Duration { return s.OldestPending }),
		seconds("advocate_timers_overdue_seconds", "How late the most overdue timer is.", func(s *status) time.Duration { return s.Overdue }),
		number("advocate_fanout_open", "Events still being handed out in chunks; 100 means 100 or more.", func(s *status) int { return s.Fanouts }),
		number("advocate_catchup_open", "Subscriptions still catching up; 100 means 100 or more.", func(s *status) int { return s.CatchUps }),
		number("advocate_workitems_open", "Work items that are not completed or canceled.", func(s *status) int64 { return s.Counts.WorkItemsOpen }),
		number("advocate_effects_pending", "Effects that await their turn.", func(s *status) int64 { return s.Counts.EffectsPending }),
		number("advocate_effects_held", "Effects that await a person's release.", func(s *status) int64 { return s.Counts.EffectsHeld }),
		number("advocate_effects_dead", "Dead letters.", func(s *status) int64 { return s.Counts.EffectsDead }),
		state("advocate_engine_running_state", "1 while the engine's loops run.", func(s *status) bool { return s.Running }),
		number("advocate_engine_stuck", "Customers whose inputs cannot be decided until somebody looks.", func(s *status) int { return len(s.Stuck) }),
		number("advocate_playbook_version_number", "The active playbook's version.", func(s *status) int64 { return s.Playbook.Version }),
		number("advocate_playbook_broken_number", "An active version that does not compile, 0 for none.", func(s *status) int64 { return s.Playbook.Broken }),
		state("advocate_switch_stopped_state", "1 while all sending is stopped.", func(s *status) bool { return s.Stopped }),
		number("advocate_switch_set", "Switches that are not live.", func(s *status) int {
			n := 0
			for _, sw := range s.Switches {
				if sw.Mode != engine.ModeLive {
					n++
				}
			}
			return n
		}),
	}
}

func counterFigures() []figure[engine.Counters] {
	type counters = engine.Counters
	return []figure[counters]{
		number("advocate_intake_posts_total", "Posts taken; not the repeats and the ones set aside.", func(c *counters) int64 { return c.Posts }),
		number("advocate_intake_events_total", "Events taken; not the repeats.", func(c *counters) int64 { return c.Events }),
		number("advocate_intake_commands_total", "Commands decided.", func(c *counters) int64 { return c.Commands }),
		number("advocate_intake_duplicates_total", "Posts and events that came again.", func(c *counters) int64 { return c.Duplicates }),
		number("advocate_intake_refused_total", "Items refused for an error of their own.", func(c *counters) int64 { return c.Refused }),
		number("advocate_intake_busy_total", "Requests refused because the queue was full.", func(c *counters) int64 { return c.Busy }),
		number("advocate_engine_turns_total", "Transactions that decide.", func(c *counters) int64 { return c.Turns }),
		number("advocate_engine_turn_items_total", "Items taken into turns.", func(c *counters) int64 { return c.TurnItems }),
		number("advocate_engine_decisions_total", "Decisions committed.", func(c *counters) int64 { return c.Decisions }),
		number("advocate_engine_inputs_total", "Inputs decided.", func(c *counters) int64 { return c.Inputs }),
		number("advocate_engine_inputs_fused_total", "Inputs decided in the turn that took them in.", func(c *counters) int64 { return c.Fused }),
		number("advocate_engine_inputs_queued_total", "Inputs that went through an inbox.", func(c *counters) int64 { return c.Queued }),
		number("advocate_engine_inputs_dropped_total", "Inputs whose customer is erased.", func(c *counters) int64 { return c.Dropped }),
		number("advocate_engine_panics_total", "Failures that were recovered; their cases went to a person.", func(c *counters) int64 { return c.Panics }),
		number("advocate_engine_alarms_total", "Alarms: broken promises, held-back messages, recovered failures, customers or playbooks that need somebody.", func(c *counters) int64 { return c.Alarms }),
		number("advocate_inbox_overflows_total", "Events kept back because an inbox was full.", func(c *counters) int64 { return c.Overflow }),
		number("advocate_workitems_created_total", "Work items made.", func(c *counters) int64 { return c.WorkItems }),
		number("advocate_subscriptions_created_total", "Subscriptions made.", func(c *counters) int64 { return c.Subscriptions }),
		number("advocate_effects_created_total", "Effects put into the outbox.", func(c *counters) int64 { return c.Effects }),
		number("advocate_effects_attempts_total", "Attempts at carrying an effect out.", func(c *counters) int64 { return c.Attempts }),
		number("advocate_effects_retries_total", "Attempts that failed and are made again.", func(c *counters) int64 { return c.Retries }),
		number("advocate_fanout_inputs_total", "Inputs delivered in chunks of an event with many subscribers.", func(c *counters) int64 { return c.Fanout }),
		number("advocate_catchup_inputs_total", "Inputs that new subscriptions found in the event log.", func(c *counters) int64 { return c.CaughtUp }),
		number("advocate_playbook_loads_total", "Playbook versions loaded.", func(c *counters) int64 { return c.Reloads }),
	}
}

func counterFamilies() []family {
	return []family{{
		desc:  prometheus.NewDesc("advocate_intake_aside_total", "Posts set aside at intake, by reason.", []string{"reason"}, nil),
		names: 1, known: pairs([]string{engine.AsideTooOld, engine.AsideUnknownPost, engine.AsideOwnPost, engine.AsideReshare, engine.AsideIgnored, engine.AsideDeleted}, []string{""}),
		read: func(c *engine.Counters) map[labels]int64 {
			out := map[labels]int64{}
			for reason, n := range c.Aside {
				out[labels{reason}] = n
			}
			return out
		},
	}, {
		desc:  prometheus.NewDesc("advocate_effects_ended_total", "Effects that ended, by kind and outcome.", []string{"kind", "outcome"}, nil),
		names: 2,
		known: pairs(
			[]domain.EffectKind{domain.EffectReply, domain.EffectLookup, domain.EffectNotify, domain.EffectEmit},
			[]domain.OutcomeState{domain.OutcomeDone, domain.OutcomeFailed, domain.OutcomeExpired, domain.OutcomeCanceled, domain.OutcomeShadow},
		),
		read: func(c *engine.Counters) map[labels]int64 {
			out := map[labels]int64{}
			for kind, states := range c.Outcomes {
				for state, n := range states {
					out[labels{string(kind), string(state)}] = n
				}
			}
			return out
		},
	}}
}

// pairs is each of a with each of b.
func pairs[A, B ~string](a []A, b []B) []labels {
	var out []labels
	for _, x := range a {
		for _, y := range b {
			out = append(out, labels{string(x), string(y)})
		}
	}
	return out
}

func counterHistograms() []histogram {
	one := func(name, help string, read func(*engine.Counters) *engine.Histogram) histogram {
		return histogram{prometheus.NewDesc(name, help, nil, nil), read}
	}
	return []histogram{
		one("advocate_engine_turn_duration_seconds", "Time a turn takes, its commit included.", func(c *engine.Counters) *engine.Histogram { return &c.TurnTime }),
		one("advocate_intake_duration_seconds", "Time from handing items in to their commit.", func(c *engine.Counters) *engine.Histogram { return &c.IntakeTime }),
		one("advocate_effects_attempt_duration_seconds", "Time an attempt at an effect takes.", func(c *engine.Counters) *engine.Histogram { return &c.EffectTime }),
	}
}

func (c *engineCollector) set(src Engine) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.src = src
}

// Describe implements prometheus.Collector.
func (c *engineCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.up
	for _, f := range c.gauges {
		ch <- f.desc
	}
	for _, f := range c.counters {
		ch <- f.desc
	}
	for _, f := range c.families {
		ch <- f.desc
	}
	for _, h := range c.histograms {
		ch <- h.desc
	}
}

// Collect implements prometheus.Collector.
func (c *engineCollector) Collect(ch chan<- prometheus.Metric) {
	c.mu.Lock()
	src := c.src
	c.mu.Unlock()
	up := 0.0
	if src != nil {
		counted := src.Counters()
		c.count(ch, &counted)
		ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
		defer cancel()
		if s, err := src.Status(ctx); err == nil {
			up = 1
			for _, f := range c.gauges {
				ch <- prometheus.MustNewConstMetric(f.desc, prometheus.GaugeValue, f.read(&s))
			}
		}
	}
	ch <- prometheus.MustNewConstMetric(c.up, prometheus.GaugeValue, up)
}

func (c *engineCollector) count(ch chan<- prometheus.Metric, n *engine.Counters) {
	for _, f := range c.counters {
		ch <- prometheus.MustNewConstMetric(f.desc, prometheus.CounterValue, f.read(n))
	}
	for _, f := range c.families {
		values := f.read(n)
		all := slices.SortedFunc(slices.Values(append(slices.Collect(maps.Keys(values)), f.known...)), labels.compare)
		for _, l := range slices.Compact(all) {
			ch <- prometheus.MustNewConstMetric(f.desc, prometheus.CounterValue, float64(values[l]), l[:f.names]...)
		}
	}
	for _, h := range c.histograms {
		v := h.read(n)
		ch <- prometheus.MustNewConstHistogram(h.desc, uint64(v.Count), v.Sum.Seconds(), bucketsOf(v))
	}
}

// The buckets that are given: from 2^firstBucket to 2^lastBucket microseconds,
// 128 µs to 67 s. What is faster or slower is in the first or in +Inf.
const firstBucket, lastBucket = 7, 26

// bucketsOf adds up as Prometheus wants it: how many took at most so long.
func bucketsOf(h *engine.Histogram) map[float64]uint64 {
	out := make(map[float64]uint64, lastBucket-firstBucket+1)
	sum := uint64(0)
	for i, n := range h.Buckets[:lastBucket+1] {
		sum += uint64(n)
		if i >= firstBucket {
			out[(time.Microsecond << i).Seconds()] = sum
		}
	}
	return out
}
