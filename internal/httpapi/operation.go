package httpapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
	"github.com/contact-advocate/advocate/internal/store"
)

func (a *API) registerOperations() {
	const tag = "Operation"
	register(a, call{id: "list-switches", method: "GET", path: "/v1/switches", need: readSetup, tag: tag, summary: "The operator's switches"}, a.listSwitches)
	register(a, call{id: "set-switch", method: "PUT", path: "/v1/switches", need: configure, tag: tag, summary: "Set a switch",
		about: "For everything (all), a network or a rule: live, stopped (nothing leaves), shadow (decide and record, send nothing) or approve " +
			"(a person releases each). A stop anywhere stops; otherwise the narrowest switch that is set holds: rule, network, all. inherit takes " +
			"a switch away, so that the wider one holds again."}, a.setSwitch)
	register(a, call{id: "explain", method: "GET", path: "/v1/explain/{id}", need: readCustomers, tag: tag, summary: "Why",
		about: "Of a post, case, work item, effect, promise, subscription or event of the server's own, by its id, or of a customer: the inputs, the rules " +
			"considered, what came of it. A post is named by its id, by network/id or " +
			"network/label/id where several networks or accounts have it, or by its link. What names it is one part of the path: " +
			"a / in it is written %2F, a ? %3F, a # %23, a % %25, as percent-encoding does (encodeURIComponent)."}, a.explain)
	register(a, call{id: "get-status", method: "GET", path: "/v1/status", need: readSetup, tag: tag, summary: "How the engine stands"}, a.status)
	register(a, call{id: "stream", method: "GET", path: "/v1/stream", need: read, tag: tag, summary: "What changes, as it changes", stream: true,
		about: "Server-sent events: one CloudEvent each, its place in the log as id. Goes on after Last-Event-ID, else from now. " +
			"Where that id's successors are no longer kept, or it is from another database, the first event is called reset."}, a.stream)
	register(a, call{id: "get-metrics", method: "GET", path: "/metrics", need: readSetup, wide: true, tag: tag, summary: "Metrics in Prometheus' format"}, a.metrics)
	register(a, call{id: "get-health", method: "GET", path: "/healthz", need: open, tag: tag, summary: "Whether the process lives"}, a.health)
	register(a, call{id: "get-readiness", method: "GET", path: "/readyz", need: open, tag: tag, summary: "Whether posts and events can be taken"}, a.ready)
	register(a, call{id: "get-openapi", method: "GET", path: "/openapi.json", need: open, tag: tag, summary: "This description"}, a.openapi)
}

func (a *API) listSwitches(ctx context.Context, _ *struct{}) (*listOutput[store.Switch], error) {
	var out []store.Switch
	err := a.view(ctx, func(r store.Reader) (err error) {
		out, err = r.SwitchList()
		return err
	})
	return all(out), err
}

type switchInput struct {
	Body struct {
		Scope string `json:"scope" minLength:"1" maxLength:"200" doc:"all, network:<name> or rule:<name>."`
		Mode  string `json:"mode" enum:"live,stopped,shadow,approve,inherit"`
	}
}

type switchOutput struct {
	Body store.Switch
}

func (a *API) setSwitch(ctx context.Context, in *switchInput) (*switchOutput, error) {
	kind, name, named := strings.Cut(in.Body.Scope, ":")
	if in.Body.Scope != "all" && (!named || name == "" || kind != "network" && kind != "rule") {
		return nil, domain.FieldErrorf("scope", "is %.60q; want all, network:<name> or rule:<name>", in.Body.Scope)
	}
	s := store.Switch{Scope: in.Body.Scope, Mode: in.Body.Mode, By: caller(ctx).Name, At: a.now().UTC()}
	if err := a.o.Engine.SwitchSet(ctx, s); err != nil {
		return nil, err
	}
	return &switchOutput{s}, nil
}

