package engine

import (
	"context"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Alone calls work on one node of the cluster at a time, whenever it is this
// one's turn, until ctx ends; name is what the work is known by in the cluster.
// The context of work ends when another node may take over, and work must end
// with it. Where no other node can be, work is simply called. It returns when
// work has.
func (e *Engine) Alone(ctx context.Context, name string, work func(context.Context)) {
	e.underLease(ctx, name, work)
}

// Policy is what decisions rest on now: the active playbook's, or, before the
// first, the operator's. It must not be changed.
func (e *Engine) Policy() *domain.Policy {
	if pb := e.Playbook(); pb != nil {
		return pb.Policy()
	}
	return &e.policy
}
