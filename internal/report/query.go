package report

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// Ways to lay a report out.
const (
	ByNone    = "none"
	ByHour    = "hour"
	ByDay     = "day"
	ByQueue   = "queue"
	ByNetwork = "network"
	ByIntent  = "intent"
)

// Bys lists them.
var Bys = []string{ByNone, ByHour, ByDay, ByQueue, ByNetwork, ByIntent}

const (
	page = 1000
	// MaxSpan is the longest time of one report, MaxHours that of one by hour.
	MaxSpan  = KeepFor
	MaxHours = 31 * 24 * time.Hour
)

// Params ask for a report.
type Params struct {
	From, To time.Time      // whole hours: From's, up to but without To's unless To is within it
	By       string         // one of Bys; "" is day
	Queue    string         // only this one's; "" is all
	Some     bool           // only what belongs to Queues
	Queues   []string       // with Some; what is in no queue belongs to none
	Network  string         //
	Intent   string         //
	Zone     *time.Location // whose days and hours; nil is UTC
}

// Row is one line of a report. A part of which nothing is known is nil.
type Row struct {
	Key      string    `json:"key" doc:"The day, hour, queue, network or intent; all in a report of one row. Empty: what belongs to none."`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Work     *Work     `json:"work,omitempty" doc:"Work for people; missing where there was none."`
	Cases    *Cases    `json:"cases,omitempty" doc:"What customers wrote about; missing where there was nothing, and in a report of a queue: cases have none."`
	Promises *Promises `json:"promises,omitempty"`
	Replies  *Replies  `json:"replies,omitempty"`
	CSAT     *CSAT     `json:"csat,omitempty" doc:"What customers answered when asked how we did."`
}

// Work is what became of work items.
type Work struct {
	Created      int64    `json:"created"`
	Assigned     int64    `json:"assigned" doc:"Times that an agent took one up."`
	InTarget     int64    `json:"in_target" doc:"Of these, within their queue's target."`
	ServiceLevel *float64 `json:"service_level" doc:"The share of assigned that was within the target, from 0 to 1."`
	Completed    int64    `json:"completed"`
	Canceled     int64    `json:"canceled"`
	Overdue      int64    `json:"overdue"`
	Offers       int64    `json:"offers"`
	Rejected     int64    `json:"rejected"`
	TimedOut     int64    `json:"timed_out"`
	Calls        int64    `json:"calls" doc:"Callbacks that ended in a word about the call."`
	Reached      int64    `json:"reached" doc:"Of these, the customer was spoken with."`
	CallsReached *float64 `json:"calls_per_reached" doc:"Calls for each customer who was reached."`
	Waiting      *Times   `json:"waiting,omitempty" doc:"Until an agent took it up."`
	Handling     *Times   `json:"handling,omitempty" doc:"In an agent's hands, without after-contact work."`
	Wrapping     *Times   `json:"wrapping,omitempty" doc:"After-contact work."`
}

// Cases is what became of cases.
type Cases struct {
	Posts         int64    `json:"posts" doc:"What customers wrote in cases."`
	Opened        int64    `json:"opened" doc:"Cases that began."`
	Resolved      int64    `json:"resolved" doc:"Times that a case ended, whenever it began: one that was opened again and ended again counts twice."`
	SetAside      int64    `json:"set_aside" doc:"Of resolved, those that asked for nothing."`
	Reopened      int64    `json:"reopened"`
	ReopenRate    *float64 `json:"reopen_rate" doc:"Reopened for each resolved."`
	ByPerson      int64    `json:"by_person" doc:"Resolved, and a person had a hand in it."`
	AnsweredAlone int64    `json:"answered_alone" doc:"Resolved with an answer, and no person had a hand in it."`
	AloneRate     *float64 `json:"alone_rate" doc:"The share of resolved that was answered alone; those set aside do not count."`
	FirstResponse *Times   `json:"first_response,omitempty" doc:"To public posts."`
	Before        *Moods   `json:"sentiment_before,omitempty" doc:"Of resolved cases, at their first post."`
	After         *Moods   `json:"sentiment_after,omitempty" doc:"At their last."`
	Improved      int64    `json:"improved"`
	Worsened      int64    `json:"worsened"`
}

// Moods counts sentiments.
type Moods struct {
	Negative int64 `json:"negative"`
	Neutral  int64 `json:"neutral"`
	Positive int64 `json:"positive"`
}

// Promises is what became of promises.
type Promises struct {
	Made     int64    `json:"made"`
	Kept     int64    `json:"kept"`
	Broken   int64    `json:"broken"`
	KeptRate *float64 `json:"kept_rate" doc:"The share of those kept or broken that was kept."`
}

