package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Key is one key of the file, for docs and help.
type Key struct {
	Name    string // "policy.queues.<name>.hours", "components.http[].url"
	Type    string
	Default string // "" for none
	Env     string // the variable that overrides it, "" where there is none
	Doc     string
}

// Describe lists every key in the order of the file. Docs are made from it.
func Describe() []Key {
	c := Default()
	var out []Key
	describe(reflect.ValueOf(c), "", true, &out)
	return out
}

func describe(v reflect.Value, path string, plain bool, out *[]Key) {
	for _, k := range keysOf(v.Type()) {
		f, p := v.Field(k.index), join(path, k.name)
		t := k.typ
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
			f = reflect.Zero(t)
		}
		switch {
		case t == secretType:
			*out = append(*out, Key{Name: p, Type: "secret", Doc: docs[p]})
		case t.Kind() == reflect.Struct:
			if docs[p] != "" {
				*out = append(*out, Key{Name: p, Type: "map", Doc: docs[p]})
			}
			describe(f, p, plain, out)
		case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct && t.Elem() != secretType:
			*out = append(*out, Key{Name: p, Type: "list", Doc: docs[p]})
			describe(reflect.New(t.Elem()).Elem(), p+"[]", false, out)
		case t.Kind() == reflect.Map && t.Elem().Kind() == reflect.Struct:
			*out = append(*out, Key{Name: p, Type: "map", Default: defaultWord(f), Doc: docs[p]})
			describe(reflect.New(t.Elem()).Elem(), p+".<name>", false, out)
		default:
			key := Key{Name: p, Type: typeName(t), Doc: docs[p]}
			if plain {
				key.Default = defaultWord(f)
				if t.Kind() != reflect.Map {
					key.Env = EnvName(p)
				}
			}
			*out = append(*out, key)
		}
	}
}

func typeName(t reflect.Type) string {
	switch {
	case t == durationType:
		return "duration"
	case t.Kind() == reflect.Slice && t.Elem() == secretType:
		return "list of secrets"
	case t.Kind() == reflect.Slice:
		return "list of text"
	case t.Kind() == reflect.Map && t.Elem().Kind() == reflect.Int:
		return "map of numbers"
	case t.Kind() == reflect.Map:
		return "map of text"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.String:
		return "text"
	}
	return "number"
}

func defaultWord(v reflect.Value) string {
	switch {
	case v.Type() == durationType:
		return FormatDuration(time.Duration(v.Int()))
	case v.Kind() == reflect.Slice:
		words := make([]string, v.Len())
		for i := range words {
			words[i] = fmt.Sprint(v.Index(i))
		}
		return strings.Join(words, ", ")
	case v.Kind() == reflect.Map:
		var words []string
		for _, k := range v.MapKeys() {
			words = append(words, k.String())
		}
		slices.Sort(words)
		return strings.Join(words, ", ")
	}
	return fmt.Sprint(v)
}

// Markdown renders the keys as a table.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| key | type | default | variable | meaning |\n|---|---|---|---|---|\n")
	cell := func(s string) string { return strings.ReplaceAll(s, "|", "\\|") }
	code := func(s string) string {
		if s == "" {
			return ""
		}
		return "`" + cell(s) + "`"
	}
	for _, k := range Describe() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", code(k.Name), k.Type, code(k.Default), code(k.Env), cell(k.Doc))
	}
	return b.String()
}

