package config

import (
	"errors"
	"net/url"
	"strings"
)

// SQLite is the embedded store, as Config.Store names it. Any other store is
// the URL of a PostgreSQL database.
const SQLite = "sqlite"

const storeWanted = "sqlite, or postgres://user@host:port/database"

// StoreURL reports whether a store is named by a URL, a PostgreSQL database.
func StoreURL(store string) bool {
	scheme, _, whole := strings.Cut(store, "://")
	return whole && (scheme == "postgres" || scheme == "postgresql")
}

// CheckStore refuses what names no store. The error says what is accepted and
// repeats nothing that might be a password.
func CheckStore(store string) error {
	if store == SQLite {
		return nil
	}
	if !StoreURL(store) {
		return errors.New("names no store; want " + storeWanted)
	}
	if _, err := url.Parse(store); err != nil {
		return errors.New("is a URL that cannot be read; want " + storeWanted + ", with %-signs before what has a meaning of its own")
	}
	return nil
}

// StoreSecret reports whether a store's URL holds a password.
func StoreSecret(store string) bool {
	u, err := url.Parse(store)
	if err != nil {
		return true // whatever it is, nobody should see it
	}
	_, has := u.User.Password()
	for name := range u.Query() {
		has = has || secretParam(name)
	}
	return has
}

func secretParam(name string) bool {
	return strings.Contains(strings.ToLower(name), "password")
}

// StoreName is a store as logs and messages may show it: without passwords.
func StoreName(store string) string {
	if !StoreURL(store) {
		return SQLite
	}
	u, err := url.Parse(store)
	if err != nil {
		return "postgres"
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	q := u.Query()
	for name := range q {
		if secretParam(name) {
			q.Del(name)
		}
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// StoreWith is a store's URL with a password in it. Where the URL has one,
// that stays.
func StoreWith(store, password string) string {
	u, err := url.Parse(store)
	if err != nil || password == "" || !StoreURL(store) || StoreSecret(store) {
		return store
	}
	q := u.Query()
	q.Set("password", password) // also where the URL names no user
	u.RawQuery = q.Encode()
	return u.String()
}
