package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/audience"
	"kawaraban/internal/audit"
	"kawaraban/internal/blob"
	"kawaraban/internal/comment"
	"kawaraban/internal/config"
	"kawaraban/internal/db"
	"kawaraban/internal/desk"
	"kawaraban/internal/event"
	"kawaraban/internal/fetch"
	"kawaraban/internal/follow"
	"kawaraban/internal/job"
	"kawaraban/internal/live"
	"kawaraban/internal/mail"
	"kawaraban/internal/media"
	"kawaraban/internal/network"
	"kawaraban/internal/newsletter"
	"kawaraban/internal/page"
	papers "kawaraban/internal/paper"
	"kawaraban/internal/poll"
	"kawaraban/internal/promo"
	"kawaraban/internal/push"
	"kawaraban/internal/reader"
	"kawaraban/internal/search"
	"kawaraban/internal/secret"
	"kawaraban/internal/site"
	"kawaraban/internal/wire"
)

// A paper is one newspaper with all its parts put together. Several can live in
// one process: the demo has three.
type paper struct {
	settings *settings
	log      *slog.Logger
	db       *db.DB
	jobs     *job.Queue
	bus      *event.Bus
	blobs    *blob.Folder
	articles *article.Store
	media    *media.Store
	wire     *wire.Store
	readers  *reader.Store
	comments *comment.Store
	live     *live.Store
	polls    *poll.Store
	desk     *desk.Store
	audit    *audit.Log
	papers   *papers.Store
	opens    *audience.Store
	follows  *follow.Store
	pushes   *push.Store
	network  *network.Store
	promo    *promo.Store
	letters  *newsletter.Store
	search   *search.Store
	keys     *secret.Keyring

	simulated bool // its readers are the demo's programs

	origins       config.Origins // where the settings come from
	sectionsFixed string         // where the operator has set the sections, "" for nowhere

	house    *site.Site // what every face begins with
	known    atomic.Pointer[papers.Identity]
	face     atomic.Pointer[face]
	renewing sync.Mutex // held by who changes the face
	stopping bool
}

