package httpapi

import (
	"testing"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
)

// TestUnderWayUnderAKey: who asks again while the first request with a key is
// carried out is told so, by a code that is no refusal, and carries nothing out
// a second time; asked again afterwards, the answer is the first one's.
func TestUnderWayUnderAKey(t *testing.T) {
	t.Parallel()
	q := newQueues(t, nil)
	began, goOn := make(chan struct{}, 1), make(chan struct{})
	q.engine.hold = func() {
		began <- struct{}{}
		<-goOn
	}
	const path, body, key = "/v1/customers/C-NEAR/identities/link", `{"network":"sandbox","author":"zoe"}`, "Idempotency-Key: k"
	agent := q.as(auth.RoleAgent)
	first := make(chan answer, 1)
	go func() { first <- q.call("POST", path, body, agent, key) }()
	<-began
	meanwhile := q.want(q.call("POST", path, body, agent, key), 409).json(t)
	said, _ := meanwhile["detail_said"].([]any)
	if meanwhile["code"] != "under_way" || len(said) != 1 || said[0].(map[string]any)["code"] != "err_under_way" {
		t.Errorf("meanwhile: %v", meanwhile)
	}
	if other := q.want(q.call("POST", path, `{"network":"sandbox","author":"leo"}`, agent, key), 422).json(t); other["code"] != "idempotency_key_reused" {
		t.Errorf("another request with the key: %v", other)
	}
	close(goOn)
	q.want(<-first, 200)
	q.engine.hold = nil
	q.want(q.call("POST", path, body, agent, key), 200)
	if n := len(q.engine.commands); n != 1 || q.engine.commands[0].Kind != domain.CommandLink {
		t.Errorf("it was carried out %d times: %v", n, q.engine.commands)
	}
}
