package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// TestCommandsLeaveARow: who looks at a customer by hand is in the audit log,
// and what was looked for is not.
func TestCommandsLeaveARow(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config := filepath.Join(dir, "advocate.yaml")
	if err := os.WriteFile(config, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	g := &globals{Config: config, Data: filepath.Join(dir, "data")}
	s, err := g.load()
	if err != nil {
		t.Fatal(err)
	}
	n, err := openNode(t.Context(), s, discardLog())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.close(); err != nil {
			t.Error(err)
		}
	})
	ctx := givenBy(t.Context(), "cli:ann")
	run := func(name, params string) error {
		_, err := operations[name](ctx, n, []byte(params))
		return err
	}
	if err := run("customer.show", `"nobody@example.com"`); domain.ErrorCode(err) != domain.CodeNotFound {
		t.Fatal(err)
	}
	if err := errors.Join(run("work-item.list", `{"Limit":5}`), run("switch.set", `{"Scope":"all","Mode":"shadow","By":"x"}`), run("status", `{}`)); err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := n.store.View(t.Context(), func(r store.Reader) error {
		rows, err := r.AuditList(store.AuditListParams{Limit: 10})
		for _, r := range rows {
			got = append(got, strings.Join([]string{r.By, r.Via, r.Action, r.Object, r.Outcome, string(r.Detail)}, " "))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{"cli:ann command switch.set switch/all ok ", "cli:ann command work-item.list  ok ", "cli:ann command customer.show  refused "}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the log has\n%s", strings.Join(got, "\n"))
	}
	if err := n.audit.Close(); err != nil {
		t.Fatal(err)
	}
	if err := run("work-item.list", `{"Limit":5}`); domain.ErrorCode(err) != domain.CodeUnavailable {
		t.Errorf("without a log: %v", err)
	}
}
