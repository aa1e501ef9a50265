package httpapi

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestSpecIsCompleteAndStable(t *testing.T) {
	t.Parallel()
	first, err := Spec()
	if err != nil {
		t.Fatal(err)
	}
	second, _ := Spec()
	if !bytes.Equal(first, second) {
		t.Error("two descriptions of one version differ")
	}
	var doc struct {
		OpenAPI string                                `json:"openapi"`
		Paths   map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(first, &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("openapi %q", doc.OpenAPI)
	}
	calls := 0
	for path, item := range doc.Paths {
		for method := range item {
			calls++
			if !slices.ContainsFunc(build(Options{}).Routes(), func(r Route) bool { return r.Path == path && strings.EqualFold(r.Method, method) }) {
				t.Errorf("%s %s is described and is no route", method, path)
			}
		}
	}
	for _, r := range build(Options{}).Routes() {
		if doc.Paths[r.Path] == nil && !strings.HasPrefix(r.Path, "/assets/") && !slices.Contains([]string{"/", "/sandbox", "/docs"}, r.Path) {
			t.Errorf("%s %s is not described", r.Method, r.Path)
		}
	}
	if calls < 40 {
		t.Errorf("only %d calls are described", calls)
	}
	if bytes.Contains(first, []byte("application/octet-stream")) {
		t.Error("a body is described as bytes")
	}
}
