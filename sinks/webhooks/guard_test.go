package webhooks

import (
	"net/netip"
	"testing"
)

// What may be reached, by the column "Globally Reachable" of the IANA IPv4 and
// IPv6 Special-Purpose Address Registries (as amended by RFC 8190), with the
// first and last address of each range and its neighbours. Where the registry
// says "not applicable" the answer is no, or that of the embedded address.
var reachability = []struct {
	addr string
	want bool
}{
	// IPv4: this network, private, shared, loopback, link local.
	{"0.0.0.0", false},
	{"0.255.255.255", false},
	{"1.0.0.0", true},
	{"9.255.255.255", true},
	{"10.0.0.0", false},
	{"10.255.255.255", false},
	{"11.0.0.0", true},
	{"100.63.255.255", true},
	{"100.64.0.0", false},
	{"100.127.255.255", false},
	{"100.128.0.0", true},
	{"126.255.255.255", true},
	{"127.0.0.1", false},
	{"127.255.255.255", false},
	{"128.0.0.0", true},
	{"169.253.255.255", true},
	{"169.254.0.0", false},
	{"169.254.169.254", false},
	{"169.254.255.255", false},
	{"169.255.0.0", true},
	{"172.15.255.255", true},
	{"172.16.0.0", false},
	{"172.31.255.255", false},
	{"172.32.0.0", true},
	{"192.167.255.255", true},
	{"192.168.0.0", false},
	{"192.168.255.255", false},
	{"192.169.0.0", true},
	// IPv4: protocol assignments and their exceptions.
	{"192.0.0.0", false},
	{"192.0.0.8", false},
	{"192.0.0.9", true},
	{"192.0.0.10", true},
	{"192.0.0.11", false},
	{"192.0.0.170", false},
	{"192.0.0.171", false},
	{"192.0.0.255", false},
	{"192.0.1.0", true},
	{"192.31.196.1", true},
	{"192.52.193.1", true},
	{"192.175.48.1", true},
	{"192.88.98.255", true},
	{"192.88.99.1", false},
	{"192.88.100.0", true},
	// IPv4: documentation, benchmarking, multicast, reserved, broadcast.
	{"192.0.2.1", false},
	{"198.51.100.1", false},
	{"203.0.113.255", false},
	{"203.0.114.0", true},
	{"198.17.255.255", true},
	{"198.18.0.0", false},
	{"198.19.255.255", false},
	{"198.20.0.0", true},
	{"223.255.255.255", true},
	{"224.0.0.1", false},
	{"239.255.255.255", false},
	{"240.0.0.0", false},
	{"255.255.255.255", false},
	{"8.8.8.8", true},
	{"93.184.216.34", true},
	// IPv6: unspecified, loopback, compatible, discard, dummy, unassigned.
	{"::", false},
	{"::1", false},
	{"::2", false},
	{"::8.8.8.8", false},
	{"::10.0.0.1", false},
	{"100::1", false},
	{"100:0:0:1::1", false},
	{"1fff:ffff::1", false},
	{"2000::1", true},
	{"4000::1", false},
	// IPv6: protocol assignments and their exceptions.
	{"2001:1::", false},
	{"2001:1::1", true},
	{"2001:1::2", true},
	{"2001:1::3", true},
	{"2001:1::4", false},
	{"2001:2::1", false},
	{"2001:2:1::1", false},
	{"2001:3::1", true},
	{"2001:4:112::1", true},
	{"2001:4:113::1", false},
	{"2001:10::1", false},
	{"2001:1f:ffff::1", false},
	{"2001:20::1", true},
	{"2001:2f:ffff::1", true},
	{"2001:30::1", true},
	{"2001:3f:ffff::1", true},
	{"2001:40::1", false},
	{"2001:1ff:ffff::1", false},
	{"2001:200::1", true},
	// IPv6: documentation, SRv6, unique local, link and site local, multicast.
	{"2001:db7:ffff::1", true},
	{"2001:db8::1", false},
	{"2001:db9::1", true},
	{"3ffe:ffff::1", true},
	{"3fff::1", false},
	{"3fff:fff:ffff::1", false},
	{"3fff:1000::1", true},
	{"5f00::1", false},
	{"fbff::1", false},
	{"fc00::1", false},
	{"fd00:ec2::254", false},
	{"fdff:ffff::1", false},
	{"fe80::1", false},
	{"fe80::1%eth0", false},
	{"febf:ffff::1", false},
	{"fec0::1", false},
	{"ff02::1", false},
	{"ff0e::1", false},
	{"2620:4f:8000::1", true},
	{"2606:4700::1111", true},
	{"2a00:1450:4001::200e", true},
	{"2a00:1450:4001::200e%eth0", false},
	// Embedded IPv4: mapped, NAT64, its local-use range, 6to4, Teredo.
	{"::ffff:8.8.8.8", true},
	{"::ffff:127.0.0.1", false},
	{"::ffff:10.1.2.3", false},
	{"::ffff:169.254.169.254", false},
	{"::ffff:0:10.0.0.1", false}, // SIIT, RFC 2765
	{"64:ff9b::8.8.8.8", true},
	{"64:ff9b::10.0.0.1", false},
	{"64:ff9b::169.254.169.254", false},
	{"64:ff9b::1:0:0", false},
	{"64:ff9b:1::8.8.8.8", false},
	{"64:ff9b:1::10.0.0.1", false},
	{"2002:808:808::1", true},
	{"2002:a00:1::1", false},
	{"2002:7f00:1::1", false},
	{"2002:c0a8:101::1", false},
	{"2001:0:4136:e378:8000:63bf:f7f7:f7f7", true},  // server 65.54.227.120, client 8.8.8.8
	{"2001:0:4136:e378:8000:63bf:f5ff:fffe", false}, // client 10.0.0.1
	{"2001:0:a00:1:8000:63bf:f7f7:f7f7", false},     // server 10.0.0.1
}

