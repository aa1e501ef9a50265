package mastodon

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/coder/websocket"

	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// Times and bounds of the stream.
const (
	dialTime = 20 * time.Second
	quiet    = 30 * time.Second // without a frame: the server is asked whether it is there
	pongTime = 15 * time.Second
	waiting  = 256     // frames read ahead
	maxFrame = 1 << 20 // bytes; what is larger comes by asking
)

// listen keeps the stream until ctx ends.
func (n *Network) listen(ctx context.Context, sink social.Sink) {
	s := social.Stream{Clock: n.kit.Clock, Log: n.log}
	s.Run(ctx, s.Steady(func(ctx context.Context) error { return n.stream(ctx, sink) }), n.unheard)
}

// unheard notes that the stream has ended, if there was one, and has the other
// way begin at once.
func (n *Network) unheard(why error) {
	n.modes.Lock()
	defer n.modes.Unlock()
	if n.streaming.Swap(false) {
		n.Ended(why, n.kit.Clock.Now())
		n.poke()
	}
}

// stream reads one connection to its end.
func (n *Network) stream(ctx context.Context, sink social.Sink) error {
	me, err := n.us(ctx)
	if err != nil {
		return err
	}
	if err := n.known.load(ctx, n.kit.State); err != nil {
		return err
	}
	conn, err := n.dial(ctx)
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	n.modes.Lock()
	n.streaming.Store(true)
	if n.Began("stream", n.kit.Clock.Now()) {
		n.log.Info("the stream is back")
	}
	n.modes.Unlock()
	return n.hear(ctx, conn, me, sink)
}

// dial opens the stream of what concerns us. The token goes in a header, which
// Mastodon and GoToSocial take, or where that is refused as the
// Sec-WebSocket-Protocol, which Pleroma wants; never in the address, which is
// logged on the way.
func (n *Network) dial(ctx context.Context) (*websocket.Conn, error) {
	u, err := n.streamingURL(n.server.says())
	if err != nil {
		return nil, err
	}
	u.RawQuery = url.Values{"stream": {"user"}}.Encode()
	token, err := n.proven(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	o := websocket.DialOptions{HTTPClient: n.kit.HTTP, CompressionMode: websocket.CompressionDisabled, HTTPHeader: http.Header{"User-Agent": {userAgent}}}
	header, protocol := o, o
	header.HTTPHeader = o.HTTPHeader.Clone()
	header.HTTPHeader.Set("Authorization", "Bearer "+token)
	protocol.Subprotocols = []string{token}
	var resp *http.Response
	for _, way := range []*websocket.DialOptions{&header, &protocol} {
		var conn *websocket.Conn
		conn, resp, err = websocket.Dial(ctx, u.String(), way)
		if err == nil {
			conn.SetReadLimit(maxFrame)
			return conn, nil
		}
		if resp == nil || resp.StatusCode != http.StatusUnauthorized && resp.StatusCode != http.StatusForbidden {
			break
		}
	}
	return nil, n.notOpened(resp, u.Host, err)
}

func (n *Network) notOpened(resp *http.Response, host string, err error) error {
	if resp == nil {
		return &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: social.UnreachedAt(host, err).Safe, Cause: errors.New("the stream cannot be opened")}
	}
	switch s := resp.StatusCode; s {
	case http.StatusUnauthorized, http.StatusForbidden:
		return &social.Error{Fault: social.FaultOperator, Safe: "the server does not let us listen: the token is unknown or lacks the scope read"}
	case http.StatusNotFound, http.StatusNotImplemented:
		return &social.Error{Fault: social.FaultOperator, Safe: "the server does not stream"}
	}
	return &social.Error{
		Retry: true, Fault: social.FaultNetwork, Safe: "the stream cannot be opened",
		After: web.RetryAfter(resp.Header, n.kit.Clock.Now()), Cause: &web.StatusError{Status: resp.StatusCode},
	}
}

// hear takes frames as they come, as many at once as have come, and asks a
// silent server whether it is there.
func (n *Network) hear(ctx context.Context, conn *websocket.Conn, me us, sink social.Sink) error {
	ctx, cancel := context.WithCancel(ctx)
	frames, ended := make(chan []byte, waiting), make(chan error, 1)
	go func() { ended <- readFrames(ctx, conn, frames) }()
	defer func() {
		cancel()
		conn.CloseNow()
		for range frames { // until the reader has ended
		}
	}()
	// What was written before this moment does not come by the stream; it goes
	// first, so that nobody's posts change their order.
	// A server that limits us must not cost us the stream as well.
	if err := n.catchUp(ctx, me, sink); err != nil {
		var e *social.Error
		if ctx.Err() != nil || web.Status(err) != http.StatusTooManyRequests && !(errors.As(err, &e) && e.After > 0) {
			return err
		}
		n.poke()
	}
	clock := n.kit.Clock
	for {
		rings, stop := clock.Alarm(clock.Now().Add(quiet))
		select {
		case b, ok := <-frames:
			stop()
			if !ok {
				return social.Unreached(<-ended)
			}
			if err := n.takeFrames(ctx, me, sink, drain(b, frames)); err != nil {
				return err
			}
		case <-rings:
			pong, done := context.WithTimeout(ctx, pongTime)
			err := conn.Ping(pong)
			done()
			if err != nil {
				return social.Unreached(errors.New("the server does not answer any more"))
			}
			n.Alive(clock.Now(), -1)
		case <-ctx.Done():
			stop()
			return ctx.Err()
		}
	}
}

// readFrames passes frames on until the connection ends.
func readFrames(ctx context.Context, conn *websocket.Conn, frames chan<- []byte) error {
	defer close(frames)
	for {
		_, b, err := conn.Read(ctx)
		if err != nil {
			return errors.New("the stream has ended") // what the server said of it may hold anything
		}
		select {
		case frames <- b:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// drain takes what else has come.
func drain(first []byte, frames <-chan []byte) [][]byte {
	out := [][]byte{first}
	for len(out) < social.MaxBatch {
		select {
		case b, ok := <-frames:
			if !ok {
				return out
			}
			out = append(out, b)
		default:
			return out
		}
	}
	return out
}

// takeFrames hands in what frames tell, in their order.
func (n *Network) takeFrames(ctx context.Context, me us, sink social.Sink, frames [][]byte) error {
	var batch []told
	flush := func() error {
		heard := batch
		batch = nil
		return n.deliver(ctx, sink, heard)
	}
	age := time.Duration(-1)
	for _, b := range frames {
		f, ok := parseFrame(b)
		if !ok {
			continue
		}
		if f.Event == "delete" || f.Event == "status.update" {
			if err := flush(); err != nil { // it may be about a post just before it
				return err
			}
		}
		if t, ok := n.heard(me, f); ok {
			batch = append(batch, t)
			if !t.post.At.IsZero() && !t.post.Deleted && f.Event != "status.update" {
				age = max(0, n.kit.Clock.Now().Sub(t.post.At))
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	n.Alive(n.kit.Clock.Now(), age)
	return nil
}
