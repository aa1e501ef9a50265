package main

import (
	"context"

	"github.com/contact-advocate/advocate/internal/store"
)

// unrestored are the kinds of documents that let somebody in by themselves. A
// copy from before they were ended or used must not let anybody in again.
var unrestored = []string{"session", "link"}

// endAll removes them, and says how many there were.
func (n *node) endAll(ctx context.Context) (ended int, err error) {
	const batch = 500
	for _, kind := range unrestored {
		for k := batch; k == batch; ended += k {
			err := n.store.Update(ctx, func(tx store.Tx) error {
				docs, err := tx.DocumentList(store.DocumentListParams{Kind: kind, Limit: batch})
				if err != nil {
					return err
				}
				ids := make([]string, len(docs))
				for i := range docs {
					ids[i] = docs[i].ID
				}
				k = len(ids)
				return tx.DocumentDelete(kind, ids)
			})
			if err != nil {
				return ended, err
			}
		}
	}
	return ended, nil
}
