package httpapi

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/contact-advocate/advocate/internal/said"
)

// TestTheDemoBringsItsWords: the sandbox page is told how the sample company's
// reasons are called; those of any other company are its own words.
func TestTheDemoBringsItsWords(t *testing.T) {
	t.Parallel()
	reasons := func(change func(*Options)) []said.Part {
		f := newFixture(t, func(o *Options) { withSandbox(t)(o); change(o) })
		var info struct {
			Reasons []said.Part `json:"reasons"`
		}
		if err := json.Unmarshal([]byte(f.want(f.call("GET", "/v1/sandbox", ""), 200).body), &info); err != nil {
			t.Fatal(err)
		}
		return info.Reasons
	}
	demo := reasons(func(o *Options) { o.DemoInside, o.Demo = true, []DemoCustomer{{Handle: "maria"}} })
	if !slices.ContainsFunc(demo, func(p said.Part) bool { return p.Code == "demo_customs" && p.Text == "held at customs" }) {
		t.Errorf("the demo's reasons are %+v", demo)
	}
	if own := reasons(func(*Options) {}); len(own) != 0 {
		t.Errorf("another company's reasons are %+v", own)
	}
}
