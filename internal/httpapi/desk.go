package httpapi

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// MoveInput is what every call has that moves a work item.
type MoveInput struct {
	WorkItemInput
	VersionInput
	OnceInput
}

// mover is an input with a MoveInput in it.
type mover interface{ move() *MoveInput }

func (in *MoveInput) move() *MoveInput { return in }

func (a *API) registerDesk() {
	move(a, "assign", work, "Take a work item", "Without an offer. A supervisor may take what others hold.", a.assignWorkItem)
	move(a, "wrap", work, "Begin after-contact work", "The call is over. The queue's settings say after how long it ends by itself.", a.wrapWorkItem)
	move(a, "transfer", work, "Pass a work item on", "To an agent, to another queue, or, with neither, back to its own.", a.transferWorkItem)
	move(a, "snooze", work, "Put a work item off", "It comes back to the agent. A promise to call earlier than that needs another one, as agreed with the customer.", a.snoozeWorkItem)
	move(a, "raise", supervise, "Change a work item's priority or due time", "", a.raiseWorkItem)
	move(a, "expert", work, "Ask an expert", "A work item of its own; the answer comes back as a note. The agent keeps the case.", a.expertWorkItem)
	move(a, "complete", work, "Complete a work item", "GET /v1/queues lists a queue's dispositions, with the kinds of work items that end so. In a queue without a list of its own every word ends a work item, "+
		"and the advocate understands resolved and answered, of a review also no_answer_needed, of a call reached, no_answer, busy, voicemail, wrong_number and refused.", a.completeWorkItem)
	move(a, "cancel", work, "Cancel a work item", "", a.cancelWorkItem)
	a.registerCall()
	a.registerQueues()
}

// move registers a call that moves a work item.
func move[I any](a *API, verb string, need access, summary, about string, handler func(context.Context, *I) (*workItemOutput, error)) {
	registerOnce(a, call{id: verb + "-work-item", method: "POST", path: "/v1/work-items/{id}/" + verb, need: need, tag: "Work items", summary: summary, about: about},
		handler, func(ctx context.Context, in *I) (*workItemOutput, error) {
			w, x, err := a.foundWorkItem(ctx, any(in).(mover).move().ID)
			if err != nil {
				return nil, err
			}
			return a.moved(x, w), nil
		})
}

