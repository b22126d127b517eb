package fetch

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"kawaraban/internal/problem"
)

// recorder stands behind a client's guard and notes each connection that the
// guard lets through. It lets only those to own through itself, so that no
// test talks to the world.
type recorder struct {
	own   netip.AddrPort
	mu    sync.Mutex
	dials []netip.AddrPort
}

var errRecorded = errors.New("recorded, not connected")

func record(c *Client, own netip.AddrPort) *recorder {
	rec := &recorder{own: own}
	guard := c.control
	c.control = func(ctx context.Context, network, address string, conn syscall.RawConn) error {
		if err := guard(ctx, network, address, conn); err != nil {
			return err
		}
		a := netip.MustParseAddrPort(address)
		if a == own {
			return nil
		}
		rec.mu.Lock()
		defer rec.mu.Unlock()
		rec.dials = append(rec.dials, a)
		return errRecorded
	}
	return rec
}

func (rec *recorder) take() []netip.AddrPort {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	dials := rec.dials
	rec.dials = nil
	return dials
}

// hostile are URLs that must never lead to a connection. Names are answered by
// fakeDNS: what they resolve to is the name's second half.
var hostile = []string{
	// this machine, in every notation
	"http://127.0.0.1/", "http://127.0.0.1:80/", "https://127.0.0.1/", "http://127.1.2.3/", "http://127.1/", "http://127.0.1/",
	"http://2130706433/", "http://017700000001/", "http://0x7f000001/", "http://0x7f.0.0.1/", "http://0x7f.1/", "http://0177.0.0.1/",
	"http://0177.0.0.01/", "http://127.000.000.001/", "http://127.0.0.1./", "http://127.0.0.1../", "http://127.0.0.0x1/", "http://00127.0.0.1/",
	"http://0/", "http://0.0.0.0/", "http://0.1.2.3/", "http://127.0.0.256/", "http://4294967297/",
	"http://localhost/", "http://LOCALHOST/", "http://localhost./", "http://loopback.to-127-0-0-1.example/", "http://any.to-0-0-0-0.example/",
	// in other letters
	"http://１２７.0.0.1/", "http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://127．0．0．1/", "http://𝟏𝟐𝟕.𝟎.𝟎.𝟏/", "http://１６９.２５４.１６９.２５４/",
	"http://١٢٧.٠.٠.١/", "http://127%2e0%2e0%2e1/", "http://%31%32%37.0.0.1/", "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
	// this machine in IPv6
	"http://[::1]/", "http://[::]/", "http://[0:0:0:0:0:0:0:1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::127.0.0.1]/",
	"http://[::ffff:0:127.0.0.1]/", "http://[64:ff9b::127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[64:ff9b:1::a00:1]/", "http://[2002:7f00:1::]/",
	"http://[2001:0:0:0:0:0:7f00:1]/", "http://[::1%25lo]/", "http://[fe80::1%25eth0]/", "http://[2606:4700::1111%25eth0]/", "http://[::1]:443/", "http://[::1",
	// our network, and a cloud's secrets
	"http://10.0.0.1/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.1.1/", "http://169.254.169.254/latest/meta-data/",
	"http://[::ffff:169.254.169.254]/", "http://100.100.100.200/", "http://100.64.0.1/", "http://192.0.0.192/", "http://[fd00:ec2::254]/", "http://[fe80::1]/",
	"http://[fec0::1]/", "http://[ff02::1]/", "http://[fc00::1]/", "http://224.0.0.1/", "http://255.255.255.255/", "http://240.0.0.1/",
	"http://198.18.0.1/", "http://198.51.100.7/", "http://203.0.113.7/", "http://192.0.2.7/", "http://192.88.99.1/", "http://[2001:db8::1]/", "http://[3fff::1]/",
	"http://[100::1]/", "http://[4000::1]/", "http://metadata.to-169-254-169-254.example/", "http://intranet.to-10-1-2-3.example/",
	"https://nat.to-100-64-0-1.example/", "http://mapped.six-mapped.example/", "http://nat64.six-nat64.example/", "http://both.six-loopback.example/",
	// other doors of a public host
	"http://93.184.215.14:22/", "http://93.184.215.14:8080/", "http://93.184.215.14:0/", "http://93.184.215.14:65536/", "http://93.184.215.14:-80/",
	"http://93.184.215.14:080/", "http://93.184.215.14:+80/", "http://93.184.215.14:/", "http://public.to-93-184-215-14.example:6379/", "http://public.to-93-184-215-14.example:25/",
	// credentials, other schemes, no host
	"http://user:password@93.184.215.14/", "http://user@93.184.215.14/", "http://@93.184.215.14/", "http://93.184.215.14@127.0.0.1/", "http://127.0.0.1#@93.184.215.14/",
	"http://127.0.0.1\\@93.184.215.14/", "http://93.184.215.14\\@127.0.0.1/", "file:///etc/passwd", "file://localhost/etc/passwd", "gopher://93.184.215.14/_x",
	"ftp://93.184.215.14/", "dict://93.184.215.14:80/", "data:text/html,x", "javascript:alert(1)", "//93.184.215.14/", "/etc/passwd", "", "http://", "http:///x",
	"http:93.184.215.14", "http:/93.184.215.14/", "unix:///var/run/docker.sock", "http+unix://%2Fvar%2Frun/x", "jar:http://93.184.215.14!/",
	// names that are none
	"http://a..example/", "http://.example/", "http://exa mple/", "http://example.com\r\nHost: x/", "http://example.com\x00.evil.example/", "http://*.example/",
	"http://" + strings.Repeat("a", 64) + ".example/", "http://" + strings.Repeat("a.", 127) + "example/", "http://public.to-93-184-215-14.example/" + strings.Repeat("a", 5000),
}

