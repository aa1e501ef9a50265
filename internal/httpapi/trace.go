package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// trail is what goes into the audit log of one request.
type trail struct {
	call   *call
	object string // what the path names; "" for none, and for what may be anything
	query  url.Values
}

type trailKey struct{}

// recording is how a call is written to the audit log.
type recording int

const (
	recordDefault recording = iota
	recordNever             // nothing personal is shown, or what it calls writes its own rows
	recordAlways
	recordShown // answers are sums but for what they say they show: a row where they do
)

// recorded reports whether a call leaves a row: every change, and every look at
// what is personal. What is only about the setup or in sums is not.
func (c *call) recorded() bool {
	switch {
	case c.need.free() || c.need == anyone || c.need == account || c.record == recordNever:
		return false
	case c.record == recordAlways || c.record == recordShown || c.method != http.MethodGet:
		return true
	}
	return c.need != readSetup && c.need != reports
}

// Outcomes in the audit log.
const (
	outcomeOK      = "ok"
	outcomeRefused = "refused"
	outcomeFailed  = "failed"
)

// follow begins the trail of a request.
func (c *call) follow(ctx huma.Context) huma.Context {
	r, _ := humago.Unwrap(ctx)
	return huma.WithValue(ctx, trailKey{}, trail{call: c, object: c.objectOf(r), query: r.URL.Query()})
}

// objectOf is what a request's path names: an id of ours as it is, other things
// behind their noun, as in agent/kim. Who looks for a customer may write
// anything there; that is left to who finds out whom it names.
func (c *call) objectOf(r *http.Request) string {
	for _, name := range []string{"id", "login", "name", "version"} {
		v := r.PathValue(name)
		if v == "" {
			continue
		}
		if _, err := domain.ParseCustomerID(v); err == nil {
			return v
		}
		if _, _, _, err := domain.ParseObjectID(v); err == nil {
			return v
		}
		before, _, _ := strings.Cut(r.Pattern, "/{"+name+"}")
		noun := strings.TrimSuffix(before[strings.LastIndexByte(before, '/')+1:], "s")
		if c.noun != "" {
			noun = c.noun
		}
		switch noun {
		case "customer", "explain", "":
			return ""
		}
		return noun + "/" + v
	}
	return ""
}

// Views say what they show of whom.
type shown interface {
	shown() (object string, customer domain.CustomerID)
}

func (v CustomerSummary) shown() (string, domain.CustomerID) { return v.ID.String(), v.ID }
func (v CaseView) shown() (string, domain.CustomerID)        { return v.ID, v.CustomerID }
func (v WorkItemView) shown() (string, domain.CustomerID)    { return v.ID, v.Customer }
func (v effectView) shown() (string, domain.CustomerID)      { return v.ID, v.Customer }
func (v reservationView) shown() (string, domain.CustomerID) { return v.WorkItem.shown() }

func (v explanationView) shown() (string, domain.CustomerID) {
	if v.Kind == "post" { // a network's id, not ours
		return "post/" + v.ID, v.CustomerID
	}
	return v.ID, v.CustomerID
}

func (o *workItemOutput) shows() []shown { return []shown{o.Body} }
func (o *caseOutput) shows() []shown     { return []shown{o.Body} }
func (o *customerOutput) shows() []shown { return []shown{o.Body.CustomerSummary} }
func (o *explainOutput) shows() []shown  { return []shown{o.Body} }

func (o *listOutput[T]) shows() (out []shown) {
	for i := range o.Body.Items {
		if s, ok := any(o.Body.Items[i]).(shown); ok {
			out = append(out, s)
		}
	}
	return out
}

// lists reports an answer of many things, however many there are.
func (o *listOutput[T]) lists() {}

// trace writes a row of what was shown or done, and returns once it is
// durable. in and out are the handler's; out is nil with an error.
func (a *API) trace(ctx context.Context, in, out any, failed error) error {
	t, ok := ctx.Value(trailKey{}).(trail)
	who := caller(ctx)
	if !ok || !t.call.recorded() || who.Name == "" || a.audit == nil || t.call.need == ingest && failed == nil && !a.steady.due(who, a.now()) {
		return nil
	}
	if x, ok := out.(interface{ shows() []shown }); ok && failed == nil && t.call.record == recordShown && len(x.shows()) == 0 {
		return nil
	}
	row := auth.Entry(who, t.call.id, t.object, 0, outcomeOf(failed))
	detail := t.asked()
	t.tell(&row, detail, in, out)
	wait := auditWait
	if failed != nil {
		wait = auditWaitFailed
	}
	return a.record(ctx, row, detail, wait)
}

