package httpapi

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
	"github.com/contact-advocate/advocate/internal/social/sandbox"
	"github.com/contact-advocate/advocate/internal/store"
)

// DemoCustomer is somebody the sandbox page offers to be.
type DemoCustomer struct {
	Handle    string      `json:"handle"`
	Name      string      `json:"name"`
	About     string      `json:"about,omitempty" doc:"Who that is, in a sentence."`
	AboutSaid []said.Part `json:"about_said,omitempty" doc:"The sentence of about."`
	Known     bool        `json:"known,omitempty" doc:"The company knows this handle as its customer."`
	Orders    []DemoOrder `json:"orders,omitempty"`
	Samples   []string    `json:"samples,omitempty" doc:"Posts to begin with."`
}

// DemoOrder is an order of the sample company.
type DemoOrder struct {
	ID     string             `json:"id"`
	Status domain.OrderStatus `json:"status"`
	Reason string             `json:"reason,omitempty" doc:"As the company's system gives it."`
}

type sandboxInfo struct {
	Company   string         `json:"company" doc:"The company's name."`
	Handle    string         `json:"handle" doc:"The handle the company answers under."`
	Inside    bool           `json:"inside" doc:"The page may show what the advocate knows."`
	Customers []DemoCustomer `json:"customers"`
	Reasons   []said.Part    `json:"reasons,omitempty" doc:"Why orders of the sample company are late or have ended: the text as an order has it, with its code. Of other companies these are their own words."`
}

type sandboxInfoOutput struct {
	Body sandboxInfo
}

// SandboxPost is a post of the sandbox network.
type SandboxPost struct {
	sandbox.Post
	ReasonSaid []said.Part `json:"reason_said,omitempty" doc:"The sentences of the reason."`
}

func viewSandboxPost(p sandbox.Post) SandboxPost { return SandboxPost{p, said.Refusal(p.Reason)} }

type sandboxPostOutput struct {
	Status int
	Body   SandboxPost
}

func (a *API) registerSandbox() {
	const tag = "Sandbox network"
	register(a, call{id: "sandbox-info", method: "GET", path: "/v1/sandbox", need: sandboxy, tag: tag, summary: "The built-in network",
		about: "Open without a token: to this machine while it is on by itself, to everybody who can reach it where the configuration has it on; off by itself once a real network is configured."}, a.sandboxInfo)
	register(a, call{id: "sandbox-timeline", method: "GET", path: "/v1/sandbox/timeline", need: sandboxy, tag: tag, stream: true,
		summary: "Posts by change",
		about: "Without after: the newest. With it: what was posted, edited or deleted since, oldest change first. With wait it answers " +
			"when something changes. next is what to pass as after."}, a.sandboxTimeline)
	register(a, call{id: "sandbox-post", method: "POST", path: "/v1/sandbox/posts", need: sandboxy, tag: tag, status: http.StatusCreated,
		summary: "Post as a customer",
		about: "Under any handle. 201: the advocate's side has it, or refused it (delivery says which). 202: it is kept and will be " +
			"delivered in its turn; reason says what is in the way."}, a.sandboxPost)
	register(a, call{id: "sandbox-edit", method: "PUT", path: "/v1/sandbox/posts/{id}", need: sandboxy, tag: tag, summary: "Edit a post"}, a.sandboxEdit)
	register(a, call{id: "sandbox-delete", method: "DELETE", path: "/v1/sandbox/posts/{id}", need: sandboxy, tag: tag, summary: "Delete a post"}, a.sandboxDelete)
	register(a, call{id: "sandbox-thread", method: "GET", path: "/v1/sandbox/posts/{id}/thread", need: sandboxy, tag: tag,
		summary: "A conversation", about: "As a handle sees it, oldest post first."}, a.sandboxThread)
	register(a, call{id: "sandbox-staff-post", method: "POST", path: "/v1/sandbox/staff-posts", need: work, tag: tag, status: http.StatusCreated,
		summary: "Write as the company's own people", about: "Past the advocate, as staff would in a network's own app: the case is then taken for a person."}, a.sandboxStaff)
}

