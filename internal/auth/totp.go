package auth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

const (
	totpStep     = 30 * time.Second // RFC 6238 §5.2
	totpDigits   = 6
	totpSlack    = 1  // steps that a phone's clock may be off
	totpBytes    = 20 // RFC 4226 §4: the length of SHA-1
	recoveryMany = 10
)

var plainBase32 = base32.StdEncoding.WithPadding(base32.NoPadding)

// totp is a second factor. Its secret is sealed under the login.
type totp struct {
	Sealed []byte `json:"sealed"`
	Last   int64  `json:"last,omitempty"` // the step of the last code that was used
}

func totpName(login string) string { return "totp/" + login }

// totpCode is the code of a step (RFC 4226 §5.3).
func totpCode(secret []byte, step int64) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(step))
	h := hmac.New(sha1.New, secret)
	h.Write(b[:])
	sum := h.Sum(nil)
	n := binary.BigEndian.Uint32(sum[sum[len(sum)-1]&0xf:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", totpDigits, n%1_000_000)
}

// totpMatch finds the step that a code belongs to, later than the last one
// used: RFC 6238 §5.2 lets no code be used twice, and one from before the last
// is as good as seen.
func totpMatch(secret []byte, code string, now time.Time, last int64) (int64, bool) {
	at := now.Unix() / int64(totpStep/time.Second)
	found := int64(0)
	for step := at - totpSlack; step <= at+totpSlack; step++ {
		if subtle.ConstantTimeCompare([]byte(totpCode(secret, step)), []byte(code)) == 1 && step > last && found == 0 {
			found = step
		}
	}
	return found, found != 0
}

// use takes a code.
func (t *totp) use(s *Service, login, code string) (bool, error) {
	secret, err := s.o.Sealer.Open(totpName(login), t.Sealed)
	if err != nil {
		return false, fmt.Errorf("the second factor of %s cannot be read: %w", login, err)
	}
	step, ok := totpMatch(secret, code, s.now(), t.Last)
	if ok {
		t.Last = step
	}
	return ok, nil
}

// plainCode is a code without what is put in to read it more easily.
func plainCode(code string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\t' {
			return -1
		}
		return r
	}, strings.ToUpper(strings.TrimSpace(code)))
}

// secondFactor takes a code for an account that is locked, which is to be
// written: the code, or the recovery code, is used up then. Errors are ErrCode
// for none, and ErrCodeWrong.
func (s *Service) secondFactor(a *account, code string) error {
	code = plainCode(clip(code, 64))
	switch len(code) {
	case 0:
		return ErrCode
	case totpDigits:
		right, err := a.TOTP.use(s, a.Login, code)
		if err == nil && !right {
			err = ErrCodeWrong
		}
		return err
	}
	if i := slices.Index(a.RecoveryOf, secretHash(code)); i >= 0 {
		a.RecoveryOf = slices.Delete(a.RecoveryOf, i, i+1)
		return nil
	}
	return ErrCodeWrong
}

// TOTP is a second factor to be set up in an authenticator app.
type TOTP struct {
	Secret string // base32, to be typed in
	URI    string // otpauth://…, to be shown as a QR code
}

// TOTPBegin makes a second factor for who is signed in. It counts once
// TOTPConfirm has seen a code of it; until then one that is there stays.
func (s *Service) TOTPBegin(ctx context.Context, by Principal, p Proof) (TOTP, error) {
	secret := make([]byte, totpBytes)
	_, _ = rand.Read(secret) // never fails
	sealed, err := s.o.Sealer.Seal(ctx, totpName(by.Name), secret)
	if err != nil {
		return TOTP{}, err
	}
	err = s.prove(ctx, by, p, func(tx store.Tx, a *account, d *store.Document) error {
		a.NewTOTP = &totp{Sealed: sealed}
		if err := s.putUser(tx, d, a); err != nil {
			return err
		}
		return audit(tx, s.now(), by, "totp.begin", a.Login, ok, nil)
	})
	if err != nil {
		return TOTP{}, err
	}
	text := plainBase32.EncodeToString(secret)
	q := url.Values{
		"secret": {text}, "issuer": {s.o.Company}, "algorithm": {"SHA1"},
		"digits": {fmt.Sprint(totpDigits)}, "period": {fmt.Sprint(int(totpStep / time.Second))},
	}
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + strings.ReplaceAll(s.o.Company, ":", " ") + ":" + by.Name}
	// Apps show a "+" as it stands.
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	return TOTP{Secret: text, URI: u.String()}, nil
}

