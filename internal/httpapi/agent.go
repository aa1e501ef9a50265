package httpapi

import (
	"context"
	"regexp"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/desk"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
	"github.com/contact-advocate/advocate/internal/store"
)

// AgentView is an agent as those who work with them see them.
type AgentView struct {
	ID            string          `json:"id" doc:"The person's login, or the token's name."`
	Name          string          `json:"name,omitempty"`
	Queues        []string        `json:"queues"`
	Skills        map[string]int  `json:"skills" doc:"Proficiency, 1 to 5."`
	Langs         []string        `json:"langs" doc:"Languages spoken; none: the company's own."`
	Capacity      int             `json:"capacity" doc:"Work items at once."`
	Activity      domain.Activity `json:"activity" enum:"available,busy,break,offline"`
	ActivityWhy   string          `json:"activity_reason,omitempty" doc:"Not for other agents."`
	ActivitySaid  []said.Part     `json:"activity_reason_said,omitempty" doc:"The sentences of the reason; missing where it is somebody's own word."`
	ActivitySince time.Time       `json:"activity_since"`
	Doing         domain.Activity `json:"doing" enum:"available,busy,break,offline,after_contact_work" doc:"The activity, or after_contact_work while a work item wraps."`
	Offered       int             `json:"offered" doc:"Offers that wait for an answer."`
	Assigned      int             `json:"assigned"`
	Wrapping      int             `json:"wrapping"`
	Room          int             `json:"room" doc:"How many more work items they could take."`
	Missed        int             `json:"missed,omitempty" doc:"Offers in a row that ran out; not for other agents."`
	Disabled      bool            `json:"disabled,omitempty"`
	Version       int64           `json:"version"`
}

// viewAgent shows an agent with what they hold.
func viewAgent(r store.Reader, x *reach, g domain.Agent) (AgentView, error) {
	v := AgentView{
		ID: g.ID, Name: g.Name, Queues: g.Queues, Skills: g.Skills, Langs: g.Langs, Capacity: g.Capacity,
		Activity: g.Activity, ActivitySince: g.ActivitySince, Doing: g.Activity, Disabled: g.Disabled, Version: g.Version,
	}
	if g.ID == x.who.Name || !x.confined() {
		v.ActivityWhy, v.ActivitySaid, v.Missed = g.ActivityWhy, said.Of(g.ActivityWhy), g.Missed
	}
	if v.Queues == nil {
		v.Queues = []string{}
	}
	if v.Langs == nil {
		v.Langs = []string{}
	}
	if v.Skills == nil {
		v.Skills = map[string]int{}
	}
	held, err := r.WorkItemList(store.WorkItemListParams{Holder: g.ID, Open: true, Limit: 2 * domain.MaxAgentCapacity})
	for i := range held {
		switch held[i].State {
		case domain.WorkReserved:
			v.Offered++
		case domain.WorkWrapping:
			v.Wrapping++
		default:
			v.Assigned++
		}
	}
	v.Room = max(g.Capacity-len(held), 0)
	if v.Wrapping > 0 && (g.Activity == domain.ActivityAvailable || g.Activity == domain.ActivityBusy) {
		v.Doing = domain.ActivityWrapping
	}
	return v, err
}

type agentOutput struct {
	ETag string `header:"ETag"`
	Body AgentView
}

type AgentInput struct {
	ID string `path:"id" maxLength:"63" doc:"The agent's id: a person's login, or a token's name."`
}

