package reader

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"database/sql"
	"encoding/base32"
	"errors"
	"fmt"
	"image"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"golang.org/x/text/unicode/norm"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// One-time codes as every program for them understands (RFC 6238): SHA-1, six
// digits, thirty seconds.
const (
	seedSize = 20 // bytes, as RFC 4226 recommends
	stepTime = 30 // seconds
	stepsOld = 1  // how many steps a code may be old; none may be new
)

// oneTimeCodes is the second factor's name in the audit log.
const oneTimeCodes = "one-time codes"

// seedLife is how long somebody has to copy a key into a telephone.
const seedLife = 15 * time.Minute

// errCode is what whoever types a wrong code is told, and whoever types a right
// one twice.
const errCode = "This code is not right, or it has been used. Take the newest code."

// A Seed is what a program for one-time codes has to know.
type Seed struct {
	Secret string // base32
	Link   string // otpauth://
}

// Text is the secret in groups of four, for those who type it.
func (k Seed) Text() string {
	var groups []string
	for s := k.Secret; s != ""; {
		n := min(4, len(s))
		groups, s = append(groups, s[:n]), s[n:]
	}
	return strings.Join(groups, " ")
}

// largestQR is how many modules the largest QR code has on a side.
const largestQR = 177

// QR is the link as the modules of a QR code, row by row; true is dark.
func (k Seed) QR() ([][]bool, error) {
	key, err := otp.NewKeyFromURL(k.Link)
	if err != nil {
		return nil, fmt.Errorf("draw a key: %w", err)
	}
	// The library draws only what fills a square of our choice. In the top row
	// the finder pattern is seven modules of dark, which tells their size.
	img, err := key.Image(largestQR, largestQR)
	if err != nil {
		return nil, fmt.Errorf("draw a key: %w", err)
	}
	first, run := 0, 0
	for !dark(img, first, first) {
		first++
	}
	for dark(img, first+run, first) {
		run++
	}
	size := run / 7
	modules := make([][]bool, (largestQR-2*first)/size)
	for y := range modules {
		modules[y] = make([]bool, len(modules))
		for x := range modules[y] {
			modules[y][x] = dark(img, first+x*size, first+y*size)
		}
	}
	return modules, nil
}

func dark(img image.Image, x, y int) bool {
	r, _, _, _ := img.At(x, y).RGBA()
	return r == 0
}

func newSeed() string {
	b := make([]byte, seedSize)
	rand.Read(b)
	return base32.StdEncoding.EncodeToString(b)
}

// seedOf is a secret with the link that carries it: who issued it, to whom.
func seedOf(secret string, p Party, r Reader) Seed {
	issuer, account := strings.ReplaceAll(p.Name, ":", " "), r.Email
	if account == "" {
		account = r.Handle
	}
	u := url.URL{
		Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + account,
		// Some programs take a plus sign for itself and not for a space.
		RawQuery: strings.ReplaceAll(url.Values{"secret": {secret}, "issuer": {issuer}}.Encode(), "+", "%20"),
	}
	return Seed{Secret: secret, Link: u.String()}
}

// seedKey is under which a session keeps the seed that it has begun with: no
// other session of the account sees it, for that may be a stranger's.
func (s *Store) seedKey(at Session) string { return s.Keys.Digest("totp-add", at.ID) }

