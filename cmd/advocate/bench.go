package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"github.com/contact-advocate/advocate/internal/config"
)

type benchCmd struct {
	Advocates int  `default:"100000" help:"How many customers, each with an open case, an order and a subscription."`
	Seconds   int  `default:"10" help:"How long to run at full speed."`
	Nodes     int  `default:"0" placeholder:"N" help:"Measure one to N processes over one PostgreSQL database as well, 2 to 16."`
	Fanout    int  `default:"100000" help:"Subscribers of one recall notice, at most half of the advocates; 0 leaves that out."`
	JSON      bool `name:"json" help:"Print JSON."`
	Keep      bool `help:"Leave the database where it is, in --data."`

	CPUProfile string `name:"cpu-profile" placeholder:"FILE" help:"Write a CPU profile of the full-speed part, for go tool pprof."`
}

func (*benchCmd) Help() string {
	return `Loads the database, then hands order events to the real engine in batches of 100 from eight sides, over the built-in playbook with the duplicate check on: each is made durable, found by its subscriber, decided and committed before the next. Half of them say that an order was paid, most others that it was shipped, 6 in 100 that it was delivered and 2 that it is late.

Measured in the same run: full speed, during which replies leave; how fast those leave that are left then; half of full speed for the latency, with its replies; 50 mentions a second by a stream, from post to answer; posts; one recall notice for many subscribers while other customers' events go on; and the bare store writing the same rows. No HTTP, no network.

With --store postgres://… it makes a database of its own on that server and removes it afterwards; the user needs CREATEDB. A server that the configuration names is left alone. --nodes 4 then runs one process over that database, two, three and four, as hard as they can with eight batches on their way in all, and then together at half of what one does. "make bench STORE=postgres" makes a server for it, too.

Examples:
  advocate bench --advocates 1000000 --seconds 20
  advocate bench --advocates 1000 --seconds 1 --json
  advocate bench --store postgres://advocate@localhost/postgres --advocates 100000 --nodes 4`
}

// benchReport is what --json prints.
type benchReport struct {
	Store           string  `json:"store"`
	Advocates       int     `json:"advocates"`
	Subscriptions   int     `json:"subscriptions"`
	Events          int64   `json:"events"`
	Seconds         float64 `json:"seconds"`
	EventsPerSecond float64 `json:"events_per_second"`
	CPUPerEvent     float64 `json:"cpu_us_per_event"`
	P50             float64 `json:"p50_ms"`
	P99             float64 `json:"p99_ms"`
	RSS             float64 `json:"rss_mib"`
	StartMS         float64 `json:"start_ms"`
	ServerCPU       float64 `json:"server_cpu_us_per_event,omitempty"` // PostgreSQL's, where it stands on this machine
	RawPerSecond    float64 `json:"raw_events_per_second"`
	RawCPU          float64 `json:"raw_cpu_us_per_event,omitempty"` // where one connection writes
	ShareOfRaw      float64 `json:"share_of_raw"`

	EffectsPerSecond float64 `json:"effects_per_second"`
	HalfPerSecond    float64 `json:"half_load_events_per_second"`
	PostsPerSecond   float64 `json:"posts_per_second"`
	PostCPU          float64 `json:"cpu_us_per_post"`

	// A stream's, from post to answer on the network.
	MentionsPerSecond float64 `json:"mentions_per_second"`
	MentionP50        float64 `json:"mention_p50_ms"`
	MentionP99        float64 `json:"mention_p99_ms"`

	FanoutTo         int     `json:"fanout_subscribers"`
	FanoutSeconds    float64 `json:"fanout_seconds"`
	FanoutAcceptedMS float64 `json:"fanout_accepted_ms"`
	FanoutOtherP99   float64 `json:"fanout_other_p99_ms"`
	LoadSeconds      float64 `json:"load_seconds"`
	DatabaseMiB      float64 `json:"database_mib"`

	// From the beginning of full speed until the last of its replies had left.
	WholeCPU       float64      `json:"cpu_us_per_event_and_replies"`
	WholeServerCPU float64      `json:"server_cpu_us_per_event_and_replies,omitempty"`
	Nodes          []nodeReport `json:"nodes,omitempty"`
}

const (
	maxBenchAdvocates = 20_000_000
	benchBytes        = 8 << 10 // of disk an advocate, generously
)

