package push

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/fetch"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

var b64 = base64.RawURLEncoding

// A service is a push service with browsers: it checks who sends, and can read what
// arrives as only the browser can.
type service struct {
	*httptest.Server
	t        testing.TB
	mu       sync.Mutex
	browsers map[string]*browser // by path
	answers  map[string][]int    // what a browser's address answers first
	got      atomic.Int64
	read     bool // decrypt what arrives
}

// A browser is one that wants to be woken.
type browser struct {
	key  *ecdh.PrivateKey
	auth []byte
	got  []Message
	head http.Header
}

func newService(t testing.TB) *service {
	s := &service{t: t, browsers: map[string]*browser{}, answers: map[string][]int{}, read: true}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(s.take))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func (s *service) browser(name string) Address {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	check(s.t, err)
	b := &browser{key: key, auth: make([]byte, 16)}
	rand.Read(b.auth)
	s.mu.Lock()
	s.browsers["/"+name] = b
	s.mu.Unlock()
	return Address{Endpoint: s.URL + "/" + name, P256dh: b64.EncodeToString(key.PublicKey().Bytes()), Auth: b64.EncodeToString(b.auth)}
}

func (s *service) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	s.got.Add(1)
	if !s.read {
		w.WriteHeader(http.StatusCreated)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.browsers[r.URL.Path]
	if list := s.answers[r.URL.Path]; len(list) > 0 {
		s.answers[r.URL.Path] = list[1:]
		w.WriteHeader(list[0])
		return
	}
	if b == nil {
		w.WriteHeader(http.StatusGone)
		return
	}
	if err := s.signed(r.Header.Get("Authorization")); err != nil {
		s.t.Errorf("the signature: %v", err)
		w.WriteHeader(http.StatusForbidden)
		return
	}
	m, err := b.open(body)
	if err != nil {
		s.t.Errorf("the message: %v", err)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	b.got, b.head = append(b.got, m), r.Header.Clone()
	w.WriteHeader(http.StatusCreated)
}

// signed checks a VAPID header (RFC 8292): the signature, for whom it is, and until when.
func (s *service) signed(header string) error {
	rest, ok := strings.CutPrefix(header, "vapid t=")
	token, key, ok2 := strings.Cut(rest, ", k=")
	parts := strings.Split(token, ".")
	if !ok || !ok2 || len(parts) != 3 {
		return fmt.Errorf("malformed %q", header)
	}
	point, err := b64.DecodeString(key)
	if err != nil {
		return err
	}
	sig, err := b64.DecodeString(parts[2])
	if err != nil || len(sig) != 64 {
		return fmt.Errorf("a signature of %d bytes: %v", len(sig), err)
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])) {
		return fmt.Errorf("signed with another key")
	}
	claims, err := b64.DecodeString(parts[1])
	if err != nil {
		return err
	}
	var c struct {
		Aud, Sub string
		Exp      int64
	}
	if err := json.Unmarshal(claims, &c); err != nil {
		return err
	}
	if c.Aud != s.URL || c.Sub != "mailto:desk@paper.example" || time.Until(time.Unix(c.Exp, 0)) > 24*time.Hour {
		return fmt.Errorf("it says %+v", c)
	}
	return nil
}

// open reads a message as the browser does (RFC 8188, RFC 8291).
func (b *browser) open(body []byte) (m Message, err error) {
	if len(body) < 86 || body[20] != 65 {
		return m, fmt.Errorf("a body of %d bytes", len(body))
	}
	if size := binary.BigEndian.Uint32(body[16:20]); size != record || len(body) > record {
		return m, fmt.Errorf("a record of %d in a body of %d bytes", size, len(body))
	}
	salt, sender, sealed := body[:16], body[21:86], body[86:]
	other, err := ecdh.P256().NewPublicKey(sender)
	if err != nil {
		return m, err
	}
	shared, err := b.key.ECDH(other)
	if err != nil {
		return m, err
	}
	ikm, _ := hkdf.Key(sha256.New, shared, b.auth, "WebPush: info\x00"+string(b.key.PublicKey().Bytes())+string(sender), 32)
	cek, _ := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	nonce, _ := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	block, err := aes.NewCipher(cek)
	if err != nil {
		return m, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return m, err
	}
	plain, err := gcm.Open(nil, nonce, sealed, nil)
	if err != nil {
		return m, err
	}
	text, _, ok := strings.Cut(string(plain), "\x02")
	if !ok {
		return m, fmt.Errorf("no end")
	}
	return m, json.Unmarshal([]byte(text), &m)
}

type kit struct {
	*Store
	t       testing.TB
	service *service
	clock   *papertest.Clock
}

