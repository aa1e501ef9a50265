package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
	"github.com/contact-advocate/advocate/internal/store"
)

// CaseView is a case as others see it: what it is about and how it stands,
// without what the advocate notes for itself between two decisions.
type CaseView struct {
	CustomerID     domain.CustomerID     `json:"customer_id"`
	Name           string                `json:"name,omitempty" doc:"The customer's."`
	Handle         string                `json:"handle,omitempty" doc:"Of the identity that wrote."`
	ID             string                `json:"id"`
	State          domain.CaseState      `json:"state"`
	Outcome        string                `json:"outcome,omitempty" doc:"How it was resolved: answered, set_aside, delivered, a disposition …"`
	Reason         string                `json:"reason,omitempty" doc:"Why it was set aside or handed over."`
	ReasonSaid     []said.Part           `json:"reason_said,omitempty" doc:"The sentences of the reason."`
	Owner          string                `json:"owner,omitempty" doc:"The person who has taken it; missing while it is the advocate's."`
	Apart          bool                  `json:"apart,omitempty" doc:"The owner took it apart from any work item: it stays theirs when their work item is canceled."`
	Person         bool                  `json:"person,omitempty" doc:"A person has had a hand in it."`
	HandedOver     bool                  `json:"handed_over,omitempty" doc:"It waits for a person, taken or not."`
	Identity       domain.IdentityKey    `json:"identity" doc:"Who wrote; replies go there and nowhere else."`
	Thread         string                `json:"thread" doc:"The id of the post that began the conversation."`
	Visibility     domain.Visibility     `json:"visibility" doc:"Of the newest post."`
	Posts          []domain.CasePost     `json:"posts" doc:"Oldest first: the customer's, ours and our staff's."`
	Quote          string                `json:"quote,omitempty" doc:"The newest post's words, clipped."`
	Intent         domain.Intent         `json:"intent"`
	Topics         []domain.Topic        `json:"topics,omitempty"`
	Sentiment      domain.Sentiment      `json:"sentiment" doc:"Of the newest post that had one."`
	FirstSentiment domain.Sentiment      `json:"first_sentiment,omitempty"`
	Urgency        domain.Urgency        `json:"urgency" doc:"How soon somebody should act, as the posts were understood: low, normal or high. A work item's priority is another thing."`
	Lang           string                `json:"lang,omitempty"`
	OrderRefs      []string              `json:"order_refs,omitempty" doc:"Orders that the customer named, proven or not."`
	Trackings      []string              `json:"trackings,omitempty"`
	Phone          string                `json:"phone,omitempty" doc:"Given in private for this case, E.164."`
	CallConsent    domain.Answer         `json:"call_consent,omitempty"`
	Preferred      *domain.PreferredTime `json:"preferred,omitempty"`
	Known          []factView            `json:"known,omitempty" doc:"Answers of components, the newest of each."`
	Promises       []CasePromise         `json:"promises,omitempty"`
	WorkItems      []domain.WorkItemRef  `json:"work_items,omitempty"`
	Verify         *verifyView           `json:"verify,omitempty" doc:"A question for an order's e-mail or postcode that waits for its answer."`
	Answered       bool                  `json:"answered,omitempty" doc:"The newest post has had an answer."`
	ReplyWaits     bool                  `json:"reply_waits,omitempty" doc:"An answer of ours has not left yet: it waits for its time or its turn, for somebody's approval, or is being sent."`
	ReplyNotSent   domain.OutcomeState   `json:"reply_not_sent,omitempty" enum:"canceled,expired,failed,shadow" doc:"How the newest answer of ours ended, if it did not leave: canceled by a person or for a reason of its own, too late, refused by the network, or in shadow mode."`
	Replies        int                   `json:"replies,omitempty" doc:"Automated messages so far."`
	RepliedAt      time.Time             `json:"replied_at,omitzero" doc:"When the first answer left, ours or our staff's."`
	OpenedAt       time.Time             `json:"opened_at"`
	UpdatedAt      time.Time             `json:"updated_at"`
	ResolvedAt     time.Time             `json:"resolved_at,omitzero"`
	Reopened       int                   `json:"reopened,omitempty"`
	Deadline       time.Time             `json:"deadline,omitzero" doc:"By then the newest post has ended in something."`
	Rating         *ratingView           `json:"rating,omitempty" doc:"How it went, as the customer says; missing while nobody has asked."`
}

// CasePromise is a promise with what became of it.
type CasePromise struct {
	domain.Promise
	Heard        domain.Heard `json:"heard" enum:"told,waiting,not_told" doc:"Whether the customer knows of it. Of what waits, the message has not left; of not_told there was none, or it never left."`
	EvidenceSaid []said.Part  `json:"evidence_said,omitempty" doc:"The sentences of the evidence."`
}

func viewCasePromise(c *domain.Case) func(domain.Promise) CasePromise {
	return func(p domain.Promise) CasePromise { return CasePromise{p, c.Heard(&p), said.Of(p.Evidence)} }
}

