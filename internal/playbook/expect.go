package playbook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
)

func (s *scenarioReader) expect(n *node) *Expect {
	if !s.r.isMap(n, "then") {
		return nil
	}
	s.r.keys(n, "then", "replies", "no_replies", "no_public", "work_items", "no_work_items", "lookups", "subscriptions",
		"promises", "no_promises", "case", "set_aside")
	e := &Expect{Line: n.line, NoReplies: s.flag(n, "no_replies"), NoPublic: s.flag(n, "no_public"),
		NoWorkItems: s.flag(n, "no_work_items"), NoPromises: s.flag(n, "no_promises"), SetAside: s.text(n, "set_aside")}
	if e.SetAside == "true" {
		e.SetAside = "any"
	}
	if len(n.entries) == 0 {
		s.r.at(n, "what must have come of it", "", "then is empty")
	}
	for _, v := range s.list(n, "replies") {
		if s.r.isMap(v, "a reply") {
			e.Replies = append(e.Replies, s.expectReply(v))
		}
	}
	for _, v := range s.list(n, "work_items") {
		if s.r.isMap(v, "a work item") {
			e.WorkItems = append(e.WorkItems, s.expectWorkItem(v))
		}
	}
	for _, v := range s.list(n, "lookups") {
		if w, ok := s.r.word(v, "lookups"); ok {
			e.Lookups = append(e.Lookups, w)
		}
	}
	for _, v := range s.list(n, "subscriptions") {
		if !s.r.isMap(v, "a subscription") {
			continue
		}
		s.r.keys(v, "a subscription", "to", "anchor")
		x := ExpectSubscription{Line: v.line, To: s.text(v, "to"), Anchor: s.text(v, "anchor")}
		if attr, _, ok := strings.Cut(x.Anchor, "="); x.Anchor != "" && (!ok || !slices.Contains(domain.AnchorAttributes, attr)) {
			at := v.get("anchor")
			s.r.put(Problem{Line: at.line, Column: at.column, Found: attr, What: fmt.Sprintf("anchor is %q", domain.Clip(x.Anchor, 60)),
				Expected: `an attribute, "=" and a value, such as orderid=A-10234`, DidYouMean: domain.Nearest(attr, domain.AnchorAttributes)})
		}
		e.Subscriptions = append(e.Subscriptions, x)
	}
	for _, v := range s.list(n, "promises") {
		switch v.kind {
		case scalarNode:
			e.Promises = append(e.Promises, ExpectPromise{Line: v.line, What: v.text})
		default:
			if s.r.isMap(v, "a promise") {
				s.r.keys(v, "a promise", "what", "state")
				e.Promises = append(e.Promises, ExpectPromise{Line: v.line, What: s.text(v, "what"),
					State: domain.PromiseState(s.oneOf(v, "state", []string{"open", "kept", "broken", "withdrawn"}))})
			}
		}
	}
	if v := n.get("case"); v != nil && s.r.isMap(v, "case") {
		s.r.keys(v, "case", "state", "outcome", "intent", "handed_over", "taken", "asked", "rating")
		e.Case = &ExpectCase{State: domain.CaseState(s.oneOf(v, "state", caseStateWords)), Outcome: s.text(v, "outcome"),
			Intent: domain.Intent(s.oneOf(v, "intent", intentWords)), HandedOver: s.maybe(v, "handed_over"), Taken: s.maybe(v, "taken"),
			Asked: s.maybe(v, "asked"), Rating: s.expectRating(v)}
	}
	if e.NoReplies && len(e.Replies) > 0 {
		s.r.at(n, "one of them", "", "then has both replies and no_replies")
	}
	return e
}

func (s *scenarioReader) expectReply(n *node) ExpectReply {
	s.r.keys(n, "a reply", "visibility", "template", "lang", "contains", "not_contains")
	x := ExpectReply{Line: n.line, Visibility: domain.Visibility(s.oneOf(n, "visibility", visibilityWords)), Template: s.text(n, "template"), Lang: s.text(n, "lang")}
	for _, w := range s.list(n, "contains") {
		if t, ok := s.r.word(w, "contains"); ok {
			x.Contains = append(x.Contains, t)
		}
	}
	for _, w := range s.list(n, "not_contains") {
		if t, ok := s.r.word(w, "not_contains"); ok {
			x.NotContains = append(x.NotContains, t)
		}
	}
	return x
}

func (s *scenarioReader) expectWorkItem(n *node) ExpectWorkItem {
	s.r.keys(n, "a work item", "kind", "queue", "priority", "state")
	x := ExpectWorkItem{Line: n.line, Kind: domain.WorkItemKind(s.oneOf(n, "kind", []string{"callback", "review", "expert"})),
		Queue: s.text(n, "queue"), State: domain.WorkItemState(s.oneOf(n, "state", workItemStates))}
	if v := n.get("priority"); v != nil {
		if p, ok := priorities[v.text]; ok {
			x.Priority = p
		} else {
			x.Priority = s.number(v, "priority")
		}
	}
	return x
}
