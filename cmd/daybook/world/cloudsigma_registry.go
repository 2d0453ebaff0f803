package world

// cloudSigmaRegistry is who the customers are, what they subscribed to and paid,
// and the price levels.
func cloudSigmaRegistry() []table {
	return []table{
		{"accounts", []map[string]any{
			{
				"id": "nimbus", "kind": "user", "name": "Nimbus Inc", "bills": true, "currency": "USD",
				"labels": map[string]string{"cloudsigma.licenses": cloudSigmaLicenses},
			},
			{"id": "stratus", "kind": "user", "name": "Stratus Ltd", "bills": true, "currency": "USD"},
			{"id": "stratus-lab", "parent": "stratus", "kind": "organization", "name": "Stratus Lab"},
			{"id": "cirrus", "kind": "user", "name": "Cirrus GmbH", "bills": true, "currency": "EUR"},
		}},
		{"subscriptions", []map[string]any{
			{"id": "sub-nimbus", "account": "nimbus", "plan": "cloud", "start": "2013-01-01"},
			{"id": "sub-stratus", "account": "stratus", "plan": "cloud", "start": "2014-05-01"},
			{"id": "sub-lab", "account": "stratus-lab", "plan": "cloud", "start": "2014-05-01"},
			{"id": "sub-cirrus", "account": "cirrus", "plan": "cloud", "start": "2014-05-01"},
		}},
		{"resources", cloudSigmaResources()},
		{"payments", cloudSigmaPayments()},
		{"levels", []map[string]any{
			{"schedule": "dssd", "from": "2014-01-01", "level": 1},
			{"schedule": "mem", "from": "2014-01-01", "level": 1},
			{"schedule": "cpu", "from": "2014-01-01", "level": 1},
			{"schedule": "cpu", "from": "2014-06-05T06:00:00Z", "level": 2},
			{"schedule": "cpu", "from": "2014-06-06T00:05:00Z", "level": 1},
		}},
	}
}

const cloudSigmaLicenses = `[` +
	`{"name":"msft_7jq_00341","long_name":"SQL Server Enterprise Edition","type":"instance","user_metric":"smp","burstable":false},` +
	`{"name":"msft_7nq_00302","long_name":"SQL Server Standard Edition","type":"instance","user_metric":"smp","burstable":false},` +
	`{"name":"msft_p73_04837_core","long_name":"Windows Server","type":"instance","user_metric":"smp","burstable":true},` +
	`{"name":"msft_tfa_00523","long_name":"SQL Server Web","type":"instance","user_metric":"smp","burstable":false}]`

func cloudSigmaResources() []map[string]any {
	resource := func(id, account, kind, quantity, created, deleted string, labels map[string]string) map[string]any {
		row := map[string]any{"id": id, "account": account, "kind": kind, "quantity": quantity, "created": created}
		if deleted != "" {
			row["deleted"] = deleted
		}
		if labels != nil {
			row["labels"] = labels
		}
		return row
	}
	sold := func(sku string, row map[string]any) map[string]any { row["sku"] = sku; return row }
	extends := func(id string) map[string]string {
		return map[string]string{"cloudsigma.extends": id, "cloudsigma.auto_renew": "true"}
	}
	return []map[string]any{
		resource("mem-2013", "nimbus", "mem", "17179869184", "2013-02-20T14:04:14.142181Z", "2014-02-20T14:04:14.142181Z", nil),
		resource("cpu-2013", "nimbus", "cpu", "8000", "2013-02-20T14:04:29.040258Z", "2014-02-20T14:04:29.040258Z", nil),
		resource("dssd-2013", "nimbus", "dssd", "32212254720", "2013-02-20T14:04:44.088984Z", "2014-02-20T14:04:44.088984Z", nil),
		resource("vlan-2013", "nimbus", "vlan", "1", "2013-03-12T11:12:34.930946Z", "2014-02-20T11:12:34.930946Z", nil),
		resource("ip-2013", "nimbus", "ip", "1", "2013-03-12T11:12:41.837474Z", "2014-02-20T11:12:41.837474Z", nil),
		resource("mem-2014", "nimbus", "mem", "17179869184", "2014-02-20T12:00:00Z", "2015-02-21T12:00:00Z", extends("mem-2013")),
		resource("cpu-2014", "nimbus", "cpu", "8000", "2014-02-20T12:00:00Z", "2015-02-21T12:00:00Z", extends("cpu-2013")),
		resource("dssd-2014", "nimbus", "dssd", "32212254720", "2014-02-20T12:00:00Z", "2015-02-21T12:00:00Z", extends("dssd-2013")),
		resource("vlan-2014", "nimbus", "vlan", "1", "2014-02-20T12:00:00Z", "2015-01-31T12:00:00Z", extends("vlan-2013")),
		resource("ip-2014", "nimbus", "ip", "1", "2014-02-20T12:00:00Z", "2015-01-31T12:00:00Z", map[string]string{
			"cloudsigma.extends": "ip-2013", "cloudsigma.auto_renew": "true", "cloudsigma.subscribed_object": "185.12.6.183",
		}),
		sold("1 month", resource("disk-stratus", "stratus", "dssd", "32212254720", "2014-05-10T09:30:00Z", "2014-06-10T12:00:00Z", nil)),
		sold("1 month", resource("disk-cirrus", "cirrus", "dssd", "10000000000", "2015-03-19T13:55:00.095129Z", "", nil)),
		sold("1 year", resource("disk-cirrus-year", "cirrus", "dssd", "32212254720", "2015-08-26T12:00:00Z", "2016-08-26T12:00:00Z", extends("disk-cirrus"))),
	}
}

// cloudSigmaPayments are nimbus's by card, after what it had before, and one of
// stratus, which pays its invoice of May.
func cloudSigmaPayments() []map[string]any {
	payment := func(id, account, amount, time string) map[string]any {
		return map[string]any{"id": id, "account": account, "amount": amount, "currency": "USD", "time": time}
	}
	return []map[string]any{
		payment("opening", "nimbus", "468760.39066086852450761967", "2014-06-01T00:00:00Z"),
		payment("76a699d4-ec70-11e3-8c3b-00259082dfa8", "nimbus", "77.23000000000000397904", "2014-06-05T05:15:55.898007Z"),
		payment("78fc2118-ec70-11e3-8c3b-00259082dfa8", "nimbus", "55.45000000000000284217", "2014-06-05T05:15:59.277034Z"),
		payment("d88fbc54-ec78-11e3-bf8f-00259082dfa8", "nimbus", "77.23000000000000397904", "2014-06-05T06:15:58.310852Z"),
		payment("dc2f7084-ec78-11e3-bf8f-00259082dfa8", "nimbus", "55.45000000000000284217", "2014-06-05T06:16:03.979376Z"),
		payment("3dca136e-ec81-11e3-bf8f-00259082dfa8", "nimbus", "77.23000000000000397904", "2014-06-05T07:16:01.585840Z"),
		payment("3fe9a3bc-ec81-11e3-bf8f-00259082dfa8", "nimbus", "55.45000000000000284217", "2014-06-05T07:16:04.926273Z"),
		payment("9c37a0bc-ec89-11e3-8c3b-00259082dfa8", "nimbus", "77.23000000000000397904", "2014-06-05T08:15:58.552247Z"),
		payment("9fddd858-ec89-11e3-8c3b-00259082dfa8", "nimbus", "55.45000000000000284217", "2014-06-05T08:16:04.495183Z"),
		payment("stratus-may", "stratus", "4.35", "2014-06-03T08:00:00Z"),
	}
}
