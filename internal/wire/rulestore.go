package wire

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// What the audit log tells of the rules.
const (
	RulesLive   audit.Act = "wire.rules-live"
	RulesUndone audit.Act = "wire.rules-undone"
)

// A RuleVersion is a set of rules that is live, or was.
type RuleVersion struct {
	Version int64 // from 1; 0: there have never been rules
	Rules   Rules
	Made    time.Time
	Author  string // a reader's id, or the console
	Again   int64  // the version that it puts back, 0 for none
}

// A RuleDraft is the set of rules that is being edited. The desk has one, for all.
type RuleDraft struct {
	Edit    int64 // changes with each change; 0: there is none, and these are the live rules
	Base    int64 // the live version that it began from
	Rules   Rules
	Changed time.Time
	Author  string
}

// LiveRules returns the rules by which items are filed.
func (s *Store) LiveRules(ctx context.Context) (RuleVersion, error) {
	list, err := s.RuleHistory(ctx, 1)
	if err != nil || len(list) == 0 {
		return RuleVersion{}, err
	}
	return list[0], nil
}

// RuleHistory returns the newest versions of the rules, the live one first.
func (s *Store) RuleHistory(ctx context.Context, limit int) (list []RuleVersion, err error) {
	rows, err := s.DB.Query(ctx, `select version, rules, made, author, again from wire_rules order by version desc limit $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("read the rules of the wire: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		v, err := scanRules(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

func scanRules(row interface{ Scan(...any) error }) (v RuleVersion, err error) {
	var rules string
	if err := row.Scan(&v.Version, &rules, (*db.Time)(&v.Made), &v.Author, &v.Again); err != nil {
		return v, fmt.Errorf("read the rules of the wire: %w", err)
	}
	if err := json.Unmarshal([]byte(rules), &v.Rules); err != nil {
		return v, fmt.Errorf("the rules of the wire, version %d, are damaged: %w", v.Version, err)
	}
	return v, nil
}

// DraftRules returns the rules that are being edited, or the live ones where nobody does.
func (s *Store) DraftRules(ctx context.Context) (d RuleDraft, err error) {
	d, err = draftRules(ctx, s.DB)
	if err != nil || d.Edit > 0 {
		return d, err
	}
	live, err := s.LiveRules(ctx)
	return RuleDraft{Base: live.Version, Rules: live.Rules, Changed: live.Made, Author: live.Author}, err
}

func draftRules(ctx context.Context, q db.Querier) (d RuleDraft, err error) {
	var rules string
	err = q.QueryRow(ctx, `select edit, base, rules, changed, author from wire_rules_draft where one = 1`).
		Scan(&d.Edit, &d.Base, &rules, (*db.Time)(&d.Changed), &d.Author)
	if errors.Is(err, sql.ErrNoRows) {
		return RuleDraft{}, nil
	}
	if err != nil {
		return d, fmt.Errorf("read the draft of the wire's rules: %w", err)
	}
	if err := json.Unmarshal([]byte(rules), &d.Rules); err != nil {
		return d, fmt.Errorf("the draft of the wire's rules is damaged: %w", err)
	}
	return d, nil
}

// draftMoved is said to who edits rules that somebody else has changed meanwhile.
const draftMoved = "Somebody has changed these rules meanwhile. Look at them again."

// SaveDraft makes rules the draft. seen is the edit from which they were made, 0 where
// there was no draft. Nothing of it is live.
func (s *Store) SaveDraft(ctx context.Context, who string, seen int64, rules Rules) error {
	known, err := s.Whereabouts(ctx)
	if err != nil {
		return err
	}
	rules = rules.tidied()
	if err := wrong(rules.Check(known)); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error { return s.saveDraft(ctx, tx, who, seen, rules) })
}

func (s *Store) saveDraft(ctx context.Context, tx *db.Tx, who string, seen int64, rules Rules) error {
	if rules == nil {
		rules = Rules{}
	}
	text, err := json.Marshal(rules)
	if err != nil {
		return fmt.Errorf("store the draft of the wire's rules: %w", err)
	}
	if seen == 0 {
		// The draft begins from what is live now.
		_, live, err := s.lockRules(ctx, tx)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into wire_rules_draft (one, edit, base, rules, changed, author) values (1, 1, $1, $2, $3, $4)`,
			live, string(text), db.Time(s.Now()), who)
		if db.IsUnique(err) {
			return &problem.Problem{Kind: problem.Conflict, Detail: draftMoved, Err: err}
		}
		return err
	}
	err = db.One(tx.Exec(ctx, `update wire_rules_draft set edit = edit + 1, rules = $2, changed = $3, author = $4 where one = 1 and edit = $1`,
		seen, string(text), db.Time(s.Now()), who))
	return moved(err)
}

func moved(err error) error {
	if problem.Is(err, problem.NotFound) {
		return &problem.Problem{Kind: problem.Conflict, Detail: draftMoved}
	}
	return err
}

// DiscardDraft throws the draft away that somebody has seen.
func (s *Store) DiscardDraft(ctx context.Context, seen int64) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		return moved(db.One(tx.Exec(ctx, `delete from wire_rules_draft where one = 1 and edit = $1`, seen)))
	})
}

