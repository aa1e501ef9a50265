package postgres

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// wakeChannel is where nodes tell each other that there is work.
const wakeChannel = "advocate_wake"

var qNotify = prepared(`SELECT pg_notify('` + wakeChannel + `', $1::text)`)

const (
	tellAtMost = 10 * time.Millisecond // apart
	listenWait = 250 * time.Millisecond
	listenMost = 10 * time.Second
)

// notifier tells the other nodes, after a commit, that there is work. It does
// so beside the transactions and not within them: PostgreSQL lets only one
// transaction that notifies commit at a time, its sync to the disk included.
// A node that dies between the two tells nobody; the others look by
// themselves, later.
type notifier struct {
	node string
	bell chan struct{}
	quit chan struct{}
	told sync.WaitGroup // run
	done sync.WaitGroup // those who listen
	ripe chan time.Time // when this store last asked to catch up; see ripen
}

func (n *notifier) start(s *Store) {
	var id [8]byte
	rand.Read(id[:])
	n.node, n.bell, n.quit, n.ripe = hex.EncodeToString(id[:]), make(chan struct{}, 1), make(chan struct{}), make(chan time.Time, 1)
	n.told.Go(func() { n.run(s) })
}

// stop tells what is still to be told. The store is closed after it.
func (n *notifier) stop() {
	close(n.quit)
	n.told.Wait()
}

// tell asks for a notification. It never blocks.
func (n *notifier) tell() {
	select {
	case n.bell <- struct{}{}:
	default: // one is on its way and will tell of this as well
	}
}

func (n *notifier) run(s *Store) {
	for {
		last := false
		select {
		case <-n.quit:
			// A command that has done one thing closes at once; what it left
			// must not wait for the others' next look.
			select {
			case <-n.bell:
				last = true
			default:
				return
			}
		case <-n.bell:
		}
		ctx, cancel := context.WithTimeout(context.Background(), s.opts.AcquireTimeout)
		// An error is the others' delay and no more.
		s.alone(ctx, func(x *session) error {
			x.exec(qNotify, x.arg().text(n.node))
			return x.err
		})
		cancel()
		if last {
			return
		}
		select {
		case <-n.quit:
		case <-time.After(tellAtMost):
		}
	}
}

// Wakes tells that other nodes may have left work: inputs that are ready,
// effects, catch-ups, fan-outs, switches, another playbook. Of what this
// store's own transactions leave it tells only when a catch-up that was not
// ripe has become so. A wake-up may be lost, and may come for nothing: it only
// saves waiting for the next look. The channel holds one and is closed when
// ctx ends or the store is closed.
//
// It takes one connection beside the pool's, and connects again by itself.
func (s *Store) Wakes(ctx context.Context) <-chan struct{} {
	out := make(chan struct{}, 1)
	if s.isClosed() {
		close(out)
		return out
	}
	ctx, cancel := context.WithCancel(ctx)
	var ripening sync.WaitGroup
	ripening.Go(func() { s.ripen(ctx, out) })
	s.news.done.Go(func() {
		defer close(out)
		defer ripening.Wait()
		defer cancel()
		pause := listenWait
		for {
			heard := s.listen(ctx, out)
			if heard {
				pause = listenWait
			}
			if sleep(ctx, pause) != nil {
				return
			}
			pause = min(2*pause, listenMost)
		}
	})
	go func() {
		select {
		case <-s.closed:
			cancel()
		case <-ctx.Done():
		}
	}()
	return out
}

// ripenEvery is how often it is looked whether a catch-up has become ripe.
const ripenEvery = 20 * time.Millisecond

// askedToCatchUp says that a catch-up was committed. It never blocks.
func (n *notifier) askedToCatchUp() {
	now := time.Now()
	select {
	case n.ripe <- now:
	default:
		select { // an older one waits: the newer takes its place
		case <-n.ripe:
		default:
		}
		select {
		case n.ripe <- now:
		default:
		}
	}
}

// ripen takes marks after this store asked to catch up, until what it asked
// for can be had, and tells then. Others at work usually keep it from being
// ripe at once, and nothing else would say when it is.
func (s *Store) ripen(ctx context.Context, out chan<- struct{}) {
	for {
		var asked time.Time
		select {
		case <-ctx.Done():
			return
		case asked = <-s.news.ripe:
		}
		for !s.horizon.sawAll(asked) {
			if sleep(ctx, ripenEvery) != nil {
				return
			}
			// An error is a delay: it is tried again.
			s.alone(ctx, func(x *session) error {
				(&reader{session: x, s: s}).marks()
				return x.err
			})
		}
		select {
		case out <- struct{}{}:
		default:
		}
	}
}

// listen hands on notifications until the connection fails. It reports whether
// it had one.
func (s *Store) listen(ctx context.Context, out chan<- struct{}) bool {
	conf := s.conf.ConnConfig.Copy()
	conf.RuntimeParams["application_name"] += " listener"
	c, err := pgx.ConnectConfig(ctx, conf)
	if err != nil {
		return false
	}
	defer func() {
		end, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		c.Close(end)
	}()
	if _, err := c.Exec(ctx, "LISTEN "+wakeChannel); err != nil {
		return false
	}
	wake := func() {
		select {
		case out <- struct{}{}:
		default:
		}
	}
	wake() // nobody knows what was missed before
	for {
		n, err := c.WaitForNotification(ctx)
		if err != nil {
			return true
		}
		if n.Payload != s.news.node {
			wake()
		}
	}
}
