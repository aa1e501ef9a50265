package httpapi

import (
	"context"
	"errors"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

type WorkItemInput struct {
	ID string `path:"id" maxLength:"64" doc:"The work item's id."`
}

type workItemOutput struct {
	Body domain.WorkItem
}

// queueView is how a queue stands.
type queueView struct {
	Queue           string  `json:"queue"`
	Waiting         int     `json:"waiting"`
	OldestSeconds   float64 `json:"oldest_seconds"`
	HandledDay      int     `json:"handled_day" doc:"Completed in the last day."`
	MeanWaitSeconds float64 `json:"mean_wait_seconds" doc:"From creation to completion, of those."`
}

func (a *API) registerWorkItems() {
	const tag = "Work items"
	register(a, call{id: "list-work-items", method: "GET", path: "/v1/work-items", need: read, tag: tag, summary: "Work items",
		about: "Newest first."}, a.listWorkItems)
	register(a, call{id: "get-work-item", method: "GET", path: "/v1/work-items/{id}", need: read, tag: tag, summary: "A work item"}, a.getWorkItem)
	register(a, call{id: "cancel-work-item", method: "POST", path: "/v1/work-items/{id}/cancel", need: agent, tag: tag,
		summary: "Cancel a work item"}, a.cancelWorkItem)
	register(a, call{id: "complete-work-item", method: "POST", path: "/v1/work-items/{id}/complete", need: agent, tag: tag,
		summary: "Complete a work item", about: "Dispositions the advocate understands: reached, resolved, no_answer, busy, voicemail, " +
			"wrong_number, refused. Others only end the work item."}, a.completeWorkItem)
	register(a, call{id: "list-queues", method: "GET", path: "/v1/queues", need: read, tag: tag, summary: "How the queues stand"}, a.listQueues)
}

type workItemsInput struct {
	State    domain.WorkItemState `query:"state" enum:"pending,reserved,assigned,wrapping,completed,canceled"`
	Queue    string               `query:"queue" maxLength:"64"`
	Customer string               `query:"customer" maxLength:"14" doc:"A customer's id."`
	PageInput
}

func (a *API) listWorkItems(ctx context.Context, in *workItemsInput) (*listOutput[domain.WorkItem], error) {
	p := store.WorkItemListParams{State: in.State, Queue: in.Queue, After: in.Cursor, Limit: in.limit() + 1}
	if in.Customer != "" {
		id, err := domain.ParseCustomerID(in.Customer)
		if err != nil {
			return nil, domain.FieldErrorf("customer", "%v", err)
		}
		p.Customer = id
	}
	var items []domain.WorkItem
	err := a.view(ctx, func(r store.Reader) (err error) {
		items, err = r.WorkItemList(p)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil, badCursor(in.Cursor)
	}
	if err != nil {
		return nil, err
	}
	return paged(items, in.limit(), func(w domain.WorkItem) string { return w.ID }), nil
}

func (a *API) findWorkItem(ctx context.Context, id string) (w domain.WorkItem, err error) {
	if _, kind, _, perr := domain.ParseObjectID(id); perr != nil || kind != domain.KindWorkItem {
		return w, domain.FieldErrorf("id", "%.60q is not the id of a work item", id)
	}
	err = a.view(ctx, func(r store.Reader) (err error) {
		w, err = r.WorkItemGet(id)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		err = domain.Errorf(domain.CodeNotFound, "there is no work item %s", id)
	}
	return w, err
}

func (a *API) getWorkItem(ctx context.Context, in *WorkItemInput) (*workItemOutput, error) {
	w, err := a.findWorkItem(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &workItemOutput{w}, nil
}

func (a *API) commandWorkItem(ctx context.Context, id string, c domain.Command) (*workItemOutput, error) {
	w, err := a.findWorkItem(ctx, id)
	if err != nil {
		return nil, err
	}
	c.WorkItem, c.Case, c.By = id, w.Case, caller(ctx).Name
	if err := a.o.Engine.Command(ctx, w.Customer, c); err != nil {
		return nil, err
	}
	return a.getWorkItem(ctx, &WorkItemInput{id})
}

type cancelInput struct {
	WorkItemInput
	Body struct {
		Note string `json:"note" minLength:"1" maxLength:"4000" doc:"Why it is no longer needed."`
	}
}

func (a *API) cancelWorkItem(ctx context.Context, in *cancelInput) (*workItemOutput, error) {
	return a.commandWorkItem(ctx, in.ID, domain.Command{Kind: domain.CommandCancel, Note: in.Body.Note})
}

type completeInput struct {
	WorkItemInput
	Body struct {
		Disposition string `json:"disposition" minLength:"1" maxLength:"64" doc:"How the call or the work ended."`
		Note        string `json:"note,omitempty" maxLength:"4000"`
	}
}

func (a *API) completeWorkItem(ctx context.Context, in *completeInput) (*workItemOutput, error) {
	return a.commandWorkItem(ctx, in.ID, domain.Command{Kind: domain.CommandComplete, Disposition: in.Body.Disposition, Note: in.Body.Note})
}

func (a *API) listQueues(ctx context.Context, _ *struct{}) (*listOutput[queueView], error) {
	var out []queueView
	err := a.view(ctx, func(r store.Reader) error {
		out = nil
		stats, err := r.QueueStats(a.now())
		for _, s := range stats {
			out = append(out, queueView{s.Queue, s.Waiting, s.Oldest.Seconds(), s.Handled, s.MeanWait.Seconds()})
		}
		return err
	})
	return all(out), err
}
