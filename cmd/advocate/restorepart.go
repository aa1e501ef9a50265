package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/store"
)

// maxParts is how many merges a restore undoes for one customer.
const maxParts = 64

// partErased undoes merges that the copy still has and that were undone before
// one side was erased: erasing both would take somebody who is to stay, and
// erasing neither would bring somebody back. Erasing a merged customer erases
// everybody merged, and all of them stand in the log; where only some do, the
// merge was undone.
func (n *node) partErased(ctx context.Context, erased []domain.CustomerID) error {
	for _, id := range erased {
		for try := 0; ; try++ {
			root, merge, left, err := n.together(ctx, id, erased)
			if err != nil {
				return fmt.Errorf("erase %s again: %w", id, err)
			}
			if left == 0 {
				break // alone, or everybody is erased
			}
			if merge == "" {
				err = errors.New("the backup does not know by which merge")
			} else if try == maxParts {
				err = fmt.Errorf("%d merges are too many", maxParts)
			} else {
				err = n.part(ctx, merge)
			}
			if err != nil {
				return fmt.Errorf("customer %s was erased after this backup, which has them merged with %s, who was not, into %s; the merge cannot be undone: %w. "+
					"Restore another backup, or erase both: add a line with %s to erasures.log", id, left, root, err, left)
			}
		}
	}
	return nil
}

// together looks at everybody whom a customer stands merged with: the one
// they were merged into, the newest merge of that one, and somebody who was
// not erased, 0 if there is nobody.
func (n *node) together(ctx context.Context, id domain.CustomerID, erased []domain.CustomerID) (root domain.CustomerID, merge string, left domain.CustomerID, err error) {
	err = n.store.View(ctx, func(r store.Reader) error {
		root, merge, left = id, "", 0
		for range maxParts {
			rows, err := r.AdvocateGet([]domain.CustomerID{root})
			if err != nil {
				return err
			}
			if rows[0].ID == 0 || rows[0].Erased {
				return nil // of a customer the copy does not know, or has erased
			}
			if rows[0].Redirect == 0 {
				break
			}
			root = rows[0].Redirect
		}
		group := []domain.CustomerID{root}
		for i := 0; i < len(group); i++ {
			rows, err := r.MergeList(group[i])
			if err != nil {
				return err
			}
			for _, m := range rows {
				if m.To == group[i] && !slices.Contains(group, m.From) {
					if merge == "" && i == 0 {
						merge = m.ID // the newest comes first
					}
					group = append(group, m.From)
				}
			}
		}
		if !slices.Contains(group, id) {
			merge = ""
		}
		for _, c := range group {
			if !slices.Contains(erased, c) {
				left = c
			}
		}
		return nil
	})
	return root, merge, left, err
}

// part undoes one merge, with an engine that does nothing else.
func (n *node) part(ctx context.Context, merge string) error {
	if n.engine == nil {
		reader, err := n.settings.understander()
		if err != nil {
			return err
		}
		n.engine, err = engine.New(engine.Options{
			Store: n.store, Understander: reader, Policy: n.settings.policy, Clock: n.settings.clock, Logger: n.log, Settle: n.settings.settle,
		})
		if err != nil {
			return err
		}
		if err := n.startPlaybook(ctx); err != nil {
			return err
		}
	}
	return n.engine.Unmerge(ctx, merge, "restore")
}
