package httpapi

import (
	"context"
	"strconv"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// list is a page of anything.
type list[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty" doc:"Pass as cursor for the next page; missing on the last."`
}

type listOutput[T any] struct {
	Body list[T]
}

// PageInput are the parameters of every paged list.
type PageInput struct {
	Cursor string `query:"cursor" maxLength:"128" doc:"The next of the page before."`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"How many at most."`
}

func (p PageInput) limit() int {
	if p.Limit <= 0 {
		return defaultPage
	}
	return min(p.Limit, maxPage)
}

// number reads a cursor that is a number; an empty one is 0.
func (p PageInput) number() (int64, error) {
	if p.Cursor == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(p.Cursor, 10, 64)
	if err != nil || n < 0 {
		return 0, badCursor(p.Cursor)
	}
	return n, nil
}

func badCursor(s string) error {
	return domain.FieldErrorf("cursor", "%.60q is none of ours; leave it out to begin at the first page", s)
}

// paged cuts a result of one more than asked to a page; key names an item for
// the cursor.
func paged[T any](items []T, limit int, key func(T) string) *listOutput[T] {
	out := &listOutput[T]{}
	if len(items) > limit {
		items = items[:limit]
		out.Body.Next = key(items[limit-1])
	}
	out.Body.Items = items
	if items == nil {
		out.Body.Items = []T{}
	}
	return out
}

// all is a list without further pages.
func all[T any](items []T) *listOutput[T] {
	if items == nil {
		items = []T{}
	}
	return &listOutput[T]{Body: list[T]{Items: items}}
}

// view runs a read of the store.
func (a *API) view(ctx context.Context, fn func(store.Reader) error) error {
	return a.o.Store.View(ctx, fn)
}
