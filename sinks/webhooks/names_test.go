package webhooks

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"sync"
	"testing"
)

// names is a resolver that answers every question for an IPv4 address with the
// next of its IPv4 answers, the last one for good, and so for IPv6.
func names(t *testing.T, answers ...string) *net.Resolver {
	t.Helper()
	var mu sync.Mutex
	left := map[uint16][]netip.Addr{}
	for _, text := range answers {
		addr := netip.MustParseAddr(text)
		kind := uint16(typeAAAA)
		if addr.Is4() {
			kind = typeA
		}
		left[kind] = append(left[kind], addr)
	}
	next := func(kind uint16) netip.Addr {
		mu.Lock()
		defer mu.Unlock()
		all := left[kind]
		if len(all) == 0 {
			return netip.Addr{}
		}
		left[kind] = all[min(1, len(all)-1):]
		return all[0]
	}
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer server.Close()
			var size [2]byte
			if _, err := io.ReadFull(server, size[:]); err != nil {
				return
			}
			query := make([]byte, binary.BigEndian.Uint16(size[:]))
			if _, err := io.ReadFull(server, query); err != nil {
				return
			}
			reply := answer(query, next)
			_, _ = server.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...))
		}()
		return client, nil
	}}
}

const (
	typeA    = 1
	typeAAAA = 28
)

// answer writes a DNS reply (RFC 1035, section 4) to the one question of query;
// an address that is not valid leaves the reply empty.
func answer(query []byte, next func(kind uint16) netip.Addr) []byte {
	end := 12
	for query[end] != 0 {
		end += int(query[end]) + 1
	}
	question := query[12 : end+5]
	kind := binary.BigEndian.Uint16(query[end+1:])
	reply := append([]byte{}, query[:2]...)
	reply = append(reply, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0)
	reply = append(reply, question...)
	if addr := next(kind); addr.IsValid() {
		reply[7] = 1
		reply = append(reply, 0xc0, 12, 0, byte(kind), 0, 1, 0, 0, 0, 0, 0, byte(addr.BitLen()/8))
		reply = append(reply, addr.AsSlice()...)
	}
	return reply
}
