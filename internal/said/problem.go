package said

import "strings"

// problems are what [Problem] knows, besides what is told anywhere: an error's
// text is made where the error is, and a test holds the two together.
var problems []*Sentence

func problem(code, form string) *Sentence {
	s := declared(code, form)
	problems = append(problems, s)
	return s
}

// Problem says which sentence the text of an error is, nil if it is none of
// those that people meet in the console.
func Problem(text string) []Part {
	for _, s := range problems {
		if p, ok := s.read(text); ok {
			return []Part{p}
		}
	}
	return nil
}

// Refusal says which sentences the text is of why something was not taken: an
// error's with its field before it, or what is told anywhere.
func Refusal(text string) []Part {
	if parts := Of(text); parts != nil && parts[0].Code != "" {
		return parts
	}
	if parts := Problem(text); parts != nil {
		return parts
	}
	if _, rest, ok := strings.Cut(text, colon); ok {
		return Problem(rest)
	}
	return nil
}

// The server itself, and its store.
var (
	_ = problem("err_our_side", "something went wrong on our side; the server's log says what")
	_ = problem("err_nothing_named", "there is nothing of that name")
	_ = problem("err_same_moment", "it was changed at the same moment; look and try again")
	_ = problem("err_too_long", "it took too long; try again")
	_ = problem("err_full", "the server has all it can do")
	_ = problem("err_streams", "there are as many streams open as there may be")
	_ = problem("err_others", "it is being changed by others at this moment; try again")
	_ = problem("err_store_busy", "the store is busy; try again")
	_ = problem("err_store_full", "the store has no space left")
	_ = problem("err_store_damaged", "the store's files are damaged")
	_ = problem("err_store_io", "the store cannot read or write its files")
	_ = problem("err_store_away", "the database cannot be reached")
	_ = problem("err_store_denied", "the server's user lacks rights in the database")
	_ = problem("err_store_slow", "the store takes too long to write")
	_ = problem("err_audit", "the audit log takes nothing at the moment, and nothing is shown or done unseen; try again")
	_ = problem("err_audit_full", "more is asked than can be written to the audit log; try again")
	_ = problem("err_under_way", "the request with this Idempotency-Key is being carried out at this moment; ask again in a moment")
	_ = problem("err_refused_before", "this request was refused the first time that it came with this Idempotency-Key; with a new key the answer says why")
)

// Signing in, and people's accounts.
var (
	_ = problem("err_sign_in", "the login or the password is wrong; after several wrong ones, wait a moment: the right one is refused meanwhile")
	_ = problem("err_code", "a code of the authenticator app is needed, or a recovery code")
	_ = problem("err_code_wrong", "the code is wrong, or was used already; take the next one")
	_ = problem("err_signing_in", "too many people sign in at this moment; try again")
	_ = problem("err_session", "sign in first: the session has ended")
	_ = problem("err_no_session", "there is no such session")
	_ = problem("err_link", "this link is not valid any more: it was used, replaced by a newer one, or has run out; ask for another")
	_ = problem("err_flow", "signing in took too long, or began in another browser; begin again")
	_ = problem("err_vouch", "the provider's answer could not be verified; begin again")
	_ = problem("err_no_account", "there is no account for you here; ask an administrator")
	_ = problem("err_provider", "the OpenID provider does not answer as it should; try again, or sign in by password")
	_ = problem("err_not_signed", "the provider did not sign you in")
	_ = problem("err_no_factor", "there is no second factor to confirm; set one up first")
	_ = problem("err_no_recovery", "there is no second factor, so nothing to recover")
	_ = problem("err_has_no_factor", "{login} has no second factor")
	_ = problem("err_no_password", "there is no password to change; ask for a link to set one")
	_ = problem("err_password_short", "is too short; want at least {n} characters: a few words will do")
	_ = problem("err_password_long", "is longer than {n} bytes")
	_ = problem("err_password_name", "is hardly more than your name; take a few words that have nothing to do with you")
	_ = problem("err_password_common", "is one of those that are tried first; take a few words that nobody would put together")
	_ = problem("err_login", `is "{found}"; want up to 63 small letters, digits, ".", "_", "@", "+" or "-", beginning with a letter or digit`)
	_ = problem("err_reserved", `"{name}" is reserved; take another one`)
	_ = problem("err_email", `is "{found}"; want an address such as ana@example.com`)
	_ = problem("err_login_taken", `there is a person with the login "{login}"`)
	_ = problem("err_login_token", `there is a token named "{login}"; a person needs a login of their own`)
	_ = problem("err_nobody", `there is nobody with the login "{login}"`)
	_ = problem("err_person_changed", "{login} was changed by somebody else; look again")
	_ = problem("err_last_admin", "{login} is the last administrator; make somebody else one first")
	_ = problem("err_disabled", "{login} is disabled; enable the account first")
	_ = problem("err_not_linked", "{login} belongs to no OpenID identity")
	_ = problem("err_token_name", `is "{found}"; want up to 63 letters, digits, ".", "_" or "-", beginning with a letter or digit`)
	_ = problem("err_token_taken", `a token named "{name}" exists; revoke it first or take another name`)
	_ = problem("err_token_person", `"{name}" is a person's login; a token needs a name of its own`)
	_ = problem("err_token_rights", `the token "{name}" has rights that you have not`)
	_ = problem("err_no_token", `there is no token named "{name}"`)
	_ = problem("err_token_moment", `the token "{name}" was revoked at the same moment`)
	_ = problem("err_token_only", "names {found}, which the role {role} does not have; it has {accepted}")
	_ = problem("err_past", "lies in the past")
	_ = problem("err_name_line", "is not a line of text of at most {n} bytes")
	_ = problem("err_name_unseen", "has characters that are not seen, or that turn the direction of writing; type it without them")
	_ = problem("err_password_text", "is no text")
)

