// Package componenttest holds the one conformance suite of components.
package componenttest

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/domain"
)

// Case is a component and, if there is one, a question that it has an answer
// to.
type Case struct {
	Component component.Component
	Known     domain.Lookup
	Asker     component.Asker
	HasKnown  bool
}

// Run checks what every component promises. open makes a fresh one.
func Run(t *testing.T, open func(t *testing.T) Case) {
	t.Run("name", func(t *testing.T) {
		t.Parallel()
		c := open(t)
		if name := c.Component.Name(); !component.ValidName(name) || name != c.Component.Name() {
			t.Errorf("%q is no name for a component", name)
		}
	})
	t.Run("known", func(t *testing.T) {
		t.Parallel()
		c := open(t)
		if !c.HasKnown {
			t.Skip("nothing is known to it")
		}
		ans, err := c.Component.Ask(t.Context(), c.Known, c.Asker)
		if err != nil || !ans.Found {
			t.Fatalf("%+v, %v", ans, err)
		}
		check(t, c.Known, ans, err)
		again, err := c.Component.Ask(t.Context(), c.Known, c.Asker)
		if a, b := marshal(t, ans), marshal(t, again); err != nil || a != b {
			t.Errorf("the same question has two answers:\n%s\n%s, %v", a, b, err)
		}
	})
	t.Run("odd", func(t *testing.T) {
		t.Parallel()
		c := open(t)
		for _, s := range oddities {
			for _, q := range []domain.Lookup{{ID: s}, {Query: s}, {Lang: s, Query: "where is it"}, {ID: s, Query: s, Lang: s, Case: s, Effect: s}} {
				for _, asker := range []component.Asker{{}, {Ref: s, Lang: s}, {Ref: "C-1", Customer: 5, Now: time.Unix(-1<<40, 0)}} {
					q.Component = c.Component.Name()
					ans, err := c.Component.Ask(t.Context(), q, asker)
					check(t, q, ans, err)
				}
			}
		}
	})
	t.Run("canceled", func(t *testing.T) {
		t.Parallel()
		c := open(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		done := make(chan error, 1)
		go func() {
			_, err := c.Component.Ask(ctx, c.Known, c.Asker)
			done <- err
		}()
		select {
		case err := <-done:
			var e *component.Error
			if !errors.As(err, &e) || !e.Retry {
				t.Errorf("a canceled question gave %v; want an error that is worth another try", err)
			}
		case <-time.After(10 * time.Second):
			t.Error("Ask did not return when its context ended")
		}
	})
	t.Run("concurrent", func(t *testing.T) {
		t.Parallel()
		c := open(t)
		want, wantErr := c.Component.Ask(t.Context(), c.Known, c.Asker)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 5 {
					ans, err := c.Component.Ask(t.Context(), c.Known, c.Asker)
					if (err == nil) != (wantErr == nil) || ans.Found != want.Found {
						t.Errorf("%v, %v; alone it was %v, %v", ans.Found, err, want.Found, wantErr)
					}
				}
			})
		}
		wg.Wait()
	})
}

var oddities = []string{
	"", " ", "\x00", "\xff\xfe", "..", "../../etc/passwd", "/", "\\", "%", "%00", "a\r\nX: y", "{id}", "{{.}}", "${x}",
	"' OR 1=1 --", `"`, `" OR "a`, "NEAR(a b)", "a* AND NOT b", "-", "*", "(", "#", "🛵📦", "مرحبا", "e\u0301\u200b\u202e", "日本語",
	"=", "area=", ",,,,", "sku=\x00", strings.Repeat("x", 100_000), strings.Repeat("a b ", 20_000), strings.Repeat("\"", 5000),
	strings.Repeat("🛵", 10_000),
}

// check holds an answer against the contract.
func check(t *testing.T, q domain.Lookup, ans domain.ComponentAnswer, err error) {
	t.Helper()
	if ans.Lookup != q {
		t.Errorf("the answer to %.60q does not repeat its question", q)
	}
	if err != nil {
		var e *component.Error
		if !errors.As(err, &e) || e.Safe == "" {
			t.Errorf("%.60q: %T is no *component.Error with a safe text: %v", q, err, err)
		}
		if ans.Found {
			t.Errorf("%.60q: found, and an error: %v", q, err)
		}
		return
	}
	has := len(ans.Orders) > 0 || ans.Profile != nil || len(ans.Data) > 0
	if has && !ans.Found {
		t.Errorf("%.60q: not found, and yet something is there: %.200s", q, marshal(t, ans))
	}
	if len(ans.Data) > component.MaxAnswerData || len(ans.Data) > 0 && (ans.Data[0] != '{' || !json.Valid(ans.Data)) {
		t.Errorf("%.60q: the data is no object of at most %d bytes: %.100s", q, component.MaxAnswerData, ans.Data)
	}
	for _, o := range ans.Orders {
		if o.ID == "" {
			t.Errorf("%.60q: an order without an id", q)
		}
	}
	if ans.Error != "" {
		t.Errorf("%.60q: ComponentAnswer.Error is for the one who asks to fill in", q)
	}
}

func marshal(t *testing.T, ans domain.ComponentAnswer) string {
	t.Helper()
	b, err := json.Marshal(ans)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
