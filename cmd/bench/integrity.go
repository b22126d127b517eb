package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/audit"
	"kawaraban/internal/comment"
	"kawaraban/internal/db"
	"kawaraban/internal/job"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
	"kawaraban/internal/secret"
)

const (
	integrityKills   = 20 // on each database, at least
	integrityWriters = 8
	integrityReaders = 40
)

// measureIntegrity has readers and moderators do anything in threads, in a
// process that is killed again and again, until b.operations are acknowledged on
// both databases together. What was acknowledged is there then, and every number
// is what its rows add up to (SECURITY, figures 1 and 27).
func (b *bench) measureIntegrity(ctx context.Context) error {
	server, err := papertest.StartPostgres()
	if err != nil {
		return err
	}
	defer server.Stop()
	began := time.Now()
	wrong, how := 0, []string(nil)
	for _, database := range []struct{ name, address string }{
		{"SQLite", filepath.Join(b.dir, "integrity.db")},
		{"PostgreSQL", "postgres:///postgres?user=postgres&host=" + server.Socket},
	} {
		r, err := b.wreck(ctx, database.address)
		if err != nil {
			return fmt.Errorf("%s: %w", database.name, err)
		}
		wrong += r.differences
		how = append(how, fmt.Sprintf("%s: %d operations, %d kills, %d comments", database.name, r.operations, r.kills, r.posted))
	}
	b.atMost("differences after operations and kills", float64(wrong), 0, "",
		fmt.Sprintf("%s; comments that are missing and numbers that their rows do not add up to, in %.0f s", strings.Join(how, ", "), time.Since(began).Seconds()))
	return nil
}

// A wreckage is what is left of a database whose writers were killed.
type wreckage struct{ operations, kills, posted, differences int }

func (b *bench) wreck(ctx context.Context, address string) (w wreckage, err error) {
	t, err := openThreads(ctx, address)
	if err != nil {
		return w, err
	}
	defer t.db.Close()
	if err := t.prepare(ctx); err != nil {
		return w, err
	}
	posted, want := map[string]bool{}, b.operations/2
	for w.operations < want || w.kills < integrityKills {
		// So often that the last life ends with the last operation.
		most := min(max(1, want/(integrityKills+1)), max(1, want-w.operations))
		n, err := life(ctx, address, rand.IntN(most)+most/2+1, posted)
		if err != nil {
			return w, err
		}
		w.operations, w.kills = w.operations+n, w.kills+1
	}
	w.posted = len(posted)
	for id := range posted {
		var n int
		if err := t.db.QueryRow(ctx, `select count(*) from comment where id = $1`, id).Scan(&n); err != nil {
			return w, err
		}
		w.differences += 1 - n
	}
	err = t.comments.Verify(ctx, func(s string) {
		w.differences++
		fmt.Fprintln(os.Stderr, "integrity:", s)
	})
	return w, err
}

// life starts a process that does anything, kills it when it has acknowledged
// operations of that number, and adds the comments that it has posted.
func life(ctx context.Context, address string, operations int, posted map[string]bool) (n int, err error) {
	child := exec.CommandContext(ctx, os.Args[0], "ops", address)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := child.Start(); err != nil {
		return 0, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		id, whole := strings.CutSuffix(lines.Text(), ".")
		if !whole {
			return n, fmt.Errorf("the process says %q", lines.Text())
		}
		if n++; id != "" {
			posted[id] = true
		}
		if n == operations { // what is acknowledged until it dies counts too
			if err := child.Process.Kill(); err != nil {
				return n, err
			}
		}
	}
	err = child.Wait()
	if n < operations {
		return n, errors.Join(errors.New("the process ended by itself"), err)
	}
	return n, nil
}

// A threads is the store of threads on a database, without a site.
type threads struct {
	db       *db.DB
	comments *comment.Store
	articles *article.Store
	about    []comment.About
	rule     string
}

func openThreads(ctx context.Context, address string) (*threads, error) {
	d, err := db.Open(ctx, db.Settings{URL: address})
	if err != nil {
		return nil, err
	}
	jobs := job.New(d, slog.New(slog.DiscardHandler))
	job.Handle(jobs, article.DueKind, func(context.Context, article.Due) error { return nil })
	job.Handle(jobs, comment.NoticeJob, func(context.Context, string) error { return nil })
	job.Handle(jobs, comment.ReportJob, func(context.Context, comment.ReportLetter) error { return nil })
	keys := secret.NewKeyring()
	t := &threads{db: d, articles: &article.Store{DB: d, Jobs: jobs, Now: time.Now, ID: db.NewID}}
	t.comments = &comment.Store{
		DB: d, Keys: keys, Jobs: jobs, Audit: &audit.Log{DB: d, Keys: keys, Now: time.Now}, Now: time.Now, ID: db.NewID,
	}
	t.comments.Work()
	return t, nil
}

