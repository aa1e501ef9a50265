package playbook

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Playbook is a compiled, immutable set of rules and messages together with
// the policy it was compiled under. It is safe for concurrent use.
type Playbook struct {
	name      string
	hash      string
	policy    domain.Policy
	rules     []*Rule
	index     *index
	templates map[string]*template
	asks      []ComponentUse
	csat      *CSAT // nil: nobody is asked
}

// ComponentUse is a place where a playbook names a component: it asks it, or
// waits for its answer.
type ComponentUse struct {
	Name         string
	Line, Column int
}

// UnknownComponents finds the components that a playbook names and that nobody
// has, in file order. known are those there are; the built-in ones need not be
// among them. A playbook does not know its configuration: whoever has both
// asks. The error, if any, is Problems.
func (p *Playbook) UnknownComponents(file string, known []string) error {
	known = append(slices.Clone(components), known...)
	slices.Sort(known)
	known = slices.Compact(known)
	r := &report{file: file}
	for _, use := range p.asks {
		if !slices.Contains(known, use.Name) {
			r.at(&node{line: use.Line, column: use.Column}, list(known)+", or the name of a service in the configuration",
				domain.NearestWithin(use.Name, known, 2), "there is no component %q", domain.Clip(use.Name, 60))
		}
	}
	return r.err()
}

// Compile parses, checks and compiles a playbook. name is used in problems.
// The error, if any, is Problems.
func Compile(name string, source []byte, policy domain.Policy) (*Playbook, error) {
	if name == "" {
		name = "playbook"
	}
	r := &report{file: name}
	c, err := newCompiler()
	if err != nil {
		return nil, err
	}
	root := parseYAML(r, source)
	if root == nil {
		return nil, r.err()
	}
	b := &builder{r: r, c: c, p: &Playbook{policy: policy, templates: map[string]*template{}}}
	b.file(root)
	if err := r.err(); err != nil {
		return nil, err
	}
	b.p.index = newIndex(b.p.rules)
	b.p.hash = hashOf(source, policy)
	return b.p, nil
}

func (b *builder) file(root *node) {
	if !b.r.isMap(root, "the file") {
		return
	}
	b.r.keys(root, "a playbook", "playbook", "csat", "rules", "templates")
	if n := root.get("playbook"); n == nil {
		b.r.at(root, `"playbook:" and its name`, "", "the playbook has no name")
	} else {
		b.p.name = b.r.argWord(n, "playbook", nil)
	}
	if n := root.get("csat"); n != nil && n.kind != nullNode {
		b.csat(n)
	}
	if n := root.get("templates"); n != nil && n.kind != nullNode {
		b.templates(n)
	}
	if n := root.get("rules"); n == nil || n.kind == nullNode {
		b.r.at(root, `"rules:" and a list`, "", "the playbook has no rules")
	} else {
		b.rules(n)
	}
	b.checkReplies()
}

