package advocate

import (
	"crypto/sha256"
	"encoding/hex"
	"hash/fnv"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/wire"
)

// Decide is what an advocate makes of its pending inputs, oldest first. It
// takes ownership of snap: its slices may be changed in place, so the caller
// decodes a snapshot of its own for every call. now must not be before the
// time of any input; a now before snap.LastAt counts as snap.LastAt.
//
// The same arguments give the same decision, byte for byte. Decide does not
// fail: a rule whose condition cannot be evaluated does not fire and the
// record says so. It may panic only by a defect of ours; the engine recovers.
//
// Record.Before is left to the caller, who has the bytes snap was decoded
// from (see Hash).
func Decide(pb *playbook.Playbook, snap domain.Snapshot, inputs []domain.Input, now time.Time) domain.Decision {
	if now.Before(snap.LastAt) {
		now = snap.LastAt
	}
	t := &deciding{pb: pb, policy: pb.Policy(), snap: snap, now: now.UTC(), inputs: inputs}
	t.zone = domain.Zone(t.snap.Customer.TimeZone, t.policy.TimeZone)
	t.d.Record = domain.Record{
		Customer: snap.Customer.ID, Version: snap.Version + 1, At: t.now,
		Playbook: pb.Hash(), Engine: domain.EngineVersion, Inputs: inputs,
	}
	t.run()
	return t.finish()
}

// Hash digests stored bytes for Record.Before and Record.After.
func Hash(state []byte) string {
	sum := sha256.Sum256(state)
	return hex.EncodeToString(sum[:12])
}

// run takes the inputs in order. Posts that follow each other are taken in
// together before any rule sees them, so that a message in three parts is
// read as one.
func (t *deciding) run() {
	for i := 0; i < len(t.inputs); i++ {
		t.input = i
		in := &t.inputs[i]
		switch in.Kind {
		case domain.InputPost:
			t.takePost(in)
			if i+1 < len(t.inputs) && t.inputs[i+1].Kind == domain.InputPost {
				continue
			}
			t.flushPosts()
		case domain.InputOwnReply:
			t.takeOwnReply(in)
		case domain.InputEvent:
			t.takeEvent(in)
		case domain.InputAnswer:
			t.takeAnswer(in)
		case domain.InputOutcome:
			t.takeOutcome(in)
		case domain.InputTimer:
			t.takeTimers()
		case domain.InputCommand:
			t.takeCommand(in)
		}
		t.endInput()
	}
}

// endInput lets out what an input led to. A message that cannot leave makes
// work for a person, which rules may want to know of.
func (t *deciding) endInput() {
	for again := true; again; again = len(t.changes)+len(t.drafts) > 0 {
		t.tellWorkItems()
		t.flushReplies()
	}
	t.spoken, t.told = nil, nil
	t.endUnproven()
}

// finish closes the decision: timers that every open thing needs, bounds, the
// next version, and the record.
func (t *deciding) finish() domain.Decision {
	t.settleCases()
	t.bound()
	t.snap.Version++
	t.snap.LastAt = t.now
	sortTimers(t.snap.Timers)
	t.d.Next = t.snap
	state := wire.Marshal(&t.d.Next)
	t.d.State = state
	t.d.Record.After = Hash(state)
	return t.d
}

func digest(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}
