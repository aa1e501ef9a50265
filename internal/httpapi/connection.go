package httpapi

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/social"
)

// linkEngine is what the page of connections needs of the engine.
type linkEngine interface {
	Links(ctx context.Context) ([]engine.Link, error)
}

// connectionView is something outside and how it goes with it.
type connectionView struct {
	Kind     string        `json:"kind" enum:"network,source,component,webhook" doc:"source brings events by signed webhooks; webhook is where notifications are sent."`
	Name     string        `json:"name"`
	Account  string        `json:"account,omitempty" doc:"A network's: ours on it."`
	State    string        `json:"state" enum:"ok,unused,failing,left_alone" doc:"unused: nothing has passed since this process began. left_alone: it has failed so often that it is not asked for a while."`
	Can      *capabilities `json:"can,omitempty" doc:"What a network can do."`
	HeardAt  time.Time     `json:"heard_at,omitzero" doc:"When something last came in from it."`
	WentAt   time.Time     `json:"went_at,omitzero" doc:"When something last went well."`
	TookMS   int64         `json:"took_ms,omitempty" doc:"How long that took."`
	FailedAt time.Time     `json:"failed_at,omitzero" doc:"When something last went wrong."`
	Error    string        `json:"error,omitempty" doc:"What went wrong then."`
	Failures int           `json:"failures,omitempty" doc:"In a row, until now."`
	Fault    social.Fault  `json:"fault,omitempty" doc:"Who has to do something: network, operator …"`
	Mend     string        `json:"mend,omitempty" doc:"What helps, in a sentence; where something is wrong."`
	Remedy   remedy        `json:"remedy,omitempty" enum:"left_alone,refused,network_down,receiver,service,signature,mapping,sender,ours,slow,expiring,expired,quota,not_connected" doc:"mend in a word, for programs and translations."`
	Command  string        `json:"command,omitempty" doc:"With not_connected: what connects the network, where the server runs."`
	Waiting  int           `json:"waiting" doc:"Messages or questions that should have left by now."`
	Lag      float64       `json:"lag_seconds" doc:"How long the oldest of them has waited."`
	Circuit  string        `json:"circuit,omitempty" enum:"closed,open,half_open" doc:"A component's circuit breaker; open: it is not asked."`
	Switch   string        `json:"switch,omitempty" doc:"A network's switch: stopped, shadow or approve."`
	NetworkView
}

type capabilities struct {
	PublicReply    bool `json:"public_reply"`
	PrivateMessage bool `json:"private_message"`
	BringsPosts    bool `json:"brings_posts" doc:"By itself or by webhooks; others are brought over the API."`
	MaxText        int  `json:"max_text,omitempty" doc:"Of a public reply, as the network counts; a longer one is split or shortened. Missing for no limit."`
	MaxPrivateText int  `json:"max_private_text,omitempty" doc:"Of a private message."`
	MaxParts       int  `json:"max_parts,omitempty" doc:"Into how many public replies a long one is split at most; missing where it is shortened."`
	Settles        bool `json:"settles,omitempty" doc:"What came of a reply whose answer was lost is found out without a person."`
	Search         bool `json:"search,omitempty" doc:"It also brings posts that are not written to us."`
	Private        bool `json:"private,omitempty" doc:"It brings private messages."`
	Edits          bool `json:"edits,omitempty" doc:"It tells of edits by itself."`
	Deletions      bool `json:"deletions,omitempty" doc:"It tells of deletions by itself."`
}

// viewCapabilities is what a network can do, for who must know what to expect.
func viewCapabilities(l *engine.Link) *capabilities {
	c := &l.Capabilities
	v := capabilities{
		PublicReply: c.PublicReply, PrivateMessage: c.PrivateMessage, BringsPosts: l.Runs || l.Hook != "", Settles: c.Settles,
		Search: c.In.Search, Private: c.In.Private, Edits: c.In.Edits, Deletions: c.In.Deletes,
	}
	if c.PublicReply {
		v.MaxText, v.MaxParts = c.Public.Text.Max, c.Public.Parts
	}
	if v.MaxParts < 2 {
		v.MaxParts = 0
	}
	if c.PrivateMessage {
		v.MaxPrivateText = c.Private.Text.Max
	}
	return &v
}

func (a *API) registerConnections() {
	register(a, call{id: "list-connections", method: "GET", path: "/v1/connections", need: readSetup, tag: "Operation", summary: "Networks, sources, components, and how it goes with them",
		about: "As the node that answers has seen it since it began; of several nodes each has its own view. By kind and name."}, a.listConnections)
}

func (a *API) listConnections(ctx context.Context, _ *struct{}) (*listOutput[connectionView], error) {
	links, err := a.o.Engine.Links(ctx)
	if err != nil {
		return nil, err
	}
	switches, err := a.listSwitches(ctx, nil)
	if err != nil {
		return nil, err
	}
	commands := map[[2]string]string{}
	if a.o.ToConnect != nil {
		if commands, err = a.o.ToConnect(ctx); err != nil {
			return nil, err
		}
	}
	mode := map[string]string{}
	for _, s := range switches.Body.Items {
		mode[s.Scope] = s.Mode
	}
	var out []connectionView
	for i := range links {
		v := viewLink(&links[i], a.now())
		if v.Kind == engine.LinkNetwork {
			v.Switch = mode["network:"+v.Name]
			if hook := links[i].Hook; hook != "" {
				v.besides(a.sources.view(hook))
			}
			if command := commands[[2]string{v.Name, v.Account}]; command != "" {
				v.unconnected(command)
			}
		}
		out = append(out, v)
	}
	for _, name := range slices.Sorted(maps.Keys(a.o.Hooks)) {
		out = append(out, a.sources.view(name))
	}
	return all(out), nil
}

