package rest

import "syscall"

// Control is for a net.Dialer: it refuses connections to addresses that no
// outside service has, the company's own network among them unless
// allowPrivate is set. Whoever else calls addresses from a configuration
// keeps to the same rule.
func Control(allowPrivate bool) func(network, address string, c syscall.RawConn) error {
	return control(allowPrivate)
}
