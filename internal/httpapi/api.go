package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/console"
	"github.com/contact-advocate/advocate/internal/desk"
	"github.com/contact-advocate/advocate/internal/feed"
	"github.com/contact-advocate/advocate/internal/outbound"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/social/sandbox"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/telemetry"
)

// Options say what the API stands on. Engine and Store are required.
type Options struct {
	Engine     Engine
	Store      store.Store
	Sandbox    *sandbox.Network // nil: the sandbox network and its page are off
	Hooks      map[string]Hook  // by source
	Feed       *feed.Feed       // who follows the event log, and runs; nil: one of its own
	Now        func() time.Time // time.Now by default
	Logger     *slog.Logger
	Metrics    *telemetry.Metrics
	Version    string
	Company    string                          // as the sandbox page shows it
	DemoInside bool                            // the sandbox page shows what the advocate knows; loopback only
	Demo       []DemoCustomer                  // who the sandbox page offers to be
	Ready      func(ctx context.Context) error // what else must be well for /readyz; may be nil
	Webhooks   *outbound.Service               // nil: none

	SandboxHere bool // the sandbox network is off for everybody but this machine

	// ToConnect gives the networks that are configured and lack credentials, by
	// network and account, and the command that connects each; may be nil.
	ToConnect func(ctx context.Context) (map[[2]string]string, error)

	Erased func(ctx context.Context) error // called after a customer was erased; may be nil

	// Scenarios plays scenarios against a playbook; nil: not here.
	Scenarios func(ctx context.Context, name string, source []byte, scenarios []playbook.Scenario) ([]ScenarioResult, error)
	Audit     *auth.AuditLog   // who saw and changed what; nil: one of the API's own, which Close ends
	People    *auth.Service    // nil: nobody signs in, tokens alone count
	OIDC      *auth.OIDC       // who vouches for people; nil: nobody
	Address   func() string    // where browsers reach this server, such as https://desk.example.com; may be nil
	Console   *console.Console // what is at /; nil: it was not built
}

// API serves the HTTP interface. It is an http.Handler.
type API struct {
	o        Options
	log      *slog.Logger
	now      func() time.Time
	mux      *http.ServeMux
	huma     huma.API
	verifier *auth.Verifier
	console  *console.Console // never nil
	unbuilt  []byte           // the page in place of a console that was not built
	cross    *http.CrossOriginProtection
	routes   []Route
	answers  []answers
	streams  map[string]bool   // patterns of routes that may stay open
	needs    map[string]access // what each pattern asks of its caller
	rooms    *rooms
	agents   *desk.Agents
	feed     *feed.Feed // nil without a store
	fan      *fan
	audit    *auth.AuditLog // nil without a store
	ownAudit bool
	steady   steady
	standing standing

	playing sync.Mutex // held by whoever has scenarios played
	sources sources

	unready   atomic.Pointer[string] // why /readyz last said no, "" where it said yes
	tail      atomic.Int64           // the last event that a stream saw
	closing   chan struct{}
	closeOnce sync.Once
}

// Route is one call and what it asks for: a permission or a role, or "open",
// "sandbox", "inside", "signed", "anyone" or "account".
type Route struct {
	Method, Path, Access string
}

// New makes an API.
func New(o Options) *API {
	if o.Engine == nil || o.Store == nil {
		panic("httpapi: Engine and Store are required")
	}
	return build(o)
}

func build(o Options) *API {
	a := &API{
		o: o, log: o.Logger, now: o.Now, mux: http.NewServeMux(), cross: http.NewCrossOriginProtection(),
		streams: map[string]bool{}, needs: map[string]access{}, rooms: newRooms(), closing: make(chan struct{}), feed: o.Feed,
	}
	if a.console = o.Console; a.console == nil {
		a.console = new(console.Console)
	}
	if a.now == nil {
		a.now = time.Now
	}
	if a.log == nil {
		a.log = telemetry.Discard()
	}
	if a.o.Version == "" {
		a.o.Version = "dev"
	}
	if o.Store != nil {
		a.verifier = auth.NewVerifier(o.Store, a.now)
		a.agents = desk.NewAgents(o.Store, a.now, o.Engine.Policy)
		own := a.feed == nil
		if own {
			a.feed = feed.New(o.Store, a.log)
		}
		a.fan = newFan(a.feed, own)
		if a.audit = o.Audit; a.audit == nil {
			a.audit, a.ownAudit = auth.NewAuditLog(o.Store, a.now), true
		}
	}
	if o.People != nil {
		o.People.OnSessionEnd(a.standing.sessionsEnded)
	}
	a.cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, problem("forbidden", "a page of another origin may not do this"))
	}))
	a.huma = humago.New(a.mux, humaConfig(a.o.Version))
	a.registerIngest()
	a.registerCustomers()
	a.registerRights()
	a.registerCases()
	a.registerCaseLists()
	a.registerRemarks()
	a.registerLabels()
	a.registerWorkItems()
	a.registerAgents()
	a.registerReports()
	a.registerLive()
	a.registerConnections()
	a.registerEffects()
	a.registerPlaybooks()
	a.registerPlaybookTools()
	a.registerMacros()
	a.registerLooking()
	a.registerWebhooks()
	a.registerSessions()
	a.registerAccount()
	a.registerPeople()
	a.registerTokens()
	a.registerAudit()
	a.registerOperations()
	a.registerSandbox()
	a.registerInside()
	a.registerPages()
	slices.SortFunc(a.routes, func(x, y Route) int {
		return strings.Compare(x.Path+" "+x.Method, y.Path+" "+y.Method)
	})
	return a
}