func TestReachable_IsWhatTheRegistriesSay(t *testing.T) {
	if len(reachability) < 80 {
		t.Fatalf("only %d addresses", len(reachability))
	}
	for _, c := range reachability {
		addr := netip.MustParseAddr(c.addr)
		if got := reachable(addr); got != c.want {
			t.Errorf("%s: reachable is %v", c.addr, got)
		}
		err := guard{}.control(t.Context(), "tcp", netip.AddrPortFrom(addr, 443).String(), nil)
		if (err == nil) != c.want {
			t.Errorf("%s: dialling gives %v", c.addr, err)
		}
	}
	if reachable(netip.Addr{}) {
		t.Error("no address is reachable")
	}
	if err := (guard{}).control(t.Context(), "unix", "/run/docker.sock", nil); err == nil {
		t.Error("a socket was dialled")
	}
}

func TestGuard_AllowsWhatIsListedAndNoMore(t *testing.T) {
	g := guard{allow: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00::/8"), netip.MustParsePrefix("fe80::/10")}}
	for addr, want := range map[string]bool{
		"10.1.2.3": true, "10.2.0.1": false, "::ffff:10.1.2.3": true, "::ffff:10.2.0.1": false,
		"64:ff9b::10.1.2.3": true, "64:ff9b::10.2.0.1": false, "2002:a01:203::1": true,
		"2001:0:a01:203:8000:63bf:f5ff:fffe": false, // server 10.1.2.3, client 10.0.0.1
		"2001:0:a01:203:8000:63bf:f5fe:fffe": true,  // server 10.1.2.3, client 10.1.0.1
		"fd12::1":                            true, "fc00::1": false, "fe80::1%eth0": true, "127.0.0.1": false, "8.8.8.8": true,
	} {
		if err := g.check(netip.MustParseAddr(addr)); (err == nil) != want {
			t.Errorf("%s: %v", addr, err)
		}
	}
}
