package engine

import (
	"context"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/store"
)

type loadedPlaybook struct{}
type intakeQueue struct{}
type loops struct{}
type Metrics struct{}
type stuckSet struct{}
type wakeHint struct{}

func (*intakeQueue) init() {}
func (*wakeHint) init()    {}
func (*Metrics) init()     {}

func (e *Engine) playbookReload(ctx context.Context) error { return nil }

func (e *Engine) PlaybookPublish(ctx context.Context, name string, source []byte, by string) (int64, error) {
	panic("unfinished")
}
func (e *Engine) PlaybookActivate(ctx context.Context, version int64, by string) error {
	panic("unfinished")
}
func (e *Engine) Playbook() *playbook.Playbook    { panic("unfinished") }
func (e *Engine) Start(ctx context.Context) error { panic("unfinished") }
func (e *Engine) Stop(ctx context.Context) error  { panic("unfinished") }
func (e *Engine) PostsSubmit(ctx context.Context, posts []domain.Post) ([]Receipt, error) {
	panic("unfinished")
}
func (e *Engine) EventsSubmit(ctx context.Context, events []domain.Event) ([]Receipt, error) {
	panic("unfinished")
}
func (e *Engine) PostsAccept(ctx context.Context, posts []domain.Post) error { panic("unfinished") }
func (e *Engine) Command(ctx context.Context, customer domain.CustomerID, c domain.Command) error {
	panic("unfinished")
}

// ImportReport says what an import did, line by line where it refused one.
type ImportReport struct {
	Added     int       `json:"added"`
	Updated   int       `json:"updated"`
	Unchanged int       `json:"unchanged"`
	Refused   []Refusal `json:"refused,omitempty"`
}

// Refusal is a row that was not imported. Row counts from 1.
type Refusal struct {
	Row    int    `json:"row"`
	Name   string `json:"name,omitempty"` // the order's id or the customer's reference
	Reason string `json:"reason"`
}

// CustomerImport is what a trusted system says about one customer.
type CustomerImport struct {
	domain.Profile
	Identities []domain.Identity `json:"identities,omitempty"`
	Consent    *domain.Consent   `json:"consent,omitempty"`
}

func (e *Engine) OrdersImport(ctx context.Context, orders []domain.Order) (ImportReport, error) {
	panic("unfinished")
}
func (e *Engine) CustomersImport(ctx context.Context, customers []CustomerImport) (ImportReport, error) {
	panic("unfinished")
}
func (e *Engine) Merge(ctx context.Context, from, to domain.CustomerID, by string) (mergeID string, err error) {
	panic("unfinished")
}
func (e *Engine) Unmerge(ctx context.Context, mergeID, by string) error { panic("unfinished") }
func (e *Engine) Erase(ctx context.Context, id domain.CustomerID, by string) error {
	panic("unfinished")
}

// Export is everything kept about one customer.
type Export struct {
	Customer  domain.Customer   `json:"customer"`
	At        time.Time         `json:"at"`
	State     domain.Snapshot   `json:"state"`
	Records   []domain.Record   `json:"records"` // newest first
	Cases     []domain.Case     `json:"cases"`
	Orders    []domain.Order    `json:"orders"`
	WorkItems []domain.WorkItem `json:"work_items"`
	Effects   []store.EffectRow `json:"effects"`
	Pending   []domain.Input    `json:"pending"`
}

func (e *Engine) Export(ctx context.Context, id domain.CustomerID) (Export, error) {
	panic("unfinished")
}
func (e *Engine) EffectRetry(ctx context.Context, id, by string) error   { panic("unfinished") }
func (e *Engine) EffectDrop(ctx context.Context, id, by string) error    { panic("unfinished") }
func (e *Engine) EffectRelease(ctx context.Context, id, by string) error { panic("unfinished") }
func (e *Engine) SwitchSet(ctx context.Context, s store.Switch) error    { panic("unfinished") }

// Explanation tells why: whose the thing is and every record that touches it,
// oldest first.
type Explanation struct {
	ID       string            `json:"id"`
	Kind     string            `json:"kind"` // "post", "case", "work_item", "effect" …
	Customer domain.CustomerID `json:"customer_id"`
	Cases    []domain.Case     `json:"cases,omitempty"` // the cases concerned, as they are now
	Records  []domain.Record   `json:"records"`
}

func (e *Engine) Explain(ctx context.Context, id string) (Explanation, error) { panic("unfinished") }

// Status is how the engine stands.
type Status struct {
	Running       bool           `json:"running"`
	Playbook      PlaybookStatus `json:"playbook"`
	Switches      []store.Switch `json:"switches,omitempty"`
	Counts        store.Counts   `json:"counts"`
	Queued        int            `json:"queued"`         // items waiting for the next group commit
	OldestPending time.Duration  `json:"oldest_pending"` // how long the longest-ready input has waited
	Stuck         []Stuck        `json:"stuck,omitempty"`
	Metrics       Snapshot       `json:"metrics"`
}

// PlaybookStatus is the playbook that decides now.
type PlaybookStatus struct {
	Name    string `json:"name"`
	Version int64  `json:"version"`
	Hash    string `json:"hash"`
	Broken  int64  `json:"broken,omitempty"` // an active version that does not compile; the one before stays in use
}

// Stuck is a customer whose inputs cannot be decided until somebody looks.
type Stuck struct {
	Customer domain.CustomerID `json:"customer_id"`
	Since    time.Time         `json:"since"`
	Reason   string            `json:"reason"`
}

// Snapshot is a copy of the engine's counters.
type Snapshot struct{}

func (e *Engine) Status(ctx context.Context) (Status, error)      { panic("unfinished") }
func (e *Engine) StepReady(ctx context.Context) (int, error)      { panic("unfinished") }
func (e *Engine) StepDue(ctx context.Context) (int, error)        { panic("unfinished") }
func (e *Engine) StepFanout(ctx context.Context) (int, error)     { panic("unfinished") }
func (e *Engine) StepCatchUp(ctx context.Context) (int, error)    { panic("unfinished") }
func (e *Engine) StepDispatch(ctx context.Context) (int, error)   { panic("unfinished") }
func (e *Engine) StepPrune(ctx context.Context) (int, error)      { panic("unfinished") }
func (e *Engine) NextWake(ctx context.Context) (time.Time, error) { panic("unfinished") }
