package httpapi

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/profile"
	"github.com/contact-advocate/advocate/internal/source"
)

// RawInput is a body that the handler reads by itself, with the headers that
// say what it is. Body is only valid until the handler returns.
type RawInput struct {
	RawBody []byte
	Asked
}

// Asked is the rest of a request that the handler reads by itself.
type Asked struct {
	header http.Header
	query  url.Values
}

// Resolve implements huma.Resolver.
func (in *Asked) Resolve(ctx huma.Context) []error {
	r, _ := humago.Unwrap(ctx)
	in.header, in.query = r.Header, r.URL.Query()
	return nil
}

// postResult is what became of one post.
type postResult struct {
	CustomerID domain.CustomerID `json:"customer_id" doc:"Whose advocate has it; empty for what was set aside."`
	Duplicate  bool              `json:"duplicate" doc:"The post was known; nothing happened."`
	SetAside   string            `json:"set_aside,omitempty" doc:"Why no advocate looks at it: too_old, own_post, reshare, ignored …"`
	Items      []postResult      `json:"items,omitempty" doc:"With an array of posts: one result each, in order; the fields beside are then empty."`
}

type postsOutput struct {
	Body any
}

type eventsResult struct {
	Accepted   int `json:"accepted"`
	Duplicates int `json:"duplicates" doc:"Events that were known; nothing happened."`

	Warnings []ProblemItem `json:"warnings,omitempty" doc:"Fields of accepted events that mean nothing and were passed over, such as an eta that is no time or a phone that is no number, and notices older than what is known."`
}

type eventsOutput struct {
	Body eventsResult
}

func (a *API) registerIngest() {
	op := register(a, call{
		id: "submit-posts", method: "POST", path: "/v1/posts", need: ingest, tag: "In", status: http.StatusAccepted, maxBody: maxPostsBody,
		summary: "Bring posts in",
		about: "One post, or an array of up to 500. 202 means that all of them are durable. A request with a malformed post is refused " +
			"whole. A post in conflict with what is known (the same id with another body and no revision) does not keep the others back: " +
			"the answer is then 409, names it, and says that the others were taken.",
	}, a.submitPosts)
	one := a.schemaOf(postInput{}, "PostInput")
	describeBody(op, "application/json", &huma.Schema{OneOf: []*huma.Schema{one, {Type: "array", Items: one, MaxItems: new(maxPosts)}}})
	describeAnswer(op, http.StatusAccepted, a.schemaOf(postResult{}, "PostResult"))

	op = register(a, call{
		id: "submit-events", method: "POST", path: "/v1/events", need: ingest, tag: "In", status: http.StatusAccepted, maxBody: maxEventsBody,
		summary: "Bring events in",
		about: "CloudEvents 1.0 over HTTP: binary (ce- headers), structured (application/cloudevents+json) or a batch of up to 1000 " +
			"(application/cloudevents-batch+json). 202 means that all of them are durable. A request with a malformed event is refused whole.",
	}, a.submitEvents)
	event := &huma.Schema{Type: "object", Description: "A CloudEvent 1.0 in its JSON format.", Required: []string{"specversion", "id", "source", "type"},
		AdditionalProperties: true}
	describeBody(op, "application/cloudevents+json", event)
	op.RequestBody.Content["application/cloudevents-batch+json"] = &huma.MediaType{Schema: &huma.Schema{Type: "array", Items: event, MaxItems: new(source.MaxBatch)}}
	op.RequestBody.Content["application/json"] = &huma.MediaType{Schema: &huma.Schema{Description: "Binary mode: the event's data."}}

	a.registerHooks()
}

func (a *API) submitPosts(ctx context.Context, in *RawInput) (*postsOutput, error) {
	if err := wantJSON(in.header); err != nil {
		return nil, err
	}
	posts, single, err := decodePosts(in.RawBody, a.now())
	if err != nil {
		return nil, err
	}
	receipts, err := a.o.Engine.PostsSubmit(ctx, posts)
	if err != nil {
		return nil, err
	}
	if single && receipts[0].Err != nil {
		return nil, receipts[0].Err
	}
	out := make([]postResult, len(receipts))
	var bad []ProblemItem
	for i, r := range receipts {
		if r.Err != nil {
			bad = append(bad, receiptItem(i, r.Err))
			continue
		}
		out[i] = postResult{CustomerID: r.Customer, Duplicate: r.Duplicate, SetAside: r.Aside}
	}
	if len(bad) > 0 {
		return nil, partProblem("post", len(receipts), bad)
	}
	if single {
		return &postsOutput{Body: out[0]}, nil
	}
	return &postsOutput{Body: struct {
		Items []postResult `json:"items"`
	}{out}}, nil
}

