package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/contact-advocate/advocate/internal/certificate"
	"github.com/contact-advocate/advocate/internal/config"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/postgres"
)

type doctorCmd struct {
	Online bool `help:"Also ask each network who we are and what we may do."`
	Quick  bool `help:"Leave out the check of the whole database, which reads all of it."`
	Strict bool `help:"Exit 3 for warnings as well."`
	JSON   bool `name:"json" help:"Print JSON: well, findings."`
}

func (*doctorCmd) Help() string {
	return `Exits 3 when something is bad: it does not work, or what comes in is in danger. A warning is what works and should be looked at, such as credentials that end soon or a switch that is off; it alone makes no exit code, so that a script may go on, unless --strict is given. "well" in JSON says the same as the exit code.

Examples:
  advocate doctor
  advocate doctor --quick --json
  advocate doctor --online --strict`
}

// finding is one thing that was looked at.
type finding struct {
	What  string `json:"what"`
	State string `json:"state"` // "ok", "warning", "bad"
	Says  string `json:"says"`
	Fix   string `json:"fix,omitempty"`
}

// examination gathers findings.
type examination struct{ found []finding }

func (x *examination) ok(what, format string, args ...any) {
	x.found = append(x.found, finding{What: what, State: "ok", Says: fmt.Sprintf(format, args...)})
}

func (x *examination) warn(what, fix, format string, args ...any) {
	x.found = append(x.found, finding{what, "warning", fmt.Sprintf(format, args...), fix})
}

func (x *examination) bad(what, fix, format string, args ...any) {
	x.found = append(x.found, finding{what, "bad", fmt.Sprintf(format, args...), fix})
}

// well reports whether nothing is bad; strict, whether nothing is to be looked
// at either.
func (x *examination) well(strict bool) bool {
	for _, f := range x.found {
		if f.State == "bad" || strict && f.State == "warning" {
			return false
		}
	}
	return true
}

func (c *doctorCmd) Run(g *globals) error {
	x := &examination{}
	x.ok("version", "%s", version)
	if s, err := g.load(); err != nil {
		if !x.configuration(g) {
			x.bad("configuration", "", "%v", err)
		}
	} else {
		// Where there is a database its node tells what is wrong with networks.
		if !noDatabase(&s) || !x.configuration(g) {
			x.ok("configuration", "%s", configName(g))
		}
		x.directory(&s)
		x.playbookFile(&s)
		x.database(g, &s, c.Quick, c.Online)
	}
	return c.report(g, x)
}

// configuration tells what "advocate check" finds wrong with the file in use;
// false: nothing.
func (x *examination) configuration(g *globals) bool {
	k := newChecker()
	if k.inUse(g) != nil || len(k.files) == 0 {
		return false
	}
	problems := slices.DeleteFunc(k.problems, func(p playbook.Problem) bool { return p.File != k.files[0] })
	if len(problems) == 0 {
		return false
	}
	x.bad("configuration", `"advocate check" lists every problem with its line`, "%s%s", problems[0].String(), andMore(len(problems)-1, "problem"))
	return true
}

// noDatabase reports whether the server has not been started yet.
func noDatabase(s *settings) bool {
	_, err := os.Stat(s.database())
	return errors.Is(err, os.ErrNotExist) && !s.server()
}

func configName(g *globals) string {
	if g.Config != "" {
		return g.Config
	}
	if _, err := os.Stat(config.FileName); err == nil {
		return config.FileName
	}
	return "none, the defaults hold"
}

func (c *doctorCmd) report(g *globals, x *examination) error {
	well := x.well(c.Strict)
	if c.JSON {
		if err := g.printJSON(map[string]any{"well": well, "findings": x.found}); err != nil {
			return err
		}
	} else {
		t := newTerminal(g.stdout)
		for _, f := range x.found {
			mark, style := "ok  ", green
			switch f.State {
			case "warning":
				mark, style = "warn", yellow
			case "bad":
				mark, style = "BAD ", red
			}
			for i, line := range wrap(clean(strings.ReplaceAll(f.Says, "\n", "; ")), t.width-21) {
				if i == 0 {
					t.printf("%s  %-14s %s\n", t.paint(style, mark), f.What, line)
				} else {
					t.printf("%21s%s\n", "", line)
				}
			}
			if f.Fix != "" {
				t.wide(21, 0, "", dim, f.Fix)
			}
		}
	}
	if !well {
		return errProblem
	}
	return nil
}

