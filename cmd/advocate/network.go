package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/component/rest"
	"github.com/contact-advocate/advocate/internal/config"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/state"
)

// networkAccount is one account on a network, as it is configured.
type networkAccount struct {
	config.Account
	secrets []config.SecretAt
}

// networkAccounts lists what is configured, in the order of the file's grammar.
func networkAccounts(c *config.Config) []networkAccount {
	var out []networkAccount
	for _, a := range c.Networks.Accounts() {
		n := networkAccount{Account: a}
		for _, s := range c.Secrets() {
			if strings.HasPrefix(s.Path, a.Path()+".") {
				n.secrets = append(n.secrets, s)
			}
		}
		out = append(out, n)
	}
	return out
}

// makeNetworks makes what is configured and asks none of them anything: a
// network that is down keeps no server from starting, a configuration that
// cannot work does. Every mistake is reported, by its place. kit is asked for
// what the account at a place gets.
func makeNetworks(accounts []networkAccount, sources []string, kit func(a *networkAccount) (social.Kit, *latterState)) ([]social.Network, error) {
	var out []social.Network
	var errs []error
	hooks := map[string]string{}
	for _, name := range sources {
		hooks[name] = "a source"
	}
	for i := range accounts {
		n, err := accounts[i].network(hooks, kit)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out = append(out, n)
	}
	return out, errors.Join(errs...)
}

// network makes an account's. hooks says who listens where below /hooks/, and
// hears of it.
func (a *networkAccount) network(hooks map[string]string, kit func(a *networkAccount) (social.Kit, *latterState)) (social.Network, error) {
	k, later := kit(a)
	n, err := a.Make(k)
	if err = a.withSecrets(err); err == nil {
		err = a.listens(n, hooks)
	}
	if err != nil {
		return nil, err
	}
	later.of(n)
	return n, nil
}

// listens holds that no network listens where another or a source does.
func (a *networkAccount) listens(n social.Network, hooks map[string]string) error {
	h, ok := n.(social.Hook)
	if !ok {
		return nil
	}
	if other := hooks[h.HookName()]; other != "" {
		return fmt.Errorf("%s: is told of posts at /hooks/%s, where %s listens already; give that another name", a.Place, h.HookName(), other)
	}
	hooks[h.HookName()] = strings.TrimSuffix(n.Name()+"/"+n.Account(), "/")
	return nil
}

// latterState is the state of a network that is being made: only then is its
// name known, under which it is kept.
type latterState struct {
	social.Claimer
	make func(n social.Network) social.Claimer
}

func (s *latterState) of(n social.Network) { s.Claimer = s.make(n) }

// kit is what an account's connector works with.
func (n *node) kit(a *networkAccount) (social.Kit, *latterState) {
	later := &latterState{make: func(x social.Network) social.Claimer {
		n.accounts[[2]string{x.Name(), x.Account()}] = a
		return state.New(state.Options{Store: n.store, Sealer: n.vault, Clock: n.settings.clock, Network: x.Name(), Account: x.Account()})
	}}
	client := networkClient(a.AllowPrivate())
	n.free = append(n.free, func() error { client.CloseIdleConnections(); return nil })
	return social.Kit{HTTP: client, State: later, Clock: n.settings.clock, Log: n.log}, later
}

// Of the connections to one network.
const (
	networkDial  = 10 * time.Second
	networkIdle  = 90 * time.Second
	networkConns = 32 // to one host, streams included
)

// networkClient reaches the networks: it keeps to the rule on addresses, and
// has no time limit of its own, since streams stay open.
func networkClient(allowPrivate bool) *http.Client {
	dialer := &net.Dialer{Timeout: networkDial, Control: rest.Control(allowPrivate)}
	return &http.Client{
		Transport: &http.Transport{
			// No Proxy: it would be what is dialed, and the rule on addresses void.
			DialContext: dialer.DialContext, TLSHandshakeTimeout: networkDial, ForceAttemptHTTP2: true,
			MaxConnsPerHost: networkConns, IdleConnTimeout: networkIdle, MaxResponseHeaderBytes: 256 << 10,
		},
		CheckRedirect: sameHost,
	}
}

const networkRedirects = 3

// sameHost follows a redirect only within a host, by the same scheme: what is
// asked carries our credentials.
func sameHost(req *http.Request, via []*http.Request) error {
	if len(via) > networkRedirects || req.URL.Host != via[0].URL.Host || req.URL.Scheme != via[0].URL.Scheme {
		return http.ErrUseLastResponse
	}
	return nil
}
