package fetch

import (
	"net"
	"net/netip"
	"strings"
	"testing"

	"kawaraban/internal/problem"
)

// TestDial connects to what an editor names, and to no place that the guard closes.
//
// Seen red: without the look at the address that is dialled; with any port of what is
// private.
func TestDial(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).AddrPort().Port()
	local := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	allowed := New(Settings{AllowPrivate: local, AllowPorts: []uint16{port}})
	conn, err := allowed.Dial(t.Context(), "127.0.0.1", port)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()

	for what, test := range map[string]struct {
		s    Settings
		host string
		port uint16
	}{
		"what is private":           {Settings{}, "127.0.0.1", port},
		"in another way of writing": {Settings{}, "127.1", port},
		"the metadata of clouds":    {Settings{}, "169.254.169.254", 22},
		"another private place":     {Settings{AllowPrivate: local, AllowPorts: []uint16{port}}, "127.0.0.2", port},
		"another port":              {Settings{AllowPrivate: local, AllowPorts: []uint16{port + 1}}, "127.0.0.1", port},
		"a mail server":             {Settings{}, "93.184.215.14", 25},
		"another host":              {Settings{AllowHosts: []string{"hpa.example"}}, "other.example", 22},
		"no name":                   {Settings{}, "a b", 22},
		"a name with a port":        {Settings{}, "hpa.example:22", 22},
	} {
		if conn, err := New(test.s).Dial(t.Context(), test.host, test.port); !problem.Is(err, problem.Invalid) {
			t.Errorf("%s: %v, %v", what, conn, err)
		}
	}

	// The other port is of the same machine, and needs no privilege.
	again, err := New(Settings{}).DialAgain(t.Context(), conn, port)
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
	if _, err := allowed.DialAgain(t.Context(), conn, 25); !problem.Is(err, problem.Invalid) {
		t.Errorf("a port that needs a privilege: %v", err)
	}
	l.Close()
	if _, err := allowed.Dial(t.Context(), "127.0.0.1", port); !problem.Is(err, problem.Unavailable) || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("nobody is there: %v", err)
	}
}
