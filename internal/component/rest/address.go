package rest

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
)

// never are addresses that no service of a company answers on: this host's
// and network's own housekeeping, and the cloud's metadata services.
var never = prefixes(
	"0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",
	"224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32", "100.100.100.200/32",
	"::/128", "100::/64", "2001::/23", "2001:db8::/32", "fe80::/10", "fec0::/10", "ff00::/8", "fd00:ec2::254/128", "3fff::/20",
)

// inside are addresses within a company's or a host's network.
var inside = prefixes(
	"10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15",
	"::1/128", "fc00::/7", "64:ff9b:1::/48",
)

// Prefixes whose addresses hold an IPv4 address, and where.
var (
	nat64   = netip.MustParsePrefix("64:ff9b::/96")
	sixto4  = netip.MustParsePrefix("2002::/16")
	compat  = netip.MustParsePrefix("::/96")
	unicast = netip.MustParsePrefix("2000::/3")
)

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

func within(list []netip.Prefix, a netip.Addr) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// embedded returns the IPv4 address that an IPv6 address stands for.
func embedded(a netip.Addr) (netip.Addr, bool) {
	b := a.As16()
	switch {
	case nat64.Contains(a), compat.Contains(a):
		return netip.AddrFrom4([4]byte(b[12:16])), true
	case sixto4.Contains(a):
		return netip.AddrFrom4([4]byte(b[2:6])), true
	}
	return a, false
}

// mayReach reports whether an address may be asked.
func mayReach(a netip.Addr, allowPrivate bool) bool {
	a = a.Unmap().WithZone("")
	if !a.IsValid() || within(never, a) {
		return false
	}
	if within(inside, a) {
		return allowPrivate
	}
	if a.Is6() {
		if v4, ok := embedded(a); ok {
			return mayReach(v4, allowPrivate)
		}
		return unicast.Contains(a)
	}
	return true
}

// addressError is a connection that was not made.
type addressError struct{ address string }

func (e *addressError) Error() string {
	return fmt.Sprintf("%s is not a public address; set allow_private if this service is inside", e.address)
}

// Private says that the address is what is wrong, to who does not know this
// package.
func (*addressError) Private() bool { return true }

// control refuses a connection just before it is made. The name is resolved
// by then, so an answer of DNS that changes between check and use changes
// nothing.
func control(allowPrivate bool) func(network, address string, _ syscall.RawConn) error {
	return func(network, address string, _ syscall.RawConn) error {
		host, _, err := net.SplitHostPort(address)
		if err != nil || !strings.HasPrefix(network, "tcp") {
			return &addressError{network + " " + address}
		}
		a, err := netip.ParseAddr(host)
		if err != nil || !mayReach(a, allowPrivate) {
			return &addressError{host}
		}
		return nil
	}
}
