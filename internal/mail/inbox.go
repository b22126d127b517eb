package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// An Inbox is a folder on a mail server to which somebody sends what the paper wants.
// Which letters are new is told by their numbers, not by who has looked at them: people
// may read the same mailbox. Nothing is moved or deleted.
type Inbox struct {
	Host     string // whose certificate is expected
	User     string
	Password string
	Folder   string
	Most     int64 // bytes of a letter that are read
	RootCAs  *x509.CertPool
	Dial     func(ctx context.Context) (net.Conn, error)
}

// Format prints the mailbox without its password, for every verb.
func (b *Inbox) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "mailbox %s of %s at %s", b.Folder, b.User, b.Host)
}

// A Mark is up to where the letters of an Inbox were taken. The zero Mark is that of one
// that was never looked into: then the letters that nobody has seen are new.
type Mark struct {
	Valid  uint32 // for which numbering UID holds
	UID    uint32
	First  bool // the letters that were unseen in the beginning are not all taken
	Looked time.Time
}

// String is the mark as ParseMark reads it.
func (m Mark) String() string {
	return fmt.Sprintf("%d %d %t %d", m.Valid, m.UID, m.First, m.Looked.Unix())
}

// ParseMark reads a mark; what is none is the zero Mark.
func ParseMark(s string) (m Mark) {
	var looked int64
	if _, err := fmt.Sscanf(s, "%d %d %t %d", &m.Valid, &m.UID, &m.First, &looked); err != nil {
		return Mark{}
	}
	m.Looked = time.Unix(looked, 0).UTC()
	return m
}

// A Letter is one that lies in an Inbox.
type Letter struct {
	Valid, UID uint32
	Size       int64
	Raw        []byte // nil when it has more than Most
}

// Collect hands over what is new since the mark, the oldest first, and marks it as seen
// when take has returned nil. It returns how far it has come, also with an error, and
// whether there is more. now is the time of this look.
func (b *Inbox) Collect(ctx context.Context, since Mark, now time.Time, take func(context.Context, Letter) error) (at Mark, more bool, err error) {
	c, box, leave, err := b.enter(ctx, false)
	if err != nil {
		return since, false, err
	}
	defer leave()
	at, uids, err := news(c, box, since)
	if err != nil {
		return since, false, b.broke(ctx, err)
	}
	if more = len(uids) > lookAt; more {
		uids = uids[:lookAt]
	}
	sizes, _, err := facts(c, uids)
	if err != nil {
		return since, false, b.broke(ctx, err)
	}
	for _, uid := range uids {
		letter := Letter{Valid: box.UIDValidity, UID: uint32(uid), Size: sizes[uid]}
		if letter.Size == 0 {
			continue // somebody has deleted it meanwhile
		}
		if letter.Size <= b.Most {
			if letter.Raw, _, err = partOf(c, uid, imap.PartSpecifierNone, b.Most); err != nil {
				return at, false, b.broke(ctx, err)
			}
		}
		if err := take(ctx, letter); err != nil {
			return at, false, err
		}
		at.UID, at.Looked = uint32(uid), now
		seen := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagSeen}}
		var no *imap.Error
		// A server may refuse that; the mark is what counts.
		if err := c.Store(imap.UIDSetNum(uid), seen, nil).Close(); err != nil && !errors.As(err, &no) {
			return at, false, b.broke(ctx, err)
		}
	}
	if !more {
		at.First = false
		at.UID = max(at.UID, uint32(max(box.UIDNext, 1))-1)
	}
	at.Looked = now
	return at, more, nil
}

// Waiting tells how many letters are new since the mark, and of when the newest is.
func (b *Inbox) Waiting(ctx context.Context, since Mark) (n int, newest time.Time, err error) {
	c, box, leave, err := b.enter(ctx, true)
	if err != nil {
		return 0, newest, err
	}
	defer leave()
	_, uids, err := news(c, box, since)
	if err == nil && len(uids) > 0 {
		_, newest, err = facts(c, uids[len(uids)-1:])
	}
	if err != nil {
		return 0, newest, b.broke(ctx, err)
	}
	return len(uids), newest, nil
}