// agentID is what logins and tokens' names have in common; the words that mean
// somebody else are not among them.
var (
	agentID  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@+-]{0,62}$`)
	noAgents = []string{"me", desk.Name, domain.OwnerAdvocate}
)

func (a *API) registerAgents() {
	const tag = "Agents"
	register(a, call{id: "list-agents", method: "GET", record: recordNever, path: "/v1/agents", need: readWork, tag: tag, summary: "Agents",
		about: "By id. An agent sees those of their own queues."}, a.listAgents)
	register(a, call{id: "get-agent", method: "GET", record: recordNever, path: "/v1/agents/{id}", need: readWork, tag: tag, summary: "An agent"}, a.getAgent)
	registerOnce(a, call{id: "put-agent", method: "PUT", path: "/v1/agents/{id}", need: supervise, tag: tag, summary: "Add or change an agent",
		about: "A new agent is offline. One that is there is changed with If-Match, so that nobody's change is lost."}, a.putAgent, a.sameAgent)
	register(a, call{id: "get-me", method: "GET", record: recordNever, path: "/v1/agents/me", need: work, tag: tag, summary: "The agent that asks"}, a.getMe)
	registerOnce(a, call{id: "set-my-activity", method: "PUT", path: "/v1/agents/me/activity", need: work, tag: tag, summary: "Say what one is doing",
		about: "available may be offered work; busy, break and offline are not. An offer that waits for an answer is taken back."}, a.setMyActivity,
		func(ctx context.Context, _ *myActivityInput) (*agentOutput, error) { return a.getMe(ctx, nil) })
	registerOnce(a, call{id: "set-activity", method: "PUT", path: "/v1/agents/{id}/activity", need: supervise, tag: tag,
		summary: "Say what an agent is doing", about: "By a supervisor of one of the agent's queues."}, a.setActivity,
		func(ctx context.Context, in *activityInput) (*agentOutput, error) {
			return a.getAgent(ctx, &in.AgentInput)
		})
	a.registerReservations()
}

func (a *API) listAgents(ctx context.Context, in *PageInput) (*listOutput[AgentView], error) {
	var out []AgentView
	err := a.view(ctx, func(r store.Reader) error {
		out = nil
		x, err := reachOf(r, caller(ctx))
		if err != nil {
			return err
		}
		for after := in.Cursor; len(out) <= in.limit(); {
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
				if !x.agent(&g) || len(out) > in.limit() {
					continue
				}
				v, err := viewAgent(r, x, g)
				if err != nil {
					return err
				}
				out = append(out, v)
			}
			if len(docs) < maxPage {
				return nil
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return paged(out, in.limit(), func(v AgentView) string { return v.ID }), nil
}

func (a *API) getAgent(ctx context.Context, in *AgentInput) (*agentOutput, error) {
	out := &agentOutput{}
	err := a.view(ctx, func(r store.Reader) error {
		x, err := reachOf(r, caller(ctx))
		if err != nil {
			return err
		}
		docs, err := r.DocumentGet(store.AgentKind, []string{in.ID})
		if err != nil {
			return err
		}
		g, err := store.AgentOf(docs[0])
		switch {
		case err != nil:
			return err
		case g.ID == "" && in.ID == x.who.Name:
			return domain.Errorf(domain.CodeNotFound, "you are no agent: a supervisor adds one with PUT /v1/agents/%s", in.ID)
		case g.ID == "", !x.agent(&g):
			return domain.Errorf(domain.CodeNotFound, "there is no agent %.60q", in.ID)
		}
		out.ETag = etag(g.Version)
		out.Body, err = viewAgent(r, x, g)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (a *API) getMe(ctx context.Context, _ *struct{}) (*agentOutput, error) {
	return a.getAgent(ctx, &AgentInput{caller(ctx).Name})
}

type putAgentInput struct {
	AgentInput
	VersionInput
	OnceInput
	Body struct {
		Name     string         `json:"name,omitempty" maxLength:"200"`
		Queues   []string       `json:"queues,omitempty" maxItems:"100"`
		Skills   map[string]int `json:"skills,omitempty" doc:"Proficiency, 1 to 5."`
		Langs    []string       `json:"langs,omitempty" maxItems:"50" doc:"BCP 47; none: the company's own language."`
		Capacity int            `json:"capacity,omitempty" minimum:"1" maximum:"20" default:"1" doc:"Work items at once."`
		Disabled bool           `json:"disabled,omitempty" doc:"Gets no work and can say no activity."`
	}
}

func (a *API) sameAgent(ctx context.Context, in *putAgentInput) (*agentOutput, error) {
	return a.getAgent(ctx, &in.AgentInput)
}

func (a *API) putAgent(ctx context.Context, in *putAgentInput) (*agentOutput, error) {
	if !agentID.MatchString(in.ID) || slices.Contains(noAgents, in.ID) {
		return nil, domain.FieldErrorf("id", "is %.70q; want a person's login or a token's name", in.ID)
	}
	version, given, err := in.version()
	if err == nil {
		err = domain.CheckName("name", in.Body.Name)
	}
	if err != nil {
		return nil, err
	}
	for _, l := range in.Body.Langs {
		if !langTag.MatchString(l) {
			return nil, domain.FieldErrorf("langs", "names %.40q; want a language such as \"en\" or \"pt-BR\"", l)
		}
	}
	x, err := a.reach(ctx)
	if err != nil {
		return nil, err
	}
	had, err := a.agents.Get(ctx, in.ID)
	if err != nil && domain.ErrorCode(err) != domain.CodeNotFound {
		return nil, err
	}
	if had.ID != "" && !x.agent(&had) {
		return nil, domain.Errorf(domain.CodeForbidden, "the agent %.60q works in none of your queues", in.ID)
	}
	switch {
	case had.ID != "" && !given:
		return nil, unread("the agent " + in.ID)
	case version != 0 && version != had.Version:
		return nil, lost("the agent", had.Version)
	}
	if !x.all() {
		for _, q := range append(slices.Clone(in.Body.Queues), had.Queues...) {
			if slices.Contains(in.Body.Queues, q) != slices.Contains(had.Queues, q) && !x.queue(q) {
				return nil, noQueue(q)
			}
		}
		if had.ID == "" && !slices.ContainsFunc(in.Body.Queues, x.queue) {
			return nil, domain.Errorf(domain.CodeForbidden, "the agent %.60q works in none of your queues", in.ID)
		}
		if had.ID == "" {
			if err := a.mayNarrow(ctx, in.ID); err != nil {
				return nil, err
			}
		}
	}
	capacity := in.Body.Capacity
	if capacity == 0 {
		capacity = 1
	}
	_, err = a.agents.Put(ctx, domain.Agent{
		ID: in.ID, Name: domain.Clip(domain.CleanText(in.Body.Name), 200), Queues: in.Body.Queues, Skills: in.Body.Skills, Langs: in.Body.Langs,
		Capacity: capacity, Disabled: in.Body.Disabled, Version: had.Version,
	}, caller(ctx).Name)
	if domain.ErrorCode(err) == domain.CodeConflict {
		return nil, lost("the agent", had.Version+1)
	}
	if err != nil {
		return nil, err
	}
	return a.getAgent(ctx, &in.AgentInput)
}

// mayNarrow reports whether the caller may make an agent of a login or token:
// from then on it sees its agent's queues and no others, which is not for
// somebody to say whose own rights reach less far.
func (a *API) mayNarrow(ctx context.Context, name string) error {
	who := caller(ctx)
	narrows := func(queues []string) error {
		if len(queues) > 0 && !slices.ContainsFunc(queues, func(q string) bool { return !who.MayQueue(q) }) {
			return nil
		}
		return domain.Errorf(domain.CodeForbidden, "%.60q has rights in queues that are not yours; ask an administrator to make an agent of it", name)
	}
	rows, err := a.tokens(ctx)
	if err != nil {
		return err
	}
	for i := range rows {
		if g, err := auth.ParseGrant(rows[i].Role); rows[i].Name == name && err == nil {
			return narrows(g.Queues)
		}
	}
	if a.o.People == nil {
		return nil
	}
	switch u, err := a.o.People.User(ctx, name); {
	case domain.ErrorCode(err) == domain.CodeNotFound:
		return nil
	case err != nil:
		return err
	default:
		return narrows(u.Queues)
	}
}

// langTag is enough of BCP 47 to tell a language from a mistake.
var langTag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$`)