const lowSpace = 512 << 20

// What helps when the disk is the trouble.
const (
	makeRoom = "make room on that disk; until then whatever comes in is refused, and taken again by itself after that"
	mendDisk = "look at the disk and at the system's log; mounted read-only it usually has errors"
)

// noRoom is so little that nothing can be done with it.
const noRoom = 1 << 20

// tellFull says that a disk has less room than was wanted where SQLite only
// says that it could not write: outside of the server's own commits it does not
// pass the reason on.
func tellFull(dir string, want uint64, err error) error {
	if !errors.Is(err, store.ErrIO) {
		return err
	}
	free, e := freeSpace(dir)
	switch {
	case e != nil || free >= want:
		return err
	case want > noRoom:
		return fmt.Errorf("%w: %d MiB are wanted on the disk of %s, and %d MiB are free: %w", store.ErrFull, want>>20, dir, free>>20, err)
	}
	return fmt.Errorf("%w on the disk of %s: %w", store.ErrFull, dir, err)
}

// storeFix is what to do about a store that cannot work, "" where the error is
// another.
func storeFix(err error) string {
	switch {
	case errors.Is(err, store.ErrFull):
		return makeRoom
	case errors.Is(err, store.ErrDamaged):
		return "stop the server and restore a backup"
	case errors.Is(err, store.ErrIO):
		return mendDisk
	case errors.Is(err, store.ErrAway):
		return "start the server, or say where it is with --store; check the network, the user and its password"
	case errors.Is(err, store.ErrDenied):
		return grantRights
	}
	return ""
}

func (x *examination) directory(s *settings) {
	st, err := os.Stat(s.dir)
	if errors.Is(err, os.ErrNotExist) {
		x.warn("data", `"advocate serve" makes it; --data DIR names another`, "%s does not exist yet", s.dir)
		return
	}
	if err != nil || !st.IsDir() {
		x.bad("data", "name a directory with --data DIR", "%s: %v", s.dir, err)
		return
	}
	if st.Mode().Perm()&0o077 != 0 {
		x.warn("data", "chmod 700 "+s.dir, "%s can be read by others (mode %04o)", s.dir, st.Mode().Perm())
	} else {
		x.ok("data", "%s", s.dir)
	}
	probe := filepath.Join(s.dir, ".doctor")
	switch err := os.WriteFile(probe, []byte("x"), 0o600); {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		x.bad("data", makeRoom, "cannot be written: %v", err)
	case errors.Is(err, syscall.EROFS), errors.Is(err, syscall.EIO):
		x.bad("data", mendDisk, "cannot be written: %v", err)
	case err != nil:
		x.bad("data", "let this user write there, or run as the server's user", "cannot be written: %v", err)
	}
	os.Remove(probe)
	switch free, err := freeSpace(s.dir); {
	case err != nil:
		x.warn("free space", "", "cannot be read: %v", err)
	case free < lowSpace:
		x.bad("free space", makeRoom, "%d MiB", free>>20)
	default:
		x.ok("free space", "%.1f GiB", float64(free)/(1<<30))
	}
}

func (x *examination) playbookFile(s *settings) {
	name, source, err := s.playbookSource()
	if err == nil {
		_, err = playbook.Compile(name, source, s.policy)
	}
	if err != nil {
		x.bad("playbook file", `"advocate check" lists every problem; until then the active version stays in use`, "%s", briefly(err))
		return
	}
	x.ok("playbook file", "%s", name)
}

// nodeStatus is what a node says of itself.
type nodeStatus struct {
	Version string             `json:"version"`
	Running bool               `json:"running"`
	Address string             `json:"address,omitempty"`
	PID     int                `json:"pid"`
	Now     time.Time          `json:"now"`
	Newest  time.Time          `json:"newest"` // the latest time in the store
	Note    string             `json:"note,omitempty"`
	Choice  playbookChoice     `json:"choice"`
	TLS     certificate.Status `json:"tls"`
	Sandbox string             `json:"sandbox,omitempty"` // the note on it
	Vault   string             `json:"vault,omitempty"`   // why secrets cannot be opened
	Engine  engine.Status      `json:"engine"`
}

