package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/config"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/httpapi"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/telemetry"
)

const (
	requestGrace = 10 * time.Second // for requests that are being answered at the stop
	effectGrace  = 15 * time.Second // for effects that are being carried out
)

type serveCmd struct{}

func (*serveCmd) Help() string {
	return `Without a configuration: SQLite in ./data, the sandbox network, http://127.0.0.1:8080. The first start prints a link by which the first administrator comes in, once; and makes an admin token for programs and says where it is.

SIGINT and SIGTERM finish what is under way and stop; a second one stops at once. SIGHUP reads the playbook file again, which is also looked at every few seconds. A broken playbook never replaces a working one.

With --store postgres://… any number of nodes serve on one database, each with a data directory of its own for what is the node's: its log of erasures, the first token's file.

Examples:
  advocate serve
  advocate serve --config advocate.yaml --log-format json
  advocate serve --data /var/lib/advocate --listen 127.0.0.1:9000
  advocate serve --store postgres://advocate@db.example/advocate`
}

func (*serveCmd) Run(g *globals) error {
	s, err := g.load()
	if err != nil {
		return err
	}
	log, err := s.logger(g.stderr)
	if err != nil {
		return err
	}
	sv, err := g.startServer(s, log, nil, func(sv *server) { sv.greet(newTerminal(g.stdout)) })
	if err != nil {
		return err
	}
	return sv.wait(g.ctx)
}

// server is a node that runs: loops, HTTP, the local socket.
type server struct {
	n       *node
	api     *httpapi.API
	aside   *aside
	ln      net.Listener
	plain   net.Listener // of plain HTTP beside TLS; nil: none
	local   *http.Server
	failed  chan error // the HTTP server's end
	stopWeb context.CancelFunc
	first   bool // the admin token was made now
	wayIn   wayIn

	unconnected []unconnected // networks, when it started
}

// startServer opens everything and begins to serve. demo, if not nil, is who
// the sandbox page offers to be; greet, if not nil, is called before the first
// request is answered.
func (g *globals) startServer(s settings, log *slog.Logger, demo []httpapi.DemoCustomer, greet func(*server)) (*server, error) {
	ln, plain, err := s.open()
	if err != nil {
		return nil, err
	}
	closePorts := func() error {
		if plain != nil {
			return errors.Join(ln.Close(), plain.Close())
		}
		return ln.Close()
	}
	n, err := openNode(g.ctx, s, log)
	if errors.Is(err, store.ErrLocked) {
		err = fmt.Errorf("%s is in use by another process: is a server running there? --data DIR takes another directory", s.dir)
	}
	if err != nil {
		return nil, errors.Join(err, closePorts())
	}
	if err := n.openEncryption(); err != nil {
		return nil, errors.Join(err, closePorts(), n.close())
	}
	sv := &server{n: n, ln: ln, plain: plain, failed: make(chan error, 1)}
	if err := sv.begin(g.ctx, demo, greet); err != nil {
		return nil, errors.Join(err, closePorts(), n.close())
	}
	return sv, nil
}

func (sv *server) begin(ctx context.Context, demo []httpapi.DemoCustomer, greet func(*server)) (err error) {
	n := sv.n
	if sv.first, err = n.ensureAdmin(ctx); err != nil {
		return err
	}
	metrics := telemetry.NewMetrics(version)
	sv.aside = n.newAside(metrics)
	if sv.api, err = n.server(metrics, demo, sv.aside); err != nil {
		return err
	}
	if err := n.engine.Start(ctx); err != nil {
		return err
	}
	sv.aside.start(ctx)
	n.running, n.address = true, n.settings.shownURL(sv.ln.Addr())
	if n.settings.server() {
		// Commands open the database themselves.
	} else if ln, err := listenSocket(n.settings.socket()); err != nil {
		n.log.Warn("there is no local socket", "error", err)
	} else {
		sv.local = serveSocket(ln, n, n.log)
	}
	if sv.wayIn, err = n.firstLink(ctx); err != nil {
		n.log.Warn("there is no link for the first administrator; the next start makes one", "error", err)
	}
	if sv.unconnected, err = n.unconnected(ctx); err != nil {
		n.log.Warn("which networks are not connected yet cannot be told", "error", err)
	}
	if greet != nil {
		greet(sv) // what it says is out before the first request is answered
	}
	web, stop := context.WithCancel(context.WithoutCancel(ctx))
	sv.stopWeb = stop
	go func() { sv.failed <- sv.serveWeb(web) }()
	go n.encryption.run(web)
	go n.watchPlaybook(web)
	go n.keepErasures(web)
	if n.playbookNote != nil {
		n.log.Error("the playbook file cannot be used; the version in the store stays in use", "error", briefly(n.playbookNote))
	}
	if note := n.settings.sandboxNote; note != "" {
		n.log.Warn(note, "fix", sandboxFix)
	}
	if err := n.vault.Check(ctx); err != nil {
		n.log.Error("secrets cannot be opened: webhooks, networks and systems that need one stand still", "error", err)
	}
	for _, u := range sv.unconnected {
		n.log.Warn("a network is not connected yet", "network", u.network, "account", u.account, "command", u.command)
	}
	n.log.Info("serving", "url", n.address, "data", n.settings.dir, "store", config.StoreName(n.settings.store), "playbook_version", n.playbookVersion())
	return nil
}

