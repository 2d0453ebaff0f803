package webhooks

import "net/netip"

// specialRange is one entry of the IANA registries that say what may be reached
// from anywhere. The longest matching prefix decides.
type specialRange struct {
	prefix netip.Prefix
	global bool
}

func no(prefix string) specialRange {
	return specialRange{netip.MustParsePrefix(prefix), false}
}

func yes(prefix string) specialRange {
	return specialRange{netip.MustParsePrefix(prefix), true}
}

// special holds the IANA IPv4 and IPv6 Special-Purpose Address Registries, "not
// applicable" read as no, and the ranges no stranger can be at: multicast and,
// of IPv6, all that IANA has not given out as global unicast (2000::/3). The
// translated and tunnelled ranges that embed IPv4 addresses are decided by these
// before this table is asked; see embedded. 64:ff9b:1::/48 is for local use by
// its registry, whatever it embeds.
var special = []specialRange{
	no("0.0.0.0/8"),          // this network (RFC 791)
	no("10.0.0.0/8"),         // private use (RFC 1918)
	no("100.64.0.0/10"),      // shared address space (RFC 6598)
	no("127.0.0.0/8"),        // loopback (RFC 1122)
	no("169.254.0.0/16"),     // link local, cloud metadata (RFC 3927)
	no("172.16.0.0/12"),      // private use (RFC 1918)
	no("192.0.0.0/24"),       // IETF protocol assignments (RFC 6890)
	yes("192.0.0.9/32"),      // port control protocol anycast (RFC 7723)
	yes("192.0.0.10/32"),     // TURN anycast (RFC 8155)
	no("192.0.2.0/24"),       // documentation (RFC 5737)
	yes("192.31.196.0/24"),   // AS112-v4 (RFC 7535)
	yes("192.52.193.0/24"),   // AMT (RFC 7450)
	no("192.88.99.0/24"),     // deprecated 6to4 relay anycast (RFC 7526)
	no("192.168.0.0/16"),     // private use (RFC 1918)
	yes("192.175.48.0/24"),   // direct delegation AS112 (RFC 7534)
	no("198.18.0.0/15"),      // benchmarking (RFC 2544)
	no("198.51.100.0/24"),    // documentation (RFC 5737)
	no("203.0.113.0/24"),     // documentation (RFC 5737)
	no("224.0.0.0/4"),        // multicast (RFC 5771)
	no("240.0.0.0/4"),        // reserved, limited broadcast (RFC 1112)
	no("::/0"),               // not global unicast
	yes("2000::/3"),          // global unicast (RFC 4291)
	no("2001::/23"),          // IETF protocol assignments (RFC 2928)
	yes("2001:1::1/128"),     // port control protocol anycast (RFC 7723)
	yes("2001:1::2/128"),     // TURN anycast (RFC 8155)
	yes("2001:1::3/128"),     // DNS-SD service registration anycast (RFC 9665)
	no("2001:2::/48"),        // benchmarking (RFC 5180)
	yes("2001:3::/32"),       // AMT (RFC 7450)
	yes("2001:4:112::/48"),   // AS112-v6 (RFC 7535)
	no("2001:10::/28"),       // deprecated ORCHID (RFC 4843)
	yes("2001:20::/28"),      // ORCHIDv2 (RFC 7343)
	yes("2001:30::/28"),      // drone remote identification (RFC 9374)
	no("2001:db8::/32"),      // documentation (RFC 3849)
	yes("2620:4f:8000::/48"), // direct delegation AS112 (RFC 7534)
	no("3fff::/20"),          // documentation (RFC 9637)
}
