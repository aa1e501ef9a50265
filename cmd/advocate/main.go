package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	_ "time/tzdata" // customers' time zones, on machines that have none

	"github.com/alecthomas/kong"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/config"
	"github.com/contact-advocate/advocate/internal/domain"
)

// version is set when the program is built.
var version = "dev"

// Exit codes.
const (
	exitOK      = 0
	exitFailed  = 1 // the command was understood and did not succeed
	exitUsage   = 2 // the command line is wrong
	exitProblem = 3 // check, playbook test, replay, doctor: it ran, and what it looked at is not well
)

// errProblem says that a command ran and has reported what is not well.
var errProblem = errors.New("problems were found")

// cli is the command line.
type cli struct {
	globals

	Serve      serveCmd      `cmd:"" help:"Run everything: intake, advocates, replies, the HTTP API."`
	Demo       demoCmd       `cmd:"" help:"Serve a sample company and watch its advocates at work."`
	Replay     replayCmd     `cmd:"" help:"Take a file of posts through real advocates and say what came of each."`
	Check      checkCmd      `cmd:"" help:"Check configuration and playbooks."`
	Playbook   playbookCmd   `cmd:"" help:"Test, publish and activate playbooks."`
	Explain    explainCmd    `cmd:"" help:"Tell why an advocate did what it did."`
	Import     importCmd     `cmd:"" help:"Import orders or customers."`
	Customer   customerCmd   `cmd:"" help:"Look at customers, export, erase, merge them."`
	WorkItem   workItemCmd   `cmd:"" name:"work-item" help:"List, complete and cancel work for people."`
	Agent      agentCmd      `cmd:"" help:"Who works on them: agents, their queues and skills."`
	DeadLetter deadLetterCmd `cmd:"" name:"dead-letter" help:"Effects that could not be carried out, or wait for a release."`
	Report     reportCmd     `cmd:"" help:"What the contact center did, in numbers."`
	Webhook    webhookCmd    `cmd:"" help:"Where events are posted to: other systems' addresses."`
	Switch     switchCmd     `cmd:"" help:"Stop, shadow or hold back what leaves."`
	Understand understandCmd `cmd:"" help:"Show what is read out of a text."`
	User       userCmd       `cmd:"" help:"People who sign in: add, list, invite, reset, disable."`
	Token      tokenCmd      `cmd:"" help:"API tokens."`
	Connect    connectCmd    `cmd:"" help:"Networks: connect accounts, and list how it goes with them."`
	Secret     secretCmd     `cmd:"" help:"Connectors' credentials, sealed in the database."`
	Backup     backupCmd     `cmd:"" help:"Copy the database to a file while the server works."`
	Restore    restoreCmd    `cmd:"" help:"Make a data directory from a backup."`
	Migrate    migrateCmd    `cmd:"" help:"Bring a database's schema up to date."`
	Doctor     doctorCmd     `cmd:"" help:"Look for what is not well and say how to fix it."`
	Bench      benchCmd      `cmd:"" help:"Load through the real loop on this machine."`
	Sim        simCmd        `cmd:"" help:"Simulate a contact center with one seed and check the invariants after each step."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
	BenchNode  benchNodeCmd  `cmd:"" name:"bench-node" hidden:"" help:"One node of a benchmark."`
	Docs       docsCmd       `cmd:"" hidden:"" help:"Write the generated part of the documentation."`
}

// globals are the flags of every command, and what a command writes to.
type globals struct {
	Data      string `placeholder:"DIR" help:"Data directory (default ./data, or the configuration's)."`
	Store     string `placeholder:"STORE" help:"Where rows are kept: sqlite (the default), or postgres://user@host/database."`
	Listen    string `placeholder:"ADDR" help:"Address to serve on (default 127.0.0.1:8080, or the configuration's)."`
	Config    string `placeholder:"FILE" help:"Configuration file (default ./advocate.yaml, if there is one)."`
	LogFormat string `name:"log-format" enum:"text,json," default:"" placeholder:"FORMAT" help:"text or json."`

	ctx            context.Context
	stdout, stderr io.Writer
	stdin          io.Reader
}

func main() {
	keepPrivate()
	tuneMemory()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the program without its process.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c := cli{}
	c.ctx, c.stdin, c.stdout, c.stderr = ctx, stdin, stdout, stderr
	exited := -1
	parser, err := kong.New(&c,
		kong.Name("advocate"),
		kong.Description("Contact Advocate: a durable proxy for each customer of a contact center. Begin with \"advocate demo\"."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Bind(&c.globals),
		kong.Vars{"who": whoHelp, "whose": whoseHelp, "login": auth.LoginRule},
		kong.UsageOnError(),
	)
	if err != nil {
		panic(err) // the command line's own definition is wrong
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	kctx, err := parser.Parse(args)
	if exited >= 0 {
		return exited // --help
	}
	if err == nil {
		err = c.checkGlobals()
	}
	if err != nil {
		fmt.Fprintf(stderr, "advocate: %v%s\nRun \"advocate --help\" for the commands, \"advocate COMMAND --help\" for one of them.\n", err, nearCommand(err))
		return exitUsage
	}
	return c.exit(kctx.Run(&c.globals))
}

// nearCommand is the command that was probably meant where there is none of
// the name that was given, as text to append.
func nearCommand(err error) string {
	var parse *kong.ParseError
	if !errors.As(err, &parse) || parse.Context == nil {
		return ""
	}
	rest, ok := strings.CutPrefix(err.Error(), "unexpected argument ")
	if !ok || strings.Contains(rest, "did you mean") {
		return ""
	}
	got, _, _ := strings.Cut(rest, ",")
	node := parse.Context.Model.Node
	if at := parse.Context.Selected(); at != nil {
		node = at
	}
	var names, words []string
	for _, c := range node.Children {
		if c.Hidden {
			continue
		}
		first, _, _ := strings.Cut(c.Name, "-")
		names, words = append(names, c.Name, c.Name), append(words, c.Name, first)
	}
	if near := domain.NearestWithin(strings.TrimSpace(got), words, 2); near != "" {
		return fmt.Sprintf("; did you mean %q?", names[slices.Index(words, near)])
	}
	return ""
}

func (g *globals) checkGlobals() error {
	if g.Store == "" {
		return nil
	}
	if err := config.CheckStore(g.Store); err != nil {
		return fmt.Errorf("--store: %w", err)
	}
	return nil
}

// exit turns a command's error into a message and an exit code.
func (g *globals) exit(err error) int {
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errProblem):
		return exitProblem
	case errors.Is(err, context.Canceled) && g.ctx.Err() != nil:
		fmt.Fprintln(g.stderr, "advocate: interrupted")
		return 130
	}
	fmt.Fprintf(g.stderr, "advocate: %v\n", err)
	var usage *usageError
	if errors.As(err, &usage) {
		return exitUsage
	}
	var e *domain.Error
	if errors.As(err, &e) && e.Cause != nil && e.Code == domain.CodeInternal {
		fmt.Fprintf(g.stderr, "  cause: %v\n", e.Cause)
	}
	return exitFailed
}

// usageError is a wrong command line that the parser cannot see.
type usageError struct{ msg string }

func (e *usageError) Error() string { return e.msg }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }
