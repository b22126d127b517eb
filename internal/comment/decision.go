package comment

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// An Act is what a moderator does.
type Act string

const (
	// On a comment.
	ActApprove Act = "approve" // a held comment is shown, reports of it are refused
	ActRemove  Act = "remove"
	ActRestore Act = "restore" // a removed comment is shown again
	ActEdit    Act = "edit"    // its text is changed, with a mark that readers see; the detail is the number of the text before
	ActHold    Act = "hold"    // it waits for another look
	ActReopen  Act = "reopen"  // its reports are open again: undoes approving what was visible

	// On the author of a comment.
	ActWarn   Act = "warn"
	ActUnwarn Act = "unwarn" // takes a warning back

	// On a reader.
	ActMute    Act = "mute"
	ActSuspend Act = "suspend"
	ActBan     Act = "ban"
	ActLift    Act = "lift" // ends any of the three

	// On a thread; the detail of ActSlow are seconds.
	ActThreadDefault Act = "thread-default"
	ActThreadOpen    Act = "thread-open"
	ActThreadHold    Act = "thread-hold"
	ActThreadClose   Act = "thread-close"
	ActThreadOff     Act = "thread-off"
	ActSlow          Act = "thread-slow"

	// On the threads of a section; the detail is the switch and the days, such as
	// "held 14".
	ActSection Act = "section"
)

// Acts lists all acts.
func Acts() []Act {
	return []Act{
		ActApprove, ActRemove, ActRestore, ActEdit, ActHold, ActReopen, ActWarn, ActUnwarn, ActMute, ActSuspend, ActBan, ActLift,
		ActThreadDefault, ActThreadOpen, ActThreadHold, ActThreadClose, ActThreadOff, ActSlow, ActSection,
	}
}

// ParseAct reads an act strictly.
func ParseAct(s string) (Act, error) { return parse(s, Acts(), "act", "Choose what to do.") }

// parse reads one of a few words, exactly as it is written.
func parse[T ~string](s string, all []T, field, detail string) (T, error) {
	if !slices.Contains(all, T(s)) {
		return "", refuse(problem.Invalid, field, detail)
	}
	return T(s), nil
}

// Restricts reports whether an act takes something from a reader, and so needs
// a rule, a ground and a reason, and can be appealed against.
func (a Act) Restricts() bool {
	switch a {
	case ActRemove, ActEdit, ActWarn, ActMute, ActSuspend, ActBan:
		return true
	}
	return false
}

// onBar reports whether an act is about what keeps a reader out.
func (a Act) onBar() bool { return a == ActMute || a == ActSuspend || a == ActBan || a == ActLift }

// onThread reports whether an act is about the thread of an article.
func (a Act) onThread() bool { return strings.HasPrefix(string(a), "thread-") }

// A Ground is what a restriction rests on.
type Ground string

const (
	NoGround    Ground = ""
	GroundRules Ground = "rules" // of the paper
	GroundLaw   Ground = "law"
)

// ParseGround reads a ground strictly.
func ParseGround(s string) (Ground, error) {
	return parse(s, []Ground{GroundRules, GroundLaw}, "ground", "Say whether the rules or the law are broken.")
}

// A Source is what led to a decision.
type Source string

const (
	SourceOwn    Source = "own"    // the paper looked by itself
	SourceReport Source = "report" // a reader's
	SourceNotice Source = "notice" // a legal one (article 16)
	SourceRule   Source = "rule"   // a rule of the paper had held the comment: found automatically
	SourceAppeal Source = "appeal"
)

// A Decision is what a moderator has done. It is never changed.
type Decision struct {
	ID        string
	Act       Act
	Comment   string // "" when it is about none
	Article   string
	Section   string
	Reader    string // whom it concerns: the author
	Moderator string
	Rule      string // the id of a Rule, "" for none
	Ground    Ground
	Source    Source
	Reason    string        // in the moderator's words, for the reader concerned
	Detail    string        // see the acts
	Was       string        // what was before: a State; a Bar and its end; a Switch and its number
	Until     time.Time     // the end of a mute or suspension
	Version   int           // of the comment after it
	Undoes    string        // the id of an earlier Decision that this one undoes
	Waited    time.Duration // of a comment that was held
	Created   time.Time
}

