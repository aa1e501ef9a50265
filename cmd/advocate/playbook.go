package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/scenario"
	"github.com/contact-advocate/advocate/internal/store"
)

type playbookCmd struct {
	Test     playbookTestCmd     `cmd:"" help:"Play scenario files against a playbook."`
	Publish  playbookPublishCmd  `cmd:"" help:"Put a playbook into the store and let it decide."`
	List     playbookListCmd     `cmd:"" help:"List the published versions."`
	Activate playbookActivateCmd `cmd:"" help:"Let a published version decide."`
	Show     playbookShowCmd     `cmd:"" help:"Print the built-in playbook, to begin your own from."`
}

type playbookTestCmd struct {
	Path     []string `arg:"" optional:"" help:"Scenario files, or folders of them (default: the built-in playbook's own)."`
	Playbook string   `placeholder:"FILE" help:"The playbook (default: the configuration's, else the built-in one)."`
	JSON     bool     `name:"json" help:"Print JSON: passed, failed, results."`
	Verbose  bool     `short:"v" help:"Also name the scenarios that passed."`
}

func (*playbookTestCmd) Help() string {
	return `Each scenario runs on the real engine with a clock of its own. Exits 3 when one fails.

Examples:
  advocate playbook test
  advocate playbook test scenarios/ --playbook retail.yaml`
}

// scenarioResult is one line of --json.
type scenarioResult struct {
	Name   string   `json:"name"`
	File   string   `json:"file"`
	Line   int      `json:"line"`
	Passed bool     `json:"passed"`
	Says   []string `json:"failures"`
}

func (c *playbookTestCmd) Run(g *globals) error {
	s, err := g.load()
	if err != nil {
		return err
	}
	if c.Playbook != "" {
		s.playbook = c.Playbook
	}
	name, source, err := s.playbookSource()
	if err != nil {
		return err
	}
	if _, err := playbook.Compile(name, source, s.policy); err != nil {
		return g.problems(err)
	}
	files, err := scenarioFiles(c.Path)
	if err != nil {
		return err
	}
	reader, err := s.understander()
	if err != nil {
		return err
	}
	o := scenario.Options{Name: name, Playbook: source, Policy: s.policy, Understander: reader}
	return c.play(g, o, files)
}

func (c *playbookTestCmd) play(g *globals, o scenario.Options, files map[string][]byte) error {
	results := []scenarioResult{}
	failed := 0
	t := newTerminal(g.stdout)
	for _, file := range slices.Sorted(maps.Keys(files)) {
		scenarios, err := playbook.ParseScenarios(file, files[file])
		if err != nil {
			return g.problems(err)
		}
		for _, sc := range scenarios {
			r := scenario.Run(g.ctx, o, sc)
			if err := g.ctx.Err(); err != nil {
				return err
			}
			line := scenarioResult{Name: r.Name, File: r.File, Line: r.Line, Passed: r.Passed(), Says: []string{}}
			if r.Err != nil {
				line.Says = append(line.Says, r.Err.Error())
			}
			for i := range r.Failures {
				line.Says = append(line.Says, r.Failures[i].String())
			}
			results = append(results, line)
			if !r.Passed() {
				failed++
			}
			if !c.JSON && (c.Verbose || !r.Passed()) {
				t.printf("%s\n", r.String())
			}
		}
	}
	if c.JSON {
		err := g.printJSON(map[string]any{"passed": len(results) - failed, "failed": failed, "results": results})
		if err != nil {
			return err
		}
	} else {
		t.printf("%s: %d passed, %d failed\n", amount(len(results), "scenario"), len(results)-failed, failed)
	}
	if failed > 0 {
		return errProblem
	}
	return nil
}

// problems prints what is wrong with a file, a problem a line.
func (g *globals) problems(err error) error {
	var ps playbook.Problems
	if !errors.As(err, &ps) {
		return err
	}
	for _, p := range ps {
		fmt.Fprintln(g.stderr, clean(p.String()))
	}
	return errProblem
}

// scenarioFiles reads files and folders; with none, the built-in ones.
func scenarioFiles(paths []string) (map[string][]byte, error) {
	if len(paths) == 0 {
		return playbook.DefaultScenarios(), nil
	}
	out := map[string][]byte{}
	for _, p := range paths {
		names, err := yamlFiles(p)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			b, err := readSmall(name)
			if err != nil {
				return nil, err
			}
			out[name] = b
		}
	}
	return out, nil
}

// yamlFiles is the file itself, or the YAML files of a folder.
func yamlFiles(path string) ([]string, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !st.IsDir() {
		return []string{path}, nil
	}
	var out []string
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ext := strings.ToLower(filepath.Ext(p)); !d.IsDir() && (ext == ".yaml" || ext == ".yml") {
			out = append(out, p)
		}
		return nil
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("%s: has no .yaml files", path)
	}
	return out, err
}

