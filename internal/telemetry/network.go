package telemetry

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/contact-advocate/advocate/internal/social"
)

// networks tells how the connections to networks go when metrics are read, by
// network and the company's account: both are of the configuration, and few.
type networks struct {
	mu   sync.Mutex
	list func() []social.Network
	now  func() time.Time

	connected, lag, lost, quota, left *prometheus.Desc
}

func newNetworks() *networks {
	desc := func(name, help string, more ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, append([]string{"network", "account"}, more...), nil)
	}
	return &networks{
		now:       time.Now,
		connected: desc("advocate_network_connected_state", "1 while posts come from the network on this node."),
		lag:       desc("advocate_network_lag_seconds", "How old the network's newest post was when it came."),
		lost:      desc("advocate_network_lost_total", "Connections to the network lost."),
		quota:     desc("advocate_network_quota_left", "What the network still lets us do.", "quota"),
		left:      desc("advocate_network_credentials_left_seconds", "How long our credentials on the network are still good for; missing where they do not end."),
	}
}

// WatchNetworks sets where networks are asked for.
func (m *Metrics) WatchNetworks(list func() []social.Network) {
	if m != nil {
		m.networks.mu.Lock()
		defer m.networks.mu.Unlock()
		m.networks.list = list
	}
}

// Describe implements prometheus.Collector.
func (c *networks) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.connected, c.lag, c.lost, c.quota, c.left} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *networks) Collect(ch chan<- prometheus.Metric) {
	c.mu.Lock()
	list := c.list
	c.mu.Unlock()
	if list == nil {
		return
	}
	for _, n := range list() {
		healthy, ok := n.(social.Healthy)
		if !ok {
			continue
		}
		h := healthy.Health()
		gauge := func(d *prometheus.Desc, v float64, more ...string) {
			ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, append([]string{n.Name(), n.Account()}, more...)...)
		}
		connected := 0.0
		if h.Mode != "" {
			connected = 1
		}
		gauge(c.connected, connected)
		gauge(c.lag, h.Lag.Seconds())
		ch <- prometheus.MustNewConstMetric(c.lost, prometheus.CounterValue, float64(h.Lost), n.Name(), n.Account())
		for _, q := range h.Quotas {
			gauge(c.quota, float64(q.Left), q.Name)
		}
		if !h.Expires.IsZero() {
			gauge(c.left, max(0, h.Expires.Sub(c.now()).Seconds()))
		}
	}
}
