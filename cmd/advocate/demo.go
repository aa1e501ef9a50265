package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/contact-advocate/advocate/examples/data"
	"github.com/contact-advocate/advocate/internal/config"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/httpapi"
	"github.com/contact-advocate/advocate/internal/said"
	"github.com/contact-advocate/advocate/internal/telemetry"
)

type demoCmd struct {
	Reset   bool          `help:"Begin with a fresh company."`
	Traffic bool          `default:"true" negatable:"" help:"Let sample customers post while you watch (--no-traffic: only you do)."`
	For     time.Duration `default:"4m" help:"For how long they post."`
	Pace    time.Duration `default:"7s" help:"The time between two of their posts."`
	Seed    uint64        `default:"1" help:"Which order they come in."`
	Agents  *bool         `negatable:"" help:"Let sample agents take the calls, so that you see how they end (--no-agents: only you do). They do unless --no-traffic is given."`
}

// plays reports whether the sample agents take calls.
func (c *demoCmd) plays() bool {
	if c.Agents != nil {
		return *c.Agents
	}
	return c.Traffic
}

func (*demoCmd) Help() string {
	return `A sample company with customers, orders, articles and the built-in playbook, in ./data/demo. Open the sandbox page, post as @maria, whose order A-10234 is late, or as anybody else, and watch here what her advocate does.

The sample customers pause when you press Enter. Two sample agents take the calls that advocates ask for, and say how they ended. Unlike "serve", the demo has no quiet hours, is open day and night, and shows on its page what an advocate knows; it is for this machine only.

Examples:
  advocate demo
  advocate demo --reset --no-traffic --listen 127.0.0.1:9000`
}

const demoCompany = "Acme Home"

func (c *demoCmd) Run(g *globals) error {
	if c.Pace < 100*time.Millisecond || c.For < 0 {
		return usagef("--pace: want at least 100ms; --for: want no negative time")
	}
	s, err := g.load()
	if err != nil {
		return err
	}
	if err := s.embedded("demo", "fills a database of its own, in its data directory"); err != nil {
		return err
	}
	if g.Data == "" {
		s.dir = filepath.Join(s.dir, "demo")
	}
	if err := c.prepare(&s); err != nil {
		return err
	}
	log, err := demoLog(g, s.log)
	if err != nil {
		return err
	}
	t := newTerminal(g.stdout)
	live := newLive(t)
	s.observer = live.observe
	people, err := demoPeople()
	if err != nil {
		return err
	}
	sv, err := g.startServer(s, log, people, nil)
	if err != nil {
		return err
	}
	if err := errors.Join(sv.n.fillDemo(g.ctx), sv.n.fillAgents(g.ctx, c.plays())); err != nil {
		return errors.Join(err, sv.stop())
	}
	c.greet(t, sv)
	ctx, stop := context.WithCancel(g.ctx)
	live.start()
	if c.Traffic && c.For > 0 {
		go newTraffic(sv.n, c).run(ctx, g.stdin)
	}
	var agents sync.WaitGroup
	if c.plays() {
		agents.Go(func() { sv.n.playAgents(ctx) })
	}
	err = sv.wait(ctx)
	stop()
	agents.Wait()
	live.end()
	return err
}

// prepare makes the demo's directory and settings.
func (c *demoCmd) prepare(s *settings) error {
	marker := filepath.Join(s.dir, ".advocate-demo")
	if c.Reset {
		if entries, err := os.ReadDir(s.dir); err == nil && len(entries) > 0 {
			if st, err := os.Lstat(marker); err != nil || !st.Mode().IsRegular() {
				return fmt.Errorf("%s holds no demo; --reset empties only a demo's own directory", s.dir)
			}
			if dialSocket(s.socket()) != nil {
				return fmt.Errorf("a demo runs on %s; stop it first", s.dir)
			}
			if err := os.RemoveAll(s.dir); err != nil {
				return err
			}
		}
	}
	articles := filepath.Join(s.dir, "articles")
	if err := os.MkdirAll(articles, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(marker, []byte("This directory is a demo's; --reset empties it.\n"), 0o600); err != nil {
		return err
	}
	entries, err := fs.ReadDir(data.Articles(), ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		b, err := fs.ReadFile(data.Articles(), e.Name())
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(articles, e.Name()), b, 0o600); err != nil {
			return err
		}
	}
	s.knowledge.Dir, s.sandbox, s.handle, s.accounts = articles, true, "acme", nil
	s.sandboxOpen, s.sandboxNote = true, "" // its customers are made up
	s.policy.Company = demoCompany
	s.policy.QuietFrom, s.policy.QuietTo = 0, 0
	s.policy.Queues = demoQueues()
	return nil
}

