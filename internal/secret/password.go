package secret

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"kawaraban/internal/problem"
)

// What argon2id costs: 46 MiB and two passes, some 0.14 s of one core. Hashes
// with other numbers are still checked, and then made anew.
const (
	memory  = 46 << 10 // KiB
	passes  = 2
	threads = 1

	saltSize = 16
	sumSize  = 32

	// maxMemory and maxPasses bound what a hash in the database may ask of us.
	maxMemory = 256 << 10
	maxPasses = 10

	atMost   = 2  // hashes that are computed at a time: 92 MiB
	maxQueue = 50 // requests that wait for that
)

// atOnce is how many hashes are computed at a time: half of the processors at
// most, so that there is always one for those who only read.
func atOnce() int { return max(1, min(atMost, runtime.GOMAXPROCS(0)/2)) }

var errPasswordHash = errors.New("secret: not a password hash of ours")

// A Password is what somebody typed. It is never stored or printed.
type Password string

// Format prints "(secret)" for every verb.
func (Password) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }

// LogValue is "(secret)".
func (Password) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText makes JSON carry "(secret)".
func (Password) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// A PasswordHash is what is stored of a password, as a PHC string:
// $argon2id$v=19$m=47104,t=2,p=1,keyid=0a1b2c3d$salt$sum. "" is no password.
type PasswordHash string

// Passwords hashes and checks passwords, one or two at a time, so that a rush of
// log-ins takes neither all memory nor all processors. What is hashed is not
// the password but its HMAC with a key of the keyring (the pepper): a stolen
// database alone is not enough to guess with.
type Passwords struct {
	keys    *Keyring
	memory  uint64 // what a hash costs
	passes  uint64
	places  chan struct{}
	waiting atomic.Int32
}

// NewPasswords returns Passwords whose peppers are derived from keys.
func NewPasswords(keys *Keyring) *Passwords {
	return &Passwords{keys: keys, memory: memory, passes: passes, places: make(chan struct{}, atOnce())}
}

// CheapPasswords returns Passwords for tests, which make thousands of accounts: a
// hash costs a hundredth, and all else is the same. internal/imports refuses
// them in the program.
func CheapPasswords(keys *Keyring) *Passwords {
	p := NewPasswords(keys)
	p.memory, p.passes = 1<<10, 1
	return p
}

// Hash returns the hash of a password. It is a Problem of kind Unavailable when
// too many wait already.
func (p *Passwords) Hash(ctx context.Context, pw Password) (PasswordHash, error) {
	leave, err := p.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	h := p.blank()
	h.sum = h.compute(pw)
	return h.format(), nil
}

// blank returns a hash of no password, with a salt and our costs.
func (p *Passwords) blank() phc {
	h := phc{key: p.keys.newest(), memory: p.memory, passes: p.passes, threads: threads, salt: make([]byte, saltSize), sum: make([]byte, sumSize)}
	rand.Read(h.salt)
	rand.Read(h.sum)
	return h
}

// Check reports whether pw is the password of hash, and if so whether hash is
// to be replaced by a new one of the same password: it was made with other
// costs or an older key.
//
// An empty hash, of an account without a password or of no account at all,
// costs the same time and never matches: so the time does not tell which
// accounts exist.
func (p *Passwords) Check(ctx context.Context, pw Password, hash PasswordHash) (ok, stale bool, err error) {
	leave, err := p.enter(ctx)
	if err != nil {
		return false, false, err
	}
	defer leave()
	h := p.blank()
	if hash != "" {
		if h, err = p.parse(hash); err != nil {
			return false, false, err
		}
	}
	ok = h.matches(pw)
	if nfc := Password(norm.NFC.String(string(pw))); !ok && nfc != pw {
		// Another keyboard may send the same letters as other bytes.
		ok = h.matches(nfc)
	}
	return ok, ok && p.stale(h), nil
}

// Room is a Problem of kind Unavailable when too many wait already: who asks it
// first spares a request that will be turned away whatever else it costs.
func (p *Passwords) Room() error {
	if int(p.waiting.Load()) < maxQueue+cap(p.places) {
		return nil
	}
	return errBusy()
}