// A hostile address leads to no connection: not as given, and not when a
// server that we may reach sends us there.
func TestReg_R11(t *testing.T) {
	if len(hostile) < 60 {
		t.Fatalf("%d cases, want at least 60", len(hostile))
	}
	var target string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Location"] = []string{strings.NewReplacer("\r", "", "\n", "", "\x00", "").Replace(target)}
		w.WriteHeader(http.StatusFound)
	}))
	defer server.Close()
	own := netip.MustParseAddrPort(server.Listener.Addr().String())

	plain := New(Settings{Resolver: fakeDNS(named)})
	plainRec := record(plain, netip.AddrPort{})
	sent := New(Settings{Resolver: fakeDNS(named), AllowPrivate: []netip.Prefix{netip.PrefixFrom(own.Addr(), 32)}, AllowPorts: []uint16{own.Port()}})
	sentRec := record(sent, own)

	for _, address := range hostile {
		resp, err := plain.Get(t.Context(), address, Options{})
		if resp != nil || problem.Of(err) == nil {
			t.Errorf("%q: response %v, error %v, want a Problem", address, resp, err)
		}
		if dials := plainRec.take(); len(dials) > 0 {
			t.Errorf("%q connected to %v", address, dials)
		}
	}
	for _, address := range hostile {
		if address == "" || address[0] == '/' || strings.HasPrefix(address, "http://127.0.0.1") && !strings.Contains(address, "@") {
			continue // leads back to the server, which this client may reach
		}
		target = address
		_, err := sent.Get(t.Context(), server.URL, Options{})
		if problem.Of(err) == nil {
			t.Errorf("redirect to %q: error %v, want a Problem", address, err)
		}
		dials := slices.DeleteFunc(sentRec.take(), func(a netip.AddrPort) bool { return a.Addr() == own.Addr() })
		if len(dials) > 0 {
			t.Errorf("redirect to %q connected to %v", address, dials)
		}
	}
}

// The same recorder does see what is allowed: else the tests above prove nothing.
func TestRecorderSeesPublicAddresses(t *testing.T) {
	c := New(Settings{Resolver: fakeDNS(named)})
	rec := record(c, netip.AddrPort{})
	for address, want := range map[string]string{
		"http://93.184.215.14/":                     "93.184.215.14:80",
		"https://93.184.215.14/":                    "93.184.215.14:443",
		"http://93.184.215.14:443/":                 "93.184.215.14:443",
		"http://[2606:4700::1111]/":                 "[2606:4700::1111]:80",
		"http://[::ffff:93.184.215.14]/":            "93.184.215.14:80",
		"https://public.to-93-184-215-14.example/":  "93.184.215.14:443",
		"http://PUBLIC.to-93-184-215-14.example./x": "93.184.215.14:80",
		"http://新聞.to-93-184-215-14.example/x#y":    "93.184.215.14:80",
		"http://a_b.to-93-184-215-14.example/":      "93.184.215.14:80",
	} {
		c.Get(t.Context(), address, Options{})
		dials := rec.take()
		if len(dials) == 0 || netip.AddrPortFrom(dials[0].Addr().Unmap(), dials[0].Port()).String() != want {
			t.Errorf("%s connected to %v, want %s", address, dials, want)
		}
	}
}

