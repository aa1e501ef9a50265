package storetest

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/move"
)

// Move moves stores that were filled at random into others, cut off again and
// again, and compares: everything that can be read, and then everything that
// further transactions on both return. to opens an empty store that may be
// filled.
func Move(t *testing.T, runs int, from, to Driver) {
	t.Helper()
	for seed := uint64(1); seed <= uint64(runs) && !t.Failed(); seed++ {
		rng := rand.New(rand.NewPCG(seed, 1))
		moveRun(seeded{t, seed}, &drawer{func(_ string, most int) int { return rng.IntN(most + 1) }}, rng, from, to)
	}
}

func moveRun(t TB, d *drawer, rng *rand.Rand, from, to Driver) {
	a, b := &side{name: from.Name, s: from.Open(t)}, &side{name: to.Name, s: to.Open(t)}
	if from.Close != nil {
		defer from.Close(t, a.s)
	}
	if to.Close != nil {
		defer to.Close(t, b.s)
	}
	steps := func(sides ...*side) {
		var list []step
		for range 10 {
			list = append(list, d.step())
		}
		want := sides[0].play(list, false)
		for _, other := range sides[1:] {
			compare(t, a, other, want, other.play(list, false))
		}
	}
	for range 12 {
		steps(a)
	}
	bring(t, rng, a.s, b.s.(store.Loader))
	b.events, b.input, b.audit = slices.Clone(a.events), slices.Clone(a.input), slices.Clone(a.audit)
	for range 6 {
		read := a.look()
		compare(t, a, b, read, b.lookUntil(read))
		steps(a, b)
	}
}

var errCut = errors.New("cut off")

// cutter is a target whose caller dies now and then, before a piece is
// written or after it.
type cutter struct {
	store.Loader
	rng *rand.Rand
}

func (c cutter) LoadWrite(ctx context.Context, p store.LoadParams) error {
	n := c.rng.IntN(8)
	if n == 0 {
		return errCut
	}
	if err := c.Loader.LoadWrite(ctx, p); err != nil || n == 1 {
		return errors.Join(err, errCut)
	}
	return nil
}

// bring moves everything, however often it takes, and checks it.
func bring(t TB, rng *rand.Rand, from store.Store, to store.Loader) {
	ctx := context.Background()
	if err := to.LoadBegin(ctx, "m", "source"); err != nil {
		t.Fatalf("%v", err)
	}
	p := move.CopyParams{From: from, To: cutter{to, rng}, ID: "m", Batch: 3}
	err := errCut
	for cuts := 0; errors.Is(err, errCut); cuts++ {
		if err = move.Copy(ctx, p); cuts > 1000 {
			t.Fatalf("it never ends")
		}
	}
	if err != nil {
		t.Fatalf("%v", err)
	}
	if err := move.Verify(ctx, from, to, nil); err != nil {
		t.Fatalf("%v", err)
	}
	for _, table := range store.Tables {
		there, err := move.SumTable(ctx, from, table, nil)
		here, err2 := move.SumTable(ctx, to, table, nil)
		if err := errors.Join(err, err2); err != nil || there.Rows != here.Rows || !bytes.Equal(there.Bytes(), here.Bytes()) {
			t.Fatalf("table %s: %v and %v, %v", table, there, here, err)
		}
	}
	if err := to.LoadFinish(ctx, "m"); err != nil {
		t.Fatalf("%v", err)
	}
}