// Rights.
var (
	_ = problem("err_more_rights", "{who} has rights that you do not have")
	_ = problem("err_factor_first", "set up a second factor first, at /account: the role {role} asks for one")
	_ = problem("err_role", "this call asks for the {right}; you have the role {role}")
	_ = problem("err_queue", `the queue "{queue}" is not one of yours`)
	_ = problem("err_all_queues", "this call concerns all queues; your rights reach only some")
	_ = problem("err_other_queues", `the agent "{agent}" works in none of your queues`)
	_ = problem("err_agent_rights", `"{agent}" has rights in queues that are not yours; ask an administrator to make an agent of it`)
	_ = problem("err_colleague", "only who may supervise takes a case over from a colleague; ask {agent}, or a supervisor")
	_ = problem("err_raise", `only a supervisor of the queue "{queue}" raises its work items`)
	_ = problem("err_identity_far", "the identity {identity} is another customer's, out of your reach; who may merge customers joins the two if they are one person")
	_ = problem("err_macro_all", "a macro that is offered in all queues is kept by whom all queues are open to")
)

// Work items, offers and agents.
var (
	_ = problem("err_item_held", "the work item is {agent}'s")
	_ = problem("err_item_offered", "the work item is offered to {agent}")
	_ = problem("err_item_waits", "the work item waits for {agent}")
	_ = problem("err_item_not_yours", "the work item is not yours")
	_ = problem("err_item_yours", "you hold the work item already")
	_ = problem("err_item_take", "take the work item first, or ask a supervisor")
	_ = problem("err_item_state", "the work item is {work_state} and cannot become {to_state}")
	_ = problem("err_item_is", "the work item is {work_state}")
	_ = problem("err_item_moment", "somebody else is changing the work item at this moment; look at it and try again")
	_ = problem("err_item_changed", "the work item has changed since; look at it again (it is at version {version})")
	_ = problem("err_item_queue", "the work item has gone to another queue since; look at it again")
	_ = problem("err_item_missing", "there is no work item {item}")
	_ = problem("err_item_none", `the customer has no work item "{item}"`)
	_ = problem("err_item_again", "the work item has been offered since")
	_ = problem("err_item_early", "the work item is not to be offered before {due}")
	_ = problem("err_offer_over", "the offer {offer} is over")
	_ = problem("err_offer_other", "the offer {offer} was made to somebody else")
	_ = problem("err_offer_late", "the offer {offer} has run out")
	_ = problem("err_offer_else", "the offer was made to somebody else")
	_ = problem("err_no_call", "the work item is no call but a {kind}")
	_ = problem("err_accept_first", "accept the work item before you call")
	_ = problem("err_no_number", "there is no number to call: the customer has given none, or it is not proven to be theirs")
	_ = problem("err_promised_call", "the customer was promised a call by {due}; give promise with the time you agreed on")
	_ = problem("err_far_ahead", "is more than 90 days ahead")
	_ = problem("err_not_ahead", "is {due}, which is not ahead")
	_ = problem("err_note_needed", `is required with the disposition "{disposition}"`)
	_ = problem("err_disposition", `is "{disposition}"; in the queue {queue} a {kind} ends in {accepted}`)
	_ = problem("err_undertake", `is "{found}"; want what was promised, in up to 200 bytes`)
	_ = problem("err_undertake_by", "is required: when it was promised for")
	_ = problem("err_why_needed", "is required: say why the work item is no longer needed; it stays in the customer's history")
	_ = problem("err_agent_is", "{agent} is {activity}")
	_ = problem("err_no_room", "{agent} has no room for another work item")
	_ = problem("err_no_agent", `there is no agent "{agent}"`)
	_ = problem("err_no_such_agent", `is "{agent}", and there is no such agent`)
	_ = problem("err_no_agent_you", "you are no agent: a supervisor adds one with PUT /v1/agents/{agent}")
	_ = problem("err_agent_login", `is "{found}"; want a person's login or a token's name`)
	_ = problem("err_agent_person", `is "{found}"; want a person's login`)
	_ = problem("err_agent_elsewhere", `{agent} does not work in the queue "{queue}"`)
	_ = problem("err_agent_disabled", `the agent "{agent}" is disabled`)
	_ = problem("err_agent_changed", `the agent "{agent}" has changed since; read it again`)
	_ = problem("err_agent_version", `the agent "{agent}" has changed since; read it again (it is at version {version})`)
	_ = problem("err_capacity", "is {n}; want 1 to {most} work items at once")
	_ = problem("err_priority", "is {n}; want 1 to {most}")
	_ = problem("err_no_queue", `names "{queue}", and there is no such queue`)
	_ = problem("err_skill", `names "{skill}"; want a word of up to 64 bytes without ":"`)
	_ = problem("err_level", `gives "{skill}" the proficiency {n}; want 1 to {most}`)
)

