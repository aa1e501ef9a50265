package playbook

import "strings"

// Asks reports whether a template's own words ask the customer something, in
// any language: whoever is sent it is expected to answer. What a value may hold
// does not count.
func (p *Playbook) Asks(template string) bool {
	t := p.template(template)
	if t == nil {
		return false
	}
	for _, m := range t.texts {
		if asks(m.parts) {
			return true
		}
	}
	return false
}

func asks(parts []segment) bool {
	for i := range parts {
		s := &parts[i]
		if strings.ContainsAny(s.text, "?？؟") || asks(s.then) || asks(s.other) {
			return true
		}
	}
	return false
}
