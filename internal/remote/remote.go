// Package remote says who a request comes from: the peer of its connection, or
// whom a trusted proxy in front of the server names.
//
// X-Forwarded-For and X-Forwarded-Proto are anybody's word. They are believed
// from the proxies that the operator listed and from nobody else, and of the
// addresses in them only the last ones, those that such proxies wrote.
package remote

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the networks that proxies in front of the server have their
// addresses in. The zero value trusts nobody.
type Proxies []netip.Prefix

// ParseProxy reads one network, such as 10.0.0.0/8, or one address. A network
// of every address is refused: it would let any caller choose its address.
func ParseProxy(s string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(s)
	if a, e := netip.ParseAddr(s); e == nil && a.Zone() == "" {
		p, err = netip.PrefixFrom(a, a.BitLen()), nil
	}
	switch {
	case err != nil:
		return netip.Prefix{}, fmt.Errorf("%.60q is no network; want one such as 10.0.0.0/8, or an address", s)
	case p.Bits() == 0:
		return netip.Prefix{}, fmt.Errorf("%s is every address; want the proxies' own", s)
	case p.Addr().Is4In6() && p.Bits() >= 96:
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96) // addresses are compared unmapped
	}
	return p.Masked(), nil
}

// ParseProxies reads a list.
func ParseProxies(list []string) (Proxies, error) {
	var out Proxies
	for _, s := range list {
		p, err := ParseProxy(s)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

func (p Proxies) trust(a netip.Addr) bool {
	for _, n := range p {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

// client is what Handler found out.
type client struct {
	addr   string
	secure bool
}

type clientKey struct{}

// Handler finds out once for each request who it is from, for ClientAddr.
func (p Proxies) Handler(next http.Handler) http.Handler {
	if len(p) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := p.client(r)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), clientKey{}, c)))
	})
}

// ClientAddr gives the IP address of the client, without a port, and whether
// the client's own connection is encrypted. Behind a proxy that Handler was
// told of it is what the proxy says. The address is for limits and the audit
// log; it proves nothing.
func ClientAddr(r *http.Request) (addr string, secure bool) {
	if c, ok := r.Context().Value(clientKey{}).(client); ok {
		return c.addr, c.secure
	}
	c := peer(r)
	return c.addr, c.secure
}

// peer is the other end of the connection.
func peer(r *http.Request) client {
	c := client{addr: r.RemoteAddr, secure: r.TLS != nil}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		c.addr = host
	}
	if a, err := netip.ParseAddr(c.addr); err == nil {
		c.addr = plain(a).String()
	}
	return c
}

func (p Proxies) client(r *http.Request) client {
	c := peer(r)
	at, err := netip.ParseAddr(c.addr)
	if err != nil || !p.trust(at) {
		return c
	}
	// The proxy next to us wrote the last word of each.
	if word := last(r.Header["X-Forwarded-Proto"]); word != "" {
		c.secure = strings.EqualFold(word, "https")
	}
	hops := strings.Split(strings.Join(r.Header["X-Forwarded-For"], ","), ",")
	for i := len(hops) - 1; i >= 0 && p.trust(at); i-- {
		a, ok := parseHop(hops[i])
		if !ok {
			break // what stands further left was written by whoever wrote this
		}
		at = a
	}
	c.addr = at.String()
	return c
}

func last(values []string) string {
	if len(values) == 0 {
		return ""
	}
	v := values[len(values)-1]
	return strings.TrimSpace(v[strings.LastIndexByte(v, ',')+1:])
}

// parseHop reads an address as proxies write it, some with the port.
func parseHop(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return plain(ap.Addr()), true
	}
	s = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	a, err := netip.ParseAddr(s)
	return plain(a), err == nil
}

func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// Neighbourhood is what addresses are counted by in limits: an address or, since
// one customer of a provider has as much at least, an IPv6 address's /64. "?" is
// that of what is no address.
func Neighbourhood(address string) string {
	if ap, err := netip.ParseAddrPort(address); err == nil {
		address = ap.Addr().String()
	}
	a, err := netip.ParseAddr(address)
	if err != nil {
		return "?"
	}
	if a = plain(a); a.Is6() {
		p, _ := a.Prefix(64)
		return p.String()
	}
	return a.String()
}