func (a *API) sandboxInfo(context.Context, *struct{}) (*sandboxInfoOutput, error) {
	out := &sandboxInfoOutput{sandboxInfo{Company: a.o.Company, Handle: a.o.Sandbox.Company(), Inside: a.o.DemoInside, Customers: a.o.Demo}}
	if out.Body.Company == "" {
		out.Body.Company = a.o.Sandbox.Company()
	}
	if out.Body.Customers == nil {
		out.Body.Customers = []DemoCustomer{}
		return out, nil
	}
	for _, s := range said.DemoReasons {
		out.Body.Reasons = append(out.Body.Reasons, s.Say(time.UTC))
	}
	return out, nil
}

type timelineInput struct {
	As     string `query:"as" maxLength:"400" doc:"Read as this handle, or as up to eight with commas between them: their private messages are included."`
	Handle string `query:"handle" maxLength:"400" doc:"Another name of as."`
	After  int64  `query:"after" minimum:"0" doc:"The next of the answer before."`
	Thread string `query:"thread" maxLength:"64" doc:"Only this conversation."`
	Wait   int    `query:"wait" minimum:"0" maximum:"30" doc:"With after: seconds to wait for something to change."`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"100"`
}

func (a *API) sandboxTimeline(ctx context.Context, in *timelineInput) (*listOutput[SandboxPost], error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if in.Wait > 0 {
		defer a.o.Metrics.StreamOpened()()
		// a server that shuts down does not wait for those who wait
		go func() {
			select {
			case <-a.closing:
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	tl, err := a.o.Sandbox.Timeline(ctx, sandbox.TimelineParams{
		As: cmp.Or(in.As, in.Handle), After: in.After, Thread: in.Thread, Limit: in.Limit, Wait: time.Duration(in.Wait) * time.Second,
	})
	if err != nil {
		return nil, a.sandboxError(ctx, err)
	}
	out := all(viewed(tl.Items, viewSandboxPost))
	out.Body.Next = strconv.FormatInt(tl.Next, 10)
	return out, nil
}

// sandboxError makes an answer of an error of the sandbox network. What is no
// mistake of the caller's comes from its file: a full or a broken disk.
func (a *API) sandboxError(ctx context.Context, err error) error {
	var known *domain.Error
	if errors.As(err, &known) || ctx.Err() != nil {
		return err
	}
	a.log.WarnContext(ctx, "the sandbox network's file", "error", err)
	return &domain.Error{Code: domain.CodeUnavailable, Message: "the sandbox network cannot use its file; is the disk full?", RetryAfter: sandboxRetry, Cause: err}
}

const sandboxRetry = 30 * time.Second

// answerPost says by its status whether the advocate's side has the post.
func (a *API) answerPost(ctx context.Context, p sandbox.Post, err error, status int) (*sandboxPostOutput, error) {
	if err != nil {
		return nil, a.sandboxError(ctx, err)
	}
	if p.Delivery == sandbox.Waiting {
		status = http.StatusAccepted
	}
	return &sandboxPostOutput{status, viewSandboxPost(p)}, nil
}

type sandboxPostInput struct {
	Body struct {
		Handle      string            `json:"handle" minLength:"1" maxLength:"64"`
		Name        string            `json:"name,omitempty" maxLength:"200"`
		Text        string            `json:"text" minLength:"1" doc:"At most 4 KiB."`
		Visibility  domain.Visibility `json:"visibility,omitempty" enum:"public,private" doc:"That of the post it answers if missing, else public."`
		InReplyTo   string            `json:"in_reply_to,omitempty" maxLength:"64"`
		Lang        string            `json:"lang,omitempty" maxLength:"35"`
		Unaddressed bool              `json:"unaddressed,omitempty" doc:"About the company, not to it."`
	}
}

func (a *API) sandboxPost(ctx context.Context, in *sandboxPostInput) (*sandboxPostOutput, error) {
	b := &in.Body
	p, err := a.o.Sandbox.Publish(ctx, sandbox.Draft{Handle: b.Handle, Name: b.Name, Text: b.Text, Visibility: b.Visibility,
		InReplyTo: b.InReplyTo, Lang: b.Lang, Unaddressed: b.Unaddressed})
	return a.answerPost(ctx, p, err, http.StatusCreated)
}

type sandboxEditInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Handle string `json:"handle" minLength:"1" maxLength:"64" doc:"Whose post it is."`
		Text   string `json:"text" minLength:"1"`
	}
}

func (a *API) sandboxEdit(ctx context.Context, in *sandboxEditInput) (*sandboxPostOutput, error) {
	p, err := a.o.Sandbox.Edit(ctx, in.ID, in.Body.Handle, in.Body.Text)
	return a.answerPost(ctx, p, err, http.StatusOK)
}

type sandboxDeleteInput struct {
	ID     string `path:"id" maxLength:"64"`
	Handle string `query:"handle" required:"true" maxLength:"64" doc:"Whose post it is."`
}

func (a *API) sandboxDelete(ctx context.Context, in *sandboxDeleteInput) (*sandboxPostOutput, error) {
	p, err := a.o.Sandbox.Delete(ctx, in.ID, in.Handle)
	return a.answerPost(ctx, p, err, http.StatusOK)
}

type sandboxThreadInput struct {
	ID string `path:"id" maxLength:"64"`
	As string `query:"as" maxLength:"64" doc:"Read as this handle."`
}

func (a *API) sandboxThread(ctx context.Context, in *sandboxThreadInput) (*listOutput[SandboxPost], error) {
	posts, err := a.o.Sandbox.Thread(ctx, in.ID, in.As)
	if err != nil {
		return nil, err
	}
	return all(viewed(posts, viewSandboxPost)), nil
}

// mayWriteTo reports whether the customer behind a handle is within the caller's
// reach; a stranger's first case would be in the queue of what is in none.
func (a *API) mayWriteTo(ctx context.Context, handle string) error {
	handle, err := sandbox.FoldHandle(handle)
	if err != nil {
		return err
	}
	return a.view(ctx, func(r store.Reader) error {
		m, err := a.matters(r, caller(ctx))
		if err != nil || m.all() {
			return err
		}
		ids, err := r.IdentityFind([]domain.IdentityKey{{Network: sandbox.Name, Author: handle}})
		if err != nil {
			return err
		}
		ok := m.x.queue(m.fallback)
		if ids[0] != 0 {
			if ok, err = m.about(a, ids[0], ""); err != nil {
				return err
			}
		}
		if !ok {
			return domain.Errorf(domain.CodeNotFound, "nobody called %.60q is a customer of yours", handle)
		}
		return nil
	})
}

type sandboxStaffInput struct {
	Body struct {
		To         string            `json:"to" minLength:"1" maxLength:"64" doc:"The customer's handle."`
		Text       string            `json:"text" minLength:"1"`
		Visibility domain.Visibility `json:"visibility,omitempty" enum:"public,private"`
		InReplyTo  string            `json:"in_reply_to" minLength:"1" maxLength:"64"`
	}
}

func (a *API) sandboxStaff(ctx context.Context, in *sandboxStaffInput) (*sandboxPostOutput, error) {
	if a.o.Sandbox == nil {
		return nil, domain.Errorf(domain.CodeNotFound, "the sandbox network is off")
	}
	if err := a.mayWriteTo(ctx, in.Body.To); err != nil {
		return nil, err
	}
	p, err := a.o.Sandbox.Publish(ctx, sandbox.Draft{Handle: in.Body.To, Text: in.Body.Text, Visibility: in.Body.Visibility,
		InReplyTo: in.Body.InReplyTo, Staff: true})
	return a.answerPost(ctx, p, err, http.StatusCreated)
}