func (c *benchCmd) Run(g *globals) error {
	if c.Advocates < 100 || c.Advocates > maxBenchAdvocates {
		return usagef("--advocates: is %d; want 100 to %d", c.Advocates, maxBenchAdvocates)
	}
	if c.Seconds < 1 || c.Seconds > 3600 {
		return usagef("--seconds: is %d; want 1 to 3600", c.Seconds)
	}
	if c.Nodes < 0 || c.Nodes == 1 || c.Nodes > maxBenchNodes {
		return usagef("--nodes: is %d; want 2 to %d, or 0 for none", c.Nodes, maxBenchNodes)
	}
	if c.Fanout < 0 {
		return usagef("--fanout: is %d; want 0 or more", c.Fanout)
	}
	c.Fanout = min(c.Fanout, c.Advocates/2)
	s, err := g.load()
	if err != nil {
		return err
	}
	if g.Store == "" {
		s.store = config.SQLite // a configured server has other work to do
	}
	if c.Nodes > 0 && !s.server() {
		return usagef("--nodes: only PostgreSQL serves several processes; say --store postgres://user@host:port/database as well")
	}
	dir, free, err := c.directory(g)
	if err != nil {
		return err
	}
	s.forBench(dir)
	b := &bench{cmd: c, g: g, settings: s, t: newTerminal(g.stderr)}
	drop, err := b.scratch(g.ctx)
	if err != nil {
		return errors.Join(err, free())
	}
	rep, err := b.run(g.ctx)
	if err := errors.Join(err, drop(), free()); err != nil {
		return err
	}
	if c.JSON {
		return g.printJSON(rep)
	}
	rep.print(newTerminal(g.stdout))
	return nil
}

// directory is a new one, removed afterwards unless it is to be kept.
func (c *benchCmd) directory(g *globals) (dir string, free func() error, err error) {
	parent := ""
	if g.Data != "" {
		parent = g.Data
		if err := os.MkdirAll(parent, 0o700); err != nil {
			return "", nil, err
		}
	}
	if dir, err = os.MkdirTemp(parent, "advocate-bench-"); err != nil {
		return "", nil, err
	}
	free = func() error { return os.RemoveAll(dir) }
	if c.Keep {
		free = func() error {
			fmt.Fprintf(g.stderr, "kept in %s\n", dir)
			return nil
		}
	}
	if room, err := freeSpace(dir); err == nil && !config.StoreURL(g.Store) && room < uint64(c.Advocates)*benchBytes {
		return "", nil, errors.Join(fmt.Errorf("%s has %d MiB free; %d advocates want about %d MiB; --data DIR names another place",
			dir, room>>20, c.Advocates, uint64(c.Advocates)*benchBytes>>20), free())
	}
	return dir, free, nil
}

// run does everything in turn.
func (b *bench) run(ctx context.Context) (rep benchReport, err error) {
	c := b.cmd
	rep = benchReport{Store: b.storeName(), Advocates: c.Advocates, Subscriptions: c.Advocates + c.Fanout, FanoutTo: c.Fanout}
	start := time.Now()
	if err := b.load(ctx); err != nil {
		return rep, err
	}
	rep.LoadSeconds = time.Since(start).Seconds()
	debug.FreeOSMemory()
	start = time.Now()
	if err := b.open(ctx); err != nil {
		return rep, err
	}
	rep.StartMS = ms(time.Since(start))
	if err := errors.Join(b.measure(ctx, &rep), b.close()); err != nil || c.Nodes == 0 {
		return rep, err
	}
	return rep, b.nodes(ctx, max(time.Duration(c.Seconds)*time.Second/2, time.Second), &rep)
}

// measure does what one node does.
func (b *bench) measure(ctx context.Context, rep *benchReport) (err error) {
	c := b.cmd
	if rep.DatabaseMiB, err = b.size(ctx); err != nil {
		return err
	}

	full := time.Duration(c.Seconds) * time.Second
	if err := b.raw(ctx, max(full/4, time.Second), rep); err != nil {
		return err
	}
	debug.FreeOSMemory() // what loading and the bare store held is not the engine's
	watch := watchMemory()
	defer func() { rep.RSS = watch() }()
	if err := b.events(ctx, full, rep); err != nil {
		return err
	}
	rep.ShareOfRaw = rep.EventsPerSecond / max(rep.RawPerSecond, 1e-9)
	if err := b.drain(ctx, rep); err != nil {
		return err
	}
	if err := b.half(ctx, max(full/2, time.Second), rep); err != nil {
		return err
	}
	if _, err := b.idle(ctx); err != nil {
		return err
	}
	if err := b.mentions(ctx, max(full/2, time.Second), rep); err != nil {
		return err
	}
	if err := b.posts(ctx, max(full/4, time.Second), rep); err != nil {
		return err
	}
	if c.Fanout > 0 {
		return b.fanout(ctx, rep)
	}
	return nil
}

