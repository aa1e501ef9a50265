package engine

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Limits of intake.
const (
	maxQueued    = 8192 // items that wait for a group commit; more are refused
	maxTurnItems = 512  // items of one group commit; one larger request still goes as a whole

	// A request that is not committed by then is refused: the store stands
	// still, and its caller had better come back than pile up here.
	maxWait = 10 * time.Second
)

// item is one post, event or command on its way in, or one effect's result.
// Exactly one of the pointers is set. What a turn learns of it stands in
// receipt, which is reset when the turn's transaction runs again.
type item struct {
	post     *domain.Post
	meaning  *domain.Understanding
	event    *domain.Event
	command  *domain.Command
	customer domain.CustomerID // a command's
	result   *result
	profile  *domain.Profile // a customer to make, with a command's
	key      domain.Key
	body     uint64
	newID    domain.CustomerID // drawn once, if the item makes a customer
	keeps    bool              // a network's post, kept where its customer's inbox has no room
	late     bool              // a post that was kept so
	stands   bool              // a post as its network showed it when it was asked, not as it once told of it
	unsure   bool              // a version that was overtaken before, or stands again; as the last run has it
	receipt  Receipt
}

// request is what one caller handed in and waits for.
type request struct {
	items []*item
	since time.Time
	done  chan struct{}
	err   error
}

// intakeQueue holds requests in order of arrival.
type intakeQueue struct {
	mu       sync.Mutex
	requests []*request
	items    int
	closed   bool
}

func (q *intakeQueue) push(r *request) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return &domain.Error{Code: domain.CodeUnavailable, Message: "the engine is stopped", RetryAfter: retryUnavailable}
	}
	if len(r.items) > maxQueued {
		return domain.Errorf(domain.CodeTooLarge, "%d items at once; at most %d are accepted", len(r.items), maxQueued)
	}
	if q.items+len(r.items) > maxQueued {
		return &domain.Error{Code: domain.CodeBusy, Message: "too much is waiting to be written", RetryAfter: retryBusy}
	}
	q.requests = append(q.requests, r)
	q.items += len(r.items)
	return nil
}

// take removes what the next turn commits. Two commands for one customer
// never share a turn, since the second is checked against what the first did.
func (q *intakeQueue) take() []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	n, items := 0, 0
	var commanded []domain.CustomerID
take:
	for _, r := range q.requests {
		if n > 0 && items+len(r.items) > maxTurnItems {
			break
		}
		for _, it := range r.items {
			if it.command == nil || it.customer == 0 {
				continue // an import's new customers are nobody's yet
			}
			if n > 0 && slices.Contains(commanded, it.customer) {
				break take
			}
			commanded = append(commanded, it.customer)
		}
		n++
		items += len(r.items)
	}
	out := slices.Clone(q.requests[:n])
	q.requests = slices.Delete(q.requests, 0, n)
	q.items -= items
	return out
}

// remove takes back a request that nobody has begun to commit.
func (q *intakeQueue) remove(r *request) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.requests, r)
	if i < 0 {
		return false
	}
	q.requests = slices.Delete(q.requests, i, i+1)
	q.items -= len(r.items)
	return true
}

// waits reports whether nobody has begun to commit a request.
func (q *intakeQueue) waits(r *request) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Contains(q.requests, r)
}

func (q *intakeQueue) size() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.items
}

func (q *intakeQueue) close(closed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = closed
}

// submit hands items in and returns when they are durable. Who finds less than
// Options.Turns committing commits what is queued, its own or not: while one
// turn is brought to the disk, the next one runs.
func (e *Engine) submit(ctx context.Context, items []*item) error {
	if len(items) == 0 {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return e.edge("take items", err)
	}
	r := &request{items: items, since: time.Now(), done: make(chan struct{})}
	if err := e.intake.push(r); err != nil {
		e.metrics.busy.Add(1)
		return err
	}
	late := time.NewTimer(maxWait)
	defer late.Stop()
	for {
		select {
		case <-r.done:
			return r.err
		default:
		}
		select {
		case <-r.done:
			return r.err
		case e.leaders <- struct{}{}:
			if !e.intake.waits(r) {
				<-e.leaders
				select {
				case <-r.done:
					return r.err
				case <-late.C:
					return e.tooLate(r)
				}
			}
			if e.store.Serial() {
				e.commitQueued(context.WithoutCancel(ctx))
				<-e.leaders
				continue
			}
			// A server may be silent for long; who asked is answered before.
			committed := make(chan struct{})
			go func() {
				defer close(committed)
				defer func() { <-e.leaders }()
				e.commitQueued(context.WithoutCancel(ctx))
			}()
			select {
			case <-committed:
			case <-late.C:
				return e.tooLate(r)
			}
		case <-late.C:
			return e.tooLate(r)
		case <-ctx.Done():
			if e.intake.remove(r) {
				return e.edge("take items", ctx.Err())
			}
			<-r.done // it is being committed: the caller must learn how that ended
			return r.err
		}
	}
}