// TOTPConfirm takes the first code of the second factor that TOTPBegin made,
// which counts from then on, and gives recovery codes, which are shown here
// only and replace those before. All sessions end, and another one is opened.
func (s *Service) TOTPConfirm(ctx context.Context, by Principal, code string, p Proof) (In, []string, error) {
	if by.Kind != KindSession || by.Session == "" {
		return In{}, nil, ErrSession
	}
	known, err := s.attempt(ctx, by.Name, p.From)
	if err != nil {
		return In{}, nil, err
	}
	codes, hashes := newRecovery()
	var in In
	err = s.update(ctx, func(tx store.Tx) error {
		a, d, err := s.lockOwn(tx, by, known.Password)
		if err != nil {
			return err
		}
		if a.NewTOTP == nil {
			return domain.Errorf(domain.CodeConflict, "there is no second factor to confirm; set one up first")
		}
		right, err := a.NewTOTP.use(s, a.Login, plainCode(clip(code, 64)))
		if err != nil {
			return err
		}
		if !right {
			return ErrCodeWrong
		}
		if err := s.giveBack(tx, by.Name, p.From); err != nil {
			return err
		}
		a.TOTP, a.NewTOTP, a.RecoveryOf = a.NewTOTP, nil, hashes
		if err := audit(tx, s.now(), by, "totp.set", a.Login, ok, nil); err != nil {
			return err
		}
		in, err = s.renew(tx, by, &a, &d, p, true)
		return err
	})
	if err == ErrCodeWrong {
		return In{}, nil, s.refuse(ctx, by.Name, &known, p.From, ErrCodeWrong)
	}
	if err != nil {
		s.forgive(ctx, by.Name, p.From)
		return In{}, nil, err
	}
	return in, codes, nil
}

// newRecovery makes recovery codes and their hashes. Each has 80 random bits:
// a fast hash is no help to a guesser.
func newRecovery() (codes, hashes []string) {
	for range recoveryMany {
		b := make([]byte, 10)
		_, _ = rand.Read(b) // never fails
		c := plainBase32.EncodeToString(b)
		codes = append(codes, c[:4]+"-"+c[4:8]+"-"+c[8:12]+"-"+c[12:])
		hashes = append(hashes, secretHash(c))
	}
	return codes, hashes
}

// RecoveryRenew gives new recovery codes in place of those before.
func (s *Service) RecoveryRenew(ctx context.Context, by Principal, p Proof) ([]string, error) {
	codes, hashes := newRecovery()
	err := s.prove(ctx, by, p, func(tx store.Tx, a *account, d *store.Document) error {
		if a.TOTP == nil {
			return domain.Errorf(domain.CodeConflict, "there is no second factor, so nothing to recover")
		}
		a.RecoveryOf = hashes
		if err := s.putUser(tx, d, a); err != nil {
			return err
		}
		return audit(tx, s.now(), by, "totp.recovery", a.Login, ok, nil)
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// TOTPRemove takes one's own second factor away. All sessions end, and another
// one is opened: a restricted one where the role asks for a second factor.
func (s *Service) TOTPRemove(ctx context.Context, by Principal, p Proof) (In, error) {
	var in In
	err := s.prove(ctx, by, p, func(tx store.Tx, a *account, d *store.Document) (err error) {
		a.TOTP, a.NewTOTP, a.RecoveryOf = nil, nil, nil
		if err := audit(tx, s.now(), by, "totp.remove", a.Login, ok, nil); err != nil {
			return err
		}
		in, err = s.renew(tx, by, a, d, p, false)
		return err
	})
	if err != nil {
		return In{}, err
	}
	return in, nil
}

// TOTPClear takes somebody's second factor away who has lost it and the
// recovery codes. It is an administrator's to do; all sessions end.
func (s *Service) TOTPClear(ctx context.Context, by Principal, login string) error {
	login = foldLogin(login)
	return s.update(ctx, func(tx store.Tx) error {
		a, d, err := lockUser(tx, login)
		if err != nil {
			return err
		}
		a.TOTP, a.NewTOTP, a.RecoveryOf = nil, nil, nil
		if err := endSessions(tx, login, ""); err != nil {
			return err
		}
		if err := s.putUser(tx, &d, &a); err != nil {
			return err
		}
		return audit(tx, s.now(), by, "totp.clear", login, ok, nil)
	})
}

// Reseal seals all second factors anew that are under a key on its way out,
// and says how many.
func (s *Service) Reseal(ctx context.Context) (int, error) {
	var logins []string
	err := s.o.Store.View(ctx, func(r store.Reader) error {
		logins = nil
		return eachUser(r, func(a *account) error {
			for _, t := range []*totp{a.TOTP, a.NewTOTP} {
				if t != nil && s.o.Sealer.Stale(t.Sealed) {
					logins = append(logins, a.Login)
					break
				}
			}
			return nil
		})
	})
	if err != nil {
		return 0, err
	}
	for i, login := range logins {
		if err := s.reseal(ctx, login); err != nil {
			return i, err
		}
	}
	return len(logins), nil
}

// reseal works on a copy, since sealing may write; what changed meanwhile is
// found by its bytes.
func (s *Service) reseal(ctx context.Context, login string) error {
	var a account
	err := s.o.Store.View(ctx, func(r store.Reader) (err error) {
		a, _, err = getUser(r, login)
		return err
	})
	if err != nil {
		return err
	}
	fresh := map[string][]byte{}
	for _, t := range []*totp{a.TOTP, a.NewTOTP} {
		if t == nil {
			continue
		}
		plain, err := s.o.Sealer.Open(totpName(login), t.Sealed)
		if err != nil {
			return err
		}
		if fresh[string(t.Sealed)], err = s.o.Sealer.Seal(ctx, totpName(login), plain); err != nil {
			return err
		}
	}
	return s.update(ctx, func(tx store.Tx) error {
		a, d, err := lockUser(tx, login)
		if err != nil {
			return err
		}
		for _, t := range []*totp{a.TOTP, a.NewTOTP} {
			if t == nil {
				continue
			}
			if f := fresh[string(t.Sealed)]; f != nil {
				t.Sealed = f
			}
		}
		return s.putUser(tx, &d, &a)
	})
}