// Replies is what left.
type Replies struct {
	Sent   int64 `json:"sent"`
	Staff  int64 `json:"staff" doc:"Written by people in the network's own app."`
	Failed int64 `json:"failed"`
}

// CSAT is what customers thought.
type CSAT struct {
	Asked    int64    `json:"questions"`
	Answers  int64    `json:"answers"`
	Scores   [5]int64 `json:"scores" doc:"Answers of 1, 2, 3, 4 and 5."`
	Mean     *float64 `json:"mean"`
	GoodRate *float64 `json:"good_rate" doc:"The share of 4 and 5."`
}

// Times describes how long something took, in seconds. The mean is exact, the
// percentiles are known to nine in a hundred.
type Times struct {
	Count int64   `json:"count"`
	Mean  float64 `json:"mean_seconds"`
	P50   float64 `json:"p50_seconds"`
	P90   float64 `json:"p90_seconds"`
	P95   float64 `json:"p95_seconds"`
	Max   int64   `json:"max_seconds"`
}

// ParseTime reads a moment of RFC 3339, or a date, which stands for the whole
// day in the zone: for its beginning, or with end for its end.
func ParseTime(field, s string, zone *time.Location, end bool) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.UTC(), nil
	}
	t, err := time.ParseInLocation(time.DateOnly, s, zone)
	if err != nil {
		return t, domain.FieldErrorf(field, "is %.40q; want a date such as 2026-11-22 or a time such as 2026-11-22T09:00:00Z", s)
	}
	if end {
		t = t.AddDate(0, 0, 1)
	}
	return t.UTC(), nil
}

// Ask makes Params of what somebody wrote. What is left out is the last seven
// days up to now, by day, in UTC.
func Ask(from, to, zone string, p Params, now time.Time) (Params, error) {
	var err error
	p.Zone, p.To = time.UTC, now
	if zone != "" {
		if p.Zone, err = time.LoadLocation(zone); err != nil || zone == "Local" {
			return p, domain.FieldErrorf("tz", "is %.40q; want a time zone such as Europe/Berlin", zone)
		}
	}
	if to != "" {
		if p.To, err = ParseTime("to", to, p.Zone, true); err != nil {
			return p, err
		}
	}
	p.From = p.To.AddDate(0, 0, -7)
	if from != "" {
		p.From, err = ParseTime("from", from, p.Zone, false)
	}
	return p, err
}

// Query makes a report. Rows come by time or by key; a report by day or hour has
// a row for each, one without a bucket with nothing in it. What is asked for and
// cannot be is a domain error.
func Query(r store.Reader, p Params) ([]Row, error) {
	if err := p.settle(); err != nil {
		return nil, err
	}
	sums := map[string]*Bucket{}
	var keys []string
	if p.By == ByDay || p.By == ByHour || p.By == ByNone {
		for t := p.From; t.Before(p.To); t = t.Add(time.Hour) {
			if k := p.key(&Bucket{Hour: t}); sums[k] == nil {
				sums[k] = &Bucket{Hour: t}
				keys = append(keys, k)
			}
		}
	}
	end := p.To.Format(hourForm)
	for at := p.From.Format(hourForm); ; {
		docs, err := r.DocumentList(store.DocumentListParams{Kind: Kind, After: at, Limit: page})
		if err != nil {
			return nil, err
		}
		for i := range docs {
			if at = docs[i].ID; at >= end {
				break
			}
			b, err := readBucket(&docs[i])
			if err != nil {
				return nil, err
			}
			if p.Some && !slices.Contains(p.Queues, b.Queue) {
				continue
			}
			if p.Queue != "" && b.Queue != p.Queue || p.Network != "" && b.Network != p.Network || p.Intent != "" && b.Intent != p.Intent {
				continue
			}
			k := p.key(&b)
			if sums[k] == nil {
				sums[k] = &Bucket{Hour: p.From}
			}
			sums[k].merge(&b)
		}
		if len(docs) < page || at >= end {
			break
		}
	}
	if keys == nil {
		keys = slices.Sorted(maps.Keys(sums))
	}
	rows := make([]Row, len(keys))
	for i, k := range keys {
		rows[i] = row(sums[k])
		rows[i].Key, rows[i].From, rows[i].To = k, sums[k].Hour, p.To
		if (p.By == ByDay || p.By == ByHour) && i+1 < len(keys) {
			rows[i].To = sums[keys[i+1]].Hour
		}
	}
	return rows, nil
}

