package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
	"github.com/contact-advocate/advocate/internal/social"
)

const (
	deliverBatch = 100
	retryMin     = 50 * time.Millisecond
	retryMax     = 5 * time.Second
)

type delivery struct {
	seq  int64
	post domain.Post
}

// Run delivers what customers posted, in order, until ctx ends. Only one Run
// at a time is allowed, also of all processes that share a database.
func (n *Network) Run(ctx context.Context, sink social.Sink) error {
	n.mu.Lock()
	if n.running {
		n.mu.Unlock()
		return errors.New("sandbox: the network runs already")
	}
	n.running = true
	n.mu.Unlock()
	n.share("") // what the process before this one knew is over
	defer func() {
		n.mu.Lock()
		n.running, n.failure = false, ""
		n.mu.Unlock()
		n.notify()
	}()
	pause := retryMin
	for {
		changed := n.watch()
		batch, err := n.queued(ctx)
		if err == nil && len(batch) > 0 {
			err = n.deliver(ctx, sink, batch)
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			n.log.Warn("sandbox delivery failed", "error", err, "waiting", len(batch), "retry_in", pause)
			if !sleep(ctx, pause) {
				return ctx.Err()
			}
			pause = min(2*pause, retryMax)
		case len(batch) > 0:
			pause = retryMin
		default:
			select {
			case <-changed:
			case <-n.poll():
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}

// deliver hands over a batch. A post that is refused is marked, and the others
// pass.
func (n *Network) deliver(ctx context.Context, sink social.Sink, batch []delivery) error {
	posts := make([]domain.Post, len(batch))
	for i := range batch {
		posts[i] = batch[i].post
	}
	results, err := social.HandIn(ctx, sink, n.log, posts)
	if derr := n.delivered(ctx, batch, results); derr != nil {
		return derr
	}
	if err != nil {
		n.outcome(failureText(err))
		return err
	}
	n.outcome("")
	return nil
}

// outcome tells those who wait what became of the newest attempt.
func (n *Network) outcome(failure string) {
	n.mu.Lock()
	same := n.failure == failure
	n.failure = failure
	n.mu.Unlock()
	if !same {
		n.share(failure)
	}
	n.notify()
}

// share tells other processes what became of the newest attempt. Should that
// fail, who waits there hears so when time is up.
func (n *Network) share(failure string) {
	if !n.db.shared {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), deliveryWait)
	defer cancel()
	if _, err := n.db.ExecContext(ctx, `UPDATE @counter SET failure = ?`, failure); err != nil {
		n.log.Warn("the sandbox cannot tell other processes how delivery goes", "error", err)
	}
}

// delivering tells whether somebody hands posts over, and why the newest
// attempt failed. In a shared database it may be another process.
func (n *Network) delivering(ctx context.Context) (running bool, failure string) {
	n.mu.Lock()
	running, failure = n.running, n.failure
	n.mu.Unlock()
	if !n.db.shared {
		return running, failure
	}
	if err := n.db.QueryRowContext(ctx, `SELECT failure FROM @counter`).Scan(&failure); err != nil {
		failure = ""
	}
	return true, failure
}

// failureText is what a customer's page may show.
func failureText(err error) string {
	var e *domain.Error
	if errors.As(err, &e) && e.Code != domain.CodeInternal {
		return e.Error()
	}
	return said.DeliveryFailed.Text()
}

func (n *Network) queued(ctx context.Context) ([]delivery, error) {
	rows, err := n.db.QueryContext(ctx, `SELECT seq, body FROM @delivery ORDER BY seq LIMIT ?`, deliverBatch)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []delivery
	for rows.Next() {
		var (
			d    delivery
			body string
		)
		if err := rows.Scan(&d.seq, &body); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(body), &d.post); err != nil {
			return nil, fmt.Errorf("sandbox: delivery %d: %w", d.seq, err)
		}
		out = append(out, d)
	}
	return out, rows.Err()
}

// delivered takes off the queue what there is a result of. A post's change number rises when it
// was refused, or had been shown as pending, so that a timeline shows it.
func (n *Network) delivered(ctx context.Context, batch []delivery, results []social.Result) error {
	n.mu.Lock()
	late := n.failure != ""
	n.mu.Unlock()
	return inTx(ctx, n.db, func(tx *transaction) error {
		for i, r := range results {
			d, refused := batch[i], ""
			if r.Outcome == social.Refused {
				refused = failureText(r.Err)
			}
			if _, err := tx.ExecContext(ctx, `DELETE FROM @delivery WHERE seq = ?`, d.seq); err != nil {
				return err
			}
			if refused == "" && !late {
				continue
			}
			change, err := nextChange(ctx, tx)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `UPDATE @post SET refused = ?, change = ? WHERE id = ?`, refused, change, d.post.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
