package docs

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/engine"
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

// TestMetricsAreExplained: the page names every metric of ours and no other.
func TestMetricsAreExplained(t *testing.T) {
	t.Parallel()
	page := operating(t)
	m := telemetry.NewMetrics("test")
	m.Watch(idle{})
	m.RequestStarted()("/", "GET", 200, 0, false)
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	given := map[string]bool{}
	for _, f := range regexp.MustCompile(`(?m)^# TYPE (advocate_\w+) `).FindAllStringSubmatch(w.Body.String(), -1) {
		given[f[1]] = true
		if !strings.Contains(page, "`"+f[1]+"`") {
			t.Errorf("the metric %s is not explained", f[1])
		}
	}
	if len(given) < 15 {
		t.Fatalf("only %d metrics seen", len(given))
	}
	for _, name := range regexp.MustCompile(`advocate_[a-z_]+`).FindAllString(page, -1) {
		if !given[name] {
			t.Errorf("the page names %s, which is no metric", name)
		}
	}
}

// TestLimitsStandWhereThePageSays: each constant that the table names is one
// of that package.
func TestLimitsStandWhereThePageSays(t *testing.T) {
	t.Parallel()
	rows := regexp.MustCompile("(?m)^\\|[^|]*\\|[^|]*\\| (`(?:internal|cmd)/.*) \\|$").FindAllStringSubmatch(operating(t), -1)
	if len(rows) < 15 {
		t.Fatalf("only %d rows of limits seen", len(rows))
	}
	for _, r := range rows {
		dir := ""
		for _, w := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(r[1], -1) {
			if strings.Contains(w[1], "/") {
				dir = w[1]
				continue
			}
			if !declares(t, dir, w[1]) {
				t.Errorf("%s has no constant %s", dir, w[1])
			}
		}
	}
}

func declares(t *testing.T, dir, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	re := regexp.MustCompile(`(?m)^(?:const |\t)` + name + `\s+=|\b` + name + `(?:, \w+)+\s+=`)
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if re.Match(src) {
			return true
		}
	}
	return false
}
