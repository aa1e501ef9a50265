package httpapi

import (
	"context"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// Label is a post and what a person says it is about.
type Label struct {
	ID     string        `json:"id" doc:"The post's, as its network has it."`
	Text   string        `json:"text"`
	Lang   string        `json:"lang,omitempty"`
	Intent domain.Intent `json:"intent" doc:"The person's word."`
	Was    domain.Intent `json:"was" doc:"What was understood before."`
	Case   string        `json:"case_id"`
	By     string        `json:"by"`
	At     time.Time     `json:"at"`
}

func (l Label) shown() (string, domain.CustomerID) { return l.Case, ownerOf(l.Case) }

// LabelsRead pages through the labels by a cursor of its own, "" for the first
// page and, as next, after the last. One whose time is over, or whose text is
// gone, as when it was deleted on its network, is left out.
func LabelsRead(r store.Reader, after string, limit int, now time.Time) (out []Label, next string, err error) {
	docs, err := r.DocumentList(store.DocumentListParams{Kind: store.LabelKind, After: after, Limit: limit})
	if err != nil {
		return nil, "", err
	}
	for i := range docs {
		l, stands, err := store.LabelOf(&docs[i], now)
		if err != nil {
			return nil, "", err
		}
		if !stands {
			continue
		}
		text, err := labelText(r, ownerOf(l.Case), l.Post)
		if err != nil {
			return nil, "", err
		}
		if text != "" {
			out = append(out, Label{l.Post, text, l.Lang, l.Intent, l.Was, l.Case, l.By, l.At})
		}
	}
	if len(docs) == limit {
		next = docs[len(docs)-1].ID
	}
	return out, next, nil
}

// labelText finds a post in a customer's history, "" when it is not there.
func labelText(r store.Reader, owner domain.CustomerID, post string) (string, error) {
	row, err := store.Standing(r, owner)
	if err != nil || row.ID == 0 || row.Erased {
		return "", err
	}
	for before := int64(0); ; {
		rows, err := r.JournalRead(store.JournalReadParams{Customer: row.ID, BeforeSeq: before, Limit: maxPage})
		if err != nil {
			return "", err
		}
		for _, row := range rows {
			before = row.Seq
			rec, err := decodeRecord(row)
			if err != nil {
				continue
			}
			for i := range rec.Inputs {
				if p := rec.Inputs[i].Post; p != nil && p.ID == post {
					if p.Deleted {
						return "", nil
					}
					return p.Text, nil
				}
			}
		}
		if len(rows) < maxPage {
			return "", nil
		}
	}
}

func (a *API) registerLabels() {
	register(a, call{id: "list-labels", method: "GET", path: "/v1/labels", need: configure, tag: "Operation", summary: "What people said posts are about",
		about: "Each correction of a case's intent, with the post's text: to measure and train the understanding with. A page may have fewer than asked for: go on while there is a next."}, a.listLabels)
}

func (a *API) listLabels(ctx context.Context, in *PageInput) (*listOutput[Label], error) {
	var out *listOutput[Label]
	err := a.view(ctx, func(r store.Reader) error {
		found, next, err := LabelsRead(r, in.Cursor, in.limit(), a.now())
		out = all(found)
		out.Body.Next = next
		return err
	})
	return out, err
}