// docs says what each key means. A test holds it against the types.
var docs = merge(map[string]string{
	"listen":         "Where HTTP is answered: host:port. Without a host, on every address.",
	"data":           "The folder of the database, the sandbox network and the lock.",
	"store":          "Where rows are kept: sqlite, embedded in the data folder, or postgres://user@host:port/database for any number of nodes.",
	"store_password": "The password of that user. PGPASSWORD, a .pgpass file and ADVOCATE_STORE with a password in it do as well.",
	"vault_key":      "The keys that secrets in the database are sealed under: 32 random bytes in base64 each, the one in use first. Without it one is made in data/vault.key; several nodes on one database need it here.",
	"public_url":     "The address under which people reach the server, such as https://desk.example.com: in links, and where an OpenID provider sends browsers back to. None: where it listens.",
	"log.level":      "debug, info, warn or error.",
	"log.format":     "text for people, json for machines.",

	"playbook":       "The playbook's file. None: the built-in playbook for a retailer.",
	"knowledge":      "A folder of Markdown articles that advocates may quote from.",
	"components":     "The systems that advocates ask, beside the built-in ones.",
	"sources":        "Signed webhooks that other systems send to /hooks/<name>, and how they become events.",
	"webhooks":       "Where a playbook's notify goes, by name.",
	"order_patterns": "What order numbers look like, as regular expressions (RE2), beside the forms that are known anyway.",
	"settle_seconds": "How long a post waits for its other parts, so that a three-part post gets one answer. 0: not at all.",
	"workers":        "How many replies, lookups and notifications may be under way at once.",
	"allow_private":  "Components, webhooks and networks may reach private addresses. Each can allow it for itself.",

	"webhooks[].name":          "What a playbook calls it.",
	"webhooks[].url":           "Where notifications are posted to.",
	"webhooks[].secret":        "What they are signed with (Standard Webhooks).",
	"webhooks[].timeout":       "How long one attempt may take.",
	"webhooks[].allow_private": "It may be a private address.",
}, tlsDocs, authDocs, policyDocs, networkDocs, componentDocs, sourceDocs)

var tlsDocs = map[string]string{
	"tls":                    "Encrypts what is answered on listen: with a pair of files, or with certificates that the server orders itself. Neither: plain HTTP.",
	"tls.cert":               "The certificate (PEM), with those between it and the authority's behind it. Read again when the file changes.",
	"tls.key":                "Its private key (PEM).",
	"tls.http_listen":        "Where plain HTTP is answered, such as :80: with the way to https, and an authority's questions.",
	"tls.acme":               "Certificates by ACME (RFC 8555), ordered and renewed by one node for all.",
	"tls.acme.domains":       "The names that certificates are for, one each. Naming them accepts the authority's terms.",
	"tls.acme.email":         "Where the authority writes to.",
	"tls.acme.directory":     "The authority's directory.",
	"tls.acme.ca":            "Certificates (PEM) to trust beside the system's when it is asked: for an authority of your own.",
	"tls.acme.allow_private": "It may be at a private address.",
	"trusted_proxies":        "Networks of the proxies in front of the server, such as 10.0.0.0/8: what they say in X-Forwarded-For and X-Forwarded-Proto of who asks, and how, is believed; nobody else's word is.",
}

var authDocs = map[string]string{
	"auth":                    "How people sign in.",
	"auth.audit_keep":         "How long the audit log says who saw and changed what.",
	"auth.session_idle":       "A session that nobody used for so long ends.",
	"auth.session_max":        "A session ends after that, used or not.",
	"auth.require_totp":       "Roles that must have a second factor: admin, supervisor, agent, auditor. Whoever signs in through the provider below is left to it.",
	"auth.oidc":               "An OpenID Connect provider that vouches for people. It is told to send browsers back to public_url + /sign-in/oidc.",
	"auth.oidc.issuer":        "Its address, as it writes it itself.",
	"auth.oidc.client_id":     "What it calls this server.",
	"auth.oidc.client_secret": "What this server shows it. None: a public client, by PKCE alone.",
	"auth.oidc.scopes":        "What is asked for beside openid, profile and email.",
	"auth.oidc.domains":       "Only people with a verified address of these domains come in. None: all whom the provider knows.",
	"auth.oidc.role_claim":    "The claim that says what somebody is, such as groups; dots lead into objects.",
	"auth.oidc.roles":         "What stands in that claim, and the role that it gives: the most powerful one counts, anew at each sign-in. None: roles are given here.",
	"auth.oidc.default_role":  "The role of those who have none of these. None: they are not let in, or keep the role given here where roles is empty.",
	"auth.oidc.create":        "Who is let in and unknown gets an account.",
	"auth.oidc.link_email":    "An account that has the person's verified address, and no provider yet, becomes theirs.",
}

