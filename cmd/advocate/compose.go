package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/component/builtin"
	"github.com/contact-advocate/advocate/internal/component/knowledge"
	"github.com/contact-advocate/advocate/internal/component/rest"
	"github.com/contact-advocate/advocate/internal/console"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/httpapi"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/sandbox"
	"github.com/contact-advocate/advocate/internal/source"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/telemetry"
)

// openNode puts a node together and starts nothing: store, understander,
// components, networks, engine, playbook. Whoever runs it decides whether
// there are loops and a server.
func openNode(ctx context.Context, s settings, log *slog.Logger) (*node, error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, err
	}
	st, err := openStore(ctx, &s)
	if err != nil {
		return nil, err
	}
	n := &node{settings: s, store: st, log: log, free: []func() error{st.Close}, accounts: map[[2]string]*networkAccount{}}
	if err := n.shareClock(ctx); err != nil {
		return nil, errors.Join(err, n.close())
	}
	if s.observer != nil {
		n.watch(s.observer)
	}
	n.openPeople()
	n.audit = auth.NewAuditLog(st, s.clock.Now)
	n.free = append(n.free, n.audit.Close)
	if !s.visiting {
		s.vault.Put(n.vault) // what is missing there keeps a server from starting
	}
	err = n.compose(ctx)
	s.vault.Put(n.vault) // a command starts all the same: it may be there to put it in
	if err != nil {
		return nil, tellFull(s.dir, noRoom, errors.Join(err, n.close()))
	}
	return n, nil
}

func (n *node) compose(ctx context.Context) error {
	s := &n.settings
	reader, err := s.understander()
	if err != nil {
		return err
	}
	components, err := n.components()
	if err != nil {
		return err
	}
	networks, err := n.networks()
	if err != nil {
		return err
	}
	webhooks, err := s.webhookSenders()
	if err != nil {
		return err
	}
	if !s.visiting { // before a playbook is published: a start that is refused changes nothing
		if n.hooks, err = s.webhookSources(); err != nil {
			return err
		}
	}
	questions := map[string]int{}
	for _, c := range components {
		questions[c.Name()] = s.questions.Questions(c.Name())
	}
	n.engine, err = engine.New(engine.Options{
		Store: n.store, Understander: reader, Networks: networks, Components: components, Questions: questions, Webhooks: webhooks,
		Policy: s.policy, Clock: s.clock, Logger: n.log, Settle: s.settle, Workers: s.workers, AuditKept: s.auth.AuditKeep, Observer: n.observe, Woken: n.woken, Turns: n.turns(),
	})
	if err != nil {
		return err
	}
	return n.startPlaybook(ctx)
}

// webhookSources are the configured sources of signed webhooks, by name.
func (s *settings) webhookSources() (map[string]httpapi.Hook, error) {
	out := map[string]httpapi.Hook{}
	for _, c := range s.hooks {
		h, err := source.NewWebhook(c)
		if err != nil {
			return nil, err
		}
		out[c.Name] = h
	}
	return out, nil
}

// components are the built-in ones, the articles and the configured services.
func (n *node) components() ([]component.Component, error) {
	policy := n.settings.policy
	out := []component.Component{
		builtin.Orders(n.store), builtin.Customers(n.store), builtin.Notices(n.store),
		builtin.Queues(n.store, func() *domain.Policy { return &policy }),
	}
	if k := n.settings.knowledge; k.Dir != "" {
		articles, err := knowledge.Open(k)
		if err != nil {
			return nil, err
		}
		for _, p := range articles.Problems() {
			n.log.Warn("an article cannot be read", "error", p)
		}
		n.free = append(n.free, articles.Close)
		out = append(out, articles)
	}
	for _, c := range n.settings.services {
		service, err := rest.New(c)
		if err != nil {
			return nil, err
		}
		out = append(out, service)
	}
	return out, nil
}

// networks are the configured ones; the sandbox is one of them unless it is
// switched off.
func (n *node) networks() ([]social.Network, error) {
	made, err := makeNetworks(n.settings.accounts, n.settings.sourceNames(), n.kit)
	switch {
	case err != nil && n.settings.visiting:
		n.unmade = err // a command starts all the same: it may be there to mend that
	case err != nil:
		return nil, fmt.Errorf("a network cannot be used as it is configured:\n%w\n\"advocate connect\" gets credentials, \"advocate check\" looks at the file", err)
	}
	out := append(slices.Clone(n.settings.networks), made...)
	if !n.settings.sandbox {
		return out, nil
	}
	o := sandbox.Options{Path: n.settings.sandboxFile(), Company: n.settings.handle, MaxPosts: n.settings.maxPosts, Logger: n.log}
	if p, ok := n.store.(*postgres.Store); ok {
		o.Shared, o.AsItIs = p.DB(), n.settings.visiting
	}
	box, err := sandbox.Open(o)
	if err != nil {
		return nil, err
	}
	n.sandbox = box
	n.onWake(box.Wake)
	n.free = append(n.free, box.Close)
	return append(out, box), nil
}

// server makes the HTTP API over a node and what it runs beside its engine.
func (n *node) server(metrics *telemetry.Metrics, demo []httpapi.DemoCustomer, beside *aside) (*httpapi.API, error) {
	web, err := console.Embedded()
	if err != nil {
		return nil, err
	}
	n.console = web
	metrics.Watch(n.engine)
	metrics.WatchNetworks(n.engine.Networks)
	api := httpapi.New(httpapi.Options{
		Engine: n.engine, Store: n.store, Feed: beside.feed, Sandbox: n.sandbox, SandboxHere: !n.settings.sandboxOpen, Hooks: n.hooks, Logger: n.log, Metrics: metrics, Version: version,
		Webhooks: n.outbound, Audit: n.audit, Company: n.settings.policy.Company, DemoInside: demo != nil, Demo: demo,
		People: n.people, OIDC: n.oidc, Address: n.publicURL,
		Erased: n.syncErasures, Scenarios: n.playScenarios, Console: web, ToConnect: n.toConnect,
	})
	return api, nil
}

// close frees what openNode took, the last first.
func (n *node) close() error {
	var errs []error
	for i := len(n.free) - 1; i >= 0; i-- {
		errs = append(errs, n.free[i]())
	}
	n.free = nil
	return errors.Join(errs...)
}