// demoQueues are open at all hours: whoever tries the demo, on whatever day,
// sees the call that an advocate asks for be offered, and takes it.
func demoQueues() map[string]domain.Queue {
	return map[string]domain.Queue{"care": {Name: "care"}, "urgent": {Name: "urgent"}}
}

// demoLog keeps the terminal for the advocates; warnings still show.
func demoLog(g *globals, o telemetry.LogOptions) (*slog.Logger, error) {
	if o.Level == "info" || o.Level == "" {
		o.Level = "warn"
	}
	return telemetry.NewLogger(g.stderr, o)
}

func (c *demoCmd) greet(t *terminal, sv *server) {
	n := sv.n
	t.printf("%s\n\n", t.paint(bold, "Contact Advocate, the demo of "+demoCompany))
	t.field(2, "open", bold, n.address+"/sandbox")
	t.field(2, "be", "", "@maria, a known customer whose order A-10234 is late: “where is my order A-10234?”")
	t.field(2, "or", "", "anybody else, a stranger, and ask for the same order")
	t.field(2, "look", "", "in another terminal: advocate customer show sandbox/maria --data "+n.settings.dir+"; explain, work-item and all other commands take the same --data")
	if n.console.Built() {
		t.field(2, "console", "", n.address+", where agents and supervisors work")
	} else {
		t.field(2, "console", "", consoleMissing)
	}
	sv.wayIn.tell(t, n)
	t.field(2, "API", "", n.address+"/docs, with the token in "+n.settings.tokenFile())
	t.field(2, "stop", "", "Ctrl-C; what happened stays in "+n.settings.dir+" (--reset begins anew)")
	if c.plays() {
		t.field(2, "agents", "", "Rosa and Jonas take the calls; to take some yourself, sign in, choose “Work as an agent too” and say that you are available")
	}
	if c.Traffic && c.For > 0 {
		t.field(2, "traffic", "", "sample customers post for "+config.FormatDuration(c.For)+"; press Enter to stop them")
	}
	t.printf("\n%s\n\n", t.paint(dim, "What the advocates do:"))
}

// fillDemo imports the sample company into an empty store.
func (n *node) fillDemo(ctx context.Context) error {
	st, err := n.engine.Status(ctx)
	if err != nil || st.Counts.Orders > 0 {
		return err
	}
	customers, _, err := sampleRows("customers.csv", data.Customers, []string{"ref"}, customerColumns, customerOf)
	if err != nil {
		return err
	}
	orders, _, err := sampleRows("orders.csv", data.Orders, []string{"id"}, orderColumns, orderOf)
	if err != nil {
		return err
	}
	shift := time.Since(data.Reference).Truncate(time.Minute)
	for i := range orders {
		o := &orders[i]
		for _, t := range []*time.Time{&o.PlacedAt, &o.ETA, &o.Promised, &o.DeliveredAt, &o.UpdatedAt} {
			if !t.IsZero() {
				*t = t.Add(shift)
			}
		}
	}
	rep, err := n.engine.CustomersImport(ctx, customers)
	if err := sampleTaken(rep, err); err != nil {
		return err
	}
	rep, err = n.engine.OrdersImport(ctx, orders)
	return sampleTaken(rep, err)
}

func sampleTaken(rep engine.ImportReport, err error) error {
	if err == nil && len(rep.Refused) > 0 {
		err = fmt.Errorf("the sample company: %s: %s", rep.Refused[0].Name, rep.Refused[0].Reason)
	}
	return err
}

func sampleRows[T any](name string, src []byte, required, known []string, read func(row) (T, error)) ([]T, []int, error) {
	rows, lines, bad, err := readAllFrom(name, bytes.NewReader(src), required, known, read)
	return rows, lines, refusedRow(name, bad, err)
}

