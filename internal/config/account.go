package config

import (
	"cmp"
	"fmt"

	"github.com/contact-advocate/advocate/internal/social"
)

// Account is one account on a network, as it is configured.
type Account struct {
	List   string // of the configuration: networks.LIST[Index]
	Index  int
	Place  string // file:line and key
	Label  string
	Server string // which of the list's networks it is on, where those are several
	Config any    // a connector's
	Make   func(social.Kit) (social.Network, error)

	private *bool
	whose   []whose
}

// AllowPrivate reports whether its addresses may be inside.
func (a *Account) AllowPrivate() bool { return *a.private }

// whose is a key that says whose an account is: its value in one form for all
// spellings, and what may be shown of it.
type whose struct{ key, value, shown string }

// Path is the key of an account.
func (a *Account) Path() string { return fmt.Sprintf("networks.%s[%d]", a.List, a.Index) }

// twins refuses an account that is configured twice, under two labels too:
// everybody would be answered twice. Of X and Mastodon the file says only by
// which token an account is reached.
func (d *decoder) twins(all []Account) {
	first := map[[2]string]string{} // by list and value
	for i := range all {
		a := &all[i]
		for _, w := range a.whose {
			if w.value == "" {
				continue
			}
			id := [2]string{a.List, w.value}
			was, twice := first[id]
			if !twice {
				first[id] = a.Path()
				continue
			}
			d.twin[a.Path()] = true
			where := was
			if at := d.at[was]; at != nil && at.line > 0 {
				where = fmt.Sprintf("%s in line %d", was, at.line)
			}
			d.problem(a.Path()+"."+w.key, "each account once, or everybody is answered twice", "", "is %s, as that of %s is", w.shown, where)
		}
	}
}

// serverOf is a server in one form for all spellings of its address; what is no
// address, which is told of it, stays.
func serverOf(address string) string { return cmp.Or(social.HostOf(address), address) }
