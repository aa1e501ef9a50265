package httpapi

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
	"github.com/contact-advocate/advocate/internal/store"
)

type WorkItemInput struct {
	ID string `path:"id" maxLength:"64" doc:"The work item's id."`
}

type workItemOutput struct {
	ETag string `header:"ETag"`
	Body WorkItemView
}

func (a *API) workItemAnswer(w domain.WorkItem) *workItemOutput {
	return &workItemOutput{etag(w.Version), ViewWorkItem(w, a.o.Engine.Policy().TimeZone)}
}

// WorkItemView is a work item as those who do the work see it. Who let an
// offer of it go is between them and who plans their work.
type WorkItemView struct {
	ID       string            `json:"id"`
	Customer domain.CustomerID `json:"customer_id"`
	Case     string            `json:"case_id"`
	// These two are filled in by nameWork; the answer to a move is without.
	CustomerName string `json:"customer_name,omitempty" doc:"Where it is known, and one may read customers."`
	Handle       string `json:"handle,omitempty" doc:"What the writer goes by on the post's network."`

	Kind         domain.WorkItemKind   `json:"kind"`
	EndsAs       domain.WorkItemKind   `json:"ends_as" doc:"Whose dispositions fit: its kind's, but a callback's for a review that asks how a call ended."`
	State        domain.WorkItemState  `json:"state"`
	Queue        string                `json:"queue"`
	Skills       []string              `json:"skills,omitempty"`
	Lang         string                `json:"lang,omitempty"`
	Priority     int                   `json:"priority" doc:"0 is the lowest, 100 the highest: from 20 on it is called low, from 50 normal, from 80 high, and 100 urgent."`
	Due          time.Time             `json:"due"`
	NotBefore    time.Time             `json:"not_before,omitzero" doc:"It is not offered earlier."`
	Number       string                `json:"number,omitempty" doc:"E.164; only if proven or given for this case."`
	NumberFrom   string                `json:"number_from,omitempty" doc:"profile or given."`
	TimeZone     string                `json:"time_zone,omitempty" doc:"A callback's: the customer's."`
	Post         domain.PostKey        `json:"post"`
	PostText     string                `json:"post_text"`
	PostURL      string                `json:"post_url,omitempty"`
	Summary      string                `json:"summary,omitempty" doc:"The case in a few sentences."`
	SummarySaid  []said.Part           `json:"summary_said,omitempty" doc:"The sentences of the summary."`
	Promised     []string              `json:"promised,omitempty" doc:"The open promises of its case when it was last written. Whether the customer knows of them the case tells (heard)."`
	PromisedSaid []said.Part           `json:"promised_said,omitempty" doc:"The same, a sentence each."`
	Note         string                `json:"note,omitempty" doc:"Lines of rules, agents and the advocate, and what the customer wrote later."`
	NoteSaid     [][]said.Part         `json:"note_said,omitempty" doc:"The sentences of the note, by line. Those without a code are somebody's own words."`
	Preferred    *domain.PreferredTime `json:"preferred,omitempty"`
	Raised       int                   `json:"raised,omitempty" doc:"How often it was asked for again."`
	Attempts     int                   `json:"attempts,omitempty" doc:"Calls that reached nobody before this one."`
	Agent        string                `json:"agent,omitempty" doc:"Who holds or held it."`
	For          string                `json:"for,omitempty" doc:"The one agent it is offered to."`
	Before       string                `json:"before,omitempty" doc:"The agent this customer spoke with last, who is asked first."`
	Reservation  *OfferView            `json:"reservation,omitempty" doc:"The last offer."`
	Offers       int                   `json:"offers,omitempty" doc:"Offers so far."`
	QueuedAt     time.Time             `json:"queued_at,omitzero" doc:"Since when it has waited in its queue."`
	AssignedAt   time.Time             `json:"assigned_at,omitzero" doc:"When the agent accepted it."`
	WrapUntil    time.Time             `json:"wrapping_until,omitzero" doc:"When after-contact work ends by itself."`
	Moved        int                   `json:"moved,omitempty" doc:"How often it was passed on."`
	Disposition  string                `json:"disposition,omitempty"`
	CloseNote    string                `json:"close_note,omitempty"`
	Reason       string                `json:"reason,omitempty" doc:"Why it was created or canceled."`
	ReasonSaid   []said.Part           `json:"reason_said,omitempty" doc:"The sentences of the reason."`
	Rule         string                `json:"rule,omitempty"`
	CreatedAt    time.Time             `json:"created_at"`
	UpdatedAt    time.Time             `json:"updated_at"`
	Version      int64                 `json:"version" doc:"The customer's decision that wrote it."`
}

