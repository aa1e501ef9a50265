package httpapi

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/store"
)

// rightsEngine is what customers' rights and identities need of the engine.
type rightsEngine interface {
	// Merge returns the id that undoes it.
	Merge(ctx context.Context, from, to domain.CustomerID, by string) (string, error)
	Unmerge(ctx context.Context, mergeID, by string) error
	Export(ctx context.Context, id domain.CustomerID) (engine.Export, error)
	Erase(ctx context.Context, id domain.CustomerID, by string) error
}

// mergeView is a merge that can be undone.
type mergeView struct {
	ID   string            `json:"id"`
	From domain.CustomerID `json:"from" doc:"Who ceased to be a customer of their own."`
	Into domain.CustomerID `json:"into"`
	At   time.Time         `json:"at"`
	By   string            `json:"by"`
}

func (a *API) registerRights() {
	const tag = "Customers"
	register(a, call{id: "list-identities", method: "GET", path: "/v1/customers/{id}/identities", need: readCustomers, tag: tag, summary: "Who writes for a customer, and the evidence",
		about: "The ETag is the customer's version, for linking and unlinking."}, a.listIdentities)
	registerOnce(a, call{id: "link-identity", method: "POST", path: "/v1/customers/{id}/identities/link", need: work, tag: tag, summary: "Vouch for an identity",
		about: "By a person who knows that it is the customer: the customer's orders and profile may be told to it from then on. One that another customer has needs a merge."},
		a.linkIdentity, a.sameIdentities)
	registerOnce(a, call{id: "unlink-identity", method: "POST", path: "/v1/customers/{id}/identities/unlink", need: work, tag: tag, summary: "Withdraw an identity's evidence",
		about: "It stays with the customer as a stranger's does, unproven: nothing is told to it any more."}, a.unlinkIdentity, a.sameIdentities)
	registerOnce(a, call{id: "ignore-identity", method: "POST", path: "/v1/customers/{id}/identities/ignore", need: supervise, tag: tag, summary: "Put an identity on the ignore list",
		about: "What it writes is set aside from then on, and nothing is sent to it. Its cases that nobody has taken end."}, a.ignoreIdentity, a.sameIdentities)
	registerOnce(a, call{id: "unignore-identity", method: "POST", path: "/v1/customers/{id}/identities/unignore", need: supervise, tag: tag, summary: "Take an identity off the ignore list",
		about: "What it writes from then on is taken in again; what was set aside is not."}, a.unignoreIdentity, a.sameIdentities)
	register(a, call{id: "list-merges", method: "GET", path: "/v1/customers/{id}/merges", need: readCustomers, tag: tag, summary: "Merges that can be undone",
		about: "Newest first."}, a.listMerges)
	registerOnce(a, call{id: "merge-customer", method: "POST", path: "/v1/customers/{id}/merge", need: erase, tag: tag, status: http.StatusCreated, summary: "Make two customers one",
		about: "The one that is named ceases to be a customer of its own; the stricter consent wins."}, a.mergeCustomer, a.sameMerge)
	registerOnce(a, call{id: "undo-merge", method: "POST", path: "/v1/merges/{id}/undo", need: erase, tag: tag, status: http.StatusNoContent, summary: "Undo a merge",
		about: "Each gets back what was theirs, and what their identities or cases have produced since. Later merges are undone first."}, a.undoMerge,
		func(context.Context, *mergeInput) (*accepted, error) { return done(), nil })
	register(a, call{id: "export-customer", method: "GET", path: "/v1/customers/{id}/export", need: erase, tag: tag, summary: "Everything that is kept about a customer",
		about: "For the customer: JSON, as a file. Of orders that are not proven to be theirs only the number is given."}, a.exportCustomer)
	registerOnce(a, call{id: "erase-customer", method: "POST", path: "/v1/customers/{id}/erase", need: erase, tag: tag, status: http.StatusNoContent, summary: "Erase a customer for good",
		about: "State, history, posts, orders, events and work items go, and what was still to be sent is canceled. It cannot be undone."}, a.eraseCustomer,
		func(context.Context, *eraseInput) (*accepted, error) { return done(), nil })
}

type identitiesOutput struct {
	ETag string `header:"ETag"`
	Body list[IdentityView]
}

func (a *API) listIdentities(ctx context.Context, in *CustomerListInput) (*identitiesOutput, error) {
	if err := in.one(); err != nil {
		return nil, err
	}
	row, snap, err := a.snapshot(ctx, &in.CustomerInput)
	if err != nil {
		return nil, err
	}
	return &identitiesOutput{etag(row.Version), list[IdentityView]{Items: viewIdentities(snap.Customer.Identities)}}, nil
}

type identityInput struct {
	CustomerInput
	VersionInput
	OnceInput
	Body struct {
		Network string `json:"network" minLength:"1" maxLength:"200"`
		Account string `json:"account,omitempty" maxLength:"200" doc:"Our account as posts carry it; missing for the only one."`
		Author  string `json:"author" minLength:"1" maxLength:"200" doc:"The author's id on the network."`
		Handle  string `json:"handle,omitempty" maxLength:"200"`
		Name    string `json:"name,omitempty" maxLength:"200"`
	}
}

