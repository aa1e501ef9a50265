package x

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
)

// headStart is how much of the month's posts may be read before their time: a
// busy day must not wait for the end of the month.
const headStart = 0.1

// warnAt is the share of the month's posts at which Health says so.
const warnAt = 0.8

// searchShare is how much of what may be read by now searches get: mentions
// come first.
const searchShare = 0.7

// budget counts the posts that were read in the calendar month (UTC), each once
// a day, as X does (https://docs.x.com/x-api/fundamentals/post-cap,
// "Deduplication").
type budget struct {
	turn    social.Turn // held while it is read or changed
	day     string
	counted map[string]bool // the day's posts, as far as this process knows

	mu     sync.Mutex
	now    spent
	text   string
	warned bool
}

// spent is what is kept of a month.
type spent struct {
	Month string `json:"month"`
	Read  int64  `json:"read"`
}

const quotaName = "posts read this month"

func month(t time.Time) (name string, begins, ends time.Time) {
	begins = time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	return begins.Format("2006-01"), begins, begins.AddDate(0, 1, 0)
}

// readSoFar is how many posts were read this month.
func (n *Network) readSoFar(ctx context.Context) (int64, error) { return n.spend(ctx) }

// spend counts posts that were read, and returns the month's sum.
func (n *Network) spend(ctx context.Context, ids ...string) (int64, error) {
	b := &n.budget
	release, err := b.turn.Take(ctx)
	if err != nil {
		return 0, social.Unreached(err)
	}
	defer release()
	name, _, ends := month(n.kit.Clock.Now())
	key := "budget/" + name
	// Another node may have read some: Send and Fetch run on all of them.
	s, fresh := spent{}, b.fresh(n.kit.Clock.Now(), ids)
	err = social.StateChange(ctx, n.kit.State, key, 62*24*time.Hour, func(kept spent) (spent, bool) {
		s = spent{Month: name, Read: kept.Read + int64(len(fresh))}
		return s, len(fresh) > 0
	})
	if err != nil {
		return 0, err
	}
	for _, id := range fresh { // only now: until the sum is kept nothing is counted
		b.counted[id] = true
	}
	n.note(s, ends)
	return s.Read, nil
}

// maxCounted bounds what is remembered of a day; beyond it posts count anew.
const maxCounted = 100_000

// fresh are those of the posts that were not read today.
func (b *budget) fresh(now time.Time, ids []string) (fresh []string) {
	if day := now.Format(time.DateOnly); b.counted == nil || b.day != day || len(b.counted) > maxCounted {
		b.day, b.counted = day, map[string]bool{}
	}
	for _, id := range ids {
		if !b.counted[id] && !slices.Contains(fresh, id) {
			fresh = append(fresh, id)
		}
	}
	return fresh
}

func (n *Network) note(s spent, ends time.Time) {
	of := n.c.PostsPerMonth
	n.Quota(social.Quota{Name: quotaName, Left: max(of-s.Read, 0), Of: of, Resets: ends})
	b := &n.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	if s.Month != b.now.Month {
		b.warned = false
	}
	b.now, b.text = s, ""
	switch {
	case s.Read >= of:
		b.text = "the month's posts (posts_per_month) are used up: nothing is read until " + ends.Format("2 January 15:04 UTC")
	case float64(s.Read) >= warnAt*float64(of):
		b.text = "more than 80 % of the month's posts (posts_per_month) have been read"
	case s.Read >= n.allowed(n.kit.Clock.Now()):
		b.text = "posts are read later than they could be, so that the month's (posts_per_month) last"
	}
	if b.text != "" && !b.warned {
		b.warned = true
		n.log.Warn("the budget runs low", "read", s.Read, "of", of)
	}
}

// warning is what an operator should know of the budget, "" for nothing.
func (b *budget) warning() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text
}

// allowed is how many posts may be read by a time of the month.
func (n *Network) allowed(now time.Time) int64 {
	_, begins, ends := month(now)
	gone := float64(now.Sub(begins)) / float64(ends.Sub(begins))
	return int64(min(gone+headStart, 1) * float64(n.c.PostsPerMonth))
}

// patience is how long to wait until one more post may be read: nothing in a
// quiet month, until the next one when all are used.
func (n *Network) patience(read int64) time.Duration {
	now := n.kit.Clock.Now()
	_, begins, ends := month(now)
	switch {
	case read >= n.c.PostsPerMonth:
		return ends.Sub(now)
	case read < n.allowed(now):
		return 0
	}
	share := float64(read+1)/float64(n.c.PostsPerMonth) - headStart
	at := begins.Add(time.Duration(share * float64(ends.Sub(begins))))
	return min(max(at.Sub(now), time.Second), ends.Sub(now))
}
