package comment

import (
	"context"
	"errors"
	"time"
)

// A Reason is what somebody says is wrong with a comment.
type Reason string

const (
	Insult   Reason = "insult"
	Spam     Reason = "spam"
	OffTopic Reason = "off-topic"
	Illegal  Reason = "illegal"
	Other    Reason = "other" // said in words
)

// Reasons lists them for those who choose.
func Reasons() []Reason { return []Reason{Insult, Spam, OffTopic, Illegal, Other} }

// A ReportState is what became of a report.
type ReportState string

const (
	ReportOpen    ReportState = "open"
	ReportUpheld  ReportState = "upheld"  // a moderator has acted on the comment
	ReportRefused ReportState = "refused" // a moderator found nothing wrong
)

// A Report says that a comment breaks the rules or the law.
type Report struct {
	ID       string
	Comment  string
	Reporter string // a reader's id, "" for whoever wrote without an account
	Name     string // of that one; "" for a child's sake, and a year after the decision
	Email    string
	Reason   Reason
	Text     string
	Language string // in which to answer
	State    ReportState
	Decision string // that closed it
	Created  time.Time
}

// A Complaint is a reader's report to be.
type Complaint struct {
	Comment  string
	Reporter string // a reader's id
	Reason   Reason
	Text     string // required for Other; at most 2,000 characters
	Language string
}

// MaxWords is how long a report, a reason, an appeal and its answer may be, in
// characters.
const MaxWords = 2000

// ParseReason reads a reason strictly.
func ParseReason(s string) (Reason, error) { return "", errors.ErrUnsupported }

// Report notes a reader's complaint. Each reader reports a comment once: doing
// it again is a Problem Conflict. Own comments and barred
// readers are refused.
func (s *Store) Report(ctx context.Context, c Complaint) (Report, error) {
	return Report{}, errors.ErrUnsupported
}

// Reported tells which of the comments a reader has reported.
func (s *Store) Reported(ctx context.Context, reader string, comments []string) (map[string]bool, error) {
	return nil, errors.ErrUnsupported
}

// A LegalNotice says without an account that a comment is illegal, as article
// 16 of Regulation (EU) 2022/2065 wants it.
type LegalNotice struct {
	Place     string // the comment's exact address, or its id
	Text      string // why it is illegal
	Name      string // of who says so
	Email     string
	Minors    bool // it is about the abuse of children: name and e-mail may be missing
	GoodFaith bool // the statement that all of this is true
	Language  string
}

// NoticeIllegal notes a legal notice and has a letter of receipt written. The
// same address telling of the same comment while that is open gets the report
// that is there already, and no second letter. Its Problems name the fields
// place, text, name, email and goodfaith.
func (s *Store) NoticeIllegal(ctx context.Context, n LegalNotice) (Report, error) {
	return Report{}, errors.ErrUnsupported
}

// ReportJob is the kind of the jobs that write letters to those who reported
// without an account; the argument is a ReportLetter.
const ReportJob = "letter.report"

// ReportNews is what a letter about a report tells.
type ReportNews string

const (
	ReportReceived ReportNews = "received"
	ReportDecided  ReportNews = "decided"
)

// A ReportLetter is a letter about a report that is to be written.
type ReportLetter struct {
	Report string
	News   ReportNews
}

// A ReportAnswer is what a letter, or a page, about a report says.
type ReportAnswer struct {
	Report   Report
	Article  string
	Outcome  ReportState
	Decision Decision // the zero Decision while it is open; without the reader's id
	Rule     Rule     // that the comment broke; the zero Rule when none
}

// ReportAnswer composes what a letter about a report says. What needs no letter
// any more (the address has been forgotten) is a Problem NotFound.
func (s *Store) ReportAnswer(ctx context.Context, l ReportLetter) (ReportAnswer, error) {
	return ReportAnswer{}, errors.ErrUnsupported
}

// ReportOutcome is ReportAnswer for the reader who has reported, by the
// decision that a NoticeReport names as its subject.
func (s *Store) ReportOutcome(ctx context.Context, reader, decision string) (ReportAnswer, error) {
	return ReportAnswer{}, errors.ErrUnsupported
}
