package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Limits on passwords.
const (
	MinPassword = 12   // characters
	maxPassword = 1024 // bytes
)

// Cost is what one look at a password takes.
type Cost struct {
	MemoryKiB uint32
	Passes    uint32
	Threads   uint8
}

// DefaultCost is what OWASP's password storage sheet asks of argon2id.
var DefaultCost = Cost{MemoryKiB: 19 << 10, Passes: 2, Threads: 1}

// Bounds on the cost that a stored hash may ask for: a row that was tampered
// with must not take all memory.
const (
	maxMemoryKiB = 256 << 10
	maxPasses    = 16
	maxThreads   = 16
)

const (
	saltBytes = 16
	hashBytes = 32

	hashingAtOnce = 2  // at DefaultCost, 38 MiB
	hashingWaits  = 64 // beyond that, sign-in answers that it is busy
	hashingGrace  = 5 * time.Second
)

// errBusy is what more sign-ins than this machine can look at are told.
var errBusy = &domain.Error{Code: domain.CodeBusy, Message: "too many people sign in at this moment; try again", RetryAfter: 5 * time.Second}

// hasher makes and checks password hashes. At most hashingAtOnce are under way
// and hashingWaits wait, so that no flood of sign-ins takes all memory.
type hasher struct {
	cost    Cost
	slots   chan struct{}
	waiting atomic.Int64
	dummy   string       // what a password is held against when there is no account
	looks   atomic.Int64 // how many hashes were computed
}

func newHasher(c Cost) *hasher {
	if c == (Cost{}) {
		c = DefaultCost
	}
	h := &hasher{cost: c, slots: make(chan struct{}, hashingAtOnce)}
	salt := make([]byte, saltBytes)
	hash := make([]byte, hashBytes) // no password has it, nor can one be found
	_, _ = rand.Read(salt)          // never fails
	_, _ = rand.Read(hash)
	h.dummy = phc(c, salt, hash)
	return h
}

// key computes a hash once there is a slot.
func (h *hasher) key(ctx context.Context, password string, salt []byte, c Cost, length uint32) ([]byte, error) {
	if h.waiting.Add(1) > hashingWaits {
		h.waiting.Add(-1)
		return nil, errBusy
	}
	defer h.waiting.Add(-1)
	ctx, cancel := context.WithTimeoutCause(ctx, hashingGrace, errBusy)
	defer cancel()
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { <-h.slots }()
	h.looks.Add(1)
	return argon2.IDKey([]byte(normalPassword(password)), salt, c.Passes, c.MemoryKiB, c.Threads, length), nil
}

// normalPassword brings what looks the same to the same bytes, whichever
// keyboard it was typed on.
func normalPassword(s string) string { return norm.NFKC.String(s) }

// make hashes a new password.
func (h *hasher) make(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails
	key, err := h.key(ctx, password, salt, h.cost, hashBytes)
	if err != nil {
		return "", err
	}
	return phc(h.cost, salt, key), nil
}

// check reports whether a password has a hash, and whether that should be made
// anew at today's cost. An empty hash takes as long and is nobody's.
func (h *hasher) check(ctx context.Context, password, stored string) (right, stale bool, err error) {
	known := stored != ""
	if !known {
		stored = h.dummy
	}
	c, salt, want, err := parsePHC(stored)
	if err != nil {
		return false, false, err
	}
	if len(password) > maxPassword {
		password = "" // no account has one that long; the work stays the same
		known = false
	}
	got, err := h.key(ctx, password, salt, c, uint32(len(want)))
	if err != nil {
		return false, false, err
	}
	right = subtle.ConstantTimeCompare(got, want) == 1 && known
	return right, right && (c != h.cost || len(want) != hashBytes), nil
}

// phc is the PHC string format, which other programs read as well.
func phc(c Cost, salt, hash []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.MemoryKiB, c.Passes, c.Threads, b64.EncodeToString(salt), b64.EncodeToString(hash))
}

