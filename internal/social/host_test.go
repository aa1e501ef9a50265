package social_test

import (
	"testing"

	"github.com/contact-advocate/advocate/internal/social"
)

func TestHostOf(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://Social.Example/@ana": "social.example", "https://social.example.:443": "social.example", " wss://social.example:443/x": "social.example",
		"http://social.example:80": "social.example", "http://social.example:443": "social.example:443", "https://social.example:3000": "social.example:3000",
		"http://[::1]:80/": "[::1]", "social.example": "", "https://": "", "": "", "https://%": "",
	} {
		if got := social.HostOf(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}