// openPaper opens the data folder and the database, and migrates.
func openPaper(ctx context.Context, s *settings, origins config.Origins, log *slog.Logger) (*paper, error) {
	if err := s.folder(); err != nil {
		return nil, err
	}
	sections, err := s.sections()
	if err != nil {
		return nil, err
	}
	p, err := openDatabase(ctx, s, origins, log)
	if err != nil {
		return nil, err
	}
	if _, err := p.migrate(ctx); err != nil {
		p.close()
		return nil, err
	}
	set := p.articles.PlantSections
	if p.sectionsFixed != "" {
		set = p.articles.SetSections
	}
	if err := errors.Join(set(ctx, sections), p.learn(ctx)); err != nil {
		p.close()
		return nil, err
	}
	if err := p.comments.SeedRules(ctx, firstRules(p.language())); err != nil {
		p.close()
		return nil, err
	}
	if err := p.letters.Seed(ctx, firstLists(p.language())); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// openDatabase puts a paper together whose database may still need migrating.
func openDatabase(ctx context.Context, s *settings, origins config.Origins, log *slog.Logger) (*paper, error) {
	url, err := s.database()
	if err != nil {
		return nil, err
	}
	private, err := s.wireNetworks()
	if err != nil {
		return nil, err
	}
	d, err := db.Open(ctx, db.Settings{URL: url, Fatal: func(err error) {
		log.Error("the process ends, so that nothing is acknowledged that is not kept", "error", err)
		os.Exit(2)
	}})
	if err != nil {
		return nil, err
	}
	blobs, err := blob.OpenFolder(filepath.Join(s.Data, "blobs"))
	if err != nil {
		d.Close()
		return nil, err
	}
	keys, err := secret.OpenKeyring(filepath.Join(s.Data, "secret.key"))
	if err != nil {
		d.Close()
		return nil, err
	}
	p := &paper{settings: s, origins: origins, keys: keys, log: log, db: d, blobs: blobs, jobs: job.New(d, log), bus: &event.Bus{DB: d, Log: log}}
	p.audit = &audit.Log{DB: d, Keys: keys, Now: time.Now, Witness: filepath.Join(s.Data, "audit.head")}
	p.papers = &papers.Store{DB: d, Audit: p.audit, Now: time.Now, ID: db.NewID, Operator: s.identity(), Fixed: p.fixed(), Serves: p.servable}
	p.known.Store(&p.papers.Operator)
	if from := origins["sections"]; from != "default" {
		p.sectionsFixed = from
	}
	p.articles = &article.Store{DB: d, Jobs: p.jobs, Audit: p.audit, Now: time.Now, ID: db.NewID}
	p.media = &media.Store{DB: d, Blobs: blobs, Jobs: p.jobs, Now: time.Now, ID: db.NewID, Log: log}
	p.wire = &wire.Store{
		DB: d, Articles: p.articles, Media: p.media, Fetch: fetch.New(fetch.Settings{Agent: "Kawaraban", Timeout: 30 * time.Second, AllowPrivate: private}), Keys: keys, Audit: p.audit,
		Language: p.language, Zone: p.zone, Now: time.Now, ID: db.NewID, Log: log,
	}
	p.readers = &reader.Store{
		DB: d, Passwords: secret.NewPasswords(keys), Keys: keys, Jobs: p.jobs, Audit: p.audit, Blobs: blobs, Paper: p.name,
		Now: time.Now, ID: db.NewID,
	}
	p.comments = &comment.Store{DB: d, Keys: keys, Jobs: p.jobs, Audit: p.audit, Now: time.Now, ID: db.NewID}
	p.live = &live.Store{DB: d, Now: time.Now, ID: db.NewID}
	p.polls = &poll.Store{DB: d, Now: time.Now, ID: db.NewID}
	p.desk = &desk.Store{
		DB: d, Articles: p.articles, Readers: p.readers, Media: p.media, Live: p.live, Polls: p.polls, Jobs: p.jobs, Audit: p.audit, Keys: keys,
		Now: time.Now, ID: db.NewID,
	}
	p.recalls()
	p.house = &site.Site{
		Articles: p.articles, Media: p.media, Readers: p.readers, Comments: p.comments, Live: p.live, Polls: p.polls, Desk: p.desk, Papers: p.papers,
		Wire: p.wire, Now: time.Now, Log: log,
	}
	p.counting()
	job.Handle(p.jobs, article.DueKind, p.articles.ComeDue)
	job.Handle(p.jobs, media.DrawKind, p.media.Draw)
	job.Handle(p.jobs, media.ForgetKind, p.media.Forget)
	sends(p, reader.LetterJob, (*site.Site).SendLetter)
	sends(p, desk.AssignmentJob, (*site.Site).SendAssignment)
	sends(p, comment.NoticeJob, (*site.Site).SendNotice)
	sends(p, comment.DailyJob, (*site.Site).SendDaily)
	sends(p, comment.ReportJob, (*site.Site).SendReport)
	sends(p, desk.ErrorLetterJob, (*site.Site).SendErrorLetter)
	p.newsletters()
	p.ruleAlerts()
	p.following()
	p.searching()
	p.sisters()
	p.sponsors()
	p.threads()
	p.readers.Work()
	return p, nil
}

func (p *paper) migrate(ctx context.Context) (steps int, err error) {
	if steps, err = p.db.Migrate(ctx); err != nil {
		return steps, err
	}
	if err = job.Migrate(ctx, p.db); err != nil {
		return steps, err
	}
	return steps, p.media.Index(ctx)
}

func (p *paper) close() {
	if err := p.db.Close(); err != nil {
		p.log.Error("the database did not close well", "error", err)
	}
}

// name is what the paper is called now, language the one in which it is written. Both
// are asked in the middle of transactions, and read nothing.
func (p *paper) name() string     { return p.known.Load().Name }
func (p *paper) language() string { return p.known.Load().Language }

// learn reads what the paper is called.
func (p *paper) learn(ctx context.Context) error {
	v, err := p.papers.Identity(ctx)
	if err != nil {
		return err
	}
	p.known.Store(&v.Identity)
	return nil
}

// open makes the pages ready.
func (p *paper) open(ctx context.Context) (err error) {
	if p.house.Proxies, err = p.settings.proxies(); err != nil {
		return err
	}
	sender, err := p.settings.mail(p.name())
	if err != nil {
		return err
	}
	p.letters.Office = &mail.Office{Sender: sender}
	if p.readers.Providers, err = p.settings.providers(); err != nil {
		return err
	}
	// The first page shows the panel and the slot already.
	if err := errors.Join(p.network.Refresh(ctx), p.promo.Refresh(ctx)); err != nil {
		return err
	}
	return p.renew(ctx)
}

// listen takes the paper's address.
func listen(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("the address %s is in use by another program; stop that, or choose another with --addr", addr)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("the address %s may not be used by this user; choose a port above 1023 with --addr", addr)
	case err != nil:
		return nil, fmt.Errorf("the address %s cannot be listened on (%w); write host:port, such as 127.0.0.1:8080", addr, err)
	}
	return l, nil
}

// Times of the HTTP server: a slow reader has time, one who only pretends has
// none (SECURITY D19).
const (
	headerTime = 5 * time.Second
	readTime   = 15 * time.Second
	writeTime  = 30 * time.Second
	idleTime   = 60 * time.Second
	maxHeader  = 32 << 10
	drainTime  = 10 * time.Second
)

