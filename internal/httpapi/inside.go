package httpapi

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
	"github.com/contact-advocate/advocate/internal/social/sandbox"
	"github.com/contact-advocate/advocate/internal/store"
)

// insideView is everything the demo shows about one customer.
type insideView struct {
	Known         bool               `json:"known" doc:"The handle belongs to a customer."`
	Customer      *customerDetail    `json:"customer,omitempty"`
	History       []historyEntry     `json:"history"`
	Orders        []knownOrder       `json:"orders"`
	Cases         []CaseView         `json:"cases"`
	Subscriptions []SubscriptionView `json:"subscriptions"`
	WorkItems     []WorkItemView     `json:"work_items"`
	Decisions     []recordView       `json:"decisions"`
}

const (
	insideRecords = 25
	insideItems   = 20
)

func (a *API) registerInside() {
	const tag = "Demo"
	register(a, call{id: "inside", method: "GET", path: "/v1/sandbox/inside", need: inside, tag: tag, summary: "What the advocate of a handle knows",
		about: "Only in the demo, and only for this machine."}, a.inside)
	register(a, call{id: "inside-complete", method: "POST", path: "/v1/sandbox/inside/complete", need: inside, tag: tag,
		summary: "Complete a work item as the demo's agent"}, a.insideComplete)
	register(a, call{id: "inside-event", method: "POST", path: "/v1/sandbox/inside/event", need: inside, tag: tag, status: http.StatusAccepted,
		summary: "Let something happen to an order"}, a.insideEvent)
}

type insideInput struct {
	As     string `query:"as" maxLength:"64" doc:"Whose advocate; required, as this or as handle."`
	Handle string `query:"handle" maxLength:"64" doc:"An older name of as."`
}

type insideOutput struct {
	Body insideView
}

func (a *API) inside(ctx context.Context, in *insideInput) (*insideOutput, error) {
	handle, err := sandbox.FoldHandle(cmp.Or(in.As, in.Handle))
	if err != nil {
		return nil, err
	}
	var out *insideOutput
	err = a.view(ctx, func(r store.Reader) error {
		out = &insideOutput{insideView{History: []historyEntry{}, Orders: []knownOrder{}, Cases: []CaseView{},
			Subscriptions: []SubscriptionView{}, WorkItems: []WorkItemView{}, Decisions: []recordView{}}}
		ids, err := r.IdentityFind([]domain.IdentityKey{{Network: sandbox.Name, Author: handle}})
		if err != nil || ids[0] == 0 {
			return err
		}
		return a.lookInside(r, ids[0], &out.Body)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (a *API) lookInside(r store.Reader, id domain.CustomerID, out *insideView) error {
	row, snap, err := a.advocate(r, id)
	if err != nil {
		if domain.ErrorCode(err) == domain.CodeNotFound {
			return nil // erased: the handle is a stranger's again
		}
		return err
	}
	detail := a.detailOf(row, &snap)
	out.Known, out.Customer = true, &detail
	if out.Orders, err = a.ordersOf(r, &snap); err != nil {
		return err
	}
	out.Cases = casesOf(&snap.Customer, snap.Cases, nil)
	out.Subscriptions = viewSubscriptions(snap.Subscriptions)
	items, err := r.WorkItemList(store.WorkItemListParams{Customer: row.ID, Limit: insideItems})
	if err != nil {
		return err
	}
	out.WorkItems = a.viewWorkItems(items)
	rows, err := r.JournalRead(store.JournalReadParams{Customer: row.ID, Limit: insideRecords})
	if err != nil {
		return err
	}
	for _, j := range rows {
		rec, err := decodeRecord(j)
		if err != nil {
			return err
		}
		out.Decisions = append(out.Decisions, viewRecord(rec))
		for _, e := range slices.Backward(rec.Entries) {
			out.History = append(out.History, historyEntry{viewEntry(e), rec.Version})
		}
	}
	return nil
}

type insideCompleteInput struct {
	Body struct {
		WorkItem    string `json:"work_item" minLength:"1" maxLength:"64"`
		Disposition string `json:"disposition" minLength:"1" maxLength:"64"`
		Note        string `json:"note,omitempty" maxLength:"4000"`
	}
}

func (a *API) insideComplete(ctx context.Context, in *insideCompleteInput) (*workItemOutput, error) {
	return a.commandWorkItem(ctx, &MoveInput{WorkItemInput: WorkItemInput{in.Body.WorkItem}}, domain.Command{Kind: domain.CommandComplete, Disposition: in.Body.Disposition, Note: in.Body.Note})
}

type insideEventInput struct {
	Body struct {
		Type   string    `json:"type" enum:"order.paid,order.shipped,order.delayed,order.delivered,order.canceled,order.refunded"`
		Order  string    `json:"order" minLength:"1" maxLength:"64"`
		ETA    time.Time `json:"eta,omitzero" doc:"With order.delayed: when it is expected now; three days from now if missing."`
		Reason string    `json:"reason,omitempty" maxLength:"200"`
	}
}

func (a *API) insideEvent(ctx context.Context, in *insideEventInput) (*eventsOutput, error) {
	now := a.now().UTC()
	data := map[string]any{}
	if in.Body.Type == "order.delayed" {
		if in.Body.ETA.IsZero() {
			in.Body.ETA = now.AddDate(0, 0, 3)
		}
		if in.Body.Reason == "" {
			in.Body.Reason = said.DemoCarrierDelay.Text()
		}
		data["eta"] = in.Body.ETA.UTC()
	}
	if in.Body.Reason != "" {
		data["reason"] = in.Body.Reason
	}
	body, err := json.Marshal(data)
	if err != nil {
		return nil, err
	}
	e := domain.Event{Source: "/demo", ID: rand.Text(), Type: in.Body.Type, Time: now, OrderID: in.Body.Order, Data: body}
	e.Normalize(now)
	if err := e.Validate(); err != nil {
		return nil, err
	}
	return a.takeEvents(ctx, []domain.Event{e})
}
