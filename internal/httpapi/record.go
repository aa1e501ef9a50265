package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

// recordView is a decision's record without what opens an order: the e-mail
// and postcode that prove it are for comparing, never for reading.
type recordView struct {
	Customer domain.CustomerID  `json:"customer_id"`
	Version  int64              `json:"version"`
	At       time.Time          `json:"at"`
	Playbook string             `json:"playbook" doc:"The hash of the playbook that decided."`
	Engine   int                `json:"engine" doc:"The version of the engine's own rules."`
	Before   string             `json:"before" doc:"The hash of the state that was decided on: the after of the decision before."`
	After    string             `json:"after" doc:"The hash of the state that came of it."`
	Inputs   []inputView        `json:"inputs"`
	Entries  []EntryView        `json:"entries,omitempty"`
	Rules    []traceView        `json:"rules,omitempty"`
	Skipped  []domain.RuleSkips `json:"skipped,omitempty"`
	Effects  []noteView         `json:"effects,omitempty"`
}

type inputView struct {
	Kind          domain.InputKind      `json:"kind"`
	At            time.Time             `json:"at"`
	Post          *domain.Post          `json:"post,omitempty"`
	Edited        bool                  `json:"edited,omitempty"`
	Understanding *domain.Understanding `json:"understanding,omitempty"`
	Event         *domain.Event         `json:"event,omitempty"`
	Order         *domain.Order         `json:"order,omitempty"`
	Answer        *answerView           `json:"answer,omitempty"`
	Outcome       *outcomeView          `json:"outcome,omitempty"`
	Command       *commandView          `json:"command,omitempty"`
}

type answerView struct {
	Effect    string          `json:"effect,omitempty" doc:"The id of the effect that asked."`
	Component string          `json:"component"`
	ID        string          `json:"id,omitempty" doc:"What was asked for."`
	Query     string          `json:"query,omitempty"`
	Lang      string          `json:"lang,omitempty"`
	Found     bool            `json:"found"`
	Orders    []domain.Order  `json:"orders,omitempty"`
	Profile   *domain.Profile `json:"profile,omitempty"`
	Data      json.RawMessage `json:"data,omitempty"`
	Error     string          `json:"error,omitempty"`
}

type commandView struct {
	Kind        domain.CommandKind `json:"kind"`
	By          string             `json:"by"`
	Case        string             `json:"case,omitempty"`
	WorkItem    string             `json:"work_item,omitempty"`
	Text        string             `json:"text,omitempty"`
	Visibility  domain.Visibility  `json:"visibility,omitempty"`
	Disposition string             `json:"disposition,omitempty"`
	Note        string             `json:"note,omitempty"`
	Agent       string             `json:"agent,omitempty"`
	Queue       string             `json:"queue,omitempty"`
	Reservation string             `json:"reservation,omitempty"`
	Until       time.Time          `json:"until,omitzero"`
	Priority    int                `json:"priority,omitempty"`
	Promise     *domain.Undertake  `json:"promise,omitempty"`
	Kept        string             `json:"kept,omitempty" doc:"The promise that was kept."`
	Profile     *domain.Profile    `json:"profile,omitempty"`
	Consent     *domain.Consent    `json:"consent,omitempty"`
	Identities  []IdentityView     `json:"identities,omitempty"`
	Trusted     bool               `json:"trusted,omitempty" doc:"The author is a trusted system."`
}

func decodeRecord(row store.JournalRow) (domain.Record, error) {
	var rec domain.Record
	if err := wire.Unmarshal(row.Record, &rec); err != nil {
		return rec, fmt.Errorf("record %d of customer %s: %w", row.Version, row.Customer, err)
	}
	return rec, nil
}

// viewRecord shows a record. It changes nothing of it.
func viewRecord(rec domain.Record) recordView {
	out := recordView{
		Customer: rec.Customer, Version: rec.Version, At: rec.At, Playbook: rec.Playbook, Engine: rec.Engine,
		Before: rec.Before, After: rec.After,
		Inputs: make([]inputView, len(rec.Inputs)), Entries: viewed(rec.Entries, viewEntry), Rules: viewed(rec.Rules, viewTrace), Skipped: rec.Skipped, Effects: viewed(rec.Effects, viewNote),
	}
	for i := range rec.Inputs {
		out.Inputs[i] = viewInput(&rec.Inputs[i])
	}
	return out
}

func viewInput(in *domain.Input) inputView {
	out := inputView{Kind: in.Kind, At: in.At, Post: in.Post, Edited: in.Edited, Understanding: in.Understanding, Outcome: viewOutcome(in.Outcome)}
	if in.Order != nil {
		o := in.Order.Public()
		out.Order = &o
	}
	if a := in.Answer; a != nil {
		v := answerView{a.Effect, a.Component, a.ID, a.Query, a.Lang, a.Found, nil, a.Profile, domain.WithoutProofs(a.Data), a.Error}
		for _, o := range a.Orders {
			v.Orders = append(v.Orders, o.Public())
		}
		out.Answer = &v
	}
	if in.Event != nil {
		e := viewEvent(*in.Event)
		out.Event = &e
	}
	if c := in.Command; c != nil {
		out.Command = viewCommand(c)
	}
	return out
}

func viewCommand(c *domain.Command) *commandView {
	return &commandView{
		Kind: c.Kind, By: c.By, Case: c.Case, WorkItem: c.WorkItem, Text: c.Text, Visibility: c.Visibility, Disposition: c.Disposition,
		Note: c.Note, Agent: c.Agent, Queue: c.Queue, Reservation: c.Reservation, Until: c.Until, Priority: c.Priority, Promise: c.Promise, Kept: c.Kept,
		Profile: c.Profile, Consent: c.Consent, Identities: viewIdentities(c.Identities), Trusted: c.Trusted,
	}
}

// viewEvent is an event without an order's secrets in its data.
func viewEvent(e domain.Event) domain.Event {
	e.Data = domain.WithoutProofs(e.Data)
	return e
}

func (a *API) customerDecisions(ctx context.Context, in *CustomerPageInput) (*listOutput[recordView], error) {
	before, err := in.number()
	if err != nil {
		return nil, err
	}
	type row struct {
		recordView
		seq  int64
		seen bool
	}
	var rows []row
	err = a.view(ctx, func(r store.Reader) error {
		rows = nil
		t, m, err := a.matter(r, &in.CustomerInput)
		if err != nil {
			return err
		}
		found, err := r.JournalRead(store.JournalReadParams{Customer: t.row.ID, BeforeSeq: before, Limit: in.limit() + 1})
		if err != nil {
			return err
		}
		for _, j := range found {
			rec, err := decodeRecord(j)
			if err != nil {
				return err
			}
			seen, err := m.record(t, &rec)
			if err != nil {
				return err
			}
			rows = append(rows, row{viewRecord(rec), j.Seq, seen})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	page := paged(rows, in.limit(), func(r row) string { return strconv.FormatInt(r.seq, 10) })
	out := all([]recordView{})
	out.Body.Next = page.Body.Next
	for _, r := range page.Body.Items {
		if r.seen { // a page may be short: what is out of reach counts for the cursor
			out.Body.Items = append(out.Body.Items, r.recordView)
		}
	}
	return out, nil
}