func (a *API) linkIdentity(ctx context.Context, in *identityInput) (*identitiesOutput, error) {
	return a.commandIdentity(ctx, in, domain.CommandLink)
}

func (a *API) unlinkIdentity(ctx context.Context, in *identityInput) (*identitiesOutput, error) {
	return a.commandIdentity(ctx, in, domain.CommandUnlink)
}

func (a *API) ignoreIdentity(ctx context.Context, in *identityInput) (*identitiesOutput, error) {
	return a.commandIdentity(ctx, in, domain.CommandIgnore)
}

func (a *API) unignoreIdentity(ctx context.Context, in *identityInput) (*identitiesOutput, error) {
	return a.commandIdentity(ctx, in, domain.CommandUnignore)
}

func (a *API) sameIdentities(ctx context.Context, in *identityInput) (*identitiesOutput, error) {
	return a.listIdentities(ctx, &CustomerListInput{CustomerInput: in.CustomerInput})
}

func (a *API) commandIdentity(ctx context.Context, in *identityInput, kind domain.CommandKind) (*identitiesOutput, error) {
	id := domain.Identity{
		IdentityKey: domain.IdentityKey{Network: in.Body.Network, Account: in.Body.Account, Author: in.Body.Author}, Handle: domain.CleanName(in.Body.Handle), Name: domain.CleanName(in.Body.Name),
	}
	err := a.commandCustomer(ctx, &in.CustomerInput, &in.VersionInput, domain.Command{Kind: kind, Identities: []domain.Identity{id}})
	if domain.ErrorCode(err) == domain.CodeConflict {
		err = cmp.Or(a.hiddenOwner(ctx, id.IdentityKey), err)
	}
	if err != nil {
		return nil, err
	}
	return a.sameIdentities(ctx, in)
}

// hiddenOwner is the conflict about an identity of somebody out of the caller's
// reach: that it is another customer's, and not whose. nil for all others.
func (a *API) hiddenOwner(ctx context.Context, key domain.IdentityKey) error {
	return a.view(ctx, func(r store.Reader) error {
		m, err := a.matters(r, caller(ctx))
		if err != nil || m.all() {
			return err
		}
		owner, err := r.IdentityFind([]domain.IdentityKey{key})
		if err != nil || owner[0] == 0 {
			return err
		}
		seen, err := m.about(a, owner[0], "")
		if err == nil && !seen {
			err = domain.Errorf(domain.CodeConflict, "the identity %v is another customer's, out of your reach; who may merge customers joins the two if they are one person", key)
		}
		return err
	})
}

// commandCustomer has a customer's advocate decide on a command that is about
// no case.
func (a *API) commandCustomer(ctx context.Context, in *CustomerInput, v *VersionInput, c domain.Command) error {
	version, _, err := v.version()
	if err != nil {
		return err
	}
	row, _, err := a.snapshot(ctx, in)
	if err != nil {
		return err
	}
	if version != 0 && version != row.Version {
		return lost("the customer", row.Version)
	}
	c.By, c.Version = caller(ctx).Name, version
	failed := a.o.Engine.Command(ctx, row.ID, c)
	if version != 0 && domain.ErrorCode(failed) == domain.CodeConflict {
		if now, _, err := a.snapshot(ctx, in); err == nil && now.Version != version {
			return lost("the customer", now.Version) // somebody was faster
		}
	}
	return failed
}

func (a *API) listMerges(ctx context.Context, in *CustomerListInput) (*listOutput[mergeView], error) {
	if err := in.one(); err != nil {
		return nil, err
	}
	var out []mergeView
	err := a.view(ctx, func(r store.Reader) (err error) {
		row, _, err := a.customer(r, &in.CustomerInput)
		if err == nil {
			out, err = mergesOf(r, row.ID)
		}
		return err
	})
	return all(out), err
}

func mergesOf(r store.Reader, id domain.CustomerID) (out []mergeView, err error) {
	rows, err := r.MergeList(id)
	for _, m := range rows {
		out = append(out, mergeView{m.ID, m.From, m.To, m.At, m.By})
	}
	return out, err
}

type mergeCustomerInput struct {
	CustomerInput
	OnceInput
	Body struct {
		Into string `json:"into" minLength:"1" maxLength:"600" doc:"The customer that both are from now on: an id or a reference."`
	}
}

type mergeOutput struct {
	Body mergeView
}

