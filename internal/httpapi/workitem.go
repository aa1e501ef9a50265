package httpapi

import (
	"context"
	"errors"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

type WorkItemInput struct {
	ID string `path:"id" maxLength:"64" doc:"The work item's id."`
}

type workItemOutput struct {
	Body WorkItemView
}

// WorkItemView is a work item as those who do the work see it. Who let an
// offer of it go is between them and who plans their work.
type WorkItemView struct {
	ID          string                `json:"id"`
	Customer    domain.CustomerID     `json:"customer_id"`
	Case        string                `json:"case_id"`
	Kind        domain.WorkItemKind   `json:"kind"`
	State       domain.WorkItemState  `json:"state"`
	Queue       string                `json:"queue"`
	Skills      []string              `json:"skills,omitempty"`
	Lang        string                `json:"lang,omitempty"`
	Priority    int                   `json:"priority" doc:"0 is the lowest, 100 the highest."`
	Due         time.Time             `json:"due"`
	NotBefore   time.Time             `json:"not_before,omitzero" doc:"It is not offered earlier."`
	Number      string                `json:"number,omitempty" doc:"E.164; only if proven or given for this case."`
	NumberFrom  string                `json:"number_from,omitempty" doc:"profile or given."`
	TimeZone    string                `json:"time_zone,omitempty" doc:"A callback's: the customer's."`
	Post        domain.PostKey        `json:"post"`
	PostText    string                `json:"post_text"`
	PostURL     string                `json:"post_url,omitempty"`
	Summary     string                `json:"summary,omitempty" doc:"The case in a few sentences."`
	Promised    []string              `json:"promised,omitempty" doc:"What the customer was told."`
	Note        string                `json:"note,omitempty"`
	Preferred   *domain.PreferredTime `json:"preferred,omitempty"`
	Raised      int                   `json:"raised,omitempty" doc:"How often it was asked for again."`
	Attempts    int                   `json:"attempts,omitempty" doc:"Calls that reached nobody before this one."`
	Agent       string                `json:"agent,omitempty" doc:"Who holds or held it."`
	For         string                `json:"for,omitempty" doc:"The one agent it is offered to."`
	Before      string                `json:"before,omitempty" doc:"The agent this customer spoke with last, who is asked first."`
	Reservation *domain.Reservation   `json:"reservation,omitempty" doc:"The last offer."`
	Offers      int                   `json:"offers,omitempty" doc:"Offers so far."`
	QueuedAt    time.Time             `json:"queued_at,omitzero" doc:"Since when it has waited in its queue."`
	AssignedAt  time.Time             `json:"assigned_at,omitzero" doc:"When the agent accepted it."`
	WrapUntil   time.Time             `json:"wrapping_until,omitzero" doc:"When after-contact work ends by itself."`
	Moved       int                   `json:"moved,omitempty" doc:"How often it was passed on."`
	Disposition string                `json:"disposition,omitempty"`
	CloseNote   string                `json:"close_note,omitempty"`
	Reason      string                `json:"reason,omitempty" doc:"Why it was created or canceled."`
	Rule        string                `json:"rule,omitempty"`
	CreatedAt   time.Time             `json:"created_at"`
	UpdatedAt   time.Time             `json:"updated_at"`
	Version     int64                 `json:"version" doc:"The customer's decision that wrote it."`
}

// ViewWorkItem shows a work item. It shares its lists.
func ViewWorkItem(w domain.WorkItem) WorkItemView {
	queued := w.QueuedAt
	if queued.IsZero() {
		queued = w.CreatedAt
	}
	return WorkItemView{
		ID: w.ID, Customer: w.Customer, Case: w.Case, Kind: w.Kind, State: w.State, Queue: w.Queue, Skills: w.Skills, Lang: w.Lang,
		Priority: w.Priority, Due: w.Due, NotBefore: w.NotBefore, Number: w.Number, NumberFrom: w.NumberFrom, TimeZone: w.TimeZone,
		Post: w.Post, PostText: w.PostText, PostURL: w.PostURL, Summary: w.Summary, Promised: w.Promised, Note: w.Note, Preferred: w.Preferred,
		Raised: w.Raised, Attempts: w.Attempts, Agent: w.Agent, For: w.For, Before: w.Before, Reservation: w.Reservation, Offers: w.Offers,
		QueuedAt: queued, AssignedAt: w.AssignedAt, WrapUntil: w.WrapUntil, Moved: w.Moved, Disposition: w.Disposition,
		CloseNote: w.CloseNote, Reason: w.Reason, Rule: w.Rule, CreatedAt: w.CreatedAt, UpdatedAt: w.UpdatedAt, Version: w.Version,
	}
}

func viewWorkItems(items []domain.WorkItem) []WorkItemView {
	out := make([]WorkItemView, len(items))
	for i := range items {
		out[i] = ViewWorkItem(items[i])
	}
	return out
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

func (a *API) listWorkItems(ctx context.Context, in *workItemsInput) (*listOutput[WorkItemView], error) {
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
	return paged(viewWorkItems(items), in.limit(), func(w WorkItemView) string { return w.ID }), nil
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
	return &workItemOutput{ViewWorkItem(w)}, nil
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
