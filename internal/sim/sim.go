package sim

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/desk"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
)

// Options say what to simulate.
type Options struct {
	Seed  int64
	Steps int
	// Store opens the store to run over and says how to remove it; nil is the
	// one in memory. StoreName is what "advocate sim --store" calls it.
	Store     func() (store.Store, func(), error)
	StoreName string
	// Fault plants one of Faults, to see that it is found.
	Fault string
	// Progress is told how it goes now and then; may be nil.
	Progress func(Report)
}

// Report is what a run did. Steps counts those that were taken: a run ends at
// the first step after which something does not hold.
type Report struct {
	Seed       int64          `json:"seed"`
	Steps      int            `json:"steps"`
	Store      string         `json:"store,omitempty"` // Options.StoreName
	Fault      string         `json:"fault,omitempty"` // Options.Fault
	Inputs     int            `json:"inputs"`
	Decisions  int            `json:"decisions"`
	Crashes    int            `json:"crashes"`
	Violations []string       `json:"violations"`
	Operations map[string]int `json:"operations"` // how often each kind succeeded; 0 shows that it never did
	Digest     string         `json:"digest"`     // of every record in order: equal runs have equal ones
}

// Replay is the command that runs the same again, over the same kind of store.
func (r Report) Replay() string {
	out := fmt.Sprintf("advocate sim --seed %d --steps %d", r.Seed, r.Steps)
	if r.Store != "" {
		at := r.Store
		if strings.ContainsAny(at, "?&") { // an address whose settings mean something to a shell
			at = "'" + strings.ReplaceAll(at, "'", "%27") + "'"
		}
		out += " --store " + at
	}
	if r.Fault != "" {
		out += " --fault " + r.Fault
	}
	return out
}

// Missing lists the kinds of operations that never succeeded.
func (r Report) Missing() []string {
	var out []string
	for _, op := range sortedKeys(r.Operations) {
		if r.Operations[op] == 0 {
			out = append(out, op)
		}
	}
	return out
}

// driver runs the world against the engine.
type driver struct {
	*world
	oracle  *oracle
	disk    store.Store // what processes see: faults, the tap and the store
	engine  *engine.Engine
	odds    float64 // of dying at a commit
	random  *rand.ChaCha8
	blind   bool       // a planted fault: nothing is looked at again
	queue   []delivery // handed in and not acknowledged yet
	evQueue []evDelivery
	merges  []merged
	desk    *desk.Stepper // nil: to be built anew
	actions []action
	weight  int
	crashes int
}

// start is when every simulation begins: a Monday morning.
var start = time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC)

// settleEvery is how many steps there are between two full checks.
const settleEvery = 12

// Run simulates. The error says that the simulation itself could not run;
// what does not hold is in the report.
func Run(ctx context.Context, o Options) (Report, error) {
	if o.Steps < 0 {
		return Report{}, domain.FieldErrorf("steps", "is %d; want 0 or more", o.Steps)
	}
	d, closeStore, err := newDriver(o)
	if err != nil {
		return Report{}, err
	}
	defer closeStore()
	if err := d.begin(ctx); err != nil {
		return Report{}, err
	}
	step := 0
	for step < o.Steps && len(d.oracle.violations) == 0 {
		if err := ctx.Err(); err != nil {
			return d.report(o, step), err
		}
		step++
		d.step(ctx, step)
		if o.Progress != nil && step%500 == 0 {
			o.Progress(d.report(o, step))
		}
	}
	if len(d.oracle.violations) == 0 {
		d.finish(ctx)
	}
	if err := ctx.Err(); err != nil {
		return d.report(o, step), err
	}
	return d.report(o, step), nil
}

func (d *driver) report(o Options, step int) Report {
	r := Report{
		Seed: o.Seed, Steps: step, Store: o.StoreName, Fault: o.Fault, Inputs: d.oracle.inputs, Decisions: d.oracle.decisions, Crashes: d.crashes,
		Violations: []string{}, Operations: map[string]int{}, Digest: fmt.Sprintf("%016x", d.oracle.digest),
	}
	for _, v := range d.oracle.violations {
		r.Violations = append(r.Violations, fmt.Sprintf("step %d: %s", step, v))
	}
	for _, op := range operations {
		r.Operations[op] = 0
	}
	for op, n := range d.ops {
		r.Operations[op] = n
	}
	return r
}

func newDriver(o Options) (*driver, func(), error) {
	fault, ok := faults[o.Fault]
	if !ok && o.Fault != "" {
		return nil, nil, domain.FieldErrorf("fault", "is %q; want one of %v", o.Fault, Faults())
	}
	p := policy()
	pbs, err := compileAll(p)
	if err != nil {
		return nil, nil, err
	}
	seed := uint64(o.Seed)
	w := newWorld(rand.New(rand.NewPCG(seed, 0x5eed)), start)
	or := newOracle(w, p, pbs, w.now)
	w.oracle = or
	var inner store.Store = memory.New()
	closeStore := func() {}
	if o.Store != nil {
		if inner, closeStore, err = o.Store(); err != nil {
			return nil, nil, err
		}
	}
	d := &driver{world: w, oracle: or, odds: 0.01}
	var key [32]byte
	for i := range 8 {
		key[i] = byte(seed >> (8 * i))
	}
	d.random = rand.NewChaCha8(key)
	d.disk = &tap{Store: inner, oracle: or}
	if fault != nil {
		fault(d)
	}
	d.actions = allActions
	for _, a := range d.actions {
		d.weight += a.weight
	}
	return d, func() { _ = inner.Close(); closeStore() }, nil
}

var _ io.Reader = (*rand.ChaCha8)(nil)

