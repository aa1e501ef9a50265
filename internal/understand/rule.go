package understand

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
)

// rule is one written phrase and what it is evidence for.
type rule struct {
	lang    uint16
	effects []effect
	unneg   bool // does not hold when negated
	pattern string
}

type effectKind uint8

const (
	effIntent effectKind = iota
	effTopic
	effPos
	effNeg
	effUrgent
	effAgent
	effFeature
	effMask
)

type effect struct {
	kind   effectKind
	index  uint8
	weight float32
}

// feature is a finding that is not an intent or topic of its own.
type feature uint8

const (
	featQuestion feature = iota // asks for information
	featSecond                  // speaks to the company
	featFirst                   // speaks of the writer
	featHelp                    // asks for help in general
	featWish                    // wishes for a feature
	featClosing                 // ends the matter
	featLeaving                 // announces to leave, without an ask
	featReply                   // reads like an answer to us
	featStop
	featPerson
	featCall
	featNoCall
	featOpen // more parts follow
	featNews // third-person news
	featAd
	featStaff // company staff answering someone else
	featNegator
	featTime     // speaks of a time to call
	featMended   // the matter is over by itself
	featCrowd    // speaks to everyone who reads along
	featReassure // calms other readers
	featHearsay  // passes on what others say
	featSarcasm  // thanks or praises for what went wrong
	featLack     // does not have, know or find what was asked for
	featCount
)

var featureNames = map[string]feature{
	"question": featQuestion, "second": featSecond, "first": featFirst, "help": featHelp, "wish": featWish,
	"closing": featClosing, "leaving": featLeaving, "reply": featReply, "stop": featStop, "person": featPerson,
	"call": featCall, "nocall": featNoCall, "open": featOpen, "news": featNews, "ad": featAd, "staff": featStaff,
	"negator": featNegator, "time": featTime, "mended": featMended, "crowd": featCrowd, "hearsay": featHearsay, "reassure": featReassure,
	"sarcasm": featSarcasm, "lack": featLack,
}

// parseHeader reads "order_status 2; topic:late; neg 0.5; unneg".
func parseHeader(s string) (rule, error) {
	var r rule
	for _, part := range strings.Split(s, ";") {
		f := strings.Fields(part)
		if len(f) == 0 {
			continue
		}
		w := 1.0
		if len(f) > 1 {
			var err error
			if w, err = strconv.ParseFloat(f[1], 32); err != nil {
				return r, fmt.Errorf("weight %q of %q is not a number", f[1], f[0])
			}
		}
		e := effect{weight: float32(w)}
		key, val, _ := strings.Cut(f[0], ":")
		switch {
		case key == "topic":
			i := slices.Index(domain.Topics, domain.Topic(val))
			if i < 0 {
				return r, fmt.Errorf("unknown topic %q", val)
			}
			e.kind, e.index = effTopic, uint8(i)
		case key == "f":
			i, ok := featureNames[val]
			if !ok {
				return r, fmt.Errorf("unknown feature %q", val)
			}
			e.kind, e.index = effFeature, uint8(i)
		case key == "pos":
			e.kind = effPos
		case key == "neg":
			e.kind = effNeg
		case key == "urgent":
			e.kind = effUrgent
		case key == "agent":
			e.kind = effAgent
		case key == "mask":
			e.kind = effMask
		case key == "unneg":
			r.unneg = true
			continue
		default:
			i := slices.Index(domain.Intents, domain.Intent(key))
			if i < 0 {
				return r, fmt.Errorf("unknown effect %q; accepted: an intent, topic:, f:, pos, neg, urgent, agent, mask, unneg", f[0])
			}
			e.kind, e.index = effIntent, uint8(i)
		}
		r.effects = append(r.effects, e)
	}
	return r, nil
}
