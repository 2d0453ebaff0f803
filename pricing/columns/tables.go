package columns

// UsageDaily is the rollup: one row for an account, subscription, meter,
// dimension set and local day (or slot) within one UTC day.
var UsageDaily = Table{
	Name: "usage_daily", Partition: []string{"utc_day"},
	Doc:      "Usage events aggregated by UTC day and the account's local day; the only table that reads raw usage.",
	SortedBy: []string{"account_id", "subscription_id", "meter", "dimensions", "day", "slot_start"},
	Columns: []Column{
		{"utc_day", Date, false, "", "UTC day of the events."},
		{"day", Date, false, "", "Local day in the account's time zone."},
		{"slot_start", Time, true, "", "Start of the slot, for meters with a grain finer than a day; of meters per event, the event's instant."},
		{"account_id", String, false, "", "Account of the subscription."},
		{"subscription_id", String, false, "", "Subscription the events belong to."},
		{"meter", String, false, "", "Meter id."},
		{"unit", String, false, "", "The meter's priced unit; the states below are in raw event units."},
		{"dimensions", String, false, "", "Canonical JSON object of the meter's dimensions, and of the value that a unique meter counts, keys sorted."},
		{"sum", Quantity, false, "raw units", "Sum of the quantities."},
		{"events", Int, false, "events", "Number of events kept."},
		{"min", Quantity, false, "raw units", "Smallest quantity."},
		{"max", Quantity, false, "raw units", "Largest quantity."},
		{"first_value", Quantity, false, "raw units", "Quantity of the first event."},
		{"first_time", Time, false, "", "Time of the first event."},
		{"last_value", Quantity, false, "raw units", "Quantity of the last event."},
		{"last_time", Time, false, "", "Time of the last event."},
		{"level_seconds", Quantity, false, "raw units × s", "Integral of the level, or of a running sum, from first_time to last_time."},
		{"increase", Quantity, false, "raw units", "What a counter rose by from first_time to last_time; 0 for other meters."},
	},
}

// DailyCosts is the cost series: a row for each day, price and scope.
var DailyCosts = Table{
	Name: "daily_costs", Partition: []string{"day"},
	Doc:      "Cumulative cost of each price since its billing period began, and the day's difference. Not rounded to cents.",
	SortedBy: []string{"billing_account_id", "account_id", "subscription_id", "plan_id", "price_id", "book_version", "grouping", "scope"},
	Columns: []Column{
		{"day", Date, false, "", "Local day."},
		{"timeframe_start", Time, false, "", "First instant of the day in the account's zone."},
		{"timeframe_end", Time, false, "", "First instant after it."},
		{"period_start", Time, false, "", "Start of the billing period."},
		{"period_end", Time, false, "", "End of the billing period, exclusive."},
		{"billing_account_id", String, false, "", "Account that pays."},
		{"account_id", String, false, "", "Account that used."},
		{"subscription_id", String, true, "", "Subscription; null on the billed row of a pooled price."},
		{"plan_id", String, false, "", "Plan."},
		{"price_id", String, false, "", "Price of the plan."},
		{"book_version", String, false, "", "Version of the price book that priced the row."},
		{"grouping", String, false, "", "Canonical JSON of a matrix price's group; {} otherwise."},
		{"scope", String, false, "", "billed rows add up to the bill; own rows are an account's own pricing under a pooled price."},
		{"currency", String, false, "", "ISO 4217 code, or the book's pricing unit."},
		{"unit", String, false, "", "Unit of the quantities."},
		{"cumulative_quantity", Quantity, false, "unit", "Quantity since the period began."},
		{"cumulative_subtotal", Money, false, "currency", "Cost since the period began, before adjustments."},
		{"cumulative_total", Money, false, "currency", "Cost since the period began, after adjustments."},
		{"quantity", Quantity, false, "unit", "The day's difference of cumulative_quantity."},
		{"subtotal", Money, false, "currency", "The day's difference of cumulative_subtotal."},
		{"total", Money, false, "currency", "The day's difference of cumulative_total."},
	},
}