// hashOf digests source and policy. encoding/json sorts map keys.
func hashOf(source []byte, policy domain.Policy) string {
	h := sha256.New()
	p, _ := json.Marshal(policy)
	fmt.Fprintf(h, "%d\n%d\n", len(source), len(p))
	h.Write(source)
	h.Write(p)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Name is the playbook's own name.
func (p *Playbook) Name() string { return p.name }

// Hash digests source and policy; equal hashes decide equally.
func (p *Playbook) Hash() string { return p.hash }

// Policy returns the policy it was compiled under; the caller must not change it.
func (p *Playbook) Policy() *domain.Policy { return &p.policy }

// Rules returns the rules that listen to a trigger, in file order; the caller
// must not change the list. Triggers are "post", "post.edited",
// "post.deleted", "answer.<component>", "reminder.<name>", "promise.broken",
// "reply.failed", "rated", "workitem.created", "workitem.<state>", "verified" and
// event types; a rule's "on" may end in "*".
func (p *Playbook) Rules(trigger string) []*Rule { return p.index.rules(p.rules, trigger) }

// AllRules returns every rule in file order; the caller must not change the list.
func (p *Playbook) AllRules() []*Rule { return p.rules }

// template finds a message: the playbook's own, else the engine's.
func (p *Playbook) template(name string) *template {
	if t := p.templates[name]; t != nil {
		return t
	}
	return engineTemplates()[name]
}

// Rendered is a message as it will be sent.
type Rendered struct {
	Text     string
	Lang     string   // the language it was found in
	Orders   []string // order ids whose details it used; proof is needed for each
	Personal bool     // it used a field that is not marked public
	Due      bool     // it names the view's due time
}

// Render renders a template in the best language for lang: lang itself, its
// base language, the policy's default, English, then the first. Optional
// engine templates (see EngineTemplates) have built-in texts that a playbook
// may replace. An unproven identity's message sees nothing of the customer's
// profile: those fields are empty, and the name is the one the network shows.
func (p *Playbook) Render(template, lang string, v *View) (Rendered, error) {
	t := p.template(template)
	if t == nil {
		return Rendered{}, fmt.Errorf("there is no template %q", domain.Clip(template, 60))
	}
	lang, m := t.pick(lang, p.policy.DefaultLang)
	r, err := m.render(v, lang, p.policy.Company)
	if err != nil {
		return Rendered{}, fmt.Errorf("template %s: %w", template, err)
	}
	return r, nil
}

// Public reports whether a template is meant for everybody to read, and was
// checked to be fit for it.
func (p *Playbook) Public(template string) bool {
	t := p.template(template)
	return t != nil && (t.public || publicEngineTemplates[template])
}

// NeedsOrder reports, without rendering, whether a template uses fields of
// the order in focus or of the orders component's answer in any language. A
// template that reads event.* needs an order only where the event names one:
// that is seen when it is rendered, in Rendered.Orders.
func (p *Playbook) NeedsOrder(template string) bool {
	t := p.template(template)
	if t == nil {
		return false
	}
	for _, m := range t.texts {
		for _, u := range m.uses {
			if aboutOrder(u) {
				return true
			}
		}
	}
	return false
}

// EngineTemplates are the messages the engine itself sends. A playbook may
// define templates with these names.
var EngineTemplates = []string{
	"verify", "verify-again", "verify-failed", "verify-later", "verified", "void-public", "invite-private", "no-private", "no-private-danger", "ask-number",
	"promise-broken", "handed-over", "stopped", "closing", "closing-order", "closing-written", "person-soon", "call-missed", "number-thanks",
	"verify-why", "verify-void", "no-call", "call-moved", "call-time-closed", "call-stands", "number-again", "rating-ask", "rating-thanks", "agreed",
}

// publicEngineTemplates go out in public, so that a playbook that replaces
// one may use public fields only.
var publicEngineTemplates = map[string]bool{"void-public": true, "invite-private": true, "no-private": true, "no-private-danger": true}

//go:embed engine.yaml
var engineSource []byte

// engineTemplates are the built-in texts, read once. They are ours: a mistake
// in them is a programming error, and a test reads them.
var engineTemplates = sync.OnceValue(func() map[string]*template {
	r := &report{file: "engine.yaml"}
	c, err := newCompiler()
	if err != nil {
		panic(err)
	}
	b := &builder{r: r, c: c, p: &Playbook{policy: domain.DefaultPolicy(), templates: map[string]*template{}}}
	if root := parseYAML(r, engineSource); root != nil {
		b.templates(root.get("templates"))
	}
	if err := r.err(); err != nil {
		panic(err)
	}
	return b.p.templates
})

//go:embed default.yaml
var defaultSource []byte

// Default returns the source of the playbook that a new installation starts
// with. The caller may change the copy.
func Default() []byte { return append([]byte(nil), defaultSource...) }
