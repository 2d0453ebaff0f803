package webhooks

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"syscall"
)

// ErrBlocked means that a receiver's address is not globally reachable and not
// allowed: sending there could reach into somebody's own network.
var ErrBlocked = errors.New("address is not globally reachable")

// guard decides which addresses may be dialled. It sits in the dialer's Control,
// after DNS, so that a name cannot resolve to one address when it is checked and
// to another one when it is used.
type guard struct{ allow []netip.Prefix }

// control has the signature of net.Dialer.ControlContext.
func (g guard) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: it cannot be read", ErrBlocked)
	}
	return g.check(at.Addr())
}

// check returns [ErrBlocked] unless addr is allowed or globally reachable. An
// address that embeds IPv4 addresses passes when all of them do.
func (g guard) check(addr netip.Addr) error {
	addr = addr.Unmap()
	if g.passes(addr) {
		return nil
	}
	inner := embedded(addr)
	if len(inner) > 0 && !slices.ContainsFunc(inner, func(a netip.Addr) bool { return !g.passes(a) }) {
		return nil
	}
	return fmt.Errorf("%w: %s; if it is meant, add it to the endpoint's allow list", ErrBlocked, addr)
}

func (g guard) passes(addr netip.Addr) bool {
	bare := addr.WithZone("")
	return reachable(addr) || slices.ContainsFunc(g.allow, func(p netip.Prefix) bool { return p.Contains(bare) })
}

// reachable reports whether the IANA special-purpose address registries call
// addr globally reachable. An IPv6 address that carries IPv4 addresses is as
// reachable as those. (net.IP.IsGlobalUnicast answers another question: it is
// true for 10.0.0.0/8.)
func reachable(addr netip.Addr) bool {
	addr = addr.Unmap()
	if !addr.IsValid() || addr.Zone() != "" {
		return false
	}
	if inner := embedded(addr); len(inner) > 0 {
		return !slices.ContainsFunc(inner, func(a netip.Addr) bool { return !reachable(a) })
	}
	best, global := -1, addr.Is4() // ordinary IPv4 addresses are in no registry
	for _, s := range special {
		if s.prefix.Contains(addr) && s.prefix.Bits() > best {
			best, global = s.prefix.Bits(), s.global
		}
	}
	return global
}

var (
	nat64  = netip.MustParsePrefix("64:ff9b::/96")
	sixTo4 = netip.MustParsePrefix("2002::/16")
	teredo = netip.MustParsePrefix("2001::/32")
)

// embedded returns the IPv4 addresses that packets to addr end up at: of NAT64
// (RFC 6052), 6to4 (RFC 3056) and Teredo (RFC 4380: the server's and the client's,
// which is stored inverted).
func embedded(addr netip.Addr) []netip.Addr {
	if !addr.Is6() || addr.Is4In6() {
		return nil
	}
	b := addr.As16()
	addr = addr.WithZone("")
	switch {
	case nat64.Contains(addr):
		return []netip.Addr{addr4(b[12:16], 0)}
	case sixTo4.Contains(addr):
		return []netip.Addr{addr4(b[2:6], 0)}
	case teredo.Contains(addr):
		return []netip.Addr{addr4(b[4:8], 0), addr4(b[12:16], 0xffffffff)}
	}
	return nil
}

// addr4 reads an IPv4 address whose bits are flipped by mask.
func addr4(b []byte, mask uint32) netip.Addr {
	var a [4]byte
	binary.BigEndian.PutUint32(a[:], binary.BigEndian.Uint32(b)^mask)
	return netip.AddrFrom4(a)
}
