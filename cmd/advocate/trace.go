package main

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/store"
)

// Commands leave their trace in the audit log as requests to the API do: what
// shows personal data and what changes something writes a row, which is durable
// before the command says anything.

// traced are the operations that do. Those of people, secrets and webhooks write
// rows of their own. A test names those that leave none, and why.
var traced = []string{
	"import.orders", "import.customers", "customer.find", "customer.show", "customer.export", "customer.erase", "customer.merge", "customer.unmerge", "customer.ignore",
	"agent.set", "work-item.list", "work-item.do", "effect.list", "effect.do", "switch.set", "playbook.publish", "playbook.activate", "explain", "label.list",
	"report.rebuild", "token.create", "token.revoke", "backup",
}

type operatorKey struct{}

// operatorHeader carries who gives a command through the local socket.
const operatorHeader = "Advocate-Operator"

// givenBy notes who gives a command.
func givenBy(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, operatorKey{}, name)
}

func operatorOf(ctx context.Context) string {
	if name, _ := ctx.Value(operatorKey{}).(string); name != "" {
		return name
	}
	return "cli"
}

// trace makes an operation write its row.
func trace(name string, f operation) operation {
	return func(ctx context.Context, n *node, params []byte) (any, error) {
		out, err := f(ctx, n, params)
		row := auth.Entry(auth.Command(operatorOf(ctx)), name, "", 0, outcome(err))
		if err == nil {
			tell(&row, out)
		}
		if row.Object == "" {
			tellAsked(&row, name, params)
		}
		if failed := n.audit.Append(context.WithoutCancel(ctx), row); failed != nil {
			return nil, &domain.Error{Code: domain.CodeUnavailable, Message: "the audit log takes nothing, and nothing is shown or done unseen; try again", Cause: failed}
		}
		return out, err
	}
}

func outcome(err error) string {
	switch domain.ErrorCode(err) {
	case "":
		return "ok"
	case domain.CodeInternal, domain.CodeUnavailable, domain.CodeBusy:
		return "failed"
	}
	return "refused"
}

// tell says what an operation showed of whom.
func tell(row *store.AuditRow, out any) {
	var ids []string
	switch v := out.(type) {
	case customerView:
		row.Object, row.Customer = v.Customer.ID.String(), v.Customer.ID
	case engine.Export:
		row.Object, row.Customer = v.Customer.ID.String(), v.Customer.ID
	case domain.CustomerID:
		row.Object, row.Customer = v.String(), v
	case engine.Explanation:
		row.Object, row.Customer = v.ID, v.Customer
	case domain.WorkItem:
		row.Object, row.Customer = v.ID, v.Customer
	case domain.Agent:
		row.Object = "agent/" + v.ID
	case []domain.WorkItem:
		for i := range v {
			ids = append(ids, v[i].ID)
		}
	case []effectView:
		for i := range v {
			ids = append(ids, v[i].ID)
		}
	case labels:
		for i := range v.Items {
			ids = append(ids, v.Items[i].Case)
		}
	}
	if len(ids) > 0 {
		row.Detail, _ = json.Marshal(map[string]any{"shown": ids}) // of strings, which cannot fail
	}
}

// tellAsked takes from the parameters what names something of ours. What else
// stands there, such as a name that was looked for, stays out of the log.
func tellAsked(row *store.AuditRow, name string, params []byte) {
	var p struct {
		ID, Name, Scope string
		From, Into      string
	}
	if json.Unmarshal(params, &p) != nil {
		var s string
		if json.Unmarshal(params, &s) != nil {
			return
		}
		p.ID = s
	}
	switch kind, _, _ := strings.Cut(name, "."); kind {
	case "token":
		row.Object = "token/" + p.Name + p.ID
	case "playbook":
		row.Object = "playbook/" + p.Name
	case "switch":
		row.Object = "switch/" + p.Scope
	}
	if id, _, _, err := domain.ParseObjectID(p.ID); err == nil {
		row.Object, row.Customer = p.ID, id
	}
	for _, who := range []string{p.From, p.Into, p.ID} {
		if id, err := domain.ParseCustomerID(who); err == nil {
			row.Object, row.Customer = who, id
		}
	}
}

// traceAll makes every operation that is to leave a trace do so.
func traceAll(all map[string]operation) {
	for name, f := range all {
		if slices.Contains(traced, name) {
			all[name] = trace(name, f)
		}
	}
}
