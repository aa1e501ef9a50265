package main

import (
	"context"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/outbound"
	"github.com/contact-advocate/advocate/internal/store"
)

// maxDeliveries is how many a command lists at most.
const maxDeliveries = 1000

// webhookParams is what operations on webhooks take.
type webhookParams struct {
	By, ID, URL string
	Types       []string
	Description string
	Keep        time.Duration
}

// webhookOperations are those on webhooks, by name.
func webhookOperations() map[string]operation {
	return map[string]operation{
		"webhook.list":            op(opWebhookList),
		"webhook.add":             op(opWebhookAdd),
		"webhook.show":            op(opWebhookShow),
		"webhook.test":            op(opWebhookTest),
		"webhook.rotate":          op(opWebhookRotate),
		"webhook.deliveries":      op(opWebhookDeliveries),
		"webhook.replay":          op(opWebhookReplay),
		"webhook.disable":         op(opWebhookSet("webhook.disable", true, false)),
		"webhook.enable":          op(opWebhookSet("webhook.enable", false, false)),
		"webhook.enable-from-now": op(opWebhookSet("webhook.enable", false, true)),
		"webhook.remove":          op(opWebhookRemove),
	}
}

// webhooks is the server's service, or one of a node that does not serve: it
// keeps endpoints, and leaves the sending to a server.
func (n *node) webhooks() *outbound.Service {
	if n.outbound == nil {
		n.outbound = outbound.New(outbound.Options{Store: n.store, Sealer: n.vault, Clock: n.settings.clock, Logger: n.log, AllowPrivate: n.settings.allowPrivate, Version: version})
	}
	return n.outbound
}

// auditWebhook records what was done to a webhook.
func (n *node) auditWebhook(ctx context.Context, by, action, object string) error {
	row := auth.Entry(auth.Command(by), action, object, 0, "ok")
	row.At = n.settings.clock.Now()
	return n.store.Update(ctx, func(tx store.Tx) error { return tx.AuditAppend([]store.AuditRow{row}) })
}

func opWebhookList(ctx context.Context, n *node, _ nothing) ([]webhookView, error) {
	list, err := n.webhooks().List(ctx)
	out := make([]webhookView, len(list))
	for i := range list {
		out[i] = viewWebhook(list[i], "")
	}
	return out, err
}

func opWebhookAdd(ctx context.Context, n *node, p webhookParams) (webhookView, error) {
	e, secret, err := n.webhooks().Create(ctx, p.By, outbound.Settings{URL: p.URL, Types: p.Types, Description: p.Description})
	if err != nil {
		return webhookView{}, err
	}
	return viewWebhook(e, secret), n.auditWebhook(ctx, p.By, "webhook.add", "webhook/"+e.ID)
}

func opWebhookShow(ctx context.Context, n *node, id string) (webhookView, error) {
	e, err := n.webhooks().Get(ctx, id)
	return viewWebhook(e, ""), err
}

func opWebhookTest(ctx context.Context, n *node, p webhookParams) (testView, error) {
	r, err := n.webhooks().Test(ctx, p.ID)
	if err != nil {
		return testView{}, err
	}
	return testView{r.OK(), r.Status, r.Error, r.Took.Milliseconds()}, n.auditWebhook(ctx, p.By, "webhook.test", "webhook/"+p.ID)
}

func opWebhookRotate(ctx context.Context, n *node, p webhookParams) (webhookView, error) {
	e, secret, err := n.webhooks().Rotate(ctx, p.ID, p.Keep)
	if err != nil {
		return webhookView{}, err
	}
	return viewWebhook(e, secret), n.auditWebhook(ctx, p.By, "webhook.rotate", "webhook/"+p.ID)
}

func opWebhookDeliveries(ctx context.Context, n *node, p outbound.DeliveriesParams) ([]sentView, error) {
	s := n.webhooks()
	out := []sentView{}
	if _, err := s.Get(ctx, p.Endpoint); err != nil {
		return out, err
	}
	p.Limit = min(p.Limit, maxDeliveries)
	rows, err := s.Deliveries(ctx, p)
	for i := range rows {
		out = append(out, viewSent(&rows[i]))
	}
	return out, err
}

func opWebhookReplay(ctx context.Context, n *node, p webhookParams) (nothing, error) {
	if _, err := n.webhooks().Replay(ctx, p.ID); err != nil {
		return nothing{}, err
	}
	return nothing{}, n.auditWebhook(ctx, p.By, "webhook.replay", "webhook-delivery/"+p.ID)
}

// opWebhookSet switches a webhook off or on, and leaves everything else of it.
func opWebhookSet(action string, disabled, fromNow bool) func(context.Context, *node, webhookParams) (nothing, error) {
	return func(ctx context.Context, n *node, p webhookParams) (nothing, error) {
		s := n.webhooks()
		e, err := s.Get(ctx, p.ID)
		if err != nil {
			return nothing{}, err
		}
		_, err = s.Set(ctx, p.ID, e.Version, outbound.Settings{URL: e.URL, Types: e.Types, Description: e.Description, Disabled: disabled, FromNow: fromNow})
		if err != nil {
			return nothing{}, err
		}
		return nothing{}, n.auditWebhook(ctx, p.By, action, "webhook/"+p.ID)
	}
}

func opWebhookRemove(ctx context.Context, n *node, p webhookParams) (nothing, error) {
	if err := n.webhooks().Delete(ctx, p.ID); err != nil {
		return nothing{}, err
	}
	return nothing{}, n.auditWebhook(ctx, p.By, "webhook.remove", "webhook/"+p.ID)
}
