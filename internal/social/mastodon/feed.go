package mastodon

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// Bounds of one round.
const (
	maxUp      = 100 // pages upward; the next round goes on
	maxDown    = 25  // pages downward, to find where to begin
	deepPages  = 5   // pages downward, to find what was held back
	maxMissing = 10  // posts that are asked for by themselves
	maxTries   = 5   // to look at one of them
)

// pages are the bounds that a test may set narrower.
type pages struct{ up, down int }

// feed is a list that the server pages by id: newest first, min_id for what
// comes right after an id, max_id for what comes before
// (https://docs.joinmastodon.org/api/guidelines/#pagination).
type feed struct {
	name  string // of its cursor
	way   string // that it is one of, in Health
	path  string
	query url.Values
	field string // where the list is in the answer; "" the answer is the list
	limit int    // entries of a page
	item  func(raw json.RawMessage) item
	gone  bool // what is missing from its newest page may be deleted
}

// item is one entry. id orders it; t is nothing where ok is false.
type item struct {
	id  string
	at  time.Time
	t   told
	ok  bool
	bad bool // not what the API promises
}

// cursor is how far a feed was read: everything after floor up to at is with
// the sink. Nothing up to floor concerns us.
type cursor struct {
	Floor string `json:"floor"`
	At    string `json:"at"`
}

// reader reads one feed in one round.
type reader struct {
	*feed
	n    *Network
	sink social.Sink
	c    cursor
	prev string // where the last page ends by the server's word
	next string // and where it begins
}

// read brings a feed up to date. It begins with the newest page, since mostly
// that is all there is; where it does not reach back to the cursor, the gap is
// paged upward first. Ids are given before a transaction ends and, for posts of
// other servers, by the time of writing: so what the newest page has is handed
// in if it is not known, whatever the cursor says. It is false where a gap is
// too long for one round; what is newer than the gap waits then, since the
// cursor must not pass what was not read.
func (n *Network) read(ctx context.Context, sink social.Sink, f *feed) (bool, error) {
	r := &reader{feed: f, n: n, sink: sink}
	if err := r.begin(ctx); err != nil {
		return false, err
	}
	newest, err := r.page(ctx, nil)
	if err != nil {
		return false, err
	}
	if len(newest) == 0 || older(r.c.At, newest[0].id) {
		if whole, err := r.up(ctx); !whole || err != nil {
			return false, err
		}
	}
	if err := r.take(ctx, newest); err != nil {
		return false, err
	}
	// Taken before the look, not after: what is let through meanwhile wants
	// another.
	if f.gone && n.deep.Swap(false) {
		if err := r.down(ctx, newest); err != nil {
			n.deep.Store(true)
			return false, err
		}
	}
	if f.gone {
		return true, r.missing(ctx, newest)
	}
	return true, nil
}

// begin finds the cursor, or at the very first start where to set it: at the
// newest entry that is too old, or if that is too far down at the oldest that
// was seen.
func (r *reader) begin(ctx context.Context) error {
	known, err := social.StateRead(ctx, r.n.kit.State, r.name, &r.c)
	if err != nil || known && r.c.At != "" {
		return err
	}
	r.c = cursor{"0", "0"} // before any id
	oldest := r.n.kit.Clock.Now().Add(-r.n.c.Since)
	query := url.Values{}
	for range r.n.pages.down {
		page, err := r.page(ctx, query)
		if err != nil {
			return err
		}
		for i := len(page) - 1; i >= 0; i-- {
			if r.n.c.Since == 0 || page[i].ok && page[i].at.Before(oldest) {
				r.c = cursor{page[i].id, page[i].id}
				return r.save(ctx)
			}
		}
		last := query.Get("max_id")
		switch {
		case len(page) > 0:
			query.Set("max_id", page[0].id)
		case r.next != "" && (last == "" || older(r.next, last)):
			query.Set("max_id", r.next) // all of it was kept from us; the list goes on below
		default: // that is all there is, and none of it too old
			return r.save(ctx)
		}
	}
	at := query.Get("max_id")
	r.c = cursor{at, at}
	return r.save(ctx)
}

// up pages upward, and reports whether there is no more. Where there is, a round
// is asked for at once.
func (r *reader) up(ctx context.Context) (bool, error) {
	for range r.n.pages.up {
		page, err := r.page(ctx, url.Values{"min_id": {r.c.At}})
		if err != nil {
			return false, err
		}
		if len(page) == 0 && older(r.c.At, r.prev) {
			r.c.At = r.prev // all of it was kept from us, such as whom we mute; it goes on behind that
			if err := r.save(ctx); err != nil {
				return false, err
			}
			continue
		}
		if len(page) == 0 || !older(r.c.At, page[len(page)-1].id) {
			return true, nil
		}
		if err := r.take(ctx, page); err != nil {
			return false, err
		}
	}
	r.n.poke()
	return false, nil
}