func opStatus(ctx context.Context, n *node, _ nothing) (nodeStatus, error) {
	st, err := n.engine.Status(ctx)
	out := nodeStatus{Version: version, Running: n.running, Address: n.address, PID: os.Getpid(), Now: time.Now().UTC(), Sandbox: n.settings.sandboxNote, Engine: st}
	if n.playbookNote != nil {
		out.Note = briefly(n.playbookNote)
	}
	if err != nil {
		return out, err
	}
	if lacks := n.vault.Check(ctx); lacks != nil {
		out.Vault = lacks.Error()
	}
	if out.Choice, err = n.choice(ctx); err != nil {
		return out, err
	}
	if out.TLS, err = n.certificates(ctx); err != nil {
		return out, err
	}
	err = n.store.View(ctx, func(r store.Reader) error {
		rows, err := r.WorkItemList(store.WorkItemListParams{Limit: 1})
		if err == nil && len(rows) > 0 {
			out.Newest = rows[0].CreatedAt
		}
		return err
	})
	return out, err
}

// opStoreCheck looks for damage.
func opStoreCheck(ctx context.Context, n *node, _ nothing) ([]string, error) {
	found, err := n.store.Check(ctx)
	return notNil(found), err
}

func (x *examination) database(g *globals, s *settings, quick, online bool) {
	if err := s.halfRestored(); err != nil {
		x.bad("database", `"advocate restore FILE" does it again; to begin empty, remove advocate.db.restoring*`, "%v", err)
		return
	}
	if noDatabase(s) {
		x.ok("database", "none yet")
		x.sandbox(s.sandboxNote)
		if len(s.accounts) > 0 {
			x.warn("networks", `start it, "advocate serve", and look again`, "none was asked: that takes what a server that has run once keeps")
		}
		return
	}
	c, err := g.connect()
	switch {
	case errors.Is(err, store.ErrSchema):
		x.bad("schema", `a database that is older than this program is brought up to date by "advocate migrate", or by serving from it; for a newer one, run a program that is as new, or restore a backup`, "%v", err)
		return
	case err != nil:
		x.bad("database", storeFix(err), "%v", err)
		return
	}
	defer c.close()
	if s.server() {
		x.ok("database", "%s", config.StoreName(s.store))
		if local, ok := c.(localCaller); ok {
			if st, ok := local.n.store.(*postgres.Store); ok {
				x.serverSide(g.ctx, st)
			}
		}
	} else if c.remote() {
		x.ok("lock", "held by the running server")
	} else {
		x.ok("lock", "free: no server runs")
		if _, err := os.Lstat(s.socket()); err == nil {
			x.ok("socket", "%s was left behind; the next start replaces it", s.socket())
		}
	}
	var st nodeStatus
	if err := c.call(g.ctx, "status", nothing{}, &st); err != nil {
		x.bad("engine", "", "%v", err)
		return
	}
	x.status(&st, c.remote() || s.server())
	x.sandbox(st.Sandbox)
	x.networks(g, c, online)
	if quick {
		return
	}
	var damage []string
	if err := c.call(g.ctx, "check", nothing{}, &damage); err != nil {
		x.bad("integrity", "", "%v", err)
	} else if len(damage) > 0 {
		x.bad("integrity", "stop the server and restore a backup", "%s", strings.Join(damage[:min(len(damage), 5)], "; "))
	} else {
		x.ok("integrity", "sound")
	}
}

func (x *examination) sandbox(note string) {
	if note != "" {
		x.warn("sandbox", sandboxFix, "%s", note)
	}
}

