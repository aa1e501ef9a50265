package httpapi

import (
	"encoding/json"
	"testing"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/said"
)

// TestAProblemSaysWhichSentenceItIs: a program that speaks another language
// puts it into that one by its code, of the whole as of a field.
func TestAProblemSaysWhichSentenceItIs(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	root := d.first()
	problemIn := func(a answer) (p Problem) {
		if err := json.Unmarshal([]byte(a.body), &p); err != nil {
			t.Fatal(err)
		}
		return p
	}
	is := func(parts []said.Part, code, name, value string) bool {
		return len(parts) == 1 && parts[0].Code == code && parts[0].Params[name] == value
	}

	p := problemIn(root.do(409, "PUT", "/v1/users/root", fields{"role": "agent"}, "If-Match: *"))
	if !is(p.Said, "err_last_admin", "login", "root") {
		t.Errorf("of the whole: %+v", p)
	}
	p = problemIn(root.do(400, "POST", "/v1/users", fields{"login": "ana", "role": "agent", "email": "no address"}))
	if p.Said != nil || len(p.Errors) != 1 || !is(p.Errors[0].Said, "err_email", "found", "no address") {
		t.Errorf("of a field: %+v", p)
	}
	// What the check of all calls finds is said as well.
	p = problemIn(root.do(400, "POST", "/v1/users", fields{"role": "agent"}))
	if len(p.Errors) != 1 || !is(p.Errors[0].Said, "err_missing", "name", "login") {
		t.Errorf("of a field that is missing: %+v", p)
	}
	// What has no code of its own has the one of its kind.
	p = problemIn(root.do(404, "GET", "/v1/nothing", nil, d.as(auth.RoleAdmin)))
	if p.Said != nil || p.Code != "not_found" {
		t.Errorf("without a code: %+v", p)
	}
}
