package desk

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
	"github.com/contact-advocate/advocate/internal/store"
)

// heldMost is how many items of one agent are looked at: who takes work by
// hand may hold more than there is room for.
const heldMost = 4 * domain.MaxAgentCapacity

// takeBack rescinds what is offered to agents who cannot take it any more: they
// are not there, or have other work in hand since and no room. So an offer does
// not run out for who could not have answered it, and somebody else is asked.
func (w *watch) takeBack(ctx context.Context, agents []string) error {
	slices.Sort(agents)
	for _, id := range slices.Compact(agents) {
		if id == "" {
			continue
		}
		a, err := w.o.Agents.Get(ctx, id)
		if err != nil && domain.ErrorCode(err) != domain.CodeNotFound {
			return err
		}
		room, why := a.Capacity, said.AgentIsFull.Text()
		switch {
		case err != nil:
			room, why = 0, said.NotAvailable.Text()
		case a.Disabled || a.Activity != domain.ActivityAvailable:
			room, why = 0, said.AgentIs.Text(string(a.Activity))
		}
		offered, err := w.beyond(ctx, id, room)
		if err != nil {
			return err
		}
		for i := range offered {
			w.rescind(ctx, &offered[i], why)
		}
	}
	return nil
}

// beyond gives the offers to an agent that there is no room for beside the work
// in hand: those made last.
func (w *watch) beyond(ctx context.Context, id string, room int) (offered []domain.WorkItem, err error) {
	var held []domain.WorkItem
	err = w.o.Store.View(ctx, func(r store.Reader) (err error) {
		held, err = r.WorkItemList(store.WorkItemListParams{Holder: id, Limit: heldMost})
		return err
	})
	for i := range held {
		if held[i].State == domain.WorkReserved {
			offered = append(offered, held[i])
		} else {
			room--
		}
	}
	slices.SortFunc(offered, func(x, y domain.WorkItem) int {
		return cmp.Or(x.Reservation.OfferedAt.Compare(y.Reservation.OfferedAt), strings.Compare(x.ID, y.ID))
	})
	return offered[min(max(room, 0), len(offered)):], err
}

func (d *Desk) rescind(ctx context.Context, item *domain.WorkItem, why string) {
	err := d.o.Engine.Command(ctx, item.Customer, domain.Command{
		Kind: domain.CommandRescind, By: Name, WorkItem: item.ID, Reservation: item.Reservation.ID, Note: why,
	})
	if err != nil && ctx.Err() == nil && domain.ErrorCode(err) != domain.CodeConflict {
		d.o.Logger.WarnContext(ctx, "an offer could not be taken back; it will run out", "work_item_id", item.ID, "error", err)
	}
}
