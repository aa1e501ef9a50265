package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/caseload"
	"github.com/contact-advocate/advocate/internal/desk"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/feed"
	"github.com/contact-advocate/advocate/internal/outbound"
	"github.com/contact-advocate/advocate/internal/report"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/telemetry"
)

// aside is what a serving node runs beside its engine: the reader of the event
// log, the desk, who counts for reports, who lists cases and promises, and what
// posts events to webhooks.
type aside struct {
	feed     *feed.Feed
	agents   *desk.Agents
	desk     *desk.Desk
	report   *report.Projector
	caseload *caseload.Projector
	outbound *outbound.Service

	cancel context.CancelFunc
	all    sync.WaitGroup
}

func (n *node) newAside(metrics *telemetry.Metrics) *aside {
	a := &aside{feed: feed.New(n.store, n.log)}
	n.watch(func(engine.Change) { a.feed.Changed() })
	n.onWake(a.feed.Changed)
	now := n.settings.clock
	a.agents = desk.NewAgents(n.store, now.Now, n.engine.Policy)
	a.desk = desk.New(desk.Options{Store: n.store, Engine: n.engine, Feed: a.feed, Agents: a.agents, Clock: now, Logger: n.log, Observer: metrics.Desk()})
	metrics.Desk().Watch(n.deskState)
	metrics.WatchCertificates(n.certificateState)
	fold := feed.Projection{Store: n.store, Engine: n.engine, Feed: a.feed, Now: now.Now, Logger: n.log}
	a.report = report.New(fold)
	a.caseload = caseload.New(fold)
	n.outbound = outbound.New(outbound.Options{
		Store: n.store, Sealer: n.vault, Feed: a.feed, Alone: n.engine.Alone, Clock: now, Logger: n.log, AllowPrivate: n.settings.allowPrivate, Version: version,
	})
	a.outbound = n.outbound
	return a
}

// start runs it until stop.
func (a *aside) start(ctx context.Context) {
	ctx, a.cancel = context.WithCancel(context.WithoutCancel(ctx))
	for _, run := range []func(context.Context){a.feed.Run, a.desk.Run, a.report.Run, a.caseload.Run, a.outbound.Run} {
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

// deskState is how the desk stands, for metrics.
func (n *node) deskState(ctx context.Context) (telemetry.DeskState, error) {
	out := telemetry.DeskState{Agents: map[domain.Activity]int{}}
	err := n.store.View(ctx, func(r store.Reader) error {
		queues, err := desk.Outlooks(r)
		out.Queues = out.Queues[:0]
		for i := range queues {
			q := &queues[i]
			if !slices.Contains(n.engine.Policy().QueueNames(), q.Queue) {
				continue // it was taken out of the configuration
			}
			out.Queues = append(out.Queues, telemetry.DeskQueue{
				Name: q.Queue, Waiting: q.Ready, Later: q.Later, Offered: q.Offered, Assigned: q.Assigned, Wrapping: q.Wrapping,
				Oldest: time.Duration(q.Oldest) * time.Second,
			})
		}
		return err
	})
	if err != nil {
		return out, err
	}
	agents, err := opAgentList(ctx, n, nothing{})
	for i := range agents {
		if !agents[i].Disabled {
			out.Agents[agents[i].Activity]++
		}
	}
	return out, err
}
