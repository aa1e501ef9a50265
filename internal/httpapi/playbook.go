package httpapi

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/store"
)

// playbookView is a published version.
type playbookView struct {
	Version     int64     `json:"version"`
	Name        string    `json:"name" doc:"Where it comes from: a file's name, or what its publisher gave."`
	Title       string    `json:"title,omitempty" doc:"The name that its text gives it."`
	BuiltIn     bool      `json:"built_in,omitempty" doc:"Its text is the one that this version of the server begins with."`
	Hash        string    `json:"hash" doc:"Of source and policy: equal hashes decide equally."`
	At          time.Time `json:"at"`
	By          string    `json:"by,omitempty"`
	Active      bool      `json:"active"`
	ActivatedAt time.Time `json:"activated_at,omitzero"`
	ActivatedBy string    `json:"activated_by,omitempty"`
	Source      string    `json:"source,omitempty" doc:"The YAML; not in lists."`
}

func viewPlaybook(p store.PlaybookRow) playbookView {
	own, builtIn := playbook.NameOf(p.Source), bytes.Equal(p.Source, playbook.Default())
	return playbookView{p.Version, p.Name, own, builtIn, p.Hash, p.At, p.By, p.Active, p.ActivatedAt, p.ActivatedBy, string(p.Source)}
}

type playbookOutput struct {
	Body playbookView
}

func (a *API) registerPlaybooks() {
	const tag = "Playbooks"
	register(a, call{id: "list-playbooks", method: "GET", path: "/v1/playbooks", need: readSetup, tag: tag, summary: "Published versions",
		about: "Newest first, at most 500, without their sources."}, a.listPlaybooks)
	register(a, call{id: "get-active-playbook", method: "GET", path: "/v1/playbooks/active", need: readSetup, tag: tag,
		summary: "The version that decides now"}, a.activePlaybook)
	register(a, call{id: "get-playbook", method: "GET", path: "/v1/playbooks/{version}", need: readSetup, tag: tag, summary: "A version"}, a.getPlaybook)
	register(a, call{id: "publish-playbook", method: "POST", path: "/v1/playbooks", need: configure, tag: tag, status: http.StatusCreated,
		maxBody: maxSourceBody, summary: "Publish a version",
		about: "It is compiled first: a broken one is refused with every mistake and its line. It decides nothing until it is activated."}, a.publishPlaybook)
	register(a, call{id: "activate-playbook", method: "POST", path: "/v1/playbooks/{version}/activate", need: configure, tag: tag,
		summary: "Let a version decide"}, a.activatePlaybook)
}

func (a *API) listPlaybooks(ctx context.Context, _ *struct{}) (*listOutput[playbookView], error) {
	var out []playbookView
	err := a.view(ctx, func(r store.Reader) error {
		out = nil
		rows, err := r.PlaybookList(maxPage)
		for _, p := range rows {
			v := viewPlaybook(p)
			v.Source = ""
			out = append(out, v)
		}
		return err
	})
	return all(out), err
}

// readPlaybook reads one version; the error for a missing one is missing.
func (a *API) readPlaybook(ctx context.Context, read func(store.Reader) (store.PlaybookRow, error), missing string) (*playbookOutput, error) {
	var row store.PlaybookRow
	err := a.view(ctx, func(r store.Reader) (err error) {
		row, err = read(r)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil, domain.Errorf(domain.CodeNotFound, "%s", missing)
	}
	if err != nil {
		return nil, err
	}
	return &playbookOutput{viewPlaybook(row)}, nil
}

func (a *API) activePlaybook(ctx context.Context, _ *struct{}) (*playbookOutput, error) {
	return a.readPlaybook(ctx, store.Reader.PlaybookActive, "no playbook is active yet")
}

type versionInput struct {
	Version int64 `path:"version" minimum:"1"`
}

func (a *API) getPlaybook(ctx context.Context, in *versionInput) (*playbookOutput, error) {
	return a.readPlaybook(ctx, func(r store.Reader) (store.PlaybookRow, error) { return r.PlaybookGet(in.Version) }, "there is no such version")
}

type publishInput struct {
	Body struct {
		Name     string `json:"name" minLength:"1" maxLength:"128" doc:"Where it comes from: the file's name in messages."`
		Source   string `json:"source" minLength:"1" doc:"The YAML."`
		Activate bool   `json:"activate,omitempty" doc:"Let it decide at once."`
	}
}

func (a *API) publishPlaybook(ctx context.Context, in *publishInput) (*playbookOutput, error) {
	by := caller(ctx).Name
	version, err := a.o.Engine.PlaybookPublish(ctx, in.Body.Name, []byte(in.Body.Source), by)
	if err != nil {
		return nil, err
	}
	if in.Body.Activate {
		if err := a.o.Engine.PlaybookActivate(ctx, version, by); err != nil {
			return nil, err
		}
	}
	return a.getPlaybook(ctx, &versionInput{version})
}

func (a *API) activatePlaybook(ctx context.Context, in *versionInput) (*playbookOutput, error) {
	if err := a.o.Engine.PlaybookActivate(ctx, in.Version, caller(ctx).Name); err != nil {
		return nil, err
	}
	return a.getPlaybook(ctx, in)
}