var policyDocs = map[string]string{
	"policy":                         "What decisions rest on and no playbook may loosen.",
	"policy.company":                 "The company's name, as messages sign.",
	"policy.contact":                 "Where customers reach you directly, such as https://shop.example.com/contact, an e-mail address or a phone number. It is named in public where a network has no private messages.",
	"policy.default_lang":            "The language for customers whose own is unknown or has no message.",
	"policy.time_zone":               "The time zone of customers whose own is unknown.",
	"policy.phone_region":            "The country of phone numbers written without \"+\".",
	"policy.answer_within":           "By then every post has ended in something: answered, handed over or set aside.",
	"policy.verify_within":           "A question for an order's secret that nobody answers goes to a person after that.",
	"policy.number_within":           "A call is offered to agents without a number when the customer gave none until then.",
	"policy.lookup_within":           "A component that has not answered by then has failed.",
	"policy.reply_valid":             "A reply that could not be sent is not worth sending after that.",
	"policy.quiet_close":             "An answered case is resolved after that long a silence.",
	"policy.join_within":             "A post about the same matter joins its case for that long.",
	"policy.quiet_from":              "From this hour of the customer's clock nothing leaves unasked …",
	"policy.quiet_to":                "… until this one. The same hour twice: no quiet hours.",
	"policy.max_contacts":            "Messages that a customer did not ask for, per day. 0: none.",
	"policy.max_replies":             "Automated messages per case.",
	"policy.max_replies_hour":        "Automated messages per customer and hour.",
	"policy.max_verify":              "Attempts at an order's secret per question.",
	"policy.max_verify_day":          "Failed attempts per customer and day.",
	"policy.max_verify_order":        "Failed attempts per order and hour, by anybody.",
	"policy.max_verify_network":      "Failed attempts per network and hour, by anybody.",
	"policy.answer_all":              "Answer also posts that are not addressed to the company.",
	"policy.disclosure":              "Per language, the sentence that a case's first message begins with; {company} stands for the name. Languages given here are added to the built-in ones.",
	"policy.queues":                  "Where work for people waits. Given here, they replace the built-in ones.",
	"policy.queues.<name>.time_zone": "The zone of its hours; policy.time_zone if missing.",
	"policy.queues.<name>.hours":     "When it is worked on, such as \"mon-fri 08:00-18:00\". None: always.",
	"policy.queues.<name>.holidays":  "Dates on which it is closed.",

	"policy.queues.<name>.target":        "Service level: how soon work should be accepted. 2m if missing.",
	"policy.queues.<name>.target_share":  "Service level: in how many of 100 cases. 80 if missing.",
	"policy.queues.<name>.offer_for":     "How long an agent has to answer an offer. 30s if missing.",
	"policy.queues.<name>.wrap_for":      "How long after-contact work may take. 5m if missing.",
	"policy.queues.<name>.sticky_for":    "How long the agent whom the customer spoke with last is waited for. 1m if missing.",
	"policy.queues.<name>.stale_after":   "When nobody has moved a case that an agent has for that long, there is an alarm. 2h if missing.",
	"policy.queues.<name>.call_attempts": "How often a customer is called about one matter before a person decides. 3 if missing.",
	"policy.queues.<name>.call_spacing":  "The least time between two such calls. 1h if missing.",

	"policy.queues.<name>.relax":             "How what is asked of an agent weakens while work waits, in order of time.",
	"policy.queues.<name>.relax[].after":     "How long the work has waited.",
	"policy.queues.<name>.relax[].levels":    "By how many levels skills may be lower, though never below 1.",
	"policy.queues.<name>.relax[].any_skill": "Skills do not count any more.",
	"policy.queues.<name>.relax[].any_lang":  "The language does not count any more.",
	"policy.queues.<name>.overflow":          "Other queues whose agents help out while work waits, in order of time.",
	"policy.queues.<name>.overflow[].after":  "How long the work has waited.",
	"policy.queues.<name>.overflow[].queue":  "Whose agents help.",

	"policy.queues.<name>.dispositions":         "How work may end, as agents choose it. None: any word.",
	"policy.queues.<name>.dispositions[].name":  "What is kept.",
	"policy.queues.<name>.dispositions[].label": "What agents read; the name if missing.",
	"policy.queues.<name>.dispositions[].means": "What it means to the advocate: resolved, reached, answered, no_answer_needed, no_answer, busy, voicemail, wrong_number or refused. Missing: it only ends the work.",
	"policy.queues.<name>.dispositions[].kinds": "Which work items end so: callback, review, expert. None: those that what it means fits. A kind for which nothing is listed has the built-in ones.",
	"policy.queues.<name>.dispositions[].note":  "Whether a note is required.",
	"policy.default_queue":                      "Where work goes that no rule sends elsewhere.",
}

