package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync/atomic"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/store"
)

// maxBenchNodes is how many processes a benchmark starts.
const maxBenchNodes = 16

// nodeWarmUp is how long a node works before it counts: its connections have
// to be made, and every statement prepared on each.
const nodeWarmUp = 2 * time.Second

// nodeReport is what so many nodes did over one database, as hard as they could
// with as many batches on their way as one alone, and then all together at half
// of what one alone does: only that tells what an event costs more where it may
// come to any of them, since at full speed they also take the processors from
// each other. The times of the processors are of all nodes and are counted until
// the last reply has left.
type nodeReport struct {
	Nodes           int     `json:"nodes"`
	EventsPerSecond float64 `json:"events_per_second"`
	CPUPerEvent     float64 `json:"cpu_us_per_event"`
	ServerCPU       float64 `json:"server_cpu_us_per_event,omitempty"`
	HalfPerSecond   float64 `json:"half_events_per_second"`
	HalfCPU         float64 `json:"half_cpu_us_per_event"`
	HalfServerCPU   float64 `json:"half_server_cpu_us_per_event,omitempty"`
}

// benchNodeCmd is one node of a benchmark, a process of its own. It is told
// what to do on stdin and answers on stdout, a line of JSON each time; when
// stdin ends, so does it.
type benchNodeCmd struct{}

// nodeTask is what a node is told first. Store may hold a password, and so
// stands on no command line.
type nodeTask struct {
	Store     string        `json:"store"`
	Dir       string        `json:"dir"`
	Advocates int           `json:"advocates"`
	Fanout    int           `json:"fanout"`
	For       time.Duration `json:"for"`
	First     int64         `json:"first"` // its events' numbers begin there
	Sides     int           `json:"sides"` // goroutines that hand events in as hard as they can
}

// nodeWord is what a node is told after that: to run, or to say what the run
// took.
type nodeWord struct {
	Run       bool    `json:"run"`
	PerSecond float64 `json:"per_second,omitempty"` // 0: as hard as it can
}

// nodeAnswer is what a node says: when it is ready, after the events of a run,
// and how much time of the processors it has taken since that run began.
type nodeAnswer struct {
	Events int64         `json:"events,omitempty"`
	CPU    time.Duration `json:"cpu,omitempty"`
}

func (*benchNodeCmd) Run(g *globals) error {
	lines := bufio.NewReader(g.stdin)
	var task nodeTask
	if err := readLine(lines, &task); err != nil {
		return usagef("bench-node is started by \"advocate bench --nodes N\": %v", err)
	}
	s, err := g.load()
	if err != nil {
		return err
	}
	s.store = task.Store
	s.forBench(task.Dir)
	b := &bench{cmd: &benchCmd{Advocates: task.Advocates, Fanout: task.Fanout}, g: g, settings: s, t: newTerminal(g.stderr)}
	if err := b.open(g.ctx); err != nil {
		return err
	}
	return errors.Join(b.obey(lines, &task), b.close())
}

