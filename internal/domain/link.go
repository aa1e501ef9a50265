package domain

import (
	"net/url"
	"strings"
	"unicode"
)

// WebLink reports whether a text is a link that may be shown to be followed: to
// a page by http or https, of a host that is named plainly. Scripts and data are
// none, nor is a host behind a user's name, which is read as the host itself.
func WebLink(s string) bool {
	if strings.ContainsFunc(s, func(r rune) bool { return r == '\\' || unicode.IsSpace(r) || suspect(r) }) {
		return false
	}
	u, err := url.Parse(s)
	if err != nil || u.User != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	return !strings.ContainsAny(u.Host, "%@") && !strings.ContainsFunc(u.Host, func(r rune) bool { return suspect(r) || unicode.IsSpace(r) })
}

// OwnPath reports whether a text is a path of this server, as the sandbox
// network's posts have for their link; it cannot lead to another host.
func OwnPath(s string) bool {
	return strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") && !strings.ContainsFunc(s, func(r rune) bool { return r == '\\' || unicode.IsSpace(r) || suspect(r) })
}