// commandWorkItem has a work item's advocate decide on a command and returns
// the work item as it is then.
func (a *API) commandWorkItem(ctx context.Context, in *MoveInput, c domain.Command) (*workItemOutput, error) {
	version, _, err := in.version()
	if err != nil {
		return nil, err
	}
	w, x, err := a.foundWorkItem(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := x.mayMove(&w, c.Kind); err != nil {
		return nil, err
	}
	if version != 0 && version != w.Version {
		return nil, lost("the work item", w.Version)
	}
	c.WorkItem, c.Case, c.By, c.Over, c.Within, c.Version = w.ID, w.Case, x.who.Name, x.over(w.Queue), w.Queue, version
	failed := a.o.Engine.Command(ctx, w.Customer, c)
	if failed != nil && (version == 0 || domain.ErrorCode(failed) != domain.CodeConflict) {
		return nil, failed
	}
	if w, err = a.findWorkItem(ctx, in.ID); err != nil {
		return nil, err
	}
	switch {
	case failed != nil && version != w.Version:
		return nil, lost("the work item", w.Version) // somebody was faster
	case failed != nil:
		return nil, failed
	case c.Kind == domain.CommandAssign && w.Holder() != c.By:
		// Something older of the customer's was decided with the command, before it.
		return nil, domain.Errorf(domain.CodeConflict, "the work item is %s", w.State)
	}
	return a.moved(x, w), nil
}

// moved answers who has moved a work item. One that it took out of their reach
// is told no more of than where it went.
func (a *API) moved(x *reach, w domain.WorkItem) *workItemOutput {
	if !x.item(&w) {
		w = domain.WorkItem{ID: w.ID, Customer: w.Customer, Case: w.Case, Kind: w.Kind, State: w.State, Queue: w.Queue,
			Due: w.Due, CreatedAt: w.CreatedAt, QueuedAt: w.QueuedAt, UpdatedAt: w.UpdatedAt, Version: w.Version}
	}
	return a.workItemAnswer(w)
}

func (a *API) assignWorkItem(ctx context.Context, in *MoveInput) (*workItemOutput, error) {
	return a.commandWorkItem(ctx, in, domain.Command{Kind: domain.CommandAssign})
}

func (a *API) wrapWorkItem(ctx context.Context, in *MoveInput) (*workItemOutput, error) {
	return a.commandWorkItem(ctx, in, domain.Command{Kind: domain.CommandWrap})
}

type cancelInput struct {
	MoveInput
	Body struct {
		Note string `json:"note" minLength:"1" maxLength:"4000" doc:"Why it is no longer needed."`
	}
}

func (a *API) cancelWorkItem(ctx context.Context, in *cancelInput) (*workItemOutput, error) {
	return a.commandWorkItem(ctx, &in.MoveInput, domain.Command{Kind: domain.CommandCancel, Note: in.Body.Note})
}

// promised is what an agent promised a customer.
type promised struct {
	What string    `json:"what" minLength:"1" maxLength:"200" doc:"callback, refund, or a word of one's own."`
	By   time.Time `json:"by" doc:"Until when."`
}

func (p *promised) undertake() *domain.Undertake {
	if p == nil {
		return nil
	}
	return &domain.Undertake{What: p.What, By: p.By}
}

type completeInput struct {
	MoveInput
	Body struct {
		Disposition string    `json:"disposition" minLength:"1" maxLength:"64" doc:"How the call or the work ended."`
		Note        string    `json:"note,omitempty" maxLength:"4000"`
		Promise     *promised `json:"promise,omitempty" doc:"What the customer was promised on the phone; the advocate keeps it like its own promises."`
	}
}

func (a *API) completeWorkItem(ctx context.Context, in *completeInput) (*workItemOutput, error) {
	return a.commandWorkItem(ctx, &in.MoveInput, domain.Command{
		Kind: domain.CommandComplete, Disposition: in.Body.Disposition, Note: in.Body.Note, Promise: in.Body.Promise.undertake(),
	})
}

type transferInput struct {
	MoveInput
	Body *struct {
		Agent string `json:"agent,omitempty" maxLength:"63" doc:"Offered to this agent alone."`
		Queue string `json:"queue,omitempty" maxLength:"64"`
		Note  string `json:"note,omitempty" maxLength:"4000" doc:"For whoever gets it."`
	}
}

func (a *API) transferWorkItem(ctx context.Context, in *transferInput) (*workItemOutput, error) {
	c := domain.Command{Kind: domain.CommandTransfer}
	if in.Body != nil {
		c.Agent, c.Queue, c.Note = in.Body.Agent, in.Body.Queue, in.Body.Note
	}
	if c.Agent != "" {
		if err := a.worksIn(ctx, in.ID, &c); err != nil {
			return nil, err
		}
	}
	return a.commandWorkItem(ctx, &in.MoveInput, c)
}

// worksIn reports why an agent would never be offered a work item that is
// passed on to them. Without a queue it is the item's own, so what the caller may
// not move is said first.
func (a *API) worksIn(ctx context.Context, item string, c *domain.Command) error {
	w, x, err := a.foundWorkItem(ctx, item)
	if err != nil {
		return err
	}
	if err := x.mayMove(&w, c.Kind); err != nil {
		return err
	}
	return a.view(ctx, func(r store.Reader) error {
		docs, err := r.DocumentGet(store.AgentKind, []string{c.Agent})
		if err != nil {
			return err
		}
		g, err := store.AgentOf(docs[0])
		if err != nil || g.ID == "" || g.Disabled {
			return err // the engine says so
		}
		if queue := cmp.Or(c.Queue, w.Queue); !slices.Contains(g.Queues, queue) {
			return domain.FieldErrorf("agent", "%s does not work in the queue %.60q", c.Agent, queue)
		}
		return nil
	})
}

type snoozeInput struct {
	MoveInput
	Body struct {
		Until   time.Time `json:"until" doc:"When to come back to it; at most 90 days ahead."`
		Note    string    `json:"note,omitempty" maxLength:"4000"`
		Promise *promised `json:"promise,omitempty" doc:"The time agreed on with the customer, where one was promised before."`
	}
}

func (a *API) snoozeWorkItem(ctx context.Context, in *snoozeInput) (*workItemOutput, error) {
	return a.commandWorkItem(ctx, &in.MoveInput, domain.Command{
		Kind: domain.CommandSnooze, Until: in.Body.Until, Note: in.Body.Note, Promise: in.Body.Promise.undertake(),
	})
}

type raiseInput struct {
	MoveInput
	Body struct {
		Priority int       `json:"priority,omitempty" minimum:"1" maximum:"100"`
		Due      time.Time `json:"due,omitzero"`
		Note     string    `json:"note,omitempty" maxLength:"4000"`
	}
}

func (a *API) raiseWorkItem(ctx context.Context, in *raiseInput) (*workItemOutput, error) {
	return a.commandWorkItem(ctx, &in.MoveInput, domain.Command{Kind: domain.CommandRaise, Priority: in.Body.Priority, Until: in.Body.Due, Note: in.Body.Note})
}

type expertInput struct {
	MoveInput
	Body struct {
		Queue string `json:"queue,omitempty" maxLength:"64" doc:"The work item's own where missing."`
		Agent string `json:"agent,omitempty" maxLength:"63" doc:"Asked alone."`
		Note  string `json:"note" minLength:"1" maxLength:"4000" doc:"The question."`
	}
}

func (a *API) expertWorkItem(ctx context.Context, in *expertInput) (*workItemOutput, error) {
	c := domain.Command{Kind: domain.CommandExpert, Queue: in.Body.Queue, Agent: in.Body.Agent, Note: in.Body.Note}
	if c.Agent != "" {
		if err := a.worksIn(ctx, in.ID, &c); err != nil {
			return nil, err
		}
	}
	return a.commandWorkItem(ctx, &in.MoveInput, c)
}