func (b *bench) obey(lines *bufio.Reader, task *nodeTask) error {
	tell := json.NewEncoder(b.g.stdout).Encode
	var serial atomic.Int64
	serial.Store(task.First)
	hard := func(d time.Duration) error {
		start := time.Now()
		return b.sides(task.Sides, func(side int) error {
			r := rand.New(rand.NewPCG(uint64(side), uint64(serial.Load())))
			for time.Since(start) < d {
				if err := b.submit(b.g.ctx, b.orderEvents(r, &serial)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := hard(nodeWarmUp); err != nil {
		return err
	}
	if err := tell(nodeAnswer{}); err != nil {
		return err
	}
	var used time.Duration
	for {
		var word nodeWord
		if err := readLine(lines, &word); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if !word.Run {
			if err := tell(nodeAnswer{CPU: cpuTime() - used}); err != nil {
				return err
			}
			continue
		}
		used = cpuTime()
		began, err := serial.Load(), error(nil)
		if word.PerSecond > 0 {
			until := time.Now().Add(task.For)
			_, err = b.paced(b.g.ctx, word.PerSecond, &serial, func() bool { return time.Now().After(until) })
		} else {
			err = hard(task.For)
		}
		if err != nil {
			return err
		}
		if err := tell(nodeAnswer{Events: serial.Load() - began}); err != nil {
			return err
		}
	}
}

func readLine(r *bufio.Reader, into any) error {
	line, err := r.ReadBytes('\n')
	if err != nil {
		return err
	}
	return json.Unmarshal(line, into)
}

// forBench leaves out everything that a configuration may ask for and a
// benchmark does not measure.
func (s *settings) forBench(dir string) {
	s.dir, s.clock, s.sandbox, s.playbook, s.services, s.webhooks, s.hooks, s.accounts = dir, clock.Real(), false, "", nil, nil, nil, nil
	s.knowledge.Dir = ""
	s.policy.QuietFrom, s.policy.QuietTo = 0, 0 // or at night no reply would leave before morning
}

// nodes measures one node, then two and so on, each a process of its own.
func (b *bench) nodes(ctx context.Context, d time.Duration, rep *benchReport) error {
	st, err := openStore(ctx, &b.settings)
	if err != nil {
		return err
	}
	defer st.Close()
	b.n = &node{settings: b.settings, store: st} // a look at the server, and no engine
	first, half := int64(1)<<42, 0.0
	for n := 1; n <= b.cmd.Nodes; n++ {
		r, err := b.together(ctx, n, d, first, half)
		if err != nil {
			return fmt.Errorf("with %d nodes: %w", n, err)
		}
		rep.Nodes = append(rep.Nodes, r)
		half = rep.Nodes[0].EventsPerSecond / 2
		first += int64(n) << 36
	}
	return nil
}

// together lets n nodes run beside each other, and then at half events a second
// in all; where half is 0, at half of what they did before.
func (b *bench) together(ctx context.Context, n int, d time.Duration, first int64, half float64) (rep nodeReport, err error) {
	rep.Nodes = n
	peers := make(benchPeers, 0, n)
	defer func() {
		for _, p := range peers {
			err = errors.Join(err, p.end(err != nil))
		}
	}()
	for i := range n {
		p, err := b.startPeer(ctx, nodeTask{For: d, First: first + int64(i)<<36, Sides: max(1, (benchSides+i)/n)})
		if err != nil {
			return rep, err
		}
		peers = append(peers, p)
	}
	if err := peers.hear(func(nodeAnswer) {}); err != nil {
		return rep, err
	}
	if rep.EventsPerSecond, rep.CPUPerEvent, rep.ServerCPU, err = b.let(ctx, peers, d, 0); err != nil {
		return rep, err
	}
	if half == 0 {
		half = rep.EventsPerSecond / 2
	}
	rep.HalfPerSecond, rep.HalfCPU, rep.HalfServerCPU, err = b.let(ctx, peers, d, half/float64(n))
	return rep, err
}

// let has nodes run once, and returns the events a second of all and what each
// took of the nodes' and the server's processors, in microseconds.
func (b *bench) let(ctx context.Context, peers benchPeers, d time.Duration, perSecond float64) (rate, nodes, server float64, err error) {
	if err := b.quiet(ctx); err != nil { // what came before
		return 0, 0, 0, err
	}
	before, events, used := b.serverCPU(ctx), int64(0), time.Duration(0)
	if err := peers.ask(nodeWord{Run: true, PerSecond: perSecond}, func(a nodeAnswer) { events += a.Events }); err != nil {
		return 0, 0, 0, err
	}
	if err := b.quiet(ctx); err != nil {
		return 0, 0, 0, err
	}
	onServer := b.serverCPU(ctx) - before
	if err := peers.ask(nodeWord{}, func(a nodeAnswer) { used += a.CPU }); err != nil {
		return 0, 0, 0, err
	}
	each := func(t time.Duration) float64 { return float64(t.Microseconds()) / float64(max(events, 1)) }
	return float64(events) / d.Seconds(), each(used), each(onServer), nil
}

// quiet waits until nothing is left to decide or to send.
func (b *bench) quiet(ctx context.Context) error {
	for start := time.Now(); time.Since(start) < drainLimit; {
		var c store.Counts
		look := time.Now()
		err := b.n.store.View(ctx, func(r store.Reader) (err error) {
			c, err = r.Counts()
			return err
		})
		if err != nil || c.EffectsPending == 0 && c.Inbox == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(max(50*time.Millisecond, 20*time.Since(look))): // counting takes from what is measured
		}
	}
	return fmt.Errorf("replies were still waiting after %v", drainLimit)
}

// benchPeer is a node's process.
type benchPeer struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines *bufio.Reader
	dir   string
}

type benchPeers []*benchPeer

// ask tells all of them a word before it hears the first.
func (all benchPeers) ask(word nodeWord, add func(nodeAnswer)) error {
	for _, p := range all {
		if err := p.tell(word); err != nil {
			return err
		}
	}
	return all.hear(add)
}

func (all benchPeers) hear(add func(nodeAnswer)) error {
	for _, p := range all {
		var a nodeAnswer
		if err := readLine(p.lines, &a); err != nil {
			return fmt.Errorf("a node ended: %w", err)
		}
		add(a)
	}
	return nil
}

// startPeer starts a node with its task; where it works is filled in.
func (b *bench) startPeer(ctx context.Context, task nodeTask) (*benchPeer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &benchPeer{}
	if p.dir, err = os.MkdirTemp(b.settings.dir, "node-"); err != nil {
		return nil, err
	}
	args := []string{"bench-node"}
	if b.g.Config != "" {
		args = append(args, "--config", b.g.Config)
	}
	p.cmd = exec.CommandContext(ctx, self, args...)
	p.cmd.Stderr = b.g.stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	p.lines = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	task.Store, task.Dir, task.Advocates, task.Fanout = b.settings.store, p.dir, b.cmd.Advocates, b.cmd.Fanout
	return p, p.tell(task)
}

func (p *benchPeer) tell(what any) error { return json.NewEncoder(p.in).Encode(what) }

// end lets a process go; after a failure it ends at once.
func (p *benchPeer) end(failed bool) error {
	p.in.Close()
	if failed {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
		return nil
	}
	return p.cmd.Wait()
}
