package httpapi

import (
	"context"
	"slices"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// reach is whose work a caller may see and move. An agent's is their own
// queues, what is offered to them and what they hold; a supervisor's the queues
// of their rights; everybody else's too, for reading.
type reach struct {
	who  auth.Principal
	self *domain.Agent // the agent that the caller is, nil for none
}

// reachOf reads what a caller's reach depends on.
func reachOf(r store.Reader, who auth.Principal) (*reach, error) {
	docs, err := r.DocumentGet(store.AgentKind, []string{who.Name})
	if err != nil {
		return nil, err
	}
	self, err := store.AgentOf(docs[0])
	if err != nil {
		return nil, err
	}
	x := &reach{who: who}
	if self.ID != "" {
		x.self = &self
	}
	return x, nil
}

func (a *API) reach(ctx context.Context) (x *reach, err error) {
	err = a.view(ctx, func(r store.Reader) error {
		x, err = reachOf(r, caller(ctx))
		return err
	})
	return x, err
}

// confined is who works and does not look after others' work, and is known as
// an agent: their own queues are all that they see. A program with an agent's
// token that is no agent goes by its token alone.
func (x *reach) confined() bool {
	return x.self != nil && x.who.Can(auth.Work) && !x.who.Can(auth.Supervise)
}

// all reports whether nothing is out of reach.
func (x *reach) all() bool { return x.who.AllQueues && !x.confined() }

func (x *reach) queue(name string) bool {
	return x.who.MayQueue(name) && (!x.confined() || slices.Contains(x.self.Queues, name))
}

// item reports whether a work item may be seen. What is somebody's stays
// theirs, whatever queue it came from.
func (x *reach) item(w *domain.WorkItem) bool {
	return x.queue(w.Queue) || x.who.Can(auth.Work) && (w.Holder() == x.who.Name || w.For == x.who.Name)
}

// agent reports whether an agent may be seen: somebody of one's own queues.
func (x *reach) agent(a *domain.Agent) bool {
	return x.all() || a.ID == x.who.Name || slices.ContainsFunc(a.Queues, x.queue)
}

// over reports whether the caller may move what others of a queue hold.
func (x *reach) over(queue string) bool { return x.who.Can(auth.Supervise) && x.who.MayQueue(queue) }

// sees is item as an error: what is out of reach is not there.
func (x *reach) sees(w *domain.WorkItem) error {
	if x.item(w) {
		return nil
	}
	return noWorkItem(w.ID)
}

// mayMove says in time, and as a matter of rights, what the engine would say as
// a conflict: that a work item is somebody else's, or kept for them. The engine
// judges it again within its transaction. Whether the item can be moved there at
// all is the engine's to say.
func (x *reach) mayMove(w *domain.WorkItem, kind domain.CommandKind) error {
	if err := x.sees(w); err != nil {
		return err
	}
	if w.State.Final() || x.over(w.Queue) && kind != domain.CommandWrap && kind != domain.CommandSnooze && kind != domain.CommandCall {
		return nil
	}
	me, holder := x.who.Name, w.Holder()
	switch {
	case holder != "" && holder != me && w.State == domain.WorkReserved:
		return domain.Errorf(domain.CodeForbidden, "the work item is offered to %s", holder)
	case holder != "" && holder != me:
		return domain.Errorf(domain.CodeForbidden, "the work item is %s's", holder)
	case holder == "" && w.For != "" && w.For != me:
		return domain.Errorf(domain.CodeForbidden, "the work item waits for %s", w.For)
	case kind == domain.CommandRaise:
		return domain.Errorf(domain.CodeForbidden, "only a supervisor of the queue %q raises its work items", w.Queue)
	case holder == "" && (kind == domain.CommandTransfer || kind == domain.CommandExpert):
		return domain.Errorf(domain.CodeForbidden, "take the work item first, or ask a supervisor")
	}
	return nil
}
