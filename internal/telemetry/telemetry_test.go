package telemetry

import (
	"bytes"
	"context"
	"errors"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestLoggerKeysAndRedaction(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	log, err := NewLogger(&buf, LogOptions{Format: "json"})
	if err != nil {
		t.Fatal(err)
	}
	log.Info("post taken", "customerID", "c1", "Text", "my parcel", "authorization", "Bearer adv_x", "HTTPStatus", 202)
	line := buf.String()
	for _, want := range []string{`"customer_id":"c1"`, `"text":"[redacted]"`, `"authorization":"[redacted]"`, `"http_status":202`} {
		if !strings.Contains(line, want) {
			t.Errorf("log line %s lacks %s", line, want)
		}
	}
	if strings.Contains(line, "parcel") || strings.Contains(line, "adv_x") {
		t.Errorf("log line tells a secret: %s", line)
	}
	log.Debug("quiet")
	if strings.Contains(buf.String(), "quiet") {
		t.Error("debug line at level info")
	}
}

func TestLoggerRefusesUnknownWords(t *testing.T) {
	t.Parallel()
	for _, o := range []LogOptions{{Format: "xml"}, {Level: "loud"}} {
		if _, err := NewLogger(&bytes.Buffer{}, o); err == nil || !strings.Contains(err.Error(), "want") {
			t.Errorf("%+v: got %v, want an error that names what is accepted", o, err)
		}
	}
}

func TestMetricsNamesAndEngine(t *testing.T) {
	t.Parallel()
	m := NewMetrics("test")
	m.Watch(func(context.Context) (Reading, error) {
		return Reading{Customers: 7, OldestPending: 1500 * time.Millisecond}, nil
	})
	m.RequestStarted()("/v1/posts", "BREW", 202, time.Millisecond, false)
	m.Decided(2)
	m.EffectEnded("reply", "done")
	out := scrape(t, m)
	for _, want := range []string{
		"advocate_store_customers_count 7", "advocate_inbox_oldest_seconds 1.5", "advocate_engine_up 1",
		`advocate_http_requests_total{method="other",route="/v1/posts",status="202"} 1`, "advocate_engine_alarms_total 2",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("metrics lack %q", want)
		}
	}
	name := regexp.MustCompile(`^(advocate_[a-z]+_[a-z_]+|go_|process_|promhttp_)`)
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "#") && !name.MatchString(line) {
			t.Errorf("odd metric name: %s", line)
		}
	}
	m.Watch(func(context.Context) (Reading, error) { return Reading{}, errors.New("away") })
	if out := scrape(t, m); !strings.Contains(out, "advocate_engine_up 0") || strings.Contains(out, "advocate_store_customers_count") {
		t.Error("an engine that cannot be asked must give no figures but up 0")
	}
}

func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	rec := httptest.NewRecorder()
	m.Handler().ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
	if rec.Code != 200 {
		t.Fatalf("metrics answered %d", rec.Code)
	}
	return rec.Body.String()
}
