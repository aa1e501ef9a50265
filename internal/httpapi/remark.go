package httpapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
)

// remarkEngine is what looking at a case before one acts needs of the engine.
type remarkEngine interface {
	ReplyPreview(ctx context.Context, caseID, text string, v domain.Visibility, by string, take bool) ([]engine.Objection, error)
	TalkingPoints(ctx context.Context, w *domain.WorkItem) ([]engine.Point, error)
}

func (a *API) registerRemarks() {
	const tag = "Cases"
	a.registerKeep()
	registerOnce(a, call{id: "note-case", method: "POST", path: "/v1/cases/{id}/notes", need: work, tag: tag, status: http.StatusCreated, summary: "Write a note",
		about: "Into the customer's history; the customer does not see it. On any case, whoever has it."}, a.noteCase, a.sameCase)
	registerOnce(a, call{id: "correct-case", method: "POST", path: "/v1/cases/{id}/intent", need: work, tag: tag, summary: "Say what a case is about",
		about: "Whatever was understood. The case's newest post is kept as a label that the understanding can be measured and trained with; see GET /v1/labels. " +
			"The ETag of the answer is of what the case is about, as it was said: sent back as If-Match, it undoes this word and nobody's later one."}, a.correctCase, a.sameCorrected)
	register(a, call{id: "preview-reply", method: "POST", path: "/v1/cases/{id}/reply/preview", need: work, tag: tag, summary: "What stands against a reply",
		about: "By the nets that hold when it is sent: whether it would say in public what is for the customer alone, whether the case is yours, and what the network cannot do. Nothing is sent."}, a.previewReply)
	register(a, call{id: "get-talking-points", method: "GET", path: "/v1/work-items/{id}/talking-points", need: readCustomers, tag: "Work items", summary: "What to know before a call",
		about: "From the facts: where the orders stand, what was promised and said, how the customer feels. The weightiest first, at most 12."}, a.talkingPoints)
}

type noteInput struct {
	CaseInput
	OnceInput
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"4000"`
	}
}

func (a *API) noteCase(ctx context.Context, in *noteInput) (*caseOutput, error) {
	return a.commandCase(ctx, in.ID, domain.Command{Kind: domain.CommandNote, Note: in.Body.Text})
}

func (a *API) sameCase(ctx context.Context, in *noteInput) (*caseOutput, error) {
	return a.getCase(ctx, &in.CaseInput)
}

type correctInput struct {
	CaseInput
	VersionInput
	OnceInput
	Body struct {
		Intent domain.Intent `json:"intent" minLength:"1" maxLength:"40" doc:"order_status, item_problem, refund_return, cancel_change, billing, account_access, technical, service_complaint, praise, question, legal_safety, chatter, spam or unclear."`
	}
}

type correctedOutput struct {
	ETag string `header:"ETag"`
	Body CaseView
}

func (o *correctedOutput) shows() []shown { return []shown{o.Body} }

func (a *API) correctCase(ctx context.Context, in *correctInput) (*correctedOutput, error) {
	version, _, err := in.version()
	if err != nil {
		return nil, err
	}
	out, err := a.commandCase(ctx, in.ID, domain.Command{Kind: domain.CommandIntent, Intent: in.Body.Intent, Version: version})
	if version != 0 && domain.ErrorCode(err) == domain.CodeConflict {
		is, ferr := a.findCase(ctx, in.ID)
		if ferr != nil {
			return nil, ferr
		}
		if domain.IntentVersion(is.ID, is.Intent) != version {
			return nil, conditionProblem(http.StatusPreconditionFailed, codeLost, "what the case is about has changed since it was read: it is "+string(is.Intent))
		}
	}
	if err != nil {
		return nil, err
	}
	return in.corrected(out), nil
}

// corrected answers with the version of what was said, which may be another's
// word by now.
func (in *correctInput) corrected(c *caseOutput) *correctedOutput {
	return &correctedOutput{etag(domain.IntentVersion(c.Body.ID, in.Body.Intent)), c.Body}
}

func (a *API) sameCorrected(ctx context.Context, in *correctInput) (*correctedOutput, error) {
	c, err := a.getCase(ctx, &in.CaseInput)
	if err != nil {
		return nil, err
	}
	return in.corrected(c), nil
}

// previewInput is a reply without what sends it.
type previewInput struct {
	CaseInput
	Body struct {
		Text       string            `json:"text" minLength:"1" maxLength:"4000"`
		Visibility domain.Visibility `json:"visibility,omitempty" enum:"public,private" doc:"private if missing."`
		Take       bool              `json:"take,omitempty" doc:"The reply is to take the case: that nobody has taken it stands against nothing."`
	}
}

type previewOutput struct {
	Body replyPreview
}

type replyPreview struct {
	Sends      bool               `json:"sends" doc:"Nothing blocks it."`
	Objections []engine.Objection `json:"objections"`
}

func (a *API) previewReply(ctx context.Context, in *previewInput) (*previewOutput, error) {
	p, err := a.preview(ctx, in.ID, in.Body.Text, in.Body.Visibility, in.Body.Take)
	if err != nil {
		return nil, err
	}
	return &previewOutput{*p}, nil
}

func (a *API) preview(ctx context.Context, id, text string, v domain.Visibility, take bool) (*replyPreview, error) {
	if _, err := a.findCase(ctx, id); err != nil {
		return nil, err
	}
	if v == "" {
		v = domain.Private
	}
	against, err := a.o.Engine.ReplyPreview(ctx, id, text, v, caller(ctx).Name, take)
	if err != nil {
		return nil, err
	}
	p := &replyPreview{Sends: true, Objections: []engine.Objection{}}
	for _, o := range against {
		p.Objections = append(p.Objections, o)
		p.Sends = p.Sends && !o.Blocks
	}
	return p, nil
}

// refused is why a reply would not leave though its case is the caller's: what
// the engine does not refuse by itself, since it is seen when the text is.
func (p *replyPreview) refused() error {
	var why []string
	for _, o := range p.Objections {
		if o.Blocks && o.Code == "personal" {
			why = append(why, o.Text)
		}
	}
	if len(why) == 0 {
		return nil
	}
	return domain.FieldErrorf("text", "is not sent: %s Write it so that it says nothing of the customer's, or send it privately", strings.Join(why, " "))
}

type pointsOutput struct {
	Body list[engine.Point]
}

func (a *API) talkingPoints(ctx context.Context, in *WorkItemInput) (*pointsOutput, error) {
	w, _, err := a.seenWorkItem(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	points, err := a.o.Engine.TalkingPoints(ctx, &w)
	if err != nil {
		return nil, err
	}
	return &pointsOutput{list[engine.Point]{Items: append([]engine.Point{}, points...)}}, nil
}