// begin starts the first engine and gives it its first playbook. Nothing
// fails until it runs.
func (d *driver) begin(ctx context.Context) error {
	odds := d.odds
	d.odds = 0
	defer func() { d.odds = odds }()
	if err := d.restart(); err != nil {
		return err
	}
	if err := d.hire(ctx); err != nil {
		return err
	}
	v, err := d.engine.PlaybookPublish(ctx, "sim", playbookSource(0), "sim")
	if err != nil {
		return err
	}
	return d.engine.PlaybookActivate(ctx, v, "sim")
}

// restart makes a new process and engine over the same disk.
func (d *driver) restart() error {
	d.process, d.desk = &process{disk: d.disk, rand: d.rand, odds: &d.odds}, nil
	var nets []social.Network
	for _, n := range d.networks {
		if n.shows && !d.blind {
			nets = append(nets, shown{n})
		} else {
			nets = append(nets, n)
		}
	}
	e, err := engine.New(engine.Options{
		Store: d.process, Understander: reader{}, Networks: nets,
		Components: []component.Component{
			&system{world: d.world, name: "orders", disk: d.disk}, &system{world: d.world, name: "knowledge", disk: d.disk},
		},
		Webhooks: map[string]engine.WebhookSender{"crm": &hook{world: d.world}},
		Policy:   d.oracle.policy, Clock: d.clock, Random: d.random, Settle: 20 * time.Second, Workers: 1,
	})
	if err == nil {
		d.engine = e
		e.StepShortcut(d.crashes % 4)
	}
	return err
}

// alive starts a new engine if the process died.
func (d *driver) alive() {
	if !d.process.dead {
		return
	}
	d.crashes++
	if d.process.after {
		d.did("crash.after_commit")
	} else {
		d.did("crash.before_commit")
	}
	if err := d.restart(); err != nil {
		d.oracle.fail("the engine does not start again after a crash: %v", err)
	}
}

// step does one thing in the world and lets the engine do a little.
func (d *driver) step(ctx context.Context, n int) {
	d.act(ctx)
	d.alive()
	for range d.rand.IntN(4) {
		d.engineStep(ctx, d.rand.IntN(6))
		d.alive()
	}
	if n%settleEvery == 0 {
		d.settle(ctx)
		d.deskSettle(ctx)
		if len(d.oracle.violations) == 0 {
			d.checkDesk(ctx)
		}
		if len(d.oracle.violations) == 0 {
			d.oracle.checkSettled()
		}
	}
}

// act does one action, drawn by weight.
func (d *driver) act(ctx context.Context) {
	x := d.rand.IntN(d.weight)
	for i := range d.actions {
		if x -= d.actions[i].weight; x < 0 {
			d.actions[i].do(d, ctx)
			return
		}
	}
}

// engineStep lets the engine do one bounded piece of work.
func (d *driver) engineStep(ctx context.Context, which int) int {
	steps := [...]struct {
		name string
		do   func(context.Context) (int, error)
	}{
		{"ready", d.engine.StepReady}, {"due", d.engine.StepDue}, {"fanout", d.engine.StepFanout},
		{"catchup", d.engine.StepCatchUp}, {"dispatch", d.engine.StepDispatch}, {"prune", d.engine.StepPrune},
	}
	s := steps[which]
	n, err := s.do(ctx)
	switch {
	case d.process.dead:
	case err != nil:
		d.oracle.fail("the step %s failed: %v", s.name, cause(err))
	case n > 0:
		d.did("step." + s.name)
	}
	return n
}

// cause shows what an error hides from callers.
func cause(err error) string {
	out := err.Error()
	for e := err; e != nil; {
		u, ok := e.(interface{ Unwrap() error })
		if !ok {
			break
		}
		if e = u.Unwrap(); e != nil {
			out += ": " + e.Error()
		}
	}
	return out
}

// maxRounds bounds how long an engine may be busy at one time.
const maxRounds = 400

// settle lets the engine work until it finds nothing more to do now.
func (d *driver) settle(ctx context.Context) {
	for round := 0; ; round++ {
		busy := 0
		for which := range 5 {
			n := d.engineStep(ctx, which)
			if d.process.dead {
				d.alive()
				n = 1
			}
			busy += n
			if len(d.oracle.violations) > 0 {
				return
			}
		}
		if busy == 0 {
			return
		}
		if round > maxRounds {
			d.oracle.fail("the engine does not come to rest: still busy after %d rounds at %s", maxRounds, d.now().Format(time.RFC3339))
			return
		}
	}
}

// finish ends the run: nothing fails any more, everything is handed in, time
// passes until nothing is due, and then nothing may be left open.
func (d *driver) finish(ctx context.Context) {
	d.calm, d.odds = true, 0
	for _, s := range []string{"all", "network:plaza", "network:square", "network:harbor", "rule:delayed"} {
		if err := d.engine.SwitchSet(ctx, store.Switch{Scope: s, Mode: engine.ModeLive, By: "sim"}); err != nil {
			d.oracle.fail("the switch %s cannot be set live: %v", s, cause(err))
		}
	}
	for range 40 {
		if len(d.queue) == 0 && len(d.evQueue) == 0 {
			break
		}
		d.deliver(ctx, 50)
		d.deliverEvents(ctx, 50)
	}
	until := d.now().Add(150 * 24 * time.Hour)
	for range 20_000 {
		d.settle(ctx)
		if len(d.oracle.violations) == 0 {
			d.oracle.checkSettled()
		}
		if len(d.oracle.violations) > 0 {
			return
		}
		next, err := d.engine.NextWake(ctx)
		if err != nil {
			d.oracle.fail("NextWake failed: %v", cause(err))
			return
		}
		if next.IsZero() || next.After(until) {
			break
		}
		d.clock.Set(d.clock.Manual.Now().Add(max(time.Second, next.Sub(d.now()))))
	}
	d.oracle.checkEnd()
}