type ratingView struct {
	AskedAt time.Time `json:"asked_at"`
	RatedAt time.Time `json:"rated_at,omitzero"`
	Score   int       `json:"score,omitempty" minimum:"1" maximum:"5" doc:"5 is best; missing if there is no answer, or one that says no number."`
	Comment string    `json:"comment,omitempty" doc:"In the customer's words."`
}

type factView struct {
	Name  string          `json:"name" doc:"The component's: orders, knowledge, notices …"`
	Key   string          `json:"key,omitempty" doc:"What it was asked for."`
	Found bool            `json:"found"`
	At    time.Time       `json:"at"`
	Data  json.RawMessage `json:"data,omitempty"`
	Error string          `json:"error,omitempty"`
}

type verifyView struct {
	Order    string    `json:"order"`
	AskedAt  time.Time `json:"asked_at"`
	Attempts int       `json:"attempts"`
	Failed   bool      `json:"failed,omitempty" doc:"No attempts are left; a person takes it from here."`
}

// waits reports whether something of ours is on its way out of a case.
func waits(c *domain.Case) bool {
	return slices.ContainsFunc(c.Unsent, func(u domain.Unsent) bool { return !u.Withdrawn })
}

// ViewCase shows a case of a customer. It shares the case's lists.
func ViewCase(customer *domain.Customer, c domain.Case) CaseView {
	out := CaseView{
		CustomerID: customer.ID, Name: customer.Name, Handle: handleOf(customer, c.Identity), ID: c.ID, State: c.State, Outcome: c.Outcome, Reason: c.Reason, ReasonSaid: said.Of(c.Reason),
		Owner: c.Owner, Apart: c.Apart, Person: c.Person, HandedOver: c.HandedOver,
		Identity: c.Identity, Thread: c.Thread, Visibility: c.Visibility, Posts: c.Posts, Quote: c.Quote,
		Intent: c.Intent, Topics: c.Topics, Sentiment: c.Sentiment, FirstSentiment: c.FirstSentiment, Urgency: c.Urgency, Lang: c.Lang,
		OrderRefs: c.OrderRefs, Trackings: c.Trackings, Phone: c.Phone, CallConsent: c.CallConsent, Preferred: c.Preferred,
		Promises: viewed(c.Promises, viewCasePromise(&c)), WorkItems: c.WorkItems, Answered: c.Answered, ReplyWaits: waits(&c), ReplyNotSent: c.NotSent, Replies: c.Replies, RepliedAt: c.RepliedAt,
		OpenedAt: c.OpenedAt, UpdatedAt: c.UpdatedAt, ResolvedAt: c.ResolvedAt, Reopened: c.Reopened, Deadline: c.Deadline,
	}
	if out.Posts == nil {
		out.Posts = []domain.CasePost{}
	}
	for _, f := range c.Known {
		v := factView{Name: f.Name, Key: f.Key, Found: f.Found, At: f.At, Error: f.Error}
		if json.Valid(f.Data) {
			v.Data = domain.WithoutProofs(f.Data)
		}
		out.Known = append(out.Known, v)
	}
	if q := c.Verify; q != nil {
		out.Verify = &verifyView{q.Order, q.AskedAt, q.Attempts, q.Failed}
	}
	if r := c.Rating; r != nil && !r.AskedAt.IsZero() {
		out.Rating = &ratingView{AskedAt: r.AskedAt, RatedAt: r.At, Score: r.Score, Comment: r.Comment}
	}
	return out
}

type CaseInput struct {
	ID string `path:"id" maxLength:"64" doc:"The case's id."`
}

type caseOutput struct {
	Body CaseView
}

func (a *API) registerCases() {
	const tag = "Cases"
	register(a, call{id: "get-case", method: "GET", path: "/v1/cases/{id}", need: readCustomers, tag: tag, summary: "A case"}, a.getCase)
	registerOnce(a, call{id: "take-case", method: "POST", path: "/v1/cases/{id}/take", need: work, tag: tag, summary: "Take a case",
		about: "From then on the advocate sends nothing to the customer; what was unsent is canceled. What another person has is taken over by naming them: " +
			"by who may supervise, or by any agent when they answered in the network's own app and are nobody here."}, a.takeCase,
		func(ctx context.Context, in *takeInput) (*caseOutput, error) { return a.getCase(ctx, &in.CaseInput) })
	a.registerConversation()
	registerOnce(a, call{id: "hand-back-case", method: "POST", path: "/v1/cases/{id}/handback", need: work, tag: tag,
		summary: "Give a case back to its advocate"}, a.handBackCase,
		func(ctx context.Context, in *handBackInput) (*caseOutput, error) {
			return a.getCase(ctx, &in.CaseInput)
		})
	registerOnce(a, call{id: "reply-in-case", method: "POST", path: "/v1/cases/{id}/reply", need: work, tag: tag,
		summary: "Write to the customer", about: "By whoever has taken the case, or takes it with the reply."}, a.replyInCase,
		func(ctx context.Context, in *replyInput) (*caseOutput, error) { return a.getCase(ctx, &in.CaseInput) })
	registerOnce(a, call{id: "close-case", method: "POST", path: "/v1/cases/{id}/close", need: work, tag: tag, summary: "End a case"}, a.closeCase,
		func(ctx context.Context, in *closeInput) (*caseOutput, error) { return a.getCase(ctx, &in.CaseInput) })
}