// A name that changes its answer between look-ups leads to no private address,
// whichever answer comes first.
func TestReg_R12(t *testing.T) {
	const public, private = "93.184.215.14", "127.0.0.1"
	for _, answers := range [][]string{
		{public, private},
		{private, public},
		{public, public, private},
		{public, "169.254.169.254"},
		{"::", "::1"},
		{public + " " + private},
		{private + " " + public},
	} {
		var mu sync.Mutex
		turn := 0
		c := New(Settings{Resolver: fakeDNS(func(_ string, six bool) []netip.Addr {
			mu.Lock()
			defer mu.Unlock()
			var list []netip.Addr
			for a := range strings.FieldsSeq(answers[(turn/2)%len(answers)]) { // one turn is an A and an AAAA question
				if a := netip.MustParseAddr(a); a.Is6() == six {
					list = append(list, a)
				}
			}
			turn++
			return list
		})})
		rec := record(c, netip.AddrPort{})
		for range 6 {
			if resp, err := c.Get(t.Context(), "http://rebind.example/", Options{}); resp != nil || err == nil {
				t.Errorf("%v: response %v, error %v", answers, resp, err)
			}
		}
		for _, dial := range rec.take() {
			if dial.Addr().Unmap().String() != public {
				t.Errorf("%v: connected to %s", answers, dial)
			}
		}
	}
}

// TestReg_G23 holds the guard itself against every address of D7's list.
func TestReg_G23(t *testing.T) {
	refused := []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
		"192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "64:ff9b::/96", "64:ff9b:1::/48",
		"100::/64", "2001::/32", "2001:db8::/32", "2002::/16", "fec0::/10", "fc00::/7", "fe80::/10", "ff00::/8", "::/96", "::ffff:10.0.0.0/104",
	}
	for _, p := range refused {
		prefix := netip.MustParsePrefix(p)
		for _, a := range []netip.Addr{prefix.Masked().Addr(), last(prefix)} {
			if Public(a) || Public(netip.AddrFrom16(a.As16())) {
				t.Errorf("%s of %s counts as public", a, p)
			}
		}
		if prefix.Addr().Is4() { // the neighbours of a refused prefix are not refused with it
			for _, a := range []netip.Addr{prefix.Masked().Addr().Prev(), last(prefix).Next()} {
				inOther := slices.ContainsFunc(refused, func(o string) bool { return a.IsValid() && netip.MustParsePrefix(o).Contains(a) })
				if a.IsValid() && !inOther && !Public(a) {
					t.Errorf("%s, beside %s, does not count as public", a, p)
				}
			}
		}
	}
	if Public(netip.Addr{}) || Public(netip.MustParseAddr("2606:4700::1111").WithZone("eth0")) {
		t.Error("no address, or one with a zone, counts as public")
	}
}

// last returns the last address of p.
func last(p netip.Prefix) netip.Addr {
	bytes := p.Masked().Addr().AsSlice()
	for bit := p.Bits(); bit < len(bytes)*8; bit++ {
		bytes[bit/8] |= 1 << (7 - bit%8)
	}
	a, _ := netip.AddrFromSlice(bytes)
	return a
}

// named answers "x.to-1-2-3-4.example" with 1.2.3.4 and the six-… names with
// addresses of IPv6 that hide one of IPv4.
func named(name string, six bool) []netip.Addr {
	if _, rest, ok := strings.Cut(name, ".to-"); ok && !six {
		dashed, _, _ := strings.Cut(rest, ".")
		if a, err := netip.ParseAddr(strings.ReplaceAll(dashed, "-", ".")); err == nil {
			return []netip.Addr{a}
		}
	}
	for part, address := range map[string]string{".six-mapped.": "::ffff:127.0.0.1", ".six-nat64.": "64:ff9b::7f00:1", ".six-loopback.": "::1"} {
		if strings.Contains(name, part) && six {
			return []netip.Addr{netip.MustParseAddr(address)}
		}
	}
	return nil
}

// fakeDNS is a resolver that asks answer instead of the network.
func fakeDNS(answer func(name string, six bool) []netip.Addr) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			defer theirs.Close()
			for serveDNS(theirs, answer) == nil {
			}
		}()
		return ours, nil
	}}
}

// serveDNS answers one question as DNS over TCP has it, with its length first.
func serveDNS(conn net.Conn, answer func(string, bool) []netip.Addr) error {
	var size uint16
	if err := binary.Read(conn, binary.BigEndian, &size); err != nil {
		return err
	}
	question := make([]byte, size)
	if _, err := io.ReadFull(conn, question); err != nil {
		return err
	}
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil {
		return err
	}
	q := m.Questions[0]
	m.Response, m.Additionals = true, nil
	header := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}
	for _, a := range answer(strings.TrimSuffix(q.Name.String(), "."), q.Type == dnsmessage.TypeAAAA) {
		r := dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}}
		if a.Is4() {
			r.Body = &dnsmessage.AResource{A: a.As4()}
		}
		m.Answers = append(m.Answers, r)
	}
	packed, err := m.Pack()
	if err != nil {
		return err
	}
	_, err = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(packed))), packed...))
	return err
}