func newKit(t testing.TB, d *db.DB) *kit {
	k := &kit{t: t, service: newService(t), clock: new(papertest.Clock)}
	u, err := url.Parse(k.service.URL)
	check(t, err)
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	check(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(k.service.Certificate())
	k.Store = &Store{
		DB: d, Keys: secret.NewKeyring(), Contact: "desk@paper.example", Now: k.clock.Now, ID: db.NewID,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Pause: time.Microsecond,
		Fetch: fetch.New(fetch.Settings{
			Agent: "Kawaraban", PerHost: workers, RootCAs: roots, AllowHosts: append(Services(), u.Hostname()),
			AllowPrivate: []netip.Prefix{netip.MustParsePrefix(u.Hostname() + "/32")}, AllowPorts: []uint16{uint16(port)},
		}),
	}
	return k
}

func onBoth(t *testing.T, f func(k *kit)) {
	t.Helper()
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		for _, id := range []string{"ana", "bo"} {
			k.reader(id)
		}
		f(k)
	})
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (k *kit) exec(query string, args ...any) {
	k.t.Helper()
	check(k.t, k.DB.Tx(k.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(k.t.Context(), query, args...)
		return err
	}))
}

func (k *kit) reader(id string) {
	k.t.Helper()
	k.exec(`insert into reader (id, email, name, handle, bio, portrait, language, role, password, totp, totp_step, letters, leaving, leave_how, erased, created)
		values ($1, $1 || '@readers.example', $1, $1, '', '', '', 'reader', '', '', 0, 'now', 0, '', 0, 1)`, id)
}

func (k *kit) send(m Message, readers ...string) Sent {
	k.t.Helper()
	sent, err := k.Send(k.t.Context(), m, readers...)
	check(k.t, err)
	return sent
}

func TestSend(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		check(t, k.Add(ctx, "ana", k.service.browser("ana-phone"), "Firefox"))
		check(t, k.Add(ctx, "ana", k.service.browser("ana-desk"), "Chrome"))
		check(t, k.Add(ctx, "bo", k.service.browser("bo"), "Safari"))
		m := Message{Title: "The bridge", Text: strings.Repeat("長", 900), Path: "/a/1", Tag: "1", Life: time.Hour, Urgent: true}
		if sent := k.send(m, "ana"); sent != (Sent{Accepted: 2}) {
			t.Errorf("to ana: %+v", sent)
		}
		b := k.service.browsers["/ana-phone"]
		if len(b.got) != 1 || b.got[0].Title != "The bridge" || b.got[0].Path != "/a/1" || len([]rune(b.got[0].Text)) > maxText || len(k.service.browsers["/bo"].got) != 0 {
			t.Errorf("ana's phone got %+v", b.got)
		}
		if b.head.Get("TTL") != "3600" || b.head.Get("Urgency") != "high" || len(b.head.Get("Topic")) > 32 || b.head.Get("Topic") == "" || b.head.Get("Cookie") != "" {
			t.Errorf("the service is told %v", b.head)
		}

		// A service that is busy is asked again; a browser that is gone is removed.
		k.service.answers["/bo"] = []int{503, 429}
		k.service.answers["/ana-desk"] = []int{410}
		k.service.answers["/ana-phone"] = []int{400}
		if sent := k.send(m, "ana", "bo"); sent != (Sent{Accepted: 1, Gone: 1, Failed: 1}) {
			t.Errorf("with trouble: %+v", sent)
		}
		list, err := k.Of(ctx, "ana")
		check(t, err)
		if len(list) != 1 || list[0].Name != "Firefox" {
			t.Errorf("ana has %v", list)
		}
		k.service.answers["/bo"] = []int{500, 500, 500, 500, 500}
		if sent := k.send(m, "bo"); sent != (Sent{Failed: 1}) {
			t.Errorf("with a service that is broken: %+v", sent)
		}
		check(t, k.Remove(ctx, "ana", list[0].ID))
		if err := k.Remove(ctx, "ana", list[0].ID); !problem.Is(err, problem.NotFound) {
			t.Errorf("removed twice: %v", err)
		}
		if sent := k.send(m, "ana", "nobody"); sent != (Sent{}) {
			t.Errorf("to nobody: %+v", sent)
		}
		check(t, k.DB.Tx(ctx, func(tx *db.Tx) error { return k.Forget(ctx, tx, "bo") }))
		if list, err := k.Of(ctx, "bo"); len(list) != 0 || err != nil {
			t.Errorf("an erased reader has %v, %v", list, err)
		}
	})
}

