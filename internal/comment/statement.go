package comment

import (
	"context"
	"fmt"
	"strings"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// A Statement tells a reader why something was decided, as article 17 of
// Regulation (EU) 2022/2065 wants it.
type Statement struct {
	Decision  Decision
	Rule      Rule      // with its text as it was
	Comment   Comment   // the reader's own, with its text now; the zero Comment when it is about none
	Before    string    // what it said when that is different
	Automatic bool      // it was found by a rule; a person decided
	Reported  bool      // by somebody, of whom nothing is told
	Appeal    *Appeal   // the one that was made
	Until     time.Time // when an appeal can be made no more; zero where none can be made
}

// Statement returns why a decision was taken, for the reader concerned; for
// everybody else there is no such decision.
func (s *Store) Statement(ctx context.Context, reader, decision string) (st Statement, err error) {
	d, err := decisionByID(ctx, s.DB, decision)
	if err == nil && (d.Reader != reader || reader == "") {
		err = &problem.Problem{Kind: problem.NotFound, Detail: "There is no such decision."}
	}
	if err != nil {
		return st, err
	}
	st = Statement{Decision: d, Automatic: d.Automatic(), Reported: d.Source == SourceReport || d.Source == SourceNotice}
	if d.Rule != "" {
		if st.Rule, err = s.RuleByID(ctx, d.Rule); err != nil {
			return st, err
		}
	}
	if d.Comment != "" {
		c, err := byID(ctx, s.DB, d.Comment)
		if err != nil {
			return st, err
		}
		if c.Author == reader {
			// Why it waits and how many complain is between the paper and them.
			c.HeldFor, c.Flagged, c.Reports = nil, false, 0
			st.Comment = c
		}
		if d.Act == ActEdit {
			err := s.DB.QueryRow(ctx, `select coalesce(max(body), '') from comment_edit where comment = $1 and cast(number as text) = $2`, d.Comment, d.Detail).Scan(&st.Before)
			if err != nil {
				return st, fmt.Errorf("read what %s said: %w", d.Comment, err)
			}
		}
	}
	if !d.Restricts() {
		return st, nil
	}
	st.Until = appealEnds(d)
	a, err := s.AppealAgainst(ctx, d.ID)
	if err == nil {
		st.Appeal = &a
	} else if !problem.Is(err, problem.NotFound) {
		return st, err
	}
	return st, nil
}

// A Filing is what the paper says about itself to the Transparency Database of
// the European Commission.
type Filing struct {
	Territory []string // where comments are read, as two-letter countries of the EU and EEA; required
	Language  string   // of the comments, such as "en"; "" is not said
	RulesURL  string   // where the paper's rules stand
}

// A FiledStatement is a statement of reasons in the form of that database
// (schema of 2025-07-01). It holds no personal data.
type FiledStatement struct {
	Visibility      []string `json:"decision_visibility,omitempty"`
	VisibilityOther string   `json:"decision_visibility_other,omitempty"`
	Provision       string   `json:"decision_provision,omitempty"`
	Ground          string   `json:"decision_ground"`
	GroundURL       string   `json:"decision_ground_reference_url,omitempty"`
	LegalGround     string   `json:"illegal_content_legal_ground,omitempty"`
	LegalReason     string   `json:"illegal_content_explanation,omitempty"`
	RuleGround      string   `json:"incompatible_content_ground,omitempty"`
	RuleReason      string   `json:"incompatible_content_explanation,omitempty"`
	ContentType     []string `json:"content_type"`
	Category        string   `json:"category"`
	Territory       []string `json:"territorial_scope,omitempty"`
	Language        string   `json:"content_language,omitempty"`
	ContentDate     string   `json:"content_date"`
	ApplicationDate string   `json:"application_date"`
	ProvisionEnd    string   `json:"end_date_service_restriction,omitempty"`
	Facts           string   `json:"decision_facts"`
	Source          string   `json:"source_type"`
	Detection       string   `json:"automated_detection"`
	Automation      string   `json:"automated_decision"`
	ID              string   `json:"puid"`
}

// fileBatch is how many decisions are read at a time.
const fileBatch = 500

// A filed decision comes with its rule and the day of its comment.
type filed struct {
	Decision
	name, text string
	posted     time.Time
}

// File calls each for the statements of reasons from one moment until another,
// the oldest first. A warning restricts nothing that article 17 names.
func (s *Store) File(ctx context.Context, f Filing, from, to time.Time, each func(FiledStatement) error) error {
	at, id := from.UnixMicro(), ""
	for {
		batch, err := s.filed(ctx, at, id, to)
		if err != nil {
			return fmt.Errorf("file statements of reasons: %w", err)
		}
		for _, d := range batch {
			if err := each(f.statement(d)); err != nil {
				return err
			}
		}
		if len(batch) < fileBatch {
			return nil
		}
		last := batch[len(batch)-1]
		at, id = last.Created.UnixMicro(), last.ID
	}
}

func (s *Store) filed(ctx context.Context, at int64, id string, to time.Time) (batch []filed, err error) {
	rows, err := s.DB.Query(ctx, `select `+decisionColumns+`, r.name, r.text, coalesce(c.created, d.created)
		from decision as d
		join house_rule as r on r.id = d.rule
		left join comment as c on c.id = d.comment
		where (d.created, d.id) > ($1, $2) and d.created < $3 and d.act in ('remove', 'edit', 'mute', 'suspend', 'ban')
		order by d.created, d.id
		limit $4`, at, id, db.Time(to), fileBatch)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var d filed
		if err := rows.Scan(append(d.into(), &d.name, &d.text, (*db.Time)(&d.posted))...); err != nil {
			return nil, err
		}
		batch = append(batch, d)
	}
	return batch, rows.Err()
}

