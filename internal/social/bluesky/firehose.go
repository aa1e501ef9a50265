package bluesky

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"time"

	"github.com/coder/websocket"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// Times of the stream.
const (
	dialTime  = 20 * time.Second
	saveEvery = time.Second
	quiet     = 30 * time.Second // without a frame: the other side is asked whether it is there
	pongTime  = 15 * time.Second
	waiting   = 32 // frames read ahead
	overlap   = 2 * time.Minute
	// A server keeps at least so much of the stream; days are usual.
	backfilled = time.Hour
)

// cursor is how far a stream was read. Without a Seq no place in it is known,
// only the time from which on it is to be read.
type cursor struct {
	Seq  int64     `json:"seq"`
	Time time.Time `json:"time"` // of that event
}

// hearFirehose keeps the stream until ctx ends.
func (n *Network) hearFirehose(ctx context.Context, sink social.Sink) {
	s := social.Stream{Clock: n.kit.Clock, Log: n.log}
	s.Run(ctx, s.Steady(func(ctx context.Context) error { return n.stream(ctx, sink) }),
		func(why error) { n.Ended(why, n.kit.Clock.Now()) })
}

// stream reads one connection to its end.
func (n *Network) stream(ctx context.Context, sink social.Sink) error {
	us, err := n.us(ctx)
	if err != nil {
		return err
	}
	if err := n.heard.load(ctx, n.kit.State); err != nil {
		return social.StateError(err)
	}
	l := &listener{n: n, us: us, sink: sink}
	if err := l.load(ctx); err != nil {
		return err
	}
	conn, err := l.dial(ctx)
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	if err := l.opened(ctx); err != nil {
		return err
	}
	if n.Began("stream", n.kit.Clock.Now()) {
		n.log.Info("the stream is back")
	}
	return l.listen(ctx, conn)
}

// place is where a connection begins.
type place int

const (
	fromCursor        place = iota
	fromNow                 // there is nobody to ask what came before
	fromNotifications       // now; what came before is asked for
	fromBeginning           // of what the server keeps; what is too old is passed over
)

// listener reads one connection.
type listener struct {
	n     *Network
	us    string
	sink  social.Sink
	at    cursor // everything up to here is with the sink
	saved cursor
	kept  time.Time // when that was

	from  place
	since time.Time // what is older is passed over
	next  cursor    // of what is taken with the batch
	batch []domain.Post
	bad   int // frames that could not be read
}

// name is the cursor's: another server counts another way.
func (l *listener) name() string {
	u, _ := url.Parse(l.n.c.Firehose)
	return "cursor/" + u.Host
}

func (l *listener) load(ctx context.Context) error {
	known, err := social.StateRead(ctx, l.n.kit.State, l.name(), &l.at)
	if err != nil {
		return err
	}
	if !known || l.at.Time.IsZero() {
		l.at = cursor{Time: l.n.kit.Clock.Now()} // the first time
	}
	l.saved, l.next = l.at, l.at
	if l.at.Seq == 0 {
		return l.choose(ctx)
	}
	return nil
}

// choose says how to begin where only a time is known. Notifications since then
// are better than to read all that a server keeps; without an AppView that is
// done where it is one server's, not where it is days of the whole network.
func (l *listener) choose(ctx context.Context) error {
	_, err := l.n.notifications(ctx, "")
	switch {
	case err == nil:
		l.from = fromNotifications
	case !isAbsent(err):
		return err
	case l.n.streamsItself(ctx):
		l.from, l.since = fromBeginning, l.at.Time.Add(-overlap)
	default:
		l.from = fromNow
	}
	return nil
}

