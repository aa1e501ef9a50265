package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// erasures.log lists who was erased, one id and time a line, beside the
// database: a backup from before an erasure brings the customer back, and the
// log tells the restore to erase them again. Ids are random and say nothing
// of the person.

const erasuresEvery = time.Minute

// readErasures gives the ids in a log; a missing file has none.
func readErasures(path string) (map[domain.CustomerID]bool, error) {
	out := map[domain.CustomerID]bool{}
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		word, _, _ := strings.Cut(strings.TrimSpace(lines.Text()), " ")
		if word == "" {
			continue
		}
		id, err := domain.ParseCustomerID(word)
		if err != nil {
			// The last line may be cut by a crash; an erasure must not be lost
			// over it, and the store still knows it.
			continue
		}
		out[id] = true
	}
	return out, lines.Err()
}

// syncErasures appends to the log whoever the store says is erased and the
// log does not know yet.
func (n *node) syncErasures(ctx context.Context) error {
	known, err := readErasures(n.settings.erasures())
	if err != nil {
		return err
	}
	var lines strings.Builder
	err = n.store.View(ctx, func(r store.Reader) error {
		lines.Reset()
		p := store.AdvocateListParams{Erased: true, Limit: 1000}
		for {
			rows, err := r.AdvocateList(p)
			if err != nil {
				return err
			}
			for _, a := range rows {
				if !known[a.ID] {
					fmt.Fprintf(&lines, "%s %s\n", a.ID, time.Now().UTC().Format(time.RFC3339))
				}
				p.After = a.ID
			}
			if len(rows) < p.Limit {
				return nil
			}
		}
	})
	if err != nil || lines.Len() == 0 {
		return err
	}
	f, err := os.OpenFile(n.settings.erasures(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(lines.String())
	return errors.Join(err, f.Sync(), f.Close())
}

// keepErasures keeps the log up to date while a server runs: on PostgreSQL
// other nodes, and commands elsewhere, erase too.
func (n *node) keepErasures(ctx context.Context) {
	tick := time.NewTicker(erasuresEvery)
	defer tick.Stop()
	for {
		if err := n.syncErasures(ctx); err != nil && ctx.Err() == nil {
			n.log.Error("the log of erasures cannot be written", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
