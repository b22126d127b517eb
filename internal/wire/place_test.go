package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/fetch"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// A remote is a source whose files lie on a server, and that server.
type remote struct {
	*room
	tree    *papertest.Tree
	src     Source
	between func() // what happens between the two looks of a visit
}

// newRemote starts a server of one of the sorts "sftp", "ftp" (with MLSD), "unix" and
// "dos" (lists to the minute), and adds a source for it.
func newRemote(t *testing.T, d *db.DB, sort string, change func(*papertest.FTP)) *remote {
	t.Helper()
	r := &remote{room: newRoom(t, d), tree: &papertest.Tree{}}
	w := Way{Account: "kestrel"}
	settings := fetch.Settings{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}
	var addr string
	if sort == "sftp" {
		s := papertest.ServeSFTP(t, r.tree)
		addr, w.Kind, w.Options.HostKey = s.Addr, BySFTP, s.Fingerprint
	} else {
		s := papertest.ServeFTP(t, r.tree, func(s *papertest.FTP) {
			s.Facts, s.DOS, s.Now = sort == "ftp", sort == "dos", r.clock.Now
			if change != nil {
				change(s)
			}
		})
		addr, w.Kind, settings.RootCAs = s.Addr, ByFTP, s.Certs
	}
	settings.AllowPorts = []uint16{netip.MustParseAddrPort(addr).Port()}
	r.Fetch = fetch.New(settings)
	w.Address = fmt.Sprintf("%s://%s/in", w.Kind, addr)
	r.quick()
	r.src = r.way("Kestrel", w, "hunter2")
	return r
}

// quick has visits wait for nothing but between.
func (r *remote) quick() {
	for _, kind := range []Kind{BySFTP, ByFTP} {
		r.pullers()[kind].(*remoteFolder).wait = func(ctx context.Context) error {
			if f := r.between; f != nil {
				r.between = nil
				f()
			}
			return ctx.Err()
		}
	}
}

// restart is what another process begins with.
func (r *remote) restart() {
	old := r.Store
	r.Store = &Store{
		DB: old.DB, Articles: old.Articles, Media: old.Media, Fetch: old.Fetch, Keys: old.Keys, Language: old.Language,
		Now: old.Now, ID: old.ID, Log: old.Log,
	}
	r.quick()
}

func (r *remote) put(name string, data []byte) { r.tree.Put("/in/"+name, data, r.Now()) }

// visit asks n times, and returns how many deliveries there are.
func (r *remote) visit(n int) int {
	r.t.Helper()
	for range n {
		if _, trouble := r.polled(r.src); trouble != "" {
			r.t.Errorf("visited: %s", trouble)
		}
	}
	return r.count("wire_delivery")
}

func (r *remote) wants(headline string) {
	r.t.Helper()
	if got := r.read(r.src, "urn:hpa.example:ferry"); got != headline {
		r.t.Errorf("readers have %s, want %s", got, headline)
	}
}

// everywhere runs a test with each sort of server.
func everywhere(t *testing.T, test func(t *testing.T, r *remote)) {
	for _, sort := range []string{"sftp", "ftp", "unix", "dos"} {
		t.Run(sort, func(t *testing.T) { test(t, newRemote(t, papertest.SQLite(t), sort, nil)) })
	}
}

// TestRemote takes files from servers of each sort, once.
//
// Seen red: without the memory; with one that knows names only; with a file taken after
// one look.
func TestRemote(t *testing.T) {
	everywhere(t, func(t *testing.T, r *remote) {
		r.put("sub/one.json", version(1, nil).bytes())
		for _, name := range []string{"two.json.tmp", ".two.json", "a.part", ".hidden/two.json", "a/b/c/d/e/two.json"} {
			r.put(name, version(2, nil).bytes())
		}
		r.put("empty.json", nil)
		g, err := r.Look(t.Context(), r.src.ID)
		if err != nil || g.Waiting != 1 || g.Newest.Sub(r.Now()).Abs() > time.Minute {
			t.Errorf("a look says %+v, %v", g, err)
		}
		if n := r.visit(1); n != 1 {
			t.Errorf("%d deliveries, want 1", n)
		}
		r.wants("Ferry 1")
		r.put("bad.json", []byte("{damaged"))
		r.put("caf\xe9.json", version(3, nil).bytes())
		if n := r.visit(1); n != 3 {
			t.Errorf("%d deliveries, want 3: what is bad must not stop the rest", n)
		}
		r.wants("Ferry 3")
		r.clock.Add(time.Hour)
		r.visit(2)
		reads := r.tree.Reads("")
		r.restart()
		if n := r.visit(3); n != 3 || r.tree.Reads("") != reads {
			t.Errorf("%d deliveries, and %d files read for nothing", n, r.tree.Reads("")-reads)
		}
		if g, err := r.Look(t.Context(), r.src.ID); err != nil || g.Waiting != 0 {
			t.Errorf("a look says %+v, %v", g, err)
		}
		if names := r.tree.Names(); len(names) != 9 {
			t.Errorf("on the server lie %v", names)
		}
		r.whole()
	})
}

