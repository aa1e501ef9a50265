package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"runtime/debug"
	"time"

	"github.com/contact-advocate/advocate/internal/advocate"
	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/said"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/store"
)

// Limits of carrying effects out.
const (
	sendTimeout  = 45 * time.Second // one attempt; well inside the lease
	backoffFirst = 2 * time.Second
	backoffMost  = 15 * time.Minute
	stoppedPause = time.Minute // before an effect that a rule's switch or an operator's mistake holds is looked at again
)

// job is a claimed effect with what is known when it is to be carried out.
type job struct {
	row   store.EffectRow
	mode  string
	snap  *domain.Snapshot
	state error     // the snapshot cannot be read
	gone  bool      // the customer is erased
	seen  time.Time // by the wall clock, when it was claimed

	under *footing // that it was claimed on; nil where no other node can be
}

// result is what came of a job: the row as it is to be, and what the advocate
// is told.
type result struct {
	row     store.EffectRow
	outcome *domain.Outcome
	answer  *domain.ComponentAnswer
	sent    []store.PostRow // what it is on its network, a row for each part
	unsure  bool            // it may be on its network although it looks otherwise
	emit    *domain.Event
	under   *footing // its job's
}

// used is how many attempts there were, this one included. A put-back uses up
// an attempt number, which fences late results, but no attempt.
func (j *job) used() int { return j.row.Attempt - j.row.PutBacks }

