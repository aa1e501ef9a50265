package httpapi

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// auditView is a row of the audit log: who saw or changed what.
type auditView struct {
	Seq        int64           `json:"seq"`
	At         time.Time       `json:"at"`
	By         string          `json:"by,omitempty" doc:"A login, a token's name; missing for nobody who is known."`
	Via        string          `json:"via" doc:"session, token, command …"`
	Action     string          `json:"action"`
	Object     string          `json:"object,omitempty" doc:"What was seen or changed."`
	CustomerID string          `json:"customer_id,omitempty" doc:"Whose data it was."`
	Outcome    string          `json:"outcome" doc:"ok, or why not."`
	From       string          `json:"from,omitempty" doc:"The caller's address."`
	Detail     json.RawMessage `json:"detail,omitempty"`
}

func viewAudit(row *store.AuditRow) auditView {
	v := auditView{Seq: row.Seq, At: row.At, By: row.By, Via: row.Via, Action: row.Action, Object: row.Object, Outcome: row.Outcome, From: row.From}
	if row.Customer != 0 {
		v.CustomerID = row.Customer.String()
	}
	if json.Valid(row.Detail) {
		v.Detail = row.Detail
	}
	return v
}

func (a *API) registerAudit() {
	register(a, call{id: "list-audit", method: "GET", path: "/v1/audit", need: auditing, tag: "Audit", summary: "Who saw or changed what",
		about: "Newest first. It tells of all queues: rights that reach only some do not read it."}, a.listAudit)
}

type auditInput struct {
	By       string    `query:"by" maxLength:"63" doc:"A login, or a token's name."`
	Action   string    `query:"action" maxLength:"128"`
	Object   string    `query:"object" maxLength:"256"`
	Customer string    `query:"customer" maxLength:"32" doc:"A customer's id."`
	Since    time.Time `query:"since" doc:"Rows from then on."`
	PageInput
}

func (a *API) listAudit(ctx context.Context, in *auditInput) (*listOutput[auditView], error) {
	p := store.AuditListParams{By: in.By, Action: in.Action, Object: in.Object, Since: in.Since, Limit: in.limit() + 1}
	var err error
	if in.Customer != "" {
		if p.Customer, err = domain.ParseCustomerID(in.Customer); err != nil {
			return nil, domain.FieldErrorf("customer", "%.40q is no customer's id", in.Customer)
		}
	}
	if p.Before, err = in.number(); err != nil {
		return nil, err
	}
	out := []auditView{}
	err = a.view(ctx, func(r store.Reader) error {
		rows, err := r.AuditList(p)
		out = out[:0]
		for i := range rows {
			out = append(out, viewAudit(&rows[i]))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return paged(out, in.limit(), func(v auditView) string { return strconv.FormatInt(v.Seq, 10) }), nil
}