// Invoices has a row an invoice.
var Invoices = Table{
	Name: "invoices", Partition: []string{"closing"},
	Doc:      "One invoice per billing account and currency for a closing, and notes; amounts are the sums of the lines.",
	SortedBy: []string{"billing_account_id", "currency", "kind", "invoice_id"},
	Columns: []Column{
		{"closing", String, false, "", "Closing, YYYY-MM."},
		{"invoice_id", String, false, "", "Stable id."},
		{"number", String, true, "", "Number in the issuer's series; null on drafts."},
		{"kind", String, false, "", "invoice, credit_note or debit_note."},
		{"billing_account_id", String, false, "", "Account that pays."},
		{"status", String, false, "", "issued or draft."},
		{"currency", String, false, "", "ISO 4217 code."},
		{"period_start", Time, false, "", "Earliest start of a line; of corrections only where there are no others."},
		{"period_end", Time, false, "", "Latest end of a line, exclusive; likewise."},
		{"issued_at", Time, false, "", "The run's as_of."},
		{"due_at", Time, false, "", "issued_at plus the issuer's terms."},
		{"subtotal", Money, false, "currency", "Before adjustments."},
		{"discount", Money, false, "currency", "subtotal − total."},
		{"total", Money, false, "currency", "After adjustments, before credits; net of tax."},
		{"credits", Money, false, "currency", "Credits used."},
		{"tax", Money, false, "currency", "Tax."},
		{"balance_applied", Money, false, "currency", "Paid from the account's balance; below zero: added to it."},
		{"amount_due", Money, false, "currency", "total − credits + tax − balance_applied."},
		{"corrects_closing", String, true, "", "The closing that a note corrects; null where its lines correct several."},
		{"corrects_invoice_id", String, true, "", "The invoice that a note corrects; null where there was none."},
	},
}

// InvoiceLineItems has a row a line.
var InvoiceLineItems = Table{
	Name: "invoice_line_items", Partition: []string{"closing"},
	Doc:      "The lines of the invoices, each with its own dates.",
	SortedBy: []string{"invoice_id", "line"},
	Columns: []Column{
		{"closing", String, false, "", "Closing, YYYY-MM."},
		{"invoice_id", String, false, "", "Invoice."},
		{"line", Int, false, "", "Line number from 1."},
		{"account_id", String, false, "", "Account that used."},
		{"subscription_id", String, true, "", "Subscription; null on the line of a pooled price."},
		{"plan_id", String, false, "", "Plan."},
		{"price_id", String, false, "", "Price of the plan."},
		{"meter", String, true, "", "Meter that the price charges for; null for fees, resources and several meters."},
		{"book_version", String, false, "", "Version of the price book that priced the line."},
		{"description", String, false, "", "What is charged, for people."},
		{"grouping", String, false, "", "Canonical JSON of a matrix price's group; {} otherwise."},
		{"quantity", Quantity, false, "unit", "Quantity before the allowance: free_quantity + billed_quantity."},
		{"free_quantity", Quantity, false, "unit", "Of it: what an allowance, included units or a plan that costs nothing yet took off."},
		{"billed_quantity", Quantity, false, "unit", "Of it: what was priced, if at a price of zero."},
		{"unit", String, false, "", "Unit of the quantity."},
		{"unit_price", Money, true, "currency", "Where one price held for all units."},
		{"period_start", Time, false, "", "Start of what the line charges for."},
		{"period_end", Time, false, "", "Its end, exclusive."},
		{"subtotal", Money, false, "currency", "Before adjustments, rounded to the minor unit."},
		{"discount", Money, false, "currency", "subtotal − total."},
		{"total", Money, false, "currency", "After adjustments, rounded to the minor unit; net of tax."},
		{"credits", Money, false, "currency", "Credits used."},
		{"tax", Money, false, "currency", "Tax."},
		{"exact_subtotal", Money, false, "currency", "The subtotal before it was rounded."},
		{"contained_tax", Money, false, "currency", "Tax that the price contained, taken out of subtotal and total."},
		{"taxes", String, true, "", "The taxes that the line owes, as JSON: tax_id, jurisdiction, rate, inclusive."},
		{"kind", String, false, "", "charge, or give_back of what was billed ahead and is not owed."},
		{"pricing_unit", String, true, "", "What the line was priced in, where that is not the currency."},
		{"pricing_unit_worth", Money, true, "currency", "What one of it was worth."},
		{"pricing_unit_subtotal", Money, true, "pricing_unit", "Subtotal in it."},
		{"pricing_unit_total", Money, true, "pricing_unit", "Total in it."},
		{"for_closing", String, true, "", "The closing whose charge it is, where this one bills it; null: this one."},
		{"corrects_closing", String, true, "", "Of a correction, the closing that it corrects; else null."},
		{"corrects_invoice_id", String, true, "", "The invoice that it corrects; null where there was none."},
	},
}

