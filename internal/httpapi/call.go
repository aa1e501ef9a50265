package httpapi

import (
	"context"
	"strconv"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
)

// callView is what an agent needs to ring a customer.
type callView struct {
	Number     string      `json:"number" doc:"E.164."`
	Link       string      `json:"link" doc:"tel: for a telephone on the agent's machine (RFC 3966)."`
	NumberFrom string      `json:"number_from" enum:"given,profile" doc:"The customer gave it for this case, or it is the proven customer's."`
	LocalTime  string      `json:"local_time" doc:"The customer's, RFC 3339 with their offset."`
	TimeZone   string      `json:"time_zone"`
	May        bool        `json:"may_call" doc:"Whether it is a good time."`
	Why        string      `json:"why,omitempty" doc:"Why not."`
	WhySaid    []said.Part `json:"why_said,omitempty" doc:"The sentence of why."`
	Next       time.Time   `json:"next,omitzero" doc:"When it is one again."`
	Recorded   bool        `json:"recorded" doc:"The call is in the customer's history."`
	Attempts   int         `json:"attempts" doc:"Calls about the matter that reached nobody."`
}

type callOutput struct {
	ETag string `header:"ETag"`
	Body callView
}

type callInput struct {
	MoveInput
	Body *struct {
		Anyway bool `json:"anyway,omitempty" doc:"Call outside the hours too: the customer asked for it."`
	}
}

func (a *API) registerCall() {
	register(a, call{id: "get-work-item-call", method: "GET", path: "/v1/work-items/{id}/call", need: readCustomers, tag: "Work items",
		summary: "Whether the customer may be called", about: "The number, the customer's time and whether it is a good one. Nothing is noted."}, a.callPlan)
	registerOnce(a, call{id: "call-work-item", method: "POST", path: "/v1/work-items/{id}/call", need: work, tag: "Work items",
		summary: "Call the customer",
		about: "By whoever holds the work item. Answers the number and whether it may be called now, and notes the call in the customer's history; " +
			"outside the customer's and the queue's hours it only answers, unless anyway is true. The event advocate.call.requested tells a telephone system, without the number: " +
			"it is read from the work item with a token of one's own."}, a.callWorkItem,
		func(ctx context.Context, in *callInput) (*callOutput, error) {
			w, _, err := a.seenWorkItem(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			out := a.viewCall(&w)
			out.Body.Recorded = out.Body.May || in.anyway()
			return out, nil
		})
}

// callPlan says what POST would, and notes nothing.
func (a *API) callPlan(ctx context.Context, in *WorkItemInput) (*callOutput, error) {
	w, _, err := a.seenWorkItem(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	switch {
	case w.Kind != domain.Callback:
		return nil, domain.Errorf(domain.CodeConflict, "the work item is no call but a %s", w.Kind)
	case w.Number == "":
		return nil, domain.Errorf(domain.CodeConflict, "there is no number to call: the customer has given none, or it is not proven to be theirs")
	}
	return a.viewCall(&w), nil
}

func (in *callInput) anyway() bool { return in.Body != nil && in.Body.Anyway }

func (a *API) callWorkItem(ctx context.Context, in *callInput) (*callOutput, error) {
	w, x, err := a.seenWorkItem(ctx, in.ID)
	if err == nil {
		err = x.mayMove(&w, domain.CommandCall)
	}
	if err != nil {
		return nil, err
	}
	out := a.viewCall(&w)
	held := w.Holder() == x.who.Name && w.State != domain.WorkReserved
	if held && w.Kind == domain.Callback && w.Number != "" && !out.Body.May && !in.anyway() {
		return out, nil
	}
	// The engine says what is not well with all others.
	if _, err := a.commandWorkItem(ctx, &in.MoveInput, domain.Command{Kind: domain.CommandCall}); err != nil {
		return nil, err
	}
	out.Body.Recorded = true
	return out, nil
}

// viewCall says where and when a call's customer may be rung.
func (a *API) viewCall(w *domain.WorkItem) *callOutput {
	p := a.o.Engine.Policy()
	now, zone, q := a.now().UTC(), domain.Zone(w.TimeZone, p.TimeZone), p.Queue(w.Queue)
	local := now.In(zone)
	out := &callOutput{ETag: etag(w.Version), Body: callView{
		Number: w.Number, Link: "tel:" + w.Number, NumberFrom: w.NumberFrom, LocalTime: local.Format(time.RFC3339), TimeZone: zone.String(),
		May: true, Attempts: w.Attempts,
	}}
	quiet := p.QuietAt(now, zone)
	if quiet || !q.OpenAt(now, p.TimeZone) {
		out.Body.May = false
		why := said.CallClosed.Say(zone, w.Queue)
		if quiet {
			why = said.CallQuiet.Say(zone, local.Format("15:04"), strconv.Itoa(p.QuietFrom), strconv.Itoa(p.QuietTo))
		}
		out.Body.Why, out.Body.WhySaid = why.Text, []said.Part{why}
		out.Body.Next = domain.NextOpen(now, func(t time.Time) bool { return !p.QuietAt(t, zone) && q.OpenAt(t, p.TimeZone) })
	}
	return out
}