// watchMemory keeps the most that this process held until the function it
// returns is called.
func watchMemory() func() float64 {
	stop, out := make(chan struct{}), make(chan float64)
	go func() {
		most := residentMiB()
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				most = max(most, residentMiB())
			case <-stop:
				out <- max(most, residentMiB())
				return
			}
		}
	}()
	return func() float64 {
		close(stop)
		return <-out
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (r *benchReport) print(t *terminal) {
	line := func(name, value, note string) { t.printf("  %-26s %14s  %s\n", name, value, t.paint(dim, note)) }
	t.printf("%s\n", t.paint(bold, fmt.Sprintf("%s, %d advocates, %d subscriptions, %.0f MiB", r.Store, r.Advocates, r.Subscriptions, r.DatabaseMiB)))
	line("events/s", fmt.Sprintf("%.0f", r.EventsPerSecond), fmt.Sprintf("durable and decided; %d in %.1f s", r.Events, r.Seconds))
	line("CPU an event", fmt.Sprintf("%.1f µs", r.CPUPerEvent), "of this process")
	if r.ServerCPU > 0 {
		line("server's CPU an event", fmt.Sprintf("%.1f µs", r.ServerCPU), "of all PostgreSQL's processes")
	}
	whole := fmt.Sprintf("%.1f µs", r.WholeCPU)
	if r.WholeServerCPU > 0 {
		whole += fmt.Sprintf(" + %.1f", r.WholeServerCPU)
	}
	line("… and its replies", whole, "until the last one had left")
	line("replies/s", fmt.Sprintf("%.0f", r.EffectsPerSecond), "sent and their outcomes decided on, what full speed left behind")
	line("p50, p99 at half load", fmt.Sprintf("%.1f, %.1f ms", r.P50, r.P99), fmt.Sprintf("a batch of 100, at %.0f events/s", r.HalfPerSecond))
	raw := fmt.Sprintf("the same rows, nothing decided; we reach %.0f %%", r.ShareOfRaw*100)
	if r.RawCPU > 0 {
		raw += fmt.Sprintf("; %.1f µs CPU an event", r.RawCPU)
	}
	line("bare store", fmt.Sprintf("%.0f/s", r.RawPerSecond), raw)
	line("posts/s", fmt.Sprintf("%.0f", r.PostsPerSecond), fmt.Sprintf("understood, answered and committed; %.0f µs CPU a post", r.PostCPU))
	line("p50, p99 of an answer", fmt.Sprintf("%.0f, %.0f ms", r.MentionP50, r.MentionP99), fmt.Sprintf("on the network, to each of %.0f mentions a second that a stream brings", r.MentionsPerSecond))
	if r.FanoutTo > 0 {
		line("one recall", fmt.Sprintf("%.1f s", r.FanoutSeconds), fmt.Sprintf("for %d subscribers, accepted after %.0f ms; others' p99 meanwhile %.1f ms", r.FanoutTo, r.FanoutAcceptedMS, r.FanoutOtherP99))
	}
	line("memory", fmt.Sprintf("%.0f MiB", r.RSS), "the most during the run")
	line("start", fmt.Sprintf("%.0f ms", r.StartMS), "from opening the store to taking events")
	line("load", fmt.Sprintf("%.0f s", r.LoadSeconds), "")
	for _, n := range r.Nodes {
		name := "one node"
		if n.Nodes > 1 {
			name = fmt.Sprintf("%d nodes", n.Nodes)
		}
		used := func(nodes, server float64) string {
			s := fmt.Sprintf("%.1f µs of the nodes' CPU an event and its replies", nodes)
			if server > 0 {
				s += fmt.Sprintf(", %.1f µs of the server's", server)
			}
			return s
		}
		line(name, fmt.Sprintf("%.0f/s", n.EventsPerSecond), used(n.CPUPerEvent, n.ServerCPU))
		line("… at half load", fmt.Sprintf("%.0f/s", n.HalfPerSecond), used(n.HalfCPU, n.HalfServerCPU))
	}
}
