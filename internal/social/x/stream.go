package x

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// Limits of the stream.
const (
	maxLine  = 1 << 20 // bytes
	maxAhead = 256     // lines that were read and not yet taken
	// saveEvery is how often it is kept how far the stream has been read; what
	// came since is asked for again after a crash.
	saveEvery = 5 * time.Second
)

// hearStream holds the stream open until ctx ends. After each break, and at the
// beginning, what it left out is asked for.
func (n *Network) hearStream(ctx context.Context, sink social.Sink) {
	s := social.Stream{Clock: n.kit.Clock, Log: n.log, Backoff: social.Backoff{Grow: reconnection}}
	s.Run(ctx, func(ctx context.Context) (bool, error) { return n.stream(ctx, sink) },
		func(why error) { n.Ended(why, n.kit.Clock.Now()) })
}

// stream is one connection. It is true if posts came through it, or could have.
func (n *Network) stream(ctx context.Context, sink social.Sink) (bool, error) {
	us, err := n.self(ctx)
	if err != nil {
		return false, err
	}
	read, err := n.readSoFar(ctx)
	if err != nil {
		return false, err
	}
	if read >= n.c.PostsPerMonth {
		return false, &social.Error{Retry: true, After: min(n.patience(read), time.Hour), Fault: social.FaultOperator, Safe: n.budget.warning()}
	}
	if err := n.setRules(ctx, us); err != nil {
		return false, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	body, err := n.open(ctx)
	if err != nil {
		return false, err
	}
	lines := make(chan []byte, maxAhead)
	done := make(chan error, 1)
	go func() { done <- readLines(ctx, body, lines) }()
	defer func() {
		cancel(nil)
		body.Close()
		<-done
	}()
	if n.Began(string(Stream), n.kit.Clock.Now()) {
		n.log.Info("the stream is back")
	}
	// The stream is open, so that nothing falls between: now what it left out.
	if err := n.sweep(ctx, sink, us); err != nil {
		return true, err
	}
	return true, n.follow(ctx, sink, us, lines, done)
}

// gapsWay is what an operator knows the sweeps beside the stream by.
const gapsWay = "what the stream left out"

// sweep asks once for everything that the stream should have brought.
func (n *Network) sweep(ctx context.Context, sink social.Sink, us account) error {
	for _, w := range n.ways(us) {
		if err := n.catchUp(ctx, sink, us, w); err != nil {
			return err
		}
	}
	n.WayBegan(gapsWay, "", n.kit.Clock.Now())
	return nil
}

// sweepBeside is a sweep that does not end the stream where it fails: posts
// come still, and the next one goes on where it was left.
func (n *Network) sweepBeside(ctx context.Context, sink social.Sink, us account) {
	if err := n.sweep(ctx, sink, us); err != nil && ctx.Err() == nil {
		n.log.Warn("what the stream left out cannot be asked for", "reason", social.Safe(err))
		n.WayEnded(gapsWay, err, n.kit.Clock.Now())
	}
}

// open connects to the stream. It has no time limit.
func (n *Network) open(ctx context.Context) (io.ReadCloser, error) {
	q := withFields(map[string][]string{})
	if n.c.Backfill > 0 {
		q["backfill_minutes"] = []string{strconv.Itoa(n.c.Backfill)}
	}
	u := n.base.JoinPath("2/tweets/search/stream")
	u.RawQuery = encode(q)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, &social.Error{Fault: social.FaultOurs, Safe: "the request cannot be made"}
	}
	r.Header.Set("User-Agent", agent)
	if err := n.signApp(r); err != nil {
		return nil, err
	}
	// An answer that does not begin is given up as a silent stream is.
	started := make(chan struct{})
	rings, stop := n.kit.Clock.Alarm(n.kit.Clock.Now().Add(silence))
	defer stop()
	headers, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-rings:
			cancel(errSilent)
		case <-started:
		case <-ctx.Done():
		}
	}()
	resp, err := n.http.Do(r.WithContext(headers))
	close(started)
	if err != nil {
		cancel(nil)
		return nil, &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: social.UnreachedAt(n.base.Host, err).Safe, Cause: errors.New("the stream cannot be opened")}
	}
	if resp.StatusCode != http.StatusOK {
		defer cancel(nil)
		defer resp.Body.Close()
		return nil, n.meaning(refused(resp, n.kit.Clock.Now()))
	}
	return &closing{resp.Body, func() { cancel(nil) }}, nil
}

// closing ends a request's context with its body.
type closing struct {
	io.ReadCloser
	end func()
}

// Close implements io.Closer.
func (c *closing) Close() error {
	c.end()
	return c.ReadCloser.Close()
}

