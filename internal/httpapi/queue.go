package httpapi

import (
	"context"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/desk"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
	"github.com/contact-advocate/advocate/internal/store"
)

// queueView is how a queue stands.
type queueView struct {
	Queue           string        `json:"queue"`
	Waiting         int           `json:"waiting" doc:"Due to be offered."`
	Later           int           `json:"later" doc:"Not to be offered yet."`
	Offered         int           `json:"offered"`
	Assigned        int           `json:"assigned"`
	Wrapping        int           `json:"wrapping"`
	OldestSeconds   float64       `json:"oldest_seconds"`
	HandledDay      int           `json:"handled_day" doc:"Completed in the last day."`
	MeanWaitSeconds float64       `json:"mean_wait_seconds" doc:"From creation to completion, of those."`
	Agents          int           `json:"agents" doc:"Who are there for it."`
	Open            bool          `json:"open" doc:"By its hours."`
	Estimate        estimateView  `json:"estimate" doc:"How long a call that comes into it now would wait."`
	Settings        queueSettings `json:"settings"`
	At              time.Time     `json:"at,omitzero" doc:"When the desk last looked; missing while no desk has."`
}

type estimateView struct {
	Known         bool        `json:"known"`
	Why           string      `json:"why,omitempty" doc:"Why nothing is known."`
	WhySaid       []said.Part `json:"why_said,omitempty" doc:"The sentence of why."`
	MedianSeconds int64       `json:"median_seconds,omitempty" doc:"As many wait longer as shorter."`
	UpperSeconds  int64       `json:"upper_seconds,omitempty" doc:"Nine of ten wait no longer."`
	Opens         time.Time   `json:"opens,omitzero" doc:"The queue is closed until then."`
}

type queueSettings struct {
	TargetSeconds    int64             `json:"target_seconds" doc:"Service level: work is accepted within …"`
	TargetShare      int               `json:"target_share" doc:"… in this many of 100 cases."`
	OfferSeconds     int64             `json:"offer_seconds"`
	WrapSeconds      int64             `json:"wrap_seconds"`
	CallAttempts     int               `json:"call_attempts"`
	CallSpaceSeconds int64             `json:"call_spacing_seconds"`
	Dispositions     []dispositionView `json:"dispositions"`
	AnyDisposition   bool              `json:"any_disposition" doc:"The queue lists none of its own: every word ends a work item."`
}

type dispositionView struct {
	Name  string                `json:"name"`
	Label string                `json:"label,omitempty"`
	Means string                `json:"means,omitempty" doc:"What the advocate does then; missing where it only ends the work item."`
	Kinds []domain.WorkItemKind `json:"kinds" doc:"Which work items end so: a call has other endings than a review."`
	Note  bool                  `json:"note" doc:"A note is required."`
}

func (a *API) registerQueues() {
	register(a, call{id: "list-queues", method: "GET", record: recordNever, path: "/v1/queues", need: readWork, tag: "Work items", summary: "How the queues stand",
		about: "By name, with what is set for each; those that the caller's rights reach. Figures of who is there and how long one waits are a few seconds old."}, a.listQueues)
	register(a, call{id: "list-queue-names", method: "GET", record: recordNever, path: "/v1/queues/names", need: work, tag: "Work items", summary: "Where work can be passed on to",
		about: "The names of all queues, one's own or not."}, a.listQueueNames)
}

func (a *API) listQueueNames(context.Context, *struct{}) (*listOutput[string], error) {
	return all(a.o.Engine.Policy().QueueNames()), nil
}

func (a *API) listQueues(ctx context.Context, _ *struct{}) (*listOutput[queueView], error) {
	p, now := a.o.Engine.Policy(), a.now()
	var out []queueView
	err := a.view(ctx, func(r store.Reader) error {
		out = nil
		x, err := reachOf(r, caller(ctx))
		if err != nil {
			return err
		}
		stats, err := r.QueueStats(now)
		if err != nil {
			return err
		}
		known, err := desk.Outlooks(r)
		if err != nil {
			return err
		}
		counts, outlooks := map[string]store.QueueStats{}, map[string]desk.Outlook{}
		for _, s := range stats {
			counts[s.Queue] = s
		}
		for _, o := range known {
			outlooks[o.Queue] = o
		}
		for _, name := range queueNames(p, stats) {
			if x.all() || x.queue(name) {
				out = append(out, viewQueue(p, name, counts[name], outlooks[name], now))
			}
		}
		return nil
	})
	return all(out), err
}

// queueNames are the queues there are, and those that work still waits in.
func queueNames(p *domain.Policy, stats []store.QueueStats) []string {
	more := domain.Policy{Queues: map[string]domain.Queue{}}
	for name := range p.Queues {
		more.Queues[name] = domain.Queue{}
	}
	for i := range stats {
		more.Queues[stats[i].Queue] = domain.Queue{}
	}
	return more.QueueNames()
}

func viewQueue(p *domain.Policy, name string, s store.QueueStats, o desk.Outlook, now time.Time) queueView {
	q := p.Queue(name)
	v := queueView{
		Queue: name, Waiting: s.Waiting, OldestSeconds: s.Oldest.Seconds(), HandledDay: s.Handled, MeanWaitSeconds: s.MeanWait.Seconds(),
		Later: o.Later, Offered: o.Offered, Assigned: o.Assigned, Wrapping: o.Wrapping, Agents: o.Agents, At: o.At, Open: q.OpenAt(now, p.TimeZone),
		Estimate: estimateView{Known: o.Known, Why: o.Why, MedianSeconds: o.Median, UpperSeconds: o.Upper, Opens: o.Opens},
		Settings: queueSettings{
			TargetSeconds: int64(q.Target / time.Second), TargetShare: q.TargetShare, OfferSeconds: int64(q.OfferFor / time.Second),
			WrapSeconds: int64(q.WrapFor / time.Second), CallAttempts: q.CallAttempts, CallSpaceSeconds: int64(q.CallSpacing / time.Second),
			AnyDisposition: len(q.Dispositions) == 0,
		},
	}
	if o.At.IsZero() {
		v.Estimate.Why = "no desk has looked at the queue yet"
	}
	v.Estimate.WhySaid = said.Problem(v.Estimate.Why)
	v.Settings.Dispositions = viewEndings(&q)
	return v
}

// viewEndings shows what work in a queue ends in, each with its kinds of work.
func viewEndings(q *domain.Queue) []dispositionView {
	out := []dispositionView{}
	for _, kind := range domain.WorkItemKinds {
		for _, d := range q.Endings(kind) {
			at := slices.IndexFunc(out, func(v dispositionView) bool { return v.Name == d.Name })
			if at < 0 {
				at, out = len(out), append(out, dispositionView{Name: d.Name, Label: d.Label, Means: d.Means, Note: d.Note})
			}
			out[at].Kinds = append(out[at].Kinds, kind)
		}
	}
	return out
}