// lagging is how long something may wait before that is worth a word.
const lagging = time.Minute

func viewLink(l *engine.Link, now time.Time) connectionView {
	v := connectionView{
		Kind: l.Kind, Name: l.Name, Account: l.Account, HeardAt: l.Heard, WentAt: l.Went, TookMS: l.Took.Milliseconds(),
		FailedAt: l.Failed, Error: l.Error, Failures: l.Row, Waiting: l.Waiting, Lag: l.Oldest.Seconds(), Circuit: l.Circuit, State: "ok",
	}
	if l.Kind == engine.LinkNetwork {
		v.Can = viewCapabilities(l)
		v.NetworkView = viewNetwork(l)
	}
	switch {
	case l.Circuit == "open" || l.Circuit == "half_open":
		v.State = "left_alone"
	case l.Row > 0 && !l.Heard.After(l.Failed):
		v.State = "failing"
	case l.Went.IsZero() && l.Heard.IsZero() && l.Failed.IsZero() && l.Health.Mode == "":
		v.State = "unused"
	}
	if v.State == "failing" || v.State == "left_alone" {
		v.Fault, v.Remedy = l.Fault, remedyFor(l)
		v.Mend = remedies[v.Remedy]
	} else if l.Oldest > lagging {
		v.advise(remedySlow, l.Waiting)
	}
	if l.Kind == engine.LinkNetwork {
		v.foresee(l, now)
	}
	return v
}

// remedy is what helps against a failure.
type remedy string

const (
	remedyLeftAlone remedy = "left_alone"
	remedyRefused   remedy = "refused"
	remedyNetwork   remedy = "network_down"
	remedyReceiver  remedy = "receiver"
	remedyService   remedy = "service"
	remedySignature remedy = "signature"
	remedyMapping   remedy = "mapping"
	remedySender    remedy = "sender"
	remedyOurs      remedy = "ours"
	remedySlow      remedy = "slow"
)

// remedies says in words what helps.
var remedies = map[remedy]string{
	remedyLeftAlone:   "The service failed again and again and is left alone for a while; it is tried again by itself. Look whether it runs and whether its address and credentials in the configuration are right.",
	remedyRefused:     "The network refuses us: look at the credentials and permissions of our account there, and at the network's part of the configuration; \"advocate connect\" with --replace takes new credentials.",
	remedyNetwork:     "The network is down, slow or limits us; it is tried again by itself. If it lasts, look at the network's own status page.",
	remedyReceiver:    "Notifications do not arrive: look whether their receiver runs and whether its address in the configuration is right.",
	remedyService:     "Look whether the service runs and whether its address and credentials in the configuration are right; \"advocate doctor\" tries them.",
	remedySignature:   "The signature is not right: the secret here and the one at the sender differ, or somebody else sends.",
	remedyMapping:     "What came could not be mapped to events: look at the source's mapping in the configuration.",
	remedySender:      "What was sent was refused for good, and does not come again by itself: what went wrong says what to change at the sender.",
	remedyOurs:        "We could not take it in; the sender tries again.",
	remedySlow:        "%d wait longer than they should: it is slow, or stopped by a switch.",
	remedyExpiring:    "Our credentials there end in %d days: make new ones with \"advocate connect\".",
	remedyExpired:     "Our credentials there have ended: make new ones with \"advocate connect\".",
	remedyUnconnected: "It is configured and not connected yet: the vault lacks its credentials. The command connects it, without a restart: %s",
	remedyQuota:       "Nearly nothing is left of the quota %q: until it begins anew less is read or sent. Look for less, ask less often, or take a larger tier.",
}

func remedyFor(l *engine.Link) remedy {
	switch {
	case l.Kind == engine.LinkComponent && l.Circuit != "" && l.Circuit != "closed":
		return remedyLeftAlone
	case l.Fault == social.FaultOperator:
		return remedyRefused
	case l.Kind == engine.LinkNetwork:
		return remedyNetwork
	case l.Kind == engine.LinkWebhook:
		return remedyReceiver
	}
	return remedyService
}

// sources remembers how it goes with the sources of signed webhooks.
type sources struct {
	mu sync.Mutex
	by map[string]*connectionView
}

// note writes down what came of one webhook of a configured source or network,
// and reports whether it is the first that was refused since one was taken.
func (s *sources) note(name string, network bool, err error, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by == nil {
		s.by = map[string]*connectionView{}
	}
	v := s.by[name]
	if v == nil {
		v = &connectionView{}
		s.by[name] = v
	}
	if err == nil {
		v.HeardAt, v.WentAt, v.Failures = now, now, 0
		return false
	}
	v.FailedAt, v.Failures, v.Error = now, v.Failures+1, problemOf(err).Detail
	switch code := domain.ErrorCode(err); code {
	case domain.CodeUnauthorized, domain.CodeForbidden:
		v.Fault, v.Remedy = social.FaultOperator, remedySignature
	case domain.CodeInvalid, domain.CodeTooLarge, domain.CodeConflict:
		v.Fault, v.Remedy = social.FaultOperator, remedySender
		if !network && code != domain.CodeConflict {
			v.Remedy = remedyMapping
		}
	default:
		v.Fault, v.Remedy = "", remedyOurs
	}
	v.Mend = remedies[v.Remedy]
	return v.Failures == 1
}

func (s *sources) view(name string) connectionView {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := connectionView{State: "unused"}
	if v := s.by[name]; v != nil {
		out = *v
		out.State = "ok"
		if v.Failures > 0 {
			out.State = "failing"
		} else {
			out.Fault, out.Mend, out.Remedy = "", "", ""
		}
	}
	out.Kind, out.Name = "source", name
	return out
}
