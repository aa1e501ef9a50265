package httpapi

import (
	"context"
	"encoding/json"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/outbound"
)

// webhookView is an endpoint that events are posted to, without its secrets.
type webhookView struct {
	ID           string    `json:"id"`
	Version      int64     `json:"version" doc:"Raised with each change; the ETag says it too."`
	URL          string    `json:"url"`
	Types        []string  `json:"types" doc:"Event types that it takes, each exact or a beginning with *; none: all."`
	Description  string    `json:"description,omitempty"`
	Disabled     bool      `json:"disabled"`
	Why          string    `json:"why,omitempty" enum:"operator,gone,failing" doc:"While disabled: somebody did it, it answered 410, or it took nothing for five days."`
	CreatedBy    string    `json:"created_by"`
	CreatedAt    time.Time `json:"created_at"`
	UpdatedAt    time.Time `json:"updated_at"`
	FailingSince time.Time `json:"failing_since,omitzero" doc:"Since then it has taken nothing."`
	Secrets      int       `json:"secrets" doc:"How many secrets sign: more than one while a new one replaces the old."`
	Secret       string    `json:"secret,omitempty" doc:"Only in the answer that makes it."`
}

func viewWebhook(e outbound.Endpoint, secret string) webhookView {
	types := e.Types
	if types == nil {
		types = []string{}
	}
	return webhookView{
		ID: e.ID, Version: e.Version, URL: e.URL, Types: types, Description: e.Description, Disabled: e.Disabled, Why: e.Why, CreatedBy: e.By,
		CreatedAt: e.Created, UpdatedAt: e.Updated, FailingSince: e.Failing, Secrets: e.Secrets, Secret: secret,
	}
}

// deliveryView is an event on its way to an endpoint, or what became of it.
type deliveryView struct {
	ID        string          `json:"id" doc:"The webhook-id of every attempt."`
	Webhook   string          `json:"webhook"`
	EventSeq  int64           `json:"event_seq" doc:"The event's place in the log."`
	Type      string          `json:"type"`
	State     string          `json:"state" enum:"pending,sending,done,dead"`
	Attempt   int             `json:"attempt" doc:"Attempts so far."`
	NotBefore time.Time       `json:"not_before,omitzero" doc:"When it is tried, while pending."`
	Status    int             `json:"status,omitempty" doc:"The last answer's; missing for none."`
	Error     string          `json:"error,omitempty" doc:"What came of the last attempt, with the beginning of the answer."`
	CreatedAt time.Time       `json:"created_at"`
	UpdatedAt time.Time       `json:"updated_at"`
	Body      json.RawMessage `json:"body,omitempty"`
}

func viewDelivery(d outbound.Delivery) deliveryView {
	return deliveryView{d.ID, d.Endpoint, d.EventSeq, d.Type, d.State, d.Attempt, d.NotBefore, d.Status, d.Error, d.At, d.Updated, d.Body}
}

