package mail

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Limits of what is received. A mail server that meets one tries again later, so
// that nothing is lost.
const (
	MaxReceived = 1 << 20 // bytes of one mail

	maxSessions  = 32               // at once
	maxFromOne   = 4                // of one network, at once
	maxMinute    = 120              // mails of one network in a minute
	maxRefused   = 10               // addresses that a session may guess
	maxReceivers = 10               // addresses of one mail
	stepTime     = 30 * time.Second // for each step, a whole mail among them
	sessionTime  = 5 * time.Minute  // for all steps
	drainTime    = 5 * time.Second  // for what is under way when the paper closes
)

// A Receiver takes mail from other servers: what comes back when we have sent
// letters. It knows a few addresses of one domain and takes mail for no other,
// so it passes nothing on.
type Receiver struct {
	Domain string // what stands after the @ of the addresses

	// Known reports whether mail for an address is taken; its domain is the
	// Receiver's. It is asked by strangers, and must not read more than the address.
	Known func(address string) bool
	// Take keeps one mail. After an error its server tries again later, so it may
	// come twice.
	Take func(ctx context.Context, address string, raw []byte) error

	Log *slog.Logger
	Now func() time.Time // the clock; the system's when nil
}

// ListenMail takes the address on which mail is received: host:port for SMTP, or
// unix: and a path for LMTP, by which a mail server on the same machine hands
// over what it has taken.
func ListenMail(address string) (l net.Listener, lmtp bool, err error) {
	path, lmtp := strings.CutPrefix(address, "unix:")
	if !lmtp {
		l, err = net.Listen("tcp", address)
		return l, false, err
	}
	// What a server left behind that was killed; two never share a data folder.
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSocket != 0 {
		if err := os.Remove(path); err != nil {
			return nil, true, err
		}
	}
	if l, err = net.Listen("unix", path); err != nil {
		return nil, true, err
	}
	if err := os.Chmod(path, 0o660); err != nil { // the group may hand over mail
		l.Close()
		return nil, true, err
	}
	return l, true, nil
}

// Serve receives mail on l until ctx ends, and then lets what is under way
// finish.
func (r *Receiver) Serve(ctx context.Context, l net.Listener, lmtp bool) error {
	gate := &gate{Listener: l, now: r.Now, open: map[netip.Prefix]int{}, minute: map[netip.Prefix]int{}}
	if gate.now == nil {
		gate.now = time.Now
	}
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		in := &incoming{ctx: ctx, r: r, gate: gate, from: network(c.Conn().RemoteAddr())}
		if lmtp {
			return &incomingLMTP{in}, nil
		}
		return in, nil
	}))
	s.Domain, s.LMTP = r.Domain, lmtp
	s.MaxMessageBytes, s.MaxRecipients, s.MaxLineLength = MaxReceived, maxReceivers, 4000
	s.ReadTimeout, s.WriteTimeout = stepTime, stepTime
	s.ErrorLog = slog.NewLogLogger(r.Log.Handler(), slog.LevelDebug) // what strangers do wrong
	served := make(chan error, 1)
	go func() { served <- s.Serve(gate) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	gate.hurry()
	if s.Shutdown(drain) != nil {
		s.Close() // those who are cut off come again
	}
	<-served
	return nil
}

// incoming is one session of another server.
type incoming struct {
	ctx     context.Context
	r       *Receiver
	gate    *gate
	from    netip.Prefix
	to      []string // the addresses of the mail that comes next
	refused int
}

func answerSMTP(code int, enhanced smtp.EnhancedCode, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: text}
}

// Mail begins a mail. Anybody may send one; most that come back have no sender.
func (in *incoming) Mail(string, *smtp.MailOptions) error {
	if !in.gate.another(in.from) {
		return answerSMTP(451, smtp.EnhancedCode{4, 7, 1}, "Too many mails from your network; try again in a minute")
	}
	return nil
}

// Rcpt takes an address, or says that nobody is there.
func (in *incoming) Rcpt(to string, _ *smtp.RcptOptions) error {
	if in.refused >= maxRefused {
		return answerSMTP(421, smtp.EnhancedCode{4, 7, 1}, "Too many addresses at which nobody is")
	}
	address, err := ParseAddress(to)
	if err != nil || !strings.EqualFold(domainOf(address), in.r.Domain) || !in.r.Known(address) {
		in.refused++
		return answerSMTP(550, smtp.EnhancedCode{5, 1, 1}, "Nobody is at this address")
	}
	in.to = append(in.to, address)
	return nil
}

