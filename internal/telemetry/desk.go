package telemetry

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/contact-advocate/advocate/internal/domain"
)

// DeskState is how the desk stands, the same on all nodes.
type DeskState struct {
	Queues []DeskQueue
	Agents map[domain.Activity]int
}

// DeskQueue is how one queue stands.
type DeskQueue struct {
	Name                                        string
	Waiting, Later, Offered, Assigned, Wrapping int
	Oldest                                      time.Duration // how long the one that waits longest has
}

// Desk counts what the desk of this process sees. It is desk.Observer.
type Desk struct {
	offers  *prometheus.CounterVec
	taken   *prometheus.CounterVec
	target  *prometheus.CounterVec
	overdue *prometheus.CounterVec
	stale   prometheus.Counter
	match   prometheus.Histogram

	mu     sync.Mutex
	read   func(ctx context.Context) (DeskState, error)
	queues map[string]bool // whose counters begin at 0

	items, oldest, agents *prometheus.Desc
}

func newDesk() *Desk {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	return &Desk{
		offers:  counter("advocate_desk_offers_ended_total", "Offers that ended, by queue and outcome.", "queue", "outcome"),
		taken:   counter("advocate_desk_taken_total", "Times that an agent took work up, by queue.", "queue"),
		target:  counter("advocate_desk_taken_in_target_total", "Of these, within the queue's target.", "queue"),
		overdue: counter("advocate_desk_overdue_total", "Work that was not done by the time it was due, by queue.", "queue"),
		stale:   prometheus.NewCounter(prometheus.CounterOpts{Name: "advocate_desk_stale_total", Help: "Cases that a person has and that nobody moved for too long."}),
		match: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "advocate_desk_match_duration_seconds", Help: "Time to say who is offered what.",
			Buckets: []float64{.00005, .0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .5},
		}),
		queues: map[string]bool{},
		items:  prometheus.NewDesc("advocate_desk_items", "Open work items, by queue and state.", []string{"queue", "state"}, nil),
		oldest: prometheus.NewDesc("advocate_desk_oldest_seconds", "How long the work item that waits longest has waited, by queue.", []string{"queue"}, nil),
		agents: prometheus.NewDesc("advocate_desk_agents", "Agents, by what they are doing.", []string{"activity"}, nil),
	}
}

// Desk is who counts for the desk; nil on a nil receiver.
func (m *Metrics) Desk() *Desk {
	if m == nil {
		return nil
	}
	return m.desk
}

// Watch sets where the desk's standing is read from when metrics are.
func (d *Desk) Watch(read func(ctx context.Context) (DeskState, error)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.read = read
}

// Matched implements desk.Observer.
func (d *Desk) Matched(took time.Duration) { d.match.Observe(took.Seconds()) }

// OfferEnded implements desk.Observer.
func (d *Desk) OfferEnded(queue string, outcome domain.ReservationState) {
	d.begin(queue)
	d.offers.WithLabelValues(queue, string(outcome)).Inc()
}

// Taken implements desk.Observer.
func (d *Desk) Taken(queue string, inTarget bool) {
	d.begin(queue)
	d.taken.WithLabelValues(queue).Inc()
	if inTarget {
		d.target.WithLabelValues(queue).Inc()
	}
}

// Overdue implements desk.Observer.
func (d *Desk) Overdue(queue string) {
	d.begin(queue)
	d.overdue.WithLabelValues(queue).Inc()
}

// Stale implements desk.Observer.
func (d *Desk) Stale() { d.stale.Inc() }

// begin gives a queue's counters as 0 until they are counted, so that a rate
// over them begins at the first.
func (d *Desk) begin(queue string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.queues[queue] {
		return
	}
	d.queues[queue] = true
	for _, outcome := range []domain.ReservationState{
		domain.ReservationAccepted, domain.ReservationRejected, domain.ReservationTimeout, domain.ReservationRescinded, domain.ReservationCanceled,
	} {
		d.offers.WithLabelValues(queue, string(outcome))
	}
	for _, c := range []*prometheus.CounterVec{d.taken, d.target, d.overdue} {
		c.WithLabelValues(queue)
	}
}

func (d *Desk) parts() []prometheus.Collector {
	return []prometheus.Collector{d.offers, d.taken, d.target, d.overdue, d.stale, d.match}
}

// Describe implements prometheus.Collector.
func (d *Desk) Describe(ch chan<- *prometheus.Desc) {
	for _, c := range d.parts() {
		c.Describe(ch)
	}
	ch <- d.items
	ch <- d.oldest
	ch <- d.agents
}

// Collect implements prometheus.Collector. How the desk stands is not given
// where it cannot be read: a stale figure would look like a healthy one.
func (d *Desk) Collect(ch chan<- prometheus.Metric) {
	d.mu.Lock()
	read := d.read
	d.mu.Unlock()
	if read != nil {
		ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
		defer cancel()
		if s, err := read(ctx); err == nil {
			d.stands(ch, &s)
		}
	}
	for _, c := range d.parts() {
		c.Collect(ch)
	}
}

func (d *Desk) stands(ch chan<- prometheus.Metric, s *DeskState) {
	gauge := func(desc *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, v, labels...)
	}
	for _, q := range s.Queues {
		d.begin(q.Name)
		for _, x := range []struct {
			state string
			n     int
		}{{"waiting", q.Waiting}, {"later", q.Later}, {"offered", q.Offered}, {"assigned", q.Assigned}, {"wrapping", q.Wrapping}} {
			gauge(d.items, float64(x.n), q.Name, x.state)
		}
		gauge(d.oldest, q.Oldest.Seconds(), q.Name)
	}
	for _, a := range domain.Activities {
		gauge(d.agents, float64(s.Agents[a]), string(a))
	}
	gauge(d.agents, float64(s.Agents[domain.ActivityWrapping]), string(domain.ActivityWrapping))
}