// serve answers readers on l until ctx ends, then lets the requests and jobs
// under way finish.
func (p *paper) serve(ctx context.Context, l net.Listener, requests io.Writer, ready func()) (err error) {
	if requests != nil {
		p.house.Requests = page.NewRequestLog(requests)
		defer p.house.Requests.Close()
	}
	waits, err := p.returns() // before the face is made, which has an address for hooks
	if err != nil {
		return err
	}
	if err = p.open(ctx); err != nil {
		return unlessStopped(ctx, err)
	}
	p.bus.Listen(p.network.Hear) // before the pages that show it
	p.bus.Listen(p.promo.Hear)
	p.bus.Listen(p.hear)
	p.bus.Listen(p.network.HearWithdrawn) // our own pages first
	p.bus.Listen(p.letters.Hear)
	p.bus.Listen(p.hearFollowed)
	p.bus.Listen(p.hearSaid)
	p.bus.Listen(p.hearSearched)
	server := &http.Server{
		Handler: p, ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: writeTime,
		IdleTimeout: idleTime, MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(p.log.Handler(), slog.LevelWarn),
	}
	server.RegisterOnShutdown(p.endStreams)
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var workers sync.WaitGroup
	if err := p.knowHosts(ctx); err != nil {
		return unlessStopped(ctx, err)
	}
	workers.Go(func() { p.bus.Run(work) })
	workers.Go(func() { (&wire.Watcher{Store: p.wire}).Run(work) })
	workers.Go(func() { (&wire.Collector{Store: p.wire}).Run(work) })
	workers.Go(func() { p.articles.Clock(work, p.log) })
	workers.Go(func() { p.letters.Clock(work) })
	workers.Go(func() { p.search.Run(work) })
	workers.Go(func() { p.network.Clock(work) })
	workers.Go(func() { p.promo.Run(work) })
	workers.Go(func() { p.count(work) })
	workers.Go(func() { p.sweep(work) })
	for _, wait := range waits {
		workers.Go(func() { wait(work) })
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	// Readers come first: the paper is open before its work begins.
	if err := p.jobs.Start(work); err != nil {
		return errors.Join(err, server.Close())
	}
	if ready != nil {
		ready()
	}
	// Opening a paper takes more memory than serving it. What was pooled for that
	// is let go only by the second collection.
	runtime.GC()
	debug.FreeOSMemory()
	select {
	case <-ctx.Done():
	case err = <-served:
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if e := server.Shutdown(drain); e != nil && err == nil {
		p.log.Warn("some readers were cut off", "error", e)
		server.Close()
	}
	p.letters.Halt()
	if e := p.jobs.Stop(drain); e != nil {
		p.log.Warn("some jobs were cut off; they run again at the next start", "error", e)
	}
	stop()
	workers.Wait()
	p.remember(context.WithoutCancel(ctx))
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return err
}

// sweep removes every hour what time has ended, and notes how far the audit log
// has come.
func (p *paper) sweep(ctx context.Context) {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := p.readers.Sweep(ctx); err != nil && ctx.Err() == nil {
			p.log.Error("old sessions and links stay", "error", err)
		}
		if err := p.comments.Sweep(ctx); err != nil && ctx.Err() == nil {
			p.log.Error("what the threads need no longer stays", "error", err)
		}
		if err := errors.Join(p.letters.Sweep(ctx), p.inviteAsked(ctx)); err != nil && ctx.Err() == nil {
			p.log.Error("what newsletters need no longer stays", "error", err)
		}
		if err := p.desk.Sweep(ctx); err != nil && ctx.Err() == nil {
			p.log.Error("old links to drafts stay", "error", err)
		}
		if err := p.media.Sweep(ctx); err != nil && ctx.Err() == nil {
			p.log.Error("pieces of files that never came whole stay", "error", err)
		}
		if err := p.follows.Sweep(ctx); err != nil && ctx.Err() == nil {
			p.log.Error("what followers were told long ago stays", "error", err)
		}
		if err := p.network.Sweep(ctx); err != nil && ctx.Err() == nil {
			p.log.Error("clicks of long ago stay", "error", err)
		}
		if err := p.promo.Sweep(ctx); err != nil && ctx.Err() == nil {
			p.log.Error("how often slots were seen long ago stays", "error", err)
		}
		if err := p.opens.Sweep(ctx); err != nil && ctx.Err() == nil {
			p.log.Error("how often old articles were opened stays", "error", err)
		}
		p.remember(ctx)
	}
}

func (p *paper) remember(ctx context.Context) {
	if err := p.audit.Remember(ctx); err != nil && ctx.Err() == nil {
		p.log.Error("how long the audit log is was not noted", "error", err)
	}
}
