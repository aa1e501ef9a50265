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
		if doc.Paths[r.Path] == nil && !strings.HasPrefix(r.Path, "/assets/") && !slices.Contains([]string{consolePath, consoleFiles, consoleRest, "/docs", "/sign-in", "/sign-in/oidc", "/link", "/account"}, r.Path) {
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

// TestSpecHasNoBookkeeping: nothing is described, and so nothing shown, that
// only an advocate, the outbox or the store notes for itself.
func TestSpecHasNoBookkeeping(t *testing.T) {
	t.Parallel()
	spec, err := Spec()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]json.RawMessage `json:"properties"`
			} `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(spec, &doc); err != nil {
		t.Fatal(err)
	}
	schemas := doc.Components.Schemas
	for name, s := range schemas {
		for _, field := range []string{"shown", "told_order", "told_at", "said", "fired", "dead", "unsent", "asked", "focus", "last_reply",
			"number_asked", "linked", "ordinal", "conversation", "passed"} {
			if _, has := s.Properties[field]; has {
				t.Errorf("%s has %s", name, field)
			}
		}
	}
	// words that mean something elsewhere
	for name, fields := range map[string][]string{"SubscriptionView": {"after"}, "InputView": {"seq", "attempts"}} {
		for _, field := range fields {
			if _, has := schemas[name].Properties[field]; has {
				t.Errorf("%s has %s", name, field)
			}
		}
	}
	for name, fields := range map[string][]string{
		"CaseView":         {"id", "state", "posts", "promises", "known"},
		"IdentityView":     {"network", "author", "proven"},
		"WorkItemView":     {"number", "version", "reservation", "for", "before", "wrapping_until", "time_zone"},
		"SubscriptionView": {"to", "anchor", "expires"},
	} {
		for _, field := range fields {
			if _, has := schemas[name].Properties[field]; !has {
				t.Errorf("%s has no %s", name, field)
			}
		}
	}
}
