package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"daybook/pricing/money"
)

// The cases about what comes after the price: fees given back, credits, taxes
// and balances. They have a registry.

// registry writes a registry's files (kind of row -> rows) and returns the flags
// that name it. Accounts and subscriptions that the case does not give are one:
// account a of jurisdiction X, subscription s to plan p since 2026-10-01.
func (k *trialCase) registry(rows map[string][]string) []string {
	k.t.Helper()
	dir := k.t.TempDir()
	for kind, otherwise := range map[string]string{
		"accounts":      `{"id":"a","bills":true,"jurisdiction":"X"}`,
		"subscriptions": `{"id":"s","account":"a","plan":"p","start":"2026-10-01"}`,
	} {
		if rows[kind] == nil {
			rows[kind] = []string{otherwise}
		}
	}
	for kind, lines := range rows {
		body := strings.Join(lines, "\n") + "\n"
		if err := os.WriteFile(filepath.Join(dir, kind+".ndjson"), []byte(body), 0o644); err != nil {
			k.t.Fatal(err)
		}
	}
	return []string{"--registry", dir, "--subscription", "s"}
}

// taxed is a tax of the account's jurisdiction; on names the prices, none is all.
func taxed(id, rate string, on ...string) string {
	prices := ""
	if len(on) > 0 {
		prices = `,"prices":["` + strings.Join(on, `","`) + `"]`
	}
	return fmt.Sprintf(`{"id":%q,"jurisdiction":"X","rate":%q%s}`, id, rate, prices)
}

func taxCase(k *trialCase) {
	currency := map[string]string{"0": "KRW"}[say(k.v.Config, "decimals")]
	d := k.price(fees(currency, []string{say(k.v.Input, "taxable")}),
		k.registry(map[string][]string{"taxes": {taxed("t", say(k.v.Config, "rate_percent"))}})...)
	k.wants("the tax", d.Tax, k.v.Expected)
}

// taxedFeeCase owes a fee for the last days of a month, and tax on it.
func taxedFeeCase(k *trialCase) {
	// 24 days of October's 31: from the 8th.
	d := k.price(fees("", []string{cents(say(k.v.Config, "amount_cents"))}), k.registry(map[string][]string{
		"subscriptions": {`{"id":"s","account":"a","plan":"p","start":"2026-10-08"}`},
		"taxes":         {taxed("t", say(k.v.Config, "tax_percent"))},
	})...)
	k.wants("days", quotient(seconds(k.onlyLine(d).Period), "86400"), say(k.v.Config, "days"))
	k.wants("the amount due in cents", inCents(d.AmountDue), k.v.Expected)
}

// creditNoteCase ends a subscription three days before February does, whose fee
// was billed in advance.
func creditNoteCase(k *trialCase) {
	text := bookHead + "plans: {p: {prices: {x: {fixed: " + cents(say(k.v.Config, "amount_cents")) + ", due: in_advance}}}}\n"
	d := k.price(text, append(k.registry(map[string][]string{
		"subscriptions": {`{"id":"s","account":"a","plan":"p","start":"2026-02-01","end":"2026-02-26"}`},
		"taxes":         {taxed("t", say(k.v.Config, "tax_percent"))},
	}), "--period", "2026-02")...)
	back := k.given(d)
	k.wants("what is given back", inCents(negated(back.Total)), say(k.v.Expected, "excl"))
	k.wants("the tax on it", inCents(negated(back.Tax)), say(k.v.Expected, "tax"))
	k.wants("both", inCents(negated(sum(back.Total, back.Tax))), say(k.v.Expected, "incl"))
}

// given returns the line that gives back.
func (k *trialCase) given(d explainedDocument) explainedLine {
	k.t.Helper()
	i := slices.IndexFunc(d.Lines, func(l explainedLine) bool { return money.MustAmount(l.Total).Sign() < 0 })
	if i < 0 {
		k.t.Fatalf("no line gives back: %+v", d.Lines)
	}
	return d.Lines[i]
}

func negated(a string) string { return less("0", a) }

func sum(amounts ...string) string {
	out := "0"
	for _, a := range amounts {
		out = money.MustAmount(out).Add(money.MustAmount(a)).String()
	}
	return out
}

