package main

import (
	"context"
	"sync"

	"github.com/contact-advocate/advocate/internal/desk"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/feed"
	"github.com/contact-advocate/advocate/internal/outbound"
	"github.com/contact-advocate/advocate/internal/report"
)

// aside is what a serving node runs beside its engine: the reader of the event
// log, the desk, who counts for reports and what posts events to webhooks.
type aside struct {
	feed     *feed.Feed
	agents   *desk.Agents
	desk     *desk.Desk
	report   *report.Projector
	outbound *outbound.Service

	cancel context.CancelFunc
	all    sync.WaitGroup
}

func (n *node) newAside() *aside {
	a := &aside{feed: feed.New(n.store, n.log)}
	n.watch(func(engine.Change) { a.feed.Changed() })
	n.onWake(a.feed.Changed)
	now := n.settings.clock
	a.agents = desk.NewAgents(n.store, now.Now, n.engine.Policy)
	a.desk = desk.New(desk.Options{Store: n.store, Engine: n.engine, Feed: a.feed, Agents: a.agents, Clock: now, Logger: n.log})
	a.report = report.New(report.Options{Store: n.store, Engine: n.engine, Feed: a.feed, Now: now.Now, Logger: n.log})
	n.outbound = outbound.New(outbound.Options{
		Store: n.store, Sealer: n.vault, Feed: a.feed, Alone: n.engine.Alone, Clock: now, Logger: n.log, AllowPrivate: n.settings.allowPrivate, Version: version,
	})
	a.outbound = n.outbound
	return a
}

// start runs it until stop.
func (a *aside) start(ctx context.Context) {
	ctx, a.cancel = context.WithCancel(context.WithoutCancel(ctx))
	for _, run := range []func(context.Context){a.feed.Run, a.desk.Run, a.report.Run, a.outbound.Run} {
		a.all.Go(func() { run(ctx) })
	}
}

// stop ends it; the engine must still run. A second call does nothing.
func (a *aside) stop() {
	if a.cancel != nil {
		a.cancel()
		a.all.Wait()
	}
}
