package config

import (
	"strings"
	"testing"
)

// TestOneAccountTwice: also under two labels, and however it is spelled.
func TestOneAccountTwice(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ src, want string }{
		"handle":   {"  bluesky:\n    - {handle: shop.example}\n    - {handle: '@Shop.Example', account: b}\n", "c.yaml:4: networks.bluesky[1].handle is shop.example, as that of networks.bluesky[0] in line 3 is, expected each account once"},
		"page":     {"  facebook:\n    - {page: '12', account: a}\n    - {page: ' 12', account: b}\n", "c.yaml:4: networks.facebook[1].page"},
		"linked":   {"  instagram:\n    - {page: '1', instagram: '12'}\n    - {page: '2', instagram: '12', account: b}\n", "c.yaml:4: networks.instagram[1].instagram"},
		"token":    {"  mastodon:\n    - {url: 'https://M.example', token: {env: T}}\n    - {url: 'https://m.example:443/', token: {env: T}, account: b}\n", "c.yaml:4: networks.mastodon[1].token is the environment variable T"},
		"x":        {"  x:\n    - {access_token: {vault: t}}\n    - {access_token: {vault: t}, account: b}\n", "c.yaml:4: networks.x[1].access_token"},
		"no label": {"  bluesky:\n    - {handle: shop.example}\n    - {handle: shop.example}\n", "is shop.example, as that of"},
	} {
		_, err := Parse("c.yaml", []byte("networks:\n"+c.src), nil)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "without a label") {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
	}
	fine := "networks:\n  facebook:\n    - {page: '12'}\n  instagram:\n    - {page: '12', instagram: '12'}\n  mastodon:\n    - {url: 'https://m.example', token: {env: T}}\n    - {url: 'https://n.example', token: {env: T}}\n"
	if _, err := Parse("c.yaml", []byte(fine), nil); err != nil {
		t.Errorf("different accounts: %v", err)
	}
}

// TestWhereKeysStand: a key that is left out is missed in what it belongs to.
func TestWhereKeysStand(t *testing.T) {
	t.Parallel()
	c, err := Parse("c.yaml", []byte("networks:\n  bluesky:\n    - handle: shop.example\n      app_password: {vault: bluesky}\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for path, line := range map[string]int{"networks.bluesky[0].app_password": 4, "networks.bluesky[0].poll": 3, "networks.bluesky[0].search[2]": 3, "networks": 2, "listen": 0} {
		if got := c.LineOf(path); got != line {
			t.Errorf("%s is in line %d; want %d", path, got, line)
		}
	}
	if s := c.Secrets(); len(s) != 1 || s[0].Path != "networks.bluesky[0].app_password" || s[0].Line != 4 || s[0].Ref.Vault != "bluesky" {
		t.Errorf("the secrets are %+v", s)
	}
}
