package sim

import (
	"context"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/store"
)

// action is something that happens in the world.
type action struct {
	weight int
	do     func(d *driver, ctx context.Context)
}

var allActions = []action{
	{150, (*driver).postNew},
	{60, (*driver).postReply},
	{25, (*driver).postParts},
	{30, (*driver).postAgain},
	{25, (*driver).postEdit},
	{12, (*driver).postEditLate},
	{25, (*driver).postEditDigest},
	{25, (*driver).postEditBack},
	{20, (*driver).postDelete},
	{25, (*driver).postEditQuietly},
	{15, (*driver).postDeleteQuietly},
	{20, (*driver).postOwn},
	{8, (*driver).postOdd},
	{90, (*driver).postProof},
	{60, (*driver).postRating},
	{30, (*driver).closeMatters},
	{150, (*driver).eventOrder},
	{25, (*driver).eventAgain},
	{25, (*driver).eventWide},
	{200, (*driver).deliverSome},
	{110, (*driver).clockForward},
	{8, (*driver).clockBack},
	{2, (*driver).clockWeeks},
	{70, (*driver).commandCase},
	{40, (*driver).commandWork},
	{120, (*driver).deskLook},
	{120, (*driver).agentAnswers},
	{90, (*driver).agentWorks},
	{25, (*driver).agentActivity},
	{12, (*driver).commandIdentity},
	{10, (*driver).importCustomer},
	{15, (*driver).importOrders},
	{8, (*driver).merge},
	{8, (*driver).unmerge},
	{4, (*driver).erase},
	{12, (*driver).publish},
	{40, (*driver).setSwitch},
	{40, (*driver).effectByHand},
	{12, (*driver).block},
	{6, (*driver).meet},
}

// operations are the kinds whose success a long run must have seen.
var operations = []string{
	"post.public", "post.private", "post.thread", "post.parts", "post.duplicate", "post.edit", "post.edit_late", "post.edit_digest", "post.edit_back", "post.delete", "post.edit_quiet", "post.delete_quiet", "post.staff", "post.echo",
	"post.reshare", "post.conflict", "post.too_old", "post.stop", "post.person", "post.proof_right", "post.proof_wrong", "post.proof_public",
	"post.rating", "post.rating_other", "case.asked", "case.rated", "case.stale", "workitem.overdue",
	"event.order", "event.duplicate", "event.conflict", "event.old_version", "event.outage", "event.recall",
	"clock.forward", "clock.days", "clock.weeks", "clock.back",
	"command.take", "command.hand_back", "command.reply", "command.close", "command.assign", "command.complete", "command.cancel",
	"command.link", "command.unlink", "command.consent",
	"command.accept", "command.reject", "command.rescind", "command.wrap", "command.transfer", "command.snooze", "command.raise", "command.expert",
	"agent.available", "agent.busy", "agent.break", "agent.offline", "step.desk",
	"import.customers", "import.orders", "merge", "unmerge", "erase", "playbook.publish", "playbook.broken",
	"switch.live", "switch.stopped", "switch.shadow", "switch.approve", "effect.retry", "effect.drop", "effect.release",
	"send.ok", "send.down", "send.limited", "send.refused", "send.blocked", "send.lost_answer", "send.part", "send.found", "send.continued", "send.half_told",
	"look.ok", "look.edited", "look.gone", "look.failed", "look.limited",
	"ask.ok", "ask.failed", "ask.timeout", "ask.refused", "notify.ok", "notify.failed",
	"step.ready", "step.due", "step.catchup", "step.dispatch", "step.prune", "crash.before_commit", "crash.after_commit", "crash.between_parts",
}

func (d *driver) clockForward(context.Context) {
	by := time.Duration(d.rand.IntN(90)) * time.Second
	switch d.rand.IntN(12) {
	case 0, 1, 2:
		by = time.Duration(1+d.rand.IntN(50)) * time.Minute
	case 3, 4:
		by = time.Duration(1+d.rand.IntN(14)) * time.Hour
	case 5:
		if d.chance(0.4) {
			by = time.Duration(1+d.rand.IntN(6)) * 24 * time.Hour
			d.did("clock.days")
		}
	}
	d.clock.Advance(by)
	d.did("clock.forward")
}

// clockWeeks lets so much time pass that keys and events are forgotten.
func (d *driver) clockWeeks(context.Context) {
	d.clock.Advance(time.Duration(20+d.rand.IntN(25)) * 24 * time.Hour)
	d.did("clock.weeks")
}

