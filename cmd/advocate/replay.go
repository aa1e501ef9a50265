package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/component/knowledge"
	"github.com/contact-advocate/advocate/internal/config"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/virtual"
)

type replayCmd struct {
	File      string `arg:"" help:"Posts: JSON lines or CSV with id, text, author, at, network, visibility, in_reply_to; only text is required. \"-\" is standard input."`
	Orders    string `placeholder:"FILE" help:"Orders that the advocates can look up, as for \"import orders\". Without, every order is unknown."`
	Customers string `placeholder:"FILE" help:"Customers that are known, as for \"import customers\"."`
	Out       string `placeholder:"FILE" help:"Write one JSON line a post: what came of it."`
	Playbook  string `placeholder:"FILE" help:"The playbook (default: the configuration's, else the built-in one)."`
	SkipBad   bool   `help:"Go on, and exit 0, although some lines are no posts."`
	JSON      bool   `name:"json" help:"Print the summary as JSON."`
}

func (*replayCmd) Help() string {
	return `Every post goes through the real engine: understanding, rules, lookups, replies (kept, not sent), promises, deadlines. The clock is virtual and runs past every deadline, so a year of promises takes seconds. The database is thrown away unless --data names a directory; explain, customer and all other commands then take the same --data. Nobody works in a replay, so promises that a person would keep are broken, and customers are told so.

Without an id a post has its line's number; without an author it is one anonymous customer's; without a time it comes a second after the one before.

Exits 0 only if every post ended in something: answered, handed over to a person, or set aside with a reason.

Examples:
  advocate replay posts.jsonl
  advocate replay tweets.csv --orders orders.csv --out what-came-of-it.jsonl --json
  advocate replay posts.jsonl --data replayed && advocate explain POST-ID --data replayed`
}

const (
	replayBatch  = 256              // posts handed in at once
	replaySpan   = 30 * time.Second // of virtual time that one batch may cover
	replayLimit  = 400 * 24 * time.Hour
	replayBefore = time.Second // between posts that do not say when they were written
)

// replaySummary is what --json prints.
type replaySummary struct {
	Posts          int            `json:"posts"`
	Customers      int            `json:"customers"`
	Cases          int            `json:"cases"`
	RepliesPublic  int            `json:"replies_public"`
	RepliesPrivate int            `json:"replies_private"`
	Lookups        int            `json:"lookups"`
	Subscriptions  int            `json:"subscriptions"`
	WorkItems      int            `json:"work_items"`
	Answered       int            `json:"answered"`
	HandedOver     int            `json:"handed_over"`
	SetAside       map[string]int `json:"set_aside"`
	Unaccounted    int            `json:"unaccounted"`
	Errors         int            `json:"errors"`
	Seconds        float64        `json:"seconds"`
	PostsPerSecond float64        `json:"posts_per_second"`
	VirtualDays    float64        `json:"virtual_days"`
}

// replay is one run.
type replay struct {
	g       *globals
	cmd     *replayCmd
	n       *node
	clock   *clock.Manual
	virtual *virtual.Engine
	ledger  *ledger
	report  *terminal
	bar     *progress
}

func (c *replayCmd) Run(g *globals) error {
	s, err := g.load()
	if err != nil {
		return err
	}
	// A configuration's server is for the nodes; the posts of a file are
	// played on a clock of their own, into a database of their own.
	if g.Store != "" {
		if err := s.embedded("replay", "plays into a throw-away database, or one in --data DIR"); err != nil {
			return err
		}
	}
	s.store = config.SQLite
	posts, bad, err := readPosts(c.File, g.stdin)
	if err != nil {
		return err
	}
	for _, b := range bad {
		fmt.Fprintf(g.stderr, "%s:%d: %v\n", c.File, b.line, b.err)
	}
	if len(posts) == 0 {
		return fmt.Errorf("%s: has no posts", c.File)
	}
	if c.Playbook != "" {
		s.playbook = c.Playbook
	}
	begin := timePosts(posts)
	r := &replay{g: g, cmd: c, clock: clock.NewManual(begin), ledger: newLedger(posts), report: newTerminal(g.stderr)}
	free, err := r.open(s, posts)
	if err != nil {
		return err
	}
	start := time.Now()
	err = r.run(g.ctx, posts)
	sum := r.ledger.summary(len(bad))
	sum.Seconds = time.Since(start).Seconds()
	sum.PostsPerSecond = float64(len(posts)) / max(sum.Seconds, 1e-9)
	sum.VirtualDays = r.clock.Now().Sub(begin).Hours() / 24
	if err := errors.Join(err, r.n.close(), free()); err != nil {
		return err
	}
	return c.tell(g, r.ledger, sum, len(bad))
}