// ViewWorkItem shows a work item. It shares its lists. Its times read as they
// are in its own zone, or else in the company's.
func ViewWorkItem(w domain.WorkItem, company string) WorkItemView {
	queued := w.QueuedAt
	if queued.IsZero() {
		queued = w.CreatedAt
	}
	zone := domain.Zone(w.TimeZone, company)
	summary, promised := said.Shown(zone, said.Summary(w.Summary)), viewed(w.Promised, said.PromiseTold)
	promised = said.Shown(zone, promised)
	return WorkItemView{
		ID: w.ID, Customer: w.Customer, Case: w.Case, Kind: w.Kind, EndsAs: w.Ends(), State: w.State, Queue: w.Queue, Skills: w.Skills, Lang: w.Lang,
		Priority: w.Priority, Due: w.Due, NotBefore: w.NotBefore, Number: w.Number, NumberFrom: w.NumberFrom, TimeZone: w.TimeZone,
		Post: w.Post, PostText: w.PostText, PostURL: w.PostURL, Summary: said.Told(summary), SummarySaid: summary,
		Promised: viewed(promised, func(p said.Part) string { return p.Text }), PromisedSaid: promised, Note: w.Note, NoteSaid: said.Note(w.Note), Preferred: w.Preferred,
		Raised: w.Raised, Attempts: w.Attempts, Agent: w.Agent, For: w.For, Before: w.Before, Reservation: viewOffer(w.Reservation), Offers: w.Offers,
		QueuedAt: queued, AssignedAt: w.AssignedAt, WrapUntil: w.WrapUntil, Moved: w.Moved, Disposition: w.Disposition,
		CloseNote: w.CloseNote, Reason: w.Reason, ReasonSaid: said.Of(w.Reason), Rule: w.Rule, CreatedAt: w.CreatedAt, UpdatedAt: w.UpdatedAt, Version: w.Version,
	}
}

func (a *API) viewWorkItems(items []domain.WorkItem) []WorkItemView {
	zone, out := a.o.Engine.Policy().TimeZone, make([]WorkItemView, len(items))
	for i := range items {
		out[i] = ViewWorkItem(items[i], zone)
	}
	return out
}

func (a *API) registerWorkItems() {
	const tag = "Work items"
	register(a, call{id: "list-work-items", method: "GET", path: "/v1/work-items", need: readWork, tag: tag, summary: "Work items",
		about: "Newest first."}, a.listWorkItems)
	register(a, call{id: "get-work-item", method: "GET", path: "/v1/work-items/{id}", need: readWork, tag: tag, summary: "A work item"}, a.getWorkItem)
	a.registerDesk()
}

type workItemsInput struct {
	State    domain.WorkItemState `query:"state" enum:"pending,reserved,assigned,wrapping,completed,canceled"`
	Queue    string               `query:"queue" maxLength:"64"`
	Customer string               `query:"customer" maxLength:"14" doc:"A customer's id."`
	Holder   string               `query:"holder" maxLength:"63" doc:"Whose room they take: an agent's id, or me."`
	Open     bool                 `query:"open" doc:"Only those that have not ended."`
	PageInput
}

