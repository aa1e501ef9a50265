package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// labelKind is the kind of the documents that say what a post was about. They
// hold no text: it is read from the customer's history when labels are asked
// for, so that nothing of an erased customer is left.
const labelKind = "label"

type labelRow struct {
	Case   string        `json:"case"`
	Post   string        `json:"post"`
	Was    domain.Intent `json:"was"`
	Intent domain.Intent `json:"intent"`
	Lang   string        `json:"lang,omitempty"`
	By     string        `json:"by"`
	At     time.Time     `json:"at"`
}

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

// putLabel keeps a label; the last word on a post counts, and what was
// understood first stays.
func putLabel(tx store.Tx, customer domain.CustomerID, l labelRow) error {
	id := customer.String() + "/" + digest(l.Case, l.Post)[:32]
	docs, err := tx.DocumentLock(labelKind, []string{id})
	if err != nil {
		return err
	}
	if docs[0].ID != "" {
		var had labelRow
		if json.Unmarshal(docs[0].Body, &had) == nil {
			l.Was = had.Was
		}
	}
	body, err := json.Marshal(l)
	if err != nil {
		return err
	}
	docs[0].Kind, docs[0].ID, docs[0].Body, docs[0].UpdatedAt = labelKind, id, body, l.At
	return tx.DocumentPut(docs)
}

// LabelsRead pages through the labels by a cursor of its own, "" for the first
// page and, as next, after the last. One whose text is gone with its customer,
// or was deleted on its network, is left out.
func LabelsRead(r store.Reader, after string, limit int) (out []Label, next string, err error) {
	docs, err := r.DocumentList(store.DocumentListParams{Kind: labelKind, After: after, Limit: limit})
	if err != nil {
		return nil, "", err
	}
	for i := range docs {
		var l labelRow
		if err := json.Unmarshal(docs[i].Body, &l); err != nil {
			return nil, "", fmt.Errorf("label %q cannot be read: %w", docs[i].ID, err)
		}
		owner, _, _ := strings.Cut(docs[i].ID, "/")
		text, err := labelText(r, owner, l.Post)
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
func labelText(r store.Reader, owner, post string) (string, error) {
	id, err := domain.ParseCustomerID(owner)
	if err != nil {
		return "", nil
	}
	row, err := store.Standing(r, id)
	if err != nil || row.ID == 0 || row.Erased {
		return "", err
	}
	id = row.ID
	for before := int64(0); ; {
		rows, err := r.JournalRead(store.JournalReadParams{Customer: id, BeforeSeq: before, Limit: maxPage})
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
		found, next, err := LabelsRead(r, in.Cursor, in.limit())
		out = all(found)
		out.Body.Next = next
		return err
	})
	return out, err
}