// timePosts gives posts without a time one, a second after the post before,
// and returns when the first one was written. Posts without any time at all
// begin now.
func timePosts(posts []filePost) time.Time {
	at := time.Time{}
	for i := range posts {
		if !posts[i].post.At.IsZero() {
			at = posts[i].post.At.Add(-time.Duration(i) * replayBefore)
			break
		}
	}
	if at.IsZero() {
		at = time.Now().UTC().Truncate(time.Second)
	}
	for i := range posts {
		if p := &posts[i].post; p.At.IsZero() {
			p.At = at
		}
		at = posts[i].post.At.Add(replayBefore)
	}
	slices.SortStableFunc(posts, func(a, b filePost) int { return a.post.At.Compare(b.post.At) })
	return posts[0].post.At
}

// open makes the world that the posts are played into.
func (r *replay) open(s settings, posts []filePost) (free func() error, err error) {
	free = func() error { return nil }
	s.sandbox, s.settle, s.workers, s.services, s.webhooks, s.hooks, s.accounts = false, 0, 1, nil, nil, nil, nil
	s.clock = r.clock
	if s.knowledge.Dir != "" {
		s.knowledge = knowledge.Config{Dir: s.knowledge.Dir, Now: r.clock.Now}
	}
	for _, k := range accountsOf(posts) {
		s.networks = append(s.networks, newKeeper(k, r.clock.Now))
	}
	if r.g.Data == "" {
		if s.dir, err = os.MkdirTemp("", "advocate-replay-"); err != nil {
			return free, err
		}
		dir := s.dir
		free = func() error { return os.RemoveAll(dir) }
		s.relaxed = true
	}
	s.observer = r.ledger.observe
	if r.n, err = openNode(r.g.ctx, s, discardLog()); err != nil {
		return free, errors.Join(err, free())
	}
	r.virtual = virtual.New(r.n.engine, r.clock)
	return free, nil
}

// account is a network and our account on it, as posts name them.
type account struct{ network, account string }

func accountsOf(posts []filePost) []account {
	seen := map[account]bool{}
	var out []account
	for i := range posts {
		k := account{posts[i].post.Network, posts[i].post.Account}
		if !seen[k] {
			seen[k] = true
			out = append(out, k)
		}
	}
	slices.SortFunc(out, func(a, b account) int {
		return cmp.Or(cmp.Compare(a.network, b.network), cmp.Compare(a.account, b.account))
	})
	return out
}

func (r *replay) run(ctx context.Context, posts []filePost) error {
	if err := r.given(ctx); err != nil {
		return err
	}
	r.ledger.begin()
	r.bar = newProgress(r.report, "replay")
	r.bar.unit = "post"
	defer r.bar.end()
	for at := 0; at < len(posts); {
		n, err := r.batch(ctx, posts[at:])
		if err != nil {
			return err
		}
		at += n
		if at < len(posts) {
			r.bar.show(at, len(posts), "")
		}
	}
	r.bar.show(len(posts), len(posts), "letting every deadline pass")
	_, err := r.virtual.RunOut(ctx, replayLimit)
	return err
}

// given imports what the advocates can know.
func (r *replay) given(ctx context.Context) error {
	if r.cmd.Customers != "" {
		rows, lines, bad, err := readAll(r.cmd.Customers, r.g.stdin, []string{"ref"}, customerColumns, customerOf)
		if err := refusedRow(r.cmd.Customers, bad, err); err != nil {
			return err
		}
		rep, err := r.n.engine.CustomersImport(ctx, rows)
		if err := refusedImport(r.cmd.Customers, lines, rep, err); err != nil {
			return err
		}
	}
	if r.cmd.Orders != "" {
		rows, lines, bad, err := readAll(r.cmd.Orders, r.g.stdin, []string{"id"}, orderColumns, orderOf)
		if err := refusedRow(r.cmd.Orders, bad, err); err != nil {
			return err
		}
		rep, err := r.n.engine.OrdersImport(ctx, rows)
		if err := refusedImport(r.cmd.Orders, lines, rep, err); err != nil {
			return err
		}
	}
	return r.virtual.Settle(ctx)
}