// tooLate refuses a request that has waited for too long. One that is being
// committed may be taken all the same; its repetition meets its own keys.
func (e *Engine) tooLate(r *request) error {
	select {
	case <-r.done:
		return r.err
	default:
	}
	e.metrics.busy.Add(1)
	if e.intake.remove(r) {
		return &domain.Error{Code: domain.CodeBusy, Message: "the store takes too long to write", RetryAfter: retryUnavailable}
	}
	return &domain.Error{Code: domain.CodeUnavailable, Message: "the store does not answer; it may have taken this all the same, and to hand it in again under the same id does no harm", RetryAfter: retryUnavailable}
}

// commitQueued commits one group. If the group cannot be written for a reason
// that may lie in one request, each is written alone, so that nobody pays for
// another's.
func (e *Engine) commitQueued(ctx context.Context) {
	var group []*request
	// The group is taken when the transaction begins: until then it grows.
	err := e.commitRequests(ctx, func() []*request {
		if group == nil {
			group = e.intake.take()
		}
		return group
	})
	if len(group) == 0 && err != nil {
		group = e.intake.take() // the transaction did not even begin
	}
	if len(group) == 0 {
		return
	}
	if err != nil && len(group) > 1 && domain.ErrorCode(err) == domain.CodeInternal {
		for _, r := range group {
			r.err = e.commitRequests(ctx, func() []*request { return []*request{r} })
		}
	} else {
		for _, r := range group {
			r.err = err
		}
	}
	for _, r := range group {
		e.metrics.intakeTime.observe(time.Since(r.since))
		close(r.done)
	}
}

func (e *Engine) commitRequests(ctx context.Context, group func() []*request) error {
	t := &turn{e: e, take: func() (items []*item) {
		for _, r := range group() {
			items = append(items, r.items...)
		}
		return items
	}}
	return e.edge("take items", e.run(ctx, t))
}

// EventsSubmit takes events in. It returns when they are durable; an error
// means that none was taken. Receipts stand in the order of the events.
func (e *Engine) EventsSubmit(ctx context.Context, events []domain.Event) ([]Receipt, error) {
	now := e.clock.Now()
	items := make([]item, len(events))
	take := make([]*item, 0, len(events))
	for i := range events {
		ev := events[i]
		it := &items[i]
		ev.Seq = 0
		ev.Normalize(now)
		if err := ev.Validate(); err != nil {
			it.receipt.Err = err
			continue
		}
		it.event, it.key, it.body = &ev, ev.DedupeKey(), ev.BodyHash()
		take = append(take, it)
	}
	return e.receipts(ctx, items, take)
}

func (e *Engine) receipts(ctx context.Context, items []item, take []*item) ([]Receipt, error) {
	if err := e.submit(ctx, take); err != nil {
		return nil, err
	}
	out := make([]Receipt, len(items))
	for i := range items {
		out[i] = items[i].receipt
		if out[i].Err != nil {
			e.metrics.refused.Add(1)
		}
	}
	return out, nil
}

// draw makes a customer id from the engine's random source.
func (e *Engine) draw(now time.Time) (domain.CustomerID, error) {
	e.randomMu.Lock()
	defer e.randomMu.Unlock()
	var b [4]byte
	if _, err := io.ReadFull(e.random, b[:]); err != nil {
		return 0, err
	}
	return domain.NewCustomerID(now.UnixMilli(), uint32(b[0])<<24|uint32(b[1])<<16|uint32(b[2])<<8|uint32(b[3])), nil
}

// drawFree gives an item its customer id, one that no advocate has and no
// other item of the turn drew.
func (t *turn) drawFree(it *item) (domain.CustomerID, error) {
	for range 20 {
		if it.newID == 0 {
			id, err := t.e.draw(t.now)
			if err != nil {
				return 0, err
			}
			it.newID = id
		}
		if t.seats[it.newID] == nil {
			rows, err := t.tx.AdvocateGet([]domain.CustomerID{it.newID})
			if err != nil {
				return 0, err
			}
			if rows[0].ID == 0 && !rows[0].Erased && rows[0].Redirect == 0 {
				return it.newID, nil
			}
		}
		it.newID = 0
	}
	return 0, errors.New("engine: no free customer id after 20 draws; is the random source broken?")
}