// Data keeps a mail for all its addresses, or for none: whoever sent it tries
// again with all.
func (in *incoming) Data(body io.Reader) error {
	raw, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	for _, to := range in.to {
		if err := in.take(to, raw); err != nil {
			return err
		}
	}
	return nil
}

// take keeps a mail for one address.
func (in *incoming) take(to string, raw []byte) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(in.ctx), stepTime)
	defer cancel()
	if err := handOver(ctx, in.r.Take, to, raw); err != nil {
		in.r.Log.Error("a mail that came back could not be kept; its server tries again", "to", to, "error", err)
		return answerSMTP(451, smtp.EnhancedCode{4, 3, 0}, "This cannot be kept now; try again later")
	}
	return nil
}

// handOver calls take, for which a mail that makes it panic is one that was not
// kept.
func handOver(ctx context.Context, take func(context.Context, string, []byte) error, to string, raw []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return take(ctx, to, raw)
}

// Reset forgets the addresses.
func (in *incoming) Reset() { in.to = nil }

// Logout ends the session.
func (in *incoming) Logout() error { return nil }

// incomingLMTP answers for each address apart.
type incomingLMTP struct{ *incoming }

// LMTPData keeps a mail for each of its addresses.
func (in *incomingLMTP) LMTPData(body io.Reader, status smtp.StatusCollector) error {
	raw, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	for _, to := range in.to {
		status.SetStatus(to, in.take(to, raw))
	}
	return nil
}

// A gate lets in so many at once and so many in a minute, all together and of
// one network, and nobody for ever.
type gate struct {
	net.Listener
	now func() time.Time

	mu     sync.Mutex
	open   map[netip.Prefix]int
	conns  map[net.Conn]bool
	minute map[netip.Prefix]int // mails since begin
	begin  time.Time
	ending bool
}

// Accept waits for a connection that may come in.
func (g *gate) Accept() (net.Conn, error) {
	for {
		c, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if guest := g.enter(c); guest != nil {
			return guest, nil
		}
		c.Close() // a server that is turned away tries again
	}
}

func (g *gate) enter(c net.Conn) net.Conn {
	g.mu.Lock()
	defer g.mu.Unlock()
	from := network(c.RemoteAddr())
	if len(g.conns) >= maxSessions || from.IsValid() && g.open[from] >= maxFromOne || g.ending {
		return nil
	}
	if g.conns == nil {
		g.conns = map[net.Conn]bool{}
	}
	g.conns[c] = true
	g.open[from]++
	guest := &guest{Conn: c}
	timer := time.AfterFunc(sessionTime, func() { c.Close() })
	guest.leave = sync.OnceFunc(func() {
		timer.Stop()
		g.mu.Lock()
		defer g.mu.Unlock()
		delete(g.conns, c)
		if g.open[from]--; g.open[from] <= 0 {
			delete(g.open, from)
		}
	})
	return guest
}

// another counts a mail of a network, and reports whether it may come in.
func (g *gate) another(from netip.Prefix) bool {
	if !from.IsValid() {
		return true // a socket of this machine
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if now := g.now(); now.Sub(g.begin) >= time.Minute {
		g.begin = now
		clear(g.minute)
	}
	g.minute[from]++ // no more networks in a minute than have had a session in it
	return g.minute[from] <= maxMinute
}

// hurry ends the sessions in which nothing happens for a second.
func (g *gate) hurry() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ending = true
	for c := range g.conns {
		c.SetReadDeadline(time.Now().Add(time.Second))
	}
}

// A guest is a connection that tells the gate when it ends.
type guest struct {
	net.Conn
	leave func()
}

// Close ends the connection.
func (g *guest) Close() error {
	g.leave()
	return g.Conn.Close()
}

// network is from where a connection comes: an address of IPv4, or a network as
// providers give one to a customer of IPv6. It is invalid for a socket.
func network(a net.Addr) netip.Prefix {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.Prefix{}
	}
	ip := t.AddrPort().Addr().Unmap()
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	p, _ := ip.WithZone("").Prefix(bits) // the bits fit the address
	return p
}
