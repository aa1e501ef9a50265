package httpapi

import (
	"context"
	"slices"
	"strconv"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// historyEntry is one line of a customer's history with the decision it
// stands in.
type historyEntry struct {
	EntryView
	Decision int64 `json:"decision" doc:"The version of the decision that wrote it."`
}

type historyInput struct {
	CustomerPageInput
	Case string             `query:"case" maxLength:"64" doc:"Only what concerns this case."`
	Kind []domain.EntryKind `query:"kind" maxItems:"20" enum:"post,reply,sent,not_sent,staff,event,lookup,answer,case,work_item,promise,subscription,identity,consent,set_aside,alarm,rating,note" doc:"Only entries of these kinds, apart by commas."`
}

func (a *API) customerHistory(ctx context.Context, in *historyInput) (*listOutput[historyEntry], error) {
	before, err := in.number()
	if err != nil {
		return nil, err
	}
	out := all([]historyEntry{})
	err = a.view(ctx, func(r store.Reader) error {
		out = all([]historyEntry{})
		t, m, err := a.matter(r, &in.CustomerInput)
		if err != nil {
			return err
		}
		// A page is whole decisions: a cursor then never falls into the
		// middle of one. Some write nothing, so it may take a few reads.
		for len(out.Body.Items) < in.limit() {
			rows, err := r.JournalRead(store.JournalReadParams{Customer: t.row.ID, BeforeSeq: before, Limit: defaultPage})
			if err != nil {
				return err
			}
			for i, j := range rows {
				rec, err := decodeRecord(j)
				if err != nil {
					return err
				}
				for _, e := range slices.Backward(rec.Entries) {
					if in.Case != "" && e.Case != in.Case || len(in.Kind) > 0 && !slices.Contains(in.Kind, e.Kind) {
						continue
					}
					if ok, err := m.concerns(t, e.Case); err != nil {
						return err
					} else if ok {
						out.Body.Items = append(out.Body.Items, historyEntry{viewEntry(e), rec.Version})
					}
				}
				before = j.Seq
				if len(out.Body.Items) >= in.limit() && (i < len(rows)-1 || len(rows) == defaultPage) {
					out.Body.Next = strconv.FormatInt(before, 10)
					return nil
				}
			}
			if len(rows) < defaultPage {
				return nil
			}
		}
		return nil
	})
	return out, err
}