// BeginTOTP makes a new seed for who sets up one-time codes. It counts for
// nothing until a code has shown that it arrived.
func (s *Store) BeginTOTP(ctx context.Context, who Enroller) error {
	r, at, err := who.enrols(s)
	if err != nil {
		return err
	}
	sealed := s.Keys.Seal(secret.TOTPSeed, r.ID, []byte(newSeed()))
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into ceremony (hash, kind, reader, content, expires) values ($1, $2, $3, $4, $5)
			on conflict (hash) do update
			set content = excluded.content, expires = excluded.expires`,
			s.seedKey(at), totpAdd, r.ID, string(sealed), db.Time(s.Now().Add(seedLife)))
		return err
	})
}

// BegunTOTP is the seed that BeginTOTP made; nil when there is none.
func (s *Store) BegunTOTP(ctx context.Context, who Enroller, p Party) (*Seed, error) {
	r, at, err := who.enrols(s)
	if err != nil {
		return nil, err
	}
	seed, _, err := s.begun(ctx, r, at)
	if err != nil || seed == "" {
		return nil, err
	}
	k := seedOf(seed, p, r)
	return &k, nil
}

func (s *Store) begun(ctx context.Context, r Reader, at Session) (seed, sealed string, err error) {
	err = s.DB.QueryRow(ctx, `select content from ceremony where hash = $1 and kind = $2 and reader = $3 and expires > $4`,
		s.seedKey(at), totpAdd, r.ID, db.Time(s.Now())).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return "", "", nil
	}
	if err != nil {
		return "", "", fmt.Errorf("read a seed: %w", err)
	}
	seed, err = s.openSeed(r.ID, sealed)
	return seed, sealed, err
}

func (s *Store) openSeed(reader, sealed string) (string, error) {
	b, err := s.Keys.Open(secret.TOTPSeed, reader, secret.Sealed(sealed))
	if err != nil {
		return "", fmt.Errorf("open a seed: %w", err)
	}
	return string(b), nil
}

// ConfirmTOTP turns one-time codes on: the code shows that the seed arrived.
func (s *Store) ConfirmTOTP(ctx context.Context, who Enroller, code string, b Browser) (Enrolled, error) {
	r, at, err := who.enrols(s)
	if err != nil {
		return Enrolled{}, err
	}
	seed, sealed, err := s.begun(ctx, r, at)
	if err != nil {
		return Enrolled{}, err
	}
	late := &problem.Problem{Kind: problem.Gone, Detail: "This key has waited too long. Begin again with a new one."}
	if seed == "" {
		return Enrolled{}, late
	}
	step, ok := matching(seed, code, s.Now())
	if !ok {
		return Enrolled{}, refuse("code", errCode)
	}
	return s.enrol(ctx, who, b, audit.Entry{Act: FactorAdded, Detail: oneTimeCodes}, "One-time codes are asked for when you log in.", func(tx *db.Tx, r Reader) error {
		res, err := tx.Exec(ctx, `delete from ceremony where hash = $1 and content = $2`, s.seedKey(at), sealed)
		if problem.Is(db.One(res, err), problem.NotFound) {
			return late
		}
		if err != nil {
			return err
		}
		if r.TOTP {
			return &problem.Problem{Kind: problem.Conflict, Detail: "One-time codes are on already. Turn them off first if you want another key."}
		}
		_, err = tx.Exec(ctx, `update reader set totp = $1, totp_step = $2 where id = $3`, sealed, step, r.ID)
		return err
	})
}

// matching finds the step of which code is the code: the one of now, or the one
// before, for those who type slowly.
func matching(seed, code string, now time.Time) (step int64, ok bool) {
	code = typed(code)
	current := now.Unix() / stepTime
	for step := current; step >= current-stepsOld && step > 0; step-- {
		want, err := hotp.GenerateCode(seed, uint64(step))
		if err == nil && subtle.ConstantTimeCompare([]byte(code), []byte(want)) == 1 {
			return step, true
		}
	}
	return 0, false
}

// typed is a code without what people put between its parts, in plain letters:
// a Japanese keyboard may write wide ones.
func typed(code string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKC.String(code))
}

// Code makes a whole session of a pending one with a one-time code. A code works
// once, for one of those who send it at once too.
func (s *Store) Code(ctx context.Context, p *Pending, code string, b Browser) (e Entry, err error) {
	key, err := s.brakeCode(ctx, p.Reader.ID, b)
	if err != nil {
		return e, err
	}
	var sealed string
	if err := s.DB.QueryRow(ctx, `select totp from reader where id = $1 and erased = 0`, p.Reader.ID).Scan(&sealed); err != nil {
		return e, fmt.Errorf("read a seed: %w", err)
	}
	wrong := func() error {
		return errors.Join(refuse("code", errCode), s.failed(ctx, FactorFailed, p.Reader.ID))
	}
	if sealed == "" {
		return e, wrong()
	}
	seed, err := s.openSeed(p.Reader.ID, sealed)
	if err != nil {
		return e, err
	}
	step, ok := matching(seed, code, s.Now())
	if !ok {
		return e, wrong()
	}
	kept := sealed
	if s.Keys.Stale(secret.Sealed(sealed)) {
		kept = string(s.Keys.Seal(secret.TOTPSeed, p.Reader.ID, []byte(seed)))
	}
	used := false
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		res, err := tx.Exec(ctx, `update reader set totp = $1, totp_step = $2 where id = $3 and totp = $4 and totp_step < $2`, kept, step, p.Reader.ID, sealed)
		if err := db.One(res, err); err != nil {
			used = problem.Is(err, problem.NotFound)
			return err
		}
		if err := s.release(ctx, tx, codes, key); err != nil {
			return err
		}
		e, err = s.upgrade(ctx, tx, p, b)
		return err
	})
	if used {
		return e, wrong()
	}
	return e, err
}

// RemoveTOTP turns one-time codes off.
func (s *Store) RemoveTOTP(ctx context.Context, a *Actor) error {
	return s.loseFactor(ctx, a, audit.Entry{Act: FactorRemoved, Detail: oneTimeCodes}, "One-time codes are no longer asked for.", func(tx *db.Tx) error {
		res, err := tx.Exec(ctx, `update reader set totp = '', totp_step = 0 where id = $1 and totp <> ''`, a.Reader.ID)
		if problem.Is(db.One(res, err), problem.NotFound) {
			return &problem.Problem{Kind: problem.Conflict, Detail: "One-time codes are off already."}
		}
		return err
	})
}

// SetTOTP turns one-time codes on for an account and returns the seed, in
// base32. It is for the command line and the demo, which show it at once.
func (s *Store) SetTOTP(ctx context.Context, reader string) (seed string, err error) {
	seed = newSeed()
	sealed := string(s.Keys.Seal(secret.TOTPSeed, reader, []byte(seed)))
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		res, err := tx.Exec(ctx, `update reader set totp = $1, totp_step = 0 where id = $2 and erased = 0`, sealed, reader)
		if err := db.One(res, err); err != nil {
			return err
		}
		return s.note(ctx, tx, audit.Entry{Actor: audit.Console, Act: FactorAdded, Subject: reader, Detail: oneTimeCodes})
	})
	return seed, err
}
