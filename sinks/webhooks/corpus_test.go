package webhooks

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// forbidden are addresses that no webhook may reach, each with the entry of the
// IANA registry that says so. "IANA v4" and "IANA v6" are the IPv4 and IPv6
// Special-Purpose Address Registries, column Globally Reachable; "space" is the
// IPv4 or IPv6 Address Space registry, for what is no unicast or given to nobody.
var forbidden = []struct{ addr, because string }{
	{"0.0.0.0", "IANA v4: This host on this network [RFC1122]"},
	{"0.1.2.3", "IANA v4: This network [RFC791]"},
	{"10.0.0.1", "IANA v4: Private-Use [RFC1918]"},
	{"10.96.0.1", "IANA v4: Private-Use [RFC1918]"}, // the first service of a Kubernetes cluster
	{"10.255.255.254", "IANA v4: Private-Use [RFC1918]"},
	{"100.64.0.1", "IANA v4: Shared Address Space [RFC6598]"},
	{"100.100.100.200", "IANA v4: Shared Address Space [RFC6598]"}, // Alibaba Cloud metadata
	{"100.127.255.254", "IANA v4: Shared Address Space [RFC6598]"},
	{"127.0.0.1", "IANA v4: Loopback [RFC1122]"},
	{"127.0.0.53", "IANA v4: Loopback [RFC1122]"}, // systemd-resolved
	{"127.255.255.254", "IANA v4: Loopback [RFC1122]"},
	{"169.254.0.1", "IANA v4: Link Local [RFC3927]"},
	{"169.254.169.254", "IANA v4: Link Local [RFC3927]"}, // AWS, Google, Azure metadata
	{"169.254.170.2", "IANA v4: Link Local [RFC3927]"},   // AWS ECS task credentials
	{"169.254.169.253", "IANA v4: Link Local [RFC3927]"}, // AWS DNS
	{"172.16.0.1", "IANA v4: Private-Use [RFC1918]"},
	{"172.17.0.1", "IANA v4: Private-Use [RFC1918]"}, // Docker's bridge
	{"172.31.255.254", "IANA v4: Private-Use [RFC1918]"},
	{"192.0.0.1", "IANA v4: IETF Protocol Assignments [RFC6890]"},
	{"192.0.0.2", "IANA v4: IPv4 Service Continuity Prefix [RFC7335]"},
	{"192.0.0.8", "IANA v4: IPv4 dummy address [RFC7600]"},
	{"192.0.0.170", "IANA v4: NAT64/DNS64 Discovery [RFC8880]"},
	{"192.0.0.171", "IANA v4: NAT64/DNS64 Discovery [RFC8880]"},
	{"192.0.0.192", "IANA v4: IETF Protocol Assignments [RFC6890]"}, // Oracle Cloud metadata
	{"192.0.2.1", "IANA v4: Documentation (TEST-NET-1) [RFC5737]"},
	{"192.88.99.1", "IANA v4: Deprecated 6to4 Relay Anycast [RFC7526]"},
	{"192.168.0.1", "IANA v4: Private-Use [RFC1918]"},
	{"192.168.65.2", "IANA v4: Private-Use [RFC1918]"}, // the host of Docker Desktop
	{"192.168.255.254", "IANA v4: Private-Use [RFC1918]"},
	{"198.18.0.1", "IANA v4: Benchmarking [RFC2544]"},
	{"198.19.255.254", "IANA v4: Benchmarking [RFC2544]"},
	{"198.51.100.1", "IANA v4: Documentation (TEST-NET-2) [RFC5737]"},
	{"203.0.113.1", "IANA v4: Documentation (TEST-NET-3) [RFC5737]"},
	{"224.0.0.1", "IANA v4 space: Multicast [RFC5771]"},
	{"239.255.255.250", "IANA v4 space: Multicast [RFC5771]"}, // UPnP
	{"240.0.0.1", "IANA v4: Reserved [RFC1112]"},
	{"255.255.255.255", "IANA v4: Limited Broadcast [RFC8190]"},

	{"::", "IANA v6: Unspecified Address [RFC4291]"},
	{"::1", "IANA v6: Loopback Address [RFC4291]"},
	{"::2", "IANA v6 space: Reserved by IETF [RFC4291]"},
	{"::7f00:1", "IANA v6 space: Reserved by IETF, IPv4-compatible 127.0.0.1 [RFC4291]"},
	{"::a00:1", "IANA v6 space: Reserved by IETF, IPv4-compatible 10.0.0.1 [RFC4291]"},
	{"::808:808", "IANA v6 space: Reserved by IETF, IPv4-compatible 8.8.8.8 [RFC4291]"},
	{"::ffff:0.0.0.0", "IANA v6: IPv4-mapped [RFC4291] of IANA v4: This host [RFC1122]"},
	{"::ffff:10.0.0.1", "IANA v6: IPv4-mapped [RFC4291] of IANA v4: Private-Use [RFC1918]"},
	{"::ffff:100.64.0.1", "IANA v6: IPv4-mapped [RFC4291] of IANA v4: Shared Address Space [RFC6598]"},
	{"::ffff:127.0.0.1", "IANA v6: IPv4-mapped [RFC4291] of IANA v4: Loopback [RFC1122]"},
	{"::ffff:169.254.169.254", "IANA v6: IPv4-mapped [RFC4291] of IANA v4: Link Local [RFC3927]"},
	{"::ffff:192.168.0.1", "IANA v6: IPv4-mapped [RFC4291] of IANA v4: Private-Use [RFC1918]"},
	{"::ffff:0:7f00:1", "IANA v6 space: Reserved by IETF, IPv4-translated 127.0.0.1 [RFC2765]"},
	{"64:ff9b::a00:1", "IANA v6: IPv4-IPv6 Translation [RFC6052] of IANA v4: Private-Use [RFC1918]"},
	{"64:ff9b::7f00:1", "IANA v6: IPv4-IPv6 Translation [RFC6052] of IANA v4: Loopback [RFC1122]"},
	{"64:ff9b::a9fe:a9fe", "IANA v6: IPv4-IPv6 Translation [RFC6052] of IANA v4: Link Local [RFC3927]"},
	{"64:ff9b::c0a8:1", "IANA v6: IPv4-IPv6 Translation [RFC6052] of IANA v4: Private-Use [RFC1918]"},
	{"64:ff9b::6440:1", "IANA v6: IPv4-IPv6 Translation [RFC6052] of IANA v4: Shared Address Space [RFC6598]"},
	{"64:ff9b::1:808:808", "IANA v6 space: Reserved by IETF, beside the translation prefix [RFC6052]"},
	{"64:ff9b:1::1", "IANA v6: IPv4-IPv6 Translation, local use [RFC8215]"},
	{"64:ff9b:1::808:808", "IANA v6: IPv4-IPv6 Translation, local use [RFC8215]"},
	{"64:ff9b:1:ffff:ffff:ffff:a00:1", "IANA v6: IPv4-IPv6 Translation, local use [RFC8215]"},
	{"100::1", "IANA v6: Discard-Only Address Block [RFC6666]"},
	{"100:0:0:1::1", "IANA v6: Dummy IPv6 Prefix [RFC9780]"},
	{"2001::1", "IANA v6: TEREDO [RFC4380] of server 0.0.0.0"},
	{"2001:0:a00:1:8000:63bf:f7f7:f7f7", "IANA v6: TEREDO [RFC4380] of server 10.0.0.1, client 8.8.8.8"},
	{"2001:0:808:808:8000:63bf:f5ff:fffe", "IANA v6: TEREDO [RFC4380] of server 8.8.8.8, client 10.0.0.1"},
	{"2001:0:808:808:8000:63bf:5601:5601", "IANA v6: TEREDO [RFC4380] of server 8.8.8.8, client 169.254.169.254"},
	{"2001:0:808:808:8000:63bf:80ff:fffe", "IANA v6: TEREDO [RFC4380] of server 8.8.8.8, client 127.0.0.1"},
	{"2001:1::4", "IANA v6: IETF Protocol Assignments [RFC2928]"},
	{"2001:2::1", "IANA v6: Benchmarking [RFC5180]"},
	{"2001:5::1", "IANA v6: IETF Protocol Assignments [RFC2928]"}, // EID space, given back
	{"2001:10::1", "IANA v6: Deprecated ORCHID [RFC4843]"},
	{"2001:1ff::1", "IANA v6: IETF Protocol Assignments [RFC2928]"},
	{"2001:db8::1", "IANA v6: Documentation [RFC3849]"},
	{"2001:db8:ffff::1", "IANA v6: Documentation [RFC3849]"},
	{"2002:a00:1::1", "IANA v6: 6to4 [RFC3056] of IANA v4: Private-Use [RFC1918]"},
	{"2002:7f00:1::1", "IANA v6: 6to4 [RFC3056] of IANA v4: Loopback [RFC1122]"},
	{"2002:a9fe:a9fe::1", "IANA v6: 6to4 [RFC3056] of IANA v4: Link Local [RFC3927]"},
	{"2002:c0a8:101::1", "IANA v6: 6to4 [RFC3056] of IANA v4: Private-Use [RFC1918]"},
	{"2002:ac10:1::1", "IANA v6: 6to4 [RFC3056] of IANA v4: Private-Use [RFC1918]"},
	{"3fff::1", "IANA v6: Documentation [RFC9637]"},
	{"3fff:fff:ffff::1", "IANA v6: Documentation [RFC9637]"},
	{"4000::1", "IANA v6 space: Reserved by IETF [RFC3513]"},
	{"5f00::1", "IANA v6: Segment Routing (SRv6) SIDs [RFC9602]"},
	{"fc00::1", "IANA v6: Unique-Local [RFC4193]"},
	{"fd00:ec2::254", "IANA v6: Unique-Local [RFC4193]"}, // AWS metadata
	{"fd20:ce::254", "IANA v6: Unique-Local [RFC4193]"},  // Google metadata
	{"fdff:ffff::1", "IANA v6: Unique-Local [RFC4193]"},
	{"fe80::1", "IANA v6: Link-Local Unicast [RFC4291]"},
	{"fe80::a9fe:a9fe", "IANA v6: Link-Local Unicast [RFC4291]"},
	{"fec0::1", "IANA v6 space: Reserved by IETF, once site-local [RFC3879]"},
	{"ff02::1", "IANA v6 space: Multicast [RFC4291]"},
	{"ff05::1:3", "IANA v6 space: Multicast [RFC4291]"},
}