func (a *API) listWorkItems(ctx context.Context, in *workItemsInput) (*listOutput[WorkItemView], error) {
	p := store.WorkItemListParams{State: in.State, Queue: in.Queue, Holder: in.Holder, Open: in.Open, Limit: in.limit() + 1}
	var ok bool
	if p.At, p.After, ok = cutPlace(in.Cursor); !ok {
		return nil, badCursor(in.Cursor)
	}
	if in.Holder == "me" {
		p.Holder = caller(ctx).Name
	}
	if in.Customer != "" {
		id, err := domain.ParseCustomerID(in.Customer)
		if err != nil {
			return nil, domain.FieldErrorf("customer", "%v", err)
		}
		p.Customer = id
	}
	var out *listOutput[WorkItemView]
	err := a.view(ctx, func(r store.Reader) error {
		x, err := reachOf(r, caller(ctx))
		if err != nil {
			return err
		}
		if in.Queue != "" && !x.queue(in.Queue) && p.Holder != x.who.Name {
			return noQueue(in.Queue)
		}
		items, next, err := reachedItems(r, x, p)
		if err != nil {
			return err
		}
		views, err := a.viewNamed(r, x, items)
		out = &listOutput[WorkItemView]{list[WorkItemView]{views, next}}
		return err
	})
	return out, err
}

// maxPassedOver is how many work items a page looks at before it ends, where
// most are others'.
const maxPassedOver = 5000

// place is a cursor of work items: behind (at, id) in their order, which asks
// for no item that is there. So what is out of reach, gone or never was are one.
// An id is only ever that of an item that was shown; without one it is the end
// of all that was created at that time.
func place(at time.Time, id string) string { return fmt.Sprintf("%016x/%s", at.UnixMicro(), id) }

// cutPlace takes a place apart; an empty one is the beginning.
func cutPlace(s string) (at time.Time, id string, ok bool) {
	if s == "" {
		return at, "", true
	}
	head, id, ok := strings.Cut(s, "/")
	n, err := strconv.ParseInt(head, 16, 64)
	if !ok || len(head) != 16 || err != nil || n < 0 || n > maxPlace {
		return at, "", false
	}
	if id != "" {
		if _, kind, _, err := domain.ParseObjectID(id); err != nil || kind != domain.KindWorkItem {
			return at, "", false
		}
	}
	return time.UnixMicro(n).UTC(), id, true
}

// maxPlace is the latest time of a place: the year 9999's end, which every store
// can compare with.
var maxPlace = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).UnixMicro()

// reachedItems reads a page of those that a caller may see; p.Limit is one more
// than the page has. Where much is out of reach a page may be short, or empty,
// and still have a next one. It ends only between two times of creation then,
// for a place within one would have to name an item that is not shown.
func reachedItems(r store.Reader, x *reach, p store.WorkItemListParams) (out []domain.WorkItem, next string, err error) {
	limit := p.Limit - 1
	if !x.all() {
		p.Limit = max(p.Limit, maxPage)
	}
	for seen := 0; ; {
		page, err := r.WorkItemList(p)
		if err != nil {
			return nil, "", err
		}
		for i := range page {
			w := &page[i]
			if seen >= maxPassedOver && w.CreatedAt.Before(p.At) {
				return out, place(p.At, ""), nil
			}
			if x.item(w) {
				if len(out) == limit {
					last := &out[limit-1]
					return out, place(last.CreatedAt, last.ID), nil
				}
				out = append(out, *w)
			}
			seen++
			p.At, p.After = w.CreatedAt, w.ID
		}
		if len(page) < p.Limit {
			return out, "", nil
		}
	}
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
		err = noWorkItem(id)
	}
	return w, err
}

func noWorkItem(id string) error {
	return domain.Errorf(domain.CodeNotFound, "there is no work item %s", id)
}

// foundWorkItem is findWorkItem with the caller's reach, which may not be as far.
func (a *API) foundWorkItem(ctx context.Context, id string) (w domain.WorkItem, x *reach, err error) {
	if w, err = a.findWorkItem(ctx, id); err == nil {
		x, err = a.reach(ctx)
	}
	return w, x, err
}

// seenWorkItem is findWorkItem for a caller who may see it.
func (a *API) seenWorkItem(ctx context.Context, id string) (w domain.WorkItem, x *reach, err error) {
	if w, x, err = a.foundWorkItem(ctx, id); err == nil {
		err = x.sees(&w)
	}
	return w, x, err
}

func (a *API) getWorkItem(ctx context.Context, in *WorkItemInput) (*workItemOutput, error) {
	w, x, err := a.seenWorkItem(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := a.workItemAnswer(w)
	return out, a.view(ctx, func(r store.Reader) error { return nameWork(r, x, []*WorkItemView{&out.Body}) })
}
