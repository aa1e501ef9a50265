package domain

// Intent is the main ask of a post. Its values are the labels that people put
// on the posts that the understanding is measured against.
type Intent string

const (
	IntentOrderStatus      Intent = "order_status"
	IntentItemProblem      Intent = "item_problem"
	IntentRefundReturn     Intent = "refund_return"
	IntentCancelChange     Intent = "cancel_change"
	IntentBilling          Intent = "billing"
	IntentAccountAccess    Intent = "account_access"
	IntentTechnical        Intent = "technical"
	IntentServiceComplaint Intent = "service_complaint"
	IntentPraise           Intent = "praise"
	IntentQuestion         Intent = "question"
	IntentLegalSafety      Intent = "legal_safety"
	IntentChatter          Intent = "chatter"
	IntentSpam             Intent = "spam"
	IntentUnclear          Intent = "unclear"
)

// Intents lists every intent, in the order in which labels are offered.
var Intents = []Intent{
	IntentOrderStatus, IntentItemProblem, IntentRefundReturn, IntentCancelChange, IntentBilling,
	IntentAccountAccess, IntentTechnical, IntentServiceComplaint, IntentPraise, IntentQuestion,
	IntentLegalSafety, IntentChatter, IntentSpam, IntentUnclear,
}

// Topic is a finer matter inside an intent; a post may have several.
type Topic string

const (
	TopicLate           Topic = "late"
	TopicLost           Topic = "lost" // "marked delivered but not here", lost parcel, lost bag
	TopicDamaged        Topic = "damaged"
	TopicMissing        Topic = "missing_item"
	TopicWrongItem      Topic = "wrong_item"
	TopicRefund         Topic = "refund"
	TopicReturn         Topic = "return"
	TopicCancel         Topic = "cancel"
	TopicBilling        Topic = "billing"
	TopicAccount        Topic = "account"
	TopicOutage         Topic = "outage"
	TopicRude           Topic = "rude_staff"
	TopicNoReply        Topic = "no_reply" // "third time I'm asking"
	TopicLegalThreat    Topic = "legal_threat"
	TopicSafety         Topic = "safety" // injury, illness, fire, threat, recalled goods
	TopicFraud          Topic = "fraud"
	TopicDiscrimination Topic = "discrimination"
	TopicVulnerable     Topic = "vulnerable" // illness, bereavement, distress, self-harm, dependency on the thing ordered
)

// Grave reports a topic that goes before all else and is never left alone by a
// rule: people's safety, or their rights.
func (t Topic) Grave() bool {
	switch t {
	case TopicLegalThreat, TopicSafety, TopicVulnerable, TopicFraud, TopicDiscrimination:
		return true
	}
	return false
}

// Topics lists every topic.
var Topics = []Topic{
	TopicLate, TopicLost, TopicDamaged, TopicMissing, TopicWrongItem, TopicRefund, TopicReturn, TopicCancel,
	TopicBilling, TopicAccount, TopicOutage, TopicRude, TopicNoReply, TopicLegalThreat, TopicSafety, TopicFraud,
	TopicDiscrimination, TopicVulnerable,
}

// Sentiment is negative only where dissatisfaction is expressed; a plain
// problem report or question is neutral.
type Sentiment string

const (
	Negative Sentiment = "negative"
	Neutral  Sentiment = "neutral"
	Positive Sentiment = "positive"
)

// Urgency is how soon someone should act.
type Urgency string

const (
	UrgencyLow    Urgency = "low"
	UrgencyNormal Urgency = "normal"
	UrgencyHigh   Urgency = "high"
)

// EntityKind says what a stretch of text is.
type EntityKind string

const (
	EntityOrder    EntityKind = "order" // what orders and bookings are looked up by
	EntityTracking EntityKind = "tracking"
	EntityPhone    EntityKind = "phone"
	EntityEmail    EntityKind = "email"
	EntityPostcode EntityKind = "postcode"
	EntityTime     EntityKind = "time" // when the customer wants to be called
	EntityAmount   EntityKind = "amount"
	EntityURL      EntityKind = "url"
	EntityOther    EntityKind = "other" // a reference to something else: a ticket, a case, an account, a repair
)