// settle fills in what was left out, and refuses what cannot be answered.
func (p *Params) settle() error {
	p.By = cmp.Or(p.By, ByDay)
	if !slices.Contains(Bys, p.By) {
		return domain.FieldErrorf("by", "is %.40q; want one of %v", p.By, Bys)
	}
	if p.Zone == nil {
		p.Zone = time.UTC
	}
	up := p.To.UTC().Truncate(time.Hour)
	if up.Before(p.To) {
		up = up.Add(time.Hour)
	}
	p.From, p.To = p.From.UTC().Truncate(time.Hour), up
	span := p.To.Sub(p.From)
	switch {
	case span <= 0:
		return domain.FieldErrorf("to", "is not after from")
	case span > MaxSpan:
		return domain.FieldErrorf("from", "is more than %d days before to", int(MaxSpan.Hours()/24))
	case p.By == ByHour && span > MaxHours:
		return domain.FieldErrorf("from", "is more than %d days before to, which is the most of a report by hour", int(MaxHours.Hours()/24))
	}
	return nil
}

func (p *Params) key(b *Bucket) string {
	switch p.By {
	case ByHour:
		return b.Hour.In(p.Zone).Format(time.RFC3339)
	case ByDay:
		return b.Hour.In(p.Zone).Format(time.DateOnly)
	case ByQueue:
		return b.Queue
	case ByNetwork:
		return b.Network
	case ByIntent:
		return b.Intent
	}
	return "all"
}

// row tells a sum.
func row(b *Bucket) Row {
	n := func(what string) int64 { return b.Counts[what] }
	var r Row
	w := Work{
		Created: n(created), Assigned: n(assigned), InTarget: n(inTarget), Completed: n(completed), Canceled: n(canceled), Overdue: n(overdue),
		Offers: n(offers), Rejected: n(rejected), TimedOut: n(timedOut), Calls: n(calls), Reached: n(reached),
		Waiting: times(b.Times[waiting]), Handling: times(b.Times[handling]), Wrapping: times(b.Times[wrapping]),
	}
	if w != (Work{}) {
		w.ServiceLevel, w.CallsReached = share(w.InTarget, w.Assigned), share(w.Calls, w.Reached)
		r.Work = &w
	}
	c := Cases{
		Posts: n(posts), Opened: n(opened), Resolved: n(resolved), SetAside: n(setAside), Reopened: n(reopened),
		ByPerson: n(byPerson), AnsweredAlone: n(answeredAlone), FirstResponse: times(b.Times[firstResponse]),
		Before: moods(b, before), After: moods(b, after), Improved: n(improved), Worsened: n(worsened),
	}
	if c != (Cases{}) {
		c.ReopenRate, c.AloneRate = share(c.Reopened, c.Resolved), share(c.AnsweredAlone, c.Resolved-c.SetAside)
		r.Cases = &c
	}
	if p := (Promises{Made: n(promisesMade), Kept: n(promisesKept), Broken: n(promisesBad)}); p != (Promises{}) {
		p.KeptRate = share(p.Kept, p.Kept+p.Broken)
		r.Promises = &p
	}
	if p := (Replies{Sent: n(repliesSent), Staff: n(repliesStaff), Failed: n(repliesBad)}); p != (Replies{}) {
		r.Replies = &p
	}
	r.CSAT = csat(b)
	return r
}

func csat(b *Bucket) *CSAT {
	c := CSAT{Asked: b.Counts[asked]}
	sum := int64(0)
	for i := range c.Scores {
		c.Scores[i] = b.Counts[fmt.Sprintf("%s%d", rated, i+1)]
		c.Answers += c.Scores[i]
		sum += c.Scores[i] * int64(i+1)
	}
	if c == (CSAT{}) {
		return nil
	}
	c.Mean, c.GoodRate = share(sum, c.Answers), share(c.Scores[3]+c.Scores[4], c.Answers)
	return &c
}

func moods(b *Bucket, when string) *Moods {
	m := Moods{b.Counts[when+string(domain.Negative)], b.Counts[when+string(domain.Neutral)], b.Counts[when+string(domain.Positive)]}
	if m == (Moods{}) {
		return nil
	}
	return &m
}

func times(h *Histogram) *Times {
	if h == nil || h.Count == 0 {
		return nil
	}
	at := func(p float64) float64 {
		s, _ := h.Percentile(p)
		return round(s)
	}
	return &Times{Count: h.Count, Mean: round(float64(h.Sum) / float64(h.Count)), P50: at(50), P90: at(90), P95: at(95), Max: h.Max}
}

// share is nil of nothing.
func share(part, of int64) *float64 {
	if of <= 0 {
		return nil
	}
	x := math.Round(float64(part)/float64(of)*1e4) / 1e4
	return &x
}

func round(x float64) float64 { return math.Round(x*10) / 10 }