// refused writes a row of who is known and may not.
func (a *API) refused(ctx huma.Context, c *call, who auth.Principal) {
	if who.Name == "" || a.audit == nil || c.method == http.MethodGet && !c.recorded() {
		return
	}
	r, _ := humago.Unwrap(ctx)
	row := auth.Entry(who, c.id, c.objectOf(r), 0, outcomeRefused)
	row.Customer = ownerOf(row.Object)
	if err := a.record(r.Context(), row, nil, auditWaitFailed); err != nil {
		a.log.WarnContext(r.Context(), "that somebody was refused is not written down", "error", err) // nothing was shown
	}
}

func (a *API) record(ctx context.Context, row store.AuditRow, detail map[string]any, wait time.Duration) error {
	if len(detail) > 0 {
		b, err := json.Marshal(detail)
		if err != nil {
			return err
		}
		row.Detail = b
	}
	// Who goes away before the answer has had what was asked for done all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), wait)
	defer cancel()
	if err := a.audit.Append(ctx, row); err != nil {
		p := problem(domain.CodeUnavailable, "the audit log takes nothing at the moment, and nothing is shown or done unseen; try again")
		p.cause = err
		return p
	}
	return nil
}

// How long a request waits for its row; one that failed has shown nothing, and
// may have failed because the store takes nothing at all.
const (
	auditWait       = 15 * time.Second
	auditWaitFailed = time.Second
)

func outcomeOf(err error) string {
	switch {
	case err == nil:
		return outcomeOK
	case problemOf(err).Status >= http.StatusInternalServerError:
		return outcomeFailed
	}
	return outcomeRefused
}

// ownerOf is whose an object is, 0 for nobody's.
func ownerOf(object string) domain.CustomerID {
	if id, err := domain.ParseCustomerID(object); err == nil {
		return id
	}
	id, _, _, err := domain.ParseObjectID(object)
	if err != nil {
		return 0
	}
	return id
}

// tell fills in what an answer showed.
func (t *trail) tell(row *store.AuditRow, detail map[string]any, in, out any) {
	row.Customer = ownerOf(row.Object)
	if x, ok := in.(interface{ about() domain.CustomerID }); ok {
		if id := x.about(); id != 0 {
			row.Object, row.Customer = id.String(), id
		}
	}
	x, ok := out.(interface{ shows() []shown })
	if !ok || row.Outcome != outcomeOK {
		return
	}
	list := x.shows()
	if _, many := out.(interface{ lists() }); !many {
		if len(list) == 1 {
			row.Object, row.Customer = list[0].shown()
		}
		return
	}
	ids := make([]string, len(list))
	whose := map[domain.CustomerID]bool{}
	for i, s := range list {
		var of domain.CustomerID
		ids[i], of = s.shown()
		whose[of] = true
	}
	if len(ids) > 0 {
		detail["shown"] = ids
	}
	if row.Customer == 0 && len(whose) == 1 {
		_, row.Customer = list[0].shown()
	}
}

// plain is a parameter that can be told as it is: an id, a state, a cursor.
var plain = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:*,-]{0,79}$`)

// named are parameters that say who somebody is.
var named = []string{"q", "as", "handle", "text", "author", "phone", "email", "name"}

// asked is a request's query without what may be personal: of that it only says
// that it was there.
func (t *trail) asked() map[string]any {
	out := map[string]any{}
	query := map[string]any{}
	for k, v := range t.query {
		if len(query) == maxAsked {
			break
		}
		if len(v) == 1 && plain.MatchString(v[0]) && plain.MatchString(k) && !slices.Contains(named, k) {
			query[k] = v[0]
		} else if plain.MatchString(k) {
			query[k] = true
		}
	}
	if len(query) > 0 {
		out["query"] = query
	}
	return out
}

const maxAsked = 20 // parameters of a query that are told

// steady thins out what programs do all day: that a token brings posts and
// events in is written once an hour for each address it comes from. What it
// brought in has records of its own.
type steady struct {
	mu   sync.Mutex
	last map[string]time.Time
}

const (
	steadyEvery = time.Hour
	maxSteady   = 4096
)

func (s *steady) due(who auth.Principal, now time.Time) bool {
	key := string(who.Kind) + "\x00" + who.Name + "\x00" + who.From
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, known := s.last[key]; known && now.Sub(at) < steadyEvery {
		return false
	}
	if s.last == nil || len(s.last) >= maxSteady {
		s.last = map[string]time.Time{}
	}
	s.last[key] = now
	return true
}