// InvoiceTaxes has a row a tax of an invoice.
var InvoiceTaxes = Table{
	Name: "invoice_taxes", Partition: []string{"closing"},
	Doc:      "What each invoice owes of each tax; the sums are the invoices' tax.",
	SortedBy: []string{"invoice_id", "tax_id"},
	Columns: []Column{
		{"closing", String, false, "", "Closing, YYYY-MM."},
		{"invoice_id", String, false, "", "Invoice."},
		{"tax_id", String, false, "", "Tax of the registry."},
		{"jurisdiction", String, false, "", "Whose tax it is."},
		{"rate", Quantity, false, "per cent", "Rate."},
		{"price_basis", String, false, "", "exclusive or inclusive: whether the prices contain the tax."},
		{"taxable", Money, false, "currency", "total − credits of the lines that owe it."},
		{"tax", Money, false, "currency", "Tax, rounded once for the invoice."},
	},
}

// LedgerEntries has a row for each side of each transaction of a closing.
var LedgerEntries = Table{
	Name: "ledger_entries", Partition: []string{"closing"},
	Doc:      "Double-entry books of each billing account and currency: the amounts of a transaction sum to zero, and each entry of a ledger (and credit) begins where the one before ended.",
	SortedBy: []string{"billing_account_id", "entry"},
	Columns: []Column{
		{"closing", String, false, "", "Closing, YYYY-MM."},
		{"entry_id", String, false, "", "Stable id."},
		{"billing_account_id", String, false, "", "Account that pays."},
		{"entry", Int, false, "", "Number from 1 within the closing and billing account, in order."},
		{"transaction", Int, false, "", "Likewise; the entries of one transaction share it."},
		{"kind", String, false, "", "invoice, credit_note, debit_note, credit_granted, credit_used, credit_expired, payment or adjustment."},
		{"ledger", String, false, "", "balance (the customer's), credits, revenue, tax, payments, credits_granted, credits_used, credits_expired or adjustments."},
		{"credit_id", String, true, "", "Credit, in the ledger credits."},
		{"source_id", String, false, "", "Invoice or note, credit, payment or adjustment that it is about."},
		{"line", Int, true, "", "Line of the invoice that a credit paid."},
		{"time", Time, false, "", "When it happened."},
		{"currency", String, false, "", "ISO 4217 code, or the unit that credits are in."},
		{"amount", Money, false, "currency", "Above zero: a debit; below: a credit."},
		{"initial", Money, false, "currency", "Where the ledger stood before."},
		{"end", Money, false, "currency", "initial − amount."},
	},
}

// Balances says where each ledger stands after a closing.
var Balances = Table{
	Name: "balances", Partition: []string{"closing"},
	Doc:      "Where each ledger stands after a closing, and what is left of each credit; the next closing begins with it.",
	SortedBy: []string{"billing_account_id", "currency", "ledger", "credit_id"},
	Columns: []Column{
		{"closing", String, false, "", "Closing, YYYY-MM."},
		{"billing_account_id", String, false, "", "Account that pays."},
		{"currency", String, false, "", "ISO 4217 code, or the unit that credits are in."},
		{"ledger", String, false, "", "As in ledger_entries."},
		{"credit_id", String, true, "", "Credit, in the ledger credits."},
		{"initial", Money, false, "currency", "Where the closing before left it."},
		{"end", Money, false, "currency", "Where it stands. Of the ledger balance: below zero, the account owes."},
	},
}