// TestRemoteHalfWritten leaves alone what is still being written.
func TestRemoteHalfWritten(t *testing.T) {
	everywhere(t, func(t *testing.T, r *remote) {
		data := version(1, nil).bytes()
		r.put("one.json", data[:20])
		r.between = func() { r.put("one.json", data[:40]) }
		if n := r.visit(1); n != 0 || r.tree.Reads("") != 0 {
			t.Errorf("a file that grows is taken: %d", n)
		}
		r.put("one.json", data)
		if n := r.visit(1); n != 1 {
			t.Errorf("a file that is whole is not taken: %d", n)
		}
		r.wants("Ferry 1")

		r.put("two.json.tmp", version(2, nil).bytes())
		r.between = func() { r.tree.Rename("/in/two.json.tmp", "/in/two.json") }
		r.put("x.json", version(1, doc{"uri": "urn:other"}).bytes()) // so that there is a second look
		r.visit(1)
		r.wants("Ferry 1")
		r.visit(1)
		r.wants("Ferry 2")

		// It vanishes before it is read, which is no trouble, and comes back.
		r.put("three.json", version(3, nil).bytes())
		r.put("y.json", version(1, doc{"uri": "urn:third"}).bytes())
		r.tree.Cut(func(what, name string, n int) bool {
			if what == "read" {
				r.tree.Remove("/in/y.json")
			}
			return false
		})
		r.visit(1)
		r.wants("Ferry 3")
		r.tree.Cut(nil)
		r.put("y.json", version(1, doc{"uri": "urn:third"}).bytes())
		r.visit(1)
		if got := r.read(r.src, "urn:third"); got != "Ferry 1" {
			t.Errorf("what came back is %s", got)
		}
	})
}

// TestRemotePictures brings the picture with the text, after it, and over a line that
// breaks while it is read.
//
// Seen red: the want of a picture given up when it could not be read.
func TestRemotePictures(t *testing.T) {
	story := func(id, picture string) []byte {
		return version(1, doc{"uri": id, "associations": doc{"main": doc{
			"type": "picture", "description_text": "The quay", "renditions": doc{"original": doc{"href": picture, "mimetype": "image/jpeg"}},
		}}}).bytes()
	}
	everywhere(t, func(t *testing.T, r *remote) {
		has := func(id string, want bool) {
			t.Helper()
			if a := r.story(r.src, id); a == nil || (a.Lead.Picture != "") != want {
				t.Errorf("%s: a picture %t is not so", id, want)
			}
		}
		r.put("a.json", story("urn:a", "img/a.jpg"))
		r.put("img/a.jpg", photo(1))
		r.put("b.json", story("urn:b", "img/b.jpg"))
		r.put("c.jpg", photo(9)) // nobody asks for it
		r.visit(1)
		has("urn:a", true)
		has("urn:b", false)
		if r.tree.Reads("/in/c.jpg") != 0 {
			t.Error("a picture is fetched that nobody waits for")
		}
		r.put("img/b.jpg", photo(2))
		r.tree.Cut(func(what, name string, n int) bool { return what == "read" && name == "/in/img/b.jpg" })
		if _, trouble := r.polled(r.src); !strings.Contains(trouble, "broke") {
			t.Errorf("cut in a picture: %q", trouble)
		}
		has("urn:b", false)
		r.tree.Cut(nil)
		r.visit(1)
		has("urn:b", true)

		// The picture lay there before, and the line breaks while the text fetches it.
		r.put("d.jpg", photo(3))
		r.visit(1)
		r.put("d.json", story("urn:d", "d.jpg"))
		r.tree.Cut(func(what, name string, n int) bool { return what == "read" && name == "/in/d.jpg" })
		if _, trouble := r.polled(r.src); !strings.Contains(trouble, "broke") {
			t.Errorf("cut in a picture: %q", trouble)
		}
		has("urn:d", false)
		r.tree.Cut(nil)
		r.visit(1)
		has("urn:d", true)
	})
}