// carryOut does one job. It never panics and always gives a result.
func (e *Engine) carryOut(ctx context.Context, j *job) (r result) {
	defer func() {
		if p := recover(); p != nil {
			e.log.Error("carrying an effect out panicked", "effect_id", j.row.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			r = e.failed(j, true, 0, said.FailedInside.Text())
		}
	}()
	began := time.Now()
	defer func() { e.metrics.effectTime.observe(time.Since(began)) }()
	if r, no := e.heldBack(j, e.clock.Now()); no {
		return r
	}
	e.metrics.attempts.Add(1)
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	switch j.row.Kind {
	case domain.EffectReply:
		return e.send(ctx, j)
	case domain.EffectLookup:
		return e.ask(ctx, j)
	case domain.EffectNotify:
		return e.notify(ctx, j)
	case domain.EffectEmit:
		return e.emit(j)
	}
	return e.failed(j, false, 0, fmt.Sprintf("%.40q is no kind of effect", j.row.Kind))
}

// heldBack sees whether anything keeps a job from being done now: how its
// customer and the switches stand was read just before. It returns true with
// what becomes of the job then.
func (e *Engine) heldBack(j *job, now time.Time) (result, bool) {
	switch {
	case j.gone:
		j.row.State = domain.EffectDone
		return result{row: j.row}, true
	case j.state != nil:
		return e.putBack(j, now.Add(stuckPause), said.StateUnreadable.Text()), true
	case !j.row.NotAfter.IsZero() && !now.Before(j.row.NotAfter):
		return e.ended(j, domain.OutcomeExpired, cmp.Or(j.row.LastError, said.TooLate.Text())), true
	case j.mode == ModeStopped:
		return e.putBack(j, now.Add(stoppedPause), said.SwitchedOff.Text()), true
	case j.mode == ModeApprove && !j.row.Released && !j.row.Dead:
		// It was made before the switch was set to that.
		j.row.State = domain.EffectHeld
		return result{row: j.row}, true
	case j.mode == ModeShadow:
		return e.ended(j, domain.OutcomeShadow, said.ShadowOutcome.Text()), true
	case j.row.Kind == domain.EffectReply:
		return e.mayLeave(j, now)
	}
	return result{}, false
}

// mayLeave looks at a reply once more, just before it leaves.
func (e *Engine) mayLeave(j *job, now time.Time) (result, bool) {
	pb := e.Playbook()
	reply := j.row.Reply
	k := j.snap.Case(j.row.Case)
	if j.row.Dead && k != nil {
		// The decision that heard of the failure struck it off; the operator
		// who tries again has put it back.
		k.Unsent = append(k.Unsent, domain.Unsent{Effect: j.row.ID, InReplyTo: reply.InReplyTo, By: reply.By})
	}
	v := advocate.Recheck(pb.Policy(), j.snap, &j.row.Effect, now)
	switch {
	case v.Send:
	case !v.Until.IsZero() && (j.row.NotAfter.IsZero() || v.Until.Before(j.row.NotAfter)):
		return e.putBack(j, v.Until, v.Reason), true
	case !v.Until.IsZero():
		return e.ended(j, domain.OutcomeExpired, v.Reason), true
	default:
		return e.ended(j, domain.OutcomeCanceled, v.Reason), true
	}
	if reply.Visibility == domain.Public {
		if finding := exposes(j.snap, k, reply.To, reply.Text, now); finding != "" {
			e.metrics.alarms.Add(1)
			e.log.Error("a public reply was held back by the guard", "effect_id", j.row.ID, "finding", finding)
			return e.ended(j, domain.OutcomeCanceled, said.GuardFound.Text(finding)), true
		}
	}
	if why := e.owns.second(netKey{reply.To.Network, reply.To.Account}); why != "" {
		return e.putBack(j, now.Add(stoppedPause), why), true
	}
	return result{}, false
}

// exposes is what a text would say in public that is for the customer alone,
// "" for nothing.
func exposes(snap *domain.Snapshot, k *domain.Case, to domain.IdentityKey, text string, now time.Time) string {
	return playbook.Guard(text, &playbook.View{Now: now, Snapshot: snap, Case: k, Identity: snap.Customer.Identity(to)})
}

func (e *Engine) send(ctx context.Context, j *job) result {
	r := j.row.Reply
	n := e.networks[netKey{r.To.Network, r.To.Account}]
	if n == nil {
		return e.failed(j, false, 0, said.NoNetwork.Text(fmt.Sprintf("%.60q", r.To.Network), fmt.Sprintf("%.60q", r.To.Account)))
	}
	switch caps := n.Capabilities(); {
	case r.Visibility == domain.Private && !caps.PrivateMessage:
		// It was decided while there were private messages: nothing that trying
		// again would mend.
		if r.Template == advocate.RatingTemplate {
			return e.ended(j, domain.OutcomeCanceled, advocate.ReasonNoPrivate)
		}
		res := e.ended(j, domain.OutcomeFailed, advocate.ReasonNoPrivate)
		res.outcome.Refused = true
		return res
	case r.Visibility == domain.Public && !caps.PublicReply:
		return e.failed(j, false, 0, said.NoPublicReplies.Text(n.Name()))
	}
	if r, no := e.lookAgain(ctx, j, n); no {
		return r
	}
	began := e.clock.Now()
	sent, err := n.Send(ctx, social.Message{
		Key: j.row.ID, To: r.To, Handle: r.Handle, InReplyTo: r.InReplyTo, Visibility: r.Visibility, Text: r.Text, Lang: r.Lang, Person: r.By != "",
		Told: func(ctx context.Context, parts []string) error {
			return e.store.Update(ctx, func(tx store.Tx) error {
				return store.PartsPut(tx, j.row.Customer, r.To, j.row.ID, parts, e.clock.Now())
			})
		},
	})
	e.went(linkKey{LinkNetwork, r.To.Network, r.To.Account}, began, err)
	if err != nil {
		res := e.failedWith(j, err)
		var network *social.Error
		res.unsure = !errors.As(err, &network) || network.Fault == social.FaultNetwork
		return res
	}
	res := e.ended(j, domain.OutcomeDone, "")
	res.outcome.PostID, res.outcome.More = sent.PostID, sent.More
	at := sent.At
	if at.IsZero() {
		at = e.clock.Now()
	}
	for _, id := range append([]string{sent.PostID}, sent.More...) {
		if id != "" {
			res.sent = append(res.sent, store.PostRow{
				Key: domain.PostKey{Network: r.To.Network, Account: r.To.Account, ID: id}, From: domain.FromAdvocate, At: at.UTC(),
			})
		}
	}
	return res
}

func (e *Engine) ask(ctx context.Context, j *job) result {
	customer, began := &j.snap.Customer, e.clock.Now()
	answer, err := e.components.Ask(ctx, *j.row.Lookup, component.Asker{
		Customer: customer.ID, Ref: customer.Ref, Lang: cmp.Or(j.row.Lookup.Lang, customer.Lang),
		Now: e.clock.Now(),
	})
	e.went(linkKey{kind: LinkComponent, name: j.row.Lookup.Component}, began, err)
	if err != nil {
		return e.failedWith(j, err)
	}
	j.row.State, j.row.LastError = domain.EffectDone, ""
	answer.Lookup = *j.row.Lookup
	return result{row: j.row, answer: &answer}
}

func (e *Engine) notify(ctx context.Context, j *job) result {
	n := *j.row.Notify
	if n.Webhook == "" {
		// A role has no wire of its own: the record, the log and the live
		// stream tell it.
		e.log.WarnContext(ctx, "notification", "role", n.Role, "alarm", n.Alarm, "effect_id", j.row.ID, "customer_id", j.row.Customer)
		return e.ended(j, domain.OutcomeDone, "")
	}
	w := e.webhooks[n.Webhook]
	if w == nil {
		return e.failed(j, false, 0, fmt.Sprintf("no webhook %.60q is configured", n.Webhook))
	}
	began := e.clock.Now()
	err := w.Send(ctx, j.row.ID, n)
	e.went(linkKey{kind: LinkWebhook, name: n.Webhook}, began, err)
	if err != nil {
		return e.failedWith(j, err)
	}
	return e.ended(j, domain.OutcomeDone, "")
}

// emit hands an event of ours to intake, in the transaction of the result.
func (e *Engine) emit(j *job) result {
	ev := *j.row.Emit
	ev.Source, ev.ID, ev.Seq = "advocate", j.row.ID, 0
	if ev.Type == "" || ev.Hops > domain.MaxHops || len(ev.Data) > 0 && !json.Valid(ev.Data) {
		return e.failed(j, false, 0, "the event cannot be taken in")
	}
	now := e.clock.Now()
	ev.Normalize(now)
	if err := ev.Validate(); err != nil {
		return e.failed(j, false, 0, err.Error())
	}
	res := e.ended(j, domain.OutcomeDone, "")
	res.emit = &ev
	return res
}

// failedWith reads what an error says about trying again.
func (e *Engine) failedWith(j *job, err error) result {
	var network *social.Error
	var comp *component.Error
	switch {
	case errors.As(err, &network) && network.Fault == social.FaultCustomer && (network.Blocked || !network.Retry) && j.row.Kind == domain.EffectReply:
		return e.refused(j, network)
	case errors.As(err, &network):
		return e.failed(j, network.Retry, network.After, network.Safe)
	case errors.As(err, &comp):
		return e.failed(j, comp.Retry, 0, comp.Safe)
	case errors.Is(err, context.DeadlineExceeded):
		return e.failed(j, true, 0, said.NoAnswerInTime.Text())
	case errors.Is(err, context.Canceled):
		return e.failed(j, true, 0, said.CutOff.Text())
	}
	e.log.Warn("an effect failed", "effect_id", j.row.ID, "destination", j.row.Destination, "error", err)
	return e.failed(j, true, 0, "failed")
}

// failed plans another attempt, or gives up: a reply or a notification
// becomes a dead letter and its advocate is told, a lookup is answered with
// the error.
func (e *Engine) failed(j *job, retry bool, after time.Duration, why string) result {
	most := j.row.MaxAttempts
	if most <= 0 {
		most = j.row.Kind.Attempts()
	}
	if retry && !j.row.Dead && j.used() < most {
		next := e.clock.Now().Add(max(after, backoff(j.row.ID, j.used())))
		if !j.row.NotAfter.IsZero() && next.After(j.row.NotAfter) {
			return e.ended(j, domain.OutcomeExpired, why)
		}
		e.metrics.retries.Add(1)
		j.row.State, j.row.NotBefore, j.row.LastError = domain.EffectPending, next, why
		return result{row: j.row}
	}
	if j.row.Kind == domain.EffectLookup {
		return e.ended(j, domain.OutcomeFailed, why)
	}
	e.metrics.alarms.Add(1)
	e.log.Warn("an effect is a dead letter", "effect_id", j.row.ID, "destination", j.row.Destination, "attempts", j.used(), "why", why)
	res := e.ended(j, domain.OutcomeFailed, why)
	res.row.State, res.row.Dead, res.row.LastError = domain.EffectDead, true, why
	return res
}

// refused ends a reply that the customer cannot or does not want to get. It is
// no dead letter: there is nothing that an operator could mend.
func (e *Engine) refused(j *job, err *social.Error) result {
	why := err.Safe
	if err.Blocked {
		why = said.BlocksUs.Text()
	}
	e.log.Info("a reply does not reach its customer", "effect_id", j.row.ID, "destination", j.row.Destination, "blocked", err.Blocked, "why", err.Safe)
	res := e.ended(j, domain.OutcomeFailed, why)
	res.outcome.Refused, res.outcome.Blocked = true, err.Blocked
	res.outcome.Closed = err.Closed && j.row.Reply.Visibility == domain.Private
	return res
}

// ended ends an effect and tells the advocate how.
func (e *Engine) ended(j *job, state domain.OutcomeState, why string) result {
	j.row.State, j.row.LastError = domain.EffectDone, ""
	if j.row.Kind == domain.EffectLookup {
		return result{row: j.row, answer: &domain.ComponentAnswer{Lookup: *j.row.Lookup, Error: cmp.Or(why, string(state))}}
	}
	return result{row: j.row, outcome: &domain.Outcome{
		Effect: j.row.ID, Kind: j.row.Kind, State: state, Case: j.row.Case, Reason: why, Attempts: j.used(),
	}}
}

// putBack leaves an effect for later without using up an attempt.
func (e *Engine) putBack(j *job, until time.Time, why string) result {
	j.row.PutBacks++
	j.row.State, j.row.NotBefore, j.row.LastError = domain.EffectPending, until, why
	return result{row: j.row}
}

// backoff doubles with each attempt and is spread by a quarter either way,
// by the effect's own id, so that a network that comes back is not met by
// everybody at once and a history stays the same when it is played again.
func backoff(id string, attempt int) time.Duration {
	return spread(min(backoffFirst<<min(max(attempt-1, 0), 20), backoffMost), fmt.Sprintf("%s/%d", id, attempt))
}

// spread moves a pause by up to a quarter either way, as a name says.
func spread(d time.Duration, name string) time.Duration {
	h := fnv.New32a()
	h.Write([]byte(name))
	half := int64(d) / 2
	return d - time.Duration(half/2) + time.Duration(int64(h.Sum32())%max(half, 1))
}