// RejectedUsage lists every usage row that was not kept, but for duplicates.
var RejectedUsage = Table{
	Name: "rejected_usage", Partition: []string{"utc_day"},
	Doc:      "Usage rows that do not fit, with the place they stand in and the reason.",
	SortedBy: []string{"file", "row_group", "row"},
	Columns: []Column{
		{"utc_day", Date, false, "", "Rollup day that decided the row."},
		{"file", String, false, "", "Key of the usage file."},
		{"row_group", Int, false, "", "Row group, from 0."},
		{"row", Int, false, "", "Row in the row group, from 0."},
		{"reason", String, false, "", "Code of the reason."},
		{"field", String, true, "", "Usage column concerned."},
		{"value", String, true, "", "Its value, shortened to 200 characters."},
		{"event_id", String, true, "", "The event's id, where readable."},
		{"time", Time, true, "", "The event's time, where readable."},
	},
}

// ParkedAccounts lists accounts that a run could not rate.
var ParkedAccounts = Table{
	Name: "parked_accounts", Partition: []string{"period"},
	Doc:      "Accounts that could not be rated, and what to do. A day is tried again by the next run; a closing is final.",
	SortedBy: []string{"account_id", "reason"},
	Columns: []Column{
		{"period", String, false, "", "Period of the run: a day or a closing."},
		{"account_id", String, false, "", "Account."},
		{"reason", String, false, "", "Code of the reason."},
		{"detail", String, false, "", "What is wrong and what to do."},
		{"since", Date, false, "", "First day concerned."},
	},
}

// Reconciliation says where every usage row and quantity went.
var Reconciliation = Table{
	Name: "reconciliation", Partition: []string{"job", "period"},
	Doc:      "Where every usage row and quantity went, each figure counted where it is decided; docs/reconciliation.md says what adds up to what.",
	SortedBy: []string{"file", "meter", "plan_id", "price_id", "unit", "outcome"},
	Columns: []Column{
		{"job", String, false, "", "rollup, daily or monthly."},
		{"period", String, false, "", "Its period."},
		{"file", String, true, "", "Key of the usage file; null but for rollups."},
		{"meter", String, true, "", "Meter; null for rows whose meter is missing or unknown, and for rows outside."},
		{"plan_id", String, true, "", "Plan, of invoice lines."},
		{"price_id", String, true, "", "Price, of invoice lines."},
		{"unit", String, true, "", "Unit of an invoice line's quantity; null: the event's own."},
		{"outcome", String, false, "", "Of files: read = kept + duplicate + rejected + outside. Of rating: held + late = kept + parked + elsewhere, kept = billed + unpriced + late. Of lines: measured = free + charged."},
		{"rows", Int, false, "", "Usage rows; of invoice lines, the lines."},
		{"quantity", Quantity, true, "unit", "Exact sum of their quantities; null when it has more than 38 digits."},
	},
}

// Publications says which run published which partition.
var Publications = Table{
	Name: "publications", Partition: []string{"job", "period"},
	Doc:      "Which run published each current partition of each table.",
	SortedBy: []string{"table", "partition"},
	Columns: []Column{
		{"job", String, false, "", "Job that published it."},
		{"period", String, false, "", "Its period."},
		{"table", String, false, "", "Table."},
		{"partition", String, false, "", "Partition, as column=value."},
		{"sha256", String, false, "", "Digest of the partition's bytes, hex."},
		{"revision", Int, false, "", "Its revision."},
		{"engine", String, false, "", "Engine version."},
		{"as_of", Time, false, "", "The run's as_of."},
	},
}

// Tables lists every table, in the order of the documentation.
var Tables = []Table{UsageDaily, DailyCosts, Invoices, InvoiceLineItems, InvoiceTaxes, LedgerEntries, Balances, RejectedUsage, ParkedAccounts, Reconciliation, Publications}