// TestRemoteOverwritten holds that the same name with other content is new, also where
// the server's list cannot show it at once.
func TestRemoteOverwritten(t *testing.T) {
	everywhere(t, func(t *testing.T, r *remote) {
		r.put("one.json", version(1, nil).bytes())
		r.visit(1)
		r.wants("Ferry 1")
		r.put("one.json", version(2, nil).bytes()) // as long, and in the same second
		r.clock.Add(10 * time.Minute)
		r.put("two.json", version(1, doc{"uri": "urn:other"}).bytes())
		r.visit(1)
		if list := r.list(t); list == "minute" {
			r.wants("Ferry 2")
		}
		r.put("one.json", version(3, nil).bytes())
		r.visit(1)
		r.wants("Ferry 3")
		r.clock.Add(time.Hour)
		r.visit(1)
		reads := r.tree.Reads("")
		r.clock.Add(time.Hour)
		if r.visit(2); r.tree.Reads("") != reads {
			t.Error("files are read again and again")
		}
	})
}

// list says how exact the server's list is.
func (r *remote) list(t *testing.T) string {
	if strings.HasSuffix(t.Name(), "/unix") || strings.HasSuffix(t.Name(), "/dos") {
		return "minute"
	}
	return "second"
}

// TestRemoteClocks reads from a server of another zone, over the night in which its
// clock changes, and for a year: nothing is fetched again.
//
// Seen red: with times compared as they are.
func TestRemoteClocks(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err) // go has them all
	}
	for _, sort := range []string{"unix", "dos", "ftp"} {
		t.Run(sort, func(t *testing.T) {
			r := newRemote(t, papertest.SQLite(t), sort, func(s *papertest.FTP) { s.Zone = zone })
			r.clock.Set(time.Date(2027, 3, 27, 20, 0, 0, 0, time.UTC))
			for n := range 5 {
				r.put(fmt.Sprint(n, ".json"), version(1, doc{"uri": fmt.Sprint("urn:", n)}).bytes())
				r.clock.Add(7 * time.Minute)
			}
			r.visit(1)
			r.clock.Add(time.Hour)
			if n := r.visit(1); n != 5 {
				t.Errorf("%d deliveries", n)
			}
			reads := r.tree.Reads("")
			for _, at := range []time.Time{
				time.Date(2027, 3, 28, 12, 0, 0, 0, time.UTC), time.Date(2027, 10, 1, 12, 0, 0, 0, time.UTC),
				time.Date(2027, 12, 1, 12, 0, 0, 0, time.UTC), time.Date(2028, 7, 1, 12, 0, 0, 0, time.UTC),
			} {
				r.clock.Set(at)
				if r.visit(2); r.tree.Reads("") != reads {
					t.Fatalf("at %s %d files are fetched again", at, r.tree.Reads("")-reads)
				}
			}
		})
	}
}

// TestRemoteMany measures a folder that nobody ever empties.
func TestRemoteMany(t *testing.T) {
	files := 2000
	if testing.Short() {
		files = 200
	}
	for _, sort := range []string{"sftp", "ftp"} {
		t.Run(sort, func(t *testing.T) {
			r := newRemote(t, papertest.SQLite(t), sort, nil)
			for i := range files {
				r.put(fmt.Sprintf("%d.json", i), []byte("{")) // what is damaged costs least to store
			}
			measure := func(what string, do func()) {
				begin := time.Now()
				do()
				t.Logf("%s: %s", what, time.Since(begin))
			}
			measure(fmt.Sprintf("taking %d files", files), func() {
				for n := 0; r.count("wire_delivery") < files && n < 20; n++ { // a slow machine needs more than one visit
					r.visit(1)
				}
			})
			if n := r.tree.Reads(""); n != files || r.count("wire_file") != files || r.count("wire_delivery") != files {
				t.Errorf("%d files read, %d remembered, %d delivered", n, r.count("wire_file"), r.count("wire_delivery"))
			}
			r.restart()
			measure("a visit to all of them again", func() { r.visit(1) })
			if n := r.tree.Reads(""); n != files {
				t.Errorf("%d files read in all", n)
			}
		})
	}
}

