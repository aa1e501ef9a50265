package auth

import (
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
)

// MaxQueues is how many queues a person's or a token's rights may name.
const MaxQueues = 100

// Grant is what a token may do: a role, and how it is narrowed.
type Grant struct {
	Role   Role
	Queues []string     // none: all
	Only   []Permission // none: all that the role has
}

// String is the form that a store keeps in a token's role: the role alone, or
// followed by words such as "queue:care" and "only:work". A program that does
// not know these words takes the whole for a role that may nothing.
func (g Grant) String() string {
	out := []string{string(g.Role)}
	for _, q := range g.Queues {
		out = append(out, "queue:"+q)
	}
	for _, p := range g.Only {
		out = append(out, "only:"+string(p))
	}
	return strings.Join(out, " ")
}

// ParseGrant reads what String wrote. What it does not know is an error: a
// narrowing that was not understood must not widen.
func ParseGrant(s string) (Grant, error) {
	list := strings.Split(s, " ")
	role, err := ParseRole(list[0])
	if err != nil {
		return Grant{}, err
	}
	g := Grant{Role: role}
	for _, w := range list[1:] {
		name, value, _ := strings.Cut(w, ":")
		switch name {
		case "queue":
			g.Queues = append(g.Queues, value)
		case "only":
			g.Only = append(g.Only, Permission(value))
		default:
			return Grant{}, domain.FieldErrorf("role", "has the unknown word %.40q", w)
		}
	}
	return g, g.check()
}

// check reports what is wrong with a grant, and brings its lists in order.
func (g *Grant) check() error {
	if _, err := ParseRole(string(g.Role)); err != nil {
		return err
	}
	for _, p := range g.Only {
		if _, err := ParsePermission(string(p)); err != nil {
			return err
		}
		if !g.Role.Can(p) {
			return domain.FieldErrorf("only", "names %s, which the role %s does not have; it has %s", p, g.Role, words(allowed[g.Role]))
		}
	}
	var err error
	g.Queues, err = checkQueues(g.Queues)
	slices.Sort(g.Only)
	g.Only = slices.Compact(g.Only)
	return err
}

// checkQueues looks at names of queues that somebody typed in, and sorts them.
// Whether there is such a queue is not asked: queues come and go with the
// configuration, and a right to one that is gone reaches nothing.
func checkQueues(queues []string) ([]string, error) {
	if len(queues) > MaxQueues {
		return nil, domain.FieldErrorf("queues", "has %d entries; at most %d are kept", len(queues), MaxQueues)
	}
	out := slices.Clone(queues)
	for _, q := range out {
		if !queueName.MatchString(q) {
			return nil, domain.FieldErrorf("queues", "names %.70q; want small letters, digits, \"_\" and \"-\"", q)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
