package httpapi

import (
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// IdentityView is an identity without the digests of what it wrote in public:
// few are the postcodes, and anybody who reads a digest can try them all.
type IdentityView struct {
	domain.IdentityKey
	Handle   string            `json:"handle,omitempty"`
	Name     string            `json:"name,omitempty"`
	Evidence []domain.Evidence `json:"evidence,omitempty" doc:"Why it is believed to be the customer's."`
	Proven   bool              `json:"proven" doc:"A trusted system or a person says that it is the customer."`
	Ignored  bool              `json:"ignored,omitempty" doc:"On the operator's ignore list."`
	Blocked  time.Time         `json:"blocked,omitzero" doc:"Since when it blocks us there, as far as the network told: nothing is sent to it until it writes to us again."`
}

func viewIdentities(ids []domain.Identity) []IdentityView {
	out := make([]IdentityView, len(ids))
	for i := range ids {
		id := &ids[i]
		out[i] = IdentityView{id.IdentityKey, id.Handle, id.Name, id.Evidence, id.Proven(), id.Ignored, id.Blocked}
	}
	return out
}
