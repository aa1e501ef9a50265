//go:build unix

package postgres_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/move"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
	"github.com/contact-advocate/advocate/internal/store/sqlite"
)

// dying is a move whose process dies at a step.
type dying struct{ step string }

func (d *dying) at(step string, do func() error) error {
	if d.step == "before "+step {
		return errors.New("died")
	}
	err := do()
	if d.step == "after "+step && err == nil {
		return errors.New("died")
	}
	return err
}

type dyingSource struct {
	store.MoveSource
	*dying
}

func (d dyingSource) MarkBegin(ctx context.Context, id, target string, at time.Time) error {
	return d.at("mark", func() error { return d.MoveSource.MarkBegin(ctx, id, target, at) })
}

func (d dyingSource) MarkEnd(ctx context.Context, id string, at time.Time) error {
	return d.at("last mark", func() error { return d.MoveSource.MarkEnd(ctx, id, at) })
}

type dyingTarget struct {
	store.Loader
	*dying
}

func (d dyingTarget) LoadBegin(ctx context.Context, id, source string) error {
	return d.at("begin", func() error { return d.Loader.LoadBegin(ctx, id, source) })
}

func (d dyingTarget) LoadFinish(ctx context.Context, id string) error {
	return d.at("finish", func() error { return d.Loader.LoadFinish(ctx, id) })
}

// TestMoveGoesOn lets a move die at each of its steps and calls it again: it
// ends well, and never are both sides open.
func TestMoveGoesOn(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, step := range []string{"before mark", "after mark", "after begin", "after finish", "after last mark"} {
		path, url := filepath.Join(t.TempDir(), "x.db"), pgtest.URL(t)
		made, err := sqlite.Open(ctx, path, sqlite.Options{Relaxed: true})
		ok(t, err)
		ok(t, made.Update(ctx, func(tx store.Tx) error { return tx.OrderPut([]domain.Order{{ID: "A"}}) }))
		ok(t, made.Close())
		attempt := func(step string) error {
			from, err := sqlite.OpenMoving(ctx, path)
			ok(t, err)
			defer from.Close()
			d := &dying{step: step}
			return move.Run(ctx, move.Options{From: dyingSource{from, d}, To: dyingTarget{opened(t, url), d}, FromName: "here", ToName: "there", Now: time.Now})
		}
		if err := attempt(step); err == nil {
			t.Fatalf("%s: it did not die", step)
		}
		again, err := sqlite.Open(ctx, path, sqlite.Options{})
		if step == "before mark" {
			ok(t, err)
			ok(t, again.Close())
		} else if !errors.Is(err, store.ErrMoved) {
			t.Fatalf("%s: the source can be opened: %v", step, err)
		}
		switch err := attempt(""); {
		case step == "after last mark" && !errors.Is(err, move.ErrMoved), step != "after last mark" && err != nil:
			t.Fatalf("%s: the second time: %v", step, err)
		}
		to := pgtest.OpenURL(t, url, postgres.Options{MaxConns: 6})
		ok(t, to.View(ctx, func(r store.Reader) error {
			if orders, err := r.OrderGet([]string{"A"}); err != nil || orders[0].ID != "A" {
				t.Errorf("%s: %v %v", step, orders, err)
			}
			return nil
		}))
	}
}
