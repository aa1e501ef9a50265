package httpapi

import (
	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// nameWork says of work items whose they are: an agent reads names, and a list
// that has to be asked for each of them is slow. Who may not read customers, and
// what concerns one that was erased, gets none.
func nameWork(r store.Reader, who *reach, views []*WorkItemView) error {
	if !who.who.Can(auth.ReadCustomers) || len(views) == 0 {
		return nil
	}
	at := map[domain.CustomerID]int{}
	var ids []domain.CustomerID
	for _, v := range views {
		if _, known := at[v.Customer]; !known {
			at[v.Customer] = len(ids)
			ids = append(ids, v.Customer)
		}
	}
	rows, err := r.AdvocateGet(ids)
	if err != nil {
		return err
	}
	snaps := make([]domain.Snapshot, len(rows))
	for i := range rows {
		if rows[i].ID == 0 || rows[i].Erased {
			continue
		}
		if snaps[i], err = decodeState(rows[i]); err != nil {
			return err
		}
	}
	for _, v := range views {
		snap := &snaps[at[v.Customer]]
		v.CustomerName = snap.Customer.Name
		if c := snap.Case(v.Case); c != nil {
			if id := snap.Customer.Identity(c.Identity); id != nil {
				v.Handle = id.Handle
			}
		}
	}
	return nil
}

// viewNamed is nameWork for a list.
func (a *API) viewNamed(r store.Reader, who *reach, items []domain.WorkItem) ([]WorkItemView, error) {
	out := a.viewWorkItems(items)
	refs := make([]*WorkItemView, len(out))
	for i := range out {
		refs[i] = &out[i]
	}
	return out, nameWork(r, who, refs)
}