// Automatic reports whether what the decision is about was found by a rule. No
// decision is taken by one.
func (d Decision) Automatic() bool { return d.Source == SourceRule }

// Restricts reports whether the decision takes something from the reader
// concerned, who can appeal against it. Taking an edit back does not.
func (d Decision) Restricts() bool { return d.Act.Restricts() && d.Rule != "" }

const decisionColumns = `d.id, d.act, d.comment, d.article, d.section, d.reader, d.moderator, d.rule, d.ground, d.source, d.reason, d.detail, d.was,
	d.until, d.version, d.undoes, d.waited, d.created`

func (d *Decision) into() []any {
	return []any{
		&d.ID, &d.Act, &d.Comment, &d.Article, &d.Section, &d.Reader, &d.Moderator, &d.Rule, &d.Ground, &d.Source, &d.Reason, &d.Detail, &d.Was,
		(*db.Time)(&d.Until), &d.Version, &d.Undoes, &d.Waited, (*db.Time)(&d.Created),
	}
}

// decisions reads decisions.
func decisions(ctx context.Context, q db.Querier, query string, args ...any) (found []Decision, err error) {
	rows, err := q.Query(ctx, `select `+decisionColumns+` from decision as d `+query, args...)
	if err != nil {
		return nil, fmt.Errorf("read decisions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var d Decision
		if err := rows.Scan(d.into()...); err != nil {
			return nil, fmt.Errorf("read decisions: %w", err)
		}
		found = append(found, d)
	}
	return found, rows.Err()
}

// latest reads the first decision of a query, the zero Decision when there is
// none.
func latest(ctx context.Context, q db.Querier, query string, args ...any) (Decision, error) {
	found, err := decisions(ctx, q, query+` limit 1`, args...)
	if err != nil || len(found) == 0 {
		return Decision{}, err
	}
	return found[0], nil
}

const (
	lastOnComment = `where d.comment = $1 and d.version > 0 order by d.created desc, d.id desc`
	lastOnBar     = `where d.reader = $1 and d.act in ('mute', 'suspend', 'ban', 'lift') order by d.created desc, d.id desc`
	lastOnThread  = `where d.article = $1 and d.comment = '' and d.reader = '' order by d.created desc, d.id desc`
	lastOnSection = `where d.act = 'section' and d.section = $1 order by d.created desc, d.id desc`
)

func decisionByID(ctx context.Context, q db.Querier, id string) (d Decision, err error) {
	err = q.QueryRow(ctx, `select `+decisionColumns+` from decision as d where d.id = $1`, id).Scan(d.into()...)
	return d, db.Found(err, "There is no such decision.")
}

// DecisionByID returns one decision, for moderators.
func (s *Store) DecisionByID(ctx context.Context, id string) (Decision, error) {
	return decisionByID(ctx, s.DB, id)
}

// DecisionsAbout lists what was decided about a reader and the reader's
// comments, the newest first, for the reader and for moderators. older is the
// cursor of the next page.
func (s *Store) DecisionsAbout(ctx context.Context, reader, before string, limit int) (found []Decision, older string, err error) {
	args := []any{reader}
	where, err := olderThan(&args, "d", before)
	if err != nil {
		return nil, "", err
	}
	found, err = decisions(ctx, s.DB, `where d.reader = $1`+where+` order by d.created desc, d.id desc limit `+db.Arg(&args, limit+1), args...)
	if len(found) > limit {
		found = found[:limit]
		older = timeCursor(found[limit-1].Created, found[limit-1].ID)
	}
	return found, older, err
}

// record keeps a decision in the transaction of what it does.
func (s *Store) record(ctx context.Context, tx *db.Tx, d *Decision) error {
	d.ID, d.Created = s.ID(), s.Now()
	_, err := tx.Exec(ctx, `insert into decision (id, act, comment, article, section, reader, moderator, rule, ground, source, reason, detail, was,
			until, version, undoes, waited, created)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		d.ID, d.Act, d.Comment, d.Article, d.Section, d.Reader, d.Moderator, d.Rule, d.Ground, d.Source, d.Reason, d.Detail, d.Was,
		db.Time(d.Until), d.Version, d.Undoes, int64(d.Waited), db.Time(d.Created))
	if err != nil {
		return fmt.Errorf("keep the decision to %s: %w", d.Act, err)
	}
	return nil
}

// account tells the audit log of decisions. It is the last thing that their
// transaction does.
func (s *Store) account(ctx context.Context, tx *db.Tx, all ...Decision) error {
	for _, d := range all {
		subject := d.Comment
		for _, other := range []string{d.Reader, d.Article, d.Section} {
			if subject == "" {
				subject = other
			}
		}
		e := audit.Entry{Actor: d.Moderator, Act: audit.Act("comment." + string(d.Act)), Subject: subject, Detail: strings.TrimSpace("decision " + d.ID + ", before " + d.Was)}
		if err := s.Audit.Add(ctx, tx, e); err != nil {
			return err
		}
	}
	return nil
}

// tellDecided tells the reader concerned of a decision; one on an appeal is told
// by the answer to that.
func (s *Store) tellDecided(ctx context.Context, tx *db.Tx, d Decision) error {
	if d.Source == SourceAppeal {
		return nil
	}
	return s.tell(ctx, tx, Notice{Reader: d.Reader, Kind: NoticeDecision, Subject: d.ID})
}

// ruled makes sure that a rule can be pointed at.
func ruled(ctx context.Context, tx *db.Tx, rule string) error {
	var retired bool
	err := tx.QueryRow(ctx, `select retired from house_rule where id = $1`, rule).Scan(&retired)
	if errors.Is(err, sql.ErrNoRows) || err == nil && retired {
		return refuse(problem.Invalid, "rule", "Choose a rule that is in force.")
	}
	return err
}

// why is what a restriction rests on.
type why struct {
	rule   string
	ground Ground
	reason string
}

// whyOf reads what a restriction rests on; of another act only the reason, which
// may be missing.
func whyOf(a Act, rule string, ground Ground, reason string) (y why, err error) {
	if y.reason, err = words("reason", reason, a.Restricts()); err != nil || !a.Restricts() {
		return y, err
	}
	if rule == "" {
		return y, refuse(problem.Invalid, "rule", "Choose a rule that is in force.")
	}
	y.rule = rule
	y.ground, err = ParseGround(string(ground))
	return y, err
}

// Overtaken is the cause of the Problem Conflict of a moderator who was too
// late (errors.As finds it).
type Overtaken struct {
	Decision Decision // what happened meanwhile; the zero Decision when its author has changed or deleted the comment
	Comment  Comment  // as it is now; the zero Comment for a reader or a thread
}

// Error says what happened, for the log.
func (o *Overtaken) Error() string {
	if o.Decision.ID == "" {
		return "its author has changed comment " + o.Comment.ID
	}
	return fmt.Sprintf("%s has decided to %s (%s)", o.Decision.Moderator, o.Decision.Act, o.Decision.ID)
}

// problem is what the moderator who was too late is told.
func (o *Overtaken) problem() error {
	p := &problem.Problem{Kind: problem.Conflict, Err: o}
	switch a := o.Decision.Act; {
	case a == "" && o.Comment.State == Deleted:
		p.Detail = "Its author has deleted this comment in the meantime. Nothing was changed."
	case a == "":
		p.Detail = "Its author has changed this comment in the meantime. Nothing was done: read it again first."
	case a == ActApprove:
		p.Detail = "Another moderator has approved this comment in the meantime. Nothing was changed."
	case a == ActRemove:
		p.Detail = "Another moderator has removed this comment in the meantime. Nothing was changed."
	case a == ActRestore:
		p.Detail = "Another moderator has restored this comment in the meantime. Nothing was changed."
	case a == ActEdit:
		p.Detail = "Another moderator has edited this comment in the meantime. Nothing was done: read it again first."
	case a == ActHold:
		p.Detail = "Another moderator has held this comment in the meantime. Nothing was changed."
	case a == ActWarn:
		p.Detail = "Another moderator has warned the author in the meantime. Nothing was changed."
	case a.onBar():
		p.Detail = "Another moderator has decided about this reader in the meantime. Nothing was changed."
	case a.onThread() || a == ActSection:
		p.Detail = "Another moderator has changed this setting in the meantime. Nothing was changed."
	default:
		p.Detail = "Another moderator has decided in the meantime. Nothing was changed."
	}
	return p
}
