package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/audience"
	"kawaraban/internal/comment"
	"kawaraban/internal/desk"
	"kawaraban/internal/follow"
	"kawaraban/internal/media"
	"kawaraban/internal/newsletter"
	"kawaraban/internal/page"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
	"kawaraban/internal/wire"
)

// A flock is a paper on one or more nodes, its wire in a process of its own, and a sister
// paper, all as for serving.
type flock struct {
	t      *testing.T
	nodes  []*paper
	hand   *paper // the process that delivers, and serves nothing
	sister *paper
	source wire.Source
	editor *reader.Actor
	member *reader.Actor
	cookie string // of the member
	shot   int    // how many stories there were
}

const flockPassword = "correct horse battery staple"

// served puts a paper together and serves it until the test ends.
func served(t *testing.T, s *settings, l net.Listener, listeners ...net.Listener) *paper {
	t.Helper()
	p := put(t, s)
	if err := p.neighbours(listeners); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ready, over := make(chan struct{}), make(chan error, 1)
	go func() { over <- p.serve(ctx, l, nil, func() { close(ready) }) }()
	t.Cleanup(func() {
		stop()
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
	select {
	case <-ready:
	case err := <-over:
		t.Fatal("it does not open: ", err)
	}
	return p
}

// put opens a paper that is closed when the test ends, after what serves it has ended.
func put(t *testing.T, s *settings) *paper {
	t.Helper()
	p, err := openPaper(t.Context(), s, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)
	return p
}

// newFlock opens a paper on so many nodes, its wire and a sister.
func newFlock(t *testing.T, database string, nodes int) *flock {
	t.Helper()
	k := &flock{t: t}
	var listeners []net.Listener
	for range nodes + 1 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		k.check(err)
		listeners = append(listeners, l)
	}
	set := func(name, data, database string, l net.Listener) *settings {
		return &settings{
			Data: data, Database: database, Addr: l.Addr().String(), CacheMB: 8, PaperName: name, Language: "en", Zone: "UTC",
			Sections: []string{"city=City", "world=World"}, SMTPSecurity: "starttls",
		}
	}
	data := t.TempDir()
	base, err := url.Parse("http://" + listeners[0].Addr().String())
	k.check(err)
	for i := range nodes {
		s := set("The Post", data, database, listeners[i])
		s.BaseURL = base
		k.nodes = append(k.nodes, served(t, s, listeners[i], listeners...))
	}
	k.sister = served(t, set("The Sister", t.TempDir(), "", listeners[nodes]), listeners[nodes], listeners...)
	s := set("The Post", data, database, listeners[0])
	s.BaseURL = base
	k.hand = put(t, s)
	k.source, err = k.hand.wire.AddSource(t.Context(), wire.Source{Name: "HPA", Section: "city", Publish: wire.Auto})
	k.check(err)
	k.meet()
	k.people()
	return k
}

func (k *flock) check(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

// meet makes the two papers sisters of one another.
func (k *flock) meet() {
	ctx := k.t.Context()
	ours := k.nodes[0]
	for _, pair := range [][2]*paper{{ours, k.sister}, {k.sister, ours}} {
		key, err := pair[1].network.Key(ctx)
		k.check(err)
		id, err := pair[0].network.Add(ctx, "", pair[1].settings.base())
		k.check(err)
		k.check(pair[0].network.Confirm(ctx, "", id, key))
	}
}

// people are an editor, and a member who is logged in and gets all newsletters.
func (k *flock) people() {
	ctx, p := k.t.Context(), k.nodes[0]
	actor := func(email, name string, role reader.Role) *reader.Actor {
		_, err := p.readers.Add(ctx, reader.New{Email: email, Name: name, Role: role, Password: flockPassword})
		k.check(err)
		r, err := p.readers.ByEmail(ctx, email)
		k.check(err)
		return &reader.Actor{Reader: r}
	}
	k.editor = actor("edith@paper.example", "Edith", reader.Editor)
	k.member = actor("mo@readers.example", "Mo", reader.Member)
	e, err := p.readers.Login(ctx, "mo@readers.example", flockPassword, reader.Browser{})
	k.check(err)
	k.cookie = e.Token.Reveal()
	k.check(p.letters.Enrol(ctx, "mo@readers.example", "demo", "Mo wants it.", "daily", "weekly", "alerts"))
}

// A shot is a story of the wire with a word that is nowhere else, and all that leads to it.
type shot struct {
	word     string // in every part of the story
	uri      string
	id       string   // the article's
	path     string   // its address
	comment  string   // one on it
	member   string   // the handle of who wrote it
	token    string   // of a link for somebody outside
	files    []string // names of the renditions of its picture
	picture  string
	topic    string
	edition  newsletter.Edition // that was sent
	coming   newsletter.Edition // that is to be sent
	alerted  newsletter.Edition
	leaves   string // the token by which the member ends a subscription
	own      string
	atSister string // the item's id in the panel of the sister
}

func (s shot) ninjs(version int, status, body string) []byte {
	return fmt.Appendf(nil, `{"uri":%[1]q,"version":"%[2]d","type":"text","pubstatus":%[3]q,"urgency":2,"headline":"The %[4]s bridge closes","description_text":"A %[4]s standfirst.",
		"slugline":"%[4]s-bridge","byline":"Ada %[4]s","located":"%[4]s","copyrightnotice":"© %[4]s","subject":[{"code":"15000000","name":"sport"}],"body_xhtml":%[5]q,
		"associations":{"featuremedia":{"uri":"%[1]s-p","type":"picture","pubstatus":"usable","description_text":"The %[4]s caption.","byline":"Ole %[4]s","headline":"A %[4]s",
		"renditions":{"original":{"href":%[6]q,"mimetype":"image/jpeg"}}}}}`, s.uri, version, status, s.word, body, s.word+".jpg")
}

func (s shot) body(n int) string {
	return fmt.Sprintf("<p>The %[1]s bridge was closed on Friday because of the %[1]s, the council said, and nobody knows when the %[1]s ends.</p><p>This is version %[2]d of the %[1]s.</p>", s.word, n)
}

// beside is the folder from which a story comes: its picture says the word, too.
func (s shot) beside(shade int) wire.Beside {
	return func(name string) ([]byte, error) {
		if name != s.word+".jpg" {
			return nil, fs.ErrNotExist
		}
		m := image.NewRGBA(image.Rect(0, 0, 900, 600))
		for y := range 600 {
			for x := range 900 {
				m.Set(x, y, color.RGBA{uint8(shade * 40), uint8(x / 4), uint8(y / 3), 255})
			}
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, m, nil); err != nil {
			return nil, err
		}
		return media.Embed(b.Bytes(), media.Meta{Headline: s.word, Caption: "The " + s.word, Byline: s.word, Credit: s.word, Copyright: "© " + s.word})
	}
}

// deliver has the wire's process take a version in.
func (k *flock) deliver(s shot, version int, status string) wire.Result {
	k.t.Helper()
	body := s.body(version)
	if status != "usable" {
		body = ""
	}
	results, err := k.hand.wire.Deliver(k.t.Context(), k.source, fmt.Sprintf("%s-%d.json", s.word, version), s.ninjs(version, status, body), s.beside(k.shot))
	k.check(err)
	if len(results) != 1 {
		k.t.Fatalf("version %d of %s: %v", version, s.word, results)
	}
	return results[0]
}

// spread brings a new story in and lets it go wherever stories go.
func (k *flock) spread() *shot {
	k.t.Helper()
	k.shot++
	ctx, p := k.t.Context(), k.nodes[0]
	s := &shot{word: "quokkalith" + string(rune('a'+k.shot))}
	s.uri = "urn:hpa:" + s.word
	if r := k.deliver(*s, 1, "usable"); r.Decision != wire.Released {
		k.t.Fatalf("the story is %v: %s", r.Decision, r.Reason)
	} else {
		s.id = r.Article
	}
	r := k.deliver(*s, 2, "usable")
	if r.Decision != wire.Updated {
		k.t.Fatalf("its second version is %v: %s", r.Decision, r.Reason)
	}
	a, err := p.articles.Get(ctx, p.db, s.id)
	k.check(err)
	s.path, s.picture = a.Path(), a.Lead.Picture
	if len(a.Topics) == 0 {
		k.t.Fatal("the story has no topic")
	}
	s.topic = a.Topics[0]

	// Editors put it on top, into the bar, and show it to somebody outside.
	front, _, err := p.desk.Holds(ctx, desk.FrontPage)
	k.check(err)
	_, err = p.desk.Curate(ctx, k.editor, desk.FrontPage, front.Number, []article.Place{{Area: "lead", Slot: 0, Article: s.id}}, time.Time{})
	k.check(err)
	bar, err := p.desk.Bar(ctx)
	k.check(err)
	k.check(p.desk.RaiseBar(ctx, k.editor, bar.Number, desk.Bar{Words: "Breaking: the " + s.word + " bridge", Article: s.id}))
	_, err = p.desk.Open(ctx, k.editor, s.id)
	k.check(err)
	token, err := p.desk.ShareDraft(ctx, k.editor, s.id, "for the lawyer", time.Now().Add(time.Hour))
	k.check(err)
	s.token = token.Reveal()

	// Readers read it, follow it, and say something.
	for i := range 12 {
		p.house.Audience.Opened(audience.View{Article: s.id, From: netip.AddrFrom4([4]byte{198, 51, 100, byte(i + 1)}), Agent: "Mozilla/5.0 Firefox/140.0"})
	}
	for _, w := range []follow.What{{Kind: follow.Story, Key: s.id}, {Kind: follow.Thread, Key: s.id}, {Kind: follow.Author, Key: "Ada " + s.word}, {Kind: follow.Topic, Key: s.topic}} {
		k.check(p.follows.Add(ctx, k.member.Reader.ID, w, follow.Mail))
	}
	c, err := p.comments.Post(ctx, comment.New{About: comment.About{Article: s.id, Published: a.Published}, Author: k.member.Reader.ID, Body: "A plain answer, number " + strconv.Itoa(k.shot), Vetted: true})
	k.check(err)
	s.comment, s.member = c.ID, k.member.Reader.Handle

	k.mail(s)
	papertest.Eventually(k.t, func() bool {
		pictures, err := p.media.Pictures(ctx, s.picture)
		if err != nil || pictures[s.picture] == nil {
			return false
		}
		s.files = nil
		for _, f := range pictures[s.picture].Renditions {
			s.files = append(s.files, f.Key)
		}
		return len(s.files) > 1
	})
	k.askSister(s)
	return s
}

// mail sends one edition with the story, prepares another, and sends an alert.
func (k *flock) mail(s *shot) {
	k.t.Helper()
	ctx, p := k.t.Context(), k.nodes[0]
	list := func(slug string) newsletter.List {
		l, err := p.letters.ListBySlug(ctx, slug)
		k.check(err)
		return l
	}
	write := func(slug string, at time.Time) newsletter.Edition {
		e, err := p.letters.Begin(ctx, k.editor, list(slug).ID)
		k.check(err)
		e, err = p.letters.Write(ctx, k.editor, e.ID, e.Version, newsletter.Manuscript{
			Subject: "The " + s.word + " bridge closes", Preview: "A " + s.word + " standfirst.",
			Parts: []newsletter.Part{{Block: newsletter.Block{Kind: newsletter.Stories}, Stories: []string{s.id}, Show: 1}},
		})
		k.check(err)
		e, err = p.letters.Schedule(ctx, k.editor, e.ID, e.Version, at)
		k.check(err)
		return e
	}
	s.coming = write("weekly", time.Now().Add(time.Hour))
	s.edition = write("daily", time.Time{})
	var err error
	s.alerted, err = p.letters.SendAlert(ctx, k.editor, list("alerts").ID, newsletter.AlertText{Subject: "The " + s.word + " bridge closes", Article: s.id})
	k.check(err)
	papertest.Eventually(k.t, func() bool {
		for _, id := range []string{s.edition.ID, s.alerted.ID} {
			e, err := p.letters.EditionByID(ctx, k.editor, id)
			if err != nil || e.Stage != newsletter.Sent {
				return false
			}
		}
		return true
	})
	var subscriber string
	k.check(p.db.QueryRow(ctx, `select id from subscriber where email = $1`, "mo@readers.example").Scan(&subscriber))
	s.leaves = p.letters.LeaveToken(list("daily").ID, subscriber)
	_, s.own, err = p.letters.Of(ctx, k.member)
	k.check(err)
}

// askSister waits until the story is in the panel of the sister, with its picture.
func (k *flock) askSister(s *shot) {
	k.t.Helper()
	ctx := k.t.Context()
	papertest.Eventually(k.t, func() bool {
		for _, i := range k.sister.network.Panel().Items {
			if strings.Contains(i.Title, s.word) && i.Picture != "" {
				s.atSister = i.ID
				return true
			}
		}
		sisters, err := k.sister.network.Sisters(ctx)
		k.check(err)
		k.check(k.sister.network.FetchNow(ctx, sisters[0].ID))
		return false
	})
}

// get asks a node as a reader does; as the member where cookie is not "".
func get(p *paper, path, cookie string) (status int, whole string) {
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	if strings.HasPrefix(path, "/live/") && strings.Count(path, "/") == 2 || path == "/me/live" {
		ctx, stop = context.WithTimeout(context.Background(), 50*time.Millisecond) // a stream has no end
	}
	defer stop()
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, p.settings.base()+path, nil)
	r.RemoteAddr = "192.0.2.7:1234"
	r.Header.Set("User-Agent", "Mozilla/5.0 Firefox/140.0")
	if cookie != "" {
		r.AddCookie(&http.Cookie{Name: reader.SessionCookie, Value: cookie})
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	var b strings.Builder
	for name, values := range w.Header() {
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(values, ", "))
	}
	return w.Code, b.String() + "\n" + w.Body.String()
}

// routes are the patterns of all that a node answers.
func routes(t *testing.T, p *paper) []string {
	t.Helper()
	rt, ok := p.face.Load().handler.(*page.Router)
	if !ok {
		t.Fatal("the handler of a face is no router")
	}
	return rt.Routes()
}
