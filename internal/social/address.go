package social

import (
	"net/url"
	"strings"
)

// CheckAddress holds that a value is the address of a server as like is one,
// such as https://server.example: of its scheme, or where the server may be
// inside the company's network of the plain one as well. Mistakes.Note notes
// what it says.
func CheckAddress(address, like string, allowPrivate bool) error {
	secure, _, _ := strings.Cut(like, ":")
	plain := strings.TrimSuffix(secure, "s")
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != secure && u.Scheme != plain {
		return Wrong("one such as "+like, "is no address of a server")
	}
	if u.Scheme == plain && !allowPrivate {
		return Wrong(secure+", or allow_private for a server inside", "%s would show credentials and posts to everyone on the way", plain)
	}
	return nil
}
