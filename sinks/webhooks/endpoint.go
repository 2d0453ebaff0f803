package webhooks

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
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
	if len(e.Secrets) == 0 {
		return errors.New("it has no secret to sign with")
	}
	for _, s := range e.Secrets {
		if len(s.key) == 0 {
			return errors.New("one of its secrets is empty")
		}
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
	return nil
}
