package main

import (
	"context"
	"fmt"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// startPlaybook makes sure that a playbook decides. What the operator's file
// says is published; it decides from now on if it is new. A broken file is
// refused on the first start and leaves the active version in use later. A
// command that only visits the store leaves what decides alone: it may have
// been called without the server's configuration.
func (n *node) startPlaybook(ctx context.Context) error {
	active := n.engine.Playbook()
	if active != nil && n.settings.visiting {
		return nil
	}
	n.playbookStamp = stampOf(n.settings.playbook) // before it is read: a change from then on is seen
	name, source, err := n.settings.playbookSource()
	if err != nil {
		if active == nil {
			return err
		}
		n.playbookNote = fmt.Sprintf("%v; the version in the store stays in use", err)
		return nil
	}
	if active != nil && n.settings.playbook == "" {
		row, err := n.activePlaybook(ctx)
		if err != nil || row.Name != defaultPlaybook {
			return err // somebody published their own: the built-in one does not replace it
		}
	}
	known, err := n.playbookVersions(ctx)
	if err != nil {
		return err
	}
	v, err := n.engine.PlaybookPublish(ctx, name, source, "start")
	if err != nil {
		if active == nil || domain.ErrorCode(err) != domain.CodeInvalid {
			return fmt.Errorf("the playbook cannot be used:\n%w", err)
		}
		n.playbookNote = fmt.Sprintf("%v\nthe version in the store stays in use", err)
		return nil
	}
	if active != nil && known[v] {
		return nil // published before: what is active is what the operator chose
	}
	return n.engine.PlaybookActivate(ctx, v, "start")
}

// activePlaybook is the store's active version.
func (n *node) activePlaybook(ctx context.Context) (row store.PlaybookRow, err error) {
	err = n.store.View(ctx, func(r store.Reader) (err error) {
		row, err = r.PlaybookActive()
		return err
	})
	return row, err
}

func (n *node) playbookVersions(ctx context.Context) (map[int64]bool, error) {
	known := map[int64]bool{}
	err := n.store.View(ctx, func(r store.Reader) error {
		rows, err := r.PlaybookList(1000)
		for _, row := range rows {
			known[row.Version] = true
		}
		return err
	})
	return known, err
}

// playbookVersion is the version that decides, 0 when that cannot be read.
func (n *node) playbookVersion() int64 {
	row, err := n.activePlaybook(context.Background())
	if err != nil {
		return 0
	}
	return row.Version
}