// Why it is no time to call; like [PointTopic] and its kin they are not read back.
var (
	CallClosed = declared("call_closed", "the queue {queue} is closed")
	CallQuiet  = declared("call_quiet", "it is {clock} where the customer is; they are not called from {from}:00 to {to}:00")
)

// Why nobody can say how long a call would wait.
var (
	_ = problem("wait_no_agents", "no agent who may take it is there")
	_ = problem("wait_no_handling", "nothing is known yet of how long such work takes")
	_ = problem("wait_pressing", "more pressing work comes in faster than it is done")
	_ = problem("wait_no_desk", "no desk has looked at the queue yet")
)

// Cases, customers and messages.
var (
	_ = problem("err_case_taken", "the case is taken by {agent}")
	_ = problem("err_case_yours", "you have taken the case already")
	_ = problem("err_case_advocate", "the case is the advocate's already")
	_ = problem("err_case_take", "take the case before you reply in it, or with the reply")
	_ = problem("err_case_resolved", "the case is resolved ({outcome})")
	_ = problem("err_case_old", "the case ended long ago and is not worked on any more")
	_ = problem("err_case_works", "{agent} works on {item} of this case; pass that work item on instead")
	_ = problem("err_case_about", "what the case is about has changed since; look at it again (it is {intent})")
	_ = problem("err_no_case", "there is no case {case}")
	_ = problem("err_no_customer", "there is no customer {customer}")
	_ = problem("err_no_such_customer", `is "{customer}", and there is no such customer`)
	_ = problem("err_erased", "customer {customer} was erased")
	_ = problem("err_merged", "customer {customer} was merged into {into}")
	_ = problem("err_customer_changed", "the customer has changed since; look again (the customer is at version {version})")
	_ = problem("err_customer_elsewhere", "this customer is being decided about elsewhere")
	_ = problem("err_customer_state", "this customer's state cannot be read; see the engine's status")
	_ = problem("err_state_of", "the state of customer {customer} cannot be read")
	_ = problem("err_going_out", "something of this customer's is on its way out; try again in a moment")
	_ = problem("err_promise_over", "the promise is {state} already")
	_ = problem("err_no_promise", `the case has no promise "{promise}"`)
	_ = problem("err_takes_no", "{network} takes no {visibility} messages from us")
	_ = problem("err_personal", "is not sent: {text} Write it so that it says nothing of the customer's, or send it privately")
	_ = problem("err_same_customer", "is the same customer, {customer}")
	_ = problem("err_merge_refs", `the customers have different references ("{customer}" and "{other}"): the company holds them for two people`)
	_ = problem("err_merge_many", "together they have {n} identities; at most {most} are kept")
	_ = problem("err_merge_none", `there is no merge "{merge}"; it may have been undone`)
	_ = problem("err_merge_not", "customer {customer} is not merged any more")
	_ = problem("err_merge_chain", "customer {customer} was merged too often in a row")
	_ = problem("err_merge_undone", "the merge has been undone since")
	_ = problem("err_merge_later", "undo the later merge {merge} first")
	_ = problem("err_identity_other", "the identity {identity} is customer {customer}'s; merge the two if they are one person")
	_ = problem("err_identity_none", "the customer has no identity {identity}")
	_ = problem("err_identity_many", "the customer would have {n} identities; at most {most} are kept")
	_ = problem("err_author", `"{found}" is no author's id on {network}; want {accepted}, not {other}`)
	_ = problem("err_author_account", `"{found}" is under no account of ours there; accepted are {accepted}`)
	_ = problem("err_no_network", `there is no network "{network}"; connected: {accepted}{near}`)
	_ = problem("err_no_network_any", `there is no network "{network}": none is connected; accepted are {accepted}, mastodon:HOST for the server's name, and "all"`)
	_ = problem("err_no_rule", `there is no rule "{rule}" in the playbook that decides{near}`)
	_ = problem("err_effect_late", "it was worth sending until {due} only; drop it, and write to the customer yourself if they should still hear")
	_ = problem("err_no_effect", `there is no effect "{item}"`)
	_ = problem("err_no_effect_out", `there is no effect "{item}" in the outbox`)
	_ = problem("err_effect_is", "the effect is {effect_state}, not {state}")
	_ = problem("err_effect_not", "the effect is not {state}")
	_ = problem("err_effect_gone", "the effect has left the outbox already; its customer's history says what became of it")
	_ = problem("err_effect_became", "the effect has left the outbox already: {state}")
	_ = problem("err_effect_over", "the effect was taken over or is gone")
	_ = problem("err_nothing_recorded", `nothing is recorded of "{name}"`)
	_ = problem("err_several_posts", `several networks or accounts have a post "{post}"; say which: {accepted}`)
	_ = problem("err_found_nothing", `there is no post, case, work item or effect "{name}": a post may not have come in, have been set aside as too old or as a plain reshare, or have been erased`)
)

