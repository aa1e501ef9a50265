package report

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

const (
	// Kind is the kind of the documents that hold buckets.
	Kind = "report"
	// KeepFor is how long buckets are kept.
	KeepFor = 400 * 24 * time.Hour

	hourForm = "2006-01-02T15" // in UTC
	maxPart  = 120             // bytes of a queue's, network's or intent's name
)

// What buckets count.
const (
	posts                                   = "posts"
	created, assigned, completed            = "created", "assigned", "completed"
	canceled, overdue, inTarget             = "canceled", "overdue", "in_target"
	offers, rejected, timedOut              = "offers", "rejected", "timed_out"
	calls, reached                          = "calls", "reached"
	opened, resolved, reopened, setAside    = "opened", "resolved", "reopened", "set_aside"
	answeredAlone, byPerson                 = "answered_alone", "by_person"
	before, after                           = "before_", "after_" // … negative, neutral, positive
	improved, worsened                      = "improved", "worsened"
	promisesMade, promisesKept, promisesBad = "promises_made", "promises_kept", "promises_broken"
	repliesSent, repliesStaff, repliesBad   = "replies_sent", "replies_staff", "replies_failed"
	asked, rated                            = "asked", "rated_" // … 1 to 5
)

// The times that buckets count.
const (
	waiting       = "waiting"
	handling      = "handling"
	wrapping      = "wrapping"
	firstResponse = "first_response"
)

// Bucket is what happened in one hour in one queue, on one network, about one
// intent; each of these three is "" where it does not apply.
type Bucket struct {
	Hour    time.Time             `json:"hour"`
	Queue   string                `json:"queue,omitempty"`
	Network string                `json:"network,omitempty"`
	Intent  string                `json:"intent,omitempty"`
	Counts  map[string]int64      `json:"counts,omitempty"`
	Times   map[string]*Histogram `json:"times,omitempty"`
}

// ID names the bucket's document.
func (b *Bucket) ID() string {
	return strings.Join([]string{b.Hour.UTC().Format(hourForm), url.PathEscape(b.Queue), url.PathEscape(b.Network), url.PathEscape(b.Intent)}, "/")
}

func (b *Bucket) count(what string) {
	if b.Counts == nil {
		b.Counts = map[string]int64{}
	}
	b.Counts[what]++
}

func (b *Bucket) time(what string, seconds *int64) {
	if seconds == nil {
		return
	}
	if b.Times == nil {
		b.Times = map[string]*Histogram{}
	}
	if b.Times[what] == nil {
		b.Times[what] = &Histogram{}
	}
	b.Times[what].Add(*seconds)
}

// merge adds what another bucket counted.
func (b *Bucket) merge(o *Bucket) {
	if b.Counts == nil {
		b.Counts = map[string]int64{}
	}
	if b.Times == nil {
		b.Times = map[string]*Histogram{}
	}
	for k, n := range o.Counts {
		b.Counts[k] += n
	}
	for k, h := range o.Times {
		if b.Times[k] == nil {
			b.Times[k] = &Histogram{}
		}
		b.Times[k].Merge(h)
	}
}

func readBucket(d *store.Document) (b Bucket, err error) {
	if err := json.Unmarshal(d.Body, &b); err != nil {
		return b, fmt.Errorf("report: bucket %q cannot be read; \"advocate report rebuild\" counts again what is young enough: %w", d.ID, err)
	}
	return b, nil
}

// data is what buckets read of an event.
type data struct {
	Queue     string           `json:"queue"`
	FromQueue string           `json:"from_queue"`
	Network   string           `json:"network"`
	Intent    string           `json:"intent"`
	Kind      string           `json:"kind"`
	Why       string           `json:"why"`
	Outcome   string           `json:"outcome"`
	Means     string           `json:"means"`
	ByPerson  bool             `json:"by_person"`
	InTarget  bool             `json:"in_target"`
	Vis       string           `json:"visibility"`
	Before    domain.Sentiment `json:"sentiment_before"`
	After     domain.Sentiment `json:"sentiment_after"`
	Score     int              `json:"score"`
	Waited    *int64           `json:"waited_seconds"`
	Handled   *int64           `json:"handled_seconds"`
	Wrapped   *int64           `json:"wrap_seconds"`
	First     *int64           `json:"first_response_seconds"`
}

