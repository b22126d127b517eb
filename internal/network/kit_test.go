package network

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/audit"
	"kawaraban/internal/blob"
	"kawaraban/internal/db"
	"kawaraban/internal/fetch"
	"kawaraban/internal/job"
	"kawaraban/internal/media"
	"kawaraban/internal/papertest"
	"kawaraban/internal/secret"
)

// A sister is a paper on this machine that says what a test wants.
type sisterPaper struct {
	*httptest.Server
	key    ed25519.PrivateKey
	mu     sync.Mutex
	answer http.HandlerFunc
	asked  int
}

func newSister(t testing.TB) *sisterPaper {
	_, key, err := ed25519.GenerateKey(nil)
	check(t, err)
	x := &sisterPaper{key: key}
	x.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x.mu.Lock()
		x.asked++
		answer := x.answer
		x.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(x.Close)
	return x
}

func (x *sisterPaper) says(h http.HandlerFunc) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.answer = h
}

// offers lets it answer with these bytes.
func (x *sisterPaper) offers(document []byte) {
	x.says(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != trendingPath {
			http.NotFound(w, r)
			return
		}
		w.Write(document)
	})
}

// list is what a sister offers at a time: articles with these titles.
func (x *sisterPaper) list(at time.Time, titles ...string) List {
	l := List{Version: 1, Paper: "The Hask Valley Weekly", Home: x.URL, Language: "en", Made: at, Expires: at.Add(time.Hour)}
	for _, title := range titles {
		id := article.Slug(title)
		l.Items = append(l.Items, Item{ID: id, Kind: Article, Category: "Valley", Title: title, Address: x.URL + "/a/" + id, Published: at})
	}
	return l
}

func (x *sisterPaper) signed(t testing.TB, l List) []byte {
	document, err := sign(l, x.key)
	check(t, err)
	return document
}

type kit struct {
	*Store
	t     testing.TB
	clock *papertest.Clock
	trend []string
	gone  int // how often something vanished
	jobs  *job.Queue
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newKit(t testing.TB, d *db.DB, papers ...*sisterPaper) *kit {
	k := &kit{t: t, clock: new(papertest.Clock)}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	blobs, err := blob.OpenFolder(t.TempDir())
	check(t, err)
	k.jobs = job.New(d, log)
	keys := secret.NewKeyring()
	job.Handle(k.jobs, article.DueKind, func(context.Context, article.Due) error { return nil })
	job.Handle(k.jobs, media.DrawKind, func(context.Context, media.Drawing) error { return nil })
	s := fetch.Settings{Agent: "Kawaraban", Timeout: time.Minute, AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}
	for _, x := range papers {
		u, err := url.Parse(x.URL)
		check(t, err)
		port, err := strconv.ParseUint(u.Port(), 10, 16)
		check(t, err)
		s.AllowPorts = append(s.AllowPorts, uint16(port))
	}
	k.Store = &Store{
		DB: d, Jobs: k.jobs, Keys: keys, Blobs: blobs, Audit: &audit.Log{DB: d, Keys: keys, Now: k.clock.Now}, Fetch: fetch.New(s), Local: true,
		Articles: &article.Store{DB: d, Jobs: k.jobs, Now: k.clock.Now, ID: db.NewID},
		Media:    &media.Store{DB: d, Blobs: blobs, Jobs: k.jobs, Now: k.clock.Now, ID: db.NewID, Log: log},
		Paper:    func() Paper { return Paper{"The Courier", "en", "https://courier.example"} },
		Trending: func(context.Context, int) ([]string, error) { return k.trend, nil },
		Vanished: func() { k.gone++ },
		Now:      k.clock.Now, ID: db.NewID, Log: log,
	}
	k.Work()
	return k
}

// befriend makes a paper a sister, as a publisher does, and has its list.
func (k *kit) befriend(x *sisterPaper) (id string) {
	k.t.Helper()
	id, err := k.Add(k.t.Context(), "pia", x.URL)
	check(k.t, err)
	sister, err := k.sister(k.t.Context(), k.DB, id)
	check(k.t, err)
	check(k.t, k.Confirm(k.t.Context(), "pia", id, sister.Key))
	k.take(id)
	return id
}

func (k *kit) take(id string) Sister {
	k.t.Helper()
	check(k.t, k.Take(k.t.Context(), Taking{id}))
	check(k.t, k.Refresh(k.t.Context()))
	x, err := k.sister(k.t.Context(), k.DB, id)
	check(k.t, err)
	return x
}

func (k *kit) titles() (list []string) {
	for _, i := range k.Panel().Items {
		list = append(list, i.Title)
	}
	return list
}

func (k *kit) exec(query string, args ...any) {
	k.t.Helper()
	check(k.t, k.DB.Tx(k.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(k.t.Context(), query, args...)
		return err
	}))
}

func fuzzKey() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
}

// raw signs bytes as they are.
func (x *sisterPaper) raw(list []byte) []byte {
	signature := ed25519.Sign(x.key, append([]byte(preamble), list...))
	return []byte(`{"list":` + string(list) + `,"key":"` + b64.EncodeToString(x.key.Public().(ed25519.PublicKey)) + `","signature":"` + b64.EncodeToString(signature) + `"}`)
}

// unchecked is what json makes of bytes, whoever has signed them.
func unchecked(list []byte) (l List) {
	if json.Unmarshal(list, &l) != nil {
		return List{}
	}
	return l
}
