package secret

import (
	"bufio"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"kawaraban/internal/problem"
)

// keyIDSize is the size of a key's id, in bytes; it tells keys apart and is
// no secret.
const keyIDSize = 4

// keyHeader explains the file to whoever opens it.
const keyHeader = `# The keys of this paper. Whoever has them can forge its links and read what
# it has sealed; without them nobody can, and what is sealed is lost: back this
# file up, apart from the database. The last key is used for what is new; keep
# the older ones for what they have sealed and signed.
`

// A Keyring holds the paper's keys. The newest seals and signs, all open and
// check. It is safe for use by many goroutines.
type Keyring struct {
	keys []key // the newest is the last
}

// A key is one line of the file: "id secret".
type key struct {
	id     [keyIDSize]byte
	secret [32]byte
	uses   *sync.Map // what derive has made, by use: an edition signs millions of tokens for three
}

// Format prints "(secret)" for every verb.
func (*Keyring) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }

// LogValue is "(secret)".
func (*Keyring) LogValue() slog.Value { return slog.StringValue(redacted) }

// NewKeyring returns a keyring with one new key, which is stored nowhere.
func NewKeyring() *Keyring { return &Keyring{[]key{newKey()}} }

func newKey() (k key) {
	k.uses = new(sync.Map)
	rand.Read(k.id[:])
	rand.Read(k.secret[:])
	return k
}

func (k key) String() string {
	return hex.EncodeToString(k.id[:]) + " " + base64.StdEncoding.EncodeToString(k.secret[:]) + "\n"
}

// OpenKeyring reads the keyring in the file at path, which it makes, with one
// key and for our user alone, when there is none. It is a Problem when the file
// cannot be read as a keyring, or by more people than its owner.
func OpenKeyring(path string) (*Keyring, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		// Another process may start at the same moment: the one that is
		// first wins, and both read its keys.
		if err := createOnce(path, []byte(keyHeader+newKey().String())); err != nil {
			return nil, fmt.Errorf("make the keys: %w", err)
		}
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the keys: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read the keys: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, &problem.Problem{
			Kind:   problem.Invalid,
			Detail: fmt.Sprintf("%s: other users of this machine can read the keys (%v); run: chmod 600 %[1]s.", path, info.Mode().Perm()),
		}
	}
	ring, err := ParseKeyring(string(text))
	if p := problem.Of(err); p != nil {
		return nil, &problem.Problem{Kind: p.Kind, Detail: path + " " + p.Detail, Err: p.Err}
	}
	return ring, err
}

// AddKey puts a new key into the file at path. Processes that run take it when
// they start again; what older keys sealed stays readable.
func AddKey(path string) error {
	ring, err := OpenKeyring(path)
	if err != nil {
		return err
	}
	ring.keys = append(ring.keys, newKey())
	var b strings.Builder
	b.WriteString(keyHeader)
	for _, k := range ring.keys {
		b.WriteString(k.String())
	}
	temp, err := writeTemp(path, []byte(b.String()))
	if err != nil {
		return fmt.Errorf("add a key: %w", err)
	}
	defer os.Remove(temp)
	if err := os.Rename(temp, path); err != nil {
		return fmt.Errorf("add a key: %w", err)
	}
	return syncFolder(path)
}

// ParseKeyring reads keys as they stand in the file, for those who keep them
// in a setting instead. Its Problems name the line.
func ParseKeyring(text string) (*Keyring, error) {
	var ring Keyring
	seen := map[[keyIDSize]byte]bool{}
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		k, ok := parseKey(line)
		if !ok || seen[k.id] { // the line itself is secret and not shown
			return nil, invalidKeys("line %d: this is not a key, or its id is there twice.", n)
		}
		seen[k.id] = true
		ring.keys = append(ring.keys, k)
	}
	if err := lines.Err(); err != nil {
		return nil, invalidKeys("holds a line that is too long.")
	}
	if len(ring.keys) == 0 {
		return nil, invalidKeys("holds no key.")
	}
	return &ring, nil
}

func invalidKeys(format string, args ...any) error {
	return &problem.Problem{Kind: problem.Invalid, Detail: fmt.Sprintf(format, args...)}
}

// parseKey reads one line of the file.
func parseKey(line string) (k key, ok bool) {
	id, text, _ := strings.Cut(line, " ")
	b, err := base64.StdEncoding.Strict().DecodeString(strings.TrimSpace(text))
	if err != nil || len(b) != len(k.secret) || len(id) != hex.EncodedLen(keyIDSize) {
		return k, false
	}
	k.uses = new(sync.Map)
	copy(k.secret[:], b)
	_, err = hex.Decode(k.id[:], []byte(id))
	return k, err == nil
}

// newest returns the key for what is new.
func (r *Keyring) newest() key { return r.keys[len(r.keys)-1] }

// byID returns the key with this id.
func (r *Keyring) byID(id []byte) (key, bool) {
	for _, k := range r.keys {
		if string(k.id[:]) == string(id) {
			return k, true
		}
	}
	return key{}, false
}

// derive returns the 32 bytes that k has for one use. Uses do not know each
// other's keys, so that a text made for one is nothing for another. They are kept:
// a use is named by us, never by who asks, and nobody changes the bytes.
func (k key) derive(use string) []byte {
	if b, ok := k.uses.Load(use); ok {
		return b.([]byte)
	}
	b, err := hkdf.Key(sha256.New, k.secret[:], nil, "kawaraban 1 "+use, 32)
	if err != nil {
		panic("secret: " + err.Error()) // only for a key too long or, in FIPS mode, too short
	}
	k.uses.Store(use, b)
	return b
}

// Digest names text for one use, so that the same text has the same name and
// nobody without our keys can find the text by trying: addresses of networks and
// of mail, where only their number matters. A new key makes new names.
func (r *Keyring) Digest(use, text string) string {
	mac := hmac.New(sha256.New, r.newest().derive("digest "+use))
	mac.Write([]byte(text))
	return base64url.EncodeToString(mac.Sum(nil)[:16])
}

// createOnce makes the file at path with this content, whole or not at all,
// unless there is one.
func createOnce(path string, content []byte) error {
	temp, err := writeTemp(path, content)
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	if err := os.Link(temp, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(path)
}

// writeTemp writes content, for our user alone, to a new file beside path.
func writeTemp(path string, content []byte) (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".keys-*") // with mode 0600
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// syncFolder makes the name of path survive a power cut.
func syncFolder(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
