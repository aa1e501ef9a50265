package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/store"
)

// startPlaybook makes sure that a playbook decides: what the configuration asks
// for, unless an operator chose otherwise. A broken file is refused on the
// first start and leaves the active version in use later. A command that only
// visits the store leaves what decides alone: it may have been called without
// the server's configuration. Where nothing decides yet it publishes nothing
// before it needs to: what has only been looked at can still be moved into.
func (n *node) startPlaybook(ctx context.Context) error {
	row, err := n.activePlaybook(ctx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if n.settings.visiting {
		return nil
	}
	return n.letDecide(ctx, &row)
}

// needPlaybook is for operations on which advocates decide, also where no
// server has run yet.
func (n *node) needPlaybook(ctx context.Context) error {
	row, err := n.activePlaybook(ctx)
	if errors.Is(err, store.ErrNotFound) {
		return n.letDecide(ctx, &row)
	}
	return err
}

func (n *node) letDecide(ctx context.Context, row *store.PlaybookRow) error {
	n.playbookStamp = stampOf(n.settings.playbook) // before it is read: a change from then on is seen
	working := n.engine.Playbook() != nil
	name, source, err := n.settings.playbookSource()
	if err != nil {
		if !working {
			return err
		}
		n.playbookNote = err
		return nil
	}
	if working && n.settings.ownPublished(row) {
		n.log.Info("an operator's own playbook decides", "version", row.Version, "playbook", row.Name, "by", row.ActivatedBy)
		return nil
	}
	_, err = n.followPlaybook(ctx, name, source, engine.ByStart, false)
	if err != nil && working && domain.ErrorCode(err) == domain.CodeInvalid {
		n.playbookNote = err
		return nil
	}
	if err != nil {
		return fmt.Errorf("the playbook cannot be used:\n%w", err)
	}
	return nil
}

// ownPublished reports whether an operator chose a playbook of their own, or
// confirmed one, and the configuration names none: then it asks for nothing,
// and the built-in one is only where everybody begins.
func (s *settings) ownPublished(row *store.PlaybookRow) bool {
	builtIn := row.Name == builtInPlaybook && !engine.ByOperator(row.By) // else somebody has changed it
	return s.playbook == "" && row.Version != 0 && !builtIn && engine.ByOperator(row.ActivatedBy)
}

// followPlaybook lets decide what the configuration asks for. An operator's
// choice against it stays, and is logged, unless it is overruled by force. It
// returns the version that the configuration asks for.
func (n *node) followPlaybook(ctx context.Context, name string, source []byte, by string, force bool) (int64, error) {
	f, err := n.engine.PlaybookFollow(ctx, name, source, by)
	switch {
	case err != nil || !f.Override:
		return f.Version, err
	case force:
		return f.Version, n.engine.PlaybookActivate(ctx, f.Version, by)
	}
	n.log.Warn("an operator's choice of playbook stays: it was made while the configuration asked for the same as now",
		"version", f.Active.Version, "by", f.Active.ActivatedBy, "since", f.Active.ActivatedAt, "configured_version", f.Version)
	return f.Version, nil
}

// playbookChoice is how what decides stands to what the configuration asks
// for, as doctor tells it.
type playbookChoice struct {
	Name     string    `json:"name"`
	By       string    `json:"by"` // who activated it
	Since    time.Time `json:"since"`
	Own      bool      `json:"own,omitempty"`      // an operator's, and the configuration names none
	Override bool      `json:"override,omitempty"` // an operator's, and the configuration asks for another
	Behind   bool      `json:"behind,omitempty"`   // the configuration asks for another: the next start lets that decide
}

// choice compares what decides with what the configuration asks for. A file
// that cannot be used asks for nothing.
func (n *node) choice(ctx context.Context) (playbookChoice, error) {
	row, err := n.activePlaybook(ctx)
	if errors.Is(err, store.ErrNotFound) {
		return playbookChoice{}, nil
	}
	if err != nil {
		return playbookChoice{}, err
	}
	c := playbookChoice{Name: row.Name, By: row.ActivatedBy, Since: row.ActivatedAt, Own: n.settings.ownPublished(&row)}
	name, source, err := n.settings.playbookSource()
	if err != nil || c.Own {
		return c, nil
	}
	pb, err := playbook.Compile(name, source, n.settings.policy)
	if err == nil && pb.Hash() != row.Hash {
		c.Override = !engine.ByConfig(row.ActivatedBy)
		c.Behind = !c.Override
	}
	return c, nil
}

// activePlaybook is the store's active version.
func (n *node) activePlaybook(ctx context.Context) (row store.PlaybookRow, err error) {
	err = n.store.View(ctx, func(r store.Reader) (err error) {
		row, err = r.PlaybookActive()
		return err
	})
	return row, err
}

// playbookVersion is the version that decides, 0 when that cannot be read.
func (n *node) playbookVersion() int64 {
	row, err := n.activePlaybook(context.Background())
	if err != nil {
		return 0
	}
	return row.Version
}

// briefly is an error for one line of a log or a table. Of a file with many
// problems it tells the first and how many there are.
func briefly(err error) string {
	var ps playbook.Problems
	if !errors.As(err, &ps) || len(ps) == 0 {
		return err.Error()
	}
	if len(ps) == 1 {
		return ps[0].String()
	}
	return ps[0].String() + andMore(len(ps)-1, "problem") + `; "advocate check" lists them`
}