// streamsItself reports whether the firehose is that of a server with accounts,
// and not a relay's: only the former describes itself
// (lexicons/com/atproto/server/describeServer.json).
func (n *Network) streamsItself(ctx context.Context) bool {
	u, err := url.Parse(n.c.Firehose)
	if err != nil {
		return false
	}
	u.Scheme = map[string]string{"wss": "https", "ws": "http"}[u.Scheme]
	ctx, cancel := bounded(ctx)
	defer cancel()
	var out struct {
		DID string `json:"did"`
	}
	c := web.Client{Base: u.JoinPath("xrpc"), HTTP: n.kit.HTTP, Agent: n.web.Agent, Now: n.kit.Clock.Now}
	_, err = c.Do(ctx, web.Request{Path: "com.atproto.server.describeServer", Out: &out})
	return err == nil && out.DID != ""
}

// opened is called once the stream is open.
func (l *listener) opened(ctx context.Context) error {
	if l.from == fromCursor {
		return nil
	}
	now := l.n.kit.Clock.Now()
	if l.from == fromNotifications {
		if err := l.n.catchUp(ctx, l.sink, l.at.Time.Add(-overlap)); err != nil {
			return err
		}
	}
	if l.from != fromBeginning {
		l.at.Time, l.next.Time = now, now
	}
	// What comes before the first event is not lost from here on.
	l.saved = cursor{}
	return l.save(ctx)
}

func (l *listener) due(now time.Time) bool { return l.at != l.saved && now.Sub(l.kept) >= saveEvery }

func (l *listener) save(ctx context.Context) error {
	if l.at == l.saved {
		return nil
	}
	if err := l.n.heard.save(ctx, l.n.kit.State); err != nil {
		return social.StateError(err)
	}
	if err := social.StateKeep(ctx, l.n.kit.State, l.name(), l.at, 0); err != nil {
		return err
	}
	l.saved, l.kept = l.at, l.n.kit.Clock.Now()
	return nil
}

func (l *listener) dial(ctx context.Context) (*websocket.Conn, error) {
	u, err := url.Parse(l.n.c.Firehose)
	if err != nil {
		return nil, &social.Error{Fault: social.FaultOperator, Safe: "the firehose's address is no address"}
	}
	u = u.JoinPath("xrpc/com.atproto.sync.subscribeRepos")
	if l.from == fromCursor || l.from == fromBeginning {
		u.RawQuery = url.Values{"cursor": {strconv.FormatInt(l.at.Seq, 10)}}.Encode()
	}
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, u.String(), &websocket.DialOptions{HTTPClient: l.n.kit.HTTP, CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return nil, &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: social.UnreachedAt(u.Host, err).Safe, Cause: errors.New("the stream cannot be opened")}
	}
	conn.SetReadLimit(maxFrame)
	return conn, nil
}

// listen takes frames as they come, keeps how far it is every second, and asks
// a silent server whether it is there.
func (l *listener) listen(ctx context.Context, conn *websocket.Conn) error {
	ctx, cancel := context.WithCancel(ctx)
	frames, ended := make(chan []byte, waiting), make(chan error, 1)
	go func() { ended <- read(ctx, conn, frames) }()
	defer func() {
		cancel()
		conn.CloseNow()
		for range frames { // until the reader has ended
		}
		last, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer stop()
		if err := l.save(last); err != nil {
			l.n.log.Warn("how far the stream was read cannot be kept; some of it will come again", "error", err)
		}
	}()
	clock := l.n.kit.Clock
	last := clock.Now()
	for {
		rings, stop := clock.Alarm(clock.Now().Add(saveEvery))
		select {
		case b, ok := <-frames:
			stop()
			if !ok {
				return social.Unreached(<-ended)
			}
			last = clock.Now()
			if err := l.take(ctx, b, frames); err != nil {
				return err
			}
		case <-rings:
			if clock.Now().Sub(last) > quiet {
				pong, stop := context.WithTimeout(ctx, pongTime)
				err := conn.Ping(pong)
				stop()
				if err != nil {
					return social.Unreached(errors.New("the server does not answer any more"))
				}
				last = clock.Now()
				l.n.Alive(last, -1)
			}
		case <-ctx.Done():
			stop()
			return ctx.Err()
		}
		if l.due(clock.Now()) {
			if err := l.save(ctx); err != nil {
				return err
			}
		}
	}
}
