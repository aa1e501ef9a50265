package httpapi

import (
	"strings"
	"testing"
)

// TestWhatPeopleAreCalled: colleagues go by their names, those who have an
// account and agents that another system registered, page by page.
func TestWhatPeopleAreCalled(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	root := d.first()
	root.do(201, "POST", "/v1/users", fields{"login": "ann", "role": "supervisor", "name": "Ann Lee"})
	root.do(201, "POST", "/v1/users", fields{"login": "kim", "role": "supervisor"})
	for id, name := range map[string]string{"ann": "Annie", "kim": "Kim Roe", "bea": "Bea Ray"} {
		root.do(200, "PUT", "/v1/agents/"+id, fields{"name": name, "queues": []string{"care"}}, "If-None-Match: *")
	}
	var got []string
	for next := ""; ; {
		page := root.do(200, "GET", "/v1/people?limit=1&cursor="+next, nil).json(t)
		for _, item := range page["items"].([]any) {
			p := item.(map[string]any)
			name, _ := p["name"].(string)
			got = append(got, p["login"].(string)+" "+name)
		}
		if next, _ = page["next"].(string); next == "" {
			break
		}
	}
	if want := "ann Ann Lee, bea Bea Ray, kim Kim Roe, root"; !strings.HasPrefix(strings.Join(got, ", "), want) || len(got) != 4 {
		t.Errorf("people: %q; want %s", got, want)
	}
}