// playbook tells what decides, and whether it is what the configuration asks
// for.
func (x *examination) playbook(st *nodeStatus) {
	p, c := &st.Engine.Playbook, &st.Choice
	switch {
	case p.Version == 0 && p.Broken != 0:
		x.bad("playbook", `"advocate playbook activate VERSION" with one that works`, "version %d does not compile under this configuration, and nothing decides", p.Broken)
	case p.Version == 0 && !st.Running:
		x.ok("playbook", "none is active yet; the first start lets the configured one decide")
	case p.Version == 0:
		x.bad("playbook", `"advocate playbook publish FILE"`, "none is active")
	case p.Broken != 0:
		x.bad("playbook", `"advocate playbook activate VERSION" with one that works`, "version %d does not compile; version %d stays in use", p.Broken, p.Version)
	case c.Override:
		x.warn("playbook", `"advocate playbook list" shows the versions, "activate VERSION" the configured one lets it decide again`,
			"%s, version %d, activated by %s at %s, is not what the configuration asks for", p.Name, p.Version, orDash(c.By), c.Since.Format(time.RFC3339))
	case c.Behind:
		x.ok("playbook", "%s, version %d; the configuration asks for another, which decides from the next start on", p.Name, p.Version)
	case c.Own:
		x.ok("playbook", "%s, version %d, activated by %s; the configuration names none", p.Name, p.Version, orDash(c.By))
	default:
		x.ok("playbook", "%s, version %d", p.Name, p.Version)
	}
}

func (x *examination) status(st *nodeStatus, remote bool) {
	e := &st.Engine
	if remote && st.Version != version {
		x.warn("version", "restart the server", "the server is %s, this command is %s", st.Version, version)
	}
	if st.Newest.After(st.Now.Add(time.Minute)) {
		x.bad("clock", "set this machine's clock", "the database holds %s, which is in the future", st.Newest.Format(time.RFC3339))
	} else {
		x.ok("clock", "%s", st.Now.Format(time.RFC3339))
	}
	if f := e.Store; f.Failing != "" {
		x.bad("store", "nothing comes in until it takes writes; it does so by itself once that is mended", "%s, since %s", f.Failing, f.Since.Format(time.RFC3339))
	} else {
		x.ok("store", "takes writes")
	}
	if st.Vault != "" {
		x.warn("secrets", "a node that has its data here opens none of them: webhooks, networks and systems that need one stand still", "%s", st.Vault)
	}
	x.certificates(&st.TLS, st.Now)
	x.playbook(st)
	if n := e.Counts.EffectsDead; n > 0 {
		x.warn("dead letters", `"advocate dead-letter list" shows them, "retry" or "drop" ends them`, "%d", n)
	} else {
		x.ok("dead letters", "none")
	}
	if n := e.Counts.EffectsHeld; n > 0 {
		x.warn("held", `"advocate dead-letter list --state held", then "release" or "drop"`, "%s for a person", amount(n, "effect waits", "effects wait"))
	}
	if n := len(e.Stuck); n > 0 {
		x.bad("stuck", "the log says why; export and look at the customer", "the inputs of %s cannot be decided, the first is %s: %s", amount(n, "customer"), e.Stuck[0].Customer, e.Stuck[0].Reason)
	}
	for _, sw := range e.Switches {
		if sw.Mode == "live" {
			continue
		}
		x.warn("switch", fmt.Sprintf(`"advocate switch set %s live" lets it leave again`, sw.Scope), "%s is %s", sw.Scope, sw.Mode)
	}
	const lag = time.Minute
	switch {
	case e.OldestPending > lag && remote:
		x.bad("lag", "look at the log and at the machine's load", "the oldest input has waited for %s", e.OldestPending.Round(time.Second))
	case e.Overdue > lag && remote:
		x.warn("lag", "look at the machine's load", "timers are %s behind", e.Overdue.Round(time.Second))
	default:
		x.ok("lag", "%s", amount(e.Counts.Inbox, "input waits", "inputs wait"))
	}
	c := e.Counts
	x.ok("holds", "%s, %s, %s, %s, %s, %s", amount(c.Customers, "customer"), amount(c.Orders, "order"), amount(c.Subscriptions, "subscription"),
		amount(c.Events, "event"), amount(c.WorkItemsOpen, "open work item"), amount(c.EffectsPending, "effect pending", "effects pending"))
}
