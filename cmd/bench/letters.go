package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/job"
	"kawaraban/internal/mail"
	"kawaraban/internal/newsletter"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
	"kawaraban/internal/secret"
)

// editions are the sendings of a whole edition that are measured.
var editions = []struct {
	signing, how string
	readers      int
	goal         float64
}{
	{"none", "unsigned", 500_000, 4500},
	{"rsa", "RSA-2048", 20_000, 700},
	{"ed25519", "Ed25519", 100_000, 4000},
}

// measureNewsletter sends whole editions, each letter with its rows, and an alert.
func (b *bench) measureNewsletter(ctx context.Context) error {
	self, address, end, err := beginSink(ctx)
	if err != nil {
		return err
	}
	defer end()
	postgres, err := papertest.StartPostgres()
	if err != nil {
		return err
	}
	defer postgres.Stop()
	for _, where := range []struct{ name, url string }{
		{"SQLite", ""}, {"PostgreSQL", "postgres:///postgres?user=postgres&host=" + postgres.Socket},
	} {
		for _, e := range editions {
			r, err := b.sendEdition(ctx, self, e.signing, strconv.Itoa(e.readers), where.url, address)
			if err != nil {
				return err
			}
			how := fmt.Sprintf("an edition of %d KB to %d subscribers on %s, %s: rows, claims and results included, 64 connections, one core (GOMAXPROCS=1), the sink in another process",
				letterSize>>10, e.readers, where.name, e.how)
			b.atLeast("an edition, "+e.how+", "+where.name, float64(r.Letters)/r.Seconds, e.goal, "/s", how)
			if e.readers >= 500_000 {
				b.atMost("memory, "+strconv.Itoa(e.readers)+" subscribers, "+where.name, r.MB, 200, " MB", "VmHWM of the process that sends, with the database in it for SQLite")
				b.atMost("a log-in letter while an edition goes out, "+where.name, r.Login*1000, 5000, " ms", "the slowest of 20, over a connection of its own")
			}
			if e.signing == "ed25519" {
				b.atMost("an alert's first letter, "+where.name, r.First*1000, 2000, " ms", "from the press of the button until its first result is stored, by the program's jobs")
				b.atMost("an alert to 50,000, "+where.name, r.Alert, 120, " s", "until the edition says that it is sent; meanwhile their browsers are told, too")
				b.atMost("an alert to 50,000 browsers, "+where.name, r.Pushed, 120, " s", "until the push service has the last message; it shares the core with the program")
			}
		}
	}
	return nil
}

