package auth

import "slices"

// Kind says what somebody showed to be let in.
type Kind string

const (
	KindSession Kind = "session" // a person who signed in
	KindToken   Kind = "token"   // a program with an API token
	KindCommand Kind = "command" // whoever runs commands on the server's machine
)

// Principal is who is asking. The zero value is nobody and may do nothing.
type Principal struct {
	Kind  Kind
	Name  string // the login, or the token's name; authors and owners are named by it
	Role  Role
	Only  []Permission // where not empty, what of the role's permissions is left
	Shown string       // a person's name, to be shown

	// Queues are those whose work the rights reach, unless AllQueues.
	Queues    []string
	AllQueues bool

	From    string // the address it came from, for the audit log
	Session string // the session's id, which is no secret
	// Restricted means that a second factor must be set up before anything
	// else: May allows nothing, and only the calls about one's own account work.
	Restricted bool
}

// Can reports whether the principal has a permission.
func (p *Principal) Can(need Permission) bool {
	return !p.Restricted && p.Role.Can(need) && (len(p.Only) == 0 || slices.Contains(p.Only, need))
}

// May reports whether the principal has all that a role includes.
func (p *Principal) May(need Role) bool {
	wanted := allowed[need]
	return len(wanted) > 0 && !slices.ContainsFunc(wanted, func(w Permission) bool { return !p.Can(w) })
}

// MayQueue reports whether the rights reach a queue's work. What is in no
// queue ("") is only for those whose rights reach all.
func (p *Principal) MayQueue(queue string) bool {
	return p.AllQueues || queue != "" && slices.Contains(p.Queues, queue)
}

// Command is the principal of a command that runs on the server's machine:
// whoever can read the database's files needs no other right.
func Command(name string) Principal {
	return Principal{Kind: KindCommand, Name: name, Role: RoleAdmin, AllQueues: true}
}