// TestAdd takes addresses of push services only.
func TestAdd(t *testing.T) {
	onBoth(t, func(k *kit) {
		good := k.service.browser("x")
		with := func(change func(*Address)) Address {
			a := good
			change(&a)
			return a
		}
		for what, a := range map[string]Address{
			"plain http":        with(func(a *Address) { a.Endpoint = "http://fcm.googleapis.com/x" }),
			"another host":      with(func(a *Address) { a.Endpoint = "https://evil.example/x" }),
			"a host like it":    with(func(a *Address) { a.Endpoint = "https://evilfcm.googleapis.com.evil.example/x" }),
			"our network":       with(func(a *Address) { a.Endpoint = "https://10.0.0.1/x" }),
			"metadata":          with(func(a *Address) { a.Endpoint = "https://169.254.169.254/latest" }),
			"this machine":      with(func(a *Address) { a.Endpoint = "https://localhost/x" }),
			"another port":      with(func(a *Address) { a.Endpoint = "https://fcm.googleapis.com:8443/x" }),
			"with a password":   with(func(a *Address) { a.Endpoint = "https://a:b@fcm.googleapis.com/x" }),
			"nothing":           {},
			"long":              with(func(a *Address) { a.Endpoint += strings.Repeat("x", maxEndpoint) }),
			"a key that is not": with(func(a *Address) { a.P256dh = b64.EncodeToString(make([]byte, 65)) }),
			"a short secret":    with(func(a *Address) { a.Auth = b64.EncodeToString(make([]byte, 15)) }),
		} {
			if err := k.Add(t.Context(), "ana", a, ""); !problem.Is(err, problem.Invalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
		check(t, k.Add(t.Context(), "ana", with(func(a *Address) { a.Endpoint = "https://fcm.googleapis.com/fcm/send/x" }), ""))
		check(t, k.Add(t.Context(), "ana", good, "Firefox"))
		check(t, k.Add(t.Context(), "bo", good, "Firefox"))
		if list, err := k.Of(t.Context(), "ana"); len(list) != 1 || err != nil {
			t.Errorf("a browser that another reader uses now is still ana's: %v, %v", list, err)
		}
		var address string
		check(t, k.DB.QueryRow(t.Context(), `select address from push_device where reader = 'bo'`).Scan(&address))
		if strings.Contains(address, "127.0.0.1") || strings.Contains(address, good.Auth) {
			t.Errorf("stored as %s", address)
		}
		for i := range most {
			err := k.Add(t.Context(), "bo", k.service.browser(fmt.Sprint(i)), "")
			if i == most-1 != problem.Is(err, problem.Conflict) {
				t.Errorf("device %d: %v", i+2, err)
			}
		}
	})
}

// TestUnderEight has eight processes want the paper's key at once, and one browser be
// added by all of them: there is one of each.
func TestUnderEight(t *testing.T) {
	onBoth(t, func(k *kit) {
		var keys sync.Map
		a := k.service.browser("x")
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				key, err := k.Key(t.Context())
				if err != nil {
					t.Error(err)
				}
				keys.Store(key, true)
				if err := k.Add(t.Context(), "ana", a, ""); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		n := 0
		keys.Range(func(any, any) bool { n++; return true })
		list, err := k.Of(t.Context(), "ana")
		check(t, err)
		if n != 1 || len(list) != 1 {
			t.Errorf("%d keys and %d devices", n, len(list))
		}
		if sent := k.send(Message{Title: "x"}, "ana"); sent != (Sent{Accepted: 1}) {
			t.Errorf("with that key: %+v", sent)
		}
	})
}

// TestStop ends soon when it is to end.
func TestStop(t *testing.T) {
	k := newKit(t, papertest.SQLite(t))
	k.reader("ana")
	check(t, k.Add(t.Context(), "ana", k.service.browser("x"), ""))
	k.Pause = time.Hour
	k.service.answers["/x"] = []int{503}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := k.Send(ctx, Message{Title: "x"}, "ana")
		done <- err
	}()
	papertest.Eventually(t, func() bool { return k.service.got.Load() == 1 })
	cancel()
	if err := <-done; err == nil {
		t.Error("it is told to stop, and says that all is well")
	}
}

// BenchmarkSend wakes browsers, two for each reader; so many a second.
func BenchmarkSend(b *testing.B) {
	k := newKit(b, papertest.SQLite(b))
	k.service.read = false
	a := k.service.browser("x")
	var readers []string
	for i := range 500 {
		id := fmt.Sprint("r", i)
		k.reader(id)
		a.Endpoint = k.service.URL + "/" + id
		check(b, k.Add(b.Context(), id, a, ""))
		readers = append(readers, id)
	}
	for b.Loop() {
		if sent := k.send(Message{Title: "The bridge is closed"}, readers...); sent.Accepted != len(readers) {
			b.Fatalf("%+v", sent)
		}
	}
	b.ReportMetric(float64(len(readers)*b.N)/b.Elapsed().Seconds(), "messages/s")
}
