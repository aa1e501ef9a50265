package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/component/knowledge"
	"github.com/contact-advocate/advocate/internal/component/rest"
	"github.com/contact-advocate/advocate/internal/config"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/source"
)

type checkCmd struct {
	Path []string `arg:"" optional:"" help:"Configuration, playbook and scenario files, or folders of them (default: the configuration in use and what it names)."`
	JSON bool     `name:"json" help:"Print JSON: files, problems, warnings."`
}

func (*checkCmd) Help() string {
	return `Prints "file:line: what, expected, did you mean", one problem a line, and exits 3 when there is one. All are told at once. Each secret is looked for where the configuration says that it is, in the vault, too, if that can be opened. The database is not changed. A network whose credentials are not in the vault yet is only a warning.

Examples:
  advocate check
  advocate check advocate.yaml playbooks/`
}

// checker gathers problems.
type checker struct {
	files    []string
	problems []playbook.Problem
	warnings []playbook.Problem // what works, or will, and should be looked at
	unread   []secret.Ref       // of which it is said that they cannot be read
	policy   domain.Policy
	asked    []string // the components there are
}

func newChecker() *checker {
	def := config.Default()
	return &checker{policy: domain.DefaultPolicy(), asked: def.Components.Names()}
}

// problemView is a problem in --json.
type problemView struct {
	File       string `json:"file"`
	Line       int    `json:"line"`
	What       string `json:"what"`
	Expected   string `json:"expected,omitempty"`
	DidYouMean string `json:"did_you_mean,omitempty"`
}

func (c *checkCmd) Run(g *globals) error {
	k := newChecker()
	if err := c.look(g, k); err != nil {
		return err
	}
	if c.JSON {
		if err := g.printJSON(map[string]any{"files": notNil(k.files), "problems": viewProblems(k.problems), "warnings": viewProblems(k.warnings)}); err != nil {
			return err
		}
	} else {
		for _, p := range k.problems {
			fmt.Fprintln(g.stdout, clean(p.String()))
		}
		for _, p := range k.warnings {
			p.What = "warning: " + p.What
			fmt.Fprintln(g.stdout, clean(p.String()))
		}
		if len(k.problems) == 0 {
			fmt.Fprintf(g.stdout, "%s: no problems\n", strings.Join(k.files, ", "))
		}
	}
	if len(k.problems) > 0 {
		return errProblem
	}
	return nil
}

func viewProblems(all []playbook.Problem) []problemView {
	out := []problemView{}
	for _, p := range all {
		out = append(out, problemView{p.File, p.Line, p.What, p.Expected, p.DidYouMean})
	}
	return out
}

func (c *checkCmd) look(g *globals, k *checker) error {
	if len(c.Path) == 0 {
		return k.inUse(g)
	}
	var files []string
	for _, p := range c.Path {
		names, err := yamlFiles(p)
		if err != nil {
			return err
		}
		files = append(files, names...)
	}
	// Configurations first: playbooks are checked under their policy.
	kinds := map[string]string{}
	for _, f := range files {
		b, err := readSmall(f)
		if err != nil {
			return err
		}
		kinds[f] = kindOf(b)
	}
	slices.SortStableFunc(files, func(a, b string) int { return strings.Compare(kinds[a], kinds[b]) })
	for _, f := range files {
		b, err := readSmall(f)
		if err != nil {
			return err
		}
		k.files = append(k.files, f)
		switch kinds[f] {
		case "playbook":
			k.playbook(f, b)
		case "scenarios":
			_, err := playbook.ParseScenarios(f, b)
			k.add(f, err)
		default:
			k.config(g, f, b)
		}
	}
	return nil
}

// kindOf goes by the file's top-level keys.
func kindOf(b []byte) string {
	for _, line := range bytes.Split(b, []byte("\n")) {
		switch {
		case bytes.HasPrefix(line, []byte("rules:")), bytes.HasPrefix(line, []byte("templates:")):
			return "playbook"
		case bytes.HasPrefix(line, []byte("scenarios:")):
			return "scenarios"
		}
	}
	// "playbook:" alone may be either: a configuration names a file there, and
	// has other keys as well.
	for _, line := range bytes.Split(b, []byte("\n")) {
		name, ok := bytes.CutPrefix(line, []byte("playbook:"))
		if ok && bytes.ContainsAny(name, "/\\.") {
			return "config"
		}
		if !ok && len(line) > 0 && line[0] != '#' && line[0] != ' ' && line[0] != '-' {
			return "config"
		}
	}
	return "playbook"
}

