package outbound

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

const (
	lease             = "webhooks"
	atOnce            = 32 // attempts under way in all
	atOncePerEndpoint = 4
	// claimMore is how much longer than an attempt a claim lasts: time to write
	// down what came of it.
	claimMore = 30 * time.Second
	// lookAgain is when deliveries are looked for without a word from anybody:
	// pauses end, and other nodes' administrators replay.
	lookAgain = 5 * time.Second
	// failingFor is how long an endpoint may take nothing before it is disabled.
	failingFor = 5 * 24 * time.Hour
	// keepFor is how long done and dead deliveries are kept, pruneEvery when
	// those that are older are removed, pruneBatch at a time.
	keepFor    = 14 * 24 * time.Hour
	pruneEvery = 10 * time.Minute
	pruneBatch = 500
)

// pauses are between one attempt and the next: ten attempts over about three
// days, each pause up to a tenth shorter or longer.
var pauses = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

func pauseAfter(attempt int) (time.Duration, bool) {
	if attempt < 1 || attempt > len(pauses) {
		return 0, false
	}
	p := pauses[attempt-1]
	return p + time.Duration((rand.Float64()-0.5)*0.2*float64(p)), true
}

// Types of the events that are the package's own.
const (
	TypeTest     = "advocate.webhook.test"     // sent by Test, and in no log
	TypeDisabled = "advocate.webhook.disabled" // an endpoint was given up: an alarm

	eventSource = "advocate"
)

// Errors of deliveries that were not tried.
const (
	errDisabled = "the webhook is disabled"
	errRemoved  = "the webhook was removed"
	errErased   = "the customer was erased"
)

// Run sends whenever it is this node's turn, until ctx ends. A node that lacks
// the key of the secrets takes no turn, and gives up the one that it has:
// another node may have the key, and no receiver is to blame.
func (s *Service) Run(ctx context.Context) {
	for s.awaitKey(ctx) {
		turn, end := context.WithCancel(ctx)
		s.o.Alone(turn, lease, func(ctx context.Context) { s.work(ctx, end) })
		end()
	}
}

// awaitKey waits until this node can open secrets; false when ctx has ended.
func (s *Service) awaitKey(ctx context.Context) bool {
	waits := false
	for ctx.Err() == nil {
		err := s.o.Sealer.Check(ctx)
		switch {
		case err == nil && waits:
			s.o.Logger.InfoContext(ctx, "the secrets of webhooks can be read again; webhooks are sent")
			return true
		case err == nil:
			return true
		case !waits && ctx.Err() == nil:
			s.o.Logger.ErrorContext(ctx, "no webhook is sent from here: their secrets cannot be read", "error", err)
		}
		waits = true
		s.sleep(ctx, lookAgain)
	}
	return false
}

// work follows the log and sends until ctx ends; end is for when this node turns
// out to lack the key. What is under way then is cut off and pending again.
func (s *Service) work(ctx context.Context, end func()) {
	w := newWorker(s)
	w.end = end
	var all sync.WaitGroup
	all.Go(func() { w.follow(ctx) })
	all.Go(func() { w.deliver(ctx) })
	all.Go(func() { w.prune(ctx) })
	all.Wait()
}

// worker is a Service while it is its turn.
type worker struct {
	*Service
	end   func()        // gives up its turn
	since time.Time     // when its turn began, until it has claimed what the one before left
	due   chan struct{} // there may be something to send
	room  chan struct{} // there may be room for more deliveries

	// of follow alone
	seen  map[string]int64     // how far the log was looked at for an endpoint; its stored place may be behind
	added map[string]int       // deliveries made since those that wait were counted
	full  map[string]time.Time // endpoints with too many waiting, until they are counted again

	mu   sync.Mutex
	left map[string]int // deliveries of an endpoint that ended since those that wait were counted
}

func newWorker(s *Service) *worker {
	return &worker{
		Service: s, end: func() {}, since: s.o.Clock.Now(), due: make(chan struct{}, 1), room: make(chan struct{}, 1),
		seen: map[string]int64{}, added: map[string]int{}, full: map[string]time.Time{}, left: map[string]int{},
	}
}

// ended takes note that an endpoint has one less waiting.
func (w *worker) ended(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.left[id]++; w.left[id] == maxWaiting/2 {
		select {
		case w.room <- struct{}{}:
		default:
		}
	}
}