func (a *API) submitEvents(ctx context.Context, in *RawInput) (*eventsOutput, error) {
	events, bad, err := source.ParseHTTP(in.header, in.RawBody, a.now())
	if err != nil {
		return nil, err
	}
	if len(bad) > 0 {
		return nil, itemProblem("event", mistakes(events, bad))
	}
	return a.takeEvents(ctx, events)
}

func (a *API) takeEvents(ctx context.Context, events []domain.Event) (*eventsOutput, error) {
	out := &eventsOutput{}
	if len(events) == 0 {
		return out, nil
	}
	if bad := reserved(events); len(bad) > 0 {
		return nil, itemProblem("event", bad)
	}
	receipts, err := a.o.Engine.EventsSubmit(ctx, events)
	if err != nil {
		return nil, err
	}
	var bad []ProblemItem
	for i, r := range receipts {
		switch {
		case r.Err != nil:
			bad = append(bad, receiptItem(i, r.Err))
		case r.Duplicate:
			out.Body.Duplicates++
		default:
			out.Body.Accepted++
			passed := append(domain.PassedOver(&events[i]), profile.PassedOver(&events[i])...)
			if r.Older {
				passed = append(passed, domain.FieldErrorf("time", "is older than what is known of this notice; the event changed nothing about it"))
			}
			for _, p := range passed {
				if len(out.Body.Warnings) < maxItemErrors {
					out.Body.Warnings = append(out.Body.Warnings, ProblemItem{Index: &i, Field: p.Field, Code: p.Code, Message: p.Message})
				}
			}
		}
	}
	if len(bad) > 0 {
		if len(receipts) == 1 {
			return nil, receipts[0].Err
		}
		return nil, partProblem("event", len(receipts), bad)
	}
	return out, nil
}

// mistakes are all of a batch's, in its order: those that reading found and
// those of the events that could be read, which are what is left of the batch.
func mistakes(events []domain.Event, bad []source.ItemError) []ProblemItem {
	items := reserved(events)
	for i := range items {
		for _, b := range bad {
			if b.Index <= *items[i].Index {
				*items[i].Index++
			}
		}
	}
	items = append(items, sourceItems(bad)...)
	slices.SortFunc(items, func(x, y ProblemItem) int { return cmp.Compare(*x.Index, *y.Index) })
	return items
}

// reserved finds events that claim to be our own: nobody outside may say what
// an advocate did, nor use up the ids under which it will say it.
func reserved(events []domain.Event) (bad []ProblemItem) {
	for i := range events {
		e := &events[i]
		item := ProblemItem{Index: &i, Code: domain.CodeInvalid}
		switch {
		case e.Source == "advocate" || strings.HasPrefix(e.Source, "advocate/"):
			item.Field, item.Message = "source", "\"advocate\" and what begins with \"advocate/\" are our own; name the system that the event comes from"
		case strings.HasPrefix(e.Type, "advocate."):
			item.Field, item.Message = "type", "types that begin with \"advocate.\" are our own; choose another"
		default:
			continue
		}
		bad = append(bad, item)
	}
	return bad
}

func receiptItem(i int, err error) ProblemItem {
	p := problemOf(err)
	item := ProblemItem{Index: &i, Code: p.Code, Message: p.Detail, Said: p.Said}
	if len(p.Errors) == 1 {
		item.Field, item.Message, item.Said = p.Errors[0].Field, p.Errors[0].Message, p.Errors[0].Said
	}
	return item
}

// partProblem answers a batch of which some items were not taken. Sending it
// again whole is harmless: the others are known by then.
func partProblem(what string, all int, bad []ProblemItem) *Problem {
	code := bad[0].Code
	if i := slices.IndexFunc(bad, func(b ProblemItem) bool { return b.Code == domain.CodeInternal }); i >= 0 {
		code = domain.CodeInternal
	}
	p := problem(code, "%d of %s %ss could not be taken; the others were", len(bad), strconv.Itoa(all), what)
	p.Errors = bad[:min(len(bad), maxItemErrors)]
	return p
}

// schemaOf registers a type's schema and returns a reference to it.
func (a *API) schemaOf(v any, hint string) *huma.Schema {
	return a.huma.OpenAPI().Components.Schemas.Schema(typeOf(v), true, hint)
}

// describeBody replaces what the description says about a raw body.
func describeBody(op *huma.Operation, mediaType string, s *huma.Schema) {
	op.RequestBody.Content = map[string]*huma.MediaType{mediaType: {Schema: s}}
}

func describeAnswer(op *huma.Operation, status int, s *huma.Schema) {
	op.Responses[strconv.Itoa(status)].Content = map[string]*huma.MediaType{"application/json": {Schema: s}}
}
