package fetch

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// maxURL is the length of the longest URL, in bytes, that we follow.
const maxURL = 4096

// closed are the prefixes inside global unicast space that are not the public
// internet (IANA special-purpose registries). IPv6 outside 2000::/3 needs no
// entry: it is not allocated, and Public refuses it whole, and with it
// ::/96, 64:ff9b::/96, 64:ff9b:1::/48, 100::/64, fc00::/7 and fec0::/10.
var closed = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network; Linux connects 0.0.0.0 to itself
	netip.MustParsePrefix("10.0.0.0/8"),      // private
	netip.MustParsePrefix("100.64.0.0/10"),   // behind a carrier's NAT; clouds keep metadata here
	netip.MustParsePrefix("127.0.0.0/8"),     // loopback
	netip.MustParsePrefix("169.254.0.0/16"),  // link-local; 169.254.169.254 tells a cloud's secrets
	netip.MustParsePrefix("172.16.0.0/12"),   // private
	netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation
	netip.MustParsePrefix("192.88.99.0/24"),  // 6to4 relays
	netip.MustParsePrefix("192.168.0.0/16"),  // private
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"), // documentation
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation
	netip.MustParsePrefix("224.0.0.0/4"),     // multicast
	netip.MustParsePrefix("240.0.0.0/4"),     // reserved, and the broadcast address
	netip.MustParsePrefix("2001::/23"),       // protocol assignments; 2001::/32 is Teredo and carries IPv4
	netip.MustParsePrefix("2001:db8::/32"),   // documentation
	netip.MustParsePrefix("2002::/16"),       // 6to4 carries IPv4
	netip.MustParsePrefix("3fff::/20"),       // documentation
}

var unicast6 = netip.MustParsePrefix("2000::/3")

// Public reports whether a is an address of the public internet.
func Public(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" {
		return false
	}
	a = a.Unmap()
	if a.Is6() && !unicast6.Contains(a) {
		return false
	}
	return !slices.ContainsFunc(closed, func(p netip.Prefix) bool { return p.Contains(a) })
}

// MatchHost reports whether host is name or one of its sub-domains. It
// compares label by label: "evil-example.com" is no part of "example.com".
func MatchHost(host, name string) bool {
	host, name = plainHost(host), plainHost(name)
	return name != "" && (host == name || strings.HasSuffix(host, "."+name))
}

// plainHost is a host name without what makes no difference.
func plainHost(host string) string {
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// dialable reports whether a connection to a may be made. It is the check that
// counts: the address is the one that the system is about to connect to, after
// every look-up, so that a name cannot change its answer behind it.
func (c *Client) dialable(a netip.AddrPort) bool {
	ip := a.Addr().Unmap()
	if c.private(ip) {
		return usual(a.Port()) || slices.Contains(c.s.AllowPorts, a.Port())
	}
	return Public(a.Addr()) && usual(a.Port())
}

// private reports whether the operator lets us reach ip although it is not public.
func (c *Client) private(ip netip.Addr) bool {
	return ip.Zone() == "" && slices.ContainsFunc(c.s.AllowPrivate, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// usual reports whether port is one that web servers have.
func usual(port uint16) bool { return port == 80 || port == 443 }

// Check parses a URL and returns it in the form that is fetched, or a Problem
// that says why it is not. It looks nothing up: a name that leads to a private
// address passes, and is refused when it is dialled.
func (c *Client) Check(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, refuse(err, "This is not an address of the web.")
	}
	if err := c.check(u); err != nil {
		return nil, err
	}
	return u, nil
}

// check refuses u or rewrites it to the form that is fetched, so that what was
// checked is what is used (ASVS 1.5.3).
func (c *Client) check(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" || u.Opaque != "" || u.Hostname() == "" {
		return refuse(nil, "The address must begin with http:// or https:// and name a host.")
	}
	if u.User != nil {
		return refuse(nil, "The address must not hold a user name or password.")
	}
	host, err := asciiHost(u.Hostname())
	if err != nil {
		return refuse(err, "The address names a host that cannot exist.")
	}
	port := u.Port()
	if port == "" && strings.HasSuffix(u.Host, ":") {
		return refuse(nil, "The address ends its host with a colon but gives no port.")
	}
	if port != "" && !c.portAllowed(port) {
		return refuse(nil, "The address has the port %s; only the usual ones, 80 and 443, are fetched.", port)
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		number := uint16(80)
		if u.Scheme == "https" {
			number = 443
		}
		if n, err := strconv.ParseUint(port, 10, 16); err == nil {
			number = uint16(n)
		}
		if !c.dialable(netip.AddrPortFrom(ip, number)) {
			return refuse(nil, "%s is not on the public internet.", host)
		}
	}
	if len(c.s.AllowHosts) > 0 && !slices.ContainsFunc(c.s.AllowHosts, func(name string) bool { return MatchHost(host, name) }) {
		return refuse(nil, "%s is not among the hosts that this paper may fetch from.", host)
	}
	u.Host = join(host, port)
	u.Fragment, u.RawFragment = "", ""
	if len(u.String()) > maxURL {
		return refuse(nil, "The address is longer than %d characters.", maxURL)
	}
	return nil
}

// join puts host and port together again, an IPv6 address in its brackets.
func join(host, port string) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port != "" {
		host += ":" + port
	}
	return host
}

// portAllowed reports whether a URL may have this port: exactly as written,
// for "080" and "+80" are nobody's.
func (c *Client) portAllowed(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || strconv.FormatUint(n, 10) != port {
		return false
	}
	return usual(uint16(n)) || slices.Contains(c.s.AllowPorts, uint16(n))
}

// names reads international names as browsers do; an underscore is none of its
// business, for real hosts have it.
var names = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(false))

// asciiHost returns a host as DNS has it, or an error for what is neither a
// name nor an address in its usual form.
func asciiHost(host string) (string, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.String(), nil
	}
	if !utf8.ValidString(host) {
		return "", errHost
	}
	host, err := names.ToASCII(host)
	if err != nil {
		return "", err
	}
	host = plainHost(host)
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.String(), nil // written in wide or circled digits
	}
	if len(host) == 0 || len(host) > 253 || endsInNumber(host) {
		return "", errHost
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return "", errHost
		}
	}
	return host, nil
}

// endsInNumber reports whether a resolver may read host as an IPv4 address of
// the old forms, such as 2130706433, 0x7f.1 and 0177.0.0.1: its last label is a
// number (WHATWG URL, "ends-in-a-number checker").
func endsInNumber(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	if strings.Trim(last, "0123456789") == "" {
		return true
	}
	hex, ok := strings.CutPrefix(last, "0x")
	return ok && strings.Trim(hex, "0123456789abcdef") == ""
}