func refusedRow(file string, bad []badLine, err error) error {
	if err == nil && len(bad) > 0 {
		err = fmt.Errorf("%s:%d: %w%s", file, bad[0].line, bad[0].err, andMore(len(bad)-1, "line"))
	}
	return err
}

// andMore tells that there are others like the one that is told.
func andMore(n int, noun string) string {
	if n == 0 {
		return ""
	}
	return " (and " + amount(n, "more such "+noun) + ")"
}

func refusedImport(file string, lines []int, rep engine.ImportReport, err error) error {
	if err == nil && len(rep.Refused) > 0 {
		f := rep.Refused[0]
		err = fmt.Errorf("%s:%d: %s refused: %s%s", file, lines[f.Row-1], clean(f.Name), f.Reason, andMore(len(rep.Refused)-1, "row"))
	}
	return err
}

// batch hands in the posts up to the next thing that is due, at most one of
// each author: who writes twice is answered twice.
func (r *replay) batch(ctx context.Context, posts []filePost) (int, error) {
	if err := r.virtual.Advance(ctx, posts[0].post.At); err != nil {
		return 0, err
	}
	wake, err := r.n.engine.NextWake(ctx)
	if err != nil {
		return 0, err
	}
	until := posts[0].post.At.Add(replaySpan)
	if !wake.IsZero() && wake.Before(until) {
		until = wake
	}
	seen := map[domain.IdentityKey]bool{}
	batch := make([]domain.Post, 0, replayBatch)
	for i := range posts {
		p := &posts[i].post
		if len(batch) == replayBatch || seen[p.Identity()] || i > 0 && p.At.After(until) {
			break
		}
		seen[p.Identity()] = true
		batch = append(batch, *p)
	}
	r.clock.Set(batch[len(batch)-1].At)
	receipts, err := r.n.engine.PostsSubmit(ctx, batch)
	if err != nil {
		return 0, err
	}
	for i := range receipts {
		r.ledger.received(posts[i], &receipts[i])
	}
	return len(batch), r.virtual.Settle(ctx)
}

// tell prints the summary and decides how the command ends.
func (c *replayCmd) tell(g *globals, l *ledger, sum replaySummary, bad int) error {
	if c.Out != "" {
		if err := l.write(c.Out); err != nil {
			return err
		}
	}
	if c.JSON {
		if err := g.printJSON(sum); err != nil {
			return err
		}
	} else {
		t := newTerminal(g.stdout)
		sum.print(t)
		t.printf("%s\n", t.paint(dim, c.further(g)))
	}
	if sum.Unaccounted > 0 || sum.Errors > bad || bad > 0 && !c.SkipBad {
		return errProblem
	}
	return nil
}

// further says how to look at single posts afterwards. In a replay nobody
// works, so what was handed over is told late to its customers.
func (c *replayCmd) further(g *globals) string {
	said := "Nobody works in a replay: promises that a person would keep are broken, and the replies count what customers are told of it.\n"
	if g.Data == "" {
		return said + "The database was thrown away. With --data DIR it is kept, and \"advocate explain POST-ID --data DIR\" tells why."
	}
	return said + "\"advocate explain POST-ID --data " + g.Data + "\" tells why an advocate did what it did; customer, work-item and all other commands take the same --data."
}

// keeper is a network that keeps what it is sent to itself.
type keeper struct {
	account
	now func() time.Time
}

var _ social.Network = (*keeper)(nil)

func newKeeper(k account, now func() time.Time) *keeper { return &keeper{account: k, now: now} }

func (k *keeper) Name() string    { return k.network }
func (k *keeper) Account() string { return k.account.account }

func (k *keeper) Capabilities() social.Capabilities {
	return social.Capabilities{PublicReply: true, PrivateMessage: true, Settles: true}
}

// Send implements social.Network. The id is the message's key: a repeat gives
// the same.
func (k *keeper) Send(_ context.Context, m social.Message) (social.Sent, error) {
	return social.Sent{PostID: "sent-" + m.Key, At: k.now()}, nil
}