// prepare makes the schema, articles, readers whose comments do not wait, and a
// rule.
func (t *threads) prepare(ctx context.Context) error {
	if _, err := t.db.Migrate(ctx); err != nil {
		return err
	}
	if err := job.Migrate(ctx, t.db); err != nil {
		return err
	}
	if err := t.articles.SetSections(ctx, sections); err != nil {
		return err
	}
	if err := t.comments.SeedRules(ctx, []comment.Rule{{Name: "Be kind", Text: "Be kind."}}); err != nil {
		return err
	}
	now := time.Now()
	c := crowd{tokens: make([]string, integrityReaders)}
	return t.db.Tx(ctx, func(tx *db.Tx) error {
		for i := range threadArticles {
			id, err := t.articles.Create(ctx, tx, article.New{
				Section: "city", Slug: fmt.Sprint("thread-", i), Class: article.Class{Language: "en"}, By: "bench",
				Content: article.Content{Headline: fmt.Sprint("Thread ", i), Body: richtext.FromText("The council met.")},
			})
			if err != nil {
				return err
			}
			if err := t.articles.Publish(ctx, tx, id, now.Add(-time.Hour)); err != nil {
				return err
			}
		}
		for i := range integrityReaders {
			if err := c.join(ctx, tx, i, now); err != nil {
				return err
			}
		}
		// They have comments elsewhere, says join; here every number is to be true.
		_, err := tx.Exec(ctx, `update commenter set posted = 0, visible = 0`)
		if err == nil {
			_, err = tx.Exec(ctx, `insert into comment_setting (name, value) values ('first', '0')`)
		}
		return err
	})
}

// doOperations is the process that is killed: it does anything with the threads of
// a database, and says on its output what is acknowledged, a line for each.
func doOperations(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: bench ops database")
	}
	ctx := context.Background()
	t, err := openThreads(ctx, args[0])
	if err != nil {
		return err
	}
	rules, err := t.comments.Rules(ctx)
	if err != nil {
		return err
	}
	t.rule = rules[0].ID
	rows, err := t.db.Query(ctx, `select id, published from article order by id`)
	if err != nil {
		return err
	}
	for rows.Next() {
		a := comment.About{Section: "city"}
		if err := rows.Scan(&a.Article, (*db.Time)(&a.Published)); err != nil {
			return err
		}
		t.about = append(t.about, a)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	var all sync.WaitGroup
	var number atomic.Int64
	fault := make(chan error, integrityWriters)
	for range integrityWriters {
		all.Go(func() {
			o := operator{threads: t, out: os.Stdout, number: &number}
			for {
				if err := o.step(ctx); err != nil {
					fault <- err
					return
				}
			}
		})
	}
	return <-fault
}

// An operator does one thing after another.
type operator struct {
	*threads
	out    io.Writer
	number *atomic.Int64
	known  []known
}

// A known is a comment that an operator has written.
type known struct {
	id, author string
	about      comment.About
}

// step does one thing and says so. What is refused is answered too, but is not
// counted; a fault ends the process.
func (o *operator) step(ctx context.Context) error {
	reader := "reader-" + strconv.Itoa(rand.IntN(integrityReaders))
	var k known
	if len(o.known) > 0 {
		k = o.known[rand.IntN(len(o.known))]
	}
	said := ""
	var err error
	switch n := rand.IntN(100); {
	case n < 12 || k.id == "":
		about := o.about[rand.IntN(len(o.about))]
		parent := ""
		if k.id != "" && rand.IntN(2) == 0 {
			about, parent = k.about, k.id
		}
		var c comment.Comment
		c, err = o.comments.Post(ctx, comment.New{About: about, Author: reader, Parent: parent, Body: fmt.Sprintf("The %d. crane of %x stands still.", o.number.Add(1), rand.Uint64()), Vetted: rand.IntN(10) > 0})
		if err == nil {
			said = c.ID
			o.known = append(o.known, known{c.ID, reader, about})
		}
	case n < 80:
		_, err = o.comments.Vote(ctx, comment.Ballot{About: k.about, Comment: k.id, Voter: reader, Way: comment.Way(rand.IntN(3) - 1), Joined: time.Now()})
	case n < 85:
		_, err = o.comments.Edit(ctx, k.id, comment.New{About: k.about, Author: k.author, Body: fmt.Sprintf("Changed: %x.", rand.Uint64())})
	case n < 87:
		err = o.comments.Delete(ctx, k.author, k.id)
	case n < 90:
		_, err = o.comments.Report(ctx, comment.Complaint{Comment: k.id, Reporter: reader, Reason: comment.Spam})
	case n < 98:
		err = o.judge(ctx, k)
	default:
		err = o.sanction(ctx, reader)
	}
	if problem.Of(err) != nil {
		return nil
	}
	if err == nil {
		_, err = fmt.Fprint(o.out, said+".\n") // one write, so a line is whole or absent
	}
	return err
}

// judge has a moderator do something with a comment.
func (o *operator) judge(ctx context.Context, k known) error {
	var version int
	if err := o.db.QueryRow(ctx, `select version from comment where id = $1`, k.id).Scan(&version); err != nil {
		return err
	}
	acts := []comment.Act{comment.ActApprove, comment.ActRemove, comment.ActRestore, comment.ActRestore, comment.ActHold}
	_, err := o.comments.Judge(ctx, comment.Judgement{
		Comment: k.id, Version: version, Act: acts[rand.IntN(len(acts))], Moderator: "moderator", Rule: o.rule, Ground: comment.GroundRules, Reason: "x",
	})
	return err
}

// sanction bans a reader, or lets a banned one in again.
func (o *operator) sanction(ctx context.Context, reader string) error {
	m, err := o.comments.Member(ctx, reader)
	if err != nil {
		return err
	}
	act := comment.ActLift
	if m.Bar == comment.NoBar && rand.IntN(4) == 0 { // else most of them are banned most of the time
		act = comment.ActBan
	}
	_, err = o.comments.Sanction(ctx, comment.Sanction{Reader: reader, Act: act, Seen: m.Sanction, Moderator: "moderator", Rule: o.rule, Ground: comment.GroundRules, Reason: "x"})
	return err
}
