package caseload

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

const (
	trendKind = "trend"
	trendKept = 35 * 24 * time.Hour
	hourForm  = "2006-01-02T15" // in UTC

	maxNames = 400 // things that are counted in one hour; the rest counts as posts only
	maxName  = 100 // bytes
)

// What hours count, before the "/" of a name.
const (
	Posts     = "posts"
	Topic     = "topic"
	Intent    = "intent"
	SKU       = "sku"
	Area      = "area"
	Network   = "network"
	Sentiment = "sentiment"
)

// Hour is how many posts of customers came in an hour, and what they were about:
// posts, topic/late, sku/kettle-2, sentiment/negative …
type Hour struct {
	At     time.Time        `json:"at"`
	Counts map[string]int64 `json:"counts"`
}

// post is one that came in.
type post struct {
	customer domain.CustomerID
	caseID   string
	at       time.Time
	about    []string // of one that is in no case
}

// watchedPost is a post that is in no case, as its event tells of it.
func watchedPost(e *domain.Event, customer domain.CustomerID) post {
	var said struct {
		Network   string   `json:"network"`
		Intent    string   `json:"intent"`
		Sentiment string   `json:"sentiment"`
		Topics    []string `json:"topics"`
	}
	_ = json.Unmarshal(e.Data, &said) // our own; what cannot be read counts as a post
	about := []string{Posts}
	about = addName(about, Network, said.Network)
	about = addName(about, Intent, said.Intent)
	about = addName(about, Sentiment, said.Sentiment)
	for _, topic := range said.Topics {
		about = addName(about, Topic, topic)
	}
	slices.Sort(about)
	return post{customer: customer, at: e.Time, about: slices.Compact(about)}
}

// countedBefore reports whether a case's post was watched before it was in the
// case.
func countedBefore(e *domain.Event) bool {
	var said struct {
		Watched bool `json:"watched"`
	}
	_ = json.Unmarshal(e.Data, &said) // our own; what cannot be read was not watched
	return said.Watched
}

func addName(to []string, what, name string) []string {
	name = strings.ToLower(strings.TrimSpace(name))
	if name == "" || len(name) > maxName {
		return to
	}
	return append(to, what+"/"+name)
}