// down looks a few pages further back for what is new although its id is not.
func (r *reader) down(ctx context.Context, page []item) error {
	for range deepPages {
		if len(page) == 0 || !older(r.c.Floor, page[0].id) {
			return nil
		}
		var err error
		if page, err = r.page(ctx, url.Values{"max_id": {page[0].id}}); err != nil {
			return err
		}
		if err := r.take(ctx, page); err != nil {
			return err
		}
	}
	return nil
}

// take hands a page in and moves the cursor past it.
func (r *reader) take(ctx context.Context, page []item) error {
	if len(page) == 0 {
		return nil
	}
	var heard []told
	for _, it := range page {
		if it.bad && older(r.c.At, it.id) {
			r.n.log.Warn("a post could not be read and was left out", "feed", r.name)
		}
		if it.ok && older(r.c.Floor, it.id) {
			heard = append(heard, it.t)
		}
	}
	if err := r.n.deliver(ctx, r.sink, heard); err != nil {
		return err
	}
	if last := page[len(page)-1].id; older(r.c.At, last) {
		r.c.At = last
		return r.save(ctx)
	}
	return nil
}

func (r *reader) save(ctx context.Context) error {
	if err := r.n.known.save(ctx, r.n.kit.State); err != nil {
		return err
	}
	return social.StateKeep(ctx, r.n.kit.State, r.name, r.c, 0)
}

// missing asks for posts that should be on the newest page and are not: nobody
// may have announced that they were deleted.
func (r *reader) missing(ctx context.Context, newest []item) error {
	oldest, seen := "0", map[string]bool{}
	if len(newest) > 0 {
		oldest = newest[0].id
	}
	for _, it := range newest {
		seen[it.t.post.ID] = true
	}
	for _, m := range r.n.known.missing(oldest, seen, maxMissing) {
		p, err := r.n.Fetch(ctx, r.n.key(m.ID))
		if err != nil {
			if err := r.unread(ctx, m.ID, err); err != nil {
				return err
			}
			continue
		}
		if err := r.n.deliver(ctx, r.sink, []told{{post: p}}); err != nil {
			return err
		}
		r.n.known.unlisted(m.ID)
	}
	return r.n.known.save(ctx, r.n.kit.State)
}

// unread is for a post that cannot be looked at. It does not keep the others
// from being read, and after a few tries nobody looks for it any more: it is
// looked at again before it is answered. The error is that of the server, which
// takes no requests at all.
func (r *reader) unread(ctx context.Context, id string, err error) error {
	var e *social.Error
	if s := web.Status(err); ctx.Err() != nil || s == http.StatusUnauthorized || errors.As(err, &e) && e.After > 0 {
		return err
	}
	if r.n.known.failed(id) >= maxTries {
		r.n.log.Warn("a post that is missing from the notifications cannot be looked at; it is left as it was", "reason", social.Safe(err))
		r.n.known.unlisted(id)
	}
	return nil
}

// page asks for one page, and returns it oldest first. One that is too large
// for one answer is asked for in smaller ones.
func (r *reader) page(ctx context.Context, more url.Values) ([]item, error) {
	for limit := r.limit; ; limit = max(1, limit/4) {
		list, large, err := r.list(ctx, more, limit)
		if large && limit > 1 {
			continue
		}
		if err != nil {
			return nil, notTheirs(err)
		}
		r.limit = limit // for the rest of this round
		var out []item
		for _, raw := range list {
			it := r.item(raw)
			if validID(it.id) {
				out = append(out, it)
			}
		}
		sortItems(out)
		return out, nil
	}
}

func (r *reader) list(ctx context.Context, more url.Values, limit int) (list []json.RawMessage, large bool, err error) {
	query := url.Values{"limit": {strconv.Itoa(limit)}}
	for _, from := range []url.Values{r.query, more} {
		for k, v := range from {
			query[k] = v
		}
	}
	request := web.Request{Path: r.path, Query: query}
	answer := map[string]json.RawMessage{}
	if r.field == "" {
		request.Out = &list
	} else {
		request.Out = &answer
	}
	a, err := r.n.web.Do(ctx, request)
	link := a.Header.Get("Link")
	r.prev, r.next = pageAt(link, "prev", "min_id", "since_id"), pageAt(link, "next", "max_id")
	if err != nil {
		return nil, len(a.Body) > tooLarge, err
	}
	if r.field != "" && len(answer[r.field]) > 0 && json.Unmarshal(answer[r.field], &list) != nil {
		return nil, false, social.Unpromised()
	}
	return list, false, nil
}

// tooLarge is what an answer may have at most.
const tooLarge = 4 << 20

// pageAt reads from an answer's Link where another page is
// (https://docs.joinmastodon.org/api/guidelines/#pagination, Link).
func pageAt(header, rel string, names ...string) string {
	for part := range strings.SplitSeq(header, ",") {
		address, is, ok := strings.Cut(part, ">")
		_, address, open := strings.Cut(address, "<")
		if !ok || !open || !strings.Contains(is, `rel="`+rel+`"`) {
			continue
		}
		u, err := url.Parse(address)
		if err != nil {
			continue
		}
		for _, name := range names {
			if id := u.Query().Get(name); validID(id) {
				return id
			}
		}
	}
	return ""
}
