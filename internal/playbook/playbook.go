package playbook

import (
	"github.com/contact-advocate/advocate/internal/domain"
)

// Playbook is a compiled, immutable set of rules and messages together with
// the policy it was compiled under. It is safe for concurrent use.
type Playbook struct {
	// filled in by Compile
}

// Compile parses, checks and compiles a playbook. name is used in problems.
// The error, if any, is Problems.
func Compile(name string, source []byte, policy domain.Policy) (*Playbook, error) { panic("todo") }

// Name is the playbook's own name.
func (p *Playbook) Name() string { panic("todo") }

// Hash digests source and policy; equal hashes decide equally.
func (p *Playbook) Hash() string { panic("todo") }

// Policy returns the policy it was compiled under; the caller must not change it.
func (p *Playbook) Policy() *domain.Policy { panic("todo") }

// Rules returns the rules that listen to a trigger, in file order. Triggers
// are "post", "post.edited", "post.deleted", "answer.<component>",
// "reminder.<name>", "promise.broken", "reply.failed", "workitem.<state>"
// and event types; a rule's "on" may end in "*".
func (p *Playbook) Rules(trigger string) []*Rule { panic("todo") }

// Rule is one compiled rule.
type Rule struct {
	Name string
	Line int
	When string // source text of its condition, "" for always
	Once string // "", "case"
	// private: compiled condition and steps
}

// Eval evaluates the condition. values are given when it is true: each
// comparison or call of its top-level conjunction and what it came to.
func (r *Rule) Eval(v *View) (fires bool, values []domain.Value, err error) { panic("todo") }

// Steps is how many actions the rule has.
func (r *Rule) Steps() int { panic("todo") }

// Resolve evaluates the arguments of one step. An argument that cannot be
// evaluated is an error that names it; the step is then skipped.
func (r *Rule) Resolve(step int, v *View) (Action, error) { panic("todo") }

// Rendered is a message as it will be sent.
type Rendered struct {
	Text     string
	Lang     string   // the language it was found in
	Orders   []string // order ids whose details it used; proof is needed for each
	Personal bool     // it used a field that is not marked public
}

// Render renders a template in the best language for lang: lang itself, its
// base language, the policy's default, English, then the first. Optional
// engine templates (see EngineTemplates) have built-in texts that a playbook
// may replace.
func (p *Playbook) Render(template, lang string, v *View) (Rendered, error) { panic("todo") }

// NeedsOrder reports, without rendering, whether a template uses fields of
// the order in focus or of an answer or event about an order.
func (p *Playbook) NeedsOrder(template string) bool { panic("todo") }

// EngineTemplates are the messages the engine itself sends. A playbook may
// define templates with these names.
var EngineTemplates = []string{
	"verify", "verify-again", "verify-failed", "verified", "void-public", "invite-private", "ask-number",
	"promise-broken", "handed-over", "stopped", "closing", "person-soon", "call-missed",
}