// oddHosts are hosts of URLs that one resolver or another takes for an address
// of its own network, with the address that the test's resolver gives for them.
var oddHosts = []struct{ host, addr, because string }{
	{"2130706433", "127.0.0.1", "one decimal number, inet_aton(3)"},
	{"0x7f000001", "127.0.0.1", "one hexadecimal number, inet_aton(3)"},
	{"0X7F000001", "127.0.0.1", "the same in capitals"},
	{"017700000001", "127.0.0.1", "one octal number, inet_aton(3)"},
	{"0177.0.0.1", "127.0.0.1", "octal parts, inet_aton(3)"},
	{"0x7f.0.0.1", "127.0.0.1", "hexadecimal parts, inet_aton(3)"},
	{"0x7f.0x0.0x0.0x1", "127.0.0.1", "hexadecimal parts, inet_aton(3)"},
	{"127.1", "127.0.0.1", "two parts, inet_aton(3)"},
	{"127.0.1", "127.0.0.1", "three parts, inet_aton(3)"},
	{"0", "0.0.0.0", "one part, inet_aton(3)"},
	{"0x", "0.0.0.0", "an empty hexadecimal number, WHATWG URL"},
	{"127.0.0.1.", "127.0.0.1", "a root label behind the address"},
	{"127.000.000.001", "127.0.0.1", "leading zeros"},
	{"256.256.256.256", "0.0.0.0", "parts that overflow"},
	{"2852039166", "169.254.169.254", "metadata as one decimal number"},
	{"0xa9fea9fe", "169.254.169.254", "metadata as one hexadecimal number"},
	{"foo.127", "127.0.0.1", "a last label that is a number"},
	{"127。0。0。1", "127.0.0.1", "ideographic full stops, UTS 46"},
	{"１２７.0.0.1", "127.0.0.1", "full-width digits, UTS 46"},
	{"①②⑦.⓪.⓪.①", "127.0.0.1", "circled digits, UTS 46"},
	{"localhost", "127.0.0.1", "RFC 6761"},
	{"localhost.", "127.0.0.1", "RFC 6761, with the root label"},
	{"LOCALHOST", "127.0.0.1", "RFC 6761, in capitals"},
	{"hooks.localhost", "127.0.0.1", "RFC 6761"},
	{"ip6-localhost", "::1", "hosts(5)"},
	{"127.0.0.1.nip.io", "127.0.0.1", "a public name of a private address"},
	{"localtest.me", "127.0.0.1", "a public name of a private address"},
	{"metadata.google.internal", "169.254.169.254", "Google metadata"},
	{"instance-data.ec2.internal", "169.254.169.254", "AWS metadata"},
	{"kubernetes.default.svc", "10.96.0.1", "a cluster's own service"},
	{"host.docker.internal", "192.168.65.2", "the host of a container"},
	{"printer.local", "169.254.10.10", "RFC 6762"},
	{"router.home.arpa", "192.168.1.1", "RFC 8375"},
	{"ipv4only.arpa", "192.0.0.170", "RFC 7050"},
}

