package telemetry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/store"
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

// told is an engine that says what it is told to.
type told struct {
	status   engine.Status
	counters engine.Counters
	err      error
}

func (e *told) Status(context.Context) (engine.Status, error) { return e.status, e.err }
func (e *told) Counters() engine.Counters                     { return e.counters }

func TestMetricsNamesAndEngine(t *testing.T) {
	t.Parallel()
	m := NewMetrics("test")
	e := &told{}
	e.status.Counts.Customers, e.status.OldestPending = 7, 1500*time.Millisecond
	e.counters.Alarms = 2
	m.Watch(e)
	m.RequestStarted()("/v1/posts", "BREW", 202, time.Millisecond, false)
	e.counters.Outcomes = engine.Outcomes{domain.EffectReply: {domain.OutcomeDone: 3}}
	out := scrape(t, m)
	for _, want := range []string{
		"advocate_store_customers 7", "advocate_inbox_oldest_seconds 1.5", "advocate_engine_up 1", "advocate_store_writable_state 1",
		`advocate_http_requests_total{method="other",route="/v1/posts",status="202"} 1`, "advocate_engine_alarms_total 2",
		`advocate_intake_aside_total{reason="too_old"} 0`,
		`advocate_effects_ended_total{kind="reply",outcome="done"} 3`, `advocate_effects_ended_total{kind="lookup",outcome="failed"} 0`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("metrics lack %q", want)
		}
	}
	name := regexp.MustCompile(`^(advocate_[a-z]+_[a-z_]+|go_|process_|promhttp_)`)
	reserved := regexp.MustCompile(`_(total|count|sum|bucket)$`) // by counters and histograms
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "#") && !name.MatchString(line) {
			t.Errorf("odd metric name: %s", line)
		}
		if f := strings.Fields(line); len(f) == 4 && f[1] == "TYPE" && strings.HasPrefix(f[2], "advocate_") {
			if f[3] != "counter" && reserved.MatchString(f[2]) {
				t.Errorf("%s is a %s", f[2], f[3])
			}
			if (f[3] == "counter") != strings.HasSuffix(f[2], "_total") {
				t.Errorf("%s is a %s", f[2], f[3])
			}
		}
	}
	e.err = errors.New("away")
	out = scrape(t, m)
	if !strings.Contains(out, "advocate_engine_up 0") || strings.Contains(out, "advocate_store_customers") {
		t.Error("an engine that cannot be asked must not be said to stand in any way but up 0")
	}
	if !strings.Contains(out, "advocate_engine_alarms_total 2") {
		t.Error("what was counted is gone while the engine cannot be asked")
	}
	e.err, e.status.Store.Failing = nil, "the store has no space left"
	if out := scrape(t, m); !strings.Contains(out, "advocate_store_writable_state 0") {
		t.Error("a store that takes no writes is writable")
	}
}

// TestEveryFigureOfTheEngineIsExported gives each number of the engine's
// status and counters a value of its own and looks for it.
func TestEveryFigureOfTheEngineIsExported(t *testing.T) {
	t.Parallel()
	e := &told{}
	next := int64(1_000_003) // whole seconds of durations stay exact
	want := map[string]string{}
	fill(t, reflect.ValueOf(&e.status).Elem(), "Status", &next, want)
	fill(t, reflect.ValueOf(&e.counters).Elem(), "Counters", &next, want)
	if len(want) < 45 {
		t.Fatalf("only %d figures seen", len(want))
	}
	m := NewMetrics("test")
	m.Watch(e)
	given := map[string]int{}
	for line := range strings.Lines(scrape(t, m)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && strings.HasPrefix(name, "advocate_") {
			v, err := strconv.ParseFloat(value, 64)
			if err != nil {
				t.Fatal(err)
			}
			given[strconv.FormatFloat(v, 'f', -1, 64)]++
		}
	}
	for _, value := range slices.Sorted(maps.Keys(want)) {
		if given[value] == 0 {
			t.Errorf("%s is not exported", want[value])
		}
	}
}

// inWords are fields that are no figures, or are exported in another form,
// which TestMetricsNamesAndEngine looks at.
var inWords = map[string]string{
	"Status.Running": "a state", "Status.Stopped": "a state", "Status.Store.Failing": "a state", "Status.Store.Since": "the log has it",
	"Status.Playbook.Name": "a word", "Status.Playbook.Hash": "a word", "Status.Metrics": "the same as Counters",
}

// fill sets every number below v and notes under which value it must be found.
func fill(t *testing.T, v reflect.Value, path string, next *int64, want map[string]string) {
	t.Helper()
	if inWords[path] != "" {
		return
	}
	*next += 2
	n := *next
	switch x := v.Addr().Interface().(type) {
	case *time.Duration:
		*x = time.Duration(n) * time.Second
	case *engine.Histogram:
		x.Count, x.Sum, x.Buckets[firstBucket] = n, time.Duration(n+1)*time.Second, n-1
		want[fmt.Sprint(n-1)], want[fmt.Sprint(n+1)] = path+".Buckets", path+".Sum"
		*next += 2
	case *[]store.Switch:
		*x = make([]store.Switch, 20_003) // live ones do not count
		x0 := *x
		for i := range x0 {
			x0[i].Mode = engine.ModeShadow
		}
		x0[0].Mode = engine.ModeLive
		n = 20_002
	case *[]engine.Stuck:
		*x, n = make([]engine.Stuck, 30_001), 30_001
	case *map[string]int64:
		*x = map[string]int64{"some": n}
	case *engine.Outcomes:
		*x = engine.Outcomes{"some": {"other": n}}
	default:
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				fill(t, v.Field(i), path+"."+v.Type().Field(i).Name, next, want)
			}
			return
		case reflect.Int, reflect.Int64:
			v.SetInt(n)
		default:
			t.Errorf("%s is a %s, which this test does not know", path, v.Type())
			return
		}
	}
	want[fmt.Sprint(n)] = path
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