func errBusy() error {
	return &problem.Problem{
		Kind:   problem.Unavailable,
		Detail: "Many people are logging in at this moment. Please try again in a few seconds.",
	}
}

// enter waits for a place among those who compute.
func (p *Passwords) enter(ctx context.Context) (leave func(), err error) {
	if int(p.waiting.Add(1)) > maxQueue+cap(p.places) {
		p.waiting.Add(-1)
		return nil, errBusy()
	}
	select {
	case p.places <- struct{}{}:
		return p.leave, nil
	case <-ctx.Done():
		p.waiting.Add(-1)
		return nil, fmt.Errorf("wait to hash a password: %w", ctx.Err())
	}
}

// leave gives the place to the next, once the memory is free again that this one
// has used: to the collector it is as much as all else together, and a rush of
// log-ins would let the heap grow to a multiple of that. Nobody waits for it who
// has an answer already.
func (p *Passwords) leave() {
	go func() {
		if p.memory >= memory {
			runtime.GC()
		}
		<-p.places
		p.waiting.Add(-1)
	}()
}

// phc is a PasswordHash taken apart.
type phc struct {
	key                     key
	memory, passes, threads uint64
	salt, sum               []byte
}

// compute returns the sum of a password with h's salt, pepper and costs.
func (h phc) compute(pw Password) []byte {
	mac := hmac.New(sha256.New, h.key.derive("password"))
	mac.Write([]byte(pw))
	return argon2.IDKey(mac.Sum(nil), h.salt, uint32(h.passes), uint32(h.memory), uint8(h.threads), uint32(len(h.sum)))
}

func (h phc) matches(pw Password) bool {
	return subtle.ConstantTimeCompare(h.compute(pw), h.sum) == 1
}

// stale reports whether a new hash would be made otherwise.
func (p *Passwords) stale(h phc) bool {
	return h.memory != p.memory || h.passes != p.passes || h.threads != threads ||
		len(h.salt) != saltSize || len(h.sum) != sumSize || h.key.id != p.keys.newest().id
}

// format writes h as a PHC string.
func (h phc) format() PasswordHash {
	b64 := base64.RawStdEncoding.EncodeToString
	return PasswordHash(fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d,keyid=%s$%s$%s",
		argon2.Version, h.memory, h.passes, h.threads, hex.EncodeToString(h.key.id[:]), b64(h.salt), b64(h.sum)))
}

// parse reads what format wrote, and refuses costs that would harm us.
func (p *Passwords) parse(hash PasswordHash) (h phc, err error) {
	parts := strings.Split(string(hash), "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return h, errPasswordHash
	}
	params := strings.Split(parts[3], ",")
	if len(params) != 4 {
		return h, errPasswordHash
	}
	for i, number := range []struct {
		name string
		to   *uint64
		most uint64
	}{{"m=", &h.memory, maxMemory}, {"t=", &h.passes, maxPasses}, {"p=", &h.threads, 4}} {
		text, ok := strings.CutPrefix(params[i], number.name)
		*number.to, err = strconv.ParseUint(text, 10, 32)
		if !ok || err != nil || *number.to < 1 || *number.to > number.most {
			return h, errPasswordHash
		}
	}
	keyid, ok := strings.CutPrefix(params[3], "keyid=")
	id, err := hex.DecodeString(keyid)
	if !ok || err != nil {
		return h, errPasswordHash
	}
	if h.key, ok = p.keys.byID(id); !ok {
		return h, fmt.Errorf("secret: the key %s of a password hash is not in the keyring", keyid)
	}
	var errSalt, errSum error
	h.salt, errSalt = base64.RawStdEncoding.Strict().DecodeString(parts[4])
	h.sum, errSum = base64.RawStdEncoding.Strict().DecodeString(parts[5])
	if errSalt != nil || errSum != nil || len(h.salt) < 8 || len(h.salt) > 64 || len(h.sum) < 16 || len(h.sum) > 64 {
		return h, errPasswordHash
	}
	return h, nil
}