func (a *API) mergeCustomer(ctx context.Context, in *mergeCustomerInput) (*mergeOutput, error) {
	from, _, err := a.snapshot(ctx, &in.CustomerInput)
	if err != nil {
		return nil, err
	}
	into, _, err := a.snapshot(ctx, &CustomerInput{ID: in.Body.Into, who: caller(ctx)})
	if domain.ErrorCode(err) == domain.CodeNotFound {
		return nil, domain.FieldErrorf("into", "is %.80q, and there is no such customer", in.Body.Into)
	}
	if err != nil {
		return nil, err
	}
	if from.ID == into.ID {
		return nil, domain.FieldErrorf("into", "is the same customer, %s", into.ID)
	}
	id, err := a.o.Engine.Merge(ctx, from.ID, into.ID, caller(ctx).Name)
	if err != nil {
		return nil, err
	}
	return a.findMerge(ctx, into.ID, func(m *mergeView) bool { return m.ID == id })
}

// sameMerge answers a repeat. The customer that was named is the other one now.
func (a *API) sameMerge(ctx context.Context, in *mergeCustomerInput) (*mergeOutput, error) {
	into, _, err := a.snapshot(ctx, &CustomerInput{ID: in.Body.Into, who: caller(ctx)})
	if err != nil {
		return nil, err
	}
	from, err := domain.ParseCustomerID(in.ID)
	return a.findMerge(ctx, into.ID, func(m *mergeView) bool { return err != nil || m.From == from })
}

func (a *API) findMerge(ctx context.Context, into domain.CustomerID, is func(*mergeView) bool) (*mergeOutput, error) {
	var found []mergeView
	err := a.view(ctx, func(r store.Reader) (err error) {
		found, err = mergesOf(r, into)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range found {
		if is(&found[i]) {
			return &mergeOutput{found[i]}, nil
		}
	}
	return nil, domain.Errorf(domain.CodeNotFound, "the merge has been undone since")
}

type mergeInput struct {
	ID string `path:"id" maxLength:"64" doc:"The merge's id."`
	OnceInput
}

func (a *API) undoMerge(ctx context.Context, in *mergeInput) (*accepted, error) {
	if err := a.o.Engine.Unmerge(ctx, in.ID, caller(ctx).Name); err != nil {
		return nil, err
	}
	return done(), nil
}

// exportCustomer writes part by part: what is kept of a customer of many years
// is not built as a text as well.
func (a *API) exportCustomer(ctx context.Context, in *CustomerInput) (*huma.StreamResponse, error) {
	row, _, err := a.snapshot(ctx, in)
	if err != nil {
		return nil, err
	}
	x, err := a.o.Engine.Export(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		r, w := humago.Unwrap(hctx)
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Content-Disposition", `attachment; filename="customer-`+row.ID.String()+`.json"`)
		h.Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusOK)
		if err := writeExport(w, &x); err != nil {
			a.log.DebugContext(r.Context(), "an export was not read to its end", "error", err)
		}
	}}, nil
}

// writeExport writes an export as one object.
func writeExport(w io.Writer, x *engine.Export) error {
	e := &exporter{w: w, enc: json.NewEncoder(w)}
	e.field("{", "customer", x.Customer)
	e.field(",", "at", x.At)
	e.field(",", "state", x.State)
	exportRows(e, "records", x.Records)
	exportRows(e, "cases", x.Cases)
	exportRows(e, "orders", x.Orders)
	exportRows(e, "work_items", x.WorkItems)
	exportRows(e, "effects", x.Effects)
	exportRows(e, "pending", x.Pending)
	e.text("}\n")
	return e.err
}

type exporter struct {
	w   io.Writer
	enc *json.Encoder
	err error // of the first write that failed; nothing is written after it
}

func (e *exporter) text(s string) {
	if e.err == nil {
		_, e.err = io.WriteString(e.w, s)
	}
}

func (e *exporter) field(before, name string, v any) {
	e.text(before + `"` + name + `":`)
	e.value(v)
}

func (e *exporter) value(v any) {
	if e.err == nil {
		e.err = e.enc.Encode(v)
	}
}

func exportRows[T any](e *exporter, name string, rows []T) {
	e.text(`,"` + name + `":[`)
	for i := range rows {
		if i > 0 {
			e.text(",")
		}
		e.value(rows[i])
	}
	e.text("]")
}

type eraseInput struct {
	CustomerInput
	OnceInput
	Body struct {
		Confirm string `json:"confirm" minLength:"1" maxLength:"600" doc:"The customer's id once more, as it stands in the path."`
	}
}

func (a *API) eraseCustomer(ctx context.Context, in *eraseInput) (*accepted, error) {
	if in.Body.Confirm != in.ID {
		return nil, domain.FieldErrorf("confirm", "is %.80q; want the customer's id as it stands in the path", in.Body.Confirm)
	}
	row, _, err := a.snapshot(ctx, &in.CustomerInput)
	if err != nil {
		return nil, err
	}
	if err := a.o.Engine.Erase(ctx, row.ID, caller(ctx).Name); err != nil {
		return nil, err
	}
	if a.o.Erased != nil {
		if err := a.o.Erased(ctx); err != nil {
			a.log.ErrorContext(ctx, "the log of erasures is not written yet; it is tried again", "error", err)
		}
	}
	return done(), nil
}
