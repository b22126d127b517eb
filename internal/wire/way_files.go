package wire

import (
	"context"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/wire/ftp"
	"kawaraban/internal/wire/sftp"
)

// A serverAddress is where a way goes that is not of the web.
type serverAddress struct {
	scheme string
	host   string
	port   uint16
	path   string // decoded; "" for none
}

// parseServer reads scheme://host:port/path. ports are those of the schemes that are
// allowed.
func parseServer(address string, ports map[string]uint16) (a serverAddress, err error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || ports[u.Scheme] == 0 || u.RawQuery != "" || u.Fragment != "" {
		return a, invalid("address", example(ports))
	}
	if u.User != nil {
		return a, invalid("address", "Leave name and password out of the address: they have fields of their own.")
	}
	if strings.ContainsAny(u.Path, "\r\n\x00") {
		return a, invalid("address", "The address has signs in it that no folder has.")
	}
	a = serverAddress{scheme: u.Scheme, host: u.Hostname(), port: ports[u.Scheme], path: u.Path}
	if p := u.Port(); p != "" {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil || n == 0 {
			return a, invalid("address", "The port is a number up to 65535.")
		}
		a.port = uint16(n)
	}
	return a, nil
}

// example is how an address is written.
func example(ports map[string]uint16) string {
	switch {
	case ports["sftp"] != 0:
		return "Write the address as sftp://files.example.com/folder."
	case ports["ftp"] != 0:
		return "Write the address as ftp://files.example.com/folder, or ftps:// where TLS begins at once."
	}
	return "Write the address as imaps://mail.example.com/INBOX."
}

func sftpPorts() map[string]uint16 { return map[string]uint16{"sftp": 22} }
func ftpPorts() map[string]uint16  { return map[string]uint16{"ftp": 21, "ftps": 990} }

// folderOf is the folder of a place, as its server knows it.
func folderOf(w *Way) string {
	u, err := url.Parse(w.Address)
	if err != nil || u.Path == "" {
		return "."
	}
	if len(u.Path) > 1 {
		return strings.TrimSuffix(u.Path, "/")
	}
	return u.Path
}

// validAccount refuses a way without somebody who logs in.
func validAccount(w *Way) error {
	if w.Account == "" || strings.ContainsAny(w.Account, "\r\n\x00") {
		return invalid("account", "Write the name with which the paper logs in there.")
	}
	if !w.HasSecret() {
		return invalid("password", "Write the password with which the paper logs in there.")
	}
	return nil
}

func validSFTP(w *Way) error {
	if _, err := parseServer(w.Address, sftpPorts()); err != nil {
		return err
	}
	w.Options.HostKey = strings.TrimSpace(w.Options.HostKey)
	if key := w.Options.HostKey; key != "" && (!strings.HasPrefix(key, "SHA256:") || len(key) != len("SHA256:")+43) {
		return invalid("host_key", "The key of a server is written as SHA256: and 43 signs. The test says which one the server has.")
	}
	return validAccount(w)
}

func validFTP(w *Way) error {
	a, err := parseServer(w.Address, ftpPorts())
	if err != nil {
		return err
	}
	if a.scheme == "ftps" && w.Options.Plain {
		return invalid("address", "An address that begins with ftps:// has TLS.")
	}
	if _, err := serverZone(w); err != nil {
		return invalid("zone", "Write the server's time zone as Europe/Berlin, or leave it empty.")
	}
	return validAccount(w)
}

// serverZone is the zone of a server, nil when it is to be measured.
func serverZone(w *Way) (*time.Location, error) {
	w.Options.Zone = strings.TrimSpace(w.Options.Zone)
	if w.Options.Zone == "" {
		return nil, nil
	}
	return time.LoadLocation(w.Options.Zone)
}

// enterSFTP logs in to a server. A secret that begins as a private key does is one.
func (s *Store) enterSFTP(ctx context.Context, w *Way) (session, error) {
	a, err := parseServer(w.Address, sftpPorts())
	if err != nil {
		return nil, err
	}
	conn, err := s.Fetch.Dial(ctx, a.host, a.port)
	if err != nil {
		return nil, err
	}
	c := sftp.Config{User: w.Account, Password: w.secret, HostKey: w.Options.HostKey}
	if strings.HasPrefix(strings.TrimSpace(w.secret), "-----BEGIN ") {
		c.Key, c.Password = []byte(w.secret), ""
	}
	client, err := sftp.Open(ctx, conn, c)
	if err != nil {
		return nil, err
	}
	return sftpSession{client}, nil
}

type sftpSession struct{ *sftp.Client }

func (s sftpSession) list(ctx context.Context, dir string, most int) ([]entry, bool, error) {
	files, more, err := s.List(ctx, dir, most)
	list := make([]entry, len(files))
	for i, f := range files {
		list[i] = entry{name: f.Name, dir: f.Dir, size: f.Size, modified: f.Modified, listed: f.Modified, exact: time.Second}
	}
	return list, more, err
}

func (s sftpSession) read(ctx context.Context, e entry, limit int64) ([]byte, error) {
	return s.Read(ctx, e.path, e.size, limit)
}

// enterFTP logs in to a server, with TLS if nobody has said that it has none.
func (s *Store) enterFTP(ctx context.Context, w *Way) (session, error) {
	a, err := parseServer(w.Address, ftpPorts())
	if err != nil {
		return nil, err
	}
	zone, err := serverZone(w)
	if err != nil {
		return nil, err
	}
	conn, err := s.Fetch.Dial(ctx, a.host, a.port)
	if err != nil {
		return nil, err
	}
	c := ftp.Config{
		Host: a.host, User: w.Account, Password: w.secret, Security: ftp.Explicit, RootCAs: s.Fetch.Roots(), Zone: zone, Now: s.Now,
		Dial: func(ctx context.Context, port uint16) (net.Conn, error) { return s.Fetch.DialAgain(ctx, conn, port) },
	}
	switch {
	case w.Options.Plain:
		c.Security = ftp.Plain
	case a.scheme == "ftps":
		c.Security = ftp.Implicit
	}
	client, err := ftp.Open(ctx, conn, c)
	if err != nil {
		return nil, err
	}
	return ftpSession{client}, nil
}

type ftpSession struct{ *ftp.Client }

func (s ftpSession) list(ctx context.Context, dir string, most int) ([]entry, bool, error) {
	files, more, err := s.List(ctx, dir, most)
	list := make([]entry, len(files))
	for i, f := range files {
		list[i] = entry{name: f.Name, dir: f.Dir, size: f.Size, modified: f.Modified, listed: f.Listed, exact: f.Exact}
	}
	return list, more, err
}

func (s ftpSession) read(ctx context.Context, e entry, limit int64) ([]byte, error) {
	return s.Read(ctx, e.path, limit)
}
