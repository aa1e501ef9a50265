package store

import (
	"slices"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Kinds of the documents that list all customers' cases and open promises, each
// with the case's or promise's id as its key, and the place in the event log up
// to which they are written: whoever writes them locks it first.
const (
	CaseIndexKind    = "case_index"
	PromiseIndexKind = "promise_index"

	CaseIndexCursorKind = "cursor"
	CaseIndexCursor     = "caseload"
)

// DocumentsForget deletes the documents about a customer and those merged into
// it. It is for the transaction that erases the customer, before the rows go.
// held are the cases that its advocate still has.
func DocumentsForget(tx Tx, id domain.CustomerID, held []domain.Case) error {
	// Who lists cases at this moment is waited for, and sees the erasure next.
	if _, err := tx.DocumentLock(CaseIndexCursorKind, []string{CaseIndexCursor}); err != nil {
		return err
	}
	who, err := mergedInto(tx, id)
	if err != nil {
		return err
	}
	for _, w := range who {
		for _, kind := range []string{LabelKind, LatePostKind, PartsKind} {
			if err := forgetOwned(tx, kind, w); err != nil {
				return err
			}
		}
	}
	old, err := tx.CaseList(id, maxForgotten)
	if err != nil {
		return err
	}
	var cases, promises []string
	for _, c := range slices.Concat(held, old) {
		cases = append(cases, c.ID)
		for i := range c.Promises {
			promises = append(promises, c.Promises[i].ID)
		}
	}
	if err := forgetKeyed(tx, CaseIndexKind, cases); err != nil {
		return err
	}
	return forgetKeyed(tx, PromiseIndexKind, promises)
}

// ownerPrefix begins the ids of documents that are one customer's.
func ownerPrefix(owner domain.CustomerID) string { return owner.String() + "/" }

// forgetOwned deletes a customer's documents of a kind.
func forgetOwned(tx Tx, kind string, owner domain.CustomerID) error {
	const page = 500
	for {
		docs, err := tx.DocumentList(DocumentListParams{Kind: kind, Prefix: ownerPrefix(owner), Limit: page})
		if err != nil || len(docs) == 0 {
			return err
		}
		ids := make([]string, len(docs))
		for i := range docs {
			ids[i] = docs[i].ID
		}
		if err := tx.DocumentDelete(kind, ids); err != nil {
			return err
		}
	}
}

// maxForgotten is how many old cases of a customer are looked for in the lists.
// What lists even older ones has no words in it and ends by itself.
const maxForgotten = 10_000

// mergedInto is a customer and all that were merged into it, over any number of
// merges.
func mergedInto(r Reader, id domain.CustomerID) ([]domain.CustomerID, error) {
	who := []domain.CustomerID{id}
	for i := 0; i < len(who); i++ {
		merges, err := r.MergeList(who[i])
		if err != nil {
			return nil, err
		}
		for _, m := range merges {
			if m.To == who[i] && !slices.Contains(who, m.From) {
				who = append(who, m.From)
			}
		}
	}
	return who, nil
}

// forgetKeyed deletes the documents of a kind that have one of the keys.
func forgetKeyed(tx Tx, kind string, keys []string) error {
	slices.Sort(keys)
	keys = slices.DeleteFunc(slices.Compact(keys), func(k string) bool { return k == "" })
	for part := range slices.Chunk(keys, 500) {
		docs, err := tx.DocumentFind(kind, part)
		if err != nil {
			return err
		}
		var ids []string
		for i := range docs {
			if docs[i].ID != "" {
				ids = append(ids, docs[i].ID)
			}
		}
		if len(ids) > 0 {
			if err := tx.DocumentDelete(kind, ids); err != nil {
				return err
			}
		}
	}
	return nil
}
