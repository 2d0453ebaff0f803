package documents

import (
	"strings"
	"testing"
	"time"

	"daybook/pricing"
	"daybook/pricing/money"
)

// Computed by Python's hashlib: the low 53 bits of the digests of
// "9:ledger é1:b" and "6:ledger1:1", in UTF-8.
func TestIntegerID_IsTheLowBitsOfADigest(t *testing.T) {
	if got := IntegerID("ledger é", "b"); got != 2585825089943506 {
		t.Errorf("is %d", got)
	}
	if got := IntegerID("ledger", "1"); got != 4938114469766381 {
		t.Errorf("is %d", got)
	}
	if IntegerID("a", "bc") == IntegerID("ab", "c") {
		t.Error("what is split otherwise has the same id")
	}
}

// Quotients as Python's decimal gives them with its 28 digits.
func TestCloudSigmaExact_KeepsDigitsAsThePricesOfSubscriptionsDo(t *testing.T) {
	for _, c := range []struct {
		num, den int64
		want     string
	}{
		{1, 3, "0.3333333333333333333333333333"},
		{2, 3, "0.6666666666666666666666666667"},
		{1, 7, "0.1428571428571428571428571429"},
		{100, 7, "14.28571428571428571428571429"},
		{1000000001, 7, "142857143"},
		{1, 3000000, "0.0000003333333333333333333333333333"},
		{1, 1073741824, "0.000000000931322574615478515625"},
		{38430, 1000, "38.43"},
		{-1, 3, "-0.3333333333333333333333333333"},
		{0, 1, "0"},
		{1000, 1, "1000"},
	} {
		if got := cloudSigmaExact(money.Ratio(c.num, c.den)); got != c.want {
			t.Errorf("%d/%d is %s, want %s", c.num, c.den, got, c.want)
		}
	}
}

// Lengths as Python writes them.
func TestCloudSigmaPeriod_IsWrittenAsPythonDoes(t *testing.T) {
	day := 24 * time.Hour
	for d, want := range map[time.Duration]string{
		31*day + 22*time.Hour + 4*time.Minute + 59*time.Second + 904871*time.Microsecond: "31 days, 22:04:59.904871",
		345 * day: "345 days, 0:00:00", day: "1 day, 0:00:00", 4*time.Hour + 30*time.Minute: "4:30:00",
		time.Second + 5*time.Microsecond: "0:00:01.000005", 366 * day: "366 days, 0:00:00", 0: "0:00:00",
	} {
		if got := CloudSigmaPeriod(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}

// CloudSigma billing, Semantics: an end is rounded up to the next noon in UTC, the
// start of what is bought for the future down to the one before. The first is of
// vector 50.
func TestCloudSigmaNoon_IsTheNextAndTheOneBefore(t *testing.T) {
	for _, c := range [][3]string{
		{"2015-04-19T13:55:00Z", "2015-04-20T12:00:00Z", "2015-04-19T12:00:00Z"},
		{"2015-04-19T11:59:59Z", "2015-04-19T12:00:00Z", "2015-04-18T12:00:00Z"},
		{"2015-04-19T12:00:00Z", "2015-04-19T12:00:00Z", "2015-04-19T12:00:00Z"},
		{"2015-04-19T13:00:00+02:00", "2015-04-19T12:00:00Z", "2015-04-18T12:00:00Z"},
	} {
		if got := CloudSigmaNoon(at(t, c[0])); !got.Equal(at(t, c[1])) {
			t.Errorf("%s ends at %s, want %s", c[0], got, c[1])
		}
		if got := CloudSigmaNoonBefore(at(t, c[0])); !got.Equal(at(t, c[2])) {
			t.Errorf("%s starts at %s, want %s", c[0], got, c[2])
		}
	}
}

// billing-api-vectors.md 48: the second entry of this chain.
func TestChainCloudSigma_EndsWhereTheNextBegins(t *testing.T) {
	when := at(t, "2014-06-05T09:06:06.713945Z")
	poll := pricing.BurstPoll{
		Subscription: "s", Price: "dssd", Resource: "dssd", Start: when.Truncate(5 * time.Minute), Polled: when, Seconds: money.Whole(300),
		Beyond: money.Whole(4831838208), Amount: money.Ratio(4831838208*300, 1073741824*2592000).Mul(money.MustAmount("0.28").Fraction()),
	}
	paid := CloudSigmaFunds(pricing.EntryPayment, "p", money.MustAmount("-469291.07502821435786823786"), when.Add(-time.Hour), "Payment")
	entries := []CloudSigmaEntry{CloudSigmaBurst(poll), paid}
	if err := ChainCloudSigma(entries, money.Amount{}); err != nil {
		t.Fatal(err)
	}
	got := entries[1]
	if cloudSigmaMoney(got.Initial) != "469291.07502821435786823786" || cloudSigmaMoney(got.Amount) != "0.00014583333333333333" || cloudSigmaMoney(got.End) != "469291.07488238102453490453" {
		t.Errorf("the entry is %+v", got)
	}
	err := ChainCloudSigma([]CloudSigmaEntry{paid, paid}, money.Amount{})
	if err == nil || !strings.Contains(err.Error(), "two ledger entries") {
		t.Errorf("two entries of one id: %v", err)
	}
}

func TestCloudSigmaList_CutsPagesOut(t *testing.T) {
	all := []int{0, 1, 2, 3, 4}
	for _, c := range []struct {
		limit, offset int
		want          string
	}{
		{2, 0, `{"meta":{"limit":2,"offset":0,"total_count":5},"objects":[0,1]}`},
		{2, 4, `{"meta":{"limit":2,"offset":4,"total_count":5},"objects":[4]}`},
		{0, 3, `{"meta":{"limit":0,"offset":3,"total_count":5},"objects":[3,4]}`},
		{20, 5, `{"meta":{"limit":20,"offset":5,"total_count":5},"objects":[]}`},
		{20, 9, `{"meta":{"limit":20,"offset":9,"total_count":5},"objects":[]}`},
	} {
		if got, err := CloudSigmaList(all, c.limit, c.offset); err != nil || string(got) != c.want {
			t.Errorf("is %s, %v; want %s", got, err, c.want)
		}
	}
}

// The elements of the framework's own serializer (django-tastypie,
// tastypie/serializers.py): types of what is no text, object and value in lists.
func TestCloudSigmaXML_WritesElementsWithTheirTypes(t *testing.T) {
	got, err := CloudSigmaXML([]byte(`{"meta":{"limit":20},"objects":[{"a":"1 < 2","b":null,"c":true,"d":1.5,"e":["x","y"],"f":{"g":-3}}],"price":""}`))
	want := `<?xml version='1.0' encoding='utf-8'?>
<response><meta type="hash"><limit type="integer">20</limit></meta><objects type="list"><object><a>1 &lt; 2</a><b type="null"></b>` +
		`<c type="boolean">True</c><d type="float">1.5</d><e type="list"><value>x</value><value>y</value></e><f type="hash"><g type="integer">-3</g></f></object></objects><price></price></response>`
	if err != nil || string(got) != want {
		t.Errorf("is %s, %v; want\n%s", got, err, want)
	}
	for _, bad := range []string{`{"a b":1}`, `{"1":1}`, `{"":1}`, `{"a><b":1}`, `{"a":`} {
		if got, err := CloudSigmaXML([]byte(bad)); err == nil {
			t.Errorf("%s is written as %s", bad, got)
		}
	}
}