// activityBody is what somebody says an agent is doing.
type activityBody struct {
	Activity domain.Activity `json:"activity" enum:"available,busy,break,offline"`
	Reason   string          `json:"reason,omitempty" maxLength:"200"`
}

type myActivityInput struct {
	OnceInput
	Body activityBody
}

type activityInput struct {
	AgentInput
	OnceInput
	Body activityBody
}

func (a *API) setMyActivity(ctx context.Context, in *myActivityInput) (*agentOutput, error) {
	me := caller(ctx).Name
	if _, err := a.getMe(ctx, nil); err != nil {
		return nil, err
	}
	if _, err := a.agents.SetActivity(ctx, me, in.Body.Activity, in.Body.Reason, me); err != nil {
		return nil, err
	}
	a.feed.Changed()
	return a.getMe(ctx, nil)
}

func (a *API) setActivity(ctx context.Context, in *activityInput) (*agentOutput, error) {
	if _, err := a.getAgent(ctx, &in.AgentInput); err != nil {
		return nil, err
	}
	if _, err := a.agents.SetActivity(ctx, in.ID, in.Body.Activity, in.Body.Reason, caller(ctx).Name); err != nil {
		return nil, err
	}
	a.feed.Changed()
	return a.getAgent(ctx, &in.AgentInput)
}
