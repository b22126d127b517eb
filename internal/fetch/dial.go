package fetch

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"syscall"

	"kawaraban/internal/problem"
)

// transfers are the ports on which files and mail are fetched: FTP, SSH, IMAP, and
// the first and the last of them within TLS.
var transfers = []uint16{21, 22, 143, 990, 993}

// Dial connects to a machine that an editor has named, for what is fetched by
// another protocol than HTTP. The address that is dialled is held against the same
// rule; of a public machine the ports that need no privilege are open as well, of a
// private one those that the operator allows.
//
// The error is a Problem when the address is refused or nobody answers.
func (c *Client) Dial(ctx context.Context, host string, port uint16) (net.Conn, error) {
	name, err := asciiHost(host)
	if err != nil {
		return nil, refuse(err, "%s is not the name of a machine.", host)
	}
	if len(c.s.AllowHosts) > 0 && !slices.ContainsFunc(c.s.AllowHosts, func(n string) bool { return MatchHost(name, n) }) {
		return nil, refuse(nil, "%s is not among the hosts that this paper may fetch from.", name)
	}
	return c.connect(ctx, name, port, func(a netip.AddrPort) bool {
		if c.private(a.Addr().Unmap()) {
			return slices.Contains(transfers, a.Port()) || slices.Contains(c.s.AllowPorts, a.Port())
		}
		return Public(a.Addr()) && (slices.Contains(transfers, a.Port()) || a.Port() >= 1024)
	})
}

// Roots are those who may vouch for a server, for who speaks TLS over Dial; nil for
// those whom the system knows.
func (c *Client) Roots() *x509.CertPool { return c.s.RootCAs }

// DialAgain connects to another port of the machine that conn leads to, as FTP does
// for each file. The machine cannot send us to another one, nor to a port that
// needs a privilege.
func (c *Client) DialAgain(ctx context.Context, conn net.Conn, port uint16) (net.Conn, error) {
	at, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return nil, refuse(err, "The connection leads to no machine.")
	}
	return c.connect(ctx, at.Addr().String(), port, func(a netip.AddrPort) bool {
		return a.Addr().Unmap() == at.Addr().Unmap() && a.Port() >= 1024
	})
}

// connect dials what may be dialled.
func (c *Client) connect(ctx context.Context, host string, port uint16, may func(netip.AddrPort) bool) (net.Conn, error) {
	d := &net.Dialer{
		Timeout:  c.s.Timeout,
		Resolver: c.s.Resolver,
		ControlContext: func(_ context.Context, network, address string, _ syscall.RawConn) error {
			a, err := netip.ParseAddrPort(address)
			if err != nil || network != "tcp4" && network != "tcp6" || !may(a) {
				return errForbidden
			}
			return nil
		},
	}
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(int(port))))
	if err == nil {
		return conn, nil
	}
	if errors.Is(err, errForbidden) {
		return nil, refuse(err, "%s, port %d, is not a place on the public internet that this paper may connect to.", host, port)
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return nil, &problem.Problem{Kind: problem.Unavailable, Detail: host + " does not answer on port " + strconv.Itoa(int(port)) + ".", Err: err}
	}
	return nil, explain(ctx, host, err)
}
