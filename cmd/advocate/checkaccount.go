package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/config"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/social"
)

// networks makes each network without asking it anything.
func (k *checker) networks(file string, c *config.Config) {
	if c.AllowPrivate {
		c.Networks.AllowPrivate()
	}
	hooks := map[string]string{}
	for _, x := range c.Sources {
		hooks[x.Name] = "a source"
	}
	accounts := networkAccounts(c)
	for i := range accounts { // one at a time: an error each
		_, err := accounts[i].network(hooks, func(*networkAccount) (social.Kit, *latterState) {
			s := &latterState{make: func(social.Network) social.Claimer { return nil }}
			return social.Kit{State: s, Log: discardLog()}, s
		})
		k.account(file, c, accounts[i].Path(), err)
	}
}

// account tells all mistakes of an account, each where its key stands.
func (k *checker) account(file string, c *config.Config, account string, err error) {
	var m *social.Mistakes
	if !errors.As(err, &m) {
		k.add(file, err)
		return
	}
	for _, x := range m.All {
		path := account + "." + x.Key
		if !k.told(account, path, x.Key) {
			k.problems = append(k.problems, playbook.Problem{File: file, Line: c.LineOf(path), What: path + " " + x.Is, Expected: x.Want})
		}
	}
}

// told reports that something was said of a key that what is wrong with its
// value follows from: it could not be read, is spelled otherwise, or the whole
// account is something else.
func (k *checker) told(account, path, key string) bool {
	return slices.ContainsFunc(k.problems, func(p playbook.Problem) bool {
		return strings.HasPrefix(p.What, path+" ") || strings.HasPrefix(p.What, path+":") ||
			p.DidYouMean == key && strings.HasPrefix(p.What, "unknown key \""+account+".") ||
			p.Expected == "a map of keys" && strings.HasPrefix(p.What, account+" ")
	})
}
