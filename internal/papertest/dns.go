package papertest

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// ServeDNS answers questions from l as a name server that knows zone and nothing
// else, until l is closed. A line of zone is a name without a dot at its end, a
// type (A, AAAA, MX, PTR, TXT, FAIL) and what stands there; FAIL has the server
// fail.
func ServeDNS(l net.PacketConn, zone string) error {
	question := make([]byte, 4096)
	for {
		n, from, err := l.ReadFrom(question)
		if err != nil {
			return err
		}
		var m dnsmessage.Message
		if m.Unpack(question[:n]) != nil || len(m.Questions) != 1 {
			continue
		}
		m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
		if err := answer(&m, zone); err != nil {
			return err
		}
		packed, err := m.Pack()
		if err != nil {
			return err
		}
		if _, err := l.WriteTo(packed, from); err != nil {
			return err
		}
	}
}

// answer fills m from the lines of a zone.
func answer(m *dnsmessage.Message, zone string) error {
	q := m.Questions[0]
	m.RCode = dnsmessage.RCodeNameError
	for line := range strings.Lines(zone) {
		fields := strings.Fields(line)
		if len(fields) < 2 || !strings.EqualFold(fields[0]+".", q.Name.String()) {
			continue
		}
		if m.RCode == dnsmessage.RCodeNameError {
			m.RCode = dnsmessage.RCodeSuccess
		}
		if fields[1] == "FAIL" {
			m.RCode = dnsmessage.RCodeServerFailure
			continue
		}
		if "Type"+fields[1] != q.Type.String() {
			continue
		}
		body, err := resource(fields[1], fields[2:], line)
		if err != nil {
			return fmt.Errorf("the line %q of the zone: %w", line, err)
		}
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 60}, Body: body})
	}
	return nil
}

func resource(kind string, rest []string, line string) (dnsmessage.ResourceBody, error) {
	switch kind {
	case "TXT":
		_, text, _ := strings.Cut(line, " TXT ")
		body := &dnsmessage.TXTResource{}
		for text = strings.TrimSpace(text); text != ""; {
			n := min(len(text), 255)
			body.TXT, text = append(body.TXT, text[:n]), text[n:]
		}
		return body, nil
	case "MX":
		pref, err := strconv.ParseUint(rest[0], 10, 16)
		if err != nil {
			return nil, err
		}
		name, err := dnsmessage.NewName(rest[1])
		return &dnsmessage.MXResource{Pref: uint16(pref), MX: name}, err
	case "PTR":
		name, err := dnsmessage.NewName(rest[0])
		return &dnsmessage.PTRResource{PTR: name}, err
	case "AAAA":
		a, err := netip.ParseAddr(rest[0])
		return &dnsmessage.AAAAResource{AAAA: a.As16()}, err
	default:
		a, err := netip.ParseAddr(rest[0])
		if err != nil || !a.Is4() {
			return nil, fmt.Errorf("%q is no address of type %s", rest[0], kind)
		}
		return &dnsmessage.AResource{A: a.As4()}, nil
	}
}
