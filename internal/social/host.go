package social

import (
	"net/url"
	"strings"
)

// HostOf is the host of a server's or a page's address, in small letters: with
// its port where that is not the usual one of its scheme. It is "" for what is
// no such address.
func HostOf(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return ""
	}
	host := strings.ToLower(u.Host)
	switch u.Scheme {
	case "https", "wss":
		host = strings.TrimSuffix(host, ":443")
	case "http", "ws":
		host = strings.TrimSuffix(host, ":80")
	}
	return strings.TrimSuffix(host, ".")
}