func parsePHC(s string) (c Cost, salt, hash []byte, err error) {
	bad := fmt.Errorf("auth: a stored password hash cannot be read; want $argon2id$v=19$m=…,t=…,p=…$salt$hash")
	part := strings.Split(s, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return Cost{}, nil, nil, bad
	}
	if n, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &c.MemoryKiB, &c.Passes, &c.Threads); err != nil || n != 3 || part[3] != fmt.Sprintf("m=%d,t=%d,p=%d", c.MemoryKiB, c.Passes, c.Threads) {
		return Cost{}, nil, nil, bad
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(part[4])
	hash, err2 := base64.RawStdEncoding.DecodeString(part[5])
	switch {
	case err1 != nil || err2 != nil || len(salt) < 8 || len(salt) > 64 || len(hash) < 16 || len(hash) > 64:
		return Cost{}, nil, nil, bad
	case c.MemoryKiB < 8 || c.MemoryKiB > maxMemoryKiB || c.Passes < 1 || c.Passes > maxPasses || c.Threads < 1 || c.Threads > maxThreads:
		return Cost{}, nil, nil, bad
	}
	return c, salt, hash, nil
}

// CheckPassword reports why a password will not do for a person, nil when it
// will.
func CheckPassword(password, login, email string) error {
	p := normalPassword(password)
	switch {
	case !utf8.ValidString(password) || strings.ContainsRune(p, 0):
		return domain.FieldErrorf("password", "is no text")
	case len(password) > maxPassword || len(p) > maxPassword:
		return domain.FieldErrorf("password", "is longer than %d bytes", maxPassword)
	case utf8.RuneCountInString(p) < MinPassword:
		return domain.FieldErrorf("password", "is too short; want at least %d characters: a few words will do", MinPassword)
	}
	plain := plainPassword(p)
	local, _, _ := strings.Cut(email, "@")
	for _, own := range []string{login, email, local} {
		// With something appended it is still the first thing that is tried.
		if own = plainPassword(own); len(own) > 2 && len(strings.ReplaceAll(plain, own, "")) < 6 && strings.Contains(plain, own) {
			return domain.FieldErrorf("password", "is hardly more than your name; take a few words that have nothing to do with you")
		}
	}
	if repeats(plain) || runs(plain) || commonPassword(plain) {
		return domain.FieldErrorf("password", "is one of those that are tried first; take a few words that nobody would put together")
	}
	return nil
}

// plainPassword is a password without what is added to make it look harder.
func plainPassword(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '@':
			return 'a'
		case r == '$':
			return 's'
		case unicode.IsSpace(r), unicode.IsPunct(r), unicode.IsSymbol(r):
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

// repeats reports whether a text is one short piece again and again.
func repeats(s string) bool {
	r := []rune(s)
	for n := 1; n <= 4 && n < len(r); n++ {
		same := true
		for i := n; i < len(r) && same; i++ {
			same = r[i] == r[i-n]
		}
		if same {
			return true
		}
	}
	return len(r) < 4 // nothing but signs
}

// runs reports whether a text goes up or down letter by letter.
func runs(s string) bool {
	r := []rune(s)
	steps := 0
	for i := 1; i < len(r); i++ {
		if d := r[i] - r[i-1]; d == 1 || d == -1 || d == 0 || r[i] == '0' && r[i-1] == '9' {
			steps++
		}
	}
	return len(r) > 1 && steps >= len(r)-2
}

// commonRoots are words that the most common long passwords are made of.
var commonRoots = []string{
	"password", "passwort", "passwd", "passw0rd", "p4ssword", "motdepasse", "contraseña", "contrasena", "wachtwoord", "senha",
	"qwertyuiop", "qwertzuiop", "azertyuiop", "qwerty", "qwertz", "azerty", "asdfghjkl", "yxcvbnm", "zxcvbnm", "1q2w3e4r5t6y", "1q2w3e4r", "1qaz2wsx", "qazwsxedc",
	"iloveyou", "letmein", "welcome", "willkommen", "administrator", "admin", "changeme", "secret", "geheim", "default", "trustno1",
	"contactadvocate", "advocate", "contactcenter", "callcenter", "login", "user", "test", "guest", "monkey", "dragon", "sunshine", "princess", "football", "baseball",
	"superman", "batman", "starwars", "whatever", "master", "hello", "summer", "winter", "spring", "autumn", "january", "december",
}

// commonPassword reports whether a text is made of common words and up to six
// digits or letters.
func commonPassword(plain string) bool {
	rest, found := plain, false
	for _, w := range commonRoots {
		if strings.Contains(rest, w) {
			rest, found = strings.ReplaceAll(rest, w, ""), true
		}
	}
	return found && utf8.RuneCountInString(rest) <= 6
}