func (w *worker) mayBeDue() {
	select {
	case w.due <- struct{}{}:
	default:
	}
}

// deliver claims what may be sent and sends it.
func (w *worker) deliver(ctx context.Context) {
	var under sync.WaitGroup
	defer under.Wait()
	slots := make(chan struct{}, atOnce)
	failing := false
	for ctx.Err() == nil {
		rows, jobs, err := w.claim(ctx, atOnce-len(slots))
		if err != nil && ctx.Err() == nil && !failing {
			w.o.Logger.WarnContext(ctx, "deliveries of webhooks cannot be claimed", "error", err)
		}
		failing = err != nil
		for i := range rows {
			slots <- struct{}{}
			under.Go(func() {
				w.attempt(ctx, &rows[i], jobs[i])
				<-slots
				w.mayBeDue()
			})
		}
		again, stop := w.o.Clock.Alarm(w.o.Clock.Now().Add(lookAgain))
		select {
		case <-ctx.Done():
		case <-w.due:
		case <-again:
		}
		stop()
	}
}

// claim takes deliveries that may be sent now, with their endpoints. Those that
// are not to be sent at all end here.
func (w *worker) claim(ctx context.Context, free int) (out []store.DeliveryRow, to []Endpoint, err error) {
	if free <= 0 {
		return nil, nil, nil
	}
	now := w.o.Clock.Now()
	err = w.o.Store.Update(ctx, func(tx store.Tx) error {
		out, to = nil, nil
		rows, err := tx.DeliveryClaim(store.DeliveryClaimParams{Now: now, Lease: w.o.Timeout + claimMore, Limit: free, PerEndpoint: atOncePerEndpoint, Since: w.since})
		if err != nil || len(rows) == 0 {
			return err
		}
		ids := make([]string, len(rows))
		customers := make([]domain.CustomerID, len(rows))
		for i := range rows {
			ids[i], customers[i] = rows[i].Endpoint, rows[i].Customer
		}
		docs, err := tx.DocumentGet(kindEndpoint, ids)
		if err != nil {
			return err
		}
		// An erasure that was under way when its events became deliveries may
		// have seen none of them.
		who, err := tx.AdvocateGet(customers)
		if err != nil {
			return err
		}
		for i := range rows {
			e, why := Endpoint{}, errRemoved
			if docs[i].ID != "" {
				if e, err = readEndpoint(&docs[i], now); err != nil {
					return err
				}
				why = ""
			}
			switch {
			case e.Disabled:
				why = errDisabled
			case rows[i].Customer != 0 && who[i].Erased:
				why = errErased
			}
			if why == "" {
				out, to = append(out, rows[i]), append(to, e)
				continue
			}
			rows[i].State, rows[i].Error, rows[i].UpdatedAt = store.DeliveryDead, why, now
			if err := tx.DeliveryPut(rows[i]); err != nil {
				return err
			}
		}
		if len(out) < len(rows) {
			w.mayBeDue()
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	w.since = time.Time{} // from now on some are its own, whatever the clock says
	return out, to, nil
}

// attempt posts a delivery and writes down what came of it.
func (w *worker) attempt(ctx context.Context, row *store.DeliveryRow, e Endpoint) {
	now := w.o.Clock.Now()
	secrets, err := w.secrets(&e, now)
	a, ours := Attempt{Error: "its secret cannot be read"}, ""
	switch {
	case err == nil:
		a = w.send.post(ctx, request{url: e.URL, id: shownID(row.ID), at: now, secrets: secrets, body: row.Body})
	case w.o.Sealer.Check(ctx) != nil:
		ours = "was not sent: the server could not read its secret"
		w.end()
	default:
		w.o.Logger.ErrorContext(ctx, "a webhook's secret cannot be read", "webhook", e.ID, "error", err)
	}
	if ours == "" && ctx.Err() != nil && a.Status == 0 {
		ours = "was cut off: the server stopped sending"
	}
	// What was sent must be written down even though it is no longer our turn.
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), claimMore/2)
	defer cancel()
	err = w.finish(end, *row, &e, &a, ours)
	if err != nil && !errors.Is(err, store.ErrConflict) {
		w.o.Logger.WarnContext(ctx, "what came of a webhook's delivery cannot be kept; it is sent again", "delivery", row.ID, "error", err)
	}
}

// finish writes an attempt's outcome, and what it means for the endpoint, in
// one transaction. Where it came to nothing for a reason of our own, that is
// ours: nothing is held against the endpoint. store.ErrConflict: the delivery is gone, or somebody else's.
func (w *worker) finish(ctx context.Context, row store.DeliveryRow, e *Endpoint, a *Attempt, ours string) error {
	now := w.o.Clock.Now()
	row.Status, row.Error, row.UpdatedAt, row.Lease = a.Status, a.Error, now, time.Time{}
	pause, more := pauseAfter(row.Attempt)
	switch {
	case a.OK():
		row.State = store.DeliveryDone
	case ours != "":
		row.State, row.NotBefore, row.Error = store.DeliveryPending, now, ours
	case a.Status == 410 || !more:
		row.State = store.DeliveryDead
	default:
		row.State, row.NotBefore = store.DeliveryPending, now.Add(max(pause, a.retryAfter))
	}
	turned := ours == "" && (a.OK() != e.Failing.IsZero() || !a.OK() && w.givenUp(e, a, now) != "")
	disabled := ""
	err := w.o.Store.Update(ctx, func(tx store.Tx) error {
		disabled = ""
		if err := tx.DeliveryPut(row); err != nil || !turned {
			return err
		}
		docs, err := tx.DocumentLock(kindEndpoint, []string{e.ID})
		if err != nil || docs[0].ID == "" {
			return err
		}
		is, err := readEndpoint(&docs[0], now)
		if err != nil || is.Disabled || is.URL != e.URL {
			return err // what came of it says nothing of the endpoint as it is now
		}
		switch {
		case a.OK():
			is.Failing = time.Time{}
		case is.Failing.IsZero():
			is.Failing = now
		}
		if disabled = w.givenUp(&is, a, now); disabled != "" && !a.OK() {
			is.Disabled, is.Why = true, disabled
		}
		if is, err = put(tx, is, now); err != nil || disabled == "" {
			return err
		}
		return alarm(tx, &is, now)
	})
	if err == nil && row.State != store.DeliveryPending {
		w.ended(row.Endpoint)
	}
	if err == nil && disabled != "" {
		w.o.Logger.ErrorContext(ctx, "a webhook was disabled", "webhook", e.ID, "why", disabled)
		if w.o.Feed != nil {
			w.o.Feed.Changed()
		}
	}
	return err
}

// givenUp says why a failed attempt ends an endpoint, "" when it does not.
func (w *worker) givenUp(e *Endpoint, a *Attempt, now time.Time) string {
	switch {
	case a.OK():
		return ""
	case a.Status == 410:
		return WhyGone
	case !e.Failing.IsZero() && now.Sub(e.Failing) >= failingFor:
		return WhyFailing
	}
	return ""
}

// alarm puts into the log that an endpoint was disabled.
func alarm(tx store.Tx, e *Endpoint, now time.Time) error {
	data, err := json.Marshal(map[string]any{"webhook": e.ID, "why": e.Why, "failing_since": e.Failing, "alarm": true})
	if err != nil {
		return err
	}
	return tx.EventAppend([]domain.Event{{
		Source: eventSource, ID: fmt.Sprintf("%s-disabled-%d", e.ID, e.Version), Type: TypeDisabled, Subject: e.ID, Time: now, Accepted: now, Data: data,
	}})
}

// prune removes from the log of deliveries what is old.
func (w *worker) prune(ctx context.Context) {
	for ctx.Err() == nil {
		n := 0
		err := w.o.Store.Update(ctx, func(tx store.Tx) (err error) {
			n, err = tx.DeliveryPrune(w.o.Clock.Now().Add(-keepFor), pruneBatch)
			return err
		})
		if err != nil && ctx.Err() == nil {
			w.o.Logger.WarnContext(ctx, "old deliveries of webhooks cannot be removed", "error", err)
		}
		if n == pruneBatch && err == nil {
			continue
		}
		w.sleep(ctx, pruneEvery)
	}
}

// sleep waits for a while, or until ctx ends.
func (s *Service) sleep(ctx context.Context, d time.Duration) {
	again, stop := s.o.Clock.Alarm(s.o.Clock.Now().Add(d))
	defer stop()
	select {
	case <-ctx.Done():
	case <-again:
	}
}

// sortedUnique gives each value once, in order.
func sortedUnique[T int64 | string | domain.CustomerID](in []T) []T {
	out := slices.Clone(in)
	slices.Sort(out)
	return slices.Compact(out)
}
