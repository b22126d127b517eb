package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"kawaraban/internal/problem"
)

// Limits of one look into a mailbox.
const (
	lookEvery  = time.Minute
	lookTime   = 5 * time.Minute // for one look
	lookAt     = 200             // letters
	maxHeading = 32 << 10        // bytes of a letter's header
	maxNamed   = 50              // addresses in it
)

// A Mailbox is a folder on a mail server, in which mail lies that came back. The
// paper looks into it by IMAP. Letters that are not for it stay as they are, so
// the mailbox may be one that people read too.
type Mailbox struct {
	Host     string // with the port
	User     string
	Password string
	Folder   string // in which it looks
	Done     string // the folder to which what was kept is moved; "" only marks it as seen
	RootCAs  *x509.CertPool

	// Known and Take are as a Receiver's. The address is one of those that the
	// letter's header says it came to.
	Known func(address string) bool
	Take  func(ctx context.Context, address string, raw []byte) error

	Log *slog.Logger
	Now func() time.Time

	mu     sync.Mutex
	state  MailboxState
	passed map[imap.UID]bool // letters that are not for the paper
	valid  uint32            // for which numbering of letters passed holds
}

// A MailboxState is how looking into a mailbox goes.
type MailboxState struct {
	Looked  time.Time        // when it was last looked into, the zero time for never
	Kept    int              // letters since the start
	Problem *problem.Problem // why the last look failed; nil when it did not
}

// ParseMailbox reads imaps://user@host/folder.
func ParseMailbox(s string) (*Mailbox, error) {
	bad := settings("A mailbox is written as imaps://user@host/INBOX, without a password; the name of a user that has an @ in it has %40 instead.")
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "imaps" || u.Hostname() == "" || u.User.Username() == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, bad
	}
	if _, given := u.User.Password(); given {
		return nil, bad
	}
	port := or(u.Port(), "993")
	return &Mailbox{
		Host: net.JoinHostPort(u.Hostname(), port), User: u.User.Username(), Folder: or(strings.Trim(u.Path, "/"), "INBOX"),
	}, nil
}

// Format prints the mailbox without its password, for every verb.
func (m *Mailbox) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "mailbox %s of %s at %s", m.Folder, m.User, m.Host)
}

// State tells how it goes.
func (m *Mailbox) State() MailboxState {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state
}

