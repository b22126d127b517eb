package network

import (
	"cmp"
	"context"
	"encoding/json"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"kawaraban/internal/problem"
)

// A reach is where what a sister names may be: at its own place and, of a feed, at the
// hosts that a publisher has allowed. Many feeds have a host of their own, and lead to
// another.
type reach struct {
	place
	hosts []string
}

// An Elsewhere is a host to which links of a feed lead, and nobody has allowed it.
type Elsewhere struct {
	Host  string `json:"host"`
	Links int    `json:"links"`
}

const (
	maxHosts     = 20  // that are allowed of one feed
	maxElsewhere = 10  // hosts that we remember of one feed
	maxHost      = 253 // bytes
)

// reach is how far a sister reaches.
func (s *Store) reach(x Sister) (reach, error) {
	p, err := placeOf(x.Address, s.Local)
	if err != nil || x.Source == Ours {
		return reach{place: p}, err
	}
	return reach{p.site(), x.Hosts}, nil
}

// holds reports whether an address is one that the sister may name. A host that was
// allowed is that one and none below it: on many hosts each name is somebody else's.
func (r reach) holds(address string) bool {
	if r.place.holds(address) {
		return true
	}
	host := r.elsewhere(address)
	return host != "" && slices.Contains(r.hosts, host)
}

// elsewhere is the host of a sound address that is not the sister's own, as people are
// asked about it; "" for any other.
func (r reach) elsewhere(address string) string {
	u, err := url.Parse(address)
	if err != nil || !sound(u, address) || u.Scheme != r.scheme || r.place.holds(address) {
		return ""
	}
	name := strings.ToLower(u.Hostname())
	if !isName(name) && r.scheme == "https" || u.Port() != "" && r.scheme == "https" {
		return ""
	}
	if port := u.Port(); port != "" { // only where there is no https: on this machine
		return name + ":" + port
	}
	return name
}

// isName reports whether a host is a name of the web in plain letters; what is written in
// others comes as xn--, and looks like nothing else.
func isName(host string) bool {
	if len(host) > maxHost || !strings.Contains(host, ".") {
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	_, err := netip.ParseAddr(host)
	last := host[strings.LastIndexByte(host, '.')+1:]
	return err != nil && strings.Trim(last, "0123456789") != "" && !strings.HasPrefix(last, "0x")
}

// strangers lists the hosts of a feed's links that are not allowed, those with the most
// links first.
func (l List) strangers(r reach) (list []Elsewhere) {
	for _, i := range l.Items {
		host := r.elsewhere(i.Address)
		if host == "" || slices.Contains(r.hosts, host) {
			continue
		}
		at := slices.IndexFunc(list, func(e Elsewhere) bool { return e.Host == host })
		if at < 0 {
			at = len(list)
			list = append(list, Elsewhere{Host: host})
		}
		list[at].Links++
	}
	slices.SortStableFunc(list, func(a, b Elsewhere) int { return cmp.Compare(b.Links, a.Links) })
	return list[:min(len(list), maxElsewhere)]
}

// Allow lets the links of a feed lead to a host, or no more. It is a host to which they
// led when we last looked.
func (s *Store) Allow(ctx context.Context, actor, id, host string, may bool) error {
	what := "allowed " + host + " for"
	if !may {
		what = "no longer allows " + host + " for"
	}
	return s.set(ctx, actor, id, what, func(x *Sister) error {
		known := slices.Contains(x.Hosts, host)
		at := slices.IndexFunc(x.Elsewhere, func(e Elsewhere) bool { return e.Host == host })
		switch {
		case known == may:
			return nil
		case may && x.Source != Other:
			return &problem.Problem{Kind: problem.Conflict, Detail: "A paper of this kind leads to its own pages."}
		case may && at < 0:
			return &problem.Problem{Kind: problem.Conflict, Detail: "Its links do not lead to this host any more. Look at the room again."}
		case may && len(x.Hosts) >= maxHosts:
			return &problem.Problem{Kind: problem.Conflict, Detail: "Twenty hosts of this feed are allowed already. Take one away first."}
		case may:
			x.Hosts = append(x.Hosts, host)
			x.Elsewhere = slices.Delete(x.Elsewhere, at, at+1)
			return nil
		}
		x.Hosts = slices.DeleteFunc(x.Hosts, func(h string) bool { return h == host })
		reach, err := s.reach(*x)
		if err != nil {
			return err
		}
		left := 0
		x.Items = slices.DeleteFunc(x.Items, func(i Item) bool {
			gone := !reach.holds(i.Address)
			if gone {
				left++
			}
			return gone
		})
		x.Elsewhere = append([]Elsewhere{{host, left}}, x.Elsewhere...)
		return nil
	})
}

// hostsText is a list of hosts as it is kept.
func hostsText[T any](list []T) (string, error) {
	if len(list) == 0 {
		return "[]", nil
	}
	b, err := json.Marshal(list)
	return string(b), err
}