// Entity is a stretch of a post's text. Start and End are byte offsets into
// Post.Text; Value is the normalised form (an order folded by FoldRef, a
// phone in E.164, an e-mail in lower case, a time as the customer said it).
type Entity struct {
	Kind       EntityKind `json:"kind"`
	Text       string     `json:"text"`
	Value      string     `json:"value,omitempty"`
	Start      int        `json:"start"`
	End        int        `json:"end"`
	Confidence float64    `json:"confidence,omitempty"`
}

// PreferredTime is when a customer wants to be called, in their own time
// zone: from a clock hour to another (0–24; equal means any), on a weekday
// (0 Sunday … 6; -1 any), from DayOffset days after the post. With Not it is
// the time at which they do not want to be called, and any other suits them; a
// DayOffset then means that day alone.
type PreferredTime struct {
	FromHour  int    `json:"from_hour"`
	ToHour    int    `json:"to_hour"`
	Weekday   int    `json:"weekday"` // -1 any
	DayOffset int    `json:"day_offset,omitempty"`
	Not       bool   `json:"not,omitempty"`
	Text      string `json:"text,omitempty"`
}

// Understanding is what was read out of one post's text. The language, the
// intent, whether somebody is needed, the sentiment and each entity have a
// confidence from 0 to 1 that is honest about doubt. The rest is read or not:
// it comes from phrases that mean little else, what is in doubt is left out,
// and no labels say how often it is right, so a number would be made up. A
// preferred time has its confidence as an entity.
type Understanding struct {
	Model                string         `json:"model,omitempty"` // who understood, with its version, as in "rules/5"
	Lang                 string         `json:"lang"`            // BCP 47, "und" when unknown
	LangConfidence       float64        `json:"lang_confidence,omitempty"`
	Intent               Intent         `json:"intent"`
	IntentConfidence     float64        `json:"intent_confidence"`
	SecondIntent         Intent         `json:"second_intent,omitempty"`
	NeedsAgent           bool           `json:"needs_agent"` // someone should answer or act
	NeedsAgentConfidence float64        `json:"needs_agent_confidence"`
	Sentiment            Sentiment      `json:"sentiment"`
	SentimentConfidence  float64        `json:"sentiment_confidence,omitempty"`
	Urgency              Urgency        `json:"urgency"`
	Topics               []Topic        `json:"topics,omitempty"` // sorted
	Entities             []Entity       `json:"entities,omitempty"`
	Stop                 bool           `json:"stop,omitempty"`         // "stop writing to me"
	WantsPerson          bool           `json:"wants_person,omitempty"` // "a person please"
	CallConsent          Answer         `json:"call_consent,omitempty"` // "please call me", "do not call"
	Preferred            *PreferredTime `json:"preferred,omitempty"`
	Continues            bool           `json:"continues,omitempty"`        // "1/3", "(cont)", an open end: more parts are coming
	Thanks               bool           `json:"thanks,omitempty"`           // closes a matter: "thanks, arrived"
	GeneralQuestion      bool           `json:"general_question,omitempty"` // asks how things are done: "how long do I have to return something?"
	Lacks                bool           `json:"lacks,omitempty"`            // does not have, know or find what was asked for: "I don't have the number"
	Reply                bool           `json:"reply,omitempty"`            // reads like a turn of a conversation that began elsewhere: "yes and yes", "I have sent it"
}

// Values returns the distinct normalised values of one kind, in text order.
func (u *Understanding) Values(kind EntityKind) []string {
	var out []string
next:
	for _, e := range u.Entities {
		if e.Kind != kind || e.Value == "" {
			continue
		}
		for _, v := range out {
			if v == e.Value {
				continue next
			}
		}
		out = append(out, e.Value)
	}
	return out
}