// clockBack sets the clock wrong, and right again later.
func (d *driver) clockBack(context.Context) {
	if d.clock.off != 0 {
		d.clock.off = 0
		return
	}
	d.clock.off = -time.Duration(1+d.rand.IntN(7200)) * time.Second
	d.did("clock.back")
}

// publish brings a new playbook, or a broken one that must change nothing.
func (d *driver) publish(ctx context.Context) {
	if d.chance(0.3) {
		before := d.engine.Playbook().Hash()
		_, err := d.engine.PlaybookPublish(ctx, "sim", brokenSource(d.rand.IntN(4)), "sim")
		switch {
		case d.process.dead:
		case domain.ErrorCode(err) != domain.CodeInvalid:
			d.oracle.fail("a broken playbook was not refused as invalid: %v", err)
		case d.engine.Playbook().Hash() != before:
			d.oracle.fail("a broken playbook changed the one in use")
		default:
			d.did("playbook.broken")
		}
		return
	}
	v, err := d.engine.PlaybookPublish(ctx, "sim", playbookSource(d.rand.IntN(variants)), "sim")
	if err == nil {
		err = d.engine.PlaybookActivate(ctx, v, "sim")
	}
	if d.fine("publish a playbook", err) {
		d.did("playbook.publish")
	}
}

// fine reports success; an error of a living process is a violation.
func (d *driver) fine(what string, err error) bool {
	if err != nil && !d.process.dead {
		d.oracle.fail("%s: %v", what, cause(err))
	}
	return err == nil
}

// expected is fine, where some refusals are as they should be.
func (d *driver) expected(what string, err error, codes ...domain.Code) bool {
	for _, c := range codes {
		if domain.ErrorCode(err) == c {
			return false
		}
	}
	return d.fine(what, err)
}

func (d *driver) setSwitch(ctx context.Context) {
	s := store.Switch{By: "sim", Mode: pick(d.world, []string{engine.ModeLive, engine.ModeLive, engine.ModeLive, engine.ModeStopped, engine.ModeShadow, engine.ModeApprove})}
	if d.chance(0.4) { // most of the time everything is live
		s.Mode = engine.ModeLive
	}
	s.Scope = pick(d.world, []string{"all", "network:plaza", "network:square", "network:harbor", "rule:delayed"})
	if d.fine("set a switch", d.engine.SwitchSet(ctx, s)) {
		d.did("switch." + s.Mode)
	}
}

// effectByHand is an operator at the outbox.
func (d *driver) effectByHand(ctx context.Context) {
	var held, dead []string
	for _, id := range sortedKeys(d.oracle.effects) {
		if e := d.oracle.effects[id]; e.inOutbox && e.state == domain.EffectHeld {
			held = append(held, id)
		} else if e.inOutbox && e.state == domain.EffectDead {
			dead = append(dead, id)
		}
	}
	kind := d.rand.IntN(4)
	byHand := func(from []string) string {
		id := pick(d.world, from)
		if e := d.oracle.effects[id]; e.outcomes > 0 {
			e.byHand++
		}
		return id
	}
	switch {
	case len(held) > 0 && kind < 2:
		if d.expected("release an effect", d.engine.EffectRelease(ctx, byHand(held), "operator"), domain.CodeConflict, domain.CodeNotFound) {
			d.did("effect.release")
		}
	case len(held) > 0 && kind == 2, len(dead) > 0 && kind == 2:
		if d.expected("drop an effect", d.engine.EffectDrop(ctx, byHand(append(held, dead...)), "operator"), domain.CodeConflict, domain.CodeNotFound) {
			d.did("effect.drop")
		}
	case len(dead) > 0:
		if d.expected("retry an effect", d.engine.EffectRetry(ctx, byHand(dead), "operator"), domain.CodeConflict, domain.CodeNotFound) {
			d.did("effect.retry")
		}
	}
}

// block lets a person block us, or stop doing so.
func (d *driver) block(context.Context) {
	p := pick(d.world, d.people)
	p.blocked = !p.blocked
}

// meet brings a new person or a new order.
func (d *driver) meet(context.Context) {
	if d.chance(0.5) && len(d.people) < 40 {
		d.newPerson()
		return
	}
	if len(d.orders) < 80 {
		d.newOrder(pick(d.world, d.people))
	}
}