func (k *checker) config(g *globals, file string, b []byte) {
	c, err := config.Parse(file, b, os.Environ())
	k.add(file, err)
	// What could be read is looked at as well: somebody who mends a file wants
	// to know everything at once.
	k.policy, k.asked = c.Policy.Domain(), c.Components.Names()
	defer k.openVault(g, file, &c)()
	k.sandbox(g, file, c)
	k.secrets(file, &c)
	k.parts(file, &c)
}

func (k *checker) playbook(file string, b []byte) {
	p, err := playbook.Compile(file, b, k.policy)
	if err == nil {
		err = p.UnknownComponents(file, k.asked)
	}
	k.add(file, err)
}

// sandbox warns of strangers, as the flags would have it.
func (k *checker) sandbox(g *globals, file string, c config.Config) {
	g.overlay(&c)
	if note := sandboxNote(&c); note != "" {
		k.warnings = append(k.warnings, playbook.Problem{File: file, Line: c.LineOf("networks.sandbox.enabled"), What: note + "; " + sandboxFix})
	}
}

// parts makes what the configuration names, as a start would.
func (k *checker) parts(file string, c *config.Config) {
	k.add(file, checkEncryption(&c.TLS))
	for _, x := range c.Components.HTTP {
		x.AllowPrivate = x.AllowPrivate || c.AllowPrivate
		_, err := rest.New(x)
		k.add(file, err)
	}
	for _, x := range c.Sources {
		_, err := source.NewWebhook(x)
		k.add(file, err)
	}
	for _, x := range c.Webhooks {
		_, err := newWebhookSender(x)
		k.add(file, err)
	}
	k.networks(file, c)
	if c.Knowledge != "" {
		for _, err := range knowledge.Check(c.Knowledge) {
			k.add(file, err)
		}
	}
	if p := c.Playbook; p != "" {
		k.files = append(k.files, p)
		if b, err := readSmall(p); err != nil {
			k.add(p, err)
		} else {
			k.playbook(p, b)
		}
	}
}

// inUse checks what a start without further words would read.
func (k *checker) inUse(g *globals) error {
	name := g.Config
	if name == "" {
		name = config.FileName
		if _, err := os.Stat(name); errors.Is(err, os.ErrNotExist) {
			k.files = append(k.files, "(no configuration: the defaults)", "(the built-in playbook)")
			_, err := playbook.Compile("default.yaml", playbook.Default(), k.policy)
			k.add("default.yaml", err)
			c, err := config.Parse("", nil, os.Environ())
			k.add("", err)
			k.sandbox(g, k.files[0], c)
			return nil
		}
	}
	b, err := readSmall(name)
	if err != nil {
		return err
	}
	k.files = append(k.files, name)
	k.config(g, name, b)
	return nil
}

// add takes an error apart into problems.
func (k *checker) add(file string, err error) {
	if err == nil || errors.Is(err, secret.ErrNoVault) {
		return // it was looked for, or that it was not is said
	}
	var unread *secret.Unread
	if errors.As(err, &unread) && slices.Contains(k.unread, unread.Ref) {
		return // said of the secret itself
	}
	var ps playbook.Problems
	if errors.As(err, &ps) {
		k.problems = append(k.problems, ps...)
		return
	}
	p := playbook.Problem{File: file, What: err.Error()}
	// Parts name their place themselves.
	if rest, ok := strings.CutPrefix(p.What, file+": "); ok {
		p.What = rest
	} else if rest, ok := strings.CutPrefix(p.What, file+":"); ok {
		var n int
		if _, err := fmt.Sscanf(rest, "%d:", &n); err == nil {
			_, what, _ := strings.Cut(rest, ": ")
			p.Line, p.What = n, what
		}
	}
	// A part that was not read right is not looked at twice.
	if p.Line == 0 || !slices.ContainsFunc(k.problems, func(q playbook.Problem) bool { return q.File == p.File && q.Line == p.Line }) {
		k.problems = append(k.problems, p)
	}
}