// endedTrueUpCase has a minimum that is shared over the days of a subscription
// which ends on 25 February, the last day that counts.
func endedTrueUpCase(k *trialCase) {
	text := bookHead + "plans: {p: {adjustments: [{minimum: " + cents(say(k.v.Config, "minimum_cents")) +
		", prorate: days}], prices: {x: {prorate: none, fixed: " + cents(say(k.v.Input, "used_cents")) + "}}}}\n"
	d := k.price(text, append(k.registry(map[string][]string{
		"subscriptions": {`{"id":"s","account":"a","plan":"p","start":"2026-02-01","end":"2026-02-26"}`},
		"taxes":         {taxed("t", say(k.v.Config, "tax_percent"))},
	}), "--period", "2026-02")...)
	want := k.v.Expected.(map[string]any)
	k.wants("days", quotient(seconds(k.onlyLine(d).Period), "86400"), say(k.v.Config, "days"))
	k.wants("what the minimum adds in cents", inCents(less(d.Total, d.Subtotal)), want["true_up"])
	// The tax of 20 per cent is of the whole line; the case has the true-up's: what
	// is taxed more than the 8.00 that were used owe, 1.60.
	k.wants("the tax on it in cents", inCents(less(d.Tax, "1.60")), want["tax"])
}

// creditedTotalCase has a credit note as an adjustment of the balance.
func creditedTotalCase(k *trialCase) {
	var amounts []string
	for _, fee := range texts(k.v.Input["fees"]) {
		amounts = append(amounts, cents(fee))
	}
	note := cents(texts(k.v.Input["credit_notes"])[0])
	d := k.price(fees("", amounts), k.registry(map[string][]string{
		"taxes":       {taxed("t", "20")}, // of the case's taxes: 160 of 800
		"adjustments": {`{"id":"note","account":"a","amount":"` + negated(note) + `","currency":"CHF","time":"2026-10-20"}`},
	})...)
	k.wants("the taxes in cents", inCents(d.Tax), fmt.Sprint(money.QuantityOf(160+19)))
	k.wants("the amount due in cents", inCents(d.AmountDue), k.v.Expected)
}

func couponTaxCase(k *trialCase) {
	var amounts, taxes []string
	rates := texts(k.v.Config["tax_percent"])
	for i, fee := range texts(k.v.Input["fees"]) {
		amounts = append(amounts, cents(fee))
		if rates[i] != "0" {
			taxes = append(taxes, taxed(fmt.Sprint("t", i), rates[i], fmt.Sprint("x", i+1)))
		}
	}
	d := k.price(fees("", amounts, "{amount_off: "+cents(say(k.v.Config, "coupon_cents"))+"}"), k.registry(map[string][]string{"taxes": taxes})...)
	want := k.v.Expected.(map[string]any)
	for i, share := range texts(want["coupon_share"]) {
		k.wants(fmt.Sprintf("line %d's discount in cents", i+1), inCents(d.Lines[i].Discount), share)
		k.wants(fmt.Sprintf("line %d's tax in cents", i+1), inCents(d.Lines[i].Tax), texts(want["taxes"])[i])
	}
	k.wants("the amount due in cents", inCents(d.AmountDue), want["total"])
}

// creditsCase has each tier's flat fee as a price, so that each is a line.
func creditsCase(k *trialCase) {
	text := bookHead + `meters: {m: {aggregate: sum}}
plans:
  p:
    prices:
      first: {meter: m, graduated: [{up_to: 5, unit: 0, flat: 100}, {unit: 0}]}
      others: {meter: m, graduated: [{up_to: 5, unit: 0}, {up_to: 10, unit: 0, flat: 50}, {unit: 1}]}
`
	credit := `{"id":"c","account":"a","amount":"` + say(k.v.Input, "credit") + `","currency":"CHF","time":"2026-10-01"}`
	args := append(k.registry(map[string][]string{"credits": {credit}}), "--usage", "m="+say(k.v.Input, "quantity"))
	d := k.price(text, args...)
	want := k.v.Expected.(map[string]any)
	k.wants("gross", d.Total, want["gross"])
	for i, credits := range texts(want["credits"]) {
		k.wants(fmt.Sprintf("credits of line %d", i+1), d.Lines[i].Credits, credits)
	}
	k.wants("net", d.AmountDue, want["net"])
}

func discountThenCreditCase(k *trialCase) {
	c := k.v.Config
	d := k.price(fees("", []string{say(k.v.Input, "subtotal")}, "{percent_off: "+say(c, "discount_percent")+"}"), k.registry(map[string][]string{"credits": {
		`{"id":"bought","account":"a","amount":"` + say(c, "credit") + `","currency":"CHF","time":"2026-10-01"}`,
		`{"id":"free","account":"a","amount":"` + say(c, "monthly_free_credit") + `","currency":"CHF","time":"2026-10-01","recurring":"monthly","priority":1}`,
	}})...)
	k.wants("the amount due", d.AmountDue, k.v.Expected)
}

