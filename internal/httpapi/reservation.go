package httpapi

import (
	"context"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
	"github.com/contact-advocate/advocate/internal/store"
)

// OfferView is an offer of a work item to an agent.
type OfferView struct {
	domain.Reservation
	WhySaid []said.Part `json:"why_said,omitempty" doc:"The sentences of why."`
}

func viewOffer(r *domain.Reservation) *OfferView {
	if r == nil {
		return nil
	}
	return &OfferView{*r, said.Of(r.Why)}
}

// reservationView is an offer that waits for its agent's answer.
type reservationView struct {
	OfferView
	WorkItem WorkItemView `json:"work_item"`
}

func (a *API) registerReservations() {
	const tag = "Agents"
	register(a, call{id: "list-my-reservations", method: "GET", path: "/v1/agents/me/reservations", need: work, tag: tag,
		summary: "Offers that wait for one's answer", about: "Each with its work item. One that is not accepted by until is offered to somebody else."}, a.listMyReservations)
	register(a, call{id: "list-my-work-items", method: "GET", path: "/v1/agents/me/work-items", need: work, tag: tag,
		summary: "Work items that one holds", about: "Offered, assigned and wrapping ones."}, a.listMyWorkItems)
	registerOnce(a, call{id: "accept-reservation", method: "POST", path: "/v1/reservations/{id}/accept", need: work, tag: tag,
		summary: "Accept an offer", about: "The work item and its case are the agent's from then on. 409 when the offer is over."}, a.acceptReservation,
		func(ctx context.Context, in *acceptInput) (*workItemOutput, error) { return a.reserved(ctx, in.ID) })
	registerOnce(a, call{id: "reject-reservation", method: "POST", path: "/v1/reservations/{id}/reject", need: work, tag: tag,
		summary: "Reject an offer", about: "It goes to somebody else, and comes back only if nobody else is left."}, a.rejectReservation,
		func(ctx context.Context, in *rejectInput) (*workItemOutput, error) { return a.reserved(ctx, in.ID) })
}

// held reads what the caller holds. It is bounded by what agents may hold.
func (a *API) held(ctx context.Context, state domain.WorkItemState) (items []domain.WorkItem, views []WorkItemView, err error) {
	err = a.view(ctx, func(r store.Reader) (err error) {
		if items, err = r.WorkItemList(store.WorkItemListParams{Holder: caller(ctx).Name, State: state, Open: true, Limit: maxPage}); err != nil {
			return err
		}
		x, err := reachOf(r, caller(ctx))
		if err == nil {
			views, err = a.viewNamed(r, x, items)
		}
		return err
	})
	return items, views, err
}

func (a *API) listMyReservations(ctx context.Context, _ *struct{}) (*listOutput[reservationView], error) {
	items, views, err := a.held(ctx, domain.WorkReserved)
	if err != nil {
		return nil, err
	}
	var out []reservationView
	for i := range items {
		out = append(out, reservationView{*viewOffer(items[i].Reservation), views[i]})
	}
	return all(out), nil
}

func (a *API) listMyWorkItems(ctx context.Context, _ *struct{}) (*listOutput[WorkItemView], error) {
	_, views, err := a.held(ctx, "")
	if err != nil {
		return nil, err
	}
	return all(views), nil
}

type acceptInput struct {
	ID string `path:"id" maxLength:"80" doc:"The reservation's id."`
	OnceInput
}

type rejectInput struct {
	ID string `path:"id" maxLength:"80" doc:"The reservation's id."`
	OnceInput
	Body *struct {
		Note string `json:"note,omitempty" maxLength:"4000" doc:"Why."`
	}
}

// reserved reads the work item of an offer that was made to the caller.
func (a *API) reserved(ctx context.Context, id string) (*workItemOutput, error) {
	item, _, err := domain.ParseReservationID(id)
	if err != nil {
		return nil, domain.FieldErrorf("id", "%.80q is not the id of a reservation", id)
	}
	w, x, err := a.foundWorkItem(ctx, item)
	if err != nil {
		return nil, err
	}
	return a.moved(x, w), nil
}

func (a *API) answerReservation(ctx context.Context, id string, c domain.Command) (*workItemOutput, error) {
	item, _, err := domain.ParseReservationID(id)
	if err != nil {
		return nil, domain.FieldErrorf("id", "%.80q is not the id of a reservation", id)
	}
	w, x, err := a.seenWorkItem(ctx, item)
	if err != nil {
		return nil, err
	}
	me := caller(ctx).Name
	if r := w.Reservation; r != nil && r.ID == id && r.Agent != me {
		return nil, domain.Errorf(domain.CodeForbidden, "the offer was made to somebody else")
	}
	c.WorkItem, c.Case, c.By, c.Reservation = w.ID, w.Case, me, id
	if err := a.o.Engine.Command(ctx, w.Customer, c); err != nil {
		return nil, err
	}
	if w, err = a.findWorkItem(ctx, item); err != nil {
		return nil, err
	}
	if c.Kind == domain.CommandAccept && (w.Reservation == nil || w.Reservation.ID != id || w.Reservation.State == domain.ReservationCanceled) {
		// Something older of the customer's was decided with the command, before it.
		return nil, domain.Errorf(domain.CodeConflict, "the offer %s is over", id)
	}
	return a.moved(x, w), nil
}

func (a *API) acceptReservation(ctx context.Context, in *acceptInput) (*workItemOutput, error) {
	return a.answerReservation(ctx, in.ID, domain.Command{Kind: domain.CommandAccept})
}

func (a *API) rejectReservation(ctx context.Context, in *rejectInput) (*workItemOutput, error) {
	c := domain.Command{Kind: domain.CommandReject}
	if in.Body != nil {
		c.Note = in.Body.Note
	}
	return a.answerReservation(ctx, in.ID, c)
}
