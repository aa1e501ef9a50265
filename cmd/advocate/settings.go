package main

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/component/knowledge"
	"github.com/contact-advocate/advocate/internal/component/rest"
	"github.com/contact-advocate/advocate/internal/config"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/remote"
	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/source"
	"github.com/contact-advocate/advocate/internal/telemetry"
	"github.com/contact-advocate/advocate/internal/understand"
)

// builtInPlaybook is the built-in playbook's name in the store: its own.
var builtInPlaybook = playbook.NameOf(playbook.Default())

// settings are what flags and configuration come to.
type settings struct {
	visiting  bool // a command that opens the store itself, not a server
	dir       string
	store     string // config.SQLite, or the URL of a PostgreSQL database, with its password
	listen    string
	tls       config.TLS
	proxies   remote.Proxies
	log       telemetry.LogOptions
	policy    domain.Policy
	playbook  string // a file; "" is the built-in one
	sandbox   bool
	handle    string // the company's, on the sandbox network
	maxPosts  int
	accounts  []networkAccount // on networks, as configured
	networks  []social.Network // made by hand, beside them
	knowledge knowledge.Config
	services  []rest.Config
	questions config.Components // how many may be under way at each component
	hooks     []source.WebhookConfig
	webhooks  []config.Webhook
	reading   understand.Options
	settle    time.Duration
	workers   int
	clock     clock.Clock
	observer  func(engine.Change)
	auth      config.Auth
	vaultKey  secret.Ref
	vault     *secret.Place // opened with the store
	publicURL string        // "": where it listens
	relaxed   bool          // a throw-away database

	allowPrivate bool // addresses inside may be reached

	sandboxOpen bool   // the sandbox network answers whoever reaches the server, not this machine alone
	sandboxNote string // what is to be known of that, "": nothing
}

// load reads the configuration and lays the flags over it.
func (g *globals) load() (settings, error) {
	c, err := config.Load(g.Config, os.Environ())
	if err != nil {
		return settings{}, err
	}
	g.overlay(&c)
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return settings{}, usagef("--listen: %q is no address; want one such as 127.0.0.1:8080 or :8080", clean(c.Listen))
	}
	if c.Store, err = storeWithPassword(&c); err != nil {
		return settings{}, err
	}
	proxies, err := remote.ParseProxies(c.TrustedProxies)
	if err != nil {
		return settings{}, fmt.Errorf("trusted_proxies: %w", err)
	}
	s := settings{
		dir: c.Data, store: c.Store, listen: c.Listen, tls: c.TLS, proxies: proxies, log: telemetry.LogOptions{Format: c.Log.Format, Level: c.Log.Level}, policy: c.Policy.Domain(),
		playbook: c.Playbook, sandbox: c.SandboxOn(), sandboxOpen: c.Networks.Sandbox.Enabled == config.On, sandboxNote: sandboxNote(&c), handle: c.Networks.Sandbox.Handle, maxPosts: c.Networks.Sandbox.MaxPosts,
		services: c.Components.HTTP, questions: c.Components, hooks: c.Sources, webhooks: c.Webhooks, reading: understand.Options{OrderPatterns: c.OrderPatterns},
		settle: time.Duration(c.SettleSeconds) * time.Second, workers: c.Workers, clock: clock.Real(),
		auth: c.Auth, vaultKey: c.VaultKey, vault: c.Vault, publicURL: strings.TrimRight(c.PublicURL, "/"),
	}
	if c.AllowPrivate {
		c.Networks.AllowPrivate()
	}
	s.accounts = networkAccounts(&c)
	if c.Knowledge != "" {
		s.knowledge.Dir = c.Knowledge
	}
	s.allowPrivate = c.AllowPrivate
	if c.AllowPrivate {
		for i := range s.services {
			s.services[i].AllowPrivate = true
		}
		for i := range s.webhooks {
			s.webhooks[i].AllowPrivate = true
		}
	}
	return s, nil
}

