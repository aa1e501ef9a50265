package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/contact-advocate/advocate/examples/data"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social/sandbox"
)

// act is one thing that happens in the demo: a post or an event.
type act struct {
	Story      string            `json:"story"`
	Handle     string            `json:"handle"`
	Text       string            `json:"text"`
	Visibility domain.Visibility `json:"visibility"`
	Event      string            `json:"event"`
	Order      string            `json:"order"`
	Area       string            `json:"area"`
	Reason     string            `json:"reason"`
	ETADays    int               `json:"eta_days"`
}

// traffic lets the sample customers post, one act after the other.
type traffic struct {
	n    *node
	cmd  *demoCmd
	acts []act
	last map[string]string // by handle: the post to answer
}

func newTraffic(n *node, c *demoCmd) *traffic {
	return &traffic{n: n, cmd: c, acts: shuffledActs(c.Seed), last: map[string]string{}}
}

// shuffledActs puts the stories into an order of the seed's. The acts of a
// story keep theirs, with other stories' between them.
func shuffledActs(seed uint64) []act {
	var order []string
	stories := map[string][]act{}
	lines := bufio.NewScanner(bytes.NewReader(data.Traffic))
	for lines.Scan() {
		var a act
		if json.Unmarshal(lines.Bytes(), &a) != nil {
			continue // embedded, and tested
		}
		if stories[a.Story] == nil {
			order = append(order, a.Story)
		}
		stories[a.Story] = append(stories[a.Story], a)
	}
	chance := rand.New(rand.NewPCG(seed, 0))
	chance.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	var out []act
	open := 2 // stories that go on side by side
	for len(order) > 0 {
		i := chance.IntN(min(open, len(order)))
		s := order[i]
		out = append(out, stories[s][0])
		if stories[s] = stories[s][1:]; len(stories[s]) == 0 {
			order = append(order[:i], order[i+1:]...)
		}
	}
	return out
}

// run posts until there is nothing more to say, the time is over, or Enter is
// pressed.
func (tr *traffic) run(ctx context.Context, stdin io.Reader) {
	enter := pressedEnter(stdin)
	over := time.NewTimer(tr.cmd.For)
	defer over.Stop()
	tick := time.NewTicker(tr.cmd.Pace)
	defer tick.Stop()
	for i := range tr.acts {
		if err := tr.play(ctx, &tr.acts[i], i); err != nil && ctx.Err() == nil {
			tr.n.log.Warn("a sample customer could not post", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-over.C:
			return
		case <-enter:
			return
		case <-tick.C:
		}
	}
}

// pressedEnter tells when Enter is pressed on a terminal; elsewhere never.
func pressedEnter(stdin io.Reader) <-chan struct{} {
	f, ok := stdin.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	out := make(chan struct{})
	go func() {
		var b [1]byte
		if _, err := f.Read(b[:]); err == nil {
			close(out)
		}
	}()
	return out
}

func (tr *traffic) play(ctx context.Context, a *act, number int) error {
	if a.Event != "" {
		return tr.event(ctx, a, number)
	}
	d := sandbox.Draft{Handle: a.Handle, Text: a.Text, Visibility: a.Visibility}
	if parent := tr.last[a.Handle]; parent != "" {
		d.InReplyTo = parent
		tl, err := tr.n.sandbox.Timeline(ctx, sandbox.TimelineParams{As: a.Handle, Thread: parent})
		if err == nil && len(tl.Items) > 0 {
			for _, p := range tl.Items {
				if p.Company {
					d.InReplyTo = p.ID
				}
			}
		}
	}
	p, err := tr.n.sandbox.Publish(ctx, d)
	if err == nil && tr.last[a.Handle] == "" {
		tr.last[a.Handle] = p.Thread
	}
	return err
}

func (tr *traffic) event(ctx context.Context, a *act, number int) error {
	now := time.Now().UTC()
	body := map[string]any{}
	if a.Reason != "" {
		body["reason"] = a.Reason
	}
	if a.ETADays != 0 {
		body["eta"] = now.AddDate(0, 0, a.ETADays).Format(time.RFC3339)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	e := domain.Event{
		Source: "demo", ID: fmt.Sprintf("%d-%d", now.UnixNano(), number), Type: a.Event, Time: now, OrderID: a.Order, Area: a.Area, Data: raw,
	}
	receipts, err := tr.n.engine.EventsSubmit(ctx, []domain.Event{e})
	if err == nil {
		err = receipts[0].Err
	}
	return err
}
