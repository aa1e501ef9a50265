package playbook

import (
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/contact-advocate/advocate/internal/domain"
)

// The words of fields that have a closed set, for "did you mean".
var (
	intentWords     = stringsOf(domain.Intents)
	topicWords      = stringsOf(domain.Topics)
	sentimentWords  = []string{"negative", "neutral", "positive"}
	urgencyWords    = []string{"low", "normal", "high"}
	visibilityWords = []string{"private", "public"}
	answerWords     = []string{"", "granted", "refused"}
	caseStateWords  = []string{"open", "waiting", "resolved"}
)

func stringsOf[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i := range in {
		out[i] = string(in[i])
	}
	return out
}

var noMeaning domain.Understanding

func (o *object) meaning() *domain.Understanding {
	if o.view.Meaning == nil {
		return &noMeaning
	}
	return o.view.Meaning
}

var noPost domain.Post

func (o *object) post() *domain.Post {
	if o.view.Post == nil {
		return &noPost
	}
	return o.view.Post
}

func (o *object) values(k domain.EntityKind) []string { return o.meaning().Values(k) }

var postKind = newKind("post", map[string]field{
	"text": text(func(o *object) string {
		if o.view.PostText != "" {
			return o.view.PostText
		}
		return o.post().Text
	}),
	"lang":                   text(func(o *object) string { return o.meaning().Lang }),
	"intent":                 wordOf(intentWords, func(o *object) string { return string(o.meaning().Intent) }),
	"intent_confidence":      share(func(o *object) float64 { return o.meaning().IntentConfidence }),
	"second_intent":          wordOf(intentWords, func(o *object) string { return string(o.meaning().SecondIntent) }),
	"sentiment":              wordOf(sentimentWords, func(o *object) string { return string(o.meaning().Sentiment) }),
	"sentiment_confidence":   share(func(o *object) float64 { return o.meaning().SentimentConfidence }),
	"urgency":                wordOf(urgencyWords, func(o *object) string { return string(o.meaning().Urgency) }),
	"needs_agent":            flag(func(o *object) bool { return o.meaning().NeedsAgent }),
	"needs_agent_confidence": share(func(o *object) float64 { return o.meaning().NeedsAgentConfidence }),
	"order_refs":             texts(func(o *object) []string { return o.values(domain.EntityOrder) }),
	"trackings":              texts(func(o *object) []string { return o.values(domain.EntityTracking) }),
	"phones":                 texts(func(o *object) []string { return o.values(domain.EntityPhone) }),
	"emails":                 texts(func(o *object) []string { return o.values(domain.EntityEmail) }),
	"topics": {typ: cel.ListType(cel.StringType), words: topicWords, get: func(o *object) ref.Val {
		return types.NewStringList(types.DefaultTypeAdapter, stringsOf(o.meaning().Topics))
	}},
	"visibility":   wordOf(visibilityWords, func(o *object) string { return string(o.post().Visibility) }),
	"network":      text(func(o *object) string { return o.post().Network }),
	"handle":       public(text(func(o *object) string { return o.post().Author.Handle })),
	"wants_person": flag(func(o *object) bool { return o.meaning().WantsPerson }),
	"stop":         flag(func(o *object) bool { return o.meaning().Stop }),
	// whoever asks gets the same answer
	"general_question": flag(func(o *object) bool { return o.meaning().GeneralQuestion }),
	"references":       texts(func(o *object) []string { return o.values(domain.EntityOther) }),
	"lacks":            flag(func(o *object) bool { return o.meaning().Lacks }),
	"reply":            flag(func(o *object) bool { return o.meaning().Reply }),
	"thanks":           flag(func(o *object) bool { return o.meaning().Thanks }),
	"continues":        flag(func(o *object) bool { return o.meaning().Continues }),
	"call_consent":     wordOf(answerWords, func(o *object) string { return string(o.meaning().CallConsent) }),
	"edited":           flag(func(o *object) bool { return o.view.Edited }),
	"parts":            number(func(o *object) int { return o.view.Parts }),
	"has_media":        flag(func(o *object) bool { return len(o.post().Media) > 0 }),
	"addressed":        flag(func(o *object) bool { return o.view.Post != nil && !o.view.Post.Unaddressed }),
	"at":               moment(func(o *object) time.Time { return o.post().At }),
})

var noEvent domain.Event

func (o *object) event() *domain.Event {
	if o.view.Event == nil {
		return &noEvent
	}
	return o.view.Event
}