// enter logs in and opens the folder.
func (b *Inbox) enter(ctx context.Context, look bool) (c *imapclient.Client, box *imap.SelectData, leave func(), err error) {
	conn, err := b.Dial(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	hangUp := func() {
		stop()
		conn.Close()
	}
	defer func() {
		if err != nil {
			hangUp()
			if ctx.Err() != nil {
				err = ctx.Err()
			}
		}
	}()
	secure := tls.Client(conn, &tls.Config{ServerName: b.Host, RootCAs: b.RootCAs, MinVersion: tls.VersionTLS12})
	if err := secure.HandshakeContext(ctx); err != nil {
		var bad *tls.CertificateVerificationError
		if errors.As(err, &bad) {
			return nil, nil, nil, unavailable(err, "The certificate of the server is not one for its name, or nobody known vouches for it.")
		}
		return nil, nil, nil, unavailable(err, "The server does not speak TLS as it should.")
	}
	c = imapclient.New(secure, nil)
	if err := c.WaitGreeting(); err != nil {
		return nil, nil, nil, unavailable(err, "The server does not answer as a mail server.")
	}
	if err := c.Login(b.User, b.Password).Wait(); err != nil {
		return nil, nil, nil, unavailable(err, "The server does not let us in: see whether the name and the password are right.")
	}
	box, err = c.Select(b.Folder, &imap.SelectOptions{ReadOnly: look}).Wait()
	if err != nil {
		return nil, nil, nil, unavailable(err, "There is no folder %s in the mailbox.", b.Folder)
	}
	return c, box, func() {
		if ctx.Err() == nil {
			conn.SetDeadline(time.Now().Add(goodbye))
			c.Logout().Wait()
		}
		hangUp()
	}, nil
}

// broke is a failure in the middle of a conversation.
func (b *Inbox) broke(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return unavailable(err, "The connection broke while letters were read. They are tried again.")
}

// goodbye is how long a server may take to let us go.
const goodbye = 5 * time.Second

// overlap is how far letters are read again that came before the server has numbered all
// letters anew. Those that came before are known by what they say.
const overlap = 48 * time.Hour

// news lists the letters that are new, the oldest first, and returns the mark that holds
// for their numbering.
func news(c *imapclient.Client, box *imap.SelectData, since Mark) (at Mark, uids []imap.UID, err error) {
	at = since
	want := &imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagDeleted}}
	switch {
	case since.Valid == 0 || since.First && since.Valid != box.UIDValidity:
		at = Mark{Valid: box.UIDValidity, First: true}
	case since.Valid != box.UIDValidity:
		at = Mark{Valid: box.UIDValidity, Looked: since.Looked}
		want.Since = since.Looked.Add(-overlap)
	default:
		want.UID = []imap.UIDSet{{imap.UIDRange{Start: imap.UID(since.UID + 1), Stop: 0}}}
	}
	if at.First {
		want.NotFlag = append(want.NotFlag, imap.FlagSeen)
	}
	found, err := c.UIDSearch(want, nil).Wait()
	if err != nil {
		return since, nil, fmt.Errorf("look for new letters: %w", err)
	}
	return at, after(found, at.UID), nil
}

// maxNews is how many letters are found at once.
const maxNews = 10_000

// after lists what was found above a number, in order. "From 8 on" is always at least the
// last letter, also when that is 7; and a range may be longer than a mailbox can be.
func after(found *imap.SearchData, above uint32) (uids []imap.UID) {
	set, ok := found.All.(imap.UIDSet)
	if !ok {
		return nil
	}
	for _, r := range set {
		for uid := max(uint64(r.Start), uint64(above)+1); uid <= uint64(r.Stop) && len(uids) < maxNews; uid++ {
			uids = append(uids, imap.UID(uid))
		}
	}
	slices.Sort(uids)
	return slices.Compact(uids)
}

// facts are the sizes of letters, and of when the last is.
func facts(c *imapclient.Client, uids []imap.UID) (sizes map[imap.UID]int64, newest time.Time, err error) {
	sizes = map[imap.UID]int64{}
	if len(uids) == 0 {
		return sizes, newest, nil
	}
	letters, err := c.Fetch(imap.UIDSetNum(uids...), &imap.FetchOptions{UID: true, RFC822Size: true, InternalDate: true}).Collect()
	if err != nil {
		return nil, newest, fmt.Errorf("ask for the sizes of letters: %w", err)
	}
	for _, l := range letters {
		sizes[l.UID] = l.RFC822Size
		if l.InternalDate.After(newest) {
			newest = l.InternalDate
		}
	}
	return sizes, newest, nil
}
