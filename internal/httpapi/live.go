package httpapi

import (
	"context"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/caseload"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// liveView is what a supervisor looks at.
type liveView struct {
	At        time.Time        `json:"at"`
	Queues    []queueView      `json:"queues" doc:"Those that whoever asks may see."`
	Agents    agentFigures     `json:"agents" doc:"Those of the queues that whoever asks may see."`
	Promises  promiseFigures   `json:"promises"`
	Posts     *postFigures     `json:"posts,omitempty" doc:"As sentiment and spikes this is of the whole company: missing for rights that reach some queues only."`
	Sentiment []sentimentHour  `json:"sentiment,omitzero" doc:"Of what came in today, by hour; an hour without posts is missing."`
	Spikes    []caseload.Spike `json:"spikes,omitzero" doc:"What many post about in this hour and the one before, against its own usual rate; the strongest first."`
}

type agentFigures struct {
	Available int `json:"available"`
	Busy      int `json:"busy"`
	Break     int `json:"break"`
	Offline   int `json:"offline"`
	Wrapping  int `json:"wrapping" doc:"Work items in after-contact work."`
	Assigned  int `json:"assigned" doc:"Work items in somebody's hands."`
	Offered   int `json:"offered" doc:"Offers that wait for an answer."`
}

type promiseFigures struct {
	AtRisk  int           `json:"at_risk" doc:"Due within the hour, or overdue; 100 means as many or more."`
	Overdue int           `json:"overdue" doc:"Of these."`
	First   []promiseView `json:"first,omitzero" doc:"The soonest due of them, at most ten; missing for who may not read customers."`
}

type postFigures struct {
	Hour  int64 `json:"hour" doc:"What customers wrote in cases and what searches found, in this hour so far."`
	Today int64 `json:"today" doc:"The same since midnight, in the company's time zone."`
}

type sentimentHour struct {
	At       time.Time `json:"at"`
	Negative int64     `json:"negative"`
	Neutral  int64     `json:"neutral"`
	Positive int64     `json:"positive"`
}

const (
	maxAtRisk   = 100
	shownAtRisk = 10
)

func (a *API) registerLive() {
	register(a, call{id: "get-live", method: "GET", path: "/v1/live", need: reports, record: recordShown, tag: "Reports", summary: "How things stand now",
		about: "Queues with their outlooks, agents, promises at risk, the sentiment of the day, and what many post about. It is meant for every few seconds; " +
			"what happens in between is told by the stream."}, a.live)
}

type liveOutput struct {
	Body liveView
}

func (o *liveOutput) lists() {}

// shows says whose promises are named; all else are sums.
func (o *liveOutput) shows() (out []shown) {
	for _, p := range o.Body.Promises.First {
		out = append(out, p)
	}
	return out
}

func (a *API) live(ctx context.Context, _ *struct{}) (*liveOutput, error) {
	now := a.now().UTC()
	queues, err := a.listQueues(ctx, nil)
	if err != nil {
		return nil, err
	}
	out := &liveOutput{}
	err = a.view(ctx, func(r store.Reader) error {
		out.Body = liveView{At: now, Queues: []queueView{}}
		m, err := a.matters(r, caller(ctx))
		if err != nil {
			return err
		}
		out.Body.Queues = append(out.Body.Queues, queues.Body.Items...)
		if err := out.Body.Agents.read(r, m.x); err != nil {
			return err
		}
		for _, q := range out.Body.Queues {
			out.Body.Agents.Wrapping += q.Wrapping
			out.Body.Agents.Assigned += q.Assigned
			out.Body.Agents.Offered += q.Offered
		}
		atRisk, _, err := a.openPromises(m, &promisesInput{PageInput: PageInput{Limit: maxAtRisk}, Before: now.Add(riskTime)})
		if err != nil {
			return err
		}
		out.Body.Promises.count(atRisk)
		if m.x.who.Can(auth.ReadCustomers) {
			out.Body.Promises.First = atRisk[:min(len(atRisk), shownAtRisk)]
		}
		if !m.all() {
			return nil
		}
		hours, err := caseload.Hours(r, now.AddDate(0, 0, -15))
		if err != nil {
			return err
		}
		out.Body.count(hours, midnight(now, a.o.Engine.Policy().TimeZone))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// read counts the agents that a caller may see by what they are doing.
func (f *agentFigures) read(r store.Reader, x *reach) error {
	for after := ""; ; {
		docs, err := r.DocumentList(store.DocumentListParams{Kind: store.AgentKind, After: after, Limit: maxPage})
		if err != nil {
			return err
		}
		for i := range docs {
			after = docs[i].ID
			g, err := store.AgentOf(docs[i])
			if err != nil {
				return err
			}
			if g.Disabled || !x.agent(&g) {
				continue
			}
			switch g.Activity {
			case domain.ActivityAvailable:
				f.Available++
			case domain.ActivityBusy:
				f.Busy++
			case domain.ActivityBreak:
				f.Break++
			default:
				f.Offline++
			}
		}
		if len(docs) < maxPage {
			return nil
		}
	}
}

func (f *promiseFigures) count(atRisk []promiseView) {
	f.AtRisk = len(atRisk)
	for i := range atRisk {
		if atRisk[i].Overdue {
			f.Overdue++
		}
	}
}

// count reads the day's posts and what stands out among them.
func (v *liveView) count(hours []caseload.Hour, from time.Time) {
	v.Posts, v.Sentiment, v.Spikes = &postFigures{}, []sentimentHour{}, []caseload.Spike{}
	for _, h := range hours {
		if h.At.Add(time.Hour).After(from) {
			v.Posts.Today += h.Counts[caseload.Posts]
			of := func(s domain.Sentiment) int64 { return h.Counts[caseload.Sentiment+"/"+string(s)] }
			v.Sentiment = append(v.Sentiment, sentimentHour{h.At, of(domain.Negative), of(domain.Neutral), of(domain.Positive)})
		}
		if h.At.Equal(v.At.Truncate(time.Hour)) {
			v.Posts.Hour = h.Counts[caseload.Posts]
		}
	}
	if found := caseload.Spikes(hours, v.At); found != nil {
		v.Spikes = found
	}
}

// midnight is when the day began where the company is. Where its clock is no
// whole hours from UTC's, the hour around midnight counts to the day.
func midnight(now time.Time, zone string) time.Time {
	at, err := time.LoadLocation(zone)
	if err != nil {
		at = time.UTC
	}
	y, m, d := now.In(at).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, at)
}
