package config_test

import (
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/config"
)

func TestStoreNamesHoldNoPassword(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ store, name string }{
		{"sqlite", "sqlite"},
		{"postgres://ann:s3cret@db:5433/advocate?sslmode=require", "postgres://ann@db:5433/advocate?sslmode=require"},
		{"postgresql:///advocate?host=%2Ftmp&user=ann&password=s3cret&sslpassword=s3cret", "postgresql:///advocate?host=%2Ftmp&user=ann"},
		{"postgres://ann:s3cret@a:1,b:2/advocate", "postgres://ann@a:1,b:2/advocate"},
		{"postgres://ann:s3cret%zz@db/advocate", "postgres"},
	} {
		if got := config.StoreName(c.store); got != c.name || strings.Contains(got, "s3cret") {
			t.Errorf("%s is shown as %s, want %s", c.store, got, c.name)
		}
		if has := config.StoreSecret(c.store); has != strings.Contains(c.store, "s3cret") {
			t.Errorf("%s holds a password: %v", c.store, has)
		}
	}
	if got := config.StoreWith("postgres://ann@db/x", "a b&c"); got != "postgres://ann@db/x?password=a+b%26c" || config.StoreName(got) != "postgres://ann@db/x" {
		t.Errorf("with a password: %s", got)
	}
	if got := config.StoreWith("postgres://ann:mine@db/x", "other"); got != "postgres://ann:mine@db/x" {
		t.Errorf("the URL's own password was replaced: %s", got)
	}
}

func TestStoreIsChecked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ src, env, says string }{
		{"store: postgres://ann@db/x\n", "", ""},
		{"store: postgres://ann@db/x\nstore_password: {env: DB_PASSWORD}\n", "", ""},
		{"", "postgres://ann:s3cret@db/x", ""},
		{"store: postgres://ann:s3cret@db/x\n", "", "a.yaml:1: store holds a password"},
		{"store: postgres://ann@db/x?password=s3cret\n", "", "a.yaml:1: store holds a password"},
		{"store: mysql://ann:s3cret@db/x\n", "", "store names no store"},
		{"store: postgres://ann:s3cret%zz@db/x\n", "", "store names no store"},
		{"store: \"postgres://ann:s3cret\\0@db/x\"\n", "", "store"},
		{"", "mysql://ann:s3cret@db/x", "store names no store"},
		{"store: sqlit\n", "", "sqlite"},
		{"store: postgres\n", "", "sqlite, or postgres://"},
	} {
		var env []string
		if c.env != "" {
			env = []string{"ADVOCATE_STORE=" + c.env}
		}
		conf, err := config.Parse("a.yaml", []byte(c.src), env)
		switch {
		case err == nil && c.says != "":
			t.Errorf("%q and %q are taken as %q", c.src, c.env, conf.Store)
		case err != nil && (c.says == "" || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "s3cret")):
			t.Errorf("%q and %q: %v", c.src, c.env, err)
		}
	}
}