// hasIPv6 reports whether the kernel knows IPv6 at all: else a socket is refused
// before the guard is asked.
func hasIPv6() bool {
	c, err := net.ListenPacket("udp6", "[::]:0")
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// Each address is refused as the host of a URL, and where a name resolves to it.
func TestGuard_RefusesEveryForbiddenAddress(t *testing.T) {
	if n := len(forbidden) + len(oddHosts); n < 80 {
		t.Fatalf("only %d addresses and names", n)
	}
	seen := map[string]bool{}
	for _, c := range forbidden {
		addr := netip.MustParseAddr(c.addr)
		if seen[addr.String()] || !strings.Contains(c.because, "[RFC") && !strings.Contains(c.because, "TEREDO") {
			t.Errorf("%s: it is there twice, or nothing says why", c.addr)
		}
		seen[addr.String()] = true
		to := Endpoint{ID: "erp", URL: "https://" + net.JoinHostPort(c.addr, "443") + "/", Secrets: []Secret{secret(t, secretText)}}
		if err := Validate(to); !errors.Is(err, ErrBlocked) {
			t.Errorf("%s as a host: %v (%s)", c.addr, err, c.because)
		}
		if addr.Is6() && !addr.Is4In6() && !hasIPv6() {
			continue
		}
		to.URL = "https://erp.acme.example/"
		s := New(Options{Now: time.Now, Resolver: names(t, c.addr), Timeout: 2 * time.Second})
		if _, err := s.Send(t.Context(), to, event); !errors.Is(err, ErrBlocked) {
			t.Errorf("a name that resolves to %s: %v (%s)", c.addr, err, c.because)
		}
	}
}

func TestGuard_RefusesHostsThatMeanForbiddenAddresses(t *testing.T) {
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) }))
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	for _, c := range oddHosts {
		if netip.MustParseAddr(c.addr).Is6() && !hasIPv6() {
			continue
		}
		to := Endpoint{ID: "erp", URL: "http://" + c.host + ":" + port + "/", Insecure: true, Secrets: []Secret{secret(t, secretText)}}
		if _, err := url.Parse(to.URL); err != nil {
			t.Fatal(err)
		}
		s := New(Options{Now: time.Now, Resolver: names(t, c.addr), Timeout: 2 * time.Second})
		if _, err := s.Send(t.Context(), to, event); !errors.Is(err, ErrBlocked) || calls.Load() != 0 {
			t.Errorf("%s (%s): %v, %d requests", c.host, c.because, err, calls.Load())
		}
	}
}