// Hours reads the hours from a time on, oldest first. One without posts is not
// there.
func Hours(r store.Reader, from time.Time) ([]Hour, error) {
	// An id that is a little smaller than the first hour's.
	after := from.UTC().Truncate(time.Hour).Add(-time.Nanosecond).Format(hourForm)
	docs, err := r.DocumentList(store.DocumentListParams{Kind: trendKind, After: after, Limit: int(trendKept/time.Hour) + 2})
	if err != nil {
		return nil, err
	}
	out := make([]Hour, 0, len(docs))
	for i := range docs {
		h, err := hourOf(&docs[i])
		if err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, nil
}

func hourOf(d *store.Document) (h Hour, err error) {
	if h.At, err = time.Parse(hourForm, d.ID); err == nil {
		err = json.Unmarshal(d.Body, &h.Counts)
	}
	if err != nil {
		err = fmt.Errorf("caseload: the hour %q cannot be read: %w", d.ID, err)
	}
	return h, err
}

// countPosts adds posts to their hours. What a post is about is what its case
// is about now that it was read.
func countPosts(tx store.Tx, posts []post, snaps map[domain.CustomerID]*domain.Snapshot, now time.Time) error {
	more := map[string]map[string]int64{}
	for _, p := range posts {
		id := p.at.UTC().Format(hourForm)
		if more[id] == nil {
			more[id] = map[string]int64{}
		}
		about := p.about
		if about == nil {
			about = About(snaps[p.customer], p.caseID)
		}
		for _, name := range about {
			more[id][name]++
		}
	}
	ids := slices.Sorted(maps.Keys(more))
	if len(ids) == 0 {
		return nil
	}
	docs, err := tx.DocumentGet(trendKind, ids)
	if err != nil {
		return err
	}
	for i, id := range ids {
		sum := map[string]int64{}
		if docs[i].ID != "" {
			h, err := hourOf(&docs[i])
			if err != nil {
				return err
			}
			sum = h.Counts
		}
		for _, name := range slices.Sorted(maps.Keys(more[id])) {
			if _, known := sum[name]; known || len(sum) < maxNames || name == Posts {
				sum[name] += more[id][name]
			}
		}
		if docs[i].Body, err = json.Marshal(sum); err != nil {
			return err
		}
		at, err := time.Parse(hourForm, id)
		if err != nil {
			return err
		}
		docs[i].Kind, docs[i].ID, docs[i].UpdatedAt, docs[i].ExpiresAt = trendKind, id, now, at.Add(trendKept)
	}
	return tx.DocumentPut(docs)
}

// About lists what a case's newest post counts as: topic/late, sku/kettle-2 …
// Orders that are not proven for the writer do not count: a stranger must not
// make a product look bad.
func About(s *domain.Snapshot, caseID string) []string {
	out := []string{Posts}
	if s == nil {
		return out
	}
	c := s.Case(caseID)
	if c == nil {
		return out
	}
	add := func(what, name string) { out = addName(out, what, name) }
	add(Network, c.Identity.Network)
	add(Intent, string(c.Intent))
	add(Sentiment, string(c.Sentiment))
	for _, t := range c.Topics {
		add(Topic, string(t))
	}
	if o := s.Order(c.Focus); o != nil && o.Open && o.Found {
		add(Area, o.Area)
		for _, item := range o.Items {
			add(SKU, item.SKU)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Spike is something that many post about now, against its own usual rate.
type Spike struct {
	Kind   string    `json:"kind" enum:"posts,topic,intent,sku,area" doc:"What there is much of."`
	Name   string    `json:"name,omitempty"`
	Count  int64     `json:"count" doc:"Posts since."`
	Usual  float64   `json:"usual" doc:"How many there are in such a time as a rule."`
	Factor float64   `json:"factor" doc:"How many times as many as usual; of what is new, as if there had been one before."`
	Since  time.Time `json:"since"`
}

// Limits of what counts as a spike. Counts are taken to vary like random
// arrivals do, so that four deviations above the usual come by chance about
// once in thirty thousand looks.
const (
	spikeLeast      = 5 // posts
	spikeFactor     = 3.0
	spikeDeviations = 4.0
	spikeDays       = 14
	spikeHistory    = 6 // hours there must be at least to tell a rule from
	maxSpikes       = 10
)

var spikeKinds = []string{Posts, Topic, Intent, SKU, Area}

// Spikes looks for what many post about in this hour and the one before,
// compared with the same time of day on the fourteen days before, or, while
// there are none, with all hours known. The strongest come first.
func Spikes(hours []Hour, now time.Time) []Spike {
	now = now.UTC()
	this := now.Truncate(time.Hour)
	since := this.Add(-time.Hour)
	span := now.Sub(since).Hours()
	recent := map[string]int64{}
	var first time.Time
	for _, h := range hours {
		if first.IsZero() || h.At.Before(first) {
			first = h.At
		}
		if !h.At.Before(since) && !h.At.After(now) {
			for name, n := range h.Counts {
				recent[name] += n
			}
		}
	}
	if first.IsZero() || since.Sub(first) < spikeHistory*time.Hour {
		return nil
	}
	out := []Spike{}
	for _, name := range slices.Sorted(maps.Keys(recent)) {
		kind, what, _ := strings.Cut(name, "/")
		n := recent[name]
		if !slices.Contains(spikeKinds, kind) || n < spikeLeast {
			continue
		}
		usual := usualRate(hours, name, first, since) * span
		if float64(n) >= usual+spikeDeviations*math.Sqrt(usual+1) && float64(n) >= spikeFactor*usual {
			out = append(out, Spike{kind, what, n, math.Round(usual*10) / 10, math.Round(float64(n)/max(usual, 1)*10) / 10, since})
		}
	}
	slices.SortStableFunc(out, func(a, b Spike) int {
		return cmp.Or(cmp.Compare(b.Factor, a.Factor), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Kind+a.Name, b.Kind+b.Name))
	})
	if len(out) > maxSpikes {
		out = out[:maxSpikes]
	}
	return out
}

// usualRate is how many there are in an hour, as a rule: at this time of day,
// give or take an hour, once that is known of a day; else on the whole.
func usualRate(hours []Hour, name string, first, since time.Time) float64 {
	var near, whole int64
	days := min(spikeDays, int(since.Sub(first).Hours()/24))
	for _, h := range hours {
		if !h.At.Before(since) {
			continue
		}
		whole += h.Counts[name]
		ago := since.Add(30 * time.Minute).Sub(h.At.Add(30 * time.Minute)) // from hour to hour
		day := time.Duration(math.Round(ago.Hours()/24)) * 24 * time.Hour
		if off := ago - day; day >= 24*time.Hour && day <= time.Duration(spikeDays)*24*time.Hour && off.Abs() <= 2*time.Hour {
			near += h.Counts[name]
		}
	}
	if days >= 1 {
		return float64(near) / float64(5*days)
	}
	return float64(whole) / max(1, since.Sub(first).Hours())
}