func humaConfig(version string) huma.Config {
	c := huma.DefaultConfig("Contact Advocate", version)
	c.Info.Description = "Posts and events in, what the advocates know and why they acted out. " +
		"Errors are problem details (RFC 9457) with a stable code; lists are paged with a cursor; times are RFC 3339 in UTC."
	c.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer", BearerFormat: "adv_…", Description: "Made with \"advocate token create\"."},
		"session": {Type: "apiKey", In: "cookie", Name: "__Host-advocate", Description: "A person's session, from signing in. " +
			"Without TLS the cookie is called advocate. It counts for requests of this server's own pages only; an Authorization header counts before it. " +
			"A page says for whom it asks with Advocate-As, a login: the call is refused with 409 and the code another_session when the session is somebody else's by now."},
	}
	// huma would serve these itself; its page loads scripts from elsewhere, and
	// its links add a $schema to every body.
	c.OpenAPIPath, c.DocsPath, c.SchemasPath, c.CreateHooks = "", "", "", nil
	return c
}

// schemaName keeps apart types of the same name: sandbox.Post is SandboxPost.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	switch pkg := path.Base(t.PkgPath()); pkg {
	case "sandbox", "store", "engine", "report":
		return strings.ToUpper(pkg[:1]) + pkg[1:] + name
	}
	return name
}

// call describes a route to register.
type call struct {
	id, method, path string
	need             access
	summary, about   string
	tag              string
	status           int   // of success; 200 by default
	maxBody          int64 // maxSmallBody by default
	stream           bool  // stays open: no time limit
	wide             bool  // no queue divides it, whatever its permission
	record           recording
	noun             string // of what the path names, for the audit log; by default the path's own without its s
}

// answers is a call with what its handler takes and gives.
type answers struct {
	call    *call
	in, out reflect.Type
}

// register adds a route to the mux, the OpenAPI description and the table of
// access, all three from one place.
func register[I, O any](a *API, c call, handler func(context.Context, *I) (*O, error)) *huma.Operation {
	if c.maxBody == 0 {
		c.maxBody = maxSmallBody
	}
	op := huma.Operation{
		OperationID: c.id, Method: c.method, Path: c.path, Summary: c.summary, Description: c.about, Tags: []string{c.tag},
		DefaultStatus:   c.status,
		MaxBodyBytes:    c.maxBody + 1, // huma refuses a body of exactly the limit
		BodyReadTimeout: bodyTime,
		Middlewares:     huma.Middlewares{a.guard(&c)},
		Extensions:      map[string]any{"x-access": string(c.need)},
	}
	switch {
	case c.need.free():
		op.Security = []map[string][]string{}
	case c.need == account:
		op.Security = []map[string][]string{{"session": {}}}
	default:
		op.Security = []map[string][]string{{"token": {}}, {"session": {}}}
	}
	a.routes = append(a.routes, Route{c.method, c.path, string(c.need)})
	a.needs[c.method+" "+c.path] = c.need
	a.answers = append(a.answers, answers{&c, reflect.TypeFor[*I](), reflect.TypeFor[*O]()})
	if c.stream {
		a.streams[c.method+" "+c.path] = true
	}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handler(ctx, in)
		if unseen := a.trace(ctx, in, out, err); unseen != nil && err == nil {
			err = unseen // what failed showed nothing, and says why itself
		}
		if err != nil {
			p := problemOf(err)
			a.logCause(ctx, p)
			return nil, p
		}
		return out, nil
	})
	item := a.huma.OpenAPI().Paths[c.path]
	for _, o := range []*huma.Operation{item.Get, item.Post, item.Put, item.Delete} {
		if o != nil && o.Method == c.method {
			return o
		}
	}
	panic("httpapi: " + c.method + " " + c.path + " was not registered")
}

// Routes lists every call with its access, by path.
func (a *API) Routes() []Route { return slices.Clone(a.routes) }

// Spec is the OpenAPI 3.1 description as JSON, the same for every start of
// one version.
func Spec() ([]byte, error) {
	return build(Options{}).spec()
}

func (a *API) spec() ([]byte, error) { return a.huma.OpenAPI().MarshalJSON() }

// Changed says that there may be something new in the event log. The engine's
// observer calls it after a commit; it does not block.
func (a *API) Changed() { a.feed.Changed() }

// Close ends open streams, so that a server can shut down, and what follows the
// log for them. Calling it twice does nothing.
func (a *API) Close() {
	a.closeOnce.Do(func() {
		close(a.closing)
		if a.fan != nil {
			a.fan.stop()
		}
		if a.ownAudit {
			_ = a.audit.Close() // gives no error
		}
	})
}

// Server makes an HTTP server for the API with every timeout set. Its
// Shutdown ends open streams first.
func (a *API) Server(addr string) *http.Server {
	s := &http.Server{
		Addr: addr, Handler: a,
		ReadHeaderTimeout: headerTime, ReadTimeout: bodyTime + headerTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
		MaxHeaderBytes: maxHeader,
		ErrorLog:       slog.NewLogLogger(a.log.Handler(), slog.LevelDebug), // broken connections are the callers' matter
	}
	s.RegisterOnShutdown(a.Close)
	return s
}