// A name that is harmless when it is first looked up, and then is not. The
// receiver on loopback, which is allowed, stands for the public address.
func TestGuard_RefusesANameThatMovesInside(t *testing.T) {
	for _, inside := range []string{"10.0.0.1", "169.254.169.254", "127.0.0.2", "192.168.0.1", "0.0.0.0"} {
		var calls atomic.Int32
		server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			calls.Add(1)
			rw.Header().Set("Connection", "close")
		}))
		_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
		to := Endpoint{ID: "erp", URL: "http://rebind.example:" + port + "/", Insecure: true, Allow: loopback, Secrets: []Secret{secret(t, secretText)}}
		s := New(Options{Now: time.Now, Resolver: names(t, "127.0.0.1", inside), Timeout: 2 * time.Second})
		if _, err := s.Send(t.Context(), to, event); err != nil {
			t.Errorf("%s: while it is outside: %v", inside, err)
		}
		if _, err := s.Send(t.Context(), to, event); !errors.Is(err, ErrBlocked) || calls.Load() != 1 {
			t.Errorf("%s: %v, %d requests", inside, err, calls.Load())
		}
		server.Close()
	}
}

func TestValidate_TakesNamesWithNumbersInThem(t *testing.T) {
	for _, host := range []string{"erp1.acme.example", "1.2.3.4.acme.example", "123.example", "0x7f.example", "x0x7f", "3com.example", "a.b-1"} {
		to := Endpoint{ID: "erp", URL: "https://" + host + "/", Secrets: []Secret{secret(t, secretText)}}
		if err := Validate(to); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
}
