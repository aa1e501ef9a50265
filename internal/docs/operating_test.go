package docs

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/telemetry"
)

func operating(t *testing.T) string {
	t.Helper()
	src, err := os.ReadFile(filepath.Join(root, "docs/operating.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

// idle is an engine that has done nothing.
type idle struct{}

func (idle) Status(context.Context) (engine.Status, error) { return engine.Status{}, nil }
func (idle) Counters() engine.Counters                     { return engine.Counters{} }

// connected is a network that tells all there is to tell.
type connected struct{ social.Network }

func (connected) Name() string    { return "bluesky" }
func (connected) Account() string { return "" }
func (connected) Health() social.Health {
	return social.Health{Quotas: []social.Quota{{Name: "requests"}}, Expires: time.Now()}
}

// metrics lists every metric of ours.
func metrics() map[string]bool {
	m := telemetry.NewMetrics("test")
	m.Watch(idle{})
	m.RequestStarted()("/", "GET", 200, 0, false)
	m.Desk().Watch(func(context.Context) (telemetry.DeskState, error) {
		return telemetry.DeskState{Queues: []telemetry.DeskQueue{{Name: "care"}}}, nil
	})
	m.WatchCertificates(func(context.Context) (telemetry.Certificates, error) { return telemetry.Certificates{}, nil })
	m.WatchNetworks(func() []social.Network { return []social.Network{connected{}} })
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	given := map[string]bool{}
	for _, f := range regexp.MustCompile(`(?m)^# TYPE (advocate_\w+) `).FindAllStringSubmatch(w.Body.String(), -1) {
		given[f[1]] = true
	}
	return given
}

// TestMetricsAreExplained: the page names every metric of ours and no other.
func TestMetricsAreExplained(t *testing.T) {
	t.Parallel()
	page, given := operating(t), metrics()
	if len(given) < 15 {
		t.Fatalf("only %d metrics seen", len(given))
	}
	for name := range given {
		if !strings.Contains(page, "`"+name+"`") {
			t.Errorf("the metric %s is not explained", name)
		}
	}
	for _, name := range regexp.MustCompile(`advocate_[a-z_]+`).FindAllString(page, -1) {
		if !given[name] {
			t.Errorf("the page names %s, which is no metric", name)
		}
	}
}

// TestLimitsStandWhereThePageSays: each constant that the table names is one
// of that package, and has the value that stands beside it.
func TestLimitsStandWhereThePageSays(t *testing.T) {
	t.Parallel()
	rows := regexp.MustCompile("(?m)^\\|[^|]*\\|([^|]*)\\| (`(?:internal|cmd)/.*) \\|$").FindAllStringSubmatch(operating(t), -1)
	if len(rows) < 15 {
		t.Fatalf("only %d rows of limits seen", len(rows))
	}
	// what follows is how a caller is told, or what a caller may ask for
	told := regexp.MustCompile(`, then \d+`)
	for _, r := range rows {
		said := amounts(told.ReplaceAllString(r[1], ""))
		dir, i := "", 0
		for _, w := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(r[2], -1) {
			if strings.Contains(w[1], "/") {
				dir = w[1]
				continue
			}
			switch value, err := constant(dir, w[1]); {
			case err != nil:
				t.Error(err)
			case i >= len(said):
				t.Errorf("the page has no value for %s; it is %v", w[1], value)
			case said[i] != value:
				t.Errorf("the page says %v for %s of %s; it is %v", said[i], w[1], dir, value)
			}
			i++
		}
		if i < len(said) {
			t.Errorf("%q has %d values and %d constants", strings.TrimSpace(r[1]), len(said), i)
		}
	}
}

// TestPlaybookLimits: the guide's paragraph says each limit as the code has it.
func TestPlaybookLimits(t *testing.T) {
	t.Parallel()
	_, text, ok := strings.Cut(read(t, "docs/playbooks.md"), "\n## Limits\n")
	if !ok {
		t.Fatal("the guide has no section Limits")
	}
	said := amounts(text)
	names := []struct{ dir, name string }{
		{"internal/playbook", "maxSource"}, {"internal/playbook", "maxRules"}, {"internal/playbook", "maxSteps"},
		{"internal/playbook", "maxTriggers"}, {"internal/playbook", "maxTemplates"}, {"internal/playbook", "maxExpr"},
		{"internal/playbook", "maxValueRunes"}, {"internal/playbook", "maxMessage"},
		{"internal/domain", "MaxOpenCases"}, {"internal/domain", "MaxSubscriptions"}, {"internal/domain", "MaxTimers"}, {"internal/domain", "MaxPromises"},
	}
	if len(said) != len(names) {
		t.Fatalf("the paragraph has %d numbers, %d constants are held", len(said), len(names))
	}
	for i, n := range names {
		if value, err := constant(n.dir, n.name); err != nil {
			t.Error(err)
		} else if said[i] != value {
			t.Errorf("the guide says %v for %s; it is %v", said[i], n.name, value)
		}
	}
}

// amounts reads the numbers of a text with their units: bytes, and times in
// nanoseconds.
func amounts(text string) (out []float64) {
	units := map[string]float64{"KiB": 1 << 10, "MiB": 1 << 20, "s": 1e9, "days": 24 * 3600e9}
	for _, m := range regexp.MustCompile(`(\d{1,3}(?:,\d{3})+|\d+)(?: (KiB|MiB|s|days)\b)?`).FindAllStringSubmatch(text, -1) {
		n, err := strconv.ParseFloat(strings.ReplaceAll(m[1], ",", ""), 64)
		if err != nil {
			continue
		}
		if u, ok := units[m[2]]; ok {
			n *= u
		}
		out = append(out, n)
	}
	return out
}
