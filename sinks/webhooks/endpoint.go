package webhooks

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// longestTimeout bounds how long one request may take.
const longestTimeout = 5 * time.Minute

// Endpoint is a receiver.
type Endpoint struct {
	ID       string
	URL      string         // https, without user name; never printed, it may hold a token
	Events   []string       // types it wants; none means all
	Secrets  []Secret       // each signs every request
	Style    Style          // of the signature; empty is StyleStandard
	Insecure bool           // accept http
	Allow    []netip.Prefix // addresses that the guard lets through all the same
	Timeout  time.Duration  // of one request; 0 is the sender's
}

// Wants reports whether the endpoint takes events of a type.
func (e Endpoint) Wants(typ string) bool {
	return len(e.Events) == 0 || slices.Contains(e.Events, typ)
}

// Validate returns what is wrong with an endpoint, before anything is sent. An
// address in the URL itself is judged here; a name is judged when it is dialled.
func Validate(e Endpoint) error {
	if err := validate(e); err != nil {
		return fmt.Errorf("check webhook endpoint %q: %w", e.ID, err)
	}
	return nil
}

func validate(e Endpoint) error {
	if e.ID == "" {
		return errors.New("it has no id")
	}
	if err := validateURL(e); err != nil {
		return err
	}
	switch unsigned := e.Style == StyleComputeStacks; {
	case len(e.Secrets) == 0 && !unsigned:
		return errors.New("it has no secret to sign with")
	case len(e.Secrets) > 0 && unsigned:
		return errors.New("what is sent as by computestacks is not signed: leave its secrets out")
	}
	for _, s := range e.Secrets {
		if len(s.key) == 0 {
			return errors.New("one of its secrets is empty")
		}
	}
	switch {
	case e.Style != "" && e.Style != StyleStandard && e.Style != StyleOrb && e.Style != StyleComputeStacks:
		return fmt.Errorf("its signature %q is none of %s and %s", e.Style, StyleStandard, StyleOrb)
	case e.Style == StyleOrb && len(e.Secrets) != 1:
		return errors.New("it is signed as by orb, whose clients take one signature, and has more than one secret")
	}
	for _, p := range e.Allow {
		if !p.IsValid() {
			return errors.New("one of its allowed address ranges is not valid")
		}
	}
	if slices.Contains(e.Events, "") {
		return errors.New("one of its event types is empty")
	}
	if e.Timeout < 0 || e.Timeout > longestTimeout {
		return fmt.Errorf("its timeout is not between 0 and %s", longestTimeout)
	}
	return nil
}

func validateURL(e Endpoint) error {
	u, err := url.Parse(e.URL)
	if err != nil {
		return errors.New("its url cannot be read") // the cause repeats the url
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http", u.Opaque != "", u.Hostname() == "":
		return errors.New("its url is not of the form https://host/path")
	case u.Scheme == "http" && !e.Insecure:
		return errors.New("its url is not https; set insecure to send in the clear")
	case u.User != nil:
		return errors.New("its url holds a user name or password; signatures are the way to authenticate")
	case u.Fragment != "":
		return errors.New("its url holds a fragment")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return errors.New("its url has a port that is not between 1 and 65535")
		}
	}
	if addr, err := netip.ParseAddr(u.Hostname()); err == nil {
		return guard{allow: e.Allow}.check(addr)
	}
	if oddAddress(u.Hostname()) {
		return fmt.Errorf("%w: its host is an address in an odd spelling; write four decimal numbers", ErrBlocked)
	}
	return nil
}

// oddAddress reports whether a resolver may take a host for an IPv4 address that
// is not written as one: 2130706433, 0x7f.1, 0177.0.0.1, 127.1. As in the WHATWG
// URL standard ("ends in a number"), the last label decides; no domain ends in
// such a label.
func oddAddress(host string) bool {
	host = strings.TrimSuffix(host, ".")
	label := host[strings.LastIndexByte(host, '.')+1:]
	if strings.Trim(label, "0123456789") == "" {
		return label != ""
	}
	digits, hex := strings.CutPrefix(strings.ToLower(label), "0x")
	return hex && strings.Trim(digits, "0123456789abcdef") == ""
}
