package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

// TestEmittedTypesAreListed: domain.EmittedTypes is what the advocate's source
// emits, and the page on integrating has a row for each.
func TestEmittedTypesAreListed(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(root, "internal/advocate/*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no source: %v", err)
	}
	emits := map[string]bool{}
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		for _, m := range regexp.MustCompile(`\.emit(?:ted)?\("(advocate\.[a-z.]+)"[,)]`).FindAllStringSubmatch(string(src), -1) {
			emits[m[1]] = true
		}
		for _, m := range regexp.MustCompile(`\.workItemChanged\(.*, "([a-z_]+)", `).FindAllStringSubmatch(string(src), -1) {
			emits["advocate.workitem."+m[1]] = true
		}
	}
	for _, s := range []domain.WorkItemState{domain.WorkPending, domain.WorkReserved, domain.WorkAssigned, domain.WorkWrapping, domain.WorkCompleted, domain.WorkCanceled} {
		emits["advocate.workitem."+string(s)] = true // by moveWorkItem
	}
	page, err := os.ReadFile(filepath.Join(root, "docs/integrating.md"))
	if err != nil {
		t.Fatal(err)
	}
	for kind := range emits {
		if !slices.Contains(domain.EmittedTypes, kind) {
			t.Errorf("%s is emitted and not in domain.EmittedTypes", kind)
		}
	}
	for _, kind := range domain.EmittedTypes {
		if !emits[kind] {
			t.Errorf("nothing emits %s", kind)
		}
		if !strings.Contains(string(page), "\n| `"+kind+"` |") {
			t.Errorf("the page has no row for %s", kind)
		}
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `(advocate\\.[a-z.]+)` \\|").FindAllStringSubmatch(string(page), -1) {
		if !slices.Contains(domain.EmittedTypes, m[1]) {
			t.Errorf("the page has a row for %s, which nothing emits", m[1])
		}
	}
}
