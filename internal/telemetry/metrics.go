package telemetry

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is the program's registry and the instruments that are counted by
// hand. Its methods are safe for concurrent use and on a nil receiver.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	inflight prometheus.Gauge
	streams  prometheus.Gauge
	engine   *engineCollector
	desk     *Desk

	certificates *certificates
	networks     *networks
}

// NewMetrics makes a registry with the process's and the runtime's own
// figures beside ours.
func NewMetrics(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "advocate_http_requests_total", Help: "HTTP requests answered, by route, method and status.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "advocate_http_request_duration_seconds", Help: "Time to answer a request; streams are not counted.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route", "method"}),
		inflight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "advocate_http_requests_in_flight", Help: "HTTP requests being answered now, streams included.",
		}),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "advocate_http_streams_open", Help: "Event streams and long polls open now.",
		}),
		engine: newEngineCollector(), desk: newDesk(), certificates: newCertificates(), networks: newNetworks(),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "advocate_build_info", Help: "1; the version is its label.", ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	m.registry.MustRegister(
		m.requests, m.seconds, m.inflight, m.streams, m.engine, m.desk, m.certificates, m.networks, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

// Watch sets where the engine's figures come from.
func (m *Metrics) Watch(e Engine) {
	if m != nil {
		m.engine.set(e)
	}
}

// Handler serves the registry in Prometheus' text format.
func (m *Metrics) Handler() http.Handler {
	if m == nil {
		return http.NotFoundHandler()
	}
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
}

// RequestStarted counts a request in; the function returned counts it out.
// route is the pattern that matched, "" for none; stream leaves the request
// out of the duration histogram.
func (m *Metrics) RequestStarted() func(route, method string, status int, took time.Duration, stream bool) {
	if m == nil {
		return func(string, string, int, time.Duration, bool) {}
	}
	m.inflight.Inc()
	return func(route, method string, status int, took time.Duration, stream bool) {
		m.inflight.Dec()
		if route == "" {
			route = "none"
		}
		method = knownMethod(method)
		m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
		if !stream {
			m.seconds.WithLabelValues(route, method).Observe(took.Seconds())
		}
	}
}

// StreamOpened counts a stream in; the function returned counts it out.
func (m *Metrics) StreamOpened() func() {
	if m == nil {
		return func() {}
	}
	m.streams.Inc()
	return sync.OnceFunc(m.streams.Dec)
}

// knownMethod keeps a made-up method from making a new series.
func knownMethod(s string) string {
	switch s {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return s
	}
	return "other"
}
