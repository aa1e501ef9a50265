package x

import (
	"context"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
)

// Limits of a round.
const (
	maxPages = 10  // of 100 posts; mentions go back 800 ("Volume limits" of timelines)
	perPage  = 100 // the most that X gives
	// overlap is read again: X does not say that posts can be seen in the order
	// of their ids, and streams are 6 to 7 s late ("Data delivery and latency").
	overlap = 15 * time.Second
	// oldest is how far a search goes back: 7 days, less an hour to be safe.
	oldest = 7*24*time.Hour - time.Hour
)

// cursor is how far a way has been read. Everything up to Since is known. A
// round goes from the newest post backwards; one that was cut short has read
// from Top down to Until, and what lies between Since and Until is left: a list
// that cannot be asked for what was before an id goes on at the page Next.
type cursor struct {
	Since string `json:"since"`
	Top   string `json:"top,omitempty"`
	Until string `json:"until,omitempty"`
	Next  string `json:"next,omitempty"`
}

// loadCursor reads how far a way has been read: at first, up to now.
func (n *Network) loadCursor(ctx context.Context, way string) (c cursor, err error) {
	known, err := social.StateRead(ctx, n.kit.State, "cursor/"+way, &c)
	if err != nil || known && validID(c.Since) {
		return c, err
	}
	// Written down at once: what comes while we are away is not to be left out.
	c = cursor{Since: idAt(n.kit.Clock.Now().Add(-time.Minute))}
	return c, n.saveCursor(ctx, way, c)
}

func (n *Network) saveCursor(ctx context.Context, way string, c cursor) error {
	return social.StateKeep(ctx, n.kit.State, "cursor/"+way, c, 0)
}

// bounds are a round's limits as X takes them. What was written within the
// overlap before the list was last asked for is read again; asked is zero when
// that is not known. Since is not before what X still has, if that is limited:
// it refuses older ids.
func (c *cursor) bounds(q map[string][]string, now, asked time.Time, limited bool) {
	from := c.Since
	if asked.IsZero() {
		asked = madeAt(c.Since)
	}
	if again := idAt(asked.Add(-overlap)); later(from, again) {
		from = again
	}
	if last := idAt(now.Add(-oldest)); limited && later(last, from) {
		from = last
	}
	q["since_id"] = []string{from}
	if c.Until != "" {
		q["until_id"] = []string{c.Until}
	}
}

// after is where a round leaves off that has read from the newest id down to
// the oldest; done, if it came to the end.
func (c cursor) after(newest, until string, done bool) cursor {
	if later(c.Top, newest) {
		newest = c.Top
	}
	switch {
	case newest == "":
		return c
	case done && later(newest, c.Since):
		return cursor{Since: newest}
	case done:
		return cursor{Since: c.Since}
	}
	return cursor{Since: c.Since, Top: newest, Until: until}
}