func (a *API) registerWebhooks() {
	const tag = "Webhooks"
	register(a, call{id: "list-webhooks", method: "GET", record: recordNever, path: "/v1/webhooks", need: configure, tag: tag, summary: "Where events are posted to"}, a.listWebhooks)
	register(a, call{id: "create-webhook", method: "POST", path: "/v1/webhooks", need: configure, tag: tag, status: 201, summary: "Have events posted to an address",
		about: "From now on, each event of the types that it takes, signed as Standard Webhooks 1.0 says. The secret is in this answer and no other."}, a.createWebhook)
	register(a, call{id: "get-webhook", method: "GET", record: recordNever, path: "/v1/webhooks/{id}", need: configure, tag: tag, summary: "A webhook"}, a.getWebhook)
	register(a, call{id: "set-webhook", method: "PUT", path: "/v1/webhooks/{id}", need: configure, tag: tag, summary: "Change a webhook",
		about: "With If-Match, so that nobody's change is lost. One that is enabled again gets what has waited, and what is in the log since, unless from_now says to leave that."}, a.setWebhook)
	register(a, call{id: "delete-webhook", method: "DELETE", path: "/v1/webhooks/{id}", need: configure, tag: tag, status: 204, summary: "Remove a webhook"}, a.deleteWebhook)
	register(a, call{id: "rotate-webhook", method: "POST", path: "/v1/webhooks/{id}/rotate", need: configure, tag: tag, summary: "Give a webhook a new secret",
		about: "The old one signs beside it for keep_seconds. The new one is in this answer and no other."}, a.rotateWebhook)
	register(a, call{id: "test-webhook", method: "POST", path: "/v1/webhooks/{id}/test", need: configure, tag: tag, summary: "Post an event of type advocate.webhook.test now",
		about: "Also to one that is disabled. It says what came of it, and keeps nothing."}, a.testWebhook)
	register(a, call{id: "list-webhook-deliveries", method: "GET", path: "/v1/webhooks/{id}/deliveries", need: configure, tag: tag, summary: "What was sent to a webhook, or waits",
		about: "Newest first. Done and dead ones are kept for two weeks."}, a.listWebhookDeliveries)
	register(a, call{id: "replay-webhook-delivery", noun: "webhook-delivery", method: "POST", path: "/v1/webhook-deliveries/{id}/replay", need: configure, tag: tag, summary: "Send a delivery again",
		about: "One that is done or dead, with the same webhook-id and body."}, a.replayWebhookDelivery)
}

// webhooks is what keeps and sends them.
func (a *API) webhooks() (*outbound.Service, error) {
	if a.o.Webhooks == nil {
		return nil, domain.Errorf(domain.CodeUnavailable, "webhooks are off")
	}
	return a.o.Webhooks, nil
}

type WebhookInput struct {
	ID string `path:"id" maxLength:"64" doc:"The webhook's id."`
}

// WebhookSettings are what may be said of a webhook.
type WebhookSettings struct {
	URL         string   `json:"url" maxLength:"2000" doc:"https, or http where private addresses are allowed."`
	Types       []string `json:"types,omitempty" maxItems:"50" doc:"Event types that it takes, each exact or a beginning with *, as in advocate.case.*; none: all."`
	Description string   `json:"description,omitempty" maxLength:"500"`
	Disabled    bool     `json:"disabled,omitempty"`
}

func (s *WebhookSettings) settings() outbound.Settings {
	return outbound.Settings{URL: s.URL, Types: s.Types, Description: s.Description, Disabled: s.Disabled}
}

type createWebhookInput struct {
	Body WebhookSettings
}

type setWebhookInput struct {
	WebhookInput
	VersionInput
	Body struct {
		WebhookSettings
		FromNow bool `json:"from_now,omitempty" doc:"Leave what is in the log and was not sent yet."`
	}
}

type webhookOutput struct {
	ETag string `header:"ETag"`
	Body webhookView
}

func webhookAnswer(e outbound.Endpoint, secret string) *webhookOutput {
	return &webhookOutput{etag(e.Version), viewWebhook(e, secret)}
}

func (a *API) listWebhooks(ctx context.Context, _ *struct{}) (*listOutput[webhookView], error) {
	s, err := a.webhooks()
	if err != nil {
		return nil, err
	}
	list, err := s.List(ctx)
	out := make([]webhookView, len(list))
	for i := range list {
		out[i] = viewWebhook(list[i], "")
	}
	return all(out), err
}

func (a *API) createWebhook(ctx context.Context, in *createWebhookInput) (*webhookOutput, error) {
	s, err := a.webhooks()
	if err != nil {
		return nil, err
	}
	e, secret, err := s.Create(ctx, caller(ctx).Name, in.Body.settings())
	return webhookAnswer(e, secret), err
}

func (a *API) getWebhook(ctx context.Context, in *WebhookInput) (*webhookOutput, error) {
	s, err := a.webhooks()
	if err != nil {
		return nil, err
	}
	e, err := s.Get(ctx, in.ID)
	return webhookAnswer(e, ""), err
}

