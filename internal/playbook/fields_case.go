package playbook

import (
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/contact-advocate/advocate/internal/domain"
)

var noCase domain.Case

func (v *View) matter() *domain.Case {
	if v.Case == nil {
		return &noCase
	}
	return v.Case
}

var noRating domain.Rating

func (o *object) rating() *domain.Rating {
	if r := o.matter().Rating; r != nil {
		return r
	}
	return &noRating
}

func (o *object) matter() *domain.Case { return o.view.matter() }

var caseKind = newKind("case", map[string]field{
	"id":     text(func(o *object) string { return o.matter().ID }),
	"state":  wordOf(caseStateWords, func(o *object) string { return string(o.matter().State) }),
	"intent": wordOf(intentWords, func(o *object) string { return string(o.matter().Intent) }),
	"topics": {typ: cel.ListType(cel.StringType), words: topicWords, get: func(o *object) ref.Val {
		return types.NewStringList(types.DefaultTypeAdapter, stringsOf(o.matter().Topics))
	}},
	"sentiment":       wordOf(sentimentWords, func(o *object) string { return string(o.matter().Sentiment) }),
	"first_sentiment": wordOf(sentimentWords, func(o *object) string { return string(o.matter().FirstSentiment) }),
	"urgency":         wordOf(urgencyWords, func(o *object) string { return string(o.matter().Urgency) }),
	"visibility":      wordOf(visibilityWords, func(o *object) string { return string(o.matter().Visibility) }),
	"outcome":         text(func(o *object) string { return o.matter().Outcome }),
	"asks":            text(func(o *object) string { return o.matter().Asks }),
	"replies":         number(func(o *object) int { return o.matter().Replies }),
	"posts": number(func(o *object) int {
		n := 0
		for i := range o.matter().Posts {
			if o.matter().Posts[i].From == domain.FromCustomer {
				n++
			}
		}
		return n
	}),
	"reopened":    number(func(o *object) int { return o.matter().Reopened }),
	"answered":    flag(func(o *object) bool { return o.matter().Answered }),
	"owner":       text(func(o *object) string { return o.matter().Owner }),
	"taken":       flag(func(o *object) bool { return o.matter().Taken() }),
	"handed_over": flag(func(o *object) bool { return o.matter().HandedOver }),
	"order_refs":  texts(func(o *object) []string { return o.matter().OrderRefs }),
	"trackings":   texts(func(o *object) []string { return o.matter().Trackings }),
	"lang":        public(text(func(o *object) string { return o.matter().Lang })),
	"age": length(func(o *object) time.Duration {
		if o.matter().OpenedAt.IsZero() {
			return 0
		}
		return max(0, o.view.Now.Sub(o.matter().OpenedAt))
	}),
	"has_callback":   flag(func(o *object) bool { return o.matter().OpenWorkItem(domain.Callback) != nil }),
	"has_review":     flag(func(o *object) bool { return o.matter().OpenWorkItem(domain.Review) != nil }),
	"number_known":   flag(func(o *object) bool { return o.view.numberKnown() }),
	"call_consent":   wordOf(answerWords, func(o *object) string { return string(o.matter().CallConsent) }),
	"secret_shown":   flag(func(o *object) bool { return o.matter().Shown }),
	"verify_pending": flag(func(o *object) bool { return o.matter().Verify != nil && !o.matter().Verify.Failed }),
	"rating":         number(func(o *object) int { return o.rating().Score }),
	"rating_comment": text(func(o *object) string { return o.rating().Comment }),
	"verify_failed":  flag(func(o *object) bool { return o.matter().Verify != nil && o.matter().Verify.Failed }),
})

// numberKnown reports whether there is a number to call: given for this case,
// or the profile's for a proven identity.
func (v *View) numberKnown() bool {
	return v.Number != "" || v.matter().Phone != "" ||
		v.proven() && v.Snapshot != nil && v.Snapshot.Customer.Phone != ""
}

// foldName makes component names comparable: "order" and "orders" are one.
func foldName(s string) string { return strings.TrimSuffix(s, "s") }

// knows reports whether a fact of that component was found.
func (v *View) knows(name string) bool {
	name = foldName(name)
	if name == "order" && v.Order != nil && v.Order.Found {
		return true
	}
	return v.fact(name).found
}

// asked reports whether a lookup of that component is out or was answered.
func (v *View) asked(name string) bool {
	name = foldName(name)
	c := v.matter()
	for i := range c.Asked {
		if foldName(c.Asked[i].Component) == name {
			return true
		}
	}
	for i := range c.Known {
		if foldName(c.Known[i].Name) == name {
			return true
		}
	}
	return v.Answer != nil && foldName(v.Answer.Component) == name
}

func (v *View) promised(what string, open bool) bool {
	c := v.matter()
	for i := range c.Promises {
		if c.Promises[i].What == what && (!open || c.Promises[i].State == domain.PromiseOpen) {
			return true
		}
	}
	return false
}

func (v *View) is(topic string) bool {
	for _, t := range v.matter().Topics {
		if string(t) == topic {
			return true
		}
	}
	return false
}