var componentDocs = map[string]string{
	"components.max_questions":        "How many questions may be under way at one component at once; in all there are no more than workers.",
	"components.max_questions_of":     "Another number for some components, by name: orders, customers, notices, queues, knowledge, or one of your own.",
	"components.http":                 "Any HTTP service that answers in JSON.",
	"components.http[].name":          "What a playbook's lookup calls it.",
	"components.http[].url":           "Its address, with {id}, {query}, {ref} and {lang} in path and query.",
	"components.http[].method":        "GET (the default) or POST.",
	"components.http[].body":          "With POST: jq over {id, query, ref, lang, case} that gives the body.",
	"components.http[].headers":       "Headers to send. Credentials belong in auth.",
	"components.http[].auth":          "Who we are: one of bearer, user with password, header with value.",
	"components.http[].auth.bearer":   "A bearer token.",
	"components.http[].auth.user":     "The user of HTTP Basic …",
	"components.http[].auth.password": "… and the password.",
	"components.http[].auth.header":   "A header of the service's own …",
	"components.http[].auth.value":    "… and what it carries.",
	"components.http[].ca_file":       "Certificates (PEM) to trust beside the system's.",
	"components.http[].map":           "jq over the answer that gives {found, data, orders, profile}; $status is the HTTP status, $ask what was asked.",
	"components.http[].timeout":       "How long one attempt may take.",
	"components.http[].retries":       "Further attempts after the first.",
	"components.http[].idempotent":    "A POST may be repeated.",
	"components.http[].backoff":       "The pause before the first further attempt; it doubles.",
	"components.http[].failures":      "Failures in a row after which it is left alone for a while …",
	"components.http[].cooldown":      "… this long.",
	"components.http[].allow_private": "It may be a private address.",
}

var sourceDocs = map[string]string{
	"sources[].name":             "As in /hooks/<name>; also the source of its events.",
	"sources[].scheme":           "How deliveries are signed: standard, github, hmac, stripe or token.",
	"sources[].secrets":          "What they are signed with; several while one is exchanged for another.",
	"sources[].map":              "jq over the body, with $headers by small-letter name, that gives an event, a list of events, or nothing.",
	"sources[].header":           "The header with the signature or token, where it is not the scheme's own.",
	"sources[].timestamp_header": "hmac: its value and \".\" are signed before the body.",
	"sources[].id_header":        "The header that names the delivery.",
	"sources[].encoding":         "hmac: hex or base64.",
	"sources[].prefix":           "hmac: what stands before the signature, such as \"sha256=\".",
	"sources[].tolerance":        "How far a delivery's time may be from now.",
}

func merge(all ...map[string]string) map[string]string {
	out := map[string]string{}
	for _, m := range all {
		maps.Copy(out, m)
	}
	return out
}
