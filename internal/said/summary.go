package said

import (
	"strings"
	"time"
)

// What a work item tells of its case, together with the points about its order
// and about how often the customer wrote.
var (
	SummaryMatter  = declared("summary_matter", "About {intent}, {sentiment}.")
	SummaryReplies = declared("summary_replies", "The advocate has written {count|time|times}.")

	summaries = []*Sentence{
		SummaryMatter, PointTopic, PointOrderUnknown, PointOrderUnproven, PointOrderSince, PointOrderExpected, PointOrder, PointOrderReason,
		PointReopened, PointWroteOften, SummaryReplies,
	}
)

// Summary takes a stored summary apart into its sentences. What is none of them
// stands as somebody's words.
func Summary(text string) (out []Part) {
	for from := 0; from < len(text); {
		end := from
		for {
			stop := strings.Index(text[end:], ". ")
			if stop < 0 {
				end = len(text)
				break
			}
			end += stop + 1
			if _, ok := summarized(text[from:end]); ok {
				break
			}
			end++
		}
		p, ok := summarized(text[from:end])
		if !ok {
			p = Part{Text: text[from:end]}
		}
		out = append(out, p)
		from = end + 1
	}
	return out
}

func summarized(text string) (Part, bool) {
	for _, s := range summaries {
		if p, ok := s.read(text); ok {
			return p, true
		}
	}
	return Part{}, false
}

// PromiseTold takes apart what a work item says of an open promise, or a line
// of the history of one that was made. What is promised may be an agent's words.
func PromiseTold(text string) Part {
	if at := strings.LastIndex(text, " by "); at > 0 {
		due := text[at+len(" by "):]
		if _, err := time.Parse(time.RFC3339, due); err == nil {
			return PromisedBy.part(text, []string{text[:at], due})
		}
	}
	return Part{Text: text}
}

// Shown are stored parts for reading now, as they are in a zone: what [Sentence.Say]
// makes of them.
func Shown(zone *time.Location, parts []Part) []Part {
	out := make([]Part, len(parts))
	for i, p := range parts {
		out[i] = p
		if s := byCode[p.Code]; s != nil {
			values := make([]string, 0, len(p.Params))
			for _, name := range s.names() {
				values = append(values, p.Params[name])
			}
			out[i] = s.Say(zone, values...)
		}
	}
	return out
}
