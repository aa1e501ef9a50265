package builtin

import (
	"context"
	"encoding/json"
	"strings"
	"time"
	"unicode"

	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

const (
	maxNotices    = 5    // listed in an answer
	maxNoticeText = 1000 // bytes
)

// Notice is an open outage or recall.
type Notice struct {
	Kind  string    `json:"kind"` // "outage", "recall"
	Text  string    `json:"text,omitempty"`
	Area  string    `json:"area,omitempty"`
	SKU   string    `json:"sku,omitempty"`
	Since time.Time `json:"since"`
}

// NoticesAnswer is the data of a notices answer: the newest notice, how many
// are open in all, and the newest few.
type NoticesAnswer struct {
	Open int `json:"open"`
	Notice
	Items []Notice `json:"items,omitempty"`
}

type notices struct{ view View }

var _ component.Component = notices{}

// Notices answers with open outages and recalls. Lookup.ID names where or
// what: "area=leeds", "sku=ab-1", or a word that is tried as both; several
// have commas between. Query is free text: notices whose area or SKU stands
// in it as a word of its own. Without either, all that are open.
func Notices(v View) component.Component { return notices{v} }

func (notices) Name() string { return "notices" }

func (c notices) Ask(ctx context.Context, q domain.Lookup, _ component.Asker) (domain.ComponentAnswer, error) {
	ans := domain.ComponentAnswer{Lookup: q}
	id, query := strings.TrimSpace(q.ID), strings.TrimSpace(q.Query)
	anchors := noticeAnchors(id)
	if id != "" && len(anchors) == 0 {
		return ans, ctxErr(ctx, c.Name()) // it can be no notice's; asking with none would mean all
	}
	var events []domain.Event
	err := read(ctx, c.view, c.Name(), func(r store.Reader) (err error) {
		events, err = r.NoticeFind(anchors)
		return err
	})
	if err != nil {
		return ans, err
	}
	var out NoticesAnswer
	words := foldWords(query)
	for i := range events {
		e := &events[i]
		if id == "" && query != "" && !hasWords(words, e.Area) && !hasWords(words, e.SKU) {
			continue
		}
		if out.Open++; out.Open <= maxNotices {
			out.Items = append(out.Items, noticeOf(e))
		}
	}
	if out.Open == 0 {
		return ans, nil
	}
	out.Notice = out.Items[0]
	if ans.Data, err = encode(c.Name(), out); err != nil {
		return domain.ComponentAnswer{Lookup: q}, err
	}
	ans.Found = true
	return ans, nil
}

// noticeAnchors reads "area=x, sku=y, z"; at most eight.
func noticeAnchors(id string) []domain.Anchor {
	var out []domain.Anchor
	for part := range strings.SplitSeq(id, ",") {
		attr, value, ok := strings.Cut(part, "=")
		attrs := []string{strings.ToLower(strings.TrimSpace(attr))}
		if !ok {
			attrs, value = []string{domain.AnchorArea, domain.AnchorSKU}, part
		}
		for _, attr := range attrs {
			if attr != domain.AnchorArea && attr != domain.AnchorSKU {
				continue
			}
			if a, ok := domain.NormalizeAnchor(domain.Anchor{Attr: attr, Value: value}); ok && len(out) < 8 {
				out = append(out, a)
			}
		}
	}
	return out
}

func noticeOf(e *domain.Event) Notice {
	kind, _, _ := strings.Cut(e.Type, ".")
	n := Notice{Kind: domain.Cut(kind, 60), Area: e.Area, SKU: e.SKU, Since: e.Time.UTC()}
	var data struct {
		Text, Message, Description, Title, Reason any
	}
	if json.Unmarshal(e.Data, &data) == nil {
		for _, v := range []any{data.Text, data.Message, data.Description, data.Title, data.Reason} {
			if s, ok := v.(string); ok && strings.TrimSpace(s) != "" {
				n.Text = domain.Cut(strings.TrimSpace(domain.CleanText(s)), maxNoticeText)
				break
			}
		}
	}
	return n
}

// foldWords writes text as " word word ", lower case, so that whole words can
// be looked for.
func foldWords(s string) string {
	if s = domain.Cut(s, domain.MaxPostText); s == "" {
		return " "
	}
	return " " + strings.Join(strings.FieldsFunc(strings.ToLower(domain.CleanText(s)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}), " ") + " "
}

func hasWords(words, what string) bool {
	folded := foldWords(what)
	return strings.TrimSpace(folded) != "" && strings.Contains(words, folded)
}