// What is set up: playbooks, macros, webhooks, the sandbox.
var (
	_ = problem("err_playbook", "the playbook has mistakes; the active one stays in force")
	_ = problem("err_playbook_none", "no playbook is active; publish and activate one")
	_ = problem("err_playbook_other", "version {version} decides now, not {other}; look again")
	_ = problem("err_playbook_first", "no other version has decided yet")
	_ = problem("err_no_version", "there is no playbook version {version}")
	_ = problem("err_playing", "somebody else's scenarios are being played")
	_ = problem("err_no_scenarios", `this server plays no scenarios; "advocate playbook test" does`)
	_ = problem("err_scenarios", "hold {n} scenarios; at most {most} are played at once")
	_ = problem("err_macro_moment", "the macro was changed at the same moment; read it again")
	_ = problem("err_macro_many", "there are {n} macros already; delete one first")
	_ = problem("err_macro_text", "has {n} characters; want 1 to 4000")
	_ = problem("err_macro_id", `is "{found}"; want up to 64 letters, digits, dots, dashes and underscores`)
	_ = problem("err_macro_lang", `names "{found}"; want a language such as "en" or "pt-BR"`)
	_ = problem("err_no_macro", `there is no macro "{name}"`)
	_ = problem("err_macro_langs", "has {n} languages; want 1 to {most}")
	_ = problem("err_url", "is no address to post to; want one such as https://example.com/hooks")
	_ = problem("err_url_http", "begins with http; want https, or allow_private in the configuration")
	_ = problem("err_url_user", "holds a user name; leave it out, the signature says who sends")
	_ = problem("err_url_fragment", "ends in a fragment, which is never sent; leave it out")
	_ = problem("err_types", `has "{found}"; want an event's type, or its beginning and *, as in advocate.case.*`)
	_ = problem("err_types_many", "has {n} patterns; at most {most} are accepted")
	_ = problem("err_hooks_off", "webhooks are off")
	_ = problem("err_hooks_many", "there are {n} webhooks already; remove some")
	_ = problem("err_no_hook", `there is no webhook "{name}"`)
	_ = problem("err_hook_changed", "the webhook has changed since it was read; it is at version {version}")
	_ = problem("err_no_delivery", `there is no delivery "{name}"`)
	_ = problem("err_delivery_away", "the delivery is on its way already")
	_ = problem("err_delivery_off", "the delivery's webhook is disabled; enable it first")
	_ = problem("err_delivery_hook", "the delivery's webhook was removed")
	_ = problem("err_handle_long", "is {n} letters long; at most {most} are accepted")
	_ = problem("err_handle", `holds '{found}'; only letters a to z, digits, ".", "_" and "-" are accepted`)
	_ = problem("err_handle_ours", `"{handle}" is the company's own`)
	_ = problem("err_text_long", "is longer than 4 KiB")
	_ = problem("err_sandbox_off", "the sandbox network is off")
	_ = problem("err_nobody_here", `nobody called "{name}" is a customer of yours`)
	_ = problem("err_post_none", `there is no post "{post}" on the sandbox network`)
	_ = problem("err_post_unseen", "names no post that @{handle} can see")
	_ = problem("err_post_other", "the post is not @{handle}'s")
	_ = problem("err_post_empty", "has no visible letter")
	_ = problem("err_post_author", `the post "{post}" is known and by another author`)
	_ = problem("err_post_text", `the post "{post}" is known with another content; an edit needs another revision`)
	_ = problem("err_post_deleted", "the post was deleted")
	_ = problem("err_not_after", "is not after from")
	_ = problem("err_span", "is more than {n} days before to")
	_ = problem("err_span_hours", "is more than {n} days before to, which is the most of a report by hour")
	_ = problem("err_zone", `is "{found}"; want a time zone such as Europe/Berlin`)
	_ = problem("err_report_day", `is "{found}"; want a date such as 2026-11-22 or a time such as 2026-11-22T09:00:00Z`)
)

// What is wrong with a field whatever it is, as the checks of all calls say.
var (
	_ = problem("err_required", "is required and must not be empty")
	_ = problem("err_needed", "is required")
	_ = problem("err_needed_for", "is required{near}")
	_ = problem("err_empty", "is empty")
	_ = problem("err_bytes", "is {n} bytes long; at most {most} are accepted")
	_ = problem("err_entries", "has {n} entries; at most {most} are kept")
	_ = problem("err_entries_most", "has {n} entries; at most {most} are accepted")
	_ = problem("err_one_of", `is "{found}"; want one of {accepted}`)
	_ = problem("err_some_of", `names "{found}"; want some of {accepted}`)
	_ = problem("err_length_least", "expected length >= {n}")
	_ = problem("err_length_most", "expected length <= {most}")
	_ = problem("err_number_least", "expected number >= {n}")
	_ = problem("err_number_most", "expected number <= {most}")
	_ = problem("err_one_of_words", `expected value to be one of "{accepted}"`)
	_ = problem("err_unexpected", "unexpected property")
	_ = problem("err_missing", "expected required property {name} to be present")
	_ = problem("err_time", "expected string to be RFC 3339 date-time")
)