// sandboxNote says who the sandbox network answers, where other machines reach
// the server or a proxy before it: as a customer of it anybody has that
// customer's private answers.
func sandboxNote(c *config.Config) string {
	host, _, _ := net.SplitHostPort(c.Listen)
	public, err := url.Parse(c.PublicURL)
	switch {
	case !c.SandboxOn(), thisMachine(host) && len(c.TrustedProxies) == 0 && (c.PublicURL == "" || err == nil && thisMachine(public.Hostname())):
		return ""
	case c.Networks.Sandbox.Enabled == config.On:
		return "the sandbox network answers everybody who reaches this server, as any customer of it, without a token"
	}
	return "the sandbox network is on, since no other is configured; it answers this machine alone, at a loopback address"
}

// sandboxFix is what to do about it.
const sandboxFix = "networks: {sandbox: {enabled: off}} ends that"

// thisMachine reports whether a host is reached from this machine only.
func thisMachine(host string) bool {
	a, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && a.Unmap().IsLoopback()
}

// overlay lays the flags over a configuration.
func (g *globals) overlay(c *config.Config) {
	for flag, to := range map[*string]*string{&g.Data: &c.Data, &g.Store: &c.Store, &g.Listen: &c.Listen, &g.LogFormat: &c.Log.Format} {
		if *flag != "" {
			*to = *flag
		}
	}
}

// storeWithPassword is where rows are kept, with what opens it.
func storeWithPassword(c *config.Config) (string, error) {
	if !config.StoreURL(c.Store) || c.StorePassword.IsZero() {
		return c.Store, nil
	}
	password, err := c.StorePassword.Read()
	if err != nil {
		return "", fmt.Errorf("store_password: %w", err)
	}
	return config.StoreWith(c.Store, password), nil
}

// server reports whether rows are kept by a database server, which any number
// of nodes and commands use at once.
func (s *settings) server() bool { return config.StoreURL(s.store) }

// sourceNames are the last parts of the addresses that sources send to.
func (s *settings) sourceNames() []string {
	var out []string
	for _, c := range s.hooks {
		out = append(out, c.Name)
	}
	return out
}

func (s *settings) database() string    { return filepath.Join(s.dir, "advocate.db") }
func (s *settings) sandboxFile() string { return filepath.Join(s.dir, "sandbox.db") }
func (s *settings) tokenFile() string   { return filepath.Join(s.dir, "admin.token") }
func (s *settings) vaultFile() string   { return filepath.Join(s.dir, "vault.key") }
func (s *settings) erasures() string    { return filepath.Join(s.dir, "erasures.log") }

// socket is the local socket's path: absolute, so that it does not depend on
// the working directory, unless that is too long for a socket.
func (s *settings) socket() string {
	p := filepath.Join(s.dir, "advocate.sock")
	if abs, err := filepath.Abs(p); err == nil && len(abs) <= maxSocketPath {
		return abs
	}
	return p
}

func (s *settings) understander() (engine.Understander, error) {
	o := s.reading
	if o.PhoneRegion == "" {
		o.PhoneRegion = s.policy.PhoneRegion
	}
	return understand.New(o)
}

// playbookSource reads the playbook that the settings name.
func (s *settings) playbookSource() (name string, source []byte, err error) {
	if s.playbook == "" {
		return builtInPlaybook, playbook.Default(), nil
	}
	b, err := readSmall(s.playbook)
	if err != nil {
		return "", nil, fmt.Errorf("playbook: %w", err)
	}
	return s.playbook, b, nil
}

// maxSource bounds playbooks and scenario files.
const maxSource = 4 << 20

// readSmall reads a file that an operator wrote.
func readSmall(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSource+1))
	if err == nil && len(b) > maxSource {
		err = fmt.Errorf("%s: is larger than %d MiB", path, maxSource>>20)
	}
	return b, err
}

func (s *settings) webhookSenders() (map[string]engine.WebhookSender, error) {
	out := map[string]engine.WebhookSender{}
	for _, c := range s.webhooks {
		w, err := newWebhookSender(c)
		if err != nil {
			return nil, err
		}
		out[c.Name] = w
	}
	return out, nil
}

func (s *settings) logger(w io.Writer) (*slog.Logger, error) { return telemetry.NewLogger(w, s.log) }

func discardLog() *slog.Logger { return telemetry.Discard() }
