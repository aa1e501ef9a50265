package social_test

import (
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/social"
)

// TestAuthorsIDs: what people know each other by is no id, since it changes
// hands; each network says what it takes.
func TestAuthorsIDs(t *testing.T) {
	t.Parallel()
	for id, says := range map[string]string{
		"bluesky/did:plc:ewvi7nxzyoun6zhxrhs64oiz": "",
		"bluesky/did:web:shop.example":             "",
		"bluesky/carla.test":                       "want a DID",
		"mastodon:m.example/109348526843627114":    "",
		"mastodon:m.example/1":                     "",
		"mastodon:m.example/01H8ZK5Y7B9JQ2T3W4X5":  "",
		"mastodon:m.example/9n2ciuz1wdesFnrGJU":    "",
		"mastodon:m.example/carla":                 "want the account's id",
		"mastodon:m.example/@carla@m.example":      "not a name",
		"x/783214":                                 "",
		"x/carla":                                  "a number",
		"x/@carla":                                 "a number",
		"facebook/24681012":                        "",
		"facebook/carla.c":                         "a number",
		"instagram/@carla":                         "a number",
		"forum/carla":                              "",
		"sandbox/carla":                            "",
	} {
		network, author, _ := strings.Cut(id, "/")
		err := social.CheckAuthor(network, author)
		if (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", id, err)
		}
	}
}

// TestPossibleNetworks: names that a configuration could bring.
func TestPossibleNetworks(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{
		"x": true, "bluesky": true, "facebook": true, "instagram": true, "mastodon:m.example": true, "mastodon:127.0.0.1:8080": true,
		"mastodon": false, "mastodon:": false, "mastodon:m.example/": false, "x:y": false, "blueksy": false, "forum": false, "": false,
	} {
		if social.Possible(name) != ok {
			t.Errorf("%q: want %v", name, ok)
		}
	}
}
