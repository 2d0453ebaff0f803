package registry

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkParse reads a registry of 100,000 subscriptions of 20,000 accounts.
func BenchmarkParse(b *testing.B) {
	for _, format := range []string{"ndjson", "csv"} {
		var accounts, subscriptions strings.Builder
		if format == "csv" {
			accounts.WriteString("id,kind,name,bills,currency,time_zone,labels\n")
			subscriptions.WriteString("id,account,plan,start\n")
		}
		for s := range 100_000 {
			account := fmt.Sprintf("account-%06d", s/5)
			if s%5 == 0 && format == "csv" {
				fmt.Fprintf(&accounts, `%s,organization,"Account, %[1]s",true,CHF,Europe/Zurich,"{""tier"":""gold""}"`+"\n", account)
			} else if s%5 == 0 {
				fmt.Fprintf(&accounts, `{"id":%q,"kind":"organization","name":"Account, %[1]s","bills":true,"currency":"CHF","time_zone":"Europe/Zurich","labels":{"tier":"gold"}}`+"\n", account)
			}
			if format == "csv" {
				fmt.Fprintf(&subscriptions, "sub-%07d,%s,plan,2026-09-01\n", s, account)
			} else {
				fmt.Fprintf(&subscriptions, `{"id":"sub-%07d","account":%q,"plan":"plan","start":"2026-09-01"}`+"\n", s, account)
			}
		}
		files := []File{{Name: "accounts." + format, Content: []byte(accounts.String())}, {Name: "subscriptions." + format, Content: []byte(subscriptions.String())}}
		b.Run(format, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if s, err := Parse(files, Limits{}); err != nil || len(s.Subscriptions) != 100_000 {
					b.Fatal(err)
				}
			}
		})
	}
}