// GoLive makes the draft that somebody has seen live, as a whole. What has been filed stays
// as it is.
func (s *Store) GoLive(ctx context.Context, who string, seen int64) (version int64, err error) {
	known, err := s.Whereabouts(ctx)
	if err != nil {
		return 0, err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, live, err := s.lockRules(ctx, tx)
		if err != nil {
			return err
		}
		d, err := draftRules(ctx, tx)
		switch {
		case err != nil:
			return err
		case d.Edit == 0 || d.Edit != seen:
			return &problem.Problem{Kind: problem.Conflict, Detail: draftMoved}
		case d.Base != live:
			return &problem.Problem{Kind: problem.Conflict, Detail: "Other rules have gone live since this draft began. Discard it, and begin from those."}
		}
		// A section or a source may have gone since the draft was saved.
		if err := wrong(d.Rules.Check(known)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from wire_rules_draft where one = 1`); err != nil {
			return fmt.Errorf("make the rules live: %w", err)
		}
		version = live + 1
		return s.putLive(ctx, tx, RuleVersion{Version: version, Rules: d.Rules, Author: who}, RulesLive)
	})
	return version, err
}

// PutBack makes an older version of the rules live again, as a new version. seen is the one
// that is live.
func (s *Store) PutBack(ctx context.Context, who string, seen, version int64) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, live, err := s.lockRules(ctx, tx)
		if err != nil {
			return err
		}
		if live != seen {
			return &problem.Problem{Kind: problem.Conflict, Detail: draftMoved}
		}
		v, err := rulesAt(ctx, tx, version)
		if err != nil {
			return err
		}
		return s.putLive(ctx, tx, RuleVersion{Version: live + 1, Rules: v.Rules, Author: who, Again: version}, RulesUndone)
	})
}

// lockRules takes the row that all wait for who file or change the rules, and returns the
// number that was given last and the version that is live.
func (s *Store) lockRules(ctx context.Context, tx *db.Tx) (n, live int64, err error) {
	err = tx.QueryRow(ctx, `update wire_clock set n = n where one = 1 returning n, rules`).Scan(&n, &live)
	if err != nil {
		return 0, 0, fmt.Errorf("take the rules of the wire: %w", err)
	}
	return n, live, nil
}

func rulesAt(ctx context.Context, q db.Querier, version int64) (RuleVersion, error) {
	v, err := scanRules(q.QueryRow(ctx, `select version, rules, made, author, again from wire_rules where version = $1`, version))
	if errors.Is(err, sql.ErrNoRows) {
		return v, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such version of the rules."}
	}
	return v, err
}

func (s *Store) putLive(ctx context.Context, tx *db.Tx, v RuleVersion, act audit.Act) error {
	if v.Rules == nil {
		v.Rules = Rules{}
	}
	text, err := json.Marshal(v.Rules)
	if err != nil {
		return fmt.Errorf("make the rules live: %w", err)
	}
	_, err = tx.Exec(ctx, `insert into wire_rules (version, rules, made, author, again) values ($1, $2, $3, $4, $5)`,
		v.Version, string(text), db.Time(s.Now()), v.Author, v.Again)
	if err != nil {
		return fmt.Errorf("make the rules live: %w", err)
	}
	if _, err := tx.Exec(ctx, `update wire_clock set rules = $1 where one = 1`, v.Version); err != nil {
		return fmt.Errorf("make the rules live: %w", err)
	}
	if s.Audit == nil {
		return nil
	}
	detail := fmt.Sprintf("version %d, %d rules", v.Version, len(v.Rules))
	if v.Again > 0 {
		detail += fmt.Sprintf(", as in version %d", v.Again)
	}
	return s.Audit.Add(ctx, tx, audit.Entry{Actor: v.Author, Act: act, Detail: detail})
}

// Whereabouts returns what rules can name.
func (s *Store) Whereabouts(ctx context.Context) (w Whereabouts, err error) {
	w = Whereabouts{Sections: map[string]bool{}, Sources: map[string]bool{}}
	sections, err := s.Articles.Sections(ctx)
	if err != nil {
		return w, err
	}
	for _, sec := range sections {
		w.Sections[sec.Slug] = true
	}
	sources, err := s.Sources(ctx)
	for _, src := range sources {
		w.Sources[src.ID] = true
	}
	return w, err
}

// liveBook returns the rules of a version ready to be used: the one at hand, else that from
// the table, which is read once after each change. Who files has the version's number from
// the row that a change takes, so another process's change is seen at once.
func (s *Store) liveBook(ctx context.Context, tx *db.Tx, version int64) (*ruleBook, error) {
	if b := s.book.Load(); b != nil && b.version == version {
		return b, nil
	}
	if version == 0 {
		return Rules{}.book(0), nil
	}
	v, err := rulesAt(ctx, tx, version)
	if err != nil {
		return nil, err
	}
	b := v.Rules.book(version)
	b.author = v.Author
	s.book.Store(b)
	return b, nil
}

// wallClock is a time by the paper's clock.
func (s *Store) wallClock(t time.Time) time.Time {
	if s.Zone == nil {
		return t.UTC()
	}
	return t.In(s.Zone())
}