// Run looks into the mailbox each minute until ctx ends. A failure is logged
// once, and again when it is another.
func (m *Mailbox) Run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		before := m.State().Problem
		if m.Look(ctx) != nil && ctx.Err() == nil {
			if p := m.State().Problem; before == nil || p.Detail != before.Detail {
				m.Log.Error("what comes back cannot be read", "mailbox", fmt.Sprint(m), "error", p.Detail, "cause", p.Err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Look hands over what lies unseen in the mailbox, and notes how that went.
func (m *Mailbox) Look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	kept, err := m.look(ctx)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.state.Kept += kept
	m.state.Looked = m.Now()
	m.state.Problem = problem.Of(err)
	if err != nil && m.state.Problem == nil {
		m.state.Problem = &problem.Problem{Kind: problem.Unavailable, Detail: "The mailbox could not be read. It is tried again each minute.", Err: err}
	}
	return err
}

// unavailable is a failure in words.
func unavailable(err error, format string, args ...any) error {
	return &problem.Problem{Kind: problem.Unavailable, Detail: fmt.Sprintf(format, args...), Format: format, Args: args, Err: err}
}

func (m *Mailbox) look(ctx context.Context) (kept int, err error) {
	host, _, err := net.SplitHostPort(m.Host)
	if err != nil {
		return 0, err
	}
	c, err := imapclient.DialTLS(m.Host, &imapclient.Options{TLSConfig: &tls.Config{ServerName: host, RootCAs: m.RootCAs, MinVersion: tls.VersionTLS12}})
	if err != nil {
		return 0, unavailable(err, "The mail server %s cannot be reached: see whether the name is right and its certificate holds.", m.Host)
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	if err := c.Login(m.User, m.Password).Wait(); err != nil {
		return 0, unavailable(err, "The mail server %s does not let %s in: see whether the password is right.", m.Host, m.User)
	}
	box, err := c.Select(m.Folder, nil).Wait()
	if err != nil {
		return 0, unavailable(err, "There is no folder %s in the mailbox of %s.", m.Folder, m.User)
	}
	if m.Done != "" && !c.Caps().Has(imap.CapMove) && !c.Caps().Has(imap.CapUIDPlus) {
		return 0, unavailable(nil, "The mail server %s cannot move letters; leave out the folder for what is done.", m.Host)
	}
	uids, err := m.unseen(c, box.UIDValidity)
	if err != nil {
		return 0, err
	}
	var left error
	for _, uid := range uids {
		err := m.handle(ctx, c, uid, &kept)
		switch {
		case errors.Is(err, errLeft):
			left = err // the letters behind it need not wait
		case err != nil:
			return kept, err
		}
	}
	if err := c.Logout().Wait(); left == nil && err != nil {
		return kept, fmt.Errorf("leave the mailbox: %w", err)
	}
	return kept, left
}

// unseen lists letters that nobody has looked at, the oldest first.
func (m *Mailbox) unseen(c *imapclient.Client, valid uint32) (list []imap.UID, err error) {
	found, err := c.UIDSearch(&imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagSeen, imap.FlagDeleted}}, nil).Wait()
	if err != nil {
		return nil, fmt.Errorf("look for unseen letters: %w", err)
	}
	still := map[imap.UID]bool{}
	for _, uid := range after(found, 0) {
		if valid == m.valid && m.passed[uid] {
			still[uid] = true
		} else if len(list) < lookAt {
			list = append(list, uid)
		}
	}
	m.passed, m.valid = still, valid
	return list, nil
}

// errLeft is about a letter that could not be kept and stays unseen.
var errLeft = errors.New("a letter was left")

// handle looks at one letter, and counts it when it was kept. What could not be
// kept stays unseen, and is looked at again.
func (m *Mailbox) handle(ctx context.Context, c *imapclient.Client, uid imap.UID, kept *int) error {
	head, size, err := partOf(c, uid, imap.PartSpecifierHeader, maxHeading)
	if err != nil {
		return err
	}
	to := m.addressee(head)
	if to == "" || size > MaxReceived {
		m.passed[uid] = true
		return nil
	}
	raw, _, err := partOf(c, uid, imap.PartSpecifierNone, MaxReceived)
	if err != nil {
		return err
	}
	if err := handOver(ctx, m.Take, to, raw); err != nil {
		return unavailable(errors.Join(errLeft, err), "A letter in the mailbox could not be kept. It is tried again each minute.")
	}
	set := imap.UIDSetNum(uid)
	seen := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagSeen}}
	if err := c.Store(set, seen, nil).Close(); err != nil {
		return fmt.Errorf("mark a letter as seen: %w", err)
	}
	*kept++
	if m.Done != "" {
		if _, err := c.Move(set, m.Done).Wait(); err != nil {
			return unavailable(err, "What is done cannot be moved: see whether there is a folder %s in the mailbox.", m.Done)
		}
	}
	return nil
}

// partOf fetches the beginning of a letter, without marking it as seen, and how
// large the whole is.
func partOf(c *imapclient.Client, uid imap.UID, which imap.PartSpecifier, most int64) (text []byte, size int64, err error) {
	section := &imap.FetchItemBodySection{Specifier: which, Peek: true, Partial: &imap.SectionPartial{Size: most}}
	cmd := c.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, RFC822Size: true, BodySection: []*imap.FetchItemBodySection{section}})
	defer cmd.Close()
	for letter := cmd.Next(); letter != nil; letter = cmd.Next() {
		for item := letter.Next(); item != nil; item = letter.Next() {
			switch item := item.(type) {
			case imapclient.FetchItemDataRFC822Size:
				size = item.Size
			case imapclient.FetchItemDataBodySection:
				if item.Literal == nil {
					continue
				}
				if text, err = io.ReadAll(io.LimitReader(item.Literal, most)); err != nil {
					return nil, 0, fmt.Errorf("fetch a letter: %w", err)
				}
			}
		}
	}
	if err := cmd.Close(); err != nil {
		return nil, 0, fmt.Errorf("fetch a letter: %w", err)
	}
	if text == nil && size == 0 {
		return nil, 0, errors.New("fetch a letter: the server sent none")
	}
	return text, size, nil
}

// addressee is the first known address in the fields that say to whom a letter
// came, or "".
func (m *Mailbox) addressee(head []byte) string {
	asked, field := 0, ""
	for line := range strings.Lines(string(head)) {
		if name, rest, ok := strings.Cut(line, ":"); ok && line[0] != ' ' && line[0] != '\t' {
			field, line = strings.ToLower(name), rest
		}
		switch field {
		case "delivered-to", "x-original-to", "envelope-to", "x-delivered-to", "x-envelope-to", "to", "x-forwarded-to":
		default:
			continue
		}
		for _, word := range strings.FieldsFunc(line, func(r rune) bool { return r <= ' ' || strings.ContainsRune(`<>,;"()`, r) }) {
			if !strings.Contains(word, "@") {
				continue
			}
			if asked++; asked > maxNamed {
				return ""
			}
			if a, err := ParseAddress(word); err == nil && m.Known(a) {
				return a
			}
		}
	}
	return ""
}
