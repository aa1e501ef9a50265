package move

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/contact-advocate/advocate/internal/store"
)

// Progress is told after each piece.
type Progress struct {
	Table       store.Table
	Done, Total int64 // rows of this table
	Over        bool  // the table is done
	Checking    bool  // verified, not copied
}

// DefaultBatch is how many rows are read and written at once, unless they are
// large.
const DefaultBatch = 2000

// CopyParams say what is copied where: ID is the move's that fills the target.
type CopyParams struct {
	From  store.Store
	To    store.Loader
	ID    string
	Batch int            // rows; 0 stands for DefaultBatch
	Tell  func(Progress) // may be nil
}

func dumper(r store.Reader, engine string) (store.Dumper, error) {
	d, ok := r.(store.Dumper)
	if !ok {
		return nil, fmt.Errorf("a store of the kind %q cannot be moved", engine)
	}
	return d, nil
}

// Copy brings to a target whatever of the source is not there yet. It may be
// cut off at any moment and called again.
func Copy(ctx context.Context, p CopyParams) error {
	if p.Batch <= 0 {
		p.Batch = DefaultBatch
	}
	state, err := p.To.LoadState(ctx)
	if err != nil {
		return err
	}
	for _, table := range store.Tables {
		if part := state.Parts[table]; !part.Over {
			if err := p.table(ctx, table, part); err != nil {
				return err
			}
		}
	}
	return nil
}

// table copies the rest of one table. It reads ahead while it writes.
func (p *CopyParams) table(ctx context.Context, table store.Table, part store.LoadPart) error {
	sum, err := sumOf(part)
	if err != nil {
		return err
	}
	pieces := make(chan piece, 1)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(pieces)
		return pieceByPiece(ctx, p.From, table, part.Place, p.Batch, func(next piece) error {
			select {
			case pieces <- next:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	})
	g.Go(func() error {
		last := time.Now()
		for piece := range pieces {
			sum.Add(&piece.rows)
			next := store.LoadPart{Place: piece.place, Rows: sum.Rows, Sum: sum.Bytes(), Over: piece.rows.Len() == 0}
			if next.Over {
				next.Place = part.Place
			}
			if err := p.To.LoadWrite(ctx, store.LoadParams{ID: p.ID, Table: table, Rows: piece.rows, Was: part, Next: next}); err != nil {
				return err
			}
			part = next
			if p.Tell != nil && (next.Over || time.Since(last) > tellEvery) {
				last = time.Now()
				p.Tell(Progress{Table: table, Done: sum.Rows, Total: max(piece.total, sum.Rows), Over: next.Over})
			}
		}
		return nil
	})
	return g.Wait()
}

// tellEvery is how often progress within a table is told.
const tellEvery = time.Second / 4

type piece struct {
	rows  store.Dump
	place store.DumpKey
	total int64
}

// pieceByPiece reads a table from a place on, in one consistent state, up to
// and including the empty piece at its end.
func pieceByPiece(ctx context.Context, s store.Store, table store.Table, place store.DumpKey, batch int, visit func(piece) error) error {
	return s.View(ctx, func(r store.Reader) error {
		d, err := dumper(r, s.Engine())
		if err != nil {
			return err
		}
		total, err := d.DumpCount(table)
		if err != nil {
			return err
		}
		for {
			rows, next, err := d.DumpRead(store.DumpParams{Table: table, After: place, Limit: batch})
			if err != nil {
				return fmt.Errorf("table %s cannot be read: %w", table, err)
			}
			if err := visit(piece{rows, next, total}); err != nil || rows.Len() == 0 {
				return err
			}
			place = next
		}
	})
}

// SumTable reads a whole table.
func SumTable(ctx context.Context, s store.Store, table store.Table, tell func(done, total int64)) (sum Sum, err error) {
	err = pieceByPiece(ctx, s, table, nil, DefaultBatch, func(p piece) error {
		sum.Add(&p.rows)
		if tell != nil {
			tell(sum.Rows, p.total)
		}
		return ctx.Err()
	})
	return sum, err
}

// Verify reads all of both stores and compares each table with what was
// copied: the source must still be what was read, the target what was written.
func Verify(ctx context.Context, from store.Store, to store.Loader, tell func(Progress)) error {
	state, err := to.LoadState(ctx)
	if err != nil {
		return err
	}
	for _, table := range store.Tables {
		copied, err := sumOf(state.Parts[table])
		if err != nil {
			return err
		}
		if !state.Parts[table].Over {
			return fmt.Errorf("table %s has not been copied to its end", table)
		}
		if err := verifyTable(ctx, from, to, table, copied, tell); err != nil {
			return err
		}
	}
	return nil
}

func verifyTable(ctx context.Context, from, to store.Store, table store.Table, copied Sum, tell func(Progress)) error {
	var there, here Sum
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		there, err = SumTable(gctx, from, table, nil)
		return err
	})
	last := time.Now()
	g.Go(func() (err error) {
		here, err = SumTable(gctx, to, table, func(done, _ int64) {
			if tell != nil && time.Since(last) > tellEvery {
				last = time.Now()
				tell(Progress{Table: table, Done: done, Total: max(done, copied.Rows), Checking: true})
			}
		})
		return err
	})
	if err := g.Wait(); err != nil {
		return err
	}
	if there != copied {
		return &DifferenceError{Table: table, Source: true, Want: copied, Got: there}
	}
	if here != copied {
		return &DifferenceError{Table: table, Want: copied, Got: here}
	}
	if tell != nil {
		tell(Progress{Table: table, Done: here.Rows, Total: here.Rows, Over: true, Checking: true})
	}
	return nil
}

// DifferenceError is a table that is not what it must be.
type DifferenceError struct {
	Table     store.Table
	Source    bool // the source is not what was copied; otherwise the target
	Want, Got Sum
}

func (e *DifferenceError) Error() string {
	what := "what is in the database is not what was copied"
	if e.Source {
		what = "the source has changed since it was copied"
	}
	if e.Want.Rows != e.Got.Rows {
		return fmt.Sprintf("table %s: %s: %d rows and not %d", e.Table, what, e.Got.Rows, e.Want.Rows)
	}
	return fmt.Sprintf("table %s: %s: the checksums of its %d rows differ", e.Table, what, e.Want.Rows)
}
