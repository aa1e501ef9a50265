package telemetry

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Certificates is how those stand that are shown by TLS.
type Certificates struct {
	Ends    time.Time // of the first that does; zero: one is missing
	Failing bool      // one could not be replaced
	Renewed int64     // by this process
}

// certificates asks for them when metrics are read; without TLS it has nothing
// to give.
type certificates struct {
	mu   sync.Mutex
	read func(ctx context.Context) (Certificates, error)

	left, failing, renewed *prometheus.Desc
}

func newCertificates() *certificates {
	return &certificates{
		left:    prometheus.NewDesc("advocate_tls_left_seconds", "How long the certificate that ends first is still good for; 0 when it has ended or is missing.", nil, nil),
		failing: prometheus.NewDesc("advocate_tls_failing_state", "1 while a certificate could not be replaced.", nil, nil),
		renewed: prometheus.NewDesc("advocate_tls_renewed_total", "Certificates taken into use after the first.", nil, nil),
	}
}

// WatchCertificates sets where certificates are asked for.
func (m *Metrics) WatchCertificates(read func(ctx context.Context) (Certificates, error)) {
	if m != nil {
		m.certificates.mu.Lock()
		defer m.certificates.mu.Unlock()
		m.certificates.read = read
	}
}

// Describe implements prometheus.Collector.
func (c *certificates) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.left
	ch <- c.failing
	ch <- c.renewed
}

// Collect implements prometheus.Collector.
func (c *certificates) Collect(ch chan<- prometheus.Metric) {
	c.mu.Lock()
	read := c.read
	c.mu.Unlock()
	if read == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	s, err := read(ctx)
	if err != nil {
		return
	}
	left, failing := 0.0, 0.0
	if !s.Ends.IsZero() {
		left = max(0, time.Until(s.Ends).Seconds())
	}
	if s.Failing {
		failing = 1
	}
	ch <- prometheus.MustNewConstMetric(c.left, prometheus.GaugeValue, left)
	ch <- prometheus.MustNewConstMetric(c.failing, prometheus.GaugeValue, failing)
	ch <- prometheus.MustNewConstMetric(c.renewed, prometheus.CounterValue, float64(s.Renewed))
}