// creditCapCase reads what is credited of a payment off the amount due of a fee of
// 1000, which the payment and the credits lower.
func creditCapCase(k *trialCase) {
	in := k.v.Input
	paid, before := say(in, "originally_paid"), say(in, "previous_credits")
	back := func(id, amount string) string {
		return `{"id":"` + id + `","account":"a","amount":"` + negated(amount) + `","currency":"CHF","time":"2026-10-20","payment":"p"}`
	}
	d := k.price(fees("", []string{"1000"}), k.registry(map[string][]string{
		"payments":    {`{"id":"p","account":"a","amount":"` + paid + `","currency":"CHF","time":"2026-10-05"}`},
		"adjustments": {back("a-before", before), back("b-now", say(in, "potential"))},
	})...)
	k.wants("what is given back", less("1000", sum(d.AmountDue, paid, before)), k.v.Expected)
}

// planChangeCase changes the plan within a period, whose fees were billed in
// advance: what is left of the old one is given back, the new one is owed for it.
func planChangeCase(k *trialCase) {
	from, change, old, other := "2026-11-01", "", say(k.v.Input, "old"), say(k.v.Input, "new")
	if days := say(k.v.Input, "remaining_days"); days != "" {
		// The case's period has 30 days, as November.
		change = "2026-11-" + fmt.Sprintf("%02s", less("31", days))
		lines := k.v.Input["lines"].([]any)
		old, other = texts(lines[0])[0], texts(lines[1])[0]
	} else {
		from, change = texts(k.v.Config["period"])[0], say(k.v.Input, "change_date")
	}
	plan := func(name, fee string) string {
		return "  " + name + ": {prices: {x: {fixed: " + fee + ", due: in_advance}}}\n"
	}
	d := k.price(bookHead+"plans:\n"+plan("old", old)+plan("new", other), append(k.registry(map[string][]string{"subscriptions": {
		`{"id":"s","account":"a","plan":"old","start":"` + from + `","end":"` + change + `"}`,
		`{"id":"t","account":"a","plan":"new","start":"` + change + `"}`,
	}}), "--period", from[:7])...)
	back, charge := k.given(d).Total, "0"
	for _, l := range d.Lines {
		if l.PlanID == "new" && strings.HasPrefix(l.Period.Start, change) {
			charge = l.Total
		}
	}
	if want, ok := k.v.Expected.([]any); ok {
		k.wants("what is given back in cents", inCents(back), texts(want)[0])
		k.wants("the new fee in cents", inCents(charge), texts(want)[1])
		return
	}
	k.wants("what is given back", back, say(k.v.Expected, "credit"))
	k.wants("the new fee", charge, say(k.v.Expected, "charge"))
	k.wants("both", sum(back, charge), say(k.v.Expected, "net"))
}

// committed writes a case's commitment and the price of a unit.
func committed(from any) string {
	commitment := "{" + keys("amount", say(from, "commitment"), "overage", say(from, "overage_factor"), "true_up", say(from, "true_up")) + "}"
	if say(from, "commitment") == "" || say(from, "overage_factor") == "1" && say(from, "true_up") != "true" {
		commitment = "" // there is none, or it changes no price
	}
	return keys("unit", say(from, "unit"), "commitment", commitment)
}

func commitmentPerWindowCase(k *trialCase) {
	k.commitments("{meter: m, each: hour, " + committed(k.v.Config) + "}")
}

func timeOfDayCase(k *trialCase) {
	bucket := k.v.Config["bucket"].(map[string]any)
	hours := texts(bucket["hours"])
	k.commitments(fmt.Sprintf("{meter: m, each: hour, %s, hours: {\"%02s-%02s\": {%s}}}", committed(k.v.Config["default"]), hours[0], hours[1], committed(bucket)))
}

func (k *trialCase) commitments(price string) {
	text := strings.Replace(planOf(price, ""), "{aggregate: count}", "{aggregate: sum, grain: hour}", 1)
	var args []string
	for i, w := range k.v.Input["windows"].([]any) {
		at, quantity := fmt.Sprintf("%02d:00", i), fmt.Sprint(w)
		if named := texts(w); len(named) == 2 {
			at, quantity = named[0], named[1]
		}
		args = append(args, "--usage", "m="+quantity+"@2026-10-07T"+at)
	}
	k.wants("the exact total", k.price(text, args...).ExactTotal, k.v.Expected)
}

// dedupCase joins source and id, as a configuration does by
// event_id: {hash_of: [source, id]}.
func dedupCase(k *trialCase) {
	var args []string
	rows := k.v.Input["rows"].([]any)
	for _, r := range rows {
		args = append(args, "--usage", "m="+say(r, "v")+",event_id="+say(r, "source")+"/"+say(r, "id"))
	}
	text := strings.Replace(planOf("{meter: m, unit: 1}", ""), "aggregate: count", "aggregate: sum", 1)
	l := k.onlyLine(k.price(text, args...))
	k.wants("the sum", l.Quantity, say(k.v.Expected, "sum"))
	for _, s := range l.Steps {
		if s.Step == "measure" {
			k.wants("duplicates", fmt.Sprint(int64(len(rows))-*s.Events), say(k.v.Expected, "duplicates"))
		}
	}
}