// statusView is the engine's standing in plain figures.
type statusView struct {
	Company              string         `json:"company,omitempty" doc:"As messages sign; missing while the configuration names none."`
	TimeZone             string         `json:"time_zone" doc:"Of customers whose own is unknown."`
	Lang                 string         `json:"default_lang" doc:"For customers whose own is unknown."`
	Running              bool           `json:"running"`
	PlaybookName         string         `json:"playbook_name"`
	PlaybookVersion      int64          `json:"playbook_version"`
	PlaybookHash         string         `json:"playbook_hash"`
	PlaybookBroken       int64          `json:"playbook_broken,omitempty" doc:"An active version that does not compile; the one before decides."`
	Switches             []store.Switch `json:"switches"`
	Customers            int64          `json:"customers"`
	Posts                int64          `json:"posts" doc:"How many are kept: all that were taken in the last 35 days, in a case or not, and deletions whose posts never came. What customers wrote in cases, and when, is told by /v1/reports; together with what searches found, by /v1/live."`
	Events               int64          `json:"events" doc:"How many are kept: those of the last 35 days."`
	Subscriptions        int64          `json:"subscriptions"`
	Orders               int64          `json:"orders"`
	InboxPending         int64          `json:"inbox_pending"`
	OldestPendingSeconds float64        `json:"oldest_pending_seconds"`
	WorkItemsOpen        int64          `json:"work_items_open"`
	EffectsPending       int64          `json:"effects_pending"`
	EffectsHeld          int64          `json:"effects_held"`
	EffectsDead          int64          `json:"effects_dead"`
	OverdueSeconds       float64        `json:"overdue_seconds" doc:"How late the most overdue timer is."`
	StoreFailing         string         `json:"store_failing,omitempty" doc:"Why the store takes no writes; missing while it does."`
	StoreFailingSaid     []said.Part    `json:"store_failing_said,omitempty" doc:"The sentence of store_failing."`
	StoreFailingSince    time.Time      `json:"store_failing_since,omitzero"`
	Stopped              bool           `json:"stopped" doc:"The switch that stops all sending is on."`
	Stuck                int            `json:"stuck" doc:"Customers whose inputs cannot be decided until somebody looks."`
}

type statusOutput struct {
	Body statusView
}

func (a *API) status(ctx context.Context, _ *struct{}) (*statusOutput, error) {
	s, err := a.o.Engine.Status(ctx)
	if err != nil {
		return nil, err
	}
	sw := s.Switches
	if sw == nil {
		sw = []store.Switch{}
	}
	c, policy := s.Counts, a.o.Engine.Policy()
	company := policy.Company
	if company == domain.DefaultCompany {
		company = ""
	}
	return &statusOutput{statusView{
		Company: company, TimeZone: policy.TimeZone, Lang: policy.DefaultLang,
		Running: s.Running, PlaybookName: s.Playbook.Name, PlaybookVersion: s.Playbook.Version, PlaybookHash: s.Playbook.Hash,
		PlaybookBroken: s.Playbook.Broken, Switches: sw, Customers: c.Customers, Posts: c.Posts, Events: c.Events,
		Subscriptions: c.Subscriptions, Orders: c.Orders, InboxPending: c.Inbox, OldestPendingSeconds: s.OldestPending.Seconds(),
		WorkItemsOpen: c.WorkItemsOpen, EffectsPending: c.EffectsPending, EffectsHeld: c.EffectsHeld, EffectsDead: c.EffectsDead,
		OverdueSeconds: s.Overdue.Seconds(), Stopped: s.Stopped, Stuck: len(s.Stuck),
		StoreFailing: s.Store.Failing, StoreFailingSaid: said.Problem(s.Store.Failing), StoreFailingSince: s.Store.Since,
	}}, nil
}

type healthOutput struct {
	Body struct {
		Status  string `json:"status" enum:"ok"`
		Version string `json:"version"`
	}
}

func (a *API) health(context.Context, *struct{}) (*healthOutput, error) {
	out := &healthOutput{}
	out.Body.Status, out.Body.Version = "ok", a.o.Version
	return out, nil
}

// ready asks the engine, which asks its store: an answer means that a post
// sent now would be taken.
func (a *API) ready(ctx context.Context, in *struct{}) (*healthOutput, error) {
	s, err := a.o.Engine.Status(ctx)
	if err == nil && a.o.Ready != nil {
		err = a.o.Ready(ctx)
	}
	why := ""
	switch {
	case err != nil:
		why = "the engine or its store does not answer"
		if p := problemOf(err); p.Status != http.StatusInternalServerError {
			why = p.Detail
		}
	case s.Store.Failing != "":
		why = s.Store.Failing
	case !s.Running:
		why = "the engine is not running"
	case s.Playbook.Version == 0:
		why = "no playbook is active"
	}
	// Balancers ask every second: the log has the changes.
	switch was := a.unready.Swap(&why); {
	case why != "" && (was == nil || *was != why):
		attrs := []any{"why", why}
		if err != nil {
			attrs = append(attrs, "error", err)
		}
		a.log.WarnContext(ctx, "not ready", attrs...)
	case why == "" && was != nil && *was != "":
		a.log.InfoContext(ctx, "ready again", "was", *was)
	}
	if why != "" {
		return nil, problem(domain.CodeUnavailable, "not ready: %s", why)
	}
	return a.health(ctx, in)
}

// metrics and openapi write their bodies themselves.
func (a *API) metrics(context.Context, *struct{}) (*huma.StreamResponse, error) {
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		r, w := humago.Unwrap(ctx)
		a.o.Metrics.Handler().ServeHTTP(w, r)
	}}, nil
}

func (a *API) openapi(context.Context, *struct{}) (*huma.StreamResponse, error) {
	spec, err := a.spec()
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		_, w := humago.Unwrap(ctx)
		w.Header().Set("Content-Type", "application/openapi+json")
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(spec)
	}}, nil
}