// demoPeople are who the sandbox page offers to be.
func demoPeople() ([]httpapi.DemoCustomer, error) {
	customers, _, err := sampleRows("customers.csv", data.Customers, []string{"ref"}, customerColumns, customerOf)
	if err != nil {
		return nil, err
	}
	orders, _, err := sampleRows("orders.csv", data.Orders, []string{"id"}, orderColumns, orderOf)
	if err != nil {
		return nil, err
	}
	about := map[string]said.Part{
		"maria": said.DemoLate.Say(time.UTC, "A-10234"), "tom_b": said.DemoWaits.Say(time.UTC, "A-10235"),
		"priya": said.DemoTwo.Say(time.UTC), "sofia.r": said.DemoSpanish.Say(time.UTC),
	}
	samples := map[string][]string{
		"maria":   {"@acme where is my order A-10234? It should have been here two days ago", "@acme third time I ask about A-10234. This is ridiculous", "please call me tomorrow after 5pm"},
		"tom_b":   {"@acme wo bleibt meine Bestellung A-10235?"},
		"priya":   {"@acme how do I return something?", "@acme the kettle from A-10270 arrived broken"},
		"sofia.r": {"@acme ¿dónde está mi pedido A-10298?"},
	}
	var out []httpapi.DemoCustomer
	for _, c := range customers {
		if len(c.Identities) == 0 || about[c.Identities[0].Author].Code == "" {
			continue
		}
		h := c.Identities[0].Author
		p := httpapi.DemoCustomer{Handle: h, Name: c.Name, About: about[h].Text, AboutSaid: []said.Part{about[h]}, Known: true, Samples: samples[h]}
		for _, o := range orders {
			if o.CustomerRef == c.Ref {
				p.Orders = append(p.Orders, httpapi.DemoOrder{ID: o.ID, Status: o.Status, Reason: o.Reason})
			}
		}
		out = append(out, p)
	}
	stranger := said.DemoStranger.Say(time.UTC)
	return append(out, httpapi.DemoCustomer{
		Handle: "stranger", Name: "Somebody", About: stranger.Text, AboutSaid: []said.Part{stranger},
		Samples: []string{"@acme where is order A-10234?", "maria.lopez@example.com", "@acme how long does delivery take?"},
	}), nil
}

// live shows decisions as they are committed.
type live struct {
	t       *terminal
	on      atomic.Bool
	queue   chan engine.Change
	missed  atomic.Int64
	done    chan struct{}
	closing chan struct{}
}

const liveQueue = 256

func newLive(t *terminal) *live {
	return &live{t: t, queue: make(chan engine.Change, liveQueue), done: make(chan struct{}), closing: make(chan struct{})}
}

// observe is the engine's observer: it never waits.
func (l *live) observe(c engine.Change) {
	if !l.on.Load() || c.Decision == nil || dull(c.Record) {
		return
	}
	select {
	case l.queue <- c:
	default:
		l.missed.Add(1)
	}
}

// dull reports whether a decision only notes that an effect was carried out.
func dull(r *domain.Record) bool {
	for i := range r.Inputs {
		o := r.Inputs[i].Outcome
		if o == nil || o.State != domain.OutcomeDone {
			return false
		}
	}
	return len(r.Rules) == 0
}

func (l *live) start() {
	l.on.Store(true)
	go func() {
		defer close(l.done)
		for {
			select {
			case c := <-l.queue:
				l.show(c)
			case <-l.closing:
				return
			}
		}
	}()
}

func (l *live) end() {
	l.on.Store(false)
	close(l.closing)
	<-l.done
}

func (l *live) show(c engine.Change) {
	if n := l.missed.Swap(0); n > 0 {
		l.t.printf("%s\n\n", l.t.paint(dim, "("+amount(n, "decision was", "decisions were")+" too quick to be shown)"))
	}
	p := &c.Decision.Next.Customer
	who := joinWords(p.Name, p.Ref)
	if who == "" && len(p.Identities) > 0 {
		who = "a stranger, @" + p.Identities[0].Handle
	}
	l.t.printf("%s %s\n", l.t.paint(dim, c.Record.At.Local().Format("15:04:05")), l.t.paint(bold, clean(who)))
	s := story{t: l.t, brief: true}
	s.body(c.Record)
	l.t.printf("\n")
}