var eventKind = newKind("event", map[string]field{
	"type":       text(func(o *object) string { return o.event().Type }),
	"source":     text(func(o *object) string { return o.event().Source }),
	"id":         text(func(o *object) string { return o.event().ID }),
	"subject":    text(func(o *object) string { return o.event().Subject }),
	"time":       moment(func(o *object) time.Time { return o.event().Time }),
	"orderid":    text(func(o *object) string { return o.event().OrderID }),
	"customerid": text(func(o *object) string { return o.event().CustomerRef }),
	"sku":        text(func(o *object) string { return o.event().SKU }),
	"area":       text(func(o *object) string { return o.event().Area }),
	"caseid":     text(func(o *object) string { return o.event().CaseID }),
	"workitemid": text(func(o *object) string { return o.event().WorkItemID }),
	"data": {typ: cel.MapType(cel.StringType, cel.DynType), get: func(o *object) ref.Val {
		return types.DefaultTypeAdapter.NativeToValue(jsonMap(o.view.data(o.event().Data)))
	}},
	// What the announcer of an outage or a recall says to everyone.
	"public_text": public(text(announced)),
})

// announced is the text of an outage or a recall; other events announce nothing.
func announced(o *object) string {
	t := o.event().Type
	if !strings.HasPrefix(t, "outage.") && !strings.HasPrefix(t, "recall.") {
		return ""
	}
	data := o.view.data(o.event().Data)
	for _, key := range []string{"public_text", "text", "message", "description", "title"} {
		if s, _ := data[key].(string); s != "" {
			return s
		}
	}
	return ""
}

func jsonMap(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

func (o *object) customer() *domain.Customer {
	if o.view.Snapshot == nil {
		return &noSnapshot.Customer
	}
	return &o.view.Snapshot.Customer
}

func (o *object) snapshot() *domain.Snapshot {
	if o.view.Snapshot == nil {
		return &noSnapshot
	}
	return o.view.Snapshot
}

var noSnapshot domain.Snapshot

// mayTell reports whether the profile may be read here: conditions always
// may, a message only for a proven identity.
func (o *object) mayTell() bool { return !o.view.state.telling || o.view.proven() }

func (v *View) proven() bool { return v.Identity != nil && v.Identity.Proven() }

// profile makes a text field of the profile that an unproven writer is not told.
func profile(get func(*domain.Customer) string) field {
	return text(func(o *object) string {
		if !o.mayTell() {
			return ""
		}
		return get(o.customer())
	})
}

// callName is the name a message may use: the profile's for a proven
// identity, else what the network itself shows.
func (v *View) callName() string {
	if v.proven() && v.Snapshot != nil && v.Snapshot.Customer.Name != "" {
		return v.Snapshot.Customer.Name
	}
	if v.Identity != nil && v.Identity.Name != "" {
		return v.Identity.Name
	}
	if v.Post != nil {
		return v.Post.Author.Name
	}
	return ""
}

var customerKind = newKind("customer", map[string]field{
	"ref":              profile(func(c *domain.Customer) string { return c.Ref }),
	"tier":             profile(func(c *domain.Customer) string { return c.Tier }),
	"name":             text(func(o *object) string { return o.view.callName() }),
	"first_name":       text(func(o *object) string { return firstName(o.view.callName()) }),
	"lang":             text(func(o *object) string { return o.customer().Lang }),
	"proven":           flag(func(o *object) bool { return o.view.proven() }),
	"known":            flag(func(o *object) bool { return o.customer().Ref != "" }),
	"consent_calls":    wordOf(answerWords, func(o *object) string { return string(o.customer().Consent.Calls) }),
	"consent_messages": wordOf(answerWords, func(o *object) string { return string(o.customer().Consent.Messages) }),
	"stopped":          flag(func(o *object) bool { return o.customer().Consent.Stopped }),
	"cases":            number(func(o *object) int { return len(o.snapshot().Cases) }),
	// A case of the last day ended with our thanks for praise.
	"thanked": flag(func(o *object) bool {
		for i := range o.snapshot().Cases {
			if c := &o.snapshot().Cases[i]; c.Outcome == "thanked" && o.view.Now.Sub(c.ResolvedAt) < 24*time.Hour {
				return true
			}
		}
		return false
	}),
	"open_cases": number(func(o *object) int {
		n := 0
		for i := range o.snapshot().Cases {
			if o.snapshot().Cases[i].IsOpen() {
				n++
			}
		}
		return n
	}),
	// The orders that are under way, and that the case's identity may hear of.
	"orders": texts(func(o *object) []string { return o.view.ordersUnderWay() }),
})

func (v *View) ordersUnderWay() []string {
	if v.Snapshot == nil {
		return nil
	}
	var out []string
	for i := range v.Snapshot.Orders {
		if k := &v.Snapshot.Orders[i]; v.mayHear(k) && !k.Status.Final() {
			out = append(out, k.ID)
		}
	}
	return out
}

var queueKind = newKind("queue", map[string]field{
	"name":         text(func(o *object) string { return o.view.Queue.Name }),
	"open":         public(flag(func(o *object) bool { return o.view.Queue.Open })),
	"opens_at":     public(moment(func(o *object) time.Time { return o.view.Queue.OpensAt })),
	"waiting":      number(func(o *object) int { return o.view.Queue.Waiting }),
	"wait_minutes": public(number(func(o *object) int { return o.view.Queue.WaitMinutes })),
	"known":        flag(func(o *object) bool { return o.view.Queue.Known }),
	"wait":         public(text(func(o *object) string { return o.view.wait() })),
})