func (b *bench) sendEdition(ctx context.Context, self string, args ...string) (r outcome, err error) {
	folder, err := os.MkdirTemp(b.dir, "edition")
	if err != nil {
		return r, err
	}
	all := append([]string{self, "edition", folder}, args...)
	if pinned() {
		all = append([]string{"taskset", "-c", "1"}, all...)
	}
	cmd := exec.CommandContext(ctx, all[0], all[1:]...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.Output()
	if err != nil {
		return r, fmt.Errorf("send an edition: %w\n%s", err, &log)
	}
	return r, json.Unmarshal(out, &r)
}

// An outcome is what a process reports that sent an edition. Times are seconds.
type outcome struct {
	sending
	Login, First, Alert, Pushed float64
}

// makeEdition sends an edition, and reports how that went.
func makeEdition(args []string) (err error) {
	if len(args) != 5 {
		return errors.New("edition wants a folder, a signing, a number of readers, a database and an address")
	}
	ctx := context.Background()
	readers, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	url := args[3]
	if url == "" {
		url = filepath.Join(args[0], "kawaraban.db")
	}
	s, a, jobs, err := openLetters(ctx, url, args[0], args[1], args[4])
	if err != nil {
		return err
	}
	defer s.DB.Close()
	l, err := s.Make(ctx, nil, newsletter.List{Slug: "bench" + strings.ToLower(s.ID()), Kind: newsletter.Written, Name: "Bench", Promise: "now"})
	if err != nil {
		return err
	}
	if err := enrol(ctx, s, l.ID, readers); err != nil {
		return err
	}
	var r outcome
	e, err := s.Begin(ctx, a, l.ID)
	if err != nil {
		return err
	}
	e, err = s.Write(ctx, a, e.ID, e.Version, newsletter.Manuscript{Subject: "The Bench", Parts: []newsletter.Part{{Block: newsletter.Block{Kind: newsletter.Words, Text: "Words."}}}})
	if err != nil {
		return err
	}
	if e, err = s.Schedule(ctx, a, e.ID, e.Version, time.Time{}); err != nil {
		return err
	}
	logins := make(chan float64, 1)
	go func() { logins <- sendLogins(ctx, s.Office.Sender) }()
	began := time.Now()
	for e.Stage != newsletter.Sent {
		if err := s.Send(ctx, newsletter.Run{Edition: e.ID}); err != nil {
			return err
		}
		if e, err = s.EditionByID(ctx, a, e.ID); err != nil {
			return err
		}
	}
	r.Letters, r.Seconds, r.Login = int64(e.Accepted), time.Since(began).Seconds(), <-logins
	if e.Accepted != readers {
		return fmt.Errorf("%d of %d letters were accepted: %+v", e.Accepted, readers, e.Tally)
	}
	if r.MB, err = heldMost(); err != nil {
		return err
	}
	if args[1] == "ed25519" {
		if err := sendAlert(ctx, s, a, jobs, &r); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

// openLetters opens the newsletters of an empty paper.
func openLetters(ctx context.Context, url, folder, signing, address string) (s *newsletter.Store, a *reader.Actor, jobs *job.Queue, err error) {
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return nil, nil, nil, err
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, nil, nil, err
	}
	d, err := db.Open(ctx, db.Settings{URL: url})
	if err != nil {
		return nil, nil, nil, err
	}
	if _, err := d.Migrate(ctx); err != nil {
		return nil, nil, nil, err
	}
	if err := job.Migrate(ctx, d); err != nil {
		return nil, nil, nil, err
	}
	sender := &mail.Sender{
		From: "paper@paper.example", FromName: "The Bench",
		Servers: []mail.Server{{SMTP: mail.SMTP{Host: host, Port: port, Security: mail.Plain}, Connections: 64}},
	}
	if sender.Keys, err = signingKeys(signing); err != nil {
		return nil, nil, nil, err
	}
	keys := secret.NewKeyring()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	jobs = job.New(d, log)
	trail := &audit.Log{DB: d, Keys: keys, Now: time.Now, Witness: filepath.Join(folder, "head")}
	s = &newsletter.Store{
		DB: d, Articles: &article.Store{DB: d, Jobs: jobs, Audit: trail, Now: time.Now, ID: db.NewID}, Jobs: jobs, Audit: trail, Keys: keys,
		Now: time.Now, ID: db.NewID, Log: log, Zone: func() *time.Location { return time.UTC }, Office: &mail.Office{Sender: sender},
		Press: func(_ context.Context, c newsletter.Content) (*mail.Stencil, error) {
			m := longLetter()
			m.HTML += "<p>" + c.Places.Preferences + " /to/x/1/" + c.Places.Click + "</p>\n"
			m.HTML, m.Text = strings.ReplaceAll(m.HTML, "MARKofTHIS", c.Places.Unsubscribe), strings.ReplaceAll(m.Text, "MARKofTHIS", c.Places.Unsubscribe)
			m.List.Unsubscribe = "https://paper.example/unsubscribe/" + c.Places.Unsubscribe
			return sender.Stencil(m, c.Places.Marks()...)
		},
	}
	job.Handle(jobs, newsletter.SendJob, s.Send)
	job.Handle(jobs, newsletter.AlertJob, s.Send)
	job.Handle(jobs, newsletter.PushJob, s.Push)
	id := db.NewID()
	a = &reader.Actor{Reader: reader.Reader{ID: id, Role: reader.Publisher}}
	return s, a, jobs, d.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into reader (id, email, name, handle, bio, portrait, language, role, password, totp, totp_step, letters, leaving, leave_how, erased, created)
			values ($1, $2, 'Bench', $3, '', '', 'en', 'publisher', '', '', 0, 'now', 0, '', 0, 1)`, id, id+"@paper.example", id)
		return err
	})
}

// enrol puts subscribers of a list into the database, some thousands at a time.
func enrol(ctx context.Context, s *newsletter.Store, list string, n int) error {
	const some = 2000
	for at := 0; at < n; at += some {
		err := s.DB.Tx(ctx, func(tx *db.Tx) error {
			if at == 0 {
				if _, err := tx.Exec(ctx, `insert into list_promise (number, text, created) values (1, 'words', 1) on conflict do nothing`); err != nil {
					return err
				}
			}
			var people, rows []string
			var pArgs, rArgs []any
			l := db.Arg(&rArgs, list)
			for range min(some, n-at) {
				id := db.NewID()
				email := strings.ToLower(id) + "@post.example"
				i, e := db.Arg(&pArgs, id), db.Arg(&pArgs, email)
				people = append(people, "("+i+", "+e+", "+e+", null, '', '[]', 0, 0, 0, 0, 1)")
				rows = append(rows, "("+l+", "+db.Arg(&rArgs, id)+", 'active', 'bench', 1, 1, '', 1, '', 0, '')")
			}
			_, err := tx.Exec(ctx, `insert into subscriber (id, email, folded, reader, language, sections, quiet_from, quiet_to, strikes, struck, created) values `+strings.Join(people, ", "), pArgs...)
			if err == nil {
				_, err = tx.Exec(ctx, `insert into subscription (list, subscriber, state, source, promise, asked, asked_block, confirmed, confirmed_block, ended, why) values `+strings.Join(rows, ", "), rArgs...)
			}
			if err == nil {
				_, err = tx.Exec(ctx, `update list set members = members + $2 where id = $1`, list, len(people))
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// sendLogins sends letters that somebody waits for while an edition goes out, and
// returns how long the slowest took, in seconds.
func sendLogins(ctx context.Context, s *mail.Sender) (most float64) {
	for range 20 {
		began := time.Now()
		if err := s.Send(ctx, mail.Message{To: "ana@post.example", Subject: "Your code", Text: "123456"}); err != nil {
			return 1e9
		}
		most = max(most, time.Since(began).Seconds())
	}
	return most
}

// sendAlert sends a news alert to 50,000 as the program does, by its jobs: to their
// addresses and to a browser of each.
func sendAlert(ctx context.Context, s *newsletter.Store, a *reader.Actor, jobs *job.Queue, r *outcome) error {
	const people = 50_000
	l, err := s.Make(ctx, nil, newsletter.List{Slug: "alert" + strings.ToLower(s.ID()), Kind: newsletter.Alert, Name: "Alerts", Promise: "at once"})
	if err != nil {
		return err
	}
	if err := enrol(ctx, s, l.ID, people); err != nil {
		return err
	}
	service := startPushService()
	defer service.Close()
	if err := service.lendDevices(ctx, s, l.ID); err != nil {
		return err
	}
	if err := jobs.Start(ctx); err != nil {
		return err
	}
	defer jobs.Stop(ctx)
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	began := time.Now()
	e, err := s.SendAlert(ctx, a, l.ID, newsletter.AlertText{Subject: "The bridge is closed", Text: "Closed."})
	if err != nil {
		return err
	}
	for r.Alert == 0 || r.Pushed == 0 {
		past := time.Since(began)
		if r.First == 0 && e.Accepted > 0 {
			r.First = past.Seconds()
		}
		if r.Alert == 0 && e.Stage == newsletter.Sent {
			r.Alert = past.Seconds()
		}
		if r.Pushed == 0 && service.got.Load() == people {
			r.Pushed = past.Seconds()
		}
		if past > 10*time.Minute {
			return fmt.Errorf("the alert does not go out: %+v, %d browsers were told", e.Tally, service.got.Load())
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		}
		if e, err = s.EditionByID(ctx, a, e.ID); err != nil {
			return err
		}
	}
	return nil
}