// TestRemoteCut is about lines that break: what has come is kept, what was taken is not
// fetched again, and what is missing comes later.
func TestRemoteCut(t *testing.T) {
	everywhere(t, func(t *testing.T, r *remote) {
		for n := range 20 {
			r.put(fmt.Sprintf("%02d.json", n), version(1, doc{"uri": fmt.Sprint("urn:", n)}).bytes())
		}
		r.tree.Cut(func(what, _ string, n int) bool { return what == "list" && n > 10 })
		w, trouble := r.polled(r.src)
		if !strings.Contains(trouble, "broke") || w.Failures != 1 || r.count("wire_delivery") != 0 {
			t.Errorf("cut in a list: %q, %d failures, %d deliveries", trouble, w.Failures, r.count("wire_delivery"))
		}
		r.tree.Cut(func(what, name string, _ int) bool { return what == "read" && name == "/in/07.json" })
		if w, trouble = r.polled(r.src); !strings.Contains(trouble, "broke") || w.Failures != 2 || r.count("wire_delivery") != 7 {
			t.Errorf("cut in a file: %q, %d failures, %d deliveries", trouble, w.Failures, r.count("wire_delivery"))
		}
		r.tree.Cut(nil)
		if n := r.visit(1); n != 20 || r.tree.Reads("/in/03.json") != 1 {
			t.Errorf("%d deliveries, a file read %d times", n, r.tree.Reads("/in/03.json"))
		}
		// A list that breaks, or is empty, makes nobody forget.
		before := r.count("wire_file")
		r.tree.Cut(func(what, _ string, n int) bool { return what == "list" && n > 10 })
		r.polled(r.src)
		r.tree.Cut(nil)
		if n := r.count("wire_file"); n != before {
			t.Errorf("%d of %d files are remembered after a list broke", n, before)
		}
		for n := range 10 {
			r.tree.Remove(fmt.Sprintf("/in/%02d.json", n))
		}
		r.visit(1)
		if n := r.count("wire_file"); n != 10 {
			t.Errorf("%d files are remembered, and 10 are there", n)
		}
		away := r.Now()
		for n := 10; n < 20; n++ {
			r.tree.Rename(fmt.Sprintf("/in/%02d.json", n), fmt.Sprintf("/away/%02d.json", n))
		}
		r.tree.Put("/in/.keep", []byte("x"), away)
		r.visit(2)
		if n := r.count("wire_file"); n != 10 {
			t.Errorf("%d files are remembered after the list was empty for a while", n)
		}
		r.whole()
	})
}

// TestRemoteTrouble says what is wrong with a server, and what to do.
func TestRemoteTrouble(t *testing.T) {
	says := func(r *remote, change func(*Way), password, want string) {
		t.Helper()
		w, _ := r.state(r.src)
		change(&w)
		if err := r.Change(t.Context(), "", r.src, w, password); err != nil {
			t.Fatal(err)
		}
		_, err := r.Look(t.Context(), r.src.ID)
		if _, trouble := r.polled(r.src); !strings.Contains(trouble, want) || err == nil || err.Error() != trouble {
			t.Errorf("the trouble is %q, the test says %v, want %q", trouble, err, want)
		}
	}
	for _, sort := range []string{"sftp", "ftp"} {
		r := newRemote(t, papertest.SQLite(t), sort, nil)
		r.put("1.json", version(1, nil).bytes())
		r.visit(1)
		says(r, func(*Way) {}, "other", "does not let us in")
		says(r, func(w *Way) { w.Address = strings.Replace(w.Address, "/in", "/out", 1) }, "hunter2", "/out")
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		r.Fetch = fetch.New(fetch.Settings{
			AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, AllowPorts: []uint16{netip.MustParseAddrPort(l.Addr().String()).Port()},
		})
		l.Close()
		says(r, func(w *Way) { w.Address = sort + "://" + l.Addr().String() + "/in" }, "hunter2", "does not answer")
		r.Fetch = fetch.New(fetch.Settings{})
		says(r, func(*Way) {}, "hunter2", "public internet")
	}
	r := newRemote(t, papertest.SQLite(t), "sftp", nil)
	says(r, func(w *Way) { w.Options.HostKey = "" }, "", "Compare it with what the agency says")
	says(r, func(w *Way) { w.Options.HostKey = "SHA256:" + strings.Repeat("A", 43) }, "", "another key")
	r = newRemote(t, papertest.SQLite(t), "ftp", nil)
	r.Fetch = fetch.New(fetch.Settings{
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, AllowPorts: []uint16{portOf(r)},
	})
	says(r, func(*Way) {}, "", "certificate")
	w, _ := r.state(r.src)
	w.Options.Plain = true
	if p := problem.Of(r.Change(t.Context(), "", r.src, w, "")); p == nil || p.Fields["password"] == "" {
		t.Errorf("the kept password goes out without TLS: %v", p)
	}
}

