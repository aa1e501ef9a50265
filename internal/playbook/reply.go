package playbook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
)

// replyUse is a reply whose template is checked when all are known.
type replyUse struct {
	at         *node
	template   string
	visibility domain.Visibility
}

func (b *builder) reply(n *node) resolver {
	name, textNode := n.get("template"), n.get("text")
	out := Reply{Visibility: domain.Private}
	if v := n.get("visibility"); v != nil {
		out.Visibility = domain.Visibility(b.r.argWord(v, "visibility", visibilityWords))
	}
	if v := n.get("valid_for"); v != nil {
		out.ValidFor = b.r.argDuration(v, "valid_for")
	}
	switch {
	case name != nil && textNode != nil:
		b.r.at(n, "template or text", "", "reply has both template and text")
		return nil
	case name != nil:
		out.Template = b.r.argWord(name, "template", nil)
		b.replies = append(b.replies, replyUse{name, out.Template, out.Visibility})
		return b.replyTemplate(out)
	case textNode != nil:
		return b.replyText(out, textNode)
	}
	b.r.at(n, "template or text", "", "reply says nothing")
	return nil
}

// replyTemplate leaves rendering to the caller, who may ask for a proof first.
func (b *builder) replyTemplate(out Reply) resolver {
	p := b.p
	return func(a activation) (Action, error) {
		act := out
		if t := p.template(out.Template); t != nil {
			act.Langs = slices.Clone(t.langs)
			_, m := t.pick(a.v.lang(), p.policy.DefaultLang)
			for _, u := range m.uses {
				for _, id := range ordersOf(a.v, u) {
					if id != "" && !slices.Contains(act.Needs, id) {
						act.Needs = append(act.Needs, id)
					}
				}
			}
			slices.Sort(act.Needs)
		}
		return act, nil
	}
}

// replyText is a message written into the rule, in one language or several.
func (b *builder) replyText(out Reply, n *node) resolver {
	t := b.texts("the reply", n)
	if t == nil {
		return nil
	}
	if out.Visibility == domain.Public {
		b.mustBePublic(n, "the reply", t)
	}
	p := b.p
	return func(a activation) (Action, error) {
		act := out
		lang, m := t.pick(a.v.lang(), p.policy.DefaultLang)
		r, err := m.render(a.v, lang, p.policy.Company)
		if err != nil {
			return nil, fmt.Errorf("argument text: %w", err)
		}
		act.Text, act.Due, act.Needs, act.Langs = r.Text, r.Due, r.Orders, slices.Clone(t.langs)
		return act, nil
	}
}

// lang is the language to write in: the case's, else the customer's.
func (v *View) lang() string {
	if l := v.matter().Lang; l != "" && l != "und" {
		return l
	}
	if v.Snapshot != nil && v.Snapshot.Customer.Lang != "" {
		return v.Snapshot.Customer.Lang
	}
	if v.Meaning != nil && v.Meaning.Lang != "und" {
		return v.Meaning.Lang
	}
	return ""
}

// texts reads a message in one language (a text, which counts as the
// policy's default language) or in several (a map).
func (b *builder) texts(what string, n *node) *template {
	t := &template{line: n.line, texts: map[string]*message{}}
	if n.kind == scalarNode {
		m := b.message(n)
		if m == nil {
			return nil
		}
		lang := strings.ToLower(b.p.policy.DefaultLang)
		if lang == "" {
			lang = "en"
		}
		t.langs, t.texts[lang] = []string{lang}, m
		return t
	}
	if !b.r.isMap(n, what) {
		return nil
	}
	ok := true
	for _, e := range n.entries {
		if e.key == "public" {
			t.public = b.r.boolean(e.value, "public")
			continue
		}
		if !isLang(e.key) {
			b.r.at(e.at, `a language such as en or es-MX, or "public"`, "", "%s has no %q", what, domain.Clip(e.key, 40))
			ok = false
			continue
		}
		lang := strings.ToLower(e.key)
		m := b.message(e.value)
		if m == nil {
			ok = false
			continue
		}
		t.langs = append(t.langs, lang)
		t.texts[lang] = m
	}
	if len(t.langs) == 0 {
		if ok {
			b.r.at(n, "at least one language", "", "%s has no text", what)
		}
		return nil
	}
	if !ok {
		return nil
	}
	return t
}

// isLang accepts "en", "pt-BR", "zh-Hant".
func isLang(s string) bool {
	head, tail, _ := strings.Cut(s, "-")
	if len(head) < 2 || len(head) > 3 || len(tail) == 1 || len(tail) > 8 {
		return false
	}
	return strings.Trim(strings.ToLower(head+tail), "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// mustBePublic reports the first field that may not be read in public.
func (b *builder) mustBePublic(at *node, what string, t *template) bool {
	for _, lang := range t.langs {
		if use := t.texts[lang].notPublic(); use != "" {
			b.r.at(at, publicList(), "", "%s uses %s in %q, which is not public", what, use, lang)
			return false
		}
	}
	return true
}

// templates reads the section of that name.
func (b *builder) templates(n *node) {
	if !b.r.isMap(n, "templates") {
		return
	}
	if len(n.entries) > maxTemplates {
		b.r.at(n, fmt.Sprintf("at most %d", maxTemplates), "", "there are %d templates", len(n.entries))
		return
	}
	for _, e := range n.entries {
		if !isRuleName(e.key) {
			b.r.at(e.at, "lower-case letters, digits and \"-\", at most 80", "", "the template's name is %q", domain.Clip(e.key, 80))
			continue
		}
		t := b.texts(fmt.Sprintf("template %s", e.key), e.value)
		if t == nil {
			b.p.templates[e.key] = nil // it exists; what is wrong with it was said
			continue
		}
		t.name, t.line = e.key, e.at.line
		if (t.public || publicEngineTemplates[e.key]) && !b.mustBePublic(e.at, "template "+e.key, t) {
			t = nil
		}
		b.p.templates[e.key] = t
	}
}

// checkReplies checks what could not be while templates were missing.
func (b *builder) checkReplies() {
	for _, u := range b.replies {
		if u.template == "" {
			continue
		}
		t, own := b.p.templates[u.template]
		if !own {
			t, own = engineTemplates()[u.template]
		}
		if !own {
			b.r.oneOf(u.at, "there is no template", u.template, b.templateNames())
			continue
		}
		if t != nil && u.visibility == domain.Public {
			b.mustBePublic(u.at, "template "+u.template, t)
		}
	}
}

func (b *builder) templateNames() []string {
	names := append(sortedKeys(b.p.templates), EngineTemplates...)
	slices.Sort(names)
	return slices.Compact(names)
}