type playbookPublishCmd struct {
	File     string `arg:"" help:"The playbook."`
	Inactive bool   `help:"Keep the version without letting it decide."`
}

func (*playbookPublishCmd) Help() string {
	return "A playbook that does not compile is refused with every problem, and nothing changes.\n\nExamples:\n  advocate playbook publish retail.yaml\n  advocate playbook publish retail.yaml --inactive && advocate playbook activate 4"
}

type publishParams struct {
	Name, By string
	Source   []byte
	Activate bool
}

func (c *playbookPublishCmd) Run(g *globals) error {
	source, err := readSmall(c.File)
	if err != nil {
		return err
	}
	v, err := ask[int64](g, "playbook.publish", publishParams{c.File, operator(), source, !c.Inactive})
	if err != nil {
		return err
	}
	state := "decides from now on"
	if c.Inactive {
		state = fmt.Sprintf("is kept; \"advocate playbook activate %d\" lets it decide", v)
	}
	fmt.Fprintf(g.stdout, "version %d %s\n", v, state)
	return nil
}

func opPlaybookPublish(ctx context.Context, n *node, p publishParams) (int64, error) {
	v, err := n.engine.PlaybookPublish(ctx, p.Name, p.Source, p.By)
	if err != nil || !p.Activate {
		return v, err
	}
	return v, n.engine.PlaybookActivate(ctx, v, p.By)
}

type playbookListCmd struct {
	JSON bool `name:"json" help:"Print a JSON array."`
}

func (*playbookListCmd) Help() string { return "Examples:\n  advocate playbook list" }

type playbookView struct {
	Version     int64  `json:"version"`
	Name        string `json:"name"`
	Hash        string `json:"hash"`
	At          string `json:"at"`
	By          string `json:"by"`
	Active      bool   `json:"active"`
	ActivatedAt string `json:"activated_at,omitempty"`
	ActivatedBy string `json:"activated_by,omitempty"`
}

func (c *playbookListCmd) Run(g *globals) error {
	rows, err := ask[[]playbookView](g, "playbook.list", nothing{})
	if err != nil {
		return err
	}
	l := listing[playbookView]{
		json: c.JSON, head: []string{"VERSION", "STATE", "PUBLISHED", "BY", "HASH", "FILE"},
		cells: func(r *playbookView) []string {
			mark := ""
			if r.Active {
				mark = "decides"
			}
			return []string{fmt.Sprint(r.Version), mark, r.At, r.By, shorten(r.Hash, 9), r.Name}
		},
	}
	return l.print(g, rows)
}

func opPlaybookList(ctx context.Context, n *node, _ nothing) ([]playbookView, error) {
	out := []playbookView{}
	err := n.store.View(ctx, func(r store.Reader) error {
		rows, err := r.PlaybookList(200)
		out = out[:0]
		for _, p := range rows {
			out = append(out, playbookView{p.Version, p.Name, p.Hash, rfc3339(p.At), p.By, p.Active, rfc3339(p.ActivatedAt), p.ActivatedBy})
		}
		return err
	})
	return out, err
}

type playbookActivateCmd struct {
	Version versionNumber `arg:"" help:"The version's number, as \"playbook list\" shows it."`
}

// versionNumber is a published playbook's number.
type versionNumber int64

// UnmarshalText implements encoding.TextUnmarshaler.
func (v *versionNumber) UnmarshalText(b []byte) error {
	n, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil || n < 1 {
		return fmt.Errorf("is %.40q; want a version's number, as \"advocate playbook list\" shows them", b)
	}
	*v = versionNumber(n)
	return nil
}

func (*playbookActivateCmd) Help() string { return "Examples:\n  advocate playbook activate 3" }

type activateParams struct {
	Version int64
	By      string
}

func (c *playbookActivateCmd) Run(g *globals) error {
	_, err := ask[nothing](g, "playbook.activate", activateParams{int64(c.Version), operator()})
	if err == nil {
		fmt.Fprintf(g.stdout, "version %d decides from now on\n", c.Version)
	}
	return err
}

func opPlaybookActivate(ctx context.Context, n *node, p activateParams) (nothing, error) {
	return nothing{}, n.engine.PlaybookActivate(ctx, p.Version, p.By)
}

type playbookShowCmd struct{}

func (*playbookShowCmd) Help() string {
	return "Examples:\n  advocate playbook show > retail.yaml"
}

func (*playbookShowCmd) Run(g *globals) error {
	_, err := g.stdout.Write(playbook.Default())
	return err
}
