package httpapi

import (
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/auth"
)

// TestWorkItemsSayWhose: lists and the item itself say whose they are, so that
// nobody has to ask for each customer; and whether one may call is told without
// a call being noted.
func TestWorkItemsSayWhose(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.write("ana", "Where is my order A-10234? This is really annoying! Call me please", "public")
	s.settle()
	work := s.items("/v1/work-items?open=true")
	if len(work) != 1 || work[0]["handle"] != "ana" {
		t.Fatalf("the list does not say whose work it is: %v", work)
	}
	path := "/v1/work-items/" + work[0]["id"].(string)
	if a := s.want(s.call("GET", path, "", s.as(auth.RoleAgent)), 200); !strings.Contains(a.body, `"handle":"ana"`) {
		t.Errorf("the item does not say whose it is: %s", a.body)
	}
	number, _ := work[0]["number"].(string)
	if number != "+12025550143" || work[0]["customer_name"] != "Ana Silva" {
		t.Fatalf("whose work it is, and where to call: %v", work[0])
	}
	a := s.want(s.call("GET", path+"/call", "", s.as(auth.RoleAgent)), 200)
	if !strings.Contains(a.body, `"number":"`+number) || !strings.Contains(a.body, `"recorded":false`) {
		t.Errorf("the plan of a call: %s", a.body)
	}
}
