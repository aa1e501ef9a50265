package said

// What a rule's step did.
var (
	StepHandOver    = declared("step_hand_over", "handover")
	StepReply       = declared("step_reply", "reply {template}")
	StepSay         = declared("step_say", "reply ")
	StepVerify      = declared("step_verify", "verify")
	StepResolved    = declared("step_resolved", "resolve {outcome}")
	StepResolve     = declared("step_resolve", "resolve")
	StepNotify      = declared("step_notify", "notify {whom}")
	StepRaised      = declared("step_raised", "work_item {kind} raised")
	StepWork        = declared("step_work", "work_item {kind} in {queue}")
	StepPromise     = declared("step_promise", "promise {promise}")
	StepLookup      = declared("step_lookup", "lookup {component}")
	StepLookupOf    = declared("step_lookup_of", "lookup {component} {id}")
	StepRemind      = declared("step_remind", "remind {name}")
	StepUpdate      = declared("step_update", "update")
	StepEmit        = declared("step_emit", "emit {type}")
	StepSubscribe   = declared("step_subscribe", "subscribe {type}")
	StepSubscribeTo = declared("step_subscribe_to", "subscribe {type} {where}")
	StepUnsubscribe = declared("step_unsubscribe", "unsubscribe {type}")
	StepSkipped     = declared("step_skipped", "step {count} skipped")

	// steps are what [DeedOf] knows, the longer of two that begin alike after the shorter.
	steps = []*Sentence{
		StepHandOver, StepReply, StepSay, StepVerify, StepResolved, StepResolve, StepNotify, StepRaised, StepWork, StepPromise, StepLookup, StepLookupOf, StepRemind, StepUpdate, StepEmit, StepSubscribe, StepSubscribeTo, StepUnsubscribe, StepSkipped,
	}
)

// What is to be said of a step.
var (
	WasResolved    = sentence("was_resolved", "was resolved")
	MadeAlready    = sentence("made_already", "made already")
	Prolonged      = sentence("prolonged", "prolonged")
	UnderWay       = sentence("under_way", "under way")
	AlreadyProven  = sentence("already_proven", "already proven")
	AskedAlready   = sentence("asked_already", "asked already")
	AskedEarlier   = sentence("asked_earlier", "asked before")
	ManyUnderWay   = sentence("many_under_way", "too many under way")
	ManyHops       = sentence("many_hops", "too many hops")
	ManyTimers     = sentence("many_timers", "too many timers")
	ManyPromises   = sentence("many_promises", "too many promises")
	ManySubs       = sentence("many_subscriptions", "too many subscriptions")
	NothingToMatch = sentence("nothing_to_match", "nothing to match on")
	NoOrderNamed   = sentence("no_order_named", "no order is named")
	NotJustAsked   = sentence("not_just_asked", "the order is not proven and the customer did not just ask")
	NoAttempts     = sentence("no_attempts", "no attempts left")
)