// findCase reads a case that the caller may see from its advocate or, when that
// has let go of it, from the store.
func (a *API) findCase(ctx context.Context, id string) (view CaseView, err error) {
	customer, kind, _, err := domain.ParseObjectID(id)
	if err != nil || kind != domain.KindCase {
		return CaseView{}, domain.FieldErrorf("id", "%.60q is not the id of a case", id)
	}
	err = a.view(ctx, func(r store.Reader) error {
		m, err := a.matters(r, caller(ctx))
		if err != nil {
			return err
		}
		nothing := domain.Errorf(domain.CodeNotFound, "there is no case %s", id)
		t, err := m.read(a, customer)
		if domain.ErrorCode(err) == domain.CodeNotFound {
			return nothing
		}
		if err != nil {
			return err
		}
		if c := t.snap.Case(id); c != nil {
			view = ViewCase(&t.snap.Customer, *c)
		} else if c, err := r.CaseGet(id); errors.Is(err, store.ErrNotFound) {
			return nothing
		} else if err != nil {
			return err
		} else {
			view = ViewCase(&t.snap.Customer, c)
		}
		if ok, err := m.concerns(t, id); err != nil || ok {
			return err
		}
		return nothing
	})
	return view, err
}

func (a *API) getCase(ctx context.Context, in *CaseInput) (*caseOutput, error) {
	v, err := a.findCase(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &caseOutput{v}, nil
}

// commandCase has the case's advocate decide on a command and returns the
// case as it is then.
func (a *API) commandCase(ctx context.Context, id string, c domain.Command) (*caseOutput, error) {
	v, err := a.findCase(ctx, id)
	if err != nil {
		return nil, err
	}
	c.Case, c.By = id, caller(ctx).Name
	if err := a.o.Engine.Command(ctx, v.CustomerID, c); err != nil {
		return nil, err
	}
	out, err := a.getCase(ctx, &CaseInput{id})
	if err == nil && out.Body.Owner != v.Owner {
		a.tellOwner(ctx, &out.Body, c.By)
	}
	return out, err
}

type takeInput struct {
	CaseInput
	OnceInput
	Body *struct {
		From string `json:"from,omitempty" maxLength:"200" doc:"The owner from whom it is taken over, as the case names them."`
	}
}

func (a *API) takeCase(ctx context.Context, in *takeInput) (*caseOutput, error) {
	c := domain.Command{Kind: domain.CommandTake}
	if in.Body != nil && in.Body.From != "" {
		c.Agent, c.Over = in.Body.From, true
		if who := caller(ctx); !who.Can(auth.Supervise) && !domain.OutsideOwner(c.Agent) {
			return nil, domain.Errorf(domain.CodeForbidden, "only who may supervise takes a case over from a colleague; ask %.60s, or a supervisor", c.Agent)
		}
	}
	return a.commandCase(ctx, in.ID, c)
}

type handBackInput struct {
	CaseInput
	OnceInput
	Body *struct {
		Note string `json:"note,omitempty" maxLength:"4000" doc:"For the history."`
	}
}

func (a *API) handBackCase(ctx context.Context, in *handBackInput) (*caseOutput, error) {
	c := domain.Command{Kind: domain.CommandHandBack}
	if in.Body != nil {
		c.Note = in.Body.Note
	}
	return a.commandCase(ctx, in.ID, c)
}

type replyInput struct {
	CaseInput
	OnceInput
	Body struct {
		Text       string            `json:"text" minLength:"1" maxLength:"4000"`
		Visibility domain.Visibility `json:"visibility,omitempty" enum:"public,private" doc:"private if missing."`
		Take       bool              `json:"take,omitempty" doc:"Takes the case with the reply, if no person has it: both are done, or neither. So a reply that is called off before it was asked for has taken nothing."`
	}
}

func (a *API) replyInCase(ctx context.Context, in *replyInput) (*caseOutput, error) {
	v := in.Body.Visibility
	if v == "" {
		v = domain.Private
	}
	p, err := a.preview(ctx, in.ID, in.Body.Text, v, in.Body.Take)
	if err != nil {
		return nil, err
	}
	if err := p.refused(); err != nil {
		return nil, err
	}
	return a.commandCase(ctx, in.ID, domain.Command{Kind: domain.CommandReply, Text: in.Body.Text, Visibility: v, Take: in.Body.Take})
}

type closeInput struct {
	CaseInput
	OnceInput
	Body struct {
		Disposition string `json:"disposition" minLength:"1" maxLength:"64" doc:"How it ended, e.g. resolved."`
		Note        string `json:"note,omitempty" maxLength:"4000"`
	}
}

func (a *API) closeCase(ctx context.Context, in *closeInput) (*caseOutput, error) {
	return a.commandCase(ctx, in.ID, domain.Command{Kind: domain.CommandClose, Disposition: in.Body.Disposition, Note: in.Body.Note})
}

// accepted is the answer to what has no more to say.
type accepted struct {
	Status int
}

func done() *accepted { return &accepted{http.StatusNoContent} }
