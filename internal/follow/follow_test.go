package follow

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/job"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// A kit is the store under test. What it wants to send is in its jobs.
type kit struct {
	*Store
	t     testing.TB
	clock *papertest.Clock
	said  []Said
}

func onBoth(t *testing.T, f func(k *kit)) {
	t.Helper()
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := &kit{t: t, clock: new(papertest.Clock)}
		jobs := job.New(d, slog.New(slog.NewTextHandler(io.Discard, nil)))
		check(t, job.Migrate(t.Context(), d))
		articles := &article.Store{DB: d, Jobs: jobs, Now: k.clock.Now, ID: db.NewID}
		k.Store = &Store{DB: d, Articles: articles, Jobs: jobs, Now: k.clock.Now, Comments: func(_ context.Context, _ string, from, to time.Time) (list []Said, err error) {
			for _, c := range k.said {
				if !c.At.Before(from) && c.At.Before(to) {
					list = append(list, c)
				}
			}
			return list, nil
		}}
		k.Work()
		job.Handle(jobs, article.DueKind, articles.ComeDue)
		job.Handle(jobs, LetterJob, func(context.Context, Letter) error { return nil })
		check(t, articles.SetSections(t.Context(), []article.Section{{Slug: "city", Name: "City"}, {Slug: "world", Name: "World"}}))
		for _, id := range []string{"ana", "bo", "cy"} {
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

func (k *kit) tx(f func(tx *db.Tx) error) {
	k.t.Helper()
	check(k.t, k.DB.Tx(k.t.Context(), f))
}

func (k *kit) exec(query string, args ...any) {
	k.t.Helper()
	k.tx(func(tx *db.Tx) error {
		_, err := tx.Exec(k.t.Context(), query, args...)
		return err
	})
}

func (k *kit) reader(id string) {
	k.t.Helper()
	k.exec(`insert into reader (id, email, name, handle, bio, portrait, language, role, password, totp, totp_step, letters, leaving, leave_how, erased, created)
		values ($1, $1 || '@readers.example', $1, $1, '', '', '', 'reader', '', '', 0, 'now', 0, '', 0, 1)`, id)
}

// publishes makes an article that readers have from now on.
func (k *kit) publishes(headline, section, author string, topics ...string) (id string) {
	k.t.Helper()
	k.tx(func(tx *db.Tx) (err error) {
		id, err = k.Articles.Create(k.t.Context(), tx, article.New{
			Section: section, Class: article.Class{Kind: "news", Format: "story"}, Content: k.content(headline, author, topics),
		})
		if err != nil {
			return err
		}
		return k.Articles.Publish(k.t.Context(), tx, id, k.Now())
	})
	k.clock.Add(time.Second)
	return id
}

func (k *kit) content(headline, author string, topics []string) article.Content {
	c := article.Content{Headline: headline, Topics: topics}
	if author != "" {
		c.Bylines = []string{author}
	}
	return c
}

func (k *kit) follows(reader string, kind Kind, key string, way Way) {
	k.t.Helper()
	check(k.t, k.Add(k.t.Context(), reader, What{kind, key}, way))
}

func (k *kit) tells(t telling) {
	k.t.Helper()
	check(k.t, k.tell(k.t.Context(), t))
}

// letters are those that are to be written, and takes them away.
func (k *kit) letters() (list []string) {
	k.t.Helper()
	rows, err := k.DB.Query(k.t.Context(), `select reader, article, what from follow_told order by reader, what, article`)
	check(k.t, err)
	defer rows.Close()
	for rows.Next() {
		var l Letter
		check(k.t, rows.Scan(&l.Reader, &l.Article, &l.What))
		list = append(list, l.Reader+" "+l.What)
	}
	check(k.t, rows.Err())
	var jobs int
	check(k.t, k.DB.QueryRow(k.t.Context(), `select count(*) from river_job where kind = $1`, LetterJob).Scan(&jobs))
	if jobs != len(list) {
		k.t.Errorf("%d letters are told of, and %d jobs write one", len(list), jobs)
	}
	return list
}

func (k *kit) told(want ...string) {
	k.t.Helper()
	if got := k.letters(); !slices.Equal(got, want) {
		k.t.Errorf("told %q, want %q", got, want)
	}
}

func TestFollow(t *testing.T) {
	onBoth(t, func(k *kit) {
		id := k.publishes("The bridge", "city", "Ann Writer", "bridges")
		refuse := func(what string, kind problem.Kind, w What, way Way) {
			t.Helper()
			if p := problem.Of(k.Add(t.Context(), "ana", w, way)); p == nil || p.Kind != kind {
				t.Errorf("%s: %v", what, p)
			}
		}
		refuse("a section that is not there", problem.NotFound, What{Section, "moon"}, Mail)
		refuse("a topic that nothing is about", problem.NotFound, What{Topic, "moons"}, Mail)
		refuse("nobody", problem.NotFound, What{Author, "Nobody"}, Mail)
		refuse("no article", problem.NotFound, What{Story, "x"}, Mail)
		refuse("a kind that is none", problem.Invalid, What{"planet", "mars"}, Mail)
		refuse("a thread in newsletters", problem.Invalid, What{Thread, id}, Digest)
		refuse("a long name", problem.NotFound, What{Topic, strings.Repeat("x", 300)}, Mail)

		k.follows("ana", Section, "city", Digest)
		k.follows("ana", Section, "city", Mail)
		k.clock.Add(time.Second)
		k.follows("ana", Thread, id, Mail)
		list, err := k.Of(t.Context(), "ana")
		check(t, err)
		if len(list) != 2 || list[0].Kind != Thread || list[1].Way != Mail {
			t.Errorf("ana follows %v", list)
		}
		check(t, k.EndMail(t.Context(), "ana"))
		list, err = k.Of(t.Context(), "ana")
		check(t, err)
		if len(list) != 1 || list[0].Way != Feed {
			t.Errorf("after all mail has ended ana follows %v", list)
		}
		check(t, k.Stop(t.Context(), "ana", What{Section, "city"}))
		check(t, k.Stop(t.Context(), "ana", What{Section, "city"}))
		offered, err := k.Offered(t.Context(), id)
		check(t, err)
		var names []string
		for _, n := range offered {
			names = append(names, string(n.Kind)+":"+n.Name)
		}
		want := []string{"story:The bridge", "thread:The bridge", "section:City", "author:Ann Writer", "topic:bridges"}
		if !slices.Equal(names, want) {
			t.Errorf("offered %q, want %q", names, want)
		}
		for i := range most {
			k.exec(`insert into follow (reader, kind, key, way, created) values ('bo', 'topic', $1, 'feed', 1)`, fmt.Sprint(i))
		}
		if p := problem.Of(k.Add(t.Context(), "bo", What{Section, "city"}, Mail)); p == nil || p.Kind != problem.Conflict {
			t.Errorf("one more than there is room for: %v", p)
		}
		k.tx(func(tx *db.Tx) error { return k.Forget(t.Context(), tx, "bo") })
		if list, err := k.Of(t.Context(), "bo"); len(list) != 0 || err != nil {
			t.Errorf("an erased reader follows %v, %v", list, err)
		}
	})
}

// TestAppeared tells each follower once, whatever the cause, and only those who
// followed before.
func TestAppeared(t *testing.T) {
	onBoth(t, func(k *kit) {
		old := k.publishes("Before", "city", "Ann Writer", "bridges")
		k.follows("ana", Section, "city", Mail)
		k.follows("ana", Author, "Ann Writer", Mail)
		k.follows("ana", Topic, "bridges", Mail)
		k.follows("bo", Section, "city", Digest)
		k.follows("cy", Topic, "bridges", Mail)
		k.follows("cy", Author, "Ann Writer", Push)
		k.clock.Add(time.Second)
		k.tells(telling{Article: old})
		k.told()
		id := k.publishes("The bridge", "city", "Ann Writer", "bridges")
		other := k.publishes("Elsewhere", "world", "")
		for range 2 {
			k.tells(telling{Article: id})
			k.tells(telling{Article: other})
		}
		k.told("ana "+appeared, "cy "+appeared, "cy push:"+appeared)

		due, err := k.Due(t.Context(), Letter{Reader: "ana", Article: id, What: appeared, Way: Mail})
		check(t, err)
		if due == nil || due.Card.Headline != "The bridge" || len(due.Why) != 3 {
			t.Errorf("ana is to be told %+v", due)
		}
		check(t, k.Stop(t.Context(), "cy", What{Topic, "bridges"}))
		if due, err := k.Due(t.Context(), Letter{Reader: "cy", Article: id, What: appeared, Way: Mail}); due != nil || err != nil {
			t.Errorf("who stopped meanwhile is told %+v, %v", due, err)
		}
		k.tx(func(tx *db.Tx) error {
			return k.Articles.Withdraw(t.Context(), tx, id, article.Withdrawal{By: "the editors", Why: "It was wrong.", At: k.Now()})
		})
		if due, err := k.Due(t.Context(), Letter{Reader: "ana", Article: id, What: appeared, Way: Mail}); due != nil || err != nil {
			t.Errorf("of what was withdrawn ana is told %+v, %v", due, err)
		}
		k.clock.Add(2 * fresh)
		check(t, k.Add(t.Context(), "cy", What{Topic, "bridges"}, Mail))
		k.tells(telling{Article: old})
		k.told("ana "+appeared, "cy "+appeared, "cy push:"+appeared)
	})
}

// TestStory tells of updates and corrections, and of nothing smaller.
func TestStory(t *testing.T) {
	onBoth(t, func(k *kit) {
		id := k.publishes("The bridge", "city", "Ann Writer")
		k.follows("ana", Story, id, Mail)
		k.follows("bo", Story, id, Digest)
		since := k.Now()
		revise := func(headline string, r article.Revision) {
			t.Helper()
			k.clock.Add(time.Minute)
			k.tx(func(tx *db.Tx) error {
				return k.Articles.Revise(t.Context(), tx, id, k.content(headline, "Ann Writer", nil), r)
			})
			k.tells(telling{Article: id})
		}
		revise("The bridge, spelt better", article.Revision{Reason: article.Edit})
		k.told()
		revise("The bridge is closed", article.Revision{Reason: article.Update})
		revise("The bridge is open", article.Revision{Reason: article.Correction, Note: "It is open."})
		k.tells(telling{Article: id})
		if got := k.letters(); len(got) != 2 || !strings.HasPrefix(got[0], "ana "+version) || !strings.HasPrefix(got[1], "ana "+version) {
			t.Errorf("told %q", got)
		}
		list, err := k.Articles.Developments(t.Context(), id, since)
		check(t, err)
		due, err := k.Due(t.Context(), Letter{Reader: "ana", Article: id, What: version + fmt.Sprint(list[0].Number), Way: Mail})
		check(t, err)
		if due == nil || due.Development == nil || due.Development.Note != "It is open." {
			t.Errorf("ana is to be told %+v", due)
		}
		lines, err := k.Lines(t.Context(), []string{"ana", "bo"}, since)
		check(t, err)
		if len(lines["ana"]) != 0 || !slices.Equal(lines["bo"], []string{id}) {
			t.Errorf("the lines are %v", lines)
		}
	})
}

// TestLines brings each story once, newest first, and nothing that readers may not have.
func TestLines(t *testing.T) {
	onBoth(t, func(k *kit) {
		k.publishes("Long ago", "city", "Ann Writer", "bridges")
		k.clock.Add(time.Hour)
		since := k.Now()
		one := k.publishes("One", "city", "Ann Writer", "bridges")
		two := k.publishes("Two", "world", "", "bridges")
		gone := k.publishes("Gone", "city", "")
		k.follows("ana", Section, "city", Digest)
		k.follows("ana", Topic, "bridges", Digest)
		k.follows("ana", Author, "Ann Writer", Digest)
		k.follows("bo", Author, "Ann Writer", Mail)
		k.tx(func(tx *db.Tx) error {
			return k.Articles.Withdraw(t.Context(), tx, gone, article.Withdrawal{By: "the editors", Why: "It was wrong.", At: k.Now()})
		})
		lines, err := k.Lines(t.Context(), []string{"ana", "bo", "cy"}, since)
		check(t, err)
		if !slices.Equal(lines["ana"], []string{two, one}) || len(lines) != 1 {
			t.Errorf("the lines are %v, want %v", lines, []string{two, one})
		}
	})
}

// TestThread makes one message of a burst, and none of one's own comments.
func TestThread(t *testing.T) {
	onBoth(t, func(k *kit) {
		k.clock.Set(time.Date(2026, 3, 20, 10, 0, 0, 0, time.UTC))
		id := k.publishes("The bridge", "city", "")
		for _, who := range []string{"ana", "bo"} {
			k.follows(who, Thread, id, Mail)
		}
		hour := k.Now().Truncate(burst)
		k.said = []Said{{"ana", hour.Add(10 * time.Minute)}, {"ana", hour.Add(20 * time.Minute)}}
		for range 3 {
			check(t, k.Hear(t.Context(), event.Event{Kind: "comment.appeared", Subject: id, Created: hour.Add(20 * time.Minute)}, "comment.appeared"))
		}
		check(t, k.Hear(t.Context(), event.Event{Kind: "comment.appeared", Subject: "another", Created: hour}, "comment.appeared"))
		var jobs int
		check(t, k.DB.QueryRow(t.Context(), `select count(*) from river_job where kind = $1`, tellJob).Scan(&jobs))
		if jobs != 1 {
			t.Errorf("%d jobs are to tell of one hour", jobs)
		}
		for range 2 {
			k.tells(telling{Article: id, Hour: hour})
		}
		k.told(fmt.Sprint("bo ", hourly, hour.Unix()))
		due, err := k.Due(t.Context(), Letter{Reader: "bo", Article: id, What: fmt.Sprint(hourly, hour.Unix()), Way: Mail, Comments: 2})
		check(t, err)
		if due == nil || due.Comments != 2 {
			t.Errorf("bo is to be told %+v", due)
		}
		// Who begins to follow has read what is there.
		k.clock.Set(hour.Add(30 * time.Minute))
		k.follows("cy", Thread, id, Mail)
		k.exec(`delete from follow_told`)
		k.exec(`delete from river_job`)
		k.said = append(k.said, Said{"bo", hour.Add(40 * time.Minute)})
		k.tells(telling{Article: id, Hour: hour})
		k.told("ana "+hourly+fmt.Sprint(hour.Unix()), "bo "+hourly+fmt.Sprint(hour.Unix()), "cy "+hourly+fmt.Sprint(hour.Unix()))
	})
}

// TestUnderEight has eight processes tell the same at once: each follower is told once.
func TestUnderEight(t *testing.T) {
	onBoth(t, func(k *kit) {
		k.publishes("Before", "city", "Ann Writer")
		var want []string
		for i := range 40 {
			name := fmt.Sprintf("r%02d", i)
			k.reader(name)
			k.follows(name, Section, "city", Mail)
			k.follows(name, Author, "Ann Writer", Mail)
			want = append(want, name+" "+appeared)
		}
		k.clock.Add(time.Second)
		id := k.publishes("The bridge", "city", "Ann Writer")
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if err := k.tell(t.Context(), telling{Article: id}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		k.told(want...)
	})
}
