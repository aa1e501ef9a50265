package auth

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// Bounds on what waits to be written to the audit log.
const (
	auditQueue = 1024 // calls; one more is refused
	auditBatch = 512  // rows a transaction
	auditTime  = 10 * time.Second
	MaxAudit   = 256 // rows a call
)

var errAuditFull = &domain.Error{Code: domain.CodeBusy, Message: "more is asked than can be written to the audit log; try again", RetryAfter: time.Second}

// ErrAuditClosed means that the log was closed.
var ErrAuditClosed = errors.New("auth: the audit log is closed")

// AuditLog appends to the audit log. Many callers share one commit, so that
// each request's trace is durable before it is answered and costs little.
type AuditLog struct {
	store  store.Store
	now    func() time.Time
	queue  chan *auditCall
	mu     sync.RWMutex // guards closed, against a send on the closed queue
	closed bool
	done   chan struct{}
}

type auditCall struct {
	rows   []store.AuditRow
	result chan error
}

// NewAuditLog makes a log and starts its writer; Close ends it.
func NewAuditLog(st store.Store, now func() time.Time) *AuditLog {
	if st == nil || now == nil {
		panic("auth: NewAuditLog needs a store and a clock")
	}
	l := &AuditLog{store: st, now: now, queue: make(chan *auditCall, auditQueue), done: make(chan struct{})}
	go l.run()
	return l
}

// Append writes rows, in order and all or none, and returns once they are
// durable. Rows without a time get the present one. When the queue is full the
// error is CodeBusy, and nothing is written. When ctx ends first, they may be
// written all the same.
func (l *AuditLog) Append(ctx context.Context, rows ...store.AuditRow) error {
	if len(rows) == 0 {
		return nil
	}
	if len(rows) > MaxAudit {
		return domain.Errorf(domain.CodeTooLarge, "%d rows for the audit log; at most %d are taken at once", len(rows), MaxAudit)
	}
	c := &auditCall{rows: append([]store.AuditRow(nil), rows...), result: make(chan error, 1)}
	for i := range c.rows {
		if c.rows[i].At.IsZero() {
			c.rows[i].At = l.now().UTC()
		}
		c.rows[i].Cut()
	}
	if err := l.enqueue(c); err != nil {
		return err
	}
	select {
	case err := <-c.result:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *AuditLog) enqueue(c *auditCall) error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.closed {
		return ErrAuditClosed
	}
	select {
	case l.queue <- c:
		return nil
	default:
		return errAuditFull
	}
}

// Close writes what waits and ends the writer. A second call does nothing.
func (l *AuditLog) Close() error {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.queue)
	}
	l.mu.Unlock()
	<-l.done
	return nil
}

func (l *AuditLog) run() {
	defer close(l.done)
	for c := range l.queue {
		batch, rows := []*auditCall{c}, len(c.rows)
	more:
		for rows < auditBatch {
			select {
			case c, open := <-l.queue:
				if !open {
					break more
				}
				batch, rows = append(batch, c), rows+len(c.rows)
			default:
				break more
			}
		}
		err := l.write(batch, rows)
		for _, c := range batch {
			c.result <- err
		}
	}
}

func (l *AuditLog) write(batch []*auditCall, n int) error {
	ctx, cancel := context.WithTimeout(context.Background(), auditTime)
	defer cancel()
	return l.store.Update(ctx, func(tx store.Tx) error {
		rows := make([]store.AuditRow, 0, n)
		for _, c := range batch {
			rows = append(rows, c.rows...)
		}
		return tx.AuditAppend(rows)
	})
}

// Entry is a row that says what a principal saw or did.
func Entry(by Principal, action, object string, customer domain.CustomerID, outcome string) store.AuditRow {
	return store.AuditRow{By: by.Name, Via: string(by.Kind), Action: action, Object: object, Customer: customer, Outcome: outcome, From: by.From}
}
