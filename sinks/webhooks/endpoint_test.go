package webhooks

import (
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestValidate_SaysWhatIsWrongAndRepeatsNoURL(t *testing.T) {
	good := Endpoint{ID: "erp", URL: "https://erp.acme.example/hooks?token=canary", Secrets: []Secret{secret(t, secretText)}}
	if err := Validate(good); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want   string
		change func(*Endpoint)
	}{
		{"no id", func(e *Endpoint) { e.ID = "" }},
		{"not of the form", func(e *Endpoint) { e.URL = "" }},
		{"not of the form", func(e *Endpoint) { e.URL = "ftp://canary.example/" }},
		{"not of the form", func(e *Endpoint) { e.URL = "https:canary" }},
		{"not of the form", func(e *Endpoint) { e.URL = "https:///canary" }},
		{"not of the form", func(e *Endpoint) { e.URL = "/canary" }},
		{"cannot be read", func(e *Endpoint) { e.URL = "https://canary\x00/" }},
		{"cannot be read", func(e *Endpoint) { e.URL = "https://canary:port/" }},
		{"between 1 and 65535", func(e *Endpoint) { e.URL = "https://canary.example:70000/" }},
		{"not https", func(e *Endpoint) { e.URL = "http://canary.example/" }},
		{"user name", func(e *Endpoint) { e.URL = "https://user:canary@acme.example/" }},
		{"fragment", func(e *Endpoint) { e.URL = "https://acme.example/#canary" }},
		{"not globally reachable", func(e *Endpoint) { e.URL = "https://169.254.169.254/canary" }},
		{"not globally reachable", func(e *Endpoint) { e.URL = "https://[::ffff:10.0.0.1]:8443/canary" }},
		{"no secret", func(e *Endpoint) { e.Secrets = nil }},
		{"secrets is empty", func(e *Endpoint) { e.Secrets = []Secret{{}} }},
		{"ranges is not valid", func(e *Endpoint) { e.Allow = []netip.Prefix{{}} }},
		{"types is empty", func(e *Endpoint) { e.Events = []string{""} }},
		{"none of standard and orb", func(e *Endpoint) { e.Style = "md5" }},
		{"more than one secret", func(e *Endpoint) { e.Style, e.Secrets = StyleOrb, append(e.Secrets, e.Secrets[0]) }},
		{"is not signed", func(e *Endpoint) { e.Style = StyleComputeStacks }},
		{"odd spelling", func(e *Endpoint) { e.URL = "https://0x7f.1/canary" }},
		{"timeout", func(e *Endpoint) { e.Timeout = -1 }},
		{"timeout", func(e *Endpoint) { e.Timeout = time.Hour }},
	} {
		e := good
		c.change(&e)
		err := Validate(e)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: error is %v, want %q", e.URL, err, c.want)
		}
	}
	for _, change := range []func(*Endpoint){
		func(e *Endpoint) { e.URL, e.Insecure = "http://erp.acme.example/", true },
		func(e *Endpoint) {
			e.URL, e.Allow = "https://10.0.0.1/", []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
		},
		func(e *Endpoint) { e.URL = "https://8.8.8.8:8443/" },
	} {
		e := good
		change(&e)
		if err := Validate(e); err != nil {
			t.Error(err)
		}
	}
}

func TestEndpoint_WantsAllTypesUnlessSomeAreNamed(t *testing.T) {
	if !(Endpoint{}).Wants("invoice.issued") || !(Endpoint{Events: []string{"a", "b"}}).Wants("b") || (Endpoint{Events: []string{"a"}}).Wants("b") {
		t.Error("wants the wrong types")
	}
}