func portOf(r *remote) uint16 {
	w, _ := r.state(r.src)
	a, err := parseServer(w.Address, map[string]uint16{"ftp": 21, "sftp": 22})
	if err != nil {
		r.t.Fatal(err)
	}
	return a.port
}

// TestRemoteChecks refuses addresses that cannot be.
func TestRemoteChecks(t *testing.T) {
	r := newRoom(t, papertest.SQLite(t))
	for _, test := range []struct {
		w     Way
		field string
	}{
		{Way{Kind: BySFTP, Address: "files.hpa.example", Account: "a"}, "address"},
		{Way{Kind: BySFTP, Address: "ftp://files.hpa.example", Account: "a"}, "address"},
		{Way{Kind: BySFTP, Address: "sftp://a:hunter2@files.hpa.example", Account: "a"}, "address"},
		{Way{Kind: BySFTP, Address: "sftp://files.hpa.example:0/", Account: "a"}, "address"},
		{Way{Kind: BySFTP, Address: "sftp://files.hpa.example/"}, "account"},
		{Way{Kind: BySFTP, Address: "sftp://files.hpa.example/", Account: "a", Options: Options{HostKey: "SHA256:x"}}, "host_key"},
		{Way{Kind: ByFTP, Address: "ftp://files.hpa.example/%0d%0aDELE", Account: "a"}, "address"},
		{Way{Kind: ByFTP, Address: "ftp://files.hpa.example/", Account: "a", Options: Options{Zone: "Berlin"}}, "zone"},
		{Way{Kind: ByFTP, Address: "ftps://files.hpa.example/", Account: "a", Options: Options{Plain: true}}, "address"},
		{Way{Kind: ByMail, Address: "imap://mail.hpa.example/INBOX", Account: "a"}, "address"},
	} {
		_, err := r.Add(t.Context(), "", Source{Name: "New", Section: "world", Publish: Hold}, test.w, "hunter2")
		if p := problem.Of(err); p == nil || p.Fields[test.field] == "" || strings.Contains(p.Detail, "hunter2") {
			t.Errorf("%v: %v, want something about %s", test.w, err, test.field)
		}
	}
}

// TestRemoteCrash lets the process end between storing a file and remembering it, at
// each file: nothing is lost, and nothing is there twice.
func TestRemoteCrash(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r := newRemote(t, d, "sftp", nil)
		const files = 5
		for n := range files {
			r.put(fmt.Sprint(n, ".json"), version(n+1, nil).bytes())
		}
		p := r.pullers()[BySFTP].(*remoteFolder)
		for n := range files {
			w, err := r.Way(t.Context(), r.src.ID)
			if err == nil {
				err = r.unseal(&w)
			}
			if err != nil {
				t.Fatal(err)
			}
			dead, kill := context.WithCancel(t.Context())
			taken := 0
			_, err = p.collect(dead, r.src, &w, func(ctx context.Context, piece Piece) error {
				if err := r.take(t.Context(), r.src, piece, &bringing{}); err != nil {
					return err
				}
				if taken++; taken > n {
					kill()
					execute(t, d, `alter table wire_file rename to wire_file_gone`) // what is not written when a process is killed
				}
				return nil
			})
			execute(t, d, `alter table wire_file_gone rename to wire_file`)
			if err == nil || taken != n+1 {
				t.Fatalf("killed after %d files: %v, %d taken", n+1, err, taken)
			}
			r.restart()
			p = r.pullers()[BySFTP].(*remoteFolder)
		}
		if n := r.visit(2); n != files {
			t.Errorf("%d deliveries of %d files", n, files)
		}
		if n := r.count("wire_item"); n != files {
			t.Errorf("%d items of %d files", n, files)
		}
		r.wants(fmt.Sprint("Ferry ", files))
		if n := r.tree.Reads("/in/0.json"); n != files+1 {
			t.Errorf("the first file was read %d times", n)
		}
		r.whole()
	})
}

// TestRemoteWaits holds that a visit takes its time between two looks, and ends when the
// program does.
func TestRemoteWaits(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (&remoteFolder{}).pause(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("paused: %v", err)
	}
}

// TestRemoteLarge refuses what is larger than what is kept, without reading it.
func TestRemoteLarge(t *testing.T) {
	everywhere(t, func(t *testing.T, r *remote) {
		r.put("large.xml", bytes.Repeat([]byte("x"), maxKept+1))
		if n := r.visit(2); n != 1 || r.tree.Reads("") != 0 {
			t.Errorf("%d deliveries, read %d times", n, r.tree.Reads(""))
		}
	})
}
