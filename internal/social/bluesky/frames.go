package bluesky

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/coder/websocket"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// read passes frames on until the connection ends, then closes frames.
func read(ctx context.Context, conn *websocket.Conn, frames chan<- []byte) error {
	defer close(frames)
	for {
		kind, b, err := conn.Read(ctx)
		if err != nil {
			return errors.New("the stream has ended")
		}
		if kind != websocket.MessageBinary {
			continue
		}
		select {
		case frames <- b:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// take works on a frame and on those that wait behind it, hands in what is for
// us, and moves the cursor.
func (l *listener) take(ctx context.Context, b []byte, frames <-chan []byte) error {
	err := l.frame(ctx, b)
	for i := 0; err == nil && i < 4*waiting && len(l.batch) < social.MaxBatch; i++ {
		select {
		case more, ok := <-frames:
			if ok {
				err = l.frame(ctx, more)
				continue
			}
		default:
		}
		break
	}
	if taken := l.flush(ctx); taken != nil {
		return taken
	}
	return err
}

func (l *listener) flush(ctx context.Context) error {
	if len(l.batch) > 0 {
		l.n.nameAuthors(ctx, l.batch)
		if err := l.n.deliver(ctx, l.sink, l.batch); err != nil {
			return err
		}
		l.batch = nil
	}
	if l.next.Seq > 0 {
		l.at = l.next
	}
	return nil
}

// frame takes what is for us out of one frame. A frame that cannot be read is
// passed over.
func (l *listener) frame(ctx context.Context, b []byte) error {
	f, err := parseFrame(b)
	now := l.n.kit.Clock.Now()
	if err != nil {
		if l.bad++; l.bad == 1 {
			l.n.log.Warn("a frame of the stream cannot be read; it is passed over", "reason", err.Error())
		}
	}
	switch f.Kind {
	case "error":
		return l.refused(ctx, f.Name)
	case "#info":
		if f.Name == "OutdatedCursor" && (l.at.Seq > 0 || now.Sub(l.at.Time) > backfilled) {
			if err := l.gap(ctx); err != nil {
				return err
			}
		}
	case "#identity":
		l.n.names.forget(f.DID)
	case "#commit":
		if !l.since.IsZero() && f.Time.Before(l.since) {
			break
		}
		for i := range f.Writes {
			l.write(&f, &f.Writes[i], now)
		}
	}
	// The last frame says where we are, not the highest: one wrong number must
	// not stop the count for ever.
	if f.Seq > 0 {
		at := f.Time
		if at.IsZero() || at.After(now) {
			at = now
		}
		l.next = cursor{f.Seq, at}
	}
	age := time.Duration(-1)
	if !f.Time.IsZero() {
		age = max(0, now.Sub(f.Time))
	}
	l.n.Alive(now, age)
	return nil
}

// refused is for a frame that ends the stream (lexicons/com/atproto/sync/subscribeRepos.json,
// "errors").
func (l *listener) refused(ctx context.Context, name string) error {
	e := &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "the server has ended the stream"}
	switch name {
	case "ConsumerTooSlow":
		e.Safe = "the server has ended the stream since we read it too slowly"
	case "FutureCursor":
		// The server counts from the beginning again, or is another one.
		e.Safe = "the server knows nothing of where we stopped reading"
		l.at.Seq, l.next.Seq = 0, 0
		if err := l.save(ctx); err != nil {
			return err
		}
	}
	return e
}

// gap asks for the notifications of a time that the stream leaves out, if there
// is somebody to ask. After an error nothing of the stream may be taken: what
// it moves the cursor past would be asked for by nobody. It begins again from
// the cursor, and with the gap.
func (l *listener) gap(ctx context.Context) error {
	l.n.log.Warn("the stream leaves out what is older than its server keeps; asking for notifications of that time")
	err := l.n.catchUp(ctx, l.sink, l.at.Time.Add(-overlap))
	if isAbsent(err) {
		l.n.log.Error("notifications cannot be had; posts may have been missed", "reason", social.Safe(err))
		return nil
	}
	return err
}

// write looks at one post. Nearly all are of no concern to us, and are told by
// a look at their bytes.
func (l *listener) write(f *frame, w *write, now time.Time) {
	n, uri := l.n, postURI(f.DID, w.Key)
	known := n.heard.has(uri)
	at := f.Time
	if at.IsZero() || at.After(now.Add(domain.MaxClockAhead)) {
		at = now
	}
	if w.Action == "delete" {
		if known || f.DID == l.us {
			l.batch = append(l.batch, n.deletion(l.us, f.DID, w.Key, at))
		}
		return
	}
	if !known && f.DID != l.us && n.search.empty() && !bytes.Contains(w.Block, []byte(l.us)) && !bytes.Contains(w.Block, []byte(f.DID)) {
		return
	}
	r, err := w.record()
	if err != nil {
		return
	}
	rel := n.relate(l.us, f.DID, r)
	if rel == foreign && known {
		rel = addressed // edited until it names us no more; its author waits for an answer all the same
	}
	if rel == foreign {
		return
	}
	p := n.post(rel, f.DID, w.Key, w.CID.String(), r, at)
	if len(p.ID) > domain.MaxPostField {
		return
	}
	n.remember(told{post: p, root: r.root()})
	l.batch = append(l.batch, p)
}

// root is where the post's thread begins; zero if with the post itself.
func (r *record) root() ref {
	if r.Reply == nil {
		return ref{}
	}
	return r.Reply.Root
}
