package playbook

import (
	"strings"
)

// What may be read in public is decided field by field. A field is public
// when its table says so; everything that is not listed is not.

// publicFacts are the fields of components' answers that are published
// anyway: articles, opening hours, announced outages and recalls.
var publicFacts = map[string][]string{
	"knowledge": {"found", "title", "url", "summary", "excerpt", "text"},
	"article":   {"found", "title", "url", "summary", "excerpt", "text"},
	"queue":     {"found", "open", "opens_at", "wait_minutes"},
	"notice":    {"found", "kind", "text", "area", "since", "open"},
}

// publicNames are the plain names that say nothing about anybody.
var publicNames = map[string]bool{"now": true, "due": true, "company": true, "contact": true, locName: true}

// isPublic reports whether a used name or field may enter a public message.
func isPublic(use string) bool {
	if publicNames[use] {
		return true
	}
	root, rest, ok := strings.Cut(use, ".")
	if !ok {
		return false
	}
	if root == "answer" {
		name, fieldName, _ := strings.Cut(rest, ".")
		for _, f := range publicFacts[foldName(name)] {
			if f == fieldName {
				return true
			}
		}
		return false
	}
	k := objects[root]
	return k != nil && k.fields[rest].public
}

// publicList names what a public message may read, for problems.
func publicList() string {
	return "only company, contact, now, due, queue.open, queue.opens_at, queue.wait, queue.wait_minutes, post.handle, case.lang, event.public_text or what an article or notice publishes"
}

// notPublic returns the first use of a message that is not public, "" if none.
func (m *message) notPublic() string {
	for _, u := range m.uses {
		if !isPublic(u) {
			return u
		}
	}
	return ""
}