// fold gives what one event adds, nil for nothing. An event that an advocate
// did not emit is none of ours, whatever it is called.
func fold(e *domain.Event) []*Bucket {
	kind, ours := strings.CutPrefix(e.Type, "advocate.")
	if !ours || e.Source != "advocate" {
		return nil
	}
	if _, object, _, err := domain.ParseObjectID(e.ID); err != nil || object != domain.KindEmitted {
		return nil
	}
	var d data
	if len(e.Data) > 0 && json.Unmarshal(e.Data, &d) != nil {
		return nil
	}
	b := &Bucket{Hour: e.Time.UTC().Truncate(time.Hour), Queue: part(d.Queue), Network: part(d.Network), Intent: part(d.Intent)}
	out := []*Bucket{b}
	if what, work := strings.CutPrefix(kind, "workitem."); work {
		if held := foldWork(b, what, &d); held != nil {
			out = append(out, held)
		}
	} else {
		b.Queue = ""
		foldCase(b, kind, &d)
	}
	for i := len(out) - 1; i >= 0; i-- {
		if len(out[i].Counts)+len(out[i].Times) == 0 {
			out = append(out[:i], out[i+1:]...)
		}
	}
	return out
}

// foldWork counts what became of a work item. What it took in the queue that it
// left for another belongs to that one.
func foldWork(b *Bucket, what string, d *data) (left *Bucket) {
	switch what {
	case "created", "canceled", "overdue":
		b.count(what)
	case "reserved":
		b.count(offers)
	case "assigned":
		b.count(assigned)
		b.time(waiting, d.Waited)
		if d.InTarget {
			b.count(inTarget)
		}
	case "pending":
		held := b
		if d.FromQueue != "" {
			held = &Bucket{Hour: b.Hour, Queue: part(d.FromQueue), Network: b.Network, Intent: b.Intent}
			left = held
		}
		held.time(handling, d.Handled)
		held.time(wrapping, d.Wrapped)
		switch domain.ReservationState(d.Why) {
		case domain.ReservationRejected:
			b.count(rejected)
		case domain.ReservationTimeout:
			b.count(timedOut)
		}
	case "completed":
		b.count(completed)
		b.time(handling, d.Handled)
		b.time(wrapping, d.Wrapped)
		if d.Kind != string(domain.Callback) {
			break
		}
		switch d.Means {
		case domain.DispositionReached, domain.DispositionResolved:
			b.count(reached)
			b.count(calls)
		case domain.DispositionNoAnswer, domain.DispositionBusy, domain.DispositionVoicemail, domain.DispositionWrongNumber, domain.DispositionRefused:
			b.count(calls)
		}
	}
	return left
}

// foldCase counts what became of a case and of what was said in it.
func foldCase(b *Bucket, kind string, d *data) {
	switch kind {
	case "post.received":
		b.count(posts)
	case "case.opened":
		b.count(opened)
	case "case.reopened":
		b.count(reopened)
	case "case.resolved":
		foldResolved(b, d)
	case "case.asked":
		b.count(asked)
	case "case.rated":
		if d.Score >= 1 && d.Score <= 5 {
			b.count(fmt.Sprintf("%s%d", rated, d.Score))
		}
	case "reply.sent", "reply.staff":
		b.count(map[string]string{"reply.sent": repliesSent, "reply.staff": repliesStaff}[kind])
		if d.Vis == string(domain.Public) {
			b.time(firstResponse, d.First)
		}
	case "reply.failed":
		b.count(repliesBad)
	case "promise.made":
		b.count(promisesMade)
	case "promise.kept":
		b.count(promisesKept)
	case "promise.broken":
		b.count(promisesBad)
	}
}

// foldResolved counts a case's end. Answered without a person is one in which
// nobody had a hand and which ended in an answer: not in a question of ours
// that stayed open, and not in a "stop".
func foldResolved(b *Bucket, d *data) {
	b.count(resolved)
	if d.Outcome == "set_aside" {
		b.count(setAside)
		return
	}
	switch {
	case d.ByPerson:
		b.count(byPerson)
	case d.Outcome != "unanswered" && d.Outcome != "stopped":
		b.count(answeredAlone)
	}
	from, to := mood(d.Before), mood(d.After)
	if from == 0 || to == 0 {
		return
	}
	b.count(before + string(d.Before))
	b.count(after + string(d.After))
	switch {
	case to > from:
		b.count(improved)
	case to < from:
		b.count(worsened)
	}
}

// mood orders sentiments; 0 is none.
func mood(s domain.Sentiment) int {
	switch s {
	case domain.Negative:
		return 1
	case domain.Neutral:
		return 2
	case domain.Positive:
		return 3
	}
	return 0
}

// part is a name as a bucket's id can hold it.
func part(s string) string {
	s = strings.ToValidUTF8(s, "")
	if len(s) <= maxPart/3 { // escaped, a byte may take three
		return s
	}
	n := maxPart / 3
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
