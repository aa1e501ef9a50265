package social_test

import (
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/social"
)

func TestCheckAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://our.example": "", "https://our.example:8443/below": "", "https://[::1]": "", "https://:443": "is no address",
		"https://": "is no address", "our.example": "is no address", "wss://our.example": "is no address", "https://%": "is no address",
		"https://me:pass@our.example": "is no address", "https://our.example?a=b": "is no address", "https://our.example#a": "is no address",
		"http://our.example": "https, or allow_private",
	} {
		err := social.CheckAddress(address, "https://server.example", false)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
	for address, good := range map[string]bool{"ws://our.example": true, "wss://our.example": true, "http://our.example": false} {
		if err := social.CheckAddress(address, "wss://server.example", true); (err == nil) != good {
			t.Errorf("%s, inside: %v", address, err)
		}
	}
}
