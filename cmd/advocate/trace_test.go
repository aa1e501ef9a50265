package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// untraced are the operations that leave no row, and those that write their own.
var untraced = map[string][]string{
	"shows the setup or sums": {
		"status", "agent.list", "network.list", "switch.list", "playbook.list", "report.show", "token.list", "user.list", "secret.list",
		"webhook.list", "webhook.show", "webhook.deliveries", "check",
	},
	"writes its own row": {
		"user.add", "user.change", "user.link", "secret.set", "secret.put", "secret.delete", "secret.rotate",
		"webhook.add", "webhook.test", "webhook.rotate", "webhook.replay", "webhook.disable", "webhook.enable", "webhook.enable-from-now", "webhook.remove",
	},
}

// TestEveryOperationIsTracedOrNot: a new one has to be entered somewhere.
func TestEveryOperationIsTracedOrNot(t *testing.T) {
	t.Parallel()
	said := map[string]int{}
	for _, name := range traced {
		said[name]++
	}
	for _, names := range untraced {
		for _, name := range names {
			said[name]++
		}
	}
	for name := range operations {
		if said[name] != 1 {
			t.Errorf("%s is named %d times among those that leave a row and those that leave none", name, said[name])
		}
		delete(said, name)
	}
	for name := range said {
		t.Errorf("there is no operation %s", name)
	}
}

// TestCommandsLeaveARow: who looks at a customer by hand is in the audit log,
// and what was looked for is not.
func TestCommandsLeaveARow(t *testing.T) {
	t.Parallel()
	n := nodeIn(t, t.TempDir())
	ctx := givenBy(t.Context(), "cli:ann")
	run := func(name, params string) error {
		_, err := operations[name](ctx, n, []byte(params))
		return err
	}
	if err := run("customer.show", `"nobody@example.com"`); domain.ErrorCode(err) != domain.CodeNotFound {
		t.Fatal(err)
	}
	if err := errors.Join(run("work-item.list", `{"Limit":5}`), run("switch.set", `{"Scope":"all","Mode":"shadow","By":"x"}`), run("label.list", `{}`), run("status", `{}`)); err != nil {
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
	want := []string{"cli:ann command label.list  ok ", "cli:ann command switch.set switch/all ok ", "cli:ann command work-item.list  ok ", "cli:ann command customer.show  refused "}
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