func (a *API) setWebhook(ctx context.Context, in *setWebhookInput) (*webhookOutput, error) {
	s, err := a.webhooks()
	if err != nil {
		return nil, err
	}
	version, given, err := in.version()
	if err != nil {
		return nil, err
	}
	had, err := s.Get(ctx, in.ID)
	switch {
	case err != nil:
		return nil, err
	case !given:
		return nil, unread("the webhook")
	case version != 0 && version != had.Version:
		return nil, lost("the webhook", had.Version)
	}
	p := in.Body.settings()
	p.FromNow = in.Body.FromNow
	e, err := s.Set(ctx, in.ID, version, p)
	if version != 0 && domain.ErrorCode(err) == domain.CodeConflict {
		return nil, lost("the webhook", had.Version+1) // somebody was faster
	}
	if err != nil {
		return nil, err
	}
	return webhookAnswer(e, ""), nil
}

func (a *API) deleteWebhook(ctx context.Context, in *WebhookInput) (*accepted, error) {
	s, err := a.webhooks()
	if err != nil {
		return nil, err
	}
	return done(), s.Delete(ctx, in.ID)
}

type rotateWebhookInput struct {
	WebhookInput
	KeepSeconds int64 `query:"keep_seconds" minimum:"0" maximum:"604800" default:"86400" doc:"For how long the old secret signs beside the new one."`
}

func (a *API) rotateWebhook(ctx context.Context, in *rotateWebhookInput) (*webhookOutput, error) {
	s, err := a.webhooks()
	if err != nil {
		return nil, err
	}
	e, secret, err := s.Rotate(ctx, in.ID, time.Duration(in.KeepSeconds)*time.Second)
	return webhookAnswer(e, secret), err
}

type testWebhookOutput struct {
	Body struct {
		OK           bool   `json:"ok" doc:"It answered with 2xx."`
		Status       int    `json:"status,omitempty"`
		Error        string `json:"error,omitempty"`
		MilliSeconds int64  `json:"took_ms"`
	}
}

func (a *API) testWebhook(ctx context.Context, in *WebhookInput) (*testWebhookOutput, error) {
	s, err := a.webhooks()
	if err != nil {
		return nil, err
	}
	r, err := s.Test(ctx, in.ID)
	out := &testWebhookOutput{}
	out.Body.OK, out.Body.Status, out.Body.Error, out.Body.MilliSeconds = r.OK(), r.Status, r.Error, r.Took.Milliseconds()
	return out, err
}

type webhookDeliveriesInput struct {
	WebhookInput
	State string `query:"state" enum:"pending,sending,done,dead"`
	PageInput
}

func (a *API) listWebhookDeliveries(ctx context.Context, in *webhookDeliveriesInput) (*listOutput[deliveryView], error) {
	s, err := a.webhooks()
	if err != nil {
		return nil, err
	}
	if _, err := s.Get(ctx, in.ID); err != nil {
		return nil, err
	}
	rows, err := s.Deliveries(ctx, outbound.DeliveriesParams{Endpoint: in.ID, State: in.State, After: in.Cursor, Limit: in.limit() + 1})
	if err != nil {
		return nil, err
	}
	out := make([]deliveryView, len(rows))
	for i := range rows {
		out[i] = viewDelivery(rows[i])
	}
	return paged(out, in.limit(), func(d deliveryView) string { return d.ID }), nil
}

type DeliveryInput struct {
	ID string `path:"id" maxLength:"128" doc:"The delivery's id."`
}

type deliveryOutput struct {
	Body deliveryView
}

func (a *API) replayWebhookDelivery(ctx context.Context, in *DeliveryInput) (*deliveryOutput, error) {
	s, err := a.webhooks()
	if err != nil {
		return nil, err
	}
	d, err := s.Replay(ctx, in.ID)
	return &deliveryOutput{viewDelivery(d)}, err
}
