package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/source"
)

// Hook reads one configured source's webhooks. It checks the signature first:
// a bad one is domain.CodeUnauthorized or CodeForbidden. What it returns is
// normalised and valid.
type Hook interface {
	Events(h http.Header, body []byte, now time.Time) ([]domain.Event, error)
}

// hookEngine is what networks that tell of posts by requests are served with.
type hookEngine interface {
	HookNames() []string
	// HookServe's errors are *domain.Error.
	HookServe(ctx context.Context, name string, r social.HookRequest) (social.HookReply, error)
}

type webhookInput struct {
	RawInput
	Source string `path:"source" maxLength:"64" doc:"The configured source's or network's name."`
}

// hookQuestion has no body.
type hookQuestion struct {
	Source string `path:"source" maxLength:"64" doc:"The configured network's name."`
	Asked
}

// hookOutput is an answer as its asker wants it, which is not always JSON.
type hookOutput struct {
	Status      int
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func (a *API) registerHooks() {
	op := register(a, call{
		id: "receive-webhook", method: "POST", path: "/hooks/{source}", need: signed, tag: "In", status: http.StatusAccepted, maxBody: maxEventsBody,
		summary: "Receive a signed webhook",
		about: "A source's is mapped to events as its configuration says; 202 means that they are durable. A network's tells of posts, and is " +
			"answered with 200, in the network's own form, once they are durable. The signature stands for a token.",
	}, a.receiveWebhook)
	describeBody(op, "application/json", &huma.Schema{Description: "Whatever the source or network sends."})
	describeAnswer(op, http.StatusAccepted, a.schemaOf(eventsResult{}, "EventsResult"))
	op.Responses["200"] = &huma.Response{Description: "A network's posts are taken.", Content: anyText()}
	op = register(a, call{
		id: "answer-challenge", method: "GET", path: "/hooks/{source}", need: signed, tag: "In", summary: "Answer a network's challenge",
		about: "A network asks so whether the address is ours before it sends anything there. What it shows stands for a token.",
	}, a.answerChallenge)
	op.Responses["200"].Content = anyText()
}

func anyText() map[string]*huma.MediaType {
	return map[string]*huma.MediaType{
		"application/json": {Schema: &huma.Schema{Description: "Whatever the network expects."}},
		"text/plain":       {Schema: &huma.Schema{Type: "string", Description: "Whatever the network expects."}},
	}
}

// errNoHook is what a bad signature gets: which sources there are is nobody's
// to try out.
func errNoHook() error {
	return domain.Errorf(domain.CodeUnauthorized, "%s", source.BadSignature)
}

func (a *API) receiveWebhook(ctx context.Context, in *webhookInput) (*hookOutput, error) {
	// A hook may keep parts of the body; the buffer is taken back afterwards.
	body := bytes.Clone(in.RawBody)
	if a.ofNetwork(in.Source) {
		return a.askNetwork(ctx, in.Source, social.HookRequest{Method: http.MethodPost, Query: in.query, Header: in.header, Body: body})
	}
	hook, ok := a.o.Hooks[in.Source]
	if !ok {
		return nil, errNoHook()
	}
	events, err := hook.Events(in.header, body, a.now())
	if err != nil {
		a.hooked(ctx, in.Source, err)
		return nil, err
	}
	out, err := a.takeEvents(ctx, events)
	a.hooked(ctx, in.Source, err)
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(out.Body)
	return &hookOutput{http.StatusAccepted, "application/json", b}, err
}

func (a *API) answerChallenge(ctx context.Context, in *hookQuestion) (*hookOutput, error) {
	if !a.ofNetwork(in.Source) {
		return nil, errNoHook()
	}
	return a.askNetwork(ctx, in.Source, social.HookRequest{Method: http.MethodGet, Query: in.query, Header: in.header})
}

func (a *API) ofNetwork(name string) bool { return slices.Contains(a.o.Engine.HookNames(), name) }

func (a *API) askNetwork(ctx context.Context, name string, r social.HookRequest) (*hookOutput, error) {
	reply, err := a.o.Engine.HookServe(ctx, name, r)
	a.hooked(ctx, name, err)
	if domain.ErrorCode(err) == domain.CodeUnauthorized {
		return nil, errNoHook() // its own words would say that it is there
	}
	if err != nil {
		return nil, err
	}
	kind := reply.ContentType
	if kind == "" {
		kind = "text/plain; charset=utf-8" // what a network sent may come back: it is never a page
	}
	return &hookOutput{http.StatusOK, kind, reply.Body}, nil
}

// hooked notes what came of a webhook of a source or network that is
// configured. Anybody may send any number that are refused: each is counted
// with the requests, the first of a row is logged, and none leaves a row in the
// audit log, which would let strangers fill the disk.
func (a *API) hooked(ctx context.Context, name string, err error) {
	if first := a.sources.note(name, a.ofNetwork(name), err, a.now()); first {
		a.log.LogAttrs(ctx, slog.LevelWarn, "a webhook was refused; others like it are not logged until one is taken",
			slog.String("hook", name), slog.String("code", string(domain.ErrorCode(err)))) // the reason may have a part of the body in it
	}
}