// shownAddress is an address that a browser on this machine can open.
func shownAddress(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

// consoleMissing is said by a program that was compiled without its console.
const consoleMissing = `none in this program; "make build" builds one that has it`

func (sv *server) greet(t *terminal) {
	n := sv.n
	t.printf("%s\n", t.paint(bold, "Contact Advocate "+version))
	t.field(2, "address", bold, n.address)
	if !n.console.Built() {
		t.field(2, "console", "", consoleMissing)
	}
	if n.sandbox != nil {
		if note := n.settings.sandboxNote; note == "" || n.settings.sandboxOpen {
			t.field(2, "sandbox", "", n.address+"/sandbox  (post as a customer and see the replies)")
		}
		if note := n.settings.sandboxNote; note != "" {
			t.field(2, "sandbox", yellow, note+"; "+sandboxFix)
		}
	}
	t.field(2, "API", "", n.address+"/docs")
	made := "the token is in " + n.settings.tokenFile()
	switch _, err := os.Lstat(n.settings.tokenFile()); {
	case sv.first:
		made = "an admin token was made: " + n.settings.tokenFile()
	case n.settings.server() && err != nil:
		made = "the first token was made on another node, or before a move"
	}
	sv.wayIn.tell(t, n)
	for _, u := range sv.unconnected {
		t.field(2, "network", yellow, fmt.Sprintf("%s is not connected yet: %q connects it, without a restart", u.name(), u.command))
	}
	t.field(2, "programs", "", made+`; send it as "Authorization: Bearer …". "advocate token create" makes others.`)
	t.field(2, "data", "", n.settings.dir)
	if n.settings.server() {
		t.field(2, "store", "", config.StoreName(n.settings.store))
	}
	t.field(2, "playbook", "", fmt.Sprintf("%s, version %d", n.engine.Playbook().Name(), n.playbookVersion()))
	if n.playbookNote != nil {
		t.printf("  %s\n", t.paint(red, "The playbook file cannot be used:"))
		for _, line := range strings.Split(n.playbookNote.Error(), "\n") {
			t.printf("    %s\n", clean(line))
		}
		t.printf("    %s\n", "The version in the store stays in use.")
	}
	t.printf("\n")
}

// wait serves until the context ends, then lets everything finish.
func (sv *server) wait(ctx context.Context) error {
	select {
	case err := <-sv.failed:
		sv.failed <- nil
		return errors.Join(fmt.Errorf("the HTTP server ended: %w", err), sv.stop())
	case <-ctx.Done():
		sv.n.log.Info("stopping", "reason", "signal")
		return sv.stop()
	}
}

// stop refuses new work first, then drains what was taken.
func (sv *server) stop() error {
	sv.stopWeb()
	errs := []error{<-sv.failed}
	if errors.Is(errs[0], http.ErrServerClosed) {
		errs[0] = nil
	}
	sv.aside.stop()
	drain, cancel := context.WithTimeout(context.Background(), effectGrace)
	defer cancel()
	if err := sv.n.engine.Stop(drain); err != nil {
		sv.n.log.Warn("what was under way was cut off; it is carried out again after the next start", "error", err)
	}
	if sv.local != nil {
		errs = append(errs, sv.local.Shutdown(drain))
	}
	errs = append(errs, sv.n.syncErasures(drain), sv.n.close())
	sv.n.log.Info("stopped")
	return errors.Join(errs...)
}

// ensureAdmin makes the first token, so that somebody can sign in. It is
// written to a file that only this user can read, and nowhere else.
func (n *node) ensureAdmin(ctx context.Context) (made bool, err error) {
	if l, ok := n.store.(store.Leaser); ok {
		// Of nodes that start at once one makes it. Should that one die here,
		// the operator makes a token by hand.
		lease, mine, err := l.LeaseTake(ctx, "first token", rand.Text(), time.Minute)
		if err != nil || !mine {
			return false, err
		}
		defer func() { _ = l.LeaseDrop(context.WithoutCancel(ctx), lease) }()
	}
	known := 0
	err = n.store.View(ctx, func(r store.Reader) error {
		rows, err := r.TokenList()
		known = len(rows)
		return err
	})
	if err != nil || known > 0 {
		return false, err
	}
	secret, err := auth.Create(ctx, n.store, auth.CreateParams{Name: "admin", Role: auth.RoleAdmin, Now: time.Now()})
	if err != nil {
		return false, err
	}
	path := n.settings.tokenFile()
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		_, err = fmt.Fprintln(f, secret)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		// Without the file nobody would ever learn the secret.
		return false, errors.Join(fmt.Errorf("the admin token cannot be kept: %w", err), auth.Revoke(ctx, n.store, "admin"))
	}
	return true, nil
}

const watchEvery = 2 * time.Second

// watchPlaybook publishes what the playbook file says whenever it changes, and
// on SIGHUP. A broken file changes nothing and is logged once.
func (n *node) watchPlaybook(ctx context.Context) {
	if n.settings.playbook == "" {
		return
	}
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	last := n.playbookStamp
	for {
		force := false
		select {
		case <-ctx.Done():
			return
		case <-hup:
			force = true
		case <-tick.C:
		}
		if now := stampOf(n.settings.playbook); force || now != last {
			last = now
			n.reloadPlaybook(ctx, force)
		}
	}
}

// stampOf changes when a file does.
func stampOf(path string) string {
	st, err := os.Stat(path)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(st.ModTime().UnixNano(), st.Size())
}

// reloadPlaybook publishes what the file says. By itself a file that says what
// it said before does not overrule an operator; with force, as on SIGHUP, it
// does.
func (n *node) reloadPlaybook(ctx context.Context, force bool) {
	name, src, err := n.settings.playbookSource()
	version := int64(0)
	if err == nil {
		version, err = n.followPlaybook(ctx, name, src, engine.ByFile, force)
	}
	if err != nil {
		n.log.Error("the playbook file cannot be used; the version before stays in use", "file", n.settings.playbook, "error", briefly(err))
		return
	}
	n.log.Info("playbook file read", "file", n.settings.playbook, "version", version, "deciding_version", n.playbookVersion())
}