// The longest texts that the database takes.
const (
	maxFiledGround = 500
	maxFiledReason = 2000
)

// statement writes a decision as the database wants it. What the moderator
// wrote to the reader may name people, and is left out: the rule says why.
func (f Filing) statement(d filed) FiledStatement {
	const day = time.DateOnly
	st := FiledStatement{
		ID: d.ID, ContentType: []string{"CONTENT_TYPE_TEXT"}, Territory: f.Territory, Language: strings.ToUpper(f.Language), GroundURL: f.RulesURL,
		ContentDate: d.posted.Format(day), ApplicationDate: d.Created.Format(day),
		Detection: "No", Automation: "AUTOMATED_DECISION_NOT_AUTOMATED", Source: "SOURCE_VOLUNTARY",
	}
	found := "A moderator of the newspaper came upon it."
	switch d.Source {
	case SourceNotice:
		st.Source, found = "SOURCE_ARTICLE_16", "It was brought to the newspaper's notice under article 16 of Regulation (EU) 2022/2065."
	case SourceReport:
		st.Source, found = "SOURCE_TYPE_OTHER_NOTIFICATION", "A reader had reported it."
	case SourceRule:
		st.Detection, found = "Yes", "A rule of the newspaper's software had held it for a moderator."
	}
	done := ""
	switch d.Act {
	case ActRemove:
		st.Visibility, done = []string{"DECISION_VISIBILITY_CONTENT_REMOVED"}, "A reader's comment on an article was removed."
	case ActEdit:
		st.Visibility, st.VisibilityOther = []string{"DECISION_VISIBILITY_OTHER"}, "A part of the text was changed, and the change is marked."
		done = "A part of a reader's comment on an article was changed, with a mark."
	case ActMute:
		st.Provision, st.ProvisionEnd = "DECISION_PROVISION_PARTIAL_SUSPENSION", d.Until.Format(day)
		done = "A reader may not write comments for some time."
	case ActSuspend:
		st.Provision, st.ProvisionEnd = "DECISION_PROVISION_TOTAL_SUSPENSION", d.Until.Format(day)
		done = "A reader may neither comment nor vote nor report for some time."
	case ActBan:
		st.Provision, done = "DECISION_PROVISION_TOTAL_TERMINATION", "A reader may neither comment nor vote nor report any more."
	}
	st.Facts = done + " " + found + " A person took the decision."
	name, text := cut(d.name, maxFiledGround), cut(d.text, maxFiledReason)
	if d.Ground == GroundLaw {
		st.Ground, st.LegalGround, st.LegalReason, st.Category = "DECISION_GROUND_ILLEGAL_CONTENT", name, text, "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"
	} else {
		st.Ground, st.RuleGround, st.RuleReason, st.Category = "DECISION_GROUND_INCOMPATIBLE_CONTENT", name, text, "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"
	}
	return st
}

// cut is a text of at most most characters.
func cut(text string, most int) string {
	for i := range text {
		if most--; most < 0 {
			return text[:i]
		}
	}
	return text
}
