package mastodon

import (
	"errors"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
)

// TestAllMistakesAtOnce: an account is mended in one go.
func TestAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	err := (&Config{URL: "ftp://our.example", Poll: time.Millisecond, Parts: 11, Account: "A", ReplyVisibility: "direct", Search: []string{"", "ok", "#"}}).Check()
	var m *social.Mistakes
	if !errors.As(err, &m) {
		t.Fatalf("got %v", err)
	}
	keys := map[string]bool{}
	for _, x := range m.All {
		keys[x.Key] = x.Want != ""
	}
	for _, key := range []string{"url", "token", "poll", "parts", "reply_visibility", "account", "search[0]", "search[2]"} {
		if !keys[key] {
			t.Errorf("nothing is said of %s, or not what is accepted, in\n%v", key, err)
		}
	}
}
