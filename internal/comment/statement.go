package comment

import (
	"context"
	"errors"
	"time"
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
func (s *Store) Statement(ctx context.Context, reader, decision string) (Statement, error) {
	return Statement{}, errors.ErrUnsupported
}

// A Filing is what the paper says about itself to the Transparency Database of
// the European Commission.
type Filing struct {
	Territory []string // where comments are read, as two-letter countries
	Language  string   // of the comments, such as "en"; "" is not said
	RulesURL  string   // where the paper's rules stand
}

// A FiledStatement is a statement of reasons in the form of that database
// (schema of 2025-07-01). It holds no personal data.
type FiledStatement struct {
	Visibility      []string `json:"decision_visibility,omitempty"`
	Provision       string   `json:"decision_provision,omitempty"`
	Account         string   `json:"decision_account,omitempty"`
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
	AccountEnd      string   `json:"end_date_account_restriction,omitempty"`
	Facts           string   `json:"decision_facts"`
	Source          string   `json:"source_type"`
	Detection       string   `json:"automated_detection"`
	Automation      string   `json:"automated_decision"`
	ID              string   `json:"puid"`
}

// File calls each for the statements of reasons from one moment until another,
// the oldest first.
func (s *Store) File(ctx context.Context, f Filing, from, to time.Time, each func(FiledStatement) error) error {
	return errors.ErrUnsupported
}