// readLines reads the stream ahead of who takes the lines, and closes them at
// its end.
func readLines(ctx context.Context, body io.Reader, lines chan<- []byte) error {
	defer close(lines)
	s := bufio.NewScanner(body)
	s.Buffer(make([]byte, 64<<10), maxLine)
	for s.Scan() {
		select {
		case lines <- bytes.Clone(s.Bytes()):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	return io.EOF
}

// follow takes lines until the stream ends or falls silent. With the first line
// after each poll interval, be it an empty one, it asks for what a sweep before
// could not read or the stream did not tell.
func (n *Network) follow(ctx context.Context, sink social.Sink, us account, lines <-chan []byte, done chan error) error {
	newest, saved := "", n.kit.Clock.Now()
	swept := saved
	var err error
	for {
		rings, stop := n.kit.Clock.Alarm(n.kit.Clock.Now().Add(silence))
		select {
		case <-ctx.Done():
			stop()
			return ctx.Err()
		case <-rings:
			stop()
			return social.Unreached(errSilent)
		case line, ok := <-lines:
			stop()
			if !ok {
				err := <-done
				done <- err // for who waits for the reader
				return social.Unreached(errors.New("the stream ended"))
			}
			if us, err = n.stillUs(ctx, us); err != nil {
				return err
			}
			posts, id, err := n.readLine(us, line)
			if err != nil {
				return err
			}
			now := n.kit.Clock.Now()
			n.Alive(now, -1)
			if len(posts) > 0 {
				if err := n.deliver(ctx, sink, posts); err != nil {
					return err
				}
				n.Alive(now, now.Sub(posts[0].At))
			}
			read, err := int64(0), error(nil)
			if id != "" {
				read, err = n.spend(ctx, id)
			}
			if later(id, newest) {
				newest = id
			}
			if newest != "" && (now.Sub(saved) >= saveEvery || id == "") && err == nil {
				err = n.passed(ctx, us, newest)
				newest, saved = "", now
			}
			if err != nil {
				return err
			}
			if read >= n.c.PostsPerMonth {
				return &social.Error{Retry: true, After: time.Hour, Fault: social.FaultOperator, Safe: n.budget.warning()}
			}
			if now.Sub(swept) >= n.c.Poll {
				n.sweepBeside(ctx, sink, us)
				swept = now
			}
		}
	}
}

// stillUs is our account as it is now. With another name it is told of by other
// rules.
func (n *Network) stillUs(ctx context.Context, us account) (account, error) {
	now, err := n.self(ctx)
	if err != nil || now.Username == us.Username {
		return us, err
	}
	return now, n.setRules(ctx, now)
}

// passed keeps how far the stream has brought every way, but one that has a gap
// left to close.
func (n *Network) passed(ctx context.Context, us account, newest string) error {
	for _, w := range n.ways(us) {
		c, err := n.loadCursor(ctx, w.name)
		if err == nil && c.Until == "" && later(newest, c.Since) {
			err = n.saveCursor(ctx, w.name, cursor{Since: newest})
		}
		if err != nil {
			return err
		}
		if c.Until == "" {
			n.asked[w.name] = n.kit.Clock.Now()
		}
	}
	return nil
}

// readLine reads a line of the stream: nothing to keep it alive, a post, or the
// reason for which X ends it
// (https://docs.x.com/x-api/fundamentals/consuming-streaming-data).
func (n *Network) readLine(us account, line []byte) ([]domain.Post, string, error) {
	if len(bytes.TrimSpace(line)) == 0 {
		return nil, "", nil
	}
	var l struct {
		Data     json.RawMessage `json:"data"`
		Includes json.RawMessage `json:"includes"`
		Errors   []struct {
			Title string `json:"title"`
			Type  string `json:"type"`
		} `json:"errors"`
		Type string `json:"type"`
	}
	if json.Unmarshal(line, &l) != nil {
		n.log.Warn("a line of the stream cannot be read")
		return nil, "", nil
	}
	if len(l.Data) > 0 && string(l.Data) != "null" {
		in := readIncludes(l.Includes)
		post, id, ok := n.readTweet(us, l.Data, &in)
		if !ok {
			n.log.Warn("a post cannot be read")
			return nil, "", nil
		}
		return []domain.Post{post}, id, nil
	}
	for _, e := range l.Errors {
		if has(e.Type, "operational-disconnect", "streaming-connection", "usage-capped") {
			return nil, "", &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "X has ended the stream"}
		}
	}
	if has(l.Type, "streaming-connection") {
		return nil, "", &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "X has ended the stream: there is another connection"}
	}
	return nil, "", nil // "new message types may be added"
}
