package httpapi

import (
	"context"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/store"
)

// Engine is what the API needs of the engine. What it reads it takes from the
// store; what it changes goes through here.
type Engine interface {
	// PostsSubmit and EventsSubmit return when everything they took is
	// durable. An error means that nothing was taken.
	PostsSubmit(ctx context.Context, posts []domain.Post) ([]Receipt, error)
	EventsSubmit(ctx context.Context, events []domain.Event) ([]Receipt, error)
	// Command returns when the advocate has decided.
	Command(ctx context.Context, customer domain.CustomerID, c domain.Command) error
	PlaybookPublish(ctx context.Context, name string, source []byte, by string) (version int64, err error)
	PlaybookActivate(ctx context.Context, version int64, by string) error
	EffectRetry(ctx context.Context, id, by string) error
	EffectDrop(ctx context.Context, id, by string) error
	EffectRelease(ctx context.Context, id, by string) error
	SwitchSet(ctx context.Context, s store.Switch) error
	Explain(ctx context.Context, id string) (Explanation, error)
	Status(ctx context.Context) (Status, error)
	// Policy is the one in force. It must not be changed.
	Policy() *domain.Policy

	hookEngine
	rightsEngine
	remarkEngine
	playbookEngine
	linkEngine
}

// What the engine answers with.
type (
	Receipt     = engine.Receipt
	Explanation = engine.Explanation
	Status      = engine.Status
)

var _ Engine = (*engine.Engine)(nil)
