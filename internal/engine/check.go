package engine

import "github.com/contact-advocate/advocate/internal/playbook"

// PlaybookCheck compiles a playbook under the policy in force and keeps
// nothing. An error is playbook.Problems.
func (e *Engine) PlaybookCheck(name string, source []byte) (*playbook.Playbook, error) {
	return playbook.Compile(name, source, e.policy)
}
